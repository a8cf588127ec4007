//! Looks into the tables of the normaliser: which words may be in one, which words are cues.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::token::Tokens;
use crate::tsv;

/// Rules most words out at once, by their length and first two letters. Without it, looking up each word of a text in
/// several tables takes most of the time.
#[derive(Debug)]
pub(super) struct Prefilter {
    /// For each pair of letters, a bit for each length.
    lengths: [u16; 26 * 26],
}

impl Prefilter {
    /// A filter that lets the words through, and some others.
    pub(super) fn new<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut filter = Self { lengths: [0; 26 * 26] };
        for word in words {
            if let Some((place, length)) = Self::key(word) {
                filter.lengths[place] |= length;
            }
        }
        filter
    }

    /// Whether a word of plain letters may be one of the words, in any case.
    pub(super) fn may_hold(&self, word: &str) -> bool {
        Self::key(word).is_none_or(|(place, length)| self.lengths[place] & length != 0)
    }

    fn key(word: &str) -> Option<(usize, u16)> {
        let letter = |at: usize| {
            let byte = word.as_bytes().get(at)?.to_ascii_lowercase();
            byte.is_ascii_lowercase().then(|| usize::from(byte - b'a'))
        };
        Some((letter(0)? * 26 + letter(1)?, 1 << word.len().min(15)))
    }
}

/// The words that decide a reading by context, in named sets.
static CUES: LazyLock<HashMap<&str, HashSet<&str>>> = LazyLock::new(|| {
    let mut sets: HashMap<&str, HashSet<&str>> = HashMap::new();
    for (name, words) in tsv::pairs(include_str!("data/cues.tsv")) {
        sets.entry(name).or_default().extend(words.split(' '));
    }
    sets
});

/// Whether `word`, in any case, belongs to the named set of cues.
pub(super) fn is_cue(set: &str, word: &str) -> bool {
    // No cue is longer; a word of megabytes need not be copied to learn that.
    const LONGEST: usize = 24;
    if word.is_empty() || word.len() > LONGEST {
        return false;
    }
    CUES.get(set).is_some_and(|words| words.contains(word) || words.contains(word.to_lowercase().as_str()))
}

/// Whether a counted noun follows: "500 people", "2 attempts".
pub(super) fn counts(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.word_after(at).filter(|word| word.starts_with(char::is_lowercase)).is_some_and(|word| {
        let plural = word.ends_with('s') && !word.ends_with("ss") && !is_cue("function", word);
        plural || is_cue("count", word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn data_files_have_the_columns_they_should() {
        let rows = [
            ("cues", include_str!("data/cues.tsv"), 2),
            ("currencies", include_str!("data/currencies.tsv"), 5),
            ("months", include_str!("data/months.tsv"), 2),
            ("states", include_str!("data/states.tsv"), 2),
            ("symbols", include_str!("data/symbols.tsv"), 2),
            ("units", include_str!("data/units.tsv"), 4),
        ];
        each(rows, |(name, data, columns)| {
            tsv::assert_rows(name, data, 6, |row| {
                row.len() == columns && row.iter().all(|cell| !cell.is_empty() && *cell == cell.trim())
            });
        });
    }

    #[test]
    fn the_prefilter_lets_its_words_through_in_any_case() {
        let filter = Prefilter::new(["Nov", "approx", "a very long abbreviation"].into_iter());
        let rows = [
            ("Nov", true),
            ("nov", true),
            ("Noon", false),
            ("Approx", true),
            ("approximately", false),
            ("said", false),
            // It is silent about words without a key.
            ("é", true),
            ("x", true),
        ];
        each(rows, |(word, want)| {
            assert_eq!(filter.may_hold(word), want, "{word}");
        });
    }

    #[test]
    fn cues_are_found_in_any_case() {
        assert!(is_cue("year", "In"));
        assert!(!is_cue("year", "apple"));
        assert!(!is_cue("no such set", "in"));
    }
}
