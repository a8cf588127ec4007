//! The normaliser's questions to a lexicon.

/// How an acronym is read aloud.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum AcronymReading {
    /// As a word: NATO, APEC.
    Word,
    /// Letter by letter: DPRK, U.N.
    Letters,
    /// As these words: St. → "Saint".
    Words(String),
}

/// The entry of a user's lexicon for the words at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WrittenEntry {
    /// Bytes of the text that the entry covers.
    pub len: usize,
    /// The words that are said instead; `None` when the lexicon has phonemes for the written words.
    pub words: Option<String>,
}

/// Provides the readings of acronyms and of a user's own words. The lexicon implements it; the normaliser asks it.
pub(crate) trait ReadingSource: Send + Sync {
    /// The reading of `acronym` (capitals, without full stops), or `None` when it is not listed.
    fn reading(&self, acronym: &str) -> Option<AcronymReading>;

    /// The long form of `acronym`, when it is to be said in full at byte `offset` of the text. Words that need an
    /// article begin with it.
    fn expansion(&self, _acronym: &str, _offset: usize) -> Option<String> {
        None
    }

    /// Whether [`entry`](Self::entry) can find anything at all.
    fn has_entries(&self) -> bool {
        false
    }

    /// The entry for the words at the head of `text`, which begins at a word; `previous` is the word before.
    fn entry(&self, _text: &str, _previous: &str) -> Option<WrittenEntry> {
        None
    }
}
