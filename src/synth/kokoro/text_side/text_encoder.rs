//! The text encoder: convolutions and an LSTM that make features of each token's sound.

use super::tiled;
use crate::synth::nn::convolution::Convolution;
use crate::synth::nn::lstm::{Lstm, OUTPUTS};
use crate::synth::nn::pass::{Executor, Writeback};
use crate::synth::nn::rows::{Rows, leak};
use kernels::pack::MappedSlice;
use kernels::{Activation, Normalisation, RowTransform, normalise};

/// Channels of all layers.
pub(crate) const CHANNELS: usize = OUTPUTS;
/// Width of the convolutions; the model's `text_encoder_kernel_size`.
pub(crate) const TAPS: usize = 5;
/// Number of convolutions; the model's `n_layer`.
pub(crate) const LAYERS: usize = 3;
/// Slope for negative values after a normalisation.
const SLOPE: f32 = 0.2;
/// The `eps` of the model's layer normalisations.
pub(crate) const EPSILON: f32 = 1e-5;

/// The encoder.
pub(crate) struct TextEncoder {
    /// A row for each token.
    pub tokens: MappedSlice<f32>,
    /// Convolutions, each with the normalisation behind it.
    pub layers: Vec<(Convolution, Normalisation)>,
    /// Reads the output of the convolutions.
    pub lstm: Lstm,
}

impl TextEncoder {
    /// A row for each token. Tokens must have rows in the table.
    pub(crate) fn run(&self, executor: Executor, tokens: &[usize]) -> Rows {
        let len = tokens.len();
        let mut rows = Rows::new(len, CHANNELS);
        let words = self.tokens.as_chunks::<CHANNELS>().0;
        for (row, token) in rows.as_mut_slice().chunks_exact_mut(CHANNELS).zip(tokens) {
            row.copy_from_slice(&words[*token]);
        }
        let plain = RowTransform {
            gain: &[1.0; CHANNELS],
            shift: &[0.0; CHANNELS],
            activation: Activation::Leaky(1.0),
        };
        for (convolution, norm) in &self.layers {
            let mut output = Rows::new(len, CHANNELS);
            convolution.convolve(executor, (&rows, &plain), 1, Writeback::PLAIN, &mut output);
            normalise(executor.isa, output.as_mut_slice(), norm);
            leak(output.as_mut_slice(), 1.0, SLOPE);
            rows = output;
        }
        let projected = self.lstm.project(executor.isa, &mut tiled(executor.isa, &rows), &[]);
        self.lstm.run(executor, &projected, &(0..len).collect::<Vec<_>>())
    }
}
