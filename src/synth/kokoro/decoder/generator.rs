//! The generator (an iSTFTNet vocoder): nine tenths of the work of the voice.
//!
//! ```text
//!  features ─ upsample ─────────┐
//!                               + ─▶ three residual blocks, their mean ─▶ next level … ─▶ spectra ─▶ samples
//!  source ─ convolve ─ residual ┘
//! ```

use super::harmonics::HarmonicSource;
use super::pass::{Crew, Moments};
use super::residual::{ResidualBlock, Scratch};
use super::rows::Rows;
use super::waveform::{BINS, Waveform, leak};
use crate::synth::kokoro::kernels::Windows;

/// What is negative is multiplied with this before the upsampling of a level.
const SLOPE: f32 = 0.1;

/// One level of the generator, after an upsampling. Figures are those of `istftnet` in the model's `config.json`
/// (hexgrad/Kokoro-82M).
pub struct Level {
    /// Channels before the upsampling.
    pub inputs: usize,
    /// Channels of the level.
    pub channels: usize,
    /// Steps that one step becomes.
    pub factor: usize,
    /// Steps of the harmonic source that make one of this level's.
    pub source_stride: usize,
    /// Width of the convolution of the harmonic source.
    pub source_taps: usize,
    /// Width of the kernels of the residual block of the harmonic source.
    pub noise_block_taps: usize,
}

/// Both levels.
pub const LEVELS: [Level; 2] = [
    Level { inputs: 512, channels: 256, factor: 10, source_stride: 6, source_taps: 12, noise_block_taps: 7 },
    Level { inputs: 256, channels: 128, factor: 6, source_stride: 1, source_taps: 1, noise_block_taps: 11 },
];

/// A level's layers.
pub struct LevelLayers {
    /// The transposed convolution: windows of two steps become [`Level::factor`] steps.
    pub upsampling: Windows,
    /// The convolution of the harmonic source.
    pub source: Windows,
    /// The residual block of the harmonic source.
    pub source_block: ResidualBlock,
    /// The residual blocks whose mean is the level's output.
    pub blocks: Vec<ResidualBlock>,
}

/// The layers of the generator.
pub struct Generator {
    /// Both levels.
    pub levels: Vec<LevelLayers>,
    /// What the second input is made of.
    pub harmonics: HarmonicSource,
    /// What makes sound of the last level.
    pub waveform: Waveform,
}

impl Generator {
    /// Room that [`run`](Self::run) needs before and behind its input.
    pub fn room(crew: Crew) -> (usize, usize) {
        (1, crew.isa.row_tile() + 1)
    }

    /// Samples at 24 kHz. `rows` are features and `pitch` is the pitch in Hz, both at 80 steps a second; the features have
    /// [`room`](Self::room). `is_stopped` is asked between blocks; when it says so, the result is `None`.
    pub fn run(
        &self,
        mut rows: Rows,
        pitch: &[f32],
        style: &[f32],
        crew: Crew,
        is_stopped: &dyn Fn() -> bool,
    ) -> Option<Vec<f32>> {
        let tile = crew.isa.row_tile();
        let room = LEVELS[0].source_stride * tile + LEVELS[0].source_taps;
        let source = self.harmonics.spectra(pitch, LEVELS[0].source_taps / 4, room);
        leak(rows.as_mut_slice(), 1.0, SLOPE);
        for (index, level) in self.levels.iter().enumerate() {
            let is_last = index + 1 == LEVELS.len();
            let (joined, moments) = self.enter(crew, index, &rows, &source, style);
            // The next layer's padding: one step for an upsampling, three for the last convolution.
            let (front, back) =
                if is_last { (Waveform::PADDING, Waveform::PADDING + tile) } else { Self::room(crew) };
            let mut sum = Rows::new(joined.len(), joined.channels(), front, back);
            let mut scratch = Scratch::new(joined.len(), joined.channels());
            for (number, block) in level.blocks.iter().enumerate() {
                if is_stopped() {
                    return None;
                }
                block.run(crew, style, (&joined, &moments), &mut scratch, number > 0, &mut sum);
            }
            rows = sum;
            if !is_last {
                leak(rows.as_mut_slice(), 1.0 / level.blocks.len() as f32, SLOPE);
            }
        }
        let blocks = self.levels.last().map_or(1, |level| level.blocks.len());
        Some(self.waveform.render(crew, rows, blocks as f32))
    }

    /// Upsamples `rows` and adds what the harmonic source makes of it.
    fn enter(&self, crew: Crew, index: usize, rows: &Rows, source: &Rows, style: &[f32]) -> (Rows, Moments) {
        let level = &LEVELS[index];
        let LevelLayers { upsampling, source: source_weights, source_block, .. } = &self.levels[index];
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
