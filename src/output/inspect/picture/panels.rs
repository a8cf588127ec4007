//! The three courses.

use std::io;

use plotters::style::RGBColor;

use super::axis::TimeAxis;
use super::canvas::{ACCENT, Anchor, Canvas, FAINT, GREY, PANEL, Size};
use crate::output::inspect::Courses;
use crate::output::inspect::loudness::Comparison;
use crate::output::inspect::spectrum::{Powers, ROWS, Spectrogram, height_of};

/// The scale of the loudness in LUFS: the targets have room for their names, and published speech fits.
const LOUDNESS: std::ops::RangeInclusive<f64> = -36.0..=-6.0;
/// Half the window of the short-term loudness in seconds: a value is drawn in the middle of what it is measured of.
const HALF_WINDOW: f64 = 1.5;
/// Levels so far below the strongest are white, in dB.
const DEPTH: f32 = 70.0;
/// The strongest of a silent file counts as this, so that its noise stays white, in dB.
const LEAST_STRONG: f32 = -50.0;
/// Colours of the spectrogram from nothing to the strongest.
const COLOURS: [RGBColor; 5] =
    [PANEL, RGBColor(214, 230, 239), RGBColor(120, 176, 207), ACCENT, RGBColor(8, 36, 58)];

/// A panel's upper edge and height.
#[derive(Clone, Copy, Debug)]
pub(super) struct Panel {
    pub top: i32,
    pub height: i32,
}

impl Panel {
    /// The lower edge.
    pub(super) const fn bottom(self) -> i32 {
        self.top + self.height
    }

    /// The pixel at a height from 0 to 1.
    fn y(self, height: f64) -> i32 {
        self.bottom() - (height * f64::from(self.height)).round() as i32
    }

    fn label(self, canvas: &Canvas, axis: TimeAxis, height: f64, label: &str) -> io::Result<()> {
        canvas.text(label, (axis.left - 8, self.y(height) - 6), Size::Small, GREY, Anchor::Right)
    }

    fn clear(self, canvas: &Canvas, axis: TimeAxis) -> io::Result<()> {
        canvas.fill((axis.left, self.top), (axis.right, self.bottom()), PANEL)
    }
}

/// The lowest and highest sample of each column of pixels.
pub(super) fn waveform(canvas: &Canvas, panel: Panel, axis: TimeAxis, courses: &Courses) -> io::Result<()> {
    panel.clear(canvas, axis)?;
    let height = |sample: f32| f64::from(sample.clamp(-1.0, 1.0)) / 2.0 + 0.5;
    for (level, label) in [(1.0, "0"), (0.501, "-6"), (0.251, "-12")] {
        for sample in [level, -level] {
            canvas.line(
                (axis.left, panel.y(height(sample))),
                (axis.right, panel.y(height(sample))),
                FAINT,
            )?;
            panel.label(canvas, axis, height(sample), label)?;
        }
    }
    for (x, extent) in (axis.left..axis.right).zip(courses.extents(axis.width() as usize)) {
        canvas.line((x, panel.y(height(extent.high))), (x, panel.y(height(extent.low))), ACCENT)?;
    }
    Ok(())
}

/// The short-term loudness and the targets.
pub(super) fn loudness(
    canvas: &Canvas,
    panel: Panel,
    axis: TimeAxis,
    courses: &Courses,
    targets: &[Comparison],
) -> io::Result<()> {
    panel.clear(canvas, axis)?;
    let (low, high) = (*LOUDNESS.start(), *LOUDNESS.end());
    let height = |lufs: f64| ((lufs - low) / (high - low)).clamp(0.0, 1.0);
    for lufs in [-30.0, -20.0, -10.0] {
        canvas.line((axis.left, panel.y(height(lufs))), (axis.right, panel.y(height(lufs))), FAINT)?;
        panel.label(canvas, axis, height(lufs), &format!("{lufs}"))?;
    }
    for target in targets {
        let y = panel.y(height(target.lufs));
        let colour = if target.is_met { ACCENT } else { GREY };
        canvas.dashes(y, axis.left, axis.right, colour)?;
        let label = format!("{} {}", target.name, target.lufs);
        canvas.text(&label, (axis.right + 6, y - 6), Size::Small, colour, Anchor::Left)?;
    }
    let mut places = Vec::new();
    for (number, short_term) in courses.short_term.iter().enumerate() {
        let seconds = (number as f64 + 1.0) * courses.short_term_seconds - HALF_WINDOW;
        if short_term.0 >= low && axis.holds(seconds) {
            places.push((axis.x(seconds), panel.y(height(short_term.0))));
        } else if !places.is_empty() {
            canvas.path(std::mem::take(&mut places), ACCENT)?;
        }
    }
    canvas.path(places, ACCENT)
}

/// The strength of each pitch.
pub(super) fn spectrogram(
    canvas: &Canvas,
    panel: Panel,
    axis: TimeAxis,
    courses: &Courses,
) -> io::Result<()> {
    panel.clear(canvas, axis)?;
    let Some(spectrogram) = &courses.spectrogram else { return Ok(()) };
    let levels = Levels::new(spectrogram);
    let half_pixel = axis.seconds_at(0);
    for offset in 0..axis.width() {
        let column = levels.column(
            spectrogram.column_at(axis.seconds_at(offset) - half_pixel),
            spectrogram.column_at(axis.seconds_at(offset) + half_pixel),
        );
        for y in 0..panel.height {
            let row = (f64::from(panel.height - y) - 0.5) / f64::from(panel.height) * ROWS as f64 - 0.5;
            canvas.pixel((axis.left + offset, panel.top + y), levels.colour(between(&column, row)))?;
        }
    }
    for hertz in [100.0, 300.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 12_000.0, 16_000.0] {
        let height = height_of(hertz, spectrogram.highest);
        if height <= 1.001 {
            canvas.line((axis.left - 4, panel.y(height)), (axis.left, panel.y(height)), GREY)?;
            panel.label(canvas, axis, height, &format!("{}", hertz / 1_000.0))?;
        }
    }
    Ok(())
}

/// The levels of a spectrogram in dB, column by column.
struct Levels {
    columns: Vec<[f32; ROWS]>,
    strongest: f32,
}

impl Levels {
    fn new(spectrogram: &Spectrogram) -> Self {
        let column = |powers: &Powers| std::array::from_fn(|row| powers.decibels(row));
        let columns: Vec<[f32; ROWS]> = spectrogram.columns.iter().map(column).collect();
        let strongest = columns.iter().flatten().copied().fold(LEAST_STRONG, f32::max);
        Self { columns, strongest }
    }

    /// The levels between two places in columns: the strongest of each row where there are several columns, or else a blend of
    /// two neighbours.
    fn column(&self, from: f64, to: f64) -> [f32; ROWS] {
        let last = self.columns.len().saturating_sub(1);
        let index = |place: f64| (place.max(0.0) as usize).min(last);
        let middle = f64::midpoint(from, to).max(0.0);
        let (first, second) = (index(middle.floor()), index(middle.floor() + 1.0));
        if to - from > 1.0 {
            let columns = self.columns.get(index(from.ceil())..=index(to)).unwrap_or_default();
            return std::array::from_fn(|row| {
                columns.iter().map(|column| column[row]).fold(f32::NEG_INFINITY, f32::max)
            });
        }
        let share = middle.fract() as f32;
        match (self.columns.get(first), self.columns.get(second)) {
            (Some(a), Some(b)) => std::array::from_fn(|row| a[row] * (1.0 - share) + b[row] * share),
            _ => [f32::NEG_INFINITY; ROWS],
        }
    }

    fn colour(&self, level: f32) -> RGBColor {
        let strength = (1.0 - (self.strongest - level) / DEPTH).clamp(0.0, 1.0) * (COLOURS.len() - 1) as f32;
        let index = (strength as usize).min(COLOURS.len() - 2);
        let (below, above, share) = (COLOURS[index], COLOURS[index + 1], strength - index as f32);
        let blend = |a: u8, b: u8| (f32::from(a) * (1.0 - share) + f32::from(b) * share).round() as u8;
        RGBColor(blend(below.0, above.0), blend(below.1, above.1), blend(below.2, above.2))
    }
}

/// The level at a place between two rows.
fn between(column: &[f32; ROWS], place: f64) -> f32 {
    let place = place.clamp(0.0, (ROWS - 1) as f64);
    let (row, share) = (place as usize, place.fract() as f32);
    column[row] * (1.0 - share) + column[(row + 1).min(ROWS - 1)] * share
}
