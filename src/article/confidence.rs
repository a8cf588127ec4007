//! How sure an article is of its story.

use serde::Serialize;

use super::{Article, Block, BlockKind};
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::text::Span;

/// A story of less confidence is doubtful.
///
/// `make story-judge` prints how many of 95 pages are, with trees that had not seen them: 6. F1 is below 0.9 on one of these, and below
/// 0.8 on 3 of the others, where the trees are wrong and sure of it. At 0.8 five pages less are doubtful, at 0.92 none more.
const LEAST: f64 = 0.9;

/// How the story of a page was decided.
#[derive(Clone, Debug, Default)]
pub(super) struct Decision {
    /// The expected F1, where there is one.
    pub(super) confidence: Option<f64>,
    /// What found the story.
    pub(super) way: Option<Way>,
    /// Pieces that the trees brought in.
    pub(super) brought: Vec<Span>,
    /// How many pieces the trees took out.
    pub(super) taken: usize,
}

/// What found a page's story, before the trees corrected it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(feature = "html"), allow(dead_code, reason = "only a page has such ways"))]
pub(crate) enum Way {
    /// The element that the page itself calls its story.
    Mark,
    /// The vote of the readability library.
    Vote,
    /// All prose of the page, since the library voted for none.
    Prose,
    /// The page's linked data (JSON-LD) or its template for a program, since the page shows no story.
    LinkedData,
}

/// What kept a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeptBy {
    /// The rules found it, and the trees agreed or were not asked.
    Rules,
    /// The trees, though the rules had left it out.
    Trees,
    /// The page's linked data has it.
    LinkedData,
    /// The reader asked for captions or bylines.
    Asked,
}

/// A leaf of a page, with the probability that it is of the story.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "html"), allow(dead_code, reason = "only a page has such leaves"))]
pub(super) struct Weighed {
    pub(super) words: f32,
    /// From 0 to 1.
    pub(super) probability: f32,
    pub(super) is_kept: bool,
}

/// The F1 by words that is to be expected of what was kept, from 0 to 1. `None` when nothing was kept.
/// It is rounded to thousandths.
///
/// Let `w` be a leaf's words and `p` its probability. The kept leaves have `Σ w` words, and `Σ p·w` of these are expected to be
/// right. The story is expected to have `Σ p·w` words, over all leaves. So F1, twice the right ones by the sum of both, is
///
/// ```text
/// 2 · Σ kept p·w / (Σ kept w + Σ all p·w)
/// ```
#[cfg_attr(not(feature = "html"), allow(dead_code, reason = "only a page has such leaves"))]
pub(super) fn expected_f1(leaves: impl IntoIterator<Item = Weighed>) -> Option<f64> {
    let (mut kept, mut right, mut story) = (0.0, 0.0, 0.0);
    for leaf in leaves {
        let words = f64::from(leaf.words);
        let likely = f64::from(leaf.probability) * words;
        story += likely;
        if leaf.is_kept {
            kept += words;
            right += likely;
        }
    }
    (kept > 0.0).then(|| (2000.0 * right / (kept + story)).round() / 1000.0)
}

/// A confidence in per cent.
pub(crate) fn percent(confidence: f64) -> String {
    format!("{:.0} %", confidence * 100.0)
}

/// The confidence below which a story is doubtful.
pub(crate) fn is_doubtful(confidence: Option<f64>) -> bool {
    confidence.is_some_and(|confidence| confidence < LEAST)
}

impl Article {
    /// How sure the program is that its blocks are the story, all of it and nothing else, from 0 to 1: the F1 by words that its
    /// trees expect. Only a page in HTML has one: Markdown and copied text go by rules, which have no probabilities.
    pub fn confidence(&self) -> Option<f64> {
        self.decision.confidence
    }

    /// What found the story, where that is known.
    pub(crate) fn way(&self) -> Option<Way> {
        self.decision.way
    }

    /// How many pieces the trees brought in, and how many they took out.
    pub(crate) fn corrections(&self) -> (usize, usize) {
        (self.decision.brought.len(), self.decision.taken)
    }

    /// What kept a block, where that is known.
    pub(crate) fn kept_by(&self, block: &Block) -> Option<KeptBy> {
        if matches!(block.kind, BlockKind::Caption | BlockKind::Byline) {
            return Some(KeptBy::Asked);
        }
        self.decision.way.map(|way| match way {
            Way::LinkedData => KeptBy::LinkedData,
            _ if self.decision.brought.binary_search(&block.span).is_ok() => KeptBy::Trees,
            _ => KeptBy::Rules,
        })
    }

    /// Refuses a doubtful story. `name` is what the message calls the input.
    ///
    /// # Errors
    /// [`ErrorKind::Doubtful`]
    pub(crate) fn check_confidence(&self, name: &str) -> Result<()> {
        match self.confidence().filter(|_| is_doubtful(self.confidence())) {
            Some(confidence) => {
                let what = format!("it is doubtful that this is the story: {} sure", percent(confidence));
                Err(Error::new(ErrorKind::Doubtful, what).at(Place::file(name)).with_cure(Cure::LookAtStory))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn confidence_is_the_expected_f1_by_words() {
        /// Words, probability, whether it is kept.
        type Leaf = (f32, f32, bool);
        let rows: [(&str, &[Leaf], Option<f64>); 8] = [
            ("nothing at all", &[], None),
            ("nothing kept", &[(50.0, 0.4, false)], None),
            ("all of it is sure", &[(50.0, 1.0, true), (20.0, 0.0, false)], Some(1.0)),
            ("half of what is kept is story", &[(50.0, 1.0, true), (50.0, 0.0, true)], Some(0.667)),
            ("half of the story is kept", &[(50.0, 1.0, true), (50.0, 1.0, false)], Some(0.667)),
            ("a doubt about what is kept", &[(100.0, 0.5, true)], Some(0.667)),
            ("a doubt about what is left out", &[(100.0, 1.0, true), (100.0, 0.5, false)], Some(0.8)),
            ("a short doubt weighs little", &[(100.0, 1.0, true), (2.0, 0.5, false)], Some(0.995)),
        ];
        each(rows, |(name, leaves, want)| {
            let leaves =
                leaves.iter().map(|&(words, probability, is_kept)| Weighed { words, probability, is_kept });
            assert_eq!(expected_f1(leaves), want, "{name}");
        });
    }

    #[test]
    fn a_story_without_a_figure_is_not_doubtful() {
        each(
            [(None, false), (Some(LEAST), false), (Some(LEAST - 0.001), true), (Some(0.0), true)],
            |(sure, want)| {
                assert_eq!(is_doubtful(sure), want, "{sure:?}");
            },
        );
    }

    #[test]
    fn copied_text_and_markdown_have_no_figure() {
        let story = "Port reopens\n\nThe port reopened on Monday, and ships came back at noon.";
        assert_eq!(Article::from_text(story.to_owned()).confidence(), None);
        let article = Article::new(story.to_owned(), Vec::new()).unwrap();
        assert!(article.check_confidence("port.txt").is_ok());
    }
}
