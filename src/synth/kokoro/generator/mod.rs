//! The generator (an iSTFTNet vocoder), where nine tenths of the work of the voice is done, on kernels of our own.
//!
//! ```text
//!  features ─ leaky ─ upsample ─┐
//!                               + ─▶ three residual blocks, their mean ─▶ next level … ─▶ spectra ─▶ samples
//!  source ─ convolve ─ residual ┘
//! ```
//!
//! - `rows`: features, channels last
//! - `pass`: one fused convolution over all rows
//! - `residual`: the residual block
//! - `waveform`: spectra and samples
//! - `weights`: the layers' shapes and what is in them; `export`: out of the ONNX file
//!
//! The runtime's int8 operators keep one scale for a whole tensor; here every time step has one of its own. That is heard: see
//! BENCHMARKS.md.

pub mod export;
mod pass;
mod residual;
mod rows;
mod waveform;
mod weights;

pub use pass::Crew;
use residual::Scratch;
use rows::Rows;
use waveform::{BINS, Waveform, leak};
use weights::{LEVELS, LevelWeights, TIMBRE, Weights};

use super::kernels::pack::SharedBytes;
use crate::error::{Error, ErrorKind, Result};

/// What is negative is multiplied with this before the upsampling of the second level; the first level's is in its input.
const SLOPE: f32 = 0.1;

/// The loaded generator.
pub struct Generator {
    weights: Weights,
}

/// What the generator makes sound of; both channels first, as the runtime gives them.
pub struct Features<'a> {
    /// 512 channels, 80 steps a second, behind the first leaky rectifier.
    pub decoded: &'a [f32],
    /// The harmonic source: magnitudes and phases of spectra, 22 channels, 4800 steps a second and one more.
    pub source: &'a [f32],
}

impl Generator {
    /// Reads weights that [`export`](export::export) made; the error tells what is wrong with them.
    pub fn read(bytes: &SharedBytes) -> std::result::Result<Self, String> {
        Ok(Self { weights: Weights::read(bytes)? })
    }

    /// Samples at 24 kHz, made by `crew`. `is_stopped` is asked between blocks; when it says so, the result is `None`.
    pub fn run(
        &self,
        features: &Features,
        style: &[f32],
        crew: Crew,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<f32>>> {
        let style = &style[..TIMBRE];
        let tile = crew.isa.row_tile();
        let decoded_len = features.decoded.len() / LEVELS[0].inputs;
        let source_len = features.source.len() / (2 * BINS);
        if decoded_len == 0 || source_len != decoded_len * LEVELS[0].factor * LEVELS[1].factor + 1 {
            let what = format!("the voice made {decoded_len} steps of features but {source_len} of its source");
            return Err(Error::new(ErrorKind::Synthesis, what));
        }
        let room = LEVELS[0].source_stride * tile + LEVELS[0].source_taps;
        let source = Rows::from_columns(features.source, 2 * BINS, LEVELS[0].source_taps / 4, room);
        let mut rows = Rows::from_columns(features.decoded, LEVELS[0].inputs, 1, tile + 1);
        for (index, level) in self.weights.levels.iter().enumerate() {
            let is_last = index + 1 == LEVELS.len();
            let (joined, moments) = self.enter(crew, index, &rows, &source, style);
            // The next layer's padding: one step for an upsampling, three for the last convolution.
            let (front, back) = if is_last { (Waveform::PADDING, Waveform::PADDING + tile) } else { (1, tile + 1) };
            let mut sum = Rows::new(joined.len(), joined.channels(), front, back);
            let mut scratch = Scratch::new(joined.len(), joined.channels());
            for (number, block) in level.blocks.iter().enumerate() {
                if is_stopped() {
                    return Ok(None);
                }
                block.run(crew, style, (&joined, &moments), &mut scratch, number > 0, &mut sum);
            }
            rows = sum;
            if !is_last {
                leak(rows.as_mut_slice(), 1.0 / level.blocks.len() as f32, SLOPE);
            }
        }
        let blocks = self.weights.levels.last().map_or(1, |level| level.blocks.len());
        Ok(Some(self.weights.waveform.render(crew, rows, blocks as f32)))
    }

    /// Upsamples `rows` and adds what the harmonic source makes of it.
    fn enter(
        &self,
        crew: Crew,
        index: usize,
        rows: &Rows,
        source: &Rows,
        style: &[f32],
    ) -> (Rows, pass::Moments) {
        let level = &LEVELS[index];
        let LevelWeights { upsampling, source: source_weights, source_block, .. } = &self.weights.levels[index];
        let windows = rows.len() + 1;
        let raised = crew.multiply_windows(rows.with_room(), level.inputs, upsampling, windows);
        // A transposed convolution's first and last half step are cut off.
        let crop = level.factor / 2 * level.channels;
        let mut joined = Rows::within(raised, rows.len() * level.factor, level.channels, crop);
        if index + 1 == LEVELS.len() {
            joined.reflect_front(2);
        }
        let len = joined.len();
        let stride = 2 * BINS * level.source_stride;
        // Where the source's convolution has no padding, the room before it is skipped.
        let skipped = if level.source_taps == 1 { LEVELS[0].source_taps / 4 * 2 * BINS } else { 0 };
        let entry = crew.multiply_windows(&source.with_room()[skipped..], stride, source_weights, len);
        let entry = Rows::within(entry, len, level.channels, 0);
        let moments = crew.moments(&entry);
        let mut scratch = Scratch::new(len, level.channels);
        let moments = source_block.run(crew, style, (&entry, &moments), &mut scratch, true, &mut joined);
        (joined, moments)
    }
}
