//! One pass over all rows: products of windows of them are made block by block, then merged and measured on the way out.
//!
//! Threads take ranges of blocks; sums are kept by block and added up in order, so that the result does not depend on the
//! number of threads.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::rows::Rows;
use kernels::element::Element;
use kernels::{self, BLOCK, Isa, Merge};

/// Who does the work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Executor {
    /// The instructions to use.
    pub isa: Isa,
    /// How many threads share a pass.
    pub threads: NonZeroUsize,
}

/// Returns the number of threads until the next call; `None` when the result is no longer wanted. The result does not
/// depend on it.
pub(crate) type Checkpoint<'a> = &'a dyn Fn() -> Option<NonZeroUsize>;

/// Mean and variance over time, one a channel.
#[derive(Clone, Debug)]
pub(crate) struct Moments {
    /// Means.
    pub mean: Vec<f32>,
    /// Variances (of the population).
    pub variance: Vec<f32>,
}

/// The use of the rows that a pass makes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writeback<'a, T> {
    /// Rows that are added.
    pub residual: Option<&'a Rows<T>>,
    /// Whether the output's old content is added too.
    pub accumulate: bool,
}

impl<T> Writeback<'_, T> {
    /// Only the products.
    pub(crate) const PLAIN: Self = Self { residual: None, accumulate: false };
    /// Added to the old values.
    pub(crate) const ADDED: Self = Self { residual: None, accumulate: true };
}

/// Makes the products of windows of rows.
pub(crate) trait Products {
    /// The products of windows `first..first + count`, a block at most. Sequential calls are fastest.
    fn of(&mut self, first: usize, count: usize) -> &mut [f32];
}

/// Where the products go. A product holds one or more rows of the output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    /// Rows of the products that lie before the first row of the output.
    pub skipped: usize,
    /// Whether the first row of the output is to be like its third (reflection padding).
    pub is_reflected: bool,
}

impl Spread {
    /// Product by product.
    pub(crate) const PLAIN: Self = Self { skipped: 0, is_reflected: false };
}

impl Executor {
    /// Puts the products that `products`, called once a thread, makes `block` by `block` into `output`, which has as many rows as
    /// are wanted; each product has `width` numbers. The moments are those of the output as it is afterwards.
    pub(crate) fn pass<P: Products, T: Element>(
        self,
        (products, block): (impl Fn() -> P + Sync, usize),
        width: usize,
        spread: Spread,
        writeback: Writeback<T>,
        output: &mut Rows<T>,
    ) -> Moments {
        let (len, channels) = (output.len(), output.channels());
        // Rows of the output that a window makes.
        let factor = width / channels;
        let Spread { skipped, is_reflected } = spread;
        let windows = (len + skipped).div_ceil(factor);
        let blocks = windows.div_ceil(block);
        let row_of = |window: usize| (window * factor).saturating_sub(skipped).min(len);
        let share = blocks.div_ceil(self.threads.get()).max(1);
        let mut sums = vec![0.0; blocks * 2 * channels];
        let mut left = output.as_mut_slice();
        let shares = sums.chunks_mut(share * 2 * channels).enumerate().map(|(index, sums)| {
            let first = index * share * block;
            let rows = row_of(first + share * block) - row_of(first);
            let (output, behind) = std::mem::take(&mut left).split_at_mut(rows * channels);
            left = behind;
            (first, output, sums)
        });
        in_parallel(shares, |(first, mut output, sums)| {
            let mut products = products();
            for (number, sums) in sums.chunks_mut(2 * channels).enumerate() {
                let first = first + number * block;
                let count = block.min(windows - first);
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
                let residual =
                    writeback.residual.map(|residual| &residual.as_slice()[start..start + now.len()]);
                let merge = Merge { residual, accumulate: writeback.accumulate };
                kernels::merge(self.isa, fresh, merge, now, sums);
                output = behind;
            }
        });
        moments(&sums, channels, len)
    }
}

impl Moments {
    /// Moments of rows that are there.
    pub(crate) fn of(rows: &Rows) -> Self {
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

/// Runs all of `shares`: the first on the calling thread, each other one on a thread of its own. Shares without a
/// thread run on the calling thread, too.
pub(crate) fn in_parallel<S: Send>(shares: impl Iterator<Item = S>, work: impl Fn(S) + Sync) {
    let work = &work;
    thread::scope(|scope| {
        let mut shares = shares;
        let first = shares.next();
        for share in shares {
            // A thread that can't be started drops its closure, so the share stays here.
            let share = Mutex::new(Some(share));
            let share = Arc::new(share);
            let take = |share: &Mutex<Option<S>>| share.lock().unwrap_or_else(PoisonError::into_inner).take();
            let theirs = share.clone();
            let started = thread::Builder::new().spawn_scoped(scope, move || {
                if let Some(share) = take(&theirs) {
                    work(share);
                }
            });
            if started.is_err()
                && let Some(share) = take(&share)
            {
                work(share);
            }
        }
        if let Some(first) = first {
            work(first);
        }
    });
}

/// Adds up the sums of all blocks.
pub(crate) fn moments(sums: &[f32], channels: usize, len: usize) -> Moments {
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
