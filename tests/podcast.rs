//! `podcast`: feeds and covers are checked, on disk and on a server of this machine, by the real binary.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]
#![cfg(feature = "podcast")]

use crate::common;

use std::collections::BTreeSet;

use common::{TestEnv, each};
use serde_json::Value;
use site::{Reply, Site, moved, reply, reply_as_said};

use crate::site;

/// A feed of two items below `base`.
fn feed(base: &str) -> String {
    let item = |number: usize, day: &str| {
        format!(
            "<item>\n<title>Ferries, part {number}</title>\n<guid isPermaLink=\"false\">harbour-{number}</guid>\n\
             <pubDate>{day} Nov 2026 06:00:00 +0000</pubDate>\n<description>Ships came back.</description>\n\
             <enclosure url=\"{base}/2026/ferries-{number}.mp3\" length=\"1000\" type=\"audio/mpeg\"/>\n\
             <itunes:duration>61</itunes:duration>\n</item>\n"
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" \
         xmlns:podcast=\"https://podcastindex.org/namespace/1.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel>\n\
         <atom:link rel=\"self\" type=\"application/rss+xml\" href=\"{base}/podcast.xml\"/>\n<title>Harbour News</title>\n\
         <description>What happened in the harbour.</description>\n<link>https://gazette.example/</link>\n<language>en</language>\n\
         <itunes:author>The Harbour Gazette</itunes:author>\n<itunes:owner><itunes:email>desk@gazette.example</itunes:email></itunes:owner>\n\
         <itunes:image href=\"{base}/cover.png\"/>\n<itunes:category text=\"News\"/>\n<itunes:explicit>false</itunes:explicit>\n\
         <podcast:guid>9b024349-ccf0-5f69-a609-6b82873eab3c</podcast:guid>\n{}{}</channel>\n</rss>\n",
        item(2, "Thu, 19"),
        item(1, "Wed, 18")
    )
}

/// The rules that a report names.
fn rules(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

#[test]
fn a_cover_is_drawn_checked_and_kept() {
    let env = TestEnv::new();
    env.ok(&["podcast", "cover", "Harbour News", "--author", "The Harbour Gazette"]).silent();
    assert_eq!(env.files(), ["cover.png"]);
    let cover = env.bytes("cover.png");
    let checked = env.ok(&["podcast", "check", "cover.png"]);
    assert_eq!(checked.stdout, "cover.png: 0 rules broken, 0 recommendations not followed\n");
    env.refused(&["podcast", "cover", "Other"], 3, &["exists already", "--force"]);
    env.ok(&["podcast", "cover", "Harbour News", "--author", "The Harbour Gazette", "-o", "again.png"]);
    assert!(env.bytes("again.png") == cover, "the same title makes another cover");
    env.ok(&["podcast", "cover", "Other", "--force"]);
    assert!(env.bytes("cover.png") != cover);
    // The same picture under another name, and made small in its head.
    env.write("cover.jpg", &cover);
    let run = env.run(&["podcast", "check", "cover.jpg"]).expect(1);
    assert!(run.stdout.contains("picture-extension") && run.stdout.contains("1 rule broken"), "{run}");
    env.write("small.png", [&cover[..16], &[0, 0, 2, 0, 0, 0, 2, 0], &cover[24..]].concat());
    let run = env.run(&["podcast", "check", "small.png", "--json"]).expect(1);
    assert_eq!(rules(&run.json_lines()[0]), ["picture-size"], "{run}");
}

#[test]
fn a_feed_in_a_folder_is_checked_with_the_files_beside_it() {
    let env = TestEnv::new();
    let good = feed("https://gazette.example/news");
    env.write("news/podcast.xml", &good);
    // Nothing is there but the feed: it may have been fetched alone.
    let run = env.ok(&["podcast", "check", "news"]);
    let summary = "“Harbour News”, 2 items, 0 rules broken, 0 recommendations not followed\n";
    assert_eq!(run.stdout, format!("news: {summary}"));
    env.ok(&["podcast", "cover", "Harbour News", "-o", "news/cover.png"]);
    env.write("news/2026/ferries-1.mp3", [0; 1000]);
    env.write("news/2026/ferries-2.mp3", [0; 999]);
    let run = env.run(&["podcast", "check", "news/podcast.xml"]).expect(1);
    let told = "news/podcast.xml:20:1: item 1 “Ferries, part 2”: the length of an enclosure is that of its file; \
                its length is 1000, and its file has 999 bytes (sound-length)\n  what to do: ";
    assert!(run.stdout.starts_with(told), "{run}");
    assert!(run.stdout.contains("2 items, 2 sound files looked at, 1 rule broken"), "{run}");
    let run = env.run(&["podcast", "check", "news/podcast.xml", "--json"]).expect(1);
    let report = &run.json_lines()[0];
    let finding = &report["findings"][0];
    assert_eq!((&finding["line"], &finding["level"]), (&20.into(), &"required".into()), "{run}");
    assert_eq!(
        (&report["broken"], &report["sounds"], &report["items"]),
        (&1.into(), &2.into(), &2.into()),
        "{run}"
    );
    // From a pipe nothing is beside it.
    let run = env.run_with_input(&["podcast", "check", "-"], good.as_bytes()).expect(0);
    assert_eq!(run.stdout, format!("standard input: {summary}"));
}

#[test]
fn each_input_counts_in_the_exit_code() {
    let env = TestEnv::new();
    let good = feed("https://gazette.example/news");
    env.write("good.xml", &good);
    env.write("poor.xml", good.replace("<itunes:author>The Harbour Gazette</itunes:author>\n", ""));
    env.write("bad.xml", good.replace("Wed, 18", "Mon, 18").replace("length=\"1000\"", "length=\"-1\""));
    env.write("page.html", "<html><body>Not found</body></html>");
    env.write("sound.mp3", b"ID3\x03\0\0\0\0\0\0");
    env.write("cut.xml", &good[..good.len() / 2]);
    let rows: [(&[&str], i32, &[&str]); 8] = [
        (&["good.xml"], 0, &["0 rules broken"]),
        (&["poor.xml"], 0, &["recommended: the show names its author", "1 recommendation not followed"]),
        (
            &["bad.xml"],
            1,
            &["pub-date-weekday", "that day is a Wed", "enclosure-length", "“-1”", "3 rules broken"],
        ),
        (&["good.xml", "bad.xml"], 1, &["good.xml: “Harbour News”", "bad.xml: “Harbour News”"]),
        (&["page.html"], 1, &["the feed is <html>"]),
        (&["cut.xml"], 1, &["13:23: feed: the feed is well-formed XML", "1 rule broken, 0 rec"]),
        (&["missing.xml", "good.xml"], 1, &["good.xml: “Harbour News”"]),
        (&["missing.xml", "sound.mp3"], 3, &[]),
    ];
    each(rows, |(inputs, code, words)| {
        let run = env.run(&[&["podcast", "check"], inputs].concat()).expect(code);
        each(words, |word| assert!(run.stdout.contains(*word), "{word} is missing\n{run}"));
    });
    env.refused(&["podcast", "check", "missing.xml"], 3, &["no such file"]);
    env.refused(&["podcast", "check", "sound.mp3"], 3, &["no podcast feed", "MP3"]);
    env.refused(&["podcast", "check"], 2, &["FILE|URL"]);
    let run = env.run(&["podcast", "check", "--json", "missing.xml", "bad.xml"]).expect(1);
    let lines = run.json_lines();
    assert_eq!((&lines[0]["kind"], &lines[1]["broken"]), (&"Input".into(), &3.into()), "{run}");
    // What a feed holds steers no terminal.
    env.write("hostile.xml", good.replace("<language>en", "<language>\u{9b}2J\u{202e}en"));
    let run = env.run(&["podcast", "check", "hostile.xml"]).expect(1);
    assert!(!run.stdout.contains(['\u{9b}', '\u{202e}']), "{run}");
}

#[test]
fn a_feed_on_a_server_is_checked_with_its_files() {
    let env = TestEnv::new();
    env.ok(&["podcast", "cover", "Harbour News"]);
    let cover = env.bytes("cover.png");
    let site = Site::start(move |asked| {
        let host = format!("http://{}", asked.header("host").unwrap_or_default());
        let sound = [("Content-Type", "audio/mpeg"), ("Accept-Ranges", "bytes"), ("Content-Length", "1000")];
        let xml = |text: &str| reply("200 OK", &[("Content-Type", "application/rss+xml")], text.as_bytes());
        let path = asked.path.split('?').next().unwrap_or_default();
        let folder = path[1..].split('/').next().unwrap_or_default();
        match (folder, path.rsplit('/').next().unwrap_or_default()) {
            ("moved", "podcast.xml") => moved("/good/podcast.xml"),
            (folder, "podcast.xml") => xml(&feed(&format!("{host}/{folder}"))),
            ("small", "cover.png") => reply("404 Not Found", &[], b""),
            (_, "cover.png") => reply("200 OK", &[("Content-Type", "image/png")], &cover),
            ("gone", "ferries-2.mp3") => reply("404 Not Found", &[], b""),
            ("long", "ferries-2.mp3") => {
                reply_as_said("200 OK", &[sound[0], sound[1], ("Content-Length", "1001")], b"")
            }
            ("whole", "ferries-2.mp3") => reply_as_said("200 OK", &[sound[0], sound[2]], b""),
            ("parts", "ferries-2.mp3") if asked.header("range").is_some() => {
                reply("206 Partial Content", &[("Content-Range", "bytes 0-0/1000")], b"a")
            }
            ("parts", "ferries-2.mp3") => reply_as_said("200 OK", &[sound[0], sound[2]], b""),
            ("typed", "ferries-2.mp3") => {
                reply_as_said("200 OK", &[("Content-Type", "text/plain"), sound[1], sound[2]], b"")
            }
            ("unsized", "ferries-2.mp3") => reply_as_said("200 OK", &[sound[0], sound[1]], b""),
            (_, name) if name.starts_with("ferries-") => reply_as_said("200 OK", &sound, b""),
            _ => Reply::Bytes(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n".to_vec()),
        }
    });
    let check = |path: &str, more: &[&str]| {
        let url = site.url(path);
        env.run(&[&["podcast", "check", "--json", "--allow-private", &url], more].concat())
    };
    let rows: [(&str, i32, &[&str]); 8] = [
        ("good", 0, &[]),
        ("gone", 1, &["sound-answers"]),
        ("long", 1, &["sound-length"]),
        ("whole", 1, &["sound-ranges"]),
        ("parts", 0, &[]),
        ("typed", 0, &["sound-type"]),
        ("unsized", 1, &["sound-length"]),
        ("small", 1, &["picture-answers"]),
    ];
    each(rows, |(folder, code, want)| {
        let run = check(&format!("/{folder}/podcast.xml"), &[]).expect(code);
        let report = &run.json_lines()[0];
        assert_eq!((rules(report), &report["sounds"]), (want.to_vec(), &2.into()), "{run}");
    });
    // The address that counts is the one behind redirects.
    assert_eq!(rules(&check("/moved/podcast.xml", &[]).expect(0).json_lines()[0]), Vec::<&str>::new());
    let run = check("/good/podcast.xml?x=1", &[]).expect(0);
    assert_eq!(rules(&run.json_lines()[0]), ["self-link-other"], "{run}");
    let run = check("/gone/podcast.xml", &["--ask", "0"]).expect(0);
    assert_eq!(run.json_lines()[0]["sounds"], 0, "{run}");
    env.refused(
        &["podcast", "check", &site.url("/good/podcast.xml")],
        3,
        &["only public addresses", "--allow-private"],
    );
    // A file's servers are asked on demand only.
    let before = site.paths().len();
    env.write("podcast.xml", feed(&site.url("/gone")));
    env.ok(&["podcast", "check", "podcast.xml"]);
    assert_eq!(site.paths().len(), before);
    let run = env
        .run(&["podcast", "check", "--online", "--allow-private", "--ask", "1", "--json", "podcast.xml"])
        .expect(1);
    assert_eq!(rules(&run.json_lines()[0]), ["sound-answers"], "{run}");
    assert_eq!(site.paths()[before..], ["/gone/cover.png", "/gone/2026/ferries-2.mp3"]);
}

#[test]
fn the_rules_are_told() {
    let env = TestEnv::new();
    let text = env.ok(&["podcast", "rules"]).stdout;
    let run = env.ok(&["podcast", "rules", "--json"]);
    let rules = run.json_lines();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
    assert!(ids.len() > 60 && ids.len() == rules.len(), "{run}");
    each(rules, |rule| {
        for key in ["rule", "what", "cure", "document"] {
            let words = rule[key].as_str().unwrap();
            assert!(text.contains(words), "{words}");
        }
        assert!(["required", "recommended"].contains(&rule["level"].as_str().unwrap()), "{rule}");
    });
}

/// A folder of two short articles.
fn newsroom() -> TestEnv {
    let env = TestEnv::new();
    for (name, title) in [("a", "Port reopens"), ("b", "Ferry returns")] {
        let text = format!(
            "{title}\n\nBy Ann Lee\n\nThe harbour of {name} opened again on Monday. Ships came back at noon.\n"
        );
        env.write(&format!("news/{name}.txt"), text);
    }
    env
}

const BATCH: [&str; 7] = ["batch", "--voice", "tone", "--preset", "podcast", "news", "-oout"];
const MAKE: [&str; 7] =
    ["podcast", "make", "out", "--title", "Harbour News", "--base-url", "https://gazette.example/audio"];

#[test]
fn a_folder_becomes_a_podcast_and_stays_one() {
    let env = newsroom();
    env.refused(&MAKE, 3, &["no such folder"]);
    env.ok(&BATCH);
    env.refused(&["podcast", "make", "out"], 2, &["no title", "--title"]);
    env.refused(&["podcast", "make", "out", "--title", "Harbour News"], 2, &["no address", "--base-url"]);
    let run = env.ok(&MAKE);
    assert!(run.stdout.contains("out/podcast.xml: 2 episodes"), "{run}");
    let run = env.ok(&["podcast", "check", "out"]);
    assert!(run.stdout.contains("0 rules broken"), "{run}");
    let text = |env: &TestEnv| String::from_utf8(env.bytes("out/podcast.xml")).unwrap();
    let first = text(&env);
    for want in [
        "<itunes:block>Yes</itunes:block>",
        "<podcast:locked>yes</podcast:locked>",
        "https://gazette.example/audio/a.mp3",
        &format!("length=\"{}\"", env.bytes("out/a.mp3").len()),
        "<title>Port reopens</title>",
        "purpose=\"ai-content\"",
        "Ann Lee",
    ] {
        assert!(first.contains(want), "{want} is missing in {first}");
    }
    // The same manifest gives the same bytes.
    let run = env.ok(&["podcast", "make", "out"]);
    assert!(text(&env) == first, "{run}");
    env.ok(&BATCH);
    assert!(text(&env) == first);

    // A correction keeps its guid, and gets a file that apps have not fetched yet. A new article is listed by the batch itself.
    env.write(
        "news/a.txt",
        "Port reopens early\n\nThe harbour of a opened again on Sunday. Ships came back at noon.\n",
    );
    env.write("news/c.txt", "Pier closes\n\nThe pier of c closed on Monday. Nobody was hurt.\n");
    let run = env.ok(&BATCH);
    let second = text(&env);
    let guids = |text: &str| -> BTreeSet<String> {
        text.split("<guid isPermaLink=\"false\">")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap().to_string())
            .collect()
    };
    assert!(guids(&second).is_superset(&guids(&first)) && guids(&second).len() == 3, "{second}");
    assert!(second.contains("/a-r2.mp3") && !second.contains("/a.mp3"), "{second}\n{run}");
    assert!(second.contains("Port reopens early") && second.contains("Pier closes"), "{second}");
    let files = env.files();
    assert!(
        files.contains(&"out/a-r2.vtt".to_string()) && !files.contains(&"out/a.vtt".to_string()),
        "{files:?}"
    );
    env.ok(&["podcast", "check", "out"]);
    assert!(String::from_utf8(env.bytes("out/index.html")).unwrap().contains("Pier closes"));

    // Public once somebody says whose the texts are; the name of the feed stays when its address moves.
    env.ok(&[
        "podcast",
        "make",
        "out",
        "--rights",
        "own",
        "--email",
        "desk@gazette.example",
        "--base-url",
        "https://new.example/x/",
    ]);
    let third = text(&env);
    assert!(!third.contains("itunes:block") && third.contains("https://new.example/x/a-r2.mp3"), "{third}");
    let name =
        |text: &str| text.split("<podcast:guid>").nth(1).unwrap().split('<').next().unwrap().to_string();
    assert_eq!(name(&third), name(&first));
}

#[test]
fn a_feed_keeps_the_rules_or_is_not_written() {
    let env = newsroom();
    env.ok(&["batch", "--voice", "tone", "news", "-oout"]);
    let run = env.ok(&MAKE);
    assert!(
        run.stdout.contains("0 episodes, 2 left out") && run.stdout.contains("--preset podcast"),
        "{run}"
    );
    env.refused(&[&MAKE[..], &["--category", "Gossip"]].concat(), 3, &["Gossip"]);
    env.refused(
        &["podcast", "make", "out", "--base-url", "https://gazette.example/?x"],
        2,
        &["question mark"],
    );
    env.write("cover.png", "no picture");
    env.refused(&[&MAKE[..], &["--cover", "cover.png"]].concat(), 3, &["cover"]);
    assert!(
        String::from_utf8(env.bytes("out/podcast.xml")).unwrap().contains("News"),
        "the whole feed stays"
    );
}
