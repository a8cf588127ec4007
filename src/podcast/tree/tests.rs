//! Feeds, broken and whole, as they are read.

use proptest::prelude::*;

use super::*;
use crate::table_test::each;

#[test]
fn elements_have_their_places_and_texts() {
    let feed = "<?xml version=\"1.0\"?>\n<rss xmlns:i='http://www.itunes.com/dtds/podcast-1.0.dtd'>\n <é/>\u{20}<i:image \n href='a&amp;b'/><t>a &lt; &#233;<b>no</b><![CDATA[<c>]]></t></rss>";
    let Tree { root, flaws, .. } = read(feed.as_bytes());
    assert_eq!(flaws, []);
    let root = root.unwrap();
    let spots: Vec<(usize, usize)> =
        root.children.iter().map(|child| (child.at.line, child.at.column)).collect();
    assert_eq!(spots, [(3, 2), (3, 7), (4, 18)]);
    assert_eq!(root.first(Space::Itunes, "image").unwrap().attribute("href"), Some("a&b"));
    assert_eq!(root.first(Space::Rss, "t").unwrap().value(), "a < é<c>");
}

#[test]
fn flaws_have_their_places() {
    let rows: [(&[u8], (usize, usize), &str); 18] = [
        (b"<rss>\n<a></b></rss>", (2, 4), "a"),
        (b"<rss>\n<a>", (2, 4), "has no end"),
        (b"", (1, 1), "no element"),
        (b"<rss/>\n<rss/>", (2, 1), "second element"),
        (b"<rss/>\ntext", (1, 7), "outside"),
        (b"<rss>\n&nbsp;</rss>", (2, 1), "&nbsp;"),
        (b"<rss>\n&#1;</rss>", (2, 1), "&#1;"),
        (b"<rss>\n\x01</rss>", (2, 1), "U+0001"),
        (b"<rss a='1' a='2'/>", (1, 1), "attribute"),
        (b"<rss a='&nbsp;'/>", (1, 1), "nbsp"),
        (b"<rss a='&#1;'/>", (1, 1), "attribute a"),
        (b"<rss a='<'/>", (1, 1), "attribute a"),
        (b"<rss>\nAT&T</rss>", (2, 3), ""),
        (b"<rss>\n<itunes:a/></rss>", (2, 1), "itunes is not declared"),
        (b"<rss xmlns:itunes='https://www.itunes.com/DTDs/Podcast-1.0.dtd'/>", (1, 1), "and itunes is http"),
        (b"<?xml version='1.0' encoding='ISO-8859-1'?><rss>\xe9</rss>", (1, 1), "windows-1252"),
        (b"<rss>\n\xe9</rss>", (2, 1), "no UTF-8"),
        (b"\xff\xfe<\0r\0/\0>\0", (1, 1), "UTF-16LE"),
    ];
    each(rows, |(feed, (line, column), want)| {
        let shown = String::from_utf8_lossy(feed).into_owned();
        let flaws = read(feed).flaws;
        let (spot, flaw) = flaws.first().unwrap_or_else(|| panic!("{shown}: no flaw"));
        assert!(format!("{flaw:?}").contains(want), "{shown}: {flaw:?}");
        assert_eq!((spot.line, spot.column), (line, column), "{shown}: {flaw:?}");
    });
}

#[test]
fn bombs_stay_small() {
    let bomb = "<!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><rss>&b;</rss>";
    let Tree { root, flaws, .. } = read(bomb.as_bytes());
    assert_eq!((root.unwrap().text.as_str(), flaws.len()), ("", 1));
    let xxe = "<!DOCTYPE rss [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><rss>&a;</rss>";
    assert_eq!(read(xxe.as_bytes()).root.unwrap().text, "");
    let deep = "<a>".repeat(100_000);
    assert!(format!("{:?}", read(deep.as_bytes()).flaws).contains("deep"));
    let prefixes = (0..1_001).map(|number| format!("xmlns:a{number}='b'")).collect::<Vec<_>>().join(" ");
    assert!(format!("{:?}", read(format!("<rss {prefixes}/>").as_bytes()).flaws).contains("1000 namespaces"));
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[<>/a:&;\"'= !\\[\\]?é-]{0,60}") {
        read(&bytes);
        read(text.as_bytes());
        read(format!("<rss>{text}</rss>").as_bytes());
    }
}
