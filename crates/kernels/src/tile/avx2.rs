//! Products of 16 bits with AVX2: `vpmaddwd` makes sixteen of them, and adds them in pairs.

use std::arch::x86_64::{
    __m256, _MM_HINT_T0, _mm_add_ps, _mm_add_ss, _mm_cvtss_f32, _mm_movehdup_ps, _mm_movehl_ps,
    _mm_packs_epi32, _mm_prefetch, _mm_storeu_si128, _mm256_add_epi32, _mm256_add_ps, _mm256_castps256_ps128,
    _mm256_castsi256_si128, _mm256_cvtepi32_ps, _mm256_cvtps_epi32, _mm256_extractf128_ps,
    _mm256_extracti128_si256, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_loadu_si256, _mm256_madd_epi16,
    _mm256_mul_ps, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_ps, _mm256_setzero_si256,
    _mm256_storeu_ps, _mm256_sub_ps,
};

use super::{Scratch, Transform, Vector, Work, stages};
use crate::pack::LANES;

/// Tiles whose products are made at once: with two vectors each, their sums take twelve of the sixteen registers.
pub const MOST_TILES: usize = 6;

/// Vectors that hold a group of outputs.
const VECTORS: usize = 2;

/// Eight floats.
#[derive(Clone, Copy)]
struct Floats(__m256);

#[allow(clippy::inline_always, reason = "inlined into functions that have the instructions")]
impl Vector for Floats {
    const LANES: usize = 8;

    #[inline(always)]
    fn zero() -> Self {
        // SAFETY: only functions for these instructions use the type.
        Self(unsafe { _mm256_setzero_ps() })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: by the contract.
        Self(unsafe { _mm256_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: by the contract.
        unsafe { _mm256_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        // SAFETY: only functions for these instructions use the type.
        Self(unsafe { _mm256_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm256_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn times(self, factor: f32) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm256_mul_ps(self.0, _mm256_set1_ps(factor)) })
    }

    #[inline(always)]
    fn plus_times(self, other: Self, factor: f32) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm256_fmadd_ps(other.0, _mm256_set1_ps(factor), self.0) })
    }

    #[inline(always)]
    fn plus_product(self, a: Self, b: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm256_fmadd_ps(a.0, b.0, self.0) })
    }

    #[inline(always)]
    fn total(self) -> f32 {
        // SAFETY: as above.
        unsafe {
            let four = _mm_add_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
    }

    #[inline(always)]
    unsafe fn store_rounded(self, to: *mut i16) {
        // SAFETY: as above, and by the contract.
        unsafe {
            let rounded = _mm256_cvtps_epi32(self.0);
            let halves = (_mm256_castsi256_si128(rounded), _mm256_extracti128_si256::<1>(rounded));
            _mm_storeu_si128(to.cast(), _mm_packs_epi32(halves.0, halves.1));
        }
    }
}

/// See [`convolve`](super::convolve()).
///
/// # Safety
/// `input` holds all rows of the rows of `output`, which has whole groups of tiles; `scratch` has room for these.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn convolve<T: Transform>(input: &[f32], work: Work, scratch: &mut Scratch, output: &mut [f32]) {
    let Work { convolution, tiles, .. } = work;
    // SAFETY: by the contract.
    unsafe { enter::<T>(input, work, scratch) };
    for column in (0..convolution.outputs()).step_by(2 * LANES) {
        for (product, half) in (0..T::PRODUCTS).flat_map(|product| [(product, 0), (product, 1)]) {
            let mut tile = 0;
            let next = match half {
                0 => work.panel(column / LANES + 1, product),
                _ => work.panel(column / LANES, product + 1),
            };
            while tile < tiles {
                let count = MOST_TILES.min(tiles - tile);
                let group = (product, column / LANES + half, half);
                // SAFETY: product, group and tiles are within their bounds.
                unsafe { some_products(work, group, (tile, count), next, scratch) };
                tile += count;
            }
        }
        // SAFETY: by the contract.
        unsafe { leave::<T>(work, scratch, column, output) };
    }
}

/// One product of `count` tiles from `tile` on and of a group of outputs; `half` is its place beside the other. The next panel of factors
/// begins at `next`.
#[target_feature(enable = "avx2,fma")]
unsafe fn some_products(
    work: Work,
    (product, group, half): (usize, usize, usize),
    (tile, count): (usize, usize),
    next: *const i16,
    scratch: &mut Scratch,
) {
    macro_rules! for_count {
        ($($count:literal)*) => {
            match count {
                // SAFETY: by the contract.
                $($count => unsafe { products::<$count>(work, (product, group, half), tile, next, scratch) },)*
                _ => unreachable!("at most {MOST_TILES} tiles"),
            }
        };
    }
    for_count!(1 2 3 4 5 6);
}

#[target_feature(enable = "avx2,fma")]
unsafe fn products<const TILES: usize>(
    work: Work,
    (product, group, half): (usize, usize, usize),
    tile: usize,
    next: *const i16,
    scratch: &mut Scratch,
) {
    let Work { convolution, tiles, .. } = work;
    let (channels, all) = (convolution.inputs(), convolution.products());
    let at = product * tiles + tile;
    // SAFETY: a group has a panel of `channels` rows of sixteen factors for every product; `scratch` has factors, scales and
    // products of all tiles.
    unsafe {
        let factors = scratch.quantized.as_ptr().add(at * channels);
        let weights = work.panel(group, product);
        let mut sums = [[_mm256_setzero_si256(); VECTORS]; TILES];
        for pair in 0..channels / 2 {
            let packed: [_; VECTORS] =
                std::array::from_fn(|v| _mm256_loadu_si256(weights.add((pair * VECTORS + v) * LANES).cast()));
            _mm_prefetch::<_MM_HINT_T0>(next.wrapping_add(pair * 2 * LANES).cast());
            for (t, sums) in sums.iter_mut().enumerate() {
                let two = factors.add(t * channels + 2 * pair).cast::<i32>().read_unaligned();
                let two = _mm256_set1_epi32(two);
                for v in 0..VECTORS {
                    sums[v] = _mm256_add_epi32(sums[v], _mm256_madd_epi16(two, packed[v]));
                }
            }
        }
        for (t, sums) in sums.iter().enumerate() {
            let scale = _mm256_set1_ps(*scratch.scales.as_ptr().add(at + t));
            let line = scratch.products.as_mut_ptr().add(((tile + t) * all + product) * 2 + half);
            for (v, sums) in sums.iter().enumerate() {
                let product = _mm256_mul_ps(_mm256_cvtepi32_ps(*sums), scale);
                _mm256_storeu_ps(line.cast::<f32>().add(v * LANES / VECTORS), product);
            }
        }
    }
}

/// See [`stages::enter`].
#[target_feature(enable = "avx2,fma")]
unsafe fn enter<T: Transform>(input: &[f32], work: Work, scratch: &mut Scratch) {
    // SAFETY: by the contract.
    unsafe { stages::enter::<T, Floats>(input, work, scratch) };
}

/// See [`stages::leave`].
#[target_feature(enable = "avx2,fma")]
unsafe fn leave<T: Transform>(work: Work, scratch: &Scratch, column: usize, output: &mut [f32]) {
    // SAFETY: by the contract.
    unsafe { stages::leave::<T, Floats>(work, scratch, column, output) };
}
