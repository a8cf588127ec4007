//! The samples themselves: their peak, those at full scale, those that are no numbers, and the outline of the wave.

use super::columns::{Columns, Join};

/// The largest sample of 16 bits; what reaches it is taken for clipped.
const FULL_SCALE: f32 = 32_767.0 / 32_768.0;
/// Columns of the outline: more than the widest picture has.
const COLUMNS: usize = 4_096;
/// Frames of an item of the outline.
const ITEM: usize = 64;

/// The lowest and the highest sample of a stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Extent {
    /// At most zero.
    pub low: f32,
    /// At least zero.
    pub high: f32,
}

impl Extent {
    /// That of silence.
    pub(crate) const ZERO: Self = Self { low: 0.0, high: 0.0 };

    /// The greatest distance from zero.
    pub(crate) fn peak(self) -> f32 {
        self.high.max(-self.low)
    }

    fn take(&mut self, sample: f32) {
        self.low = self.low.min(sample);
        self.high = self.high.max(sample);
    }
}

impl Join for Extent {
    fn join(&mut self, next: &Self) {
        self.take(next.low);
        self.take(next.high);
    }
}

/// Counts and peaks of samples that come in blocks. Its memory does not grow.
pub(super) struct Levels {
    /// The greatest distance from zero of any sample.
    pub peak: f32,
    /// Samples at or beyond full scale.
    pub clipped: u64,
    /// Samples that are infinite or no numbers.
    pub non_finite: u64,
    outline: Columns<Extent>,
    open: Extent,
    frames_open: usize,
}

impl Levels {
    /// Before the first sample.
    pub(super) fn new() -> Self {
        Self {
            peak: 0.0,
            clipped: 0,
            non_finite: 0,
            outline: Columns::new(COLUMNS),
            open: Extent::ZERO,
            frames_open: 0,
        }
    }

    /// Takes whole frames, and makes silence of samples that are no numbers.
    pub(super) fn push(&mut self, samples: &mut [f32], channels: usize) {
        for frame in samples.chunks_exact_mut(channels) {
            for sample in frame {
                if !sample.is_finite() {
                    self.non_finite += 1;
                    *sample = 0.0;
                }
                let level = sample.abs();
                self.peak = self.peak.max(level);
                self.clipped += u64::from(level >= FULL_SCALE);
                self.open.take(*sample);
            }
            self.frames_open += 1;
            if self.frames_open == ITEM {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        self.outline.push(std::mem::replace(&mut self.open, Extent::ZERO));
        self.frames_open = 0;
    }

    /// The outline, and how many frames a column has.
    pub(super) fn into_outline(mut self) -> (Columns<Extent>, u64) {
        if self.frames_open > 0 {
            self.close();
        }
        let frames = self.outline.items_each() * ITEM as u64;
        (self.outline, frames)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn peaks_and_faults_are_counted() {
        let rows = [
            (vec![0.0, 0.5, -0.75], 1, (0.75, 0, 0)),
            (vec![0.999_97, -1.0, 1.5, 0.999_9], 2, (1.5, 3, 0)),
            (vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.25], 2, (0.25, 0, 3)),
            (Vec::new(), 1, (0.0, 0, 0)),
        ];
        each(rows, |(mut samples, channels, want)| {
            let mut levels = Levels::new();
            levels.push(&mut samples, channels);
            assert_eq!((levels.peak, levels.clipped, levels.non_finite), want, "{samples:?}");
            assert!(samples.iter().all(|sample| sample.is_finite()), "{samples:?}");
        });
    }

    #[test]
    fn the_outline_has_the_extremes_at_their_place() {
        let mut levels = Levels::new();
        let mut samples = vec![0.0; 20 * ITEM];
        (samples[5 * ITEM], samples[9 * ITEM + 3]) = (0.5, -0.25);
        for block in samples.chunks_mut(100) {
            levels.push(block, 1);
        }
        let (outline, frames) = levels.into_outline();
        assert_eq!(frames, ITEM as u64);
        let columns: Vec<Extent> = outline.iter().copied().collect();
        assert_eq!(columns.len(), 20);
        assert_eq!(columns[5], Extent { low: 0.0, high: 0.5 });
        assert_eq!(columns[9], Extent { low: -0.25, high: 0.0 });
        assert!((columns[9].peak() - 0.25).abs() < f32::EPSILON);
    }
}
