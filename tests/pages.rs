//! Pages in the styles of news sites, each beside its expected result: the text that is read, and the omitted pieces
//! with their reasons.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use audio_report::article::{Article, BlockKind, ReadOptions, read_article};
use common::{TestEnv, each, fold};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pages")
}

/// The pages with their contents, sorted by name.
fn pages() -> Vec<(String, Vec<u8>)> {
    let mut pages: Vec<(String, Vec<u8>)> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "expected"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()))
        .collect();
    pages.sort();
    assert!(pages.len() >= 18, "only {} pages are there", pages.len());
    pages
}

/// An article as the `.expected` files write it.
fn show(article: &Article) -> String {
    let mut out = String::new();
    let rows = [
        ("title", article.title()),
        ("byline", article.byline()),
        ("date", article.date()),
        ("language", article.language()),
        ("image", article.image()),
    ];
    each(rows, |(name, field)| {
        if let Some(value) = field {
            writeln!(out, "{name}: {value}").unwrap();
        }
    });
    out.push('\n');
    for block in article.blocks().iter().filter(|block| block.kind != BlockKind::Title) {
        let kind = match block.kind {
            BlockKind::ListItem => "list".to_owned(),
            kind => format!("{kind:?}").to_lowercase(),
        };
        writeln!(out, "{kind}: {}", fold(block.span.of(article.text()))).unwrap();
    }
    out.push('\n');
    for removed in article.removed() {
        let reason = serde_json::to_value(removed.reason).unwrap();
        writeln!(out, "- {}: {}", reason.as_str().unwrap(), fold(removed.span.of(article.text()))).unwrap();
    }
    out.trim_end().to_owned() + "\n"
}

#[test]
fn pages_become_what_is_expected() {
    for (name, page) in pages() {
        let article = read_article(&page, &name, &ReadOptions::default()).unwrap();
        let expected = fs::read_to_string(folder().join(format!("{name}.expected"))).unwrap();
        assert_eq!(show(&article), expected, "{name}");
    }
}

/// With any options, each word of the text is in one block or one removed piece.
#[test]
fn no_word_is_lost_or_read_twice() {
    for (name, page) in pages() {
        for captions in [false, true] {
            let options = ReadOptions::default().with_captions(captions).with_byline(captions);
            let article = read_article(&page, &name, &options).unwrap();
            let mut spans: Vec<_> = article.blocks().iter().map(|block| block.span).collect();
            spans.extend(article.removed().iter().map(|removed| removed.span));
            spans.sort();
            let mut end = 0;
            for span in spans {
                assert!(span.start >= end, "{name}: {span:?} begins before {end}");
                let between = &article.text()[end..span.start];
                assert!(!between.contains(char::is_alphanumeric), "{name}: {between:?} is lost");
                end = span.end;
            }
            assert!(!article.text()[end..].contains(char::is_alphanumeric), "{name}: the end is lost");
        }
    }
}

#[test]
fn captions_and_bylines_are_read_when_asked_for() {
    let env = TestEnv::new();
    for (name, page) in pages() {
        env.write(&name, page);
    }
    let rows = [
        (&[][..], &[][..]),
        (&["--with", "captions"], &["caption", "caption", "caption"]),
        (&["--with", "byline"], &["byline"]),
        (&["--with", "captions,byline"], &["byline", "caption", "caption", "caption"]),
    ];
    each(rows, |(with, want)| {
        let args = [&["explain", "--stage", "article", "--json", "captions.html"], with].concat();
        let object = env.ok(&args).json_lines().remove(0);
        let kinds: Vec<&str> =
            object["blocks"].as_array().unwrap().iter().filter_map(|b| b["kind"].as_str()).collect();
        let extra: Vec<&str> = kinds.iter().copied().filter(|kind| *kind != "paragraph").collect();
        assert_eq!(extra, want, "{with:?}: {object}");
        assert_eq!(kinds.len() - extra.len(), 3, "{with:?}");
        // The caption that stands twice is read once.
        let reasons: Vec<&str> =
            object["removed"].as_array().unwrap().iter().filter_map(|r| r["reason"].as_str()).collect();
        assert_eq!(
            reasons.contains(&"duplicate"),
            with.iter().any(|word| word.contains("captions")),
            "{with:?}"
        );
        let summary = env.summary(&[&["--force", "captions.html"], with].concat());
        // The requested parts are spoken: the title and five sentences are there anyway.
        let heard: Vec<&str> =
            summary["sentences"].as_array().unwrap().iter().filter_map(|s| s["text"].as_str()).collect();
        let is_heard = |text: &str| heard.iter().any(|sentence| sentence.starts_with(text));
        assert_eq!(is_heard("By John Doe"), want.contains(&"byline"), "{with:?}: {heard:?}");
        assert_eq!(is_heard("Seven octaves"), want.contains(&"caption"), "{with:?}: {heard:?}");
        assert!(heard.len() >= 6 + want.len(), "{with:?}: {heard:?}");
    });
    env.run(&["read", "--with", "pictures", "captions.html"]).expect(2);
}

#[test]
fn all_pages_are_read_in_one_batch() {
    let env = TestEnv::new();
    for (name, page) in pages() {
        env.write(&format!("news/{name}"), page);
    }
    let run = env.ok(&["batch", "--voice", "tone", "news"]);
    let said = format!("{} articles read, 0 failed", pages().len());
    assert!(run.stdout.contains(&said), "{run}");
}

#[test]
fn the_stage_is_shown_for_people() {
    let env = TestEnv::new();
    env.write("portal.html", fs::read(folder().join("portal.html")).unwrap());
    let run = env.ok(&["explain", "--stage", "article", "portal.html"]);
    let rows = [
        "byline     Jane Roe\n",
        "language   en-US\n",
        "\nread:\n  title            Harbor bridge to be lit again\n",
        "  heading          Who pays\n",
        "\nleft out:\n",
        "  cookie notice    This website uses cookies",
    ];
    each(rows, |words| {
        assert!(run.stdout.contains(words), "“{words}” is missing\n{run}");
    });
    // From standard input it is the same.
    let page = env.bytes("portal.html");
    let piped = env.run_with_input(&["explain", "--stage", "article", "-"], &page).expect(0);
    assert_eq!(piped.stdout, run.stdout);
}

#[test]
fn json_has_the_fields_that_are_promised() {
    let env = TestEnv::new();
    env.write("liveblog.html", fs::read(folder().join("liveblog.html")).unwrap());
    let object = env.ok(&["explain", "--stage", "article", "--json", "liveblog.html"]).json_lines().remove(0);
    assert_eq!(object["title"], "Storm Nabi live: ports shut as winds reach 140 km/h");
    assert_eq!(object["byline"], "Jane Roe, John Doe");
    assert_eq!(object["date"], "2024-11-18T06:00:00Z");
    assert_eq!(object["language"], "en-GB");
    let text = object["text"].as_str().unwrap();
    for list in ["blocks", "removed"] {
        for piece in object[list].as_array().unwrap() {
            let at = |end: &str| piece["span"][end].as_u64().unwrap() as usize;
            assert_eq!(fold(&text[at("start")..at("end")]), piece["text"].as_str().unwrap(), "{piece}");
        }
    }
    assert!(object["blocks"].as_array().unwrap().iter().all(|block| block["kind"] != "title"));
    // Fields that a page does not have are present, and null.
    env.write("plain.txt", common::STORY);
    let object = env.ok(&["explain", "--stage", "article", "--json", "plain.txt"]).json_lines().remove(0);
    for field in ["title", "byline", "date", "language"] {
        assert_eq!(object[field], Value::Null, "{field}");
    }
    env.refused(&["explain", "--stage", "spoken", "--json", "plain.txt"], 2, &["--jsonl", "what to do"]);
}

#[test]
fn every_line_of_json_is_a_page() {
    let env = TestEnv::new();
    let texts = [
        "<h1>Port reopens after storm</h1><p>The port reopened on Monday. Ships came back.</p>".to_owned(),
        "Port reopens\n\nThe port reopened on Monday.\n\nRelated Article".to_owned(),
        "# Port reopens\n\nThe **port** reopened.".to_owned(),
        "<html><body><script>draw()</script></body></html>".to_owned(),
        String::new(),
    ];
    let lines: Vec<String> = texts.iter().map(|text| Value::from(text.as_str()).to_string()).collect();
    let args = ["explain", "--stage", "article", "--jsonl", "-"];
    let run = env.run_with_input(&args, lines.join("\n").as_bytes()).expect(0);
    let results = run.json_lines();
    assert_eq!(results.len(), texts.len(), "{run}");
    let blocks = |line: usize| results[line]["blocks"].as_array().unwrap().len();
    assert_eq!(results[0]["title"], "Port reopens after storm");
    assert_eq!(results[1]["removed"][0]["reason"], "related");
    assert_eq!(results[2]["blocks"][0]["text"], "The port reopened.");
    assert_eq!([0, 1, 2, 3, 4].map(blocks), [1, 1, 1, 0, 0]);
    // A page that can't be read has a line, too.
    let mixed = format!("{}\n\"<rss><channel/></rss>\"\n{}", lines[0], lines[1]);
    let run = env.run_with_input(&args, mixed.as_bytes()).expect(1);
    let results = run.json_lines();
    assert_eq!(results.len(), 3, "{run}");
    assert!(results[1]["error"].as_str().unwrap().contains("feed"), "{run}");
    assert!(run.stderr.contains("line 2 of standard input"), "{run}");
}

/// A page of teasers has no story of its own. What is read of it is doubtful, and the program says so.
#[test]
fn a_doubtful_story_is_named_and_strictly_refused() {
    let env = TestEnv::new();
    for name in ["notes.html", "portal.html"] {
        env.write(name, fs::read(folder().join(name)).unwrap());
    }
    env.write("copied.txt", common::STORY);
    let explain = |name| env.ok(&["explain", "--stage", "article", "--json", name]).json_lines().remove(0);
    let (doubtful, sure, copied) = (explain("notes.html"), explain("portal.html"), explain("copied.txt"));
    let confidence = |object: &Value| object["confidence"].as_f64().unwrap();
    assert!((0.0..0.9).contains(&confidence(&doubtful)), "{doubtful}");
    assert!((0.9..=1.0).contains(&confidence(&sure)), "{sure}");
    assert_eq!(doubtful["decided"]["by"], "prose");
    assert_eq!(sure["decided"]["by"], "vote");
    assert!(sure["blocks"].as_array().unwrap().iter().all(|block| block["reason"] == "rules"), "{sure}");
    // Copied text goes by rules alone.
    assert_eq!((&copied["confidence"], &copied["decided"]), (&Value::Null, &Value::Null));
    assert_eq!(copied["blocks"][0]["reason"], Value::Null);
    let shown = env.ok(&["explain", "--stage", "article", "notes.html"]);
    assert!(shown.stdout.starts_with("sure "), "{shown}");

    let look = "audio-report explain --stage article notes.html";
    let read = ["read", "--voice", "tone"];
    let run = env.ok(&[&read[..], &["notes.html"]].concat());
    assert!(run.stdout.contains("doubtful: ") && run.stdout.contains(look), "{run}");
    let run = env.ok(&[&read[..], &["portal.html", "copied.txt", "--strict"]].concat());
    assert!(!run.stdout.contains("doubtful"), "{run}");
    assert_eq!(env.summary(&["--force", "notes.html"])["confidence"], doubtful["confidence"]);

    env.refused(
        &[&read[..], &["--strict", "-o", "x.wav", "notes.html"]].concat(),
        3,
        &["doubtful", "notes.html", "explain"],
    );
    let run = env
        .run(&[&read[..], &["--force", "--strict", "--json", "notes.html", "portal.html"]].concat())
        .expect(1);
    assert_eq!(run.json_lines()[0]["kind"], "Doubtful", "{run}");
}
