//! A linear layer with 8-bit weights, one scale a column, for rows that need more than 8 bits.
//!
//! Some channels of a transformer are ten times as large as all others, and they are the same in all rows. If they set
//! a row's scale, the other channels lose three bits and more. There the few largest channels are computed apart, in
//! floats. Elsewhere rows are quantized twice; the second pass holds the rounding errors of the first.

use kernels::pack::{PackedConvolution, Shape};
use kernels::{
    Activation, Isa, RowTransform, Rows8, WindowWeights, column_peaks, convolve, multiply_windows, quantize,
    quantize_fine,
};

/// Channels that are computed apart. More of them would not help: the ninth is about as large as the next ones.
const APART: usize = 8;

/// Hysteresis: the chosen channels are kept until a better choice would shrink the largest remaining peak by this
/// factor.
const ENOUGH: f32 = 1.25;

/// The layer. Its sums are raw until `scales` and `bias` are applied, which the next step does.
pub(crate) struct Linear {
    /// The weights: a convolution of width 1, without a bias.
    pub weights: PackedConvolution,
    /// The value of a weight of one, for each output.
    pub scales: Vec<f32>,
    /// One summand an output.
    pub bias: Vec<f32>,
}

/// Raw sums in two parts, which must be added.
#[derive(Default)]
pub(crate) struct Sums {
    /// The larger part.
    pub coarse: Vec<f32>,
    /// The rest.
    pub fine: Vec<f32>,
}

/// The largest channels, and their weights; kept while they stay the same.
#[derive(Default)]
pub(crate) struct OutlierChannels {
    channels: Vec<usize>,
    weights: Option<WindowWeights>,
    /// Memory for the rows without them.
    rest: Rows8,
}

impl OutlierChannels {
    /// Chooses the channels of the largest `peaks`, unless those chosen before do nearly as well.
    fn choose(&mut self, peaks: &[f32], weights: &PackedConvolution) {
        let mut order: Vec<usize> = (0..peaks.len()).collect();
        order.select_nth_unstable_by(APART.min(peaks.len() - 1), |a, b| peaks[*b].total_cmp(&peaks[*a]));
        let largest_left = order.get(APART).map_or(0.0, |channel| peaks[*channel]);
        let is_enough =
            |channel: usize| peaks[channel] <= ENOUGH * largest_left || self.channels.contains(&channel);
        if self.weights.is_some() && order[..APART.min(order.len())].iter().all(|channel| is_enough(*channel))
        {
            return;
        }
        order.truncate(APART);
        self.weights = weights.columns(&order);
        self.channels = order;
    }
}

/// Rows that are quantized twice.
#[derive(Default)]
pub(crate) struct FineRows {
    coarse: Rows8,
    fine: Rows8,
}

impl FineRows {
    /// Quantizes rows of `channels` numbers.
    pub(crate) fn new(isa: Isa, input: &[f32], channels: usize) -> Self {
        let mut made = Self::default();
        made.fill(isa, input, channels);
        made
    }

    /// The same, instead of the rows that were here.
    pub(crate) fn fill(&mut self, isa: Isa, input: &[f32], channels: usize) {
        let rows = input.len() / channels;
        self.coarse.resize(rows, channels);
        self.fine.resize(rows, channels);
        quantize_fine(isa, input, channels, &mut self.coarse, &mut self.fine);
    }

    /// The raw sums of all rows, whole tiles of them, into `sums`.
    pub(crate) fn multiply(&mut self, isa: Isa, weights: &PackedConvolution, sums: &mut Sums) {
        let parts = [(&mut self.coarse, &mut sums.coarse), (&mut self.fine, &mut sums.fine)];
        for (rows, output) in parts {
            output.resize(rows.len() * weights.outputs(), 0.0);
            convolve(isa, rows, weights, 1, output);
        }
    }

    /// The same for rows of 8 bits: without the second part.
    pub(crate) fn multiply_coarse(&mut self, isa: Isa, weights: &PackedConvolution, sums: &mut Sums) {
        sums.coarse.resize(self.coarse.len() * weights.outputs(), 0.0);
        convolve(isa, &mut self.coarse, weights, 1, &mut sums.coarse);
        sums.fine.clear();
        sums.fine.resize(sums.coarse.len(), 0.0);
    }
}

impl Linear {
    /// The shape of the weights.
    pub(crate) const fn shape(inputs: usize, outputs: usize) -> Shape {
        Shape { inputs, outputs, taps: 1 }
    }

    /// Numbers that come out for a row.
    pub(crate) const fn outputs(&self) -> usize {
        self.weights.outputs()
    }

    /// The raw sums for `input`, whole tiles of rows, with the largest channels computed apart.
    pub(crate) fn multiply_apart(
        &self,
        isa: Isa,
        input: &[f32],
        apart: &mut OutlierChannels,
        sums: &mut Sums,
    ) {
        let inputs = self.weights.inputs();
        let rows = input.len() / inputs;
        let mut peaks = vec![0.0; inputs];
        column_peaks(isa, input, &mut peaks);
        apart.choose(&peaks, &self.weights);
        // The outlier channels are zero in the rest.
        let (mut gain, shift) = (peaks, vec![0.0; inputs]);
        gain.fill(1.0);
        apart.channels.iter().for_each(|channel| gain[*channel] = 0.0);
        let transform = RowTransform { gain: &gain, shift: &shift, activation: Activation::Leaky(1.0) };
        apart.rest.resize(rows, inputs);
        quantize(isa, input, &transform, &mut apart.rest, 0);
        sums.coarse.resize(rows * self.outputs(), 0.0);
        convolve(isa, &mut apart.rest, &self.weights, 1, &mut sums.coarse);
        sums.fine.resize(rows * self.outputs(), 0.0);
        if let Some(weights) = &apart.weights {
            let largest = input.chunks_exact(inputs).flat_map(|row| apart.channels.iter().map(|c| row[*c]));
            let largest: Vec<f32> = largest.collect();
            multiply_windows(isa, &largest, APART, weights, &mut sums.fine);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::pack::{offsets, pack};

    /// Rows with two channels that are far larger than the rest, and a layer's correct output for them.
    #[test]
    fn large_channels_take_no_precision_from_the_others() {
        let (inputs, outputs, rows) = (64, 32, 12);
        let shape = Linear::shape(inputs, outputs);
        let weight = |o: usize, c: usize| (((o * 37 + c * 11) % 255) as u8).cast_signed();
        let packed = pack(shape, |o, c, _| weight(o, c));
        let offsets = offsets(shape, &packed);
        let (ones, zeros) = (vec![1.0; outputs], vec![0.0; outputs]);
        let weights = PackedConvolution::new(shape, packed.into(), offsets.into(), ones, zeros);
        let layer =
            Linear { weights: weights.unwrap(), scales: vec![1.0; outputs], bias: vec![0.0; outputs] };
        let number = |i: usize| {
            let x = (i * 7919 % 1000) as f32 / 500.0 - 1.0;
            if matches!(i % inputs, 5 | 40) { 300.0 * x + 200.0 } else { x }
        };
        let input: Vec<f32> = (0..rows * inputs).map(number).collect();
        for isa in Isa::available() {
            let (mut apart, mut fine) = (Sums::default(), Sums::default());
            layer.multiply_apart(isa, &input, &mut OutlierChannels::default(), &mut apart);
            FineRows::new(isa, &input, inputs).multiply(isa, &layer.weights, &mut fine);
            for (name, sums) in [("apart", apart), ("fine", fine)] {
                let mut error = 0_f64;
                for (at, (coarse, fine)) in sums.coarse.iter().zip(&sums.fine).enumerate() {
                    let products = (0..inputs).map(|c| {
                        f64::from(input[at / outputs * inputs + c]) * f64::from(weight(at % outputs, c))
                    });
                    error = error.max((f64::from(coarse + fine) - products.sum::<f64>()).abs());
                }
                // A single scale, of 500, would be off by some hundred.
                assert!(error < 20.0, "{isa} {name} is {error} away");
            }
        }
    }
}
