//! The tags of a sound file, whoever wrote them, in the terms of [`metadata`](crate::output::metadata).
//!
//! Tags come from anywhere. Each text becomes one harmless line, and what is damaged is left out and said.

mod id3;
mod ogg;
mod riff;
mod vorbis;

use std::io::{self, Read, Seek, SeekFrom};

use serde::Serialize;

use crate::output::metadata::cover::Cover;
use crate::output::metadata::text::TagText;

/// Larger tags are not read: a cover has at most 10 MB, and a third more as text.
const LARGEST: u64 = 32 << 20;
/// More chapters than any programme has.
const MOST_CHAPTERS: usize = 10_000;
/// Type of a picture that is the front cover, in ID3 and FLAC.
const FRONT_COVER: u32 = 3;
/// Ends the address of every term of the IPTC for media that an algorithm made, alone or in part.
const ALGORITHMIC: &str = "algorithmicmedia";

/// What a file says about itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct FoundTags {
    /// The headline.
    pub title: Option<String>,
    /// Who wrote the story.
    pub byline: Option<String>,
    /// Who published it.
    pub publication: Option<String>,
    /// The day, as it is written there.
    pub date: Option<String>,
    /// The language that is spoken.
    pub language: Option<String>,
    /// The page of the story.
    pub source: Option<String>,
    /// The copyright line.
    pub copyright: Option<String>,
    /// The voice that speaks.
    pub voice: Option<String>,
    /// The program that made the file.
    pub program: Option<String>,
    /// The comment.
    pub comment: Option<String>,
}

/// The marks that sound was made by AI.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Disclosure {
    /// For machines: the digital source type of the IPTC.
    pub digital_source_type: Option<String>,
    /// For people: a sentence.
    pub sentence: Option<String>,
}

impl Disclosure {
    /// Whether the mark for machines says so.
    pub(crate) fn is_for_machines(&self) -> bool {
        self.digital_source_type.as_ref().is_some_and(|uri| uri.to_lowercase().ends_with(ALGORITHMIC))
    }
}

/// A picture within a file, which is not decoded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct FoundCover {
    /// Its media type; that of the tag when the picture is neither JPEG nor PNG.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Pixels, where its head says so.
    pub width: Option<u32>,
    /// Pixels, where its head says so.
    pub height: Option<u32>,
    /// Its length.
    pub bytes: usize,
}

/// A part of a file that players can jump to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct FoundChapter {
    /// Seconds.
    pub start: f64,
    /// Seconds; that of the next chapter, or of the sound, where the tag has none.
    pub end: Option<f64>,
    /// Its heading.
    pub title: Option<String>,
}

/// All that was found in the tags of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// The texts.
    pub tags: FoundTags,
    /// The marks of synthetic sound.
    pub disclosure: Disclosure,
    /// The picture.
    pub cover: Option<FoundCover>,
    /// Whether that is the front cover.
    has_front_cover: bool,
    /// In the order of the sound.
    pub chapters: Vec<FoundChapter>,
    /// A damage of the tags, in a clause.
    pub fault: Option<&'static str>,
}

/// The fields by the names that ID3, Vorbis comments and RIFF INFO have for them; of two names the earlier one counts.
const NAMES: &[(&str, Field)] = &[
    ("TIT2", Field::Title),
    ("TITLE", Field::Title),
    ("INAM", Field::Title),
    ("TPE1", Field::Byline),
    ("ARTIST", Field::Byline),
    ("AUTHOR", Field::Byline),
    ("IART", Field::Byline),
    ("TPUB", Field::Publication),
    ("ORGANIZATION", Field::Publication),
    ("PUBLISHER", Field::Publication),
    ("TALB", Field::Publication),
    ("ALBUM", Field::Publication),
    ("IPRD", Field::Publication),
    ("TDRC", Field::Date),
    ("DATE", Field::Date),
    ("YEAR", Field::Date),
    ("ICRD", Field::Date),
    ("TLAN", Field::Language),
    ("LANGUAGE", Field::Language),
    ("ILNG", Field::Language),
    ("WOAS", Field::Source),
    ("WOAF", Field::Source),
    ("URL", Field::Source),
    ("TCOP", Field::Copyright),
    ("COPYRIGHT", Field::Copyright),
    ("ICOP", Field::Copyright),
    ("VOICE", Field::Voice),
    ("TSSE", Field::Program),
    ("ENCODER", Field::Program),
    ("TENC", Field::Program),
    ("ISFT", Field::Program),
    ("COMM", Field::Comment),
    ("COMMENT", Field::Comment),
    ("DESCRIPTION", Field::Comment),
    ("ICMT", Field::Comment),
    ("DIGITALSOURCETYPE", Field::SourceType),
    ("AI-DISCLOSURE", Field::Sentence),
    ("AI_DISCLOSURE", Field::Sentence),
];

#[derive(Clone, Copy)]
enum Field {
    Title,
    Byline,
    Publication,
    Date,
    Language,
    Source,
    Copyright,
    Voice,
    Program,
    Comment,
    SourceType,
    Sentence,
}

impl Found {
    /// Takes fields with their names; a field that is there already stays.
    fn take(&mut self, fields: &[(String, String)]) {
        for (known, field) in NAMES {
            let mut found = fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case(known));
            let Some(text) = found.find_map(|(_, value)| line(value)) else { continue };
            self.slot(*field).get_or_insert(text);
        }
    }

    fn slot(&mut self, field: Field) -> &mut Option<String> {
        let (tags, disclosure) = (&mut self.tags, &mut self.disclosure);
        match field {
            Field::Title => &mut tags.title,
            Field::Byline => &mut tags.byline,
            Field::Publication => &mut tags.publication,
            Field::Date => &mut tags.date,
            Field::Language => &mut tags.language,
            Field::Source => &mut tags.source,
            Field::Copyright => &mut tags.copyright,
            Field::Voice => &mut tags.voice,
            Field::Program => &mut tags.program,
            Field::Comment => &mut tags.comment,
            Field::SourceType => &mut disclosure.digital_source_type,
            Field::Sentence => &mut disclosure.sentence,
        }
    }

    /// Takes a picture: the first front cover, or else the first of any type.
    fn take_cover(&mut self, kind: u32, media_type: &str, bytes: &[u8]) {
        let is_front = kind == FRONT_COVER;
        if self.cover.is_some() && (self.has_front_cover || !is_front) {
            return;
        }
        self.has_front_cover = is_front;
        let known = Cover::new(bytes.to_vec());
        let named = || line(media_type).unwrap_or_else(|| "unknown".to_owned());
        self.cover = Some(FoundCover {
            media_type: known.as_ref().map_or_else(named, |cover| cover.mime().to_owned()),
            width: known.as_ref().map(|cover| cover.size().width),
            height: known.as_ref().map(|cover| cover.size().height),
            bytes: bytes.len(),
        });
    }

    /// Puts chapters in their order, and closes those without an end.
    fn take_chapters(&mut self, mut chapters: Vec<FoundChapter>) {
        if !self.chapters.is_empty() {
            return;
        }
        chapters.truncate(MOST_CHAPTERS);
        chapters.sort_by(|a, b| a.start.total_cmp(&b.start));
        let starts: Vec<f64> = chapters.iter().skip(1).map(|chapter| chapter.start).collect();
        for (chapter, next) in chapters.iter_mut().zip(starts) {
            chapter.end.get_or_insert(next);
        }
        self.chapters = chapters;
    }
}

/// A text as a harmless line; `None` when nothing is left.
fn line(text: &str) -> Option<String> {
    TagText::new(text).map(|text| text.as_str().to_owned())
}

/// Reads the tags of a file that is open, from its beginning. A file of another kind has none.
pub(crate) fn read(file: &mut (impl Read + Seek)) -> io::Result<Found> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(12).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    let mut found = Found::default();
    let read = match head.as_slice() {
        [b'R', b'I', b'F', b'F', ..] => riff::read(file, &mut found),
        [b'f', b'L', b'a', b'C', ..] => vorbis::read_flac(file, &mut found),
        [b'O', b'g', b'g', b'S', ..] => ogg::read(file, &mut found),
        [b'I', b'D', b'3', ..] => id3::read(file, &mut found),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => {
            found.fault = Some("the tags of MP4 files are not read");
            Ok(())
        }
        _ => Ok(()),
    };
    match read {
        Ok(()) => {}
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
            found.fault.get_or_insert("the tags are cut short");
        }
        Err(cause) if cause.kind() == io::ErrorKind::InvalidData => {
            found.fault.get_or_insert("the tags are damaged");
        }
        Err(cause) if cause.kind() == io::ErrorKind::FileTooLarge => {
            found.fault.get_or_insert("the tags are larger than 32 MiB and were not read");
        }
        Err(cause) => return Err(cause),
    }
    Ok(found)
}

/// Reads so many bytes; memory is taken only for bytes that are there.
fn bytes(source: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    if length > LARGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = Vec::new();
    source.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests;
