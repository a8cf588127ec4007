//! News lines of every semiotic class, and properties that hold for any text.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::text::{AcronymReading, AcronymTable};

const TABLES: &[(&str, &str)] = &[
    ("numbers", include_str!("tests/numbers.tsv")),
    ("money", include_str!("tests/money.tsv")),
    ("dates", include_str!("tests/dates.tsv")),
    ("letters", include_str!("tests/letters.tsv")),
    ("words", include_str!("tests/words.tsv")),
];

/// The built-in acronyms, read from their data file: this module may not know the lexicon.
struct BuiltIn;

impl AcronymTable for BuiltIn {
    fn reading(&self, acronym: &str) -> Option<AcronymReading> {
        let rows = include_str!("../lexicon/data/acronyms.tsv");
        let reading = rows.lines().find_map(|row| row.strip_prefix(acronym)?.strip_prefix('\t'))?;
        Some(match reading {
            "word" => AcronymReading::Word,
            "letters" => AcronymReading::Letters,
            words => AcronymReading::Words(words.to_owned()),
        })
    }
}

fn normalizer(locale: Locale) -> Normalizer {
    Normalizer::new(locale, Arc::new(BuiltIn))
}

fn spoken(written: &str) -> String {
    spoken_text(&normalizer(Locale::EnUs).normalize(written))
}

#[test]
fn news_lines_are_spoken_as_a_newsreader_would() {
    let mut cases = 0;
    let mut failures = String::new();
    for (table, data) in TABLES {
        for (written, want) in data.lines().filter_map(|line| line.split_once('\t')) {
            cases += 1;
            let got = spoken(written);
            if got != want {
                failures.push_str(&format!("{table}: {written:?}\n  want {want}\n  got  {got}\n"));
            }
        }
    }
    assert!(failures.is_empty(), "of {cases} cases these failed:\n{failures}");
    assert!(cases >= 250, "{cases}");
}

#[test]
fn british_usage_differs() {
    for (written, want) in [
        ("It has 105 members.", "It has one hundred and five members."),
        ("Dated 3/4/2024.", "Dated the third of April twenty twenty-four."),
        ("On November 18, he left.", "On November the eighteenth, he left."),
    ] {
        let got = spoken_text(&normalizer(Locale::EnGb).normalize(written));
        assert_eq!(got, want, "{written:?}");
    }
}

#[test]
fn tokens_carry_class_and_span() {
    use SemioticClass::{Date, Letters, Money, Plain, Punctuation};
    let written = "In the U.S., Nov. 18 cost $1.2 billion.";
    let tokens = normalizer(Locale::EnUs).normalize(written);
    let got: Vec<_> =
        tokens.iter().map(|token| (token.text.as_str(), token.span.of(written), token.class)).collect();
    assert_eq!(
        got,
        [
            ("In", "In", Plain),
            ("the", "the", Plain),
            ("U S", "U.S.", Letters),
            (",", ",", Punctuation),
            ("November eighteenth", "Nov. 18", Date),
            ("cost", "cost", Plain),
            ("one point two billion dollars", "$1.2 billion", Money),
            (".", ".", Punctuation),
        ]
    );
}

/// What the contract says of any output.
fn check_contract(written: &str) {
    let tokens = normalizer(Locale::EnUs).normalize(written);
    let mut end = 0;
    for token in &tokens {
        let whole = written.get(token.span.start..token.span.end);
        assert!(whole.is_some() && token.span.start >= end, "{written:?}: {token:?}");
        end = token.span.end;
        assert!(!token.text.is_empty(), "{written:?}: {token:?}");
        let mark = matches!(token.text.as_str(), "." | "," | ";" | ":" | "!" | "?" | "—" | "…" | "“" | "”");
        assert_eq!(mark, token.class == SemioticClass::Punctuation, "{written:?}: {token:?}");
        if !mark {
            let speakable = |c: char| c.is_alphabetic() && !c.is_numeric() || matches!(c, ' ' | '\'' | '-');
            assert!(token.text.chars().all(speakable), "{written:?}: {token:?}");
            assert!(!token.text.contains("  "), "{written:?}: {token:?}");
            assert!(!token.text.starts_with(['-', ' ']) && !token.text.ends_with(['-', ' ']), "{token:?}");
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_spoken_without_digit_or_symbol(written in any::<String>()) {
        check_contract(&written);
    }

    #[test]
    fn numbers_and_marks_in_any_order_are_spoken(
        written in "([0-9]{1,5}|[A-Z]{1,4}|[a-z]{1,5}|[-.,:;/$€%°'\"“”‘’()\\[\\]#@&+~–— \n½²s×]| (million|km|a\\.m\\.|Nov\\.|St\\.|U\\.S\\.) ){0,30}"
    ) {
        check_contract(&written);
    }

    #[test]
    fn no_word_is_dropped(
        pieces in prop::collection::vec(
            ("(Biden|summit|provocations|Lima|leaders|Xi|troops|said)", "( |, |\\. | — | \\(|\\) | “|” |: | 1,234 | \\$5 million | 2024 | 3-2 | F-16 | & | / |\\n)"),
            0..20,
        )
    ) {
        let written = pieces.iter().flat_map(|(word, rest)| [word.as_str(), rest]).collect::<String>();
        let got = spoken(&written);
        let mut rest = got.as_str();
        for (word, _) in &pieces {
            let place = rest.find(word.as_str());
            prop_assert!(place.is_some(), "{word} is missing of {written:?}: {got:?}");
            rest = &rest[place.unwrap_or(0) + word.len()..];
        }
    }
}

#[test]
fn a_long_line_takes_time_in_proportion() {
    let normalizer = normalizer(Locale::EnUs);
    for pattern in
        ["a-", "1-", "1,111,", "1.", "A.", "a/", "(", "'", "\"", "x@", "$", "U.S.", "- ", "1 ", "A-1-", "°"]
    {
        let time = |length: usize| {
            let text = pattern.repeat(length / pattern.len());
            let start = std::time::Instant::now();
            normalizer.normalize(&text);
            start.elapsed().as_secs_f64()
        };
        time(1_000);
        let (short, long) = (time(20_000), time(320_000));
        // Sixteen times the text; a quadratic step would take 256 times as long.
        assert!(long < 0.05 + short * 80.0, "{pattern:?}: {short} s, then {long} s");
    }
}
