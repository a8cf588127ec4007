//! Products of 16 bits with AVX-512 VNNI: `vpdpwssd` adds two products to each of sixteen sums.

use std::arch::asm;
use std::arch::x86_64::{
    __m512, __m512i, _MM_HINT_T0, _mm_prefetch, _mm256_storeu_si256, _mm512_add_ps, _mm512_cvtepi32_epi16,
    _mm512_cvtepi32_ps, _mm512_cvtps_epi32, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_loadu_si512,
    _mm512_mul_ps, _mm512_reduce_add_ps, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps,
    _mm512_setzero_si512, _mm512_storeu_ps, _mm512_sub_ps,
};

use super::{Scratch, Transform, Vector, Work, stages};
use crate::pack::LANES;

/// Tiles whose products are made at once: with two groups of outputs each, their sums take 24 of the 32 registers.
pub const MOST_TILES: usize = 12;

/// Sixteen floats.
#[derive(Clone, Copy)]
struct Floats(__m512);

#[allow(clippy::inline_always, reason = "inlined into functions that have the instructions")]
impl Vector for Floats {
    const LANES: usize = 16;

    #[inline(always)]
    fn zero() -> Self {
        // SAFETY: only functions for these instructions use the type.
        Self(unsafe { _mm512_setzero_ps() })
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: by the contract.
        Self(unsafe { _mm512_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: by the contract.
        unsafe { _mm512_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        // SAFETY: only functions for these instructions use the type.
        Self(unsafe { _mm512_add_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_sub_ps(self.0, other.0) })
    }

    #[inline(always)]
    fn times(self, factor: f32) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_mul_ps(self.0, _mm512_set1_ps(factor)) })
    }

    #[inline(always)]
    fn plus_times(self, other: Self, factor: f32) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_fmadd_ps(other.0, _mm512_set1_ps(factor), self.0) })
    }

    #[inline(always)]
    fn plus_product(self, a: Self, b: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_fmadd_ps(a.0, b.0, self.0) })
    }

    #[inline(always)]
    fn total(self) -> f32 {
        // SAFETY: as above.
        unsafe { _mm512_reduce_add_ps(self.0) }
    }

    #[inline(always)]
    unsafe fn store_rounded(self, to: *mut i16) {
        // SAFETY: as above, and by the contract.
        unsafe { _mm256_storeu_si256(to.cast(), _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(self.0))) };
    }
}

/// See [`convolve`](super::convolve()).
///
/// # Safety
/// `input` holds all rows of the rows of `output`, which has whole groups of tiles; `scratch` has room for these.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma")]
pub unsafe fn convolve<T: Transform>(input: &[f32], work: Work, scratch: &mut Scratch, output: &mut [f32]) {
    let Work { convolution, tiles, .. } = work;
    // SAFETY: by the contract.
    unsafe { enter::<T>(input, work, scratch) };
    for column in (0..convolution.outputs()).step_by(2 * LANES) {
        for product in 0..T::PRODUCTS {
            let mut tile = 0;
            while tile < tiles {
                let count = MOST_TILES.min(tiles - tile);
                // SAFETY: product, column and tiles are within their bounds.
                unsafe { some_products(work, (product, column), (tile, count), scratch) };
                tile += count;
            }
        }
        // SAFETY: by the contract.
        unsafe { leave::<T>(work, scratch, column, output) };
    }
}

/// One product of `count` tiles from `tile` on and of two groups of outputs from `column` on.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn some_products(
    work: Work,
    (product, column): (usize, usize),
    (tile, count): (usize, usize),
    scratch: &mut Scratch,
) {
    macro_rules! for_count {
        ($($count:literal)*) => {
            match count {
                // SAFETY: by the contract.
                $($count => unsafe { products::<$count>(work, (product, column), tile, scratch) },)*
                _ => unreachable!("at most {MOST_TILES} tiles"),
            }
        };
    }
    for_count!(1 2 3 4 5 6 7 8 9 10 11 12);
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn products<const TILES: usize>(
    work: Work,
    (product, column): (usize, usize),
    tile: usize,
    scratch: &mut Scratch,
) {
    let Work { convolution, tiles, .. } = work;
    let (channels, all) = (convolution.inputs(), convolution.products());
    let at = product * tiles + tile;
    let next: [_; 2] = std::array::from_fn(|g| work.panel(column / LANES + g, product + 1));
    // SAFETY: a group has a panel of `channels` rows of sixteen factors for every product; `scratch` has factors, scales and
    // products of all tiles.
    unsafe {
        let factors = scratch.quantized.as_ptr().add(at * channels);
        let weights: [_; 2] = std::array::from_fn(|g| work.panel(column / LANES + g, product));
        let mut sums = [[_mm512_setzero_si512(); 2]; TILES];
        for pair in 0..channels / 2 {
            let packed: [_; 2] =
                std::array::from_fn(|g| _mm512_loadu_si512(weights[g].add(pair * 2 * LANES).cast()));
            for next in next {
                _mm_prefetch::<_MM_HINT_T0>(next.wrapping_add(pair * 2 * LANES).cast());
            }
            for (t, sums) in sums.iter_mut().enumerate() {
                let two = factors.add(t * channels + 2 * pair).cast::<i32>().read_unaligned();
                let two = _mm512_set1_epi32(two);
                for g in 0..2 {
                    sums[g] = add_products(sums[g], two, packed[g]);
                }
            }
        }
        for (t, sums) in sums.iter().enumerate() {
            let scale = _mm512_set1_ps(*scratch.scales.as_ptr().add(at + t));
            let lines = scratch.products.as_mut_ptr().add(((tile + t) * all + product) * 2);
            for (g, sums) in sums.iter().enumerate() {
                _mm512_storeu_ps(lines.add(g).cast(), _mm512_mul_ps(_mm512_cvtepi32_ps(*sums), scale));
            }
        }
    }
}

/// `vpdpwssd` itself: for its intrinsic the compiler takes two instructions, as if it were slow.
#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn add_products(mut sums: __m512i, factors: __m512i, weights: __m512i) -> __m512i {
    // SAFETY: it reads and writes registers alone.
    unsafe {
        asm!(
            "vpdpwssd {sums}, {factors}, {weights}",
            sums = inout(zmm_reg) sums,
            factors = in(zmm_reg) factors,
            weights = in(zmm_reg) weights,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sums
}

/// See [`stages::enter`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma")]
unsafe fn enter<T: Transform>(input: &[f32], work: Work, scratch: &mut Scratch) {
    // SAFETY: by the contract.
    unsafe { stages::enter::<T, Floats>(input, work, scratch) };
}

/// See [`stages::leave`].
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,fma")]
unsafe fn leave<T: Transform>(work: Work, scratch: &Scratch, column: usize, output: &mut [f32]) {
    // SAFETY: by the contract.
    unsafe { stages::leave::<T, Floats>(work, scratch, column, output) };
}
