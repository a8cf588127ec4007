//! What a newsroom wants of a batch in the morning: to see how far it is, to go on where a network failed, and files in an order of its own.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Run, TestEnv, each, number};
use serde_json::Value;
use site::{Site, page, reply, story};

use crate::site;

const BATCH: [&str; 5] = ["batch", "--voice", "tone", "-o", "out"];

/// A folder with so many articles of growing length.
pub(crate) fn newsroom(articles: usize) -> TestEnv {
    let env = TestEnv::new();
    for number in 1..=articles {
        env.write(&format!("news/{number:02}.txt"), text(number));
    }
    env
}

pub(crate) fn text(number: usize) -> String {
    let sentence =
        |part| format!("In part {part} of report {number} the old harbour was quiet in the evening. ");
    let body: String = (1..=2 * number + 1).map(sentence).collect();
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
fn the_day_of_an_article_is_the_day_where_the_computer_is() {
    // Noon of 1 March in UTC; zones are written as POSIX has them, with the sign turned.
    let noon = std::time::UNIX_EPOCH + std::time::Duration::from_hours(492_324);
    let rows = [
        ("EAST-14", "2026-03-02"),
        ("WEST+11", "2026-03-01"),
        ("FAR+13", "2026-02-28"),
        ("UTC0", "2026-03-01"),
    ];
    each(rows, |(zone, day)| {
        let env = newsroom(1);
        let file = std::fs::File::options().write(true).open(env.path("news/01.txt")).unwrap();
        file.set_modified(noon).unwrap();
        let mut command = env.command(&[&BATCH[..], &["--name", "{date}/a", "news"]].concat());
        command.env("TZ", zone);
        Run::of(command).expect(0);
        assert!(env.path(&format!("out/{day}/a.wav")).is_file(), "{:?}", env.files());
    });
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

/// The names of all results.
pub(crate) fn results(env: &TestEnv) -> Vec<String> {
    env.files().iter().filter_map(|name| Some(name.strip_prefix("out/")?.to_string())).collect()
}

const NAMED: [&str; 9] =
    ["batch", "--voice", "tone", "--format=mp3", "-o", "out", "--name", "{date}/{slug}.{ext}", "news"];

fn dated(title: &str, date: &str) -> String {
    format!(
        "---\ntitle: \"{title}\"\ndate: {date}\n---\n\nThe harbour opened again on Monday. Ships of {title} came back at noon.\n"
    )
}

#[test]
fn names_follow_a_template_and_stay() {
    let env = TestEnv::new();
    env.write("news/a.md", dated("Port reopens", "2026-11-28"));
    env.write("news/b.md", dated("Ferry returns: what now?", "2026-11-29"));
    env.write("news/c.md", dated("PORT reopens", "2026-11-28"));
    env.write("news/d.md", "");
    let args = [&NAMED[..], &["--captions", "vtt"]].concat();
    let run = env.run(&args).expect(1);
    let names = results(&env);
    let guid = names.iter().find_map(|name| name.strip_prefix("2026-11-28/port-reopens-")).unwrap();
    let guid = guid.split('.').next().unwrap();
    assert_eq!(guid.len(), 8, "{names:?}\n{run}");
    let pair = |name: &str| ["mp3", "vtt"].map(|ending| format!("{name}.{ending}"));
    let mut want: Vec<String> = ["2026-11-28/port-reopens", "2026-11-29/ferry-returns-what-now"]
        .iter()
        .flat_map(|name| pair(name))
        .collect();
    want.extend(pair(&format!("2026-11-28/port-reopens-{guid}")));
    want.sort();
    assert_eq!(names, want, "{run}");
    assert!(run.stdout.contains("out/2026-11-28/port-reopens.mp3: "), "{run}");

    // A changed headline, and another day, change no name; the one that failed gets its name when it is mended.
    env.write("news/a.md", dated("Port closes", "2026-11-30"));
    env.write("news/d.md", dated("Pier burns", "2026-11-30"));
    let run = env.ok(&args);
    assert!(run.stdout.contains("2 articles read, 0 failed, 2 skipped"), "{run}");
    want.extend(pair("2026-11-30/pier-burns"));
    want.sort();
    assert_eq!(results(&env), want, "{run}");
    let run = env.ok(&args);
    assert!(run.stdout.contains("0 articles read, 0 failed, 4 skipped"), "{run}");
    // Without the template they keep their names, too.
    let run = env.ok(&["batch", "--voice", "tone", "--format=mp3", "--captions=vtt", "-o", "out", "news"]);
    assert!(run.stdout.contains("0 articles read, 0 failed, 4 skipped"), "{run}");
    assert_eq!(results(&env), want, "{run}");

    // A report that is taken back leaves no empty folder.
    env.ok(&["withdraw", "../news/b.md", "-o", "out"]);
    want.retain(|name| !name.starts_with("2026-11-29"));
    assert_eq!(results(&env), want);
    let status = env.run(&["status", "out", "--json"]).expect(0);
    let files: Vec<Value> = status.json_lines().iter().map(|line| line["files"][1]["name"].clone()).collect();
    assert!(files.contains(&"2026-11-30/pier-burns.mp3".into()), "{status}");
}

#[test]
fn a_podcast_lists_reports_in_folders() {
    let env = TestEnv::new();
    env.write("news/a.md", dated("Port reopens", "2026-11-28"));
    env.write("news/b.md", dated("Été at sea", "2026-11-29"));
    let args = [&NAMED[..], &["--captions=vtt"]].concat();
    env.ok(&args);
    env.ok(&["podcast", "make", "out", "--title", "Coast", "--base-url", "https://paper.example/audio"]);
    let feed = || String::from_utf8(env.bytes("out/podcast.xml")).unwrap();
    for address in ["2026-11-28/port-reopens.mp3", "2026-11-29/%C3%A9t%C3%A9-at-sea.mp3"] {
        assert!(
            feed().contains(&format!("https://paper.example/audio/{address}\"")),
            "{address}\n{}",
            feed()
        );
    }
    let run = env.ok(&["podcast", "check", "out"]);
    assert!(run.stdout.contains("0 rules broken"), "{run}");
    // A correction has another name in the same folder.
    env.write("news/a.md", dated("Port closes", "2026-11-30"));
    let run = env.ok(&args);
    assert!(feed().contains("/2026-11-28/port-reopens-r2.mp3\""), "{run}\n{}", feed());
    assert!(
        !results(&env).iter().any(|name| name.contains("reopens.mp3") || name.contains("2026-11-30")),
        "{run}"
    );
}

#[test]
fn a_wrong_template_is_refused_before_anything_is_read() {
    let env = TestEnv::new();
    each(["{title}", "../{slug}", "{slug}/", "c:\\{slug}", "{ext}", ".x/{slug}"], |template| {
        env.refused(&["batch", "--name", template, "nowhere"], 2, &["{date}", "{slug}", "{guid8}"]);
    });
}

#[test]
fn a_feed_has_a_folder_of_its_name() {
    let env = TestEnv::new();
    let item = format!(
        "<item><guid>1</guid><title>Port reopens</title><pubDate>{}</pubDate><description>{}</description></item>",
        "Sun, 29 Nov 2026 06:00:00 GMT",
        "The port reopened on Monday, and ships came back at noon. ".repeat(30)
    );
    env.write(
        "feed.xml",
        format!("<rss version=\"2.0\"><channel><title>Coast &amp; Sea</title>{item}</channel></rss>"),
    );
    let run = env.ok(&[
        "feed",
        "--voice",
        "tone",
        "-o",
        "out",
        "--text=feed",
        "--since=1000000h",
        "--name",
        "{feed}/{year}-{month}/{slug}",
        "feed.xml",
    ]);
    assert_eq!(results(&env), ["coast-sea/2026-11/port-reopens.wav"], "{run}");
}

#[cfg(all(unix, debug_assertions))]
#[test]
fn a_kill_in_a_folder_of_a_template_leaves_nothing_behind() {
    let newsroom = || {
        let env = TestEnv::new();
        for (number, name) in ["a", "b", "c"].iter().enumerate() {
            env.write(
                &format!("news/{name}.md"),
                dated(&format!("Port {name}"), &format!("2026-11-2{number}")),
            );
        }
        env
    };
    let undisturbed = newsroom();
    undisturbed.ok(&NAMED);
    let want = results(&undisturbed);
    assert_eq!(want.len(), 3, "{want:?}");
    each(["synced", "staged", "first-named", "named", "cleared", "published"], |step| {
        let env = newsroom();
        let mut command = env.command(&NAMED);
        command.env("AUDIO_REPORT_TEST_STEP", format!("{step}:kill"));
        assert_ne!(Run::of(command).code, Some(0), "{step}");
        let run = env.ok(&NAMED);
        assert_eq!(results(&env), want, "{step}\n{run}");
        for name in &want {
            assert!(
                env.bytes(&format!("out/{name}")) == undisturbed.bytes(&format!("out/{name}")),
                "{step}: {name}"
            );
        }
    });
}
