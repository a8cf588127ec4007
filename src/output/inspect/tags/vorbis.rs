//! Vorbis comments, and the blocks of a FLAC.

use std::collections::HashMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::{Found, FoundChapter, bytes, line};

/// Types of FLAC's blocks (RFC 9639, 8.1).
const COMMENTS: u8 = 4;
const PICTURE: u8 = 6;

/// Reads the blocks of a FLAC that hold tags.
pub(super) fn read_flac(file: &mut (impl Read + Seek), found: &mut Found) -> io::Result<()> {
    let mut source = BufReader::new(file);
    source.seek(SeekFrom::Start(4))?;
    loop {
        let head = bytes(&mut source, 4)?;
        let length = u32::from_be_bytes([0, head[1], head[2], head[3]]);
        match head[0] & 0x7f {
            COMMENTS => take_block(&bytes(&mut source, u64::from(length))?, found)?,
            PICTURE => {
                take_picture(&bytes(&mut source, u64::from(length))?, found)?;
            }
            _ => source.seek_relative(i64::from(length))?,
        }
        if head[0] & 0x80 != 0 {
            return Ok(());
        }
    }
}

/// Takes a block of comments (RFC 9639, 8.6).
pub(super) fn take_block(mut block: &[u8], found: &mut Found) -> io::Result<()> {
    let damaged = || io::Error::from(io::ErrorKind::InvalidData);
    let _vendor = text(&mut block).ok_or_else(damaged)?;
    let count = number(&mut block).ok_or_else(damaged)?;
    let (mut fields, mut pictures, mut is_whole) = (Vec::new(), Vec::new(), true);
    for _ in 0..count {
        let Some(comment) = text(&mut block) else {
            is_whole = false;
            break;
        };
        let comment = String::from_utf8_lossy(comment);
        let Some((name, value)) = comment.split_once('=') else { continue };
        if name.eq_ignore_ascii_case("METADATA_BLOCK_PICTURE") {
            pictures.extend(from_base_64(value));
        } else {
            fields.push((name.to_owned(), value.to_owned()));
        }
    }
    found.take(&fields);
    found.take_chapters(chapters(&fields));
    for picture in pictures {
        is_whole &= take_picture(&picture, found).is_ok();
    }
    if is_whole { Ok(()) } else { Err(damaged()) }
}

fn number(block: &mut &[u8]) -> Option<u32> {
    let (head, rest) = block.split_first_chunk()?;
    *block = rest;
    Some(u32::from_le_bytes(*head))
}

fn text<'a>(block: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = number(block)? as usize;
    let (text, rest) = block.split_at_checked(length)?;
    *block = rest;
    Some(text)
}

/// Takes FLAC's block of a picture (8.8).
fn take_picture(block: &[u8], found: &mut Found) -> io::Result<()> {
    let parts = || {
        let number = |at: usize| Some(u32::from_be_bytes(*block.get(at..)?.first_chunk()?));
        let kind = number(0)?;
        let mime = block.get(8..)?.get(..number(4)? as usize)?;
        let description = 8 + mime.len();
        // After the description come width, height, depth, colours and length, which may be wrong but the last.
        let length =
            description.checked_add(4)?.checked_add(number(description)? as usize)?.checked_add(16)?;
        let bytes = block.get(length.checked_add(4)?..)?.get(..number(length)? as usize)?;
        Some((kind, mime, bytes))
    };
    let (kind, mime, bytes) = parts().ok_or(io::ErrorKind::InvalidData)?;
    found.take_cover(kind, &String::from_utf8_lossy(mime), bytes);
    Ok(())
}

/// Chapters as Xiph's Chapter Extension writes them.
fn chapters(fields: &[(String, String)]) -> Vec<FoundChapter> {
    let number = |name: &str| -> Option<String> {
        let number = name.to_uppercase().strip_prefix("CHAPTER")?.to_owned();
        (number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(number)
    };
    // Of two titles the first that is no empty line counts.
    let mut titles: HashMap<String, String> = HashMap::new();
    for (name, title) in fields {
        let name = name.to_uppercase();
        let number = name.strip_suffix("NAME").and_then(number);
        if let (Some(number), Some(title)) = (number, line(title)) {
            titles.entry(number).or_insert(title);
        }
    }
    let chapter = |(name, value): &(String, String)| {
        let title = titles.get(&number(name)?).cloned();
        Some(FoundChapter { start: seconds(value)?, end: None, title })
    };
    fields.iter().filter_map(chapter).collect()
}

/// `01:02:03.004`
fn seconds(clock: &str) -> Option<f64> {
    let mut parts = clock.trim().split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let seconds: f64 = seconds.parse().ok()?;
    let whole =
        f64::from(hours.parse::<u32>().ok()?) * 3_600.0 + f64::from(minutes.parse::<u32>().ok()?) * 60.0;
    (parts.next().is_none() && (0.0..60.0).contains(&seconds)).then_some(whole + seconds)
}

/// The bytes of base 64, with padding or without (RFC 4648, 4).
fn from_base_64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.trim_end_matches('=').bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn base_64_is_read_with_padding_and_without() {
        // RFC 4648, 10.
        let rows = [
            ("", Some(&b""[..])),
            ("Zg==", Some(b"f")),
            ("Zm8", Some(b"fo")),
            ("Zm9v", Some(b"foo")),
            ("Zm9vYmFy", Some(b"foobar")),
            ("/+8=", Some(b"\xff\xef")),
            ("Zm 9v", None),
            ("Z=g=", None),
        ];
        each(rows, |(text, want)| assert_eq!(from_base_64(text).as_deref(), want, "{text}"));
    }

    #[test]
    fn only_clocks_are_times() {
        let rows = [
            ("00:00:00.000", Some(0.0)),
            ("01:02:03.500", Some(3_723.5)),
            (" 00:00:09 ", Some(9.0)),
            ("00:09", None),
            ("00:00:60", None),
            ("00:00:-1", None),
            ("00:00:NaN", None),
            ("00:00:00:00", None),
            ("a:b:c", None),
        ];
        each(rows, |(clock, want)| assert_eq!(seconds(clock), want, "{clock}"));
    }
}
