//! The parsers of bytes from outside, each under a name: what `fuzz/` and the test below try.
//!
//! A target calls a parser as the program does, and says what must hold of what it returns. That it neither panics nor takes
//! without end is for whoever runs it. A module whose parsers are private has rows of its own in a file `fuzzing.rs` within it.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::article::newsroom::parts;
use crate::article::{Article, Format, ReadOptions, Served, read_served};
#[cfg(feature = "cluster")]
use crate::cluster;
use crate::internals::Stages;
use crate::output::decode::SoundFile;
use crate::output::inspect::tags;
use crate::output::metadata::cover::Cover;
use crate::podcast::around::Nothing;
use crate::podcast::{artwork, check};
use crate::report::Narrator;
use crate::{cli, feed, lexicon, magic, net, phonemize, podcast, segment, serve, store, synth, voice};

/// A parser, by its name.
pub type Target = (&'static str, fn(&[u8]));

const OWN: &[Target] = &[
    ("archive", |bytes| article(bytes, "a.zip", None)),
    ("article", |bytes| article(bytes, "a", None)),
    ("cover", |bytes| {
        if Cover::new(bytes.to_vec()).is_none() {
            assert!(!artwork::faults(bytes, "a.png").is_empty(), "podcast apps take what is no picture");
        }
    }),
    ("docx", |bytes| article(&packed("word/document.xml", bytes), "a.docx", None)),
    ("feed", |bytes| {
        let base = net::Address::parse("https://paper.example/feed").ok();
        if let Ok(feed) = feed::parse(bytes, "a", None, base.as_ref()) {
            feed.entries.iter().for_each(|entry| drop((entry.page(), entry.stamp(), entry.words())));
        }
    }),
    ("feeds_of_page", |bytes| {
        if let Ok(base) = net::Address::parse("https://paper.example/") {
            feed::feeds_of(bytes, None, &base);
        }
    }),
    ("html", |bytes| article(bytes, "a.html", Some(Format::Html))),
    ("likeness", |bytes| {
        if let Some(sketch) = feed::Sketch::read(&text(bytes)) {
            assert_eq!(
                feed::Sketch::read(&sketch.written()).map(|again| again.written()),
                Some(sketch.written())
            );
        }
    }),
    ("magic", |bytes| {
        assert!(magic::of(&bytes[..bytes.len().min(magic::HEAD)]).is_none_or(|kind| !kind.what.is_empty()));
    }),
    ("mail", |bytes| article(bytes, "a.eml", None)),
    ("markdown", |bytes| article(bytes, "a.md", Some(Format::Markdown))),
    ("message", |bytes| {
        for part in parts::of_message(bytes) {
            article(part.text.as_bytes(), "a.xml", Some(Format::NewsMl));
        }
    }),
    ("newsml", |bytes| article(bytes, "a.xml", Some(Format::NewsMl))),
    ("ninjs", |bytes| article(bytes, "a.json", Some(Format::Ninjs))),
    ("nitf", |bytes| article(bytes, "a.xml", Some(Format::Nitf))),
    ("plain", |bytes| article(bytes, "a.txt", Some(Format::Plain))),
    ("podcast", |bytes| drop(check::check(bytes, &Nothing))),
    ("sentences", |bytes| {
        let text = text(bytes);
        let mut end = 0;
        for span in segment::split_text(&text) {
            assert!(span.start >= end && !span.of(&text).is_empty(), "{span:?} after {end}");
            end = span.end;
        }
    }),
    ("sound", |bytes| {
        let Ok(sound) = SoundFile::from_reader(Path::new("a"), Cursor::new(bytes.to_vec())) else { return };
        // Some bytes may stand for hours of silence.
        for block in sound.take(MOST_BLOCKS) {
            let Ok(block) = block else { return };
            assert!(block.iter().all(|sample| sample.is_finite()), "a sample is no number");
        }
    }),
    ("served", |bytes| {
        // What a server says of the bytes stands before them: their encoding, their type.
        let mut parts = bytes.splitn(3, |byte| *byte == 0).map(text);
        let (charset, media_type) = (parts.next(), parts.next());
        let at = bytes.len() - bytes.splitn(3, |byte| *byte == 0).nth(2).map_or(0, <[u8]>::len);
        let served = Served { charset: charset.as_deref(), media_type: media_type.as_deref(), format: None };
        read(&bytes[at..], "a", served);
    }),
    ("spoken", |bytes| {
        let article = Arc::new(Article::from_text(text(bytes).into_owned()));
        if let Some(stages) = STAGES.get_or_init(|| Some(Stages::of(&Narrator::tone_builder().build().ok()?)))
        {
            stages.phonemes(&article);
        }
    }),
    ("tags", |bytes| drop(tags::read(&mut Cursor::new(bytes)))),
];

/// Blocks of a sound that are decoded.
const MOST_BLOCKS: usize = 64;

/// All targets, in the order of their names.
pub fn targets() -> Vec<Target> {
    let rooms = [
        OWN,
        cli::fuzzing::TARGETS,
        #[cfg(feature = "cluster")]
        cluster::fuzzing::TARGETS,
        lexicon::user::fuzzing::TARGETS,
        net::fuzzing::TARGETS,
        phonemize::dictionary::fuzzing::TARGETS,
        podcast::fuzzing::TARGETS,
        serve::fuzzing::TARGETS,
        store::fuzzing::TARGETS,
        synth::fuzzing::TARGETS,
        voice::fuzzing::TARGETS,
    ];
    let mut all: Vec<Target> = rooms.into_iter().flatten().copied().collect();
    all.sort_by_key(|(name, _)| *name);
    all
}

/// The front end with its dictionaries.
static STAGES: OnceLock<Option<Stages>> = OnceLock::new();

/// Reads an article, whose blocks must lie within its text.
fn article(bytes: &[u8], name: &str, format: Option<Format>) {
    read(bytes, name, Served { format, ..Served::default() });
}

fn read(bytes: &[u8], name: &str, served: Served<'_>) {
    let options = ReadOptions::default().with_any_language(true).with_lossy(true);
    if let Ok(article) = read_served(bytes, name, served, options) {
        // A title that a page's head has stands at the end of the text, and is read first.
        for block in article.blocks() {
            std::hint::black_box(block.span.of(article.text()));
        }
        for part in article.removed() {
            std::hint::black_box(part.span.of(article.text()));
        }
    }
}

/// Bytes as text, whatever they are.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// An archive with one file, as it is: then the bytes that are tried are those of the file.
fn packed(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let whole = writer.start_file(name, options).and_then(|()| Ok(writer.write_all(bytes)?));
    whole.and_then(|()| writer.finish()).map(Cursor::into_inner).unwrap_or_default()
}
