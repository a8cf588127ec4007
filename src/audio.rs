//! The words all stages share about sound: rate, samples, seconds.

use std::num::NonZeroU32;
use std::time::Duration;

/// Samples per second of a mono signal; never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleRate(NonZeroU32);

impl SampleRate {
    /// `None` for zero.
    pub const fn new(hertz: u32) -> Option<Self> {
        match NonZeroU32::new(hertz) {
            Some(hertz) => Some(Self(hertz)),
            None => None,
        }
    }

    /// Samples per second.
    pub const fn hertz(self) -> u32 {
        self.0.get()
    }

    /// Number of samples in `duration`, rounded to the nearest.
    pub fn samples(self, duration: Duration) -> usize {
        (duration.as_secs_f64() * f64::from(self.hertz())).round() as usize
    }

    /// Seconds that `samples` last.
    pub fn seconds(self, samples: u64) -> f64 {
        samples as f64 / f64::from(self.hertz())
    }
}

/// Sample format of a WAV file. Inside the program audio is always f32 mono.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SampleFormat {
    /// 16-bit integers with triangular dither.
    #[default]
    Int16,
    /// 24-bit integers with triangular dither.
    Int24,
    /// 32-bit floats, as synthesised.
    Float32,
}

impl SampleFormat {
    /// Bits per sample.
    pub const fn bits(self) -> u16 {
        match self {
            Self::Int16 => 16,
            Self::Int24 => 24,
            Self::Float32 => 32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_convert_both_ways() {
        let rate = SampleRate::new(24_000).unwrap();
        assert_eq!(rate.samples(Duration::from_millis(25)), 600);
        assert!((rate.seconds(36_000) - 1.5).abs() < 1e-12);
        assert!(SampleRate::new(0).is_none());
    }
}
