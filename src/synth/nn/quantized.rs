//! Convolutions of quantized rows: normalise, activate and quantize on the way in.
//!
//! The rows that a block needs are quantized into a small moving window, so that the bytes never leave the near
//! caches.

use super::pass::{Executor, Moments, Products, Spread, Writeback};
use super::rows::Rows;
use kernels::element::Element;
use kernels::pack::PackedConvolution;
use kernels::{self, BLOCK, Isa, RowTransform, Rows8, quantize, rows_read};

impl Executor {
    /// Convolves `input`, row by row transformed by `transform`, with zero rows at both ends, so that the number of
    /// rows stays the same. The moments are those of the output as it is afterwards.
    pub(crate) fn convolve<T: Element, U: Element>(
        self,
        input: &Rows<T>,
        transform: &RowTransform,
        convolution: &PackedConvolution,
        dilation: usize,
        writeback: Writeback<U>,
        output: &mut Rows<U>,
    ) -> Moments {
        let reach = Reach { dilation, padding: (convolution.taps() - 1) * dilation / 2 };
        let products = || QuantizedProducts::new(self.isa, input, transform, convolution, reach);
        self.pass(products, convolution.outputs(), Spread::PLAIN, writeback, output)
    }

    /// A transposed convolution of `input`, row by row transformed by `transform`. One product of the convolution
    /// makes all the output rows of a step. Its taps are the steps that reach these rows, the earliest first.
    pub(crate) fn upsample<T: Element, U: Element>(
        self,
        input: &Rows<T>,
        transform: &RowTransform,
        convolution: &PackedConvolution,
        spread: Spread,
        writeback: Writeback<U>,
        output: &mut Rows<U>,
    ) -> Moments {
        let reach = Reach { dilation: 1, padding: convolution.taps() - 1 };
        let products = || QuantizedProducts::new(self.isa, input, transform, convolution, reach);
        self.pass(products, convolution.outputs(), spread, writeback, output)
    }
}

/// How a convolution reaches over the rows.
#[derive(Clone, Copy)]
struct Reach {
    /// Rows from one tap to the next.
    dilation: usize,
    /// Rows of zeros before the first row.
    padding: usize,
}

/// The products of windows of quantized rows.
struct QuantizedProducts<'a, T> {
    isa: Isa,
    input: &'a Rows<T>,
    transform: &'a RowTransform<'a>,
    convolution: &'a PackedConvolution,
    reach: Reach,
    rows: Rows8,
    /// The first row in `rows`, as a row of the input counted from the first row of padding, and the number of rows
    /// there.
    first: usize,
    filled: usize,
    fresh: Vec<f32>,
}

impl<'a, T: Element> QuantizedProducts<'a, T> {
    fn new(
        isa: Isa,
        input: &'a Rows<T>,
        transform: &'a RowTransform<'a>,
        convolution: &'a PackedConvolution,
        reach: Reach,
    ) -> Self {
        let most = BLOCK.next_multiple_of(isa.row_tile());
        let rows = Rows8::new(rows_read(most, convolution.taps(), reach.dilation), input.channels());
        let fresh = vec![0.0; most * convolution.outputs()];
        Self { isa, input, transform, convolution, reach, rows, first: 0, filled: 0, fresh }
    }

    /// Fills `rows` with the input of `count` rows of output from `start` on.
    fn move_to(&mut self, start: usize, count: usize) {
        let Reach { dilation, padding } = self.reach;
        let needed = rows_read(count, self.convolution.taps(), dilation);
        let kept = (self.first + self.filled).saturating_sub(start).min(self.filled).min(needed);
        if start > self.first && kept > 0 {
            self.rows.shift(start - self.first, kept);
        }
        (self.first, self.filled) = (start, kept);
        // Rows before the first and behind the last are padding.
        let (from, to) = (start + kept, start + needed);
        let (begin, end) = (padding.clamp(from, to), (padding + self.input.len()).clamp(from, to));
        self.rows.clear(kept, begin - start);
        let channels = self.input.channels();
        if begin < end {
            let source = &self.input.as_slice()[(begin - padding) * channels..(end - padding) * channels];
            quantize(self.isa, source, self.transform, &mut self.rows, begin - start);
        }
        self.rows.clear(end - start, needed);
        self.filled = needed;
    }
}

impl<T: Element> Products for QuantizedProducts<'_, T> {
    fn of(&mut self, first: usize, count: usize) -> &mut [f32] {
        let outputs = self.convolution.outputs();
        let whole_tiles = count.next_multiple_of(self.isa.row_tile());
        self.move_to(first, whole_tiles);
        let fresh = &mut self.fresh[..whole_tiles * outputs];
        kernels::convolve(self.isa, &mut self.rows, self.convolution, self.reach.dilation, fresh);
        &mut fresh[..count * outputs]
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::table_test::each;
    use kernels::Activation;
    use kernels::pack::{Shape, offsets, pack};

    const INPUTS: usize = 4;
    const CHANNELS: usize = 16;
    const SLOPE: f32 = 0.5;

    /// Rows of whole numbers, of which one takes all 8 bits, so that no precision is lost.
    fn rows(len: usize) -> Rows {
        let number = |at: usize| if at % INPUTS == 1 { 127.0 } else { (at * 7 % 13) as f32 * 2.0 - 12.0 };
        Rows::within((0..len * INPUTS).map(number).collect(), len, INPUTS)
    }

    fn weight(output: usize, input: usize, tap: usize) -> i8 {
        ((output * 5 + input * 3 + tap * 11) % 17) as i8 - 8
    }

    fn convolution(outputs: usize, taps: usize) -> PackedConvolution {
        let shape = Shape { inputs: INPUTS, outputs, taps };
        let packed = pack(shape, weight);
        let offsets = offsets(shape, &packed);
        let gains = (0..outputs).map(gain).collect();
        PackedConvolution::new(shape, packed.into(), offsets.into(), gains, vec![1.0; outputs]).unwrap()
    }

    fn gain(output: usize) -> f32 {
        if output.is_multiple_of(2) { 0.5 } else { 0.25 }
    }

    /// The product of the window whose taps are the rows that `row_of` returns; outside there are zeros.
    fn product(input: &Rows, taps: usize, output: usize, row_of: impl Fn(usize) -> Option<usize>) -> f32 {
        let mut sum = 0.0;
        for (tap, channel) in (0..taps).flat_map(|tap| (0..INPUTS).map(move |channel| (tap, channel))) {
            let row = row_of(tap).filter(|row| *row < input.len());
            let x = row.map_or(0.0, |row| input.as_slice()[row * INPUTS + channel]);
            sum += x * if x < 0.0 { SLOPE } else { 1.0 } * f32::from(weight(output, channel, tap));
        }
        1.0 + sum * gain(output)
    }

    fn for_every_crew(check: impl Fn(Executor)) {
        for isa in Isa::available() {
            (1..4).for_each(|threads| check(Executor { isa, threads: NonZeroUsize::new(threads).unwrap() }));
        }
    }

    const PLAIN: RowTransform =
        RowTransform { gain: &[1.0; INPUTS], shift: &[0.0; INPUTS], activation: Activation::Leaky(SLOPE) };

    #[test]
    fn convolutions_are_padded_to_as_many_rows() {
        let input = rows(2 * BLOCK + 5);
        each([(1, 1), (3, 1), (7, 3), (11, 5)], |(taps, dilation)| {
            let padding = (taps - 1) * dilation / 2;
            let want: Vec<f32> = (0..input.len() * CHANNELS)
                .map(|at| {
                    let row = at / CHANNELS;
                    8.0 + product(&input, taps, at % CHANNELS, |tap| {
                        (row + tap * dilation).checked_sub(padding)
                    })
                })
                .collect();
            let convolution = convolution(CHANNELS, taps);
            for_every_crew(|executor| {
                let mut output = Rows::within(vec![8.0; want.len()], input.len(), CHANNELS);
                executor.convolve(&input, &PLAIN, &convolution, dilation, Writeback::ADDED, &mut output);
                assert_eq!(output.as_slice(), want, "{executor:?}, {taps} taps, dilation {dilation}");
            });
        });
    }

    #[test]
    fn steps_become_as_many_rows_as_their_products_hold() {
        let (input, factor) = (rows(2 * BLOCK + 5), 4);
        let convolution = convolution(factor * CHANNELS, 2);
        each([(0, false), (2, false), (1, true)], |(skipped, is_reflected)| {
            let made = input.len() * factor + usize::from(is_reflected);
            let want: Vec<f32> = (0..made * CHANNELS)
                .map(|at| {
                    let (row, channel) = (at / CHANNELS, at % CHANNELS);
                    let row = if is_reflected && row == 0 { 2 } else { row } + skipped;
                    let output = row % factor * CHANNELS + channel;
                    8.0 + product(&input, 2, output, |tap| (row / factor + tap).checked_sub(1))
                })
                .collect();
            for_every_crew(|executor| {
                let mut output = Rows::within(vec![8.0; want.len()], made, CHANNELS);
                let spread = Spread { skipped, is_reflected };
                let moments =
                    executor.upsample(&input, &PLAIN, &convolution, spread, Writeback::ADDED, &mut output);
                assert_eq!(output.as_slice(), want, "{executor:?}, {spread:?}");
                let mean = |channel: usize| {
                    let column = want.iter().skip(channel).step_by(CHANNELS);
                    column.map(|x| f64::from(*x)).sum::<f64>() / made as f64
                };
                let differs =
                    |channel: &usize| (f64::from(moments.mean[*channel]) - mean(*channel)).abs() > 1e-3;
                assert_eq!((0..CHANNELS).find(differs), None, "{executor:?}, {spread:?}");
            });
        });
    }
}
