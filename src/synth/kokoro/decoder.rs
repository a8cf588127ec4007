//! The decoder: from the text side's features to samples, on kernels of our own.
//!
//! ```text
//!  text features, pitch, loudness ─▶ five decode blocks ─▶ generator ─▶ samples
//!                           pitch ─▶ harmonic source ─────────┘
//! ```
//!
//! - `residual`: the blocks of the generator
//! - `harmonics`: the source of the voice
//! - `generator`: upsampling and residual blocks; `waveform`: spectra and samples
//! - `weights`: the contents of the layers; `export`: out of the ONNX file
//!
//! The runtime's int8 operators keep one scale for a whole tensor; here every time step has one of its own. The
//! difference is audible: see BENCHMARKS.md.

mod export;
mod generator;
mod harmonics;
mod residual;
pub(super) mod waveform;
mod weights;

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::synth::kokoro::decode_block::DecodeBlock;
use crate::synth::nn::pass::{Checkpoint, Executor, Writeback};
use crate::synth::nn::rows::Rows;
use crate::synth::nn::windows::Framing;
use generator::{Generator, Workspace};

use crate::error::{Error, ErrorKind, Result};
use crate::synth::kokoro::style::HALF_STYLE;
use kernels::WindowWeights;

/// Channels of the text features.
const TEXT: usize = 512;

/// The loaded decoder.
pub(crate) struct Decoder {
    /// Halves the steps of the pitch and of the loudness: three taps and a bias each.
    halvings: [[f32; 4]; 2],
    /// Reduces the text features to fewer channels, for the later blocks.
    text: WindowWeights,
    /// The first takes the text features, the others the output of the one before, too.
    blocks: Vec<DecodeBlock>,
    generator: Generator,
    /// Workspaces that are free at the moment; [`most_spare`] at most.
    spare: Mutex<Vec<Workspace>>,
}

/// The text side's result for an utterance; the channels of a tensor lie one behind the other.
pub struct Features<'a> {
    /// 512 channels, 40 steps a second.
    pub text: &'a [f32],
    /// Pitch in Hz, 80 steps a second.
    pub pitch: &'a [f32],
    /// Loudness, 80 steps a second.
    pub loudness: &'a [f32],
}

impl Decoder {
    /// Samples at 24 kHz, made by `executor`. `checkpoint` is called between blocks; when it stops the work, the
    /// result is `None`.
    pub(crate) fn run(
        &self,
        features: &Features,
        style: &[f32],
        mut executor: Executor,
        checkpoint: Checkpoint,
    ) -> Result<Option<Vec<f32>>> {
        let style = &style[..HALF_STYLE];
        let len = features.text.len() / TEXT;
        let (pitch, loudness) = (features.pitch.len(), features.loudness.len());
        if len == 0 || pitch != 2 * len || loudness != 2 * len {
            let what =
                format!("the text side made {len} steps of text, {pitch} of pitch, {loudness} of loudness");
            return Err(Error::new(ErrorKind::Synthesis, what));
        }
        let text = Rows::from_columns(features.text, TEXT);
        let curves: [Rows; 2] = [(features.pitch, self.halvings[0]), (features.loudness, self.halvings[1])]
            .map(|(curve, taps)| halved(curve, taps));
        let mut few = Rows::new(len, self.text.width());
        let entry = (&text, Framing::POINTWISE);
        executor.multiply_windows(entry, &self.text, Writeback::PLAIN, &mut few);
        let mut rows = Rows::beside(&[&text, &curves[0], &curves[1]]);
        for (index, block) in self.blocks.iter().enumerate() {
            let Some(threads) = checkpoint() else { return Ok(None) };
            executor.threads = threads;
            let made = block.run(executor, style, &rows);
            let is_last = index + 1 == self.blocks.len();
            rows = if is_last { made } else { Rows::beside(&[&made, &few, &curves[0], &curves[1]]) };
        }
        // A workspace's contents do not matter, so one that a panic left is as good as any.
        let spare = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut workspace = spare().pop().unwrap_or_default();
        let samples = self.generator.run(rows, features.pitch, style, executor, &mut workspace, checkpoint);
        let mut kept = spare();
        if kept.len() < most_spare() {
            kept.push(workspace);
        }
        Ok(samples)
    }
}

/// Workspaces that are kept for later calls: one a core, for more calls at once only share cores.
fn most_spare() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// A convolution of width 3 and stride 2 of a single channel: `taps` are its weights and its bias.
fn halved(curve: &[f32], taps: [f32; 4]) -> Rows {
    let [early, middle, late, bias] = taps;
    let at = |index: Option<usize>| index.and_then(|index| curve.get(index)).copied().unwrap_or(0.0);
    let halves = (0..curve.len() / 2).map(|step| {
        let centre = 2 * step;
        at(centre.checked_sub(1)) * early + at(Some(centre)) * middle + at(Some(centre + 1)) * late + bias
    });
    Rows::within(halves.collect(), curve.len() / 2, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_halved_with_zeros_at_their_ends() {
        let halves = halved(&[1.0, 2.0, 3.0, 4.0], [100.0, 10.0, 1.0, 0.5]);
        assert_eq!(halves.as_slice(), [12.5, 234.5]);
    }
}
