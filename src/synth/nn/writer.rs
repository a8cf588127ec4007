//! Writes a file of weights in the safetensors format, laid out for the kernels, which use it as it is mapped.

use bytemuck::NoUninit;
use kernels::pack::{Shape, offsets, pack};
use kernels::tile::filters;
use safetensors::tensor::{Dtype, TensorView, serialize};

/// A tensor on its way into the file.
struct Entry {
    name: String,
    dtype: Dtype,
    length: usize,
    bytes: Vec<u8>,
}

/// A file in the making.
#[derive(Default)]
pub(crate) struct Writer {
    entries: Vec<Entry>,
}

impl Writer {
    /// The file.
    pub(crate) fn write(&self) -> Result<Vec<u8>, String> {
        let views: Result<Vec<(&str, TensorView)>, String> = self
            .entries
            .iter()
            .map(|entry| {
                let view = TensorView::new(entry.dtype, vec![entry.length], &entry.bytes);
                Ok((entry.name.as_str(), view.map_err(|cause| format!("{}: {cause}", entry.name))?))
            })
            .collect();
        serialize(views?, None).map_err(|cause| cause.to_string())
    }

    /// Numbers as they are.
    pub(crate) fn add<T: NoUninit>(&mut self, name: String, dtype: Dtype, numbers: &[T]) {
        let bytes = bytemuck::cast_slice(numbers).to_vec();
        self.entries.push(Entry { name, dtype, length: numbers.len(), bytes });
    }

    /// Floats as they are.
    pub(crate) fn add_floats(&mut self, name: String, numbers: &[f32]) {
        self.add(name, Dtype::F32, numbers);
    }

    /// Weights for the integer kernels: `at` returns the place in `numbers` for an output, an input and a tap.
    pub(crate) fn add_packed(
        &mut self,
        name: &str,
        shape: Shape,
        numbers: &[i16],
        at: impl Fn(usize, usize, usize) -> usize,
    ) -> Result<(), String> {
        let bytes: Result<Vec<i8>, _> = numbers.iter().map(|x| i8::try_from(*x)).collect();
        let bytes = bytes.map_err(|_| format!("the weights of {name} don't fit eight bits"))?;
        let packed = pack(shape, |o, c, k| bytes[at(o, c, k)]);
        self.add(format!("{name}.offsets"), Dtype::I32, &offsets(shape, &packed));
        self.add(format!("{name}.weight"), Dtype::I8, &packed);
        Ok(())
    }

    /// Weights for convolutions by tiles: `weight` returns that of an output, an input and a tap.
    pub(crate) fn add_tiled(
        &mut self,
        name: &str,
        shape: Shape,
        weight: impl Fn(usize, usize, usize) -> f32,
    ) {
        let (packed, gains) = filters::pack(shape, weight);
        self.add(format!("{name}.tiles"), Dtype::I16, &packed);
        self.add_floats(format!("{name}.tiles.gains"), &gains);
    }
}
