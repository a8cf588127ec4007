//! The input of one call of the voice, and its place in the text.

use std::time::Duration;

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
    /// The sentences in it, or parts of them.
    pub sentences: Vec<ScriptSentence>,
    /// Silence after it.
    pub pause: Duration,
    /// Words that no dictionary had, and that rules read.
    pub guessed: Vec<GuessedWord>,
    /// Words that could only be spelled.
    pub spelled: Vec<String>,
}
