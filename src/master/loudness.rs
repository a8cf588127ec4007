//! How loud a programme is (ITU-R BS.1770-5), and the one gain that brings it to a target.
//!
//! One channel sounds from two loudspeakers at home, 3 LU louder than from one. Podcasts are measured as heard from two, and so
//! are the targets here; a meter that takes the file for one loudspeaker shows 3.01 LU less.

use ebur128::{Channel, EbuR128, Mode};
use serde::{Deserialize, Serialize};

use crate::audio::SampleRate;

/// How much louder one channel is when two loudspeakers play it: `10 log 2`, in LU.
pub(crate) const TWO_LOUDSPEAKERS: f64 = 3.0103;
/// Gains beyond this make no programme better, in dB.
const MOST_GAIN: f64 = 20.0;

/// A loudness that is aimed at, as heard from two loudspeakers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Loudness {
    /// The voice's own, unchanged.
    #[default]
    Own,
    /// In LUFS.
    Target(f64),
}

impl Loudness {
    /// −16 LUFS: Apple's target for podcasts.
    pub(crate) const PODCAST: Self = Self::Target(-16.0);
    /// −18 LUFS: speech in streams (AES TD1008).
    pub(crate) const SPEECH: Self = Self::Target(-18.0);
    /// −23 LUFS: European broadcast (EBU R 128).
    pub(crate) const BROADCAST: Self = Self::Target(-23.0);

    /// The gain in dB for a programme that has `measured` LUFS. Silence has no loudness, and stays as it is.
    pub(crate) fn gain(self, measured: Option<f64>) -> f64 {
        match (self, measured) {
            (Self::Target(target), Some(measured)) => (target - measured).clamp(-MOST_GAIN, MOST_GAIN),
            _ => 0.0,
        }
    }
}

/// Measures a mono signal that comes in blocks of any length. Its memory does not grow.
pub(crate) struct Meter(Option<EbuR128>);

impl Meter {
    /// A meter for sound at `rate`.
    pub(crate) fn new(rate: SampleRate) -> Self {
        let meter = EbuR128::new(1, rate.hertz(), Mode::I | Mode::HISTOGRAM).and_then(|mut meter| {
            meter.set_channel(0, Channel::DualMono)?;
            Ok(meter)
        });
        Self(meter.ok())
    }

    /// Takes finite samples.
    pub(crate) fn push(&mut self, samples: &[f32]) {
        if self.0.as_mut().is_some_and(|meter| meter.add_frames_f32(samples).is_err()) {
            self.0 = None;
        }
    }

    /// The integrated loudness in LUFS, as heard from two loudspeakers; `None` for silence, or for less than 0.4 s.
    pub(crate) fn integrated(&self) -> Option<f64> {
        self.0.as_ref()?.loudness_global().ok().filter(|lufs| lufs.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;
    use crate::table_test::each;

    fn tone(rate: SampleRate, level: f64, seconds: f64) -> Vec<f32> {
        let step = TAU * 997.0 / f64::from(rate.hertz());
        let count = (seconds * f64::from(rate.hertz())) as usize;
        (0..count).map(|n| (level * (step * n as f64).sin()) as f32).collect()
    }

    #[test]
    fn a_tone_of_full_scale_has_the_loudness_of_the_standard() {
        // BS.1770-5: 0 dBFS at 997 Hz in one channel is −3.01 LKFS; from two loudspeakers it is 3.01 LU more.
        each([(24_000, 1.0, 0.0), (48_000, 1.0, 0.0), (24_000, 0.1, -20.0)], |(hertz, level, wanted)| {
            let rate = SampleRate::new(hertz).unwrap();
            let mut meter = Meter::new(rate);
            for block in tone(rate, level, 3.0).chunks(777) {
                meter.push(block);
            }
            let lufs = meter.integrated().unwrap();
            assert!((lufs - wanted).abs() < 0.06, "{hertz} Hz, {level}: {lufs}");
        });
    }

    #[test]
    fn silence_and_moments_have_no_loudness_and_no_gain() {
        let rate = SampleRate::new(24_000).unwrap();
        each([vec![], vec![0.0; 48_000], tone(rate, 0.5, 0.2)], |samples| {
            let mut meter = Meter::new(rate);
            meter.push(&samples);
            assert_eq!(meter.integrated(), None);
            assert!(Loudness::PODCAST.gain(meter.integrated()).abs() < f64::EPSILON);
        });
    }

    #[test]
    fn the_gain_leads_from_the_reading_to_the_target() {
        let rows = [
            (Loudness::PODCAST, Some(-19.3), 3.3),
            (Loudness::BROADCAST, Some(-19.3), -3.7),
            (Loudness::SPEECH, Some(-60.0), 20.0),
            (Loudness::Own, Some(-60.0), 0.0),
        ];
        each(rows, |(loudness, measured, wanted)| {
            assert!((loudness.gain(measured) - wanted).abs() < 1e-9, "{loudness:?} {measured:?}");
        });
    }
}
