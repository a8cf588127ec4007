//! One pass over all rows: normalise, activate, quantize on the way in; convolve; merge and measure on the way out.
//!
//! Rows are worked on in blocks. What a block needs is quantized into a small window that moves along, so that the bytes
//! never leave the near caches. Threads take ranges of blocks; sums are kept by block and added up in order, so that the
//! result does not depend on the number of threads.

use std::num::NonZeroUsize;
use std::thread;

use super::rows::Rows;
use crate::synth::kokoro::kernels::number::Number;
use crate::synth::kokoro::kernels::pack::PackedConvolution;
use crate::synth::kokoro::kernels::{self, BLOCK, Isa, Merge, RowTransform, Rows8, quantize, rows_read};

/// Who does the work.
#[derive(Clone, Copy, Debug)]
pub struct Crew {
    /// The instructions to use.
    pub isa: Isa,
    /// How many threads share a pass.
    pub threads: NonZeroUsize,
}

/// Tells with how many threads to go on, from the answer to the next question; `None` when the work is not wanted any more.
/// The result does not depend on it.
pub type Going<'a> = &'a dyn Fn() -> Option<NonZeroUsize>;

/// Mean and variance over time, one a channel.
#[derive(Clone, Debug)]
pub struct Moments {
    /// Means.
    pub mean: Vec<f32>,
    /// Variances (of the population).
    pub variance: Vec<f32>,
}

/// What a pass does with the rows it makes.
#[derive(Clone, Copy, Debug)]
pub struct Exit<'a, T> {
    /// Rows that are added.
    pub residual: Option<&'a Rows<T>>,
    /// Whether the output's old content is added too.
    pub accumulate: bool,
}

impl<T> Exit<'_, T> {
    /// Just what was made.
    pub const PLAIN: Self = Self { residual: None, accumulate: false };
    /// Added to what is there.
    pub const ADDED: Self = Self { residual: None, accumulate: true };
}

impl Crew {
    /// Convolves `input`, row by row transformed by `transform`, with as many rows of zeros at both ends as keep the
    /// number of rows. The moments are those of the output as it is afterwards.
    pub fn convolve<T: Number, U: Number>(
        self,
        input: &Rows<T>,
        transform: &RowTransform,
        convolution: &PackedConvolution,
        dilation: usize,
        exit: Exit<U>,
        output: &mut Rows<U>,
    ) -> Moments {
        let channels = convolution.outputs();
        let len = input.len();
        let blocks = len.div_ceil(BLOCK);
        let mut sums = vec![0.0; blocks * 2 * channels];
        let share = blocks.div_ceil(self.threads.get()).max(1);
        let shares = output
            .as_mut_slice()
            .chunks_mut(share * BLOCK * channels)
            .zip(sums.chunks_mut(share * 2 * channels))
            .enumerate();
        in_parallel(shares, |(index, (output, sums))| {
            let mut window = Window::new(self.isa, input, transform, convolution, dilation);
            let mut fresh = vec![0.0; BLOCK * channels];
            let first = index * share * BLOCK;
            let blocks = output.chunks_mut(BLOCK * channels).zip(sums.chunks_mut(2 * channels));
            for (block, (output, sums)) in blocks.enumerate() {
                let start = first + block * BLOCK;
                let rows = output.len() / channels;
                let whole_tiles = rows.next_multiple_of(self.isa.row_tile());
                let fresh = &mut fresh[..whole_tiles * channels];
                window.move_to(start, whole_tiles);
                kernels::convolve(self.isa, &mut window.rows, convolution, dilation, fresh);
                let residual = exit
                    .residual
                    .map(|rows| &rows.as_slice()[start * channels..start * channels + output.len()]);
                let merge = Merge { residual, accumulate: exit.accumulate };
                kernels::merge(self.isa, &mut fresh[..rows * channels], merge, output, sums);
            }
        });
        moments(&sums, channels, len)
    }

    /// Moments of rows that are there.
    pub fn moments(self, rows: &Rows) -> Moments {
        let channels = rows.channels();
        let mut sums = vec![0.0; rows.len().div_ceil(BLOCK) * 2 * channels];
        for (block, sums) in rows.as_slice().chunks(BLOCK * channels).zip(sums.chunks_mut(2 * channels)) {
            let (totals, squares) = sums.split_at_mut(channels);
            for row in block.chunks_exact(channels) {
                for ((total, square), x) in totals.iter_mut().zip(squares.iter_mut()).zip(row) {
                    *total += x;
                    *square += x * x;
                }
            }
        }
        moments(&sums, channels, rows.len())
    }
}

/// Does all of `shares`, each on a thread of its own but for the first, which the caller does.
pub fn in_parallel<S: Send>(shares: impl Iterator<Item = S>, work: impl Fn(S) + Sync) {
    let work = &work;
    thread::scope(|scope| {
        let mut shares = shares;
        let first = shares.next();
        for share in shares {
            scope.spawn(move || work(share));
        }
        if let Some(first) = first {
            work(first);
        }
    });
}

/// Adds up the sums of all blocks.
pub fn moments(sums: &[f32], channels: usize, len: usize) -> Moments {
    let mut totals = vec![0.0_f64; 2 * channels];
    for block in sums.chunks_exact(2 * channels) {
        for (total, sum) in totals.iter_mut().zip(block) {
            *total += f64::from(*sum);
        }
    }
    let count = len.max(1) as f64;
    let mean: Vec<f64> = totals[..channels].iter().map(|total| total / count).collect();
    let variance = totals[channels..].iter().zip(&mean).map(|(squares, mean)| squares / count - mean * mean);
    Moments {
        variance: variance.map(|variance| variance.max(0.0) as f32).collect(),
        mean: mean.iter().map(|mean| *mean as f32).collect(),
    }
}

/// The quantized rows that a block depends on.
struct Window<'a, T> {
    isa: Isa,
    input: &'a Rows<T>,
    transform: &'a RowTransform<'a>,
    convolution: &'a PackedConvolution,
    dilation: usize,
    rows: Rows8,
    /// Row of the input, counted from the first row of padding, that lies first in `rows`, and how many lie there.
    first: usize,
    filled: usize,
}

impl<'a, T: Number> Window<'a, T> {
    fn new(
        isa: Isa,
        input: &'a Rows<T>,
        transform: &'a RowTransform<'a>,
        convolution: &'a PackedConvolution,
        dilation: usize,
    ) -> Self {
        let most = BLOCK.next_multiple_of(isa.row_tile());
        let rows = Rows8::new(rows_read(most, convolution.taps(), dilation), input.channels());
        Self { isa, input, transform, convolution, dilation, rows, first: 0, filled: 0 }
    }

    /// Makes `rows` hold what `count` rows of output from `start` on depend on.
    fn move_to(&mut self, start: usize, count: usize) {
        let needed = rows_read(count, self.convolution.taps(), self.dilation);
        let kept = (self.first + self.filled).saturating_sub(start).min(self.filled).min(needed);
        if start > self.first && kept > 0 {
            self.rows.shift(start - self.first, kept);
        }
        (self.first, self.filled) = (start, kept);
        // Rows before the first and behind the last are padding.
        let padding = (self.convolution.taps() - 1) * self.dilation / 2;
        let (from, to) = (start + kept, start + needed);
        let (begin, end) = (padding.clamp(from, to), (padding + self.input.len()).clamp(from, to));
        self.rows.clear(kept, begin - start);
        let channels = self.input.channels();
        if begin < end {
            let source = &self.input.as_slice()[(begin - padding) * channels..(end - padding) * channels];
            let factor = self.convolution.scale();
            quantize(self.isa, source, self.transform, factor, &mut self.rows, begin - start);
        }
        self.rows.clear(end - start, needed);
        self.filled = needed;
    }
}
