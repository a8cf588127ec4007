//! The inner products in plain Rust: the reference for every other kernel.

#![forbid(unsafe_code)]

use super::pack::{LANES, PackedConvolution};
use super::{QUAD, Recurrence, WindowWeights};

/// See [`convolve`](super::convolve()).
pub fn convolve(
    bytes: &[u8],
    scales: &[f32],
    convolution: &PackedConvolution,
    dilation: usize,
    output: &mut [f32],
) {
    let (inputs, outputs, taps) = (convolution.inputs(), convolution.outputs(), convolution.taps());
    let tap_bytes = inputs * LANES;
    let groups = convolution.weights().chunks_exact(taps * tap_bytes);
    for (group, (weights, offsets)) in
        groups.zip(convolution.offsets().chunks_exact(taps * LANES)).enumerate()
    {
        let lanes = group * LANES..(group + 1) * LANES;
        let (gains, bias) = (&convolution.gains()[lanes.clone()], &convolution.bias()[lanes.clone()]);
        for (row, output) in output.chunks_exact_mut(outputs).enumerate() {
            let mut sums = [0.0; LANES];
            for tap in 0..taps {
                let at = row + tap * dilation;
                let input = &bytes[at * inputs..(at + 1) * inputs];
                let mut products: [i32; LANES] = std::array::from_fn(|lane| offsets[tap * LANES + lane]);
                let steps = weights[tap * tap_bytes..].as_chunks::<{ LANES * QUAD }>().0;
                for (four, step) in input.as_chunks::<QUAD>().0.iter().zip(steps) {
                    for (product, weights) in products.iter_mut().zip(step.as_chunks::<QUAD>().0) {
                        for (x, weight) in four.iter().zip(weights) {
                            *product += i32::from(*x) * i32::from(weight.cast_signed());
                        }
                    }
                }
                for (sum, product) in sums.iter_mut().zip(products) {
                    *sum += scales[at] * product as f32;
                }
            }
            for (lane, output) in output[lanes.clone()].iter_mut().enumerate() {
                *output = sums[lane] * gains[lane] + bias[lane];
            }
        }
    }
}

/// See [`multiply_windows`](super::multiply_windows()).
pub fn multiply_windows(input: &[f32], stride: usize, weights: &WindowWeights, output: &mut [f32]) {
    let width = weights.width();
    for (group, packed) in weights.weights.chunks_exact(weights.depth * LANES).enumerate() {
        let bias = &weights.bias[group * LANES..(group + 1) * LANES];
        for (row, output) in output.chunks_exact_mut(width).enumerate() {
            let mut sums: [f32; LANES] = std::array::from_fn(|lane| bias[lane]);
            let window = &input[row * stride..row * stride + weights.depth];
            for (x, weights) in window.iter().zip(packed.as_chunks::<LANES>().0) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += x * weight;
                }
            }
            output[group * LANES..(group + 1) * LANES].copy_from_slice(&sums);
        }
    }
}

/// See [`recur`](super::recur()).
pub fn recur(recurrence: &Recurrence, state: &[i16], sums: &mut [i32]) {
    let groups = recurrence.weights().chunks_exact(state.len() * LANES);
    for (weights, sums) in groups.zip(sums.as_chunks_mut::<LANES>().0) {
        sums.fill(0);
        let steps = weights.as_chunks::<{ LANES * QUAD }>().0;
        for (four, step) in state.as_chunks::<QUAD>().0.iter().zip(steps) {
            for (sum, weights) in sums.iter_mut().zip(step.as_chunks::<QUAD>().0) {
                for (x, weight) in four.iter().zip(weights) {
                    *sum += i32::from(*x) * i32::from(weight.cast_signed());
                }
            }
        }
    }
}
