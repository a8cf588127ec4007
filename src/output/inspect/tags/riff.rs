//! The chunks of a WAV: LIST/INFO and `id3 `, before the sound or behind it.

use std::io::{self, Read, Seek, SeekFrom};

use super::{Found, bytes, id3};

/// A file with more chunks is no sound file.
const MOST_CHUNKS: usize = 10_000;

/// Reads all chunks with tags. ID3 holds more than INFO, and counts first.
pub(super) fn read(file: &mut (impl Read + Seek), found: &mut Found) -> io::Result<()> {
    let end = file.seek(SeekFrom::End(0))?;
    let (mut info, mut tag) = (Vec::new(), None);
    // After the name and the size of the file, and the name of its kind.
    let mut at = 12;
    for _ in 0..MOST_CHUNKS {
        if at + 8 > end {
            break;
        }
        file.seek(SeekFrom::Start(at))?;
        let head = bytes(file, 8)?;
        let length = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        let is_tag = matches!(&head[..4], b"id3 " | b"ID3 ");
        match &head[..4] {
            b"LIST" => info.extend(fields(&bytes(file, length.min(end - at - 8))?)),
            _ if is_tag => tag = Some(bytes(file, length)?),
            _ => {}
        }
        // A chunk of odd length is filled up.
        at += 8 + length.next_multiple_of(2);
    }
    let read = tag.map_or(Ok(()), |tag| id3::take(&tag, found));
    found.take(&info);
    read
}

/// The fields of a LIST of the kind INFO; each ends with a NUL.
fn fields(list: &[u8]) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let Some(mut rest) = list.strip_prefix(b"INFO") else { return fields };
    while let Some((head, after)) = rest.split_at_checked(8) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let text = after.get(..length).unwrap_or(after);
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
        fields.push((text_of(&head[..4]), text_of(text)));
        rest = after.get(length.next_multiple_of(2)..).unwrap_or_default();
    }
    fields
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
