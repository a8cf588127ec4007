//! Another rate, by any ratio of whole numbers: a bank of filters, one for each place of an output sample between two
//! input samples (Crochiere and Rabiner, “Multirate Digital Signal Processing”, 1983, chapter 3).
//!
//! The filter has no delay: output sample `n` lies at the time of input sample `n × down ÷ up`. Each is a sum over the
//! same input samples in the same order, so the division into blocks does not change it.

use std::f64::consts::PI;

use crate::audio::SampleRate;

/// Input samples that an output sample is made of, when the rate rises. With the window below, 24 kHz becomes 48 kHz
/// flat to 11.4 kHz, and images from 12.6 kHz on are inaudible.
const TAPS: usize = 128;
/// Shape of the window: it keeps images 100 dB below (Kaiser and Schafer, 1980).
const BETA: f64 = 10.0;
/// Sums that are added side by side, as vector instructions do.
const LANES: usize = 8;

/// Changes the rate of a signal that comes in blocks of any length.
pub(crate) struct Resampler {
    up: u64,
    down: u64,
    /// Input samples an output sample, a multiple of `2 × LANES`.
    taps: usize,
    /// The coefficients of each filter, one filter after the other.
    filters: Vec<f32>,
    /// Input samples that are still needed, silence before the first included.
    held: Vec<f32>,
    /// Input samples that are no longer held.
    gone: u64,
    fed: u64,
    made: u64,
}

impl Resampler {
    /// From one rate to another; `None` if they are the same.
    pub(crate) fn new(from: SampleRate, to: SampleRate) -> Option<Self> {
        if from == to {
            return None;
        }
        let shared = greatest_common_divisor(from.hertz(), to.hertz());
        let (up, down) = (to.hertz() / shared, from.hertz() / shared);
        // A lower rate needs a lower band, and so a longer filter.
        let band = (f64::from(up) / f64::from(down)).min(1.0);
        let taps = ((TAPS as f64 / band).ceil() as usize).next_multiple_of(2 * LANES);
        let filters =
            (0..up).flat_map(|place| filter(f64::from(place) / f64::from(up), band, taps)).collect();
        let (up, down) = (u64::from(up), u64::from(down));
        Some(Self { up, down, taps, filters, held: vec![0.0; taps / 2 - 1], gone: 0, fed: 0, made: 0 })
    }

    /// Takes samples, and appends to `out` those that are ready.
    pub(crate) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.fed += samples.len() as u64;
        self.held.extend_from_slice(samples);
        self.make(out);
    }

    /// Appends the last samples: there are now as many as last equally long, rounded up.
    pub(crate) fn finish(mut self, out: &mut Vec<f32>) {
        // So the last window is that of the last input sample.
        self.held.resize(self.held.len() + self.taps / 2, 0.0);
        self.make(out);
        debug_assert_eq!(self.made, (self.fed * self.up).div_ceil(self.down));
    }

    fn make(&mut self, out: &mut Vec<f32>) {
        loop {
            let position = self.made * self.down;
            let start = (position / self.up - self.gone) as usize;
            let Some(window) = self.held.get(start..start + self.taps) else {
                let done = start.min(self.held.len());
                self.held.drain(..done);
                self.gone += done as u64;
                return;
            };
            let filter = (position % self.up) as usize * self.taps;
            out.push(product(window, &self.filters[filter..filter + self.taps]));
            self.made += 1;
        }
    }
}

/// A whole signal at another rate.
pub(crate) fn resampled(samples: &[f32], from: SampleRate, to: SampleRate) -> Vec<f32> {
    let Some(mut resampler) = Resampler::new(from, to) else { return samples.to_vec() };
    let mut out = Vec::new();
    resampler.push(samples, &mut out);
    resampler.finish(&mut out);
    out
}

/// The filter for a value that lies `place` of a sample behind the middle of `taps` samples, at their own rate.
pub(super) fn interpolator(place: f64, taps: usize) -> Vec<f32> {
    filter(place, 1.0, taps).collect()
}

/// The coefficients for an output sample that lies `place` of a sample behind the middle of the window.
fn filter(place: f64, band: f64, taps: usize) -> impl Iterator<Item = f32> {
    let half = (taps / 2) as f64;
    let exact: Vec<f64> = (0..taps)
        .map(|tap| {
            let time = tap as f64 - (half - 1.0) - place;
            let sinc = if time == 0.0 { 1.0 } else { (PI * band * time).sin() / (PI * band * time) };
            let inside = (1.0 - (time / half).powi(2)).max(0.0);
            sinc * bessel(BETA * inside.sqrt())
        })
        .collect();
    // Each filter passes a constant unchanged.
    let sum: f64 = exact.iter().sum();
    exact.into_iter().map(move |coefficient| (coefficient / sum) as f32)
}

/// The modified Bessel function of the first kind and order zero, by its series.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term, mut number) = (1.0, 1.0, 1.0);
    while term > sum * 1e-17 {
        term *= (x / (2.0 * number)).powi(2);
        sum += term;
        number += 1.0;
    }
    sum
}

fn product(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn resample(from: u32, to: u32, samples: &[f32], block: usize) -> Vec<f32> {
        let rate = |hertz| SampleRate::new(hertz).unwrap();
        let mut resampler = Resampler::new(rate(from), rate(to)).unwrap();
        let mut out = Vec::new();
        for block in samples.chunks(block) {
            resampler.push(block, &mut out);
        }
        resampler.finish(&mut out);
        out
    }

    fn sine(rate: u32, hertz: f64, count: usize) -> Vec<f32> {
        let step = 2.0 * PI * hertz / f64::from(rate);
        (0..count).map(|n| (0.5 * (step * n as f64).sin()) as f32).collect()
    }

    #[test]
    fn a_sine_keeps_its_amplitude_and_phase_and_has_no_images() {
        let rows = [
            (24_000, 48_000, &[50.0, 1_000.0, 5_000.0, 9_000.0, 11_300.0][..]),
            (22_050, 48_000, &[50.0, 1_000.0, 10_300.0]),
            (44_100, 48_000, &[1_000.0, 20_000.0]),
            (16_000, 48_000, &[1_000.0, 7_500.0]),
            (48_000, 24_000, &[50.0, 1_000.0, 11_300.0]),
        ];
        each(rows, |(from, to, frequencies)| {
            for &hertz in frequencies {
                let out = resample(from, to, &sine(from, hertz, from as usize), 1_000);
                // A tenth of a second at each end is left out: there the signal begins and ends suddenly.
                let edge = to as usize / 10;
                let step = 2.0 * PI * hertz / f64::from(to);
                let (mut signal, mut rest, mut along) = (0.0, 0.0, 0.0);
                for (n, &sample) in out.iter().enumerate().skip(edge).take(out.len() - 2 * edge) {
                    let want = 0.5 * (step * n as f64).sin();
                    signal += want * want;
                    along += want * f64::from(sample);
                    rest += (f64::from(sample) - want).powi(2);
                }
                let gain = 20.0 * (along / signal).log10();
                let below = 10.0 * (rest / signal).log10();
                assert!(gain.abs() < 0.01, "{from} → {to}, {hertz} Hz: {gain} dB");
                assert!(below < -90.0, "{from} → {to}, {hertz} Hz: what is wrong is at {below} dB");
            }
        });
    }

    #[test]
    fn the_length_is_exact_and_blocks_make_no_difference() {
        let rows = [
            (24_000, 48_000),
            (22_050, 48_000),
            (48_000, 24_000),
            (44_100, 48_000),
            (96_000, 48_000),
            (11_025, 16_000),
        ];
        each(rows, |(from, to)| {
            for count in [0, 1, 2, 63, 64, 65, 127, 128, 129, 1_151, 5_000] {
                let samples = sine(from, 440.0, count);
                let whole = resample(from, to, &samples, usize::MAX);
                let wanted = (count as u64 * u64::from(to)).div_ceil(u64::from(from));
                assert_eq!(whole.len() as u64, wanted, "{from} → {to}: {count} samples");
                for block in [1, 7, 100, 1_152] {
                    let divided = resample(from, to, &samples, block);
                    assert!(divided == whole, "{from} → {to}: {count} samples, blocks of {block}");
                }
            }
        });
    }

    #[test]
    fn what_is_there_stays_at_its_place() {
        let samples: Vec<f32> = (0..500_u16).map(|n| f32::from(n * 37 % 101) / 101.0).collect();
        let out = resample(24_000, 48_000, &samples, 64);
        let kept: Vec<f32> = out.iter().step_by(2).copied().collect();
        let worst = kept.iter().zip(&samples).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-6, "{worst}");
    }
}
