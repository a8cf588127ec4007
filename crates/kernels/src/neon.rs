//! Inner products with the vector instructions of every AArch64 processor: sixteen byte products (`smull`), added in
//! pairs into 32-bit sums (`sadalp`). A product of two bytes fits 16 bits, so no precision is lost.

use std::arch::aarch64::{
    int32x4_t, vdup_n_s32, vdupq_n_s32, vget_high_s8, vget_low_s8, vld1q_s8, vmull_s8, vpadalq_s16,
    vpaddq_s32, vreinterpret_s8_s32, vst1q_s32,
};

use super::pack::{LANES, PackedConvolution};
use super::{QUAD, ZERO};

/// Rows of a tile.
pub const ROW_TILE: usize = 2;
/// Vectors that hold the sums of a group of outputs: two lanes a sum.
const VECTORS: usize = 8;

/// See [`convolve`](super::convolve()).
///
/// # Safety
/// `bytes` and `scales` hold all input rows of the rows of `output`; `output` has whole tiles of rows.
pub unsafe fn convolve(
    bytes: &[u8],
    scales: &[f32],
    convolution: &PackedConvolution,
    dilation: usize,
    output: &mut [f32],
) {
    let (inputs, outputs, taps) = (convolution.inputs(), convolution.outputs(), convolution.taps());
    let group_bytes = taps * inputs * LANES;
    for group in 0..outputs / LANES {
        let lanes = group * LANES..(group + 1) * LANES;
        let (gains, bias) = (&convolution.gains()[lanes.clone()], &convolution.bias()[lanes.clone()]);
        for (tile, output) in output.chunks_exact_mut(ROW_TILE * outputs).enumerate() {
            let mut sums = [[0_f32; LANES]; ROW_TILE];
            let mut weights = convolution.weights()[group * group_bytes..].as_ptr().cast::<i8>();
            for tap in 0..taps {
                let first = tile * ROW_TILE + tap * dilation;
                // SAFETY: inputs × 16 bytes of weights lie behind every tap's beginning; the rows read are bounded by the
                // contract.
                let products = unsafe { tap_products(&bytes[first * inputs..], inputs, &mut weights) };
                for (r, (sums, products)) in sums.iter_mut().zip(&products).enumerate() {
                    for (sum, product) in sums.iter_mut().zip(products) {
                        *sum += scales[first + r] * *product as f32;
                    }
                }
            }
            for (row, sums) in output.chunks_exact_mut(outputs).zip(&sums) {
                for (lane, output) in row[lanes.clone()].iter_mut().enumerate() {
                    *output = sums[lane] * gains[lane] + bias[lane];
                }
            }
        }
    }
}

/// The integer sums of one tap for a tile of rows; moves `weights` behind the tap's.
///
/// # Safety
/// `bytes` holds the tile's rows, `weights` points to inputs × 16 bytes.
unsafe fn tap_products(bytes: &[u8], inputs: usize, weights: &mut *const i8) -> [[i32; LANES]; ROW_TILE] {
    // SAFETY: the contract.
    unsafe {
        let mut sums = [[vdupq_n_s32(0); VECTORS]; ROW_TILE];
        for quad in 0..inputs / QUAD {
            let mut fours = [vreinterpret_s8_s32(vdup_n_s32(0)); ROW_TILE];
            for (r, four) in fours.iter_mut().enumerate() {
                let at = r * inputs + quad * QUAD;
                let word: [u8; QUAD] = std::array::from_fn(|i| bytes[at + i] ^ ZERO);
                *four = vreinterpret_s8_s32(vdup_n_s32(i32::from_le_bytes(word)));
            }
            for pair in 0..VECTORS / 2 {
                let packed = vld1q_s8(weights.add(pair * 16));
                for r in 0..ROW_TILE {
                    let low = vmull_s8(vget_low_s8(packed), fours[r]);
                    let high = vmull_s8(vget_high_s8(packed), fours[r]);
                    sums[r][2 * pair] = vpadalq_s16(sums[r][2 * pair], low);
                    sums[r][2 * pair + 1] = vpadalq_s16(sums[r][2 * pair + 1], high);
                }
            }
            *weights = weights.add(LANES * QUAD);
        }
        let mut products = [[0; LANES]; ROW_TILE];
        for (products, sums) in products.iter_mut().zip(&sums) {
            for (four, pair) in products.chunks_exact_mut(QUAD).zip(sums.chunks_exact(2)) {
                let folded: int32x4_t = vpaddq_s32(pair[0], pair[1]);
                vst1q_s32(four.as_mut_ptr(), folded);
            }
        }
        products
    }
}
