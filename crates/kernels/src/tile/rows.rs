//! Rows that tiles are cut from: floats, transformed on the way in.

use crate::element::{Element, PortableArithmetic};
use crate::isa::Kind;
use crate::pack::LANES;
use crate::{Isa, RowTransform, rowwise};

/// Sixteen floats in a cache line.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub(super) struct Line(pub [f32; LANES]);

// SAFETY: floats without padding; zeros are floats.
unsafe impl bytemuck::Zeroable for Line {}
// SAFETY: as above.
unsafe impl bytemuck::Pod for Line {}

/// Rows of floats, each on cache lines of its own.
#[derive(Debug, Default)]
pub struct FloatRows {
    /// Lines a row.
    stride: usize,
    lines: Vec<Line>,
}

impl FloatRows {
    /// `rows` rows of zeros of `channels` channels each.
    ///
    /// # Panics
    /// When no memory is that large.
    pub fn new(rows: usize, channels: usize) -> Self {
        let stride = stride(channels);
        let lines = rows.checked_mul(stride).expect("rows that fit into memory");
        Self { stride, lines: vec![Line::default(); lines] }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.lines.len() / self.stride
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Moves rows `from..from + count` to the front.
    pub fn shift(&mut self, from: usize, count: usize) {
        self.lines.copy_within(from * self.stride..(from + count) * self.stride, 0);
    }

    /// Makes rows `from..to` zero.
    pub fn clear(&mut self, from: usize, to: usize) {
        self.lines[from * self.stride..to * self.stride].fill(Line::default());
    }

    /// Whether its rows have `channels` channels.
    pub(super) const fn has_channels(&self, channels: usize) -> bool {
        self.stride == stride(channels)
    }

    /// All rows; they begin [`pitch`] floats apart.
    pub(super) fn as_slice(&self) -> &[f32] {
        bytemuck::cast_slice(&self.lines)
    }
}

/// Lines a row: one more than it needs, since rows that lie a power of two apart compete for the same places of the cache.
const fn stride(channels: usize) -> usize {
    channels.div_ceil(LANES) + 1
}

/// Floats from a row to the next.
pub(super) const fn pitch(channels: usize) -> usize {
    stride(channels) * LANES
}

/// Transforms `input`, whole rows of `transform.gain.len()` channels, into the rows of `output` from `first` on.
///
/// # Panics
/// When the rows don't fit.
pub fn transform_rows<T: Element>(
    isa: Isa,
    input: &[T],
    transform: &RowTransform,
    output: &mut FloatRows,
    first: usize,
) {
    let channels = transform.gain.len();
    let rows = input.len() / channels;
    assert!(input.len() == rows * channels && transform.fits());
    assert!(first + rows <= output.len() && output.has_channels(channels));
    let lines = &mut output.lines[first * output.stride..(first + rows) * output.stride];
    let (output, pitch) = (bytemuck::cast_slice_mut(lines), pitch(channels));
    match isa.kind() {
        // SAFETY: only `Isa::available` makes an `Isa`, after it asked the processor for the instructions.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => unsafe { crate::avx512::transform_rows(input, transform, output, pitch) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::AvxVnni | Kind::Avx2 => unsafe { crate::avx2::transform_rows(input, transform, output, pitch) },
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => rowwise::transform_rows(PortableArithmetic, input, transform, output, pitch),
        Kind::Portable => rowwise::transform_rows(PortableArithmetic, input, transform, output, pitch),
    }
}
