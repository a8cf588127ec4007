//! Readings of names and acronyms: from the user, from the article, from the program's tables; in this order.

mod acronyms;
mod definitions;
mod names;
pub(crate) mod notation;
mod reading_source;
pub mod user;

use std::sync::Arc;

pub(crate) use definitions::Definitions;
pub(crate) use names::MOST_WORDS as MOST_NAME_WORDS;
pub(crate) use reading_source::{AcronymReading, ReadingSource, WrittenEntry};
use serde::{Deserialize, Serialize};
use user::{Reading, UserLexicon};

/// How acronyms with a long form are said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub(crate) enum AcronymStyle {
    /// As they are written: DPRK by its letters, APEC as a word.
    #[default]
    Letters,
    /// In full at the first mention in an article.
    ExpandFirst,
    /// Always in full.
    Expand,
}

/// The readings that are known rather than found by rule.
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    user: UserLexicon,
    style: AcronymStyle,
}

impl Lexicon {
    /// The built-in lexicon.
    pub fn built_in() -> Self {
        Self::default()
    }

    /// The same with the user's entries above all others.
    #[must_use]
    pub fn with_user(mut self, user: UserLexicon) -> Self {
        self.user = user;
        self
    }

    /// The same with another way to say acronyms.
    #[must_use]
    pub(crate) fn with_style(mut self, style: AcronymStyle) -> Self {
        self.style = style;
        self
    }

    /// The same with words above all others.
    #[cfg(feature = "serve")]
    #[must_use]
    pub(crate) fn with_given(&self, given: &user::Given) -> Self {
        Self { user: self.user.clone().with_given(given), ..self.clone() }
    }

    /// How acronyms are said.
    pub(crate) fn style(&self) -> AcronymStyle {
        self.style
    }

    /// The user's entries.
    pub(crate) fn user(&self) -> &UserLexicon {
        &self.user
    }

    /// The phonemes (misaki's symbols) of a name as it is written in news. A name of several words has as many words of
    /// phonemes.
    pub(crate) fn name(&self, name: &str) -> Option<&'static str> {
        names::phonemes(name)
    }

    /// The number of words of the longest name of several words that begins with `word`.
    pub(crate) fn longest_name_from(&self, word: &str) -> Option<usize> {
        names::longest_from(word)
    }

    /// The lexicon for one article.
    pub(crate) fn for_article(self: &Arc<Self>, definitions: Definitions) -> ArticleLexicon {
        ArticleLexicon { lexicon: self.clone(), definitions: Arc::new(definitions), offset: 0 }
    }
}

impl ReadingSource for Lexicon {
    fn reading(&self, acronym: &str) -> Option<AcronymReading> {
        acronyms::reading(acronym)
    }

    fn expansion(&self, acronym: &str, _offset: usize) -> Option<String> {
        let words = acronyms::expansion(acronym).filter(|_| self.style == AcronymStyle::Expand)?;
        Some(words.to_string())
    }

    fn has_entries(&self) -> bool {
        !self.user.is_empty()
    }

    fn entry(&self, text: &str, previous: &str) -> Option<WrittenEntry> {
        let found = self.user.at_head(text, previous)?;
        let words = match &found.entry.reading {
            Reading::Phonemes(_) => None,
            Reading::Alias(words) => Some(words.clone()),
        };
        Some(WrittenEntry { len: found.len, words })
    }
}

/// The lexicon with one article's own acronyms.
#[derive(Clone, Debug)]
pub(crate) struct ArticleLexicon {
    lexicon: Arc<Lexicon>,
    definitions: Arc<Definitions>,
    offset: usize,
}

impl ArticleLexicon {
    /// The same for a part of the article that begins at `offset` bytes.
    #[must_use]
    pub(crate) fn at(&self, offset: usize) -> Self {
        Self { offset, ..self.clone() }
    }
}

impl ReadingSource for ArticleLexicon {
    fn reading(&self, acronym: &str) -> Option<AcronymReading> {
        acronyms::reading(acronym).or_else(|| self.definitions.reading(acronym))
    }

    fn expansion(&self, acronym: &str, offset: usize) -> Option<String> {
        let place = self.offset + offset;
        let is_wanted = match self.lexicon.style {
            AcronymStyle::Letters => false,
            AcronymStyle::ExpandFirst => self.definitions.is_first(acronym, place),
            AcronymStyle::Expand => true,
        };
        if !is_wanted || self.definitions.is_site(place) {
            return None;
        }
        self.definitions.words(acronym).or_else(|| acronyms::expansion(acronym)).map(str::to_string)
    }

    fn has_entries(&self) -> bool {
        self.lexicon.has_entries()
    }

    fn entry(&self, text: &str, previous: &str) -> Option<WrittenEntry> {
        self.lexicon.entry(text, previous)
    }
}
