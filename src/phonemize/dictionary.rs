//! Misaki's dictionaries and its tagger, each loaded when it is first needed.
//!
//! Misaki parses 6 MB of JSON at every start, for 180,000 words of which an article has a few hundred. So the words are
//! kept as a [`table`] that is made once and mapped, and [`words`] gives misaki those that it may ask for.

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod table;
mod words;

use std::sync::{Arc, OnceLock};

use misaki_rs::norms::norm_of;
use misaki_rs::spacy_tagger::{Tagger, hash_string};
use misaki_rs::spacy_tokenizer::SpacyTokenizer;
use misaki_rs::{G2P, Language, MToken};

use super::context::ContextReader;
use crate::text::Dialect;
use table::WordTable;
pub(super) use words::Words;

/// Bytes that live as long as they have a reader.
pub(crate) type TableBytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Never freed: freeing 180,000 words would cost every run of the program 0.1 s at its end.
pub(super) struct Dictionary {
    language: Language,
    pub(super) words: Words,
    tagging: OnceLock<(SpacyTokenizer, Tagger)>,
    misaki: OnceLock<G2P>,
    pub(super) context: ContextReader,
}

static AMERICAN: OnceLock<Dictionary> = OnceLock::new();
static BRITISH: OnceLock<Dictionary> = OnceLock::new();

fn cell(dialect: Dialect) -> &'static OnceLock<Dictionary> {
    match dialect {
        Dialect::AmericanEnglish => &AMERICAN,
        Dialect::BritishEnglish => &BRITISH,
    }
}

fn language(dialect: Dialect) -> Language {
    match dialect {
        Dialect::AmericanEnglish => Language::EnglishUS,
        Dialect::BritishEnglish => Language::EnglishGB,
    }
}

/// The table of a dialect's dictionaries, from misaki's own form of them: 0.5 s.
pub(crate) fn encode(dialect: Dialect) -> Result<Vec<u8>, String> {
    table::encode(&misaki_rs::Lexicon::new(language(dialect)))
}

/// Takes a dialect's words out of a table from now on, unless they are loaded already. A table that can't be read is refused.
pub(crate) fn use_table(dialect: Dialect, bytes: TableBytes) -> Result<(), String> {
    let table = WordTable::new(bytes)?;
    cell(dialect).get_or_init(|| Dictionary::new(dialect, Words::of_table(language(dialect), table)));
    Ok(())
}

/// Whether a dialect's words are loaded.
pub(crate) fn is_loaded(dialect: Dialect) -> bool {
    cell(dialect).get().is_some()
}

impl Dictionary {
    /// The dictionary of a dialect; without a table the first call loads all words, in 0.1 s.
    pub(super) fn of(dialect: Dialect) -> &'static Self {
        cell(dialect).get_or_init(|| Self::new(dialect, Words::whole(language(dialect))))
    }

    fn new(dialect: Dialect, words: Words) -> Self {
        let context = ContextReader::default();
        Self {
            language: language(dialect),
            words,
            tagging: OnceLock::new(),
            misaki: OnceLock::new(),
            context,
        }
    }

    /// Misaki as a whole, which parses its own copy of the dictionaries (0.2 s): for words that it puts together from parts.
    pub(super) fn misaki(&self) -> &G2P {
        self.misaki.get_or_init(|| G2P::new(self.language))
    }

    /// The words and marks of a text as the tagger sees them, with their parts of speech, in order: text and whitespace of all
    /// are the text again.
    pub(super) fn tag(&self, text: &str) -> Vec<MToken> {
        let (tokenizer, tagger) = self.tagging.get_or_init(|| (SpacyTokenizer::new(), Tagger::load()));
        let tokens = tokenizer.tokenize(text);
        let input = tokens.iter().map(|token| {
            let norm = token.norm.clone().unwrap_or_else(|| norm_of(&token.text, hash_string));
            (token.text.clone(), norm, !token.whitespace.is_empty())
        });
        let tags: Vec<String> =
            tagger.tag(&input.collect::<Vec<_>>()).into_iter().map(str::to_owned).collect();
        let words = tokens.into_iter().zip(tags);
        words.map(|(token, tag)| MToken::new(token.text, tag, token.whitespace)).collect()
    }
}
