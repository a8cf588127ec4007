//! What a newsroom wants of a batch in the morning: to see how far it is, to go on where a network failed, files in an order of its own,
//! and all of it in one programme.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Run, TestEnv, each, number};
use serde_json::Value;
use site::{Site, page, reply, story};

#[path = "../src/net/tests/site.rs"]
mod site;

const BATCH: [&str; 5] = ["batch", "--voice", "tone", "-o", "out"];

/// A folder with so many articles of growing length.
fn newsroom(articles: usize) -> TestEnv {
    let env = TestEnv::new();
    for number in 1..=articles {
        env.write(&format!("news/{number:02}.txt"), text(number));
    }
    env
}

fn text(number: usize) -> String {
    let sentence =
        |part| format!("In part {part} of report {number} the old harbour was quiet in the evening. ");
    let body: String = (1..=6 * number).map(sentence).collect();
    format!("Harbour {number} reopens\n\n{body}\n")
}

/// The events of a run by their names, with the end of the input each is about.
fn course(run: &Run) -> Vec<String> {
    let told = |event: &Value| {
        let input = event["input"].as_str().unwrap_or_default();
        format!("{} {}", event["event"].as_str().unwrap(), input.rsplit('/').next().unwrap())
            .trim()
            .to_string()
    };
    run.json_lines().iter().map(told).collect()
}

fn of<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["event"] == name).collect()
}

#[test]
fn events_tell_the_course_of_a_batch() {
    let env = newsroom(3);
    env.write("news/02.txt", "");
    let args = [&BATCH[..], &["--events", "-j", "1", "news"]].concat();
    let run = env.run(&args).expect(1);
    let events = run.json_lines();
    let mut brief = course(&run);
    brief.dedup();
    let mut order = brief.clone();
    order.retain(|event| !event.starts_with("progress") && !event.starts_with("article-begun"));
    assert_eq!(order, ["batch-begun", "done 01.txt", "failed 02.txt", "done 03.txt", "batch-ended"], "{run}");
    for (before, after) in [
        ("batch-begun", "article-begun 01.txt"),
        ("article-begun 01.txt", "progress 01.txt"),
        ("progress 01.txt", "done 01.txt"),
        ("article-begun 03.txt", "progress 03.txt"),
        ("progress 03.txt", "done 03.txt"),
    ] {
        let at = |what: &str| {
            brief.iter().position(|event| event == what).unwrap_or_else(|| panic!("{what}\n{run}"))
        };
        assert!(at(before) < at(after), "{before} comes before {after}\n{run}");
    }
    let begun = &events[0];
    assert_eq!(
        (&begun["articles"], &begun["to_read"], &begun["skipped"]),
        (&3.into(), &3.into(), &0.into()),
        "{run}"
    );
    // What is done is told as --json tells it.
    let seconds: f64 = of(&events, "done").iter().map(|done| number(done, "audio_seconds")).sum();
    let ended = events.last().unwrap();
    assert!((number(ended, "audio_seconds") - seconds).abs() < 1e-6, "{run}");
    assert_eq!(
        (&ended["read"], &ended["failed"], &ended["is_broken_off"]),
        (&2.into(), &1.into(), &false.into())
    );
    let failed = of(&events, "failed")[0];
    assert_eq!((&failed["kind"], &failed["is_tried_again"]), (&"Empty".into(), &false.into()), "{run}");
    assert!(failed["advice"].is_string() && failed["cure"].is_string(), "{run}");
    for progress in of(&events, "progress") {
        let batch = &progress["batch"];
        assert!(number(batch, "expected_seconds") >= number(batch, "audio_seconds") - 0.1, "{run}");
        assert_eq!(batch["articles"], 3, "{run}");
    }
    // The estimate is made of the text: it is near what came of it.
    let of_third = number(of(&events, "article-begun")[1], "expected_seconds");
    let third = number(of(&events, "done")[1], "audio_seconds");
    assert!((0.4..2.5).contains(&(of_third / third)), "{of_third} {third}\n{run}");

    let run = env.run(&args).expect(1);
    let brief = course(&run);
    assert!(brief.contains(&"skipped 01.txt".to_string()), "{run}");
    assert_eq!(of(&run.json_lines(), "skipped")[0]["why"], "unchanged", "{run}");
    env.refused(&[&args[..], &["--json"]].concat(), 2, &["--events", "--json"]);
}

#[test]
fn a_batch_without_a_terminal_says_what_it_begins() {
    let env = newsroom(2);
    let run = env.ok(&[&BATCH[..], &["news"]].concat());
    for line in ["1 of 2: news/01.txt\n", "2 of 2: news/02.txt\n"] {
        assert!(run.stderr.contains(line), "{line} is missing\n{run}");
    }
    let run = env.ok(&[&BATCH[..], &["--force", "--json", "news"]].concat());
    assert_eq!(run.stderr, "", "{run}");
}

#[test]
fn the_first_failure_ends_the_work_on_demand() {
    // Where the bad one stands, and how many articles are read before the end by one worker.
    let rows = [("news/00.txt", 0, 6), ("news/03b.txt", 3, 3)];
    each(rows, |(bad, read, left)| {
        let env = newsroom(6);
        env.write(bad, "");
        let args = [&BATCH[..], &["-j", "1", "news"]].concat();
        let run = env.run(&[&args[..], &["--fail-fast"]].concat());
        assert_eq!(run.code, Some(if read == 0 { 3 } else { 1 }), "{run}");
        let articles = if read == 1 { "article" } else { "articles" };
        let said = format!(
            "{read} {articles} read, 1 failed, 0 skipped (nothing has changed; --force reads them again), {left} not begun"
        );
        assert!(run.stdout.contains(&said), "{said}\n{run}");
        assert!(!run.stderr.contains("interrupted"), "{run}");
        let sounds = env.files().iter().filter(|name| name.starts_with("out/")).count();
        assert_eq!(sounds, read, "{:?}\n{run}", env.files());
        // The rest is read when it is mended.
        env.write(bad, text(1));
        let run = env.ok(&args);
        assert!(
            run.stdout.contains(&format!("{} articles read, 0 failed, {read} skipped", left + 1)),
            "{run}"
        );
    });
    let env = newsroom(1);
    let run = env.run(&[&BATCH[..], &["--fail-fast", "nowhere/*.txt", "news"]].concat()).expect(3);
    assert!(run.stdout.contains("0 articles read, 1 failed"), "{run}");
}

#[test]
fn what_can_pass_is_tried_again() {
    let asked = AtomicUsize::new(0);
    let site = Site::start(move |request| match request.path.as_str() {
        // Busy once, and well after that.
        "/busy" if asked.fetch_add(1, Ordering::Relaxed) == 0 => reply("503 Service Unavailable", &[], b""),
        "/gone" => reply("404 Not Found", &[], b""),
        "/broken" => reply("500 Internal Server Error", &[], b""),
        _ => page(&story("Port reopens", "")),
    });
    let urls = ["/busy", "/gone", "/broken", "/well"].map(|path| site.url(path));
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let env = TestEnv::new();
    let args = [&BATCH[..], &["--allow-private", "--retry", "1", "--events"], &urls].concat();
    let run = env.run(&args).expect(1);
    let events = run.json_lines();
    let mut failed: Vec<(String, bool)> = Vec::new();
    for event in of(&events, "failed") {
        let input = event["input"].as_str().unwrap().rsplit('/').next().unwrap().to_string();
        failed.push((input, event["is_tried_again"].as_bool().unwrap()));
    }
    let want = [("busy", true), ("gone", false), ("broken", true), ("broken", false)];
    assert_eq!(failed, want.map(|(input, again)| (input.to_string(), again)), "{run}");
    let waiting = of(&events, "waiting");
    assert_eq!(
        (waiting.len(), &waiting[0]["articles"], &waiting[0]["seconds"]),
        (1, &2.into(), &2.into()),
        "{run}"
    );
    let ended = events.last().unwrap();
    assert_eq!((&ended["read"], &ended["failed"]), (&2.into(), &2.into()), "{run}");
    // Every attempt counts, and the next run goes on counting.
    let attempts = || {
        let status = env.run(&["status", "out", "--json"]).expect(1);
        let lines = status.json_lines();
        let of = |end: &str| {
            let line = lines.iter().find(|line| line["source"].as_str().unwrap().ends_with(end)).unwrap();
            line["failure"]["attempts"].as_u64()
        };
        ["/busy", "/gone", "/broken"].map(of)
    };
    assert_eq!(attempts(), [None, Some(1), Some(2)]);
    env.run(&[&BATCH[..], &["--allow-private"], &urls].concat()).expect(1);
    assert_eq!(attempts(), [None, Some(2), Some(3)]);
}
