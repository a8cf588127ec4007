//! The recurrent part of an LSTM: one product of a matrix and a vector a step, which no other step can share.
//!
//! The matrix has 8-bit weights and stays in the second-level cache; the vector, between −1 and 1, is kept as 16-bit
//! integers, so that it costs no accuracy: reading the weights is what takes the time.

use super::pack::{LANES, Numbers, Shape};
use super::{Isa, Normalisation, dense, portable};
#[cfg(target_arch = "x86_64")]
use super::{avx2_wide, avx512};

/// The most units a layer may have in one direction.
pub const MOST_UNITS: usize = 512;

/// Recurrent weights of one direction, packed as a convolution of width 1.
pub struct Recurrence {
    units: usize,
    weights: Numbers<u8>,
    offsets: Numbers<i32>,
    scale: f32,
}

impl Recurrence {
    /// The shape of the matrix: the four gates of each unit.
    pub const fn shape(units: usize) -> Shape {
        Shape { inputs: units, outputs: 4 * units, taps: 1 }
    }

    /// Weights of `units` units; a weight is its byte times `scale`. `None` when the lengths don't fit.
    pub fn new(units: usize, weights: Numbers<u8>, offsets: Numbers<i32>, scale: f32) -> Option<Self> {
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

    /// What one of the sums of [`recur`](recur()) stands for.
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
    match isa {
        // SAFETY: an `Isa` is only made after the processor was asked for the instructions it stands for; the lengths
        // fit, see above and `Recurrence::new`.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => unsafe { avx512::recur(recurrence, state, sums) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => unsafe { avx2_wide::recur(recurrence, state, sums) },
        _ => portable::recur(recurrence, state, sums),
    }
}

/// Defines functions that are written once in [`dense`] and compiled for each set of instructions.
macro_rules! compiled_for_each {
    ($($(#[$doc:meta])* pub fn $name:ident($($argument:ident: $kind:ty),* $(,)?) where $fits:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name(isa: Isa, $($argument: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,fma")]
            fn avx512($($argument: $kind),*) {
                dense::$name($($argument),*);
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($argument: $kind),*) {
                dense::$name($($argument),*);
            }
            assert!($fits);
            match isa {
                // SAFETY: the processor has the instructions, see `recur`.
                #[cfg(target_arch = "x86_64")]
                Isa::Avx512 => unsafe { avx512($($argument),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                Isa::Avx2 => unsafe { avx2($($argument),*) },
                _ => dense::$name($($argument),*),
            }
        }
    )*};
}

compiled_for_each! {
    /// Makes every row have the mean 0 and the variance 1, then applies gain and shift.
    ///
    /// # Panics
    /// When rows are not whole.
    pub fn normalise(rows: &mut [f32], norm: &Normalisation)
        where rows.len().is_multiple_of(norm.gain.len());

    /// Adds `(coarse + fine) × scale + bias` to `rows`, column by column, and normalises them.
    ///
    /// # Panics
    /// When lengths differ.
    pub fn add_and_normalise(
        coarse: &[f32],
        fine: &[f32],
        scale: &[f32],
        bias: &[f32],
        norm: &Normalisation,
        rows: &mut [f32],
    ) where coarse.len() == rows.len()
        && fine.len() == rows.len()
        && rows.len().is_multiple_of(norm.gain.len())
        && scale.len() == norm.gain.len()
        && bias.len() == norm.gain.len();

    /// Puts `(coarse + fine) × scale + bias` into `output`, column by column.
    ///
    /// # Panics
    /// When lengths differ.
    pub fn affine(coarse: &[f32], fine: &[f32], scale: &[f32], bias: &[f32], output: &mut [f32])
        where coarse.len() == output.len()
        && fine.len() == output.len()
        && output.len().is_multiple_of(scale.len())
        && bias.len() == scale.len();

    /// [`affine`](affine()) in place, then the Gaussian error linear unit in its approximation by a hyperbolic tangent.
    ///
    /// # Panics
    /// When lengths differ.
    pub fn gelu(coarse: &mut [f32], fine: &[f32], scale: &[f32], bias: &[f32])
        where coarse.len() == fine.len()
        && fine.len().is_multiple_of(scale.len())
        && bias.len() == scale.len();

    /// The largest size that a number of each column has in any row.
    ///
    /// # Panics
    /// When rows are not whole.
    pub fn column_peaks(rows: &[f32], peaks: &mut [f32]) where rows.len().is_multiple_of(peaks.len());

    /// See [`quantize_fine`](super::quantize_fine()).
    ///
    /// # Panics
    /// When lengths differ.
    pub fn quantize_fine(
        input: &[f32],
        channels: usize,
        bytes: (&mut [u8], &mut [u8]),
        scales: (&mut [f32], &mut [f32]),
    ) where bytes.0.len() == input.len()
        && bytes.1.len() == input.len()
        && scales.0.len() * channels == input.len()
        && scales.1.len() == scales.0.len();

    /// Makes shares that add up to one of the first `count` numbers of every row of `width`.
    ///
    /// # Panics
    /// When rows are not whole.
    pub fn softmax(rows: &mut [f32], width: usize, count: usize)
        where count > 0 && count <= width && rows.len().is_multiple_of(width);

    /// One step of an LSTM. `projected` is what the step's input and the bias bring, `sums` times `factor` what the
    /// state brings: input, output, forget and cell gate, one behind the other. Updates `cell` and `state`, and puts the
    /// state as floats into `hidden`.
    ///
    /// # Panics
    /// When lengths differ.
    pub fn lstm_gates(
        projected: &[f32],
        sums: &[i32],
        factor: f32,
        cell: &mut [f32],
        state: &mut [i16],
        hidden: &mut [f32],
    ) where projected.len() == 4 * cell.len()
        && sums.len() == projected.len()
        && state.len() == cell.len()
        && hidden.len() == cell.len();
}
