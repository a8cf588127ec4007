//! The Kokoro-82M voices (StyleTTS 2 with an iSTFTNet vocoder): the text side on the `rten` runtime, the decoder on kernels of our own.
//!
//! - [`vocabulary`]: symbols and tokens
//! - [`style`]: who speaks
//! - `prepared`: the model file, rewritten once for the runtime
//! - `mapped`: the one place that maps a file into memory
//! - `network`: the run, in stages that bound memory and can be cancelled
//! - [`engine`]: which of the two runs the decoder
//! - [`decoder`]: the last and largest part of the network, on kernels of our own
//! - [`kernels`]: the arithmetic, for each kind of processor

pub mod decoder;
pub mod engine;
pub mod kernels;
mod mapped;
mod network;
mod prepared;
pub mod style;
pub mod vocabulary;

use std::num::NonZeroUsize;
use std::path::Path;

use decoder::Features;
use engine::Engine;
use network::Network;
use style::StylePack;

use super::{BlockSink, Flow, Synthesizer, Timings, Utterance};
use crate::audio::SampleRate;
use crate::error::{Error, ErrorKind, Place, Result};

/// Samples a frame of the duration predictor stands for: 25 ms at 24 kHz.
const FRAME_SAMPLES: usize = 600;
const RATE: SampleRate = match SampleRate::new(24_000) {
    Some(rate) => rate,
    None => unreachable!(),
};

/// One Kokoro voice: the network and a style.
pub struct Kokoro {
    network: Network,
    style: StylePack,
}

impl Kokoro {
    /// Loads the network from `model` (`kokoro-v1.0.int8.onnx`) and a style pack. The first load rewrites the model
    /// for the runtime and keeps the result beside it; later ones map that into memory.
    pub fn load(model: &Path, style: &Path) -> Result<Self> {
        Self::load_for(model, style, Engine::chosen()?)
    }

    /// The same, for an engine that is named.
    pub fn load_for(model: &Path, style: &Path, engine: Engine) -> Result<Self> {
        Ok(Self { style: StylePack::load(style)?, network: Network::load(model, engine)? })
    }

    /// What the voice makes of features of its text side, for an utterance of `symbols` symbols: the part of the network that
    /// runs on our own kernels, alone.
    pub fn decode(&self, features: &Features, symbols: usize, threads: NonZeroUsize) -> Result<Vec<f32>> {
        self.network.decode(features, self.style.row(symbols), threads)
    }

    fn tokens(phonemes: &str) -> Result<Vec<i32>> {
        let mut tokens = vec![vocabulary::PADDING];
        for symbol in phonemes.chars() {
            tokens.push(vocabulary::token(symbol).ok_or_else(|| {
                Error::new(ErrorKind::Phonemes, format!("the voice has no symbol “{symbol}”"))
                    .at(Place::default().text(phonemes))
            })?);
        }
        let symbols = tokens.len() - 1;
        tokens.push(vocabulary::PADDING);
        if symbols == 0 {
            return Err(Error::new(ErrorKind::Phonemes, "there is nothing to say: no phonemes"));
        }
        if symbols > vocabulary::MAX_SYMBOLS {
            return Err(Error::new(
                ErrorKind::Phonemes,
                format!(
                    "{symbols} phonemes are more than the voice takes at once ({})",
                    vocabulary::MAX_SYMBOLS
                ),
            )
            .at(Place::default().text(phonemes)));
        }
        Ok(tokens)
    }
}

impl Synthesizer for Kokoro {
    fn sample_rate(&self) -> SampleRate {
        RATE
    }

    fn max_symbols(&self) -> usize {
        vocabulary::MAX_SYMBOLS
    }

    fn has_symbol(&self, symbol: char) -> bool {
        vocabulary::token(symbol).is_some()
    }

    fn synthesize(&self, utterance: &Utterance, sink: &mut dyn BlockSink) -> Result<Timings> {
        let tokens = Self::tokens(&utterance.phonemes)?;
        let style = self.style.row(tokens.len() - 2);
        let stopped = || Error::new(ErrorKind::Interrupted, "speaking was stopped");
        let spoken = self
            .network
            .run(&tokens, style, utterance.speed, utterance.threads, &|| sink.flow() == Flow::Stop)?
            .ok_or_else(stopped)?;
        let mut symbols: Vec<usize> = spoken.frames.iter().map(|frames| frames * FRAME_SAMPLES).collect();
        let lead_out = symbols.pop().unwrap_or_default();
        let lead_in = if symbols.is_empty() { 0 } else { symbols.remove(0) };
        match sink.push(spoken.samples) {
            Flow::Continue => Ok(Timings { lead_in, symbols, lead_out }),
            Flow::Stop => Err(stopped()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phonemes_become_padded_tokens_or_a_clear_error() {
        assert_eq!(Kokoro::tokens("ab.").unwrap(), [0, 43, 44, 4, 0]);
        assert_eq!(Kokoro::tokens(&"a".repeat(510)).unwrap().len(), 512);
        for (phonemes, message) in [
            ("", "nothing to say"),
            ("a❓", "no symbol “❓”"),
            (&*"a".repeat(511), "511 phonemes are more than the voice takes at once (510)"),
        ] {
            let error = Kokoro::tokens(phonemes).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Phonemes, "{phonemes:?}");
            assert!(error.what.contains(message), "{}", error.what);
        }
    }
}
