//! Products of windows of rows in floats: convolutions of any stride.
//!
//! Windows are cut out of the rows in blocks and widened to floats on the way; rows before the first and behind the last are
//! zeros.

use super::pass::{Executor, Moments, Products, Spread, Writeback};
use super::rows::Rows;
use kernels::element::Element;
use kernels::{self, BLOCK, Isa, Leak, WindowWeights, multiply_windows};

/// How windows lie in rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Framing {
    /// Rows of a window.
    pub rows: usize,
    /// Rows from one window to the next.
    pub stride: usize,
    /// Rows of zeros before the first row.
    pub padding: usize,
    /// The transform of the rows on the way in.
    pub leak: Leak,
}

impl Framing {
    /// Every row as it is.
    pub(crate) const POINTWISE: Self =
        Self { rows: 1, stride: 1, padding: 0, leak: Leak { positive: 1.0, negative: 1.0 } };
}

/// The products of windows of floats.
pub(crate) struct FloatProducts<'a, T> {
    isa: Isa,
    input: &'a Rows<T>,
    framing: Framing,
    weights: &'a WindowWeights,
    cut: Vec<f32>,
    fresh: Vec<f32>,
}

impl<'a, T: Element> FloatProducts<'a, T> {
    /// Windows of `input`, cut as `framing` says, times `weights`.
    pub(crate) fn new(isa: Isa, input: &'a Rows<T>, framing: Framing, weights: &'a WindowWeights) -> Self {
        Self { isa, input, framing, weights, cut: Vec::new(), fresh: Vec::new() }
    }
}

impl<T: Element> Products for FloatProducts<'_, T> {
    fn of(&mut self, first: usize, count: usize) -> &mut [f32] {
        let Framing { rows, stride, padding, leak } = self.framing;
        let (channels, len) = (self.input.channels(), self.input.len());
        let whole_tiles = count.next_multiple_of(self.isa.row_tile());
        // Rows are counted from the first row of padding.
        let from = first * stride;
        let to = from + (whole_tiles - 1) * stride + rows;
        let (begin, end) = (padding.clamp(from, to), (padding + len).clamp(from, to));
        self.cut.resize((to - from) * channels, 0.0);
        let (before, rest) = self.cut.split_at_mut((begin - from) * channels);
        let (within, behind) = rest.split_at_mut((end - begin) * channels);
        before.fill(0.0);
        behind.fill(0.0);
        if begin < end {
            let source = &self.input.as_slice()[(begin - padding) * channels..(end - padding) * channels];
            kernels::widen(self.isa, source, leak, within);
        }
        let width = self.weights.width();
        self.fresh.resize(whole_tiles * width, 0.0);
        multiply_windows(self.isa, &self.cut, stride * channels, self.weights, &mut self.fresh);
        &mut self.fresh[..count * width]
    }
}

impl Executor {
    /// Every row of `input` times `weights`.
    pub(crate) fn multiply_rows(self, input: &Rows, weights: &WindowWeights) -> Rows {
        let mut output = Rows::new(input.len(), weights.width());
        self.multiply_windows((input, Framing::POINTWISE), weights, Writeback::PLAIN, &mut output);
        output
    }

    /// Puts the products of windows of `input` with `weights` into `output`, which has as many rows as are wanted. The moments are
    /// those of the output as it is afterwards.
    pub(crate) fn multiply_windows<T: Element, U: Element>(
        self,
        (input, framing): (&Rows<T>, Framing),
        weights: &WindowWeights,
        writeback: Writeback<U>,
        output: &mut Rows<U>,
    ) -> Moments {
        let products = || FloatProducts::new(self.isa, input, framing, weights);
        self.pass((products, BLOCK), weights.width(), Spread::PLAIN, writeback, output)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::table_test::each;
    use kernels::element::f16;
    use kernels::pack::pack_windows;

    /// Numbers that halves hold exactly, so that sums of products come out the same in any order.
    fn number(index: usize) -> f32 {
        (index * 7 % 13) as f32 - 6.0
    }

    #[test]
    fn windows_are_cut_and_multiplied_as_they_are_defined() {
        let (len, inputs, channels, rows) = (2 * BLOCK + 5, 3, 16, 2);
        let leak = Leak { positive: 0.5, negative: -1.0 };
        let numbers: Vec<f32> = (0..len * inputs).map(number).collect();
        let mut halves = Rows::<f16>::new(len, inputs);
        halves.as_mut_slice().iter_mut().zip(&numbers).for_each(|(half, x)| *half = f16::from_f32(*x));
        let input = Rows::within(numbers, len, inputs);
        let at = |row: usize, channel: usize| {
            let Some(row) = row.checked_sub(1).filter(|row| *row < len) else { return 0.0 };
            let x = input.as_slice()[row * inputs + channel];
            x * if x < 0.0 { leak.negative } else { leak.positive }
        };
        let weight = |d: usize, o: usize| number(d * channels + o);
        let depth = rows * inputs;
        let weights = pack_windows(depth, channels, weight).into();
        let weights = WindowWeights::new(depth, weights, vec![1.0; channels]).unwrap();
        each([1, 2], |stride| {
            let made = len / stride - 1;
            let want: Vec<f32> = (0..made * channels)
                .map(|index| {
                    let (row, channel) = (index / channels, index % channels);
                    let products =
                        (0..depth).map(|d| at(row * stride + d / inputs, d % inputs) * weight(d, channel));
                    // The old value, the bias, the sum.
                    8.0 + 1.0 + products.sum::<f32>()
                })
                .collect();
            let framing = Framing { rows, stride, padding: 1, leak };
            for (isa, threads) in
                Isa::available().into_iter().flat_map(|isa| (1..4).map(move |threads| (isa, threads)))
            {
                let executor = Executor { isa, threads: NonZeroUsize::new(threads).unwrap() };
                let mut output = Rows::within(vec![8.0; want.len()], made, channels);
                let measured =
                    executor.multiply_windows((&input, framing), &weights, Writeback::ADDED, &mut output);
                assert_eq!(output.as_slice(), want, "{isa}, {threads} threads, stride {stride}");
                for channel in 0..channels {
                    let column = want.iter().skip(channel).step_by(channels);
                    let mean = column.map(|x| f64::from(*x)).sum::<f64>() / made as f64;
                    assert!((f64::from(measured.mean[channel]) - mean).abs() < 1e-3);
                }
                // 16-bit input and output give the same result.
                let mut output = Rows::<f16>::new(made, channels);
                output.as_mut_slice().fill(f16::from_f32(8.0));
                executor.multiply_windows((&halves, framing), &weights, Writeback::ADDED, &mut output);
                let as_wanted = |(half, want): (&f16, &f32)| half.to_bits() == f16::from_f32(*want).to_bits();
                assert!(output.as_slice().iter().zip(&want).all(as_wanted), "{isa}, {threads} threads");
            }
        });
    }
}
