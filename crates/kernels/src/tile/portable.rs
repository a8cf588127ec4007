//! Products of 16 bits in plain Rust.

use super::{Scratch, Transform, Vector, Work, stages};
use crate::pack::LANES;

/// 1.5 × 2²³: adding it rounds a float to an integer.
const ROUND: f32 = 12_582_912.0;

/// Numbers one by one, as the compiler likes.
#[derive(Clone, Copy)]
struct Numbers([f32; 8]);

impl Numbers {
    fn with(self, other: Self, combine: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|lane| combine(self.0[lane], other.0[lane])))
    }
}

impl Vector for Numbers {
    const LANES: usize = 8;

    fn zero() -> Self {
        Self([0.0; 8])
    }

    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: by the contract.
        Self(unsafe { from.cast::<[f32; 8]>().read_unaligned() })
    }

    unsafe fn store(self, to: *mut f32) {
        // SAFETY: by the contract.
        unsafe { to.cast::<[f32; 8]>().write_unaligned(self.0) }
    }

    fn plus(self, other: Self) -> Self {
        self.with(other, |a, b| a + b)
    }

    fn minus(self, other: Self) -> Self {
        self.with(other, |a, b| a - b)
    }

    fn times(self, factor: f32) -> Self {
        Self(self.0.map(|x| x * factor))
    }

    fn plus_times(self, other: Self, factor: f32) -> Self {
        self.with(other, |a, b| a + b * factor)
    }

    fn plus_product(self, a: Self, b: Self) -> Self {
        Self(std::array::from_fn(|lane| self.0[lane] + a.0[lane] * b.0[lane]))
    }

    fn total(self) -> f32 {
        self.0.iter().sum()
    }

    unsafe fn store_rounded(self, to: *mut i16) {
        // The low bits of a float between 2²³ and 2²⁴ are those of its integer.
        let rounded = self.0.map(|x| (x + ROUND).to_bits() as i16);
        // SAFETY: by the contract.
        unsafe { to.cast::<[i16; 8]>().write_unaligned(rounded) }
    }
}

/// See [`convolve`](super::convolve()).
///
/// # Safety
/// `input` holds all rows of the rows of `output`, which has whole groups of tiles; `scratch` has room for these.
pub unsafe fn convolve<T: Transform>(input: &[f32], work: Work, scratch: &mut Scratch, output: &mut [f32]) {
    let Work { convolution, weights, tiles, .. } = work;
    let (channels, panel) = (convolution.inputs(), convolution.inputs() * LANES);
    // SAFETY: by the contract.
    unsafe { stages::enter::<T, Numbers>(input, work, scratch) };
    for column in (0..convolution.outputs()).step_by(2 * LANES) {
        for half in 0..2 {
            let group = column / LANES + half;
            let panels = weights[group * T::PRODUCTS * panel..].chunks_exact(panel);
            for (product, panel) in panels.take(T::PRODUCTS).enumerate() {
                for tile in 0..tiles {
                    let at = product * tiles + tile;
                    let sums = products(&scratch.quantized[at * channels..][..channels], panel);
                    let line = &mut scratch.products[(tile * T::PRODUCTS + product) * 2 + half];
                    line.0 = sums.map(|sum| sum as f32 * scratch.scales[at]);
                }
            }
        }
        // SAFETY: by the contract.
        unsafe { stages::leave::<T, Numbers>(work, scratch, column, output) };
    }
}

/// The sums of a group of outputs.
fn products(factors: &[i16], panel: &[i16]) -> [i32; LANES] {
    let mut sums = [0_i32; LANES];
    for (factors, weights) in factors.as_chunks::<2>().0.iter().zip(panel.as_chunks::<{ 2 * LANES }>().0) {
        let [first, second] = factors.map(i32::from);
        for (sum, weights) in sums.iter_mut().zip(weights.as_chunks::<2>().0) {
            *sum += first * i32::from(weights[0]) + second * i32::from(weights[1]);
        }
    }
    sums
}
