//! A voice at another level.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::{BlockSink, Flow, Synthesizer, Timings, Utterance, VoiceLimits};
use crate::audio::SampleRate;
use crate::error::Result;

/// A voice whose samples are multiplied by a gain.
pub(crate) struct Scaled {
    voice: Arc<dyn Synthesizer>,
    gain: f32,
}

impl Scaled {
    /// A voice that is louder by so many decibels.
    pub(crate) fn by_decibels(voice: Arc<dyn Synthesizer>, decibels: f64) -> Self {
        Self { voice, gain: 10_f64.powf(decibels / 20.0) as f32 }
    }
}

impl Synthesizer for Scaled {
    fn sample_rate(&self) -> SampleRate {
        self.voice.sample_rate()
    }

    fn limits(&self) -> VoiceLimits {
        self.voice.limits()
    }

    fn has_symbol(&self, symbol: char) -> bool {
        self.voice.has_symbol(symbol)
    }

    fn synthesize(&self, utterance: &Utterance, sink: &mut dyn BlockSink) -> Result<Timings> {
        self.voice.synthesize(utterance, &mut ScaledSink { sink, gain: self.gain })
    }

    fn heard(&self, phonemes: &str, timings: Timings) -> Timings {
        self.voice.heard(phonemes, timings)
    }
}

struct ScaledSink<'a> {
    sink: &'a mut dyn BlockSink,
    gain: f32,
}

impl BlockSink for ScaledSink<'_> {
    fn push(&mut self, mut block: Vec<f32>) -> Flow {
        for sample in &mut block {
            *sample *= self.gain;
        }
        self.sink.push(block)
    }

    fn flow(&self) -> Flow {
        self.sink.flow()
    }

    fn threads(&self, granted: NonZeroUsize) -> NonZeroUsize {
        self.sink.threads(granted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Speed;
    use crate::synth::Collect;
    use crate::synth::tone::Tone;

    #[test]
    fn the_gain_changes_the_samples_and_not_the_times() {
        let utterance =
            Utterance { phonemes: "hˈɛlO.".into(), speed: Speed::NORMAL, threads: NonZeroUsize::MIN };
        let (mut own, mut scaled) = (Collect::default(), Collect::default());
        let timings = Tone.synthesize(&utterance, &mut own).unwrap();
        let half = Scaled::by_decibels(Arc::new(Tone), -6.0206);
        assert_eq!(half.synthesize(&utterance, &mut scaled).unwrap(), timings);
        assert!(own.0.iter().zip(&scaled.0).all(|(own, scaled)| (own / 2.0 - scaled).abs() < 1e-5));
    }
}
