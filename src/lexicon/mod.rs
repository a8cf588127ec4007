//! How names and acronyms are read: what the program knows by heart.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::text::{AcronymReading, AcronymTable};

static ACRONYMS: LazyLock<HashMap<&str, AcronymReading>> = LazyLock::new(|| {
    include_str!("data/acronyms.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(acronym, reading)| {
            let reading = match reading {
                "word" => AcronymReading::Word,
                "letters" => AcronymReading::Letters,
                words => AcronymReading::Words(words.to_owned()),
            };
            (acronym, reading)
        })
        .collect()
});

/// Names to misaki phonemes, one word each.
static NAMES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    include_str!("data/names.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .collect()
});

/// The readings that are known by heart rather than by rule.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lexicon {}

impl Lexicon {
    /// The lexicon that comes with the program.
    pub fn built_in() -> Self {
        Self {}
    }

    /// The phonemes (misaki's symbols) of a name, a single word as it is written in news.
    pub fn name(&self, word: &str) -> Option<&'static str> {
        NAMES.get(word).copied()
    }
}

impl AcronymTable for Lexicon {
    fn reading(&self, acronym: &str) -> Option<AcronymReading> {
        ACRONYMS.get(acronym).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_in_the_voices_alphabet_and_stands_once() {
        const ALPHABET: &str = "bdfhjklmnpstvwzɡŋɹʃʒðθʤʧTəiuɑɔɛɜɪʊʌæᵊɐAIWOYˈˌ";
        let lines =
            include_str!("data/names.tsv").lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let count = lines.clone().count();
        for line in lines {
            let (word, phonemes) = line.split_once('\t').unwrap_or_else(|| panic!("no tab in {line:?}"));
            assert!(!word.is_empty() && !word.contains(' '), "{line:?}");
            assert!(phonemes.chars().all(|symbol| ALPHABET.contains(symbol)), "{line:?}");
        }
        assert_eq!(NAMES.len(), count, "a name stands twice");
        assert_eq!(Lexicon::built_in().name("Ishiba"), Some("ˌiʃˈibə"));
    }

    #[test]
    fn acronyms_are_words_or_letters() {
        use AcronymReading::{Letters, Word};
        let lexicon = Lexicon::built_in();
        for (acronym, want) in [
            ("NATO", Some(Word)),
            ("APEC", Some(Word)),
            ("THAAD", Some(Word)),
            ("KOSPI", Some(Word)),
            ("DPRK", Some(Letters)),
            ("IAEA", Some(Letters)),
            ("UN", Some(Letters)),
            ("WHO", Some(Letters)),
            ("Biden", None),
        ] {
            assert_eq!(lexicon.reading(acronym), want, "{acronym}");
        }
    }

    #[test]
    fn the_table_is_sound() {
        let data = include_str!("data/acronyms.tsv");
        let rows = data.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(rows, ACRONYMS.len(), "a row is malformed or stands twice");
        assert!(rows >= 250, "{rows}");
        for acronym in ACRONYMS.keys() {
            assert!(acronym.chars().all(char::is_uppercase), "{acronym}");
        }
    }
}
