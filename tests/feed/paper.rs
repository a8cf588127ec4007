//! A newspaper of thirty articles on a server of its own: three feeds, pages that are served well and badly, and a count of each request.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::common::{Run, TestEnv, each};
use super::site::{Asked, Reply, Site, moved, page, reply, reply_as_said};

const PLACES: [&str; 10] =
    ["Havn", "Vik", "Oslunde", "Brede", "Kalvo", "Tarn", "Lomme", "Skarre", "Nordby", "Elmsund"];
const DAYS: [&str; 5] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
/// Three kinds of stories: a headline, and paragraphs with a place, a number and a day.
const KINDS: [(&str, [&str; 4]); 3] = [
    (
        "Ferry to {place} sails again",
        [
            "The ferry to {place} sailed again on {day} after {number} days in the yard, with a new engine below its deck.",
            "Its captain said that the crossing takes {number} minutes less than before. Every cabin was sold by noon.",
            "Shops near the pier of {place} opened early, and a band played for the first passengers.",
            "The line hopes for {number} thousand travellers until the end of the summer.",
        ],
    ),
    (
        "Library in {place} lends tools",
        [
            "Since {day} the library in {place} lends drills and ladders beside its books, {number} of them at the start.",
            "Neighbours gave most of them, the librarian said, because a drill is used for eight minutes in its life.",
            "A fee of {number} crowns a week pays for repairs. Whoever brings a saw back sharp pays nothing in {place}.",
            "Other towns have asked how it works, and a visit is planned for {day}.",
        ],
    ),
    (
        "Council of {place} counts its trees",
        [
            "Volunteers counted {number} trees in the streets of {place} on {day}, more than any map had shown.",
            "The oldest is a lime behind the station. It was planted {number} years ago, as a brass plate says.",
            "The council wants to plant as many again, and asks each school of {place} to care for a row of them.",
            "A gardener will look at those that the storm bent. The work begins on {day} at the market.",
        ],
    ),
];

/// Headline and paragraphs of the article with a number from 1 to 30.
fn article(number: usize) -> (String, Vec<String>) {
    let (title, paragraphs) = &KINDS[number % 3];
    let filled = |text: &str| {
        text.replace("{place}", PLACES[number % 10])
            .replace("{day}", DAYS[number % 5])
            .replace("{number}", &(number * 7 + 11).to_string())
    };
    (filled(title), paragraphs.iter().map(|text| filled(text)).collect())
}

fn html(number: usize) -> String {
    let (title, paragraphs) = article(number);
    let story = paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect::<Vec<_>>().concat();
    // No ASCII alone: the encoding is seen in it.
    format!(
        "<!DOCTYPE html><html lang=en><head><title>{title}</title></head><body><nav><a href=/>Home</a> <a href=/news>News</a></nav>\
         <article><h1>{title}</h1>{story}<p>A café by the water had the story first.</p></article></body></html>"
    )
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn rss() -> String {
    let item = |number| {
        format!(
            "<item><guid isPermaLink=\"false\">paper-{number}</guid><title>{}</title><link>/a/{number}?utm_source=rss</link>\
             <pubDate>Sat, 29 Nov 2025 06:{number:02}:00 GMT</pubDate><description>Read on.</description></item>",
            article(number).0
        )
    };
    let items: String = (1..=10).map(item).collect();
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Coast</title>{items}</channel></rss>"
    )
}

fn atom() -> String {
    let entry = |number| {
        format!(
            "<entry><id>urn:paper:{number}</id><title>{}</title><link href=\"/a/{number}\"/><updated>2025-11-29T06:{number:02}:00Z</updated></entry>",
            article(number).0
        )
    };
    let entries: String = (11..=20).map(entry).collect();
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Coast</title><id>urn:paper</id><updated>2025-11-29T07:00:00Z</updated>{entries}</feed>"
    )
}

fn json(elsewhere: &str) -> String {
    let item = |number: usize| {
        let host = if number == 29 { elsewhere } else { "" };
        serde_json::json!({ "id": number.to_string(), "url": format!("{host}/a/{number}"), "title": article(number).0,
            "date_published": format!("2025-11-29T06:{number:02}:00Z"), "content_text": "Read on." })
    };
    let items: Vec<serde_json::Value> = (21..=30).map(item).collect();
    serde_json::json!({ "version": "https://jsonfeed.org/version/1.1", "title": "Coast", "items": items })
        .to_string()
}

const HTML: (&str, &str) = ("Content-Type", "text/html; charset=utf-8");
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>";

/// A page: nine of the thirty are served in a way of their own, and six of these badly, until the server is mended.
fn story(number: usize, is_mended: bool) -> Reply {
    let text = html(number);
    match number {
        3 => {
            let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
            reply("200 OK", &[HTML], &bytes)
        }
        4 => reply("200 OK", &[HTML, ("Content-Encoding", "gzip")], &gzip(text.as_bytes())),
        7 => moved("/story/7?id=1&utm_campaign=x"),
        13 if !is_mended => Reply::Drip(HEAD.to_vec()),
        17 if !is_mended => Reply::Endless(HEAD.to_vec()),
        19 if !is_mended => reply_as_said("200 OK", &[HTML, ("Content-Length", "99999")], text.as_bytes()),
        23 if !is_mended => {
            reply("200 OK", &[HTML, ("Content-Encoding", "gzip")], &gzip(&vec![b' '; 12 << 20]))
        }
        26 if !is_mended => reply("500 Fault", &[HTML], b"<p>Sorry"),
        29 if !is_mended => reply("429 Too Many Requests", &[("Retry-After", "3600")], b""),
        _ => page(&text),
    }
}

fn answer(asked: &Asked, is_mended: bool, elsewhere: &str) -> Reply {
    let known = |etag: &str| asked.header("if-none-match") == Some(etag);
    let path = asked.path.split('?').next().unwrap_or_default();
    match path {
        "/rss" if known("W/\"rss, 1\"") => reply("304 Not Modified", &[], b""),
        "/rss" => reply(
            "200 OK",
            &[("Content-Type", "application/rss+xml"), ("ETag", "W/\"rss, 1\"")],
            rss().as_bytes(),
        ),
        "/atom" if asked.header("if-modified-since") == Some("this morning") => {
            reply("304 Not Modified", &[], b"")
        }
        "/atom" => reply(
            "200 OK",
            &[("Last-Modified", "this morning"), ("Content-Encoding", "gzip")],
            &gzip(atom().as_bytes()),
        ),
        "/feed" => moved("/new/feed.json"),
        "/new/feed.json" => {
            reply("200 OK", &[("Content-Type", "application/feed+json")], json(elsewhere).as_bytes())
        }
        "/robots.txt" => reply("404 Not Found", &[], b""),
        _ => match path.rsplit('/').next().and_then(|number| number.parse().ok()) {
            Some(7) if path.starts_with("/story/") => page(&html(7)),
            Some(number @ 1..=30) => story(number, is_mended),
            _ => reply("404 Not Found", &[], b""),
        },
    }
}

/// How often each path was asked for.
fn counts(sites: &[&Site]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for path in sites.iter().flat_map(|site| site.paths()) {
        let path = path.split('?').next().unwrap_or_default().to_string();
        *counts.entry(path).or_default() += 1;
    }
    counts
}

fn sounds(env: &TestEnv) -> Vec<String> {
    env.files().into_iter().filter(|name| name.starts_with("out/")).collect()
}

#[test]
fn thirty_articles_of_three_feeds_are_read_once_each_however_they_are_served() {
    let env = TestEnv::with_net("time=4");
    let is_mended = Arc::new(AtomicBool::new(false));
    let (here, there) = (is_mended.clone(), is_mended.clone());
    let other = Site::start(move |asked| answer(asked, there.load(Ordering::Relaxed), ""));
    let elsewhere = other.url("");
    let site = Site::start(move |asked| answer(asked, here.load(Ordering::Relaxed), &elsewhere));
    let feeds = ["/rss", "/atom", "/feed"].map(|path| site.url(path));
    let args = ["feed", "--voice", "tone", "--allow-private", "--since", "5200w", "--text", "page", "-oout"];
    let args: Vec<&str> = args.into_iter().chain(feeds.iter().map(String::as_str)).collect();
    let run = env.run(&args).expect(1);
    assert!(run.stdout.contains("24 articles read, 6 failed"), "{run}");
    let faults: [(usize, &str); 6] = [
        (13, "longer than 4 s"),
        (17, "larger than 10 MB"),
        (19, "broke off"),
        (23, "larger than 10 MB"),
        (26, "HTTP status 500"),
        (29, "asked again in 3600 s"),
    ];
    let messages = messages(&run);
    assert_eq!(messages.len(), faults.len(), "{run}");
    each(faults, |(number, words)| {
        let own: Vec<&String> =
            messages.iter().filter(|message| message.contains(&format!("/a/{number}\n"))).collect();
        assert_eq!(own.len(), 1, "{number}\n{run}");
        assert!(own[0].contains(words), "{number}: {}", own[0]);
    });
    let before = counts(&[&site, &other]);
    let first: Vec<String> = sounds(&env);
    assert_eq!(first.len(), 24, "{first:?}");
    let is_polled = |path: &str| ["/rss", "/atom", "/feed", "/new/feed.json", "/robots.txt"].contains(&path);
    let twice: Vec<_> = before.iter().filter(|(path, times)| !is_polled(path) && **times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    // What was badly served is asked for again, and nothing else.
    is_mended.store(true, Ordering::Relaxed);
    let run = env.ok(&args);
    assert!(run.stdout.contains("6 articles read, 0 failed, 24 skipped"), "{run}");
    assert_eq!(run.stdout.matches("nothing new").count(), 2, "{run}");
    let after = counts(&[&site, &other]);
    let again: Vec<&str> = after
        .iter()
        .filter(|(path, times)| !is_polled(path) && before.get(*path) != Some(times))
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(again, ["/a/13", "/a/17", "/a/19", "/a/23", "/a/26", "/a/29"], "{run}");
    assert_eq!(sounds(&env).len(), 30, "{run}");
    let run = env.ok(&args);
    assert!(run.stdout.contains("0 articles read, 0 failed, 30 skipped"), "{run}");
    let last = counts(&[&site, &other]);
    assert_eq!((last["/rss"], last["/atom"], last["/feed"], last["/a/13"]), (3, 3, 3, 2), "{last:?}");
    // Each with its own words, and the encoding as it is rather than as the server says.
    let titles: BTreeMap<String, String> = env
        .run(&["status", "out", "--json"])
        .json_lines()
        .iter()
        .filter_map(|line| {
            let name = line["files"][0]["name"].as_str()?;
            Some((name.to_string(), line["facts"]["title"].as_str()?.to_string()))
        })
        .collect();
    each(1..=30_usize, |number| {
        assert_eq!(titles[&format!("{number}.wav")], article(number).0, "{titles:?}");
    });
    let status = env.ok(&["status", "out"]);
    each(feeds, |feed| assert!(status.stdout.contains(&format!("feed {feed}: good just now")), "{status}"));
}

/// The messages of a run, each with its place and its cure.
pub(super) fn messages(run: &Run) -> Vec<String> {
    run.complaints().split("audio-report: ").skip(1).map(str::to_string).collect()
}
