//! A convolution with both of its ways: of 8-bit rows, and by tiles.

use super::moving::Reach;
use super::pass::{Executor, Moments, Spread, Writeback};
use super::rows::Rows;
use kernels::element::Element;
use kernels::pack::PackedConvolution;
use kernels::tile::filters::TiledConvolution;
use kernels::{Isa, RowTransform};

/// The same filters twice.
pub(crate) struct Convolution {
    /// For rows of 8 bits.
    pub direct: PackedConvolution,
    /// By tiles, where that pays on some processor.
    pub tiled: Option<TiledConvolution>,
}

impl Convolution {
    /// Channels that come out.
    pub(crate) fn outputs(&self) -> usize {
        self.direct.outputs()
    }

    /// The way by tiles, where it pays with these instructions.
    fn tiled(&self, isa: Isa) -> Option<&TiledConvolution> {
        self.tiled.as_ref().filter(|tiled| tiled.pays(isa))
    }

    /// Convolves `input`, row by row transformed by `transform`, with zero rows at both ends, so that the number of rows stays the
    /// same. The moments are those of the output as it is afterwards.
    pub(crate) fn convolve<T: Element, U: Element>(
        &self,
        executor: Executor,
        (input, transform): (&Rows<T>, &RowTransform),
        dilation: usize,
        writeback: Writeback<U>,
        output: &mut Rows<U>,
    ) -> Moments {
        let reach = Reach { dilation, padding: (self.direct.taps() - 1) * dilation / 2 };
        self.run(executor, (input, transform), (reach, Spread::PLAIN), writeback, output)
    }

    /// A transposed convolution of `input`, row by row transformed by `transform`. One product of the convolution makes all the
    /// output rows of a step. Its taps are the steps that reach these rows, the earliest first.
    pub(crate) fn upsample<T: Element, U: Element>(
        &self,
        executor: Executor,
        (input, transform): (&Rows<T>, &RowTransform),
        spread: Spread,
        writeback: Writeback<U>,
        output: &mut Rows<U>,
    ) -> Moments {
        let reach = Reach { dilation: 1, padding: self.direct.taps() - 1 };
        self.run(executor, (input, transform), (reach, spread), writeback, output)
    }

    fn run<T: Element, U: Element>(
        &self,
        executor: Executor,
        input: (&Rows<T>, &RowTransform),
        (reach, spread): (Reach, Spread),
        writeback: Writeback<U>,
        output: &mut Rows<U>,
    ) -> Moments {
        match self.tiled(executor.isa) {
            Some(tiled) => executor.convolve_tiled(input, tiled, (reach, spread), writeback, output),
            None => executor.convolve(input, &self.direct, (reach, spread), writeback, output),
        }
    }
}
