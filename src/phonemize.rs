//! Spoken text → phonemes. The only module that knows a G2P library ([misaki-rs](misaki_rs)).
//!
//! The first source that knows a word reads it. The user's lexicon comes first, then the table of names. Misaki's
//! dictionaries and stemming follow; they use the part of speech in context, and [`heteronym`] corrects them. Last
//! come the rules of a romanisation ([`romanization`]) and the letter-to-sound model. Any other word is spelled letter
//! by letter. No word is dropped, and misaki's mark for the unknown (❓) never leaves this module.

mod british;
mod compound;
mod context;
pub(crate) mod dictionary;
mod feed;
mod heteronym;
pub mod letter_to_sound;
mod morphology;
mod romanization;
pub(crate) mod spell;
mod word;

use std::sync::Arc;

use misaki_rs::MToken;
use serde::Serialize;

use crate::error::{Error, ErrorKind, Place, Result};
use crate::lexicon::Lexicon;
use crate::lexicon::user::Reading;
use crate::normalize::{SemioticClass, SpokenToken};
use crate::text::{Dialect, Span};
use dictionary::{Dictionary, Words};
use feed::{Feed, Override};
use romanization::Hints;
pub(crate) use romanization::Story;

/// Words that are tagged and read together at most; a longer sentence is read in parts, so that time and memory stay
/// linear in its length.
const WINDOW_TOKENS: usize = 200;
/// Letters of a word at most that misaki is given at once: its work grows with the square of it.
const LONGEST_WORD: usize = 60;
/// Misaki's mark for a word it can't read.
const UNKNOWN: char = '❓';

/// The source of a word's reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub(crate) enum Origin {
    /// The user's lexicon.
    User,
    /// The built-in names.
    Name,
    /// Misaki's dictionaries, stemming included.
    Dictionary,
    /// An acronym, letter by letter as it should be.
    Letters,
    /// The rules of a romanisation or of another language's spelling.
    Romanization,
    /// The letter-to-sound model.
    LetterToSound,
    /// Spelled, because no other source knows it.
    Spelled,
    /// Not a word.
    Punctuation,
}

impl Origin {
    /// Whether nothing knows the word.
    pub(crate) fn is_guessed(self) -> bool {
        matches!(self, Self::Romanization | Self::LetterToSound | Self::Spelled)
    }
}

/// A word, or a punctuation mark, as the voice speaks it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PhonemeWord {
    /// Misaki symbols; one character each.
    pub phonemes: String,
    /// The spoken text it was made from.
    pub spoken: String,
    /// Where that was written, in the text given to the normaliser.
    pub span: Span,
    /// Whether a space stands before it.
    pub space_before: bool,
    /// The source of its reading.
    pub origin: Origin,
}

/// The phonemes of a row of words as one string.
pub(crate) fn phoneme_string(words: &[PhonemeWord]) -> String {
    let mut text = String::new();
    for word in words {
        if word.space_before && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word.phonemes);
    }
    text
}

/// Reads spoken text. All of a dialect share its dictionaries, which stay loaded until the program ends.
pub(crate) struct Phonemizer {
    lexicon: Arc<Lexicon>,
    dialect: Dialect,
    /// The locale of the letters' names.
    spelling: Dialect,
}

impl Phonemizer {
    /// A phonemizer for a dialect. Its dictionaries are loaded by the first use, or by [`preload`](Self::preload): 0.1 s unless
    /// there is a [table](dictionary::use_table) of them.
    pub(crate) fn new(dialect: Dialect, lexicon: Arc<Lexicon>) -> Self {
        Self { lexicon, dialect, spelling: dialect }
    }

    /// The same with the letters named as in another dialect: "zed" or "zee".
    #[must_use]
    pub(crate) fn spelling(mut self, dialect: Dialect) -> Self {
        self.spelling = dialect;
        self
    }

    /// Loads the dictionaries now.
    pub(crate) fn preload(&self) {
        Dictionary::of(self.dialect);
    }

    #[cfg(test)]
    fn g2p(&self) -> &'static misaki_rs::G2P {
        Dictionary::of(self.dialect).misaki()
    }

    fn words(&self) -> &'static Words {
        &Dictionary::of(self.dialect).words
    }

    /// Reads the tokens of a sentence that stands alone.
    #[cfg(test)]
    pub(crate) fn phonemize(&self, tokens: &[SpokenToken]) -> Result<Vec<PhonemeWord>> {
        self.phonemize_in(&Story::default(), tokens)
    }

    /// Reads the tokens of a sentence of a story.
    pub(crate) fn phonemize_in(&self, story: &Story, tokens: &[SpokenToken]) -> Result<Vec<PhonemeWord>> {
        let mut words = Vec::with_capacity(tokens.len());
        for window in windows(tokens) {
            self.read_window(story, window, &mut words)?;
        }
        Ok(words)
    }

    fn read_window(&self, story: &Story, tokens: &[SpokenToken], words: &mut Vec<PhonemeWord>) -> Result<()> {
        let feed = self.feed(story, tokens);
        let dictionary = Dictionary::of(self.dialect);
        let read = dictionary.context.read(dictionary, &feed, &self.lexicon);
        let read = read.map_err(|cause| {
            Error::new(ErrorKind::Phonemes, "the text can't be turned into phonemes")
                .at(Place::default().text(&feed.plain))
                .because(cause)
        })?;
        self.collect(&feed, &read, tokens, words);
        Ok(())
    }

    /// The input of misaki for a row of tokens.
    fn feed(&self, story: &Story, tokens: &[SpokenToken]) -> Feed {
        let mut feed = Feed::new(self.dialect);
        let hints = Hints::of(tokens, story);
        let mut at = 0;
        while at < tokens.len() {
            let count = self.feed_name(tokens, at, &mut feed);
            if count == 0 {
                feed.open_token(&tokens[at]);
                self.feed_token(tokens, at, &hints, &mut feed);
                feed.close_token();
            }
            at += count.max(1);
        }
        feed
    }

    /// Puts misaki's tokens, the overrides and the spans together.
    fn collect(&self, feed: &Feed, read: &[MToken], tokens: &[SpokenToken], words: &mut Vec<PhonemeWord>) {
        let mut position = 0;
        let mut space_before = tokens.first().is_some_and(|token| token.space_before);
        let mut spoken_override = None;
        for (index, token) in read.iter().enumerate() {
            let mut range = position..(position + token.text.len()).min(feed.plain.len());
            position += token.text.len() + token.whitespace.len();
            let by_us = feed.override_within(&range);
            let mut spoken = None;
            let word = match by_us {
                // An override may cover several of misaki's tokens: it is said once.
                Some(at) if spoken_override == Some(at) => None,
                Some(at) => {
                    spoken_override = Some(at);
                    let Override { phonemes, origin, spoken: written, range: whole } = &feed.overrides[at];
                    (spoken, range) = (Some(written.clone()), whole.clone());
                    Some((phonemes.clone(), *origin))
                }
                None => Some(self.reading_in_context(read, index)),
            };
            if let Some((phonemes, origin)) = word.filter(|(phonemes, _)| !phonemes.is_empty()) {
                let spoken = spoken
                    .unwrap_or_else(|| feed.plain.get(range.clone()).unwrap_or(&token.text).to_string());
                let span = feed.span_of(&range, tokens);
                words.push(PhonemeWord { phonemes, spoken, span, space_before, origin });
                space_before = false;
            }
            space_before |= !token.whitespace.is_empty();
        }
    }

    /// The reading of a word that was left to misaki: its own, unless the words around it give a better one.
    fn reading_in_context(&self, read: &[MToken], at: usize) -> (String, Origin) {
        let token = &read[at];
        let text = |at: Option<usize>| at.and_then(|at| read.get(at)).map_or("", |token| token.text.as_str());
        let (previous, next) = (text(at.checked_sub(1)), text(Some(at + 1)));
        if let Some(entry) = self.lexicon.user().tagged(&token.text, &token.tag, previous, next)
            && let Reading::Phonemes(phonemes) = &entry.reading
        {
            return (self.in_dialect(phonemes), Origin::User);
        }
        match heteronym::reading(read, at) {
            Some(phonemes) => (self.in_dialect(phonemes), Origin::Dictionary),
            None => self.reading_of_misaki(token),
        }
    }

    /// Phonemes that are written down in American symbols, for this voice.
    fn in_dialect(&self, phonemes: &str) -> String {
        match self.dialect {
            Dialect::AmericanEnglish => phonemes.to_string(),
            Dialect::BritishEnglish => british::from_american(phonemes),
        }
    }

    fn reading_of_misaki(&self, token: &MToken) -> (String, Origin) {
        let phonemes = token.phonemes.as_deref().unwrap_or_default().trim();
        let has_word = token.text.chars().any(char::is_alphanumeric);
        if !has_word {
            return (phonemes.replace(UNKNOWN, ""), Origin::Punctuation);
        }
        if !phonemes.is_empty() && !phonemes.contains(UNKNOWN) {
            return (phonemes.to_string(), Origin::Dictionary);
        }
        match letter_to_sound::pronounce(&token.text, self.dialect) {
            Some(phonemes) => (phonemes, Origin::LetterToSound),
            None => (spell::letters(&token.text, self.spelling == Dialect::BritishEnglish), Origin::Spelled),
        }
    }
}

/// Parts of at most [`WINDOW_TOKENS`] tokens, cut after punctuation where there is some.
fn windows(tokens: &[SpokenToken]) -> impl Iterator<Item = &[SpokenToken]> {
    let mut rest = tokens;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.len();
        if end > WINDOW_TOKENS {
            let is_mark = |token: &SpokenToken| token.class == SemioticClass::Punctuation;
            let cut = rest[WINDOW_TOKENS / 2..WINDOW_TOKENS].iter().rposition(is_mark);
            end = cut.map_or(WINDOW_TOKENS, |at| WINDOW_TOKENS / 2 + at + 1);
        }
        let (window, tail) = rest.split_at(end);
        rest = tail;
        Some(window)
    })
}

#[cfg(test)]
mod tests;
