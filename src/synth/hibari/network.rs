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
const KERNELS: Form = Form { name: "kernels", format: 1, files: &["kernels.safetensors"] };

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
    /// The token of each step.
    tokens: Vec<usize>,
    /// The frame that comes next.
    next: usize,
    rest: Rest<'a>,
}

enum Rest<'a> {
    /// Still to be made from the features of each token.
    Decoding { decoding: Box<Decoding<'a>>, features: Vec<f32> },
    /// Made: the numbers of all frames.
    #[cfg(feature = "runtime")]
    Made(Vec<f32>),
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
        let (reading, rest) = match self {
            Self::Fused(weights, isa) => {
                let decoding = Box::new(weights.decoder.begin(*isa));
                let features = weights.text.run(*isa, tokens);
                (weights.prosody.run(*isa, tokens, speed), Rest::Decoding { decoding, features })
            }
            #[cfg(feature = "runtime")]
            Self::Runtime(runtime) => {
                let (reading, numbers) = runtime.run(tokens, speed)?;
                (reading, Rest::Made(numbers))
            }
        };
        Ok(Spoken::new(reading, rest))
    }
}

impl<'a> Spoken<'a> {
    fn new(reading: Reading, rest: Rest<'a>) -> Self {
        let steps = reading.steps.iter().enumerate();
        let tokens = steps.flat_map(|(token, steps)| std::iter::repeat_n(token, *steps)).collect();
        Self { reading, tokens, next: 0, rest }
    }

    /// An utterance of a given prosody.
    #[cfg(test)]
    pub(super) fn of(weights: &'a Weights, isa: Isa, tokens: &[i32], reading: Reading) -> Self {
        let (decoding, features) = (Box::new(weights.decoder.begin(isa)), weights.text.run(isa, tokens));
        Self::new(reading, Rest::Decoding { decoding, features })
    }

    /// Makes the next `frames` frames, and calls `each` with the numbers of every frame that they complete. Returns whether
    /// there are more.
    pub(super) fn window(&mut self, frames: usize, each: &mut dyn FnMut(&[f32])) -> bool {
        let (first, all) = (self.next, self.reading.frames());
        self.next = (first + frames).min(all);
        match &mut self.rest {
            Rest::Decoding { decoding, features } => {
                let width = features.len() / self.reading.steps.len().max(1);
                let input = (first..self.next).flat_map(|frame| {
                    let token = self.tokens[frame / 2];
                    // `log1p(relu(f0)) / 5` of the model's graph.
                    let pitch = self.reading.pitch[frame].max(0.0).ln_1p() / 5.0;
                    let text = &features[token * width..(token + 1) * width];
                    text.iter().copied().chain([pitch, self.reading.loudness[frame]])
                });
                decoding.push(&input.collect::<Vec<_>>(), self.next == all, each);
            }
            #[cfg(feature = "runtime")]
            Rest::Made(numbers) => {
                let width = numbers.len() / all.max(1);
                numbers[first * width..self.next * width].chunks_exact(width).for_each(each);
            }
        }
        self.next < all
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
