//! Inner products with AVX2. Its byte products saturate, so rows and weights are widened: `vpmaddwd` makes sixteen 16-bit
//! products and adds them in pairs, without loss.
//!
//! The weights keep their one layout: 16 bytes are four inputs for four outputs. A sum is kept in two lanes, of which each
//! takes two of the four inputs, and folded after every tap.

use std::arch::x86_64::{
    __m256i, _MM_FROUND_TO_NEAREST_INT, _mm_loadu_si128, _mm_storeu_si128, _mm256_add_epi32, _mm256_add_ps,
    _mm256_cvtepi8_epi16, _mm256_cvtepi32_ps, _mm256_cvtph_ps, _mm256_cvtps_ph, _mm256_fmadd_ps,
    _mm256_hadd_epi32, _mm256_loadu_ps, _mm256_madd_epi16, _mm256_max_ps, _mm256_min_ps,
    _mm256_permute4x64_epi64, _mm256_set1_epi64x, _mm256_set1_ps, _mm256_setzero_si256, _mm256_storeu_ps,
};

use super::number::{Arithmetic, LARGEST_HALF, Number, PortableArithmetic, f16};
use super::pack::{LANES, PackedConvolution};
use super::{Leak, Merge, QUAD, RowTransform, Windows, rowwise};

/// Rows of a tile.
pub const ROW_TILE: usize = 3;
/// Vectors that hold the sums of a group of outputs.
const VECTORS: usize = 4;

/// See [`quantize`](super::quantize()).
#[target_feature(enable = "avx2,fma,f16c")]
pub fn quantize<T: Number>(
    input: &[T],
    transform: &RowTransform,
    factor: f32,
    bytes: &mut [u8],
    scales: &mut [f32],
) {
    rowwise::quantize::<T, Avx2Arithmetic>(input, transform, factor, bytes, scales);
}

/// See [`merge`](super::merge()).
#[target_feature(enable = "avx2,fma,f16c")]
pub fn merge<T: Number>(fresh: &mut [f32], merge: Merge<T>, output: &mut [T], sums: &mut [f32]) {
    rowwise::merge::<T, Avx2Arithmetic>(fresh, merge, output, sums);
}

/// See [`widen`](super::widen()).
#[target_feature(enable = "avx2,fma,f16c")]
pub fn widen<T: Number>(numbers: &[T], leak: Leak, floats: &mut [f32]) {
    rowwise::widen::<T, Avx2Arithmetic>(numbers, leak, floats);
}

/// Halves by `vcvtph2ps` and `vcvtps2ph`, products and sums in one. Used in this module alone, by functions that have the
/// instructions.
struct Avx2Arithmetic;

/// Arithmetic a vector holds when they are floats.
const HALVES: usize = 8;

#[allow(clippy::inline_always, reason = "inlined into functions that have the instructions")]
impl Arithmetic for Avx2Arithmetic {
    #[inline(always)]
    fn widen(halves: &[f16], floats: &mut [f32]) {
        let (halves, halves_left) = halves.as_chunks::<HALVES>();
        let (floats, floats_left) = floats.as_chunks_mut::<HALVES>();
        for (halves, floats) in halves.iter().zip(floats) {
            // SAFETY: the caller has the instructions; both hold a vector.
            unsafe {
                let widened = _mm256_cvtph_ps(_mm_loadu_si128(halves.as_ptr().cast()));
                _mm256_storeu_ps(floats.as_mut_ptr(), widened);
            }
        }
        if !halves_left.is_empty() {
            PortableArithmetic::widen(halves_left, floats_left);
        }
    }

    #[inline(always)]
    fn add(halves: &[f16], floats: &mut [f32]) {
        let (halves, halves_left) = halves.as_chunks::<HALVES>();
        let (floats, floats_left) = floats.as_chunks_mut::<HALVES>();
        for (halves, floats) in halves.iter().zip(floats) {
            // SAFETY: as above.
            unsafe {
                let widened = _mm256_cvtph_ps(_mm_loadu_si128(halves.as_ptr().cast()));
                let sum = _mm256_add_ps(_mm256_loadu_ps(floats.as_ptr()), widened);
                _mm256_storeu_ps(floats.as_mut_ptr(), sum);
            }
        }
        if !halves_left.is_empty() {
            PortableArithmetic::add(halves_left, floats_left);
        }
    }

    #[inline(always)]
    fn narrow(floats: &[f32], halves: &mut [f16]) {
        let (halves, halves_left) = halves.as_chunks_mut::<HALVES>();
        let (floats, floats_left) = floats.as_chunks::<HALVES>();
        for (halves, floats) in halves.iter_mut().zip(floats) {
            // SAFETY: as above.
            unsafe {
                let least = _mm256_max_ps(_mm256_set1_ps(-LARGEST_HALF), _mm256_loadu_ps(floats.as_ptr()));
                let storable = _mm256_min_ps(_mm256_set1_ps(LARGEST_HALF), least);
                _mm_storeu_si128(
                    halves.as_mut_ptr().cast(),
                    _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(storable),
                );
            }
        }
        if !halves_left.is_empty() {
            PortableArithmetic::narrow(floats_left, halves_left);
        }
    }

    #[inline(always)]
    fn multiply_add(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
}

/// See [`convolve`](super::convolve()); `wide` are the rows as 16-bit integers about zero.
///
/// # Safety
/// `wide` and `scales` hold all rows that the rows of `output` depend on; `output` has whole tiles of rows.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn convolve(
    wide: &[i16],
    scales: &[f32],
    convolution: &PackedConvolution,
    dilation: usize,
    output: &mut [f32],
) {
    let outputs = convolution.outputs();
    for group in 0..outputs / LANES {
        for (tile, output) in output.chunks_exact_mut(ROW_TILE * outputs).enumerate() {
            // SAFETY: rows of the tile and what they depend on are there, by the contract.
            unsafe { tile_of(wide, scales, convolution, dilation, (tile * ROW_TILE, group), output) };
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
    (row, group): (usize, usize),
    output: &mut [f32],
) {
    let (inputs, outputs, taps) = (convolution.inputs(), convolution.outputs(), convolution.taps());
    debug_assert!((row + ROW_TILE - 1 + (taps - 1) * dilation) < scales.len());
    // SAFETY: taps × inputs × 16 bytes of weights lie behind the group's beginning; the rows read are bounded by the contract
    // of `convolve`; the tile of `output` has ROW_TILE rows of `outputs` numbers.
    unsafe {
        let mut weights = convolution.weights().as_ptr().add(group * taps * inputs * LANES);
        let bias = convolution.bias().as_ptr().add(group * LANES);
        let bias = [_mm256_loadu_ps(bias), _mm256_loadu_ps(bias.add(8))];
        let mut sums = [bias; ROW_TILE];
        for tap in 0..taps {
            let first = row + tap * dilation;
            let mut input = wide.as_ptr().add(first * inputs);
            let mut products = [[_mm256_setzero_si256(); ROW_TILE]; VECTORS];
            for _ in 0..inputs / QUAD {
                let fours: [__m256i; ROW_TILE] = std::array::from_fn(|r| {
                    _mm256_set1_epi64x(input.add(r * inputs).cast::<i64>().read_unaligned())
                });
                for (v, products) in products.iter_mut().enumerate() {
                    let packed = _mm256_cvtepi8_epi16(_mm_loadu_si128(weights.add(v * 16).cast()));
                    for (product, four) in products.iter_mut().zip(fours) {
                        *product = _mm256_add_epi32(*product, _mm256_madd_epi16(packed, four));
                    }
                }
                input = input.add(QUAD);
                weights = weights.add(LANES * QUAD);
            }
            for (r, sums) in sums.iter_mut().enumerate() {
                let scale = _mm256_set1_ps(*scales.as_ptr().add(first + r));
                for (half, sum) in sums.iter_mut().enumerate() {
                    let folded = folded(products[2 * half][r], products[2 * half + 1][r]);
                    *sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(folded), scale, *sum);
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            for (half, sum) in sums.iter().enumerate() {
                _mm256_storeu_ps(output.as_mut_ptr().add(r * outputs + group * LANES + half * 8), *sum);
            }
        }
    }
}

/// The eight sums of neighbouring lanes, in order.
#[target_feature(enable = "avx2")]
#[inline]
fn folded(low: __m256i, high: __m256i) -> __m256i {
    _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_hadd_epi32(low, high))
}

/// See [`multiply_windows`](super::multiply_windows()).
///
/// # Safety
/// `input` reaches to the end of the last row's window; `output` has whole tiles of rows.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn multiply_windows(input: &[f32], stride: usize, weights: &Windows, output: &mut [f32]) {
    let (depth, width) = (weights.depth, weights.width());
    for group in 0..width / LANES {
        // SAFETY: `depth` rows of 16 weights lie behind the group's beginning, windows within `input` by the contract, and a
        // tile of `output` has ROW_TILE rows of `width` numbers.
        unsafe {
            let packed = weights.weights.as_ptr().add(group * depth * LANES);
            let bias = weights.bias.as_ptr().add(group * LANES);
            let bias = [_mm256_loadu_ps(bias), _mm256_loadu_ps(bias.add(8))];
            for (tile, output) in output.chunks_exact_mut(ROW_TILE * width).enumerate() {
                let input = input.as_ptr().add(tile * ROW_TILE * stride);
                let mut sums = [bias; ROW_TILE];
                for d in 0..depth {
                    let weights =
                        [_mm256_loadu_ps(packed.add(d * LANES)), _mm256_loadu_ps(packed.add(d * LANES + 8))];
                    for (r, sums) in sums.iter_mut().enumerate() {
                        let x = _mm256_set1_ps(*input.add(r * stride + d));
                        for half in 0..2 {
                            sums[half] = _mm256_fmadd_ps(x, weights[half], sums[half]);
                        }
                    }
                }
                for (r, sums) in sums.iter().enumerate() {
                    for (half, sum) in sums.iter().enumerate() {
                        _mm256_storeu_ps(output.as_mut_ptr().add(r * width + group * LANES + half * 8), *sum);
                    }
                }
            }
        }
    }
}
