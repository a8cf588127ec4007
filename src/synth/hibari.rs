//! The voices of hibari, students of Kokoro that are seventy times as cheap: a network gives magnitudes and phases of all
//! frequencies for every 12.5 ms, and a vocoder makes sound of them.
//!
//! - `encoder`, `prosody`: from symbols to features, durations, pitch and loudness
//! - `decoder`: from features to the numbers of every frequency, in windows
//! - `vocoder`: from those to sound
//! - `block`: the layers that all of the network consists of
//! - `export`, `weights`: the weights out of the model file, and into the network
//! - `network`: the run, on the backend that was chosen; `runtime` is the library's
//!
//! The model and its signal processing are those of the package `hibari-tts` 0.2.1 (Apache-2.0), whose module `dsp.py` is cited
//! for its constants.

mod block;
mod decoder;
mod encoder;
mod entry;
pub(super) mod export;
mod network;
mod prosody;
#[cfg(feature = "runtime")]
mod runtime;
mod vocoder;
pub(super) mod weights;

use std::sync::Arc;
use std::time::Duration;

use network::{Network, Spoken};
use prosody::FRAMES_OF_STEP;
use vocoder::{HOP, Vocoder};

use super::backend::Backend;
use super::shared::SharedNetworks;
use super::{BlockSink, Flow, Synthesizer, Timings, Utterance, VoiceLimits, heard, symbols};
use crate::audio::SampleRate;
use crate::error::{Error, ErrorKind, Result};
use crate::voice::InstalledVoice;

const RATE: SampleRate = match SampleRate::new(24_000) {
    Some(rate) => rate,
    None => unreachable!(),
};
/// Samples of a step, which is two frames.
const STEP_SAMPLES: usize = FRAMES_OF_STEP * HOP;
/// `MAX_PHONEMES` of the model's `tts.py`.
const MAX_SYMBOLS: usize = 400;
/// A padding token of at least 25 ms stands before every utterance.
const EDGE_SILENCE: Duration = Duration::from_millis(20);
/// Symbols a second of speech with its pauses, rounded, as of the voice that it learnt from.
const SYMBOLS_PER_SECOND: f64 = 16.0;

/// A voice.
pub(crate) struct Hibari {
    network: Arc<Network>,
    vocoder: Vocoder,
    gain: f32,
}

impl Hibari {
    /// Loads the model of an installed voice. The first load lays the weights out for the backend and keeps the result beside
    /// the model; later ones map that into memory.
    pub(crate) fn load(voice: &InstalledVoice, backend: Backend) -> Result<Self> {
        static NETWORKS: SharedNetworks<Network> = SharedNetworks::new();
        let network = NETWORKS.of(voice, backend, || Network::load(voice, backend))?;
        Ok(Self { network, vocoder: Vocoder::new(), gain: voice.gain() })
    }

    /// Speaks an utterance in `windows`, which are numbers of frames; returns the steps that each token lasts.
    fn speak(
        &self,
        mut spoken: Spoken,
        windows: impl Iterator<Item = usize>,
        sink: &mut dyn BlockSink,
    ) -> Result<Vec<usize>> {
        let mut voicing = self.vocoder.begin(self.network.isa(), spoken.reading.pitch.clone(), self.gain);
        for frames in windows {
            let mut samples = Vec::new();
            let has_more = spoken.window(frames, &mut |numbers| voicing.push(numbers, &mut samples));
            let flow = if samples.is_empty() { sink.flow() } else { sink.push(samples) };
            if flow == Flow::Stop {
                return Err(Error::new(ErrorKind::Interrupted, "speaking was stopped"));
            }
            if !has_more {
                break;
            }
        }
        Ok(spoken.reading.steps)
    }
}

/// Frames of each window: the first sound waits for the first one.
fn windows() -> impl Iterator<Item = usize> {
    std::iter::once(40).chain(std::iter::repeat(96))
}

impl Synthesizer for Hibari {
    fn sample_rate(&self) -> SampleRate {
        RATE
    }

    fn limits(&self) -> VoiceLimits {
        VoiceLimits {
            max_symbols: MAX_SYMBOLS,
            edge_silence: EDGE_SILENCE,
            symbols_per_second: SYMBOLS_PER_SECOND,
        }
    }

    fn has_symbol(&self, symbol: char) -> bool {
        symbols::token(symbol).is_some()
    }

    fn synthesize(&self, utterance: &Utterance, sink: &mut dyn BlockSink) -> Result<Timings> {
        let tokens = symbols::tokens(&utterance.phonemes, MAX_SYMBOLS)?;
        let spoken = self.network.read(&tokens, utterance.speed.factor())?;
        let steps = self.speak(spoken, windows(), sink)?;
        Ok(Timings::of_tokens(steps.iter().map(|steps| steps * STEP_SAMPLES)))
    }

    fn heard(&self, phonemes: &str, timings: Timings) -> Timings {
        heard::timings(phonemes, timings)
    }
}

#[cfg(test)]
#[cfg(feature = "runtime")]
mod tests;
