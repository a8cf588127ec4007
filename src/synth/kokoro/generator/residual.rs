//! The residual block of the generator: three times two convolutions, each behind an adaptive instance normalisation and a
//! Snake (`AdaINResBlock1` of the model's `istftnet.py`).

use super::pass::{Crew, Exit, Moments};
use super::rows::Rows;
use crate::synth::kokoro::kernels::pack::PackedConvolution;
use crate::synth::kokoro::kernels::{Activation, RowTransform};

/// Keeps the deviation of a silent channel above zero; the model's `eps`.
const EPSILON: f32 = 1e-5;

/// Dilations of the three first convolutions; the model's `resblock_dilation_sizes`.
pub const DILATIONS: [usize; 3] = [1, 3, 5];

/// A linear layer from the style to gains and shifts, with 8-bit weights as they are exported.
pub struct StyleLayer {
    /// Weights about their zero points, one row of outputs a number of the style.
    pub weights: Vec<i16>,
    /// What a weight of one stands for, an output each.
    pub scales: Vec<f32>,
    /// One summand an output.
    pub bias: Vec<f32>,
}

/// Adaptive instance normalisation and the Snake behind it.
pub struct StyledSnake {
    /// Makes gains (less one) and shifts out of the style.
    pub style: StyleLayer,
    /// See [`Activation::Snake`].
    pub frequency: Vec<f32>,
    /// See [`Activation::Snake`].
    pub amplitude: Vec<f32>,
}

/// One normalised, activated convolution.
pub struct StyledConvolution {
    /// What happens on the way in.
    pub entry: StyledSnake,
    /// The convolution.
    pub convolution: PackedConvolution,
}

/// The block.
pub struct ResidualBlock {
    /// Pairs of convolutions, in order; the first of a pair is dilated as [`DILATIONS`] tells.
    pub pairs: Vec<[StyledConvolution; 2]>,
}

/// Room for rows between the convolutions.
pub struct Scratch {
    between: Rows,
    running: Rows,
}

impl Scratch {
    /// For blocks of `len` rows of `channels`.
    pub fn new(len: usize, channels: usize) -> Self {
        Self { between: Rows::new(len, channels, 0, 0), running: Rows::new(len, channels, 0, 0) }
    }
}

impl StyleLayer {
    fn apply(&self, style: &[f32]) -> Vec<f32> {
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

impl StyledSnake {
    /// Gains and shifts that normalise by `moments` and then apply the style.
    pub fn normalisation(&self, style: &[f32], moments: &Moments) -> (Vec<f32>, Vec<f32>) {
        let styled = self.style.apply(style);
        let (gains, shifts) = styled.split_at(styled.len() / 2);
        let gains: Vec<f32> = gains
            .iter()
            .zip(&moments.variance)
            .map(|(gain, variance)| (1.0 + gain) / (variance + EPSILON).sqrt())
            .collect();
        let shifts =
            shifts.iter().zip(gains.iter().zip(&moments.mean)).map(|(shift, (gain, mean))| shift - mean * gain);
        let shifts = shifts.collect();
        (gains, shifts)
    }
}

impl StyledConvolution {
    #[allow(clippy::too_many_arguments, reason = "what a pass needs; bundling it would only hide that")]
    fn run(
        &self,
        crew: Crew,
        style: &[f32],
        dilation: usize,
        (input, moments): (&Rows, &Moments),
        exit: Exit,
        output: &mut Rows,
    ) -> Moments {
        let (gain, shift) = self.entry.normalisation(style, moments);
        let activation =
            Activation::Snake { frequency: &self.entry.frequency, amplitude: &self.entry.amplitude };
        let transform = RowTransform { gain: &gain, shift: &shift, activation };
        crew.convolve(input, &transform, &self.convolution, dilation, exit, output)
    }
}

impl ResidualBlock {
    /// Puts the block's output for `input`, whose moments are given, into `output`: added to what is there, or instead of it.
    /// Returns the moments of `output`.
    pub fn run(
        &self,
        crew: Crew,
        style: &[f32],
        (input, moments): (&Rows, &Moments),
        scratch: &mut Scratch,
        accumulate: bool,
        output: &mut Rows,
    ) -> Moments {
        let Scratch { between, running } = scratch;
        let mut moments = moments.clone();
        let last = self.pairs.len() - 1;
        for (index, ([first, second], dilation)) in self.pairs.iter().zip(DILATIONS).enumerate() {
            let from = if index == 0 { input } else { &*running };
            let inner = first.run(crew, style, dilation, (from, &moments), Exit::PLAIN, between);
            let entry = (&*between, &inner);
            moments = if index == last {
                let exit = Exit { residual: Some(from), accumulate };
                second.run(crew, style, 1, entry, exit, output)
            } else if index == 0 {
                let exit = Exit { residual: Some(input), accumulate: false };
                second.run(crew, style, 1, entry, exit, running)
            } else {
                let exit = Exit { residual: None, accumulate: true };
                second.run(crew, style, 1, entry, exit, running)
            };
        }
        moments
    }
}
