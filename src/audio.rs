//! The types for sound that all stages share: rate, samples, seconds, sinks and listeners.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Result;
use crate::text::Span;

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

/// How fast speech is, relative to the voice's own: 0.25 to 4.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Speed(f32);

impl Speed {
    /// The voice's own.
    pub const NORMAL: Self = Self(1.0);
    /// The slowest, as in the speech API that most clients know.
    pub const SLOWEST: f32 = 0.25;
    /// The fastest.
    pub const FASTEST: f32 = 4.0;

    /// `None` for a number beyond the limits, or for NaN.
    pub const fn new(factor: f32) -> Option<Self> {
        if factor >= Self::SLOWEST && factor <= Self::FASTEST { Some(Self(factor)) } else { None }
    }

    /// The factor of the voice's own speed.
    pub const fn factor(self) -> f32 {
        self.0
    }

    /// The slowest that a voice speaks itself; what is slower has its sound stretched.
    #[cfg(feature = "serve")]
    const SLOWEST_SPOKEN: f32 = 0.5;
    /// Up to this speed a voice is understood as well as its sound played faster. At twice the speed a recogniser gets 14 % of the words
    /// wrong when the voice itself hurries. When it hurries by a quarter and its sound is stretched for the rest, 2 to 3 % (BENCHMARKS.md).
    #[cfg(any(feature = "play", feature = "serve"))]
    pub(crate) const CLEAR_FASTEST: f32 = 1.25;

    /// The speed of the voice, and how many times as fast its sound is to be made then, where the voice itself would not be clear.
    #[cfg(feature = "serve")]
    pub(crate) fn divided(self) -> (Self, Option<f64>) {
        let voice = self.0.clamp(Self::SLOWEST_SPOKEN, Self::CLEAR_FASTEST);
        let is_within = (Self::SLOWEST_SPOKEN..=Self::CLEAR_FASTEST).contains(&self.0);
        (Self(voice), (!is_within).then(|| f64::from(self.0) / f64::from(voice)))
    }
}

impl Default for Speed {
    fn default() -> Self {
        Self::NORMAL
    }
}

/// Sample format of a WAV file. Inside the program audio is always f32 mono.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
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
    pub(crate) const fn bits(self) -> u16 {
        match self {
            Self::Int16 => 16,
            Self::Int24 => 24,
            Self::Float32 => 32,
        }
    }
}

/// Takes the programme in order. Dropped before [`finalize`](Sink::finalize), it leaves no file under the final name.
pub trait Sink: Send {
    /// Says that a sentence begins with the next sample; `number` counts from zero, and `span` is where `text` stands in the
    /// article.
    fn begin_sentence(&mut self, number: usize, text: &str, span: Span) {
        let _ = (number, text, span);
    }

    /// Takes mono samples within ±1 at the programme's rate.
    fn write(&mut self, samples: &[f32]) -> Result<()>;

    /// The live listener; a file has none. With a listener, chunks are made in time rather than as whole sentences.
    fn listener(&self) -> Option<Arc<dyn Listener>> {
        None
    }

    /// Completes the result; only now it appears under its final name.
    fn finalize(self: Box<Self>) -> Result<()>;
}

/// Somebody who listens to a programme while it is made.
pub trait Listener: Send + Sync {
    /// How far the listener is behind the finished sound.
    fn hearing(&self) -> Hearing;

    /// Sets the lead that is required to start, or to resume after an underrun. The requirement decays by one second per second
    /// until it is set again.
    fn set_needed_lead(&self, lead: Duration) {
        let _ = lead;
    }
}

/// How far a listener is behind the finished sound, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hearing {
    /// How long the finished sound will last at the playback rate.
    pub lead: Duration,
    /// Whether the listener hears silence until there is enough lead: before the beginning, and after an underrun.
    pub is_waiting: bool,
}

/// A sink that throws the sound away, for benchmarks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard;

impl Sink for Discard {
    fn write(&mut self, _samples: &[f32]) -> Result<()> {
        Ok(())
    }

    fn finalize(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

/// Keeps the sound; clones share it.
#[cfg(test)]
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept(Arc<std::sync::Mutex<Vec<f32>>>);

#[cfg(test)]
impl Kept {
    /// A copy of the sound so far.
    pub(crate) fn samples(&self) -> Vec<f32> {
        self.0.lock().unwrap().clone()
    }
}

#[cfg(test)]
impl Sink for Kept {
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.0.lock().unwrap().extend_from_slice(samples);
        Ok(())
    }

    fn finalize(self: Box<Self>) -> Result<()> {
        Ok(())
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

    #[test]
    fn a_speed_that_no_voice_can_speak_is_none() {
        let made: Vec<(f32, bool)> = [0.25, 1.0, 4.0]
            .map(|factor| (factor, true))
            .into_iter()
            .chain(
                [0.0, -1.0, 1e-6, 0.2499, 4.001, f32::NAN, f32::INFINITY, f32::NEG_INFINITY]
                    .map(|factor| (factor, false)),
            )
            .collect();
        let wrong: Vec<&(f32, bool)> =
            made.iter().filter(|(factor, is_speed)| Speed::new(*factor).is_some() != *is_speed).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[cfg(feature = "serve")]
    #[test]
    fn a_voice_speaks_clearly_and_stretching_does_the_rest() {
        let rows = [
            (0.25, 0.5, Some(0.5)),
            (0.4, 0.5, Some(0.8)),
            (0.5, 0.5, None),
            (1.0, 1.0, None),
            (1.25, 1.25, None),
            (2.0, 1.25, Some(1.6)),
            (4.0, 1.25, Some(3.2)),
        ];
        for (asked, voice, times) in rows {
            let (speed, made) = Speed::new(asked).unwrap().divided();
            let is_right = match (made, times) {
                (Some(made), Some(times)) => f64::abs(made - times) < 1e-6,
                (made, times) => made == times,
            };
            assert!((speed.factor() - voice).abs() < 1e-6 && is_right, "{asked}: {speed:?}, {made:?}");
        }
    }
}
