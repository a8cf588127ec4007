//! The last steps before a coder: one gain, the coder's rate, music, and the limiter, which sees what is coded.

use super::limit::{Limiter, Reductions};
use super::mix::Mix;
use super::resample::Resampler;
use crate::audio::SampleRate;

/// No sample is greater than this before the gain; a voice that fails might make any.
const GREATEST: f32 = 8.0;

/// Finishes a mono signal that comes in blocks of any length.
pub(crate) struct Finish {
    gain: f32,
    resampler: Option<Resampler>,
    mix: Option<Mix>,
    limiter: Limiter,
    amplified: Vec<f32>,
    resampled: Vec<f32>,
}

impl Finish {
    /// From the voice's rate to the coder's, with a gain in dB and a ceiling in dBTP.
    pub(crate) fn new(from: SampleRate, to: SampleRate, gain: f64, ceiling: f64) -> Self {
        Self {
            gain: 10_f64.powf(gain / 20.0) as f32,
            resampler: Resampler::new(from, to),
            mix: None,
            limiter: Limiter::new(to, ceiling),
            amplified: Vec::new(),
            resampled: Vec::new(),
        }
    }

    /// The same with music at the coder's rate.
    #[must_use]
    pub(crate) fn with_mix(mut self, mut mix: Mix, out: &mut Vec<f32>) -> Self {
        let mut before = Vec::new();
        mix.begin(&mut before);
        self.limiter.push(&before, out);
        Self { mix: Some(mix), ..self }
    }

    /// Takes samples, and appends those to `out` that are finished. A sample that is no number becomes silence.
    pub(crate) fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        let gain = self.gain;
        self.amplified.clear();
        self.amplified.extend(samples.iter().map(|&sample| gain * sane(sample)));
        let ready = match &mut self.resampler {
            None => &mut self.amplified,
            Some(resampler) => {
                self.resampled.clear();
                resampler.push(&self.amplified, &mut self.resampled);
                &mut self.resampled
            }
        };
        if let Some(mix) = &mut self.mix {
            mix.under(ready);
        }
        self.limiter.push(ready, out);
    }

    /// Appends the last samples.
    pub(crate) fn finish(mut self, out: &mut Vec<f32>) -> Reductions {
        let mut rest = Vec::new();
        if let Some(resampler) = self.resampler {
            resampler.finish(&mut rest);
        }
        if let Some(mut mix) = self.mix {
            mix.under(&mut rest);
            mix.end(&mut rest);
        }
        self.limiter.push(&rest, out);
        self.limiter.finish(out)
    }
}

fn sane(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-GREATEST, GREATEST) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn any_samples_become_finite_ones_below_the_ceiling() {
        let rate = |hertz| SampleRate::new(hertz).unwrap();
        let wild = [0.5, f32::NAN, f32::INFINITY, -1e30, f32::NEG_INFINITY, 1e-40, 0.9, -3.0];
        each([(24_000, 24_000, 0.0), (24_000, 48_000, 6.0), (24_000, 48_000, -20.0)], |(from, to, gain)| {
            let mut finish = Finish::new(rate(from), rate(to), gain, -1.0);
            let mut out = Vec::new();
            for _ in 0..100 {
                finish.push(&wild, &mut out);
            }
            finish.finish(&mut out);
            assert_eq!(out.len(), 800 * to as usize / from as usize);
            let greatest = out.iter().fold(0.0_f32, |greatest, sample| greatest.max(sample.abs()));
            assert!(greatest <= 0.8914, "{from} → {to}, {gain} dB: {greatest}");
        });
    }
}
