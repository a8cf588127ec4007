//! Attention of several heads, in floats: every token's context is the mean of all tokens' values, weighted by how its query
//! fits their keys.

use super::albert::WIDTH;
use kernels::pack::LANES;
use kernels::{Isa, WindowWeights, multiply_windows, softmax};

/// Heads; the model's `num_attention_heads`.
const HEADS: usize = 12;
/// Numbers of a head.
const SIZE: usize = WIDTH / HEADS;

/// Factor of the scores: one over the root of a head's size.
pub(crate) const SCORE_FACTOR: f32 = 0.125;

/// Queries, keys and values of a row, one behind the other.
pub(crate) const ROW: usize = 3 * WIDTH;

/// The contexts of the rows of `qkv`, of which the first `len` are tokens. Queries are multiplied with [`SCORE_FACTOR`] already.
pub(crate) fn attend(isa: Isa, qkv: &[f32], len: usize, contexts: &mut [f32]) {
    let rows = qkv.len() / ROW;
    let mut scores = Vec::new();
    let mut made = vec![0.0; rows * SIZE];
    for head in (0..WIDTH).step_by(SIZE) {
        let Some((keys, values)) = keys(qkv, len, WIDTH + head).zip(values(qkv, len, 2 * WIDTH + head))
        else {
            continue;
        };
        scores.resize(rows * keys.width(), 0.0);
        multiply_windows(isa, &qkv[head..], ROW, &keys, &mut scores);
        softmax(isa, &mut scores, keys.width(), len);
        multiply_windows(isa, &scores, keys.width(), &values, &mut made);
        for (row, made) in contexts.chunks_exact_mut(WIDTH).zip(made.as_chunks::<SIZE>().0) {
            row[head..head + SIZE].copy_from_slice(made);
        }
    }
}

/// The keys from column `first` on as weights: the factors of a query that score each token.
fn keys(qkv: &[f32], len: usize, first: usize) -> Option<WindowWeights> {
    let mut packed = vec![0.0; len.next_multiple_of(LANES) * SIZE];
    for (token, row) in qkv.chunks_exact(ROW).take(len).enumerate() {
        let group = &mut packed[token / LANES * LANES * SIZE..][..LANES * SIZE];
        for (lanes, x) in group.as_chunks_mut::<LANES>().0.iter_mut().zip(&row[first..first + SIZE]) {
            lanes[token % LANES] = *x;
        }
    }
    WindowWeights::new(SIZE, packed.into(), vec![0.0; len])
}

/// The values from column `first` on as weights: the factors of the tokens' shares.
fn values(qkv: &[f32], len: usize, first: usize) -> Option<WindowWeights> {
    let mut packed = Vec::with_capacity(len * SIZE);
    for group in (first..first + SIZE).step_by(LANES) {
        for row in qkv.chunks_exact(ROW).take(len) {
            packed.extend_from_slice(&row[group..group + LANES]);
        }
    }
    WindowWeights::new(len, packed.into(), vec![0.0; SIZE])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_the_mean_of_values_weighted_by_scores() {
        let (len, rows) = (17, 24);
        let qkv: Vec<f32> = (0..rows * ROW).map(|i| ((i * 7919 % 1000) as f32 / 500.0 - 1.0) * 0.4).collect();
        let number = |row: usize, column: usize| f64::from(qkv[row * ROW + column]);
        for isa in Isa::available() {
            let mut made = vec![0.0; rows * WIDTH];
            attend(isa, &qkv, len, &mut made);
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
