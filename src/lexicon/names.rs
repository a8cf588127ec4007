//! The built-in names.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::tsv;

/// Words of the longest name of the table.
pub(crate) const MOST_WORDS: usize = 4;

/// Names and their phonemes in misaki's symbols; those of several words have as many words of phonemes.
static NAMES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| rows().collect());

/// First words of the names that have several.
static HEADS: LazyLock<HashMap<&str, usize>> = LazyLock::new(|| {
    let mut heads = HashMap::new();
    for (name, _) in rows() {
        let mut words = name.split(' ');
        if let (Some(head), more @ 1..) = (words.next(), words.count()) {
            let longest = heads.entry(head).or_default();
            *longest = (more + 1).max(*longest);
        }
    }
    heads
});

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    tsv::pairs(include_str!("data/names.tsv"))
}

/// The phonemes of a name of one word or several, as it is written in news.
pub(crate) fn phonemes(name: &str) -> Option<&'static str> {
    NAMES.get(name).copied()
}

/// The number of words of the longest name that begins with `word`; `None` when all such names are single words.
pub(crate) fn longest_from(word: &str) -> Option<usize> {
    HEADS.get(word).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::notation::{from_ipa, is_speakable, is_vowel, to_ipa};

    #[test]
    fn every_name_is_in_the_voices_alphabet_and_stands_once() {
        let mut seen = HashMap::new();
        tsv::assert_rows("names.tsv", include_str!("data/names.tsv"), 3_000, |row| {
            let [name, phonemes] = *row else { return false };
            let words = name.split(' ').count();
            seen.insert(name, phonemes).is_none()
                && !name.is_empty()
                && words <= MOST_WORDS
                && words == phonemes.split(' ').count()
                && is_speakable(phonemes)
                && phonemes.split(' ').all(|word| word.contains(is_vowel) && word.matches('ˈ').count() <= 1)
                // A stress stands before its vowel.
                && phonemes.split(['ˈ', 'ˌ']).skip(1).all(|rest| rest.starts_with(is_vowel))
        });
        for (name, phonemes) in &seen {
            let again = from_ipa(&to_ipa(phonemes)).unwrap_or_default();
            if phonemes.contains('ˈ') {
                assert_eq!(again, phonemes.replace('T', "t").replace('ɐ', "ə"), "{name} by way of IPA");
            }
        }
        assert_eq!(NAMES.len(), seen.len());
        assert_eq!(phonemes("Ishiba"), Some("ˌiʃˈibə"));
    }
}
