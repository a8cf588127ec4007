//! A sound file in one picture: waveform, short-term loudness with the targets, and spectrogram over one time axis, with the
//! sentences and the chapters marked. The same file gives the same bytes.
//!
//! - [`canvas`]: strokes and letters
//! - [`axis`]: where times lie, and which are written
//! - [`panels`]: the three courses

mod axis;
mod canvas;
mod panels;

use std::io::{self, BufWriter, Write};
use std::path::Path;

use self::axis::TimeAxis;
use self::canvas::{ACCENT, Anchor, Canvas, FAINT, GREY, HEIGHT, INK, Size, WIDTH};
use self::panels::Panel;
use super::{Courses, Findings};
use crate::error::Result;
use crate::output::wav;

/// Between the left edge and the panels: room for the labels of the scales.
const LEFT: i32 = 92;
/// Between the panels and the right edge: room for the names of the targets.
const RIGHT: i32 = 128;
/// The strip of the chapters' names.
const CHAPTERS: i32 = 96;
/// The panels: their upper edges and heights.
const WAVEFORM: Panel = Panel { top: 142, height: 220 };
const LOUDNESS: Panel = Panel { top: 430, height: 220 };
const SPECTROGRAM: Panel = Panel { top: 694, height: 320 };
/// The strip of the sentences.
const SENTENCES: i32 = 372;

/// The words and marks of a picture, which the sound alone does not give.
pub(crate) struct Captioning {
    /// The file's name.
    pub title: String,
    /// The main findings.
    pub subtitle: String,
    /// Where sentences or captions begin, in seconds.
    pub sentences: Vec<f64>,
    /// Where chapters begin, in seconds, and their headings.
    pub chapters: Vec<(f64, Option<String>)>,
}

/// Draws a file and writes the picture, which gets its name when it is whole.
pub(crate) fn write(
    path: &Path,
    findings: &Findings,
    courses: &Courses,
    captioning: &Captioning,
    may_replace: bool,
) -> Result<()> {
    let failed = |cause: io::Error| wav::failed(path, cause);
    let pending = wav::begin_file(path, may_replace)?;
    let pixels = draw(findings, courses, captioning).map_err(failed)?;
    encode(pending.file(), &pixels).map_err(failed)?;
    wav::commit(pending, path, may_replace)
}

fn encode(file: impl Write, pixels: &[u8]) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    let mut encoder = png::Encoder::new(&mut file, WIDTH, HEIGHT);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    file.flush()
}

/// The picture as bytes: red, green and blue of each pixel, row by row.
fn draw(findings: &Findings, courses: &Courses, captioning: &Captioning) -> io::Result<Vec<u8>> {
    let mut pixels = vec![0; (WIDTH * HEIGHT * 3) as usize];
    let canvas = Canvas::new(&mut pixels)?;
    let axis = TimeAxis { left: LEFT, right: WIDTH.cast_signed() - RIGHT, seconds: courses.seconds };
    for (text, y, size, colour) in
        [(&captioning.title, 22, Size::Large, INK), (&captioning.subtitle, 52, Size::Small, GREY)]
    {
        let room = ((WIDTH.cast_signed() - LEFT) / size.advance()) as usize;
        canvas.text(&canvas::fitted(text, room), (LEFT, y), size, colour, Anchor::Left)?;
    }
    for (panel, heading) in [
        (WAVEFORM, "Waveform, dBFS"),
        (LOUDNESS, "Short-term loudness, LUFS from two loudspeakers"),
        (SPECTROGRAM, "Spectrogram, kHz"),
    ] {
        canvas.text(heading, (LEFT, panel.top - 20), Size::Small, GREY, Anchor::Left)?;
    }
    panels::waveform(&canvas, WAVEFORM, axis, courses)?;
    panels::loudness(&canvas, LOUDNESS, axis, courses, &findings.targets)?;
    panels::spectrogram(&canvas, SPECTROGRAM, axis, courses)?;
    for panel in [WAVEFORM, LOUDNESS, SPECTROGRAM] {
        canvas.frame((axis.left, panel.top), (axis.right, panel.bottom()), FAINT)?;
    }
    mark_times(&canvas, axis)?;
    mark_sentences(&canvas, axis, &captioning.sentences)?;
    mark_chapters(&canvas, axis, &captioning.chapters)?;
    drop(canvas);
    Ok(pixels)
}

fn mark_times(canvas: &Canvas, axis: TimeAxis) -> io::Result<()> {
    for (seconds, label) in axis.ticks() {
        let x = axis.x(seconds);
        for panel in [WAVEFORM, LOUDNESS] {
            canvas.line((x, panel.bottom()), (x, panel.bottom() + 4), GREY)?;
        }
        let bottom = SPECTROGRAM.bottom();
        canvas.line((x, bottom), (x, bottom + 6), GREY)?;
        canvas.text(&label, (x, bottom + 10), Size::Small, GREY, Anchor::Middle)?;
    }
    Ok(())
}

fn mark_sentences(canvas: &Canvas, axis: TimeAxis, sentences: &[f64]) -> io::Result<()> {
    if sentences.is_empty() {
        return Ok(());
    }
    canvas.text("sentences", (axis.left - 8, SENTENCES - 2), Size::Small, GREY, Anchor::Right)?;
    for seconds in sentences.iter().filter(|seconds| axis.holds(**seconds)) {
        let x = axis.x(*seconds);
        canvas.fill((x, SENTENCES), (x + 2, SENTENCES + 10), ACCENT)?;
    }
    Ok(())
}

fn mark_chapters(canvas: &Canvas, axis: TimeAxis, chapters: &[(f64, Option<String>)]) -> io::Result<()> {
    let within: Vec<_> = chapters.iter().filter(|(start, _)| axis.holds(*start)).collect();
    let ends = within.iter().skip(1).map(|(start, _)| axis.x(*start)).chain([WIDTH.cast_signed()]);
    for (number, ((start, title), end)) in within.iter().zip(ends).enumerate() {
        let x = axis.x(*start);
        canvas.line((x, CHAPTERS), (x, CHAPTERS + 14), INK)?;
        for panel in [WAVEFORM, LOUDNESS, SPECTROGRAM] {
            canvas.line((x, panel.top), (x, panel.bottom()), INK)?;
        }
        let number = number + 1;
        let title = title.as_deref().filter(|title| canvas::can_write(title));
        let label = title.map_or_else(|| number.to_string(), |title| format!("{number} {title}"));
        let room = ((end - x - 10).max(0) / Size::Small.advance()) as usize;
        canvas.text(&canvas::fitted(&label, room), (x + 5, CHAPTERS), Size::Small, INK, Anchor::Left)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
