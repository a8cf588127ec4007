//! The stages before and behind the products. Each is written once, and compiled in the module of each processor.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of the caller"
)]

use super::filters::INPUT_NORM;
use super::rows::pitch;
use super::{Scratch, Transform, Vector, Work};
use crate::pack::LANES;

/// Transforms every tile of `input` and quantizes its factors.
///
/// # Safety
/// `input` holds all rows that the tiles read; `scratch` has room for all tiles; the processor has the instructions of `V`.
#[inline(always)]
pub unsafe fn enter<T: Transform, V: Vector>(input: &[f32], work: Work, scratch: &mut Scratch) {
    let channels = work.convolution.inputs();
    let (pitch, dilation) = (pitch(channels), work.dilation);
    let factors: &mut [f32] = bytemuck::cast_slice_mut(&mut scratch.factors);
    for tile in 0..work.tiles {
        let first = work.first_row(tile);
        for channel in (0..channels).step_by(V::LANES) {
            let (rows, made) = (input[first * pitch + channel..].as_ptr(), factors[channel..].as_mut_ptr());
            T::input(
                // SAFETY: the tile's rows lie within `input`, by the contract.
                |row| unsafe { V::load(rows.add(row * dilation * pitch)) },
                // SAFETY: `factors` has a row of channels for every product.
                |product, factor| unsafe { factor.store(made.add(product * channels)) },
            );
        }
        for (product, factors) in factors.chunks_exact(channels).enumerate() {
            let at = product * work.tiles + tile;
            scratch.scales[at] = quantize::<V>(factors, &mut scratch.quantized[at * channels..][..channels]);
        }
    }
}

/// Below this norm, squares are no longer normal floats.
const LEAST_NORM: f32 = 1e-15;

/// Quantizes numbers, whole vectors, so that their norm is [`INPUT_NORM`], and returns the value of one unit.
#[inline(always)]
fn quantize<V: Vector>(numbers: &[f32], quantized: &mut [i16]) -> f32 {
    assert!(numbers.len() == quantized.len() && numbers.len().is_multiple_of(V::LANES));
    let vectors = (0..numbers.len()).step_by(V::LANES);
    // SAFETY: a vector lies behind each of `vectors`.
    let read = |at: usize| unsafe { V::load(numbers.as_ptr().add(at)) };
    let squares = vectors.clone().map(read).fold(V::zero(), |squares, x| squares.plus_product(x, x));
    let norm = squares.total().sqrt();
    let (steps, unit) = if norm > LEAST_NORM { (INPUT_NORM / norm, norm / INPUT_NORM) } else { (0.0, 0.0) };
    for at in vectors {
        // SAFETY: as above; no number is larger than the norm of all.
        unsafe { read(at).times(steps).store_rounded(quantized.as_mut_ptr().add(at)) };
    }
    unit
}

/// Makes rows of the products of two groups of outputs from `column` on.
///
/// # Safety
/// `scratch` holds the products of all tiles; `output` has room for their rows; the processor has the instructions of `V`.
#[inline(always)]
pub unsafe fn leave<T: Transform, V: Vector>(
    work: Work,
    scratch: &Scratch,
    column: usize,
    output: &mut [f32],
) {
    let (outputs, dilation) = (work.convolution.outputs(), work.dilation);
    let products: &[f32] = bytemuck::cast_slice(&scratch.products);
    for lane in (0..2 * LANES).step_by(V::LANES) {
        let column = column + lane;
        let (gains, bias) = (work.convolution.gains(column), work.convolution.bias(column));
        assert!(gains.len() >= V::LANES && bias.len() >= V::LANES);
        // SAFETY: as asserted.
        let (gain, bias) = unsafe { (V::load(gains.as_ptr()), V::load(bias.as_ptr())) };
        for tile in 0..work.tiles {
            let from = products[tile * T::PRODUCTS * 2 * LANES + lane..].as_ptr();
            let to = output[work.first_row(tile) * outputs + column..].as_mut_ptr();
            T::output(
                // SAFETY: a tile has `PRODUCTS` rows of products.
                |product| unsafe { V::load(from.add(product * 2 * LANES)) },
                // SAFETY: the tile's rows lie within `output`, by the contract.
                |row, x| unsafe { bias.plus_product(x, gain).store(to.add(row * dilation * outputs)) },
            );
        }
    }
}
