//! What is written, read back: by our own reader here, and by four others in `make podcast-check`.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde_json::json;

use super::around::Folder;
use super::check::{LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_VALUE, check};
use super::clean::{Secrets, block, cut_to_bytes, cut_to_characters, line};
use super::guid::Guid;
use super::show::{Alternate, Base, Enclosure, Episode, Image, Owner, Person, Rights, Show, Transcript};
use super::tree::{self, Element, Space};
use super::write::{feed, unchecked};
use crate::error::{Cure, ErrorKind};
use crate::net::Address;
use crate::table_test::each;

const SECRET: &str = "https://wire.example/feed?token=SECRET";

fn show() -> Show {
    let base = Base::new(&Address::parse("https://gazette.example/news").unwrap()).unwrap();
    let guid = Guid::of_feed("https://gazette.example/news/podcast.xml");
    let mut show =
        Show::new(guid, base, "Harbour & News: 3 < 4", "What happened in the harbour.\nEvery day.", "en-gb");
    show.author = Some("The Harbour Gazette".to_owned());
    show.owner = Some(Owner { name: "News desk".to_owned(), email: "desk@gazette.example".to_owned() });
    show.link = Some("https://gazette.example/?utm_source=feed&a=1".to_owned());
    show.copyright = Some("© 2026 The Harbour Gazette".to_owned());
    show.cover = Some(Image { file: "cover.png".to_owned(), is_ours: true });
    show.persons = vec![Person {
        name: "af_heart (synthetic voice)".to_owned(),
        role: Some("narrator".to_owned()),
        group: Some("cast".to_owned()),
        link: None,
    }];
    show.secrets = Secrets::new([SECRET.to_owned()]);
    show
}

fn episode(number: u64) -> Episode {
    let file = format!("2026-11-18/port größe {number}.mp3");
    let enclosure = Enclosure { file, bytes: 1_000 + number, media_type: "audio/mpeg".to_owned() };
    // Later numbers are later.
    let published = SystemTime::UNIX_EPOCH + Duration::from_secs(1_794_981_600 + 60 * number);
    let mut episode = Episode::new(
        &format!("tag:gazette.example,2026:{number}"),
        &format!("Port “{number}” & ferries"),
        published,
        enclosure,
        Duration::from_millis(754_100),
    );
    episode.description = format!("Ships came back at noon. {}", "More follows. ".repeat(100));
    episode.text = vec!["Ships came back at noon, 3 < 4.".to_owned(), "Cranes moved again.".to_owned()];
    episode.link = Some(format!("https://gazette.example/port/{number}?fbclid=x#top"));
    episode.page = Some(format!("2026-11-18/port {number}.html"));
    episode.persons = vec![Person {
        name: "A staff reporter".to_owned(),
        role: Some("author".to_owned()),
        group: Some("writing".to_owned()),
        link: Some("https://gazette.example/desk?utm_medium=x".to_owned()),
    }];
    episode.chapters = Some(format!("2026-11-18/port{number}.chapters.json"));
    let transcript = |ending: &str, media_type: &str, is_captions| Transcript {
        file: format!("2026-11-18/port{number}.{ending}"),
        media_type: media_type.to_owned(),
        language: None,
        is_captions,
    };
    episode.transcripts =
        vec![transcript("vtt", "text/vtt", true), transcript("transcript.json", "application/json", false)];
    let opus = Enclosure {
        file: format!("2026-11-18/port{number}.opus"),
        bytes: 500,
        media_type: "audio/ogg".to_owned(),
    };
    episode.alternates = vec![Alternate { enclosure: opus, bitrate: Some(32_000), title: "Opus".to_owned() }];
    episode.image = Some(Image { file: "2026-11-18/lead.jpg".to_owned(), is_ours: false });
    episode.is_ours = true;
    episode
}

fn text(show: &Show, episodes: &[Episode]) -> String {
    String::from_utf8(feed(show, episodes).unwrap()).unwrap()
}

#[test]
fn a_feed_with_everything_keeps_all_rules() {
    let show = Show { rights: Rights::Own, ..show() };
    let feed = text(&show, &[episode(1), episode(2)]);
    let report = check(feed.as_bytes(), &super::around::Nothing);
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let rows = [
        "<podcast:guid>",
        "<podcast:medium>newsletter</podcast:medium>",
        "<podcast:txt purpose=\"ai-content\">true</podcast:txt>",
        "<podcast:locked owner=\"desk@gazette.example\">no</podcast:locked>",
        "<link>https://gazette.example/?a=1</link>",
        "<link>https://gazette.example/news/2026-11-18/port%202.html</link>",
        "<enclosure url=\"https://gazette.example/news/2026-11-18/port%20gr%C3%B6%C3%9Fe%202.mp3\" length=\"1002\" type=\"audio/mpeg\"/>",
        "<itunes:duration>755</itunes:duration>",
        "type=\"text/vtt\" language=\"en-gb\" rel=\"captions\"/>",
        "<podcast:chapters url=\"https://gazette.example/news/2026-11-18/port2.chapters.json\" type=\"application/json+chapters\"/>",
        "<podcast:person role=\"author\" group=\"writing\" href=\"https://gazette.example/desk\">A staff reporter</podcast:person>",
        "<podcast:alternateEnclosure type=\"audio/ogg\" length=\"500\" bitrate=\"32000\" title=\"Opus\">",
        "<podcast:source uri=\"https://gazette.example/news/2026-11-18/port2.opus\"/>",
        "&lt;p&gt;Ships came back at noon, 3 &amp;lt; 4.&lt;/p&gt;",
        "<itunes:image href=\"https://gazette.example/news/2026-11-18/lead.jpg\"/>",
        "<pubDate>Wed, 18 Nov 2026 06:02:00 +0000</pubDate>",
    ];
    each(rows, |want| assert!(feed.contains(want), "{want} in {feed}"));
    // The latest comes first, in whatever order they are given.
    assert!(feed.find("Port “2”") < feed.find("Port “1”"));
    assert_eq!(feed, text(&show, &[episode(2), episode(1)]));
    each(["utm_", "fbclid", "itunes:block", "podcast:block", "noindex"], |unwanted| {
        assert!(!feed.contains(unwanted), "{unwanted} in {feed}");
    });
}

#[test]
fn a_feed_is_private_until_its_rights_are_told() {
    let feed = text(&show(), &[episode(1)]);
    let wanted = [
        "<itunes:block>Yes</itunes:block>",
        "<podcast:block>yes</podcast:block>",
        "<podcast:locked owner=\"desk@gazette.example\">yes</podcast:locked>",
        "name=\"robots\" content=\"noindex\"",
        "<link>https://gazette.example/port/1</link>",
        "cover.png",
    ];
    each(wanted, |want| assert!(feed.contains(want), "{want} in {feed}"));
    each(["content:encoded>", "transcript", "port%201.html", "lead.jpg", "Cranes"], |unwanted| {
        assert!(!feed.contains(unwanted), "{unwanted} in {feed}");
    });
    let (_, item) = feed.split_once("<item>").unwrap();
    let description = item.split_once("<description>").unwrap().1.split_once("</description>").unwrap().0;
    assert!(description.len() <= 300 && description.ends_with('…'), "{description}");
    // A cover of others is in no private feed.
    let foreign = Show { cover: Some(Image { file: "cover.png".to_owned(), is_ours: false }), ..show() };
    let refused = super::write::feed(&foreign, &[episode(1)]).unwrap_err();
    assert!(refused.what().contains("the show has a picture"), "{refused}");
    // In a public show the text of others stays private.
    let public = Show { rights: Rights::Licensed, ..show() };
    let theirs = Episode { is_ours: false, ..episode(1) };
    let feed = text(&public, &[theirs, episode(2)]);
    assert_eq!(feed.matches("<itunes:block>Yes</itunes:block>").count(), 1, "{feed}");
    let (ours, theirs) = feed.split_once("</item>").unwrap();
    assert!(
        ours.contains("transcript") && !theirs.contains("transcript") && !theirs.contains("lead.jpg"),
        "{feed}"
    );
}

#[test]
fn no_secret_reaches_a_feed() {
    let mut show = Show { rights: Rights::Own, ..show() };
    let mut leaky = episode(1);
    let told = format!("From {SECRET} and {SECRET}&page=2.");
    for text in [&mut show.title, &mut show.description, &mut leaky.title, &mut leaky.description] {
        text.push_str(&told);
    }
    leaky.text.push(told.clone());
    (show.link, leaky.link) = (Some(SECRET.to_owned()), Some(format!("{SECRET}#a")));
    leaky.page = None;
    leaky.guid = format!("{SECRET}/1");
    leaky.persons[0].link = Some(SECRET.to_owned());
    leaky.persons[0].name.push_str(&told);
    show.author = Some(told.clone());
    show.copyright = Some(told);
    let feed = text(&show, &[leaky]);
    assert!(!feed.contains("SECRET"), "{feed}");
}

#[test]
fn a_feed_that_breaks_a_rule_is_not_written() {
    /// Makes a show or an episode break a rule.
    type Spoil = fn(&mut Show, &mut Episode);
    let rows: [(&str, Spoil); 12] = [
        ("title", |show, _| " \u{0}".clone_into(&mut show.title)),
        ("description", |show, _| show.description.clear()),
        ("image", |show, _| show.cover = None),
        ("language-form", |show, _| "English".clone_into(&mut show.language)),
        ("category-name", |show, _| show.category = ("Daily News".to_owned(), None)),
        ("medium", |show, _| show.medium.clear()),
        ("item-title", |_, episode| episode.title.clear()),
        ("enclosure-length", |_, episode| episode.enclosure.bytes = 0),
        ("enclosure-type", |_, episode| episode.enclosure.media_type.clear()),
        ("enclosure-format", |_, episode| "audio/wav".clone_into(&mut episode.enclosure.media_type)),
        ("guid-twice", |_, episode| "tag:gazette.example,2026:2".clone_into(&mut episode.guid)),
        ("enclosure-twice", |_, episode| {
            "2026-11-18/port größe 2.mp3".clone_into(&mut episode.enclosure.file);
        }),
    ];
    each(rows, |(rule, spoil)| {
        let (mut show, mut spoilt) = (show(), episode(1));
        spoil(&mut show, &mut spoilt);
        let error = feed(&show, &[spoilt, episode(2)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Feed, "{rule}: {error}");
        assert_eq!(error.cure(), Some(&Cure::MendShow { rule }), "{error}");
        assert!(error.place().is_some(), "{error}");
    });
    assert!(feed(&show(), &[]).is_ok(), "a show may have no episode yet");
}

#[test]
fn a_feed_lists_the_latest_items_and_short_values() {
    let mut show = show();
    show.most_items = 3;
    show.title = "Harbour ".repeat(100);
    let episodes: Vec<Episode> = (0..10).map(episode).collect();
    let feed = text(&show, &episodes);
    assert_eq!(feed.matches("<item>").count(), 3);
    assert!(feed.contains("tag:gazette.example,2026:9<") && !feed.contains("tag:gazette.example,2026:6<"));
    let title = feed.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
    assert!(title.ends_with("Harbour…") && title.chars().count() <= 255, "{title}");
}

/// The value of a tag.
fn value<'a>(parent: &'a Element, space: Space, name: &str) -> &'a str {
    parent.first(space, name).map(Element::value).unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_text_reads_back_as_it_was_cleaned(
        texts in prop::collection::vec(prop_oneof![any::<String>(), "[<>&'\"\\]\\[! a\\n\\r\\t-]{0,300}", "\\PC{0,400}"], 12),
        paragraphs in prop::collection::vec(any::<String>(), 0..3),
        is_public: bool,
        seconds in any::<u64>(),
    ) {
        let mut show = show();
        let mut one = episode(1);
        let next = &mut texts.into_iter();
        let mut take = || next.next().unwrap_or_default();
        (show.title, show.description, show.language) = (take(), take(), take());
        (show.author, show.link) = (Some(take()), Some(take()));
        (one.title, one.description, one.guid) = (take(), take(), take());
        (one.enclosure.file, one.enclosure.media_type) = (take(), take());
        one.persons[0].name = take();
        one.chapters = Some(take());
        one.text = paragraphs;
        one.duration = Duration::from_secs(seconds);
        show.rights = if is_public { Rights::Own } else { Rights::Unknown };
        let bytes = unchecked(&show, std::slice::from_ref(&one)).unwrap();
        let tree = tree::read(&bytes);
        prop_assert_eq!(&tree.flaws, &[]);
        let root = tree.root.unwrap();
        let channel = &root.children[0];
        let secrets = &show.secrets;
        let short = |text: &str| cut_to_characters(&line(text, secrets), LONGEST_VALUE);
        let title = short(&show.title);
        prop_assert_eq!(value(channel, Space::Rss, "title"), title.trim());
        let description = cut_to_bytes(&block(&show.description, secrets), LONGEST_DESCRIPTION);
        prop_assert_eq!(value(channel, Space::Rss, "description"), description.trim());
        let author = short(show.author.as_deref().unwrap());
        prop_assert_eq!(value(channel, Space::Itunes, "author"), author.trim());
        let item = channel.first(Space::Rss, "item").unwrap();
        let title = short(&one.title);
        prop_assert_eq!(value(item, Space::Rss, "title"), title.trim());
        let longest = if is_public { LONGEST_DESCRIPTION } else { 300 };
        let description = cut_to_bytes(&block(&one.description, secrets), longest);
        prop_assert_eq!(value(item, Space::Rss, "description"), description.trim());
        let name = cut_to_characters(&line(&one.persons[0].name, secrets), LONGEST_NAME);
        let persons: Vec<&str> = item.all(Space::Podcast, "person").map(Element::value).collect();
        let persons: Vec<&str> = persons.into_iter().skip(1).collect();
        prop_assert_eq!(persons.concat(), name.trim());
        let enclosure = item.first(Space::Rss, "enclosure").unwrap();
        prop_assert_eq!(enclosure.attribute("type").unwrap(), line(&one.enclosure.media_type, secrets));
        prop_assert!(enclosure.attribute("url").unwrap().is_ascii());
        prop_assert_eq!(enclosure.attribute("length"), Some("1001"));
        prop_assert_eq!(item.first(Space::Content, "encoded").is_some(), is_public && one.text.iter().any(|text| !line(text, secrets).is_empty()));
        // Same data, same bytes.
        prop_assert_eq!(unchecked(&show, &[one]).unwrap(), bytes);
    }
}

/// The values of a feed as its readers should have them; written out here rather than read from what was written.
fn expected(show: &Show, episodes: &[Episode]) -> serde_json::Value {
    let is_public = show.rights.is_public();
    let of = |path: String| format!("https://gazette.example/news/{path}");
    let item = |(index, episode): (usize, &Episode)| {
        let number = index + 1;
        let beside = |ending: &str| of(format!("2026-11-18/port{number}.{ending}"));
        let transcript = |ending, kind: &str, rel: Option<&str>| json!({ "url": beside(ending), "type": kind, "language": "en-gb", "rel": rel });
        let transcripts = [
            transcript("vtt", "text/vtt", Some("captions")),
            transcript("transcript.json", "application/json", None),
        ];
        let page = of(format!("2026-11-18/port%20{number}.html"));
        let description = cut_to_bytes(episode.description.trim(), if is_public { 4_000 } else { 300 });
        json!({
            "guid": format!("tag:gazette.example,2026:{number}"),
            "title": format!("Port “{number}” & ferries"),
            "link": if is_public { page } else { format!("https://gazette.example/port/{number}") },
            "description": description,
            "encoded": is_public.then_some("<p>Ships came back at noon, 3 &lt; 4.</p>\n<p>Cranes moved again.</p>"),
            "published": 1_794_981_600 + 60 * number,
            "url": of(format!("2026-11-18/port%20gr%C3%B6%C3%9Fe%20{number}.mp3")),
            "length": 1_000 + number,
            "type": "audio/mpeg",
            "duration": 755,
            "explicit": episode.is_explicit == Some(true),
            "image": is_public.then(|| of("2026-11-18/lead.jpg".to_owned())),
            "transcripts": if is_public { &transcripts[..] } else { &[] },
            "chapters": { "url": beside("chapters.json"), "type": "application/json+chapters" },
            "person": { "name": "A staff reporter", "role": "author", "group": "writing", "href": "https://gazette.example/desk" },
            "alternate": { "type": "audio/ogg", "length": 500, "bitrate": 32_000, "title": "Opus", "uri": beside("opus") },
        })
    };
    // The latest first.
    let items: Vec<serde_json::Value> = episodes.iter().enumerate().map(item).rev().collect();
    json!({
        "title": "Harbour & News: 3 < 4",
        "description": "What happened in the harbour.\nEvery day.",
        "link": "https://gazette.example/?a=1",
        "self": of("podcast.xml".to_owned()),
        "language": "en-gb",
        "copyright": "© 2026 The Harbour Gazette",
        "author": "The Harbour Gazette",
        "owner": { "name": "News desk", "email": "desk@gazette.example" },
        "image": of("cover.png".to_owned()),
        "guid": show.guid.as_str(),
        "medium": "newsletter",
        "narrator": "af_heart (synthetic voice)",
        "private": !is_public,
        "items": items,
    })
}

/// Writes feeds with all their files for the parsers and validators of `make podcast-check`.
#[test]
#[ignore = "writes files for other programs: make podcast-check"]
fn feeds_for_the_parsers() {
    let folder = PathBuf::from(std::env::var_os("AUDIO_REPORT_FEEDS").unwrap());
    let write = |path: &Path, bytes: &[u8]| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    let public = Show { rights: Rights::Own, ..show() };
    let episodes = [episode(1), episode(2), Episode { is_explicit: Some(true), ..episode(3) }];
    for (name, show) in [("public", public), ("private", show())] {
        let folder = folder.join(name);
        write(&folder.join("podcast.xml"), &feed(&show, &episodes).unwrap());
        write(&folder.join("expected.json"), expected(&show, &episodes).to_string().as_bytes());
        write(&folder.join("cover.png"), &super::cover::draw(&show.title, show.author.as_deref()).unwrap());
        for Episode { enclosure, .. } in &episodes {
            write(&folder.join(&enclosure.file), &vec![0; enclosure.bytes as usize]);
        }
        let report = check(&feed(&show, &episodes).unwrap(), &Folder(folder.clone()));
        assert_eq!((report.findings.len(), report.sounds), (0, 3), "{:?}", report.findings);
        let reports = episodes.iter().map(|episode| super::day::Report {
            title: episode.title.clone(),
            description: episode.description.clone(),
            byline: Some("A staff reporter".to_owned()),
            duration: episode.duration,
            sounds: vec![(episode.enclosure.file.clone(), episode.enclosure.media_type.clone())],
            page: episode.page.clone(),
            link: episode.link.clone(),
            language: None,
        });
        let day = super::day::Day {
            title: show.title.clone(),
            date: Some(episodes[0].published),
            language: show.language.clone(),
            feed: Some(show.file.clone()),
            rights: show.rights,
            is_synthetic: true,
            reports: reports.collect(),
            secrets: show.secrets.clone(),
        };
        write(&folder.join("index.html"), &super::day::page(&day).unwrap());
    }
}
