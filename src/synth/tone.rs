//! A voice without data: each symbol is a short tone with its own pitch. Deterministic and thousands of times faster
//! than real time, for tests, for trying out a pipeline, and for machines without a neural voice.

use std::f32::consts::TAU;
use std::time::Duration;

use super::{BlockSink, Flow, Synthesizer, Timings, Utterance, VoiceLimits};
use crate::audio::SampleRate;
use crate::error::{Error, ErrorKind, Result};

/// Rate of the tones.
pub(crate) const RATE: SampleRate = match SampleRate::new(24_000) {
    Some(rate) => rate,
    None => unreachable!(),
};
/// Length of a symbol at speed 1, near the average of a neural voice: 60 ms.
const SYMBOL_SAMPLES: f32 = 1440.0;
const EDGE_SAMPLES: usize = 1200;
const AMPLITUDE: f32 = 0.25;
const FADE_SAMPLES: usize = 120;

/// The stand-in voice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tone;

impl Tone {
    /// Pitch of a symbol in hertz, 110 to 880.
    fn pitch(symbol: char) -> f32 {
        110.0 * 2f32.powf((symbol as u32 % 37) as f32 / 12.0)
    }

    /// Spaces and punctuation are silent.
    fn is_silent(symbol: char) -> bool {
        symbol == ' ' || symbol.is_ascii_punctuation() || "—…“”".contains(symbol)
    }
}

impl Synthesizer for Tone {
    fn sample_rate(&self) -> SampleRate {
        RATE
    }

    fn limits(&self) -> VoiceLimits {
        VoiceLimits {
            max_symbols: 510,
            edge_silence: Duration::from_millis(20),
            symbols_per_second: f64::from(RATE.hertz()) / f64::from(SYMBOL_SAMPLES),
        }
    }

    fn has_symbol(&self, _symbol: char) -> bool {
        true
    }

    fn synthesize(&self, utterance: &Utterance, sink: &mut dyn BlockSink) -> Result<Timings> {
        let length = (SYMBOL_SAMPLES / utterance.speed.factor()).round() as usize;
        let mut timings = Timings { lead_in: EDGE_SAMPLES, lead_out: EDGE_SAMPLES, symbols: Vec::new() };
        let mut block = vec![0.0; EDGE_SAMPLES];
        for symbol in utterance.phonemes.chars() {
            timings.symbols.push(length);
            let step = TAU * Self::pitch(symbol) / RATE.hertz() as f32;
            let amplitude = if Self::is_silent(symbol) { 0.0 } else { AMPLITUDE };
            block.extend((0..length).map(|i| {
                let fade = (i.min(length - 1 - i) as f32 / FADE_SAMPLES as f32).min(1.0);
                amplitude * fade * (step * i as f32).sin()
            }));
        }
        block.extend(std::iter::repeat_n(0.0, EDGE_SAMPLES));
        match sink.push(block) {
            Flow::Continue => Ok(timings),
            Flow::Stop => Err(Error::new(ErrorKind::Interrupted, "speaking was stopped")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::super::Collect;
    use super::*;
    use crate::audio::Speed;
    use crate::table_test::each;

    fn speak(phonemes: &str, factor: f32) -> (Vec<f32>, Timings) {
        let mut sound = Collect::default();
        let speed = Speed::new(factor).unwrap();
        let utterance = Utterance { phonemes: phonemes.into(), speed, threads: NonZeroUsize::MIN };
        let timings = Tone.synthesize(&utterance, &mut sound).unwrap();
        (sound.0, timings)
    }

    #[test]
    fn timings_account_for_every_sample() {
        each([("", 1.0), ("hˈɛlO.", 1.0), ("a b", 2.0), ("a b", 0.5)], |(phonemes, speed)| {
            let (samples, timings) = speak(phonemes, speed);
            assert_eq!(samples.len(), timings.total(), "{phonemes:?} at {speed}");
            assert_eq!(timings.symbols.len(), phonemes.chars().count(), "{phonemes:?}");
        });
    }

    #[test]
    fn letters_sound_and_spaces_do_not() {
        let (samples, timings) = speak("a b", 1.0);
        let peak = |from: usize, to: usize| {
            samples[timings.start_of(from)..timings.start_of(to)].iter().fold(0f32, |m, x| m.max(x.abs()))
        };
        assert!(peak(0, 1) > 0.2 && peak(2, 3) > 0.2);
        assert!(peak(1, 2) == 0.0);
    }
}
