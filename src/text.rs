//! Text types that the stages of the front end share.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A half-open range of bytes in an article's decoded text. Every stage keeps it, so that captions, highlighting and
/// messages can show the written text rather than the spoken one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span of bytes `start..end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Number of bytes.
    pub(crate) const fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds no byte.
    pub(crate) const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The same span, `offset` bytes further on: turns a span within a slice into one within the whole.
    #[must_use]
    pub(crate) const fn shifted(self, offset: usize) -> Self {
        Self { start: self.start + offset, end: self.end + offset }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub(crate) fn join(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The text under the span.
    ///
    /// # Panics
    /// When the span does not lie on character boundaries of `text`, because it belongs to another text.
    pub fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// The variety of a language that a voice speaks; it decides the pronunciations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Dialect {
    /// American English.
    #[default]
    #[serde(rename = "en-US")]
    AmericanEnglish,
    /// British English.
    #[serde(rename = "en-GB")]
    BritishEnglish,
}

impl Dialect {
    /// The BCP 47 tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::AmericanEnglish => "en-US",
            Self::BritishEnglish => "en-GB",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.tag())
    }
}

/// One-based line and column (in characters) of a byte offset, for messages.
pub(crate) fn line_and_column(text: &[u8], offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
    let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    let column = String::from_utf8_lossy(&before[line_start..]).chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn places_are_counted_from_one() {
        let rows = [
            ("abc", 0, (1, 1)),
            ("abc", 2, (1, 3)),
            ("a\nbc", 2, (2, 1)),
            ("é\né", 5, (2, 2)),
            ("x", 9, (1, 2)),
        ];
        each(rows, |(text, offset, want)| {
            assert_eq!(line_and_column(text.as_bytes(), offset), want, "{text:?} at {offset}");
        });
    }

    #[test]
    fn spans_join_and_shift() {
        let joined = Span::new(2, 5).join(Span::new(7, 9));
        assert_eq!(joined, Span::new(2, 9));
        assert_eq!(joined.shifted(10), Span::new(12, 19));
        assert_eq!(Span::new(1, 3).of("abcd"), "bc");
    }
}
