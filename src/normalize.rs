//! Written → spoken: tokens are classified into semiotic classes and verbalised.
//!
//! The order of the work: [`fold`] makes one character of its many written forms. [`token`] cuts the text into words,
//! numbers and marks with spans. [`classify`] asks the recognisers of the semiotic classes in order of precedence;
//! each reads typed fields and verbalises them. Tables are data files under `data/`. Every step looks only a bounded
//! distance around itself, so the work is linear in the text's length. A reading longer than any word is cut into
//! pieces with spans of their own.
//!
//! Where American and British usage differ, the [`Locale`] decides. Only text without a sound is dropped: an acronym
//! in brackets right after its full name is said in passing, with a breath before it and none after.
//!
//! ```text
//! let normalizer = Normalizer::new(Locale::EnUs, Arc::new(Lexicon::built_in()));
//! let tokens = normalizer.normalize("The U.S. spent $1.2 billion in 2024.");
//! assert_eq!(spoken_text(&tokens), "The U S spent one point two billion dollars in twenty twenty-four.");
//! ```

use std::fmt;
use std::sync::Arc;

use crate::lexicon::ReadingSource;

mod abbreviation;
mod address;
mod amount;
mod classify;
mod compound;
mod coordinate;
mod date;
mod electronic;
mod expansion;
mod figures;
mod fiscal;
mod fold;
mod fraction;
mod grouping;
mod letters;
mod lexicon_entry;
mod link;
mod locale;
mod measure;
mod money;
mod month;
mod number;
mod punctuation;
mod quotation;
mod range;
mod reading;
mod recase;
mod reference;
mod roman;
mod score;
mod serial;
mod symbol;
mod table;
mod telephone;
mod time;
mod token;
mod token_types;
mod uncased;
mod vanity;
mod word;
mod year;

#[cfg(test)]
mod tests;

pub(crate) use grouping::PageNumbers;
pub use locale::Locale;
pub(crate) use number::year;
pub(crate) use quotation::{QuoteMark, quote_marks};
pub(crate) use token_types::{SemioticClass, SpokenToken};

/// Turns written text into spoken text.
#[derive(Clone)]
pub(crate) struct Normalizer {
    locale: Locale,
    acronyms: Arc<dyn ReadingSource>,
}

impl fmt::Debug for Normalizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Normalizer").field("locale", &self.locale).finish_non_exhaustive()
    }
}

impl Normalizer {
    /// A normaliser with a locale's conventions, which asks `acronyms` how acronyms are read.
    pub(crate) fn new(locale: Locale, acronyms: Arc<dyn ReadingSource>) -> Self {
        Self { locale, acronyms }
    }

    /// Reads one sentence, or any text. The spans are relative to `text`, ascending, and do not overlap.
    /// Spoken texts hold letters, apostrophes, hyphens within words, spaces and the marks
    /// `. , ; : ! ? — … “ ”`; no digit and no symbol is left.
    pub(crate) fn normalize(&self, text: &str) -> Vec<SpokenToken> {
        self.normalize_with(text, self.acronyms.as_ref(), PageNumbers::default())
    }

    /// The same for a sentence of an article: with its acronyms, and as its page writes numbers.
    pub(crate) fn normalize_with(
        &self,
        text: &str,
        acronyms: &dyn ReadingSource,
        page: PageNumbers,
    ) -> Vec<SpokenToken> {
        let (text, is_headline) = recase::recase(text, acronyms);
        let tokens = token::Tokens::new(&text).of_page(page);
        let brief = recase::Brief(acronyms);
        let acronyms = if is_headline { &brief } else { acronyms };
        let mut spoken = classify::read(&tokens, self.locale, acronyms);
        expansion::fit_articles(&mut spoken);
        spoken
    }
}

/// The spoken text as one string.
pub(crate) fn spoken_text(tokens: &[SpokenToken]) -> String {
    let mut text = String::new();
    for token in tokens {
        if token.space_before && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&token.text);
    }
    text
}
