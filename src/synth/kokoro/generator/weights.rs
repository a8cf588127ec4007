//! The generator's shape, and its weights as they are read from the file that [`export`](super::export) made.

use std::f32::consts::PI;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::residual::{ResidualBlock, StyleLayer, StyledConvolution, StyledSnake};
use super::waveform::{BINS, Waveform};
use crate::synth::kokoro::kernels::Windows;
use crate::synth::kokoro::kernels::pack::{PackedConvolution, Shape, SharedBytes};
use crate::synth::kokoro::style::STYLE_SIZE;

/// Numbers of the style that the decoder uses; the rest belongs to the predictor.
pub const TIMBRE: usize = STYLE_SIZE / 2;

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
    noise_block_taps: usize,
    upsampling: &'static str,
}

impl Level {
    /// The name of the upsampling's weights in the export.
    pub fn upsampling_weight(&self) -> String {
        format!("/decoder/decoder/generator/{}", self.upsampling)
    }
}

/// Both levels.
pub const LEVELS: [Level; 2] = [
    Level {
        inputs: 512,
        channels: 256,
        factor: 10,
        source_stride: 6,
        source_taps: 12,
        noise_block_taps: 7,
        upsampling: "Mul_output_0",
    },
    Level {
        inputs: 256,
        channels: 128,
        factor: 6,
        source_stride: 1,
        source_taps: 1,
        noise_block_taps: 11,
        upsampling: "Mul_1_output_0",
    },
];

/// Widths of the kernels of a level's residual blocks; the model's `resblock_kernel_sizes`.
const BLOCK_TAPS: [usize; 3] = [3, 7, 11];

/// A residual block's name and the width of its kernels.
pub struct BlockName {
    /// As the export calls it.
    pub name: String,
    /// Width of all its kernels.
    pub taps: usize,
}

/// The blocks of a level: first that of the harmonic source, then those that follow one another.
pub fn blocks(level: usize) -> Vec<BlockName> {
    let noise = BlockName { name: format!("noise_res.{level}"), taps: LEVELS[level].noise_block_taps };
    let rest = BLOCK_TAPS.iter().enumerate().map(|(index, taps)| BlockName {
        name: format!("resblocks.{}", level * BLOCK_TAPS.len() + index),
        taps: *taps,
    });
    std::iter::once(noise).chain(rest).collect()
}

/// A level's layers.
pub struct LevelWeights {
    /// The transposed convolution: windows of two steps become [`Level::factor`] steps.
    pub upsampling: Windows,
    /// The convolution of the harmonic source.
    pub source: Windows,
    /// The residual block of the harmonic source.
    pub source_block: ResidualBlock,
    /// The residual blocks whose mean is the level's output.
    pub blocks: Vec<ResidualBlock>,
}

/// All layers.
pub struct Weights {
    /// Both levels.
    pub levels: Vec<LevelWeights>,
    /// What makes sound of the last level.
    pub waveform: Waveform,
}

impl Weights {
    /// Reads the file; the error tells what is wrong with it.
    pub fn read(bytes: &SharedBytes) -> Result<Self, String> {
        let all: &[u8] = (**bytes).as_ref();
        let tensors = SafeTensors::deserialize(all).map_err(|cause| cause.to_string())?;
        let reader = Reader { all, bytes, tensors };
        let levels = (0..LEVELS.len()).map(|level| reader.level(level)).collect::<Result<_, _>>()?;
        let post = reader.floats("conv_post.weight", BINS * 2 * LEVELS[1].channels * Waveform::TAPS)?;
        let bias = reader.floats("conv_post.bias", BINS * 2)?;
        let basis = reader.floats("inverse_basis", BINS * 2 * Waveform::SIZE)?;
        let window = reader.floats("window_sum", Waveform::SIZE)?;
        let waveform = Waveform::new(LEVELS[1].channels, &post, &bias, basis, window);
        Ok(Self { levels, waveform })
    }
}

struct Reader<'a> {
    all: &'a [u8],
    bytes: &'a SharedBytes,
    tensors: SafeTensors<'a>,
}

impl Reader<'_> {
    fn tensor(&self, name: &str, dtype: Dtype) -> Result<TensorView<'_>, String> {
        let tensor = self.tensors.tensor(name).map_err(|cause| format!("{name}: {cause}"))?;
        if tensor.dtype() == dtype { Ok(tensor) } else { Err(format!("{name} is {:?}", tensor.dtype())) }
    }

    fn floats(&self, name: &str, count: usize) -> Result<Vec<f32>, String> {
        let tensor = self.tensor(name, Dtype::F32)?;
        let numbers: Vec<f32> =
            tensor.data().as_chunks::<4>().0.iter().copied().map(f32::from_le_bytes).collect();
        if numbers.len() == count { Ok(numbers) } else { Err(format!("{name} has {} numbers", numbers.len())) }
    }

    fn level(&self, index: usize) -> Result<LevelWeights, String> {
        let level = &LEVELS[index];
        let (inputs, channels, factor) = (level.inputs, level.channels, level.factor);
        let weight = self.floats(&format!("ups.{index}.weight"), inputs * channels * 2 * factor)?;
        let bias = self.floats(&format!("ups.{index}.bias"), channels)?;
        let bias: Vec<f32> = bias.iter().copied().cycle().take(factor * channels).collect();
        // The export has [input, output, tap]; tap `k` puts step `i` at `i × factor + k`. A window holds the step before (whose
        // late taps reach here) and the step itself.
        let upsampling = Windows::pack(2 * inputs, &bias, |d, o| {
            let (is_before, input) = (d < inputs, d % inputs);
            let (phase, output) = (o / channels, o % channels);
            let tap = phase + if is_before { factor } else { 0 };
            weight[(input * channels + output) * 2 * factor + tap]
        });
        let depth = 2 * BINS * level.source_taps;
        let weight = self.floats(&format!("noise_convs.{index}.weight"), channels * depth)?;
        let bias = self.floats(&format!("noise_convs.{index}.bias"), channels)?;
        let source = Windows::pack(depth, &bias, |d, o| {
            let (tap, input) = (d / (2 * BINS), d % (2 * BINS));
            weight[(o * 2 * BINS + input) * level.source_taps + tap]
        });
        let mut blocks: Vec<ResidualBlock> =
            blocks(index).iter().map(|block| self.block(block, channels)).collect::<Result<_, _>>()?;
        let source_block = blocks.remove(0);
        Ok(LevelWeights { upsampling, source, source_block, blocks })
    }

    fn block(&self, block: &BlockName, channels: usize) -> Result<ResidualBlock, String> {
        let half = |pair: usize, half: usize| self.styled(&format!("{}.{pair}.{half}", block.name), block, channels);
        let pairs = (0..3).map(|pair| Ok([half(pair, 0)?, half(pair, 1)?]));
        Ok(ResidualBlock { pairs: pairs.collect::<Result<_, String>>()? })
    }

    fn styled(&self, name: &str, block: &BlockName, channels: usize) -> Result<StyledConvolution, String> {
        let shape = Shape { inputs: channels, outputs: channels, taps: block.taps };
        let weight = self.tensor(&format!("{name}.weight"), Dtype::I8)?;
        let start = weight.data().as_ptr() as usize - self.all.as_ptr() as usize;
        let range = start..start + weight.data().len();
        let scale = self.floats(&format!("{name}.scale"), 1)?[0];
        let bias = self.floats(&format!("{name}.bias"), channels)?;
        let convolution = PackedConvolution::new(shape, self.bytes.clone(), range, scale, bias)
            .ok_or_else(|| format!("{name}.weight has another shape"))?;
        let alpha = self.floats(&format!("{name}.alpha"), channels)?;
        let entry = StyledSnake {
            style: self.style_layer(&format!("{name}.style"), 2 * channels)?,
            frequency: alpha.iter().map(|alpha| alpha / PI).collect(),
            amplitude: alpha.iter().map(|alpha| 1.0 / alpha).collect(),
        };
        Ok(StyledConvolution { entry, convolution })
    }

    fn style_layer(&self, name: &str, width: usize) -> Result<StyleLayer, String> {
        let weights = self.tensor(&format!("{name}.weight"), Dtype::I16)?;
        if weights.shape() != [TIMBRE, width] {
            return Err(format!("{name}.weight has the shape {:?}", weights.shape()));
        }
        Ok(StyleLayer {
            weights: weights.data().as_chunks::<2>().0.iter().copied().map(i16::from_le_bytes).collect(),
            scales: self.floats(&format!("{name}.scale"), width)?,
            bias: self.floats(&format!("{name}.bias"), width)?,
        })
    }
}
