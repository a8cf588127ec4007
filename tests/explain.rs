//! `explain`: the spoken form and the reasons; no voice is needed and no file is written.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use common::{STORY, SUMMIT, SUMMIT_STORY, TestEnv, each, fold};
use serde_json::Value;

const LINES: &str = "Dr. Kim paid $3.5 million in 2024. Was it worth it?";

#[test]
fn every_stage_has_a_line_a_sentence() {
    let env = TestEnv::new();
    env.write("story.txt", LINES);
    let rows = [
        ("sentences", [&["Dr. Kim paid $3.5 million in 2024."][..], &["Was it worth it?"]]),
        (
            "spoken",
            [
                &["Doctor Kim", "three point five million dollars", "twenty twenty-four"],
                &["Was it worth it?"],
            ],
        ),
        ("phonemes", [&["mˈɪljᵊn dˈɑləɹz"], &["wˈɜɹθ"]]),
    ];
    each(rows, |(stage, words)| {
        let run = env.ok(&["explain", "--stage", stage, "story.txt"]);
        let lines: Vec<&str> = run.stdout.lines().collect();
        assert_eq!(lines.len(), 2, "{stage}\n{run}");
        for (line, words) in lines.iter().zip(words) {
            for word in words {
                assert!(line.contains(word), "{stage}: “{word}” is missing in “{line}”");
            }
        }
        let piped = env.run_with_input(&["explain", "--stage", stage, "-"], LINES.as_bytes()).expect(0);
        assert_eq!(piped.stdout, run.stdout, "{stage}: standard input");
        assert_eq!(run.stderr, "", "{stage}\n{run}");
    });
    assert_eq!(env.files(), ["story.txt"]);
}

#[test]
fn the_voice_decides_the_dialect() {
    let env = TestEnv::new();
    env.write("story.txt", "The water was hotter in the garden.");
    let phonemes =
        |voice: &[&str]| env.ok(&[&["explain", "--stage", "phonemes", "story.txt"], voice].concat()).stdout;
    let american = phonemes(&[]);
    assert_eq!(american, phonemes(&["--voice", "tone"]));
    assert_eq!(american, phonemes(&["--voice", "am_adam"]));
    assert_ne!(american, phonemes(&["--voice", "bf_emma"]));
    env.refused(&["explain", "story.txt", "--voice", "bf_ema"], 2, &["bf_ema", "bf_emma", "voices list"]);
}

#[test]
fn the_sentences_are_those_of_the_story() {
    let env = TestEnv::new();
    env.write("summit.txt", SUMMIT);
    let run = env.ok(&["explain", "--stage", "sentences", "summit.txt"]);
    assert_eq!(fold(&run.stdout), fold(SUMMIT_STORY));
    assert!(run.stdout.lines().count() > 25, "{run}");
}

/// Runs a stage over JSON strings, one a line.
#[track_caller]
fn json_lines(env: &TestEnv, stage: &str, texts: &[&str]) -> Vec<Value> {
    let input: Vec<String> = texts.iter().map(|text| Value::from(*text).to_string()).collect();
    let input = input.join("\n");
    let run = env.run_with_input(&["explain", "--stage", stage, "--jsonl", "-"], input.as_bytes()).expect(0);
    let lines = run.json_lines();
    assert_eq!(lines.len(), texts.len(), "one line out for each line in\n{run}");
    lines
}

const TEXTS: [&str; 8] = [
    "It rose 3.5% in the U.S. last year. Why?",
    "“We are ready,” she said. “Are you?”",
    "One line\nand another.\n\nA paragraph.",
    "서울의 봄. Café naïve \u{1f600}!",
    "Tab\there, \"quotes\" and \\ there.",
    "",
    "   ",
    "…",
];

#[test]
fn json_sentences_are_slices_of_the_line() {
    let env = TestEnv::new();
    for (text, result) in TEXTS.iter().zip(json_lines(&env, "sentences", &TEXTS)) {
        let sentences = result.as_array().unwrap_or_else(|| panic!("{text:?}: {result} is no array"));
        // Pictures are not shown.
        let text = text.replace(" \u{1f600}", "");
        let mut rest = text.as_str();
        for sentence in sentences {
            let sentence = sentence.as_str().unwrap();
            let at =
                rest.find(sentence).unwrap_or_else(|| panic!("{text:?}: {sentence:?} is not in {rest:?}"));
            let between = &rest[..at];
            assert!(between.trim().is_empty(), "{text:?}: {between:?} is in no sentence");
            assert_eq!(sentence.trim(), sentence, "{text:?}: white space around {sentence:?}");
            rest = &rest[at + sentence.len()..];
        }
        assert!(rest.trim().is_empty(), "{text:?}: {rest:?} is in no sentence");
    }
    assert_eq!(
        json_lines(&env, "sentences", &TEXTS[..1])[0],
        Value::from(vec!["It rose 3.5% in the U.S. last year.", "Why?"])
    );
}

/// Nothing of what is not read remains: byte order marks, and pictures that are joined, coloured or flags.
#[test]
fn g08_g09_sentences_show_no_marks_and_no_pictures() {
    let env = TestEnv::new();
    let rows = [
        ("The minis\u{feff}ter resigned.\u{feff} He left.", &["The minister resigned.", "He left."][..]),
        (
            "Fans cheered \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} all night. \u{1f3f3}\u{fe0f}\u{200d}\u{1f308}",
            &["Fans cheered all night."],
        ),
        (
            "Korea \u{1f1f0}\u{1f1f7} won, \u{1f44d}\u{1f3fd} said Kim. Why \u{2708}\u{fe0f}?",
            &["Korea won, said Kim.", "Why?"],
        ),
        ("\u{1f389} It is open! \u{2705}\u{2b50}", &["It is open!"]),
        ("\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Scotland won.", &["Scotland won."]),
        ("\u{1f389}", &[]),
        ("It is gone.\u{fffd} \u{fffd}He left.", &["It is gone.\u{fffd}", "\u{fffd}He left."]),
        ("Press 1\u{fe0f}\u{20e3} now.", &["Press 1 now."]),
        // Words of other scripts keep their joiners.
        (
            "\u{0645}\u{06cc}\u{200c}\u{062e}\u{0648}\u{0627}\u{0647}\u{0645} read.",
            &["\u{0645}\u{06cc}\u{200c}\u{062e}\u{0648}\u{0627}\u{0647}\u{0645} read."],
        ),
    ];
    let texts: Vec<&str> = rows.iter().map(|(text, _)| *text).collect();
    for ((text, want), result) in rows.iter().zip(json_lines(&env, "sentences", &texts)) {
        assert_eq!(result, Value::from(want.to_vec()), "{text:?}");
        env.write("story.txt", text);
        if !want.is_empty() {
            let run = env.ok(&["explain", "--stage", "sentences", "story.txt"]);
            assert_eq!(run.stdout.lines().collect::<Vec<_>>(), *want, "{text:?}");
        }
    }
}

#[test]
fn json_speech_is_one_string() {
    let env = TestEnv::new();
    for (stage, word) in [("spoken", "three point five percent"), ("phonemes", "pəɹsˈɛnt")] {
        let results = json_lines(&env, stage, &TEXTS);
        for (text, result) in TEXTS.iter().zip(&results) {
            let line = result.as_str().unwrap_or_else(|| panic!("{stage}, {text:?}: {result} is no string"));
            assert_eq!(
                line.is_empty(),
                text.trim().is_empty() || *text == "…" && line.is_empty(),
                "{stage}, {text:?}: {line:?}"
            );
            assert!(!line.contains(['\n', '❓']), "{stage}, {text:?}: {line:?}");
        }
        assert!(results[0].as_str().unwrap().contains(word), "{stage}: {}", results[0]);
    }
}

#[test]
fn bad_json_lines_are_placed() {
    let env = TestEnv::new();
    let rows = [
        ("number.jsonl", "5"),
        ("bare.jsonl", "It rose."),
        ("open.jsonl", "\"It rose."),
        ("array.jsonl", "[\"a\"]"),
    ];
    each(rows, |(name, second)| {
        // Blank lines count as lines.
        env.write(name, format!("\"First.\"\n\n{second}\n\"Last.\"\n"));
        let run = env.run(&["explain", "--stage", "sentences", "--jsonl", name]).expect(3);
        assert_eq!(run.stdout, "[\"First.\"]\n", "{name}\n{run}");
        let place = format!("{name}:3:");
        for word in [&place, "JSON", "what to do"] {
            assert!(run.stderr.contains(word), "{name}: “{word}” is missing\n{run}");
        }
    });
    let run = env.run_with_input(&["explain", "--stage", "spoken", "--jsonl", "-"], b"\"a\xff\"\n").expect(3);
    assert!(run.stderr.contains("standard input:1:"), "{run}");
    // The lines of JSON are a stage's.
    let run = env.run(&["explain", "--jsonl", "number.jsonl"]).expect(2);
    assert!(run.stderr.contains("--stage"), "{run}");
}

#[test]
fn the_whole_view_says_what_is_left_out_and_why_things_are_said_so() {
    let env = TestEnv::new();
    env.write("summit.txt", SUMMIT);
    let run = env.ok(&["explain", "summit.txt"]);
    let rows = [
        ("left out:", "the list"),
        ("Home > Business", "the breadcrumb"),
        ("Container ships wait", "the caption"),
        ("BY STAFF REPORTERS", "the byline"),
        ("log in", "page furniture"),
        ("\ntitle\n", "kinds of blocks"),
        ("\nparagraph\n", "kinds of blocks"),
        ("  written   Five Asian ports agree", "the headline as written"),
        ("  spoken    Five Asian ports agree", "the headline as spoken"),
        ("  phonemes  fˈIv ", "its phonemes"),
        ("because", "the reasons"),
        ("“$1.2 billion” is money: ", "a reason"),
    ];
    each(rows, |(words, what)| {
        assert!(run.stdout.contains(words), "{what}: “{words}” is missing\n{run}");
    });
    for reason in ["breadcrumb", "repeated title", "caption", "byline", "page furniture"] {
        assert!(run.stdout.lines().any(|line| line.trim_start().starts_with(reason)), "{reason}\n{run}");
    }
    // Each sentence of the story, once, as it is written.
    let written: Vec<&str> = run
        .stdout
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("written "))
        .map(str::trim)
        .collect();
    assert_eq!(written.join(" "), fold(SUMMIT_STORY));
    assert_eq!(run.stderr, "", "{run}");
    assert_eq!(env.files(), ["summit.txt"]);
}

#[test]
fn no_voice_is_needed_and_none_is_fetched() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    let rows = [
        &["explain", "story.txt"][..],
        &["explain", "--stage", "phonemes", "--voice", "bm_george", "story.txt"],
    ];
    each(rows, |args| {
        let run = env.ok(args);
        assert!(run.stdout.len() > 40, "{run}");
        assert!(!env.data("voices").exists(), "a voice was looked for\n{run}");
    });
    assert_eq!(env.files(), ["story.txt"]);
}
