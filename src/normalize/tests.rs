//! News lines of every semiotic class, and properties that hold for any text.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::lexicon::{AcronymReading, ReadingSource};
use crate::table_test::each;
use crate::tsv;

/// The tables of news lines: the written form, the spoken form, and after further tabs other accepted forms.
const TABLES: &[(&str, Locale, &str)] = &[
    ("numbers", Locale::EnUs, include_str!("tests/numbers.tsv")),
    ("money", Locale::EnUs, include_str!("tests/money.tsv")),
    ("dates", Locale::EnUs, include_str!("tests/dates.tsv")),
    ("times", Locale::EnUs, include_str!("tests/times.tsv")),
    ("measures", Locale::EnUs, include_str!("tests/measures.tsv")),
    ("scores", Locale::EnUs, include_str!("tests/scores.tsv")),
    ("serials", Locale::EnUs, include_str!("tests/serials.tsv")),
    ("letters", Locale::EnUs, include_str!("tests/letters.tsv")),
    ("titles", Locale::EnUs, include_str!("tests/titles.tsv")),
    ("words", Locale::EnUs, include_str!("tests/words.tsv")),
    ("more", Locale::EnUs, include_str!("tests/more.tsv")),
    ("informal", Locale::EnUs, include_str!("tests/informal.tsv")),
    ("british", Locale::EnGb, include_str!("tests/british.tsv")),
];

/// The built-in acronyms, read from their data file: this module may not know the lexicon.
struct BuiltIn;

impl ReadingSource for BuiltIn {
    fn reading(&self, acronym: &str) -> Option<AcronymReading> {
        let rows = include_str!("../lexicon/data/acronyms.tsv");
        let (_, reading) = tsv::pairs(rows).find(|(known, _)| *known == acronym)?;
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

/// The lines of a table whose reading no column accepts, and the number of all lines.
fn failures(table: &str, locale: Locale, data: &str, key: fn(&str) -> String) -> (usize, String) {
    let normalizer = normalizer(locale);
    let (mut cases, mut failures) = (0, String::new());
    for row in tsv::rows(data) {
        let [written, accepted @ ..] = &row[..] else { continue };
        assert!(!accepted.is_empty(), "{table}: {written:?} has one column");
        cases += 1;
        let got = spoken_text(&normalizer.normalize(written));
        if !accepted.iter().any(|accepted| key(accepted) == key(&got)) {
            failures.push_str(&format!("{table}: {written:?}\n  want {accepted:?}\n  got  {got}\n"));
        }
    }
    (cases, failures)
}

#[test]
fn news_lines_are_spoken_as_a_newsreader_would() {
    let (mut cases, mut failed) = (0, String::new());
    for (table, locale, data) in TABLES {
        let (count, failures) = failures(table, *locale, data, str::to_owned);
        cases += count;
        failed.push_str(&failures);
    }
    assert!(failed.is_empty(), "of {cases} cases these failed:\n{failed}");
    assert!(cases >= 800, "{cases}");
}

/// Case, punctuation and hyphens do not count in the second set, which was made without knowledge of the program's
/// habits.
#[test]
fn the_second_set_is_spoken_in_an_accepted_way() {
    let key = |text: &str| {
        let text = text.to_lowercase().replace('\'', "");
        text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let (cases, failed) = failures("second", Locale::EnUs, include_str!("tests/second.tsv"), key);
    assert!(failed.is_empty(), "of {cases} cases these failed:\n{failed}");
    assert!(cases >= 150, "{cases}");
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

/// Captions show the written text: each written item is one whole span, however it is spoken.
#[test]
fn spans_cover_whole_written_items() {
    let rows = [
        ("It cost $1.2 billion, up 3.5%.", &["$1.2 billion", "3.5%"][..]),
        ("A 43-year-old ran 5 km at 10:30 p.m. KST.", &["43-year-old", "5 km", "10:30"]),
        ("The €1.2bn deal of Nov. 18, 2024, held.", &["€1.2bn", "Nov. 18", "2024"]),
        ("U.S. Lt. Gen. Kim flew a Boeing 737-800.", &["U.S.", "Lt.", "Gen.", "737-800"]),
        ("Ted Cruz (R-Texas) won 3-2.", &["R-Texas", "3-2"]),
        ("Call 1-800-555-0123 or see www.example.org.", &["1-800-555-0123", "www.example.org"]),
        ("It fell 10–15% to ½ of 1,234.", &["10–15%", "½", "1,234"]),
        ("Dust was 80 µg/m³ at 38°54′N.", &["80 µg/m³", "38°54′N"]),
        ("She won 6-4, 7-6 in 1:23.456.", &["6-4", "7-6", "1:23.456"]),
        ("It paid US$5-10 million.", &["US$5-10 million"]),
    ];
    each(rows, |(written, items)| {
        let tokens = normalizer(Locale::EnUs).normalize(written);
        let spans: Vec<&str> = tokens.iter().map(|token| token.span.of(written)).collect();
        for item in items {
            assert!(spans.contains(item), "{item:?} is no span of {written:?}: {spans:?}");
        }
        // No text with a sound stands outside the spans.
        let mut end = 0;
        for token in &tokens {
            let between = written.get(end..token.span.start).unwrap_or_default();
            assert!(!between.contains(char::is_alphanumeric), "{between:?} of {written:?} is in no span");
            end = token.span.end;
        }
    });
}

#[test]
fn monsters_are_cut_into_pieces_with_spans_of_their_own() {
    each(["7".repeat(4_000), format!("example.com/{}", "a1-".repeat(900)), "٣".repeat(2_000)], |written| {
        let tokens = normalizer(Locale::EnUs).normalize(&written);
        assert!(tokens.len() > 10, "{}", tokens.len());
        let mut end = 0;
        for token in &tokens {
            assert!(token.text.len() <= 400, "{}", token.text.len());
            assert_eq!(token.span.start, end);
            assert!(written.is_char_boundary(token.span.end));
            end = token.span.end;
        }
        assert_eq!(end, written.len());
    });
}

/// The contract for any output.
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
    fn hostile_characters_are_spoken_without_digit_or_symbol(
        written in "([0-9]{1,3}|[٠-٩०-९０-９𝟎-𝟿]{1,3}|[²³¹⁴₂½⅞Ⅻⅷ①⑳❶㉈㊿㋀㍘]|[\u{300}-\u{36F}]|[\u{200B}-\u{200F}\u{202A}-\u{202E}\u{2066}-\u{2069}\u{FEFF}]|[\u{0}-\u{1F}\u{7F}-\u{9F}]|[\u{D7B0}-\u{E010}]|[\u{FFF0}-\u{FFFD}]|[a-zA-Z]{1,6}|[—‑−~≈±€₩¥£$%‰°′″]|[ \n.,:;'\"()-]){0,40}"
    ) {
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
    let rows = [
        "a-",
        "1-",
        "1,111,",
        "1.",
        "A.",
        "a/",
        "(",
        "'",
        "\"",
        "x@",
        "$",
        "U.S.",
        "- ",
        "1 ",
        "A-1-",
        "°",
        "6-4, ",
        "1:23.",
        "Vol. ",
        "BA.2.",
        "38°1'",
        "call 1 ",
        "N. ",
        "1 000 ",
        "(A)",
        "5-year-",
        "100 Main ",
        "1/2",
        "+1 ",
        "#a1",
        "5 – ",
        "1",
        "٣",
        "x (3, ",
        "x (3). ",
        "x [8] ",
        "1.000,",
        "1.000.",
        "1-800-A",
        "t.co/",
        "1 2 ",
        "4k ",
        "5\" ",
        "may 5 ",
        "5 am - ",
        "5 / 6 ",
    ];
    each(rows, |pattern| {
        let time = |length: usize| {
            let text = pattern.repeat(length / pattern.len());
            let start = std::time::Instant::now();
            normalizer.normalize(&text);
            start.elapsed().as_secs_f64()
        };
        time(1_000);
        let (short, long) = (time(8_000), time(128_000));
        // Sixteen times the text; a quadratic step would take 256 times as long.
        assert!(long < 0.05 + short * 80.0, "{pattern:?}: {short} s, then {long} s");
    });
}
