//! Bytes of a file become text. UTF-8, UTF-16 and Windows-1252 are recognised; for HTML also the encoding that the
//! page declares or that its bytes look like. Anything else is refused, with a guess at its format and the place of
//! the first bad byte.

mod charset;

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::magic;
use crate::text::line_and_column;

/// If more than one byte in this number is a control character, the bytes are not text.
const BYTES_PER_CONTROL: usize = 100;
/// The byte order mark; within a text it has no width and no meaning (Unicode 16, 23.8).
const MARK: char = '\u{feff}';

/// The text of `bytes`. UTF-8 is borrowed as it stands; only another encoding, or bad bytes dropped by
/// `lossy`, make a copy. `name` is what messages call the input.
pub(super) fn decode<'a>(bytes: &'a [u8], name: &str, lossy: bool) -> Result<Cow<'a, str>> {
    if let Some((encoding, marked)) = utf16_of(bytes) {
        return decode_utf16(encoding, bytes, marked, name, lossy);
    }
    if let Some(kind) = magic::of(bytes) {
        return Err(not_text(name, &format!("this is {}, not text", kind.what)));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    refuse_controls(bytes, name, lossy)?;
    let utf8 = std::str::from_utf8(bytes);
    let page = if utf8.is_err() { charset::of_page(bytes, lossy) } else { None };
    let text = match utf8 {
        Ok(text) => Cow::Borrowed(text),
        Err(_) if page.is_some() => page.unwrap_or_default(),
        Err(error) if !is_cut_off(bytes, error) && looks_like_windows_1252(bytes) => {
            WINDOWS_1252.decode_without_bom_handling(bytes).0
        }
        Err(_) if lossy => bytes.utf8_chunks().map(|chunk| chunk.valid()).collect(),
        Err(error) => return Err(bad_byte(bytes, error.valid_up_to(), name)),
    };
    let text = if lossy && text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { text };
    // Files that were joined bring the mark of each along, within words too.
    Ok(if text.contains(MARK) { Cow::Owned(text.replace(MARK, "")) } else { text })
}

/// UTF-16, recognised by its byte order mark or by the places of its NUL bytes; the flag is set when a mark leads the
/// text.
fn utf16_of(bytes: &[u8]) -> Option<(&'static Encoding, bool)> {
    // UTF-32 little-endian begins with the mark of UTF-16; the rest would be full of NULs.
    if bytes.starts_with(b"\xff\xfe\0\0") {
        return None;
    }
    if bytes.starts_with(b"\xff\xfe") {
        return Some((UTF_16LE, true));
    }
    if bytes.starts_with(b"\xfe\xff") {
        return Some((UTF_16BE, true));
    }
    if bytes.len() < 4 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    // A Latin letter, a space or a line end has its NUL on one side only.
    let nuls = |parity: usize| bytes.iter().skip(parity).step_by(2).filter(|&&b| b == 0).count();
    let (encoding, nuls) = match (nuls(0), nuls(1)) {
        (0, 0) => return None,
        (0, nuls) => (UTF_16LE, nuls),
        (nuls, 0) => (UTF_16BE, nuls),
        _ => return None,
    };
    // UTF-8 with a stray NUL is no UTF-16: nearly every other byte would be one.
    let few = if std::str::from_utf8(bytes).is_ok() { bytes.len() / 3 } else { bytes.len() / 200 };
    if nuls < few {
        return None;
    }
    let (text, bad) = encoding.decode_without_bom_handling(bytes);
    let is_text = !bad && text.chars().all(|c| !c.is_control() || c.is_whitespace());
    is_text.then_some((encoding, false))
}

fn decode_utf16<'a>(
    encoding: &'static Encoding,
    bytes: &'a [u8],
    marked: bool,
    name: &str,
    lossy: bool,
) -> Result<Cow<'a, str>> {
    let units = if marked { &bytes[2..] } else { bytes };
    let (text, bad) = encoding.decode_without_bom_handling(units);
    if !bad {
        return Ok(text);
    }
    if lossy {
        return Ok(Cow::Owned(text.replace('\u{fffd}', "")));
    }
    let before = text.find('\u{fffd}').unwrap_or(text.len());
    let (line, column) = line_and_column(text.as_bytes(), before);
    Err(Error::new(
        ErrorKind::Encoding,
        format!("{name} is {} text with a broken character", encoding.name()),
    )
    .at(Place::file(name).line(line, column))
    .with_cure(Cure::DropBadBytes))
}

/// Refuses a NUL and too many control characters: a text has none.
fn refuse_controls(bytes: &[u8], name: &str, lossy: bool) -> Result<()> {
    let is_control = |b: u8| (b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)) || b == 0x7f;
    let controls = bytes.iter().filter(|&&b| is_control(b)).count();
    if controls > 1 && controls > bytes.len() / BYTES_PER_CONTROL {
        return Err(not_text(name, "this is binary data, not text: it is full of control characters"));
    }
    match bytes.iter().position(|&b| b == 0) {
        Some(at) if !lossy => {
            let (line, column) = line_and_column(bytes, at);
            Err(Error::new(ErrorKind::Encoding, format!("{name} holds a NUL byte, so it is not plain text"))
                .at(Place::file(name).line(line, column))
                .with_cure(Cure::DropNuls))
        }
        _ => Ok(()),
    }
}

/// Whether the only fault is an incomplete last character: UTF-8 cut off, not another encoding. A single byte may as
/// well be the last letter of `café` in Windows-1252.
fn is_cut_off(bytes: &[u8], error: std::str::Utf8Error) -> bool {
    error.error_len().is_none() && bytes.len() - error.valid_up_to() > 1
}

/// Whether bytes that are not UTF-8 read well as Windows-1252. They hold no complete multi-byte sequence of UTF-8 and
/// only letters and the usual signs. Most stand singly between ASCII, as in a Western language.
fn looks_like_windows_1252(bytes: &[u8]) -> bool {
    let is_usual = |b: u8| {
        matches!(b, 0x80 | 0x82 | 0x84 | 0x85 | 0x8a | 0x8c | 0x8e | 0x91..=0x97 | 0x99 | 0x9a | 0x9c | 0x9e
            | 0x9f | 0xa0 | 0xa1 | 0xa3 | 0xa5 | 0xa7 | 0xa9..=0xab | 0xae | 0xb0..=0xb3 | 0xb5 | 0xb7
            | 0xb9..=0xbf | 0xc0..=0xd6 | 0xd8..=0xf6 | 0xf8..=0xfd)
    };
    let mut high = 0_usize;
    let mut crowded = 0_usize;
    for run in bytes.chunk_by(|a, b| a.is_ascii() == b.is_ascii()).filter(|run| !run[0].is_ascii()) {
        if !run.iter().all(|&b| is_usual(b)) {
            return false;
        }
        high += run.len();
        crowded += usize::from(run.len() > 2) * run.len();
    }
    if high == 0 || crowded * 20 > high || high * 3 > bytes.len() {
        return false;
    }
    if bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii()) {
        return false;
    }
    // One high byte at the very end is more likely a UTF-8 text cut off than a word such as "café" without a stop.
    let last = bytes[bytes.len() - 1];
    high > 1 || last.is_ascii() || (last >= 0xe0 && last != 0xe2)
}

fn bad_byte(bytes: &[u8], at: usize, name: &str) -> Error {
    let (line, column) = line_and_column(bytes, at);
    Error::new(ErrorKind::Encoding, format!("{name} is not UTF-8 text: bad byte 0x{:02X}", bytes[at]))
        .at(Place::file(name).line(line, column))
        .with_cure(Cure::DropBadBytes)
}

fn not_text(name: &str, what: &str) -> Error {
    Error::new(ErrorKind::Encoding, what).at(Place::file(name)).with_cure(Cure::GiveText)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn text_of(bytes: &[u8]) -> Result<String> {
        decode(bytes, "a.txt", false).map(Cow::into_owned)
    }

    #[test]
    fn known_encodings_are_read() {
        let utf16 = |text: &str, little: bool| -> Vec<u8> {
            let order = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
            text.encode_utf16().flat_map(order).collect()
        };
        let rows = [
            (b"plain".to_vec(), "plain"),
            (Vec::new(), ""),
            (b"\xef\xbb\xbfmarked".to_vec(), "marked"),
            ("“café” – 서울".as_bytes().to_vec(), "“café” – 서울"),
            (b"line\r\nline\rline".to_vec(), "line\r\nline\rline"),
            (utf16("\u{feff}“Hé” 서울", true), "“Hé” 서울"),
            (utf16("\u{feff}“Hé” 서울", false), "“Hé” 서울"),
            (utf16("No mark here.", true), "No mark here."),
            (utf16("No mark here.", false), "No mark here."),
            (utf16("서울 회담", true), "서울 회담"),
            (b"caf\xe9".to_vec(), "café"),
            (b"\x93Quoted,\x94 she said \x96 na\xefve\x85".to_vec(), "“Quoted,” she said – naïve…"),
            (b"\x80500 for Fran\xe7ois".to_vec(), "€500 for François"),
        ];
        each(rows, |(bytes, want)| {
            assert_eq!(text_of(&bytes).unwrap(), want, "{bytes:02x?}");
        });
    }

    #[test]
    fn utf8_is_not_copied() {
        assert!(matches!(decode("\u{feff}é".as_bytes(), "a", false), Ok(Cow::Borrowed("é"))));
    }

    #[test]
    fn bad_bytes_are_placed_and_dropped_on_demand() {
        let rows = [
            (&b"Seoul \xec\x84\x9c\nand \xff here"[..], (2, 5), "Seoul 서\nand  here"),
            (b"one \xed\x95 two \xe2\x80\x9cthree", (1, 5), "one  two “three"),
            (b"cut off \xe2\x80", (1, 9), "cut off "),
            // Korean in EUC-KR is neither of the encodings that are read.
            (b"\xbc\xad\xbf\xef\xc0\xc7 \xc7\xd1\xb1\xdb\xc0\xd4\xb4\xcf", (1, 1), " ѱԴ"),
            (
                "Café ships came back at noon. One NUL \0 here..\n".as_bytes(),
                (1, 39),
                "Café ships came back at noon. One NUL  here..\n",
            ),
            (b"a long enough line of text with one NUL \0 in it, which no text should have at all, and more \
               of it.", (1, 41), "a long enough line of text with one NUL  in it, which no text should have at \
               all, and more of it."),
        ];
        each(rows, |(bytes, place, lossy)| {
            let error = decode(bytes, "a.txt", false).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Encoding, "{bytes:02x?}");
            let at = error.place().cloned().unwrap_or_default();
            assert_eq!((at.line, at.column), (Some(place.0), Some(place.1)), "{}", error.story());
            assert!(matches!(error.cure(), Some(Cure::DropBadBytes | Cure::DropNuls)), "{error:?}");
            assert_eq!(decode(bytes, "a.txt", true).unwrap(), lossy, "{bytes:02x?}");
        });
        let broken = decode(b"\xff\xfeA\0\x00\xd8B\0", "a.txt", false).unwrap_err();
        assert_eq!(broken.place().and_then(|place| place.column), Some(2));
        assert_eq!(decode(b"\xff\xfeA\0\x00\xd8B\0", "a.txt", true).unwrap(), "AB");
    }

    #[test]
    fn other_files_are_named() {
        let rows = [
            (&b"%PDF-1.7\n%\xe2\xe3"[..], "a PDF document"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
            (b"PK\x03\x04\x14\0", "a ZIP archive"),
            (b"\x1f\x8b\x08\0", "a gzip file"),
            (b"\x7fELF\x02\x01", "an ELF program"),
            (b"RIFF\x24\0\0\0WAVEfmt ", "a WAV sound file"),
            (b"ID3\x04\0\0\0\0", "an MP3 sound file"),
            (b"\xff\xfb\x90\x44\0\0", "an MP3 sound file"),
            (b"\0\0\0\x20ftypM4A \0\0", "an MP4 file"),
            (b"\xff\xfe\0\0A\0\0\0", "UTF-32"),
            (b"\x01\x02\x03\x04 some text between", "binary data"),
            (&[0; 64], "binary data"),
        ];
        each(rows, |(bytes, what)| {
            for lossy in [false, true] {
                let error = decode(bytes, "a.bin", lossy).unwrap_err();
                assert!(error.what().contains(what), "{bytes:02x?}: {}", error.story());
            }
        });
        assert_eq!(text_of(b"ID3 tags are old").unwrap(), "ID3 tags are old");
        assert_eq!(text_of(b"BZh is a name").unwrap(), "BZh is a name");
    }
}
