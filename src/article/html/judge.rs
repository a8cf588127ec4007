//! A second opinion on the leaves whose reason is not certain: boosted trees, which learned from pages whose story is known.
//!
//! The rules come first. What they know by a leaf's words (a cookie notice, a prompt to subscribe) is certain. The trees decide only
//! where the rules kept a leaf, left it out for its place or its shortness, or left out prose for a mark of an element around it.
//! They see the leaf's neighbours and what the rules said of these, so that a paragraph among paragraphs stays. They look twice:
//! the second time they also see what they said of the neighbours the first time.
//! `examples/train_story_judge` makes the model and prints its figures.

mod cues;
mod decision;
mod echo;
mod elements;
mod features;
mod passes;
mod places;
mod training;
mod trees;
mod whole;
mod wording;

use std::sync::LazyLock;

pub use decision::{Candidate, Form, confidence, decide};
pub(super) use echo::{found, runs};
pub use features::{FEATURES, Row};
pub(super) use features::{Page, Rows};
pub use passes::{Judge, Kin, complete};
pub use training::{RuledPage, SeenLeaf};
pub use trees::{Next, Split, Tree, Trees};

use crate::article::reason::Reason;
use whole::is_prose;

/// Leaves of a page that the passes see together, which bounds the memory; a page of news has some hundreds.
const MOST_TOGETHER: usize = 2000;

/// The trees of both passes.
static TREES: LazyLock<Option<Judge>> = LazyLock::new(|| Judge::read(include_bytes!("judge/story.model")));

/// The trees that were trained.
pub(super) fn built_in() -> Option<&'static Judge> {
    TREES.as_ref()
}

/// Whether the trees may decide about a leaf, after what the rules said. What the rules know by a leaf's words stays, and so does
/// what is hidden. A mark of an element around it is only a suspicion where the leaf is prose.
pub(super) fn is_open(page: &Page<'_>, leaf: usize) -> bool {
    use Reason::{
        Advertisement, Byline, Caption, Comments, Embed, Legal, LogIn, Navigation, Newsletter, OutsideStory,
        PageFurniture, Paywall, Related, Timestamp,
    };
    let Some(reason) = page.reasons[leaf] else { return true };
    let own = &page.leaves.list[leaf];
    let text = own.span.of(&page.leaves.text);
    // A line of signs, and a teaser in capitals.
    let is_certain =
        || !text.contains(char::is_alphanumeric) || (own.is_link && !text.contains(char::is_lowercase));
    match reason {
        Navigation | OutsideStory | PageFurniture | Related if is_certain() => false,
        Navigation | OutsideStory | PageFurniture | Related => true,
        Advertisement | Byline | Caption | Comments | Embed | Legal | LogIn | Newsletter | Paywall
        | Timestamp => {
            is_prose(own, text) && page.tree.ancestors(own.owner).any(|node| page.marks[node] == Some(reason))
        }
        _ => false,
    }
}

/// Corrects the reasons of a page's leaves. Returns those that it was asked about, each with the probability that it is of the story.
pub(super) fn judge(judge: &Judge, page: &Page<'_>, reasons: &mut [Option<Reason>]) -> Vec<(usize, f32)> {
    let rows = Rows::of(page);
    let may_decide = |leaf: &usize| Some(*leaf) != page.title && is_open(page, *leaf);
    let leaves: Vec<usize> = (0..reasons.len()).filter(may_decide).collect();
    let mut candidates: Vec<Candidate> = Vec::with_capacity(leaves.len());
    for leaves in leaves.chunks(MOST_TOGETHER) {
        let mut seen: Vec<Row> = leaves.iter().map(|leaf| rows.row(*leaf)).collect();
        let kin: Vec<Kin> = leaves.iter().map(|leaf| rows.kin(*leaf)).collect();
        let probabilities = judge.probabilities(&mut seen, &kin);
        let candidate = |((leaf, row), probability): ((&usize, &Row), f32)| Candidate {
            form: Form::of(row),
            probability,
            is_kept: page.reasons[*leaf].is_none(),
        };
        candidates.extend(leaves.iter().zip(&seen).zip(probabilities).map(candidate));
    }
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
        let leaves = RuledPage::of(page).unwrap().leaves();
        assert_eq!(leaves.iter().filter(|leaf| leaf.reason.is_none()).count(), 3, "{leaves:?}");
        for SeenLeaf { text, row, reason, .. } in leaves {
            let words = text.split_whitespace().count() as f32;
            assert!((row[features::WORDS].exp_m1() - words).abs() < 0.01, "{text}");
            assert_eq!(row[features::STOP] > 0.5, text.ends_with('.'), "{text}");
            assert_eq!(row[features::LINKED] > 0.0, text == "Home" || text.contains("mayor"), "{text}");
            assert_eq!(row[features::HEADING] > 0.5, text == "By noon", "{text}");
            assert_eq!(row[features::REASON] < 0.5, reason.is_none(), "{text}");
        }
    }
}
