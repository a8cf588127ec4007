//! The built-in acronyms and their long forms.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::AcronymReading;
use crate::tsv;

static ACRONYMS: LazyLock<HashMap<&str, AcronymReading>> = LazyLock::new(|| {
    tsv::pairs(include_str!("data/acronyms.tsv"))
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
    LazyLock::new(|| tsv::pairs(include_str!("data/expansions.tsv")).collect());

/// How an acronym (capitals, without full stops) is read.
pub(crate) fn reading(acronym: &str) -> Option<AcronymReading> {
    ACRONYMS.get(acronym).cloned()
}

/// The long form of an acronym: `the Democratic People's Republic of Korea`.
pub(crate) fn expansion(acronym: &str) -> Option<&'static str> {
    EXPANSIONS.get(acronym).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::table_test::each;

    #[test]
    fn acronyms_are_words_or_letters() {
        use AcronymReading::{Letters, Word};
        let rows = [
            ("NATO", Some(Word)),
            ("APEC", Some(Word)),
            ("THAAD", Some(Word)),
            ("KOSPI", Some(Word)),
            ("DPRK", Some(Letters)),
            ("IAEA", Some(Letters)),
            ("UN", Some(Letters)),
            ("WHO", Some(Letters)),
            ("Biden", None),
        ];
        each(rows, |(acronym, want)| {
            assert_eq!(reading(acronym), want, "{acronym}");
        });
    }

    #[test]
    fn the_tables_are_sound() {
        let mut seen = HashSet::new();
        tsv::assert_rows("acronyms.tsv", include_str!("data/acronyms.tsv"), 600, |row| match *row {
            [acronym, _] => seen.insert(acronym) && acronym.chars().all(char::is_uppercase),
            _ => false,
        });
        let mut seen = HashSet::new();
        tsv::assert_rows("expansions.tsv", include_str!("data/expansions.tsv"), 50, |row| match *row {
            [acronym, words] => {
                let is_word = |c: char| c.is_alphabetic() || matches!(c, ' ' | '\'' | '-');
                // An acronym with an expansion has a reading.
                let is_known = seen.insert(acronym) && ACRONYMS.contains_key(acronym);
                is_known && words.chars().all(is_word) && words.contains(' ')
            }
            _ => false,
        });
    }
}
