//! Convolutions by tiles: minimal filtering (Winograd, “Arithmetic complexity of computations”, 1980) with products of 16 bits.
//!
//! A tile is a stretch of rows of input. Two linear transforms make its rows and the filter's taps into factors; the factors' products,
//! summed over the channels and transformed back, are the rows that the filter makes of the tile. There are fewer products than rows
//! times taps: 47 instead of 22 × 11 for eleven taps.
//!
//! ```text
//! rows ─ transform each channel ─ quantize each product's row ─▶ products of 16 bits ─ transform back ─▶ rows
//! ```
//!
//! Transforms are made in floats, by code that `build.rs` writes. The factors of a product are scaled so that no sum over channels can
//! overflow, whatever goes in: see [`filters`].
//!
//! - [`rows`]: what goes in
//! - [`filters`]: transformed and packed
//! - `stages`: the transforms of rows, written once; `avx512`, `avx2`, `portable`: the products

use crate::Isa;
use crate::isa::Kind;
use crate::pack::{LANES, Shape};
use filters::TiledConvolution;
use rows::{FloatRows, Line};
use transforms::{Eleven, Seven, Three, Two};
use vector::Vector;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub mod filters;
mod portable;
pub mod rows;
mod stages;
#[cfg(test)]
mod tests;
mod vector;

#[allow(clippy::all, clippy::pedantic, reason = "written by build.rs")]
mod transforms {
    use super::{Transform, Vector};

    include!(concat!(env!("OUT_DIR"), "/tiles.rs"));
}

/// The transforms of a kind of tile.
trait Transform {
    /// Taps of the filters that it is for.
    const TAPS: usize;
    /// Rows of output that a tile makes.
    const ROWS: usize;
    /// The share of each tap in the other factor of each product.
    const FILTERS: &'static [&'static [f64]];
    /// Products a channel that goes in and one that comes out.
    const PRODUCTS: usize = Self::FILTERS.len();

    /// From the rows of a tile to the factors of its products.
    fn input<V: Vector>(input: impl Fn(usize) -> V, output: impl FnMut(usize, V));

    /// From products to rows of output.
    fn output<V: Vector>(input: impl Fn(usize) -> V, output: impl FnMut(usize, V));
}

/// The numbers of a kind of tile.
#[derive(Clone, Copy)]
struct TileKind {
    rows: usize,
    filters: &'static [&'static [f64]],
    /// Tiles that are worked on at a time: their factors fit into the second-level cache, the products of 32 outputs into the first.
    block: usize,
}

/// The tiles for filters of `taps` taps.
const fn kind_for(taps: usize) -> Option<TileKind> {
    match taps {
        Two::TAPS => Some(TileKind { rows: Two::ROWS, filters: Two::FILTERS, block: 24 }),
        Three::TAPS => Some(TileKind { rows: Three::ROWS, filters: Three::FILTERS, block: 24 }),
        Seven::TAPS => Some(TileKind { rows: Seven::ROWS, filters: Seven::FILTERS, block: 24 }),
        Eleven::TAPS => Some(TileKind { rows: Eleven::ROWS, filters: Eleven::FILTERS, block: 12 }),
        _ => None,
    }
}

/// Whether tiles are worth their time for convolutions of `shape` with these instructions, by `cargo bench --bench kernels`. Most are
/// faster. Two taps are slower with AVX-512, and still chosen: they are few and become more exact. Where nobody has measured, the
/// answer is no; processors with AVX-VNNI take the way of those with AVX2.
pub fn pay(isa: Isa, shape: Shape) -> bool {
    let is_faster = match isa.kind() {
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => shape.taps != Three::TAPS || shape.inputs > 512,
        #[cfg(target_arch = "x86_64")]
        Kind::AvxVnni | Kind::Avx2 => true,
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => false,
        Kind::Portable => false,
    };
    is_faster && !isa.is_direct() && filters::are_there_for(shape)
}

/// Memory for the stages of a convolution.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Factors of one tile: product, channel.
    factors: Vec<Line>,
    /// Quantized factors: product, tile, channel.
    quantized: Vec<i16>,
    /// The value of one unit of these, for each tile of each product.
    scales: Vec<f32>,
    /// Products: tile, product, 32 outputs.
    products: Vec<Line>,
}

impl Scratch {
    /// Makes room for `tiles` tiles of `channels` channels.
    fn resize(&mut self, tiles: usize, products: usize, channels: usize) {
        self.factors.resize(products * channels / LANES, Line::default());
        self.quantized.resize(products * tiles * channels, 0);
        self.scales.resize(products * tiles, 0.0);
        self.products.resize(products * tiles * 2, Line::default());
    }
}

/// What the tiles of a call have in common.
#[derive(Clone, Copy)]
struct Work<'a> {
    convolution: &'a TiledConvolution,
    /// Its packed factors.
    weights: &'a [i16],
    dilation: usize,
    /// How many tiles.
    tiles: usize,
}

impl Work<'_> {
    /// Where the packed factors of a product for a group of outputs begin. They are no longer in the caches when their turn comes, so
    /// they are fetched while the panel before is worked on; the one behind the last lies nowhere, which a prefetch may.
    fn panel(&self, group: usize, product: usize) -> *const i16 {
        let (channels, all) = (self.convolution.inputs(), self.convolution.products());
        self.weights.as_ptr().wrapping_add((group * all + product) * channels * LANES)
    }

    /// The first row of a tile, of the input as of the output. Tiles of a group lie one row apart, and the rows of each lie a dilation
    /// apart.
    const fn first_row(&self, tile: usize) -> usize {
        tile / self.dilation * self.convolution.group_rows(self.dilation) + tile % self.dilation
    }
}

/// A dilated convolution of stride 1 by tiles: row `r` of `output` is the bias plus the sum over taps `k` of row `r + k × dilation` of
/// `input` times the weights of that tap. `output` holds whole groups of tiles, see [`TiledConvolution::group_rows`]; `input` has
/// [`rows_read`](crate::rows_read) rows for them.
///
/// # Panics
/// When `input` has too few rows or channels.
pub fn convolve(
    isa: Isa,
    input: &FloatRows,
    convolution: &TiledConvolution,
    dilation: usize,
    scratch: &mut Scratch,
    output: &mut [f32],
) {
    let rows = output.len() / convolution.outputs();
    assert!(output.len() == rows * convolution.outputs() && dilation > 0);
    assert!(rows.is_multiple_of(convolution.group_rows(dilation)));
    assert!(input.has_channels(convolution.inputs()));
    assert!(input.len() >= crate::rows_read(rows, convolution.taps(), dilation));
    let tiles = rows / convolution.tile_rows();
    scratch.resize(tiles, convolution.products(), convolution.inputs());
    let (work, input) =
        (Work { convolution, weights: convolution.weights(), dilation, tiles }, input.as_slice());
    match convolution.taps() {
        Two::TAPS => convolve_as::<Two>(isa, input, work, scratch, output),
        Three::TAPS => convolve_as::<Three>(isa, input, work, scratch, output),
        Seven::TAPS => convolve_as::<Seven>(isa, input, work, scratch, output),
        _ => convolve_as::<Eleven>(isa, input, work, scratch, output),
    }
}

/// [`convolve`], for a kind of tile.
fn convolve_as<T: Transform>(isa: Isa, input: &[f32], work: Work, scratch: &mut Scratch, output: &mut [f32]) {
    assert!(T::TAPS == work.convolution.taps());
    match isa.kind() {
        // SAFETY: only `Isa::available` makes an `Isa`, after it asked the processor for the instructions; `convolve` bounds all rows
        // that are read, and makes room for all tiles.
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512 => unsafe { avx512::convolve::<T>(input, work, scratch, output) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Kind::AvxVnni | Kind::Avx2 => unsafe { avx2::convolve::<T>(input, work, scratch, output) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Kind::Neon => unsafe { portable::convolve::<T>(input, work, scratch, output) },
        // SAFETY: as above.
        Kind::Portable => unsafe { portable::convolve::<T>(input, work, scratch, output) },
    }
}
