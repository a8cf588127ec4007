//! Bytes of a file become text. UTF-8, UTF-16 and Windows-1252 are recognised; for HTML also the encoding that the
//! page declares or that its bytes look like. Anything else is refused, with a guess at its format and the place of
//! the first bad byte. A page in HTML may have a few bad bytes: they become U+FFFD, as in browsers.

mod charset;
mod damage;

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::magic;
use crate::text::line_and_column;

/// If more than one byte in this number is a control character, the bytes are not text.
const BYTES_PER_CONTROL: usize = 100;

/// The text of an input.
#[derive(Debug, PartialEq)]
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    /// Bytes that were no text: replaced in a page, dropped elsewhere.
    pub(super) bad_bytes: usize,
}

impl<'a> From<Cow<'a, str>> for Decoded<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self { text, bad_bytes: 0 }
    }
}

/// The text of `bytes`. UTF-8 is borrowed as it stands; only another encoding or bad bytes make a copy. `lossy` reads
/// on, however many bytes are bad. `name` is what messages call the input, `charset` the encoding that a server named.
///
/// What decides is, as in browsers, a byte order mark, then the server, then the page, then the look of the bytes (HTML, 13.2.3.2).
/// Other than in browsers, bytes that are UTF-8 with more than ASCII are UTF-8, whatever is said of them: by chance none are.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    name: &str,
    charset: Option<&str>,
    lossy: bool,
) -> Result<Decoded<'a>> {
    let served = charset.and_then(|label| Encoding::for_label(label.as_bytes()));
    if let Some((encoding, marked)) = utf16_of(bytes).or_else(|| served_utf16(served, bytes)) {
        return decode_utf16(encoding, bytes, marked, name, lossy);
    }
    if let Some(kind) = magic::of(bytes) {
        let error = not_text(name, &format!("this is {}, not text", kind.what));
        return Err(if bytes.starts_with(b"%PDF-") { error.with_cure(Cure::ConvertPdf) } else { error });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    refuse_binary(bytes, name)?;
    let nuls = bytes.iter().filter(|&&byte| byte == 0).count();
    let utf8 = std::str::from_utf8(bytes);
    let is_page = (utf8.is_err() || nuls > 0) && charset::is_page(bytes);
    if nuls > 0 && !is_page && !lossy {
        return Err(nul_byte(bytes, name));
    }
    let mut decoded = match utf8 {
        Ok(text) => Decoded::from(Cow::Borrowed(text)),
        Err(error) => {
            // The server is believed unless the bytes refute it.
            let served = served.filter(|encoding| charset::may_be(encoding, bytes));
            let served = served.map(|encoding| damage::decode(encoding, bytes));
            let served = served.filter(|text| text.bad_bytes == 0);
            let encoding = if is_page { charset::of_page(bytes) } else { None };
            match served.or_else(|| encoding.map(|encoding| damage::decode(encoding, bytes))) {
                Some(page) if page.bad_bytes == 0 => page,
                _ if !is_cut_off(bytes, error) && looks_like_windows_1252(bytes) => {
                    Decoded::from(WINDOWS_1252.decode_without_bom_handling(bytes).0)
                }
                Some(page) => page,
                None if is_page => damage::mend(bytes),
                None if lossy => damage::drop_from(bytes),
                None => return Err(bad_byte(bytes, error.valid_up_to(), name)),
            }
        }
    };
    if nuls > 0 {
        decoded =
            Decoded { text: Cow::Owned(decoded.text.replace('\0', "")), bad_bytes: decoded.bad_bytes + nuls };
    }
    if !lossy && damage::is_too_much(decoded.bad_bytes, bytes.len()) {
        let at = utf8.err().map_or(0, |error| error.valid_up_to());
        return Err(damaged(bytes, at, decoded.bad_bytes, name));
    }
    Ok(decoded)
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

/// UTF-16 without a mark that a server names. Bytes that are UTF-8 without NULs refute it.
fn served_utf16(served: Option<&'static Encoding>, bytes: &[u8]) -> Option<(&'static Encoding, bool)> {
    let encoding = served.filter(|encoding| [UTF_16LE, UTF_16BE].contains(encoding))?;
    let is_refuted = bytes.starts_with(b"\xef\xbb\xbf")
        || !bytes.len().is_multiple_of(2)
        || (!bytes.contains(&0) && std::str::from_utf8(bytes).is_ok());
    (!is_refuted).then_some((encoding, false))
}

fn decode_utf16<'a>(
    encoding: &'static Encoding,
    bytes: &'a [u8],
    marked: bool,
    name: &str,
    lossy: bool,
) -> Result<Decoded<'a>> {
    let units = if marked { &bytes[2..] } else { bytes };
    let decoded = damage::decode(encoding, units);
    if decoded.bad_bytes == 0 {
        return Ok(decoded);
    }
    let is_page = charset::is_markup(&decoded.text);
    if is_page && (lossy || !damage::is_too_much(decoded.bad_bytes, bytes.len())) {
        return Ok(decoded);
    }
    if lossy {
        return Ok(Decoded { text: Cow::Owned(decoded.text.replace('\u{fffd}', "")), ..decoded });
    }
    let before = decoded.text.find('\u{fffd}').unwrap_or(decoded.text.len());
    let (line, column) = line_and_column(decoded.text.as_bytes(), before);
    Err(Error::new(
        ErrorKind::Encoding,
        format!("{name} is {} text with a broken character", encoding.name()),
    )
    .at(Place::file(name).line(line, column))
    .with_cure(Cure::DropBadBytes))
}

/// Refuses bytes with too many control characters: a text has none.
fn refuse_binary(bytes: &[u8], name: &str) -> Result<()> {
    let is_control = |b: u8| (b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)) || b == 0x7f;
    let controls = bytes.iter().filter(|&&b| is_control(b)).count();
    if controls > 1 && controls > bytes.len() / BYTES_PER_CONTROL {
        return Err(not_text(name, "this is binary data, not text: it is full of control characters"));
    }
    Ok(())
}

fn nul_byte(bytes: &[u8], name: &str) -> Error {
    let at = bytes.iter().position(|&byte| byte == 0).unwrap_or_default();
    let (line, column) = line_and_column(bytes, at);
    Error::new(ErrorKind::Encoding, format!("{name} holds a NUL byte, so it is not plain text"))
        .at(Place::file(name).line(line, column))
        .with_cure(Cure::DropNuls)
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

/// A page with more damage than a page has.
fn damaged(bytes: &[u8], at: usize, count: usize, name: &str) -> Error {
    let (line, column) = line_and_column(bytes, at);
    let what = format!("{name} begins like a page, but {count} of its {} bytes are no text", bytes.len());
    Error::new(ErrorKind::Encoding, what)
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
        decode(bytes, "a.txt", None, false).map(|decoded| decoded.text.into_owned())
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
        let decoded = decode("\u{feff}é".as_bytes(), "a", None, false).unwrap();
        assert!(matches!(decoded, Decoded { text: Cow::Borrowed("é"), bad_bytes: 0 }), "{decoded:?}");
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
            let error = decode(bytes, "a.txt", None, false).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Encoding, "{bytes:02x?}");
            let at = error.place().cloned().unwrap_or_default();
            assert_eq!((at.line, at.column), (Some(place.0), Some(place.1)), "{}", error.story());
            assert!(matches!(error.cure(), Some(Cure::DropBadBytes | Cure::DropNuls)), "{error:?}");
            let decoded = decode(bytes, "a.txt", None, true).unwrap();
            assert_eq!(decoded.text, lossy, "{bytes:02x?}");
            assert!(decoded.bad_bytes > 0, "{bytes:02x?}");
        });
        let broken = decode(b"\xff\xfeA\0\x00\xd8B\0", "a.txt", None, false).unwrap_err();
        assert_eq!(broken.place().and_then(|place| place.column), Some(2));
        assert_eq!(decode(b"\xff\xfeA\0\x00\xd8B\0", "a.txt", None, true).unwrap().text, "AB");
    }

    #[test]
    fn a_page_with_a_few_bad_bytes_is_read() {
        let utf16: Vec<u8> =
            "\u{feff}<p>Ab".encode_utf16().chain([0xd800]).flat_map(u16::to_le_bytes).collect();
        let rows = [
            (&b"<p>Seoul \xec\x84\x9c and \xff here.</p>"[..], "<p>Seoul 서 and \u{fffd} here.</p>", 1),
            (b"<meta charset=utf-8><p>Caf\xc3\xa9 in San Jos\xe9, it\x92s 5\xa0p.m.</p>",
                "<meta charset=utf-8><p>Café in San José, it’s 5\u{a0}p.m.</p>", 3),
            (b"<?xml version='1.0'?><html><p>\xc3\xa9 \xc3\xa9 \xfe\xfe</p></html>",
                "<?xml version='1.0'?><html><p>é é \u{fffd}\u{fffd}</p></html>", 2),
            (b"<p>Cut \xe2\x80\x99 off \xe2\x80", "<p>Cut ’ off \u{fffd}", 2),
            (b"<p>One NUL \0 is in this paragraph of text, which is long enough for one of them, no more.</p>",
                "<p>One NUL  is in this paragraph of text, which is long enough for one of them, no more.</p>", 1),
            (b"<meta charset=utf-8><p>Caf\xe9", "<meta charset=utf-8><p>Café", 0),
            (b"<meta charset=shift_jis><p>\x93\x8c\x8b\x9e \x85 \x85", "<meta charset=shift_jis><p>東京 \u{fffd} \u{fffd}", 2),
            (&utf16, "<p>Ab\u{fffd}", 1),
        ];
        each(rows, |(bytes, want, bad_bytes)| {
            for lossy in [false, true] {
                let decoded = decode(bytes, "a.html", None, lossy).unwrap();
                assert_eq!((&*decoded.text, decoded.bad_bytes), (want, bad_bytes), "{bytes:02x?}");
            }
        });
    }

    #[test]
    fn what_only_begins_like_a_page_is_refused() {
        // Every second byte beyond ASCII, none of them a control character, and no encoding that they fit.
        let noise: Vec<u8> =
            (0..4000_u32).map(|n| if n % 2 == 0 { 0xff } else { b'a' + (n % 26) as u8 }).collect();
        let rows = [
            [b"<!DOCTYPE html><meta charset=utf-8>".to_vec(), noise.clone()].concat(),
            [b"<meta charset=shift_jis><p>".to_vec(), noise].concat(),
        ];
        each(rows, |bytes| {
            let error = decode(&bytes, "a.html", None, false).unwrap_err();
            assert!(error.what().contains("of its"), "{}", error.story());
            assert_eq!(error.cure(), Some(&Cure::DropBadBytes));
            assert!(decode(&bytes, "a.html", None, true).is_ok());
        });
    }

    #[test]
    fn a_server_names_the_encoding_unless_the_bytes_refute_it() {
        let russian = encoding_rs::WINDOWS_1251.encode("<p>Порт открыт.</p>").0.into_owned();
        let claimed = [b"<meta charset=shift_jis>", &*russian].concat();
        let marked = [b"\xef\xbb\xbf", "<p>Café</p>".as_bytes()].concat();
        let utf16: Vec<u8> = "서울 회담".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let rows = [
            (russian.clone(), Some("windows-1251"), "<p>Порт открыт.</p>"),
            // The server comes before the page.
            (claimed, Some("Windows-1251"), "<meta charset=shift_jis><p>Порт открыт.</p>"),
            (b"caf\xe9 or \xe3".to_vec(), Some("iso-8859-2"), "café or ă"),
            (utf16, Some("utf-16be"), "서울 회담"),
            // A mark and UTF-8 come before the server.
            (marked, Some("windows-1252"), "<p>Café</p>"),
            ("<p>Café</p>".into(), Some("windows-1252"), "<p>Café</p>"),
            ("Port reopens.".into(), Some("utf-16le"), "Port reopens."),
            // The server is wrong.
            (
                b"<meta charset=windows-1252><p>Caf\xe9 \x93Port\x94</p>".to_vec(),
                Some("utf-8"),
                "<meta charset=windows-1252><p>Café “Port”</p>",
            ),
            (b"Caf\xe9 \x93Port\x94 here".to_vec(), Some("shift_jis"), "Café “Port” here"),
            (b"Caf\xe9 \x93Port\x94 here".to_vec(), Some("no-such-encoding"), "Café “Port” here"),
        ];
        each(rows, |(bytes, charset, want)| {
            let decoded = decode(&bytes, "page", charset, false).unwrap();
            assert_eq!((&*decoded.text, decoded.bad_bytes), (want, 0), "{charset:?}");
        });
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
                let error = decode(bytes, "a.bin", None, lossy).unwrap_err();
                assert!(error.what().contains(what), "{bytes:02x?}: {}", error.story());
            }
        });
        assert_eq!(text_of(b"ID3 tags are old").unwrap(), "ID3 tags are old");
        assert_eq!(text_of(b"BZh is a name").unwrap(), "BZh is a name");
    }
}
