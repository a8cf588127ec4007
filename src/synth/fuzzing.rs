//! The parsers of models and of what is made of them, for `crate::fuzzing`.

use kernels::pack::{Shape, aligned};
use rten_onnx::onnx::ModelProto;
use safetensors::tensor::Dtype;

use super::nn::weights::Reader;
use super::{hibari, kokoro};

type Try = fn(&[u8]);

pub(crate) const TARGETS: &[(&str, Try)] = &[
    ("layers", layers),
    ("model", |bytes| {
        let Ok(model) = ModelProto::parse_buf(bytes) else { return };
        if let Some(graph) = &model.graph {
            std::hint::black_box((
                kokoro::export::export(graph).is_ok(),
                hibari::export::export(graph).is_ok(),
            ));
        }
    }),
    ("prepared", |bytes| {
        let bytes = aligned(bytes);
        let Ok(reader) = Reader::new(&bytes) else { return };
        std::hint::black_box((reader.text_side().is_ok(), reader.decoder().is_ok()));
        std::hint::black_box(hibari::weights::are_whole(&reader));
    }),
];

/// Small layers, each from a tensor that may have any shape: those of the engines would need thousands of numbers.
fn layers(bytes: &[u8]) {
    let bytes = aligned(bytes);
    let Ok(reader) = Reader::new(&bytes) else { return };
    let shape = Shape { inputs: 4, outputs: 4, taps: 1 };
    std::hint::black_box((
        reader.floats("a", 4).is_ok(),
        reader.array::<2>("b").is_ok(),
        reader.count("c").is_ok(),
    ));
    std::hint::black_box((
        reader.numbers::<i8>("d", Dtype::I8).is_ok(),
        reader.numbers::<f32>("e", Dtype::F32).is_ok(),
        reader.windows("f", 4, vec![0.0; 2]).is_ok(),
    ));
    std::hint::black_box((
        reader.convolution("g", shape).is_ok(),
        reader.packed("h", shape, vec![1.0; 4], vec![0.0; 4]).is_ok(),
        reader.tiled("i", Shape { taps: 3, ..shape }, vec![0.0; 4]).is_ok(),
        reader.style_layer("j", 2, 2).is_ok(),
    ));
}
