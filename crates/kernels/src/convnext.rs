//! Element-wise work of ConvNeXt blocks (Liu et al., “A ConvNet for the 2020s”, 2022): depthwise convolution, and layer
//! normalisation and GELU with the quantization that follows them. As in [`rowwise`](super::rowwise), every function is written
//! once and compiled again for each processor.

#![forbid(unsafe_code)]
#![allow(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of the caller"
)]

use super::dense::normalise_row;
use super::math::{ROUND, gelu};
use super::{DepthwiseConvolution, Normalisation, ZERO};

/// See [`depthwise`](super::depthwise()).
#[inline(always)]
pub fn depthwise(input: &[f32], convolution: &DepthwiseConvolution, dilation: usize, output: &mut [f32]) {
    let channels = convolution.bias.len();
    for (row, output) in output.chunks_exact_mut(channels).enumerate() {
        output.copy_from_slice(&convolution.bias);
        for (tap, weights) in convolution.weights.chunks_exact(channels).enumerate() {
            let input = &input[(row + tap * dilation) * channels..][..channels];
            for ((sum, x), weight) in output.iter_mut().zip(input).zip(weights) {
                *sum += x * weight;
            }
        }
    }
}

/// See [`normalise_and_quantize`](super::normalise_and_quantize()).
#[inline(always)]
pub fn normalise_and_quantize(rows: &mut [f32], norm: &Normalisation, bytes: &mut [u8], scales: &mut [f32]) {
    let channels = norm.gain.len();
    let rows = rows.chunks_exact_mut(channels).zip(bytes.chunks_exact_mut(channels));
    for ((row, bytes), scale) in rows.zip(scales) {
        normalise_row(row, norm);
        *scale = quantize_row(row, bytes);
    }
}

/// See [`gelu_and_quantize`](super::gelu_and_quantize()).
#[inline(always)]
pub fn gelu_and_quantize(rows: &mut [f32], channels: usize, bytes: &mut [u8], scales: &mut [f32]) {
    let rows = rows.chunks_exact_mut(channels).zip(bytes.chunks_exact_mut(channels));
    for ((row, bytes), scale) in rows.zip(scales) {
        gelu_exact(row);
        *scale = quantize_row(row, bytes);
    }
}

/// See [`gelu_exact`](super::gelu_exact()).
#[inline(always)]
pub fn gelu_exact(numbers: &mut [f32]) {
    for x in numbers {
        *x = gelu(*x);
    }
}

/// Bytes about [`ZERO`] for the numbers of a row; returns their scale.
#[inline(always)]
fn quantize_row(row: &[f32], bytes: &mut [u8]) -> f32 {
    // The bits of positive floats compare like the floats, and vector instructions find the maximum of integers.
    let peak = row.iter().fold(0, |peak, x| x.abs().to_bits().max(peak));
    let peak = f32::from_bits(peak);
    let steps = if peak > 0.0 { 127.0 / peak } else { 0.0 };
    for (byte, x) in bytes.iter_mut().zip(row) {
        // The low byte of a float between 2²³ and 2²⁴ is the low byte of its integer.
        *byte = ((x * steps + ROUND).to_bits() as u8).wrapping_add(ZERO);
    }
    peak / 127.0
}
