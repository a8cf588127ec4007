//! The recurrent part of an LSTM: one product of a matrix and a vector a step, which no other step can share.
//!
//! The matrix has 8-bit weights and stays in the second-level cache. The vector, between −1 and 1, is kept as 16-bit
//! integers and so loses no accuracy. Reading the weights takes most of the time.

use super::isa::Kind;
use super::pack::{LANES, MappedSlice, Shape};
use super::{Isa, dense, portable};
#[cfg(target_arch = "x86_64")]
use super::{avx2_wide, avx512};

/// The most units a layer may have in one direction.
pub const MOST_UNITS: usize = 512;

/// Recurrent weights of one direction, packed as a convolution of width 1.
pub struct Recurrence {
    units: usize,
    weights: MappedSlice<u8>,
    offsets: MappedSlice<i32>,
    scale: f32,
}

impl Recurrence {
    /// The shape of the matrix: the four gates of each unit.
    pub const fn shape(units: usize) -> Shape {
        Shape { inputs: units, outputs: 4 * units, taps: 1 }
    }

    /// Weights of `units` units; a weight is its byte times `scale`. `None` when the lengths don't fit.
    pub fn new(
        units: usize,
        weights: MappedSlice<u8>,
        offsets: MappedSlice<i32>,
        scale: f32,
    ) -> Option<Self> {
        let shape = Self::shape(units);
        let fits = units.is_multiple_of(LANES)
            && units <= MOST_UNITS
            && weights.len() == shape.bytes()
            && offsets.len() == shape.outputs;
        fits.then_some(Self { units, weights, offsets, scale })
    }

    /// Units of the layer.
    pub const fn units(&self) -> usize {
        self.units
    }

    /// The value of one unit in the sums of [`recur`](recur()).
    pub fn factor(&self) -> f32 {
        self.scale / dense::STATE_STEPS
    }

    /// The packed weights.
    pub(super) fn weights(&self) -> &[u8] {
        &self.weights
    }

    /// See [`offsets`](super::pack::offsets()).
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "others multiply signed numbers"))]
    pub(super) fn offsets(&self) -> &[i32] {
        &self.offsets
    }
}

/// The products of the recurrent weights and `state` (a unit each, 1 is 32,767), exactly: four gates a unit.
///
/// # Panics
/// When lengths differ.
pub fn recur(isa: Isa, recurrence: &Recurrence, state: &[i16], sums: &mut [i32]) {
    assert!(state.len() == recurrence.units && sums.len() == 4 * recurrence.units);
    match isa.kind() {
        // SAFETY: only `Isa::available` makes an `Isa`, after it asked the processor for the instructions; the lengths
        // fit, see above and `Recurrence::new`.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => unsafe { avx512::recur(recurrence, state, sums) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::AvxVnni | Kind::Avx2 => unsafe { avx2_wide::recur(recurrence, state, sums) },
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => portable::recur(recurrence, state, sums),
        Kind::Portable => portable::recur(recurrence, state, sums),
    }
}
