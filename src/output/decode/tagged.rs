//! Sound behind tags. They say nothing that decoding needs, and a reader of tags that follows whatever they claim can be made to end the
//! program: by chapters within chapters, or by a frame of 4 GiB. So they are passed over unread.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

/// The head of a tag, and its foot where it has one (`ID3v2.4`, 3.1 and 3.4).
const HEAD: usize = 10;
/// Tags in front of one sound that are passed over; programs that add one without looking leave two or three.
const MOST_TAGS: usize = 16;

/// Whether a file begins with a tag; it is at its beginning before and after.
pub(super) fn is_tagged(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut head = Vec::new();
    file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(length(&head).is_some())
}

/// What stands behind the tags that a stream begins with.
pub(super) fn behind_tags<R: Read>(mut stream: R) -> io::Result<io::Chain<Cursor<Vec<u8>>, R>> {
    let mut head = Vec::new();
    for _ in 0..MOST_TAGS {
        stream.by_ref().take((HEAD - head.len()) as u64).read_to_end(&mut head)?;
        let Some(length) = length(&head) else { break };
        head.clear();
        io::copy(&mut stream.by_ref().take(length), &mut io::sink())?;
    }
    Ok(Cursor::new(head).chain(stream))
}

/// The bytes of a tag behind its head.
fn length(head: &[u8]) -> Option<u64> {
    let &[b'I', b'D', b'3', version, _, flags, ref size @ ..] = head else { return None };
    let is_size = size.len() == 4 && size.iter().all(|byte| byte & 0x80 == 0);
    let foot = if flags & 0x10 == 0 { 0 } else { HEAD as u64 };
    (version < 0xff && is_size).then(|| size.iter().fold(0, |size, &byte| size << 7 | u64::from(byte)) + foot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn tags_are_passed_over_and_nothing_else() {
        let tag = |flags: u8, content: &[u8]| {
            [b"ID3\x04\0", &[flags, 0, 0, 0, content.len() as u8][..], content].concat()
        };
        let rows: [(&str, Vec<u8>, &[u8]); 8] = [
            ("nothing", Vec::new(), b""),
            ("no tag", b"RIFF and so on".to_vec(), b"RIFF and so on"),
            ("one", [tag(0, b"abc"), b"sound".to_vec()].concat(), b"sound"),
            ("one with a foot", [tag(0x10, b"abc"), b"3DI_______sound".to_vec()].concat(), b"sound"),
            ("two", [tag(0, b"abc"), tag(0, b""), b"sound".to_vec()].concat(), b"sound"),
            ("one that is cut", tag(0, b"abc")[..12].to_vec(), b""),
            ("a head that is cut", b"ID3\x04\0\0".to_vec(), b"ID3\x04\0\0"),
            ("no size", b"ID3\x04\0\0\0\0\0\xff sound".to_vec(), b"ID3\x04\0\0\0\0\0\xff sound"),
        ];
        each(rows, |(what, bytes, wanted)| {
            let mut file = Cursor::new(&bytes);
            assert_eq!(is_tagged(&mut file).unwrap(), what.starts_with("one") || what == "two", "{what}");
            let mut rest = Vec::new();
            behind_tags(file).unwrap().read_to_end(&mut rest).unwrap();
            assert_eq!(rest, wanted, "{what}");
        });
    }
}
