//! Attention of several heads, in floats: every token's context is the mean of all tokens' values, weighted by how its query
//! fits their keys.

use kernels::pack::LANES;
use kernels::{Isa, WindowWeights, multiply_windows, softmax};

/// How a row is divided among heads. A row holds the queries of all heads, then their keys, then their values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heads {
    /// Number of heads.
    pub count: usize,
    /// Numbers of a head: a multiple of [`LANES`].
    pub size: usize,
}

impl Heads {
    /// Numbers of all heads' queries; keys and values have as many.
    pub(crate) const fn width(self) -> usize {
        self.count * self.size
    }

    /// Numbers of a row.
    pub(crate) const fn row(self) -> usize {
        3 * self.width()
    }

    /// Factor of the scores: one over the root of a head's size.
    pub(crate) fn score_factor(self) -> f32 {
        1.0 / (self.size as f32).sqrt()
    }

    /// The contexts of the rows of `qkv`, of which the first `len` are tokens. Queries are multiplied with the
    /// [score factor](Self::score_factor) already.
    pub(crate) fn attend(self, isa: Isa, qkv: &[f32], len: usize, contexts: &mut [f32]) {
        let (width, size) = (self.width(), self.size);
        let rows = qkv.len() / self.row();
        let mut scores = Vec::new();
        let mut made = vec![0.0; rows * size];
        for head in (0..width).step_by(size) {
            let keys = self.keys(qkv, len, width + head);
            let Some((keys, values)) = keys.zip(self.values(qkv, len, 2 * width + head)) else { continue };
            scores.resize(rows * keys.width(), 0.0);
            multiply_windows(isa, &qkv[head..], self.row(), &keys, &mut scores);
            softmax(isa, &mut scores, keys.width(), len);
            multiply_windows(isa, &scores, keys.width(), &values, &mut made);
            for (row, made) in contexts.chunks_exact_mut(width).zip(made.chunks_exact(size)) {
                row[head..head + size].copy_from_slice(made);
            }
        }
    }

    /// The keys from column `first` on as weights: the factors of a query that score each token.
    fn keys(self, qkv: &[f32], len: usize, first: usize) -> Option<WindowWeights> {
        let mut packed = vec![0.0; len.next_multiple_of(LANES) * self.size];
        for (token, row) in qkv.chunks_exact(self.row()).take(len).enumerate() {
            let group = &mut packed[token / LANES * LANES * self.size..][..LANES * self.size];
            for (lanes, x) in group.as_chunks_mut::<LANES>().0.iter_mut().zip(&row[first..first + self.size])
            {
                lanes[token % LANES] = *x;
            }
        }
        WindowWeights::new(self.size, packed.into(), vec![0.0; len])
    }

    /// The values from column `first` on as weights: the factors of the tokens' shares.
    fn values(self, qkv: &[f32], len: usize, first: usize) -> Option<WindowWeights> {
        let mut packed = Vec::with_capacity(len * self.size);
        for group in (first..first + self.size).step_by(LANES) {
            for row in qkv.chunks_exact(self.row()).take(len) {
                packed.extend_from_slice(&row[group..group + LANES]);
            }
        }
        WindowWeights::new(len, packed.into(), vec![0.0; self.size])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADS: Heads = Heads { count: 12, size: 64 };
    const WIDTH: usize = HEADS.width();
    const SIZE: usize = HEADS.size;
    const ROW: usize = HEADS.row();

    #[test]
    fn a_context_is_the_mean_of_values_weighted_by_scores() {
        let (len, rows) = (17, 24);
        let qkv: Vec<f32> = (0..rows * ROW).map(|i| ((i * 7919 % 1000) as f32 / 500.0 - 1.0) * 0.4).collect();
        let number = |row: usize, column: usize| f64::from(qkv[row * ROW + column]);
        for isa in Isa::available() {
            let mut made = vec![0.0; rows * WIDTH];
            HEADS.attend(isa, &qkv, len, &mut made);
            for (row, head) in [(0, 0), (5, 3), (16, 11)] {
                let first = head * SIZE;
                let scores = (0..len).map(|token| {
                    let products =
                        (0..SIZE).map(|d| number(row, first + d) * number(token, WIDTH + first + d));
                    products.sum::<f64>().exp()
                });
                let scores: Vec<f64> = scores.collect();
                let all: f64 = scores.iter().sum();
                for d in 0..SIZE {
                    let want: f64 = scores
                        .iter()
                        .enumerate()
                        .map(|(token, score)| score / all * number(token, 2 * WIDTH + first + d))
                        .sum();
                    let got = f64::from(made[row * WIDTH + first + d]);
                    assert!((got - want).abs() < 1e-5, "{isa} row {row} head {head}: {got} for {want}");
                }
            }
        }
    }
}
