//! How names and acronyms are read. Today the built-in acronyms.

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

/// The readings that are known by heart rather than by rule.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lexicon {}

impl Lexicon {
    /// The lexicon that comes with the program.
    pub fn built_in() -> Self {
        Self {}
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
