//! Transformed rows of the input that a block needs, in a small window that moves over them: what they are transformed into never
//! leaves the near caches.

use std::ops::Range;

use kernels::Rows8;
use kernels::tile::rows::FloatRows;

/// How a convolution reaches over the rows.
#[derive(Clone, Copy)]
pub(crate) struct Reach {
    /// Rows from one tap to the next.
    pub dilation: usize,
    /// Rows of zeros before the first row.
    pub padding: usize,
}

/// Rows that a window can hold.
pub(crate) trait Stock {
    /// Moves rows `from..from + count` to the front.
    fn shift(&mut self, from: usize, count: usize);

    /// Makes rows `from..to` zero.
    fn clear(&mut self, from: usize, to: usize);
}

impl Stock for Rows8 {
    fn shift(&mut self, from: usize, count: usize) {
        self.shift(from, count);
    }

    fn clear(&mut self, from: usize, to: usize) {
        self.clear(from, to);
    }
}

impl Stock for FloatRows {
    fn shift(&mut self, from: usize, count: usize) {
        self.shift(from, count);
    }

    fn clear(&mut self, from: usize, to: usize) {
        self.clear(from, to);
    }
}

/// A window of rows, padded with zeros before the first and behind the last.
pub(crate) struct Moving<S> {
    /// The rows.
    pub rows: S,
    /// Rows of padding before the first row of the input.
    padding: usize,
    /// Rows of the input.
    len: usize,
    /// The first row here, counted from the first row of padding, and the number of rows here.
    first: usize,
    filled: usize,
}

impl<S: Stock> Moving<S> {
    /// A window over `len` rows; `rows` has room for as many as it is ever to hold.
    pub(crate) fn new(rows: S, padding: usize, len: usize) -> Self {
        Self { rows, padding, len, first: 0, filled: 0 }
    }

    /// Moves to `needed` rows from `start` on. `fill` puts a range of the input's rows at a place of the window.
    pub(crate) fn move_to(
        &mut self,
        start: usize,
        needed: usize,
        fill: impl FnOnce(Range<usize>, &mut S, usize),
    ) {
        let kept = (self.first + self.filled).saturating_sub(start).min(self.filled).min(needed);
        if start > self.first && kept > 0 {
            self.rows.shift(start - self.first, kept);
        }
        (self.first, self.filled) = (start, needed);
        let (from, to) = (start + kept, start + needed);
        let (begin, end) = (self.padding.clamp(from, to), (self.padding + self.len).clamp(from, to));
        self.rows.clear(kept, begin - start);
        if begin < end {
            fill(begin - self.padding..end - self.padding, &mut self.rows, begin - start);
        }
        self.rows.clear(end - start, needed);
    }
}
