//! Output never steers a terminal: neither by a file's name nor by an article's text.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use common::{BINARY, Need, STORY, TestEnv, skip};

/// A name that controls terminals, forges a line, and reverses the text after it.
const HOSTILE: &str = "a\u{1b}]0;PWN\u{7}\u{1b}[2J\u{9b}31m\naudio-report: all is well\u{202e}.txt";

fn check_harmless(what: &str, text: &str) {
    let is_bad = |c: &char| {
        (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert_eq!(text.chars().find(is_bad), None, "{what}: {text:?}");
    assert!(text.lines().all(|line| !line.starts_with("audio-report: all is well")), "{what}: {text}");
}

#[test]
fn f7_a_file_name_steers_no_terminal() {
    let env = TestEnv::new();
    env.write(HOSTILE, STORY);
    env.write(&format!("bad/{HOSTILE}"), "%PDF-1.7\n");
    let bad = format!("bad/{HOSTILE}");
    let missing = format!("no{HOSTILE}");
    let option = format!("--{HOSTILE}");
    for args in [
        &["read", "--voice", "tone", "--force", HOSTILE][..],
        &["read", "--voice", "tone", HOSTILE],
        &["read", "--voice", "tone", "--force", "--json", HOSTILE],
        &["batch", "--voice", "tone", "--force", "."],
        &["batch", "--voice", "tone", "--json", "bad"],
        &["read", "--voice", "tone", &bad],
        &["read", "--voice", "tone", &missing],
        &["read", "--voice", "tone", "--force", "-o", "x.mp3", HOSTILE],
        &["explain", &bad],
        &["play", &missing],
        &["lexicon", "check", HOSTILE],
        &["lexicon", "check", &missing],
        &["read", &option],
        &["batch", &format!("{missing}*")],
    ] {
        let run = env.run(args);
        assert!(run.code.is_some_and(|code| code != 101), "{run}");
        check_harmless("standard output", &run.stdout);
        check_harmless("standard error", &run.stderr);
    }
    let line = env.run(&["read", "--voice", "tone", "--force", "--json", HOSTILE]).json_lines().remove(0);
    assert_eq!(line["input"], HOSTILE, "JSON has the name as it is");
}

#[test]
fn f7_the_bars_steer_no_terminal() {
    let env = TestEnv::new();
    env.write(&format!("news/{HOSTILE}"), STORY.repeat(200));
    let mut command = env.command_of("script");
    command.args(["-qec", "\"$BINARY\" batch --voice tone news", "/dev/null"]);
    command.env("BINARY", BINARY).env("TERM", "xterm");
    let Ok(output) = command.output() else {
        return skip(Need::System, "bars on a terminal", "script can't be run");
    };
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    // The output holds each state of the bars: too much for a message.
    let end: String = shown.chars().skip(shown.chars().count().saturating_sub(500)).collect();
    assert!(output.status.success() && shown.contains("1 article read"), "{end:?}");
    assert!(shown.contains("\u{1b}["), "bars are drawn on a terminal: {end:?}");
    for part in ["\u{1b}]0;", "\u{7}", "\u{1b}[2J", "\u{9b}", "\u{202e}", "\naudio-report: all is well"] {
        assert!(!shown.contains(part), "{part:?} is shown: {end:?}");
    }
}

#[test]
fn f7_an_article_turns_no_line() {
    let env = TestEnv::new();
    env.write("turned.txt", format!("Ships \u{202e}back\u{2066} came \u{9b}2J at noon.\n\n{STORY}"));
    for args in [
        &["explain", "turned.txt"][..],
        &["explain", "--stage", "sentences", "turned.txt"],
        &["explain", "--stage", "article", "turned.txt"],
        &["explain", "--stage", "article", "--json", "turned.txt"],
        &["read", "--voice", "tone", "--json", "turned.txt"],
    ] {
        check_harmless(&args.join(" "), &env.ok(args).stdout);
    }
}
