//! What is in the layers: read from the file that [`export`](super::export) made.

use std::f32::consts::PI;
use std::sync::Mutex;

use bytemuck::Pod;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::adain::{Nonlinearity, StyleLayer, StyledConvolution};
use super::decode_block::{self, DecodeBlock, Doubling};
use super::generator::{Generator, LEVELS, LevelLayers};
use super::harmonics::HarmonicSource;
use super::residual::ResidualBlock;
use super::waveform::{BINS, Waveform};
use super::{Decoder, TEXT};
use crate::synth::kokoro::kernels::Windows;
use crate::synth::kokoro::kernels::pack::{Numbers, PackedConvolution, Shape, SharedBytes};
use crate::synth::kokoro::style::STYLE_SIZE;

/// Numbers of the style that the decoder uses; the rest belongs to the predictor.
pub const TIMBRE: usize = STYLE_SIZE / 2;

/// Channels that the later decode blocks get of the text features.
pub const FEW: usize = 64;

/// Widths of the kernels of a level's residual blocks; the model's `resblock_kernel_sizes`.
const BLOCK_TAPS: [usize; 3] = [3, 7, 11];

/// A residual block's name and the width of its kernels.
pub struct BlockName {
    /// As the export calls it.
    pub name: String,
    /// Width of all its kernels.
    pub taps: usize,
}

/// The residual blocks of a level: first that of the harmonic source, then those that follow one another.
pub fn residual_blocks(level: usize) -> Vec<BlockName> {
    let noise = BlockName { name: format!("noise_res.{level}"), taps: LEVELS[level].noise_block_taps };
    let rest = BLOCK_TAPS.iter().enumerate().map(|(index, taps)| BlockName {
        name: format!("resblocks.{}", level * BLOCK_TAPS.len() + index),
        taps: *taps,
    });
    std::iter::once(noise).chain(rest).collect()
}

/// A decode block's name and channels.
pub struct DecodeShape {
    /// As the export calls it.
    pub name: &'static str,
    /// Channels that go in.
    pub inputs: usize,
    /// Channels between its convolutions and that come out.
    pub outputs: usize,
    /// Whether it doubles the steps.
    pub doubles: bool,
}

/// The decode blocks, in order. Pitch and loudness make the last two inputs of each.
pub const DECODE_BLOCKS: [DecodeShape; 5] = [
    DecodeShape { name: "encode", inputs: TEXT + 2, outputs: 1024, doubles: false },
    DecodeShape { name: "decode.0", inputs: 1024 + FEW + 2, outputs: 1024, doubles: false },
    DecodeShape { name: "decode.1", inputs: 1024 + FEW + 2, outputs: 1024, doubles: false },
    DecodeShape { name: "decode.2", inputs: 1024 + FEW + 2, outputs: 1024, doubles: false },
    DecodeShape { name: "decode.3", inputs: 1024 + FEW + 2, outputs: 512, doubles: true },
];

/// Reads the file; the error tells what is wrong with it.
pub fn read(bytes: &SharedBytes) -> Result<Decoder, String> {
    let all: &[u8] = (**bytes).as_ref();
    let tensors = SafeTensors::deserialize(all).map_err(|cause| cause.to_string())?;
    let reader = Reader { all, bytes, tensors };
    Ok(Decoder {
        halvings: [reader.halving("F0_conv")?, reader.halving("N_conv")?],
        text: reader.windows("asr_res.0", TEXT, reader.floats("asr_res.0.bias", FEW)?)?,
        blocks: DECODE_BLOCKS.iter().map(|shape| reader.decode_block(shape)).collect::<Result<_, _>>()?,
        generator: reader.generator()?,
        spare: Mutex::default(),
    })
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
        if numbers.len() == count {
            Ok(numbers)
        } else {
            Err(format!("{name} has {} numbers", numbers.len()))
        }
    }

    fn array<const N: usize>(&self, name: &str) -> Result<[f32; N], String> {
        let numbers = self.floats(name, N)?;
        numbers.try_into().map_err(|_| format!("{name} has not {N} numbers"))
    }

    fn halving(&self, name: &str) -> Result<[f32; 4], String> {
        let [early, middle, late] = self.array(&format!("{name}.weight"))?;
        let [bias] = self.array(&format!("{name}.bias"))?;
        Ok([early, middle, late, bias])
    }

    /// Numbers that are used where they lie.
    fn numbers<T: Pod>(&self, name: &str, dtype: Dtype) -> Result<Numbers<T>, String> {
        let data = self.tensor(name, dtype)?;
        let start = data.data().as_ptr() as usize - self.all.as_ptr() as usize;
        let range = start..start + data.data().len();
        Numbers::new(self.bytes.clone(), range).ok_or_else(|| format!("{name} does not lie as numbers do"))
    }

    fn windows(&self, name: &str, depth: usize, bias: Vec<f32>) -> Result<Windows, String> {
        let name = format!("{name}.weight");
        Windows::new(depth, self.numbers(&name, Dtype::F32)?, bias)
            .ok_or_else(|| format!("{name} has another shape"))
    }

    fn decode_block(&self, shape: &DecodeShape) -> Result<DecodeBlock, String> {
        let DecodeShape { name, inputs, outputs, doubles } = *shape;
        let styled = |order: usize, inputs: usize| -> Result<StyledConvolution, String> {
            let layer = format!("{name}.conv{order}");
            Ok(StyledConvolution {
                style: self.style_layer(&format!("{layer}.style"), 2 * inputs)?,
                nonlinearity: Nonlinearity::Leaky(decode_block::SLOPE),
                convolution: self.convolution(&layer, Shape { inputs, outputs, taps: 3 })?,
            })
        };
        let doubling = || -> Result<Doubling, String> {
            let weight = self.floats(&format!("{name}.pool.weight"), 3 * inputs)?;
            let tap = |tap: usize| weight.iter().copied().skip(tap).step_by(3).collect();
            Ok(Doubling {
                taps: [tap(0), tap(1), tap(2)],
                bias: self.floats(&format!("{name}.pool.bias"), inputs)?,
            })
        };
        Ok(DecodeBlock {
            convolutions: [styled(1, inputs)?, styled(2, outputs)?],
            shortcut: self.windows(&format!("{name}.conv1x1"), inputs, vec![0.0; outputs])?,
            doubling: doubles.then(doubling).transpose()?,
        })
    }

    fn generator(&self) -> Result<Generator, String> {
        let levels = (0..LEVELS.len()).map(|level| self.level(level)).collect::<Result<_, _>>()?;
        let post = self.windows(
            "conv_post",
            LEVELS[1].channels * Waveform::TAPS,
            self.floats("conv_post.bias", BINS * 2)?,
        )?;
        let basis = self.floats("inverse_basis", BINS * 2 * Waveform::SIZE)?;
        let window = self.floats("window_sum", Waveform::SIZE)?;
        let waveform = Waveform { post, basis, window };
        let harmonics = HarmonicSource {
            gains: self.array("l_linear.weight")?,
            bias: self.array::<1>("l_linear.bias")?[0],
            window: self.array("window")?,
        };
        Ok(Generator { levels, harmonics, waveform })
    }

    fn level(&self, index: usize) -> Result<LevelLayers, String> {
        let level = &LEVELS[index];
        let (inputs, channels, factor) = (level.inputs, level.channels, level.factor);
        let bias = self.floats(&format!("ups.{index}.bias"), channels)?;
        let bias = bias.iter().copied().cycle().take(factor * channels).collect();
        let upsampling = self.windows(&format!("ups.{index}"), 2 * inputs, bias)?;
        let name = format!("noise_convs.{index}");
        let bias = self.floats(&format!("{name}.bias"), channels)?;
        let source = self.windows(&name, 2 * BINS * level.source_taps, bias)?;
        let mut blocks: Vec<ResidualBlock> = residual_blocks(index)
            .iter()
            .map(|block| self.residual_block(block, channels))
            .collect::<Result<_, _>>()?;
        let source_block = blocks.remove(0);
        Ok(LevelLayers { upsampling, source, source_block, blocks })
    }

    fn residual_block(&self, block: &BlockName, channels: usize) -> Result<ResidualBlock, String> {
        let shape = Shape { inputs: channels, outputs: channels, taps: block.taps };
        let half = |pair: usize, half: usize| -> Result<StyledConvolution, String> {
            let name = format!("{}.{pair}.{half}", block.name);
            let alpha = self.floats(&format!("{name}.alpha"), channels)?;
            Ok(StyledConvolution {
                style: self.style_layer(&format!("{name}.style"), 2 * channels)?,
                nonlinearity: Nonlinearity::Snake {
                    frequency: alpha.iter().map(|alpha| alpha / PI).collect(),
                    amplitude: alpha.iter().map(|alpha| 1.0 / alpha).collect(),
                },
                convolution: self.convolution(&name, shape)?,
            })
        };
        let pairs = (0..3).map(|pair| Ok([half(pair, 0)?, half(pair, 1)?]));
        Ok(ResidualBlock { pairs: pairs.collect::<Result<_, String>>()? })
    }

    fn convolution(&self, name: &str, shape: Shape) -> Result<PackedConvolution, String> {
        let weights = self.numbers(&format!("{name}.weight"), Dtype::I8)?;
        let offsets = self.numbers(&format!("{name}.offsets"), Dtype::I32)?;
        let [scale] = self.array(&format!("{name}.scale"))?;
        let bias = self.floats(&format!("{name}.bias"), shape.outputs)?;
        PackedConvolution::new(shape, weights, offsets, scale, bias)
            .ok_or_else(|| format!("{name} has another shape"))
    }

    fn style_layer(&self, name: &str, width: usize) -> Result<StyleLayer, String> {
        let weights: Numbers<i16> = self.numbers(&format!("{name}.weight"), Dtype::I16)?;
        if weights.len() != TIMBRE * width {
            return Err(format!("{name}.weight has {} weights", weights.len()));
        }
        Ok(StyleLayer {
            weights,
            scales: self.floats(&format!("{name}.scale"), width)?,
            bias: self.floats(&format!("{name}.bias"), width)?,
        })
    }
}
