//! Pages that were made to break readers: each is read or refused with one clear message, quickly and in bounded
//! memory.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::fs;

use common::{BINARY, Run, TestEnv, each, show};

/// Work in proportion to a page grows fourfold with a page of four times the size, work in proportion to its square
/// grows sixteenfold.
const LARGER: usize = 4;
const GROWTH: f64 = 10.0;
/// Below this processor time, in seconds, growth can't be measured.
const LEAST: f64 = 0.1;
const STORY: &str = "<p>The port reopened on Monday after a storm, officials said.</p>\
    <p>Ships came back at noon, and the cranes were working again before dark.</p>";

/// Reads a page and returns the processor time in seconds, on which other load has little effect.
fn read(name: &str, page: impl AsRef<[u8]>) -> (Run, f64) {
    const ARGS: [&str; 3] = ["explain", "--stage", "sentences"];
    let env = TestEnv::new();
    env.write(name, page);
    let mut command = env.command_of("sh");
    // The second line of `times` is of the children.
    command.args(["-c", "\"$@\"; code=$?; times >times; exit $code", "sh", BINARY]).args(ARGS).arg(name);
    let shown = show(&command);
    let run = Run::wait(command.spawn().unwrap(), &shown);
    assert!(matches!(run.code, Some(0 | 3)), "{name}\n{run}");
    assert!(!run.stderr.contains("panicked") && !run.stderr.contains("overflow"), "{name}\n{run}");
    let times = fs::read_to_string(env.path("times")).unwrap();
    let seconds = times.lines().last().unwrap().split_whitespace().map(|time| {
        let (minutes, seconds) = time.trim_end_matches('s').split_once('m').unwrap();
        60.0 * minutes.parse::<f64>().unwrap() + seconds.parse::<f64>().unwrap()
    });
    (run, seconds.sum())
}

/// Reads a page of full size and one of a quarter; `page` gets the divisor. The work must not grow with the square.
fn read_both(name: &str, page: impl Fn(usize) -> String) -> Run {
    let (_, least) = read(name, STORY);
    let (_, quarter) = read(name, page(LARGER));
    let (run, whole) = read(name, page(1));
    let allowed = least + GROWTH * (quarter - least).max(LEAST);
    assert!(whole <= allowed, "{name}: {least} s without it, {quarter} s for a quarter, {whole} s for all");
    run
}

#[test]
fn the_story_is_found_in_any_soup() {
    each(SOUPS, |(name, page)| {
        let run = read_both(&format!("{name}.html"), page).expect(0);
        for sentence in ["The port reopened on Monday after a storm, officials said.", "before dark."] {
            assert!(run.stdout.contains(sentence), "{name}: “{sentence}” is lost\n{run}");
        }
    });
}

fn many(piece: &str, count: usize) -> String {
    piece.repeat(count)
}

fn numbered(count: usize, piece: fn(usize) -> String) -> String {
    (0..count).map(piece).collect::<Vec<String>>().concat()
}

/// Makes a page of a size.
type Make<'a> = dyn Fn(usize) -> String + 'a;

/// Makes a page of a size, without anything around it.
type Soup = fn(usize) -> String;

/// Pages, smaller by a divisor.
const SOUPS: [(&str, Soup); 24] = [
    ("divs", |share| format!("{}{STORY}{}", many("<div>", 50_000 / share), many("</div>", 50_000 / share))),
    ("formatting", |share| format!("<body>{}{STORY}", many("<b>", 50_000 / share))),
    ("formatting-with-names", |share| {
        format!("<body>{}{STORY}", numbered(50_000 / share, |n| format!("<b id={n}><p><i class=x{n}>")))
    }),
    ("tables", |share| format!("<body>{}{STORY}", many("<table><tr><td>", 50_000 / share))),
    ("lists", |share| format!("<body>{}{STORY}", many("<ul><li>", 50_000 / share))),
    ("forms", |share| format!("<body>{}{STORY}", many("<form><select><option>", 50_000 / share))),
    ("wrong-ends", |share| format!("<body>{STORY}{}", many("</p></div></b>", 100_000 / share))),
    ("long-attribute", |share| format!("<body><p title=\"{}\">x</p>{STORY}", many("x", 100_000_000 / share))),
    ("many-attributes", |share| {
        format!("<body><p {}>x</p>{STORY}", numbered(300_000 / share, |n| format!("a{n}=b ")))
    }),
    ("open-attribute", |share| format!("<body>{STORY}<p title=\"{}", many("x", 5_000_000 / share))),
    ("entities", |share| {
        format!(
            "<!DOCTYPE html [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><body>{STORY}<pre>{}{}{}</pre>",
            many("&b;", 100_000 / share),
            many("&amp;", 300_000 / share),
            many("&", 500_000 / share)
        )
    }),
    ("scripts", |share| {
        let soup = many("<script>if(a<b){'</p>'}<!--<script></script>", 50_000 / share);
        format!("<body>{soup}</script>--></script>{STORY}")
    }),
    ("data", |share| {
        let data = format!("<script type='application/ld+json'>{}</script>", many("[", 500_000 / share));
        format!("<head>{data}</head><body>{STORY}")
    }),
    ("teasers", |share| {
        format!("<body>{STORY}<div>{}", many("<h3><a href=/x>Another</a></h3>", 200_000 / share))
    }),
    ("broken-lines", |share| format!("<body>{STORY}<ul><li><p>{}", many("a<br><br>", 300_000 / share))),
    ("deep-lines", |share| {
        format!("<body>{STORY}{}<ul><li><p>{}", many("<div>", 97), many("a<div>", 200_000 / share))
    }),
    ("authors", |share| {
        let metas = numbered(200_000 / share, |n| format!("<meta name=author content=a{n}>"));
        format!("<head>{metas}</head><body>{STORY}")
    }),
    ("linked-authors", |share| {
        let people = numbered(20_000 / share, |n| format!("{{\"@id\":\"#{n}\"}},"));
        let list = format!("{{\"@type\":\"NewsArticle\",\"author\":[{people}{{}}]}}");
        format!("<head><script type='application/ld+json'>[{people}{list}]</script></head><body>{STORY}")
    }),
    ("nested-tables", |share| format!("<body>{STORY}{}", many("<table><tr><td>a<td>", 20_000 / share))),
    ("wide-rows", |share| format!("<body>{STORY}<table>{}", many("<tr><td>a<td>b", 100_000 / share))),
    ("comments", |share| format!("<body>{STORY}{}", many("<!--", 500_000 / share))),
    ("signs", |share| format!("<body>{STORY}<hr>{}", many("<", 500_000 / share))),
    ("spaces", |share| format!("<body>{STORY}<hr>{}", many(" ", 5_000_000 / share))),
    ("headings", |share| format!("<body>{STORY}<div>{}", many("<h2>Heading</h2>", 25_000 / share))),
];

#[test]
fn long_pages_are_read_whole() {
    let sentence = "The port reopened on Monday. ";
    let paragraph = format!("<p>{}</p>", sentence.repeat(5));
    let pages: [(&str, &Make<'_>, usize); 3] = [
        ("line.html", &|share| format!("<body>{}", paragraph.repeat(35_000 / share)), 175_000),
        ("paragraph.html", &|share| format!("<body><p>{}", sentence.repeat(170_000 / share)), 170_000),
        (
            "unclosed.html",
            &|share| format!("<body>{}", format!("<p>{sentence}").repeat(100_000 / share)),
            100_000,
        ),
    ];
    each(pages, |(name, page, count)| {
        assert!(page(1).len() > 2_900_000);
        let run = read_both(name, page).expect(0);
        assert_eq!(run.stdout.lines().count(), count, "{name}");
    });
}

#[test]
fn what_is_no_page_is_refused() {
    let pages = [
        ("nuls.html", format!("<body>{}{STORY}", "\0".repeat(100_000)), &["binary"][..]),
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
    ];
    each(pages, |(name, page, words)| {
        let env = TestEnv::new();
        env.write(name, page);
        let words = [&[name][..], words].concat();
        env.refused(&["read", "--voice", "tone", name], 3, &words);
        env.refused(&["explain", "--stage", "article", name], 3, &words);
    });
    // A single NUL is passed over, as in browsers.
    let env = TestEnv::new();
    env.write("nul.html", format!("<body><p>One \0NUL here.</p>{STORY}"));
    for lossy in [&[][..], &["--lossy"]] {
        let run = env.ok(&[&["explain", "--stage", "sentences", "nul.html"], lossy].concat());
        assert!(run.stdout.starts_with("One NUL here.\n"), "{run}");
    }
}

#[test]
fn markdown_made_to_break_readers_is_read() {
    let lists = |count: usize| -> String {
        (0..count).map(|depth| format!("{}- a\n", "  ".repeat(depth))).collect::<Vec<String>>().concat()
    };
    let texts: [(&str, &dyn Fn(usize) -> String); 7] = [
        ("quotes", &|share| format!("{} text", ">".repeat(50_000 / share))),
        // Their size goes with the square of their number.
        ("lists", &|share| lists(if share == 1 { 1500 } else { 750 })),
        ("brackets", &|share| "[".repeat(200_000 / share)),
        ("stars", &|share| "*a **b ".repeat(100_000 / share)),
        ("links", &|share| "[a](<b".repeat(50_000 / share)),
        ("table", &|share| format!("|a|b|\n|-|-|\n{}", "|x|y|\n".repeat(100_000 / share))),
        ("elements", &|share| "<div>".repeat(50_000 / share)),
    ];
    each(texts, |(name, text)| {
        let page = |share| format!("# Head\n\nThe port reopened.\n\n{}\n", text(share));
        let run = read_both(&format!("{name}.md"), page).expect(0);
        assert!(run.stdout.starts_with("Head\nThe port reopened.\n"), "{name}\n{run}");
    });
}
