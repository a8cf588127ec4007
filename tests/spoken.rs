//! The front end as other programs measure it: `explain --jsonl`, line by line, and the conventions that `--locale` chooses.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::time::Instant;

use common::{TestEnv, each};

const AMERICAN: [&str; 13] = [
    include_str!("../src/normalize/tests/numbers.tsv"),
    include_str!("../src/normalize/tests/money.tsv"),
    include_str!("../src/normalize/tests/dates.tsv"),
    include_str!("../src/normalize/tests/times.tsv"),
    include_str!("../src/normalize/tests/measures.tsv"),
    include_str!("../src/normalize/tests/scores.tsv"),
    include_str!("../src/normalize/tests/serials.tsv"),
    include_str!("../src/normalize/tests/letters.tsv"),
    include_str!("../src/normalize/tests/titles.tsv"),
    include_str!("../src/normalize/tests/words.tsv"),
    include_str!("../src/normalize/tests/more.tsv"),
    include_str!("../src/normalize/tests/informal.tsv"),
    include_str!("../src/normalize/tests/second.tsv"),
];
const BRITISH: &str = include_str!("../src/normalize/tests/british.tsv");
const SENTENCES: [&str; 3] = [
    include_str!("data/sentences.txt"),
    include_str!("data/sentences_second.txt"),
    include_str!("data/sentences_third.txt"),
];

/// The results of a stage for JSON strings, one a line.
fn explain<T: serde::de::DeserializeOwned>(stage: &str, locale: &str, lines: &[String]) -> Vec<T> {
    let input: Vec<String> = lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
    let arguments = ["explain", "--stage", stage, "--jsonl", "--locale", locale, "-"];
    let run = TestEnv::new().run_with_input(&arguments, input.join("\n").as_bytes()).expect(0);
    let results: Vec<T> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(results.len(), lines.len());
    results
}

/// Words alone: where a sentence ends is another question.
fn words(text: &str) -> String {
    let text = text.to_lowercase().replace('\'', "");
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn check_spoken(locale: &str, tables: &[&str]) -> usize {
    let rows: Vec<Vec<&str>> = tables
        .iter()
        .flat_map(|table| table.lines())
        .filter(|line| !line.starts_with("# "))
        .map(|line| line.split('\t').collect())
        .collect();
    let written: Vec<String> = rows.iter().map(|row| row[0].to_owned()).collect();
    let mut wrong = Vec::new();
    for (row, got) in rows.iter().zip(explain::<String>("spoken", locale, &written)) {
        if !row[1..].iter().any(|accepted| words(accepted) == words(&got)) {
            wrong.push(format!("{:?}\n  want {:?}\n  got  {got}", row[0], &row[1..]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} lines are wrong:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
    rows.len()
}

#[test]
fn every_news_line_is_spoken_through_the_program() {
    assert!(check_spoken("en-US", &AMERICAN) >= 950);
    assert!(check_spoken("en-GB", &[BRITISH]) >= 30);
}

#[test]
fn sentences_are_slices_of_the_source() {
    let cases: Vec<String> = SENTENCES
        .iter()
        .flat_map(|table| table.lines())
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.replace("\\r", "\r").replace("\\n", "\n"))
        .collect();
    let texts: Vec<String> = cases.iter().map(|case| case.replace('¦', "")).collect();
    // Pictures and byte order marks are no part of what is shown.
    let is_unseen =
        |c: char| matches!(c, '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{26ff}' | '\u{fe0f}' | '\u{feff}');
    let shown = |text: &str| text.replace(is_unseen, "");
    for ((case, text), got) in
        cases.iter().zip(&texts).zip(explain::<Vec<String>>("sentences", "en-US", &texts))
    {
        let (case, text) = (shown(case), shown(text));
        let want: Vec<&str> = case.split('¦').map(str::trim).collect();
        assert_eq!(got, want, "{text:?}");
        let mut rest = text.as_str();
        for sentence in &got {
            let at = rest
                .find(sentence.as_str())
                .unwrap_or_else(|| panic!("{sentence:?} is no slice of {text:?}"));
            assert!(rest[..at].trim().is_empty(), "{:?} is in no sentence of {text:?}", &rest[..at]);
            rest = &rest[at + sentence.len()..];
        }
        assert!(rest.trim().is_empty(), "{rest:?} is in no sentence of {text:?}");
    }
}

#[test]
fn the_voice_decides_the_locale_and_the_option_overrules_it() {
    let env = TestEnv::new();
    env.write("story.txt", "On 3/4/2024 the NZ team of 105 won 2-0.");
    let shown = |stage: &str, options: &[&str]| {
        env.ok(&[&["explain", "--stage", stage, "story.txt"], options].concat()).stdout
    };
    let american = "On March fourth twenty twenty-four the N Z team of one hundred five won two to zero.\n";
    let british =
        "On the third of April twenty twenty-four the N Z team of one hundred and five won two nil.\n";
    let rows = [
        (&[][..], american, "zˈi"),
        (&["--voice", "bf_emma"], british, "zˈɛd"),
        (&["--locale", "en-GB"], british, "zˈɛd"),
        (&["--voice", "bf_emma", "--locale", "en-us"], american, "zˈi"),
    ];
    each(rows, |(options, want, letter)| {
        assert_eq!(shown("spoken", options), want, "{options:?}");
        assert!(shown("phonemes", options).contains(&format!("ˌɛn{letter}")), "{options:?}");
    });
    for command in ["explain", "read", "play", "batch"] {
        env.refused(&[command, "story.txt", "--locale", "de-DE"], 2, &["de-DE", "en-US, en-GB"]);
    }
}

/// A line of 5 MB without a stop takes about five times as long as one of 1 MB; a quadratic step would take 25 times.
#[test]
fn a_line_without_a_stop_takes_time_in_proportion() {
    let env = TestEnv::new();
    let sentence =
        "the fund of $1.2 billion grew 3.5% to 4,200 members in 2024 while F-16 jets flew over Busan ";
    let time = |megabytes: usize| {
        let line = serde_json::to_string(&sentence.repeat((megabytes << 20) / sentence.len())).unwrap();
        env.write("line.jsonl", line);
        let start = Instant::now();
        env.ok(&["explain", "--stage", "spoken", "--jsonl", "line.jsonl"]);
        start.elapsed().as_secs_f64()
    };
    let (short, long) = (time(1), time(5));
    assert!(long < 0.5 + 15.0 * short, "{short} s, then {long} s");
}

#[test]
fn numbers_are_read_by_what_else_the_page_shows() {
    let lines =
        ["The fair had 45.312 visits. Rents rose 3,5 %.", "The index rose 45.312 points. Rents rose 3.5%."];
    let spoken = explain::<String>("spoken", "en-US", &lines.map(str::to_owned));
    assert!(spoken[0].contains("forty-five thousand three hundred twelve visits"), "{}", spoken[0]);
    assert!(spoken[1].contains("forty-five point three one two points"), "{}", spoken[1]);
}

#[test]
fn the_british_weigh_in_stone() {
    let lines =
        ["He weighs 11st 4lb.", "She lost 11st in a year.", "It is the 21st today."].map(str::to_owned);
    let want = [
        "He weighs eleven stone four pounds.",
        "She lost eleven stone in a year.",
        "It is the twenty-first today.",
    ];
    assert_eq!(explain::<String>("spoken", "en-GB", &lines), want);
}

/// Each word with a capital in front; what begins with a digit stays.
fn titled(line: &str) -> String {
    let word = |word: &str| {
        let start = word.find(|c: char| c.is_alphanumeric()).unwrap_or(0);
        let (mark, rest) = word.split_at(start);
        let mut letters = rest.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        format!("{mark}{first}{}", letters.as_str())
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn news_is_spoken_alike_in_every_case() {
    let listed: Vec<&str> = include_str!("data/case_words.txt").lines().skip(1).collect();
    assert!(listed.len() <= 60, "{} words", listed.len());
    let lines: Vec<String> = include_str!("data/case_lines.txt").lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 200);
    // A listed word may be spelled or said: both are left out.
    let spoken = |lines: &[String]| -> Vec<String> {
        let results = explain::<String>("spoken", "en-US", lines).into_iter();
        results
            .map(|line| {
                let mut line = format!(" {} ", words(&line));
                for word in &listed {
                    let letters: Vec<String> = word.chars().map(String::from).collect();
                    line = line.replace(&format!(" {} ", letters.join(" ")), " ");
                    line = line.replace(&format!(" {word} "), " ");
                }
                line.replace(" gram ", " ")
            })
            .collect()
    };
    let forms = [
        ("small", lines.iter().map(|line| line.to_lowercase()).collect::<Vec<_>>()),
        ("capitals", lines.iter().map(|line| line.to_uppercase()).collect()),
        ("title", lines.iter().map(|line| titled(line)).collect()),
    ];
    let wanted = spoken(&lines);
    let (mut alike, mut wrong) = (vec![true; lines.len()], Vec::new());
    for (name, written) in forms {
        for (at, got) in spoken(&written).into_iter().enumerate() {
            if got != wanted[at] {
                alike[at] = false;
                wrong.push(format!("{name}: {}\n  want {}\n  got  {got}", written[at], wanted[at]));
            }
        }
    }
    let share = alike.iter().filter(|alike| **alike).count();
    assert!(share * 100 >= 97 * lines.len(), "{share} of {}:\n{}", lines.len(), wrong.join("\n"));
}
