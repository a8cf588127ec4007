//! The built-in acronyms and their long forms.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::text::AcronymReading;

static ACRONYMS: LazyLock<HashMap<&str, AcronymReading>> = LazyLock::new(|| {
    rows(include_str!("data/acronyms.tsv"))
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

/// Acronyms and their long forms; those that are used with an article begin with it.
static EXPANSIONS: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| rows(include_str!("data/expansions.tsv")).collect());

fn rows(data: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    data.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

/// How an acronym (capitals, without full stops) is read.
pub fn reading(acronym: &str) -> Option<AcronymReading> {
    ACRONYMS.get(acronym).cloned()
}

/// The long form of an acronym: `the Democratic People's Republic of Korea`.
pub fn expansion(acronym: &str) -> Option<&'static str> {
    EXPANSIONS.get(acronym).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acronyms_are_words_or_letters() {
        use AcronymReading::{Letters, Word};
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
            assert_eq!(reading(acronym), want, "{acronym}");
        }
    }

    #[test]
    fn the_tables_are_sound() {
        let data = include_str!("data/acronyms.tsv");
        let count = data.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(count, ACRONYMS.len(), "a row is malformed or stands twice");
        assert!(count >= 600, "{count}");
        for acronym in ACRONYMS.keys() {
            assert!(acronym.chars().all(char::is_uppercase), "{acronym}");
        }
        let count = include_str!("data/expansions.tsv").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(count, EXPANSIONS.len(), "a row of the expansions is malformed or stands twice");
        for (acronym, words) in EXPANSIONS.iter() {
            assert!(ACRONYMS.contains_key(acronym), "{acronym} has an expansion and no reading");
            let is_word = |c: char| c.is_alphabetic() || matches!(c, ' ' | '\'' | '-');
            assert!(words.chars().all(is_word) && words.contains(' '), "{acronym}: {words}");
        }
    }
}
