//! What a newsroom wants of a batch in the morning: to see how far it is, to go on where a network failed, files in an order of its own,
//! and all of it in one programme.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::sync::atomic::{AtomicUsize, Ordering};

use common::sound::{Sound, silence};
use common::voice::home_of_fast;
use common::{Run, TestEnv, assert_chapters_are_reports, each, number};
use serde_json::Value;
use site::{Site, page, reply, story};

use crate::site;

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
fn results(env: &TestEnv) -> Vec<String> {
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

/// What `--json` tells of a digest.
fn digest(run: &Run) -> Value {
    let lines = run.json_lines();
    lines.into_iter().find(|line| line["event"] == "digest").unwrap_or_else(|| panic!("no digest\n{run}"))
}

const DAY: [&str; 8] =
    ["batch", "--voice", "tone", "--format=mp3", "-o", "out", "--digest=today.mp3", "news"];

#[test]
fn a_digest_joins_the_day_and_speaks_no_story_twice() {
    let env = newsroom(3);
    env.write("chime.txt", "Ding.\n");
    env.ok(&["read", "--voice", "tone", "-o", "jingle.wav", "chime.txt"]);
    let args = [&DAY[..], &["--captions", "vtt,srt", "--chapters", "--jingle", "jingle.wav"]].concat();
    let run = env.ok(&args);
    assert!(run.stdout.contains("out/today.mp3: 3 stories, "), "{run}");
    // All that is spoken for it is the rundown: the stories are there.
    let line = run.stdout.lines().find(|line| line.starts_with("out/today.mp3")).unwrap();
    assert!(line.contains("; 1 chunk spoken, "), "{run}");

    // A chapter for the rundown and one a story, in the file and beside it.
    let chapters: Value = serde_json::from_slice(&env.bytes("out/today.chapters.json")).unwrap();
    let titles: Vec<&str> = chapters["chapters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|chapter| chapter["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["Today", "Harbour 1 reopens", "Harbour 2 reopens", "Harbour 3 reopens"], "{run}");
    let inspected = env.ok(&["inspect", "--json", "out/today.mp3"]);
    for title in &titles {
        assert!(inspected.stdout.contains(title), "{title}\n{inspected}");
    }
    let vtt = String::from_utf8(env.bytes("out/today.vtt")).unwrap();
    assert!(vtt.contains("Today") && vtt.contains("Harbour"), "{vtt}");
    let cues: Vec<&str> = vtt.lines().filter(|line| line.contains(" --> ")).collect();
    let mut sorted = cues.clone();
    sorted.sort_unstable();
    assert_eq!(cues, sorted, "the cues are in order");
    assert!(cues.len() > 10, "{vtt}");
    let srt = String::from_utf8(env.bytes("out/today.srt")).unwrap();
    let numbers: Vec<usize> =
        srt.split("\n\n").map(|cue| cue.lines().next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "{srt}");
    let seconds = number(chapters["chapters"].as_array().unwrap().last().unwrap(), "endTime");
    // It is as long as its parts and what stands between, and as loud as it should be.
    let status = env.ok(&["status", "out", "--json"]);
    let facts = |line: &Value| line["facts"].clone();
    let (day, parts): (Vec<Value>, Vec<Value>) = status
        .json_lines()
        .into_iter()
        .partition(|line: &Value| line["source"].as_str().unwrap().starts_with("digest:"));
    assert_eq!((day.len(), parts.len()), (1, 3), "{status}");
    let day = facts(&day[0]);
    assert!((number(&day, "seconds") - seconds).abs() < 0.01, "{seconds}\n{status}");
    let of_parts: f64 = parts.iter().map(|part| number(&facts(part), "seconds")).sum();
    assert!(seconds > of_parts + 3.0, "{seconds} {of_parts}\n{status}");
    assert!((number(&day["loudness"], "lufs_two_loudspeakers") + 16.0).abs() < 0.3, "{status}");

    // Nothing has changed: it is not made again. A corrected story makes it again, and speaks its edited sentence only.
    let before = env.bytes("out/today.mp3");
    let run = env.ok(&[&args[..], &["--json"]].concat());
    assert_eq!(digest(&run)["is_new"], false, "{run}");
    env.write("news/02.txt", text(2).replacen("quiet", "busy", 1));
    let run = env.ok(&[&args[..], &["--json"]].concat());
    assert_eq!(
        (&digest(&run)["is_new"], digest(&run)["stories"].as_array().unwrap().len()),
        (&true.into(), 3),
        "{run}"
    );
    assert!(env.bytes("out/today.mp3") != before);

    // A story that is taken back takes the digest with it, and the next one does not tell it.
    env.ok(&["withdraw", "../news/02.txt", "-o", "out"]);
    assert!(!env.files().iter().any(|name| name.contains("today")), "{:?}", env.files());
    let run = env.ok(&[&args[..], &["--json"]].concat());
    assert_eq!(
        digest(&run)["stories"],
        serde_json::json!(["Harbour 1 reopens", "Harbour 3 reopens"]),
        "{run}"
    );
    assert!(env.files().contains(&"out/today.mp3".to_string()));
}

#[test]
fn a_digest_is_made_of_a_folder_wherever_its_articles_are() {
    let env = newsroom(2);
    env.ok(&["batch", "--voice", "tone", "--format=flac", "-o", "out", "news"]);
    std::fs::remove_dir_all(env.path("news")).unwrap();
    let run = env.ok(&["digest", "--voice", "tone", "out", "-o", "out/day.flac"]);
    assert!(run.stdout.contains("out/day.flac: 2 stories") && run.stdout.contains("1 chunk spoken"), "{run}");
    assert!(!run.stdout.contains("finished files"), "{run}");
    let status = env.run(&["status", "out"]).expect(0);
    assert!(status.stdout.contains("3 reports published, 0 failed"), "{status}");
    // Where the text is kept no more, the finished file has the sound.
    let database = env.path("out/.audio-report/manifest.db");
    let connection = rusqlite::Connection::open(&database).unwrap();
    connection.execute("DELETE FROM story", []).unwrap();
    drop(connection);
    std::fs::remove_file(env.path("out/.audio-report/manifest.sums")).unwrap();
    let run = env.ok(&["digest", "--voice", "tone", "out", "-o", "out/day.flac", "--speed", "1.1"]);
    assert!(run.stdout.contains("2 reports taken from finished files"), "{run}");
    // Without a name it has that of the day.
    env.ok(&["digest", "--voice", "tone", "out", "--quiet"]).silent();
    let names = env.files();
    assert!(names.iter().any(|name| name.starts_with("out/digest-20") && name.contains(".wav")), "{names:?}");
}

#[test]
fn a_digest_says_the_stories_of_a_feed_as_its_list_does() {
    let env = newsroom(1);
    let text = "The port of Zorvinelk reopened on Monday, and ships came back at noon. ".repeat(30);
    let item = |guid: u8| {
        format!(
            "<item><guid>{guid}</guid><title>Port {guid} reopens</title><description>{text}</description></item>"
        )
    };
    for (name, guid) in [("plain", 1), ("own", 2)] {
        env.write(
            &format!("{name}.xml"),
            format!("<rss version=\"2.0\"><channel><title>Coast</title>{}</channel></rss>", item(guid)),
        );
    }
    env.write("own.toml", "[words]\nZorvinelk = \"ZOR-vih-nelk\"\n");
    env.write(
        "feeds.toml",
        "[[feed]]\nurl = \"plain.xml\"\n[[feed]]\nurl = \"own.xml\"\nspeed = 1.5\nlexicon = \"own.toml\"\n",
    );
    let feed = [
        "feed",
        "--feeds",
        "feeds.toml",
        "--text=feed",
        "--voice",
        "tone",
        "-o",
        "out",
        "--digest=day.wav",
        "--chapters",
    ];
    let run = env.ok(&feed);
    let line = run.stdout.lines().find(|line| line.starts_with("out/day.wav")).unwrap();
    assert!(line.contains("2 stories") && line.contains("; 1 chunk spoken, "), "{run}");
    let names = results(&env);
    let mut reports = names.iter().filter_map(|name| name.strip_suffix(".wav")).filter(|name| *name != "day");
    let reports: [&str; 2] = std::array::from_fn(|_| reports.next().unwrap());
    assert!(reports[0].contains("port-1") && reports[1].contains("port-2"), "{names:?}");
    let seconds = reports.map(|name| Sound::read(&env.bytes(&format!("out/{name}.wav"))).seconds());
    assert!((1.3..1.7).contains(&(seconds[0] / seconds[1])), "{seconds:?}");
    assert_chapters_are_reports(&env, "day", &[(1, reports[0]), (2, reports[1])]);
}

#[test]
fn a_digest_in_a_real_voice_is_whole() {
    let Some(env) = home_of_fast("a digest in a real voice") else { return };
    let stories = [
        ("Port reopens", "The port reopened on Monday. Ships came back at noon."),
        ("Ferry returns", "The ferry is back after a storm."),
    ];
    for (number, (title, text)) in stories.iter().enumerate() {
        env.write(&format!("news/{}.txt", number + 1), format!("{title}\n\n{text}\n"));
    }
    let voice = ["--voice", "fast_heart", "--offline"];
    env.ok(&[&["batch", "news", "-j", "1", "-o", "out"], &voice[..]].concat());
    let args = ["digest", "out", "-o", "out/day.wav", "--chapters", "--captions", "json"];
    let run = env.ok(&[&args[..], &voice].concat());
    assert!(run.stdout.contains("2 stories") && run.stdout.contains("; 1 chunk spoken, "), "{run}");
    assert_chapters_are_reports(&env, "day", &[(1, "1"), (2, "2")]);
    let day = Sound::read(&env.bytes("out/day.wav"));
    let chapters: Value = serde_json::from_slice(&env.bytes("out/day.chapters.json")).unwrap();
    let chapters = chapters["chapters"].as_array().unwrap();
    let titles: Vec<&str> = chapters.iter().map(|chapter| chapter["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["Today", "Port reopens", "Ferry returns"]);
    let (mut end, mut spoken) = (0.0, 0.0);
    for (number, chapter) in chapters.iter().enumerate() {
        let [start, until] = ["startTime", "endTime"].map(|key| common::number(chapter, key));
        assert!((start - end).abs() < 1e-6, "a gap before {chapter}");
        end = until;
        let sound = day.part(start, until);
        // The silence before the next story belongs to the chapter.
        let rest = if number + 1 < chapters.len() { 0.9 } else { 0.0 };
        let rate = f64::from(day.rate);
        let silent = silence(sound) as f64 / rate;
        assert!(silent < rest + 0.9, "{silent} s of silence in {chapter}");
        let first = sound.iter().position(|sample| sample.abs() > 0.01).unwrap() as f64 / rate;
        assert!(first < 0.5, "{chapter} begins after {first} s");
        spoken += until - start - rest;
    }
    assert!((end - day.seconds()).abs() < 1e-3, "{end} {}", day.seconds());
    let reports: f64 =
        ["1", "2"].map(|name| Sound::read(&env.bytes(&format!("out/{name}.wav"))).seconds()).iter().sum();
    assert!(spoken > reports + 1.0 && spoken < reports + 6.0, "{spoken} {reports}");
    let words = heard_words(&env, "out/day");
    assert_eq!(
        words.iter().filter(|(word, _)| word.starts_with("ferry") || word.starts_with("Ferry")).count(),
        3
    );
    assert!(words.iter().all(|(_, loudest)| *loudest > 0.005), "{words:?}");
}

#[test]
fn a_digest_takes_no_place_of_anothers_and_needs_reports() {
    let env = newsroom(1);
    env.refused(&["digest", "nowhere"], 3, &["no batch"]);
    env.write("out/today.mp3", "mine");
    let run = env.run(&DAY).expect(1);
    assert!(run.stderr.contains("today.mp3") && run.stderr.contains("exists already"), "{run}");
    assert_eq!(env.bytes("out/today.mp3"), b"mine");
    env.ok(&[&DAY[..], &["--force"]].concat());
    assert!(env.bytes("out/today.mp3") != b"mine");
    std::thread::sleep(std::time::Duration::from_secs(2));
    let run = env.ok(&["digest", "--voice", "tone", "out", "-o", "out/none.wav", "--since", "1s"]);
    assert!(
        run.stdout.contains("no new report") && !env.files().contains(&"out/none.wav".to_string()),
        "{run}"
    );
    env.refused(&["digest", "--voice", "tone", "out", "--jingle", "missing.wav"], 3, &["missing.wav"]);
    env.refused(&["batch", "--voice", "tone", "--jingle", "a.wav", "news"], 2, &["--digest"]);
}

/// The words of a digest, with their times, and the sound below each.
fn heard_words(env: &TestEnv, name: &str) -> Vec<(String, f32)> {
    let words: Value = serde_json::from_slice(&env.bytes(&format!("{name}.words.json"))).unwrap();
    let sound = Sound::read(&env.bytes(&format!("{name}.wav")));
    assert!((number(&words, "seconds") - sound.seconds()).abs() < 1e-3, "{}", sound.seconds());
    let sentences = words["sentences"].as_array().unwrap().iter();
    let words = sentences.flat_map(|sentence| sentence["words"].as_array().unwrap());
    words
        .map(|word| {
            let at = |key| (number(word, key) * f64::from(sound.rate)) as usize;
            let loudest =
                sound.samples[at("start")..at("end")].iter().fold(0.0, |most: f32, x| most.max(x.abs()));
            (word["text"].as_str().unwrap().to_string(), loudest)
        })
        .collect()
}

#[test]
fn a_digest_has_page_book_captions_and_music() {
    let env = newsroom(2);
    env.write("chime.txt", "Ding.\n");
    env.ok(&["read", "--voice", "tone", "-o", "chime.wav", "chime.txt"]);
    env.ok(&["batch", "--voice", "tone", "-o", "out", "news"]);
    let args =
        ["digest", "out", "--voice", "tone", "-o", "out/day.wav", "--captions", "vtt,json", "--chapters"];
    let more = ["--page", "--epub", "--announce-before", "Good morning.", "--announce-after", "Good bye."];
    let args = [&args[..], &more].concat();
    env.write("out/day.html", "mine");
    env.refused(&args, 3, &["day.html", "exists already"]);
    std::fs::remove_file(env.path("out/day.html")).unwrap();
    let run = env.ok(&args);
    // All that is spoken are the rundown and what is said around.
    assert!(run.stdout.contains("; 3 chunks spoken, ") && run.stdout.contains("out/day.vtt: "), "{run}");
    let text = |name: &str| String::from_utf8(env.bytes(name)).unwrap();
    let page = text("out/day.html");
    for part in ["<title>Digest, 20", "day.wav", "Good morning.", "Good bye."] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert_eq!(page.matches("<h2").count(), 2, "{page}");
    let transcript: Value = serde_json::from_str(&text("out/day.transcript.json")).unwrap();
    let segments: Vec<String> = transcript["segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|segment| segment["body"].as_str().unwrap().to_string())
        .collect();
    assert_eq!((&*segments[0], segments.last().unwrap().as_str()), ("Good morning.", "Good bye."));
    assert!(
        segments.join(" ").contains("In part 5 of report 2 the old harbour was quiet in the evening."),
        "{segments:?}"
    );
    let mut book = zip::ZipArchive::new(std::io::Cursor::new(env.bytes("out/day.epub"))).unwrap();
    let mut contents = String::new();
    std::io::Read::read_to_string(&mut book.by_name("EPUB/nav.xhtml").unwrap(), &mut contents).unwrap();
    assert!(contents.contains("Harbour 1 reopens") && contents.contains("Harbour 2 reopens"), "{contents}");
    assert!(book.by_name("EPUB/sound.mp3").unwrap().size() > 10_000);
    let words = heard_words(&env, "out/day");
    let of_story = words.iter().filter(|(word, _)| word == "harbour").count();
    assert_eq!(of_story, 3 + 5, "{words:?}");
    assert!(words.iter().all(|(_, loudest)| *loudest > 0.01), "{words:?}");
    let chapters = |env: &TestEnv| -> Value {
        serde_json::from_slice::<Value>(&env.bytes("out/day.chapters.json")).unwrap()["chapters"].clone()
    };
    let before = chapters(&env);

    // Music around it moves all times, and other files beside it are no reason to speak.
    let music = ["--intro", "chime.wav", "--outro", "chime.wav", "--bed", "chime.wav"];
    let run = env.ok(&[&args[..], &music].concat());
    assert!(run.stdout.contains("; 0 chunks spoken, "), "{run}");
    let words = heard_words(&env, "out/day");
    assert!(words.iter().all(|(_, loudest)| *loudest > 0.01), "{words:?}");
    let after = chapters(&env);
    assert_eq!((number(&after[0], "startTime"), number(&before[0], "startTime")), (0.0, 0.0));
    let seconds = Sound::read(&env.bytes("out/day.wav")).seconds();
    assert!((number(&after[2], "endTime") - seconds).abs() < 1e-3, "{after} {seconds}");
    assert!(number(&after[1], "startTime") > number(&before[1], "startTime") + 1.0, "{before} {after}");
    // They go with it.
    env.ok(&["withdraw", "../news/02.txt", "-o", "out"]);
    assert!(!env.files().iter().any(|name| name.contains("day.")), "{:?}", env.files());
}

#[test]
fn a_podcast_has_the_digest_as_an_episode() {
    let env = newsroom(2);
    env.ok(&DAY);
    env.ok(&["podcast", "make", "out", "--title", "Coast", "--base-url", "https://paper.example/audio"]);
    let feed = String::from_utf8(env.bytes("out/podcast.xml")).unwrap();
    assert!(
        feed.contains("https://paper.example/audio/today.mp3\"") && feed.contains("Digest, 20"),
        "{feed}"
    );
    let run = env.ok(&["podcast", "check", "out"]);
    assert!(run.stdout.contains("0 rules broken"), "{run}");
}
