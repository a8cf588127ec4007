//! The page beside the sound, through the real binary. `make page-check` opens it in a browser.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]
#![cfg(feature = "page")]

use crate::common;

use common::{STORY, SUMMIT, SUMMIT_STORY, TestEnv, each, fold};
use serde_json::Value;

/// The smallest picture: one grey point.
const POINT: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0a\x49\x44\x41\x54\x78\xda\x63\x68\x00\x00\x00\x82\x00\x81\xda\x45\x08\x3b\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

fn page(env: &TestEnv, name: &str) -> String {
    String::from_utf8(env.bytes(name)).unwrap()
}

/// The text of a page's part between its tags.
fn text(html: &str) -> String {
    let mut text = String::new();
    for (index, part) in html.split('<').enumerate() {
        text.push_str(if index == 0 { part } else { part.split_once('>').unwrap().1 });
    }
    text.replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#39;", "'")
        .replace("&#34;", "\"")
        .replace("&#38;", "&")
}

/// The part of a page from `start` to `end`.
fn part<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    page.split_once(start).unwrap_or_else(|| panic!("no {start}")).1.split_once(end).unwrap().0
}

#[test]
fn a_page_shows_the_story_with_the_times_of_its_words() {
    let env = TestEnv::new();
    env.write("summit.txt", SUMMIT);
    let announced = ["--announce", "usual", "--announce-after", "Thank you."];
    let args = ["summit.txt", "--page", "--captions", "json", "-o", "summit.mp3"];
    let summary = env.summary(&[&args[..], &announced].concat());
    let files = summary["captions"].as_array().unwrap();
    assert_eq!(files.last().unwrap()["file"], "summit.html");
    let page = page(&env, "summit.html");
    // What is said around the article is there as well; each is one piece.
    assert_eq!(
        text(part(&page, "<p class=\"announcement\" dir=\"auto\">", "</p>")),
        "Audio report, read by AI."
    );
    let headline = text(part(&page, "<h1 dir=\"auto\">", "</h1>"));
    let story = text(part(&page, "<div class=\"story\">", "</div>"));
    assert_eq!(fold(&format!("{headline} {story}")), fold(SUMMIT_STORY) + " Thank you.");
    assert!(page.contains("src=\"summit.mp3\"") && page.contains("by AI"));
    let words: Value = serde_json::from_slice(&env.bytes("summit.words.json")).unwrap();
    let want: Vec<u64> = words["sentences"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|sentence| sentence["words"].as_array().unwrap())
        .map(|word| (word["start"].as_f64().unwrap() * 1000.0).round() as u64)
        .collect();
    let timings: Value = serde_json::from_str(part(&page, "id=\"timings\">", "</script>")).unwrap();
    let starts: Vec<u64> =
        timings["starts"].as_array().unwrap().iter().map(|start| start.as_u64().unwrap()).collect();
    let last = starts.len() - 1;
    assert!(starts[0] < want[0] && starts[last] > want[want.len() - 1]);
    assert_eq!(starts[1..last], want);
    assert_eq!(page.matches("<span>").count(), want.len() + 2);
}

#[test]
fn hostile_articles_and_names_stay_text() {
    let env = TestEnv::new();
    let title = "Port </script><script>alert(1)</script> & \"quotes\" \u{202e}reopens";
    env.write("a.txt", format!("{title}\n\n{STORY}"));
    env.ok(&["read", "--voice", "tone", "a.txt", "--page", "-o", "50% #1 \"a\".wav"]);
    let page = page(&env, "50% #1 \"a\".html");
    assert!(page.contains("<audio src=\"50%25%20%231%20%22a%22.wav\""), "{page}");
    assert_eq!(page.matches("<script").count(), 3, "{page}");
    assert_eq!(page.matches("</script").count(), 3, "{page}");
    let headline = text(part(&page, "<h1 dir=\"auto\">", "</h1>"));
    assert_eq!(headline, title.replace('\u{202e}', ""));
}

#[test]
fn a_page_shows_its_publication_and_cover() {
    let env = TestEnv::new();
    let head = "<meta property=\"og:site_name\" content=\"Harbor & Daily\">";
    env.write(
        "in.html",
        format!("<html><head>{head}</head><body><h1>Port reopens</h1><p>{STORY}</p></body></html>"),
    );
    env.write("cover.png", POINT);
    env.ok(&["read", "--voice", "tone", "in.html", "--page", "--cover", "cover.png", "-o", "a.wav"]);
    let page = page(&env, "a.html");
    assert_eq!(text(part(&page, "<p class=\"publication\">", "</p>")), "Harbor & Daily");
    assert!(page.contains("<img src=\"data:image/png;base64,iVBORw0KGgo"), "{page}");
}

#[test]
fn a_batch_writes_pages_and_repeats_them_byte_for_byte() {
    let env = TestEnv::new();
    env.write("news/a.txt", STORY);
    env.write("news/b.md", format!("# B\n\n{STORY}"));
    let args = ["batch", "--voice", "tone", "news", "--page", "--force"];
    env.ok(&args);
    let pages = ["output/a.html", "output/b.html"].map(|name| env.bytes(name));
    env.ok(&args);
    assert_eq!(pages, ["output/a.html", "output/b.html"].map(|name| env.bytes(name)));
}

#[test]
fn a_batch_does_not_read_its_own_pages() {
    let env = TestEnv::new();
    env.write("news/a.txt", STORY);
    env.write("news/b.html", format!("<h1>Port reopens</h1><p>{STORY}</p>"));
    let args = ["batch", "--voice", "tone", "news", "-o", "news", "--page"];
    env.refused(&args, 2, &["b.html", "overwrite", "-o"]);
    std::fs::rename(env.path("news/b.html"), env.path("news/b.htm")).unwrap();
    env.ok(&args);
    let files = env.files();
    let want = ["a.html", "a.txt", "a.wav", "b.htm", "b.html", "b.wav"].map(|name| format!("news/{name}"));
    assert_eq!(files, want);
    let again = env.ok(&args);
    assert!(again.stdout.contains("2 skipped"), "{again}");
    assert_eq!(env.files(), files);
}

#[test]
fn a_page_is_refused_where_it_can_not_stand() {
    let env = TestEnv::new();
    let story = format!("<h1>Port reopens</h1><p>{STORY}</p>");
    env.write("story.html", &story);
    env.write("a.txt", STORY);
    env.write("old.html", "precious");
    let rows = [
        (&["a.txt", "-o", "-", "--page"][..], 2, &["standard output", "-o"][..]),
        (&["story.html", "-o", "story.wav", "--page", "--force"], 2, &["story.html", "overwrite", "-o"]),
        (&["./story.html", "-o", "story.mp3", "--page", "--force"], 2, &["story.html", "overwrite", "-o"]),
        (&["a.txt", "-o", "old.wav", "--page"], 3, &["old.html", "exists", "--force"]),
    ];
    each(rows, |(args, code, words)| {
        env.refused(&[&["read", "--voice", "tone"], args].concat(), code, words);
        assert_eq!(
            (env.bytes("old.html"), env.bytes("story.html")),
            (b"precious".to_vec(), story.clone().into_bytes())
        );
    });
    env.refused(&["batch", "--voice", "tone", ".", "-o", ".", "--page", "--force"], 2, &["overwrite", "-o"]);
    env.ok(&["read", "--voice", "tone", "story.html", "--page"]);
    assert!(page(&env, "output/story.html").contains("<h1"));
}
