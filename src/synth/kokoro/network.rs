//! The network, on the given engine.

use std::num::NonZeroUsize;

use super::decoder::Features;
use super::prepared;
#[cfg(feature = "runtime")]
use super::runtime::Runtime;
use super::text_side::Reading;
use crate::error::Result;
#[cfg(feature = "runtime")]
use crate::error::{Cure, Error, ErrorKind};
use crate::synth::backend::Backend;
use crate::synth::nn::pass::{Checkpoint, Executor};
use crate::voice::InstalledVoice;
use kernels::Isa;
use tracing::debug;

/// The network's result for an utterance.
pub(crate) struct Spoken {
    /// Mono samples at 24 kHz.
    pub samples: Vec<f32>,
    /// Frames of 600 samples each token lasts, padding tokens included.
    pub frames: Vec<usize>,
}

/// The loaded network: only what the engine needs.
pub(crate) enum Network {
    /// On our own kernels.
    Fused(Box<prepared::Network>, Isa),
    /// On the library runtime.
    #[cfg(feature = "runtime")]
    Runtime(Box<Runtime>),
}

impl Network {
    /// Loads the model of a voice, see [`prepared`], for an engine.
    pub(crate) fn load(voice: &InstalledVoice, backend: Backend) -> Result<Self> {
        debug!(%backend, "the network is being loaded");
        Ok(match backend {
            Backend::Fused(isa) => Self::Fused(Box::new(prepared::for_kernels(voice)?), isa),
            #[cfg(feature = "runtime")]
            Backend::Runtime => Self::Runtime(Box::new(Runtime::load(voice)?)),
        })
    }

    /// Speaks `tokens` (padding included) with a style row of [`STYLE_SIZE`](super::style::STYLE_SIZE) numbers.
    /// `checkpoint` is called between parts of the work; when it stops the work, the result is `None`.
    pub(crate) fn run(
        &self,
        tokens: &[i32],
        style: &[f32],
        speed: f32,
        threads: NonZeroUsize,
        checkpoint: Checkpoint,
    ) -> Result<Option<Spoken>> {
        let (network, executor) = match self {
            #[cfg(feature = "runtime")]
            Self::Runtime(runtime) => {
                return runtime.run(tokens, style, speed, threads, &|| checkpoint().is_none());
            }
            Self::Fused(network, isa) => (network, Executor { isa: *isa, threads }),
        };
        let Some(reading) = network.text_side.run(tokens, style, speed, executor, checkpoint)? else {
            return Ok(None);
        };
        let Some(samples) = network.decoder.run(&reading.features(), style, executor, checkpoint)? else {
            return Ok(None);
        };
        Ok(Some(Spoken { samples, frames: reading.frames }))
    }

    /// The text side's result for tokens.
    pub(crate) fn read(
        &self,
        tokens: &[i32],
        style: &[f32],
        speed: f32,
        threads: NonZeroUsize,
    ) -> Result<Reading> {
        match self {
            #[cfg(feature = "runtime")]
            Self::Runtime(runtime) => runtime.read(tokens, style, speed, threads),
            Self::Fused(network, isa) => {
                let executor = Executor { isa: *isa, threads };
                Ok(network
                    .text_side
                    .run(tokens, style, speed, executor, &|| Some(threads))?
                    .unwrap_or_default())
            }
        }
    }

    /// Samples that the decoder makes of features. The runtime can't do that: it runs the network as a whole.
    pub(crate) fn decode(
        &self,
        features: &Features,
        style: &[f32],
        threads: NonZeroUsize,
    ) -> Result<Vec<f32>> {
        let (network, isa) = match self {
            #[cfg(feature = "runtime")]
            Self::Runtime(_) => {
                return Err(Error::new(
                    ErrorKind::Synthesis,
                    "the library runtime has no decoder of its own",
                )
                .with_cure(Cure::LoadForKernels));
            }
            Self::Fused(network, isa) => (network, isa),
        };
        let samples =
            network.decoder.run(features, style, Executor { isa: *isa, threads }, &|| Some(threads))?;
        Ok(samples.unwrap_or_default())
    }
}
