//! Inner products with AVX2: `vpmaddubsw` makes 32 products of bytes and adds them in pairs, in 16 bits and with saturation.
//!
//! An int8 export for processors without VNNI keeps its weights within seven bits, so that no pair can saturate, and
//! mostly not even two of them. In one of eight bits, few pairs are that large: the steps that have some are made in 32
//! bits, see [`Fit16`]. Where they are many, all are made by [`avx2_wide`](super::avx2_wide).

use std::arch::x86_64::{
    __m256, __m256i, _MM_FROUND_TO_NEAREST_INT, _mm_cvtepu8_epi16, _mm_cvtsi32_si128, _mm_loadu_si128,
    _mm_storeu_si128, _mm256_add_epi16, _mm256_add_epi32, _mm256_add_ps, _mm256_broadcastq_epi64,
    _mm256_cvtepi8_epi16, _mm256_cvtepi32_ps, _mm256_cvtph_ps, _mm256_cvtps_ph, _mm256_fmadd_ps,
    _mm256_loadu_ps, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_max_ps,
    _mm256_min_ps, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps,
};

use super::avx2_wide::folded;
use super::element::{Arithmetic, Element, LARGEST_HALF, PortableArithmetic, f16};
#[cfg(doc)]
use super::pack::Fit16;
use super::pack::{LANES, PackedConvolution};
use super::{Leak, Merge, QUAD, RowTransform, WindowWeights, rowwise};

/// Rows of a tile: as floats, with [`VECTORS`] vectors each, their sums take twelve of the sixteen registers.
pub const ROW_TILE: usize = 6;
/// Rows of bytes that are summed at a time: with the weights of two quads and their products they just fit into the registers.
const ROWS: usize = ROW_TILE / 2;
/// Vectors that hold the sums of a group of outputs.
pub const VECTORS: usize = 2;

/// See [`quantize`](super::quantize()).
#[target_feature(enable = "avx2,fma,f16c")]
pub fn quantize<T: Element>(input: &[T], transform: &RowTransform, bytes: &mut [u8], scales: &mut [f32]) {
    // SAFETY: this function is compiled for these instructions, and the processor that runs it has them.
    let arithmetic = unsafe { Avx2Arithmetic::new() };
    rowwise::quantize(arithmetic, input, transform, bytes, scales);
}

/// See [`transform_rows`](super::tile::rows::transform_rows()).
#[target_feature(enable = "avx2,fma,f16c")]
pub fn transform_rows<T: Element>(input: &[T], transform: &RowTransform, output: &mut [f32], pitch: usize) {
    // SAFETY: this function is compiled for these instructions, and the processor that runs it has them.
    let arithmetic = unsafe { Avx2Arithmetic::new() };
    rowwise::transform_rows(arithmetic, input, transform, output, pitch);
}

/// See [`merge`](super::merge()).
#[target_feature(enable = "avx2,fma,f16c")]
pub fn merge<T: Element>(fresh: &mut [f32], merge: Merge<T>, output: &mut [T], sums: &mut [f32]) {
    // SAFETY: this function is compiled for these instructions, and the processor that runs it has them.
    let arithmetic = unsafe { Avx2Arithmetic::new() };
    rowwise::merge(arithmetic, fresh, merge, output, sums);
}

/// See [`widen`](super::widen()).
#[target_feature(enable = "avx2,fma,f16c")]
pub fn widen<T: Element>(numbers: &[T], leak: Leak, floats: &mut [f32]) {
    // SAFETY: this function is compiled for these instructions, and the processor that runs it has them.
    let arithmetic = unsafe { Avx2Arithmetic::new() };
    rowwise::widen(arithmetic, numbers, leak, floats);
}

/// Halves by `vcvtph2ps` and `vcvtps2ph`, products and sums in one.
#[derive(Clone, Copy)]
struct Avx2Arithmetic {
    _private: (),
}

impl Avx2Arithmetic {
    /// # Safety
    /// The processor has the instructions that the functions of this module are compiled for.
    unsafe fn new() -> Self {
        Self { _private: () }
    }
}

/// Halves that a vector holds when they are floats.
const HALVES: usize = 8;

#[allow(clippy::inline_always, reason = "inlined into functions that have the instructions")]
impl Arithmetic for Avx2Arithmetic {
    #[inline(always)]
    fn widen(self, halves: &[f16], floats: &mut [f32]) {
        let (halves, halves_left) = halves.as_chunks::<HALVES>();
        let (floats, floats_left) = floats.as_chunks_mut::<HALVES>();
        for (halves, floats) in halves.iter().zip(floats) {
            // SAFETY: `self` proves that the processor has the instructions; both hold a vector.
            unsafe {
                let widened = _mm256_cvtph_ps(_mm_loadu_si128(halves.as_ptr().cast()));
                _mm256_storeu_ps(floats.as_mut_ptr(), widened);
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
                let widened = _mm256_cvtph_ps(_mm_loadu_si128(halves.as_ptr().cast()));
                let sum = _mm256_add_ps(_mm256_loadu_ps(floats.as_ptr()), widened);
                _mm256_storeu_ps(floats.as_mut_ptr(), sum);
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
                let least = _mm256_max_ps(_mm256_set1_ps(-LARGEST_HALF), _mm256_loadu_ps(floats.as_ptr()));
                let storable = _mm256_min_ps(_mm256_set1_ps(LARGEST_HALF), least);
                _mm_storeu_si128(
                    halves.as_mut_ptr().cast(),
                    _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(storable),
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

/// See [`convolve`](super::convolve()), for a convolution of which at least one quad fits into 16 bits.
///
/// # Safety
/// `bytes` and `scales` hold all input rows of the rows of `output`; `output` has whole tiles of rows.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn convolve(
    bytes: &[u8],
    scales: &[f32],
    convolution: &PackedConvolution,
    dilation: usize,
    output: &mut [f32],
) {
    let outputs = convolution.outputs();
    let sums_two = convolution.fit_16().quads == 2;
    for group in 0..outputs / LANES {
        for (tile, output) in output.chunks_exact_mut(ROWS * outputs).enumerate() {
            let place = (tile * ROWS, group);
            // SAFETY: the tile's rows and their inputs are there, by the contract.
            unsafe {
                if sums_two {
                    tile_of::<2>(bytes, scales, convolution, dilation, place, output);
                } else {
                    tile_of::<1>(bytes, scales, convolution, dilation, place, output);
                }
            }
        }
    }
}

/// One tile: rows from `row` on, the outputs of `group`. `QUADS` quads of inputs are summed in 16 bits.
#[target_feature(enable = "avx2,fma")]
#[inline]
unsafe fn tile_of<const QUADS: usize>(
    bytes: &[u8],
    scales: &[f32],
    convolution: &PackedConvolution,
    dilation: usize,
    (row, group): (usize, usize),
    output: &mut [f32],
) {
    let (inputs, taps) = (convolution.inputs(), convolution.taps());
    debug_assert!((row + ROWS - 1 + (taps - 1) * dilation) < scales.len());
    let ones = _mm256_set1_epi16(1);
    let exceptions = &convolution.fit_16().exceptions;
    // SAFETY: taps × inputs × 16 bytes of weights lie behind the group's beginning and are read in whole steps, taps ×
    // 16 offsets behind the group's offsets. The contract of `convolve` bounds the rows read. The tile of `output` has
    // ROWS rows of `outputs` numbers.
    unsafe {
        let mut weights = convolution.weights().as_ptr().add(group * taps * inputs * LANES);
        let offsets = convolution.offsets().as_ptr().add(group * taps * LANES);
        let mut sums = [[_mm256_setzero_ps(); VECTORS]; ROWS];
        for tap in 0..taps {
            let first = row + tap * dilation;
            let mut input = bytes.as_ptr().add(first * inputs);
            let offsets = offsets.add(tap * LANES);
            let start: [__m256i; VECTORS] =
                std::array::from_fn(|v| _mm256_loadu_si256(offsets.add(v * 8).cast()));
            let mut products = [start; ROWS];
            let mut exceptions = exceptions.get(group * taps + tap).map_or(&[][..], Vec::as_slice).iter();
            let mut done = 0;
            loop {
                let exception = exceptions.next();
                let stop = exception.map_or(inputs / (QUADS * QUAD), |exception| usize::from(exception.step));
                for _ in done..stop {
                    for v in 0..VECTORS {
                        let packed: [__m256i; QUADS] = std::array::from_fn(|q| {
                            _mm256_loadu_si256(weights.add(q * LANES * QUAD + v * 32).cast())
                        });
                        for (r, products) in products.iter_mut().enumerate() {
                            let pairs = |q: usize| {
                                let four = input.add(r * inputs + q * QUAD).cast::<i32>().read_unaligned();
                                _mm256_maddubs_epi16(_mm256_set1_epi32(four), packed[q])
                            };
                            let pairs = (1..QUADS).fold(pairs(0), |sum, q| _mm256_add_epi16(sum, pairs(q)));
                            products[v] = _mm256_add_epi32(products[v], _mm256_madd_epi16(pairs, ones));
                        }
                    }
                    input = input.add(QUADS * QUAD);
                    weights = weights.add(QUADS * LANES * QUAD);
                }
                let Some(exception) = exception else { break };
                for is_wide in &exception.is_wide[..QUADS] {
                    for (r, products) in products.iter_mut().enumerate() {
                        for (v, product) in products.iter_mut().enumerate() {
                            let (weights, input) = (weights.add(v * 32), input.add(r * inputs));
                            let quad = if *is_wide {
                                wide_products(weights, input)
                            } else {
                                let four = _mm256_set1_epi32(input.cast::<i32>().read_unaligned());
                                let packed = _mm256_loadu_si256(weights.cast());
                                _mm256_madd_epi16(_mm256_maddubs_epi16(four, packed), ones)
                            };
                            *product = _mm256_add_epi32(*product, quad);
                        }
                    }
                    input = input.add(QUAD);
                    weights = weights.add(LANES * QUAD);
                }
                done = stop + 1;
            }
            add_scaled(&mut sums, products, &scales[first..]);
        }
        finish(&sums, convolution, group, output);
    }
}

/// Adds the products of a tap, each row times its scale.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub fn add_scaled<const ROWS: usize>(
    sums: &mut [[__m256; VECTORS]; ROWS],
    products: [[__m256i; VECTORS]; ROWS],
    scales: &[f32],
) {
    for ((sums, products), scale) in sums.iter_mut().zip(products).zip(scales) {
        let scale = _mm256_set1_ps(*scale);
        for (sum, product) in sums.iter_mut().zip(products) {
            *sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(product), scale, *sum);
        }
    }
}

/// Writes a tile, gain and bias applied.
///
/// # Safety
/// `output` has as many rows as `sums`, and `group` is one of the convolution's.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub unsafe fn finish<const ROWS: usize>(
    sums: &[[__m256; VECTORS]; ROWS],
    convolution: &PackedConvolution,
    group: usize,
    output: &mut [f32],
) {
    let outputs = convolution.outputs();
    debug_assert!(output.len() >= ROWS * outputs && (group + 1) * LANES <= outputs);
    for v in 0..VECTORS {
        let column = group * LANES + v * 8;
        // SAFETY: every group has 16 gains and 16 numbers of bias, and the rows are there, by the contract.
        unsafe {
            let gain = _mm256_loadu_ps(convolution.gains().as_ptr().add(column));
            let bias = _mm256_loadu_ps(convolution.bias().as_ptr().add(column));
            for (r, sums) in sums.iter().enumerate() {
                let finished = _mm256_fmadd_ps(sums[v], gain, bias);
                _mm256_storeu_ps(output.as_mut_ptr().add(r * outputs + column), finished);
            }
        }
    }
}

/// The sums of a quad of bytes times the weights of eight outputs, in 32 bits.
///
/// # Safety
/// 32 weights lie behind `weights`, four bytes behind `input`.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn wide_products(weights: *const u8, input: *const u8) -> __m256i {
    // SAFETY: by the contract.
    unsafe {
        let four = _mm256_broadcastq_epi64(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(
            input.cast::<i32>().read_unaligned(),
        )));
        let products = |half: usize| {
            let weights = _mm256_cvtepi8_epi16(_mm_loadu_si128(weights.add(half * 16).cast()));
            _mm256_madd_epi16(weights, four)
        };
        folded(products(0), products(1))
    }
}

/// See [`multiply_windows`](super::multiply_windows()).
///
/// # Safety
/// `input` reaches to the end of the last row's window; `output` has whole tiles of rows.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn multiply_windows(input: &[f32], stride: usize, weights: &WindowWeights, output: &mut [f32]) {
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
