//! The frames of a tag that are looked at, copied into a plain tag.
//!
//! The crate that reads tags makes room for whatever a frame claims, unpacks without a limit, and reads chapters within chapters as deep
//! as they go. So it gets a tag that has none of this: each frame stands whole within the tag, is neither packed nor encrypted, and a
//! chapter holds no other.

/// The head of a tag (`ID3v2.4`, 3.1).
const HEAD: usize = 10;
/// What stands in a chapter between its name and its frames: two times, two places (`ID3v2` Chapter Frame Addendum, 3.1).
const TIMES: usize = 16;
/// Frames of a tag, those within its chapters among them.
const MOST_FRAMES: usize = 10_000;

/// The sizes and flags of one version of the format.
#[derive(Clone, Copy)]
enum Version {
    Two,
    Three,
    Four,
}

/// One frame.
struct Frame<'a> {
    id: &'a [u8],
    /// `None` where it is packed, encrypted, or grouped with others.
    content: Option<Vec<u8>>,
}

/// A tag with the frames of `bytes` alone that are looked at, and whether `bytes` was whole.
pub(super) fn plain(bytes: &[u8]) -> (Vec<u8>, bool) {
    let version = match (bytes.first_chunk(), bytes.get(3)) {
        (Some(b"ID3"), Some(2)) => Version::Two,
        (Some(b"ID3"), Some(3)) => Version::Three,
        (Some(b"ID3"), Some(4)) => Version::Four,
        _ => return (Vec::new(), false),
    };
    let (Some(flags), Some(body)) = (bytes.get(5), bytes.get(HEAD..)) else { return (Vec::new(), false) };
    // Version 4 says so for each frame.
    let is_stuffed = flags & 0x80 != 0 && !matches!(version, Version::Four);
    let body = if is_stuffed { unstuffed(body) } else { body.to_vec() };
    let start = match version {
        Version::Two if flags & 0x40 != 0 => return (Vec::new(), false),
        Version::Three if flags & 0x40 != 0 => number(&body, 8).map(|size| size + 4),
        Version::Four if flags & 0x40 != 0 => number(&body, 7),
        _ => Some(0),
    };
    let Some(frames) = start.and_then(|start| body.get(start..)) else { return (Vec::new(), false) };
    let mut room = MOST_FRAMES;
    let (frames, is_whole) = kept(frames, version, false, &mut room);
    let mut tag = bytes[..5].to_vec();
    tag.push(0);
    tag.extend(seven_bits(frames.len()));
    tag.extend(frames);
    (tag, is_whole)
}

/// The frames that are looked at, as they are written without flags, and whether the last one was whole.
fn kept(mut rest: &[u8], version: Version, is_in_chapter: bool, room: &mut usize) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    while rest.first().is_some_and(|&byte| byte != 0) {
        let (Some((frame, after)), true) = (version.frame(rest), *room > 0) else { return (out, false) };
        *room -= 1;
        rest = after;
        let Some(mut content) = frame.content else { continue };
        match frame.id {
            b"CHAP" if is_in_chapter => continue,
            b"CHAP" => {
                let name = content.iter().position(|&byte| byte == 0);
                let Some(inner) = name.map(|end| end + 1 + TIMES).filter(|&inner| inner <= content.len())
                else {
                    return (out, false);
                };
                let (frames, is_whole) = kept(&content[inner..], version, true, room);
                if !is_whole {
                    return (out, false);
                }
                content.truncate(inner);
                content.extend(frames);
            }
            [b'T' | b'W', ..] | b"COMM" | b"COM" | b"APIC" | b"PIC" => {}
            _ => continue,
        }
        out.extend(version.head(frame.id, content.len()));
        out.extend(content);
    }
    (out, true)
}

impl Version {
    /// The frame that `bytes` begins with, and what stands behind it.
    fn frame(self, bytes: &[u8]) -> Option<(Frame<'_>, &[u8])> {
        let (id, head) = if matches!(self, Self::Two) { (3, 6) } else { (4, 10) };
        let size = match self {
            Self::Two => {
                usize::from(*bytes.get(3)?) << 16
                    | usize::from(*bytes.get(4)?) << 8
                    | usize::from(*bytes.get(5)?)
            }
            Self::Three => number(bytes.get(id..)?, 8)?,
            Self::Four => number(bytes.get(id..)?, 7)?,
        };
        let content = bytes.get(head..)?.get(..size)?;
        let after = &bytes[head + size..];
        let flags = bytes.get(9).copied().unwrap_or_default();
        let content = match self {
            Self::Two => Some(content.to_vec()),
            Self::Three => (flags & 0xe0 == 0).then(|| content.to_vec()),
            // Only a frame that says how long it is without stuffing, and is stuffed.
            Self::Four if flags & 0x4c == 0 => {
                let content = if flags & 1 == 0 { content } else { content.get(4..)? };
                Some(if flags & 2 == 0 { content.to_vec() } else { unstuffed(content) })
            }
            Self::Four => None,
        };
        Some((Frame { id: &bytes[..id], content }, after))
    }

    /// The head of a frame without flags.
    fn head(self, id: &[u8], size: usize) -> Vec<u8> {
        let size = match self {
            Self::Two => (size as u32).to_be_bytes()[1..].to_vec(),
            Self::Three => (size as u32).to_be_bytes().to_vec(),
            Self::Four => seven_bits(size).to_vec(),
        };
        let flags: &[u8] = if matches!(self, Self::Two) { &[] } else { &[0, 0] };
        [id, &size, flags].concat()
    }
}

/// Reads four bytes as one number. Only the lowest `bits` bits of each byte count.
fn number(bytes: &[u8], bits: usize) -> Option<usize> {
    let bytes: &[u8; 4] = bytes.first_chunk()?;
    Some(bytes.iter().fold(0, |number, &byte| number << bits | usize::from(byte) & ((1 << bits) - 1)))
}

fn seven_bits(size: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (size >> shift & 0x7f) as u8)
}

/// Without the zeros that keep players from finding frames of MPEG in a tag (`ID3v2.3`, 5).
fn unstuffed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut is_behind = false;
    for &byte in bytes {
        if !(is_behind && byte == 0) {
            out.push(byte);
        }
        is_behind = byte == 0xff;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    /// A tag, that which is looked at, and whether it was whole.
    type Row = (&'static str, Vec<u8>, Option<Vec<u8>>, bool);

    fn tag(version: u8, flags: u8, frames: &[u8]) -> Vec<u8> {
        [b"ID3", &[version, 0, flags][..], &seven_bits(frames.len()), frames].concat()
    }

    fn frame(id: &[u8], flags: u8, content: &[u8]) -> Vec<u8> {
        [id, &seven_bits(content.len()), &[0, flags], content].concat()
    }

    fn chapter(frames: &[u8]) -> Vec<u8> {
        [b"one\0", &[7; TIMES][..], frames].concat()
    }

    #[test]
    fn a_tag_keeps_what_is_looked_at_and_harms_nobody() {
        let title = frame(b"TIT2", 0, b"\x03Port");
        let stuffed = frame(b"TIT2", 3, b"\0\0\0\x04\xff\0ab");
        let within = frame(b"CHAP", 0, &chapter(&[&title[..], &frame(b"CHAP", 0, &chapter(b""))].concat()));
        let cleaned = frame(b"CHAP", 0, &chapter(&title));
        let long = [b"TIT2\xff\xff\xff\xf0\0\0", &b"\x03Port"[..]].concat();
        let short = b"TT2\0\0\x05\0Port";
        let three = b"TIT2\0\0\0\x05\0\0\0Port";
        let rows: [Row; 12] = [
            ("plain", tag(4, 0, &title), Some(tag(4, 0, &title)), true),
            ("room behind", tag(4, 0, &[&title[..], &[0; 20]].concat()), Some(tag(4, 0, &title)), true),
            (
                "another frame",
                tag(4, 0, &[frame(b"PRIV", 0, b"x"), title.clone()].concat()),
                Some(tag(4, 0, &title)),
                true,
            ),
            (
                "packed",
                tag(4, 0, &[frame(b"TPE1", 9, b"\0\0\0\x09x"), title.clone()].concat()),
                Some(tag(4, 0, &title)),
                true,
            ),
            ("stuffed", tag(4, 0x80, &stuffed), Some(tag(4, 0, &frame(b"TIT2", 0, b"\xffab"))), true),
            ("chapters in chapters", tag(4, 0, &within), Some(tag(4, 0, &cleaned)), true),
            ("longer than its tag", tag(3, 0, &long), Some(tag(3, 0, b"")), false),
            ("version 2", tag(2, 0, short), Some(tag(2, 0, short)), true),
            ("version 3", tag(3, 0, three), Some(tag(3, 0, three)), true),
            (
                "more in its head",
                tag(4, 0x40, &[&[0, 0, 0, 6, 1, 0], &title[..]].concat()),
                Some(tag(4, 0, &title)),
                true,
            ),
            ("a packed tag", tag(2, 0x40, short), None, false),
            ("no tag", b"ID3".to_vec(), None, false),
        ];
        each(rows, |(what, bytes, wanted, is_whole)| {
            assert_eq!(plain(&bytes), (wanted.unwrap_or_default(), is_whole), "{what}");
        });
    }

    #[test]
    fn chapters_as_deep_as_a_tag_allows_end_no_program() {
        let mut content = chapter(b"");
        for _ in 0..20_000 {
            content = frame(b"CHAP", 0, &[b"\0", &[7; TIMES][..], &content].concat());
            if content.len() > 1 << 20 {
                break;
            }
        }
        assert_eq!(plain(&tag(4, 0, &content)).0.len(), HEAD + 10 + 1 + TIMES);
    }
}
