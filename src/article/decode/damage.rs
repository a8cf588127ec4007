//! Bytes that are no text in the encoding of their page.
//!
//! Browsers show U+FFFD for each. It is silent when the page is read, and parts the words around it.

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::Decoded;

/// So many bad bytes are few in a page of any size.
const FEW: usize = 16;
/// More bad bytes than one in so many are another encoding, or no text. A word has five letters and its space: at this
/// share, every seventeenth word is damaged, and nobody could listen to more. Read as UTF-8, five in a hundred bytes of
/// French in Windows-1252 are bad, 70 of Korean in EUC-KR, and 41 of random bytes.
const BYTES_PER_BAD: usize = 100;

/// Whether a page has more bad bytes than damage explains.
pub(super) fn is_too_much(bad: usize, length: usize) -> bool {
    bad > FEW && bad > length / BYTES_PER_BAD
}

/// The text of bytes in an encoding; what is bad becomes U+FFFD.
pub(super) fn decode<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Decoded<'a> {
    let (text, is_bad) = encoding.decode_without_bom_handling(bytes);
    let bad_bytes = if is_bad { text.matches(char::REPLACEMENT_CHARACTER).count() } else { 0 };
    Decoded { text, bad_bytes }
}

/// The text of a page in UTF-8 with bad bytes. One that is certainly a sign of Windows-1252 becomes that sign, another
/// U+FFFD.
pub(super) fn mend(bytes: &[u8]) -> Decoded<'static> {
    let (mut text, mut bad_bytes) = (String::with_capacity(bytes.len()), 0);
    let mut chunks = bytes.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            bad_bytes += chunk.invalid().len();
            let after = chunks.peek().map_or("", |next| next.valid());
            // Another bad byte may stand right beside it.
            let is_alone = (text.is_empty() || !chunk.valid().is_empty())
                && (!after.is_empty() || chunks.peek().is_none());
            let sign = if is_alone { sign_of(chunk.invalid(), &text, after) } else { None };
            text.push(sign.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }
    Decoded { text: Cow::Owned(text), bad_bytes }
}

/// The text of bytes without those that are bad.
pub(super) fn drop_from(bytes: &[u8]) -> Decoded<'static> {
    let text = bytes.utf8_chunks().map(|chunk| chunk.valid()).collect();
    let bad_bytes = bytes.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    Decoded { text: Cow::Owned(text), bad_bytes }
}

/// The sign that bad bytes between two texts certainly are.
fn sign_of(bad: &[u8], before: &str, after: &str) -> Option<char> {
    let follows_letter = before.ends_with(char::is_alphabetic);
    let &[byte] = bad else {
        // The end of `’` is lost: `it’s`.
        return (follows_letter && is_contraction(after)).then_some('’');
    };
    let is_sign = match byte {
        // They begin no character of UTF-8, and these stand in texts: quotes, dashes, a no-break space, currencies.
        0x80
        | 0x82
        | 0x84
        | 0x85
        | 0x91..=0x97
        | 0x99
        | 0xa0
        | 0xa3
        | 0xa7
        | 0xa9
        | 0xab
        | 0xae
        | 0xb0
        | 0xb7
        | 0xbb
        | 0xbd => true,
        // These begin `é`, `’` and emoji: what follows may be lost.
        0xc2 | 0xc3 | 0xe2 | 0xf0 => return (follows_letter && is_contraction(after)).then_some('’'),
        0xc0..=0xd6 | 0xd8..=0xdd => {
            !before.ends_with(char::is_lowercase) && after.starts_with(char::is_alphabetic)
        }
        // Characters of three bytes begin with some of them too, but stand in no word of Latin letters.
        0xdf..=0xf6 | 0xf8..=0xfd => follows_letter || after.starts_with(char::is_alphabetic),
        _ => false,
    };
    is_sign.then(|| WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next()).flatten()
}

/// Whether a text begins with what stands behind an apostrophe: `s`, `t`, `re`.
fn is_contraction(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    matches!(&text[..end], "s" | "t" | "re" | "ve" | "ll" | "d" | "m")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn bad_bytes_become_what_they_certainly_are() {
        let rows = [
            (&b"it\x92s"[..], "it’s"),
            (b"\x93We had\x94 an hour\x97no more\x85", "“We had” an hour—no more…"),
            (b"M\xfcller and S\xe3o Paulo", "Müller and São Paulo"),
            (b"\xc9tats", "États"),
            (b"caf\xe9 and", "café and"),
            // Another letter may be cut off.
            (b"Novakovi\xc4 and", "Novakovi\u{fffd} and"),
            (b"it\xe2\x80s, it\xe2s", "it’s, it’s"),
            (b"so\xe2\x80\xa6 so\xe2\x80 so", "so… so\u{fffd} so"),
            (b"a \xffb\xfe", "a \u{fffd}b\u{fffd}"),
            (b"a\x81\x92s", "a\u{fffd}\u{fffd}s"),
            (b"", ""),
        ];
        each(rows, |(bytes, want)| {
            assert_eq!(mend(bytes).text, want, "{bytes:02x?}");
        });
        assert_eq!(mend(b"a \xe2\x80 b \xff").bad_bytes, 3);
    }

    #[test]
    fn damage_has_a_bound() {
        let rows = [(0, 0, false), (16, 20, false), (17, 20, true), (17, 1699, true), (17, 1700, false)];
        each(rows, |(bad, length, want)| assert_eq!(is_too_much(bad, length), want, "{bad} of {length}"));
    }
}
