//! Spoken text → phonemes. The only module that knows a G2P library ([misaki-rs](misaki_rs)).
//!
//! Each word is read by the first that can: the names of the lexicon, misaki's dictionaries and stemming with the part of
//! speech in context, the letter-to-sound model, and, when nothing else is left, letter by letter. No word is dropped, and
//! misaki's mark for the unknown (❓) never leaves this module.

pub mod letter_to_sound;
mod morphology;
pub mod spell;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use misaki_rs::{G2P, Language, MToken};
use serde::Serialize;

use crate::error::{Error, ErrorKind, Place, Result};
use crate::lexicon::Lexicon;
use crate::normalize::{SemioticClass, SpokenToken};
use crate::text::{Dialect, Span};

/// Words that are tagged and read together at most; a longer sentence is read in parts, so that time and memory stay
/// linear in its length.
const WINDOW_TOKENS: usize = 200;
/// Letters of a word at most that misaki is given at once: its work grows with the square of it.
const LONGEST_WORD: usize = 60;
/// Misaki's mark for a word it can't read.
const UNKNOWN: char = '❓';

/// Who knew how a word is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The lexicon's names.
    Name,
    /// Misaki's dictionaries, stemming included.
    Dictionary,
    /// An acronym, letter by letter as it should be.
    Letters,
    /// The letter-to-sound model.
    Rules,
    /// Spelled, for want of anything better.
    Spelled,
    /// Not a word.
    Punctuation,
}

/// A word, or a punctuation mark, as the voice speaks it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhonemeWord {
    /// Misaki symbols; one character each.
    pub phonemes: String,
    /// The spoken text it was made from.
    pub spoken: String,
    /// Where that was written, in the text given to the normaliser.
    pub span: Span,
    /// Whether a space stands before it.
    pub space_before: bool,
    /// Who knew how to read it.
    pub origin: Origin,
}

/// The phonemes of a row of words as one string.
pub fn phoneme_string(words: &[PhonemeWord]) -> String {
    let mut text = String::new();
    for word in words {
        if word.space_before && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word.phonemes);
    }
    text
}

/// Reads spoken text.
pub struct Phonemizer {
    g2p: OnceLock<G2P>,
    lexicon: Arc<Lexicon>,
    dialect: Dialect,
    /// Whose names the letters have.
    spelling: Dialect,
}

/// A word whose reading is not left to misaki: where it stands in the text misaki gets, and how it is read.
struct Override {
    range: Range<usize>,
    phonemes: String,
    origin: Origin,
}

/// What misaki gets, and what is known about it.
#[derive(Default)]
struct Feed {
    /// The text with markup that gives misaki the overrides, for the words around them.
    marked_up: String,
    /// The same without markup; all ranges point into it.
    plain: String,
    /// Where each spoken token lies in it.
    tokens: Vec<Range<usize>>,
    overrides: Vec<Override>,
}

impl Phonemizer {
    /// A phonemizer for a dialect. Its dictionaries (0.2 s) are loaded by the first use, or by [`preload`](Self::preload).
    pub fn new(dialect: Dialect, lexicon: Arc<Lexicon>) -> Self {
        Self { g2p: OnceLock::new(), lexicon, dialect, spelling: dialect }
    }

    /// The same with the letters named as in another dialect: "zed" or "zee".
    #[must_use]
    pub fn spelling(mut self, dialect: Dialect) -> Self {
        self.spelling = dialect;
        self
    }

    /// Loads the dictionaries now.
    pub fn preload(&self) {
        self.g2p();
    }

    fn g2p(&self) -> &G2P {
        self.g2p.get_or_init(|| {
            G2P::new(match self.dialect {
                Dialect::AmericanEnglish => Language::EnglishUS,
                Dialect::BritishEnglish => Language::EnglishGB,
            })
        })
    }

    /// Reads the tokens of a sentence.
    pub fn phonemize(&self, tokens: &[SpokenToken]) -> Result<Vec<PhonemeWord>> {
        let mut words = Vec::with_capacity(tokens.len());
        for window in windows(tokens) {
            self.read_window(window, &mut words)?;
        }
        Ok(words)
    }

    fn read_window(&self, tokens: &[SpokenToken], words: &mut Vec<PhonemeWord>) -> Result<()> {
        let mut feed = Feed::default();
        for token in tokens {
            if token.space_before && !feed.plain.is_empty() {
                feed.push(" ");
            }
            let start = feed.plain.len();
            self.feed_token(token, &mut feed);
            feed.tokens.push(start..feed.plain.len());
        }
        let (_, read) = self.g2p().g2p(&feed.marked_up).map_err(|cause| {
            Error::new(ErrorKind::Phonemes, "the text can't be turned into phonemes")
                .at(Place::default().text(&feed.plain))
                .because(cause.to_string())
        })?;
        self.collect(&feed, &read, tokens, words);
        Ok(())
    }

    /// Adds a token to the feed; decides which of its words misaki need not read.
    fn feed_token(&self, token: &SpokenToken, feed: &mut Feed) {
        match token.class {
            SemioticClass::Punctuation => feed.push(&token.text),
            SemioticClass::Letters => {
                let phonemes = spell::letters(&token.text, self.spelling == Dialect::BritishEnglish);
                feed.push_override(&token.text.replace(' ', ""), phonemes, Origin::Letters);
            }
            _ => {
                for (index, word) in token.text.split(' ').enumerate() {
                    if index > 0 {
                        feed.push(" ");
                    }
                    self.feed_word(word, feed);
                }
            }
        }
    }

    fn feed_word(&self, word: &str, feed: &mut Feed) {
        if word.len() > LONGEST_WORD {
            return self.feed_monster(word, feed);
        }
        let parts: Vec<&str> = word.split('-').filter(|part| !part.is_empty()).collect();
        if parts.len() < 2 {
            match self.reading(word, false) {
                Some((phonemes, origin)) => feed.push_override(word, phonemes, origin),
                None => feed.push(&fold(word)),
            }
            return;
        }
        let is_name = word.starts_with(char::is_uppercase);
        let readings: Vec<_> = parts.iter().map(|part| self.reading(part, is_name)).collect();
        if readings.iter().all(Option::is_none) {
            feed.push(&fold(word));
            return;
        }
        // Misaki would take the compound for one unknown word: its parts are given apart.
        for (index, (part, reading)) in parts.into_iter().zip(readings).enumerate() {
            if index > 0 {
                feed.push(" ");
            }
            match reading {
                Some((phonemes, origin)) => feed.push_override(part, phonemes, origin),
                None => feed.push(&fold(part)),
            }
        }
    }

    /// Reads a "word" that no language has, piece by piece; nothing of it is dropped.
    fn feed_monster(&self, word: &str, feed: &mut Feed) {
        let letters: Vec<char> = word.chars().filter(|letter| letter.is_alphanumeric()).collect();
        for (index, piece) in letters.chunks(LONGEST_WORD / 4).enumerate() {
            if index > 0 {
                feed.push(" ");
            }
            let piece: String = piece.iter().collect();
            match self.reading(&piece, false) {
                Some((phonemes, origin)) => feed.push_override(&piece, phonemes, origin),
                None => feed.push(&fold(&piece)),
            }
        }
    }

    /// How a word is read that misaki should not, or can't, read; `None` leaves it to misaki. The lexicon has name
    /// syllables in lower case (`Jae-myung`), which count only within a capitalised compound.
    fn reading(&self, word: &str, is_in_name: bool) -> Option<(String, Origin)> {
        let name = |word: &str| {
            let may_be_name = is_in_name || word.starts_with(|first: char| !first.is_lowercase());
            // Datelines and headlines: BUSAN.
            let found = self.lexicon.name(word).or_else(|| self.lexicon.name(&capitalised(word)));
            found.filter(|_| may_be_name)
        };
        if let Some(phonemes) = name(word) {
            return Some((phonemes.to_string(), Origin::Name));
        }
        let (stem, ending) = split_ending(word);
        // “-es'” and “-s'” add no sound of their own.
        let with_ending = |phonemes: &str, origin| {
            let sound = if ending == "'s" { spell::ending_after(phonemes) } else { "" };
            Some((format!("{phonemes}{sound}"), origin))
        };
        if !ending.is_empty()
            && let Some(phonemes) = name(stem)
        {
            return with_ending(phonemes, Origin::Name);
        }
        let folded = fold(stem);
        if self.is_in_dictionary(&folded) {
            // Misaki reads its own words, “'s” included; a bare apostrophe it takes for a quotation mark.
            return (ending == "'").then(|| self.dictionary_reading(&folded)).flatten();
        }
        if let Some(singular) = stem.strip_suffix('s').filter(|name| name.len() > 2)
            && let Some(phonemes) = name(singular)
        {
            let plural = format!("{phonemes}{}", spell::ending_after(phonemes));
            return with_ending(&plural, Origin::Name);
        }
        let in_dictionary = |word: &str| {
            let found = self.g2p().lexicon.get_word(word, "NN", None, None);
            found.map(|(phonemes, _)| phonemes).filter(|phonemes| !phonemes.is_empty())
        };
        if let Some(phonemes) = morphology::derive(&folded.to_lowercase(), in_dictionary) {
            return with_ending(&phonemes, Origin::Dictionary);
        }
        let is_capitals = stem.chars().count() > 1 && !stem.chars().any(char::is_lowercase);
        let spelling = if is_capitals { capitalised(stem) } else { stem.to_string() };
        match letter_to_sound::pronounce(&spelling, self.dialect) {
            Some(phonemes) => with_ending(&phonemes, Origin::Rules),
            None => {
                with_ending(&spell::letters(stem, self.spelling == Dialect::BritishEnglish), Origin::Spelled)
            }
        }
    }

    fn dictionary_reading(&self, word: &str) -> Option<(String, Origin)> {
        let (phonemes, _) = self.g2p().lexicon.get_word(word, "NNS", None, None)?;
        Some((phonemes, Origin::Dictionary))
    }

    fn is_in_dictionary(&self, word: &str) -> bool {
        let is_capitals = word.chars().count() > 1 && !word.chars().any(char::is_lowercase);
        // Misaki spells a word in capitals that it does not know; whether it is spelled was decided before.
        let key = if is_capitals && !self.g2p().lexicon.in_gold(word) {
            word.to_lowercase()
        } else {
            word.to_string()
        };
        self.g2p().lexicon.get_word(&key, "NN", None, None).is_some_and(|(phonemes, _)| !phonemes.is_empty())
    }

    /// Puts misaki's tokens, the overrides and the spans together.
    fn collect(&self, feed: &Feed, read: &[MToken], tokens: &[SpokenToken], words: &mut Vec<PhonemeWord>) {
        let mut position = 0;
        let mut space_before = tokens.first().is_some_and(|token| token.space_before);
        let mut spoken_override = None;
        for token in read {
            let range = position..(position + token.text.len()).min(feed.plain.len());
            position += token.text.len() + token.whitespace.len();
            let by_us =
                feed.overrides.iter().position(|o| o.range.start < range.end && range.start < o.range.end);
            let word = match by_us {
                // An override may cover several of misaki's tokens: it is said once.
                Some(index) if spoken_override == Some(index) => None,
                Some(index) => {
                    spoken_override = Some(index);
                    let Override { phonemes, origin, .. } = &feed.overrides[index];
                    Some((phonemes.clone(), *origin))
                }
                None => Some(self.reading_of_misaki(token)),
            };
            if let Some((phonemes, origin)) = word.filter(|(phonemes, _)| !phonemes.is_empty()) {
                words.push(PhonemeWord {
                    phonemes,
                    spoken: feed.plain.get(range.clone()).unwrap_or(&token.text).to_string(),
                    span: feed.span_of(&range, tokens),
                    space_before,
                    origin,
                });
                space_before = false;
            }
            space_before |= !token.whitespace.is_empty();
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
            Some(phonemes) => (phonemes, Origin::Rules),
            None => (spell::letters(&token.text, self.spelling == Dialect::BritishEnglish), Origin::Spelled),
        }
    }
}

impl Feed {
    fn push(&mut self, text: &str) {
        // Square brackets are misaki's markup; the normaliser leaves none, but nobody else has to.
        let is_markup = |c: char| matches!(c, '[' | ']');
        if text.contains(is_markup) {
            let text = text.replace(is_markup, "");
            self.marked_up.push_str(&text);
            self.plain.push_str(&text);
        } else {
            self.marked_up.push_str(text);
            self.plain.push_str(text);
        }
    }

    fn push_override(&mut self, word: &str, phonemes: String, origin: Origin) {
        let word: String = word.chars().filter(|c| !matches!(c, '[' | ']' | '(' | ')')).collect();
        if word.is_empty() {
            return;
        }
        let start = self.plain.len();
        self.plain.push_str(&word);
        self.marked_up.push_str(&format!("[{word}](/{phonemes}/)"));
        self.overrides.push(Override { range: start..self.plain.len(), phonemes, origin });
    }

    /// The written place of a range of the feed: that of all tokens it touches.
    fn span_of(&self, range: &Range<usize>, tokens: &[SpokenToken]) -> Span {
        let first = self.tokens.partition_point(|token| token.end <= range.start);
        let last = self.tokens.partition_point(|token| token.start < range.end);
        tokens[first.min(tokens.len() - 1)..last.max(first + 1).min(tokens.len())]
            .iter()
            .map(|token| token.span)
            .reduce(Span::join)
            .unwrap_or_default()
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

/// The word without accents, as English dictionaries have it; capitals stay.
fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_string();
    }
    word.chars()
        .map(|letter| {
            let plain = spell::plain_letter(letter);
            if letter.is_uppercase() { plain.to_ascii_uppercase() } else { plain }
        })
        .collect()
}

/// Splits `'s` or a final apostrophe off.
fn split_ending(word: &str) -> (&str, &'static str) {
    let possessive = word.strip_suffix("'s").or_else(|| word.strip_suffix("'S"));
    match (possessive, word.strip_suffix('\'')) {
        (Some(stem), _) if !stem.is_empty() => (stem, "'s"),
        (None, Some(stem)) if !stem.is_empty() => (stem, "'"),
        _ => (word, ""),
    }
}

/// `KOSPI` as `Kospi`.
fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first: String = letters.next().into_iter().collect();
    first + &letters.as_str().to_lowercase()
}

#[cfg(test)]
mod tests;
