//! The network on the library runtime, operator by operator as in the model file: slower than our own kernels, and the reference
//! for them.
//!
//! The runtime holds every buffer of a run until its end. One run of the whole network needs 34 MiB for each second of
//! sound. Cut at the narrow places of the graph it needs 16, at the same speed. The work can also be stopped between
//! two stages.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use rten::{Model, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};

use super::network::Spoken;
use super::prepared;
use super::style::STYLE_SIZE;
use super::text_side::Reading;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::voice::InstalledVoice;

const TOKENS: &str = "tokens";
const STYLE: &str = "style";
const SPEED: &str = "speed";
const AUDIO: &str = "audio";
/// Frames a token lasts, after rounding and clipping to at least one.
const DURATIONS: &str = "/encoder/Clip_output_0";
/// The same before they are rounded.
const EXACT_DURATIONS: &str = "/encoder/Div_output_0";

/// A part of the network: its inputs and outputs. Names are those of the ONNX export; `G/` stands for [`GENERATOR`].
struct Stage {
    inputs: &'static [&'static str],
    outputs: &'static [&'static str],
}

const GENERATOR: &str = "/decoder/decoder/generator/";

/// The generator's input: decoded features, and the harmonic source.
const DECODED: &str = "G/LeakyRelu_output_0";
const SOURCE: &str = "G/Concat_3_output_0";
/// The decoder's input: text features for every frame, pitch, loudness.
const TEXT: &str = "/encoder/MatMul_1_output_0";
const PITCH: &str = "/decoder/decoder/Unsqueeze_output_0";
const LOUDNESS: &str = "/decoder/decoder/Unsqueeze_1_output_0";

/// The text side: the part before our own decoder.
const TEXT_SIDE: Stage =
    Stage { inputs: &[TOKENS, STYLE, SPEED], outputs: &[EXACT_DURATIONS, DURATIONS, TEXT, PITCH, LOUDNESS] };

/// The network in order: text side and decoder; the generator's first level (800 steps/s); its second level (4800
/// steps/s). There the noise branch and the three residual blocks are stages of their own, because these take most of
/// the memory.
const STAGES: [Stage; 9] = [
    Stage { inputs: &[TOKENS, STYLE, SPEED], outputs: &[DURATIONS, DECODED, SOURCE] },
    Stage { inputs: &[STYLE, "G/LeakyRelu_output_0", "G/Concat_3_output_0"], outputs: &["G/Add_2_output_0"] },
    Stage { inputs: &[STYLE, "G/Add_2_output_0"], outputs: &["G/LeakyRelu_1_output_0"] },
    Stage { inputs: &[STYLE, "G/Concat_3_output_0"], outputs: &["G/noise_res.1/Add_8_output_0"] },
    Stage {
        inputs: &["G/LeakyRelu_1_output_0", "G/noise_res.1/Add_8_output_0"],
        outputs: &["G/Add_5_output_0"],
    },
    Stage { inputs: &[STYLE, "G/Add_5_output_0"], outputs: &["G/resblocks.3/Add_8_output_0"] },
    Stage { inputs: &[STYLE, "G/Add_5_output_0"], outputs: &["G/resblocks.4/Add_8_output_0"] },
    Stage { inputs: &[STYLE, "G/Add_5_output_0"], outputs: &["G/resblocks.5/Add_8_output_0"] },
    Stage {
        inputs: &[
            "G/resblocks.3/Add_8_output_0",
            "G/resblocks.4/Add_8_output_0",
            "G/resblocks.5/Add_8_output_0",
        ],
        outputs: &[AUDIO],
    },
];

/// The loaded network.
pub(crate) struct Runtime {
    model: Model,
    ids: HashMap<&'static str, NodeId>,
}

impl Runtime {
    /// Loads the model of a voice, see [`prepared`].
    pub(crate) fn load(voice: &InstalledVoice) -> Result<Self> {
        let model = prepared::for_runtime(voice)?;
        let mut ids = HashMap::new();
        for name in
            STAGES.iter().chain([&TEXT_SIDE]).flat_map(|stage| stage.inputs.iter().chain(stage.outputs))
        {
            let id = model.node_id(&name.replacen("G/", GENERATOR, 1)).map_err(|cause| {
                Error::new(ErrorKind::VoiceCorrupt, format!("the voice's model has no tensor “{name}”"))
                    .at(Place::file(&voice.model))
                    .because(cause)
                    .with_cure(Cure::ReinstallVoice { voice: voice.installed_as().to_owned() })
            })?;
            ids.insert(*name, id);
        }
        Ok(Self { model, ids })
    }

    /// See [`Network::run`](super::network::Network::run).
    pub(crate) fn run(
        &self,
        tokens: &[i32],
        style: &[f32],
        speed: f32,
        threads: NonZeroUsize,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Option<Spoken>> {
        let Some(mut values) = self.values(&STAGES, (tokens, style, speed), threads, is_stopped)? else {
            return Ok(None);
        };
        let frames = take(&mut values, DURATIONS)?.iter().map(|frames| *frames as usize).collect();
        Ok(Some(Spoken { samples: take(&mut values, AUDIO)?.to_vec(), frames }))
    }

    /// The result of the text side alone.
    pub(crate) fn read(
        &self,
        tokens: &[i32],
        style: &[f32],
        speed: f32,
        threads: NonZeroUsize,
    ) -> Result<Reading> {
        let stages = std::slice::from_ref(&TEXT_SIDE);
        let values = self.values(stages, (tokens, style, speed), threads, &|| false)?;
        let mut values = values.unwrap_or_default();
        Ok(Reading {
            durations: take(&mut values, EXACT_DURATIONS)?.to_vec(),
            frames: take(&mut values, DURATIONS)?.iter().map(|frames| *frames as usize).collect(),
            text: take(&mut values, TEXT)?.to_vec(),
            pitch: take(&mut values, PITCH)?.to_vec(),
            loudness: take(&mut values, LOUDNESS)?.to_vec(),
        })
    }

    /// The results of the last of `stages`, and those of the others that no stage read.
    fn values(
        &self,
        stages: &[Stage],
        (tokens, style, speed): (&[i32], &[f32], f32),
        threads: NonZeroUsize,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Option<HashMap<&'static str, Value>>> {
        let pool = Arc::new(ThreadPool::with_num_threads(threads.get()));
        let mut values: HashMap<&str, Value> = HashMap::from([
            (TOKENS, NdTensor::from_data([1, tokens.len()], tokens.to_vec()).into()),
            (STYLE, NdTensor::from_data([1, STYLE_SIZE], style.to_vec()).into()),
            (SPEED, NdTensor::from_data([1], vec![speed]).into()),
        ]);
        for (index, stage) in stages.iter().enumerate() {
            if is_stopped() {
                return Ok(None);
            }
            let is_needed_later =
                |name: &str| stages[index + 1..].iter().any(|later| later.inputs.contains(&name));
            // A tensor's last reader gets it by value, so that the runtime may reuse its memory.
            let owned: Vec<(NodeId, Value)> = stage
                .inputs
                .iter()
                .filter(|name| !is_needed_later(name))
                .filter_map(|name| Some((self.ids[name], values.remove(name)?)))
                .collect();
            let mut inputs: Vec<(NodeId, ValueOrView)> =
                owned.into_iter().map(|(id, value)| (id, value.into())).collect();
            for name in stage.inputs {
                if let Some(value) = values.get(name).filter(|_| is_needed_later(name)) {
                    inputs.push((self.ids[name], value.as_view().into()));
                }
            }
            let outputs: Vec<NodeId> = stage.outputs.iter().map(|name| self.ids[name]).collect();
            let options = RunOptions::default().with_thread_pool(Some(pool.clone()));
            let made = self.model.run(inputs, &outputs, Some(options)).map_err(|cause| {
                Error::new(ErrorKind::Synthesis, "the voice's network failed").because(cause.to_string())
            })?;
            values.extend(stage.outputs.iter().copied().zip(made));
        }
        Ok(Some(values))
    }
}

fn take(values: &mut HashMap<&'static str, Value>, name: &'static str) -> Result<Tensor<f32>> {
    let value = values.remove(name).ok_or("missing".to_string());
    value.and_then(|value| value.try_into().map_err(|cause| format!("{cause:?}"))).map_err(|cause| {
        Error::new(ErrorKind::Synthesis, format!("the voice's network gave no “{name}”")).because(cause)
    })
}
