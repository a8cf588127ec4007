//! The functions of [`dense`], [`convnext`] and [`spectrum`], each compiled for every set of instructions and called for the one that the
//! processor has.

use super::isa::Kind;
use super::{Complex, DepthwiseConvolution, Isa, Normalisation, Shaping, convnext, dense, spectrum};

/// Defines functions that are written once in a module and compiled for each set of instructions.
macro_rules! compiled_for_each {
    ($module:ident: $($(#[$doc:meta])* pub fn $name:ident($($argument:ident: $kind:ty),* $(,)?) where $fits:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name(isa: Isa, $($argument: $kind),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,fma")]
            fn avx512($($argument: $kind),*) {
                $module::$name($($argument),*);
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($argument: $kind),*) {
                $module::$name($($argument),*);
            }
            assert!($fits);
            match isa.kind() {
                // SAFETY: the processor has the instructions, see `quantize`.
                #[cfg(target_arch = "x86_64")]
                Kind::Avx512 => unsafe { avx512($($argument),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                Kind::AvxVnni | Kind::Avx2 => unsafe { avx2($($argument),*) },
                // The vectors of AArch64 are on wherever its code is compiled.
                #[cfg(target_arch = "aarch64")]
                Kind::Neon => $module::$name($($argument),*),
                Kind::Portable => $module::$name($($argument),*),
            }
        }
    )*};
}

compiled_for_each! {
    dense:

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

    /// The largest absolute value in each column over all rows.
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

    /// Softmax: turns the first `count` numbers of every row of `width` into shares that add up to one.
    ///
    /// # Panics
    /// When rows are not whole.
    pub fn softmax(rows: &mut [f32], width: usize, count: usize)
        where count > 0 && count <= width && rows.len().is_multiple_of(width);

    /// One step of an LSTM. `projected` is the share of the step's input and the bias, `sums` times `factor` that of
    /// the state: input, output, forget and cell gate, one behind the other. Updates `cell` and `state`, and puts the
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

compiled_for_each! {
    convnext:

    /// A convolution of every channel by itself: row `r` of `output` is the bias plus the sum over taps `k` of row
    /// `r + k × dilation` of `input` times the tap's weights.
    ///
    /// # Panics
    /// When rows are not whole, or `input` is too short.
    pub fn depthwise(input: &[f32], convolution: &DepthwiseConvolution, dilation: usize, output: &mut [f32])
        where output.len().is_multiple_of(convolution.bias.len())
        && convolution.reads(output.len() / convolution.bias.len(), dilation) <= Some(input.len())
        && convolution.reads(output.len() / convolution.bias.len(), dilation).is_some();

    /// [`normalise`](normalise()), then quantizes every row with a scale of its own. Its rows stay floats as well.
    ///
    /// # Panics
    /// When lengths differ.
    pub fn normalise_and_quantize(
        rows: &mut [f32],
        norm: &Normalisation,
        bytes: &mut [u8],
        scales: &mut [f32],
    ) where bytes.len() == rows.len()
        && norm.shift.len() == norm.gain.len()
        && scales.len() * norm.gain.len() == rows.len();

    /// The Gaussian error linear unit by the error function, then quantizes every row with a scale of its own.
    ///
    /// # Panics
    /// When lengths differ.
    pub fn gelu_and_quantize(rows: &mut [f32], channels: usize, bytes: &mut [u8], scales: &mut [f32])
        where bytes.len() == rows.len() && scales.len() * channels == rows.len();

    /// The Gaussian error linear unit by the normal distribution itself, to 8 × 10⁻⁶.
    pub fn gelu_exact(numbers: &mut [f32]) where true;
}

compiled_for_each! {
    spectrum:

    /// Makes the spectrum of a frame out of that of its pulses: each frequency gets a magnitude and a turn, then noise and a
    /// part with a phase of its own are added. The noise of frequency `b` is decided by `counter + b`.
    ///
    /// # Panics
    /// When lengths differ.
    pub fn shape_spectrum(shaping: &Shaping, counter: u32, spectrum: &mut Complex)
        where [shaping.harmonic, shaping.turn, shaping.noise, shaping.free, shaping.phase, &spectrum.imaginary]
            .iter()
            .all(|part| part.len() == spectrum.real.len());

    /// A train of pulses: the sum of all harmonics below 11 kHz, each with the amplitude 1, for every sample's `pitch` in Hz
    /// and phase in `turns` from 0 to 1. Where the pitch is `quietest` or less the voice is silent.
    ///
    /// # Panics
    /// When lengths differ.
    pub fn pulses(pitch: &[f32], turns: &[f32], quietest: f32, samples: &mut [f32])
        where pitch.len() == samples.len() && turns.len() == samples.len() && quietest > 0.0;
}
