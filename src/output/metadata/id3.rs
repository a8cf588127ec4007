//! ID3v2.3: version 2.4 hides chapters from some players, and all tags from others.
//!
//! Version 2.3 knows no UTF-8. ASCII is written as Latin-1, whose upper half some players take for their own code page,
//! and all else as UTF-16.

use std::io;

use id3::frame::{Chapter as ChapterFrame, Comment, ExtendedText, Picture, PictureType, TableOfContents};
use id3::{Content, Encoder, Encoding, Frame, Tag, TagLike, Version};

use super::{Chapter, Metadata};

/// Room in which a program can change the tag of an MP3 without writing the whole file again.
pub(in crate::output) const ROOM: usize = 1_024;
/// The count in the table of contents has one byte (`ID3v2` Chapter Frame Addendum 1.0, 3.2).
const MOST_CHAPTERS: usize = 255;
/// Stands for the place of a chapter in bytes, which is not given (3.1).
const NO_OFFSET: u32 = u32::MAX;
/// ISO 639-2 code of the language of the sentence for people.
const ENGLISH: &str = "eng";

/// The tag, with `room` behind it; nothing for metadata that is empty.
pub(in crate::output) fn tag(metadata: &Metadata, room: usize) -> io::Result<Vec<u8>> {
    let frames = frames(metadata);
    let mut bytes = Vec::new();
    if frames.is_empty() {
        return Ok(bytes);
    }
    let mut tag = Tag::with_version(Version::Id3v23);
    for frame in frames {
        tag.add_frame(frame);
    }
    let mut encoder = Encoder::new().version(Version::Id3v23);
    if room > 0 {
        encoder = encoder.padding(room);
    }
    encoder.encode(&tag, &mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

fn frames(metadata: &Metadata) -> Vec<Frame> {
    let line = |text: &Option<super::TagText>| text.as_ref().map(|text| text.as_str().to_owned());
    let program = line(&metadata.program);
    let texts = [
        ("TIT2", line(&metadata.title)),
        ("TPE1", line(&metadata.byline)),
        ("TALB", line(&metadata.publication)),
        ("TPUB", line(&metadata.publication)),
        ("TYER", metadata.date.map(|date| format!("{:04}", date.year))),
        ("TDAT", metadata.date.map(|date| format!("{:02}{:02}", date.day, date.month))),
        ("TLAN", metadata.language.as_ref().and_then(|tag| iso_639_2(tag.as_str()))),
        ("TCOP", line(&metadata.copyright)),
        ("TCON", metadata.genre().map(str::to_owned)),
        ("TSSE", program.clone()),
        ("TENC", program),
    ];
    let mut frames: Vec<Frame> =
        texts.into_iter().filter_map(|(id, value)| Some(text_frame(id, value?))).collect();
    let extended = [
        ("DigitalSourceType", metadata.source_type.map(|kind| kind.uri().to_owned())),
        ("AI-Disclosure", line(&metadata.disclosure)),
        ("VOICE", line(&metadata.voice)),
    ];
    frames.extend(extended.into_iter().filter_map(|(name, value)| Some(extended_frame(name, value?))));
    if let Some(source) = &metadata.source {
        frames.push(Frame::link("WOAS", source.as_str()));
    }
    if let Some(text) = line(&metadata.disclosure) {
        let encoding = encoding_of(&text);
        let comment = Comment { lang: ENGLISH.to_owned(), description: String::new(), text };
        frames.push(Frame::from(comment).set_encoding(Some(encoding)));
    }
    let chapters = metadata.chapters(MOST_CHAPTERS);
    frames.extend(contents(chapters.len()));
    frames.extend(chapters.iter().enumerate().map(|(index, chapter)| chapter_frame(index, chapter)));
    if let Some(cover) = &metadata.cover {
        let picture = Picture {
            mime_type: cover.mime().to_owned(),
            picture_type: PictureType::CoverFront,
            description: String::new(),
            data: cover.bytes().to_vec(),
        };
        frames.push(Frame::from(picture).set_encoding(Some(Encoding::Latin1)));
    }
    frames
}

fn encoding_of(text: &str) -> Encoding {
    if text.is_ascii() { Encoding::Latin1 } else { Encoding::UTF16 }
}

fn text_frame(id: &str, text: String) -> Frame {
    let encoding = encoding_of(&text);
    Frame::text(id, text).set_encoding(Some(encoding))
}

fn extended_frame(description: &str, value: String) -> Frame {
    let encoding = encoding_of(&value);
    Frame::from(ExtendedText { description: description.to_owned(), value }).set_encoding(Some(encoding))
}

/// The name by which the table of contents knows a chapter.
fn element_id(index: usize) -> String {
    format!("chp{index}")
}

/// The table of contents of so many chapters: without it players show none.
fn contents(chapters: usize) -> Option<Frame> {
    (chapters > 0).then(|| {
        Frame::from(TableOfContents {
            element_id: "toc".to_owned(),
            top_level: true,
            ordered: true,
            elements: (0..chapters).map(element_id).collect(),
            frames: Vec::new(),
        })
    })
}

fn chapter_frame(index: usize, chapter: &Chapter) -> Frame {
    let milliseconds = |time: std::time::Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
    let title = chapter.title.as_ref().map(|title| text_frame("TIT2", title.as_str().to_owned()));
    let content = ChapterFrame {
        element_id: element_id(index),
        start_time: milliseconds(chapter.start),
        end_time: milliseconds(chapter.end),
        start_offset: NO_OFFSET,
        end_offset: NO_OFFSET,
        frames: title.into_iter().collect(),
    };
    Frame::with_content("CHAP", Content::Chapter(content))
}

/// The code that ID3 has for a language, from its BCP 47 tag. Voices speak English alone.
fn iso_639_2(tag: &str) -> Option<String> {
    let language = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    match language.as_str() {
        "en" => Some(ENGLISH.to_owned()),
        code => {
            (code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase())).then(|| code.to_owned())
        }
    }
}
