//! The weights of the decoder's layers.

use std::f32::consts::PI;
use std::sync::Mutex;

use super::generator::{Generator, LEVELS, LevelLayers};
use super::harmonics::HarmonicSource;
use super::residual::ResidualBlock;
use super::waveform::{BINS, Waveform};
use super::{Decoder, TEXT};
use crate::synth::kokoro::decode_block::DecodeShape;
use crate::synth::kokoro::style::HALF_STYLE;
use crate::synth::nn::adain::{Nonlinearity, StyledConvolution};
use crate::synth::nn::convolution::Convolution;
use crate::synth::nn::weights::Reader;
use kernels::pack::Shape;

/// Channels that the later decode blocks get of the text features.
pub(crate) const FEW: usize = 64;

/// Widths of the kernels of a level's residual blocks; the model's `resblock_kernel_sizes`.
const BLOCK_TAPS: [usize; 3] = [3, 7, 11];

/// A residual block's name and the width of its kernels.
pub(crate) struct BlockName {
    /// As the export calls it.
    pub name: String,
    /// Width of all its kernels.
    pub taps: usize,
}

/// The residual blocks of a level: first that of the harmonic source, then those that follow one another.
pub(crate) fn residual_blocks(level: usize) -> Vec<BlockName> {
    let noise = BlockName { name: format!("noise_res.{level}"), taps: LEVELS[level].noise_block_taps };
    let rest = BLOCK_TAPS.iter().enumerate().map(|(index, taps)| BlockName {
        name: format!("resblocks.{}", level * BLOCK_TAPS.len() + index),
        taps: *taps,
    });
    std::iter::once(noise).chain(rest).collect()
}

/// The decode blocks, in order. Pitch and loudness make the last two inputs of each.
pub(crate) const DECODE_BLOCKS: [DecodeShape; 5] = [
    DecodeShape { name: "encode", inputs: TEXT + 2, outputs: 1024, doubles: false, is_tiled: true },
    DecodeShape { name: "decode.0", inputs: 1024 + FEW + 2, outputs: 1024, doubles: false, is_tiled: false },
    DecodeShape { name: "decode.1", inputs: 1024 + FEW + 2, outputs: 1024, doubles: false, is_tiled: false },
    DecodeShape { name: "decode.2", inputs: 1024 + FEW + 2, outputs: 1024, doubles: false, is_tiled: false },
    DecodeShape { name: "decode.3", inputs: 1024 + FEW + 2, outputs: 512, doubles: true, is_tiled: true },
];

impl Reader<'_> {
    /// The decoder.
    pub(crate) fn decoder(&self) -> Result<Decoder, String> {
        Ok(Decoder {
            halvings: [self.halving("F0_conv")?, self.halving("N_conv")?],
            text: self.windows("asr_res.0", TEXT, self.floats("asr_res.0.bias", FEW)?)?,
            blocks: DECODE_BLOCKS.iter().map(|shape| self.decode_block(shape)).collect::<Result<_, _>>()?,
            generator: self.generator()?,
            spare: Mutex::default(),
        })
    }

    fn halving(&self, name: &str) -> Result<[f32; 4], String> {
        let [early, middle, late] = self.array(&format!("{name}.weight"))?;
        let [bias] = self.array(&format!("{name}.bias"))?;
        Ok([early, middle, late, bias])
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
        let (channels, factor) = (level.channels, level.factor);
        let bias = self.floats(&format!("ups.{index}.bias"), channels)?;
        let bias: Vec<f32> = bias.iter().copied().cycle().take(factor * channels).collect();
        let (name, shape) = (format!("ups.{index}"), level.upsampling());
        let gains = self.floats(&format!("{name}.gains"), factor * channels)?;
        let upsampling = Convolution {
            direct: self.packed(&name, shape, gains, bias.clone())?,
            tiled: self.tiled(&name, shape, bias)?,
        };
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
                style: self.style_layer(&format!("{name}.style"), HALF_STYLE, 2 * channels)?,
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
}
