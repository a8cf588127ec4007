//! Covers: JPEG and PNG images as they are. Their size is read from their heads; nothing is decoded.

use std::fmt;

/// Larger covers are refused: players read the whole picture before the first sound.
pub(crate) const LARGEST: usize = 10_000_000;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";

/// A picture that players show.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Cover {
    bytes: Vec<u8>,
    mime: &'static str,
    size: Size,
}

/// The size of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bits of a pixel.
    pub depth: u32,
    /// Colours of a palette; zero where there is none.
    pub colors: u32,
}

impl Cover {
    /// `None` when the bytes are neither JPEG nor PNG, when their size can't be found, or when they are too many.
    pub(crate) fn new(bytes: Vec<u8>) -> Option<Self> {
        let (mime, size) = match () {
            () if bytes.len() > LARGEST => return None,
            () if bytes.starts_with(PNG) => ("image/png", size_of_png(&bytes)?),
            () if bytes.starts_with(JPEG) => ("image/jpeg", size_of_jpeg(&bytes)?),
            () => return None,
        };
        (size.width > 0 && size.height > 0).then_some(Self { bytes, mime, size })
    }

    /// The image as it was given.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its media type.
    pub(crate) fn mime(&self) -> &'static str {
        self.mime
    }

    /// Its size.
    #[cfg(any(feature = "flac", feature = "inspect", feature = "opus", feature = "podcast"))]
    pub(crate) fn size(&self) -> Size {
        self.size
    }
}

impl fmt::Debug for Cover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {:?}, {} bytes", self.mime, self.size, self.bytes.len())
    }
}

/// The fields of the chunk IHDR, which is the first, and the length of the palette (PNG, third edition, 11.2).
fn size_of_png(bytes: &[u8]) -> Option<Size> {
    const INDEXED: u8 = 3;
    let rest = bytes.get(PNG.len()..)?;
    let number = |bytes: &[u8]| bytes.first_chunk().map(|bytes| u32::from_be_bytes(*bytes));
    let (length, name, head) = (number(rest)?, rest.get(4..8)?, rest.get(8..21)?);
    if (length, name) != (13, b"IHDR") {
        return None;
    }
    let mut size = Size { width: number(head)?, height: number(&head[4..])?, ..Size::default() };
    let (bits, kind) = (u32::from(head[8]), head[9]);
    size.depth = match kind {
        0 => bits,
        2 => 3 * bits,
        // The colours of a palette have eight bits a channel.
        INDEXED => 24,
        4 => 2 * bits,
        6 => 4 * bits,
        _ => return None,
    };
    if kind == INDEXED {
        size.colors = palette_of_png(rest)?;
    }
    Some(size)
}

/// The colours of the palette, the chunk PLTE among `chunks`.
fn palette_of_png(mut chunks: &[u8]) -> Option<u32> {
    loop {
        let length = u32::from_be_bytes(*chunks.first_chunk()?);
        if chunks.get(4..8)? == b"PLTE" {
            return Some(length / 3);
        }
        // A chunk has its length, its name and a checksum around its content.
        chunks = chunks.get((length as usize).checked_add(12)?..)?;
    }
}

/// The fields of the frame header (ITU-T T.81, B.2.2), in front of which other segments stand.
fn size_of_jpeg(bytes: &[u8]) -> Option<Size> {
    let number = |bytes: &[u8]| bytes.first_chunk().map(|bytes| u16::from_be_bytes(*bytes));
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            // Any number of these may stand before a marker.
            0xff => at += 1,
            // Markers without a segment.
            0x01 | 0xd0..=0xd8 => at += 2,
            // Frames of all kinds; the other three codes of the range are tables.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let head = bytes.get(at + 4..at + 10)?;
                return Some(Size {
                    height: u32::from(number(&head[1..])?),
                    width: u32::from(number(&head[3..])?),
                    depth: u32::from(head[0]) * u32::from(head[5]),
                    colors: 0,
                });
            }
            // The image begins or ends, and no frame header came.
            0xda | 0xd9 | 0x00 => return None,
            _ => at += 2 + usize::from(number(bytes.get(at + 2..)?)?.max(2)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn chunk(name: &[u8], content: &[u8]) -> Vec<u8> {
        let length = (content.len() as u32).to_be_bytes();
        [&length[..], name, content, &[0; 4]].concat()
    }

    fn png(bits: u8, kind: u8, more: &[u8]) -> Vec<u8> {
        let head = [&640_u32.to_be_bytes()[..], &480_u32.to_be_bytes(), &[bits, kind, 0, 0, 0]].concat();
        [PNG, &chunk(b"IHDR", &head), more].concat()
    }

    fn jpeg(before: &[u8], frame: u8) -> Vec<u8> {
        let frame = [0xff, frame, 0, 17, 8, 0x01, 0xe0, 0x02, 0x80, 3];
        [b"\xff\xd8", before, &frame, &[0; 9]].concat()
    }

    #[test]
    fn the_size_is_in_the_head() {
        let app = [&[0xff, 0xe0, 0, 6][..], b"JFIF"].concat();
        let padded = [&app[..], &[0xff, 0xff, 0xff, 0xc4, 0, 3, 0]].concat();
        let palette = [chunk(b"gAMA", &[0; 4]), chunk(b"PLTE", &[7; 48])].concat();
        let rows = [
            ("PNG in colour", png(8, 2, &[]), Some((24, 0))),
            ("PNG with transparency", png(16, 6, &[]), Some((64, 0))),
            ("PNG in grey", png(1, 0, &[]), Some((1, 0))),
            ("PNG with a palette", png(4, 3, &palette), Some((24, 16))),
            ("PNG without its palette", png(4, 3, &[]), None),
            ("PNG of no known kind", png(8, 5, &[]), None),
            ("PNG that is cut", png(8, 2, &[])[..25].to_vec(), None),
            ("JPEG", jpeg(&app, 0xc0), Some((24, 0))),
            ("progressive JPEG", jpeg(&padded, 0xc2), Some((24, 0))),
            ("JPEG that is cut", jpeg(&app, 0xc0)[..15].to_vec(), None),
            ("JPEG without a frame", [&b"\xff\xd8"[..], &app, b"\xff\xda"].concat(), None),
            ("JPEG with a segment that is too short", jpeg(&[0xff, 0xe1, 0, 0], 0xc0), Some((24, 0))),
            ("JPEG of rubbish", [JPEG, &[0x55; 100]].concat(), None),
            ("WebP", b"RIFF\0\0\0\0WEBPVP8 ".to_vec(), None),
            ("GIF", b"GIF89a\x01\x00\x01\x00".to_vec(), None),
            ("nothing", Vec::new(), None),
        ];
        each(rows, |(what, bytes, want)| {
            let size = Cover::new(bytes).map(|cover| cover.size);
            let want = want.map(|(depth, colors)| Size { width: 640, height: 480, depth, colors });
            assert_eq!(size, want, "{what}");
        });
    }

    #[test]
    fn a_cover_has_its_limits() {
        let mut large = png(8, 2, &[]);
        large.resize(LARGEST, 0);
        assert!(Cover::new(large.clone()).is_some());
        large.push(0);
        assert!(Cover::new(large).is_none());
        let mut flat = png(8, 2, &[]);
        flat[16..20].fill(0);
        assert!(Cover::new(flat).is_none(), "a picture without a width");
    }
}
