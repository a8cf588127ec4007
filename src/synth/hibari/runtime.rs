//! The network on the library runtime, as it is in the model file: the reference for the kernels.

use rten::{Model, ModelOptions, NodeId};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};

use super::prosody::Reading;
use super::vocoder::{BINS, PADDED_BINS, PARTS};
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::voice::InstalledVoice;

/// Names of the graph's inputs and outputs. The parts are in the order of [`Shaping`](kernels::Shaping).
const IDS: &str = "ids";
const SPEED: &str = "speed";
const NUMBERS: [&str; PARTS] = ["lh", "theta", "ln", "lr", "phi"];
const PITCH: &str = "f0";
/// Steps of two frames that each token lasts: whole numbers within the graph.
const STEPS: &str = "/Clip_output_0";
/// The same before they are rounded.
const DURATIONS: &str = "/Div_40_output_0";

/// The loaded model.
pub(super) struct Runtime {
    model: Model,
    ids: NodeId,
    speed: NodeId,
    outputs: Vec<NodeId>,
}

impl Runtime {
    /// Loads the model of a voice.
    pub(super) fn load(voice: &InstalledVoice) -> Result<Self> {
        let unfit = |cause: String| {
            let what = format!("the model of the voice {} is whole but can't be loaded", voice.name);
            Error::new(ErrorKind::Synthesis, what)
                .at(Place::file(&voice.model))
                .because(cause)
                .with_cure(Cure::UpdateProgram)
        };
        let model = ModelOptions::with_all_ops().load(voice.read_model()?);
        let model = model.map_err(|cause| unfit(cause.to_string()))?;
        let node = |name: &str| model.node_id(name).map_err(|cause| unfit(cause.to_string()));
        let outputs = NUMBERS.into_iter().chain([PITCH, STEPS, DURATIONS]);
        Ok(Self {
            ids: node(IDS)?,
            speed: node(SPEED)?,
            outputs: outputs.map(node).collect::<Result<_>>()?,
            model,
        })
    }

    /// The reading of tokens, and the numbers of all its frames as the vocoder takes them.
    pub(super) fn run(&self, tokens: &[i32], speed: f32) -> Result<(Reading, Vec<f32>)> {
        let failed = |cause: String| Error::new(ErrorKind::Synthesis, "the network failed").because(cause);
        let ids = NdTensor::from_data([1, tokens.len()], tokens.to_vec());
        let speed = NdTensor::from_data([1], vec![speed]);
        let inputs = vec![(self.ids, ids.into()), (self.speed, speed.into())];
        let outputs =
            self.model.run(inputs, &self.outputs, None).map_err(|cause| failed(cause.to_string()))?;
        let tensors: std::result::Result<Vec<Tensor<f32>>, _> =
            outputs.into_iter().map(TryInto::try_into).collect();
        let tensors = tensors.map_err(|_| failed("a result is not of floats".to_owned()))?;
        let [numbers @ .., pitch, steps, durations] = tensors.as_slice() else {
            return Err(failed("results are missing".to_owned()));
        };
        let (pitch, steps) = (pitch.to_vec(), steps.to_vec());
        let frames = pitch.len();
        let mut spectra = vec![0.0; frames * PARTS * PADDED_BINS];
        for (part, numbers) in numbers.iter().enumerate() {
            // A row of frames for each frequency.
            let numbers = numbers.to_vec();
            if numbers.len() != BINS * frames {
                return Err(failed(format!("{} has {} numbers", NUMBERS[part], numbers.len())));
            }
            for (frame, row) in spectra.chunks_exact_mut(PARTS * PADDED_BINS).enumerate() {
                let row = &mut row[part * PADDED_BINS..][..BINS];
                for (bin, number) in row.iter_mut().enumerate() {
                    *number = numbers[bin * frames + frame];
                }
            }
        }
        let steps = steps.iter().map(|steps| *steps as usize).collect();
        Ok((Reading { durations: durations.to_vec(), steps, pitch, loudness: Vec::new() }, spectra))
    }
}
