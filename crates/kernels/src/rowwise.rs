//! Element-wise work. Every function is written once, in plain Rust that compilers turn into vector instructions, and
//! compiled again in the module of each processor.

#![forbid(unsafe_code)]
#![allow(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of the caller"
)]

use super::element::{Arithmetic, Element};
use super::{Leak, Merge, RowTransform, ZERO};

/// The function applied to a normalised channel.
#[derive(Clone, Copy, Debug)]
pub enum Activation<'a> {
    /// Snake: `x + amplitude × sin²(π × frequency × x)`, channel by channel; the model's α is `π × frequency`, its amplitude
    /// 1 / α (Ziyin et al., “Neural networks fail to learn periodic functions”, 2020).
    Snake {
        /// Turns of half a period a unit.
        frequency: &'a [f32],
        /// Height of the bumps.
        amplitude: &'a [f32],
    },
    /// `x`, or this fraction of it where it is negative.
    Leaky(f32),
}

/// The most channels a row may have.
pub const MOST_CHANNELS: usize = 1152;

/// A row that is aligned to a cache line, so that no vector crosses two lines.
#[repr(align(64))]
struct Aligned([f32; MOST_CHANNELS]);

/// 1.5 × 2²³: adding it rounds a float to an integer.
const ROUND: f32 = 12_582_912.0;

/// sin²(π × x), to 6 × 10⁻⁷: sin² has the period 1, so the distance of `x` from the nearest integer goes through a
/// polynomial.
#[inline(always)]
fn sin_squared<A: Arithmetic>(arithmetic: A, x: f32) -> f32 {
    let fraction = x - ((x + ROUND) - ROUND);
    let square = fraction * fraction;
    let [first, second, third, fourth, fifth] = SIN_SQUARED;
    let sum = arithmetic.multiply_add(fifth, square, fourth);
    let sum = arithmetic.multiply_add(sum, square, third);
    let sum = arithmetic.multiply_add(sum, square, second);
    arithmetic.multiply_add(sum, square, first) * square
}

/// Coefficients of x², x⁴ … x¹⁰ for [`sin_squared`] on ±0.5: the least largest error, found by weighted least squares.
const SIN_SQUARED: [f32; 5] = [9.869_525, -32.465_14, 42.643_425, -29.426_271, 10.581_296];

/// See [`quantize`](super::quantize()).
#[inline(always)]
pub fn quantize<T: Element, A: Arithmetic>(
    arithmetic: A,
    input: &[T],
    transform: &RowTransform,
    bytes: &mut [u8],
    scales: &mut [f32],
) {
    let channels = transform.gain.len();
    let stride = bytes.len() / scales.len().max(1);
    assert!(channels <= MOST_CHANNELS);
    let mut row = Aligned([0.0; MOST_CHANNELS]);
    let row = &mut row.0[..stride];
    for ((input, bytes), scale) in
        input.chunks_exact(channels).zip(bytes.chunks_exact_mut(stride)).zip(scales.iter_mut())
    {
        T::widen(arithmetic, input, &mut row[..channels]);
        let peak = f32::from_bits(transform_row(arithmetic, transform, &mut row[..channels]));
        let steps = if peak > 0.0 { 127.0 / peak } else { 0.0 };
        *scale = peak / 127.0;
        for (byte, x) in bytes.iter_mut().zip(row.iter()) {
            // The low byte of a float between 2²³ and 2²⁴ is the low byte of its integer.
            *byte = (arithmetic.multiply_add(*x, steps, ROUND).to_bits() as u8).wrapping_add(ZERO);
        }
    }
}

/// See [`transform_rows`](super::tile::rows::transform_rows()); rows of `output` begin `pitch` apart.
#[inline(always)]
pub fn transform_rows<T: Element, A: Arithmetic>(
    arithmetic: A,
    input: &[T],
    transform: &RowTransform,
    output: &mut [f32],
    pitch: usize,
) {
    let channels = transform.gain.len();
    for (input, output) in input.chunks_exact(channels).zip(output.chunks_exact_mut(pitch)) {
        T::widen(arithmetic, input, &mut output[..channels]);
        transform_row(arithmetic, transform, &mut output[..channels]);
    }
}

/// Transforms a row and returns the bits of its largest absolute value: the bits of positive floats compare like the
/// floats, and vector instructions find the maximum of integers.
#[inline(always)]
fn transform_row<A: Arithmetic>(arithmetic: A, transform: &RowTransform, row: &mut [f32]) -> u32 {
    let RowTransform { gain, shift, activation } = *transform;
    let channels = row.len();
    let (gain, shift) = (&gain[..channels], &shift[..channels]);
    let mut peak = 0;
    match activation {
        Activation::Snake { frequency, amplitude } => {
            let (frequency, amplitude) = (&frequency[..channels], &amplitude[..channels]);
            for c in 0..channels {
                let x = arithmetic.multiply_add(row[c], gain[c], shift[c]);
                let y = arithmetic.multiply_add(amplitude[c], sin_squared(arithmetic, x * frequency[c]), x);
                peak = y.abs().to_bits().max(peak);
                row[c] = y;
            }
        }
        Activation::Leaky(slope) => {
            for c in 0..channels {
                let x = arithmetic.multiply_add(row[c], gain[c], shift[c]);
                let y = x * if x < 0.0 { slope } else { 1.0 };
                peak = y.abs().to_bits().max(peak);
                row[c] = y;
            }
        }
    }
    peak
}

/// Channels whose sums stay in registers while all rows are merged.
const STRIP: usize = 64;

/// See [`merge`](super::merge()).
#[inline(always)]
pub fn merge<T: Element, A: Arithmetic>(
    arithmetic: A,
    fresh: &mut [f32],
    merge: Merge<T>,
    output: &mut [T],
    sums: &mut [f32],
) {
    let channels = sums.len() / 2;
    let (totals, squares) = sums.split_at_mut(channels);
    let (total_strips, totals) = totals.as_chunks_mut::<STRIP>();
    let (square_strips, squares) = squares.as_chunks_mut::<STRIP>();
    let mut first = 0;
    for (total, square) in total_strips.iter_mut().zip(square_strips) {
        let (mut running, mut running_squares) = ([0.0; STRIP], [0.0; STRIP]);
        for (fresh, row) in fresh.chunks_exact_mut(channels).zip(0..) {
            let at = row * channels + first;
            let fresh = &mut fresh[first..first + STRIP];
            merge_part(arithmetic, fresh, merge, at, &mut output[at..at + STRIP]);
            for lane in 0..STRIP {
                running[lane] += fresh[lane];
                running_squares[lane] =
                    arithmetic.multiply_add(fresh[lane], fresh[lane], running_squares[lane]);
            }
        }
        (*total, *square) = (running, running_squares);
        first += STRIP;
    }
    totals.fill(0.0);
    squares.fill(0.0);
    if totals.is_empty() {
        return;
    }
    for (fresh, row) in fresh.chunks_exact_mut(channels).zip(0..) {
        let (at, fresh) = (row * channels + first, &mut fresh[first..]);
        merge_part(arithmetic, fresh, merge, at, &mut output[at..at + fresh.len()]);
        for ((total, square), x) in totals.iter_mut().zip(squares.iter_mut()).zip(fresh.iter()) {
            *total += x;
            *square = arithmetic.multiply_add(*x, *x, *square);
        }
    }
}

/// Merges the numbers from `at` on of a block.
#[inline(always)]
fn merge_part<T: Element, A: Arithmetic>(
    arithmetic: A,
    fresh: &mut [f32],
    merge: Merge<T>,
    at: usize,
    output: &mut [T],
) {
    if let Some(residual) = merge.residual {
        T::add(arithmetic, &residual[at..at + fresh.len()], fresh);
    }
    if merge.accumulate {
        T::add(arithmetic, output, fresh);
    }
    T::narrow(arithmetic, fresh, output);
}

/// See [`widen`](super::widen()).
#[inline(always)]
pub fn widen<T: Element, A: Arithmetic>(arithmetic: A, numbers: &[T], leak: Leak, floats: &mut [f32]) {
    T::widen(arithmetic, numbers, floats);
    for x in floats {
        *x *= if *x < 0.0 { leak.negative } else { leak.positive };
    }
}
