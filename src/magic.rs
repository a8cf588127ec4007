//! Recognises files that are not text by their first bytes.
//!
//! The crate `infer` knows more formats, but takes every text that begins with “MZ” for a program, and one that begins
//! with “`SQLi`” for a database. Here prose that begins like a short signature is recognised.

/// So many first bytes are enough.
pub(crate) const HEAD: usize = 64;

/// The kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileKind {
    /// In words, with the article.
    pub what: &'static str,
    /// Whether it may be played.
    pub is_sound: bool,
    /// Whether it may hold articles.
    pub is_archive: bool,
}

const fn sound(what: &'static str) -> FileKind {
    FileKind { what, is_sound: true, is_archive: false }
}

const fn other(what: &'static str) -> FileKind {
    FileKind { what, is_sound: false, is_archive: false }
}

const fn archive(what: &'static str) -> FileKind {
    FileKind { what, is_sound: false, is_archive: true }
}

/// Signatures and the kinds of file that begin with them.
const SIGNATURES: &[(&[u8], FileKind)] = &[
    (b"%PDF-", other("a PDF document")),
    (b"\x89PNG\r\n\x1a\n", other("a PNG image")),
    (b"\xff\xd8\xff", other("a JPEG image")),
    (b"GIF87a", other("a GIF image")),
    (b"GIF89a", other("a GIF image")),
    (b"PK\x03\x04", archive("a ZIP archive or an office document")),
    (b"PK\x05\x06", archive("an empty ZIP archive")),
    (b"\x1f\x8b", other("a gzip file")),
    (b"BZh", other("a bzip2 file")),
    (b"\xfd7zXZ\0", other("an xz file")),
    (b"\x28\xb5\x2f\xfd", other("a Zstandard file")),
    (b"7z\xbc\xaf\x27\x1c", other("a 7-Zip archive")),
    (b"Rar!\x1a\x07", other("a RAR archive")),
    (b"\x7fELF", other("an ELF program")),
    (b"MZ\x90\0", other("a Windows program")),
    (b"OggS", sound("an Ogg sound file")),
    (b"fLaC", sound("a FLAC sound file")),
    (b"ID3", sound("an MP3 sound file")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", other("an old office document")),
    (b"{\\rtf", other("an RTF document")),
    (b"SQLite format 3\0", other("an SQLite database")),
];

/// The kind of the file that begins with `head`; `None` when it may be text.
pub(crate) fn of(head: &[u8]) -> Option<FileKind> {
    if head.starts_with(b"RIFF") {
        match head.get(8..12) {
            Some(b"WAVE") => return Some(sound("a WAV sound file")),
            Some(b"WEBP") => return Some(other("a WebP image")),
            Some(b"AVI ") => return Some(other("an AVI film")),
            Some(_) => {}
            // The length of a file that was cut off in its header is no text.
            None if head[4..].iter().any(|&byte| byte < b' ' && !byte.is_ascii_whitespace()) => {
                return Some(sound("a WAV sound file"));
            }
            None => {}
        }
    }
    // Pictures have the container of MP4, too (ISO/IEC 23008-12, annex B; AVIF 1.1, 9).
    match head.get(4..12) {
        Some(b"ftypavif" | b"ftypavis") => return Some(other("an AVIF image")),
        Some(b"ftypheic" | b"ftypheix" | b"ftypmif1") => return Some(other("a HEIF image")),
        _ => {}
    }
    if head.get(4..8) == Some(b"ftyp") {
        return Some(sound("an MP4 file"));
    }
    if head.starts_with(b"\xff\xfe\0\0") || head.starts_with(b"\0\0\xfe\xff") {
        return Some(other("UTF-32 text, which is not read: save it as UTF-8"));
    }
    // The header of an MPEG frame of layer III, any version, with or without a checksum (ISO/IEC 11172-3, 2.4.1.3).
    if matches!(head, [0xff, second, ..] if second & 0xe6 == 0xe2) {
        return Some(sound("an MP3 sound file"));
    }
    // A word of prose may begin like a short signature ("ID3 tags …"): only the next bytes decide.
    let is_prose = |magic: &[u8]| {
        magic.iter().all(u8::is_ascii_graphic)
            && magic.len() < 4
            && head.iter().take(HEAD).all(|&b| b >= b' ' || b.is_ascii_whitespace())
    };
    SIGNATURES.iter().find(|(magic, _)| head.starts_with(magic) && !is_prose(magic)).map(|&(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        let mut wrong = Vec::new();
        for (head, want) in [
            (&b"RIFF....WAVEfmt "[..], Some(("a WAV sound file", true))),
            (b"RIFF....WEBP", Some(("a WebP image", false))),
            (b"RIFF....CDDA", None),
            (b"RIFF\x24\0\0\0", Some(("a WAV sound file", true))),
            (b"RIFF", None),
            (b"RIFF met", None),
            (b"ID3\x04\0\0\0\0", Some(("an MP3 sound file", true))),
            (b"\xff\xfb\x90\x00", Some(("an MP3 sound file", true))),
            (b"\xff\xe3\x90\x00", Some(("an MP3 sound file", true))),
            (b"....ftypM4A ", Some(("an MP4 file", true))),
            (b"....ftypavif", Some(("an AVIF image", false))),
            (b"....ftypheic", Some(("a HEIF image", false))),
            (b"OggS", Some(("an Ogg sound file", true))),
            (b"%PDF-1.7", Some(("a PDF document", false))),
            (b"BZh91AY&SY\x1a\x09", Some(("a bzip2 file", false))),
            (b"Ministers met", None),
            (b"ID3 tags are old", None),
            (b"BZh is a name", None),
            (b"MZ Group rose", None),
            (b"SQLite is a database", None),
            (b"\xff\xfeM\x00i\x00", None),
            (b"\xff", None),
            (b"", None),
        ] {
            let found = of(head).map(|kind| (kind.what, kind.is_sound));
            if found != want {
                wrong.push(format!("{:?}: {found:?}", String::from_utf8_lossy(head)));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
