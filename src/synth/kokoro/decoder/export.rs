//! Takes the decoder's weights out of the ONNX export and lays them out for the kernels.
//!
//! The result is a file in the safetensors format, named by what a tensor is for (`resblocks.0.0.1.weight` …), which
//! [`weights`](super::weights) maps and uses as it is.

use rten_onnx::onnx::GraphProto;
use safetensors::tensor::{Dtype, TensorView, serialize};

use super::TEXT;
use super::generator::LEVELS;
use super::graph::{Graph, Quantized};
use super::waveform::{BINS, Waveform};
use super::weights::{DECODE_BLOCKS, DecodeShape, FEW, residual_blocks};
use crate::synth::kokoro::kernels::pack::{Shape, offsets, pack, pack_windows};

/// The prefix of all names of the decoder's nodes, and of its parameters.
const NODES: &str = "/decoder/decoder/";
const PARAMETERS: &str = "decoder.decoder.";
/// What the generator's names have before them.
const GENERATOR_NODES: &str = "/decoder/decoder/generator/";
const GENERATOR_PARAMETERS: &str = "decoder.decoder.generator.";

/// The weights of the upsamplings, of the last convolution and of the doubling, which are products of the export's folding and
/// have no names of their own.
const UPSAMPLINGS: [&str; 2] = ["Mul_output_0", "Mul_1_output_0"];
const LAST: &str = "Mul_2_output_0";
const DOUBLING: &str = "decode.3/Mul_output_0";

/// The decoder's weights as a safetensors file; the error tells what the graph lacks.
pub fn export(graph: &GraphProto) -> Result<Vec<u8>, String> {
    let mut export = Export { graph: Graph::new(graph), entries: Vec::new() };
    for name in ["F0_conv", "N_conv"] {
        let weights = export.dequantized(&format!("{NODES}{name}"))?;
        export.add_floats(format!("{name}.weight"), &weights);
        export.copy(format!("{name}.bias"), &format!("{PARAMETERS}{name}.bias"))?;
    }
    export.pointwise("asr_res.0", &format!("{NODES}asr_res/asr_res.0"), TEXT, FEW)?;
    export.copy("asr_res.0.bias".to_string(), &format!("{PARAMETERS}asr_res.0.bias"))?;
    for block in &DECODE_BLOCKS {
        export.decode_block(block)?;
    }
    for (index, level) in LEVELS.iter().enumerate() {
        for block in residual_blocks(index) {
            let shape = Shape { inputs: level.channels, outputs: level.channels, taps: block.taps };
            export.residual_block(&block.name, shape)?;
        }
        export.upsampling(index)?;
        export.source_convolution(index)?;
    }
    export.waveform()?;
    export.write()
}

/// A tensor on its way into the file.
struct Entry {
    name: String,
    dtype: Dtype,
    length: usize,
    bytes: Vec<u8>,
}

struct Export<'a> {
    graph: Graph<'a>,
    entries: Vec<Entry>,
}

impl Export<'_> {
    fn write(&self) -> Result<Vec<u8>, String> {
        let views: Result<Vec<(&str, TensorView)>, String> = self
            .entries
            .iter()
            .map(|entry| {
                let view = TensorView::new(entry.dtype, vec![entry.length], &entry.bytes);
                Ok((entry.name.as_str(), view.map_err(|cause| format!("{}: {cause}", entry.name))?))
            })
            .collect();
        serialize(views?, None).map_err(|cause| cause.to_string())
    }

    fn add_floats(&mut self, name: String, numbers: &[f32]) {
        let bytes = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.entries.push(Entry { name, dtype: Dtype::F32, length: numbers.len(), bytes });
    }

    /// A tensor of floats as it is.
    fn copy(&mut self, name: String, source: &str) -> Result<(), String> {
        let numbers = self.graph.floats(source)?;
        self.add_floats(name, &numbers);
        Ok(())
    }

    /// The weights of the quantized convolution `node`, as floats.
    fn dequantized(&self, node: &str) -> Result<Vec<f32>, String> {
        let Quantized { numbers, scale } =
            self.graph.convolution(&format!("{node}/Conv_output_0_output_quantized"))?;
        Ok(numbers.iter().map(|x| f32::from(*x) * scale).collect())
    }

    /// The weights of the quantized convolution `node`, for the integer kernels.
    fn convolution(&mut self, name: &str, node: &str, shape: Shape) -> Result<(), String> {
        let Quantized { numbers, scale } =
            self.graph.convolution(&format!("{node}/Conv_output_0_output_quantized"))?;
        let Shape { inputs, outputs, taps } = shape;
        check_length(name, &numbers, inputs * outputs * taps)?;
        let bytes: Result<Vec<i8>, _> = numbers.iter().map(|x| i8::try_from(*x)).collect();
        let bytes = bytes.map_err(|_| format!("the weights of {name} don't fit eight bits"))?;
        let packed = pack(shape, |o, c, k| bytes[(o * inputs + c) * taps + k]);
        let offsets = offsets(shape, &packed);
        self.entries.push(Entry {
            name: format!("{name}.offsets"),
            dtype: Dtype::I32,
            length: offsets.len(),
            bytes: offsets.iter().flat_map(|x| x.to_le_bytes()).collect(),
        });
        self.entries.push(Entry {
            name: format!("{name}.weight"),
            dtype: Dtype::I8,
            length: packed.len(),
            bytes: packed,
        });
        self.add_floats(format!("{name}.scale"), &[scale]);
        Ok(())
    }

    /// The linear layer that makes gains and shifts out of the style.
    fn style_layer(&mut self, name: &str, node: &str, parameters: &str) -> Result<(), String> {
        let numbers =
            self.graph.multiplication(&format!("{node}/fc/Gemm_output_0_MatMul_output_quantized"))?;
        self.entries.push(Entry {
            name: format!("{name}.style.weight"),
            dtype: Dtype::I16,
            length: numbers.len(),
            bytes: numbers.iter().flat_map(|x| x.to_le_bytes()).collect(),
        });
        self.copy(format!("{name}.style.scale"), &format!("{parameters}.fc.weight_scale"))?;
        self.copy(format!("{name}.style.bias"), &format!("{parameters}.fc.bias"))
    }

    fn residual_block(&mut self, block: &str, shape: Shape) -> Result<(), String> {
        let (node, parameters) =
            (format!("{GENERATOR_NODES}{block}"), format!("{GENERATOR_PARAMETERS}{block}"));
        for (pair, half) in (0..3).flat_map(|pair| [(pair, 0), (pair, 1)]) {
            let (order, name) = (half + 1, format!("{block}.{pair}.{half}"));
            self.convolution(&name, &format!("{node}/convs{order}.{pair}"), shape)?;
            self.copy(format!("{name}.bias"), &format!("{parameters}.convs{order}.{pair}.bias"))?;
            self.copy(format!("{name}.alpha"), &format!("{parameters}.alpha{order}.{pair}"))?;
            let layer = format!("adain{order}.{pair}");
            self.style_layer(&name, &format!("{node}/{layer}"), &format!("{parameters}.{layer}"))?;
        }
        Ok(())
    }

    fn decode_block(&mut self, block: &DecodeShape) -> Result<(), String> {
        let DecodeShape { name: block, inputs, outputs, doubles } = *block;
        let (node, parameters) = (format!("{NODES}{block}"), format!("{PARAMETERS}{block}"));
        for (order, inputs) in [(1, inputs), (2, outputs)] {
            let name = format!("{block}.conv{order}");
            self.convolution(&name, &format!("{node}/conv{order}"), Shape { inputs, outputs, taps: 3 })?;
            self.copy(format!("{name}.bias"), &format!("{parameters}.conv{order}.bias"))?;
            self.style_layer(&name, &format!("{node}/norm{order}"), &format!("{parameters}.norm{order}"))?;
        }
        if doubles {
            self.copy(format!("{block}.pool.weight"), &format!("{NODES}{DOUBLING}"))?;
            self.copy(format!("{block}.pool.bias"), &format!("{parameters}.pool.bias"))?;
        }
        self.pointwise(&format!("{block}.conv1x1"), &format!("{node}/conv1x1"), inputs, outputs)
    }

    /// A quantized convolution of width 1, for the float kernels.
    fn pointwise(&mut self, name: &str, node: &str, inputs: usize, outputs: usize) -> Result<(), String> {
        let weights = self.dequantized(node)?;
        check_length(name, &weights, inputs * outputs)?;
        let packed = pack_windows(inputs, outputs, |d, o| weights[o * inputs + d]);
        self.add_floats(format!("{name}.weight"), &packed);
        Ok(())
    }

    /// The export has [input, output, tap]; tap `k` puts step `i` at `i × factor + k`. A window holds the step before (whose late
    /// taps reach here) and the step itself.
    fn upsampling(&mut self, index: usize) -> Result<(), String> {
        let level = &LEVELS[index];
        let (inputs, channels, factor) = (level.inputs, level.channels, level.factor);
        let weights = self.graph.floats(&format!("{GENERATOR_NODES}{}", UPSAMPLINGS[index]))?;
        check_length("upsampling", &weights, inputs * channels * 2 * factor)?;
        let packed = pack_windows(2 * inputs, factor * channels, |d, o| {
            let (is_before, input) = (d < inputs, d % inputs);
            let (phase, output) = (o / channels, o % channels);
            let tap = phase + if is_before { factor } else { 0 };
            weights[(input * channels + output) * 2 * factor + tap]
        });
        self.add_floats(format!("ups.{index}.weight"), &packed);
        self.copy(format!("ups.{index}.bias"), &format!("{GENERATOR_PARAMETERS}ups.{index}.bias"))
    }

    /// The convolution of the harmonic source.
    fn source_convolution(&mut self, index: usize) -> Result<(), String> {
        let level = &LEVELS[index];
        let (name, inputs, taps) = (format!("noise_convs.{index}"), 2 * BINS, level.source_taps);
        let weights = self.dequantized(&format!("{GENERATOR_NODES}{name}"))?;
        check_length(&name, &weights, level.channels * inputs * taps)?;
        let packed = pack_windows(inputs * taps, level.channels, |d, o| {
            let (tap, input) = (d / inputs, d % inputs);
            weights[(o * inputs + input) * taps + tap]
        });
        self.add_floats(format!("{name}.weight"), &packed);
        self.copy(format!("{name}.bias"), &format!("{GENERATOR_PARAMETERS}{name}.bias"))
    }

    /// The last convolution, the inverse transform, and the harmonic source.
    fn waveform(&mut self) -> Result<(), String> {
        let (channels, taps) = (LEVELS[1].channels, Waveform::TAPS);
        let weights = self.graph.floats(&format!("{GENERATOR_NODES}{LAST}"))?;
        check_length("conv_post", &weights, 2 * BINS * channels * taps)?;
        let packed = pack_windows(taps * channels, 2 * BINS, |d, o| {
            let (tap, input) = (d / channels, d % channels);
            weights[(o * channels + input) * taps + tap]
        });
        self.add_floats("conv_post.weight".to_string(), &packed);
        self.copy("conv_post.bias".to_string(), &format!("{GENERATOR_PARAMETERS}conv_post.bias"))?;
        for name in ["inverse_basis", "window_sum"] {
            self.copy(name.to_string(), &format!("{GENERATOR_PARAMETERS}stft.istft.stft.{name}"))?;
        }
        self.copy("l_linear.bias".to_string(), &format!("{GENERATOR_PARAMETERS}m_source.l_linear.bias"))?;
        let weights = self.graph.input(&format!("{GENERATOR_NODES}m_source/l_linear/MatMul_output_0"), 1)?;
        self.copy("l_linear.weight".to_string(), weights)?;
        let window = self.graph.input(&format!("{GENERATOR_NODES}STFT_output_0"), 2)?;
        self.copy("window".to_string(), window)
    }
}

fn check_length<T>(name: &str, numbers: &[T], wanted: usize) -> Result<(), String> {
    if numbers.len() == wanted {
        return Ok(());
    }
    Err(format!("{name} has {} weights instead of {wanted}", numbers.len()))
}
