//! The generator (an iSTFTNet vocoder): nine tenths of the work of the voice.
//!
//! ```text
//!  features ─ upsample ─────────┐
//!                               + ─▶ three residual blocks, their mean ─▶ next level … ─▶ spectra ─▶ samples
//!  source ─ convolve ─ residual ┘
//! ```

use super::harmonics::HarmonicSource;
use super::residual::{Places, ResidualBlock};
use super::waveform::Waveform;
use crate::synth::nn::convolution::Convolution;
use crate::synth::nn::pass::{Checkpoint, Executor, Moments, Spread, Writeback};
use crate::synth::nn::rows::Rows;
use crate::synth::nn::windows::Framing;
use kernels::element::{Element, f16};
use kernels::pack::Shape;
use kernels::{Activation, RowTransform, WindowWeights};

/// Slope for negative values before the upsampling of a level.
const SLOPE: f32 = 0.1;

/// One level of the generator, after an upsampling. Figures are those of `istftnet` in the model's `config.json`
/// (hexgrad/Kokoro-82M).
pub(crate) struct Level {
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

impl Level {
    /// The upsampling: the step before and the step itself become [`Level::factor`] steps.
    pub(crate) const fn upsampling(&self) -> Shape {
        Shape { inputs: self.inputs, outputs: self.factor * self.channels, taps: 2 }
    }
}

/// Both levels.
pub(crate) const LEVELS: [Level; 2] = [
    Level { inputs: 512, channels: 256, factor: 10, source_stride: 6, source_taps: 12, noise_block_taps: 7 },
    Level { inputs: 256, channels: 128, factor: 6, source_stride: 1, source_taps: 1, noise_block_taps: 11 },
];

/// A level's layers.
pub(crate) struct LevelLayers {
    /// The transposed convolution, see [`Level::upsampling`].
    pub upsampling: Convolution,
    /// The convolution of the harmonic source.
    pub source: WindowWeights,
    /// The residual block of the harmonic source.
    pub source_block: ResidualBlock,
    /// The residual blocks whose mean is the level's output.
    pub blocks: Vec<ResidualBlock>,
}

/// The long rows that the generator works in, kept from one utterance to the next. They are 16-bit floats: at 4800
/// steps a second they take most of the memory, and moving them takes most of the time beside the inner products.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// Spectra of the harmonic source.
    source: Rows,
    /// The common input of all residual blocks of a level.
    joined: Rows<f16>,
    running: Rows<f16>,
    between: Rows<f16>,
    /// The sum of the residual blocks.
    total: Rows<f16>,
}

impl Workspace {
    /// Makes room for the last level of `len` steps at once, so that each level reuses the same memory.
    fn reserve(&mut self, len: usize) {
        let steps = LEVELS.iter().fold(len, |len, level| len * level.factor) + 1;
        let channels = LEVELS[LEVELS.len() - 1].channels;
        for rows in [&mut self.joined, &mut self.running, &mut self.between, &mut self.total] {
            rows.reshape(steps, channels);
        }
    }
}

/// The layers of the generator.
pub(crate) struct Generator {
    /// Both levels.
    pub levels: Vec<LevelLayers>,
    /// The source of the second input.
    pub harmonics: HarmonicSource,
    /// The layer that makes sound of the last level.
    pub waveform: Waveform,
}

impl Generator {
    /// Samples at 24 kHz. `rows` are features and `pitch` is the pitch in Hz, both at 80 steps a second. `checkpoint`
    /// is called between blocks; when it stops the work, the result is `None`.
    pub(crate) fn run(
        &self,
        rows: Rows,
        pitch: &[f32],
        style: &[f32],
        mut executor: Executor,
        workspace: &mut Workspace,
        checkpoint: Checkpoint,
    ) -> Option<Vec<f32>> {
        workspace.reserve(rows.len());
        self.harmonics.spectra(pitch, &mut workspace.source);
        let mut moments = self.enter(executor, 0, (&rows, 1.0), style, workspace);
        drop(rows);
        for (index, level) in self.levels.iter().enumerate() {
            if index > 0 {
                let features = std::mem::take(&mut workspace.total);
                let mean = 1.0 / self.levels[index - 1].blocks.len() as f32;
                moments = self.enter(executor, index, (&features, mean), style, workspace);
                workspace.total = features;
            }
            let Workspace { joined, running, between, total, .. } = workspace;
            total.reshape(joined.len(), joined.channels());
            running.reshape(joined.len(), joined.channels());
            for (number, block) in level.blocks.iter().enumerate() {
                executor.threads = checkpoint()?;
                let places = if number == 0 {
                    Places { input: Some(joined), running: total, between, total: None }
                } else if number + 1 < level.blocks.len() {
                    Places { input: Some(joined), running, between, total: Some(total) }
                } else {
                    Places { input: None, running: joined, between, total: Some(total) }
                };
                block.run(executor, style, &moments, places);
            }
        }
        let blocks = self.levels.last().map_or(1, |level| level.blocks.len());
        Some(self.waveform.render(executor, &workspace.total, 1.0 / blocks as f32))
    }

    /// Enters a level: upsamples `rows` times `factor` and adds the harmonic source's part, into `joined`, whose
    /// moments are returned.
    fn enter<T: Element>(
        &self,
        executor: Executor,
        index: usize,
        (rows, factor): (&Rows<T>, f32),
        style: &[f32],
        workspace: &mut Workspace,
    ) -> Moments {
        let level = &LEVELS[index];
        let LevelLayers { upsampling, source: source_weights, source_block, .. } = &self.levels[index];
        let Workspace { source, joined, between, .. } = workspace;
        let is_last = index + 1 == LEVELS.len();
        let len = rows.len() * level.factor + usize::from(is_last);
        joined.reshape(len, level.channels);
        between.reshape(len, level.channels);
        let framing = Framing {
            rows: level.source_taps,
            stride: level.source_stride,
            padding: level.source_taps / 4,
            ..Framing::POINTWISE
        };
        let moments = executor.multiply_windows((source, framing), source_weights, Writeback::PLAIN, joined);
        let places = Places { input: None, running: joined, between, total: None };
        source_block.run(executor, style, &moments, places);
        let (gain, shift) = (vec![factor; rows.channels()], vec![0.0; rows.channels()]);
        let transform = RowTransform { gain: &gain, shift: &shift, activation: Activation::Leaky(SLOPE) };
        // A transposed convolution's first and last half step are cut off; one step before the first is reflected.
        let spread = Spread { skipped: level.factor / 2 - usize::from(is_last), is_reflected: is_last };
        upsampling.upsample(executor, (rows, &transform), spread, Writeback::ADDED, joined)
    }
}
