//! Inner products with AVX-512 VNNI: `vpdpbusd` adds four products of bytes to each of sixteen sums.
//!
//! Each step computes six rows and two groups of sixteen outputs. Twelve integer sums hide the latency of the
//! instruction; after every tap they are scaled and added to twelve float sums. All of these stay in registers.

use std::arch::x86_64::{
    __m512, _MM_FROUND_TO_NEAREST_INT, _mm256_loadu_si256, _mm256_storeu_si256, _mm512_add_epi32,
    _mm512_add_ps, _mm512_cvtepi32_ps, _mm512_cvtph_ps, _mm512_cvtps_ph, _mm512_dpbusd_epi32,
    _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_loadu_si512, _mm512_max_ps, _mm512_min_ps, _mm512_set1_epi32,
    _mm512_set1_ps, _mm512_setzero_si512, _mm512_slli_epi32, _mm512_storeu_ps, _mm512_storeu_si512,
};

use super::element::{Arithmetic, Element, LARGEST_HALF, PortableArithmetic, f16};
use super::pack::{LANES, PackedConvolution};
use super::recurrence::MOST_UNITS;
use super::{Leak, Merge, QUAD, Recurrence, RowTransform, WindowWeights, ZERO, rowwise};

/// Rows of a tile.
pub const ROW_TILE: usize = 6;

/// See [`quantize`](super::quantize()).
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,fma")]
pub fn quantize<T: Element>(input: &[T], transform: &RowTransform, bytes: &mut [u8], scales: &mut [f32]) {
    // SAFETY: this function is compiled for these instructions, and the processor that runs it has them.
    let arithmetic = unsafe { Avx512Arithmetic::new() };
    rowwise::quantize(arithmetic, input, transform, bytes, scales);
}

/// See [`transform_rows`](super::tile::rows::transform_rows()).
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,fma")]
pub fn transform_rows<T: Element>(input: &[T], transform: &RowTransform, output: &mut [f32], pitch: usize) {
    // SAFETY: this function is compiled for these instructions, and the processor that runs it has them.
    let arithmetic = unsafe { Avx512Arithmetic::new() };
    rowwise::transform_rows(arithmetic, input, transform, output, pitch);
}

/// See [`merge`](super::merge()).
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,fma")]
pub fn merge<T: Element>(fresh: &mut [f32], merge: Merge<T>, output: &mut [T], sums: &mut [f32]) {
    // SAFETY: this function is compiled for these instructions, and the processor that runs it has them.
    let arithmetic = unsafe { Avx512Arithmetic::new() };
    rowwise::merge(arithmetic, fresh, merge, output, sums);
}

/// See [`widen`](super::widen()).
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,fma")]
pub fn widen<T: Element>(numbers: &[T], leak: Leak, floats: &mut [f32]) {
    // SAFETY: this function is compiled for these instructions, and the processor that runs it has them.
    let arithmetic = unsafe { Avx512Arithmetic::new() };
    rowwise::widen(arithmetic, numbers, leak, floats);
}

/// Halves by `vcvtph2ps` and `vcvtps2ph`, products and sums in one.
#[derive(Clone, Copy)]
struct Avx512Arithmetic {
    _private: (),
}

impl Avx512Arithmetic {
    /// # Safety
    /// The processor has the instructions that the functions of this module are compiled for.
    unsafe fn new() -> Self {
        Self { _private: () }
    }
}

/// Halves that a vector holds when they are floats.
const HALVES: usize = 16;

#[allow(clippy::inline_always, reason = "inlined into functions that have the instructions")]
impl Arithmetic for Avx512Arithmetic {
    #[inline(always)]
    fn widen(self, halves: &[f16], floats: &mut [f32]) {
        let (halves, halves_left) = halves.as_chunks::<HALVES>();
        let (floats, floats_left) = floats.as_chunks_mut::<HALVES>();
        for (halves, floats) in halves.iter().zip(floats) {
            // SAFETY: `self` proves that the processor has the instructions; both hold a vector.
            unsafe {
                let widened = _mm512_cvtph_ps(_mm256_loadu_si256(halves.as_ptr().cast()));
                _mm512_storeu_ps(floats.as_mut_ptr(), widened);
            }
        }
        if !halves_left.is_empty() {
            PortableArithmetic.widen(halves_left, floats_left);
        }
    }

    #[inline(always)]
    fn add(self, halves: &[f16], floats: &mut [f32]) {
        let (halves, halves_left) = halves.as_chunks::<HALVES>();
        let (floats, floats_left) = floats.as_chunks_mut::<HALVES>();
        for (halves, floats) in halves.iter().zip(floats) {
            // SAFETY: as above.
            unsafe {
                let widened = _mm512_cvtph_ps(_mm256_loadu_si256(halves.as_ptr().cast()));
                let sum = _mm512_add_ps(_mm512_loadu_ps(floats.as_ptr()), widened);
                _mm512_storeu_ps(floats.as_mut_ptr(), sum);
            }
        }
        if !halves_left.is_empty() {
            PortableArithmetic.add(halves_left, floats_left);
        }
    }

    #[inline(always)]
    fn narrow(self, floats: &[f32], halves: &mut [f16]) {
        let (halves, halves_left) = halves.as_chunks_mut::<HALVES>();
        let (floats, floats_left) = floats.as_chunks::<HALVES>();
        for (halves, floats) in halves.iter_mut().zip(floats) {
            // SAFETY: as above.
            unsafe {
                let least = _mm512_max_ps(_mm512_set1_ps(-LARGEST_HALF), _mm512_loadu_ps(floats.as_ptr()));
                let storable = _mm512_min_ps(_mm512_set1_ps(LARGEST_HALF), least);
                _mm256_storeu_si256(
                    halves.as_mut_ptr().cast(),
                    _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(storable),
                );
            }
        }
        if !halves_left.is_empty() {
            PortableArithmetic.narrow(floats_left, halves_left);
        }
    }

    #[inline(always)]
    fn multiply_add(self, a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
}

/// See [`convolve`](super::convolve()).
///
/// # Safety
/// `bytes` and `scales` hold all input rows of the rows of `output`; `output` has whole tiles of rows.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub unsafe fn convolve(
    bytes: &[u8],
    scales: &[f32],
    convolution: &PackedConvolution,
    dilation: usize,
    output: &mut [f32],
) {
    let outputs = convolution.outputs();
    let pairs = outputs / (2 * LANES);
    for pair in 0..pairs {
        for (tile, output) in output.chunks_exact_mut(ROW_TILE * outputs).enumerate() {
            // SAFETY: the tile's rows and their inputs are there, by the contract; `pair` is within the groups.
            unsafe {
                tile_of::<2>(bytes, scales, convolution, dilation, (tile * ROW_TILE, pair * 2), output);
            };
        }
    }
    if !outputs.is_multiple_of(2 * LANES) {
        for (tile, output) in output.chunks_exact_mut(ROW_TILE * outputs).enumerate() {
            // SAFETY: as above.
            unsafe {
                tile_of::<1>(bytes, scales, convolution, dilation, (tile * ROW_TILE, pairs * 2), output);
            };
        }
    }
}

/// One tile: rows from `row` on, `GROUPS` groups of outputs from `group` on.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
#[inline]
unsafe fn tile_of<const GROUPS: usize>(
    bytes: &[u8],
    scales: &[f32],
    convolution: &PackedConvolution,
    dilation: usize,
    (row, group): (usize, usize),
    output: &mut [f32],
) {
    let (inputs, outputs, taps) = (convolution.inputs(), convolution.outputs(), convolution.taps());
    debug_assert!((row + ROW_TILE - 1 + (taps - 1) * dilation) < scales.len());
    let steps = inputs / QUAD;
    let group_bytes = taps * inputs * LANES;
    // SAFETY: all reads stay within their slices: taps × steps × 64 bytes of weights lie behind the group's beginning,
    // taps × 16 offsets behind the group's offsets. The contract of `convolve` bounds the rows read. The tile of
    // `output` has ROW_TILE rows of `outputs` numbers.
    unsafe {
        let mut weights = [convolution.weights().as_ptr().add(group * group_bytes); GROUPS];
        let mut offsets = [convolution.offsets().as_ptr().add(group * taps * LANES); GROUPS];
        let mut sums: [[__m512; GROUPS]; ROW_TILE] = [[_mm512_set1_ps(0.0); GROUPS]; ROW_TILE];
        for g in 0..GROUPS {
            weights[g] = weights[g].add(g * group_bytes);
            offsets[g] = offsets[g].add(g * taps * LANES);
        }
        for tap in 0..taps {
            let first = row + tap * dilation;
            let mut input = bytes.as_ptr().add(first * inputs);
            let start: [_; GROUPS] =
                std::array::from_fn(|g| _mm512_loadu_si512(offsets[g].add(tap * LANES).cast()));
            let mut products = [start; ROW_TILE];
            for _ in 0..steps {
                let packed: [_; GROUPS] = std::array::from_fn(|g| _mm512_loadu_si512(weights[g].cast()));
                for (r, products) in products.iter_mut().enumerate() {
                    let four = _mm512_set1_epi32(input.add(r * inputs).cast::<i32>().read_unaligned());
                    for g in 0..GROUPS {
                        products[g] = _mm512_dpbusd_epi32(products[g], four, packed[g]);
                    }
                }
                input = input.add(QUAD);
                for weights in &mut weights {
                    *weights = weights.add(LANES * QUAD);
                }
            }
            for (r, (sums, products)) in sums.iter_mut().zip(products).enumerate() {
                let scale = _mm512_set1_ps(*scales.as_ptr().add(first + r));
                for g in 0..GROUPS {
                    sums[g] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(products[g]), scale, sums[g]);
                }
            }
        }
        for g in 0..GROUPS {
            let column = (group + g) * LANES;
            let gain = _mm512_loadu_ps(convolution.gains().as_ptr().add(column));
            let bias = _mm512_loadu_ps(convolution.bias().as_ptr().add(column));
            for (r, sums) in sums.iter().enumerate() {
                let finished = _mm512_fmadd_ps(sums[g], gain, bias);
                _mm512_storeu_ps(output.as_mut_ptr().add(r * outputs + column), finished);
            }
        }
    }
}

/// See [`multiply_windows`](super::multiply_windows()).
///
/// # Safety
/// `input` reaches to the end of the last row's window; `output` has whole tiles of rows.
#[target_feature(enable = "avx512f,fma")]
pub unsafe fn multiply_windows(input: &[f32], stride: usize, weights: &WindowWeights, output: &mut [f32]) {
    let width = weights.width();
    let groups = width / LANES;
    let mut group = 0;
    while group < groups {
        let pair = if group + 1 < groups { 2 } else { 1 };
        for (tile, output) in output.chunks_exact_mut(ROW_TILE * width).enumerate() {
            let input = &input[tile * ROW_TILE * stride..];
            // SAFETY: the window of the tile's last row ends within `input`, by the contract.
            unsafe {
                if pair == 2 {
                    windows_tile::<2>(input, stride, weights, group, output);
                } else {
                    windows_tile::<1>(input, stride, weights, group, output);
                }
            }
        }
        group += pair;
    }
}

#[target_feature(enable = "avx512f,fma")]
#[inline]
unsafe fn windows_tile<const GROUPS: usize>(
    input: &[f32],
    stride: usize,
    weights: &WindowWeights,
    group: usize,
    output: &mut [f32],
) {
    let (depth, width) = (weights.depth, weights.width());
    debug_assert!((ROW_TILE - 1) * stride + depth <= input.len());
    // SAFETY: `depth` rows of 16 weights lie behind every group's beginning; windows lie within `input`, by the contract; the
    // tile of `output` has ROW_TILE rows of `width` numbers.
    unsafe {
        let packed: [_; GROUPS] =
            std::array::from_fn(|g| weights.weights.as_ptr().add((group + g) * depth * LANES));
        let bias: [_; GROUPS] =
            std::array::from_fn(|g| _mm512_loadu_ps(weights.bias.as_ptr().add((group + g) * LANES)));
        let mut sums = [bias; ROW_TILE];
        for d in 0..depth {
            let weights: [_; GROUPS] = std::array::from_fn(|g| _mm512_loadu_ps(packed[g].add(d * LANES)));
            for (r, sums) in sums.iter_mut().enumerate() {
                let x = _mm512_set1_ps(*input.as_ptr().add(r * stride + d));
                for g in 0..GROUPS {
                    sums[g] = _mm512_fmadd_ps(x, weights[g], sums[g]);
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            for (g, sums) in sums.iter().enumerate() {
                _mm512_storeu_ps(output.as_mut_ptr().add(r * width + (group + g) * LANES), *sums);
            }
        }
    }
}

/// Groups of outputs that [`recur`] makes at once.
const GROUPS: usize = 4;

/// See [`recur`](super::recur()). The state is split into its high bytes, offset by 128, and its low ones: two byte
/// products for each weight that is read.
///
/// # Safety
/// `state` has a number for every unit, `sums` four.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub unsafe fn recur(recurrence: &Recurrence, state: &[i16], sums: &mut [i32]) {
    let units = state.len();
    let mut high = [0_u8; MOST_UNITS];
    let mut low = [0_u8; MOST_UNITS];
    for (x, (high, low)) in state.iter().zip(high.iter_mut().zip(&mut low)) {
        let [low_byte, high_byte] = x.to_le_bytes();
        (*high, *low) = (high_byte.wrapping_add(ZERO), low_byte);
    }
    let (weights, offsets) = (recurrence.weights().as_ptr(), recurrence.offsets().as_ptr());
    for block in 0..units / LANES {
        // SAFETY: units × 16 bytes of weights, 16 offsets and 16 sums belong to each of the units / 4 groups, and there are
        // four groups for every 16 units.
        unsafe {
            let first = block * GROUPS;
            let weights: [_; GROUPS] = std::array::from_fn(|g| weights.add((first + g) * units * LANES));
            let mut highs: [_; GROUPS] =
                std::array::from_fn(|g| _mm512_loadu_si512(offsets.add((first + g) * LANES).cast()));
            let mut lows = [_mm512_setzero_si512(); GROUPS];
            for quad in 0..units / QUAD {
                let at = quad * QUAD;
                let four_high = _mm512_set1_epi32(high.as_ptr().add(at).cast::<i32>().read_unaligned());
                let four_low = _mm512_set1_epi32(low.as_ptr().add(at).cast::<i32>().read_unaligned());
                for g in 0..GROUPS {
                    let packed = _mm512_loadu_si512(weights[g].add(at * LANES).cast());
                    highs[g] = _mm512_dpbusd_epi32(highs[g], four_high, packed);
                    lows[g] = _mm512_dpbusd_epi32(lows[g], four_low, packed);
                }
            }
            for g in 0..GROUPS {
                let sum = _mm512_add_epi32(_mm512_slli_epi32::<8>(highs[g]), lows[g]);
                _mm512_storeu_si512(sums.as_mut_ptr().add((first + g) * LANES).cast(), sum);
            }
        }
    }
}
