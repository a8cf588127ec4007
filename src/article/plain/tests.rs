use proptest::prelude::*;

use super::*;

use super::super::{Block, ReadOptions, Reason, read_article};
use crate::error::{ErrorKind, shorten};
use crate::table_test::each;

/// The title line, then a line a block; white space folded.
fn story(article: &Article) -> Vec<String> {
    article.blocks.iter().map(|block| shorten(block.span.of(&article.text), usize::MAX)).collect()
}

fn removed(article: &Article) -> Vec<(&str, Reason)> {
    article.removed.iter().map(|r| (r.span.of(&article.text), r.reason)).collect()
}

#[test]
fn pages_become_stories() {
    let rows = [
        (
            "summit",
            include_str!("../../../tests/data/articles/summit.txt"),
            include_str!("../../../tests/data/articles/summit.expected.txt"),
        ),
        (
            "wire",
            include_str!("../../../tests/data/articles/wire.txt"),
            include_str!("../../../tests/data/articles/wire.expected.txt"),
        ),
        (
            "release",
            include_str!("../../../tests/data/articles/release.txt"),
            include_str!("../../../tests/data/articles/release.expected.txt"),
        ),
        (
            "list",
            include_str!("../../../tests/data/articles/list.txt"),
            include_str!("../../../tests/data/articles/list.expected.txt"),
        ),
    ];
    each(rows, |(name, page, expected)| {
        for page in [page.to_owned(), page.replace('\n', "\r\n"), page.replace('\n', "\r")] {
            let article = Article::from_text(page);
            let want: Vec<&str> = expected.lines().collect();
            assert_eq!(story(&article), want, "{name}; left out: {:#?}", removed(&article));
            assert_eq!(article.title(), Some(article.blocks[0].span.of(&article.text)), "{name}");
            nothing_is_lost(&article);
        }
    });
}

/// Every character that shows is in a block or a removed span, but for bullets and the signs of headings.
fn nothing_is_lost(article: &Article) {
    let mut spans: Vec<Span> = article.blocks.iter().map(|block| block.span).collect();
    spans.extend(article.removed.iter().map(|removed| removed.span));
    spans.sort();
    let mut end = 0;
    for span in spans {
        assert!(span.start >= end && !span.is_empty(), "{span:?} after {end}");
        assert!(!article.text[end..span.start].contains(char::is_alphanumeric), "lost before {span:?}");
        end = span.end;
    }
    assert!(!article.text[end..].contains(char::is_alphanumeric), "lost at the end");
}

#[test]
fn what_is_left_out_has_its_reason() {
    use Reason::{Breadcrumb, Byline, Caption, Comments, LogIn, PageFurniture, Related, RepeatedTitle};
    let article = Article::from_text(include_str!("../../../tests/data/articles/summit.txt").to_owned());
    let reasons: Vec<Reason> = article.removed.iter().map(|removed| removed.reason).collect();
    assert_eq!(
        reasons[..7],
        [Breadcrumb, PageFurniture, RepeatedTitle, PageFurniture, Caption, Caption, Related]
    );
    assert_eq!(reasons[7], Byline);
    assert_eq!(
        reasons[8..],
        [LogIn, PageFurniture, PageFurniture, PageFurniture, Comments, PageFurniture],
        "{:#?}",
        removed(&article)
    );
}

#[test]
fn kinds_of_blocks() {
    use BlockKind::{Heading, ListItem, Paragraph, Title};
    let article = Article::from_text(include_str!("../../../tests/data/articles/list.txt").to_owned());
    let kinds: Vec<BlockKind> = article.blocks.iter().map(|block| block.kind).collect();
    assert_eq!(
        kinds,
        [
            Title, Paragraph, Heading, Paragraph, ListItem, ListItem, ListItem, Heading, ListItem, ListItem,
            ListItem, Heading, Paragraph
        ]
    );
}

/// The kind of each block by its first letter, and its text.
fn outline(text: &str) -> Vec<String> {
    let article = Article::from_text(text.to_owned());
    nothing_is_lost(&article);
    let letter = |block: &Block| format!("{:?}", block.kind)[..1].to_owned();
    article.blocks.iter().zip(story(&article)).map(|(block, text)| letter(block) + " " + &text).collect()
}

#[test]
fn lines_are_grouped_into_paragraphs() {
    let rows = [
        ("nothing", "", &[][..]),
        ("one sentence", "The port reopened.", &["P The port reopened."]),
        ("one line without a stop is what is read", "Hello there", &["P Hello there"]),
        ("a title", "Port reopens\n\nThe port reopened.", &["T Port reopens", "P The port reopened."]),
        ("a title that asks", "Will it hold?\n\nIt will.", &["T Will it hold?", "P It will."]),
        (
            "a title with a last abbreviation",
            "Ports deal with U.S.\n\nIt holds.",
            &["T Ports deal with U.S.", "P It holds."],
        ),
        ("no title", "The port reopened.\n\nShips came.", &["P The port reopened.", "P Ships came."]),
        (
            "title and line under it",
            "Port reopens\nShips come back to Busan\n\nIt was closed.",
            &["T Port reopens", "H Ships come back to Busan", "P It was closed."],
        ),
        (
            "a line a paragraph",
            "Port reopens\nThe port reopened.\nShips came.\nThey left.",
            &["T Port reopens", "P The port reopened.", "P Ships came.", "P They left."],
        ),
        (
            "wrapped with no blank lines between paragraphs",
            "The port of Busan reopened on Monday after a storm, and the\n\
             first ships were at their berths before the sun was up over\n\
             the bay, officials said.\n\
             The cranes had been tied down for two nights and a day, and\n\
             nobody was hurt.",
            &[
                "P The port of Busan reopened on Monday after a storm, and the first ships were at their berths \
                 before the sun was up over the bay, officials said.",
                "P The cranes had been tied down for two nights and a day, and nobody was hurt.",
            ],
        ),
        (
            "a wrapped title",
            "A storm that closed the port for a week has left\nthe bay\n\nIt is over.",
            &["T A storm that closed the port for a week has left the bay", "P It is over."],
        ),
        (
            "items behind a colon, a line each",
            "The port reopened on Monday after a storm that had shut it for a week, its master said. It has three rules \
             now:\nships of more than forty meters wait in the bay until noon\nno ship waits in the bay after it is dark\n\
             The rules are to end in May, when the storms are over and the pilots have slept, her office said on Monday.",
            &[
                "P The port reopened on Monday after a storm that had shut it for a week, its master said. It has three \
                 rules now:",
                "P ships of more than forty meters wait in the bay until noon",
                "P no ship waits in the bay after it is dark",
                "P The rules are to end in May, when the storms are over and the pilots have slept, her office said on \
                 Monday.",
            ],
        ),
        (
            "invisible lines are blank",
            "Port reopens\n\u{a0}\u{200b}\nIt did.",
            &["T Port reopens", "P It did."],
        ),
        (
            "rules and headings",
            "# Port\n\n***\n\n## Ships\nThey came.",
            &["T Port", "H Ships", "P They came."],
        ),
        (
            "a label over the headline",
            "The Daily\n\nPort opens again\n\nPort opens again\n\nIt did.",
            &["T Port opens again", "P It did."],
        ),
        (
            "the browser's title",
            "Port opens again - The Daily\n\nPort opens again\n\nIt did.",
            &["T Port opens again", "P It did."],
        ),
    ];
    each(rows, |(name, text, want)| {
        assert_eq!(outline(text), want, "{name}");
    });
}

#[test]
fn sentences_of_the_story_stay() {
    let rows = [
        "Share prices fell on Monday.",
        "Shares fell (file photos show the same pattern).",
        "Subscribe to the plan by Friday, the ministry told farmers.",
        "Read more books, the minister said.",
        "By Monday, the port had reopened.",
        "By Monday the Port of Busan was open.",
        "Log in to the system, officials told users.",
        "Comments were closed.",
        "The minister declined to comment. (Yonhap)",
        "“It is over.” [Applause]",
        "He spoke for the Democratic People's Republic of Korea (DPRK).",
        "“The paper [was] printed,” he said. [sic]",
        "The score was 3/5 (60 percent).",
        "Exports > imports, the ministry wrote.",
        "Home sales rose.",
        "Photographs of the ship were taken by Reuters.",
        "He wrote to press@example.com on Monday.",
        "Related articles of the law were repealed.",
        "Unauthorized reproduction of banknotes is a crime, the bank said.",
        "Copyright law is changing.",
        "Print is not dead.",
        "By Land and Sea",
        "By the Numbers",
        "The lead is five points. (Reuters/AFP)",
        "Artists from the U.S. sue Getty Images over the “new” rules",
        "Most back the deal with the U.S. Reuters/Ipsos poll finds",
        "Credit: where it is due",
        "Correction: An earlier version of this story named the wrong port.",
        "SEOUL, Nov. 18 (Yonhap) — The port reopened on Monday.",
        "At 10:42 a.m. the first ship left.",
        "March 11, 2011",
        "To read the full treaty, officials needed a week.",
        "To continue the talks, both sides need time.",
        "Unlimited access to the port ended in May.",
        "Premium fuel cost more.",
        "Related costs rose.",
        "Explainer: Why ports close",
        "Get the best of both worlds",
        "Port <b>reopens</b> again",
        "“I was closed for a week,” said the port.",
        "Save the port, they wrote.",
    ];
    each(rows, |sentence| {
        let page =
            format!("Port reopens after storm\n\nIt was closed for a week.\n\n{sentence}\n\nIt is open.");
        let article = Article::from_text(page);
        assert!(story(&article).iter().any(|block| block == sentence), "{sentence}: {:?}", removed(&article));
    });
}

#[test]
fn furniture_goes() {
    use Reason::{
        Advertisement, Breadcrumb, Byline, Caption, Duplicate, Embed, Legal, LogIn, Navigation, Newsletter,
        PageFurniture, Paywall, Related, Timestamp,
    };
    let rows = [
        ("Home > World", Breadcrumb),
        ("News › Asia › Korea", Breadcrumb),
        ("Ships wait. (AP Photo/Jane Roe)", Caption),
        ("Ships wait in the bay. [REUTERS/YONHAP]", Caption),
        ("Ships wait in the bay. (Xinhua/Jane Roe)", Caption),
        ("Ships wait in the bay. Jane Roe/Reuters", Caption),
        ("Ships wait in the bay. (Getty Images)", Caption),
        ("Ships wait in the bay. Jane Roe / AFP", Caption),
        ("Ships wait in the bay. AP Photo", Caption),
        ("Photo: Ships wait in the bay.", Caption),
        ("BY KIM SEO-YEON [kim@example.com]", Byline),
        ("By Jane Roe and John Doe in Seoul", Byline),
        ("jane.roe@example.com", Byline),
        ("Reporting by Jane Roe; Editing by John Doe", Byline),
        ("Related Articles", Related),
        ("Related Article(s)", Related),
        ("Read more: Port closes", Related),
        ("Subscribe to our newsletter.", Newsletter),
        ("Log in to your account", LogIn),
        ("Share Tweet Email", PageFurniture),
        ("(0/250)", PageFurniture),
        ("0/500", PageFurniture),
        ("Advertisement", Advertisement),
        ("Audio report: written by reporters, read by AI", PageFurniture),
        ("© 2024 The Daily. All rights reserved.", Legal),
        ("It was closed for a week.", Duplicate),
        ("© 2024 The Daily. All rights reserved. Copying is prohibited. Ask us.", Legal),
        ("Home | News | Business | Sport", Navigation),
        ("By Jane Roe | Nov. 18, 2024 | 3 min read", Byline),
        ("10:42 a.m. KST", Timestamp),
        ("Updated Nov. 18, 2024, 17:59", Timestamp),
        ("Sign up for our morning briefing", Newsletter),
        ("Get the day's top stories in your inbox", Newsletter),
        ("To continue reading, subscribe.", Paywall),
        ("You have 2 free articles remaining.", Paywall),
        ("— Jane Roe (@janeroe) November 18, 2024", Embed),
    ];
    each(rows, |(piece, reason)| {
        let page = format!("Port reopens after storm\n\nIt was closed for a week.\n\n{piece}\n\nIt is open.");
        let article = Article::from_text(page);
        assert_eq!(removed(&article), [(piece, reason)]);
    });
}

#[test]
fn sentences_set_large_and_tables_go() {
    let quote = "“Nobody knew that it would last a week”";
    let body = "“Nobody knew that it would last a week,” said a pilot. He had slept on his ship.";
    let page = format!("Port reopens after storm\n\n{body}\n\n{quote}\n\n— A pilot\n\nIt is open.");
    let article = Article::from_text(page);
    assert_eq!(removed(&article), [(quote, Reason::PullQuote), ("— A pilot", Reason::PullQuote)]);
    let table = "Port\tMon\tTue\nBusan\t41\t40\nUlsan\t21\t20";
    let article =
        Article::from_text(format!("Port reopens after storm\n\nIt is open.\n\n{table}\n\nIt was shut."));
    assert_eq!(removed(&article).iter().map(|(_, reason)| *reason).collect::<Vec<_>>(), [Reason::Table; 3]);
    let post = "Ships are back! pic.twitter.com/x\n\n— Jane Roe (@janeroe) November 18, 2024";
    let article =
        Article::from_text(format!("Port reopens after storm\n\nIt is open.\n\n{post}\n\nIt was shut."));
    assert_eq!(removed(&article).iter().map(|(_, reason)| *reason).collect::<Vec<_>>(), [Reason::Embed; 2]);
}

#[test]
fn heads_of_pages_are_told_apart() {
    let rows = [
        (
            "sections",
            "World\nAsia\nPort reopens after storm\nIt did.",
            &["T Port reopens after storm", "P It did."][..],
        ),
        (
            "no headline after a section",
            "World\nIt did.\nIt did so.",
            &["T World", "P It did.", "P It did so."],
        ),
        (
            "a name and a newsroom over the time",
            "Port reopens after storm\nJane Roe\nThe Daily, Seoul\n2 hours ago\nIt did.",
            &["T Port reopens after storm", "P It did."],
        ),
        (
            "a heading under the byline",
            "Port reopens after storm\nBy Jane Roe\nTickets\nThey cost nothing.",
            &["T Port reopens after storm", "H Tickets", "P They cost nothing."],
        ),
        (
            "the day",
            "Port reopens after storm\nNov. 18, 2024\nIt did.",
            &["T Port reopens after storm", "P It did."],
        ),
        (
            "days of a chronicle",
            "How the port reopened\nNov. 18, 2024\nIt shut.\nNov. 19, 2024\nIt opened.",
            &["T How the port reopened", "H Nov. 18, 2024", "P It shut.", "H Nov. 19, 2024", "P It opened."],
        ),
        (
            "a related headline",
            "Port reopens after storm\nIt did.\nRelated article\nStorms are getting longer\nIt is open.",
            &["T Port reopens after storm", "P It did.", "P It is open."],
        ),
        (
            "a related label alone",
            "Port reopens after storm\nIt did.\nRelated article\nIt is open.",
            &["T Port reopens after storm", "P It did.", "P It is open."],
        ),
    ];
    each(rows, |(name, text, want)| {
        assert_eq!(outline(text), want, "{name}");
    });
}

#[test]
fn a_line_a_paragraph_is_not_joined() {
    let lines = [
        "The port of Busan reopened on Monday after a storm that had shut it for a week.",
        "Ships came back at noon, and the cranes were at work again before it was dark.",
        "The harbor master said that it had been the longest week of her life, and sighed.",
        "Nobody was hurt in the storm, and the damage to the piers was small, she added.",
        "The next storm is expected in spring, when the fishing boats will be out at sea.",
    ];
    assert_eq!(outline(&lines.join("\n")).len(), lines.len());
}

#[test]
fn a_refrain_is_no_duplicate() {
    let refrain = "We shall not be moved today.\n\n";
    assert_eq!(outline(&refrain.repeat(3)).len(), 3);
    assert_eq!(outline(&refrain.repeat(2)).len(), 1);
    assert_eq!(outline("A song of the port\n\nYes.\n\nYes.").len(), 3);
}

#[test]
fn nothing_to_read_is_said() {
    let read = |text: &str| read_article(text.as_bytes(), "page.txt", &ReadOptions::default()).unwrap_err();
    let empty = read(" \n\u{feff}\n");
    assert_eq!(empty.kind(), ErrorKind::Empty);
    assert!(empty.story().contains("page.txt is empty"), "{}", empty.story());
    let foot = read("Home > World\n\nShare Tweet Email\n\nLog in\n\nRelated Article\n\n(0/250)");
    assert_eq!(foot.kind(), ErrorKind::Empty);
    each(["only page furniture", "“Home > World” (breadcrumb)", "2 more", "page.txt:1:1"], |part| {
        assert!(foot.story().contains(part), "{part}: {}", foot.story());
    });
}

#[test]
fn huge_pages_take_linear_time() {
    each(
        ["word ", "A sentence of the story that is repeated.\n", "a\n\n", "> ", "(", "Home > \n", "@ "],
        |piece| {
            let begun = std::time::Instant::now();
            let article = Article::from_text(piece.repeat(500_000 / piece.len()));
            nothing_is_lost(&article);
            assert!(begun.elapsed().as_secs() < 20, "{piece:?}: {:?}", begun.elapsed());
        },
    );
}

fn any_page() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "Home > World",
            "By Jane Roe",
            "BY KIM",
            "Related Article",
            "Log in to",
            "(0/250)",
            "[REUTERS]",
            "- ",
            "# ",
            "1. ",
            "* * *",
            "Photo: ",
            "The port reopened.",
            "the port",
            "“It is over.”",
            "Share",
            "서울",
            "é",
            "kim@example.com",
            "Port reopens again",
            "A long line of the story that goes on and on until it ends",
        ]),
        prop::sample::select(vec![
            " ", "\n", "\n\n", "\r\n", "\r", "\u{a0}", "\u{200b}", "\u{2029}", ".", ""
        ]),
    ];
    prop::collection::vec(prop_oneof![20 => piece.prop_map(str::to_owned), 1 => "\\PC{0,3}"], 0..60)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_word_of_a_page_is_lost(page in any_page()) {
        let article = Article::from_text(page);
        nothing_is_lost(&article);
        let titles = article.blocks.iter().filter(|block| block.kind == BlockKind::Title).count();
        prop_assert!(titles == usize::from(article.title().is_some()));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), lossy: bool) {
        if let Ok(article) = read_article(&bytes, "noise", &ReadOptions { lossy, ..ReadOptions::default() }) {
            nothing_is_lost(&article);
        }
    }
}
