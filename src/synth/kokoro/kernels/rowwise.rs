//! Element-wise work. Every function is written once, in plain Rust that compilers turn into vector instructions, and
//! compiled again in the module of each processor.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of the caller"
)]

use super::number::{Halves, Number};
use super::{Leak, Merge, RowTransform, ZERO};

/// What is applied to a normalised channel.
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

/// 1.5 × 2²³: adding it rounds a float to an integer.
const ROUND: f32 = 12_582_912.0;

/// sin²(π × x), to 6 × 10⁻⁷: sin² has the period 1, so the distance of `x` from the nearest integer goes through a
/// polynomial.
#[inline(always)]
fn sin_squared(x: f32) -> f32 {
    let fraction = x - ((x + ROUND) - ROUND);
    let square = fraction * fraction;
    let [first, second, third, fourth, fifth] = SIN_SQUARED;
    ((((fifth * square + fourth) * square + third) * square + second) * square + first) * square
}

/// Coefficients of x², x⁴ … x¹⁰ for [`sin_squared`] on ±0.5: the least largest error, found by weighted least squares.
const SIN_SQUARED: [f32; 5] = [9.869_525, -32.465_14, 42.643_425, -29.426_271, 10.581_296];

/// See [`quantize`](super::quantize()).
#[inline(always)]
pub fn quantize<T: Number, H: Halves>(
    input: &[T],
    transform: &RowTransform,
    factor: f32,
    bytes: &mut [u8],
    scales: &mut [f32],
) {
    let channels = transform.gain.len();
    let stride = bytes.len() / scales.len().max(1);
    assert!(channels <= MOST_CHANNELS);
    let mut row = [0_f32; MOST_CHANNELS];
    let row = &mut row[..stride];
    for ((input, bytes), scale) in
        input.chunks_exact(channels).zip(bytes.chunks_exact_mut(stride)).zip(scales.iter_mut())
    {
        T::widen::<H>(input, &mut row[..channels]);
        transform_row(transform, &mut row[..channels]);
        // Integers compare like the floats they are the bits of, and their maximum is found by vectors.
        let peak = row.iter().fold(0, |peak, x| x.abs().to_bits().max(peak));
        let peak = f32::from_bits(peak);
        let steps = if peak > 0.0 { 127.0 / peak } else { 0.0 };
        *scale = peak / 127.0 * factor;
        for (byte, x) in bytes.iter_mut().zip(row.iter()) {
            // The low byte of a float between 2²³ and 2²⁴ is that of its integer.
            *byte = ((x * steps + ROUND).to_bits() as u8).wrapping_add(ZERO);
        }
    }
}

#[inline(always)]
fn transform_row(transform: &RowTransform, row: &mut [f32]) {
    let RowTransform { gain, shift, activation } = *transform;
    for ((x, gain), shift) in row.iter_mut().zip(gain).zip(shift) {
        *x = *x * gain + shift;
    }
    match activation {
        Activation::Snake { frequency, amplitude } => {
            for ((x, frequency), amplitude) in row.iter_mut().zip(frequency).zip(amplitude) {
                *x += amplitude * sin_squared(*x * frequency);
            }
        }
        Activation::Leaky(slope) => {
            for x in row {
                *x *= if *x < 0.0 { slope } else { 1.0 };
            }
        }
    }
}

/// See [`merge`](super::merge()).
#[inline(always)]
pub fn merge<T: Number, H: Halves>(fresh: &mut [f32], merge: Merge<T>, output: &mut [T], sums: &mut [f32]) {
    let channels = sums.len() / 2;
    let (totals, squares) = sums.split_at_mut(channels);
    totals.fill(0.0);
    squares.fill(0.0);
    for (row, (fresh, output)) in
        fresh.chunks_exact_mut(channels).zip(output.chunks_exact_mut(channels)).enumerate()
    {
        if let Some(residual) = merge.residual {
            T::add::<H>(&residual[row * channels..(row + 1) * channels], fresh);
        }
        if merge.accumulate {
            T::add::<H>(output, fresh);
        }
        for ((total, square), x) in totals.iter_mut().zip(squares.iter_mut()).zip(fresh.iter()) {
            *total += x;
            *square += x * x;
        }
        T::narrow::<H>(fresh, output);
    }
}

/// See [`widen`](super::widen()).
#[inline(always)]
pub fn widen<T: Number, H: Halves>(numbers: &[T], leak: Leak, floats: &mut [f32]) {
    T::widen::<H>(numbers, floats);
    for x in floats {
        *x *= if *x < 0.0 { leak.negative } else { leak.positive };
    }
}
