//! Classifies a word with a full stop: the table of abbreviations and of words that begin sentences.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::abbreviations;
use crate::tsv;

/// The meaning of a stop after an abbreviation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Never ends a sentence: `e.g.`, `vs.`
    Never,
    /// Stands before a name: `Gen.`, `Mr.`
    Title,
    /// Stands before a number, `No. 5`; elsewhere it is an ordinary word.
    Number,
    /// A month or day, `Nov. 18`: the sentence continues before a number, a day or a month.
    Date,
    /// A unit: `6 ft. 2 in.`
    Unit,
    /// A time of day, `a.m.`: before a zone or a date the sentence continues, before another capital it ends.
    Time,
    /// A company's form: ends before a word that starts a sentence, or a name with a verb of speech.
    Company,
    /// Ends before any capital: `etc.`
    End,
    /// Ends only before a word that is known to start sentences: `U.S.`
    May,
    /// `753 B.C.`: as [`May`](Self::May), and after a number before any capital.
    Era,
    /// `her Ph.D.`: as [`May`](Self::May), and after an article before a capitalised noun that a small word follows.
    Degree,
    /// `Elm St.`: as [`May`](Self::May), and also before a capitalised noun that a small word follows.
    Street,
    /// A name written with an exclamation mark: `Yahoo!`
    Shout,
}

/// The tables, read once.
#[derive(Debug, Default)]
pub(super) struct Tables {
    abbreviations: HashMap<&'static str, Kind>,
    starters: HashSet<&'static str>,
    speech_verbs: HashSet<&'static str>,
    after_time: HashSet<&'static str>,
    domain_ends: HashSet<&'static str>,
    letter_heads: HashSet<&'static str>,
    street_names: HashSet<&'static str>,
    time_openers: HashSet<&'static str>,
    time_words: HashSet<&'static str>,
    place_openers: HashSet<&'static str>,
    verbs: HashSet<&'static str>,
    places: HashSet<&'static str>,
    institutions: HashSet<&'static str>,
}

const WORDS: &str = include_str!("data/words.tsv");

pub(super) static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut tables = Tables::default();
    for (form, stop) in abbreviations::stops() {
        tables.add_abbreviation(form, stop);
    }
    for row in tsv::rows(WORDS) {
        tables.add_words(&row);
    }
    tables
});

impl Tables {
    /// The kind of a word without its last stop. An entry in lower case is also met with a capital, one
    /// with a capital only as written, or a title in capitals: `Sat.` is a day, `sat.` is not.
    pub(super) fn kind(&self, word: &str) -> Option<Kind> {
        if let Some(&kind) = self.abbreviations.get(word) {
            return Some(kind);
        }
        let lower = word.to_lowercase();
        let is_capitalised = word.chars().skip(1).all(char::is_lowercase);
        if let Some(&kind) =
            self.abbreviations.get(lower.as_str()).filter(|_| is_capitalised || word.contains('.'))
        {
            return Some(kind);
        }
        // `PT` is a zone and `FT` a newspaper; the longer titles are shouted in headlines.
        let is_shouted = word.len() > 2 || matches!(word, "MR" | "MS" | "DR" | "LT" | "MT");
        if is_shouted && !word.contains(char::is_lowercase) {
            let mut chars = lower.chars();
            let capitalised: String = chars.next()?.to_uppercase().chain(chars).collect();
            // "SEPT. 15" stands in datelines, but SAT and MAR may be other things.
            let is_month =
                word.len() > 3 || matches!(word, "JAN" | "FEB" | "APR" | "AUG" | "OCT" | "NOV" | "DEC");
            let kind = self.abbreviations.get(capitalised.as_str()).copied();
            return kind.filter(|&kind| kind == Kind::Title || kind == Kind::Date && is_month);
        }
        None
    }

    /// Whether a capitalised word is one that starts sentences rather than continues a name.
    pub(super) fn is_starter(&self, word: &str) -> bool {
        word.starts_with(char::is_uppercase) && self.starters.contains(word.to_lowercase().as_str())
    }

    /// `said`, `asked`: a verb after the speaker's name.
    pub(super) fn is_speech_verb(&self, word: &str) -> bool {
        self.speech_verbs.contains(word)
    }

    /// A time zone, day or month: continues the sentence after `10 a.m.`
    pub(super) fn follows_time(&self, word: &str) -> bool {
        if self.after_time.contains(word) {
            return true;
        }
        // "TUES. NOV. 8" in a line of capitals, where MAY is a verb.
        let shouted = (3..=9).contains(&word.len())
            && word.bytes().all(|letter| letter.is_ascii_uppercase())
            && !matches!(word, "MAY" | "MAR" | "SAT" | "SUN");
        let (first, rest) = word.split_at_checked(1).unwrap_or_default();
        shouted && self.after_time.contains(format!("{first}{}", rest.to_lowercase()).as_str())
    }

    /// A word that begins a sentence with a time: `At 10 a.m.`
    pub(super) fn opens_time(&self, word: &str) -> bool {
        self.time_openers.contains(word)
    }

    /// A word within such a time: `On the evening of May 3`.
    pub(super) fn is_in_time(&self, word: &str) -> bool {
        self.time_words.contains(word)
    }

    /// The end of a domain's or file's name: `com`, `md`.
    pub(super) fn ends_domain(&self, word: &str) -> bool {
        self.domain_ends.contains(word.to_lowercase().as_str())
    }

    /// A word after which a single letter is a name of its own: `Plan B`.
    pub(super) fn heads_letter(&self, word: &str) -> bool {
        self.letter_heads.contains(word.to_lowercase().as_str())
    }

    /// A word that continues a sentence after the name of a street: `Main St. Bridge`.
    pub(super) fn follows_street(&self, word: &str) -> bool {
        self.street_names.contains(word.to_lowercase().as_str())
    }

    /// A word that begins a sentence with a place: `Across the U.S.`
    pub(super) fn opens_place(&self, word: &str) -> bool {
        self.place_openers.contains(word)
    }

    /// `has`, `plans`: a verb that needs its subject before it.
    pub(super) fn is_verb(&self, word: &str) -> bool {
        self.verbs.contains(word)
    }

    /// A country or a capital: the subject of its sentence, and seldom a part of a longer name.
    pub(super) fn is_place(&self, word: &str) -> bool {
        self.places.contains(word)
    }

    /// A word that goes on after a country or a company: `U.S. Treasury`, `Motor Co. Chairman`.
    pub(super) fn is_institution(&self, word: &str) -> bool {
        self.institutions.contains(word)
    }

    fn add_abbreviation(&mut self, form: &'static str, stop: &str) -> Option<()> {
        let kind = match stop {
            "never" => Kind::Never,
            "title" => Kind::Title,
            "number" => Kind::Number,
            "date" => Kind::Date,
            "unit" => Kind::Unit,
            "time" => Kind::Time,
            "company" => Kind::Company,
            "end" => Kind::End,
            "may" => Kind::May,
            "street" => Kind::Street,
            "era" => Kind::Era,
            "degree" => Kind::Degree,
            "shout" => Kind::Shout,
            _ => return None,
        };
        self.abbreviations.insert(form, kind);
        Some(())
    }

    fn add_words(&mut self, row: &[&'static str]) -> Option<()> {
        let [kind, words] = *row else { return None };
        let list = match kind {
            "starter" => &mut self.starters,
            "speech" => &mut self.speech_verbs,
            "after-time" => &mut self.after_time,
            "domain" => &mut self.domain_ends,
            "letter-head" => &mut self.letter_heads,
            "street-name" => &mut self.street_names,
            "time-opener" => &mut self.time_openers,
            "time-word" => &mut self.time_words,
            "place-opener" => &mut self.place_openers,
            "verb" => &mut self.verbs,
            "place" => &mut self.places,
            "institution" => &mut self.institutions,
            _ => return None,
        };
        list.extend(words.split_whitespace());
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn every_line_of_the_tables_is_understood() {
        let mut tables = Tables::default();
        let stops = abbreviations::stops();
        let unknown: Vec<_> =
            stops.filter(|(form, stop)| tables.add_abbreviation(form, stop).is_none()).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        tsv::assert_rows("words.tsv", WORDS, 10, |row| tables.add_words(row).is_some());
    }

    #[test]
    fn case_decides() {
        let rows = [
            ("e.g", Some(Kind::Never)),
            ("E.g", Some(Kind::Never)),
            ("Gen", Some(Kind::Title)),
            ("GEN", Some(Kind::Title)),
            ("gen", None),
            ("Nov", Some(Kind::Date)),
            ("sat", None),
            ("SAT", None),
            ("No", Some(Kind::Number)),
            ("Busan", None),
        ];
        each(rows, |(word, want)| {
            assert_eq!(TABLES.kind(word), want, "{word}");
        });
    }
}
