//! A second opinion on the leaves whose reason is not certain: boosted trees, which learned from pages whose story is known.
//!
//! The rules come first. What they know by its words (a cookie notice, a prompt to subscribe) or its element (a caption) is
//! certain. The trees decide only where the rules kept a leaf, or left it out for its place or its shortness.
//! They see the leaf's neighbours and what the rules said of these, so that a paragraph among paragraphs stays.
//! `examples/train_story_judge` makes the model and prints its figures.

mod decision;
mod echo;
mod elements;
mod features;
mod trees;
mod whole;
mod wording;

use std::sync::LazyLock;

pub use decision::{Candidate, Form, confidence, decide};
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

/// Whether the trees may decide about a leaf, after what the rules said. What the rules know by a leaf's words or by its element
/// stays: notices, captions, embedded posts, hidden text.
pub(super) fn is_open(reason: Option<Reason>) -> bool {
    use Reason::{Navigation, OutsideStory, PageFurniture, Related};
    matches!(reason, None | Some(Navigation | OutsideStory | PageFurniture | Related))
}

/// Corrects the reasons of a page's leaves. Returns those that it was asked about, each with the probability that it is of the story.
pub(super) fn judge(page: &Page<'_>, reasons: &mut [Option<Reason>]) -> Vec<(usize, f32)> {
    let Some(trees) = TREES.as_ref() else { return Vec::new() };
    let rows = Rows::of(page);
    let is_open = |leaf: &usize| Some(*leaf) != page.title && is_open(page.reasons[*leaf]);
    let leaves: Vec<usize> = (0..reasons.len()).filter(is_open).collect();
    let candidate = |leaf: &usize| {
        let row = rows.row(*leaf);
        let is_kept = page.reasons[*leaf].is_none();
        Candidate { form: Form::of(&row), probability: trees.probability(&row), is_kept }
    };
    let candidates: Vec<Candidate> = leaves.iter().map(candidate).collect();
    for ((leaf, candidate), is_read) in leaves.iter().zip(&candidates).zip(decide(&candidates)) {
        if is_read != candidate.is_kept {
            reasons[*leaf] = if is_read { None } else { Some(Reason::OutsideStory) };
        }
    }
    leaves.into_iter().zip(candidates.iter().map(|candidate| candidate.probability)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_trees_are_whole() {
        assert!(TREES.is_some());
    }

    #[test]
    fn a_row_says_what_the_rules_said_where_it_is_looked_for() {
        let page = "<nav><a href=/>Home</a></nav><h1>Port reopens</h1><h2>By noon</h2><p>Ships came back to the port at noon.</p>\
            <p>The cranes were working again before dark, and <a href=/x>the mayor</a> was glad.</p>";
        let leaves = crate::article::html::seen_leaves(page).unwrap();
        assert_eq!(leaves.iter().filter(|leaf| leaf.is_kept).count(), 3, "{leaves:?}");
        for SeenLeaf { text, row, is_kept, .. } in leaves {
            let words = text.split_whitespace().count() as f32;
            assert!((row[features::WORDS].exp_m1() - words).abs() < 0.01, "{text}");
            assert_eq!(row[features::STOP] > 0.5, text.ends_with('.'), "{text}");
            assert_eq!(row[features::LINKED] > 0.0, text == "Home" || text.contains("mayor"), "{text}");
            assert_eq!(row[features::HEADING] > 0.5, text == "By noon", "{text}");
            assert_eq!(row[features::REASON] < 0.5, is_kept, "{text}");
        }
    }
}
