//! Pictures against the rules for covers: JPEG or PNG, square, 1400 to 3000 pixels, RGB, no transparency.

use std::path::Path;

use super::check::ending;
use super::rules::{self, Rule};
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::output::metadata::cover::Cover;

/// Pixels of a side.
const SIDES: std::ops::RangeInclusive<u32> = 1_400..=3_000;
/// The types of colour in the head of a PNG (PNG, third edition, 11.2.1).
const PNG_GREY: u8 = 0;
const PNG_GREY_ALPHA: u8 = 4;
const PNG_RGB_ALPHA: u8 = 6;
/// Where a PNG has the type of its colours: behind the signature, the head's length and name, the sides and the depth.
const PNG_COLOR: usize = 25;

/// The rules that a picture of this name breaks, with what was found.
pub(crate) fn faults(bytes: &[u8], name: &str) -> Vec<(&'static Rule, String)> {
    let Some(cover) = Cover::new(bytes.to_vec()) else {
        let what = crate::magic::of(&bytes[..bytes.len().min(crate::magic::HEAD)]);
        let found = match what.map(|kind| kind.what) {
            Some("a PNG image" | "a JPEG image") => "it can't be read, or has more than 10 MB".to_owned(),
            Some(what) => format!("it is {what}"),
            None => "it is neither".to_owned(),
        };
        return vec![(rules::PICTURE_FORMAT, found)];
    };
    let mut faults = Vec::new();
    let size = cover.size();
    let (width, height) = (size.width, size.height);
    if width != height {
        faults.push((rules::PICTURE_SQUARE, format!("it is {width} by {height}")));
    }
    if !SIDES.contains(&width) || !SIDES.contains(&height) {
        faults.push((rules::PICTURE_SIZE, format!("it is {width} by {height}")));
    }
    let is_png = cover.mime() == "image/png";
    let (has_alpha, color) = if is_png { of_png(bytes) } else { (false, of_jpeg(size.depth)) };
    if has_alpha {
        faults.push((rules::PICTURE_ALPHA, "it has transparency".to_owned()));
    }
    if let Some(color) = color {
        faults.push((rules::PICTURE_COLOR, format!("it is in {color}")));
    }
    let ending = ending(name);
    let endings: &[&str] = if is_png { &["png"] } else { &["jpg", "jpeg"] };
    if !endings.contains(&&*ending) {
        let format = if is_png { "a PNG" } else { "a JPEG" };
        faults
            .push((rules::PICTURE_EXTENSION, format!("it is {format}, and its name ends with “.{ending}”")));
    }
    faults
}

/// Refuses a picture that was given as cover and breaks a rule.
pub(crate) fn accept(bytes: &[u8], file: &Path) -> Result<()> {
    let faults = faults(bytes, &file.to_string_lossy());
    if faults.is_empty() {
        return Ok(());
    }
    let faults: Vec<String> =
        faults.iter().map(|(rule, found)| format!("{}, and {found}", rule.what)).collect();
    let what = format!("this is no cover that podcast apps take: {}", faults.join("; "));
    Err(Error::new(ErrorKind::Feed, what).at(Place::file(file)).with_cure(Cure::MendCover))
}

/// Whether a PNG has transparency, and its colours if they are not RGB.
fn of_png(bytes: &[u8]) -> (bool, Option<&'static str>) {
    let color = bytes.get(PNG_COLOR).copied().unwrap_or(PNG_GREY);
    let has_alpha = matches!(color, PNG_GREY_ALPHA | PNG_RGB_ALPHA) || has_transparent_color(bytes);
    (has_alpha, matches!(color, PNG_GREY | PNG_GREY_ALPHA).then_some("grey"))
}

/// Whether a chunk `tRNS` stands before the picture.
fn has_transparent_color(bytes: &[u8]) -> bool {
    let mut chunks = bytes.get(8..).unwrap_or_default();
    while let Some(length) = chunks.first_chunk().map(|length| u32::from_be_bytes(*length)) {
        match chunks.get(4..8) {
            Some(b"tRNS") => return true,
            Some(b"IDAT") | None => return false,
            Some(_) => {}
        }
        chunks = (length as usize).checked_add(12).and_then(|end| chunks.get(end..)).unwrap_or_default();
    }
    false
}

/// The colours of a JPEG by the bits of a point, if they are not RGB.
fn of_jpeg(depth: u32) -> Option<&'static str> {
    match depth {
        24 => None,
        0..=16 => Some("grey"),
        _ => Some("CMYK"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn png(width: u32, height: u32, color: png::ColorType, is_transparent: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(color);
        if is_transparent {
            encoder.set_trns(vec![0; 6]);
        }
        let samples = color.samples() * (width * height) as usize;
        encoder.write_header().unwrap().write_image_data(&vec![90; samples]).unwrap();
        bytes
    }

    #[test]
    fn each_fault_of_a_picture_is_told() {
        use png::ColorType::{Grayscale, Rgb, Rgba};
        let jpeg = |components: u8, side: [u8; 2]| {
            let frame = [0xff, 0xc0, 0, 17, 8, side[0], side[1], side[0], side[1], components];
            [&b"\xff\xd8"[..], &frame, &[0; 9]].concat()
        };
        let rows: [(Vec<u8>, &str, &[&str]); 13] = [
            (png(1400, 1400, Rgb, false), "https://a.example/c.png?x=1", &[]),
            (png(3000, 3000, Rgb, false), "c.PNG", &[]),
            (png(3001, 3001, Rgb, false), "c.png", &["picture-size"]),
            (png(1399, 1399, Rgb, false), "c.png", &["picture-size"]),
            (png(1400, 1500, Rgb, false), "c.png", &["picture-square"]),
            (png(1400, 1400, Rgba, false), "c.png", &["picture-alpha"]),
            (png(1400, 1400, Rgb, true), "c.png", &["picture-alpha"]),
            (png(1400, 1400, Grayscale, false), "c.png", &["picture-color"]),
            (png(1400, 1400, Rgb, false), "c.jpg", &["picture-extension"]),
            (jpeg(3, [5, 120]), "c.jpeg", &[]),
            (jpeg(4, [5, 120]), "c.jpg", &["picture-color"]),
            (b"GIF89a\x01\x00\x01\x00".to_vec(), "c.gif", &["picture-format"]),
            (b"\x89PNG\r\n\x1a\n".to_vec(), "c.png", &["picture-format"]),
        ];
        each(rows, |(bytes, name, want)| {
            let ids: Vec<&str> = faults(&bytes, name).iter().map(|(rule, _)| rule.id).collect();
            assert_eq!(ids, want, "{name}");
            let refused = accept(&bytes, name.as_ref()).err().map(|error| error.cure().map(Cure::as_str));
            // Only addresses have queries.
            if !name.contains('?') {
                assert_eq!(refused, (!want.is_empty()).then_some(Some("mend-cover")), "{name}");
            }
        });
    }
}
