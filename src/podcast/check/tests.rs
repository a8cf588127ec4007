//! Planted faults: a feed without any, and one change a row.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::podcast::around::{Nothing, Sound};
use crate::podcast::rules::RULES;
use crate::table_test::each;

const GOOD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<atom:link rel="self" type="application/rss+xml" href="https://gazette.example/news/podcast.xml"/>
<title>Harbour News</title>
<description>What happened in the harbour.</description>
<link>https://gazette.example/</link>
<language>en-gb</language>
<itunes:author>The Harbour Gazette</itunes:author>
<itunes:owner><itunes:email>desk@gazette.example</itunes:email></itunes:owner>
<itunes:image href="https://gazette.example/news/cover.png"/>
<itunes:category text="News"><itunes:category text="Daily News"/></itunes:category>
<itunes:explicit>false</itunes:explicit>
<itunes:type>episodic</itunes:type>
<podcast:guid>9b024349-ccf0-5f69-a609-6b82873eab3c</podcast:guid>
<podcast:locked>no</podcast:locked>
<podcast:medium>newsletter</podcast:medium>
<item>
<title>Port &amp; ferries reopen</title>
<guid isPermaLink="false">a-1</guid>
<pubDate>Wed, 18 Nov 2026 06:00:00 +0000</pubDate>
<description>Ships came back at noon.</description>
<enclosure url="https://gazette.example/news/port.mp3" length="754321" type="audio/mpeg"/>
<itunes:duration>754</itunes:duration>
<itunes:episodeType>full</itunes:episodeType>
<itunes:season>1</itunes:season>
<podcast:transcript url="https://gazette.example/news/port.vtt" type="text/vtt" language="en"/>
<podcast:chapters url="https://gazette.example/news/port.json" type="application/json+chapters"/>
<podcast:person role="author">A staff reporter</podcast:person>
<podcast:txt purpose="ai-content">true</podcast:txt>
<podcast:alternateEnclosure type="audio/ogg" length="300000"><podcast:source uri="https://gazette.example/news/port.opus"/></podcast:alternateEnclosure>
</item>
<item>
<title>Council meets</title>
<guid isPermaLink="false">a-2</guid>
<pubDate>Tue, 17 Nov 2026 06:00:00 GMT</pubDate>
<description>It met.</description>
<enclosure url="https://gazette.example/news/council.m4a" length="5000" type="audio/x-m4a"/>
<itunes:duration>1:02</itunes:duration>
</item>
</channel>
</rss>
"#;

/// The rules that are broken, each once.
fn ids(feed: &str, around: &dyn Around) -> Vec<&'static str> {
    let report = check(feed.as_bytes(), around);
    let mut ids: Vec<&str> = report.findings.iter().map(|finding| finding.rule.id).collect();
    ids.dedup();
    ids
}

/// Rule, what is replaced, by what, and the line where the fault is told.
const ROWS: &[(&str, &str, &str, usize)] = &[
    ("xml", "</itunes:type>", "</itunes:typ>", 14),
    ("xml", "Ships came", "Ships &nbsp; came", 22),
    ("xml", "Ships came", "Ships \u{b} came", 22),
    ("utf-8", "encoding=\"UTF-8\"", "encoding=\"ISO-8859-1\"", 1),
    ("rss", "version=\"2.0\" xmlns", "version=\"0.91\" xmlns", 2),
    (
        "namespace",
        "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "http://www.itunes.com/DTDs/Podcast-1.0.dtd",
        2,
    ),
    ("namespace", " xmlns:podcast=\"https://podcastindex.org/namespace/1.0\"", "", 15),
    // Wrong capitals.
    ("tag-case", "itunes:type>episodic</itunes:type", "itunes:Type>episodic</itunes:Type", 14),
    (
        "tag-case",
        "<description>It met.</description>",
        "<Description>It met.</Description><itunes:summary>x</itunes:summary>",
        37,
    ),
    ("tag-case", "podcast:locked>no</podcast:locked", "podcast:Locked>no</podcast:Locked", 16),
    // Behind the first item.
    (
        "order",
        "</item>\n</channel>",
        "</item>\n<itunes:new-feed-url>https://gazette.example/feed</itunes:new-feed-url>\n</channel>",
        41,
    ),
    ("once", "<itunes:type>", "<title>Other</title><itunes:type>", 14),
    ("once", "<itunes:duration>754", "<itunes:duration>1</itunes:duration><itunes:duration>754", 24),
    ("address", "<link>https://gazette.example/</link>", "<link>gazette.example</link>", 7),
    ("address", "url=\"https://gazette.example/news/port.vtt\"", "url=\"port.vtt\"", 27),
    ("link-password", "<link>https://gazette", "<link>https://ann:secret@gazette", 7),
    ("link-tracker", "<link>https://gazette.example/", "<link>https://gazette.example/?utm_source=feed", 7),
    ("html-in-title", "Port &amp; ferries", "&lt;b&gt;Port&lt;/b&gt;", 19),
    ("html-in-title", "Port &amp; ferries", "Port &amp;amp; ferries", 19),
    ("title", "<title>Harbour News</title>", "<title> </title>", 3),
    ("description", "<description>What happened in the harbour.</description>", "", 3),
    ("image", "<itunes:image href=\"https://gazette.example/news/cover.png\"/>", "", 3),
    ("image", "href=\"https://gazette.example/news/cover.png\"", "", 11),
    ("language", "<language>en-gb</language>", "", 3),
    ("language-form", "<language>en-gb", "<language>English", 8),
    ("language-form", "language=\"en\"", "language=\"en_GB\"", 27),
    (
        "category",
        "<itunes:category text=\"News\"><itunes:category text=\"Daily News\"/></itunes:category>",
        "",
        3,
    ),
    ("category-name", "text=\"News\"", "text=\"News &amp; Politics\"", 12),
    ("category-name", "text=\"Daily News\"", "text=\"daily news\"", 12),
    ("explicit", "<itunes:explicit>false</itunes:explicit>", "", 3),
    ("explicit-word", "explicit>false", "explicit>clean", 13),
    ("explicit-word", "explicit>false", "explicit>No", 13),
    ("type", "episodic", "daily", 14),
    ("author", "<itunes:author>The Harbour Gazette</itunes:author>", "", 3),
    ("link", "<link>https://gazette.example/</link>", "", 3),
    ("owner", "<itunes:email>desk@gazette.example</itunes:email>", "", 3),
    ("podcast-guid", "<podcast:guid>9b024349-ccf0-5f69-a609-6b82873eab3c</podcast:guid>", "", 3),
    ("podcast-guid-form", "9b024349-ccf0-5f69-", "9b024349-ccf0-4f69-", 15),
    ("podcast-guid-form", "9b024349-ccf0-5f69-a609-6b82873eab3c", "https://gazette.example/", 15),
    ("locked", "podcast:locked>no", "podcast:locked>false", 16),
    ("medium", "newsletter", "news", 17),
    ("self-link", "rel=\"self\"", "rel=\"alternate\"", 3),
    ("item-title", "<title>Council meets</title>", "", 33),
    (
        "enclosure",
        "<enclosure url=\"https://gazette.example/news/council.m4a\" length=\"5000\" type=\"audio/x-m4a\"/>",
        "",
        33,
    ),
    (
        "one-enclosure",
        "<itunes:duration>1:02",
        "<enclosure url=\"https://gazette.example/b.mp3\" length=\"1\" type=\"audio/mpeg\"/><itunes:duration>1:02",
        39,
    ),
    ("enclosure-url", "url=\"https://gazette.example/news/council.m4a\"", "url=\"council.m4a\"", 38),
    ("enclosure-ascii", "news/council.m4a", "news/größe.m4a", 38),
    ("enclosure-ascii", "news/council.m4a", "news/the council.m4a", 38),
    ("enclosure-length", "length=\"5000\"", "length=\"-5000\"", 38),
    ("enclosure-length", "length=\"5000\"", "length=\"0\"", 38),
    ("enclosure-length", "length=\"5000\"", "length=\"5 MB\"", 38),
    ("enclosure-length", " length=\"5000\"", "", 38),
    ("enclosure-type", " type=\"audio/x-m4a\"", "", 38),
    (
        "enclosure-format",
        "council.m4a\" length=\"5000\" type=\"audio/x-m4a\"",
        "council.wav\" length=\"5000\" type=\"audio/wav\"",
        38,
    ),
    (
        "enclosure-format",
        "council.m4a\" length=\"5000\" type=\"audio/x-m4a\"",
        "council.opus\" length=\"5000\" type=\"audio/ogg\"",
        38,
    ),
    ("enclosure-extension", "council.m4a", "council.opus", 38),
    (
        "enclosure-twice",
        "council.m4a\" length=\"5000\" type=\"audio/x-m4a\"",
        "port.mp3\" length=\"5000\" type=\"audio/mpeg\"",
        38,
    ),
    ("guid", "<guid isPermaLink=\"false\">a-2</guid>", "", 33),
    ("guid-twice", ">a-2<", ">a-1<", 35),
    ("guid-link", "<guid isPermaLink=\"false\">a-2", "<guid>a-2", 35),
    ("pub-date", "<pubDate>Tue, 17 Nov 2026 06:00:00 GMT</pubDate>", "", 33),
    ("pub-date-form", "Tue, 17 Nov 2026 06:00:00 GMT", "2026-11-17T06:00:00Z", 36),
    ("pub-date-weekday", "Tue, 17", "Mon, 17", 36),
    ("item-description", "<description>It met.</description>", "", 33),
    ("duration", "<itunes:duration>1:02</itunes:duration>", "", 33),
    ("duration-form", "1:02", "1 min 2 s", 39),
    ("duration-form", "1:02", "0", 39),
    ("episode-type", "episodeType>full", "episodeType>Full", 25),
    ("episode-number", "season>1", "season>0", 26),
    ("transcript", "type=\"text/vtt\"", "type=\"captions\"", 27),
    ("chapters", "application/json+chapters", "application/json", 28),
    ("alternate-enclosure", "<podcast:source uri=\"https://gazette.example/news/port.opus\"/>", "", 31),
    ("alternate-enclosure", "type=\"audio/ogg\" ", "", 31),
];
/// The same with a text of so many letters.
const LONG: [(&str, &str, usize, usize); 4] = [
    ("value-length", "Council meets", 256, 34),
    ("description-length", "It met.", 4_001, 37),
    ("person", "A staff reporter", 129, 29),
    ("txt", "ai-content", 129, 30),
];

fn rows() -> Vec<(&'static str, &'static str, String, usize)> {
    let rows = ROWS.iter().map(|(id, from, to, line)| (*id, *from, (*to).to_owned(), *line));
    rows.chain(LONG.iter().map(|(id, from, count, line)| (*id, *from, "a".repeat(*count), *line))).collect()
}

#[test]
fn a_feed_without_faults_has_none() {
    let report = check(GOOD.as_bytes(), &Nothing);
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    assert_eq!((report.title.as_deref(), report.items, report.sounds), (Some("Harbour News"), 2, 0));
}

#[test]
fn each_planted_fault_is_found_at_its_place_and_alone() {
    each(rows(), |(id, from, to, line)| {
        assert!(GOOD.contains(from), "{id}: the feed has no {from}");
        let feed = GOOD.replacen(from, &to, 1);
        let report = check(feed.as_bytes(), &Nothing);
        let found: Vec<String> = report
            .findings
            .iter()
            .map(|Finding { rule, line, place, found, .. }| format!("{line}: {} {place}: {found}", rule.id))
            .collect();
        let is_told = report.findings.iter().any(|finding| finding.rule.id == id && finding.line == line);
        assert!(is_told, "{id} in line {line}: {found:#?}");
        // What is cut off or without a name breaks other rules, too.
        let others = report.findings.iter().filter(|finding| finding.rule.id != id).count();
        let spoils_more = matches!(id, "xml" | "namespace" | "self-link") || to.contains("podcast:Locked");
        assert!(others == 0 || spoils_more, "{id}: {found:#?}");
        assert!(!found.concat().contains("secret"), "{found:#?}");
    });
    assert!(rows().len() >= 25);
}

#[test]
fn many_items_are_told_and_bounded() {
    let (head, items) = GOOD.split_once("<item>").unwrap();
    let second = items.split_once("<item>").unwrap().1.split_once("</item>").unwrap().0;
    let item = |number: usize| {
        format!(
            "<item>{}</item>",
            second.replace("a-2", &format!("a-{number}")).replace("council", &format!("c{number}"))
        )
    };
    let feed = |count| format!("{head}{}</channel></rss>", (0..count).map(item).collect::<String>());
    assert_eq!(ids(&feed(0), &Nothing), ["items"]);
    assert_eq!(ids(&feed(300), &Nothing), Vec::<&str>::new());
    assert_eq!(ids(&feed(301), &Nothing), ["many-items"]);
    let same = format!("{head}{}</channel></rss>", item(1).repeat(10_000));
    let report = check(same.as_bytes(), &Nothing);
    assert_eq!((report.findings.len(), report.items), (MOST_FINDINGS, 10_000));
    assert_eq!(report.left_out, 2 * 9_999 + 1 - MOST_FINDINGS);
}

#[test]
fn other_documents_are_no_feeds() {
    let rows = [
        ("<feed xmlns='http://www.w3.org/2005/Atom'><title>a</title></feed>", "rss"),
        ("<html><body>Not found</body></html>", "rss"),
        ("<rss version='2.0'></rss>", "rss"),
        ("<rss version='2.0'><channel/><channel/></rss>", "rss"),
        ("{\"version\": \"https://jsonfeed.org/version/1.1\"}", "xml"),
        ("", "xml"),
    ];
    each(rows, |(feed, want)| {
        assert!(ids(feed, &Nothing).contains(&want), "{feed}: {:?}", ids(feed, &Nothing));
    });
}

/// Files as they are seen in a test.
struct Seen {
    sound: Sound,
    picture: Vec<u8>,
    address: Option<Address>,
}

impl Around for Seen {
    fn address(&self) -> Option<&Address> {
        self.address.as_ref()
    }

    fn sound(&self, address: &Address, base: Option<&Address>) -> Sound {
        assert_eq!(base.map(Address::as_str), Some("https://gazette.example/news/podcast.xml"));
        if address.as_str().ends_with("port.mp3") { self.sound.clone() } else { Sound::Unseen }
    }

    fn picture(&self, address: &Address, _: Option<&Address>) -> Picture {
        assert_eq!(address.as_str(), "https://gazette.example/news/cover.png");
        if self.picture.is_empty() {
            Picture::Missing("it is gone".to_owned())
        } else {
            Picture::Bytes(self.picture.clone())
        }
    }
}

#[test]
fn what_is_seen_beside_the_feed_is_checked() {
    let cover = crate::podcast::cover::draw("Harbour News", None).unwrap();
    let served = |bytes, media_type: &str, has_ranges| Sound::Served {
        bytes,
        media_type: Some(media_type.to_owned()),
        has_ranges,
    };
    let small = [&cover[..16], &[0, 0, 4, 0], &cover[20..]].concat();
    let mut alpha = cover.clone();
    alpha[25] = 6;
    let rows: [(Sound, &[u8], &str, &[&str]); 13] = [
        (Sound::Unseen, &cover, "", &[]),
        (Sound::File { bytes: 754_321 }, &cover, "", &[]),
        (Sound::File { bytes: 754_320 }, &cover, "", &["sound-length"]),
        (served(Some(754_321), "audio/mpeg; x=y", true), &cover, "", &[]),
        (served(Some(1), "audio/mpeg", true), &cover, "", &["sound-length"]),
        (served(None, "audio/mpeg", true), &cover, "", &["sound-length"]),
        (served(Some(754_321), "audio/mpeg", false), &cover, "", &["sound-ranges"]),
        (served(Some(754_321), "text/plain", true), &cover, "", &["sound-type"]),
        (Sound::Missing("there is no such page".to_owned()), &cover, "", &["sound-answers"]),
        (Sound::Unseen, &[], "", &["picture-answers"]),
        (Sound::Unseen, &small, "", &["picture-square", "picture-size"]),
        (Sound::Unseen, &alpha, "", &["picture-alpha"]),
        (Sound::Unseen, &cover, "https://www.gazette.example/news/podcast.xml", &["self-link-other"]),
    ];
    each(rows, |(sound, picture, address, want)| {
        let address = Address::parse(address).ok();
        let seen = Seen { sound, picture: picture.to_vec(), address };
        assert_eq!(ids(GOOD, &seen), want, "{:?}", seen.sound);
    });
}

#[test]
fn every_rule_is_broken_by_some_test() {
    let mut broken: BTreeSet<&str> = rows().iter().map(|row| row.0).collect();
    // Those of files, and of many and no items, have tests of their own.
    broken.extend([
        "items",
        "many-items",
        "picture-alpha",
        "picture-answers",
        "picture-color",
        "picture-extension",
        "picture-format",
        "picture-size",
        "picture-square",
        "self-link-other",
        "sound-answers",
        "sound-length",
        "sound-ranges",
        "sound-type",
    ]);
    let untested: Vec<&str> = RULES.iter().map(|rule| rule.id).filter(|id| !broken.contains(id)).collect();
    assert!(untested.is_empty(), "{untested:?}");
}

proptest! {
    #[test]
    fn no_feed_breaks_the_checker(at in 0..GOOD.len(), bytes in prop::collection::vec(any::<u8>(), 0..6), cut in 0..40_usize) {
        let mut feed = GOOD.as_bytes().to_vec();
        let end = (at + cut).min(feed.len());
        feed.splice(at..end, bytes);
        check(&feed, &Nothing);
    }

    #[test]
    fn no_value_breaks_the_checker(value in any::<String>(), row in 0..80_usize) {
        let value = quick_xml::escape::escape(&value).into_owned();
        let all = rows();
        let from = all[row % all.len()].1;
        check(GOOD.replacen(from, &value, 1).as_bytes(), &Nothing);
    }
}
