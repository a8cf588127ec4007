//! `ID3v2` of any version.

mod frames;

use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use id3::{Content, Tag};

use super::{Found, FoundChapter, bytes, line};

/// The head of a tag (`ID3v2.3`, 3.1).
const HEAD: usize = 10;

/// Reads the tag that stands next in `source`.
pub(super) fn read(source: &mut impl Read, found: &mut Found) -> io::Result<()> {
    let mut tag = bytes(source, HEAD as u64)?;
    // Seven bits a byte.
    let length = tag[6..].iter().fold(0, |length: u64, byte| length << 7 | u64::from(byte & 0x7f));
    tag.extend(bytes(source, length)?);
    take(&tag, found)
}

/// Takes a whole tag, or as much of a damaged one as can be read.
pub(super) fn take(bytes: &[u8], found: &mut Found) -> io::Result<()> {
    let (plain, is_whole) = frames::plain(bytes);
    let read = catch_unwind(AssertUnwindSafe(|| Tag::read_from2(Cursor::new(plain))));
    let (tag, is_whole) = match read {
        Ok(Ok(tag)) => (tag, is_whole),
        Ok(Err(error)) => (error.partial_tag.unwrap_or_default(), false),
        Err(_) => (Tag::default(), false),
    };
    let mut fields = Vec::new();
    for frame in tag.frames() {
        let field = match frame.content() {
            Content::Text(text) => (frame.id().to_owned(), text.clone()),
            Content::Link(address) => (frame.id().to_owned(), address.clone()),
            Content::ExtendedText(text) => (text.description.clone(), text.value.clone()),
            Content::Comment(comment) if comment.description.is_empty() => {
                (frame.id().to_owned(), comment.text.clone())
            }
            _ => continue,
        };
        fields.push(field);
    }
    fields.extend(date(&fields).map(|date| ("DATE".to_owned(), date)));
    found.take(&fields);
    for picture in tag.pictures() {
        let kind = u32::from(u8::from(picture.picture_type));
        found.take_cover(kind, &picture.mime_type, &picture.data);
    }
    let seconds = |milliseconds: u32| f64::from(milliseconds) / 1000.0;
    let chapters = tag.chapters().map(|chapter| FoundChapter {
        start: seconds(chapter.start_time),
        end: Some(seconds(chapter.end_time)),
        title: chapter
            .frames
            .iter()
            .find(|frame| frame.id() == "TIT2")
            .and_then(|frame| line(frame.content().text()?)),
    });
    found.take_chapters(chapters.collect());
    if is_whole { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// Version 2.3 has the year alone, and day and month in four digits.
fn date(fields: &[(String, String)]) -> Option<String> {
    let text = |id: &str| fields.iter().find(|(name, _)| name == id).map(|(_, text)| text.trim());
    let year = text("TYER")?;
    let day = text("TDAT").filter(|day| day.len() == 4 && day.bytes().all(|byte| byte.is_ascii_digit()));
    Some(day.map_or_else(|| year.to_owned(), |day| format!("{year}-{}-{}", &day[2..], &day[..2])))
}
