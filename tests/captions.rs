//! Captions and chapters beside the sound, through the real binary.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::fs;

use common::sound::Sound;
use common::voice::fast;
use common::{STORY, SUMMIT, SUMMIT_STORY, TestEnv, each, fold, number};
use serde_json::Value;

const PAGE: &str =
    "# Port reopens\n\nThe port reopened.\n\n## At sea\n\nShips came back.\n\n## On land\n\nTrucks left.\n";

/// Time of a clock such as `00:01:02.345`, in seconds.
fn seconds(clock: &str) -> f64 {
    let parts = clock.replace(',', ".");
    parts.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().unwrap())
}

/// The cues of WebVTT or SRT: start, end, lines.
fn cues(text: &str) -> Vec<(f64, f64, Vec<String>)> {
    let blocks = text.trim_end().split("\n\n").filter(|block| *block != "WEBVTT");
    blocks
        .map(|block| {
            let mut lines = block.lines().skip_while(|line| !line.contains(" --> "));
            let (start, end) = lines.next().unwrap().split_once(" --> ").unwrap();
            (seconds(start), seconds(end), lines.map(plain).collect())
        })
        .collect()
}

/// A line without timestamps and escapes.
fn plain(line: &str) -> String {
    let mut text = String::new();
    for (index, part) in line.split('<').enumerate() {
        text.push_str(if index == 0 { part } else { part.split_once('>').unwrap().1 });
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn text(env: &TestEnv, name: &str) -> String {
    String::from_utf8(env.bytes(name)).unwrap()
}

/// All of a story is in its captions, in time.
#[track_caller]
fn check(env: &TestEnv, name: &str, story: &str) {
    let sound = Sound::read(&env.bytes(&format!("{name}.wav"))).seconds();
    for (ending, columns) in [("vtt", 42), ("srt", 32)] {
        let (mut shown, mut last) = (Vec::new(), 0.0);
        for (start, end, lines) in cues(&text(env, &format!("{name}.{ending}"))) {
            assert!(last <= start && start < end, "{ending}: {start} to {end} after {last}");
            assert!(end <= sound + 0.001 && end - start <= 7.0005, "{ending}: {start} to {end}");
            assert!((1..=2).contains(&lines.len()), "{ending}: {lines:?}");
            assert!(lines.iter().all(|line| line.chars().count() <= columns), "{ending}: {lines:?}");
            shown.extend(lines);
            last = end;
        }
        assert_eq!(shown.join(" "), fold(story), "{ending}");
    }
    let words: Value = serde_json::from_slice(&env.bytes(&format!("{name}.words.json"))).unwrap();
    let (mut last, mut shown) = (0.0, Vec::new());
    for word in words["sentences"].as_array().unwrap().iter().flat_map(|s| s["words"].as_array().unwrap()) {
        let (start, end) = (number(word, "start"), number(word, "end"));
        assert!(last <= start && start < end, "{word} after {last}");
        shown.push(word["text"].as_str().unwrap());
        last = end;
    }
    assert!(last < sound, "the last word ends at {last} s of {sound} s");
    assert_eq!(shown.join(" "), fold(story));
    let transcript: Value = serde_json::from_slice(&env.bytes(&format!("{name}.transcript.json"))).unwrap();
    let bodies: Vec<&str> =
        transcript["segments"].as_array().unwrap().iter().map(|s| s["body"].as_str().unwrap()).collect();
    assert_eq!(bodies.join(" "), fold(story));
}

#[test]
fn captions_hold_the_story_in_time() {
    let env = TestEnv::new();
    env.write("summit.txt", SUMMIT);
    let summary = env.summary(&["summit.txt", "--captions", "vtt,srt,json,vtt"]);
    check(&env, "output/summit", SUMMIT_STORY);
    let files = summary["captions"].as_array().unwrap();
    let names: Vec<&str> = files.iter().map(|file| file["file"].as_str().unwrap()).collect();
    let endings = ["vtt", "srt", "transcript.json", "words.json"];
    assert_eq!(names, endings.map(|ending| format!("output/summit.{ending}")));
    assert!(number(&files[0], "cues") > 10.0 && files[0]["too_wide"] == 0, "{}", files[0]);
    // A word is where its span is; these are bytes of the file, for it is UTF-8 text.
    let words: Value = serde_json::from_slice(&env.bytes("output/summit.words.json")).unwrap();
    for word in words["sentences"].as_array().unwrap().iter().flat_map(|s| s["words"].as_array().unwrap()) {
        let span = ["start", "end"].map(|key| number(&word["span"], key) as usize);
        let written = fold(&SUMMIT[span[0]..span[1]]);
        assert!(word["text"].as_str().unwrap().contains(&written), "{word}: {written}");
    }
}

#[test]
fn the_real_voice_says_each_word_in_its_time() {
    let Some(voice) = fast("the words' times") else { return };
    let env = TestEnv::new();
    let family = env.data("voices/hibari-en");
    fs::create_dir_all(&family).unwrap();
    fs::copy(&voice.model, family.join(voice.model.file_name().unwrap())).unwrap();
    env.write("summit.txt", SUMMIT);
    let args = ["--fast", "--offline", "--captions", "vtt,srt,json", "-o", "summit.wav"];
    env.ok(&[&["read", "summit.txt"], &args[..]].concat());
    check(&env, "summit", SUMMIT_STORY);
}

#[test]
fn chapters_are_written_where_there_are_headings() {
    let env = TestEnv::new();
    env.write("news/page.md", PAGE);
    env.write("news/story.txt", STORY);
    let run = env.ok(&["batch", "--voice", "tone", "--chapters", "--captions", "srt", "news"]);
    assert!(run.stdout.contains("output/page.chapters.json"), "{run}");
    let results: Vec<String> = env.files().into_iter().filter(|name| name.starts_with("output/")).collect();
    let want = ["page.chapters.json", "page.srt", "page.wav", "story.srt", "story.wav"];
    assert_eq!(results, want.map(|name| format!("output/{name}")), "{run}");
    let chapters: Value = serde_json::from_slice(&env.bytes("output/page.chapters.json")).unwrap();
    let titles = chapters["chapters"].as_array().unwrap().iter().map(|chapter| &chapter["title"]);
    assert_eq!(titles.collect::<Vec<_>>(), ["Port reopens", "At sea", "On land"]);
    assert_eq!((&chapters["version"], &chapters["chapters"][0]["startTime"]), (&"1.2.0".into(), &0.0.into()));
}

#[test]
fn captions_are_refused_where_they_can_not_stand() {
    let env = TestEnv::new();
    env.write("a.txt", STORY);
    env.write("talk.vtt", STORY);
    env.write("old.vtt", "precious");
    let rows = [
        (&["a.txt", "-o", "-", "--captions", "vtt"][..], 2, &["standard output", "-o"][..]),
        (&["a.txt", "-o", "-", "--chapters"], 2, &["standard output", "-o"]),
        (&["talk.vtt", "-o", "talk.wav", "--captions", "vtt", "--force"], 2, &["talk.vtt", "overwrite"]),
        (&["a.txt", "-o", "old.wav", "--captions", "vtt"], 3, &["old.vtt", "exists", "--force"]),
        (&["a.txt", "--captions", "ssa"], 2, &["ssa", "vtt", "srt", "json"]),
    ];
    each(rows, |(args, code, words)| {
        env.refused(&[&["read", "--voice", "tone"], args].concat(), code, words);
        assert_eq!(env.bytes("old.vtt"), b"precious");
    });
    env.ok(&["read", "--voice", "tone", "a.txt", "-o", "old.wav", "--captions", "vtt", "--force"]);
    assert!(text(&env, "old.vtt").starts_with("WEBVTT\n\n"));
}
