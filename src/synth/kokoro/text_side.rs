//! The text side: from tokens to the decoder's input, on kernels of our own.
//!
//! ```text
//!  tokens ─▶ ALBERT ─▶ styled encoder ─┬▶ durations ───────┐
//!    │                                 └─▶ to frames ──────┼▶ shared LSTM ─▶ pitch, loudness
//!    └─────▶ text encoder ───────────────▶ to frames ◀─────┘
//!                                              └─▶ text features
//! ```
//!
//! - [`albert`]: a transformer over the tokens; `attention` in it
//! - `text_encoder`: convolutions and an LSTM over the tokens
//! - `duration`: the styled encoder, and how long each token lasts
//! - `prosody`: pitch and loudness of all frames
//! - `weights`: the contents of the layers; `export`: out of the ONNX file
//!
//! Durations are rounded to whole frames, and everything after depends on them. 8 bits for the inputs of a layer
//! change one duration in twenty, 16 bits one in two thousand. The method of `linear` changes one in three hundred, at
//! half the cost of 16 bits. Only the convolutions have rows of 8 bits, with a scale of their own. Attention and the
//! small layers at both ends are done in floats.

mod albert;
mod duration;
mod export;
mod prosody;
mod text_encoder;
mod weights;

use crate::synth::nn::linear::FineRows;
use crate::synth::nn::lstm::OUTPUTS;
use albert::{Albert, NARROW};
use duration::{DurationPredictor, StyledEncoder, whole_frames};
use prosody::Prosody;
use text_encoder::TextEncoder;

use super::decoder::Features;
use crate::error::{Error, ErrorKind, Result};
use crate::synth::kokoro::style::HALF_STYLE;
use crate::synth::nn::pass::{Checkpoint, Executor};
use crate::synth::nn::rows::Rows;
use kernels::Isa;

/// The loaded text side.
pub(crate) struct TextSide {
    albert: Albert,
    text_encoder: TextEncoder,
    styled_encoder: StyledEncoder,
    durations: DurationPredictor,
    prosody: Prosody,
}

/// Timing, pitch and loudness of an utterance.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// `frames` before rounding. Two processors agree on them only to within the network's rounding noise, and so
    /// differ by a frame near a rounding edge.
    pub durations: Vec<f32>,
    /// Frames of 600 samples each token lasts, padding tokens included.
    pub frames: Vec<usize>,
    /// See [`Features::text`].
    pub text: Vec<f32>,
    /// See [`Features::pitch`].
    pub pitch: Vec<f32>,
    /// See [`Features::loudness`].
    pub loudness: Vec<f32>,
}

impl Reading {
    /// The decoder's input.
    pub fn features(&self) -> Features<'_> {
        Features { text: &self.text, pitch: &self.pitch, loudness: &self.loudness }
    }
}

impl TextSide {
    /// The features of `tokens` (padding included), spoken with a style row of
    /// [`STYLE_SIZE`](super::style::STYLE_SIZE) numbers. `checkpoint` is called between the parts; when it stops the
    /// work, the result is `None`.
    pub(crate) fn run(
        &self,
        tokens: &[i32],
        style: &[f32],
        speed: f32,
        mut executor: Executor,
        checkpoint: Checkpoint,
    ) -> Result<Option<Reading>> {
        let tokens = self.checked(tokens)?;
        let style = &style[HALF_STYLE..];
        let len = tokens.len();
        let hidden = self.albert.run(executor, &tokens);
        let Some(threads) = checkpoint() else { return Ok(None) };
        executor.threads = threads;
        let features = self.styled_encoder.run(executor, style, hidden);
        let mut features = tiled(executor.isa, &features);
        let durations = self.durations.run(executor, style, &mut features, len, speed);
        let frames: Vec<usize> = durations.iter().copied().map(whole_frames).collect();
        let owners: Vec<usize> = (0..len).flat_map(|token| vec![token; frames[token]]).collect();
        let Some(threads) = checkpoint() else { return Ok(None) };
        executor.threads = threads;
        let text = expanded(&self.text_encoder.run(executor, &tokens), &owners);
        let (pitch, loudness) = self.prosody.run(executor, style, &mut features, &owners);
        Ok(Some(Reading { durations, frames, text, pitch, loudness }))
    }

    /// The tokens as rows of the tables.
    fn checked(&self, tokens: &[i32]) -> Result<Vec<usize>> {
        let known = (self.albert.tokens.len() / NARROW).min(self.text_encoder.tokens.len() / OUTPUTS);
        let most = self.albert.places.len() / NARROW;
        if tokens.is_empty() || tokens.len() > most {
            let what = format!("{} tokens at once, where the voice takes 1 to {most}", tokens.len());
            return Err(Error::new(ErrorKind::Synthesis, what));
        }
        let row = |token: &i32| usize::try_from(*token).ok().filter(|row| *row < known);
        let rows: Option<Vec<usize>> = tokens.iter().map(row).collect();
        rows.ok_or_else(|| Error::new(ErrorKind::Synthesis, format!("the voice has only {known} tokens")))
    }
}

/// All rows quantized, with rows of zeros behind that make the tiles whole.
fn tiled(isa: Isa, rows: &Rows) -> FineRows {
    let mut numbers = rows.as_slice().to_vec();
    numbers.resize(rows.len().next_multiple_of(isa.row_tile()) * rows.channels(), 0.0);
    FineRows::new(isa, &numbers, rows.channels())
}

/// The rows of the `owners`, one after the other, as columns: each channel in one piece.
fn expanded(rows: &Rows, owners: &[usize]) -> Vec<f32> {
    let (channels, len) = (rows.channels(), owners.len());
    let mut columns = vec![0.0; channels * len];
    let rows: Vec<&[f32]> = rows.as_slice().chunks_exact(channels).collect();
    for (channel, column) in columns.chunks_exact_mut(len.max(1)).enumerate() {
        for (x, owner) in column.iter_mut().zip(owners) {
            *x = rows[*owner][channel];
        }
    }
    columns
}
