//! The input of misaki: the text, and with it the readings of the words that are not left to it.

use std::ops::Range;

use super::{Origin, british};
use crate::normalize::SpokenToken;
use crate::text::{Dialect, Span};

/// A word whose reading is not left to misaki: its place in misaki's input, and its reading.
pub(super) struct Override {
    pub(super) range: Range<usize>,
    pub(super) phonemes: String,
    pub(super) origin: Origin,
    /// Its name; misaki gets letters and digits only.
    pub(super) spoken: String,
}

/// The input of misaki, and its known readings.
#[derive(Default)]
pub(super) struct Feed {
    dialect: Dialect,
    /// The text; all ranges point into it.
    pub(super) plain: String,
    /// Where each spoken token lies in it.
    pub(super) tokens: Vec<Range<usize>>,
    pub(super) overrides: Vec<Override>,
    token_start: usize,
}

impl Feed {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, ..Self::default() }
    }

    pub(super) fn push(&mut self, text: &str) {
        // Square brackets are misaki's markup; the normaliser leaves none, but other callers may.
        let is_markup = |c: char| matches!(c, '[' | ']');
        self.plain.extend(text.split(is_markup));
    }

    /// Adds a word, or several that are said as one, with their reading.
    pub(super) fn push_override(&mut self, spoken: &str, phonemes: String, origin: Origin) {
        let word: String = spoken.chars().filter(|c| c.is_alphanumeric() || *c == '\'').collect();
        if word.is_empty() {
            return;
        }
        // Dictionaries have both dialects; all else is written down in American symbols.
        let is_american = origin != Origin::Dictionary && self.dialect == Dialect::BritishEnglish;
        let phonemes = if is_american { british::from_american(&phonemes) } else { phonemes };
        let start = self.plain.len();
        self.plain.push_str(&word);
        self.overrides.push(Override {
            range: start..self.plain.len(),
            phonemes,
            origin,
            spoken: spoken.to_string(),
        });
    }

    /// Begins a token: its space.
    pub(super) fn open_token(&mut self, token: &SpokenToken) {
        if token.space_before && !self.plain.is_empty() {
            self.push(" ");
        }
        self.token_start = self.plain.len();
    }

    /// Ends the token that was begun.
    pub(super) fn close_token(&mut self) {
        self.tokens.push(self.token_start..self.plain.len());
    }

    /// The number of the first override that shares a character with a range.
    pub(super) fn override_within(&self, range: &Range<usize>) -> Option<usize> {
        let at = self.overrides.partition_point(|known| known.range.end <= range.start);
        self.overrides.get(at).is_some_and(|known| known.range.start < range.end).then_some(at)
    }

    /// The written place of a range of the feed: that of all tokens it touches.
    pub(super) fn span_of(&self, range: &Range<usize>, tokens: &[SpokenToken]) -> Span {
        let first = self.tokens.partition_point(|token| token.end <= range.start);
        let last = self.tokens.partition_point(|token| token.start < range.end);
        tokens[first.min(tokens.len() - 1)..last.max(first + 1).min(tokens.len())]
            .iter()
            .map(|token| token.span)
            .reduce(Span::join)
            .unwrap_or_default()
    }
}
