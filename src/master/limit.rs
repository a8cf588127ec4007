//! Keeps the true peak below a ceiling: that of the sound between the samples, which a loudspeaker plays (ITU-R BS.1770-5,
//! annex 2).
//!
//! The limiter looks ahead. Its gain falls smoothly before a peak, is low enough at the peak, and rises slowly after it:
//!
//! 1. a peak asks for a gain: ceiling ÷ peak, at most 1;
//! 2. after a peak that gain rises exponentially;
//! 3. each sample takes the least gain of the samples that follow within [`LOOK_AHEAD`];
//! 4. a window (Hann) as long as that smooths these. It only averages gains that are low enough, so the result is, too.
//!
//! Where no gain is asked for, the samples pass unchanged. The division into blocks makes no difference.

use std::collections::VecDeque;
use std::f64::consts::TAU;
use std::time::Duration;

use super::resample::interpolator;
use crate::audio::SampleRate;

/// How long before a peak the gain begins to fall: short enough that no syllable before it becomes softer.
const LOOK_AHEAD: Duration = Duration::from_millis(5);
/// The gain has risen by 63 % after this time: slower than a period of the lowest voice, which it would distort.
const RELEASE: Duration = Duration::from_millis(60);
/// A gain this near to 1 (0.001 dB) is 1.
const RELEASED: f32 = 0.9999;
/// Places between two samples that are looked at: with the samples themselves eight times the rate. That is the 192 kHz of the
/// standard for the 24 kHz of most voices.
const PLACES: [f64; 7] = [0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875];
/// Samples that a value between two samples is made of.
const TAPS: usize = 32;
/// Samples before a place that its value needs, the one right before included.
const BEFORE: usize = TAPS / 2;
/// Samples after it.
const AFTER: usize = TAPS / 2;
/// Samples that are judged together: where all are quiet, nothing between them is looked at.
const STRETCH: usize = 128;
/// Peaks closer than this are one.
const APART: Duration = Duration::from_millis(50);

/// What a limiter had to do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Reductions {
    /// How often it lowered a peak; peaks within 50 ms are one.
    pub count: usize,
    /// The greatest reduction, in dB.
    pub deepest: f64,
}

/// A limiter for one mono signal, which comes in blocks of any length. It is late by its look-ahead, but no sample is lost or
/// added.
pub(crate) struct Limiter {
    ceiling: f32,
    look_ahead: usize,
    apart: u64,
    /// The share of its distance to 1 that the gain keeps a sample.
    release: f32,
    window: Vec<f32>,
    filters: [Vec<f32>; PLACES.len()],
    /// No value between samples is greater than the greatest of them times this.
    most: f32,
    /// Samples, from `BEFORE` before the first that has no gain yet or is not passed on.
    held: Vec<f32>,
    /// The gains asked for from `look_ahead` before the first sample that is not passed on, the release included.
    gains: Vec<f32>,
    /// Samples that are passed on.
    passed: u64,
    /// Samples with a gain.
    judged: u64,
    last_peak: Option<u64>,
    reductions: Reductions,
}

impl Limiter {
    /// A limiter whose ceiling is in dB below full scale, as true peak.
    pub(crate) fn new(rate: SampleRate, ceiling: f64) -> Self {
        let look_ahead = rate.samples(LOOK_AHEAD);
        let filters = PLACES.map(|place| interpolator(place, TAPS));
        let norm = |filter: &Vec<f32>| filter.iter().map(|coefficient| coefficient.abs()).sum::<f32>();
        Self {
            ceiling: 10_f64.powf(ceiling / 20.0) as f32,
            look_ahead,
            apart: rate.samples(APART) as u64,
            release: (-1.0 / rate.samples(RELEASE).max(1) as f64).exp() as f32,
            window: hann(look_ahead + 1),
            most: filters.iter().map(norm).fold(1.0, f32::max),
            filters,
            held: vec![0.0; BEFORE],
            gains: vec![1.0; look_ahead],
            passed: 0,
            judged: 0,
            last_peak: None,
            reductions: Reductions::default(),
        }
    }

    /// Takes samples, and appends those to `out` whose gain is known.
    pub(crate) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.held.extend_from_slice(samples);
        self.judge();
        self.pass(out);
    }

    /// Appends the last samples.
    pub(crate) fn finish(mut self, out: &mut Vec<f32>) -> Reductions {
        let count = self.fed();
        self.held.resize(self.held.len() + AFTER, 0.0);
        self.judge();
        self.gains.resize(self.gains.len() + self.look_ahead, 1.0);
        self.judged += self.look_ahead as u64;
        self.pass(out);
        debug_assert_eq!(self.passed, count);
        self.reductions
    }

    /// Samples so far.
    fn fed(&self) -> u64 {
        self.passed + (self.held.len() - BEFORE) as u64
    }

    /// Finds the gains of all samples whose surroundings are known.
    fn judge(&mut self) {
        let ready = self.fed().saturating_sub(AFTER as u64);
        while self.judged < ready {
            let count = (ready - self.judged).min(STRETCH as u64) as usize;
            let first = (self.judged - self.passed) as usize + BEFORE;
            let around = &self.held[first - BEFORE..first + count + AFTER];
            let loudest = around.iter().fold(0.0_f32, |loudest, sample| loudest.max(sample.abs()));
            let released = self.gains.last().is_none_or(|gain| *gain >= 1.0);
            if loudest * self.most <= self.ceiling && released {
                self.gains.resize(self.gains.len() + count, 1.0);
            } else {
                self.judge_each(first, count, loudest);
            }
            self.judged += count as u64;
        }
    }

    fn judge_each(&mut self, first: usize, count: usize, loudest: f32) {
        let is_quiet = loudest * self.most <= self.ceiling;
        let mut before = if is_quiet { 0.0 } else { self.peak_after(first - 1) };
        for (number, at) in (first..first + count).enumerate() {
            let after = if is_quiet { 0.0 } else { self.peak_after(at) };
            let peak = self.held[at].abs().max(before).max(after);
            before = after;
            let last = self.gains.last().copied().unwrap_or(1.0);
            let risen = 1.0 - (1.0 - last) * self.release;
            let risen = if risen > RELEASED { 1.0 } else { risen };
            let gain = if peak * risen > self.ceiling { self.ceiling / peak } else { risen };
            if gain < risen {
                self.count(self.judged + number as u64, gain);
            }
            self.gains.push(gain);
        }
    }

    fn count(&mut self, at: u64, gain: f32) {
        if self.last_peak.is_none_or(|last| at - last > self.apart) {
            self.reductions.count += 1;
        }
        self.last_peak = Some(at);
        self.reductions.deepest = self.reductions.deepest.max(-20.0 * f64::from(gain).log10());
    }

    /// The greatest value between a held sample and the next.
    fn peak_after(&self, at: usize) -> f32 {
        let around = &self.held[at + 1 - BEFORE..=at + AFTER];
        let value = |filter: &Vec<f32>| around.iter().zip(filter).map(|(a, b)| a * b).sum::<f32>();
        self.filters.iter().fold(0.0, |peak, filter| peak.max(value(filter).abs()))
    }

    /// Passes on what has all gains that it needs.
    fn pass(&mut self, out: &mut Vec<f32>) {
        let ready = self.judged.saturating_sub(self.passed + self.look_ahead as u64) as usize;
        let mut done = 0;
        while done < ready {
            let count = (ready - done).min(STRETCH);
            let samples = &self.held[BEFORE + done..BEFORE + done + count];
            let gains = &self.gains[done..done + count + 2 * self.look_ahead];
            if gains.iter().all(|gain| *gain >= 1.0) {
                out.extend_from_slice(samples);
            } else {
                let least = least_ahead(gains, self.look_ahead);
                let smooth = least.windows(self.window.len()).map(|gains| smooth(gains, &self.window));
                out.extend(samples.iter().zip(smooth).map(|(sample, gain)| sample * gain));
            }
            done += count;
        }
        self.held.drain(..done);
        self.gains.drain(..done);
        self.passed += done as u64;
    }
}

/// For each gain that has `ahead` others after it: the least of all these.
fn least_ahead(gains: &[f32], ahead: usize) -> Vec<f32> {
    // Places of gains, each smaller than those before it.
    let mut falling: VecDeque<usize> = VecDeque::new();
    let mut least = Vec::with_capacity(gains.len() - ahead);
    for (at, gain) in gains.iter().enumerate() {
        while falling.back().is_some_and(|last| gains[*last] >= *gain) {
            falling.pop_back();
        }
        falling.push_back(at);
        let Some(begin) = at.checked_sub(ahead) else { continue };
        if falling.front().is_some_and(|first| *first < begin) {
            falling.pop_front();
        }
        least.push(gains[falling[0]]);
    }
    least
}

/// The mean of gains, exactly 1 if all are.
fn smooth(gains: &[f32], window: &[f32]) -> f32 {
    1.0 - gains.iter().zip(window).map(|(gain, weight)| (1.0 - gain) * weight).sum::<f32>()
}

/// A window of Hann whose sum is 1, or a little more, so that no mean is too large.
fn hann(length: usize) -> Vec<f32> {
    let weight = |n: usize| 1.0 - (TAU * (n + 1) as f64 / (length + 1) as f64).cos();
    let sum: f64 = (0..length).map(weight).sum();
    (0..length).map(|n| (weight(n) / sum * (1.0 + 1e-6)) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::master::Resampler;
    use crate::table_test::each;

    fn rate(hertz: u32) -> SampleRate {
        SampleRate::new(hertz).unwrap()
    }

    fn limited(hertz: u32, samples: &[f32], block: usize) -> (Vec<f32>, Reductions) {
        let mut limiter = Limiter::new(rate(hertz), -1.0);
        let mut out = Vec::new();
        for block in samples.chunks(block) {
            limiter.push(block, &mut out);
        }
        let reductions = limiter.finish(&mut out);
        (out, reductions)
    }

    /// The peak at eight times the rate, by the filter of the resampler.
    fn true_peak(hertz: u32, samples: &[f32]) -> f64 {
        let mut resampler = Resampler::new(rate(hertz), rate(8 * hertz)).unwrap();
        let mut out = Vec::new();
        resampler.push(samples, &mut out);
        resampler.finish(&mut out);
        20.0 * f64::from(out.iter().fold(0.0_f32, |peak, x| peak.max(x.abs()))).log10()
    }

    fn sine(hertz: u32, frequency: f64, level: f64, count: usize) -> Vec<f32> {
        let step = TAU * frequency / f64::from(hertz);
        (0..count).map(|n| (level * (step * n as f64 + 0.7).sin()) as f32).collect()
    }

    /// A voice of a kind: bursts of harmonics of 120 Hz that become louder and softer.
    fn bursts(hertz: u32, level: f64) -> Vec<f32> {
        let seconds = |n: usize| n as f64 / f64::from(hertz);
        let sound = |t: f64| (1..30).map(|k| (TAU * 120.0 * f64::from(k) * t).cos()).sum::<f64>() / 29.0;
        let swell = |t: f64| (TAU * 2.0 * t).sin().max(0.0).powi(2);
        (0..hertz as usize).map(|n| (level * sound(seconds(n)) * swell(seconds(n))) as f32).collect()
    }

    #[test]
    fn the_true_peak_stays_below_the_ceiling() {
        let mut click = vec![0.1; 4_000];
        click[2_000] = 1.5;
        let rows = [
            ("a quarter of the rate, whose peaks lie between samples", sine(48_000, 12_000.0, 1.3, 9_600)),
            ("a low tone", sine(48_000, 100.0, 1.1, 48_000)),
            ("a high tone", sine(48_000, 17_000.0, 1.4, 9_600)),
            ("bursts", bursts(48_000, 2.0)),
            ("one sample", click),
        ];
        each(rows, |(name, samples)| {
            let (out, reductions) = limited(48_000, &samples, 1_000);
            assert_eq!(out.len(), samples.len(), "{name}");
            let peak = true_peak(48_000, &out);
            assert!(peak < -0.9, "{name}: {peak} dBTP");
            assert!(reductions.count > 0 && reductions.deepest > 0.5, "{name}: {reductions:?}");
        });
    }

    #[test]
    fn a_sound_below_the_ceiling_passes_unchanged() {
        each(
            [sine(24_000, 440.0, 0.7, 5_000), bursts(24_000, 0.85), vec![0.0; 3_000], vec![0.5]],
            |samples| {
                let (out, reductions) = limited(24_000, &samples, 777);
                assert!(out == samples, "{} samples", samples.len());
                assert_eq!(reductions, Reductions::default());
            },
        );
    }

    #[test]
    fn blocks_make_no_difference() {
        let samples: Vec<f32> =
            [bursts(24_000, 1.4), vec![0.0; 5_000], bursts(24_000, 0.5), vec![1.2; 3]].concat();
        let whole = limited(24_000, &samples, usize::MAX);
        each([1, 7, 100, 127, 128, 1_152, 4_096], |block| {
            assert!(limited(24_000, &samples, block) == whole, "blocks of {block}");
        });
        each([0, 1, 2, 31, 32, 33, 120, 240, 500], |count| {
            let (out, _) = limited(24_000, &vec![1.5; count], 64);
            assert_eq!(out.len(), count);
        });
    }

    #[test]
    fn the_gain_never_jumps_and_comes_back() {
        // Where the sound is constant, it shows the gain.
        let mut samples = vec![0.5; 24_000];
        samples[6_000] = 1.5;
        let (out, reductions) = limited(24_000, &samples, 480);
        assert_eq!(reductions.count, 1);
        let smooth: Vec<f32> = out.iter().enumerate().filter(|(n, _)| *n != 6_000).map(|(_, x)| *x).collect();
        let steepest = smooth.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(steepest < 0.006, "{steepest}");
        let changed = out.iter().enumerate().filter(|(n, x)| *n != 6_000 && (**x - 0.5).abs() > 0.0);
        let places: Vec<usize> = changed.map(|(n, _)| n).collect();
        let (first, last) = (places[0], places[places.len() - 1]);
        assert!(first >= 6_000 - 150, "{first}");
        assert!(last < 6_000 + 24_000 * 6 / 10, "{last}");
    }
}
