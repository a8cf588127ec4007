//! Inner products with AVX2 where bytes are not enough: for weights of which two neighbours times bytes may not fit
//! into 16 bits, and for the states of an LSTM. Both factors are widened, and `vpmaddwd` makes sixteen 16-bit products
//! and adds them in pairs, without loss.
//!
//! The weights keep their one layout: 16 bytes are four inputs for four outputs. A sum is kept in two lanes, each for
//! two of the four inputs, and folded after every tap.

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm256_add_epi32, _mm256_cvtepi8_epi16, _mm256_cvtepi32_ps, _mm256_fmadd_ps,
    _mm256_hadd_epi32, _mm256_loadu_ps, _mm256_madd_epi16, _mm256_permute4x64_epi64, _mm256_set1_epi64x,
    _mm256_set1_ps, _mm256_setzero_ps, _mm256_setzero_si256, _mm256_storeu_ps, _mm256_storeu_si256,
};

use super::avx2::ROW_TILE;
use super::pack::{LANES, PackedConvolution};
use super::{QUAD, Recurrence};

/// Number of vectors that hold a tile's sums in one row.
const VECTORS: usize = 2;
/// Vectors that hold the sums of a group of outputs.
const VECTORS_OF_GROUP: usize = 4;
/// Outputs of a tile.
const OUTPUTS: usize = LANES / 2;

/// See [`convolve`](super::convolve()); `wide` are the rows as 16-bit integers about zero.
///
/// # Safety
/// `wide` and `scales` hold all input rows of the rows of `output`; `output` has whole tiles of rows.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn convolve(
    wide: &[i16],
    scales: &[f32],
    convolution: &PackedConvolution,
    dilation: usize,
    output: &mut [f32],
) {
    let outputs = convolution.outputs();
    for first in (0..outputs).step_by(OUTPUTS) {
        for (tile, output) in output.chunks_exact_mut(ROW_TILE * outputs).enumerate() {
            // SAFETY: the tile's rows and their inputs are there, by the contract.
            unsafe { tile_of(wide, scales, convolution, dilation, (tile * ROW_TILE, first), output) };
        }
    }
}

#[target_feature(enable = "avx2,fma")]
#[inline]
unsafe fn tile_of(
    wide: &[i16],
    scales: &[f32],
    convolution: &PackedConvolution,
    dilation: usize,
    (row, first_output): (usize, usize),
    output: &mut [f32],
) {
    let (inputs, outputs, taps) = (convolution.inputs(), convolution.outputs(), convolution.taps());
    debug_assert!((row + ROW_TILE - 1 + (taps - 1) * dilation) < scales.len());
    let (group, within) = (first_output / LANES, first_output % LANES);
    // SAFETY: taps × inputs × 16 bytes of weights lie behind the group's beginning, of which a tile takes half. The
    // contract of `convolve` bounds the rows read. The tile of `output` has ROW_TILE rows of `outputs` numbers.
    unsafe {
        let mut weights = convolution.weights().as_ptr().add(group * taps * inputs * LANES + within * QUAD);
        let mut sums = [_mm256_setzero_ps(); ROW_TILE];
        for tap in 0..taps {
            let first = row + tap * dilation;
            let mut input = wide.as_ptr().add(first * inputs);
            let mut products = [[_mm256_setzero_si256(); VECTORS]; ROW_TILE];
            for _ in 0..inputs / QUAD {
                let packed: [__m256i; VECTORS] = std::array::from_fn(|v| {
                    _mm256_cvtepi8_epi16(_mm_loadu_si128(weights.add(v * 16).cast()))
                });
                for (r, products) in products.iter_mut().enumerate() {
                    let four = _mm256_set1_epi64x(input.add(r * inputs).cast::<i64>().read_unaligned());
                    for (product, packed) in products.iter_mut().zip(packed) {
                        *product = _mm256_add_epi32(*product, _mm256_madd_epi16(packed, four));
                    }
                }
                input = input.add(QUAD);
                weights = weights.add(LANES * QUAD);
            }
            for (r, (sum, products)) in sums.iter_mut().zip(products).enumerate() {
                let scale = _mm256_set1_ps(*scales.as_ptr().add(first + r));
                let folded = folded(products[0], products[1]);
                *sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(folded), scale, *sum);
            }
        }
        let gain = _mm256_loadu_ps(convolution.gains().as_ptr().add(first_output));
        let bias = _mm256_loadu_ps(convolution.bias().as_ptr().add(first_output));
        for (r, sum) in sums.into_iter().enumerate() {
            let finished = _mm256_fmadd_ps(sum, gain, bias);
            _mm256_storeu_ps(output.as_mut_ptr().add(r * outputs + first_output), finished);
        }
    }
}

/// The eight sums of neighbouring lanes, in order.
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn folded(low: __m256i, high: __m256i) -> __m256i {
    _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_hadd_epi32(low, high))
}

/// See [`recur`](super::recur()).
///
/// # Safety
/// `state` has a number for every unit, `sums` four.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn recur(recurrence: &Recurrence, state: &[i16], sums: &mut [i32]) {
    let units = state.len();
    for (group, sums) in sums.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        // SAFETY: units × 16 bytes of weights belong to each group.
        unsafe {
            let mut weights = recurrence.weights().as_ptr().add(group * units * LANES);
            let mut products = [_mm256_setzero_si256(); VECTORS_OF_GROUP];
            for quad in 0..units / QUAD {
                let four = _mm256_set1_epi64x(state.as_ptr().add(quad * QUAD).cast::<i64>().read_unaligned());
                for (v, product) in products.iter_mut().enumerate() {
                    let packed = _mm256_cvtepi8_epi16(_mm_loadu_si128(weights.add(v * 16).cast()));
                    *product = _mm256_add_epi32(*product, _mm256_madd_epi16(packed, four));
                }
                weights = weights.add(LANES * QUAD);
            }
            for half in 0..2 {
                let folded = folded(products[2 * half], products[2 * half + 1]);
                _mm256_storeu_si256(sums.as_mut_ptr().add(half * 8).cast(), folded);
            }
        }
    }
}
