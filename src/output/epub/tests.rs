use std::collections::BTreeSet;
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::*;
use crate::article::{ReadOptions, read_article};
use crate::output::document::{Part, Picture, Sentence};
use crate::output::encode::{Coding, EncodedPipe, Format};
use crate::output::metadata::Metadata;
use crate::report::Narrator;
use crate::table_test::each;

const HOSTILE: &str =
    "Port </title> & \"quotes\" ]]> <!-- reopens\n\nThe port <reopened> on Monday & Tuesday. “Ships” came.";
const MARKDOWN: &str = "---\ntitle: Port reopens\nauthor: Ann & Lee\ndate: 2026-11-03\n---\n# Port reopens\n\nThe port reopened on Monday.\n\n\
    ## At sea\n\n> Ships came back, said the mayor.\n\n- One ship\n- Two ships\n\n## On land\n\nTrucks left at noon.\n";
const SUMMIT: &str = include_str!("../../../tests/data/articles/summit.txt");
/// The smallest picture: one grey point.
const POINT: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0a\x49\x44\x41\x54\x78\xda\x63\x68\x00\x00\x00\x82\x00\x81\xda\x45\x08\x3b\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An article as the stand-in voice reads it, and its sound as MP3.
fn spoken(article: &str) -> (Document, Vec<u8>) {
    let article = read_article(article.as_bytes(), "article", &ReadOptions::default()).unwrap();
    let article = Arc::new(article.with_language("en-GB"));
    let narrator = Narrator::tone_builder().build().unwrap();
    let mp3 = Shared::default();
    let (rate, coding) = (narrator.sample_rate(), Coding::usual(Format::Mp3));
    let sink = EncodedPipe::create(mp3.clone(), rate, coding, &Metadata::default(), 0.0).unwrap();
    let summary = narrator.read(article.clone()).to(Box::new(sink)).unwrap();
    let mut document = crate::report::document(&article, &summary.timeline, &summary.voice, "a name");
    document.cover = Some(Picture { media_type: "image/png", bytes: POINT.to_vec() });
    let mp3 = mp3.0.lock().unwrap().clone();
    (document, mp3)
}

fn book(document: &Document, mut mp3: &[u8]) -> Vec<u8> {
    let mut book = Cursor::new(Vec::new());
    write(&mut book, document, &mut mp3).unwrap();
    book.into_inner()
}

/// An element of a file.
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
    /// The text behind its start.
    text: String,
}

impl Tag {
    fn get(&self, wanted: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.as_str())
    }
}

fn parse(xml: &str) -> Vec<Tag> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let text = |piece: &str| piece.to_string();
    let mut found: Vec<Tag> = Vec::new();
    loop {
        let piece = match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => {
                let attributes = element.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    (text(attribute.key.as_ref()), text(&attribute.value))
                });
                let attributes = attributes.collect();
                found.push(Tag { name: text(element.name().as_ref()), attributes, text: String::new() });
                continue;
            }
            Event::Text(piece) => text(&piece),
            Event::GeneralRef(sign) => sign.resolve_char_ref().unwrap().unwrap().to_string(),
            Event::Eof => return found,
            _ => continue,
        };
        if let Some(last) = found.last_mut() {
            last.text.push_str(&piece);
        }
    }
}

fn seconds(clock: &str) -> u64 {
    (clock.strip_suffix('s').unwrap().parse::<f64>().unwrap() * 1000.0).round() as u64
}

#[test]
fn a_book_holds_the_article_and_its_sound() {
    each([HOSTILE, MARKDOWN, SUMMIT, "Ships came."], |article| {
        let (document, mp3) = spoken(article);
        let bytes = book(&document, &mp3);
        assert_eq!(bytes, book(&document, &mp3), "other bytes at the second time");
        assert_eq!((&bytes[30..38], &bytes[38..58]), (&b"mimetype"[..], &b"application/epub+zip"[..]));
        let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut file = |name: &str| {
            let mut content = Vec::new();
            archive.by_name(name).unwrap().read_to_end(&mut content).unwrap();
            content
        };
        assert_eq!((file("EPUB/sound.mp3"), file("EPUB/cover.png")), (mp3, POINT.to_vec()));
        let mut text = |name: &str| String::from_utf8(file(name)).unwrap();
        let (package, navigation) = (parse(&text("EPUB/package.opf")), parse(&text("EPUB/nav.xhtml")));
        let (shown, overlay) = (parse(&text("EPUB/article.xhtml")), parse(&text("EPUB/article.smil")));
        let ids: Vec<&str> = shown.iter().filter_map(|tag| tag.get("id")).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
        // Every sentence is there once, in order.
        let pieces = document.elements.iter().flat_map(|element| &element.pieces);
        let pieces = pieces.filter(|piece| matches!(piece, Piece::Sentence(_)));
        let sentences: Vec<(String, String)> =
            pieces.enumerate().map(|(id, piece)| (format!("s{id}"), piece.text())).collect();
        for (id, text) in &sentences {
            let tag = shown.iter().find(|tag| tag.get("id") == Some(id)).unwrap();
            // The text behind its end is that of no element.
            assert!(tag.text.starts_with(text.as_str()), "{:?}, not {text:?}", tag.text);
        }
        let shown_ids: Vec<&str> = ids.iter().copied().filter(|id| id.starts_with('s')).collect();
        assert!(shown_ids.iter().eq(sentences.iter().map(|(id, _)| id)), "{shown_ids:?}");
        // Each has its clip, and the clips are the whole sound.
        let sources = overlay.iter().filter(|tag| tag.name == "text").filter_map(|tag| tag.get("src"));
        let want = sentences.iter().map(|(id, _)| format!("article.xhtml#{id}"));
        assert!(sources.eq(want));
        let mut now = 0;
        for clip in overlay.iter().filter(|tag| tag.name == "audio") {
            let [begin, end] = ["clipBegin", "clipEnd"].map(|key| seconds(clip.get(key).unwrap()));
            assert!(begin == now && end > begin, "{begin} to {end} after {now}");
            now = end;
        }
        let durations = package.iter().filter(|tag| tag.get("property") == Some("media:duration"));
        assert_eq!(durations.map(|tag| seconds(tag.text.trim())).collect::<Vec<_>>(), [now, now]);
        assert_eq!(now, document.milliseconds);
        // What the table of contents points at is there.
        for target in navigation.iter().filter(|tag| tag.name == "a").filter_map(|tag| tag.get("href")) {
            let is_there = target.split_once('#').is_none_or(|(_, id)| ids.contains(&id));
            assert!(is_there, "{target}");
        }
    });
}

#[test]
fn a_book_keeps_its_identity() {
    let (document, _) = spoken("Ships came.");
    let other = Document { voice: "another".into(), ..document.clone() };
    assert_eq!(
        identifier(&document),
        identifier(&Document { date: Some("2026".into()), ..document.clone() })
    );
    assert_ne!(identifier(&document), identifier(&other));
    let id = identifier(&document);
    assert!(id.starts_with("urn:uuid:") && id.len() == 45 && &id[23..24] == "8", "{id}");
}

proptest! {
    #[test]
    fn clips_are_never_empty_and_follow_each_other(gaps in prop::collection::vec(prop_oneof![Just(0_u64), 1_u64..5_000], 0..30), rest in 0_u64..500) {
        let mut now = 0;
        let elements = gaps.iter().map(|gap| {
            now += gap;
            let sentence = Sentence { start: now, end: now, parts: vec![Part::Word("a".into(), now)] };
            Element { role: Role::Paragraph, pieces: vec![Piece::Sentence(sentence)] }
        });
        let elements: Vec<Element> = elements.collect();
        let document = Document { elements, milliseconds: now + rest, ..Document::default() };
        let clips = clips(&document);
        prop_assert_eq!(clips.len(), gaps.len());
        let mut last = 0;
        for clip in &clips {
            prop_assert!(clip.begin == last && clip.end > clip.begin, "{:?}", clips);
            last = clip.end;
        }
        prop_assert!(gaps.is_empty() || last.abs_diff(document.milliseconds) <= gaps.len() as u64);
    }
}

/// `make page-check` gives these to epubcheck.
#[test]
#[ignore = "writes files for another program"]
fn books_for_the_checker() {
    let folder = PathBuf::from(std::env::var_os("AUDIO_REPORT_BOOKS").unwrap());
    for (name, article) in [("hostile", HOSTILE), ("short", MARKDOWN), ("summit", SUMMIT)] {
        let (document, mp3) = spoken(article);
        std::fs::write(folder.join(name).with_extension("epub"), book(&document, &mp3)).unwrap();
    }
}
