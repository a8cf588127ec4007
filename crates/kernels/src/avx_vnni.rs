//! Inner products with AVX-VNNI, which processors without AVX-512 have had since 2021: `vpdpbusd` makes 32 products of
//! bytes and adds them in fours, in 32 bits and without loss. All else is as with [`avx2`](super::avx2).

use std::arch::x86_64::{_mm256_dpbusd_avx_epi32, _mm256_loadu_si256, _mm256_set1_epi32, _mm256_setzero_ps};

use super::QUAD;
pub use super::avx2::ROW_TILE;
use super::avx2::{VECTORS, add_scaled, finish};
use super::pack::{LANES, PackedConvolution};

/// See [`convolve`](super::convolve()).
///
/// # Safety
/// `bytes` and `scales` hold all input rows of the rows of `output`; `output` has whole tiles of rows.
#[target_feature(enable = "avx2,fma,avxvnni")]
pub unsafe fn convolve(
    bytes: &[u8],
    scales: &[f32],
    convolution: &PackedConvolution,
    dilation: usize,
    output: &mut [f32],
) {
    let outputs = convolution.outputs();
    for group in 0..outputs / LANES {
        for (tile, output) in output.chunks_exact_mut(ROW_TILE * outputs).enumerate() {
            // SAFETY: the tile's rows and their inputs are there, by the contract.
            unsafe { tile_of(bytes, scales, convolution, dilation, (tile * ROW_TILE, group), output) };
        }
    }
}

/// One tile: rows from `row` on, the outputs of `group`. Its products take twelve of the sixteen registers.
#[target_feature(enable = "avx2,fma,avxvnni")]
#[inline]
unsafe fn tile_of(
    bytes: &[u8],
    scales: &[f32],
    convolution: &PackedConvolution,
    dilation: usize,
    (row, group): (usize, usize),
    output: &mut [f32],
) {
    let (inputs, taps) = (convolution.inputs(), convolution.taps());
    debug_assert!((row + ROW_TILE - 1 + (taps - 1) * dilation) < scales.len());
    // SAFETY: taps × inputs × 16 bytes of weights lie behind the group's beginning and are read in whole quads, taps ×
    // 16 offsets behind the group's offsets. The contract of `convolve` bounds the rows read. The tile of `output` has
    // ROW_TILE rows of `outputs` numbers.
    unsafe {
        let mut weights = convolution.weights().as_ptr().add(group * taps * inputs * LANES);
        let offsets = convolution.offsets().as_ptr().add(group * taps * LANES);
        let mut sums = [[_mm256_setzero_ps(); VECTORS]; ROW_TILE];
        for tap in 0..taps {
            let first = row + tap * dilation;
            let mut input = bytes.as_ptr().add(first * inputs);
            let offsets = offsets.add(tap * LANES);
            let start: [_; VECTORS] = std::array::from_fn(|v| _mm256_loadu_si256(offsets.add(v * 8).cast()));
            let mut products = [start; ROW_TILE];
            for _ in 0..inputs / QUAD {
                let packed: [_; VECTORS] =
                    std::array::from_fn(|v| _mm256_loadu_si256(weights.add(v * 32).cast()));
                for (r, products) in products.iter_mut().enumerate() {
                    let four = _mm256_set1_epi32(input.add(r * inputs).cast::<i32>().read_unaligned());
                    for (product, packed) in products.iter_mut().zip(packed) {
                        *product = _mm256_dpbusd_avx_epi32(*product, four, packed);
                    }
                }
                input = input.add(QUAD);
                weights = weights.add(LANES * QUAD);
            }
            add_scaled(&mut sums, products, &scales[first..]);
        }
        finish(&sums, convolution, group, output);
    }
}
