//! The built-in names.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Words of the longest name of the table.
pub const MOST_WORDS: usize = 4;

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
    include_str!("data/names.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
}

/// The phonemes of a name of one word or several, as it is written in news.
pub fn phonemes(name: &str) -> Option<&'static str> {
    NAMES.get(name).copied()
}

/// The number of words of the longest name that begins with `word`; `None` when all such names are single words.
pub fn longest_from(word: &str) -> Option<usize> {
    HEADS.get(word).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::notation::{CONSONANTS, from_ipa, is_vowel, to_ipa};

    #[test]
    fn every_name_is_in_the_voices_alphabet_and_stands_once() {
        let lines =
            include_str!("data/names.tsv").lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let mut seen = HashMap::new();
        for line in lines {
            let (name, phonemes) = line.split_once('\t').unwrap_or_else(|| panic!("no tab in {line:?}"));
            assert!(seen.insert(name, phonemes).is_none(), "{name} stands twice");
            let words = name.split(' ').count();
            assert!(!name.is_empty() && words <= MOST_WORDS, "{line:?}");
            assert_eq!(words, phonemes.split(' ').count(), "{line:?} has other words in its phonemes");
            for word in phonemes.split(' ') {
                assert!(word.contains(is_vowel), "{line:?}");
                assert!(word.matches('ˈ').count() <= 1, "{line:?} has two main stresses in a word");
            }
            assert!(
                phonemes
                    .chars()
                    .all(|symbol| is_vowel(symbol) || CONSONANTS.contains(symbol) || "ˈˌ ".contains(symbol)),
                "{line:?}"
            );
            let after_stress = phonemes.split(['ˈ', 'ˌ']).skip(1);
            assert!(
                after_stress.clone().all(|rest| rest.starts_with(is_vowel)),
                "{line:?}: a stress stands before its vowel"
            );
        }
        for (name, phonemes) in &seen {
            let again = from_ipa(&to_ipa(phonemes)).unwrap_or_default();
            if phonemes.contains('ˈ') {
                assert_eq!(again, phonemes.replace('T', "t").replace('ɐ', "ə"), "{name} by way of IPA");
            }
        }
        assert_eq!(NAMES.len(), seen.len());
        assert!(seen.len() >= 3_000, "{} names", seen.len());
        assert_eq!(phonemes("Ishiba"), Some("ˌiʃˈibə"));
    }
}
