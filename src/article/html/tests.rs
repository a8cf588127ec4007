use proptest::prelude::*;

use super::*;
use crate::article::{ReadOptions, read_text};
use crate::table_test::each;

/// The texts that are read, each with the first letter of its kind.
fn story(page: &str) -> Vec<String> {
    let article = read_text(page.to_owned(), "page.html", ReadOptions::default()).unwrap();
    let show = |block: &crate::article::Block| {
        format!("{} {}", &format!("{:?}", block.kind)[..1], shorten(block.span.of(&article.text), usize::MAX))
    };
    article.blocks.iter().map(show).collect()
}

const BODY: &str = "<p>A cat that was lost in May was found on Monday in a bakery.</p><p>It was asleep.</p>";
const READ: [&str; 2] = ["P A cat that was lost in May was found on Monday in a bakery.", "P It was asleep."];

#[test]
fn the_title_is_found() {
    let rows = [
        ("<h1>Cat found in bakery</h1>", Some("Cat found in bakery")),
        ("<title>Cat found in bakery | The Daily</title>", Some("Cat found in bakery")),
        (
            "<title>Cat found in bakery - The Daily</title><h1>Cat found in bakery</h1>",
            Some("Cat found in bakery"),
        ),
        ("<meta property=og:title content='Cat &amp; bakery'><h1>The Daily</h1>", Some("Cat & bakery")),
        (
            "<meta property=og:title content='Lost cat found in a bakery after months'><h1>Lost cat found asleep in bakery</h1>",
            Some("Lost cat found asleep in bakery"),
        ),
        ("<h1><a href=/>The Daily</a></h1><h2>Cat found</h2><title>Cat found</title>", Some("Cat found")),
        ("<nav><h1>The Daily</h1></nav><div>Cat found in bakery</div>", Some("Cat found in bakery")),
        ("<h1>Cats</h1><h1>Dogs</h1>", None),
    ];
    each(rows, |(page, want)| {
        let article = read_text(format!("<html>{page}{BODY}"), "page.html", ReadOptions::default()).unwrap();
        assert_eq!(article.title(), want, "{page}");
        let titles = article.blocks.iter().filter(|block| block.kind == BlockKind::Title).count();
        assert_eq!(titles, usize::from(want.is_some()), "{page}");
    });
}

#[test]
fn what_surrounds_a_story_goes() {
    let teaser = "<div class=card><h3><a href=/x>Another story of this site</a></h3><p>What it says, in a sentence \
        that goes on for longer than the story itself, with commas.</p></div>";
    let rows = [
        ("nothing", BODY.to_owned()),
        ("short story, many teasers", {
            format!("<article><h1>Cat found</h1>{BODY}</article><section>{}</section>", teaser.repeat(12))
        }),
        ("the story in a pay wall's element", format!("<div class='paywall subscribe'>{BODY}</div>")),
        (
            "a form around the page",
            format!("<form><div class=menu><a>Home</a></div><div>{BODY}</div></form>"),
        ),
        ("lines in place of paragraphs", BODY.replace("<p>", "").replace("</p>", "<br><br>")),
        ("hidden words", format!("<p style='display:none'>A hidden sentence is here.</p>{BODY}")),
        (
            "a related list",
            format!("{BODY}<h2>Read more</h2><ul><li><a href=/1>The dog that came home</a></ul>"),
        ),
        (
            "a cookie notice",
            format!("<div id=cookie-notice><p>We use cookies, and so do 900 others.</p></div>{BODY}"),
        ),
    ];
    each(rows, |(name, page)| {
        let blocks = story(&format!("<html><body>{page}</body></html>"));
        let blocks: Vec<&str> =
            blocks.iter().map(String::as_str).filter(|block| !block.starts_with("T ")).collect();
        assert_eq!(blocks, READ, "{name}");
    });
}

#[test]
fn what_belongs_to_a_story_stays() {
    let rows = [
        ("<h2>The search</h2><p>It took long.</p>", "H The search"),
        ("<blockquote>“Meow,” it said, and left.</blockquote>", "Q “Meow,” it said, and left."),
        ("<ul><li>one loaf</li><li>two rolls</li></ul>", "L one loaf"),
        ("<p>She said so.</p>", "P She said so."),
        ("<p>She added:</p><p>It smelled of rye.</p>", "P She added:"),
        ("<p>It ate<br>and slept<br>and left</p>", "P It ate and slept and left"),
        ("<p>See <a href=/x>the report</a>, please.</p>", "P See the report, please."),
        ("<p class=comment-count>Nobody else commented.</p>", "P Nobody else commented."),
        (
            "<footer><p>Correction: An earlier version of this story named the wrong bakery.</p></footer>",
            "P Correction: An earlier version of this story named the wrong bakery.",
        ),
        ("<p><b>Where was it?</b></p><p>Nobody knows.</p>", "H Where was it?"),
        (
            "<p><a href=/x>The baker said on Monday that the cat had come in by the cellar window.</a></p><p>It is closed now.</p>",
            "P The baker said on Monday that the cat had come in by the cellar window.",
        ),
    ];
    each(rows, |(piece, want)| {
        let page = format!("<html><body><article><h1>Cat found in bakery</h1>{BODY}{piece}</article>");
        assert!(story(&page).iter().any(|block| block == want), "{piece}: {:?}", story(&page));
    });
}

#[test]
fn a_pull_quote_repeats_the_story() {
    let quote = |text: &str| format!("<blockquote class=pullquote>{text}</blockquote>");
    let rows = [
        (quote("A cat that was lost in May was found on Monday."), 0),
        (quote("“We have never sold so much rye bread in a week,” the baker said to us."), 1),
    ];
    each(rows, |(quote, want)| {
        let blocks = story(&format!("<html><body><article><h1>Cat found in bakery</h1>{BODY}{quote}{BODY}"));
        let quotes = blocks.iter().filter(|block| block.starts_with("Q ")).count();
        assert_eq!(quotes, want, "{blocks:?}");
    });
}

#[test]
fn a_story_that_a_program_would_show_is_read() {
    let text = "A cat that was lost in May was found on Monday in a bakery. It was asleep between two sacks of flour. \
        The baker, who had wondered about her mice for weeks, took it home at noon and called its owner.";
    let data = format!(
        "<script type=application/ld+json>{{\"@type\":\"NewsArticle\",\"articleBody\":\"{text}\"}}</script>"
    );
    let template =
        format!("<div itemprop=articleBody><script type=text/template><p>{text}</p></script></div>");
    let teaser = "<p>The harbour of the town reopens in June, after a winter of repairs and many delays, its master said.</p>";
    let rows = [
        ("linked data alone", data.clone(), true),
        ("beside other prose", format!("{data}{teaser}"), true),
        ("a template", template.clone(), true),
        ("a template beside other prose", format!("{template}{teaser}"), true),
        ("a template elsewhere", template.replace("articleBody", "about"), false),
        ("the page shows it", format!("{data}<p>{text}</p>"), true),
    ];
    each(rows, |(name, page, want)| {
        let blocks = story(&format!("<html><body><h1>Cat found in bakery</h1>{page}"));
        let count = blocks.iter().filter(|block| block.contains("two sacks of flour")).count();
        assert_eq!(count, usize::from(want), "{name}: {blocks:?}");
    });
}

#[test]
fn bylines_without_a_class_are_known_by_their_words() {
    let rows = [
        ("<p>By Jane Roe, Staff Writer</p>", Some("Jane Roe, Staff Writer")),
        ("<p><b>By <a href=/jane>Jane Roe</a></b></p><p>Nov. 18, 2024</p>", Some("Jane Roe")),
        ("By Jane Roe<br>Nov. 18, 2024, 5:59 p.m.<br><br>", Some("Jane Roe")),
        (
            "<div>By Jane Roe, senior editor</div><div>Updated 3 hours ago</div>",
            Some("Jane Roe, senior editor"),
        ),
        ("<p>Jane Roe, Staff Writer</p>", Some("Jane Roe, Staff Writer")),
        ("<p></p>", None),
    ];
    each(rows, |(byline, names)| {
        let after = "<p>By Tuesday, its owner had taken it home.</p><h2>By Boat to Lindau</h2><p>By Wednesday it was gone again.</p>";
        let page = format!("<html><body><h1>Cat found in bakery</h1>{byline}{BODY}{after}");
        let want = [
            &["T Cat found in bakery"][..],
            &READ,
            &[
                "P By Tuesday, its owner had taken it home.",
                "H By Boat to Lindau",
                "P By Wednesday it was gone again.",
            ],
        ]
        .concat();
        assert_eq!(story(&page), want, "{byline}");
        let asked = ReadOptions { byline: true, ..ReadOptions::default() };
        let article = read_text(page, "page.html", asked).unwrap();
        let bylines = article.blocks.iter().filter(|block| block.kind == BlockKind::Byline).count();
        assert_eq!((bylines, article.byline.as_deref()), (usize::from(names.is_some()), names), "{byline}");
    });
}

/// By the rules; the trees may keep a link for other reasons.
#[test]
fn f04_a_link_is_of_the_story_where_it_is_a_sentence_among_paragraphs() {
    let sentence =
        "<p><a href=/x>The baker said on Monday that the cat had come in by the cellar window.</a></p>";
    let rows = [
        (sentence.to_owned(), true),
        (format!("<div class=markup>{sentence}</div>"), true),
        (
            "<p><a href=/x>Baker denies that the cat came in by the cellar window on Monday</a></p>"
                .to_owned(),
            false,
        ),
        ("<p><a href=/x>The window was open.</a></p>".to_owned(), false),
        (format!("{sentence}{sentence}").replacen("window", "wide window", 1), false),
        (sentence.replace("<p>", "<div>").replace("</p>", "</div>"), false),
    ];
    each(rows, |(link, is_story)| {
        let page =
            format!("<html><body><article><h1>Cat found</h1>{BODY}{link}<p>It is closed now.</p></article>");
        let ruled = Ruled::of(&page, None).unwrap();
        let leaves = ruled.leaves.list.iter().zip(ruled.reasons());
        let mut links = leaves.filter(|(leaf, _)| leaf.span.of(&ruled.leaves.text).contains("window"));
        assert!(links.all(|(_, reason)| reason.is_none() == is_story), "{page}");
    });
}

/// A quotation in a block of its own, between lines that stand in no block but the page's.
#[test]
fn f15_lines_around_a_quotation_in_an_inline_element_stay() {
    let lines = BODY.replace("<p>", "").replace("</p>", "<br><br>");
    let quote = "<blockquote>“We gave it a name, and then it left for the fish market.”</blockquote>";
    let page = format!(
        "<html><body><font face=x>{lines}{quote}<br><br>Nobody knows why it came, a neighbor said.</font></body></html>"
    );
    let want = [
        READ[0],
        READ[1],
        "Q “We gave it a name, and then it left for the fish market.”",
        "P Nobody knows why it came, a neighbor said.",
    ];
    assert_eq!(story(&page), want);
}

/// Characters that a page writes as entities of wrongly read bytes.
#[test]
fn entities_that_were_read_wrongly_are_repaired() {
    let page =
        "<p>It&acirc;&euro;&trade;s the caf&Atilde;&copy;&#226;&#128;&#153;s cat, and it was asleep.</p>";
    let article = read_text(page.to_owned(), "page.html", ReadOptions::default()).unwrap();
    assert_eq!(article.text(), "It’s the café’s cat, and it was asleep.");
    assert_eq!(article.repairs().mojibake, 3);
}

#[test]
fn what_is_hidden_until_a_program_shows_it_is_read_where_it_is_the_story() {
    let section = |number: usize| {
        format!(
            "<div class='part hidden' id=part-{number} style='display: none'><h2>{number}. A lamp for the stairs</h2>\
             <p>Lamp number {number} hangs over the stairs, and the children of the house count it on their way to bed each evening.</p></div>"
        )
    };
    let sections: String = (1..8).map(section).collect();
    let rows = [
        (
            "sections, one shown after the other",
            format!("<h1>Seven lamps</h1><p>Seven lamps.</p>{sections}"),
            8 + 7,
        ),
        (
            "the whole story",
            format!(
                "<h1>Seven lamps</h1><div style='visibility:hidden'>{}</div>",
                sections.replace("display: none", "")
            ),
            7 + 7,
        ),
    ];
    each(rows, |(name, page, want)| {
        let read = story(&page);
        assert_eq!(read.iter().filter(|block| !block.starts_with("T ")).count(), want, "{name}: {read:#?}");
    });
}

#[test]
fn a_table_is_read_where_it_is_all_that_the_page_has() {
    let row = |number: usize| {
        format!(
            "<tr class=player-{number}><td>{number}<td>Rider {number}<td>{}<td>4<td>2<td>1</tr>",
            900 - 20 * number
        )
    };
    let rows: String = (1..30).map(row).collect();
    let table = format!("<table><tr><th>Place<th>Name<th>Points<th>Wins<th>Poles<th>Laps</tr>{rows}</table>");
    let page =
        |story: &str| format!("<article><h1>The standings after nine races</h1>{story}{table}</article>");
    let story_of = |number: usize| {
        format!(
            "<p>In race {number} the riders fought for every corner, and the judges of the race had to look at the pictures for an hour.</p>"
        )
    };
    let rows = [
        ("standings", page("<p>These are the standings of this year.</p>"), true),
        ("a story with its results", page(&(0..10).map(story_of).collect::<String>()), false),
        (
            "a calendar beside a story",
            format!(
                "<article><h1>Cat found</h1>{BODY}</article><div>{}{table}</div>",
                "<p>Words in the margin.</p>".repeat(80)
            ),
            false,
        ),
    ];
    each(rows, |(name, page, want)| {
        let read = story(&page);
        assert_eq!(read.iter().any(|block| block.contains("Rider 7")), want, "{name}: {read:#?}");
    });
}

#[test]
fn a_paragraph_set_as_a_heading_is_a_paragraph() {
    let rows = [
        (
            "a standfirst",
            format!(
                "<h1>Cat found</h1><h2>The cat had been looked for in all the gardens of the town, and its owner, a nurse, had given up hope.</h2>{BODY}"
            ),
            1,
        ),
        ("a heading without an end", format!("<h1>Cat found</h1><h2>A long way home<div>{BODY}</div>"), 0),
    ];
    each(rows, |(name, page, more)| {
        let read = story(&page);
        let paragraphs = read.iter().filter(|block| block.starts_with("P ")).count();
        assert_eq!(paragraphs, 2 + more, "{name}: {read:#?}");
    });
}

fn any_page() -> impl Strategy<Value = String> {
    let tag = prop::sample::select(vec![
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<div class=related>",
        "<nav>",
        "</nav>",
        "<article>",
        "</article>",
        "<h1>",
        "</h1>",
        "<h2>",
        "</h2>",
        "<ul>",
        "<li>",
        "</ul>",
        "<table>",
        "<tr>",
        "<td>",
        "</table>",
        "<b>",
        "</b>",
        "<a href=x>",
        "</a>",
        "<br>",
        "<br><br>",
        "<figure>",
        "<figcaption>",
        "</figure>",
        "<blockquote>",
        "</blockquote>",
        "<span hidden>",
        "</span>",
        "<button>",
        "</button>",
        "<aside>",
        "</aside>",
        "<form>",
        "</form>",
        "<section>",
        "<footer>",
        "<q>",
    ]);
    let words = prop::sample::select(vec![
        "The port reopened on Monday. ",
        "Ships came back at noon, and left. ",
        "Home",
        "By Jane Roe",
        "Advertisement",
        "&amp; ",
        "x ",
        "Related",
        "10:42 a.m.",
        " ",
        "서울",
        "3.5%",
    ]);
    let piece = prop_oneof![tag.prop_map(str::to_owned), words.prop_map(str::to_owned), "\\PC{0,3}"];
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

/// Letters and digits of a text, sorted.
fn letters(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    letters.sort_unstable();
    letters
}

proptest! {
    #[test]
    fn no_word_of_a_page_is_lost(page in any_page(), captions: bool) {
        let page = format!("<html><body>{page}");
        let tree = Tree::parse(&page).unwrap();
        let seen = letters(&tree.text);
        let options = ReadOptions { captions, byline: captions, any_language: true, ..ReadOptions::default() };
        let article = read_text(page, "page.html", options).unwrap();
        prop_assume!(article.repairs().mojibake == 0);
        let mut spans: Vec<Span> = article.blocks.iter().map(|block| block.span).collect();
        spans.extend(article.removed.iter().map(|removed| removed.span));
        spans.sort();
        let mut end = 0;
        for span in &spans {
            prop_assert!(span.start >= end && !span.is_empty(), "{:?} after {}", span, end);
            prop_assert!(!article.text[end..span.start].contains(char::is_alphanumeric));
            end = span.end;
        }
        let kept: String = spans.iter().map(|span| span.of(&article.text)).collect();
        let kept = letters(&kept);
        prop_assert_eq!(kept, seen);
    }

    #[test]
    fn any_text_in_markup_is_read_or_refused(text in "\\PC{0,200}") {
        if let Ok(article) = read_text(format!("<p>{text}"), "page.html", ReadOptions::default()) {
            prop_assume!(article.repairs().mojibake == 0);
            let tree = Tree::parse(&format!("<p>{text}")).unwrap();
            prop_assert_eq!(letters(&article.text), letters(&tree.text));
        }
    }
}
