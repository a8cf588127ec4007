//! A text that comes in pieces, and the sentences of it that are whole.
//!
//! Whether a stop ends a sentence is seen by what follows: “at 5 p.m.” goes on before “Tuesday”. So a sentence is whole when a few more words
//! are there, or when no more will come.

use std::time::Duration;

use crate::segment::{PauseTable, split_text};

/// Words after a stop that decide whether it ends a sentence.
const WORDS_AFTER: usize = 3;
/// Below this length a text is looked at with every piece. A longer one is looked at when it has grown by a part of itself, so that the work
/// for a text without a stop stays in proportion to its length.
const SHORT: usize = 2_048;
/// The part by which a longer one has to grow.
const GROWTH: usize = 16;
/// A word that begins a sentence wherever it may.
const BEGINNING: &str = "The";

/// What of a text was not spoken yet.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    text: String,
    /// The length from which on it is worth to be looked at.
    worth: usize,
}

/// Whole sentences that are spoken as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Passage {
    pub(super) text: String,
    /// Whether a paragraph ends with it.
    pub(super) ends_paragraph: bool,
}

impl Pieces {
    /// Adds a piece.
    pub(super) fn push(&mut self, piece: &str) {
        self.text.push_str(piece);
    }

    /// Takes all sentences that are whole, however the text goes on.
    pub(super) fn take_whole(&mut self) -> Option<Passage> {
        if self.text.len() < self.worth {
            return None;
        }
        let sentences = split_text(&self.text);
        let whole = sentences.windows(2).rposition(|pair| has_words(&self.text[pair[1].start..]));
        let Some(last) = whole else {
            let more = if self.text.len() < SHORT { 1 } else { self.text.len() / GROWTH };
            self.worth = self.text.len() + more;
            return None;
        };
        let (begin, end, next) = (sentences[0].start, sentences[last].end, sentences[last + 1].start);
        let passage = self.passage(begin, end, next);
        self.text.drain(..next);
        self.worth = 0;
        Some(passage)
    }

    /// Takes all that is there; nothing of it can be spoken when there are only spaces.
    pub(super) fn take_all(&mut self) -> Option<Passage> {
        let text = std::mem::take(&mut self.text);
        self.worth = 0;
        let kept = text.trim();
        (!kept.is_empty()).then(|| Passage { text: kept.to_string(), ends_paragraph: true })
    }

    /// Whether a sentence would end here if nothing that belongs to it came any more.
    pub(super) fn ends_a_sentence(&self) -> bool {
        let text = self.text.trim_end();
        if text.len() >= SHORT || !text.ends_with(|c: char| !c.is_alphanumeric() && c != ',') {
            return false;
        }
        let continued = format!("{text} {BEGINNING}");
        split_text(&continued).last().is_some_and(|last| last.start == text.len() + 1)
    }

    fn passage(&self, begin: usize, end: usize, next: usize) -> Passage {
        let ends_paragraph = self.text[end..next].matches('\n').count() > 1;
        Passage { text: self.text[begin..end].to_string(), ends_paragraph }
    }
}

impl Passage {
    /// The pause before what follows it.
    pub(super) fn pause(&self, pauses: &PauseTable) -> Duration {
        let milliseconds = if self.ends_paragraph { pauses.paragraph } else { pauses.sentence };
        Duration::from_millis(milliseconds.into())
    }
}

/// Whether enough words are whole.
fn has_words(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let is_last_whole = text.ends_with(char::is_whitespace);
    words.nth(WORDS_AFTER - 1).is_some() && (is_last_whole || words.next().is_some())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    /// What is spoken when the pieces come one by one.
    fn spoken<'a>(pieces: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut text = Pieces::default();
        let mut passages = Vec::new();
        for piece in pieces {
            text.push(piece);
            passages.extend(text.take_whole());
        }
        passages.extend(text.take_all());
        passages.into_iter().map(|passage| passage.text).collect()
    }

    fn letters(text: &str) -> Vec<&str> {
        let mut buffer = [0; 4];
        let mut at = 0;
        text.chars()
            .map(|c| {
                let begin = at;
                at += c.encode_utf8(&mut buffer).len();
                &text[begin..at]
            })
            .collect()
    }

    #[test]
    fn sentences_are_whole_when_what_follows_says_so() {
        let rows: [(&str, &[&str]); 8] = [
            ("", &[]),
            (" \n ", &[]),
            ("One.", &["One."]),
            (
                "The port reopened on Monday. Ships came back at noon. ",
                &["The port reopened on Monday.", "Ships came back at noon."],
            ),
            (
                "It opens at 5 p.m. Tuesday in town. Come early to it.",
                &["It opens at 5 p.m. Tuesday in town.", "Come early to it."],
            ),
            (
                "Dr. Mensah spoke first. Then came U.S. envoys to it.",
                &["Dr. Mensah spoke first.", "Then came U.S. envoys to it."],
            ),
            (
                "The price is 3.5 million. “Too much!” said one of them. He left.",
                &["The price is 3.5 million.", "“Too much!” said one of them. He left."],
            ),
            ("A first paragraph\n\nA second one of them.", &["A first paragraph", "A second one of them."]),
        ];
        each(rows, |(text, want)| {
            assert_eq!(spoken(letters(text)), want, "{text:?} by letters");
            assert_eq!(spoken(text.split_inclusive(' ')), want, "{text:?} by words");
        });
    }

    #[test]
    fn all_whole_sentences_are_one_passage() {
        let mut text = Pieces::default();
        text.push("One. Two comes now.\n\nThree is a paragraph of its own");
        let passage = text.take_whole().unwrap();
        assert_eq!(passage, Passage { text: "One. Two comes now.".into(), ends_paragraph: true });
        assert_eq!(text.take_whole(), None);
        text.push(". Four is the");
        assert_eq!(text.take_whole(), None, "three words are not whole yet");
        text.push(" last one.");
        let passage = text.take_whole().unwrap();
        assert_eq!(
            passage,
            Passage { text: "Three is a paragraph of its own.".into(), ends_paragraph: false }
        );
        let pauses = PauseTable::default();
        assert_eq!(passage.pause(&pauses), Duration::from_millis(320));
        assert_eq!(text.take_all().unwrap().pause(&pauses), Duration::from_millis(600));
        assert_eq!(text.take_all(), None);
    }

    #[test]
    fn a_text_that_stands_still_ends_a_sentence_only_at_a_stop() {
        let rows = [
            ("One moment, please.", true),
            ("One moment, please. ", true),
            ("Is it? “Yes!”", true),
            ("Let me see …", true),
            ("One moment", false),
            ("One moment,", false),
            ("It was Mr.", false),
            ("", false),
            ("\n", false),
        ];
        each(rows, |(text, want)| {
            let mut pieces = Pieces::default();
            pieces.push(text);
            assert_eq!(pieces.ends_a_sentence(), want, "{text:?}");
        });
    }

    #[test]
    fn a_text_without_a_stop_is_looked_at_in_proportion_to_its_length() {
        let (mut text, mut looked) = (Pieces::default(), 0);
        for _ in 0..40_000 {
            text.push("word ");
            let is_worth = text.text.len() >= text.worth;
            assert_eq!(text.take_whole(), None);
            looked += usize::from(is_worth);
        }
        assert!((400..600).contains(&looked), "{looked} times");
    }

    proptest! {
        #[test]
        fn every_word_is_spoken_once_however_the_text_is_cut(
            text in "([A-Za-z]{1,8}[,.!?]?[ \n]{1,2}|Mr\\. |5 p\\.m\\. |“[a-z]{1,5}[.!]” |é |…|1\\. |• ){0,30}",
            cuts in proptest::collection::vec(1_usize..12, 1..20),
        ) {
            let mut pieces = Vec::new();
            let (mut rest, mut cuts) = (letters(&text), cuts.iter().cycle());
            while !rest.is_empty() {
                let count = (*cuts.next().unwrap()).min(rest.len());
                pieces.push(rest.drain(..count).collect::<String>());
            }
            let passages = spoken(pieces.iter().map(String::as_str));
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(squeezed(&passages.concat()), squeezed(&text));
            prop_assert!(passages.iter().all(|passage| !passage.trim().is_empty()));
        }
    }
}
