//! Strokes by `plotters`, letters by the bitmap fonts of `embedded-graphics`: no font file is searched or carried.

use std::convert::Infallible;
use std::io;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size as Extent};
use embedded_graphics::mono_font::iso_8859_1::{FONT_8X13, FONT_10X20};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::Drawable;
use embedded_graphics::text::{Baseline, Text};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{PathElement, Rectangle};
use plotters::prelude::BitMapBackend;
use plotters::style::{Color, RGBColor};

/// Pixels from left to right.
pub(super) const WIDTH: u32 = 1_600;
/// Pixels from top to bottom.
pub(super) const HEIGHT: u32 = 1_056;
/// Of the paper.
const PAPER: RGBColor = RGBColor(251, 251, 249);
/// Of the panels.
pub(super) const PANEL: RGBColor = RGBColor(255, 255, 255);
/// Of the sound.
pub(super) const ACCENT: RGBColor = RGBColor(20, 104, 148);
/// Of headings and chapters.
pub(super) const INK: RGBColor = RGBColor(28, 32, 36);
/// Of labels.
pub(super) const GREY: RGBColor = RGBColor(92, 99, 106);
/// Of lines behind the sound.
pub(super) const FAINT: RGBColor = RGBColor(216, 220, 223);

/// A place in pixels, from the upper left.
type Place = (i32, i32);

/// Sizes of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// For the title.
    Large,
    /// For all else.
    Small,
}

impl Size {
    fn font(self) -> &'static MonoFont<'static> {
        match self {
            Self::Large => &FONT_10X20,
            Self::Small => &FONT_8X13,
        }
    }

    /// Pixels from one letter to the next.
    pub(super) fn advance(self) -> i32 {
        let font = self.font();
        (font.character_size.width + font.character_spacing).cast_signed()
    }
}

/// The end of a text that stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// It goes on to the right.
    Left,
    /// It is centred.
    Middle,
    /// It ends there.
    Right,
}

/// Whether the fonts have all letters of a text.
pub(super) fn can_write(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' '..='~' | '\u{a0}'..='\u{ff}'))
}

/// The text with what the fonts have for its letters.
fn writable(text: &str) -> String {
    let plain = |c: char| match c {
        '–' | '—' | '−' => '-',
        '‘' | '’' => '\'',
        '“' | '”' => '"',
        c if can_write(c.encode_utf8(&mut [0; 4])) => c,
        _ => '?',
    };
    text.chars().map(plain).collect()
}

/// The text in at most `room` letters; nothing when it would not be recognised.
pub(super) fn fitted(text: &str, room: usize) -> String {
    const FEWEST: usize = 3;
    match text.chars().count() {
        count if count <= room => text.to_owned(),
        _ if room < FEWEST => String::new(),
        _ => text.chars().take(room - 2).chain("..".chars()).collect(),
    }
}

/// The paper.
pub(super) struct Canvas<'a>(DrawingArea<BitMapBackend<'a>, Shift>);

impl<'a> Canvas<'a> {
    /// An empty one of [`WIDTH`] × [`HEIGHT`], in bytes of red, green and blue.
    pub(super) fn new(pixels: &'a mut [u8]) -> io::Result<Self> {
        let backend =
            BitMapBackend::with_buffer_and_format(pixels, (WIDTH, HEIGHT)).map_err(io::Error::other)?;
        let area = backend.into_drawing_area();
        area.fill(&PAPER).map_err(io::Error::other)?;
        Ok(Self(area))
    }

    /// A filled rectangle with both corners.
    pub(super) fn fill(&self, from: Place, to: Place, colour: RGBColor) -> io::Result<()> {
        self.0.draw(&Rectangle::new([from, to], colour.filled())).map_err(io::Error::other)
    }

    /// The edge of a rectangle.
    pub(super) fn frame(&self, from: Place, to: Place, colour: RGBColor) -> io::Result<()> {
        self.0.draw(&Rectangle::new([from, to], colour)).map_err(io::Error::other)
    }

    /// A thin line.
    pub(super) fn line(&self, from: Place, to: Place, colour: RGBColor) -> io::Result<()> {
        self.0.draw(&PathElement::new([from, to], colour)).map_err(io::Error::other)
    }

    /// A horizontal line of dashes.
    pub(super) fn dashes(&self, y: i32, from: i32, to: i32, colour: RGBColor) -> io::Result<()> {
        (from..to).step_by(9).try_for_each(|x| self.line((x, y), ((x + 4).min(to), y), colour))
    }

    /// A thick line through places.
    pub(super) fn path(&self, places: Vec<Place>, colour: RGBColor) -> io::Result<()> {
        self.0.draw(&PathElement::new(places, colour.stroke_width(2))).map_err(io::Error::other)
    }

    /// One pixel.
    pub(super) fn pixel(&self, place: Place, colour: RGBColor) -> io::Result<()> {
        self.0.draw_pixel(place, &colour).map_err(io::Error::other)
    }

    /// A line of text, whose upper edge is at `place`.
    pub(super) fn text(
        &self,
        text: &str,
        place: Place,
        size: Size,
        colour: RGBColor,
        anchor: Anchor,
    ) -> io::Result<()> {
        let text = writable(text);
        let width = text.chars().map(|_| size.advance()).sum::<i32>();
        let x = match anchor {
            Anchor::Left => place.0,
            Anchor::Middle => place.0 - width / 2,
            Anchor::Right => place.0 - width,
        };
        let style = MonoTextStyle::new(size.font(), BinaryColor::On);
        let mut inked = Inked::default();
        let drawn = Text::with_baseline(&text, Point::new(x, place.1), style, Baseline::Top).draw(&mut inked);
        match drawn {
            Ok(_) => inked.0.into_iter().try_for_each(|place| self.pixel(place, colour)),
            Err(never) => match never {},
        }
    }
}

/// The pixels of letters.
#[derive(Default)]
struct Inked(Vec<Place>);

impl OriginDimensions for Inked {
    fn size(&self) -> Extent {
        Extent::new(WIDTH, HEIGHT)
    }
}

impl DrawTarget for Inked {
    type Color = BinaryColor;
    type Error = Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(&mut self, pixels: I) -> Result<(), Infallible> {
        let inked = pixels.into_iter().filter(|Pixel(_, colour)| colour.is_on());
        self.0.extend(inked.map(|Pixel(point, _)| (point.x, point.y)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn texts_fit_their_room_and_their_font() {
        let rows = [
            ("Introduction", 20, "Introduction"),
            ("Introduction", 6, "Intr.."),
            ("Introduction", 2, ""),
            ("", 0, ""),
        ];
        each(rows, |(text, room, want)| assert_eq!(fitted(text, room), want, "{text} in {room}"));
        assert_eq!(writable("Café – “−16” 항"), "Café - \"-16\" ?");
        assert!(can_write("Café") && !can_write("항구") && !can_write("\n"));
    }
}
