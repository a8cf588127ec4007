//! Takes the weights of the text side out of the ONNX export.

use super::albert::{HEADS, INNER, WIDTH};
use super::duration::{LAYERS as STYLED_LAYERS, SIGMOIDS};
use super::prosody::{CHANNELS, LOUDNESS, PITCH};
use super::text_encoder;
use super::weights::layer_names;
use crate::synth::kokoro::export::{Export, check_length};
use crate::synth::kokoro::style::HALF_STYLE;
use crate::synth::kokoro::text_side::albert::NARROW;
use crate::synth::nn::linear::Linear;
use crate::synth::nn::lstm::{OUTPUTS, UNITS, input_shape};
use crate::synth::onnx::QuantizedLstm;
use kernels::Recurrence;
use kernels::pack::{Shape, pack_windows};

/// The prefixes of all names of the nodes, and of their parameters.
const NODES: &str = "/encoder/";
const PARAMETERS: &str = "encoder.";
const PREDICTOR: &str = "encoder.predictor.";
/// The layer that all layers of ALBERT share, and its parameters.
const LAYER_NODES: &str = "/encoder/bert/encoder/albert_layer_groups.0/albert_layers.0/";
const LAYER_PARAMETERS: &str = "encoder.bert.encoder.albert_layer_groups.0.albert_layers.0.";

impl Export<'_> {
    /// Adds the weights of the text side; the error names the missing part of the graph.
    pub(crate) fn text_side(&mut self) -> Result<(), String> {
        self.albert()?;
        self.text_encoder()?;
        for layer in 0..STYLED_LAYERS {
            let (lstm, norm) = layer_names(layer);
            self.lstm(&lstm, &format!("{NODES}predictor/{}", lstm.replacen('.', "/", 1)), true)?;
            let name = norm.replacen('.', "/", 1);
            self.style_layer(&norm, &format!("{NODES}predictor/{name}"), &format!("{PREDICTOR}{norm}"))?;
        }
        self.lstm("durations", &format!("{NODES}predictor/lstm"), true)?;
        let projection = format!("{NODES}predictor/duration_proj/linear_layer");
        self.float_linear("duration_proj", &projection, (OUTPUTS, SIGMOIDS))?;
        let bias = format!("{PREDICTOR}duration_proj.linear_layer.bias");
        self.copy("duration_proj.bias".to_string(), &bias)?;
        self.lstm("shared", &format!("{NODES}shared"), true)?;
        for (blocks, projection) in [(PITCH, "F0_proj"), (LOUDNESS, "N_proj")] {
            for block in &blocks {
                self.decode_block(block, (NODES, PREDICTOR))?;
            }
            self.pointwise(projection, &format!("{NODES}{projection}"), CHANNELS, 1)?;
            self.copy(format!("{projection}.bias"), &format!("{PREDICTOR}{projection}.bias"))?;
        }
        Ok(())
    }

    fn albert(&mut self) -> Result<(), String> {
        for (name, table) in [("tokens", "word"), ("places", "position"), ("kinds", "token_type")] {
            let node = format!("{NODES}bert/embeddings/{table}_embeddings/Gather_output_0");
            let numbers = self.graph.embedding(&node)?;
            self.add_floats(format!("albert.{name}"), &numbers);
        }
        self.normalisation("albert.embedding", &format!("{PARAMETERS}bert.embeddings.LayerNorm"))?;
        let widening = format!("{NODES}bert/encoder/embedding_hidden_mapping_in");
        self.float_linear("albert.widening", &widening, (NARROW, WIDTH))?;
        let bias = format!("{PARAMETERS}bert.encoder.embedding_hidden_mapping_in.bias");
        self.copy("albert.widening.bias".to_string(), &bias)?;
        self.attention()?;
        for (name, part, (inputs, outputs)) in [
            ("dense", "attention/dense", (WIDTH, WIDTH)),
            ("wide", "ffn", (WIDTH, INNER)),
            ("narrow", "ffn_output", (INNER, WIDTH)),
        ] {
            let (numbers, scales) = self.linear(part)?;
            let name = format!("albert.{name}");
            check_length(&name, &numbers, inputs * outputs)?;
            self.file
                .add_packed(&name, Linear::shape(inputs, outputs), &numbers, |o, c, _| c * outputs + o)?;
            self.add_floats(format!("{name}.scale"), &scales);
            let bias = format!("{LAYER_PARAMETERS}{}.bias", part.replace('/', "."));
            self.copy(format!("{name}.bias"), &bias)?;
        }
        for (name, part) in [("attention", "attention.LayerNorm"), ("layer", "full_layer_layer_norm")] {
            self.normalisation(&format!("albert.{name}"), &format!("{LAYER_PARAMETERS}{part}"))?;
        }
        self.float_linear("albert.projection", &format!("{NODES}bert_encoder"), (WIDTH, OUTPUTS))?;
        self.copy("albert.projection.bias".to_string(), &format!("{PARAMETERS}bert_encoder.bias"))
    }

    /// Queries, keys and values as one layer.
    fn attention(&mut self) -> Result<(), String> {
        let (mut all, mut scales, mut bias) = (Vec::new(), Vec::new(), Vec::new());
        for (part, factor) in [("query", HEADS.score_factor()), ("key", 1.0), ("value", 1.0)] {
            let (numbers, columns) = self.linear(&format!("attention/{part}"))?;
            check_length(part, &numbers, WIDTH * WIDTH)?;
            check_length(part, &columns, WIDTH)?;
            all.extend(numbers);
            scales.extend(columns.iter().map(|scale| scale * factor));
            let summands = self.graph.floats(&format!("{LAYER_PARAMETERS}attention.{part}.bias"))?;
            check_length(part, &summands, WIDTH)?;
            bias.extend(summands.iter().map(|bias| bias * factor));
        }
        self.file.add_packed("albert.attention", Linear::shape(WIDTH, 3 * WIDTH), &all, |o, c, _| {
            (o / WIDTH * WIDTH + c) * WIDTH + o % WIDTH
        })?;
        self.add_floats("albert.attention.scale".to_string(), &scales);
        self.add_floats("albert.attention.bias".to_string(), &bias);
        Ok(())
    }

    /// Weights, a row of outputs for each input, and scales of a part of ALBERT's layer.
    fn linear(&self, part: &str) -> Result<(Vec<i16>, Vec<f32>), String> {
        let node = format!("{LAYER_NODES}{part}/MatMul_output_0_output_quantized");
        Ok((self.graph.multiplication(&node)?, self.graph.column_scales(&node)?))
    }

    /// The weights of a quantized linear layer, for the float kernels.
    fn float_linear(
        &mut self,
        name: &str,
        node: &str,
        (inputs, outputs): (usize, usize),
    ) -> Result<(), String> {
        let node = format!("{node}/MatMul_output_0_output_quantized");
        let (numbers, scales) = (self.graph.multiplication(&node)?, self.graph.column_scales(&node)?);
        check_length(name, &numbers, inputs * outputs)?;
        check_length(name, &scales, outputs)?;
        let weight = |d: usize, o: usize| f32::from(numbers[d * outputs + o]) * scales[o];
        self.add_floats(format!("{name}.weight"), &pack_windows(inputs, outputs, weight));
        Ok(())
    }

    fn normalisation(&mut self, name: &str, parameters: &str) -> Result<(), String> {
        self.copy(format!("{name}.gain"), &format!("{parameters}.weight"))?;
        self.copy(format!("{name}.shift"), &format!("{parameters}.bias"))
    }

    fn text_encoder(&mut self) -> Result<(), String> {
        let table = self.graph.embedding(&format!("{NODES}text_encoder/embedding/Gather_output_0"))?;
        self.add_floats("text_encoder.tokens".to_string(), &table);
        let channels = text_encoder::CHANNELS;
        let shape = Shape { inputs: channels, outputs: channels, taps: text_encoder::TAPS };
        for layer in 0..text_encoder::LAYERS {
            let (name, parameters) =
                (format!("text_encoder.cnn.{layer}"), format!("{PARAMETERS}text_encoder.cnn.{layer}"));
            self.convolution(&name, &format!("{NODES}text_encoder/cnn.{layer}/cnn.{layer}.0"), shape)?;
            self.copy(format!("{name}.bias"), &format!("{parameters}.0.bias"))?;
            self.copy(format!("{name}.gain"), &format!("{parameters}.1.gamma"))?;
            self.copy(format!("{name}.shift"), &format!("{parameters}.1.beta"))?;
        }
        self.lstm("text_encoder.lstm", &format!("{NODES}text_encoder/lstm"), false)
    }

    /// An LSTM, whose last inputs may be the style.
    fn lstm(&mut self, name: &str, node: &str, is_styled: bool) -> Result<(), String> {
        let QuantizedLstm { input, recurrent, bias } = self.graph.lstm(&format!("{node}/LSTM_output_0"))?;
        let gates = 4 * UNITS;
        let styled = if is_styled { HALF_STYLE } else { 0 };
        for direction in &input {
            check_length(name, &direction.numbers, (OUTPUTS + styled) * gates)?;
        }
        // A row of the gates of both directions for every input.
        let rows = (0..OUTPUTS + styled).flat_map(|row| {
            input.iter().flat_map(move |direction| &direction.numbers[row * gates..(row + 1) * gates])
        });
        let numbers: Vec<i16> = rows.copied().collect();
        let (plain, style) = numbers.split_at(OUTPUTS * 2 * gates);
        self.file.add_packed(name, input_shape(OUTPUTS), plain, |o, c, _| c * 2 * gates + o)?;
        self.style_weights(name, style);
        let scales = input.iter().flat_map(|direction| vec![direction.scale; gates]);
        self.add_floats(format!("{name}.style.scale"), &scales.collect::<Vec<_>>());
        self.add_floats(format!("{name}.style.bias"), &bias);
        for (index, direction) in recurrent.iter().enumerate() {
            let name = format!("{name}.state.{index}");
            check_length(&name, &direction.numbers, UNITS * gates)?;
            self.file
                .add_packed(&name, Recurrence::shape(UNITS), &direction.numbers, |o, c, _| c * gates + o)?;
            self.add_floats(format!("{name}.scale"), &[direction.scale]);
        }
        Ok(())
    }
}
