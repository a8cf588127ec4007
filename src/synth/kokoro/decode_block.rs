//! The blocks between the text side and the generator, and those that make pitch and loudness: two normalised convolutions
//! beside a shortcut. Some double the number of steps (`AdainResBlk1d` of the model's `istftnet.py`).

use std::f32::consts::FRAC_1_SQRT_2;

use super::style::HALF_STYLE;
use crate::synth::nn::adain::{Nonlinearity, StyledConvolution};
use crate::synth::nn::pass::{Executor, Moments, Writeback};
use crate::synth::nn::rows::{Rows, leak};
use crate::synth::nn::weights::Reader;
use kernels::pack::Shape;
use kernels::{Activation, RowTransform, WindowWeights};

/// Slope for negative values after a normalisation.
pub(crate) const SLOPE: f32 = 0.2;

/// A decode block's name and channels.
pub(crate) struct DecodeShape {
    /// As the export calls it.
    pub name: &'static str,
    /// Channels that go in.
    pub inputs: usize,
    /// Channels between its convolutions and that come out.
    pub outputs: usize,
    /// Whether it doubles the steps.
    pub doubles: bool,
    /// Whether the first convolution goes by tiles where they pay: their products of 16 bits are more exact.
    pub is_tiled: bool,
}

/// A transposed convolution of each channel by itself, of width 3 and stride 2.
pub(crate) struct Doubling {
    /// Early, middle and late tap, each a number a channel.
    pub taps: [Vec<f32>; 3],
    /// One summand a channel.
    pub bias: Vec<f32>,
}

/// The block.
pub(crate) struct DecodeBlock {
    /// First and second convolution.
    pub convolutions: [StyledConvolution; 2],
    /// The shortcut, of width 1. It is computed in floats: its input is not normalised, and the pitch in it, many
    /// times as large as the rest, would set the scale of the row. A block that keeps its channels has none: its input
    /// is added as it is.
    pub shortcut: Option<WindowWeights>,
    /// Doubles the number of steps behind the first normalisation.
    pub doubling: Option<Doubling>,
}

impl Doubling {
    /// Steps `2 i` are the middle tap of step `i`, those between the late tap of `i` and the early one of the next.
    fn apply(&self, input: &Rows) -> Rows {
        let channels = input.channels();
        let mut output = Rows::new(2 * input.len(), channels);
        let [early, middle, late] = &self.taps;
        let zeros = vec![0.0; channels];
        let rows: Vec<&[f32]> = input.as_slice().chunks_exact(channels).collect();
        for (step, pair) in output.as_mut_slice().chunks_exact_mut(2 * channels).enumerate() {
            let (row, next) = (rows[step], rows.get(step + 1).copied().unwrap_or(&zeros));
            let (even, odd) = pair.split_at_mut(channels);
            for c in 0..channels {
                even[c] = row[c] * middle[c] + self.bias[c];
                odd[c] = row[c] * late[c] + next[c] * early[c] + self.bias[c];
            }
        }
        output
    }
}

/// Every row twice.
fn repeated(input: &Rows) -> Rows {
    let channels = input.channels();
    let mut output = Rows::new(2 * input.len(), channels);
    let pairs = output.as_mut_slice().chunks_exact_mut(2 * channels);
    for (pair, row) in pairs.zip(input.as_slice().chunks_exact(channels)) {
        pair[..channels].copy_from_slice(row);
        pair[channels..].copy_from_slice(row);
    }
    output
}

impl DecodeBlock {
    /// The block's output for `input`.
    pub(crate) fn run(&self, executor: Executor, style: &[f32], input: &Rows) -> Rows {
        let [first, second] = &self.convolutions;
        let inner = first.convolution.outputs();
        let moments = Moments::of(input);
        let shortcut = match &self.shortcut {
            Some(weights) => executor.multiply_rows(input, weights),
            None => input.clone(),
        };
        // A shortcut of width 1 gives the same result when its output is doubled instead of its input.
        let mut output = if self.doubling.is_some() { repeated(&shortcut) } else { shortcut };
        let mut between = Rows::new(output.len(), inner);
        let moments = match &self.doubling {
            None => first.run(executor, style, 1, (input, &moments), Writeback::PLAIN, &mut between),
            Some(doubling) => {
                let (gain, shift) = first.style.normalisation(style, &moments);
                let mut normalised = input.clone();
                for row in normalised.as_mut_slice().chunks_exact_mut(gain.len()) {
                    for ((x, gain), shift) in row.iter_mut().zip(&gain).zip(&shift) {
                        *x = *x * gain + shift;
                    }
                }
                leak(normalised.as_mut_slice(), 1.0, SLOPE);
                let doubled = doubling.apply(&normalised);
                let (gain, shift) = (vec![1.0; gain.len()], vec![0.0; gain.len()]);
                let transform =
                    RowTransform { gain: &gain, shift: &shift, activation: Activation::Leaky(1.0) };
                first.convolution.convolve(
                    executor,
                    (&doubled, &transform),
                    1,
                    Writeback::PLAIN,
                    &mut between,
                )
            }
        };
        second.run(executor, style, 1, (&between, &moments), Writeback::ADDED, &mut output);
        for x in output.as_mut_slice() {
            *x *= FRAC_1_SQRT_2;
        }
        output
    }
}

impl Reader<'_> {
    /// A decode block.
    pub(crate) fn decode_block(&self, shape: &DecodeShape) -> Result<DecodeBlock, String> {
        let DecodeShape { name, inputs, outputs, doubles, .. } = *shape;
        let styled = |order: usize, inputs: usize| -> Result<StyledConvolution, String> {
            let layer = format!("{name}.conv{order}");
            let shape = Shape { inputs, outputs, taps: 3 };
            Ok(StyledConvolution {
                style: self.style_layer(&format!("{layer}.style"), HALF_STYLE, 2 * inputs)?,
                nonlinearity: Nonlinearity::Leaky(SLOPE),
                convolution: self.convolution(&layer, shape)?,
            })
        };
        let doubling = || -> Result<Doubling, String> {
            let weight = self.floats(&format!("{name}.pool.weight"), 3 * inputs)?;
            let tap = |tap: usize| weight.iter().copied().skip(tap).step_by(3).collect();
            Ok(Doubling {
                taps: [tap(0), tap(1), tap(2)],
                bias: self.floats(&format!("{name}.pool.bias"), inputs)?,
            })
        };
        let shortcut = || self.windows(&format!("{name}.conv1x1"), inputs, vec![0.0; outputs]);
        Ok(DecodeBlock {
            convolutions: [styled(1, inputs)?, styled(2, outputs)?],
            shortcut: (inputs != outputs).then(shortcut).transpose()?,
            doubling: doubles.then(doubling).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubling_is_the_transposed_convolution_it_stands_for() {
        let doubling = Doubling { taps: [vec![1.0], vec![10.0], vec![100.0]], bias: vec![0.5] };
        let input = Rows::from_columns(&[1.0, 2.0, 3.0], 1);
        assert_eq!(doubling.apply(&input).as_slice(), [10.5, 102.5, 20.5, 203.5, 30.5, 300.5]);
        assert_eq!(repeated(&input).as_slice(), [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
    }
}
