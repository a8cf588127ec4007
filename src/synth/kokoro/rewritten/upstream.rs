//! The differences of `rten` from ONNX Runtime, each in a graph of one operator. When a test fails after an update,
//! the part of [`rewritten`](super) that it names has become needless: remove both.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use rten::{Model, Value};
use rten_onnx::onnx::{
    AttributeProto, AttributeType, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, ValueInfoProto,
};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};

/// A model of one operator, with inputs `0`, `1` … and the output `y`.
fn model(op: &str, domain: &str, inputs: usize, attribute: Vec<AttributeProto>) -> Vec<u8> {
    let names: Vec<String> = (0..inputs).map(|index| index.to_string()).collect();
    let value = |name: &String| ValueInfoProto { name: Some(name.clone()), ..ValueInfoProto::default() };
    let output = "y".to_string();
    let opset = |domain: &str, version| OperatorSetIdProto {
        domain: Some(domain.to_string()),
        version: Some(version),
    };
    let graph = GraphProto {
        input: names.iter().map(value).collect(),
        output: vec![value(&output)],
        node: vec![NodeProto {
            op_type: Some(op.to_string()),
            name: Some(op.to_string()),
            domain: Some(domain.to_string()),
            input: names,
            output: vec![output],
            attribute,
        }],
        ..GraphProto::default()
    };
    let model = ModelProto {
        ir_version: Some(9),
        opset_import: vec![opset("", 20), opset("com.microsoft", 1)],
        graph: Some(graph),
        ..ModelProto::default()
    };
    model.write_buf().unwrap()
}

fn run(bytes: Vec<u8>, inputs: Vec<Value>) -> Value {
    let model = Model::load(bytes).unwrap();
    let id = |name: &str| model.node_id(name).unwrap();
    let inputs = inputs.into_iter().enumerate().map(|(at, value)| (id(&at.to_string()), value.into()));
    model.run(inputs.collect(), &[id("y")], None).unwrap().remove(0)
}

fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_string()),
        i: Some(i),
        r#type: Some(AttributeType::INT),
        ..AttributeProto::default()
    }
}

#[test]
fn rten_has_no_fused_matmul_so_it_is_spelled_out() {
    let loaded = Model::load(model("FusedMatMul", "com.microsoft", 2, vec![int("transA", 1)]));
    let refused =
        loaded.map(drop).expect_err("rten has FusedMatMul: `without_fused_matmul` is needless").to_string();
    assert!(refused.contains("FusedMatMul"), "{refused}");
    // The same graph with an operator that rten has.
    Model::load(model("MatMul", "", 2, Vec::new())).unwrap();
}

/// Real and imaginary parts of the one-sided spectrum of a window of 20 samples, by rten.
fn spectrum(samples: Vec<f32>) -> Vec<[f32; 2]> {
    let hann = |n: u8| 0.5 - 0.5 * (std::f32::consts::TAU * f32::from(n) / 20.0).cos();
    let made = run(
        model("STFT", "", 4, vec![int("onesided", 1)]),
        vec![
            NdTensor::from_data([1, samples.len()], samples).into(),
            Tensor::from(5_i32).into(),
            NdTensor::from_data([20], (0..20).map(hann).collect::<Vec<f32>>()).into(),
            Tensor::from(20_i32).into(),
        ],
    );
    let made: Tensor<f32> = made.try_into().unwrap();
    made.to_vec().as_chunks::<2>().0.to_vec()
}

#[test]
fn rten_transforms_exactly_so_divisors_are_guarded_and_zero_counts_as_positive() {
    let silence = spectrum(vec![0.0; 20]);
    assert_eq!(silence.len(), 11);
    let needless = "rten's transform of nothing is not nothing: `with_guarded_divisor` is needless";
    assert!(silence.iter().flatten().all(|part| *part == 0.0), "{needless}: {silence:?}");

    let sound = spectrum((0..20_u8).map(|n| (f32::from(n) * 0.7).sin() - 0.3).collect());
    let needless = "rten's constant part has an imaginary one: `counting_zero_as_positive` is needless";
    assert!(sound[0][1] == 0.0, "{needless}: {sound:?}");
    assert!(sound[0][0] != 0.0 && sound[1][1] != 0.0, "the test itself is wrong: {sound:?}");
}
