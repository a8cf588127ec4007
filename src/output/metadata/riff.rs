//! The chunks of a WAV beside the sound: LIST/INFO, which most programs show, and `id3 `, which holds all.

use std::io;

use super::{Metadata, TagText, id3};

/// Both chunks; nothing for metadata that is empty.
pub(in crate::output) fn chunks(metadata: &Metadata) -> io::Result<Vec<u8>> {
    let mut chunks = info(metadata)?;
    let mut tag = id3::tag(metadata, 0)?;
    if !tag.len().is_multiple_of(2) {
        // Some programs don't know that a byte follows a chunk of odd length.
        tag = id3::tag(metadata, 1)?;
    }
    if !tag.is_empty() {
        chunks.extend(chunk(*b"id3 ", &tag)?);
    }
    Ok(chunks)
}

/// The chunk LIST/INFO (Multimedia Programming Interface and Data Specifications 1.0, IBM and Microsoft 1991).
fn info(metadata: &Metadata) -> io::Result<Vec<u8>> {
    let line = |text: &Option<TagText>| text.as_ref().map(|text| text.as_str().to_owned());
    let fields = [
        (*b"INAM", line(&metadata.title)),
        (*b"IART", line(&metadata.byline)),
        (*b"IPRD", line(&metadata.publication)),
        (*b"ICRD", metadata.date.map(|date| date.to_string())),
        (*b"IGNR", metadata.genre().map(str::to_owned)),
        (*b"ILNG", line(&metadata.language)),
        (*b"ICOP", line(&metadata.copyright)),
        (*b"ICMT", line(&metadata.disclosure)),
        (*b"ISFT", line(&metadata.program)),
    ];
    let mut info = b"INFO".to_vec();
    for (id, text) in fields {
        let Some(text) = text else { continue };
        info.extend(chunk(id, &[text.as_bytes(), &[0]].concat())?);
    }
    if info.len() == 4 { Ok(Vec::new()) } else { chunk(*b"LIST", &info) }
}

/// A chunk with its name and size, filled up to an even length.
fn chunk(id: [u8; 4], content: &[u8]) -> io::Result<Vec<u8>> {
    let mut chunk = [&id[..], &size(content.len())?, content].concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    Ok(chunk)
}

/// A size as RIFF writes it.
pub(in crate::output) fn size(bytes: usize) -> io::Result<[u8; 4]> {
    u32::try_from(bytes)
        .map(u32::to_le_bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::FileTooLarge, "a WAV file can't be larger than 4 GiB"))
}
