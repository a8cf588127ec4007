//! A second opinion on the leaves whose reason is not certain: boosted trees, which learned from pages whose story is known.
//!
//! The rules come first. What they know by its words (a cookie notice, a prompt to subscribe) or its element (a menu, a
//! caption) is certain. The trees decide only where the rules kept a leaf, or left it out for its place or its shortness.
//! They see the leaf's neighbours and what the rules said of these, so that a paragraph among paragraphs stays.
//! `examples/train_story_judge` makes the model and prints its figures.

mod features;
mod trees;
mod wording;

use std::sync::LazyLock;

use features::is_sentence;
pub use features::{FEATURES, Row};
pub(super) use features::{Page, Rows};
pub use trees::{Next, Split, Tree, Trees};

use crate::article::reason::Reason;

/// What the judge sees of a leaf, for the program that trains it.
#[derive(Debug)]
pub struct SeenLeaf {
    /// Its text.
    pub text: String,
    /// Its row.
    pub row: Row,
    /// Whether the rules kept it.
    pub is_kept: bool,
    /// Whether the judge may decide about it.
    pub is_open: bool,
}

/// The trees.
static TREES: LazyLock<Option<Trees>> = LazyLock::new(|| Trees::read(include_bytes!("judge/story.model")));

/// The probability above which a leaf is read. A lost paragraph is worse than a line too many, and the rules are right more often
/// than not: so a sentence that they kept stays, and another line unless the trees are sure. On pages that the trees had not seen,
/// leaving out sentences gained nothing.
pub fn read_above(is_kept: bool, row: &Row) -> f32 {
    match (is_kept, is_sentence(row)) {
        (true, true) => 0.0,
        (true, false) => 0.1,
        (false, _) => 0.7,
    }
}

/// Whether the trees may decide about a leaf, after what the rules said.
pub(super) fn is_open(reason: Option<Reason>) -> bool {
    matches!(reason, None | Some(Reason::OutsideStory | Reason::PageFurniture | Reason::Related))
}

/// Corrects the reasons of a page's leaves.
pub(super) fn judge(page: &Page<'_>, reasons: &mut [Option<Reason>]) {
    let Some(trees) = TREES.as_ref() else { return };
    let rows = Rows::of(page);
    let is_open = |leaf: &usize| Some(*leaf) != page.title && is_open(page.reasons[*leaf]);
    for leaf in (0..reasons.len()).filter(is_open) {
        let row = rows.row(leaf);
        let is_kept = page.reasons[leaf].is_none();
        let is_read = trees.probability(&row) > read_above(is_kept, &row);
        if is_read != is_kept {
            reasons[leaf] = if is_read { None } else { Some(Reason::OutsideStory) };
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
