//! The letters of a cover: which there are, how wide a line is, where it breaks, and how it is drawn.

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use ttf_parser::gpos::{PairAdjustment, PositioningSubtable};
use ttf_parser::{Face, GlyphId, OutlineBuilder};
use unicode_normalization::UnicodeNormalization;

const FONT: &[u8] = include_bytes!("literata-bold.ttf");

/// A font that is read.
pub(super) struct Letters {
    face: Face<'static>,
}

/// A line of a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    /// Whether it ends within a word.
    pub(super) is_broken: bool,
}

impl Letters {
    pub(super) fn new() -> Option<Self> {
        Some(Self { face: Face::parse(FONT, 0).ok()? })
    }

    /// The text as it can be drawn: composed, on one line, without pictures. `None` when it has letters that are not here, or none.
    pub(super) fn drawable(&self, text: &str) -> Option<String> {
        let mut drawable = String::new();
        for c in text.nfc() {
            if c.is_whitespace() {
                drawable.push(' ');
            } else if self.face.glyph_index(c).is_some() {
                drawable.push(c);
            } else if c.is_alphanumeric() {
                return None;
            }
        }
        let words: Vec<&str> = drawable.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    fn glyphs(&self, text: &str) -> impl Iterator<Item = GlyphId> {
        text.chars().filter_map(|c| self.face.glyph_index(c))
    }

    /// Pixels of a font unit.
    fn scale(&self, size: f32) -> f32 {
        size / f32::from(self.face.units_per_em())
    }

    /// The height of a capital letter.
    pub(super) fn cap_height(&self, size: f32) -> f32 {
        self.scale(size) * f32::from(self.face.capital_height().unwrap_or(700))
    }

    /// How wide a line is.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        let (mut units, mut before) = (0.0, None);
        for glyph in self.glyphs(text) {
            units += self.kerning(before.replace(glyph), glyph)
                + f32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0));
        }
        units * self.scale(size)
    }

    /// How much nearer two letters stand, in font units (OpenType, GPOS, pair adjustment).
    fn kerning(&self, before: Option<GlyphId>, glyph: GlyphId) -> f32 {
        let (Some(before), Some(table)) = (before, self.face.tables().gpos) else { return 0.0 };
        for lookup in table.lookups {
            for subtable in lookup.subtables.into_iter::<PositioningSubtable<'_>>() {
                let PositioningSubtable::Pair(pairs) = subtable else { continue };
                let found = match pairs {
                    PairAdjustment::Format1 { coverage, sets } => {
                        coverage.get(before).and_then(|index| sets.get(index)?.get(glyph))
                    }
                    PairAdjustment::Format2 { coverage, classes, matrix } => coverage
                        .contains(before)
                        .then(|| matrix.get((classes.0.get(before), classes.1.get(glyph))))
                        .flatten(),
                };
                // The first that knows the pair counts.
                if let Some((first, _)) = found {
                    return f32::from(first.x_advance);
                }
            }
        }
        0.0
    }

    /// Lines as wide as fit, and as even as they can be without another line.
    pub(super) fn wrap(&self, text: &str, size: f32, width: f32) -> Vec<Line> {
        let lines = self.fill(text, size, width);
        let (mut narrow, mut wide) = (0.0, width);
        // Halved so often, it is exact to a pixel.
        for _ in 0..11 {
            let middle = f32::midpoint(narrow, wide);
            let tried = self.fill(text, size, middle);
            if tried.len() > lines.len() || tried.iter().any(|line| line.is_broken) {
                narrow = middle;
            } else {
                wide = middle;
            }
        }
        if lines.iter().any(|line| line.is_broken) { lines } else { self.fill(text, size, wide) }
    }

    /// Lines filled one after the other.
    fn fill(&self, text: &str, size: f32, width: f32) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for word in text.split(' ') {
            if let Some(last) = lines.last_mut() {
                let longer = format!("{} {word}", last.text);
                if self.width(&longer, size) <= width {
                    last.text = longer;
                    continue;
                }
            }
            let mut rest = word;
            while self.width(rest, size) > width && rest.chars().nth(1).is_some() {
                let end = self.fitting(rest, size, width - self.width("-", size));
                let (head, tail) = rest.split_at(end);
                lines.push(Line { text: format!("{head}-"), is_broken: true });
                rest = tail;
            }
            lines.push(Line { text: rest.to_owned(), is_broken: false });
        }
        lines
    }

    /// How many bytes of a text fit; at least its first letter.
    fn fitting(&self, text: &str, size: f32, width: f32) -> usize {
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
        let mut fitting = 0;
        for end in ends {
            if fitting > 0 && self.width(&text[..end], size) > width {
                break;
            }
            fitting = end;
        }
        fitting
    }

    /// A line that fits, cut with an ellipsis where it must be.
    pub(super) fn cut(&self, text: &str, size: f32, width: f32) -> Line {
        let line = |text: String| Line { text, is_broken: false };
        if self.width(text, size) <= width {
            return line(text.replace("……", "…"));
        }
        let fitting = self.fitting(text, size, width - self.width("…", size));
        let head = text[..fitting].trim_end_matches(|c: char| c == '…' || !c.is_alphanumeric());
        line(format!("{head}…"))
    }

    /// Gives the pixels of a picture that a line covers, and how much of each.
    pub(super) fn draw(
        &self,
        line: &Line,
        size: f32,
        (left, baseline): (f32, f32),
        (width, height): (usize, usize),
        mut paint: impl FnMut(usize, f32),
    ) {
        let scale = self.scale(size);
        let mut pen =
            Pen { raster: Rasterizer::new(width, height), scale, x: left, baseline, ..Pen::default() };
        let mut before = None;
        for glyph in self.glyphs(&line.text) {
            pen.x += scale * self.kerning(before.replace(glyph), glyph);
            self.face.outline_glyph(glyph, &mut pen);
            pen.x += scale * f32::from(self.face.glyph_hor_advance(glyph).unwrap_or(0));
        }
        pen.raster.for_each_pixel(|pixel, cover| {
            if cover > 0.0 {
                paint(pixel, cover);
            }
        });
    }
}

/// Draws outlines at a place.
struct Pen {
    raster: Rasterizer,
    scale: f32,
    x: f32,
    baseline: f32,
    start: Point,
    last: Point,
}

impl Default for Pen {
    fn default() -> Self {
        let origin = point(0.0, 0.0);
        Self { raster: Rasterizer::new(0, 0), scale: 1.0, x: 0.0, baseline: 0.0, start: origin, last: origin }
    }
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> Point {
        point(self.x + self.scale * x, self.baseline - self.scale * y)
    }
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.start = self.at(x, y);
        self.last = self.start;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let to = self.at(x, y);
        self.raster.draw_line(self.last, to);
        self.last = to;
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (by, to) = (self.at(x1, y1), self.at(x, y));
        self.raster.draw_quad(self.last, by, to);
        self.last = to;
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (one, two, to) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.raster.draw_cubic(self.last, one, two, to);
        self.last = to;
    }

    fn close(&mut self) {
        self.raster.draw_line(self.last, self.start);
        self.last = self.start;
    }
}
