use std::io::Write;

use super::*;
use crate::table_test::each;

/// A PNG of 3 × 2 pixels, as far as its head.
fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0".to_vec();
    bytes.resize(64, 0);
    bytes
}

fn found(content: &[u8]) -> Found {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content).unwrap();
    read(&mut file).unwrap()
}

/// A Vorbis comment block.
fn comments(comments: &[&str]) -> Vec<u8> {
    let text = |text: &str| [&(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat();
    let mut block = text("vendor");
    block.extend((comments.len() as u32).to_le_bytes());
    block.extend(comments.iter().flat_map(|comment| text(comment)));
    block
}

fn flac(blocks: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"fLaC".to_vec();
    for (number, (kind, content)) in blocks.iter().enumerate() {
        let last = if number + 1 == blocks.len() { 0x80 } else { 0 };
        bytes.push(kind | last);
        bytes.extend(&(content.len() as u32).to_be_bytes()[1..]);
        bytes.extend(content);
    }
    bytes
}

fn picture(kind: u32, mime: &str, content: &[u8]) -> Vec<u8> {
    let number = |number: usize| (number as u32).to_be_bytes();
    let sizes = [0_u8; 16];
    [
        &kind.to_be_bytes()[..],
        &number(mime.len()),
        mime.as_bytes(),
        &number(3),
        b"abc",
        &sizes,
        &number(content.len()),
        content,
    ]
    .concat()
}

fn chunk(name: &[u8], content: &[u8]) -> Vec<u8> {
    let mut bytes = [name, &(content.len() as u32).to_le_bytes(), content].concat();
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes
}

/// Pages of one stream with 200 segments at most, so that long packets cross pages.
fn ogg(packets: &[&[u8]]) -> Vec<u8> {
    let mut lacing: Vec<(u8, &[u8])> = Vec::new();
    for packet in packets {
        let mut rest = *packet;
        while rest.len() >= 255 {
            let (head, after) = rest.split_at(255);
            lacing.push((255, head));
            rest = after;
        }
        lacing.push((rest.len() as u8, rest));
    }
    let mut bytes = Vec::new();
    for page in lacing.chunks(200) {
        let mut head = b"OggS".to_vec();
        head.resize(26, 7);
        head.push(page.len() as u8);
        head.extend(page.iter().map(|(length, _)| length));
        bytes.extend(head);
        bytes.extend(page.iter().flat_map(|(_, content)| *content));
    }
    bytes
}

#[test]
fn texts_become_harmless_lines_in_every_container() {
    let hostile = format!("TITLE=Port\r\n\u{1b}[2J\u{202e}re\0opens {}", "x".repeat(10_000));
    let block =
        comments(&[&hostile, "artist=Kim", "DIGITALSOURCETYPE=http://x/trainedAlgorithmicMedia", "junk"]);
    let opus = [b"OpusTags", block.as_slice()].concat();
    let vorbis = [b"\x03vorbis", block.as_slice()].concat();
    let info = [
        b"INFO".to_vec(),
        chunk(b"INAM", hostile[6..].replace('\0', " ").as_bytes()),
        chunk(b"IART", b"Kim\0"),
    ]
    .concat();
    let wave = [b"RIFF\0\0\0\0WAVE".to_vec(), chunk(b"data", &[0; 9]), chunk(b"LIST", &info)].concat();
    let rows = [
        ("FLAC", flac(&[(0, vec![0; 34]), (4, block.clone())]), true),
        ("Opus", ogg(&[b"OpusHead", &opus, b"x"]), true),
        ("Vorbis", ogg(&[b"\x01vorbis", &vorbis, b"x"]), true),
        ("WAV", wave, false),
    ];
    each(rows, |(what, content, has_mark)| {
        let found = found(&content);
        let title = found.tags.title.unwrap();
        assert!(title.contains("Port") && title.chars().count() <= 501, "{what}: {title}");
        assert!(title.chars().all(crate::error::is_printable), "{what}: {title:?}");
        assert_eq!(found.tags.byline.as_deref(), Some("Kim"), "{what}");
        assert_eq!(found.disclosure.is_for_machines(), has_mark, "{what}");
        assert_eq!(found.fault, None, "{what}");
    });
}

#[test]
fn covers_are_found_and_not_decoded() {
    let front = picture(3, "image/png", &png());
    let other = picture(4, "image/webp\u{1b}", b"RIFF....WEBP");
    let seen = |blocks: &[(u8, Vec<u8>)]| {
        let cover = found(&flac(blocks)).cover.unwrap();
        (cover.media_type, cover.width, cover.height, cover.bytes)
    };
    let known = ("image/png".to_owned(), Some(3), Some(2), 64);
    assert_eq!(seen(&[(6, other.clone()), (6, front.clone())]), known);
    assert_eq!(seen(&[(6, front), (6, other.clone())]), known);
    assert_eq!(seen(&[(6, other)]), ("image/webp".to_owned(), None, None, 12));
}

#[test]
fn chapters_are_in_order_and_have_ends() {
    let block = comments(&[
        "CHAPTER002=00:01:00.500",
        "CHAPTER002NAME=Cranes",
        "CHAPTER001=00:00:00.000",
        "chapter003=nonsense",
    ]);
    let chapters = found(&flac(&[(4, block)])).chapters;
    let first = FoundChapter { start: 0.0, end: Some(60.5), title: None };
    let second = FoundChapter { start: 60.5, end: None, title: Some("Cranes".to_owned()) };
    assert_eq!(chapters, [first, second]);
}

#[test]
fn a_million_chapters_are_read_in_time() {
    let mut lines =
        vec!["CHAPTER001NAME= ".to_owned(), "chapter001name=One".to_owned(), "CHAPTER001NAME=Two".to_owned()];
    lines.extend((0..1_000_000).map(|_| "CHAPTER001=00:00:01.000".to_owned()));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let begun = std::time::Instant::now();
    let found = found(&flac(&[(4, comments(&lines[..300_000]))]));
    assert_eq!(found.chapters.len(), MOST_CHAPTERS);
    assert_eq!(found.chapters[0].title.as_deref(), Some("One"));
    // Each chapter against each field would take minutes.
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

#[test]
fn what_is_damaged_is_said() {
    let block = comments(&["TITLE=Port"]);
    let long = [b"ID3\x03\0\0".to_vec(), vec![0x7f; 4]].concat();
    let lying = [&b"\x06\0\0\0vendor"[..], &[0xff; 8]].concat();
    let rows = [
        ("a block that is cut", flac(&[(4, block.clone())])[..20].to_vec(), Some("cut short")),
        ("a count that lies", flac(&[(4, lying)]), Some("damaged")),
        ("a picture that lies", flac(&[(6, vec![0xff; 40])]), Some("damaged")),
        ("a tag that is too large", long, Some("larger")),
        ("a tag that is cut", b"ID3\x03\0\0\0\0\x10\0TIT2".to_vec(), Some("cut short")),
        ("Ogg without comments", ogg(&[b"OpusHead", b"something else"]), Some("damaged")),
        ("a page that is cut", ogg(&[b"OpusHead"]), Some("cut short")),
        ("MP4", b"\0\0\0\x18ftypM4A ".to_vec(), Some("not read")),
        ("a chunk that lies", [b"RIFF\0\0\0\0WAVELIST".to_vec(), vec![0xff; 40]].concat(), None),
        ("no tags", vec![0xff, 0xfb, 0x90, 0x64], None),
        ("nothing", Vec::new(), None),
    ];
    each(rows, |(what, content, want)| {
        let fault = found(&content).fault;
        assert_eq!(fault.is_some(), want.is_some(), "{what}: {fault:?}");
        assert!(want.is_none_or(|want| fault.unwrap().contains(want)), "{what}: {fault:?}");
    });
}

#[test]
fn the_own_tags_are_read_back() {
    use crate::output::metadata::text::{Date, WebAddress};
    use crate::output::metadata::{Metadata, id3 as own};
    let metadata = Metadata {
        title: TagText::new("Port – reopens"),
        byline: TagText::new("Kim"),
        publication: TagText::new("Daily"),
        date: Date::new("2024-11-18"),
        language: TagText::new("en"),
        source: WebAddress::new("https://example.com/a"),
        cover: Cover::new(png()).map(std::sync::Arc::new),
        ..Metadata::of_speech(Some("tone"))
    };
    let found = found(&own::tag(&metadata, 1_024).unwrap());
    let tags = &found.tags;
    let texts =
        [&tags.title, &tags.byline, &tags.publication, &tags.date, &tags.language, &tags.source, &tags.voice];
    let wanted = ["Port – reopens", "Kim", "Daily", "2024-11-18", "eng", "https://example.com/a", "tone"];
    for (text, wanted) in texts.into_iter().zip(wanted) {
        assert_eq!(text.as_deref(), Some(wanted));
    }
    assert!(found.disclosure.is_for_machines() && found.disclosure.sentence.unwrap().contains("read by AI"));
    assert_eq!(found.fault, None);
    assert_eq!(found.cover.unwrap().width, Some(3));
}
