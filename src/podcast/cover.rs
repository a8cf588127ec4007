//! A plain cover: the show's title in bold letters, 1400 by 1400 pixels, RGB without transparency.
//!
//! The letters are those of Literata Bold (SIL Open Font License 1.1, `cover/OFL.txt`), as far as Latin, Greek and Cyrillic go.
//! A title in other letters has a cover without words. The same title makes the same bytes.

mod letters;

use std::io;

use self::letters::{Letters, Line};
use super::check::LONGEST_VALUE;
use super::clean::cut_to_characters;

/// Pixels of a side: the fewest that Apple takes.
const SIDE: usize = 1_400;
const MARGIN: f32 = 120.0;
const WIDTH: f32 = SIDE as f32 - 2.0 * MARGIN;
/// The title stands between these heights.
const TOP: f32 = 150.0;
const TITLE_HEIGHT: f32 = 780.0;
/// Pixels of the font's em, from the largest that looks well.
const LARGEST: f32 = 240.0;
const SMALLEST: f32 = 64.0;
const STEP: f32 = 4.0;
/// From this size on a word that is too long is broken, rather than made smaller.
const BREAKING: f32 = 120.0;
/// From one line to the next, in ems.
const LEADING: f32 = 1.2;
/// Letters of the author's name.
const BYLINE: f32 = 54.0;
const BYLINE_AT: f32 = 1_282.0;
/// Lines of a title; a longer one is cut.
const MOST_LINES: usize = 9;
/// Bars of the mark: their width, and the way from one to the next.
const BAR: f32 = 18.0;
const BARS: usize = 30;
/// The middle of the mark, and the height of its highest bar.
const MARK_AT: f32 = 1_080.0;
const MARK_HEIGHT: f32 = 190.0;

type Color = [u8; 3];
const PAPER: Color = [0xfc, 0xf6, 0xea];
/// Grounds on which paper-white letters have a contrast of 7 and more (WCAG 2.2, 1.4.6), each with the colour of its mark.
const GROUNDS: [(Color, Color); 6] = [
    ([0x7d, 0x1a, 0x1e], [0xf0, 0xa5, 0x86]),
    ([0x12, 0x3a, 0x5a], [0x8f, 0xc4, 0xe8]),
    ([0x1d, 0x4a, 0x3a], [0xa6, 0xd4, 0xa8]),
    ([0x3c, 0x2a, 0x5c], [0xc9, 0xb2, 0xee]),
    ([0x2a, 0x2a, 0x2e], [0xf2, 0xc1, 0x4e]),
    ([0x5a, 0x35, 0x10], [0xf0, 0xc4, 0x7e]),
];

/// Draws a cover as PNG.
pub(crate) fn draw(title: &str, author: Option<&str>) -> io::Result<Vec<u8>> {
    // A show's title has at most so many; each one more would be tried in every size.
    let title = &cut_to_characters(title, LONGEST_VALUE);
    let letters = Letters::new().ok_or_else(|| io::Error::other("the letters can't be read"))?;
    let seed = hash(title);
    let (ground, accent) = GROUNDS[(seed % GROUNDS.len() as u64) as usize];
    let mut canvas = Canvas::new(ground);
    let title = letters.drawable(title);
    match &title {
        Some(title) => {
            canvas.title(&letters, title);
            canvas.mark(accent, seed, MARK_AT, MARK_HEIGHT);
        }
        None => canvas.mark(accent, seed, SIDE as f32 / 2.0 - 20.0, 3.6 * MARK_HEIGHT),
    }
    let author = author.map(|author| cut_to_characters(author, LONGEST_VALUE));
    if let Some(author) = author.and_then(|author| letters.drawable(&author)) {
        let line = letters.cut(&author, BYLINE, WIDTH);
        canvas.letters(&letters, &line, BYLINE, MARGIN, BYLINE_AT);
    }
    canvas.png()
}

/// Fowler, Noll and Vo's hash: the same on every machine.
fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

struct Canvas {
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(ground: Color) -> Self {
        Self { pixels: ground.repeat(SIDE * SIDE) }
    }

    /// Lays a colour over a pixel, as much as `cover` says.
    fn blend(&mut self, pixel: usize, color: Color, cover: f32) {
        let Some(under) = self.pixels.get_mut(3 * pixel..3 * pixel + 3) else { return };
        for (under, over) in under.iter_mut().zip(color) {
            let mixed = f32::from(*under) + (f32::from(over) - f32::from(*under)) * cover.clamp(0.0, 1.0);
            *under = mixed.round() as u8;
        }
    }

    /// The title as large as it fits.
    fn title(&mut self, letters: &Letters, title: &str) {
        let mut size = LARGEST;
        let lines = loop {
            let lines = letters.wrap(title, size, WIDTH);
            let is_whole = size <= BREAKING || lines.iter().all(|line| !line.is_broken);
            if is_whole && lines.len() as f32 * LEADING * size <= TITLE_HEIGHT {
                break lines;
            }
            if size <= SMALLEST {
                break shortened(letters, lines, size);
            }
            size -= STEP;
        };
        let ascent = letters.cap_height(size);
        for (index, line) in lines.iter().enumerate() {
            let baseline = TOP + ascent + index as f32 * LEADING * size;
            self.letters(letters, line, size, MARGIN, baseline);
        }
    }

    fn letters(&mut self, letters: &Letters, line: &Line, size: f32, left: f32, baseline: f32) {
        let mut covers = Vec::new();
        letters.draw(line, size, (left, baseline), (SIDE, SIDE), |pixel, cover| covers.push((pixel, cover)));
        for (pixel, cover) in covers {
            self.blend(pixel, PAPER, cover);
        }
    }

    /// A row of bars with round ends, as a wave of sound is drawn.
    fn mark(&mut self, color: Color, seed: u64, middle: f32, height: f32) {
        let step = (WIDTH - BAR) / (BARS - 1) as f32;
        let mut state = seed | 1;
        for index in 0..BARS {
            // Marsaglia's xorshift.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let noise = (state >> 40) as f32 / (1_u64 << 24) as f32;
            let along = index as f32 / (BARS - 1) as f32;
            // High in the middle, flat at both ends.
            let swell = 1.0 - (2.0 * along - 1.0).powi(2);
            let half = (height / 2.0 * (0.12 + 0.88 * swell * (0.35 + 0.65 * noise))).max(BAR / 2.0);
            let center = MARGIN + BAR / 2.0 + index as f32 * step;
            self.bar(color, center, middle - half, middle + half);
        }
    }

    fn bar(&mut self, color: Color, center: f32, top: f32, bottom: f32) {
        let radius = BAR / 2.0;
        let rows = (top - 1.0).max(0.0) as usize..(bottom + 2.0) as usize;
        for y in rows {
            for x in (center - radius - 1.0) as usize..(center + radius + 2.0) as usize {
                let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
                // The way to the line through the middle of the bar.
                let nearest = py.clamp(top + radius, (bottom - radius).max(top + radius));
                let way = ((px - center).powi(2) + (py - nearest).powi(2)).sqrt();
                self.blend(y * SIDE + x, color, radius - way + 0.5);
            }
        }
    }

    fn png(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, SIDE as u32, SIDE as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().map_err(io::Error::other)?;
        writer.write_image_data(&self.pixels).map_err(io::Error::other)?;
        writer.finish().map_err(io::Error::other)?;
        Ok(bytes)
    }
}

/// As many lines as there is room for, the last one with an ellipsis.
fn shortened(letters: &Letters, mut lines: Vec<Line>, size: f32) -> Vec<Line> {
    let room = ((TITLE_HEIGHT / (LEADING * size)) as usize).clamp(1, MOST_LINES);
    if lines.len() > room {
        lines.truncate(room);
        if let Some(last) = lines.pop() {
            lines.push(letters.cut(&format!("{}……", last.text), size, WIDTH));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::podcast::artwork;
    use crate::table_test::each;

    /// Titles whose covers were looked at.
    pub(super) const TITLES: [(&str, &str, Option<&str>); 11] = [
        ("short", "Now", None),
        ("usual", "Harbour News", Some("The Harbour Gazette")),
        ("words", "The Morning Briefing from the Coast", Some("Read aloud by AI")),
        ("accents", "Žluťoučký kůň úpěl ďábelské ódy", Some("Český přehled")),
        ("cyrillic", "Новости гавани за неделю", Some("Газета «Гавань»")),
        ("greek", "Τα νέα του λιμανιού", None),
        ("vietnamese", "Tin tức cảng biển buổi sáng", None),
        ("word", "Donaudampfschifffahrtsgesellschaftskapitän", Some("Wien")),
        (
            "long",
            "All the News That a Town of Forty Thousand Needs in the Morning, Read Aloud Before the First Ferry Leaves for the \
             Islands, With the Weather, the Tides, the Prices at the Fish Market and What the Council Decided Last Night, and \
             Then Everything Else That Happened While You Were Asleep, in the Order in Which It Happened",
            Some("The Editors of a Newspaper Whose Name Is Longer Than Any Cover Is Wide"),
        ),
        ("hangul", "항구 뉴스", Some("Harbour Gazette")),
        ("emoji", "Ferry ⛴ Times", None),
    ];

    #[test]
    fn covers_keep_the_rules_and_are_the_same_each_time() {
        let folder = std::env::var_os("AUDIO_REPORT_COVERS").map(std::path::PathBuf::from);
        each(TITLES, |(name, title, author)| {
            let cover = draw(title, author).unwrap();
            assert_eq!(artwork::faults(&cover, "cover.png"), [], "{name}");
            assert!(cover.len() < 300_000, "{name}: {} bytes", cover.len());
            if let Some(folder) = &folder {
                std::fs::write(folder.join(name).with_extension("png"), &cover).unwrap();
            }
        });
        assert_eq!(draw("Harbour News", None).unwrap(), draw("Harbour News", None).unwrap());
        assert_ne!(draw("Harbour News", None).unwrap(), draw("Harbour Times", None).unwrap());
        each(["\u{0}", &"a".repeat(5_000), &"ffi ".repeat(3_000)], |title| {
            assert!(draw(title, Some(title)).is_ok(), "{title}");
        });
    }

    #[test]
    fn letters_are_easy_to_tell_from_their_ground() {
        let light = |color: Color| {
            let [red, green, blue] = color.map(|value| {
                let value = f32::from(value) / 255.0;
                if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            });
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        each(GROUNDS, |(ground, accent)| {
            let contrast = |color| (light(color) + 0.05) / (light(ground) + 0.05);
            assert!(contrast(PAPER) >= 7.0, "{ground:?}: {}", contrast(PAPER));
            assert!(contrast(accent) >= 4.5, "{ground:?}: {}", contrast(accent));
        });
    }
}
