//! Products of windows of rows: convolutions of any stride, and transposed ones, in floats.
//!
//! Windows are cut out of the rows in blocks and widened to floats on the way; rows before the first and behind the last are
//! zeros.

use super::pass::{Crew, Exit, Moments, in_parallel, moments};
use super::rows::Rows;
use crate::synth::kokoro::kernels::number::Number;
use crate::synth::kokoro::kernels::{self, BLOCK, Isa, Leak, Merge, Windows, multiply_windows};

/// How windows lie in rows.
#[derive(Clone, Copy, Debug)]
pub struct Framing {
    /// Rows of a window.
    pub rows: usize,
    /// Rows from one window to the next.
    pub stride: usize,
    /// Rows of zeros before the first row.
    pub padding: usize,
    /// What happens to the rows on the way in.
    pub leak: Leak,
}

impl Framing {
    /// Every row as it is.
    pub const POINTWISE: Self =
        Self { rows: 1, stride: 1, padding: 0, leak: Leak { positive: 1.0, negative: 1.0 } };
}

/// Where the products go. A product holds one or more rows of the output.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// Rows of the products that lie before the first row of the output.
    pub skipped: usize,
    /// Whether the first row of the output is to be like its third (reflection padding).
    pub is_reflected: bool,
}

impl Spread {
    /// Product by product.
    pub const PLAIN: Self = Self { skipped: 0, is_reflected: false };
}

/// The products of blocks of windows.
pub struct Products<'a, T> {
    isa: Isa,
    input: &'a Rows<T>,
    framing: Framing,
    weights: &'a Windows,
    cut: Vec<f32>,
    fresh: Vec<f32>,
}

impl<'a, T: Number> Products<'a, T> {
    /// Windows of `input`, as `framing` tells, times `weights`.
    pub fn new(isa: Isa, input: &'a Rows<T>, framing: Framing, weights: &'a Windows) -> Self {
        Self { isa, input, framing, weights, cut: Vec::new(), fresh: Vec::new() }
    }

    /// The products of windows `first..first + count`.
    pub fn of(&mut self, first: usize, count: usize) -> &mut [f32] {
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

impl Crew {
    /// Every row of `input` times `weights`.
    pub fn multiply_rows(self, input: &Rows, weights: &Windows) -> Rows {
        let mut output = Rows::new(input.len(), weights.width());
        self.multiply_windows((input, Framing::POINTWISE), weights, Spread::PLAIN, Exit::PLAIN, &mut output);
        output
    }

    /// Puts the products of windows of `input` with `weights` into `output`, which has as many rows as are wanted. The moments are
    /// those of the output as it is afterwards.
    pub fn multiply_windows<T: Number, U: Number>(
        self,
        (input, framing): (&Rows<T>, Framing),
        weights: &Windows,
        spread: Spread,
        exit: Exit<U>,
        output: &mut Rows<U>,
    ) -> Moments {
        let (len, channels) = (output.len(), output.channels());
        // Rows of the output that a window makes.
        let factor = weights.width() / channels;
        let Spread { skipped, is_reflected } = spread;
        let windows = (len + skipped).div_ceil(factor);
        let blocks = windows.div_ceil(BLOCK);
        let row_of = |window: usize| (window * factor).saturating_sub(skipped).min(len);
        let share = blocks.div_ceil(self.threads.get()).max(1);
        let mut sums = vec![0.0; blocks * 2 * channels];
        let mut left = output.as_mut_slice();
        let shares = sums.chunks_mut(share * 2 * channels).enumerate().map(|(index, sums)| {
            let first = index * share * BLOCK;
            let rows = row_of(first + share * BLOCK) - row_of(first);
            let (output, behind) = std::mem::take(&mut left).split_at_mut(rows * channels);
            left = behind;
            (first, output, sums)
        });
        in_parallel(shares, |(first, mut output, sums)| {
            let mut products = Products::new(self.isa, input, framing, weights);
            for (block, sums) in sums.chunks_mut(2 * channels).enumerate() {
                let first = first + block * BLOCK;
                let count = BLOCK.min(windows - first);
                let fresh = products.of(first, count);
                let outside = skipped.saturating_sub(first * factor);
                if is_reflected && first == 0 {
                    let third = (outside + 2) * channels;
                    fresh.copy_within(third..third + channels, outside * channels);
                }
                let rows = row_of(first + count) - row_of(first);
                let fresh = &mut fresh[outside * channels..(outside + rows) * channels];
                let (now, behind) = output.split_at_mut(rows * channels);
                let start = row_of(first) * channels;
                let residual = exit.residual.map(|residual| &residual.as_slice()[start..start + now.len()]);
                let merge = Merge { residual, accumulate: exit.accumulate };
                kernels::merge(self.isa, fresh, merge, now, sums);
                output = behind;
            }
        });
        moments(&sums, channels, len)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::synth::kokoro::kernels::number::f16;
    use crate::synth::kokoro::kernels::pack::pack_windows;

    /// Numbers that halves hold exactly, so that sums of products come out the same in any order.
    fn number(index: usize) -> f32 {
        (index * 7 % 13) as f32 - 6.0
    }

    #[test]
    fn windows_are_cut_multiplied_and_spread_as_they_are_defined() {
        let (len, inputs, channels) = (2 * BLOCK + 5, 3, 16);
        let leak = Leak { positive: 0.5, negative: -1.0 };
        let input: Vec<f32> = (0..len * inputs).map(number).collect();
        let halves = input.iter().copied().map(f16::from_f32).collect();
        let input = Rows::within(input, len, inputs);
        let at = |row: usize, channel: usize| {
            let Some(row) = row.checked_sub(1).filter(|row| *row < len) else { return 0.0 };
            let x = input.as_slice()[row * inputs + channel];
            x * if x < 0.0 { leak.negative } else { leak.positive }
        };
        for (factor, stride, spread) in [
            (1, 1, Spread::PLAIN),
            (1, 2, Spread::PLAIN),
            (4, 1, Spread { skipped: 2, is_reflected: false }),
            (4, 1, Spread { skipped: 1, is_reflected: true }),
        ] {
            let (rows, width) = (2, factor * channels);
            let weight = |d: usize, o: usize| number(d * width + o);
            let depth = rows * inputs;
            let weights = pack_windows(depth, width, weight).into();
            let weights = Windows::new(depth, weights, vec![1.0; width]).unwrap();
            // The product of window `row / factor`, and what was there before.
            let raised = |row: usize, channel: usize| {
                let output = row % factor * channels + channel;
                let products = (0..depth)
                    .map(|d| at(row / factor * stride + d / inputs, d % inputs) * weight(d, output));
                1.0 + products.sum::<f32>()
            };
            let made = (len / stride - 1) * factor;
            let want: Vec<f32> = (0..made * channels)
                .map(|index| {
                    let (row, channel) = (index / channels, index % channels);
                    let source = if spread.is_reflected && row == 0 { 2 } else { row };
                    8.0 + raised(source + spread.skipped, channel)
                })
                .collect();
            for isa in Isa::available() {
                for threads in 1..4 {
                    let crew = Crew { isa, threads: NonZeroUsize::new(threads).unwrap() };
                    let framing = Framing { rows, stride, padding: 1, leak };
                    let mut output = Rows::within(vec![8.0; want.len()], made, channels);
                    let entry = (&input, framing);
                    let measured = crew.multiply_windows(entry, &weights, spread, Exit::ADDED, &mut output);
                    assert_eq!(
                        output.as_slice(),
                        want,
                        "{isa}, {threads} threads, {factor} {stride} {spread:?}"
                    );
                    for channel in 0..channels {
                        let column = want.iter().skip(channel).step_by(channels);
                        let mean = column.map(|x| f64::from(*x)).sum::<f64>() / made as f64;
                        assert!((f64::from(measured.mean[channel]) - mean).abs() < 1e-3);
                    }
                    // Halves in and out make the same.
                    let narrow: &Vec<f16> = &halves;
                    let mut input = Rows::<f16>::new(len, inputs);
                    input.as_mut_slice().copy_from_slice(narrow);
                    let mut output = Rows::<f16>::new(made, channels);
                    output.as_mut_slice().fill(f16::from_f32(8.0));
                    crew.multiply_windows((&input, framing), &weights, spread, Exit::ADDED, &mut output);
                    assert!(
                        output
                            .as_slice()
                            .iter()
                            .zip(&want)
                            .all(|(half, want)| half.to_bits() == f16::from_f32(*want).to_bits())
                    );
                }
            }
        }
    }
}
