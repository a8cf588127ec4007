//! A page beside the sound, on which the article lights up as it is spoken. It is one file that loads nothing but the
//! sound, so that it works from a folder without a server or a network.

use std::io;
use std::path::Path;

use askama::Template;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::document::{DIGITAL_SOURCE_TYPE, Document, Part, Piece, Role};
use crate::error::shorten;

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");
/// Characters of a title in a window's frame or a list.
const TITLE_SHOWN: usize = 150;

#[derive(Template)]
#[template(path = "page/page.html")]
struct Page<'a> {
    document: &'a Document,
    title: String,
    source: String,
    source_shown: String,
    style: &'static str,
    style_hash: String,
    script: &'static str,
    script_hash: String,
    timings: String,
    linked_data: String,
    cover: Option<String>,
    version: &'static str,
}

/// When words begin, in milliseconds, and the first word of each sentence, counted through the page.
#[derive(Default, Serialize)]
struct Timings {
    starts: Vec<u64>,
    sentences: Vec<usize>,
}

/// The page as search engines read it: <https://schema.org/AudioObject>.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AudioObject<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    #[serde(rename = "@type")]
    kind: &'static str,
    name: &'a str,
    content_url: &'a str,
    encoding_format: &'a str,
    duration: String,
    in_language: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_published: Option<&'a str>,
    digital_source_type: &'static str,
    description: String,
}

/// The page for a sound in the same folder.
pub(crate) fn page(document: &Document, sound: &Path) -> io::Result<String> {
    let name = sound.file_name().unwrap_or_default();
    let source = percent_encode(name.as_encoded_bytes());
    let title = shorten(&document.title, TITLE_SHOWN);
    let media_type = media_type(sound);
    let page = Page {
        document,
        timings: json(&timings(document))?,
        linked_data: json(&linked_data(document, &title, &source, media_type))?,
        title,
        source,
        source_shown: name.to_string_lossy().chars().filter(|c| !c.is_control()).collect(),
        style: STYLE,
        style_hash: hash(STYLE),
        script: SCRIPT,
        script_hash: hash(SCRIPT),
        cover: document
            .cover
            .as_ref()
            .map(|cover| format!("data:{};base64,{}", cover.media_type, base64(&cover.bytes))),
        version: env!("CARGO_PKG_VERSION"),
    };
    page.render().map_err(io::Error::other)
}

fn timings(document: &Document) -> Timings {
    let mut timings = Timings::default();
    for sentence in document.sentences() {
        timings.sentences.push(timings.starts.len());
        timings.starts.extend(sentence.starts());
    }
    timings
}

fn linked_data<'a>(
    document: &'a Document,
    title: &'a str,
    source: &'a str,
    media_type: &'static str,
) -> AudioObject<'a> {
    AudioObject {
        context: "https://schema.org",
        kind: "AudioObject",
        name: title,
        content_url: source,
        encoding_format: media_type,
        duration: format!("PT{}S", document.seconds()),
        in_language: &document.language,
        author: document.byline.as_deref(),
        publisher: document.publication.as_deref(),
        date_published: document.iso_date(),
        digital_source_type: DIGITAL_SOURCE_TYPE,
        description: format!("Read aloud by AI: synthetic speech, voice {}", document.voice),
    }
}

/// JSON within a page: no `<` may end the script that it stands in.
fn json(value: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string(value)?.replace('<', "\\u003c"))
}

/// The media type by a file's ending.
fn media_type(sound: &Path) -> &'static str {
    let ending = sound.extension().unwrap_or_default().to_ascii_lowercase();
    match ending.to_str() {
        Some("flac") => "audio/flac",
        Some("mp3") => "audio/mpeg",
        Some("opus" | "ogg") => "audio/ogg",
        _ => "audio/wav",
    }
}

/// A file's name as a relative address: all but the unreserved characters of RFC 3986, 2.3, are escaped.
fn percent_encode(name: &[u8]) -> String {
    let mut address = String::with_capacity(name.len());
    for byte in name {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            address.push(char::from(*byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    address
}

/// The hash by which a page's policy lets a style or script run: W3C, *Content Security Policy Level 3*, 2.3.1.
fn hash(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

/// RFC 4648, 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for digit in 0..4 {
            let is_there = digit <= group.len();
            let digit = DIGITS[(bits >> (18 - 6 * digit)) as usize & 63];
            text.push(if is_there { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
#[cfg(feature = "html")]
mod tests;
