//! Reads the network from its file of weights.

use kernels::pack::{PackedConvolution, Shape};
use kernels::{DepthwiseConvolution, Normalisation, WindowWeights};

use super::block::{Block, FeedForward};
use super::decoder::Decoder;
use super::encoder::{Layer, Precision, TextEncoder, TokenBlock, TokenFeedForward, heads};
use super::entry::{CURVES, Entry, TAPS};
use super::prosody::{FRAMES_OF_STEP, Prosody};
use super::vocoder::{PADDED_BINS, PARTS};
use crate::synth::nn::linear::Linear;
use crate::synth::nn::weights::Reader;
use crate::synth::symbols;

/// The `eps` of all normalisations.
const EPSILON: f32 = 1e-5;

/// The network on the kernels.
pub(super) struct Weights {
    /// Features of the sound.
    pub text: TextEncoder,
    pub prosody: Prosody,
    pub decoder: Decoder,
}

impl Weights {
    /// Reads all layers; an error names the missing one.
    pub(super) fn read(reader: &Reader) -> Result<Self, String> {
        let text = reader.text_encoder_of("acoustic.text", Precision::Bits8)?;
        let prosody_text = reader.text_encoder_of("prosody.text", Precision::Bits16)?;
        let width = prosody_text.width();
        let channels = reader.count("decoder.norm.gain")?;
        Ok(Self {
            prosody: Prosody {
                duration_hidden: reader.float_layer("prosody.duration.hidden", 3 * width, width)?,
                duration: reader.float_layer("prosody.duration.out", width, 1)?,
                input: reader.float_layer("prosody.in", width, width)?,
                blocks: reader.blocks("prosody.block", width)?,
                output: reader.float_layer("prosody.out", width, FRAMES_OF_STEP * CURVES)?,
                text: prosody_text,
            },
            decoder: Decoder {
                entry: Entry {
                    text: reader.windows("decoder.in.text", text.width(), vec![0.0; TAPS * channels])?,
                    curves: reader.float_layer("decoder.in.curves", TAPS * CURVES, channels)?,
                },
                blocks: reader.blocks("decoder.block", channels)?,
                normalisation: reader.layer_norm("decoder.norm", channels)?,
                head: reader.linear_layer("decoder.head", channels, PARTS * PADDED_BINS)?,
            },
            text,
        })
    }
}

/// Whether all layers are there, for `crate::fuzzing`.
#[cfg(any(test, fuzzing))]
pub(in crate::synth) fn are_whole(reader: &Reader) -> bool {
    Weights::read(reader).is_ok()
}

impl Reader<'_> {
    fn layer_norm(&self, name: &str, width: usize) -> Result<Normalisation, String> {
        Ok(Normalisation {
            gain: self.floats(&format!("{name}.gain"), width)?,
            shift: self.floats(&format!("{name}.shift"), width)?,
            epsilon: EPSILON,
        })
    }

    fn float_layer(&self, name: &str, depth: usize, outputs: usize) -> Result<WindowWeights, String> {
        self.windows(name, depth, self.floats(&format!("{name}.bias"), outputs)?)
    }

    fn linear_layer(&self, name: &str, inputs: usize, outputs: usize) -> Result<PackedConvolution, String> {
        let gains = self.floats(&format!("{name}.gains"), outputs)?;
        let bias = self.floats(&format!("{name}.bias"), outputs)?;
        self.packed(name, Shape { inputs, outputs, taps: 1 }, gains, bias)
    }

    /// A layer for rows of either precision.
    fn token_layer(&self, name: &str, inputs: usize, outputs: usize) -> Result<Linear, String> {
        let shape = Linear::shape(inputs, outputs);
        Ok(Linear {
            weights: self.packed(name, shape, vec![1.0; outputs], vec![0.0; outputs])?,
            scales: self.floats(&format!("{name}.gains"), outputs)?,
            bias: self.floats(&format!("{name}.bias"), outputs)?,
        })
    }

    fn feed_forward(&self, name: &str, width: usize) -> Result<FeedForward, String> {
        let inner = self.count(&format!("{name}.wide.bias"))?;
        Ok(FeedForward {
            normalisation: self.layer_norm(&format!("{name}.norm"), width)?,
            wide: self.linear_layer(&format!("{name}.wide"), width, inner)?,
            narrow: self.linear_layer(&format!("{name}.narrow"), inner, width)?,
        })
    }

    fn token_feed_forward(
        &self,
        (name, norm): (&str, &str),
        width: usize,
        precision: Precision,
    ) -> Result<TokenFeedForward, String> {
        let inner = self.count(&format!("{name}.wide.bias"))?;
        Ok(TokenFeedForward {
            precision,
            normalisation: self.layer_norm(&format!("{name}.{norm}"), width)?,
            wide: self.token_layer(&format!("{name}.wide"), width, inner)?,
            narrow: self.token_layer(&format!("{name}.narrow"), inner, width)?,
        })
    }

    /// The depthwise convolutions of the blocks under a name, with their dilations and the names of the blocks.
    fn depthwise(
        &self,
        name: &str,
        width: usize,
    ) -> Result<Vec<(String, DepthwiseConvolution, usize)>, String> {
        let dilations = format!("{name}.dilations");
        let dilations = self.floats(&dilations, self.count(&dilations)?)?;
        let convolution = |(number, dilation): (usize, f32)| {
            let name = format!("{name}.{number}");
            let (weight, bias) = (format!("{name}.depthwise.weight"), format!("{name}.depthwise.bias"));
            let (weights, bias) = (self.floats(&weight, self.count(&weight)?)?, self.floats(&bias, width)?);
            let depthwise = DepthwiseConvolution::new(weights, bias);
            let depthwise = depthwise.ok_or_else(|| format!("{weight} has another shape"))?;
            Ok((name, depthwise, dilation as usize))
        };
        dilations.into_iter().enumerate().map(convolution).collect()
    }

    fn blocks(&self, name: &str, width: usize) -> Result<Vec<Block>, String> {
        let blocks = self.depthwise(name, width)?.into_iter().map(|(name, depthwise, dilation)| {
            Ok(Block { depthwise, dilation, feed_forward: self.feed_forward(&name, width)? })
        });
        blocks.collect()
    }

    fn token_blocks(
        &self,
        name: &str,
        width: usize,
        precision: Precision,
    ) -> Result<Vec<TokenBlock>, String> {
        let blocks = self.depthwise(name, width)?.into_iter().map(|(name, depthwise, dilation)| {
            let feed_forward = self.token_feed_forward((&name, "norm"), width, precision)?;
            Ok(TokenBlock { depthwise, dilation, feed_forward })
        });
        blocks.collect()
    }

    /// A text encoder with feed-forward parts of that precision.
    fn text_encoder_of(&self, name: &str, precision: Precision) -> Result<TextEncoder, String> {
        let width = self.count(&format!("{name}.norm.gain"))?;
        let [layers] = self.array(&format!("{name}.layers"))?;
        Ok(TextEncoder {
            tokens: self.floats(&format!("{name}.tokens"), symbols::TOKENS * width)?,
            blocks: self.token_blocks(&format!("{name}.block"), width, precision)?,
            layers: layers as usize,
            layer: Layer {
                normalisation: self.layer_norm(&format!("{name}.norm1"), width)?,
                attention: self.token_layer(&format!("{name}.attention"), width, heads(width).row())?,
                dense: self.token_layer(&format!("{name}.dense"), width, width)?,
                feed_forward: self.token_feed_forward((name, "norm2"), width, precision)?,
            },
            normalisation: self.layer_norm(&format!("{name}.norm"), width)?,
        })
    }
}
