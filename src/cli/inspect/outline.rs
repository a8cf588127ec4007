//! The waveform in a line of blocks.

use crate::output::inspect::Courses;

/// A wider line says no more.
const WIDEST: usize = 96;
/// The line where the terminal does not say its width.
const USUAL: usize = 72;
/// Before and after the line.
const MARGIN: usize = 2;
/// From silence to full scale.
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The upper row goes on where the lower one is full.
const ROWS: usize = 2;

/// Two rows of blocks, as wide as the terminal up to a limit.
pub(super) fn of(courses: &Courses) -> String {
    let width = crossterm::terminal::size().ok().map(|(columns, _)| usize::from(columns));
    // Some terminals say that they have no columns.
    let width = width.filter(|columns| *columns > 0).unwrap_or(USUAL);
    drawn(&courses.peaks(width.saturating_sub(2 * MARGIN).min(WIDEST)))
}

fn drawn(peaks: &[f32]) -> String {
    let full = BLOCKS.len() - 1;
    let mut text = String::new();
    for row in (0..ROWS).rev() {
        let block = |peak: &f32| {
            // A sound that is there is seen.
            let eighths = (peak.clamp(0.0, 1.0) * (ROWS * full) as f32).ceil() as usize;
            BLOCKS[eighths.saturating_sub(row * full).min(full)]
        };
        let line: String = peaks.iter().map(block).collect();
        text.push_str(&format!("{}{}\n", " ".repeat(MARGIN), line.trim_end()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_as_high_as_the_peaks() {
        assert_eq!(drawn(&[0.0, 0.001, 0.25, 0.5, 0.75, 1.0]), "      ▄█\n   ▁▄███\n");
        assert_eq!(drawn(&[]), "  \n  \n");
    }
}
