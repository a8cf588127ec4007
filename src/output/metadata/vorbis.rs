//! Vorbis comments, for Opus and FLAC, and FLAC's picture.

use super::cover::Cover;
use super::{Chapter, Metadata, TagText};

/// Numbers of the chapter extension have three digits.
const MOST_CHAPTERS: usize = 999;
/// Type of a picture that is the front cover (RFC 9639, 8.8).
const FRONT_COVER: u32 = 3;

/// Names and values; the picture is apart.
pub(in crate::output) fn comments(metadata: &Metadata) -> Vec<(String, String)> {
    let line = |text: &Option<TagText>| text.as_ref().map(|text| text.as_str().to_owned());
    let fields = [
        ("TITLE", line(&metadata.title)),
        ("ARTIST", line(&metadata.byline)),
        ("ALBUM", line(&metadata.publication)),
        ("ORGANIZATION", line(&metadata.publication)),
        ("DATE", metadata.date.map(|date| date.to_string())),
        ("GENRE", metadata.genre().map(str::to_owned)),
        ("LANGUAGE", line(&metadata.language)),
        ("COPYRIGHT", line(&metadata.copyright)),
        ("URL", metadata.source.as_ref().map(|source| source.as_str().to_owned())),
        ("DIGITALSOURCETYPE", metadata.source_type.map(|kind| kind.uri().to_owned())),
        ("AI_DISCLOSURE", line(&metadata.disclosure)),
        ("COMMENT", line(&metadata.disclosure)),
        ("VOICE", line(&metadata.voice)),
        ("ENCODER", line(&metadata.program)),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let chapters = metadata.chapters(MOST_CHAPTERS);
    fields
        .chain(chapters.iter().enumerate().flat_map(|(index, chapter)| chapter_fields(index + 1, chapter)))
        .collect()
}

/// The start and the name of a chapter, as Xiph's Chapter Extension writes them.
fn chapter_fields(number: usize, chapter: &Chapter) -> [(String, String); 2] {
    let milliseconds = chapter.start.as_millis();
    let (seconds, minutes) = (milliseconds / 1_000, milliseconds / 60_000);
    let start =
        format!("{:02}:{:02}:{:02}.{:03}", minutes / 60, minutes % 60, seconds % 60, milliseconds % 1_000);
    let name = format!("CHAPTER{number:03}");
    let title = chapter.title.as_ref().map_or_else(String::new, |title| title.as_str().to_owned());
    [(name.clone(), start), (format!("{name}NAME"), title)]
}

/// The content of FLAC's block of comments (RFC 9639, 8.6); `None` where there are none.
#[cfg(feature = "flac")]
pub(in crate::output) fn block(metadata: &Metadata) -> Option<Vec<u8>> {
    let comments = comments(metadata);
    let vendor = metadata.program.as_ref().map_or("", TagText::as_str);
    let length = |bytes: usize| (bytes as u32).to_le_bytes();
    let mut block = [&length(vendor.len())[..], vendor.as_bytes(), &length(comments.len())].concat();
    for (name, value) in &comments {
        block.extend(length(name.len() + 1 + value.len()));
        block.extend_from_slice(format!("{name}={value}").as_bytes());
    }
    (!comments.is_empty()).then_some(block)
}

/// The content of FLAC's block of a picture (8.8), which Opus has as a comment.
pub(in crate::output) fn picture(cover: &Cover) -> Vec<u8> {
    let (mime, size) = (cover.mime().as_bytes(), cover.size());
    let number = u32::to_be_bytes;
    let no_description = number(0);
    [
        &number(FRONT_COVER)[..],
        &number(mime.len() as u32),
        mime,
        &no_description,
        &number(size.width),
        &number(size.height),
        &number(size.depth),
        &number(size.colors),
        &number(cover.bytes().len() as u32),
        cover.bytes(),
    ]
    .concat()
}

/// The picture as the comment `METADATA_BLOCK_PICTURE` holds it: base 64 with padding (RFC 4648, 4).
#[cfg(feature = "opus")]
pub(in crate::output) fn picture_text(cover: &Cover) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes = picture(cover);
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for digit in 0..4 {
            let value = bits >> (18 - 6 * digit) & 0x3f;
            text.push(if digit > group.len() { '=' } else { char::from(DIGITS[value as usize]) });
        }
    }
    text
}
