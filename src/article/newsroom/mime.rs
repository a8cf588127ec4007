//! The parts of a mail (RFC 2045, 2046): the texts that a reader sees, within limits of number and depth.
//!
//! The crate mail-parser reads the heads; it takes bodies apart too, but without a limit, and mails within mails as deep as they go.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{ContentType, HeaderName, HeaderValue, Message, MessageParser, MimeHeaders};

use crate::error::{Cure, Error, ErrorKind, Place, Result};

/// Parts within parts at most; a newsletter has three.
const DEEPEST: usize = 20;
/// Parts at most; a newsletter with its pictures has some dozen.
const MOST_PARTS: usize = 1000;
/// Bytes of a boundary at most (RFC 2046, 5.1.1, allows 70).
const LONGEST_BOUNDARY: usize = 256;

/// A text that a mail holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) bytes: Vec<u8>,
    pub(super) charset: Option<String>,
}

/// The texts of a mail, in their order.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) html: Vec<Text>,
    pub(super) plain: Vec<Text>,
    /// Parts in a packing that is damaged.
    pub(super) damaged: usize,
    parts: usize,
}

/// The head of a mail, or of one of its parts.
pub(super) fn head(bytes: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse_headers(bytes)
}

/// The texts of a mail. Attached files, mails among them, are passed over.
pub(super) fn texts(bytes: &[u8], name: &str) -> Result<Texts> {
    let mut texts = Texts::default();
    texts.read(bytes, 0, name)?;
    Ok(texts)
}

impl Texts {
    fn read(&mut self, part: &[u8], depth: usize, name: &str) -> Result<()> {
        let hostile = |what: &str| {
            let error = Error::new(ErrorKind::Input, format!("{name} {what}; that is no newsletter"));
            Err(error.at(Place::file(name)).with_cure(Cure::GiveText))
        };
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return hostile("is a mail of more than 1000 parts");
        }
        if depth > DEEPEST {
            return hostile("is a mail whose parts are nested more than 20 deep");
        }
        let (fields, body) = split_head(part);
        // A part may begin with an empty line: it has no head, and is plain text.
        let head = if fields.is_empty() { None } else { head(part) };
        let kind = head.as_ref().and_then(|head| head.content_type());
        let media = kind.map_or("text", ContentType::ctype).to_ascii_lowercase();
        let subtype =
            kind.map_or(Some("plain"), ContentType::subtype).unwrap_or_default().to_ascii_lowercase();
        if media == "multipart" {
            let boundary = kind.and_then(|kind| kind.attribute("boundary")).unwrap_or_default();
            for piece in pieces(body, boundary) {
                self.read(piece, depth + 1, name)?;
            }
            return Ok(());
        }
        let is_attached =
            head.as_ref().and_then(|head| head.content_disposition()).is_some_and(|disposition| {
                disposition.is_attachment() || disposition.attribute("filename").is_some()
            });
        if media != "text" || !matches!(subtype.as_str(), "html" | "plain") || (is_attached && depth > 0) {
            return Ok(());
        }
        let Some(bytes) = unpacked(head.as_ref(), body) else {
            self.damaged += 1;
            return Ok(());
        };
        let charset = kind.and_then(|kind| kind.attribute("charset")).map(str::to_owned);
        let list = if subtype == "html" { &mut self.html } else { &mut self.plain };
        list.push(Text { bytes, charset });
        Ok(())
    }
}

/// A body without its transfer encoding; `None` where that is damaged.
fn unpacked(head: Option<&Message<'_>>, body: &[u8]) -> Option<Vec<u8>> {
    let encoding = head.and_then(|head| match head.header(HeaderName::ContentTransferEncoding) {
        Some(HeaderValue::Text(encoding)) => Some(encoding.trim().to_ascii_lowercase()),
        _ => None,
    });
    match encoding.as_deref() {
        Some("base64") => {
            let bytes = base64_decode(body)?;
            // Letters of three quarters: what breaks off in the middle was longer.
            let signs = body
                .iter()
                .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
                .count();
            (signs % 4 != 1 && (!bytes.is_empty() || signs == 0)).then_some(bytes)
        }
        // A sign that is out of place stays as it is, as mail programs do.
        Some("quoted-printable") => Some(quoted_printable_decode(body).unwrap_or_else(|| body.to_vec())),
        _ => Some(body.to_vec()),
    }
}

/// The lines of a head, and what follows the first empty line.
pub(super) fn split_head(part: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in part.split_inclusive(|byte| *byte == b'\n') {
        if line.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
            return (&part[..at], &part[at + line.len()..]);
        }
        at += line.len();
    }
    (part, &[])
}

/// What stands between the boundaries; a mail that breaks off ends with its last piece.
fn pieces<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    if boundary.is_empty() || boundary.len() > LONGEST_BOUNDARY {
        return Vec::new();
    }
    let mark = [b"--", boundary.as_bytes()].concat();
    let (mut found, mut begin, mut at) = (Vec::new(), None, 0);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if let Some(rest) = line.strip_prefix(mark.as_slice()) {
            let is_last = rest.starts_with(b"--");
            let rest = rest.strip_prefix(b"--").unwrap_or(rest);
            if rest.iter().all(u8::is_ascii_whitespace) {
                if let Some(begin) = begin.take() {
                    found.push(trim_line_end(&body[begin..at]));
                }
                if is_last {
                    return found;
                }
                begin = Some(at + line.len());
                // One more than the limit is enough to tell.
                if found.len() > MOST_PARTS {
                    return found;
                }
            }
        }
        at += line.len();
    }
    found.extend(begin.map(|begin| &body[begin..]));
    found
}

/// The line end in front of a boundary belongs to the boundary.
fn trim_line_end(piece: &[u8]) -> &[u8] {
    let piece = piece.strip_suffix(b"\n").unwrap_or(piece);
    piece.strip_suffix(b"\r").unwrap_or(piece)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn parts_are_found_by_their_boundaries() {
        let body = b"before\r\n--a\r\n\r\none\r\n--a \r\n\r\ntwo\n--ab\n--a--\r\n--a\nafter";
        assert_eq!(pieces(body, "a"), [&b"\r\none"[..], b"\r\ntwo\n--ab"]);
        assert_eq!(pieces(b"--a\n\ncut off", "a"), [b"\ncut off"]);
        assert!(pieces(body, "").is_empty());
        let rows: [(&[u8], &[u8], &[u8]); 4] = [
            (b"A: b\r\n\r\nc", b"A: b\r\n", b"c"),
            (b"A: b\n\nc\n\nd", b"A: b\n", b"c\n\nd"),
            (b"\nc", b"", b"c"),
            (b"A: b", b"A: b", b""),
        ];
        each(rows, |(part, head, body)| assert_eq!(split_head(part), (head, body)));
    }
}
