//! Metadata in files of every format, as the formats' own decoders see them, and texts that try to break them.

use std::collections::BTreeMap;
use std::io::Cursor;

use ::id3::{Tag, TagLike};

use super::*;
use crate::table_test::each;

/// A PNG as large as asked, of which the head is read alone.
pub(super) fn png(bytes: usize) -> Cover {
    let size = [1_400_u32.to_be_bytes(), 1_400_u32.to_be_bytes()].concat();
    let mut png = [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"[..], &size, &[8, 2, 0, 0, 0]].concat();
    png.extend((png.len()..bytes).map(|n| (n * 7 % 251) as u8));
    Cover::new(png).unwrap()
}

fn chapters(count: u64) -> Vec<Chapter> {
    let chapter = |n: u64| Chapter {
        start: Duration::from_millis(n * 1_500),
        end: Duration::from_millis((n + 1) * 1_500),
        title: TagText::new(&format!("Part {n}: 항")),
    };
    (0..count).map(chapter).collect()
}

fn full() -> Metadata {
    Metadata {
        title: TagText::new("Port “reopens”"),
        byline: TagText::new("Jane Roe, John Doe"),
        publication: TagText::new("The Harbour Post"),
        date: Date::new("2024-11-08"),
        language: TagText::new("en-GB"),
        source: WebAddress::new("https://post.example/port"),
        copyright: TagText::new("© 2024 The Harbour Post"),
        cover: Some(Arc::new(png(2_000))),
        chapters: chapters(3),
        ..Metadata::of_speech(Some("tone"))
    }
}

fn read_id3(metadata: &Metadata, room: usize) -> Tag {
    let bytes = id3::tag(metadata, room).unwrap();
    assert!(bytes.starts_with(b"ID3\x03\0\0"), "version 2.3 without unsynchronisation");
    let size = bytes[6..10].iter().fold(0, |size, byte| size << 7 | usize::from(*byte));
    assert_eq!(size + 10, bytes.len(), "the size in the head");
    assert!(bytes.ends_with(&vec![0; room]), "room");
    Tag::read_from2(Cursor::new(bytes)).unwrap()
}

#[test]
fn id3_has_every_field() {
    let tag = read_id3(&full(), id3::ROOM);
    let text = |id: &str| tag.get(id).and_then(|frame| frame.content().text()).unwrap_or_default().to_owned();
    let program = concat!("audio-report ", env!("CARGO_PKG_VERSION"));
    let rows = [
        ("TIT2", "Port “reopens”"),
        ("TPE1", "Jane Roe, John Doe"),
        ("TALB", "The Harbour Post"),
        ("TPUB", "The Harbour Post"),
        ("TYER", "2024"),
        ("TDAT", "0811"),
        ("TLAN", "eng"),
        ("TCOP", "© 2024 The Harbour Post"),
        ("TCON", "Speech"),
        ("TSSE", program),
        ("TENC", program),
    ];
    each(rows, |(id, want)| assert_eq!(text(id), want, "{id}"));
    let extended: BTreeMap<_, _> =
        tag.extended_texts().map(|text| (text.description.as_str(), text.value.as_str())).collect();
    assert_eq!(
        extended["DigitalSourceType"],
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    );
    assert_eq!(extended["VOICE"], "tone");
    let sentence = extended["AI-Disclosure"];
    assert!(sentence.contains("read by AI") && sentence.contains("voice tone"), "{sentence}");
    assert_eq!(
        tag.comments().map(|comment| (&*comment.lang, &*comment.text)).collect::<Vec<_>>(),
        [("eng", sentence)]
    );
    assert_eq!(tag.get("WOAS").and_then(|frame| frame.content().link()), Some("https://post.example/port"));
    let toc = tag.tables_of_contents().next().unwrap();
    assert!(toc.top_level && toc.ordered);
    let listed: Vec<&str> = tag.chapters().map(|chapter| chapter.element_id.as_str()).collect();
    assert_eq!(toc.elements, listed);
    let times: Vec<_> = tag.chapters().map(|chapter| (chapter.start_time, chapter.end_time)).collect();
    assert_eq!(times, [(0, 1_500), (1_500, 3_000), (3_000, 4_500)]);
    assert!(tag.chapters().all(|chapter| chapter.start_offset == u32::MAX && chapter.end_offset == u32::MAX));
}

#[test]
fn id3_has_no_utf_8() {
    // Each text frame begins with its encoding.
    let bytes = id3::tag(&full(), 0).unwrap();
    let at = |id: &[u8]| bytes.windows(4).position(|four| four == id).unwrap() + 10;
    each(
        [(b"TPE1", 0, &b"Jane"[..]), (b"TIT2", 1, b"\xff\xfeP\0"), (b"TCOP", 1, b"\xff\xfe\xa9\0")],
        |(id, encoding, start)| {
            assert_eq!(bytes[at(id)], encoding);
            assert!(bytes[at(id) + 1..].starts_with(start));
        },
    );
}

#[test]
fn a_table_of_contents_has_at_most_255_chapters_and_none_alone() {
    each([(0, 0), (1, 0), (2, 2), (255, 255), (256, 255), (1_200, 255)], |(count, want)| {
        let metadata = Metadata { chapters: chapters(count), ..full() };
        let tag = read_id3(&metadata, 0);
        assert_eq!(tag.chapters().count(), want);
        assert_eq!(tag.tables_of_contents().map(|toc| toc.elements.len()).sum::<usize>(), want);
        if want > 0 {
            let end = tag.chapters().last().unwrap().end_time;
            assert_eq!(u64::from(end), count * 1_500, "the last one lasts until the end");
        }
    });
}

#[test]
fn metadata_that_is_empty_takes_no_room() {
    assert!(id3::tag(&Metadata::default(), id3::ROOM).unwrap().is_empty());
    assert!(riff::chunks(&Metadata::default()).unwrap().is_empty());
}

#[cfg(any(feature = "flac", feature = "opus"))]
#[test]
fn vorbis_comments_have_every_field() {
    let comments =
        vorbis::comments(&Metadata { source_type: Some(DigitalSourceType::of_speech(true)), ..full() });
    let names: BTreeMap<_, _> =
        comments.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(names.len(), comments.len(), "no name twice");
    let rows = [
        ("TITLE", "Port “reopens”"),
        ("ARTIST", "Jane Roe, John Doe"),
        ("ALBUM", "The Harbour Post"),
        ("ORGANIZATION", "The Harbour Post"),
        ("DATE", "2024-11-08"),
        ("GENRE", "Speech"),
        ("LANGUAGE", "en-GB"),
        ("COPYRIGHT", "© 2024 The Harbour Post"),
        ("URL", "https://post.example/port"),
        (
            "DIGITALSOURCETYPE",
            "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia",
        ),
        ("VOICE", "tone"),
        ("ENCODER", concat!("audio-report ", env!("CARGO_PKG_VERSION"))),
        ("CHAPTER001", "00:00:00.000"),
        ("CHAPTER003", "00:00:03.000"),
        ("CHAPTER003NAME", "Part 2: 항"),
    ];
    each(rows, |(name, want)| assert_eq!(names.get(name), Some(&want), "{name}"));
    assert!(names["AI_DISCLOSURE"].contains("read by AI"));
    let many = vorbis::comments(&Metadata { chapters: chapters(5_000), ..full() });
    assert!(many.iter().any(|(name, value)| name == "CHAPTER999" && value == "00:24:57.000"));
    assert!(many.iter().all(|(name, _)| !name.starts_with("CHAPTER1000")));
}

#[cfg(feature = "opus")]
#[test]
fn a_picture_is_text_of_base_64() {
    let alphabet = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    // One more byte each, so that the last group is full, short by one, and short by two.
    each([2_000, 2_001, 2_002], |bytes| {
        let cover = png(bytes);
        let text = vorbis::picture_text(&cover);
        let block = vorbis::picture(&cover);
        assert!(text.chars().all(alphabet));
        assert_eq!(text.len(), block.len().div_ceil(3) * 4);
        assert_eq!(text.matches('=').count(), (3 - block.len() % 3) % 3);
        assert!(text.starts_with("AAAAAwAAAAlpbWFnZS9wbmc"), "{}", &text[..40]);
    });
}

#[test]
fn hostile_texts_break_no_form() {
    let rows = [
        "a".repeat(10_000),
        "\0\u{1}\u{7f}\u{85}".repeat(50),
        "line\r\nline\n\n".repeat(100),
        "TITLE=other\0CHAPTER001=x".to_owned(),
        "\u{feff}\u{fffe}\u{202e}\u{2028}".repeat(300),
        "항구 🚢 \u{10ffff}".repeat(1_000),
        "ID3\u{3}RIFF\u{0}data".to_owned(),
        String::new(),
    ];
    each(rows, |text| {
        let line = || TagText::new(&text);
        let metadata = Metadata {
            title: line(),
            byline: line(),
            publication: line(),
            copyright: line(),
            voice: line(),
            disclosure: line(),
            language: line(),
            source: WebAddress::new(&format!("https://post.example/{text}")),
            chapters: chapters(2).into_iter().map(|chapter| Chapter { title: line(), ..chapter }).collect(),
            ..full()
        };
        let tag = read_id3(&metadata, 0);
        let title = metadata.title.as_ref().map(TagText::as_str);
        assert_eq!(tag.title(), title);
        assert_eq!(tag.chapters().count(), 2);
        assert!(title.is_none_or(|title| !title.contains(char::is_control) && title.chars().count() <= 501));
        let chunks = riff::chunks(&metadata).unwrap();
        let (mut at, mut names) = (0, Vec::new());
        while at < chunks.len() {
            let size = u32::from_le_bytes(chunks[at + 4..at + 8].try_into().unwrap()) as usize;
            names.push(&chunks[at..at + 4]);
            at += 8 + size.next_multiple_of(2);
        }
        assert_eq!((at, names), (chunks.len(), vec![&b"LIST"[..], b"id3 "]));
        #[cfg(any(feature = "flac", feature = "opus"))]
        for (name, value) in vorbis::comments(&metadata) {
            assert!(!value.contains(char::is_control), "{name}={value:?}");
        }
    });
}

/// A player that does not know the tag would take its pictures for sound.
#[cfg(all(feature = "play", feature = "mp3"))]
#[test]
fn a_sound_within_a_cover_is_not_played() {
    use crate::audio::SampleRate;
    use crate::audio::Sink;
    use crate::output::decode::SoundFile;
    use crate::output::encode::{Coding, EncodedFile, Format};

    const RATE: SampleRate = SampleRate::new(24_000).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sound.mp3");
    let write = |samples: usize, metadata: &Metadata| {
        let coding = Coding::usual(Format::Mp3);
        let mut sink = Box::new(EncodedFile::create(&path, RATE, coding, metadata, 0.0, true).unwrap());
        sink.write(&vec![0.25; samples]).unwrap();
        sink.finalize().unwrap();
        std::fs::read(&path).unwrap()
    };
    let other = write(48_000, &Metadata::default());
    let cover = Cover::new([png(0).bytes(), &other].concat()).unwrap();
    write(24_000, &Metadata { cover: Some(Arc::new(cover)), ..full() });
    let samples: usize = SoundFile::open(&path).unwrap().map(|block| block.unwrap().len()).sum();
    assert_eq!(samples, 48_000, "a second at 48 kHz");
}

/// The sound of a file with all metadata is that of a file with none, in every format, file and pipe.
#[cfg(all(feature = "play", feature = "flac", feature = "mp3", feature = "opus"))]
#[test]
fn tags_and_covers_do_not_touch_the_sound() {
    use std::io::{self, Write};
    use std::path::Path;
    use std::sync::Mutex;

    use crate::audio::SampleRate;
    use crate::audio::Sink;
    use crate::output::decode::SoundFile;
    use crate::output::encode::{Coding, EncodedFile, EncodedPipe, Format};

    #[derive(Clone, Default)]
    struct Pipe(Arc<Mutex<Vec<u8>>>);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const RATE: SampleRate = SampleRate::new(24_000).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sound: Vec<f32> = (0..24_000).map(|n| (n as f32 * 0.05).sin() * 0.5).collect();
    let decode = |file: SoundFile| file.flat_map(|block| block.unwrap()).collect::<Vec<f32>>();
    // Opus and the streams of players cut what is larger than a page of Ogg, 65,025 bytes.
    let covers = [None, Some(2_000), Some(65_025), Some(200_000), Some(cover::LARGEST)];
    let rows = Format::ALL.into_iter().flat_map(|format| covers.map(|cover| (format, cover)));
    each(rows, |(format, bytes)| {
        let what = format!("{format:?} with a cover of {bytes:?} bytes");
        let write = |metadata: &Metadata| {
            let path = folder.path().join("sound");
            let coding = Coding::usual(format);
            let mut sink = Box::new(EncodedFile::create(&path, RATE, coding, metadata, 0.0, true).unwrap());
            sink.write(&sound).unwrap();
            sink.finalize().unwrap();
            let pipe = Pipe::default();
            let mut sink = Box::new(EncodedPipe::create(pipe.clone(), RATE, coding, metadata, 0.0).unwrap());
            sink.write(&sound).unwrap();
            sink.finalize().unwrap();
            let piped = std::mem::take(&mut *pipe.0.lock().unwrap());
            (std::fs::read(path).unwrap(), piped)
        };
        let metadata = Metadata { cover: bytes.map(|bytes| Arc::new(png(bytes))), ..full() };
        let (bare, bare_pipe) = write(&Metadata::default());
        let (tagged, tagged_pipe) = write(&metadata);
        assert!(tagged == write(&metadata).0, "{what}: other bytes on another run");
        let read =
            |bytes: Vec<u8>| decode(SoundFile::from_reader(Path::new("sound"), Cursor::new(bytes)).unwrap());
        std::fs::write(folder.path().join("sound"), &tagged).unwrap();
        assert!(decode(SoundFile::open(&folder.path().join("sound")).unwrap()) == read(bare), "{what}: file");
        assert!(read(tagged_pipe) == read(bare_pipe), "{what}: pipe");
    });
}
