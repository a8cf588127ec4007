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
