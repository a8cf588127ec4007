//! Takes the weights out of the ONNX export and lays them out for the kernels, as a file of weights.
//!
//! Parameters keep the names of the model's modules; quantized weights have lost theirs. These are found by the bias that is
//! added to their products.

use rten_onnx::onnx::{GraphProto, NodeProto};

use super::entry::{CURVES, TAPS};
use super::vocoder::{BINS, PADDED_BINS, PARTS};
use crate::synth::nn::writer::Writer;
use crate::synth::onnx::Graph;
use kernels::pack::{Shape, pack_windows};

/// The weights of a graph as a safetensors file; the error names the missing part.
pub(in crate::synth) fn export(graph: &GraphProto) -> Result<Vec<u8>, String> {
    let mut export = Export { graph: Graph::new(graph), file: Writer::default() };
    for (name, module) in [("acoustic", "m"), ("prosody", "pn")] {
        export.encoder(&format!("{name}.text"), &format!("{module}.text"))?;
    }
    export.blocks("prosody.block", "pn.pro")?;
    for (name, module) in [
        ("prosody.duration.hidden", "pn.dur.0"),
        ("prosody.duration.out", "pn.dur.2"),
        ("prosody.in", "pn.pro_in"),
        ("prosody.out", "pn.pro_out"),
    ] {
        export.convolution(name, module)?;
    }
    export.entry()?;
    export.blocks("decoder.block", "m.dec")?;
    export.normalisation("decoder.norm", "m.dec_norm")?;
    export.head()?;
    export.file.write()
}

/// A quantized linear layer: a row of outputs for each input.
struct Linear {
    numbers: Vec<i16>,
    scale: f32,
    bias: Vec<f32>,
}

impl Linear {
    fn shape(&self) -> Shape {
        let outputs = self.bias.len();
        Shape { inputs: self.numbers.len() / outputs.max(1), outputs, taps: 1 }
    }
}

/// A file in the making.
struct Export<'a> {
    graph: Graph<'a>,
    file: Writer,
}

impl Export<'_> {
    fn copy(&mut self, name: &str, module: &str) -> Result<usize, String> {
        let numbers = self.graph.floats(module)?;
        self.file.add_floats(name.to_owned(), &numbers);
        Ok(numbers.len())
    }

    fn normalisation(&mut self, name: &str, module: &str) -> Result<usize, String> {
        self.copy(&format!("{name}.gain"), &format!("{module}.weight"))?;
        self.copy(&format!("{name}.shift"), &format!("{module}.bias"))
    }

    /// The layer whose bias has that name.
    fn linear(&self, bias: &str) -> Result<Linear, String> {
        let sum = self.graph.user(bias)?;
        let product = sum.input.iter().find(|input| *input != bias);
        let product = product.ok_or_else(|| format!("“{bias}” is added to nothing"))?;
        // Products are scaled after they became floats.
        let whole = self.graph.input(self.graph.input(product, 0)?, 0)?;
        let (numbers, scales) = (self.graph.multiplication(whole)?, self.graph.column_scales(whole)?);
        let [scale] = scales.as_slice() else {
            return Err(format!("the weights before “{bias}” have {} scales", scales.len()));
        };
        let bias_numbers = self.graph.floats(bias)?;
        if bias_numbers.is_empty() || !numbers.len().is_multiple_of(bias_numbers.len()) {
            return Err(format!("“{bias}” has {} numbers for {} weights", bias_numbers.len(), numbers.len()));
        }
        Ok(Linear { numbers, scale: *scale, bias: bias_numbers })
    }

    /// Adds a layer whose outputs are multiplied by `factors`.
    fn add_linear(
        &mut self,
        name: &str,
        linear: &Linear,
        factor: impl Fn(usize) -> f32,
    ) -> Result<(), String> {
        let outputs = linear.bias.len();
        self.file.add_packed(name, linear.shape(), &linear.numbers, |o, c, _| c * outputs + o)?;
        let gains: Vec<f32> = (0..outputs).map(|output| linear.scale * factor(output)).collect();
        let bias = linear.bias.iter().enumerate().map(|(output, bias)| bias * factor(output));
        self.file.add_floats(format!("{name}.gains"), &gains);
        self.file.add_floats(format!("{name}.bias"), &bias.collect::<Vec<_>>());
        Ok(())
    }

    /// A text encoder: embeddings, ConvNeXt blocks, and a transformer layer with the number of its applications.
    fn encoder(&mut self, name: &str, module: &str) -> Result<(), String> {
        self.copy(&format!("{name}.tokens"), &format!("{module}.emb.weight"))?;
        self.blocks(&format!("{name}.block"), &format!("{module}.convs"))?;
        let width = self.normalisation(&format!("{name}.norm"), &format!("{module}.norm"))?;
        for norm in ["norm1", "norm2"] {
            self.normalisation(&format!("{name}.{norm}"), &format!("{module}.attn.{norm}"))?;
        }
        let bias = format!("{module}.attn.self_attn.in_proj_bias");
        let layers = self.graph.users(&bias).len();
        self.file.add_floats(format!("{name}.layers"), &[layers as f32]);
        let attention = self.linear(&bias)?;
        let factor = super::encoder::heads(width).score_factor();
        self.add_linear(
            &format!("{name}.attention"),
            &attention,
            |output| {
                if output < width { factor } else { 1.0 }
            },
        )?;
        for (part, bias) in [("dense", "self_attn.out_proj"), ("wide", "linear1"), ("narrow", "linear2")] {
            let linear = self.linear(&format!("{module}.attn.{bias}.bias"))?;
            self.add_linear(&format!("{name}.{part}"), &linear, |_| 1.0)?;
        }
        Ok(())
    }

    /// The ConvNeXt blocks that are numbered under a name, with their dilations.
    fn blocks(&mut self, name: &str, module: &str) -> Result<(), String> {
        let mut dilations = Vec::new();
        while let Some(node) = self.graph.users(&format!("{module}.{}.dw.weight", dilations.len())).first() {
            let number = dilations.len();
            dilations.push(dilation(node) as f32);
            self.block(&format!("{name}.{number}"), &format!("{module}.{number}"))?;
        }
        if dilations.is_empty() {
            return Err(format!("it has no block “{module}.0”"));
        }
        self.file.add_floats(format!("{name}.dilations"), &dilations);
        Ok(())
    }

    fn block(&mut self, name: &str, module: &str) -> Result<(), String> {
        let weights = self.graph.floats(&format!("{module}.dw.weight"))?;
        let channels = self.copy(&format!("{name}.depthwise.bias"), &format!("{module}.dw.bias"))?;
        let taps = weights.len() / channels.max(1);
        let by_tap = (0..taps * channels).map(|index| weights[index % channels * taps + index / channels]);
        self.file.add_floats(format!("{name}.depthwise.weight"), &by_tap.collect::<Vec<_>>());
        self.normalisation(&format!("{name}.norm"), &format!("{module}.norm"))?;
        let wide = self.linear(&format!("{module}.pw1.bias"))?;
        self.add_linear(&format!("{name}.wide"), &wide, |_| 1.0)?;
        let gamma = self.graph.floats(&format!("{module}.gamma"))?;
        let narrow = self.linear(&format!("{module}.pw2.bias"))?;
        if gamma.len() != narrow.bias.len() {
            return Err(format!("{module}.gamma has {} numbers", gamma.len()));
        }
        self.add_linear(&format!("{name}.narrow"), &narrow, |output| gamma[output])
    }

    /// A convolution of floats: a window of rows for each output.
    fn convolution(&mut self, name: &str, module: &str) -> Result<(), String> {
        let weights = self.graph.floats(&format!("{module}.weight"))?;
        let outputs = self.copy(&format!("{name}.bias"), &format!("{module}.bias"))?;
        let taps = taps(self.graph.user(&format!("{module}.weight"))?);
        let depth = weights.len() / outputs.max(1);
        let channels = depth / taps;
        let packed =
            pack_windows(depth, outputs, |d, o| weights[o * depth + d % channels * taps + d / channels]);
        self.file.add_floats(format!("{name}.weight"), &packed);
        Ok(())
    }

    /// The convolution before the decoder's blocks, in two parts: for the features of symbols, and for pitch and loudness, which are
    /// its last channels.
    fn entry(&mut self) -> Result<(), String> {
        let weights = self.graph.floats("m.dec_in.weight")?;
        let outputs = self.copy("decoder.in.curves.bias", "m.dec_in.bias")?;
        let channels = weights.len() / (outputs * TAPS).max(1);
        let features = channels.checked_sub(CURVES).ok_or("“m.dec_in” has too few channels")?;
        if weights.len() != outputs * channels * TAPS {
            return Err(format!("“m.dec_in.weight” has {} numbers", weights.len()));
        }
        let weight =
            |output: usize, channel: usize, tap: usize| weights[(output * channels + channel) * TAPS + tap];
        let text = pack_windows(features, TAPS * outputs, |d, o| weight(o % outputs, d, o / outputs));
        let curves =
            pack_windows(TAPS * CURVES, outputs, |d, o| weight(o, features + d % CURVES, d / CURVES));
        self.file.add_floats("decoder.in.text.weight".to_owned(), &text);
        self.file.add_floats("decoder.in.curves.weight".to_owned(), &curves);
        Ok(())
    }

    /// The layer that makes the numbers of all frequencies; each part is padded to whole vectors.
    fn head(&mut self) -> Result<(), String> {
        let head = self.linear("m.head.bias")?;
        let Shape { inputs, outputs, .. } = head.shape();
        if outputs != PARTS * BINS {
            return Err(format!("the head has {outputs} outputs"));
        }
        let source = |output: usize| {
            let (part, bin) = (output / PADDED_BINS, output % PADDED_BINS);
            (bin < BINS).then_some(part * BINS + bin)
        };
        let padded = PARTS * PADDED_BINS;
        let numbers = (0..inputs * padded).map(|index| {
            let (input, output) = (index / padded, index % padded);
            source(output).map_or(0, |output| head.numbers[input * outputs + output])
        });
        let padded = Linear {
            numbers: numbers.collect(),
            scale: head.scale,
            bias: (0..padded).map(|output| source(output).map_or(0.0, |output| head.bias[output])).collect(),
        };
        self.add_linear("decoder.head", &padded, |_| 1.0)
    }
}

/// The numbers of an attribute.
fn attribute<'a>(node: &'a NodeProto, name: &str) -> &'a [i64] {
    let attribute = node.attribute.iter().find(|attribute| attribute.name.as_deref() == Some(name));
    attribute.map_or(&[], |attribute| &attribute.ints)
}

fn dilation(node: &NodeProto) -> usize {
    attribute(node, "dilations").first().map_or(1, |dilation| usize::try_from(*dilation).unwrap_or(1))
}

fn taps(node: &NodeProto) -> usize {
    attribute(node, "kernel_shape").first().map_or(1, |taps| usize::try_from(*taps).unwrap_or(1).max(1))
}
