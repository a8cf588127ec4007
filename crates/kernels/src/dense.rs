//! Element-wise work between the layers of the text side: layer normalisation, GELU, softmax, the gates of an LSTM. As in
//! [`rowwise`](super::rowwise), every function is written once and compiled again for each processor.

#![forbid(unsafe_code)]
#![allow(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of the caller"
)]

use super::math::{ROUND, exp, sigmoid, tanh};
use super::{Normalisation, ZERO};

/// Number of sums side by side, so that vectors can add them. It is the same for all processors, because the order of
/// additions decides the last bits.
const LANES: usize = 16;

/// Steps of the fine part of a number in one step of the coarse part; a rounding error is half a coarse step at most.
const FINE_STEPS: f32 = 254.0;

/// A state of 1 as a whole number of a [`Recurrence`](super::Recurrence).
pub const STATE_STEPS: f32 = 32_767.0;

/// √(2 / π), twice: the tangent of the approximation is written as a sigmoid.
const GELU_SLOPE: f32 = 1.595_769_2;
/// The cubic part of the approximation (Hendrycks and Gimpel, “Gaussian error linear units”, 2016).
const GELU_CUBE: f32 = 0.044_715;

/// The sum of `of` over the numbers.
#[inline(always)]
fn total(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0_f32; LANES];
    let (whole, rest) = row.as_chunks::<LANES>();
    for numbers in whole {
        for (lane, x) in lanes.iter_mut().zip(numbers) {
            *lane += of(*x);
        }
    }
    for (lane, x) in lanes.iter_mut().zip(rest) {
        *lane += of(*x);
    }
    lanes.iter().sum()
}

#[inline(always)]
pub(super) fn normalise_row(row: &mut [f32], norm: &Normalisation) {
    let count = row.len() as f32;
    let mean = total(row, |x| x) / count;
    for x in row.iter_mut() {
        *x -= mean;
    }
    let factor = 1.0 / (total(row, |x| x * x) / count + norm.epsilon).sqrt();
    for ((x, gain), shift) in row.iter_mut().zip(&norm.gain).zip(&norm.shift) {
        *x = *x * factor * gain + shift;
    }
}

/// See [`normalise`](super::normalise()).
#[inline(always)]
pub fn normalise(rows: &mut [f32], norm: &Normalisation) {
    for row in rows.chunks_exact_mut(norm.gain.len()) {
        normalise_row(row, norm);
    }
}

/// See [`add_and_normalise`](super::add_and_normalise()).
#[inline(always)]
pub fn add_and_normalise(
    coarse: &[f32],
    fine: &[f32],
    scale: &[f32],
    bias: &[f32],
    norm: &Normalisation,
    rows: &mut [f32],
) {
    let channels = norm.gain.len();
    let sums = coarse.chunks_exact(channels).zip(fine.chunks_exact(channels));
    for (row, (coarse, fine)) in rows.chunks_exact_mut(channels).zip(sums) {
        let columns = scale.iter().zip(bias);
        for ((x, (coarse, fine)), (scale, bias)) in row.iter_mut().zip(coarse.iter().zip(fine)).zip(columns) {
            *x += (coarse + fine) * scale + bias;
        }
        normalise_row(row, norm);
    }
}

/// See [`affine`](super::affine()).
#[inline(always)]
pub fn affine(coarse: &[f32], fine: &[f32], scale: &[f32], bias: &[f32], output: &mut [f32]) {
    let channels = scale.len();
    let sums = coarse.chunks_exact(channels).zip(fine.chunks_exact(channels));
    for (row, (coarse, fine)) in output.chunks_exact_mut(channels).zip(sums) {
        let columns = scale.iter().zip(bias);
        for ((x, (coarse, fine)), (scale, bias)) in row.iter_mut().zip(coarse.iter().zip(fine)).zip(columns) {
            *x = (coarse + fine) * scale + bias;
        }
    }
}

/// See [`gelu`](super::gelu()).
#[inline(always)]
pub fn gelu(coarse: &mut [f32], fine: &[f32], scale: &[f32], bias: &[f32]) {
    let channels = scale.len();
    for (row, fine) in coarse.chunks_exact_mut(channels).zip(fine.chunks_exact(channels)) {
        for ((x, fine), (scale, bias)) in row.iter_mut().zip(fine).zip(scale.iter().zip(bias)) {
            let y = (*x + fine) * scale + bias;
            *x = y * sigmoid(GELU_SLOPE * (y + GELU_CUBE * y * y * y));
        }
    }
}

/// See [`column_peaks`](super::column_peaks()).
#[inline(always)]
pub fn column_peaks(rows: &[f32], peaks: &mut [f32]) {
    peaks.fill(0.0);
    for row in rows.chunks_exact(peaks.len()) {
        for (peak, x) in peaks.iter_mut().zip(row) {
            let size = x.abs();
            *peak = if size > *peak { size } else { *peak };
        }
    }
}

/// See [`quantize_fine`](super::quantize_fine()).
#[inline(always)]
pub fn quantize_fine(
    input: &[f32],
    channels: usize,
    (coarse, fine): (&mut [u8], &mut [u8]),
    (scales, fine_scales): (&mut [f32], &mut [f32]),
) {
    let rows = coarse.chunks_exact_mut(channels).zip(fine.chunks_exact_mut(channels));
    let scales = scales.iter_mut().zip(fine_scales);
    for ((input, (coarse, fine)), (scale, fine_scale)) in input.chunks_exact(channels).zip(rows).zip(scales) {
        // The bits of positive floats compare like the floats, and vector instructions find the maximum of integers.
        let peak = input.iter().fold(0, |peak, x| x.abs().to_bits().max(peak));
        let peak = f32::from_bits(peak);
        let steps = if peak > 0.0 { 127.0 / peak } else { 0.0 };
        *scale = peak / 127.0;
        *fine_scale = *scale / FINE_STEPS;
        for ((coarse, fine), x) in coarse.iter_mut().zip(fine.iter_mut()).zip(input) {
            // The low byte of a float between 2²³ and 2²⁴ is the low byte of its integer.
            let exact = x * steps;
            let rounded = exact + ROUND;
            let rest = (exact - (rounded - ROUND)) * FINE_STEPS + ROUND;
            *coarse = (rounded.to_bits() as u8).wrapping_add(ZERO);
            *fine = (rest.to_bits() as u8).wrapping_add(ZERO);
        }
    }
}

/// See [`softmax`](super::softmax()).
#[inline(always)]
pub fn softmax(rows: &mut [f32], width: usize, count: usize) {
    for row in rows.chunks_exact_mut(width) {
        let row = &mut row[..count];
        let mut most = [f32::MIN; LANES];
        let (whole, rest) = row.as_chunks::<LANES>();
        for numbers in whole {
            for (most, x) in most.iter_mut().zip(numbers) {
                *most = if *x > *most { *x } else { *most };
            }
        }
        for (most, x) in most.iter_mut().zip(rest) {
            *most = if *x > *most { *x } else { *most };
        }
        let most = most.iter().fold(f32::MIN, |most, x| if *x > most { *x } else { most });
        for x in row.iter_mut() {
            *x = exp(*x - most);
        }
        let factor = 1.0 / total(row, |x| x);
        for x in row {
            *x *= factor;
        }
    }
}

/// See [`lstm_gates`](super::lstm_gates()).
#[inline(always)]
pub fn lstm_gates(
    projected: &[f32],
    sums: &[i32],
    factor: f32,
    cell: &mut [f32],
    state: &mut [i16],
    hidden: &mut [f32],
) {
    let units = cell.len();
    let quarter = |index: usize| index * units..(index + 1) * units;
    let gate = |index: usize| (&projected[quarter(index)], &sums[quarter(index)]);
    let ((input, input_sums), (output, output_sums)) = (gate(0), gate(1));
    let ((forget, forget_sums), (fresh, fresh_sums)) = (gate(2), gate(3));
    let (state, hidden) = (&mut state[..units], &mut hidden[..units]);
    for unit in 0..units {
        let input = sigmoid(input[unit] + factor * input_sums[unit] as f32);
        let output = sigmoid(output[unit] + factor * output_sums[unit] as f32);
        let forget = sigmoid(forget[unit] + factor * forget_sums[unit] as f32);
        let fresh = tanh(fresh[unit] + factor * fresh_sums[unit] as f32);
        cell[unit] = forget * cell[unit] + input * fresh;
        let kept = output * tanh(cell[unit]);
        hidden[unit] = kept;
        state[unit] = (kept * STATE_STEPS + ROUND).to_bits() as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_normalised() {
        let norm = Normalisation { gain: vec![2.0; 20], shift: vec![1.0; 20], epsilon: 1e-12 };
        let mut rows: Vec<f32> = (0..40).map(|x| (x * x) as f32).collect();
        normalise(&mut rows, &norm);
        for row in rows.chunks_exact(20) {
            let mean = row.iter().sum::<f32>() / 20.0;
            let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / 20.0;
            assert!((mean - 1.0).abs() < 1e-5 && (variance - 4.0).abs() < 1e-4, "{mean} {variance}");
        }
    }

    #[test]
    fn shares_of_a_softmax_add_up_to_one_whatever_the_numbers() {
        let mut rows = vec![0.0_f32; 2 * 24];
        rows[..19].iter_mut().enumerate().for_each(|(i, x)| *x = i as f32 - 400.0);
        rows[24..].fill(3e4);
        softmax(&mut rows, 24, 19);
        for row in rows.chunks_exact(24) {
            assert!((row[..19].iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
        assert!((rows[18] / rows[17] - 1_f32.exp()).abs() < 1e-4);
    }
}
