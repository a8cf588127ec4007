//! The layout of the weights of a quantized convolution.
//!
//! ```text
//! group of 16 outputs │ tap │ 4 inputs │ output of the group │ input of the four
//! ```
//!
//! One step of the inner loop reads 64 bytes: the weights of four inputs for sixteen outputs.

use std::ops::Range;
use std::sync::Arc;

use super::QUAD;

/// Outputs of a group.
pub const LANES: usize = 16;

/// Bytes that live as long as anybody reads them: a mapped file, or memory.
pub type SharedBytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// The shape of a convolution of stride 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Channels that go in.
    pub inputs: usize,
    /// Channels that come out; a multiple of [`LANES`].
    pub outputs: usize,
    /// Width of the kernel.
    pub taps: usize,
}

impl Shape {
    /// Inputs, padded to a multiple of [`QUAD`].
    pub const fn padded_inputs(self) -> usize {
        self.inputs.next_multiple_of(QUAD)
    }

    /// Bytes of the packed weights.
    pub const fn bytes(self) -> usize {
        self.outputs * self.taps * self.padded_inputs()
    }
}

/// Packs weights; `weight(o, c, k)` is the weight of output `o`, input `c`, tap `k`.
pub fn pack(shape: Shape, weight: impl Fn(usize, usize, usize) -> i8) -> Vec<u8> {
    let mut packed = Vec::with_capacity(shape.bytes());
    for group in (0..shape.outputs).step_by(LANES) {
        for tap in 0..shape.taps {
            for quad in (0..shape.padded_inputs()).step_by(QUAD) {
                for output in group..group + LANES {
                    for input in quad..quad + QUAD {
                        let weight = if input < shape.inputs { weight(output, input, tap) } else { 0 };
                        packed.push(weight.cast_unsigned());
                    }
                }
            }
        }
    }
    packed
}

/// A quantized convolution: packed 8-bit weights, bias, and what the offset of the inputs adds up to.
pub struct PackedConvolution {
    shape: Shape,
    bytes: SharedBytes,
    range: Range<usize>,
    /// −128 × the sum of a tap's weights, for every group, tap and output of the group: where the integer sums begin.
    offsets: Vec<i32>,
    bias: Vec<f32>,
    scale: f32,
}

impl PackedConvolution {
    /// A convolution whose packed weights are `range` of `bytes`; a weight is its byte times `scale`. `None` when the
    /// lengths don't fit the shape.
    pub fn new(
        shape: Shape,
        bytes: SharedBytes,
        range: Range<usize>,
        scale: f32,
        bias: Vec<f32>,
    ) -> Option<Self> {
        let fits = shape.outputs.is_multiple_of(LANES)
            && bias.len() == shape.outputs
            && range.len() == shape.bytes();
        let weights = (*bytes).as_ref().get(range.clone()).filter(|_| fits)?;
        let tap_bytes = shape.padded_inputs() * LANES;
        let mut offsets = Vec::with_capacity(shape.outputs * shape.taps);
        for tap in weights.chunks_exact(tap_bytes) {
            let mut sums = [0_i32; LANES];
            for step in tap.as_chunks::<{ LANES * QUAD }>().0 {
                for (sum, weights) in sums.iter_mut().zip(step.as_chunks::<QUAD>().0) {
                    *sum += weights.iter().map(|weight| i32::from(weight.cast_signed())).sum::<i32>();
                }
            }
            offsets.extend(sums.map(|sum| -i32::from(super::ZERO) * sum));
        }
        Some(Self { shape, bytes, range, offsets, bias, scale })
    }

    /// Channels that go in, padded to a multiple of [`QUAD`].
    pub const fn inputs(&self) -> usize {
        self.shape.padded_inputs()
    }

    /// Channels that come out.
    pub const fn outputs(&self) -> usize {
        self.shape.outputs
    }

    /// Width of the kernel.
    pub const fn taps(&self) -> usize {
        self.shape.taps
    }

    /// What a weight of one stands for; it belongs into the scales of the rows that are convolved.
    pub const fn scale(&self) -> f32 {
        self.scale
    }

    /// What is added to every row.
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// The packed weights.
    pub fn weights(&self) -> &[u8] {
        &(*self.bytes).as_ref()[self.range.clone()]
    }

    /// See the field.
    pub(super) fn offsets(&self) -> &[i32] {
        &self.offsets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_lie_where_the_inner_loop_reads_them_and_offsets_are_their_sums() {
        let shape = Shape { inputs: 6, outputs: 32, taps: 3 };
        let weight = |o: usize, c: usize, k: usize| ((o * 7 + c * 3 + k * 11) % 100) as i8 - 50;
        let packed = pack(shape, weight);
        assert_eq!(packed.len(), 32 * 3 * 8);
        let at = |o: usize, c: usize, k: usize| {
            let step = (o / 16 * 3 + k) * 2 + c / 4;
            packed[(step * 16 + o % 16) * 4 + c % 4].cast_signed()
        };
        assert_eq!(at(21, 5, 2), weight(21, 5, 2));
        assert_eq!(at(0, 6, 0), 0, "padding");
        let bytes: SharedBytes = Arc::new(packed);
        let sum: i32 = (0..6).map(|c| i32::from(weight(21, c, 2))).sum();
        let packed = PackedConvolution::new(shape, bytes.clone(), 0..768, 1.0, vec![0.0; 32]).unwrap();
        assert_eq!(packed.offsets()[(3 + 2) * 16 + 5], -128 * sum);
        assert!(PackedConvolution::new(shape, bytes, 1..769, 1.0, vec![0.0; 32]).is_none());
    }
}
