//! Reads layers from a file of weights in the safetensors format. Engines know which layers they consist of.

use bytemuck::Pod;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::adain::StyleLayer;
use super::convolution::Convolution;

use kernels::WindowWeights;
use kernels::pack::{MappedSlice, PackedConvolution, Shape, SharedBytes};
use kernels::tile::filters::TiledConvolution;

/// An open file of weights. All errors name its fault.
pub(crate) struct Reader<'a> {
    all: &'a [u8],
    bytes: &'a SharedBytes,
    tensors: SafeTensors<'a>,
}

impl<'a> Reader<'a> {
    /// Opens the file.
    pub(crate) fn new(bytes: &'a SharedBytes) -> Result<Self, String> {
        let all: &[u8] = (**bytes).as_ref();
        let tensors = SafeTensors::deserialize(all).map_err(|cause| cause.to_string())?;
        Ok(Self { all, bytes, tensors })
    }

    fn tensor(&self, name: &str, dtype: Dtype) -> Result<TensorView<'_>, String> {
        let tensor = self.tensors.tensor(name).map_err(|cause| format!("{name}: {cause}"))?;
        if tensor.dtype() == dtype { Ok(tensor) } else { Err(format!("{name} is {:?}", tensor.dtype())) }
    }

    /// How many floats a tensor has.
    pub(crate) fn count(&self, name: &str) -> Result<usize, String> {
        Ok(self.tensor(name, Dtype::F32)?.data().len() / size_of::<f32>())
    }

    /// A tensor of `count` floats, copied.
    pub(crate) fn floats(&self, name: &str, count: usize) -> Result<Vec<f32>, String> {
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
    pub(crate) fn array<const N: usize>(&self, name: &str) -> Result<[f32; N], String> {
        let numbers = self.floats(name, N)?;
        numbers.try_into().map_err(|_| format!("{name} has not {N} numbers"))
    }

    /// Numbers that are used where they lie.
    pub(crate) fn numbers<T: Pod>(&self, name: &str, dtype: Dtype) -> Result<MappedSlice<T>, String> {
        let data = self.tensor(name, dtype)?;
        let start = data.data().as_ptr() as usize - self.all.as_ptr() as usize;
        let range = start..start + data.data().len();
        MappedSlice::new(self.bytes.clone(), range)
            .ok_or_else(|| format!("{name} does not lie as numbers do"))
    }

    /// Weights of windows of `depth` numbers.
    pub(crate) fn windows(&self, name: &str, depth: usize, bias: Vec<f32>) -> Result<WindowWeights, String> {
        let name = format!("{name}.weight");
        WindowWeights::new(depth, self.numbers(&name, Dtype::F32)?, bias)
            .ok_or_else(|| format!("{name} has another shape"))
    }

    /// A convolution whose weights have one scale.
    pub(crate) fn convolution(&self, name: &str, shape: Shape) -> Result<Convolution, String> {
        let [scale] = self.array(&format!("{name}.scale"))?;
        let bias = self.floats(&format!("{name}.bias"), shape.outputs)?;
        Ok(Convolution {
            direct: self.packed(name, shape, vec![scale; shape.outputs], bias.clone())?,
            tiled: self.tiled(name, shape, bias)?,
        })
    }

    /// A convolution by tiles, where the file has them.
    pub(crate) fn tiled(
        &self,
        name: &str,
        shape: Shape,
        bias: Vec<f32>,
    ) -> Result<Option<TiledConvolution>, String> {
        let tiles = format!("{name}.tiles");
        if self.tensors.tensor(&tiles).is_err() {
            return Ok(None);
        }
        let weights = self.numbers(&tiles, Dtype::I16)?;
        let gains = self.floats(&format!("{tiles}.gains"), shape.outputs)?;
        let convolution = TiledConvolution::new(shape, weights, gains, bias);
        convolution.map(Some).ok_or_else(|| format!("{tiles} has another shape"))
    }

    /// Packed weights, with the scales and bias for their sums.
    pub(crate) fn packed(
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

    /// A layer that is applied to a style of `inputs` numbers and has `width` outputs.
    pub(crate) fn style_layer(&self, name: &str, inputs: usize, width: usize) -> Result<StyleLayer, String> {
        let weights: MappedSlice<i16> = self.numbers(&format!("{name}.weight"), Dtype::I16)?;
        if weights.len() != inputs * width {
            return Err(format!("{name}.weight has {} weights", weights.len()));
        }
        Ok(StyleLayer {
            weights,
            scales: self.floats(&format!("{name}.scale"), width)?,
            bias: self.floats(&format!("{name}.bias"), width)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use kernels::pack::aligned;
    use safetensors::tensor::serialize;

    use super::*;

    #[test]
    fn f1_a_file_of_any_length_loads_from_memory() {
        for length in 1..=9 {
            let numbers: Vec<i8> = (0..length).collect();
            let data: &[u8] = bytemuck::cast_slice(&numbers);
            let tensor = TensorView::new(Dtype::I8, vec![data.len()], data).unwrap();
            let file = serialize([("weight", tensor)], None).unwrap();
            let bytes = aligned(&file);
            let read = Reader::new(&bytes).and_then(|reader| reader.numbers::<i8>("weight", Dtype::I8));
            assert_eq!(read.map(|read| read.to_vec()), Ok(numbers), "{} bytes", file.len());
        }
    }
}
