//! The body of an answer: unpacked under a limit, and given up as soon as it is sure to be no page.

use std::io::{self, Cursor, Read};

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::fault::Fault;
use crate::magic::{self, HEAD};

/// Bytes that are read at once.
const BLOCK: usize = 16 << 10;

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// As it is.
    None,
    /// RFC 1952, any number of members.
    Gzip,
    /// RFC 1950, or as some servers understand it RFC 1951.
    Deflate,
}

impl Packing {
    /// What the header `Content-Encoding` names; an error for a packing that was not asked for.
    pub(super) fn of(header: Option<&str>) -> Result<Self, Fault> {
        match header.map(|header| header.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => Ok(Self::None),
            Some("gzip" | "x-gzip") => Ok(Self::Gzip),
            Some("deflate") => Ok(Self::Deflate),
            Some(other) => {
                Err(Fault::Compression(format!("it is packed as “{other}”, which nobody asked for")))
            }
        }
    }
}

/// Reads a body of at most `limit` bytes, counted before and after unpacking: a few bytes may become gigabytes, and endless ones
/// none. `only_text` ends it when its first bytes are those of a file that is neither text nor sound.
pub(super) fn read(
    body: impl Read,
    packing: Packing,
    limit: usize,
    only_text: bool,
    failed: impl Fn(io::Error) -> Fault,
) -> Result<Vec<u8>, Fault> {
    let mut counted = Counted { body, left: limit + 1 };
    let mut head = [0; 2];
    let got = fill(&mut counted, &mut head).map_err(&failed)?;
    // Nothing, however it is said to be packed.
    if got == 0 {
        return Ok(Vec::new());
    }
    let whole = Cursor::new(head[..got].to_vec()).chain(&mut counted);
    let mut unpacked: Box<dyn Read + '_> = match packing {
        Packing::None => Box::new(whole),
        Packing::Gzip => Box::new(MultiGzDecoder::new(whole)),
        // The head of zlib: method 8, and a number that 31 divides (RFC 1950, 2.2).
        Packing::Deflate if head[0] & 0x0f == 8 && u16::from_be_bytes(head).is_multiple_of(31) => {
            Box::new(ZlibDecoder::new(whole))
        }
        Packing::Deflate => Box::new(DeflateDecoder::new(whole)),
    };
    let mut bytes = Vec::new();
    let mut is_known = !only_text;
    let mut block = vec![0; BLOCK];
    let result = loop {
        match unpacked.read(&mut block) {
            Ok(0) => break Ok(()),
            Ok(count) => bytes.extend_from_slice(&block[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
        if !is_known && bytes.len() >= HEAD {
            is_known = true;
            check_text(&bytes)?;
        }
        if bytes.len() > limit {
            return Err(Fault::TooLarge(limit));
        }
    };
    drop(unpacked);
    match result {
        _ if counted.left == 0 => Err(Fault::TooLarge(limit)),
        Ok(()) if !is_known => check_text(&bytes).map(|()| bytes),
        Ok(()) => Ok(bytes),
        // Unpacked data that ends too early is a body that was cut off; other faults are of the packing itself.
        Err(error) if packing != Packing::None && error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(Fault::CutOff)
        }
        Err(error) if packing != Packing::None && is_of_packing(&error) => {
            Err(Fault::Compression("its packing is damaged".to_owned()))
        }
        Err(error) => Err(failed(error)),
    }
}

/// A file that is certainly no page. Sound may be played, an archive holds articles or is one; where they are not wanted they are
/// refused by name.
fn check_text(bytes: &[u8]) -> Result<(), Fault> {
    match magic::of(&bytes[..bytes.len().min(HEAD)]) {
        Some(kind) if !kind.is_sound && !kind.is_archive => Err(Fault::NotText(kind.what)),
        _ => Ok(()),
    }
}

fn is_of_packing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData)
        && !error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<ureq::Error>)
}

fn fill(from: &mut impl Read, bytes: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < bytes.len() {
        match from.read(&mut bytes[got..]) {
            Ok(0) => break,
            Ok(count) => got += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

/// Ends after so many bytes.
struct Counted<R> {
    body: R,
    left: usize,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = bytes.len().min(self.left);
        let count = self.body.read(&mut bytes[..most])?;
        self.left -= count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    const STORY: &[u8] =
        b"<p>The port reopened on Monday. Ships came back at noon, and cranes moved again by night.</p>";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    fn unpack(bytes: &[u8], packing: Packing, limit: usize) -> Result<Vec<u8>, Fault> {
        read(bytes, packing, limit, true, |error| Fault::NoConnection(error.to_string()))
    }

    #[test]
    fn bodies_are_unpacked_in_each_way() {
        let rows = [
            (STORY.to_vec(), Packing::None),
            (gzip(STORY), Packing::Gzip),
            ([gzip(&STORY[..9]), gzip(&STORY[9..])].concat(), Packing::Gzip),
            (zlib(STORY), Packing::Deflate),
            (deflate(STORY), Packing::Deflate),
        ];
        each(rows, |(bytes, packing)| {
            assert_eq!(unpack(&bytes, packing, 1000).as_deref(), Ok(STORY), "{packing:?}");
        });
        each([Packing::None, Packing::Gzip, Packing::Deflate], |packing| {
            assert_eq!(unpack(b"", packing, 10), Ok(Vec::new()), "{packing:?}");
        });
    }

    #[test]
    fn the_limit_holds_before_and_after_unpacking() {
        let bomb = gzip(&vec![b'a'; 1 << 20]);
        assert!(bomb.len() < 2000, "{}", bomb.len());
        // Members without content: any number of bytes becomes none.
        let hollow = gzip(b"").repeat(1000);
        let rows = [
            (vec![b'a'; 1000], Packing::None, Ok(1000)),
            (vec![b'a'; 1001], Packing::None, Err(Fault::TooLarge(1000))),
            (gzip(&[b'a'; 1000]), Packing::Gzip, Ok(1000)),
            (gzip(&[b'a'; 1001]), Packing::Gzip, Err(Fault::TooLarge(1000))),
            (bomb, Packing::Gzip, Err(Fault::TooLarge(1000))),
            (zlib(&vec![b'a'; 1 << 20]), Packing::Deflate, Err(Fault::TooLarge(1000))),
            (hollow, Packing::Gzip, Err(Fault::TooLarge(1000))),
        ];
        each(rows, |(bytes, packing, want)| {
            assert_eq!(unpack(&bytes, packing, 1000).map(|bytes| bytes.len()), want, "{packing:?}");
        });
    }

    #[test]
    fn damage_and_other_files_are_told_apart() {
        let packed = gzip(STORY);
        let mut damaged = packed.clone();
        damaged[20] ^= 0xff;
        let rows = [
            (packed[..packed.len() - 9].to_vec(), Packing::Gzip, Fault::CutOff),
            (
                b"no gzip at all, but a page".to_vec(),
                Packing::Gzip,
                Fault::Compression("its packing is damaged".into()),
            ),
            (damaged, Packing::Gzip, Fault::Compression("its packing is damaged".into())),
            (b"%PDF-1.7 \n".repeat(50), Packing::None, Fault::NotText("a PDF document")),
            (b"%PDF-1.7".to_vec(), Packing::None, Fault::NotText("a PDF document")),
            (gzip(b"\x89PNG\r\n\x1a\nIHDR"), Packing::Gzip, Fault::NotText("a PNG image")),
        ];
        each(rows, |(bytes, packing, want)| assert_eq!(unpack(&bytes, packing, 10_000), Err(want)));
        // What is played is not given up.
        assert!(unpack(b"ID3\x04\0\0\0\0\0\0", Packing::None, 100).is_ok());
        let rows = [
            (None, true),
            (Some("GZIP"), true),
            (Some("identity"), true),
            (Some("br"), false),
            (Some("gzip, gzip"), false),
        ];
        each(rows, |(header, is_known)| assert_eq!(Packing::of(header).is_ok(), is_known, "{header:?}"));
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            for packing in [Packing::None, Packing::Gzip, Packing::Deflate] {
                if let Ok(unpacked) = unpack(&bytes, packing, 500) {
                    prop_assert!(unpacked.len() <= 500);
                }
            }
        }
    }
}
