//! The tile of 32 points: a real Fourier transform, whose points are the roots of unity.

use std::f64::consts::TAU;

use crate::program::{Program, Value};
use crate::tile::Tile;

/// Points of the transform.
const POINTS: usize = 32;

/// A complex value; an imaginary part of zero is not there.
#[derive(Clone, Copy)]
struct Complex {
    real: Value,
    imaginary: Option<Value>,
}

/// The tile for filters of `taps` taps.
pub fn tile(taps: usize) -> Tile {
    let mut input = Program::new(POINTS);
    let bins = transform(&mut input, &(0..POINTS).collect::<Vec<_>>());
    let mut parts = input.clone();
    for bin in bins {
        parts.put(&[bin.real]);
        if let Some(imaginary) = bin.imaginary {
            parts.put(&[imaginary]);
            let both = input.sum(&[(1.0, bin.real), (1.0, imaginary)]);
            input.put(&[both, bin.real, imaginary]);
        } else {
            input.put(&[bin.real]);
        }
    }
    let rows = POINTS + 1 - taps;
    let output = parts.transposed().after(&products()).first_outputs(rows);
    Tile { taps, rows, input, output, filters: filters(taps) }
}

/// The bins from zero to half the rate, of inputs that lie apart by two at each level (Cooley and Tukey, 1965).
fn transform(program: &mut Program, inputs: &[Value]) -> Vec<Complex> {
    let count = inputs.len();
    if let [first, second] = inputs {
        let real = |value| Complex { real: value, imaginary: None };
        return vec![
            real(program.sum(&[(1.0, *first), (1.0, *second)])),
            real(program.sum(&[(1.0, *first), (-1.0, *second)])),
        ];
    }
    let half = |program: &mut Program, odd: usize| {
        let inputs: Vec<Value> = inputs.iter().skip(odd).step_by(2).copied().collect();
        transform(program, &inputs)
    };
    let (even, odd) = (half(program, 0), half(program, 1));
    let (mut low, mut high) = (Vec::new(), Vec::new());
    for (bin, (even, odd)) in even.iter().zip(&odd).enumerate() {
        match (even.imaginary, odd.imaginary) {
            (Some(even_imaginary), Some(odd_imaginary)) => {
                let [real, imaginary] = turned(program, [odd.real, odd_imaginary], bin, count);
                let mut bin_of = |even_sign: f64, real_sign: f64| Complex {
                    real: program.sum(&joined((1.0, even.real), real_sign, &real)),
                    imaginary: Some(program.sum(&joined((even_sign, even_imaginary), 1.0, &imaginary))),
                };
                low.push(bin_of(1.0, 1.0));
                // The bin of the other half lies opposite, as a mirror image.
                high.push(bin_of(-1.0, -1.0));
            }
            // A quarter of a turn: the odd half's bin is all imaginary.
            _ if bin > 0 => {
                let imaginary = program.sum(&[(-1.0, odd.real)]);
                low.push(Complex { real: even.real, imaginary: Some(imaginary) });
            }
            _ => {
                let mut bin_of = |sign: f64| Complex {
                    real: program.sum(&[(1.0, even.real), (sign, odd.real)]),
                    imaginary: None,
                };
                low.push(bin_of(1.0));
                high.push(bin_of(-1.0));
            }
        }
    }
    low.extend(high.into_iter().rev());
    low
}

/// A sum that is not made yet.
type Terms = Vec<(f64, Value)>;

/// Real and imaginary part, turned back by `bin` of `count` turns.
fn turned(program: &mut Program, [real, imaginary]: [Value; 2], bin: usize, count: usize) -> [Terms; 2] {
    let (sine, cosine) = (TAU * bin as f64 / count as f64).sin_cos();
    if 8 * bin == count {
        // An eighth of a turn has one factor for both parts.
        let sum = program.sum(&[(1.0, real), (1.0, imaginary)]);
        let difference = program.sum(&[(1.0, imaginary), (-1.0, real)]);
        return [vec![(cosine, sum)], vec![(cosine, difference)]];
    }
    let turned_real = program.sum(&[(cosine, real), (sine, imaginary)]);
    let turned_imaginary = program.sum(&[(cosine, imaginary), (-sine, real)]);
    [vec![(1.0, turned_real)], vec![(1.0, turned_imaginary)]]
}

/// `first`, and `terms` times `sign`.
fn joined(first: (f64, Value), sign: f64, terms: &[(f64, Value)]) -> Terms {
    std::iter::once(first).chain(terms.iter().map(|(factor, value)| (sign * factor, *value))).collect()
}

/// Parts of bins from their products: three of real numbers make one of complex numbers (Gauss).
fn products() -> Program {
    let mut program = Program::new(2 + 3 * (POINTS / 2 - 1));
    let last = 1 + 3 * (POINTS / 2 - 1);
    program.put(&[0]);
    for first in (1..last).step_by(3) {
        let real = program.sum(&[(1.0, first), (-1.0, first + 2)]);
        let imaginary = program.sum(&[(1.0, first), (1.0, first + 1)]);
        program.put(&[real, imaginary]);
    }
    program.put(&[last]);
    program
}

/// What each tap gives to the other factor of each product. The inverse transform's division is in it.
fn filters(taps: usize) -> Vec<Vec<f64>> {
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for bin in 0..=POINTS / 2 {
        let turns = (0..taps).map(|tap| TAU * (bin * tap % POINTS) as f64 / POINTS as f64);
        let share = if bin.is_multiple_of(POINTS / 2) { 1.0 } else { 2.0 } / POINTS as f64;
        // The filter's bin, conjugated: rows are compared with the filter, not folded with it.
        let (cosines, sines): (Vec<f64>, Vec<f64>) =
            turns.map(|turn| (share * turn.cos(), share * turn.sin())).unzip();
        let both =
            |sign: f64| sines.iter().zip(&cosines).map(|(sine, cosine)| sine + sign * cosine).collect();
        if bin.is_multiple_of(POINTS / 2) {
            rows.push(cosines);
        } else {
            let (difference, sum) = (both(-1.0), both(1.0));
            rows.extend([cosines, difference, sum]);
        }
    }
    rows
}
