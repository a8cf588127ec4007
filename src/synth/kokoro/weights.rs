//! What is in the layers: read from the file that [`export`](super::export) made. Here is what all parts of the network
//! need; their own `weights` modules know what they consist of.

use bytemuck::Pod;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::decoder::adain::{Nonlinearity, StyleLayer, StyledConvolution};
use super::decoder::decode_block::{self, DecodeBlock, DecodeShape, Doubling};
use super::kernels::Windows;
use super::kernels::pack::{Numbers, PackedConvolution, Shape, SharedBytes};
use super::style::STYLE_SIZE;

/// Half of the style: the first belongs to the decoder, the second to the text side.
pub const HALF_STYLE: usize = STYLE_SIZE / 2;

/// An open file of weights. All errors tell what is wrong with it.
pub struct Reader<'a> {
    all: &'a [u8],
    bytes: &'a SharedBytes,
    tensors: SafeTensors<'a>,
}

impl<'a> Reader<'a> {
    /// Opens the file.
    pub fn new(bytes: &'a SharedBytes) -> Result<Self, String> {
        let all: &[u8] = (**bytes).as_ref();
        let tensors = SafeTensors::deserialize(all).map_err(|cause| cause.to_string())?;
        Ok(Self { all, bytes, tensors })
    }

    fn tensor(&self, name: &str, dtype: Dtype) -> Result<TensorView<'_>, String> {
        let tensor = self.tensors.tensor(name).map_err(|cause| format!("{name}: {cause}"))?;
        if tensor.dtype() == dtype { Ok(tensor) } else { Err(format!("{name} is {:?}", tensor.dtype())) }
    }

    /// Floats, copied; so many.
    pub fn floats(&self, name: &str, count: usize) -> Result<Vec<f32>, String> {
        let tensor = self.tensor(name, Dtype::F32)?;
        let numbers: Vec<f32> =
            tensor.data().as_chunks::<4>().0.iter().copied().map(f32::from_le_bytes).collect();
        if numbers.len() == count {
            Ok(numbers)
        } else {
            Err(format!("{name} has {} numbers", numbers.len()))
        }
    }

    /// The same, in an array.
    pub fn array<const N: usize>(&self, name: &str) -> Result<[f32; N], String> {
        let numbers = self.floats(name, N)?;
        numbers.try_into().map_err(|_| format!("{name} has not {N} numbers"))
    }

    /// Numbers that are used where they lie.
    pub fn numbers<T: Pod>(&self, name: &str, dtype: Dtype) -> Result<Numbers<T>, String> {
        let data = self.tensor(name, dtype)?;
        let start = data.data().as_ptr() as usize - self.all.as_ptr() as usize;
        let range = start..start + data.data().len();
        Numbers::new(self.bytes.clone(), range).ok_or_else(|| format!("{name} does not lie as numbers do"))
    }

    /// Weights of windows of `depth` numbers.
    pub fn windows(&self, name: &str, depth: usize, bias: Vec<f32>) -> Result<Windows, String> {
        let name = format!("{name}.weight");
        Windows::new(depth, self.numbers(&name, Dtype::F32)?, bias)
            .ok_or_else(|| format!("{name} has another shape"))
    }

    /// A block.
    pub fn decode_block(&self, shape: &DecodeShape) -> Result<DecodeBlock, String> {
        let DecodeShape { name, inputs, outputs, doubles } = *shape;
        let styled = |order: usize, inputs: usize| -> Result<StyledConvolution, String> {
            let layer = format!("{name}.conv{order}");
            Ok(StyledConvolution {
                style: self.style_layer(&format!("{layer}.style"), 2 * inputs)?,
                nonlinearity: Nonlinearity::Leaky(decode_block::SLOPE),
                convolution: self.convolution(&layer, Shape { inputs, outputs, taps: 3 })?,
            })
        };
        let doubling = || -> Result<Doubling, String> {
            let weight = self.floats(&format!("{name}.pool.weight"), 3 * inputs)?;
            let tap = |tap: usize| weight.iter().copied().skip(tap).step_by(3).collect();
            Ok(Doubling {
                taps: [tap(0), tap(1), tap(2)],
                bias: self.floats(&format!("{name}.pool.bias"), inputs)?,
            })
        };
        let shortcut = || self.windows(&format!("{name}.conv1x1"), inputs, vec![0.0; outputs]);
        Ok(DecodeBlock {
            convolutions: [styled(1, inputs)?, styled(2, outputs)?],
            shortcut: (inputs != outputs).then(shortcut).transpose()?,
            doubling: doubles.then(doubling).transpose()?,
        })
    }

    /// A quantized convolution.
    pub fn convolution(&self, name: &str, shape: Shape) -> Result<PackedConvolution, String> {
        let [scale] = self.array(&format!("{name}.scale"))?;
        let bias = self.floats(&format!("{name}.bias"), shape.outputs)?;
        self.packed(name, shape, vec![scale; shape.outputs], bias)
    }

    /// Packed weights, with what is applied to their sums.
    pub fn packed(
        &self,
        name: &str,
        shape: Shape,
        gains: Vec<f32>,
        bias: Vec<f32>,
    ) -> Result<PackedConvolution, String> {
        let weights = self.numbers(&format!("{name}.weight"), Dtype::I8)?;
        let offsets = self.numbers(&format!("{name}.offsets"), Dtype::I32)?;
        PackedConvolution::new(shape, weights, offsets, gains, bias)
            .ok_or_else(|| format!("{name} has another shape"))
    }

    /// A layer that is applied to half of the style and has `width` outputs.
    pub fn style_layer(&self, name: &str, width: usize) -> Result<StyleLayer, String> {
        let weights: Numbers<i16> = self.numbers(&format!("{name}.weight"), Dtype::I16)?;
        if weights.len() != HALF_STYLE * width {
            return Err(format!("{name}.weight has {} weights", weights.len()));
        }
        Ok(StyleLayer {
            weights,
            scales: self.floats(&format!("{name}.scale"), width)?,
            bias: self.floats(&format!("{name}.bias"), width)?,
        })
    }
}
