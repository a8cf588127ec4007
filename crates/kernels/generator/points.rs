//! Tiles whose points are real numbers and ±i, beside zero and infinity (Toom and Cook's scheme, transposed as Winograd does).
//!
//! A polynomial of as many coefficients as a tile has rows is known by its values at as many points. The input's factors are the
//! transposed interpolation; Lagrange's polynomials are its rows. The output is the transposed evaluation.

use crate::program::{Program, Value};
use crate::tile::Tile;

/// Real points; each stands for its negative, too.
pub struct Points<'a> {
    pub real: &'a [f64],
    /// Whether ±i are points as well.
    pub has_unit: bool,
}

/// Coefficients, the constant first.
type Polynomial = Vec<f64>;

impl Points<'_> {
    /// The tile for filters of `taps` taps; zero and infinity are points of every tile.
    pub fn tile(&self, taps: usize) -> Tile {
        let points = 2 + 2 * self.real.len() + 2 * usize::from(self.has_unit);
        let rows = points + 1 - taps;
        let mut filters = Vec::new();
        let mut input = Program::new(points);
        for point in self.real {
            // (x + p) times all others; the value at p makes it one there.
            let others = self.product(Some(*point));
            let polynomial = multiplied(&others, &[*point, 1.0]);
            let norm = norm(&powers(*point, taps));
            let factor = norm / value(&polynomial, *point);
            let even = input.sum(&terms(&polynomial, factor, 0));
            let odd = input.sum(&terms(&polynomial, factor, 1));
            for sign in [1.0, -1.0] {
                let factors = input.sum(&[(1.0, even), (sign, odd)]);
                input.put(&[factors]);
                filters.push(powers(sign * point, taps).iter().map(|power| power / norm).collect());
            }
        }
        let others = self.product(None);
        let shares: Vec<f64> = (0..taps).map(|tap| f64::from(u8::from(tap == 0))).collect();
        let zero = input.sum(&terms(&divided_by_x(&others), 1.0 / others[1], 0));
        input.put(&[zero]);
        filters.push(shares.clone());
        let infinity = input.sum(&terms(&others, 1.0, 1));
        input.put(&[infinity]);
        filters.push(shares.into_iter().rev().collect());
        if self.has_unit {
            filters.extend(unit(&mut input, &self.without_unit(), taps));
        }
        Tile { taps, rows, input, output: self.output(rows), filters }
    }

    /// x times (x² − q²) for all real points q but `left_out`, times (x² + 1).
    fn product(&self, left_out: Option<f64>) -> Polynomial {
        let real = self.real.iter().filter(|point| left_out != Some(**point));
        let product =
            real.fold(vec![0.0, 1.0], |product, point| multiplied(&product, &[-point * point, 0.0, 1.0]));
        if self.has_unit { multiplied(&product, &[1.0, 0.0, 1.0]) } else { product }
    }

    fn without_unit(&self) -> Polynomial {
        Points { real: self.real, has_unit: false }.product(None)
    }

    /// From products to rows.
    fn output(&self, rows: usize) -> Program {
        let zero = 2 * self.real.len();
        let mut program = Program::new(zero + 2 + if self.has_unit { 3 } else { 0 });
        let pairs: Vec<[Value; 2]> = (0..zero)
            .step_by(2)
            .map(|first| [1.0, -1.0].map(|sign| program.sum(&[(1.0, first), (sign, first + 1)])))
            .collect();
        let unit = self.has_unit.then(|| {
            let first = zero + 2;
            let real = program.sum(&[(1.0, first), (-1.0, first + 2)]);
            [real, program.sum(&[(1.0, first), (1.0, first + 1)])]
        });
        let powers: Vec<Vec<f64>> = self.real.iter().map(|point| powers(*point, rows)).collect();
        for row in 0..rows {
            let mut terms: Vec<(f64, Value)> =
                powers.iter().zip(&pairs).map(|(powers, pair)| (powers[row], pair[row % 2])).collect();
            if let Some(parts) = unit {
                // Real part for even rows, imaginary part for odd ones; the sign turns every two rows.
                terms.push(([1.0, 1.0, -1.0, -1.0][row % 4], parts[row % 2]));
            }
            if row == 0 {
                terms.push((1.0, zero));
            }
            if row + 1 == rows {
                terms.push((1.0, zero + 1));
            }
            let value = program.sum(&terms);
            program.put(&[value]);
        }
        program
    }
}

/// Adds the factors of ±i, a pair of complex points; returns their filters. Lagrange's polynomial of i is `others` times (x + i), over
/// its value there: real coefficients of even powers, imaginary ones of odd powers.
fn unit(input: &mut Program, others: &[f64], taps: usize) -> [Vec<f64>; 3] {
    // `others` is odd, so its value at i is imaginary: i × alternating sum. Times 2 i it is −2 × that sum.
    let at_unit: f64 =
        others.iter().skip(1).step_by(2).zip([1.0, -1.0].iter().cycle()).map(|(x, sign)| x * sign).sum();
    let share = 1.0 / (-2.0 * at_unit);
    let turns = |quarter: usize| [1.0, 0.0, -1.0, 0.0][quarter % 4];
    let real: Vec<f64> = (0..taps).map(turns).collect();
    // The filter's value, conjugated.
    let imaginary: Vec<f64> = (0..taps).map(|tap| -turns(tap + 3)).collect();
    let norm = norm(&real);
    // Twice the real part, for the point and its conjugate; x × others has even powers only.
    let shifted = multiplied(others, &[0.0, 1.0]);
    let first = input.sum(&terms(&shifted, 2.0 * share * norm, 0));
    let second = input.sum(&terms(others, -2.0 * share * norm, 1));
    let both = input.sum(&[(1.0, first), (1.0, second)]);
    input.put(&[both, first, second]);
    let combined = |sign: f64| imaginary.iter().zip(&real).map(|(y, x)| (y + sign * x) / norm).collect();
    [real.iter().map(|x| x / norm).collect(), combined(-1.0), combined(1.0)]
}

/// The even (0) or odd (1) coefficients times `factor`, as a sum over rows.
fn terms(polynomial: &[f64], factor: f64, parity: usize) -> Vec<(f64, Value)> {
    let rows = polynomial.iter().enumerate().skip(parity).step_by(2);
    rows.map(|(row, coefficient)| (factor * coefficient, row)).filter(|(factor, _)| *factor != 0.0).collect()
}

fn multiplied(a: &[f64], b: &[f64]) -> Polynomial {
    let mut product = vec![0.0; a.len() + b.len() - 1];
    for (power, x) in a.iter().enumerate() {
        for (other, y) in b.iter().enumerate() {
            product[power + other] += x * y;
        }
    }
    product
}

fn divided_by_x(polynomial: &[f64]) -> Polynomial {
    polynomial[1..].to_vec()
}

fn value(polynomial: &[f64], at: f64) -> f64 {
    polynomial.iter().rev().fold(0.0, |sum, coefficient| sum * at + coefficient)
}

/// The first powers of `point`, beginning with 1.
fn powers(point: f64, count: usize) -> Vec<f64> {
    std::iter::successors(Some(1.0), |power| Some(power * point)).take(count).collect()
}

fn norm(numbers: &[f64]) -> f64 {
    numbers.iter().map(|x| x * x).sum::<f64>().sqrt()
}
