//! Takes weights out of the ONNX export and lays them out for the kernels.
//!
//! The result is a file in the safetensors format, with tensors named by their use (`resblocks.0.0.1.weight` …), which
//! [`weights`](crate::synth::nn::weights) maps and uses as it is. This module has the parts that all of the network
//! needs; each half's own `export` module knows its layers.

use rten_onnx::onnx::GraphProto;
use safetensors::tensor::Dtype;

use crate::synth::kokoro::decode_block::DecodeShape;
use crate::synth::nn::writer::Writer;
use crate::synth::onnx::{Graph, Quantized};
use kernels::pack::{Shape, pack_windows};
use kernels::{Isa, tile};

/// The weights of all layers that run on our own kernels, as a safetensors file; the error names the missing part of
/// the graph.
pub(crate) fn export(graph: &GraphProto) -> Result<Vec<u8>, String> {
    let mut export = Export { graph: Graph::new(graph), file: Writer::default() };
    export.text_side()?;
    export.decoder()?;
    export.file.write()
}

/// A file in the making.
pub(crate) struct Export<'a> {
    /// Where the weights come from.
    pub graph: Graph<'a>,
    /// Where they go.
    pub file: Writer,
}

impl Export<'_> {
    /// Floats as they are.
    pub(crate) fn add_floats(&mut self, name: String, numbers: &[f32]) {
        self.file.add_floats(name, numbers);
    }

    /// A tensor of floats as it is.
    pub(crate) fn copy(&mut self, name: String, source: &str) -> Result<(), String> {
        let numbers = self.graph.floats(source)?;
        self.add_floats(name, &numbers);
        Ok(())
    }

    /// The weights of the quantized convolution `node`, as floats.
    pub(crate) fn dequantized(&self, node: &str) -> Result<Vec<f32>, String> {
        let Quantized { numbers, scale } =
            self.graph.convolution(&format!("{node}/Conv_output_0_output_quantized"))?;
        Ok(numbers.iter().map(|x| f32::from(*x) * scale).collect())
    }

    /// The weights of the quantized convolution `node`, for the integer kernels.
    pub(crate) fn convolution(&mut self, name: &str, node: &str, shape: Shape) -> Result<(), String> {
        let Quantized { numbers, scale } =
            self.graph.convolution(&format!("{node}/Conv_output_0_output_quantized"))?;
        let Shape { inputs, outputs, taps } = shape;
        check_length(name, &numbers, inputs * outputs * taps)?;
        self.file.add_packed(name, shape, &numbers, |o, c, k| (o * inputs + c) * taps + k)?;
        self.add_floats(format!("{name}.scale"), &[scale]);
        Ok(())
    }

    /// The same weights by tiles, where these pay on this processor.
    pub(crate) fn tiled(&mut self, name: &str, node: &str, shape: Shape) -> Result<(), String> {
        if tiles_pay(shape) {
            let weights = self.dequantized(node)?;
            let Shape { inputs, taps, .. } = shape;
            self.file.add_tiled(name, shape, |o, c, k| weights[(o * inputs + c) * taps + k]);
        }
        Ok(())
    }

    /// The linear layer that makes gains and shifts out of the style.
    pub(crate) fn style_layer(&mut self, name: &str, node: &str, parameters: &str) -> Result<(), String> {
        let numbers =
            self.graph.multiplication(&format!("{node}/fc/Gemm_output_0_MatMul_output_quantized"))?;
        self.style_weights(name, &numbers);
        self.copy(format!("{name}.style.scale"), &format!("{parameters}.fc.weight_scale"))?;
        self.copy(format!("{name}.style.bias"), &format!("{parameters}.fc.bias"))
    }

    /// The weights of a layer that is applied to the style, a row of outputs for each of its numbers.
    pub(crate) fn style_weights(&mut self, name: &str, numbers: &[i16]) {
        self.file.add(format!("{name}.style.weight"), Dtype::I16, numbers);
    }

    /// A block whose nodes and parameters are named by prefixes before the block's name.
    pub(crate) fn decode_block(
        &mut self,
        block: &DecodeShape,
        (nodes, parameters): (&str, &str),
    ) -> Result<(), String> {
        let DecodeShape { name: block, inputs, outputs, doubles, is_tiled } = *block;
        let (node, parameters) = (format!("{nodes}{block}"), format!("{parameters}{block}"));
        for (order, inputs) in [(1, inputs), (2, outputs)] {
            let (name, layer) = (format!("{block}.conv{order}"), format!("{node}/conv{order}"));
            let shape = Shape { inputs, outputs, taps: 3 };
            self.convolution(&name, &layer, shape)?;
            if is_tiled && order == 1 {
                self.tiled(&name, &layer, shape)?;
            }
            self.copy(format!("{name}.bias"), &format!("{parameters}.conv{order}.bias"))?;
            self.style_layer(&name, &format!("{node}/norm{order}"), &format!("{parameters}.norm{order}"))?;
        }
        if doubles {
            // A product of the export's folding, without a name of its own.
            self.copy(format!("{block}.pool.weight"), &format!("{node}/Mul_output_0"))?;
            self.copy(format!("{block}.pool.bias"), &format!("{parameters}.pool.bias"))?;
        }
        if inputs == outputs {
            return Ok(());
        }
        self.pointwise(&format!("{block}.conv1x1"), &format!("{node}/conv1x1"), inputs, outputs)
    }

    /// A quantized convolution of width 1, for the float kernels.
    pub(crate) fn pointwise(
        &mut self,
        name: &str,
        node: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<(), String> {
        let weights = self.dequantized(node)?;
        check_length(name, &weights, inputs * outputs)?;
        let packed = pack_windows(inputs, outputs, |d, o| weights[o * inputs + d]);
        self.add_floats(format!("{name}.weight"), &packed);
        Ok(())
    }
}

/// Whether tiles pay with any instructions of this processor.
pub(crate) fn tiles_pay(shape: Shape) -> bool {
    Isa::available().into_iter().any(|isa| tile::pay(isa, shape))
}

/// Checks the number of weights.
pub(crate) fn check_length<T>(name: &str, numbers: &[T], wanted: usize) -> Result<(), String> {
    if numbers.len() == wanted {
        return Ok(());
    }
    Err(format!("{name} has {} weights instead of {wanted}", numbers.len()))
}
