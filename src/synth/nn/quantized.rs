//! Convolutions of quantized rows: normalise, activate and quantize on the way in.

use super::moving::{Moving, Reach};
use super::pass::{Executor, Moments, Products, Spread, Writeback};
use super::rows::Rows;
use kernels::element::Element;
use kernels::pack::PackedConvolution;
use kernels::{self, BLOCK, Isa, RowTransform, Rows8, quantize, rows_read};

impl Executor {
    /// Convolves `input`, row by row transformed by `transform`. The moments are those of the output as it is afterwards.
    pub(crate) fn convolve<T: Element, U: Element>(
        self,
        (input, transform): (&Rows<T>, &RowTransform),
        convolution: &PackedConvolution,
        (reach, spread): (Reach, Spread),
        writeback: Writeback<U>,
        output: &mut Rows<U>,
    ) -> Moments {
        let products = || QuantizedProducts::new(self.isa, input, transform, convolution, reach);
        self.pass((products, BLOCK), convolution.outputs(), spread, writeback, output)
    }
}

/// The products of windows of quantized rows.
struct QuantizedProducts<'a, T> {
    isa: Isa,
    input: &'a Rows<T>,
    transform: &'a RowTransform<'a>,
    convolution: &'a PackedConvolution,
    dilation: usize,
    window: Moving<Rows8>,
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
        let Reach { dilation, padding } = reach;
        let most = BLOCK.next_multiple_of(isa.row_tile());
        let rows = Rows8::new(rows_read(most, convolution.taps(), dilation), input.channels());
        let window = Moving::new(rows, padding, input.len());
        let fresh = vec![0.0; most * convolution.outputs()];
        Self { isa, input, transform, convolution, dilation, window, fresh }
    }
}

impl<T: Element> Products for QuantizedProducts<'_, T> {
    fn of(&mut self, first: usize, count: usize) -> &mut [f32] {
        let Self { isa, input, transform, convolution, dilation, window, fresh } = self;
        let whole_tiles = count.next_multiple_of(isa.row_tile());
        let channels = input.channels();
        let needed = rows_read(whole_tiles, convolution.taps(), *dilation);
        window.move_to(first, needed, |rows, window, place| {
            let source = &input.as_slice()[rows.start * channels..rows.end * channels];
            quantize(*isa, source, transform, window, place);
        });
        let outputs = convolution.outputs();
        let made = &mut fresh[..whole_tiles * outputs];
        kernels::convolve(*isa, &mut window.rows, convolution, *dilation, made);
        &mut made[..count * outputs]
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::synth::nn::convolution::Convolution;
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

    fn convolution(outputs: usize, taps: usize) -> Convolution {
        let shape = Shape { inputs: INPUTS, outputs, taps };
        let packed = pack(shape, weight);
        let offsets = offsets(shape, &packed);
        let gains = (0..outputs).map(gain).collect();
        let direct = PackedConvolution::new(shape, packed.into(), offsets.into(), gains, vec![1.0; outputs]);
        Convolution { direct: direct.unwrap(), tiled: None }
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
                convolution.convolve(executor, (&input, &PLAIN), dilation, Writeback::ADDED, &mut output);
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
                    convolution.upsample(executor, (&input, &PLAIN), spread, Writeback::ADDED, &mut output);
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
