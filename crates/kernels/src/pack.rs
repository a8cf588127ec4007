//! The layout of the weights of a quantized convolution.
//!
//! ```text
//! group of 16 outputs │ tap │ 4 inputs │ output of the group │ input of the four
//! ```
//!
//! One step of the inner loop reads 64 bytes: the weights of four inputs for sixteen outputs.

#![forbid(unsafe_code)]

use std::marker::PhantomData;
use std::ops::{Deref, Range};
use std::sync::Arc;
#[cfg(target_arch = "x86_64")]
use std::sync::OnceLock;

use bytemuck::Pod;

use super::{QUAD, WindowWeights, ZERO};

/// Outputs of a group.
pub const LANES: usize = 16;

/// Bytes that live as long as they have a reader: a mapped file, or memory.
pub type SharedBytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Numbers of a mapped file, used where they lie.
pub struct MappedSlice<T> {
    bytes: SharedBytes,
    range: Range<usize>,
    kind: PhantomData<T>,
}

impl<T: Pod> MappedSlice<T> {
    /// The numbers in `range` of `bytes`; `None` when the range or its alignment does not fit.
    pub fn new(bytes: SharedBytes, range: Range<usize>) -> Option<Self> {
        let lies_well = (*bytes)
            .as_ref()
            .get(range.clone())
            .is_some_and(|bytes| bytemuck::try_cast_slice::<u8, T>(bytes).is_ok());
        lies_well.then_some(Self { bytes, range, kind: PhantomData })
    }
}

impl<T: Pod + Send + Sync> From<Vec<T>> for MappedSlice<T> {
    fn from(numbers: Vec<T>) -> Self {
        let range = 0..size_of_val(numbers.as_slice());
        Self { bytes: Arc::new(Owned(numbers)), range, kind: PhantomData }
    }
}

/// A copy of `bytes`, of the same length, that is aligned for numbers of any kind.
pub fn aligned(bytes: &[u8]) -> SharedBytes {
    let mut padded = vec![0_u64; bytes.len().div_ceil(size_of::<u64>())];
    bytemuck::cast_slice_mut(&mut padded)[..bytes.len()].copy_from_slice(bytes);
    Arc::new(Aligned { padded, length: bytes.len() })
}

struct Aligned {
    padded: Vec<u64>,
    /// Without the padding: a strict reader rejects unexpected bytes.
    length: usize,
}

impl AsRef<[u8]> for Aligned {
    fn as_ref(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.padded)[..self.length]
    }
}

struct Owned<T>(Vec<T>);

impl<T: Pod> AsRef<[u8]> for Owned<T> {
    fn as_ref(&self) -> &[u8] {
        bytemuck::cast_slice(&self.0)
    }
}

impl<T: Pod> Deref for MappedSlice<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        bytemuck::cast_slice(&(*self.bytes).as_ref()[self.range.clone()])
    }
}

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

    /// The same for an unchecked shape; `None` when no memory is that large.
    fn checked_bytes(self) -> Option<usize> {
        let inputs = self.inputs.checked_next_multiple_of(QUAD)?;
        self.outputs.checked_mul(self.taps)?.checked_mul(inputs)
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

/// −128 × the sum of a tap's weights, for every group, tap and output of the group. The integer sums of `packed`
/// weights begin there, since the rows are stored with an offset of 128.
pub fn offsets(shape: Shape, packed: &[u8]) -> Vec<i32> {
    let mut offsets = Vec::with_capacity(shape.outputs * shape.taps);
    for tap in packed.chunks_exact(shape.padded_inputs() * LANES) {
        let mut sums = [0_i32; LANES];
        for step in tap.as_chunks::<{ LANES * QUAD }>().0 {
            for (sum, weights) in sums.iter_mut().zip(step.as_chunks::<QUAD>().0) {
                *sum += weights.iter().map(|weight| i32::from(weight.cast_signed())).sum::<i32>();
            }
        }
        offsets.extend(sums.map(|sum| -i32::from(ZERO) * sum));
    }
    offsets
}

/// How the products of a convolution's weights and any bytes fit into 16 bits, in which AVX2 sums pairs of them.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fit16 {
    /// Quads of inputs that a step sums: two at most, none when there are too many exceptions.
    pub quads: usize,
    /// The steps of each group's taps that do not fit, in order. Empty when all do.
    pub exceptions: Vec<Vec<Exception>>,
}

/// A step whose quads must be summed one by one.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exception {
    /// Its number within the tap.
    pub step: u16,
    /// The quads that do not fit alone either.
    pub is_wide: [bool; 2],
}

#[cfg(target_arch = "x86_64")]
impl Fit16 {
    /// An exception costs little more than a step that fits, as long as few of its quads are wide.
    const RARE: usize = 4;

    fn of(weights: &[u8], inputs: usize) -> Self {
        let quads = if inputs.is_multiple_of(2 * QUAD) { &[2, 1][..] } else { &[1] };
        let steps = |quads: usize| weights.len() / (quads * LANES * QUAD);
        let fits = quads.iter().map(|quads| (*quads, Self::exceptions(weights, inputs, *quads)));
        let is_rare = |(quads, exceptions): &(usize, Vec<Vec<Exception>>)| {
            exceptions.iter().map(Vec::len).sum::<usize>() * Self::RARE <= steps(*quads)
        };
        let Some((quads, exceptions)) = fits.into_iter().find(is_rare) else { return Self::default() };
        let is_empty = exceptions.iter().all(Vec::is_empty);
        Self { quads, exceptions: if is_empty { Vec::new() } else { exceptions } }
    }

    fn exceptions(weights: &[u8], inputs: usize, quads: usize) -> Vec<Vec<Exception>> {
        let exception = |(number, step): (u16, &[u8])| {
            let mut is_wide = [false; 2];
            for (is_wide, quad) in is_wide.iter_mut().zip(step.chunks_exact(LANES * QUAD)) {
                *is_wide = !fit_16_bits(quad);
            }
            Exception { step: number, is_wide }
        };
        let taps = weights.chunks_exact(inputs * LANES).map(|tap| {
            let steps = (0_u16..).zip(tap.chunks_exact(quads * LANES * QUAD));
            steps.filter(|(_, step)| !fit_16_bits(step)).map(exception).collect()
        });
        taps.collect()
    }
}

/// Whether the sums of pairs of inputs over all of `steps` stay within 16 bits, for every output and any bytes.
#[cfg(target_arch = "x86_64")]
fn fit_16_bits(steps: &[u8]) -> bool {
    /// 128 × 255 is the most that fits.
    const MOST: i16 = 128;
    let (mut above, mut below) = ([0_i16; LANES * QUAD / 2], [0_i16; LANES * QUAD / 2]);
    for step in steps.as_chunks::<{ LANES * QUAD }>().0 {
        for ((above, below), pair) in above.iter_mut().zip(&mut below).zip(step.as_chunks::<2>().0) {
            for weight in pair.map(|weight| i16::from(weight.cast_signed())) {
                *above += weight.max(0);
                *below += weight.min(0);
            }
        }
    }
    above.iter().all(|sum| *sum <= MOST) && below.iter().all(|sum| *sum >= -MOST)
}

/// Packs `weight(d, o)` for [`multiply_windows`](super::multiply_windows()): groups of [`LANES`] outputs, in each `depth` rows
/// of that many numbers. Outputs are padded with zeros to a multiple of [`LANES`].
pub fn pack_windows(depth: usize, outputs: usize, weight: impl Fn(usize, usize) -> f32) -> Vec<f32> {
    let width = outputs.next_multiple_of(LANES);
    let mut packed = Vec::with_capacity(depth * width);
    for group in (0..width).step_by(LANES) {
        for d in 0..depth {
            let lanes = group..group + LANES;
            packed.extend(lanes.map(|output| if output < outputs { weight(d, output) } else { 0.0 }));
        }
    }
    packed
}

/// A quantized convolution: packed 8-bit weights, their [`offsets`], gains and bias.
pub struct PackedConvolution {
    shape: Shape,
    weights: MappedSlice<u8>,
    offsets: MappedSlice<i32>,
    gains: Vec<f32>,
    bias: Vec<f32>,
    #[cfg(target_arch = "x86_64")]
    fit_16: OnceLock<Fit16>,
}

impl PackedConvolution {
    /// A convolution; a weight is its byte times the gain of its output. `None` when the lengths don't fit the shape.
    pub fn new(
        shape: Shape,
        weights: MappedSlice<u8>,
        offsets: MappedSlice<i32>,
        gains: Vec<f32>,
        bias: Vec<f32>,
    ) -> Option<Self> {
        let fits = shape.taps > 0
            && shape.outputs.is_multiple_of(LANES)
            && shape.checked_bytes() == Some(weights.len())
            && shape.outputs.checked_mul(shape.taps) == Some(offsets.len())
            && gains.len() == shape.outputs
            && bias.len() == shape.outputs;
        fits.then_some(Self {
            shape,
            weights,
            offsets,
            gains,
            bias,
            #[cfg(target_arch = "x86_64")]
            fit_16: OnceLock::new(),
        })
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

    /// The value of a weight of one, for each output.
    pub fn gains(&self) -> &[f32] {
        &self.gains
    }

    /// The summand of every row.
    pub fn bias(&self) -> &[f32] {
        &self.bias
    }

    /// The packed weights.
    pub fn weights(&self) -> &[u8] {
        &self.weights
    }

    /// How its products fit into 16 bits.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn fit_16(&self) -> &Fit16 {
        self.fit_16.get_or_init(|| Fit16::of(&self.weights, self.inputs()))
    }

    /// The weights of some inputs of the first tap, as windows of that many numbers; without the gains.
    pub fn columns(&self, inputs: &[usize]) -> Option<WindowWeights> {
        let tap_bytes = self.inputs() * LANES;
        let mut packed = Vec::with_capacity(inputs.len() * self.outputs());
        for group in self.weights.chunks_exact(self.taps() * tap_bytes) {
            let steps = group[..tap_bytes].as_chunks::<{ LANES * QUAD }>().0;
            for input in inputs {
                let lanes = steps.get(input / QUAD)?.as_chunks::<QUAD>().0;
                packed.extend(lanes.iter().map(|four| f32::from(four[input % QUAD].cast_signed())));
            }
        }
        WindowWeights::new(inputs.len(), packed.into(), vec![0.0; self.outputs()])
    }

    /// See [`offsets`].
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
        let windows = PackedConvolution::new(
            shape,
            packed.clone().into(),
            offsets(shape, &packed).into(),
            vec![1.0; 32],
            vec![0.0; 32],
        );
        let windows = windows.and_then(|convolution| convolution.columns(&[5, 2])).unwrap();
        let mut made = [0.0; 6 * 32];
        super::super::multiply_windows(
            super::super::Isa::PORTABLE,
            &[1.0, 1000.0].repeat(6),
            2,
            &windows,
            &mut made,
        );
        let wanted = f32::from(weight(21, 5, 0)) + 1000.0 * f32::from(weight(21, 2, 0));
        assert!((made[21] - wanted).abs() < 0.01, "{} for {wanted}", made[21]);
        let sum: i32 = (0..6).map(|c| i32::from(weight(21, c, 2))).sum();
        let offsets = offsets(shape, &packed);
        assert_eq!(offsets[(3 + 2) * 16 + 5], -128 * sum);
        let convolution = |outputs: usize| {
            PackedConvolution::new(
                shape,
                packed.clone().into(),
                offsets.clone().into(),
                vec![1.0; outputs],
                vec![0.0; outputs],
            )
        };
        assert!(convolution(32).is_some());
        assert!(convolution(31).is_none());
    }

    #[test]
    fn f1_an_aligned_copy_has_the_length_of_its_source() {
        for length in [0_u8, 1, 4, 7, 8, 9, 12, 16] {
            let source: Vec<u8> = (0..length).collect();
            let copy = aligned(&source);
            let copied: &[u8] = (*copy).as_ref();
            assert_eq!(copied, source);
            assert!(copied.as_ptr().addr().is_multiple_of(align_of::<u64>()), "{length}");
        }
    }

    #[test]
    fn numbers_are_used_where_they_lie_if_they_lie_well() {
        let bytes: SharedBytes = Arc::new(Owned(vec![1.0_f32, 2.0, 3.0]));
        assert_eq!(*MappedSlice::<f32>::new(bytes.clone(), 4..12).unwrap(), [2.0, 3.0]);
        for range in [1..5, 4..11, 8..16] {
            assert!(MappedSlice::<f32>::new(bytes.clone(), range.clone()).is_none(), "{range:?}");
        }
    }
}
