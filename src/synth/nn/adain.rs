//! Adaptive instance normalisation (`AdaIN1d` of the model's `istftnet.py`). Every channel is normalised over time,
//! then given a gain and a shift that the style decides. The activation and the convolution that always follow are
//! included.

use crate::synth::nn::convolution::Convolution;
use crate::synth::nn::pass::{Executor, Moments, Writeback};
use crate::synth::nn::rows::Rows;
use kernels::element::Element;
use kernels::pack::MappedSlice;
use kernels::{Activation, RowTransform};

/// Keeps the deviation of a silent channel above zero; the model's `eps`.
const EPSILON: f32 = 1e-5;

/// A linear layer from the style to gains and shifts, with 8-bit weights as they are exported.
pub(crate) struct StyleLayer {
    /// Weights about their zero points, one row of outputs a number of the style.
    pub weights: MappedSlice<i16>,
    /// The value of a weight of one, for each output.
    pub scales: Vec<f32>,
    /// One summand an output.
    pub bias: Vec<f32>,
}

/// The function behind a normalisation.
pub(crate) enum Nonlinearity {
    /// See [`Activation::Snake`].
    Snake {
        /// See [`Activation::Snake`].
        frequency: Vec<f32>,
        /// See [`Activation::Snake`].
        amplitude: Vec<f32>,
    },
    /// See [`Activation::Leaky`].
    Leaky(f32),
}

impl Nonlinearity {
    /// The same, for the kernels.
    pub(crate) fn activation(&self) -> Activation<'_> {
        match self {
            Self::Snake { frequency, amplitude } => Activation::Snake { frequency, amplitude },
            Self::Leaky(slope) => Activation::Leaky(*slope),
        }
    }
}

/// A convolution behind a normalisation and an activation.
pub(crate) struct StyledConvolution {
    /// Makes gains (less one) and shifts out of the style.
    pub style: StyleLayer,
    /// The activation after the normalisation.
    pub nonlinearity: Nonlinearity,
    /// The convolution.
    pub convolution: Convolution,
}

impl StyleLayer {
    /// Gains and shifts that normalise by `moments` and then apply the style.
    pub(crate) fn normalisation(&self, style: &[f32], moments: &Moments) -> (Vec<f32>, Vec<f32>) {
        let styled = self.apply(style);
        let (gains, shifts) = styled.split_at(styled.len() / 2);
        let gains: Vec<f32> = gains
            .iter()
            .zip(&moments.variance)
            .map(|(gain, variance)| (1.0 + gain) / (variance + EPSILON).sqrt())
            .collect();
        let shifts = shifts
            .iter()
            .zip(gains.iter().zip(&moments.mean))
            .map(|(shift, (gain, mean))| shift - mean * gain);
        let shifts = shifts.collect();
        (gains, shifts)
    }

    /// Its gains and shifts for `style`.
    pub(crate) fn apply(&self, style: &[f32]) -> Vec<f32> {
        let mut sums = vec![0.0_f32; self.bias.len()];
        for (x, weights) in style.iter().zip(self.weights.chunks_exact(self.bias.len())) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += x * f32::from(*weight);
            }
        }
        for ((sum, scale), bias) in sums.iter_mut().zip(&self.scales).zip(&self.bias) {
            *sum = *sum * scale + bias;
        }
        sums
    }
}

impl StyledConvolution {
    /// Normalises `input` by its moments, activates and convolves it. Returns the moments of `output`.
    pub(crate) fn run<T: Element>(
        &self,
        executor: Executor,
        style: &[f32],
        dilation: usize,
        (input, moments): (&Rows<T>, &Moments),
        writeback: Writeback<T>,
        output: &mut Rows<T>,
    ) -> Moments {
        let (gain, shift) = self.style.normalisation(style, moments);
        let transform =
            RowTransform { gain: &gain, shift: &shift, activation: self.nonlinearity.activation() };
        self.convolution.convolve(executor, (input, &transform), dilation, writeback, output)
    }
}
