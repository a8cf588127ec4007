//! Convolutions by tiles: normalise and activate on the way in, then transform, see [`kernels::tile`].

use super::moving::{Moving, Reach};
use super::pass::{Executor, Moments, Products, Spread, Writeback};
use super::rows::Rows;
use kernels::element::Element;
use kernels::tile::filters::TiledConvolution;
use kernels::tile::rows::{FloatRows, transform_rows};
use kernels::tile::{self, Scratch};
use kernels::{Isa, RowTransform, rows_read};

impl Executor {
    /// The same as [`convolve`](Self::convolve), by tiles.
    pub(crate) fn convolve_tiled<T: Element, U: Element>(
        self,
        (input, transform): (&Rows<T>, &RowTransform),
        convolution: &TiledConvolution,
        (reach, spread): (Reach, Spread),
        writeback: Writeback<U>,
        output: &mut Rows<U>,
    ) -> Moments {
        let block = convolution.block_rows(reach.dilation, input.len());
        let products = || TiledProducts::new(self.isa, input, transform, convolution, (reach, block));
        self.pass((products, block), convolution.outputs(), spread, writeback, output)
    }
}

/// The products of tiles of transformed rows.
struct TiledProducts<'a, T> {
    isa: Isa,
    input: &'a Rows<T>,
    transform: &'a RowTransform<'a>,
    convolution: &'a TiledConvolution,
    dilation: usize,
    window: Moving<FloatRows>,
    scratch: Scratch,
    fresh: Vec<f32>,
}

impl<'a, T: Element> TiledProducts<'a, T> {
    fn new(
        isa: Isa,
        input: &'a Rows<T>,
        transform: &'a RowTransform<'a>,
        convolution: &'a TiledConvolution,
        (reach, block): (Reach, usize),
    ) -> Self {
        let Reach { dilation, padding } = reach;
        let rows = FloatRows::new(rows_read(block, convolution.taps(), dilation), input.channels());
        let window = Moving::new(rows, padding, input.len());
        let fresh = vec![0.0; block * convolution.outputs()];
        Self { isa, input, transform, convolution, dilation, window, scratch: Scratch::default(), fresh }
    }
}

impl<T: Element> Products for TiledProducts<'_, T> {
    fn of(&mut self, first: usize, count: usize) -> &mut [f32] {
        let Self { isa, input, transform, convolution, dilation, window, scratch, fresh } = self;
        let whole_groups = count.next_multiple_of(convolution.group_rows(*dilation));
        let channels = input.channels();
        let needed = rows_read(whole_groups, convolution.taps(), *dilation);
        window.move_to(first, needed, |rows, window, place| {
            let source = &input.as_slice()[rows.start * channels..rows.end * channels];
            transform_rows(*isa, source, transform, window, place);
        });
        let outputs = convolution.outputs();
        let made = &mut fresh[..whole_groups * outputs];
        tile::convolve(*isa, &window.rows, convolution, *dilation, scratch, made);
        &mut made[..count * outputs]
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::table_test::each;
    use kernels::Activation;
    use kernels::pack::Shape;
    use kernels::tile::filters;

    const CHANNELS: usize = 32;

    fn number(index: usize) -> f32 {
        (index * 37 % 101) as f32 / 50.0 - 1.0
    }

    fn weight(output: usize, input: usize, tap: usize) -> f32 {
        number(output * 7919 + input * 131 + tap * 17)
    }

    /// Row `row` of the output, in floats of 64 bits; outside there are zeros.
    fn row(input: &Rows, taps: usize, dilation: usize, row: usize) -> Vec<f64> {
        let padding = (taps - 1) * dilation / 2;
        let at = |tap: usize| (row + tap * dilation).checked_sub(padding).filter(|row| *row < input.len());
        let channels = |output: usize| {
            let taps = (0..taps).filter_map(|tap| Some((tap, at(tap)?)));
            let products = taps.flat_map(|(tap, row)| {
                let numbers = &input.as_slice()[row * CHANNELS..][..CHANNELS];
                numbers
                    .iter()
                    .enumerate()
                    .map(move |(channel, x)| f64::from(*x) * f64::from(weight(output, channel, tap)))
            });
            8.0 + 1.0 + products.sum::<f64>()
        };
        (0..CHANNELS).map(channels).collect()
    }

    #[test]
    fn any_number_of_rows_is_convolved_alike_by_any_number_of_threads() {
        each(
            [(3, 1, 1), (3, 2, 145), (7, 1, 193), (7, 5, 39), (11, 1, 5), (11, 3, 265), (11, 5, 700)],
            |(taps, dilation, len)| {
                let shape = Shape { inputs: CHANNELS, outputs: CHANNELS, taps };
                let (packed, gains) = filters::pack(shape, weight);
                let convolution =
                    TiledConvolution::new(shape, packed.into(), gains, vec![1.0; CHANNELS]).unwrap();
                let input = Rows::within((0..len * CHANNELS).map(number).collect(), len, CHANNELS);
                let (gain, shift) = ([1.0; CHANNELS], [0.0; CHANNELS]);
                let transform =
                    RowTransform { gain: &gain, shift: &shift, activation: Activation::Leaky(1.0) };
                let reach = Reach { dilation, padding: (taps - 1) * dilation / 2 };
                for isa in Isa::available() {
                    let made = (1..4).map(|threads| {
                        let executor = Executor { isa, threads: NonZeroUsize::new(threads).unwrap() };
                        let mut output = Rows::within(vec![8.0; len * CHANNELS], len, CHANNELS);
                        executor.convolve_tiled(
                            (&input, &transform),
                            &convolution,
                            (reach, Spread::PLAIN),
                            Writeback::ADDED,
                            &mut output,
                        );
                        output.into_numbers()
                    });
                    let made: Vec<_> = made.collect();
                    assert!(made.iter().all(|other| *other == made[0]), "{isa}: threads make a difference");
                    for (at, numbers) in made[0].chunks_exact(CHANNELS).enumerate() {
                        let want = row(&input, taps, dilation, at);
                        let most = want
                            .iter()
                            .zip(numbers)
                            .fold(0.0_f64, |most, (x, y)| most.max((x - f64::from(*y)).abs()));
                        assert!(most < 0.05, "{isa}, row {at}: {most}");
                    }
                }
            },
        );
    }

    #[test]
    fn steps_become_as_many_rows_as_their_products_hold() {
        const FACTOR: usize = 4;
        let shape = Shape { inputs: CHANNELS, outputs: FACTOR * CHANNELS, taps: 2 };
        let (packed, gains) = filters::pack(shape, weight);
        let convolution =
            TiledConvolution::new(shape, packed.into(), gains, vec![1.0; shape.outputs]).unwrap();
        let (gain, shift) = ([1.0; CHANNELS], [0.0; CHANNELS]);
        let transform = RowTransform { gain: &gain, shift: &shift, activation: Activation::Leaky(1.0) };
        each(
            [(5, 0, false), (1, 2, false), (301, 2, false), (301, 1, true)],
            |(len, skipped, is_reflected)| {
                let input = Rows::within((0..len * CHANNELS).map(number).collect(), len, CHANNELS);
                let made = len * FACTOR + usize::from(is_reflected) - skipped;
                let step = |step: usize, output: usize| {
                    let taps = (0..2).filter_map(|tap| Some((tap, (step + tap).checked_sub(1)?)));
                    let taps = taps.filter(|(_, row)| *row < len);
                    let products = taps.flat_map(|(tap, row)| {
                        let numbers = input.as_slice()[row * CHANNELS..][..CHANNELS].iter().enumerate();
                        numbers
                            .map(move |(channel, x)| f64::from(*x) * f64::from(weight(output, channel, tap)))
                    });
                    1.0 + products.sum::<f64>()
                };
                let want: Vec<f64> = (0..made * CHANNELS)
                    .map(|at| {
                        let (row, channel) = (at / CHANNELS, at % CHANNELS);
                        let row = if is_reflected && row == 0 { 2 } else { row } + skipped;
                        step(row / FACTOR, row % FACTOR * CHANNELS + channel)
                    })
                    .collect();
                for isa in Isa::available() {
                    for threads in 1..4 {
                        let executor = Executor { isa, threads: NonZeroUsize::new(threads).unwrap() };
                        let mut output = Rows::<f32>::new(made, CHANNELS);
                        executor.convolve_tiled(
                            (&input, &transform),
                            &convolution,
                            (Reach { dilation: 1, padding: 1 }, Spread { skipped, is_reflected }),
                            Writeback::PLAIN,
                            &mut output,
                        );
                        let most = want
                            .iter()
                            .zip(output.as_slice())
                            .fold(0.0_f64, |most, (x, y)| most.max((x - f64::from(*y)).abs()));
                        assert!(most < 0.02, "{isa}, {threads} threads: {most}");
                    }
                }
            },
        );
    }
}
