//! The encoding of a page in HTML that is not UTF-8.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

use super::super::format::Format;

/// Where a declaration is looked for, in bytes. Browsers look at 1024; saved pages have it later.
const LOOKED_AT: usize = 8 << 10;
/// This much of a page decides its encoding.
const TELLING: usize = 1 << 20;

/// Whether bytes in some encoding are a page in HTML.
pub(super) fn is_page(bytes: &[u8]) -> bool {
    is_markup(&head_of(bytes))
}

/// Whether a text is a page in HTML, or XML of an agency, which declare their encoding; or a feed: messages about it are better
/// than those about its bytes.
pub(super) fn is_markup(text: &str) -> bool {
    matches!(Format::of(text), Format::Html | Format::Feed | Format::NewsMl | Format::Nitf)
}

fn head_of(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(&bytes[..bytes.len().min(LOOKED_AT)])
}

/// The encoding of a page in HTML whose bytes are not UTF-8: the one that it declares, else the one that its bytes look
/// like. `None` for UTF-8 with damage.
pub(super) fn of_page(bytes: &[u8]) -> Option<&'static Encoding> {
    if is_broken_utf8(bytes) {
        return None;
    }
    match declared(&head_of(bytes)) {
        Some(encoding) if encoding == UTF_8 => None,
        Some(encoding) => Some(encoding),
        None => {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
            detector.feed(&bytes[..bytes.len().min(TELLING)], bytes.len() <= TELLING);
            Some(detector.guess(None, Utf8Detection::Deny))
        }
    }
}

/// Whether bytes that are not UTF-8 may be in an encoding that a server names for them.
pub(super) fn may_be(encoding: &'static Encoding, bytes: &[u8]) -> bool {
    encoding == encoding.output_encoding() && encoding != UTF_8 && !is_broken_utf8(bytes)
}

/// Whether most characters beyond ASCII are UTF-8, so that the rest is damage. In other encodings hardly any are.
fn is_broken_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 0 && good >= bad
}

/// The encoding that `<meta charset=…>`, `<meta http-equiv … content="text/html; charset=…">` or `<?xml encoding=…?>`
/// names.
fn declared(head: &str) -> Option<&'static Encoding> {
    let lower = head.to_ascii_lowercase();
    for key in ["charset", "encoding"] {
        let mut rest = lower.as_str();
        while let Some(at) = rest.find(key) {
            let is_markup = rest[..at].rfind('<').is_some_and(|open| {
                let tag = &rest[open..at];
                !tag.contains('>') && (tag.starts_with("<meta") || tag.starts_with("<?xml"))
            });
            rest = &rest[at + key.len()..];
            let Some(value) = rest.trim_start().strip_prefix('=').filter(|_| is_markup) else { continue };
            let value = value.trim_start().trim_start_matches(['"', '\'']);
            let end = value.find(['"', '\'', ';', '>', ' ', '/', '?']).unwrap_or(value.len());
            if let Some(encoding) = Encoding::for_label(&value.as_bytes()[..end]) {
                return Some(encoding.output_encoding());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_KR, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

    use super::*;
    use crate::table_test::each;

    #[test]
    fn declarations_are_found() {
        let rows = [
            ("<meta charset=\"Shift_JIS\">", Some(SHIFT_JIS)),
            ("<META http-equiv=Content-Type content='text/html; charset=windows-1251'>", Some(WINDOWS_1251)),
            ("<meta charset=iso-8859-1 />", Some(WINDOWS_1252)),
            ("<?xml version='1.0' encoding='euc-kr'?>", Some(EUC_KR)),
            ("<script charset=euc-kr>", None),
            ("<p>charset=euc-kr", None),
            ("<meta charset=nonsense>", None),
            // A page that declares UTF-16 in ASCII bytes is not UTF-16.
            ("<meta charset=utf-16>", Some(UTF_8)),
        ];
        each(rows, |(head, want)| {
            assert_eq!(declared(head), want, "{head}");
        });
    }

    #[test]
    fn pages_are_read_in_the_encoding_they_are_in() {
        let text = "<p>東京の港は月曜日に再開した。船は正午に戻った。</p>";
        let (japanese, _, _) = SHIFT_JIS.encode(text);
        let marked = [b"<meta charset=shift_jis>", &*japanese].concat();
        let utf8 = [b"<meta charset=shift_jis>", text.as_bytes(), b"\xff"].concat();
        let rows = [
            (&marked[..], Some(SHIFT_JIS)),
            (&japanese, Some(SHIFT_JIS)),
            (b"<meta charset=utf-8><p>Caf\xe9", None),
            (b"<meta charset=shift_jis><p>\x85", Some(SHIFT_JIS)),
            // What is UTF-8 but for a byte is so, whatever it declares.
            (&utf8, None),
        ];
        each(rows, |(bytes, want)| {
            assert!(is_page(bytes));
            assert_eq!(of_page(bytes), want, "{bytes:02x?}");
        });
        assert!(!is_page(b"Caf\xe9"));
    }
}
