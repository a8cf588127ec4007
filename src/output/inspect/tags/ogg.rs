//! Opus and Vorbis in Ogg: the comments are the second packet of the stream (RFC 7845, 3; Vorbis I, 4.2.1).

use std::io::{self, BufReader, Read};

use super::vorbis::take_block;
use super::{Found, LARGEST, bytes};

/// The head of a page, without its table of segments (RFC 3533, 6).
const HEAD: u64 = 27;

/// Reads the comments of the first stream.
pub(super) fn read(file: &mut impl Read, found: &mut Found) -> io::Result<()> {
    let packet = second_packet(&mut BufReader::new(file))?;
    let signatures: [&[u8]; 2] = [b"OpusTags", b"\x03vorbis"];
    match signatures.iter().find_map(|signature| packet.strip_prefix(*signature)) {
        Some(block) => take_block(block, found),
        None => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn second_packet(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut packet = Vec::new();
    let mut number = 0;
    let mut stream = None;
    while packet.len() as u64 <= LARGEST {
        let head = bytes(source, HEAD)?;
        if !head.starts_with(b"OggS") {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let segments = bytes(source, u64::from(head[26]))?;
        let content = bytes(source, segments.iter().map(|length| u64::from(*length)).sum())?;
        let serial = &head[14..18];
        if *stream.get_or_insert(serial.to_vec()) != serial {
            continue;
        }
        let mut rest = content.as_slice();
        for length in segments {
            let (segment, after) = rest.split_at(usize::from(length));
            rest = after;
            if number == 1 {
                packet.extend_from_slice(segment);
            }
            // A shorter segment ends a packet.
            if length < 255 {
                if number == 1 {
                    return Ok(packet);
                }
                number += 1;
            }
        }
    }
    Err(io::ErrorKind::FileTooLarge.into())
}
