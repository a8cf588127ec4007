//! News feeds: the real binary against a real server on this machine.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::fs;
use std::sync::{Arc, Mutex};

use common::{TestEnv, each};
use site::{Asked, Reply, Site, moved, page, reply, story};

use crate::site;

// A release build has no other limits and names than the real ones.
#[cfg(debug_assertions)]
#[path = "feed/hostile.rs"]
mod hostile;
#[cfg(debug_assertions)]
#[path = "feed/paper.rs"]
mod paper;
#[cfg(unix)]
#[path = "feed/signed.rs"]
mod signed;
#[path = "feed/similar.rs"]
mod similar;

const ARGS: [&str; 6] = ["feed", "--voice", "tone", "--allow-private", "--since", "5200w"];

/// A story in the words of a feed, with `words` words and more.
fn text(topic: &str, words: usize) -> String {
    let sentences = [
        "The harbour of {} opened again on Monday.",
        "Ships came back at noon.",
        "The mayor of {} thanked the pilots for their work.",
    ];
    let mut html = String::new();
    for (number, sentence) in sentences.iter().cycle().enumerate() {
        if html.split_whitespace().count() >= words {
            break;
        }
        html.push_str(&format!("<p>{} That was report {number}.</p>", sentence.replace("{}", topic)));
    }
    html
}

fn item(guid: &str, title: &str, link: &str, html: &str) -> String {
    let guid =
        if guid.is_empty() { String::new() } else { format!("<guid isPermaLink=\"false\">{guid}</guid>") };
    format!(
        "<item>{guid}<title>{title}</title><link>{link}</link><pubDate>Sat, 29 Nov 2025 06:00:00 GMT</pubDate>\
         <description><![CDATA[{html}]]></description></item>"
    )
}

fn rss(items: &[String]) -> Reply {
    let body =
        format!("<rss version=\"2.0\"><channel><title>Coast News</title>{}</channel></rss>", items.concat());
    reply("200 OK", &[("Content-Type", "application/rss+xml"), ("ETag", "\"v \u{e9}1\"")], body.as_bytes())
}

fn sounds(env: &TestEnv) -> Vec<String> {
    env.files().into_iter().filter(|name| name.starts_with("out/")).collect()
}

/// The requests for pages and feeds, without those for what robots may do.
fn asked(site: &Site) -> Vec<String> {
    site.paths().into_iter().filter(|path| path != "/robots.txt").collect()
}

#[test]
fn new_articles_are_read_once_and_a_feed_is_asked_politely() {
    let env = TestEnv::new();
    let seen: Arc<Mutex<Vec<Asked>>> = Arc::default();
    let noted = seen.clone();
    let site = Site::start(move |asked| {
        noted.lock().unwrap().push(asked.clone());
        match asked.path.as_str() {
            "/feed" if asked.header("if-none-match") == Some("\"v1\"") => reply("304 Not Modified", &[], b""),
            "/feed" => {
                let items = [
                    item("a-1", "Port reopens", "/a", "A teaser."),
                    item("a-2", "Ferry returns", "/b", &text("Havn", 260)),
                ];
                let body = format!(
                    "<rss version=\"2.0\"><channel><title>Coast</title>{}</channel></rss>",
                    items.concat()
                );
                reply("200 OK", &[("ETag", "\"v1\""), ("Last-Modified", "whenever it was")], body.as_bytes())
            }
            "/robots.txt" => reply("404 Not Found", &[], b""),
            path => page(&story(&format!("Page {path}"), "")),
        }
    });
    let feed = site.url("/feed");
    let run = env.ok(&[&ARGS[..], &["-oout", &feed]].concat());
    assert!(
        run.stdout.contains("2 new articles") && run.stdout.contains("2 articles read, 0 failed"),
        "{run}"
    );
    // A whole story comes from the feed, a teaser's from its page.
    assert_eq!(asked(&site), ["/feed", "/a"], "{run}");
    assert_eq!(sounds(&env), ["out/a.wav", "out/b.wav"], "{run}");
    let run = env.ok(&[&ARGS[..], &["-oout", &feed]].concat());
    assert!(run.stdout.contains("nothing new") && run.stdout.contains("2 skipped"), "{run}");
    assert_eq!(asked(&site), ["/feed", "/a", "/feed"], "{run}");
    let last = seen.lock().unwrap().iter().rev().find(|asked| asked.path == "/feed").cloned().unwrap();
    assert_eq!(last.header("if-none-match"), Some("\"v1\""));
    assert_eq!(last.header("if-modified-since"), Some("whenever it was"));
    let status = env.run(&["status", "out"]).expect(0);
    assert!(status.stdout.contains(&format!("feed {feed}: good just now")), "{status}");
    let json = env.run(&["status", "out", "--json"]);
    let facts = &json.json_lines()[1]["facts"];
    assert_eq!((&facts["title"], &facts["date"]), (&"Ferry returns".into(), &"2025-11-29".into()), "{json}");
    assert_eq!(facts["link"], site.url("/b"), "{json}");
}

#[test]
fn all_kinds_of_feeds_and_files_of_them() {
    let html = text("Havn", 40);
    let escaped = html.replace('<', "&lt;").replace('>', "&gt;");
    let atom = format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Coast</title><id>urn:c</id><updated>2025-11-29T00:00:00Z</updated>\
         <entry><id>urn:1</id><title>Port reopens</title><updated>2025-11-29T00:00:00Z</updated><content type=\"html\">{escaped}</content></entry></feed>"
    );
    let json = serde_json::json!({ "version": "https://jsonfeed.org/version/1.1", "title": "Coast",
        "items": [{ "id": "1", "title": "Port reopens", "content_html": html }] });
    let rdf = format!(
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://purl.org/rss/1.0/\"><channel><title>Coast</title>\
         <link>https://coast.example/</link><description>d</description></channel>\
         <item rdf:about=\"https://coast.example/port-reopens\"><link>https://coast.example/port-reopens</link><title>Port reopens</title>\
         <description>{escaped}</description></item></rdf:RDF>"
    );
    let rss = format!(
        "<rss version=\"2.0\"><channel><title>Coast</title>{}</channel></rss>",
        item("1", "Port reopens", "", &html)
    );
    each([("atom", atom), ("json", json.to_string()), ("rdf", rdf), ("rss", rss)], |(kind, feed)| {
        let env = TestEnv::new();
        env.write("feed", feed);
        let run = env.ok(&[&ARGS[..], &["--text", "feed", "-oout", "feed"]].concat());
        assert_eq!(sounds(&env), ["out/port-reopens.wav"], "{kind}\n{run}");
        let status = env.run(&["status", "out", "--json"]);
        assert_eq!(status.json_lines()[0]["facts"]["title"], "Port reopens", "{kind}\n{status}");
    });
}

#[test]
fn a_changed_headline_is_no_new_article_and_a_corrected_one_keeps_its_identity() {
    let env = TestEnv::new();
    let guid = |env: &TestEnv| env.run(&["status", "out", "--json"]).json_lines()[0]["guid"].clone();
    let write = |title: &str, link: &str, how: &str| {
        let html = text(how, 40);
        let items = item("coast-7", title, link, &html);
        env.write("feed", format!("<rss version=\"2.0\"><channel><title>C</title>{items}</channel></rss>"));
    };
    let args = [&ARGS[..], &["--text", "feed", "-oout", "feed"]].concat();
    write("Port opens", "https://coast.example/port-opens", "Havn");
    env.ok(&args);
    let (first, bytes) = (guid(&env), env.bytes("out/port-opens.wav"));
    // The address has the headline in it, as many have.
    write("Port reopens", "https://coast.example/port-reopens", "Vik");
    let run = env.ok(&args);
    assert!(run.stdout.contains("0 new articles, 1 changed"), "{run}");
    assert_eq!(sounds(&env), ["out/port-opens.wav"], "{run}");
    assert!(env.bytes("out/port-opens.wav") != bytes, "{run}");
    assert_eq!(guid(&env), first);
    let run = env.ok(&args);
    assert!(run.stdout.contains("0 articles read, 0 failed, 1 skipped"), "{run}");
}

#[test]
fn the_same_article_of_two_feeds_is_read_once() {
    let env = TestEnv::new();
    let feed = |guid: &str| {
        let items =
            item(guid, "Port reopens", "https://coast.example/port?utm_source=feed", &text("Havn", 40));
        format!("<rss version=\"2.0\"><channel><title>C</title>{items}</channel></rss>")
    };
    env.write("north", feed("n-1"));
    env.write("south", feed("s-1"));
    let run = env.ok(&[&ARGS[..], &["--text", "feed", "-oout", "north", "south"]].concat());
    assert!(run.stdout.contains("0 new articles, 1 that another feed had before"), "{run}");
    assert_eq!(sounds(&env), ["out/port.wav"], "{run}");
}

#[test]
fn what_robots_may_not_fetch_is_read_from_the_feed() {
    let env = TestEnv::new();
    let site = Site::start(|asked| match asked.path.as_str() {
        "/feed" => rss(&[
            item("1", "Closed", "/closed/a", &text("Havn", 60)),
            item("2", "Teaser", "/closed/b", "Short."),
        ]),
        "/robots.txt" => {
            reply("200 OK", &[("Content-Type", "text/plain")], b"User-agent: *\nDisallow: /closed/\n")
        }
        _ => page(&story("Page", "")),
    });
    let run = env.run(&[&ARGS[..], &["-oout", &site.url("/feed")]].concat()).expect(1);
    assert!(run.stderr.contains("asks robots not to fetch"), "{run}");
    assert_eq!(asked(&site), ["/feed"], "{run}");
    assert_eq!(sounds(&env), ["out/a.wav"], "{run}");
}

#[test]
fn a_feed_that_fails_is_told_and_the_others_go_on() {
    let env = TestEnv::new();
    env.write(
        "good",
        format!(
            "<rss version=\"2.0\"><channel><title>C</title>{}</channel></rss>",
            item("1", "Port", "", &text("Havn", 40))
        ),
    );
    let site = Site::start(|asked| match asked.path.as_str() {
        "/busy" => reply("429 Too Many Requests", &[("Retry-After", "3600")], b""),
        "/gone" => reply("410 Gone", &[], b""),
        "/page" => page(&story("No feed", "")),
        "/cut" => Reply::Bytes(
            b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n<rss version=\"2.0\"><channel>".to_vec(),
        ),
        "/private" => moved("http://169.254.169.254/feed"),
        "/file" => moved("file:///etc/passwd"),
        _ => rss(&[]),
    });
    // A host that asks to be left alone is left alone with all of its feeds: it comes last.
    let paths = ["/gone", "/page", "/cut", "/private", "/file", "/busy"];
    let urls: Vec<String> = paths.iter().map(|path| site.url(path)).collect();
    let mut args = [&ARGS[..], &["--text", "feed", "-oout", "missing", "good"]].concat();
    args.extend(urls.iter().map(String::as_str));
    let run = env.run(&args).expect(1);
    assert_eq!(run.stderr.matches("audio-report: ").count(), 7, "{run}");
    for words in ["no such file", "429", "410", "no feed", "broke off", "only public addresses"] {
        assert!(run.stderr.contains(words), "“{words}” is missing\n{run}");
    }
    assert_eq!(sounds(&env), ["out/port.wav"], "{run}");
    let before = asked(&site).len();
    // Who asked to be left alone is not asked by the next run.
    let run = env.run(&[&ARGS[..], &["-oout", &urls[5]]].concat()).expect(3);
    assert!(run.stderr.contains("left alone"), "{run}");
    assert_eq!(asked(&site).len(), before, "{run}");
    let status = env.run(&["status", "out"]).expect(1);
    assert!(status.stdout.contains(&format!("feed {}: never answered well", urls[0])), "{status}");
}

#[test]
fn a_list_of_feeds_says_what_differs() {
    let env = TestEnv::new();
    let channel =
        |items: &str| format!("<rss version=\"2.0\"><channel><title>C</title>{items}</channel></rss>");
    let items = ["Port reopens", "Football results", "Ferry returns"]
        .map(|title| item(title, title, "", &text(title, 40)))
        .concat();
    env.write("lists/coast.xml", channel(&items));
    env.write(
        "lists/feeds.toml",
        "[[feed]]\nurl = \"coast.xml\"\nexclude = [\"football\"]\ntext = \"feed\"\n",
    );
    let run = env.ok(&[&ARGS[..], &["-oout", "--feeds", "lists/feeds.toml"]].concat());
    assert_eq!(sounds(&env), ["out/ferry-returns.wav", "out/port-reopens.wav"], "{run}");
    // Another feed of the list is made for another purpose, and a wrong value is told before anything is done.
    env.write("lists/inland.xml", channel(&item("i", "Bridge closes", "", &text("Brede", 40))));
    let podcast = "[[feed]]\nurl = \"coast.xml\"\nexclude = [\"football\"]\n[[feed]]\nurl = \"inland.xml\"\npreset = \"podcast\"\nspeed = 1\n";
    env.write("lists/feeds.toml", podcast);
    let run = env.ok(&[&ARGS[..], &["--text", "feed", "-oout", "--feeds", "lists/feeds.toml"]].concat());
    let inland: Vec<String> = sounds(&env).into_iter().filter(|name| name.contains("bridge")).collect();
    let want = ["out/bridge-closes.mp3", "out/bridge-closes.srt", "out/bridge-closes.vtt"];
    assert_eq!(inland, want, "{run}");
    env.write("lists/feeds.toml", podcast.replace("podcast\"", "loud\""));
    env.refused(
        &[&ARGS[..], &["--feeds", "lists/feeds.toml"]].concat(),
        2,
        &["feeds.toml", "preset is one of podcast, broadcast, web, archive"],
    );
    env.write("lists/feeds.toml", "[[feed]]\nadress = \"coast.xml\"\n");
    env.refused(&[&ARGS[..], &["--feeds", "lists/feeds.toml"]].concat(), 2, &["feeds.toml", "adress"]);
    env.refused(&ARGS, 2, &["no feed is named", "--feeds"]);
    assert!(fs::exists(env.path("out/ferry-returns.wav")).unwrap());
}
