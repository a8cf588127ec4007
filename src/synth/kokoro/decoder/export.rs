//! Takes the decoder's weights out of the ONNX export and lays them out for the kernels.
//!
//! The result is a file in the safetensors format, named by what a tensor is for (`resblocks.0.0.1.weight` …), which
//! [`weights`](super::weights) reads.

use std::collections::HashMap;

use rten_onnx::onnx::{GraphProto, NodeProto, TensorProto};
use safetensors::tensor::{Dtype, TensorView, serialize};

use super::generator::LEVELS;
use super::weights::{DECODE_BLOCKS, DecodeShape, residual_blocks};
use crate::synth::kokoro::kernels::pack::{Shape, pack};

/// The prefix of all names of the decoder's nodes, and of its parameters.
const NODES: &str = "/decoder/decoder/";
const PARAMETERS: &str = "decoder.decoder.";
/// What the generator's names have behind that.
const GENERATOR_NODES: &str = "/decoder/decoder/generator/";
const GENERATOR_PARAMETERS: &str = "decoder.decoder.generator.";

/// The weights of the upsamplings and of the doubling, which are products of the export's folding and have no names of their
/// own.
const UPSAMPLINGS: [&str; 2] = ["Mul_output_0", "Mul_1_output_0"];
const DOUBLING: &str = "decode.3/Mul_output_0";

/// A tensor on its way into the file.
struct Entry {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// The decoder's weights as a safetensors file; the error tells what the graph lacks.
pub fn export(graph: &GraphProto) -> Result<Vec<u8>, String> {
    let exporter = Exporter {
        nodes: graph
            .node
            .iter()
            .flat_map(|node| node.output.iter().map(move |output| (output.as_str(), node)))
            .collect(),
        tensors: graph
            .initializer
            .iter()
            .filter_map(|tensor| Some((tensor.name.as_deref()?, tensor)))
            .collect(),
    };
    let mut entries = Vec::new();
    for name in ["F0_conv", "N_conv", "asr_res.0"] {
        let node = if name == "asr_res.0" { "asr_res/asr_res.0" } else { name };
        exporter.dequantized(&mut entries, name, &format!("{NODES}{node}"))?;
        exporter.floats(&mut entries, &format!("{name}.bias"), &format!("{PARAMETERS}{name}.bias"))?;
    }
    for block in &DECODE_BLOCKS {
        exporter.decode_block(&mut entries, block)?;
    }
    for (index, level) in LEVELS.iter().enumerate() {
        for block in residual_blocks(index) {
            let shape = Shape { inputs: level.channels, outputs: level.channels, taps: block.taps };
            exporter.residual_block(&mut entries, &block.name, shape)?;
        }
        exporter.floats(
            &mut entries,
            &format!("ups.{index}.weight"),
            &format!("{GENERATOR_NODES}{}", UPSAMPLINGS[index]),
        )?;
        let noise = format!("noise_convs.{index}");
        exporter.dequantized(&mut entries, &noise, &format!("{GENERATOR_NODES}{noise}"))?;
        for name in [format!("ups.{index}.bias"), format!("{noise}.bias")] {
            exporter.floats(&mut entries, &name, &format!("{GENERATOR_PARAMETERS}{name}"))?;
        }
    }
    exporter.floats(&mut entries, "conv_post.weight", &format!("{GENERATOR_NODES}Mul_2_output_0"))?;
    exporter.floats(&mut entries, "conv_post.bias", &format!("{GENERATOR_PARAMETERS}conv_post.bias"))?;
    exporter.floats(
        &mut entries,
        "l_linear.bias",
        &format!("{GENERATOR_PARAMETERS}m_source.l_linear.bias"),
    )?;
    for (name, output, input) in
        [("l_linear.weight", "m_source/l_linear/MatMul_output_0", 1), ("window", "STFT_output_0", 2)]
    {
        let output = format!("{GENERATOR_NODES}{output}");
        let node = exporter
            .nodes
            .get(output.as_str())
            .ok_or_else(|| format!("it has no node that makes “{output}”"))?;
        let source =
            node.input.get(input).ok_or_else(|| format!("the node that makes “{output}” lacks an input"))?;
        exporter.floats(&mut entries, name, source)?;
    }
    for name in ["inverse_basis", "window_sum"] {
        exporter.floats(&mut entries, name, &format!("{GENERATOR_PARAMETERS}stft.istft.stft.{name}"))?;
    }
    let views: Result<Vec<(&str, TensorView)>, String> = entries
        .iter()
        .map(|entry| {
            let view = TensorView::new(entry.dtype, entry.shape.clone(), &entry.bytes);
            Ok((entry.name.as_str(), view.map_err(|cause| format!("{}: {cause}", entry.name))?))
        })
        .collect();
    serialize(views?, None).map_err(|cause| cause.to_string())
}

struct Exporter<'a> {
    nodes: HashMap<&'a str, &'a NodeProto>,
    tensors: HashMap<&'a str, &'a TensorProto>,
}

/// A quantized tensor of the export: bytes about a zero point, and a scale for all.
struct Quantized {
    bytes: Vec<u8>,
    zero: i32,
    scale: f32,
}

impl Exporter<'_> {
    fn raw(&self, name: &str) -> Result<Vec<u8>, String> {
        let tensor = self.tensors.get(name).ok_or_else(|| format!("it has no tensor “{name}”"))?;
        if let Some(raw) = &tensor.raw_data {
            return Ok(raw.borrow().clone());
        }
        if !tensor.float_data.is_empty() {
            return Ok(tensor.float_data.iter().flat_map(|x| x.to_le_bytes()).collect());
        }
        let integers = tensor.int32_data.iter();
        Ok(integers.map(|x| x.to_le_bytes()[0]).collect())
    }

    fn float_values(&self, name: &str) -> Result<Vec<f32>, String> {
        Ok(self.raw(name)?.as_chunks::<4>().0.iter().copied().map(f32::from_le_bytes).collect())
    }

    fn floats(&self, entries: &mut Vec<Entry>, name: &str, source: &str) -> Result<(), String> {
        let tensor = self.tensors.get(source).ok_or_else(|| format!("it has no tensor “{source}”"))?;
        let shape = tensor.dims.iter().map(|size| usize::try_from(*size).unwrap_or(0)).collect();
        entries.push(Entry { name: name.to_string(), dtype: Dtype::F32, shape, bytes: self.raw(source)? });
        Ok(())
    }

    /// The weights of the quantized operator that makes `output`.
    fn quantized(&self, output: &str) -> Result<Quantized, String> {
        let node = self.nodes.get(output).ok_or_else(|| format!("it has no node that makes “{output}”"))?;
        let [_, weights, _, zero] = node.input.as_slice() else {
            return Err(format!("the node that makes “{output}” has not four inputs"));
        };
        let scale = weights.strip_suffix("_quantized").map(|name| format!("{name}_scale"));
        let scale = self.float_values(&scale.ok_or_else(|| format!("“{weights}” is not quantized"))?)?;
        let zero = self.raw(zero)?;
        match (zero.as_slice(), scale.as_slice()) {
            ([zero], [scale]) => {
                Ok(Quantized { bytes: self.raw(weights)?, zero: i32::from(*zero), scale: *scale })
            }
            _ => Err(format!("“{weights}” has not one scale and one zero point")),
        }
    }

    fn residual_block(&self, entries: &mut Vec<Entry>, block: &str, shape: Shape) -> Result<(), String> {
        for pair in 0..3 {
            for half in 0..2 {
                let (order, name) = (half + 1, format!("{block}.{pair}.{half}"));
                let (node, parameters) =
                    (format!("{GENERATOR_NODES}{block}"), format!("{GENERATOR_PARAMETERS}{block}"));
                self.convolution(entries, &name, &format!("{node}/convs{order}.{pair}"), shape)?;
                let bias = format!("{parameters}.convs{order}.{pair}.bias");
                self.floats(entries, &format!("{name}.bias"), &bias)?;
                self.floats(entries, &format!("{name}.alpha"), &format!("{parameters}.alpha{order}.{pair}"))?;
                let layer = format!("adain{order}.{pair}");
                self.style_layer(
                    entries,
                    &name,
                    &format!("{node}/{layer}"),
                    &format!("{parameters}.{layer}"),
                )?;
            }
        }
        Ok(())
    }

    fn decode_block(&self, entries: &mut Vec<Entry>, block: &DecodeShape) -> Result<(), String> {
        let DecodeShape { name: block, inputs, outputs, doubles } = *block;
        let (node, parameters) = (format!("{NODES}{block}"), format!("{PARAMETERS}{block}"));
        for (order, inputs) in [(1, inputs), (2, outputs)] {
            let name = format!("{block}.conv{order}");
            self.convolution(
                entries,
                &name,
                &format!("{node}/conv{order}"),
                Shape { inputs, outputs, taps: 3 },
            )?;
            self.floats(entries, &format!("{name}.bias"), &format!("{parameters}.conv{order}.bias"))?;
            self.style_layer(
                entries,
                &name,
                &format!("{node}/norm{order}"),
                &format!("{parameters}.norm{order}"),
            )?;
        }
        if doubles {
            self.floats(entries, &format!("{block}.pool.weight"), &format!("{NODES}{DOUBLING}"))?;
            self.floats(entries, &format!("{block}.pool.bias"), &format!("{parameters}.pool.bias"))?;
        }
        self.dequantized(entries, &format!("{block}.conv1x1"), &format!("{node}/conv1x1"))
    }

    /// The weights of the quantized convolution `node`, for the kernels.
    fn convolution(
        &self,
        entries: &mut Vec<Entry>,
        name: &str,
        node: &str,
        shape: Shape,
    ) -> Result<(), String> {
        let Quantized { bytes, zero, scale } =
            self.quantized(&format!("{node}/Conv_output_0_output_quantized"))?;
        let Shape { inputs, outputs, taps } = shape;
        if bytes.len() != inputs * outputs * taps {
            return Err(format!(
                "the weights of {name} are {} instead of {}",
                bytes.len(),
                inputs * outputs * taps
            ));
        }
        let about_zero: Option<Vec<i8>> =
            bytes.iter().map(|byte| i8::try_from(i32::from(*byte) - zero).ok()).collect();
        let about_zero = about_zero.ok_or_else(|| format!("the weights of {name} don't fit eight bits"))?;
        let weight = |o: usize, c: usize, k: usize| about_zero[(o * inputs + c) * taps + k];
        entries.push(Entry {
            name: format!("{name}.weight"),
            dtype: Dtype::I8,
            shape: vec![outputs, taps, shape.padded_inputs()],
            bytes: pack(shape, weight),
        });
        entries.push(scalar(format!("{name}.scale"), scale));
        Ok(())
    }

    /// The linear layer that makes gains and shifts out of the style.
    fn style_layer(
        &self,
        entries: &mut Vec<Entry>,
        name: &str,
        node: &str,
        parameters: &str,
    ) -> Result<(), String> {
        let output = format!("{node}/fc/Gemm_output_0_MatMul_output_quantized");
        let node =
            self.nodes.get(output.as_str()).ok_or_else(|| format!("it has no node that makes “{output}”"))?;
        let [_, weights, _, zeros] = node.input.as_slice() else {
            return Err(format!("the node that makes “{output}” has not four inputs"));
        };
        let (bytes, zeros) = (self.raw(weights)?, self.raw(zeros)?);
        let width = zeros.len();
        let about_zero: Vec<u8> = bytes
            .iter()
            .enumerate()
            .flat_map(|(at, weight)| {
                let zero = zeros[at % width].cast_signed();
                (i16::from(weight.cast_signed()) - i16::from(zero)).to_le_bytes()
            })
            .collect();
        entries.push(Entry {
            name: format!("{name}.style.weight"),
            dtype: Dtype::I16,
            shape: vec![bytes.len() / width.max(1), width],
            bytes: about_zero,
        });
        self.floats(entries, &format!("{name}.style.scale"), &format!("{parameters}.fc.weight_scale"))?;
        self.floats(entries, &format!("{name}.style.bias"), &format!("{parameters}.fc.bias"))
    }

    /// The few weights of the quantized convolution `node`, as floats.
    fn dequantized(&self, entries: &mut Vec<Entry>, name: &str, node: &str) -> Result<(), String> {
        let Quantized { bytes, zero, scale } =
            self.quantized(&format!("{node}/Conv_output_0_output_quantized"))?;
        let floats = bytes.iter().map(|byte| (i32::from(*byte) - zero) as f32 * scale);
        entries.push(Entry {
            name: format!("{name}.weight"),
            dtype: Dtype::F32,
            shape: vec![bytes.len()],
            bytes: floats.flat_map(f32::to_le_bytes).collect(),
        });
        Ok(())
    }
}

fn scalar(name: String, value: f32) -> Entry {
    Entry { name, dtype: Dtype::F32, shape: vec![1], bytes: value.to_le_bytes().to_vec() }
}
