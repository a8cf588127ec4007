//! A spectrogram: how strong each pitch is over time.

use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{RealFftPlanner, RealToComplex};

use super::columns::{Columns, Join};
use crate::audio::SampleRate;

/// Rows from the lowest pitch to the highest.
pub(crate) const ROWS: usize = 160;
/// Columns: more than the widest picture has.
const COLUMNS: usize = 2_048;
/// The window lasts about this long: long enough to part the overtones of a voice.
const WINDOW_SECONDS: f64 = 0.04;
/// Windows overlap by three quarters, as is usual for this window.
const HOPS: usize = 4;
/// The lowest pitch that is shown, in hertz: below any voice.
pub(crate) const LOWEST: f64 = 60.0;
/// The highest pitch that is shown; above it speech has nothing.
pub(crate) const HIGHEST: f64 = 16_000.0;

/// Mean powers of the rows in a stretch of time; 1 is a tone of full scale.
#[derive(Clone, Debug)]
pub(crate) struct Powers {
    sums: Box<[f32; ROWS]>,
    windows: f32,
}

impl Powers {
    /// The power of a row in dB below a tone of full scale.
    pub(crate) fn decibels(&self, row: usize) -> f32 {
        10.0 * (self.sums[row] / self.windows).max(1e-12).log10()
    }
}

impl Join for Powers {
    fn join(&mut self, next: &Self) {
        self.sums.iter_mut().zip(next.sums.iter()).for_each(|(sum, more)| *sum += more);
        self.windows += next.windows;
    }
}

/// The spectrogram of sound that came in blocks.
pub(crate) struct Spectrogram {
    /// The columns.
    pub columns: Columns<Powers>,
    /// Seconds of a column.
    seconds_each: f64,
    /// Seconds from the beginning of the sound to the middle of the first window, less half a hop.
    lead_seconds: f64,
    /// The pitch at the upper end in hertz.
    pub highest: f64,
}

impl Spectrogram {
    /// The column at a time, its middle being a whole number.
    pub(crate) fn column_at(&self, seconds: f64) -> f64 {
        (seconds - self.lead_seconds) / self.seconds_each - 0.5
    }
}

/// Makes a spectrogram. Its memory does not grow.
pub(super) struct SpectrumMeter {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    open: Vec<f32>,
    input: Vec<f32>,
    output: Vec<Complex32>,
    scratch: Vec<Complex32>,
    /// First and last bin of each row.
    rows: Vec<(usize, usize)>,
    scale: f32,
    hop_seconds: f64,
    highest: f64,
    columns: Columns<Powers>,
}

/// The pitch at a height from 0 to 1: evenly spaced in mel, as the ear hears.
pub(crate) fn pitch_at(height: f64, highest: f64) -> f64 {
    let (low, high) = (mel(LOWEST), mel(highest));
    700.0 * (((low + height * (high - low)) / 1127.0).exp() - 1.0)
}

/// The height of a pitch.
pub(crate) fn height_of(hertz: f64, highest: f64) -> f64 {
    (mel(hertz) - mel(LOWEST)) / (mel(highest) - mel(LOWEST))
}

/// O'Shaughnessy's scale.
fn mel(hertz: f64) -> f64 {
    1127.0 * (1.0 + hertz / 700.0).ln()
}

impl SpectrumMeter {
    /// Before the first sample.
    pub(super) fn new(rate: SampleRate) -> Self {
        let hertz = f64::from(rate.hertz());
        let length = ((hertz * WINDOW_SECONDS) as usize).next_power_of_two().max(64);
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(length);
        let window: Vec<f32> = (0..length)
            .map(|n| 0.5 - 0.5 * (std::f32::consts::TAU * n as f32 / length as f32).cos())
            .collect();
        let highest = (hertz / 2.0).clamp(2.0 * LOWEST, HIGHEST);
        let bin = |height: f64| pitch_at(height, highest) * length as f64 / hertz;
        let rows = (0..ROWS)
            .map(|row| {
                let edge = |row: usize| (bin(row as f64 / ROWS as f64).round() as usize).min(length / 2);
                (edge(row), edge(row + 1).saturating_sub(1).max(edge(row)))
            })
            .collect();
        // A tone of full scale has this magnitude in its bin: half the sum of the window.
        let scale = 2.0 / window.iter().sum::<f32>();
        Self {
            input: fft.make_input_vec(),
            output: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
            window,
            open: Vec::with_capacity(length),
            rows,
            scale: scale * scale,
            hop_seconds: rate.seconds((length / HOPS) as u64),
            highest,
            columns: Columns::new(COLUMNS),
        }
    }

    /// Takes whole frames of finite samples; the mean of the channels is shown.
    pub(super) fn push(&mut self, samples: &[f32], channels: usize) {
        let share = 1.0 / channels as f32;
        for frame in samples.chunks_exact(channels) {
            self.open.push(frame.iter().sum::<f32>() * share);
            if self.open.len() == self.window.len() {
                self.transform();
                let hop = self.window.len() / HOPS;
                self.open.drain(..hop);
            }
        }
    }

    fn transform(&mut self) {
        let faded = self.open.iter().zip(&self.window).map(|(sample, weight)| sample * weight);
        self.input.iter_mut().zip(faded).for_each(|(place, sample)| *place = sample);
        // Only buffers of wrong lengths are refused.
        if self.fft.process_with_scratch(&mut self.input, &mut self.output, &mut self.scratch).is_err() {
            return;
        }
        let mut sums = Box::new([0.0; ROWS]);
        for (sum, (first, last)) in sums.iter_mut().zip(&self.rows) {
            let powers = self.output[*first..=*last].iter().map(|bin| bin.norm_sqr() * self.scale);
            *sum = powers.fold(0.0, f32::max);
        }
        self.columns.push(Powers { sums, windows: 1.0 });
    }

    /// The spectrogram; the last window is filled up with silence.
    pub(super) fn finish(mut self) -> Spectrogram {
        if !self.open.is_empty() {
            self.open.resize(self.window.len(), 0.0);
            self.transform();
        }
        let seconds_each = self.hop_seconds * self.columns.items_each() as f64;
        let lead_seconds = self.hop_seconds * (HOPS as f64 - 1.0) / 2.0;
        Spectrogram { columns: self.columns, seconds_each, lead_seconds, highest: self.highest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_tone_is_strong_in_its_row_and_nowhere_else() {
        each([(8_000, 300.0), (24_000, 1_000.0), (48_000, 5_000.0), (44_100, 12_000.0)], |(rate, hertz)| {
            let mut meter = SpectrumMeter::new(SampleRate::new(rate).unwrap());
            let step = std::f64::consts::TAU * hertz / f64::from(rate);
            let samples: Vec<f32> = (0..rate).map(|n| (f64::from(n) * step).sin() as f32).collect();
            for block in samples.chunks(999) {
                meter.push(block, 1);
            }
            let found = meter.finish();
            let middle = found.columns.iter().nth(found.columns.iter().count() / 2).unwrap();
            let loudest =
                (0..ROWS).max_by(|a, b| middle.decibels(*a).total_cmp(&middle.decibels(*b))).unwrap();
            let wanted = height_of(hertz, found.highest) * ROWS as f64;
            assert!(
                (loudest as f64 + 0.5 - wanted).abs() < 3.0,
                "{hertz} Hz at {rate}: row {loudest}, {wanted}"
            );
            let level = middle.decibels(loudest);
            assert!((-3.0..0.5).contains(&level), "{hertz} Hz: {level} dB");
            let far = if loudest > ROWS / 2 { loudest - 40 } else { loudest + 40 };
            assert!(middle.decibels(far) < -60.0, "{hertz} Hz: {} dB in row {far}", middle.decibels(far));
        });
    }

    #[test]
    fn heights_and_pitches_are_inverse() {
        each([0.0, 0.25, 1.0], |height| {
            let back = height_of(pitch_at(height, 12_000.0), 12_000.0);
            assert!((back - height).abs() < 1e-9, "{height}: {back}");
        });
    }
}
