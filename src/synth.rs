//! Phonemes → sound. One trait, one folder an engine: [`kokoro`], the best voices, [`hibari`], the fastest, and [`tone`], a
//! deterministic stand-in that needs no data. Engines use [`symbols`], [`backend`], [`onnx`], `prepared`,
//! `shared` and the layers in `nn`, and do not depend on each other; [`registry`] knows all of them, and [`scaled`] none.

pub mod backend;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod heard;
pub(crate) mod hibari;
pub(crate) mod kokoro;
mod nn;
pub(crate) mod onnx;
mod prepared;
pub(crate) mod registry;
pub(crate) mod scaled;
mod shared;
pub(crate) mod symbols;
pub mod tone;

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::audio::{SampleRate, Speed};
use crate::error::Result;

/// The input of one call of a voice.
#[derive(Clone, Debug, PartialEq)]
pub struct Utterance {
    /// Phonemes, stress marks, punctuation and spaces in misaki's alphabet; one symbol a character.
    pub phonemes: String,
    /// How fast.
    pub speed: Speed,
    /// How many threads the call may use. More than one only pays when there is no other work.
    pub threads: NonZeroUsize,
}

/// The limits of a voice and its manner of speaking. Stages that know no engine use these.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VoiceLimits {
    /// Symbols that one utterance may have at most; more is an error of kind
    /// [`Phonemes`](crate::error::ErrorKind::Phonemes), never a truncation.
    pub max_symbols: usize,
    /// Least silence at the head of every utterance: loud sound in it is a click, not speech.
    pub edge_silence: Duration,
    /// Approximate number of symbols that are spoken in a second at normal speed.
    pub symbols_per_second: f64,
}

/// How long each part of an utterance lasts, in samples. The sum is the length of the sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// Silence (or breath) before the first symbol.
    pub lead_in: usize,
    /// One entry a character of [`Utterance::phonemes`].
    pub symbols: Vec<usize>,
    /// Silence (or breath) after the last symbol.
    pub lead_out: usize,
}

impl Timings {
    /// Samples in the whole utterance.
    #[cfg(test)]
    pub(crate) fn total(&self) -> usize {
        self.lead_in + self.symbols.iter().sum::<usize>() + self.lead_out
    }

    /// Of the lengths of all tokens: padding, the symbols, padding.
    pub(crate) fn of_tokens(lengths: impl Iterator<Item = usize>) -> Self {
        let mut symbols: Vec<usize> = lengths.collect();
        let lead_out = symbols.pop().unwrap_or_default();
        let lead_in = if symbols.is_empty() { 0 } else { symbols.remove(0) };
        Self { lead_in, symbols, lead_out }
    }

    /// Sample at which symbol `index` begins; for `index` = number of symbols, where the last one ends.
    pub(crate) fn start_of(&self, index: usize) -> usize {
        self.lead_in + self.symbols.iter().take(index).sum::<usize>()
    }
}

/// Whether to go on after a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// More is wanted.
    Continue,
    /// The listener is gone: give up, without an error of your own.
    Stop,
}

/// Takes the samples of one utterance, in order.
pub trait BlockSink {
    /// Takes a block of mono samples, nominally within ±1.
    fn push(&mut self, block: Vec<f32>) -> Flow;

    /// Whether the work is still wanted; a backend calls this between long steps.
    fn flow(&self) -> Flow;

    /// How many threads may be used from now on, when `granted` were granted at first: more when others have become
    /// idle.
    fn threads(&self, granted: NonZeroUsize) -> NonZeroUsize {
        granted
    }
}

/// A voice. The same utterance gives the same samples on the same machine; no state is kept between calls, so
/// that any number of threads may call at once.
pub trait Synthesizer: Send + Sync {
    /// Rate of the samples that are pushed.
    fn sample_rate(&self) -> SampleRate;

    /// The limits of the voice and its manner of speaking.
    fn limits(&self) -> VoiceLimits;

    /// Whether the voice has a symbol; others are errors, never dropped in silence.
    fn has_symbol(&self, symbol: char) -> bool;

    /// Speaks one utterance: pushes blocks as soon as they are made, and reports how long every symbol lasts.
    /// Stopped by the sink, it returns an error of kind [`Interrupted`](crate::error::ErrorKind::Interrupted).
    fn synthesize(&self, utterance: &Utterance, sink: &mut dyn BlockSink) -> Result<Timings>;

    /// When the symbols of an utterance are heard, where the timings of [`synthesize`](Self::synthesize) are a plan that the sound
    /// runs ahead of. The sum stays.
    fn heard(&self, _phonemes: &str, timings: Timings) -> Timings {
        timings
    }
}

/// Collects an utterance in memory.
#[derive(Debug, Default)]
pub struct Collect(pub Vec<f32>);

impl BlockSink for Collect {
    fn push(&mut self, block: Vec<f32>) -> Flow {
        self.0.extend_from_slice(&block);
        Flow::Continue
    }

    fn flow(&self) -> Flow {
        Flow::Continue
    }
}
