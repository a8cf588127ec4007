//! A linear layer with 8-bit weights, one scale a column.

use crate::synth::kokoro::kernels::pack::{PackedConvolution, Shape};
use crate::synth::kokoro::kernels::{Isa, Rows8, convolve, quantize_plain};

/// The layer. Its sums are raw until `scales` and `bias` are applied, which goes along with what follows.
pub struct Linear {
    /// The weights: a convolution of width 1, without a bias.
    pub weights: PackedConvolution,
    /// What a weight of one stands for, an output each.
    pub scales: Vec<f32>,
    /// One summand an output.
    pub bias: Vec<f32>,
}

impl Linear {
    /// The shape of the weights.
    pub const fn shape(inputs: usize, outputs: usize) -> Shape {
        Shape { inputs, outputs, taps: 1 }
    }

    /// Numbers that come out for a row.
    pub const fn outputs(&self) -> usize {
        self.weights.outputs()
    }

    /// The raw sums for `input`, whole tiles of rows.
    pub fn multiply(&self, isa: Isa, input: &[f32]) -> Vec<f32> {
        self.multiply_quantized(isa, &mut quantized(isa, input, self.weights.inputs()))
    }

    /// The same of rows that are quantized already.
    pub fn multiply_quantized(&self, isa: Isa, input: &mut Rows8) -> Vec<f32> {
        let mut output = vec![0.0; input.len() * self.outputs()];
        convolve(isa, input, &self.weights, 1, &mut output);
        output
    }
}

/// Rows of `channels` numbers, quantized.
pub fn quantized(isa: Isa, input: &[f32], channels: usize) -> Rows8 {
    let mut rows = Rows8::new(input.len() / channels, channels);
    quantize_plain(isa, input, channels, &mut rows);
    rows
}
