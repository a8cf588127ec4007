//! Filters, transformed into factors of 16 bits.
//!
//! ```text
//! group of 16 outputs │ product │ 2 inputs │ output of the group │ input of the two
//! ```
//!
//! The input's factors of a product have the norm [`INPUT_NORM`] over all channels. Those of an output have [`WEIGHT_NORM`] at most.
//! So no sum of their products, or of a part of them, exceeds 32,500 × 65,000 (Cauchy and Schwarz). Rounding adds half a unit a channel:
//! with 1,152 channels the norms are 32,517 and 65,017 at most. Their product is less than 2³¹.
//!
//! Inputs are filled up with zeros to whole vectors.

#![forbid(unsafe_code)]

use super::{TileKind, kind_for};
use crate::Isa;
use crate::pack::{LANES, MappedSlice, Shape};

/// Norm of the factors of a product's input.
pub(super) const INPUT_NORM: f32 = 32_500.0;
/// The largest norm of the factors of an output.
const WEIGHT_NORM: f64 = 65_000.0;
/// The most channels that the bounds are shown for.
const MOST_CHANNELS: usize = 1152;

/// Whether there are tiles for convolutions of this shape.
pub const fn are_there_for(shape: Shape) -> bool {
    kind_for(shape.taps).is_some() && shape.inputs <= MOST_CHANNELS && shape.outputs.is_multiple_of(2 * LANES)
}

/// The tiles for `shape`, and how many numbers the packed factors have.
fn packing(shape: Shape) -> Option<(TileKind, usize)> {
    let kind = kind_for(shape.taps).filter(|_| are_there_for(shape))?;
    Some((kind, filled_up(shape.inputs).checked_mul(shape.outputs)?.checked_mul(kind.filters.len())?))
}

/// Channels as they are worked on.
const fn filled_up(inputs: usize) -> usize {
    inputs.next_multiple_of(LANES)
}

/// Transforms filters; `weight(o, c, k)` is the weight of output `o`, input `c`, tap `k`. Returns the packed factors, and the value of
/// one unit for each output.
///
/// # Panics
/// When there are no tiles for this shape, see [`are_there_for`].
pub fn pack(shape: Shape, weight: impl Fn(usize, usize, usize) -> f32) -> (Vec<i16>, Vec<f32>) {
    let (kind, len) = packing(shape).expect("a shape that there are tiles for");
    let (products, inputs) = (kind.filters.len(), filled_up(shape.inputs));
    let (mut packed, mut gains) = (vec![0; len], vec![0.0; shape.outputs]);
    let (mut factors, mut taps) = (vec![0.0_f64; products * inputs], vec![0.0; shape.taps]);
    for output in 0..shape.outputs {
        for input in 0..shape.inputs {
            taps.iter_mut().enumerate().for_each(|(tap, x)| *x = f64::from(weight(output, input, tap)));
            for (product, shares) in kind.filters.iter().enumerate() {
                let factor = taps.iter().zip(*shares).map(|(weight, share)| weight * share).sum();
                factors[product * inputs + input] = factor;
            }
        }
        let unit = unit(&factors, inputs);
        gains[output] = unit as f32;
        let group = output / LANES * products * inputs * LANES;
        for (at, factor) in factors.iter().enumerate() {
            let (product, input) = (at / inputs, at % inputs);
            let pair = (product * inputs + input / 2 * 2) * LANES;
            packed[group + pair + output % LANES * 2 + input % 2] = (factor / unit).round() as i16;
        }
    }
    (packed, gains)
}

/// The value of one unit with which all factors of an output, `inputs` of each product, stay within the norm and 16 bits.
fn unit(factors: &[f64], inputs: usize) -> f64 {
    let norms = factors.chunks_exact(inputs).map(|row| row.iter().map(|x| x * x).sum::<f64>().sqrt());
    let norm = norms.fold(0.0, f64::max);
    let peak = factors.iter().fold(0.0_f64, |peak, x| peak.max(x.abs()));
    (norm / WEIGHT_NORM).max(peak / f64::from(i16::MAX)).max(f64::from(f32::MIN_POSITIVE))
}

/// A convolution whose filters are transformed.
pub struct TiledConvolution {
    shape: Shape,
    kind: TileKind,
    weights: MappedSlice<i16>,
    gains: Vec<f32>,
    bias: Vec<f32>,
}

impl TiledConvolution {
    /// A convolution of packed factors. `None` when there are no tiles for its shape, or lengths don't fit it.
    pub fn new(shape: Shape, weights: MappedSlice<i16>, gains: Vec<f32>, bias: Vec<f32>) -> Option<Self> {
        let (kind, len) = packing(shape)?;
        let fits = weights.len() == len && gains.len() == shape.outputs && bias.len() == shape.outputs;
        fits.then_some(Self { shape, kind, weights, gains, bias })
    }

    /// Whether it is faster with these instructions than a direct convolution, see [`pay`](super::pay).
    pub fn pays(&self, isa: Isa) -> bool {
        super::pay(isa, self.shape)
    }

    /// Channels that go in, filled up.
    pub(super) const fn inputs(&self) -> usize {
        filled_up(self.shape.inputs)
    }

    /// Channels that come out.
    pub const fn outputs(&self) -> usize {
        self.shape.outputs
    }

    /// Width of the filter.
    pub const fn taps(&self) -> usize {
        self.shape.taps
    }

    /// Products a channel that goes in and one that comes out.
    pub(super) const fn products(&self) -> usize {
        self.kind.filters.len()
    }

    /// Rows of output that a tile makes.
    pub(super) const fn tile_rows(&self) -> usize {
        self.kind.rows
    }

    /// The packed factors.
    pub(super) fn weights(&self) -> &[i16] {
        &self.weights
    }

    /// The value of one unit of the factors of outputs from `first` on.
    pub(super) fn gains(&self, first: usize) -> &[f32] {
        &self.gains[first..]
    }

    /// The summands of outputs from `first` on.
    pub(super) fn bias(&self, first: usize) -> &[f32] {
        &self.bias[first..]
    }

    /// Rows of output that a group of tiles makes. With a dilation, a group is as many tiles, which lie one row apart.
    pub const fn group_rows(&self, dilation: usize) -> usize {
        self.kind.rows * dilation
    }

    /// Rows to work on at a time, a multiple of [`group_rows`](Self::group_rows), when there are `rows` in all. Blocks are as equal as
    /// they can be, so that they can be shared out.
    pub const fn block_rows(&self, dilation: usize, rows: usize) -> usize {
        let group = self.group_rows(dilation);
        let most = if self.kind.block > dilation { self.kind.block / dilation } else { 1 };
        let groups = if rows > 0 { rows.div_ceil(group) } else { 1 };
        let blocks = groups.div_ceil(most);
        groups.div_ceil(blocks) * group
    }
}
