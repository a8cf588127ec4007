//! The input of one call of the voice, and its place in the text.

use std::ops::Range;
use std::time::Duration;

use crate::segment::Break;
use crate::text::Span;

/// A sentence of the article within a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScriptSentence {
    /// Counted from zero through the article.
    pub number: usize,
    /// Where it was written.
    pub span: Span,
    /// Symbol of the chunk's phonemes at which it, or this part of it, begins.
    pub first_symbol: usize,
    /// Whether this is the sentence's beginning and not a later part.
    pub is_start: bool,
}

/// Marks in the phonemes that shape the melody: they have a time and no sound of their own.
const MARKS: &str = ";:,.!?—…\"()“”↓→↗↘";

/// A spoken word, or a part of one, and where it was written. Several may have the same span: `$1.2 billion`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScriptWord {
    /// Where it was written.
    pub span: Span,
    /// The symbols of the chunk's phonemes from its first phoneme to its last.
    pub symbols: Range<usize>,
    /// Its sentence, as an index of the chunk's sentences.
    pub sentence: usize,
    /// The boundary after it.
    pub break_after: Break,
}

/// The symbols from the first phoneme to the last, without spaces and marks around them; `None` without a phoneme.
pub(super) fn sounding(phonemes: &str) -> Option<Range<usize>> {
    let is_phoneme = |symbol: char| !symbol.is_whitespace() && !MARKS.contains(symbol);
    let first = phonemes.chars().position(is_phoneme)?;
    let after = phonemes.chars().rev().position(is_phoneme)?;
    Some(first..phonemes.chars().count() - after)
}

/// A word that no dictionary had, and that rules read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GuessedWord {
    /// The word as it is spoken.
    pub spoken: String,
    /// Misaki symbols.
    pub phonemes: String,
    /// Where its sentence was written.
    pub sentence: Span,
}

/// The input of one call of the voice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScriptChunk {
    /// Counted from zero.
    pub number: usize,
    /// Misaki symbols.
    pub phonemes: String,
    /// Where it was written.
    pub span: Span,
    /// Its block, as an index of the article's blocks.
    pub block: usize,
    /// The sentences in it, or parts of them.
    pub sentences: Vec<ScriptSentence>,
    /// The words in it that have a sound.
    pub words: Vec<ScriptWord>,
    /// Whether it is part of a quotation that another voice speaks.
    pub is_quoted: bool,
    /// Silence after it.
    pub pause: Duration,
    /// Words that no dictionary had, and that rules read.
    pub guessed: Vec<GuessedWord>,
    /// Words that could only be spelled.
    pub spelled: Vec<String>,
}
