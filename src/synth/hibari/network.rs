//! The network, on the given backend.

use kernels::Isa;
use kernels::mapped;
use kernels::pack::aligned;
use tracing::debug;

use super::decoder::Decoding;
use super::export::export;
use super::prosody::Reading;
#[cfg(feature = "runtime")]
use super::runtime::Runtime;
use super::weights::Weights;
use crate::error::Result;
use crate::synth::backend::Backend;
use crate::synth::nn::weights::Reader;
use crate::synth::prepared::load;
use crate::voice::{Form, InstalledVoice};

/// The weights for our own kernels. Its format is raised when that of the file changes.
const KERNELS: Form = Form { name: "kernels", format: 2, files: &["kernels.safetensors"] };

/// The loaded network: only what the backend needs.
pub(super) enum Network {
    /// On our own kernels.
    Fused(Box<Weights>, Isa),
    /// On the library runtime.
    #[cfg(feature = "runtime")]
    Runtime(Box<Runtime>),
}

/// An utterance whose prosody is known.
pub(super) struct Spoken<'a> {
    /// Its prosody.
    pub reading: Reading,
    rest: Rest<'a>,
}

enum Rest<'a> {
    /// Still to be made.
    Decoding(Box<Decoding<'a>>),
    /// Made: the numbers of all frames, and the frame that comes next.
    #[cfg(feature = "runtime")]
    Made(Vec<f32>, usize),
}

impl Network {
    /// Loads the model of a voice for a backend.
    pub(super) fn load(voice: &InstalledVoice, backend: Backend) -> Result<Self> {
        debug!(%backend, "the network is being loaded");
        Ok(match backend {
            Backend::Fused(isa) => Self::Fused(Box::new(for_kernels(voice)?), isa),
            #[cfg(feature = "runtime")]
            Backend::Runtime => Self::Runtime(Box::new(Runtime::load(voice)?)),
        })
    }

    /// The instructions for the work around the network.
    pub(super) fn isa(&self) -> Isa {
        match self {
            Self::Fused(_, isa) => *isa,
            #[cfg(feature = "runtime")]
            Self::Runtime(_) => Isa::fastest(),
        }
    }

    /// Reads tokens, padding included, at a speed.
    pub(super) fn read(&self, tokens: &[i32], speed: f32) -> Result<Spoken<'_>> {
        Ok(match self {
            Self::Fused(weights, isa) => {
                Spoken::of(weights, *isa, tokens, weights.prosody.run(*isa, tokens, speed))
            }
            #[cfg(feature = "runtime")]
            Self::Runtime(runtime) => {
                let (reading, numbers) = runtime.run(tokens, speed)?;
                Spoken { reading, rest: Rest::Made(numbers, 0) }
            }
        })
    }
}

impl<'a> Spoken<'a> {
    /// An utterance of a given prosody.
    pub(super) fn of(weights: &'a Weights, isa: Isa, tokens: &[i32], reading: Reading) -> Self {
        let features = weights.text.run(isa, tokens);
        let decoding = weights.decoder.begin(isa, &features, &reading);
        Self { reading, rest: Rest::Decoding(Box::new(decoding)) }
    }

    /// Makes the next `count` frames, and calls `each` with the numbers of every frame that they complete. Returns whether
    /// there are more.
    pub(super) fn window(&mut self, count: usize, each: &mut dyn FnMut(&[f32])) -> bool {
        match &mut self.rest {
            Rest::Decoding(decoding) => decoding.window(count, each),
            #[cfg(feature = "runtime")]
            Rest::Made(numbers, next) => {
                let frames = self.reading.frames();
                let (first, width) = (*next, numbers.len() / frames.max(1));
                *next = (first + count).min(frames);
                numbers[first * width..*next * width].chunks_exact(width).for_each(each);
                *next < frames
            }
        }
    }
}

/// Loads the model of `voice` for our own kernels, through its prepared form where possible.
fn for_kernels(voice: &InstalledVoice) -> Result<Weights> {
    load(
        voice,
        (&KERNELS, &[KERNELS]),
        |model| Ok(vec![export(model.graph.as_ref().ok_or("it holds no graph")?)?]),
        |prepared| {
            let bytes = mapped::bytes(&prepared.folder().join(KERNELS.files[0]));
            Weights::read(&Reader::new(&bytes.map_err(|cause| cause.to_string())?)?)
        },
        |made| {
            let bytes = made.first().map(|bytes| aligned(bytes)).ok_or("nothing was made of it")?;
            Weights::read(&Reader::new(&bytes)?)
        },
    )
}
