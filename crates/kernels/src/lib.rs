//! The arithmetic of the network: the only code of the voice that is written for particular processors.
//!
//! Activations lie channels last: a row is one time step. A tap of a dilated convolution is then simply a later row,
//! and no copy is needed (no im2col). [`Rows8`] holds rows as 8-bit integers with **one scale a row**. The ONNX export
//! has one scale for the whole tensor; the loudest moment sets it, and quiet rows lose precision.
//!
//! - [`element`]: rows of 16 bits
//! - [`pack`]: the layout of the weights, one for all processors
//! - [`isa`]: which instructions this processor has
//! - `rowwise`: element-wise work of the decoder, written once and compiled for each
//! - `dense`: that of the text side
//! - `convnext`: that of ConvNeXt blocks
//! - `spectrum`: from a frame's features to its spectrum
//! - `math`: the elementary functions that these use; `dispatch` compiles all three for each
//! - `recurrence`: the recurrent part of an LSTM
//! - [`tile`]: convolutions with fewer products
//! - `avx512`, `avx_vnni`, `avx2`, `avx2_wide`, `neon`, `portable`: the inner products
//!
//! Integer sums are exact and so equal everywhere; sums of floats differ between processors in their last bits.

// Calling the instructions of one processor family on another is unsafe: the functions here check first.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx2_wide;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod avx_vnni;
mod convnext;
mod dense;
mod dispatch;
pub mod element;
pub mod isa;
pub mod mapped;
mod math;
#[cfg(target_arch = "aarch64")]
mod neon;
pub mod pack;
mod portable;
mod recurrence;
mod rowwise;
mod spectrum;
#[cfg(test)]
mod tests;
pub mod tile;

pub use dispatch::{
    add_and_normalise, affine, column_peaks, depthwise, gelu, gelu_exact, lstm_gates, normalise, pulses,
    shape_spectrum, softmax,
};
use element::{Element, PortableArithmetic};
pub use isa::Isa;
use isa::Kind;
use pack::{MappedSlice, PackedConvolution};
pub use recurrence::{Recurrence, recur};
pub use rowwise::Activation;

/// Rows that are worked on at a time: a multiple of the row tiles of all processors, small enough for the second-level
/// cache.
pub const BLOCK: usize = 96;

/// Channels of a row are padded to this multiple: four 8-bit products are summed at once.
pub const QUAD: usize = 4;

/// The byte for zero in a [`Rows8`].
const ZERO: u8 = 128;

/// Rows of 8-bit integers: `value = (byte − 128) × scale` with one scale a row.
#[derive(Debug, Default)]
pub struct Rows8 {
    /// Bytes a row; a multiple of [`QUAD`].
    stride: usize,
    bytes: Vec<u8>,
    scales: Vec<f32>,
    /// The same as 16-bit integers about zero, for [`avx2_wide`].
    #[cfg(target_arch = "x86_64")]
    wide: Vec<i16>,
}

impl Rows8 {
    /// `rows` rows of zeros with room for `channels` channels each.
    pub fn new(rows: usize, channels: usize) -> Self {
        let stride = channels.next_multiple_of(QUAD);
        Self {
            stride,
            bytes: vec![ZERO; length(rows, stride)],
            scales: vec![0.0; rows],
            #[cfg(target_arch = "x86_64")]
            wide: Vec::new(),
        }
    }

    /// Makes room for `rows` rows of `channels` channels each; their contents are unspecified.
    pub fn resize(&mut self, rows: usize, channels: usize) {
        self.stride = channels.next_multiple_of(QUAD);
        self.bytes.resize(length(rows, self.stride), ZERO);
        self.scales.resize(rows, 0.0);
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// Moves rows `from..from + count` to the front.
    pub fn shift(&mut self, from: usize, count: usize) {
        self.bytes.copy_within(from * self.stride..(from + count) * self.stride, 0);
        self.scales.copy_within(from..from + count, 0);
    }

    /// The bytes and scales of the first rows, which hold `numbers` numbers, `channels` each.
    fn first(&mut self, numbers: usize, channels: usize) -> (&mut [u8], &mut [f32]) {
        let rows = numbers / channels;
        assert!(numbers == rows * channels && channels == self.stride && rows <= self.len());
        (&mut self.bytes[..numbers], &mut self.scales[..rows])
    }

    /// Makes rows `from..to` zero.
    pub fn clear(&mut self, from: usize, to: usize) {
        self.bytes[from * self.stride..to * self.stride].fill(ZERO);
        self.scales[from..to].fill(0.0);
    }
}

/// Length of `rows` rows of `stride` bytes.
///
/// # Panics
/// When no memory is that large.
fn length(rows: usize, stride: usize) -> usize {
    rows.checked_mul(stride).expect("rows that fit into memory")
}

/// The transform of a row before it is quantized: `activation(gain × x + shift)`, channel by channel.
#[derive(Clone, Copy, Debug)]
pub struct RowTransform<'a> {
    /// One factor a channel.
    pub gain: &'a [f32],
    /// One summand a channel.
    pub shift: &'a [f32],
    /// The function applied last.
    pub activation: Activation<'a>,
}

impl RowTransform<'_> {
    /// Whether all parts are of as many channels.
    fn fits(&self) -> bool {
        let channels = self.gain.len();
        let activation_fits = match self.activation {
            Activation::Snake { frequency, amplitude } => {
                frequency.len() == channels && amplitude.len() == channels
            }
            Activation::Leaky(_) => true,
        };
        self.shift.len() == channels && activation_fits
    }
}

/// Transforms and quantizes `input`, whole rows of `transform.gain.len()` channels, into the rows of `output` from
/// `first` on.
///
/// # Panics
/// When the rows don't fit.
pub fn quantize<T: Element>(
    isa: Isa,
    input: &[T],
    transform: &RowTransform,
    output: &mut Rows8,
    first: usize,
) {
    let channels = transform.gain.len();
    let rows = input.len() / channels;
    assert!(input.len() == rows * channels && transform.fits());
    assert!(first + rows <= output.len() && channels <= output.stride && output.stride < channels + QUAD);
    let bytes = &mut output.bytes[first * output.stride..(first + rows) * output.stride];
    let scales = &mut output.scales[first..first + rows];
    match isa.kind() {
        // SAFETY: only `Isa::available` makes an `Isa`, after it asked the processor for the instructions.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => unsafe { avx512::quantize(input, transform, bytes, scales) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::AvxVnni | Kind::Avx2 => unsafe { avx2::quantize(input, transform, bytes, scales) },
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => rowwise::quantize(PortableArithmetic, input, transform, bytes, scales),
        Kind::Portable => rowwise::quantize(PortableArithmetic, input, transform, bytes, scales),
    }
}

/// Gain and shift of a layer normalisation.
#[derive(Clone, Debug)]
pub struct Normalisation {
    /// One factor a channel.
    pub gain: Vec<f32>,
    /// One summand a channel.
    pub shift: Vec<f32>,
    /// Keeps the deviation of a constant row above zero.
    pub epsilon: f32,
}

/// Quantizes `input`, whole rows of `channels` channels (a multiple of [`QUAD`]), unchanged, into the first rows of
/// both outputs. The second output holds the rounding errors of the first; together they have the precision of 16
/// bits.
///
/// # Panics
/// When the rows don't fit.
pub fn quantize_fine(isa: Isa, input: &[f32], channels: usize, coarse: &mut Rows8, fine: &mut Rows8) {
    let rows = input.len() / channels;
    for output in [&*coarse, &*fine] {
        assert!(input.len() == rows * channels && channels == output.stride && rows <= output.len());
    }
    let bytes = (&mut coarse.bytes[..rows * channels], &mut fine.bytes[..rows * channels]);
    let scales = (&mut coarse.scales[..rows], &mut fine.scales[..rows]);
    dispatch::quantize_fine(isa, input, channels, bytes, scales);
}

/// Normalises `rows`, see [`normalise`](normalise()), and quantizes them into the first rows of `output`.
///
/// # Panics
/// When the rows don't fit.
pub fn normalise_and_quantize(isa: Isa, rows: &mut [f32], norm: &Normalisation, output: &mut Rows8) {
    let (bytes, scales) = output.first(rows.len(), norm.gain.len());
    dispatch::normalise_and_quantize(isa, rows, norm, bytes, scales);
}

/// Applies the Gaussian error linear unit ([`gelu_exact`]) to `rows` of `channels` numbers, and quantizes them into the first rows of
/// `output`.
///
/// # Panics
/// When the rows don't fit.
pub fn gelu_and_quantize(isa: Isa, rows: &mut [f32], channels: usize, output: &mut Rows8) {
    let (bytes, scales) = output.first(rows.len(), channels);
    dispatch::gelu_and_quantize(isa, rows, channels, bytes, scales);
}

/// Weights of a convolution of every channel by itself.
#[derive(Clone, Debug)]
pub struct DepthwiseConvolution {
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl DepthwiseConvolution {
    /// A row of `weights` for each tap, as long as `bias`, which has a number a channel. `None` when the lengths don't fit.
    pub fn new(weights: Vec<f32>, bias: Vec<f32>) -> Option<Self> {
        let fits = !bias.is_empty() && !weights.is_empty() && weights.len().is_multiple_of(bias.len());
        fits.then_some(Self { weights, bias })
    }

    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.bias.len()
    }

    /// Width of the kernel.
    pub fn taps(&self) -> usize {
        self.weights.len() / self.bias.len()
    }

    /// Numbers of input that `rows` rows of output depend on; `None` when no memory is that large.
    fn reads(&self, rows: usize, dilation: usize) -> Option<usize> {
        let reach = (self.taps() - 1).checked_mul(dilation)?;
        rows.checked_add(reach)?.checked_mul(self.bias.len())
    }
}

/// Complex numbers, one a frequency, in two parts.
#[derive(Clone, Debug, Default)]
pub struct Complex {
    /// Real parts.
    pub real: Vec<f32>,
    /// Imaginary parts.
    pub imaginary: Vec<f32>,
}

/// A network's numbers for a frame, one a frequency each.
#[derive(Clone, Copy, Debug)]
pub struct Shaping<'a> {
    /// Natural logarithm of the pulses' magnitude.
    pub harmonic: &'a [f32],
    /// How far pulses are turned: the hyperbolic tangent of this, times π.
    pub turn: &'a [f32],
    /// Natural logarithm of the noise's magnitude.
    pub noise: &'a [f32],
    /// Natural logarithm of the magnitude of the part with a phase of its own.
    pub free: &'a [f32],
    /// That phase in radians.
    pub phase: &'a [f32],
}

/// A dilated convolution of stride 1. Row `r` of `output` is the bias plus a sum times the gains. The sum runs over
/// taps `k`: row `r + k × dilation` of `input` times the weights of that tap. `output` holds whole rows of the
/// convolution's outputs; its number of rows is rounded up to the processor's tile, so `input` must have [`rows_read`]
/// rows.
///
/// # Panics
/// When `input` has too few rows or channels.
pub fn convolve(
    isa: Isa,
    input: &mut Rows8,
    convolution: &PackedConvolution,
    dilation: usize,
    output: &mut [f32],
) {
    let rows = output.len() / convolution.outputs();
    assert!(output.len() == rows * convolution.outputs() && rows.is_multiple_of(isa.row_tile()));
    assert!(
        input.stride == convolution.inputs() && input.len() >= rows_read(rows, convolution.taps(), dilation)
    );
    match isa.kind() {
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => {
            // SAFETY: the processor has the instructions, see `quantize`; the asserts bound all rows that are read.
            unsafe { avx512::convolve(&input.bytes, &input.scales, convolution, dilation, output) }
        }
        #[cfg(target_arch = "x86_64")]
        Kind::AvxVnni => {
            // SAFETY: as above.
            unsafe { avx_vnni::convolve(&input.bytes, &input.scales, convolution, dilation, output) }
        }
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 if convolution.fit_16().quads > 0 => {
            // SAFETY: as above.
            unsafe { avx2::convolve(&input.bytes, &input.scales, convolution, dilation, output) }
        }
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 => {
            input.wide.clear();
            input.wide.extend(input.bytes.iter().map(|byte| i16::from(*byte) - i16::from(ZERO)));
            // SAFETY: as above.
            unsafe { avx2_wide::convolve(&input.wide, &input.scales, convolution, dilation, output) }
        }
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => {
            // SAFETY: as above; every AArch64 processor has these instructions.
            unsafe { neon::convolve(&input.bytes, &input.scales, convolution, dilation, output) }
        }
        Kind::Portable => portable::convolve(&input.bytes, &input.scales, convolution, dilation, output),
    }
}

/// Rows of input that `rows` rows of output depend on.
///
/// # Panics
/// When there are no taps, or more rows than can be counted.
pub const fn rows_read(rows: usize, taps: usize, dilation: usize) -> usize {
    let last = taps.checked_sub(1).expect("at least one tap");
    let reach = last.checked_mul(dilation).expect("a dilation within memory");
    rows.checked_add(reach).expect("rows within memory")
}

/// Multiplies windows of floats: row `r` of `output` is the bias plus the sum over `d` of `input[r × stride + d] ×
/// weights[d]`. Each row of `weights` is as long as `bias`. Convolutions of any stride and transposed convolutions are
/// of this form, for rows lie one behind the other.
///
/// # Panics
/// When `input` is too short.
pub fn multiply_windows(isa: Isa, input: &[f32], stride: usize, weights: &WindowWeights, output: &mut [f32]) {
    let width = weights.bias.len();
    let rows = output.len() / width;
    assert!(output.len() == rows * width && rows.is_multiple_of(isa.row_tile()));
    let last = rows.saturating_sub(1).checked_mul(stride);
    let needed = last.and_then(|last| last.checked_add(weights.depth));
    assert!(rows == 0 || needed.is_some_and(|needed| needed <= input.len()));
    match isa.kind() {
        // SAFETY: the processor has the instructions, see `quantize`.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => unsafe { avx512::multiply_windows(input, stride, weights, output) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::AvxVnni | Kind::Avx2 => unsafe { avx2::multiply_windows(input, stride, weights, output) },
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => portable::multiply_windows(input, stride, weights, output),
        Kind::Portable => portable::multiply_windows(input, stride, weights, output),
    }
}

/// Weights for [`multiply_windows`], packed by [`pack_windows`](pack::pack_windows).
pub struct WindowWeights {
    depth: usize,
    weights: MappedSlice<f32>,
    bias: Vec<f32>,
}

impl WindowWeights {
    /// Weights for windows of `depth` numbers, with one output for each bias. `None` when the lengths don't fit.
    pub fn new(depth: usize, weights: MappedSlice<f32>, mut bias: Vec<f32>) -> Option<Self> {
        bias.resize(bias.len().next_multiple_of(pack::LANES), 0.0);
        (depth.checked_mul(bias.len()) == Some(weights.len())).then_some(Self { depth, weights, bias })
    }

    /// Numbers a row of output has: a multiple of [`pack::LANES`].
    pub fn width(&self) -> usize {
        self.bias.len()
    }
}

/// How a block of fresh rows is merged into the output.
#[derive(Clone, Copy, Debug)]
pub struct Merge<'a, T> {
    /// Added to the fresh rows.
    pub residual: Option<&'a [T]>,
    /// Whether the old value is added too.
    pub accumulate: bool,
}

/// Writes `fresh` rows of `sums.len() / 2` channels to `output` as `merge` says. Each channel's sum and sum of squares
/// over these rows go into `sums`: first all sums, then all squares. The sums are those of the rows before they are
/// rounded; `fresh` is used up.
///
/// # Panics
/// When lengths differ.
pub fn merge<T: Element>(isa: Isa, fresh: &mut [f32], merge: Merge<T>, output: &mut [T], sums: &mut [f32]) {
    assert!(fresh.len() == output.len() && fresh.len().is_multiple_of(sums.len() / 2));
    assert!(merge.residual.is_none_or(|residual| residual.len() == fresh.len()));
    match isa.kind() {
        // SAFETY: the processor has the instructions, see `quantize`.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => unsafe { avx512::merge(fresh, merge, output, sums) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::AvxVnni | Kind::Avx2 => unsafe { avx2::merge(fresh, merge, output, sums) },
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => rowwise::merge(PortableArithmetic, fresh, merge, output, sums),
        Kind::Portable => rowwise::merge(PortableArithmetic, fresh, merge, output, sums),
    }
}

/// A factor for each sign.
#[derive(Clone, Copy, Debug)]
pub struct Leak {
    /// Factor of values that are not negative.
    pub positive: f32,
    /// Factor of negative values.
    pub negative: f32,
}

/// Makes floats of `numbers`, times a factor.
///
/// # Panics
/// When lengths differ.
pub fn widen<T: Element>(isa: Isa, numbers: &[T], leak: Leak, floats: &mut [f32]) {
    assert!(numbers.len() == floats.len());
    match isa.kind() {
        // SAFETY: the processor has the instructions, see `quantize`.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => unsafe { avx512::widen(numbers, leak, floats) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::AvxVnni | Kind::Avx2 => unsafe { avx2::widen(numbers, leak, floats) },
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => rowwise::widen(PortableArithmetic, numbers, leak, floats),
        Kind::Portable => rowwise::widen(PortableArithmetic, numbers, leak, floats),
    }
}
