//! RSS, Atom, JSON Feed and RDF become entries, by the crate `feed-rs`.
//!
//! It knows no entities but XML's own, so nothing is fetched and nothing grows. It sets no limit to entries, one fault of XML fails the
//! whole feed, and without a guid it makes one up: so bytes are bounded before, entries after, and identities are our own.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use encoding_rs::{Encoding, WINDOWS_1252};
use feed_rs::model;
use feed_rs::parser::Builder;

use super::entry::{Claim, Entry, identify, without_tags};
use crate::error::{Cure, Error, ErrorKind, Place, Result, shorten};
use crate::net::Address;

/// Entries that are read of one feed.
const MOST_ENTRIES: usize = 10_000;
/// Characters of a headline, of a name and of a category.
const LONGEST_LINE: usize = 500;
/// Bytes of an identity: longer ones are no names.
const LONGEST_IDENTITY: usize = 2_000;

/// A feed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Feed {
    /// What it is called.
    pub title: Option<String>,
    /// Its entries, in its order, each once.
    pub entries: Vec<Entry>,
    /// Entries beyond those that are read.
    pub left_out: usize,
}

/// Reads a feed. `name` is what messages call it, `charset` the encoding that the server names, `base` its address.
pub(crate) fn parse(bytes: &[u8], name: &str, charset: Option<&str>, base: Option<&Address>) -> Result<Feed> {
    let text = text_of(bytes, charset);
    let refused = |why: String| {
        Error::new(ErrorKind::Input, "this is no feed that can be read")
            .at(Place::file(name))
            .because(why)
            .with_cure(Cure::GiveFeed)
    };
    // An identity that the parser makes up is none.
    let parser = Builder::new()
        .base_uri(base.map(Address::as_str))
        .id_generator(|_, _, _| String::new())
        .sanitize_content(false)
        .build();
    let parsed = catch_unwind(AssertUnwindSafe(|| parser.parse(text.as_bytes())));
    let parsed = parsed.map_err(|_| refused("the parser broke off".to_string()))?;
    let model = parsed.map_err(|fault| refused(shorten(&fault.to_string(), 200)))?;
    let left_out = model.entries.len().saturating_sub(MOST_ENTRIES);
    let claims = model.entries.into_iter().take(MOST_ENTRIES).map(|entry| claim(entry, base)).collect();
    let mut seen = std::collections::HashSet::new();
    let mut entries = identify(claims);
    entries.retain(|entry| seen.insert(entry.identity.clone()));
    Ok(Feed { title: model.title.and_then(|title| line(&title.content)), entries, left_out })
}

/// The text of a feed, as UTF-8 that says so. A byte order mark, then the bytes themselves, then the server, then the declaration decide:
/// bytes that are UTF-8 with more than ASCII are UTF-8, whatever is said of them.
pub(super) fn text_of<'a>(bytes: &'a [u8], charset: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return undeclared(encoding.decode(bytes).0);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return undeclared(Cow::Borrowed(text));
    }
    let declared = declaration(bytes).and_then(|declaration| {
        let (_, rest) = declaration.split_once("encoding")?;
        let mut quoted = rest.split(['"', '\'']);
        quoted.nth(1)
    });
    let label = charset.or(declared);
    let encoding = label.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(WINDOWS_1252);
    undeclared(encoding.decode_without_bom_handling(bytes).0)
}

/// `<?xml …?>`, as far as it is ASCII.
fn declaration(bytes: &[u8]) -> Option<&str> {
    let start = bytes.trim_ascii_start();
    let end = start.windows(2).take(200).position(|pair| pair == b"?>")?;
    std::str::from_utf8(&start[..end]).ok().filter(|text| text.starts_with("<?xml"))
}

/// Text without a declaration: what that says of the encoding is no longer so.
fn undeclared(text: Cow<'_, str>) -> Cow<'_, str> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    match start.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) {
        Some((_, rest)) => Cow::Owned(rest.to_string()),
        None if start.len() == text.len() => text,
        None => Cow::Owned(start.to_string()),
    }
}

fn claim(entry: model::Entry, base: Option<&Address>) -> Claim {
    let link = entry
        .links
        .iter()
        .filter(|link| link.rel.as_deref().is_none_or(|rel| rel.eq_ignore_ascii_case("alternate")))
        .find_map(|link| address(&link.href, base));
    let guid =
        Some(entry.id.trim().to_string()).filter(|guid| !guid.is_empty() && guid.len() <= LONGEST_IDENTITY);
    // A guid of RSS is the address, unless it says that it is none.
    let link = link
        .or_else(|| guid.as_deref().and_then(|guid| Address::parse(guid).ok()).map(|address| own(&address)));
    let texts =
        [entry.content.and_then(|content| content.body), entry.summary.map(|summary| summary.content)];
    let longest = texts.into_iter().flatten().max_by_key(|text| without_tags(text).len());
    let people = entry.authors.into_iter().filter_map(|person| line(person.name.as_deref()?));
    let mut authors: Vec<String> = people.filter(|name| !name.eq_ignore_ascii_case("unknown")).collect();
    authors.dedup();
    let categories =
        entry.categories.into_iter().filter_map(|of| line(&of.label.unwrap_or(of.term))).collect();
    let entry = Entry {
        identity: String::new(),
        title: entry.title.and_then(|title| line(&title.content)),
        link,
        published: entry.published.or(entry.updated).map(|time| time.timestamp()),
        updated: entry.updated.map(|time| time.timestamp()),
        authors,
        categories,
        html: longest.map(without_controls).filter(|text| !text.trim().is_empty()),
    };
    Claim { guid, entry }
}

/// An address that can be fetched, without what follows readers around.
fn address(written: &str, base: Option<&Address>) -> Option<String> {
    let written = written.trim();
    let address = match base {
        Some(base) => base.join(written),
        None => Address::parse(written),
    };
    address.ok().map(|address| own(&address))
}

fn own(address: &Address) -> String {
    address.without_trackers().to_string()
}

/// Text of a feed on one line, without markup: many have HTML in their headlines, once or twice escaped.
fn line(written: &str) -> Option<String> {
    let mut text = without_controls(written.to_string());
    for _ in 0..2 {
        text = without_tags(&unescaped(&text));
    }
    let text = shorten(&text, LONGEST_LINE);
    Some(text).filter(|text| !text.is_empty())
}

/// Text without control characters: some feeds have them, raw or as `&#27;`, and they mean nothing.
fn without_controls(mut text: String) -> String {
    text.retain(|sign| !sign.is_control() || matches!(sign, '\n' | '\r' | '\t'));
    text
}

/// The entities that headlines have.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.find(';').filter(|end| *end <= 10).map(|end| (&rest[1..end], end));
        match entity.and_then(|(name, end)| Some((sign(name)?, end))) {
            Some((sign, end)) => {
                out.push(sign);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn sign(name: &str) -> Option<char> {
    const NAMES: [(&str, char); 13] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("rsquo", '’'),
        ("lsquo", '‘'),
        ("rdquo", '”'),
        ("ldquo", '“'),
        ("ndash", '–'),
        ("mdash", '—'),
        ("hellip", '…'),
    ];
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|sign| !sign.is_control());
    }
    NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, sign)| sign)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    const RSS: &str = r#"<?xml version="1.0" encoding="ISO-8859-1"?>
        <rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Coast News</title>
        <item><guid isPermaLink="false">coast-1</guid><title>Port &amp;amp; &lt;b&gt;quay&lt;/b&gt; reopen</title>
          <link>https://coast.example/1?utm_source=rss</link><pubDate>Sat, 29 Nov 2025 00:00:00 GMT</pubDate>
          <category>Harbour</category><description>Short.</description>
          <content:encoded><![CDATA[<p>The port reopened on Monday.</p><p>Ships came back.</p>]]></content:encoded></item>
        <item><title>No guid</title><link>/2</link></item>
        </channel></rss>"#;
    const ATOM: &str = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>Coast News</title><id>urn:x</id><updated>2025-11-29T00:00:00Z</updated>
        <entry><id>coast-1</id><title type="html">Port &amp;amp; &lt;b&gt;quay&lt;/b&gt; reopen</title><link href="https://coast.example/1"/>
          <author><name>Ann Lee</name></author><published>2025-11-29T00:00:00Z</published><updated>2025-11-29T01:00:00Z</updated>
          <content type="html">&lt;p&gt;The port reopened on Monday.&lt;/p&gt;&lt;p&gt;Ships came back.&lt;/p&gt;</content></entry></feed>"#;
    const JSON: &str = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Coast News","items":[{"id":"coast-1",
        "url":"https://coast.example/1","title":"Port & quay reopen","date_published":"2025-11-29T00:00:00Z",
        "content_html":"<p>The port reopened on Monday.</p><p>Ships came back.</p>","tags":["Harbour"]}]}"#;
    const RDF: &str = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
        <channel rdf:about="https://coast.example/"><title>Coast News</title><link>https://coast.example/</link><description>d</description></channel>
        <item rdf:about="https://coast.example/1"><title>Port &amp;amp; quay reopen</title><link>https://coast.example/1</link>
        <description>&lt;p&gt;The port reopened on Monday.&lt;/p&gt;&lt;p&gt;Ships came back.&lt;/p&gt;</description></item></rdf:RDF>"#;

    fn base() -> Address {
        Address::parse("https://coast.example/feed.xml").unwrap()
    }

    #[test]
    fn all_kinds_of_feeds_give_the_same_entry() {
        each([("RSS", RSS), ("Atom", ATOM), ("JSON Feed", JSON), ("RDF", RDF)], |(kind, text)| {
            let feed = parse(text.as_bytes(), kind, None, Some(&base())).unwrap();
            assert_eq!(feed.title.as_deref(), Some("Coast News"), "{kind}");
            let entry = &feed.entries[0];
            assert_eq!(entry.title.as_deref(), Some("Port & quay reopen"), "{kind}");
            assert_eq!(entry.link.as_deref(), Some("https://coast.example/1"), "{kind}");
            assert_eq!(entry.words(), 8, "{kind}: {entry:?}");
            let identity = if kind == "RDF" { "https://coast.example/1" } else { "coast-1" };
            assert_eq!(entry.identity, identity, "{kind}");
            assert!(kind == "RDF" || entry.published == Some(1_764_374_400), "{kind}: {entry:?}");
        });
    }

    #[test]
    fn addresses_are_made_whole() {
        let feed = parse(RSS.as_bytes(), "feed", None, Some(&base())).unwrap();
        assert_eq!(feed.entries[1].link.as_deref(), Some("https://coast.example/2"));
        assert_eq!(feed.entries[1].identity, "https://coast.example/2");
    }

    #[test]
    fn the_encoding_is_found_whoever_names_it() {
        let text = RSS.replace("Coast News", "Côte d’été");
        let (latin, _, _) = WINDOWS_1252.encode(&text);
        let utf16: Vec<u8> =
            std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        let rows = [
            ("declared", latin.to_vec(), None),
            ("served", latin.to_vec(), Some("windows-1252")),
            ("UTF-8 that is declared otherwise", text.clone().into_bytes(), Some("iso-8859-1")),
            ("marked", marked, Some("iso-8859-1")),
            ("UTF-16", utf16, None),
        ];
        each(rows, |(how, bytes, charset)| {
            let feed = parse(&bytes, how, charset, None).unwrap();
            assert_eq!(feed.title.as_deref(), Some("Côte d’été"), "{how}");
        });
    }

    #[test]
    fn hostile_feeds_are_refused_or_harmless() {
        let bomb = format!(
            "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\">{}]><rss version=\"2.0\"><channel><title>&z;</title></channel></rss>",
            ('b'..='z')
                .map(|name| {
                    let before = (name as u8 - 1) as char;
                    format!("<!ENTITY {name} \"{}\">", format!("&{before};").repeat(10))
                })
                .collect::<Vec<_>>()
                .concat()
        );
        let outside = "<!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><rss version=\"2.0\"><channel><title>T</title>\
            <item><title>A</title><description>&x;</description></item></channel></rss>";
        let deep = format!("<rss version=\"2.0\"><channel>{}</channel></rss>", "<a>".repeat(100_000));
        let many = format!(
            "<rss version=\"2.0\"><channel><title>T</title>{}</channel></rss>",
            (0..12_000)
                .map(|number| format!("<item><guid>{number}</guid></item>"))
                .collect::<Vec<_>>()
                .concat()
        );
        let rows = [
            ("empty", String::new(), None),
            ("text", "Ministers met on Monday.".to_string(), None),
            ("page", "<!doctype html><html><body><p>x</p></body></html>".to_string(), None),
            ("cut off", RSS[..RSS.len() / 2].to_string(), None),
            ("json", "{\"version\": 3}".to_string(), None),
            ("bomb", bomb, Some(0)),
            ("outside", outside.to_string(), Some(1)),
            ("deep", deep, None),
            ("many", many, Some(MOST_ENTRIES)),
        ];
        each(rows, |(kind, text, most)| {
            let feed = parse(text.as_bytes(), kind, None, Some(&base()));
            match (&feed, most) {
                (Ok(feed), Some(most)) => {
                    assert!(feed.entries.len() <= most, "{kind}: {}", feed.entries.len());
                    assert!(!format!("{feed:?}").contains("root:"), "{kind}");
                    assert!(feed.title.as_ref().is_none_or(|title| title.len() < 1_000), "{kind}");
                }
                (Err(error), _) => assert_eq!(error.kind(), ErrorKind::Input, "{kind}"),
                (Ok(feed), None) => panic!("{kind} was read: {feed:?}"),
            }
        });
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, charset in "[a-z0-9-]{0,12}") {
            let _ = parse(&bytes, "feed", Some(&charset), None);
        }

        #[test]
        fn no_damage_of_a_feed_panics(at in 0_usize..1_400, byte: u8) {
            let mut bytes = RSS.as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = parse(&bytes, "feed", None, None);
        }
    }
}
