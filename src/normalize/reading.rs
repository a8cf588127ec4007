//! Arguments and results of the recognisers.

use super::locale::Locale;
use super::table::is_cue;
use super::token::{Kind, Tokens};
use super::token_types::SemioticClass;
use crate::lexicon::ReadingSource;

/// The role of a quote mark or apostrophe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Quote {
    /// No quote mark, or one without a partner.
    #[default]
    None,
    /// Opens a quotation.
    Open,
    /// Closes one.
    Close,
    /// Ends a plural possessive: reporters'.
    Apostrophe,
}

/// The text that a recogniser may look at.
pub(super) struct Context<'a> {
    pub(super) tokens: &'a Tokens<'a>,
    pub(super) locale: Locale,
    pub(super) acronyms: &'a dyn ReadingSource,
    /// For each token, whether it stands in a run of capitals that are no acronyms.
    pub(super) shouted: Vec<bool>,
    /// Whether the text is written without any capital, so that small letters say nothing about a word.
    pub(super) uncapitalized: bool,
    /// For each token, the quote mark it is.
    pub(super) quotes: Vec<Quote>,
}

/// Some tokens read as one spoken token.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) class: SemioticClass,
    pub(super) text: String,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// A recogniser's reading of the tokens from its start up to `end`. Without parts the tokens are silent.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) parts: Vec<Part>,
    pub(super) end: usize,
}

impl Reading {
    /// Tokens `from..end` are one spoken token.
    #[expect(clippy::unnecessary_wraps, reason = "a recogniser's last word is what it returns")]
    pub(super) fn one(
        class: SemioticClass,
        text: impl Into<String>,
        from: usize,
        end: usize,
    ) -> Option<Self> {
        Some(Self { parts: vec![Part { class, text: text.into(), from, to: end }], end })
    }

    /// The tokens up to `end` have no sound.
    #[expect(clippy::unnecessary_wraps, reason = "a recogniser's last word is what it returns")]
    pub(super) fn silent(end: usize) -> Option<Self> {
        Some(Self { parts: Vec::new(), end })
    }

    /// Adds the reading of tokens `from..to`.
    #[must_use]
    pub(super) fn and(
        mut self,
        class: SemioticClass,
        text: impl Into<String>,
        from: usize,
        to: usize,
    ) -> Self {
        self.parts.push(Part { class, text: text.into(), from, to });
        self.end = self.end.max(to);
        self
    }
}

/// Whether the full stop at `stop`, which belongs to an abbreviation, also ends the sentence.
pub(super) fn stop_ends_sentence(tokens: &Tokens<'_>, stop: usize) -> bool {
    let mut next = stop + 1;
    // Closing quotes and brackets may stand between; a handful is enough.
    for _ in 0..4 {
        match tokens.mark(next) {
            Some('"' | '”' | '\'' | ')' | ']') if !tokens.is_word(next + 1) => next += 1,
            _ => break,
        }
    }
    if tokens.kind(next).is_none() {
        return true;
    }
    if !tokens.is_space(next) {
        return false;
    }
    let next = if matches!(tokens.mark(next + 1), Some('“' | '"')) { next + 2 } else { next + 1 };
    match tokens.kind(next) {
        None => true,
        Some(Kind::Word) => {
            let word = tokens.text(next);
            word.starts_with(char::is_uppercase) && is_cue("starter", word)
        }
        _ => false,
    }
}

/// Whether an amount in tokens `from..to` stands before the noun it describes: "a $5 loan".
pub(super) fn describes_noun(tokens: &Tokens<'_>, from: usize, to: usize) -> bool {
    // "Britain's £22bn gap", but "it's £22bn short"
    let possessive = |word: &str| word.ends_with("'s") && !is_cue("contracted", word);
    let determiner = tokens.word_before(from).filter(|word| is_cue("determiner", word) || possessive(word));
    if tokens.is_mark(to, '-') && matches!(tokens.word(to + 1), Some("a" | "an" | "per" | "plus")) {
        // "a $3-a-share offer", "a $1 million-plus prize"
        let plus = tokens.word(to + 1) == Some("plus");
        return tokens.is_mark(to + 2, '-')
            || plus && determiner.is_some() && tokens.word_after(to + 2).is_some();
    }
    if tokens.is_mark(to, '-') && tokens.word(to + 1) == Some("worth") {
        return false;
    }
    if tokens.is_mark(to, '-') {
        return tokens.word(to + 1).is_some_and(|word| !is_cue("function", word));
    }
    if tokens.is_mark(to, ',') {
        // "a $1.2 billion, five-year contract"
        return matches!(determiner, Some("a" | "an" | "A"));
    }
    let next = if matches!(tokens.mark(to + 1), Some('“' | '"')) { to + 2 } else { to };
    let Some(word) = tokens.word_after(next).filter(|_| tokens.is_space(to)) else { return false };
    if is_cue("pricednoun", word) {
        return true;
    }
    determiner.is_some() && !is_cue("function", word) && !word.ends_with("ed") && !word.ends_with("ly")
}
