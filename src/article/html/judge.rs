//! A second opinion on the leaves whose reason is not certain: boosted trees, which learned from pages whose story is known.
//!
//! The rules come first. What they know by its words (a cookie notice, a prompt to subscribe) or by its element (a caption) is certain; the trees decide only where the
//! rules kept a leaf, or left it out for its place, its shortness or the name of a class. They see the leaf's neighbours and what the rules said of
//! these, so that a paragraph among paragraphs stays. `examples/train_story_judge` makes the model and prints its figures.

mod features;
mod trees;

use std::sync::LazyLock;

pub use features::{FEATURES, Row};
pub(super) use features::{Page, rows};
pub use trees::{Next, Split, Tree, Trees};

use crate::article::reason::Reason;

/// The trees.
static TREES: LazyLock<Option<Trees>> = LazyLock::new(|| Trees::read(include_bytes!("judge/story.model")));

/// A leaf that the rules kept is left out below this probability,
pub const LEFT_OUT_BELOW: f32 = 0.3;
/// and one that they left out is read above this: a lost paragraph is worse than a line too many, and the rules are right more
/// often than not.
pub const READ_ABOVE: f32 = 0.7;

/// Whether the trees may decide about a leaf, after what the rules said.
pub(super) fn is_open(reason: Option<Reason>) -> bool {
    use Reason::{Embed, Navigation, OutsideStory, PageFurniture, Related};
    matches!(reason, None | Some(Embed | Navigation | OutsideStory | PageFurniture | Related))
}

/// Corrects the reasons of a page's leaves.
pub(super) fn judge(page: &Page<'_>, reasons: &mut [Option<Reason>]) {
    let Some(trees) = TREES.as_ref() else { return };
    for (leaf, (row, reason)) in rows(page).iter().zip(reasons).enumerate() {
        if Some(leaf) == page.title || !is_open(*reason) {
            continue;
        }
        let probability = trees.probability(row);
        if reason.is_none() && probability < LEFT_OUT_BELOW {
            *reason = Some(Reason::OutsideStory);
        } else if reason.is_some() && probability > READ_ABOVE {
            *reason = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_trees_are_whole() {
        assert!(TREES.is_some());
    }
}
