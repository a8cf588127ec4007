//! Pages that were made to break readers: each is read or refused with one clear message, soon and in bounded memory.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

mod common;

use std::time::{Duration, Instant};

use common::TestEnv;

/// Generous: the slowest takes some two seconds when the machine has nothing else to do.
const LONGEST: Duration = Duration::from_mins(1);
const STORY: &str = "<p>The port reopened on Monday after a storm, officials said.</p>\
    <p>Ships came back at noon, and the cranes were working again before dark.</p>";

/// Reads a page and gives what came of it within the time.
fn sentences(name: &str, page: impl AsRef<[u8]>) -> common::Run {
    let env = TestEnv::new();
    env.write(name, page);
    let begun = Instant::now();
    let run = env.run(&["explain", "--stage", "sentences", name]);
    assert!(begun.elapsed() < LONGEST, "{name} took {:?}", begun.elapsed());
    assert!(matches!(run.code, Some(0 | 3)), "{name}\n{run}");
    assert!(!run.stderr.contains("panicked") && !run.stderr.contains("overflow"), "{name}\n{run}");
    run
}

#[test]
fn the_story_is_found_in_any_soup() {
    let many = |piece: &str, count: usize| piece.repeat(count);
    let numbered =
        |count: usize, piece: fn(usize) -> String| (0..count).map(piece).collect::<Vec<String>>().concat();
    for (name, page) in [
        ("divs", format!("{}{STORY}{}", many("<div>", 50_000), many("</div>", 50_000))),
        ("formatting", format!("<body>{}{STORY}", many("<b>", 50_000))),
        ("formatting-with-names", {
            format!("<body>{}{STORY}", numbered(50_000, |n| format!("<b id={n}><p><i class=x{n}>")))
        }),
        ("tables", format!("<body>{}{STORY}", many("<table><tr><td>", 50_000))),
        ("lists", format!("<body>{}{STORY}", many("<ul><li>", 50_000))),
        ("forms", format!("<body>{}{STORY}", many("<form><select><option>", 50_000))),
        ("wrong-ends", format!("<body>{STORY}{}", many("</p></div></b>", 100_000))),
        ("long-attribute", format!("<body><p title=\"{}\">x</p>{STORY}", many("x", 100_000_000))),
        ("many-attributes", format!("<body><p {}>x</p>{STORY}", numbered(300_000, |n| format!("a{n}=b ")))),
        ("open-attribute", format!("<body>{STORY}<p title=\"{}", many("x", 5_000_000))),
        (
            "entities",
            format!(
                "<!DOCTYPE html [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><body>{STORY}<pre>{}{}{}</pre>",
                many("&b;", 100_000),
                many("&amp;", 300_000),
                many("&", 500_000)
            ),
        ),
        ("scripts", {
            let soup = many("<script>if(a<b){'</p>'}<!--<script></script>", 50_000);
            format!("<body>{soup}</script>--></script>{STORY}")
        }),
        ("data", {
            let data = format!("<script type='application/ld+json'>{}</script>", many("[", 500_000));
            format!("<head>{data}</head><body>{STORY}")
        }),
        ("teasers", format!("<body>{STORY}<div>{}", many("<h3><a href=/x>Another</a></h3>", 200_000))),
        ("broken-lines", format!("<body>{STORY}<ul><li><p>{}", many("a<br><br>", 300_000))),
        ("deep-lines", {
            format!("<body>{STORY}{}<ul><li><p>{}", many("<div>", 97), many("a<div>", 200_000))
        }),
        ("authors", {
            let metas = numbered(200_000, |n| format!("<meta name=author content=a{n}>"));
            format!("<head>{metas}</head><body>{STORY}")
        }),
        ("linked-authors", {
            let people = numbered(20_000, |n| format!("{{\"@id\":\"#{n}\"}},"));
            let list = format!("{{\"@type\":\"NewsArticle\",\"author\":[{people}{{}}]}}");
            format!("<head><script type='application/ld+json'>[{people}{list}]</script></head><body>{STORY}")
        }),
        ("nested-tables", format!("<body>{STORY}{}", many("<table><tr><td>a<td>", 20_000))),
        ("wide-rows", format!("<body>{STORY}<table>{}", many("<tr><td>a<td>b", 100_000))),
        ("comments", format!("<body>{STORY}{}", many("<!--", 500_000))),
        ("signs", format!("<body>{STORY}<hr>{}", many("<", 500_000))),
        ("spaces", format!("<body>{STORY}<hr>{}", many(" ", 5_000_000))),
        ("headings", format!("<body>{STORY}<div>{}", many("<h2>Heading</h2>", 25_000))),
    ] {
        let run = sentences(&format!("{name}.html"), page).expect(0);
        for sentence in ["The port reopened on Monday after a storm, officials said.", "before dark."] {
            assert!(run.stdout.contains(sentence), "{name}: “{sentence}” is lost\n{run}");
        }
    }
}

#[test]
fn long_pages_are_read_whole() {
    let sentence = "The port reopened on Monday. ";
    let paragraph = format!("<p>{}</p>", sentence.repeat(5));
    for (name, page, count) in [
        ("line.html", format!("<body>{}", paragraph.repeat(35_000)), 175_000),
        ("paragraph.html", format!("<body><p>{}", sentence.repeat(170_000)), 170_000),
        ("unclosed.html", format!("<body>{}", format!("<p>{sentence}").repeat(100_000)), 100_000),
    ] {
        assert!(page.len() > 3_000_000);
        let run = sentences(name, page).expect(0);
        assert_eq!(run.stdout.lines().count(), count, "{name}");
    }
}

#[test]
fn what_is_no_page_is_refused() {
    for (name, page, words) in [
        ("nul.html", "<body><p>One \0NUL here, and no more of them than one.".to_owned(), &["NUL", "--lossy"][..]),
        ("nuls.html", format!("<body>{}{STORY}", "\0".repeat(100_000)), &["binary"]),
        ("breaks.html", format!("<body>{}{STORY}", "<br>".repeat(1_100_000)), &["elements", "save the story's text"]),
        ("feed.xml", "<?xml version='1.0'?><rss><channel><item/></channel></rss>".to_owned(), &["news feed"]),
        (
            "scripts.html",
            "<html><body><div id=root></div><script>draw()</script><noscript>Enable JavaScript</noscript>".to_owned(),
            &["scripts.html", "JavaScript", "browser"],
        ),
        (
            "frame.html",
            "<html><head><title>The Daily</title></head><body><nav><a href=/>Home</a><a href=/n>News</a></nav>\
             <div class=cookie-banner>This site uses cookies.</div><footer>© The Daily</footer>"
                .to_owned(),
            &["no story", "“This site uses cookies.” (cookie notice)", "what to do"],
        ),
        ("empty.html", "<html></html>".to_owned(), &["empty.html", "what to do"]),
    ] {
        let env = TestEnv::new();
        env.write(name, page);
        let words = [&[name][..], words].concat();
        env.refused(&["read", "--voice", "tone", name], 3, &words);
        env.refused(&["explain", "--stage", "article", name], 3, &words);
    }
    // Without its NUL the page is read.
    let env = TestEnv::new();
    env.write("nul.html", format!("<body><p>One \0NUL here.</p>{STORY}"));
    let run = env.ok(&["explain", "--stage", "sentences", "--lossy", "nul.html"]);
    assert!(run.stdout.starts_with("One NUL here.\n"), "{run}");
}

#[test]
fn markdown_made_to_break_readers_is_read() {
    let lists: Vec<String> = (0..1500).map(|depth| format!("{}- a\n", "  ".repeat(depth))).collect();
    for (name, text) in [
        ("quotes", format!("{} text", ">".repeat(50_000))),
        ("lists", lists.concat()),
        ("brackets", "[".repeat(200_000)),
        ("stars", "*a **b ".repeat(100_000)),
        ("links", "[a](<b".repeat(50_000)),
        ("table", format!("|a|b|\n|-|-|\n{}", "|x|y|\n".repeat(100_000))),
        ("elements", "<div>".repeat(50_000)),
    ] {
        let run =
            sentences(&format!("{name}.md"), format!("# Head\n\nThe port reopened.\n\n{text}\n")).expect(0);
        assert!(run.stdout.starts_with("Head\nThe port reopened.\n"), "{name}\n{run}");
    }
}
