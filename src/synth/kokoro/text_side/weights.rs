//! The weights of the text side's layers.

use safetensors::tensor::Dtype;

use super::TextSide;
use super::albert::{self, Albert, INNER, Layer, NARROW, WIDTH};
use super::duration::{DurationPredictor, LAYERS as STYLED_LAYERS, SIGMOIDS, StyledEncoder};
use super::prosody::{CHANNELS, Curve, LOUDNESS, PITCH, Prosody};
use super::text_encoder::{self, TextEncoder};
use crate::synth::kokoro::decode_block::DecodeShape;
use crate::synth::kokoro::style::HALF_STYLE;
use crate::synth::nn::adain::StyleLayer;
use crate::synth::nn::linear::Linear;
use crate::synth::nn::lstm::{Lstm, OUTPUTS, UNITS, input_shape};
use crate::synth::nn::weights::Reader;
use kernels::pack::{MappedSlice, PackedConvolution, Shape};
use kernels::{Normalisation, Recurrence};

/// The names of an LSTM of the styled encoder, and of the normalisation behind it, as the export calls them.
pub(crate) fn layer_names(layer: usize) -> (String, String) {
    (format!("text_encoder.lstms.{}", 2 * layer), format!("text_encoder.lstms.{}", 2 * layer + 1))
}

impl Reader<'_> {
    /// The text side.
    pub(crate) fn text_side(&self) -> Result<TextSide, String> {
        let styled = |layer: usize| {
            let (lstm, norm) = layer_names(layer);
            Ok((
                self.lstm(&lstm, true)?,
                self.style_layer(&format!("{norm}.style"), HALF_STYLE, 2 * OUTPUTS)?,
            ))
        };
        let bias = self.floats("duration_proj.bias", SIGMOIDS)?;
        Ok(TextSide {
            albert: self.albert()?,
            text_encoder: self.text_encoder()?,
            styled_encoder: StyledEncoder {
                layers: (0..STYLED_LAYERS).map(styled).collect::<Result<_, String>>()?,
            },
            durations: DurationPredictor {
                lstm: self.lstm("durations", true)?,
                projection: self.windows("duration_proj", OUTPUTS, bias)?,
            },
            prosody: Prosody {
                shared: self.lstm("shared", true)?,
                pitch: self.curve(&PITCH, "F0_proj")?,
                loudness: self.curve(&LOUDNESS, "N_proj")?,
            },
        })
    }

    fn albert(&self) -> Result<Albert, String> {
        let mut kind = self.floats("albert.kinds", 2 * NARROW)?;
        kind.truncate(NARROW);
        let normalisation =
            |name: &str, width| self.normalisation(&format!("albert.{name}"), width, albert::EPSILON);
        let linear = |name: &str, inputs, outputs| self.linear(&format!("albert.{name}"), inputs, outputs);
        Ok(Albert {
            tokens: self.table("albert.tokens", NARROW)?,
            places: self.table("albert.places", NARROW)?,
            kind,
            normalisation: normalisation("embedding", NARROW)?,
            widening: self.windows("albert.widening", NARROW, self.floats("albert.widening.bias", WIDTH)?)?,
            layer: Layer {
                attention: linear("attention", WIDTH, 3 * WIDTH)?,
                dense: linear("dense", WIDTH, WIDTH)?,
                attention_normalisation: normalisation("attention", WIDTH)?,
                wide: linear("wide", WIDTH, INNER)?,
                narrow: linear("narrow", INNER, WIDTH)?,
                normalisation: normalisation("layer", WIDTH)?,
            },
            projection: self.windows(
                "albert.projection",
                WIDTH,
                self.floats("albert.projection.bias", OUTPUTS)?,
            )?,
        })
    }

    fn text_encoder(&self) -> Result<TextEncoder, String> {
        let channels = text_encoder::CHANNELS;
        let shape = Shape { inputs: channels, outputs: channels, taps: text_encoder::TAPS };
        let layer = |layer: usize| {
            let name = format!("text_encoder.cnn.{layer}");
            let norm = self.normalisation(&name, channels, text_encoder::EPSILON)?;
            Ok((self.convolution(&name, shape)?, norm))
        };
        Ok(TextEncoder {
            tokens: self.table("text_encoder.tokens", channels)?,
            layers: (0..text_encoder::LAYERS).map(layer).collect::<Result<_, String>>()?,
            lstm: self.lstm("text_encoder.lstm", false)?,
        })
    }

    fn curve(&self, blocks: &[DecodeShape], projection: &str) -> Result<Curve, String> {
        let bias = self.floats(&format!("{projection}.bias"), 1)?;
        Ok(Curve {
            blocks: blocks.iter().map(|shape| self.decode_block(shape)).collect::<Result<_, _>>()?,
            projection: self.windows(projection, CHANNELS, bias)?,
        })
    }

    /// Rows of `width` numbers.
    fn table(&self, name: &str, width: usize) -> Result<MappedSlice<f32>, String> {
        let numbers: MappedSlice<f32> = self.numbers(name, Dtype::F32)?;
        if numbers.len().is_multiple_of(width) {
            return Ok(numbers);
        }
        Err(format!("{name} has {} numbers", numbers.len()))
    }

    fn normalisation(&self, name: &str, width: usize, epsilon: f32) -> Result<Normalisation, String> {
        Ok(Normalisation {
            gain: self.floats(&format!("{name}.gain"), width)?,
            shift: self.floats(&format!("{name}.shift"), width)?,
            epsilon,
        })
    }

    /// Packed weights, whose gains and bias are applied elsewhere.
    fn bare(&self, name: &str, shape: Shape) -> Result<PackedConvolution, String> {
        self.packed(name, shape, vec![1.0; shape.outputs], vec![0.0; shape.outputs])
    }

    fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<Linear, String> {
        Ok(Linear {
            weights: self.bare(name, Linear::shape(inputs, outputs))?,
            scales: self.floats(&format!("{name}.scale"), outputs)?,
            bias: self.floats(&format!("{name}.bias"), outputs)?,
        })
    }

    fn lstm(&self, name: &str, is_styled: bool) -> Result<Lstm, String> {
        let state = |direction: usize| -> Result<Recurrence, String> {
            let name = format!("{name}.state.{direction}");
            let weights = self.numbers(&format!("{name}.weight"), Dtype::I8)?;
            let offsets = self.numbers(&format!("{name}.offsets"), Dtype::I32)?;
            let [scale] = self.array(&format!("{name}.scale"))?;
            Recurrence::new(UNITS, weights, offsets, scale).ok_or_else(|| format!("{name} has another shape"))
        };
        let weights: MappedSlice<i16> = self.numbers(&format!("{name}.style.weight"), Dtype::I16)?;
        let styled = if is_styled { HALF_STYLE } else { 0 };
        if weights.len() != styled * Lstm::PROJECTED {
            return Err(format!("{name}.style has {} weights", weights.len()));
        }
        Ok(Lstm {
            input: self.bare(name, input_shape(OUTPUTS))?,
            style: StyleLayer {
                weights,
                scales: self.floats(&format!("{name}.style.scale"), Lstm::PROJECTED)?,
                bias: self.floats(&format!("{name}.style.bias"), Lstm::PROJECTED)?,
            },
            state: [state(0)?, state(1)?],
        })
    }
}
