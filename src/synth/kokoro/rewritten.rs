//! Rewrites the model file for the runtime.
//!
//! `kokoro-v1.0.int8.onnx` keeps its weights inside the protobuf message, where they are not aligned and can't be
//! mapped: they go into a file of their own. `rten` 0.27 can't do four things in it, or does them otherwise than ONNX
//! Runtime:
//!
//! - rten has no `FusedMatMul` of `com.microsoft`, so the graph has its parts.
//! - `ConvInteger` must pad with the input's zero point; rten pads with the value 128, which distorts every
//!   convolution at both ends of an utterance and is audible as a click. So the padding gets a node of its own.
//! - The phase of the harmonic source is `atan(imaginary / real)`. Where there is no sound, rten's exact Fourier
//!   transform gives 0 / 0, and the NaN is quantized to an arbitrary value. ONNX Runtime's rounding errors avoid that
//!   by luck. So the divisor gets a tiny summand, so that the phase of silence is 0.
//!
//! - Where the real part is negative, half a turn is added or taken away, depending on whether the imaginary part is
//!   above zero. For the constant part it is exactly zero in rten's transform, but a rounding error above zero in ONNX
//!   Runtime's. The network has learnt that zero counts as above.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataLocation, DataType, ModelProto, NodeProto, StringStringEntryProto,
    TensorProto,
};

/// Weights of fewer bytes stay in the graph: the runtime reads them while it plans.
const SMALLEST_EXTERNAL: usize = 256;
const ALIGNMENT: usize = 64;

/// The graph, and the weights that it expects in the file `location` beside it; the error names the missing part of
/// the model.
pub(crate) fn rewritten(mut model: ModelProto, location: &str) -> Result<(Vec<u8>, Vec<u8>), String> {
    let graph = model.graph.as_mut().ok_or("it holds no graph")?;
    let mut pads = BTreeMap::new();
    let phases = inputs_of(&graph.node, "Atan");
    graph.node = std::mem::take(&mut graph.node)
        .into_iter()
        .flat_map(without_fused_matmul)
        .flat_map(|node| with_explicit_padding(node, &mut pads))
        .flat_map(|node| with_guarded_divisor(node, &phases))
        .map(counting_zero_as_positive)
        .collect();
    graph.initializer.push(tiny_tensor());
    graph.initializer.extend(pads.into_iter().map(|(pads, name)| pads_tensor(pads, name)));

    let mut weights = Vec::new();
    for tensor in &mut graph.initializer {
        let Some(raw) = tensor.raw_data.take().map(RefCell::into_inner) else { continue };
        if raw.len() < SMALLEST_EXTERNAL {
            tensor.raw_data = Some(RefCell::new(raw));
            continue;
        }
        weights.resize(weights.len().next_multiple_of(ALIGNMENT), 0);
        let entry = |key: &str, value: String| StringStringEntryProto {
            key: Some(key.to_string()),
            value: Some(value),
        };
        tensor.external_data = vec![
            entry("location", location.to_string()),
            entry("offset", weights.len().to_string()),
            entry("length", raw.len().to_string()),
        ];
        tensor.data_location = Some(DataLocation::EXTERNAL);
        weights.extend_from_slice(&raw);
    }
    let graph = model.write_buf().map_err(|cause| cause.to_string())?;
    Ok((graph, weights))
}

/// `FusedMatMul(transA = 1)` is a transposition and a multiplication. `rten` knows the other contributed operators of
/// the export (`FastGelu`, `SkipLayerNormalization`, `DynamicQuantizeLSTM`).
fn without_fused_matmul(mut node: NodeProto) -> Vec<NodeProto> {
    if node.op_type.as_deref() != Some("FusedMatMul") {
        return vec![node];
    }
    let is_transposed = node
        .attribute
        .iter()
        .any(|attribute| attribute.name.as_deref() == Some("transA") && attribute.i == Some(1));
    node.op_type = Some("MatMul".to_string());
    node.domain = None;
    node.attribute.clear();
    let Some(left) = node.input.first_mut().filter(|_| is_transposed) else { return vec![node] };
    let transposed = format!("{left}/transposed");
    let transpose = NodeProto {
        op_type: Some("Transpose".to_string()),
        name: Some(transposed.clone()),
        input: vec![std::mem::replace(left, transposed.clone())],
        output: vec![transposed],
        attribute: vec![AttributeProto {
            name: Some("perm".to_string()),
            ints: vec![0, 2, 1],
            r#type: Some(AttributeType::INTS),
            ..AttributeProto::default()
        }],
        ..NodeProto::default()
    };
    vec![transpose, node]
}

/// Pads the quantized input of a one-dimensional `ConvInteger` with its zero point in a node of its own. `pads` collects
/// the distinct paddings (before and after, in steps) and the names of the constants that hold them.
fn with_explicit_padding(mut node: NodeProto, pads: &mut BTreeMap<[i64; 2], String>) -> Vec<NodeProto> {
    let is_convolution = node.op_type.as_deref() == Some("ConvInteger");
    let padding = node.attribute.iter_mut().find(|attribute| attribute.name.as_deref() == Some("pads"));
    let (true, Some(padding), [input, _, zero_point, ..]) =
        (is_convolution, padding, node.input.as_mut_slice())
    else {
        return vec![node];
    };
    let [before, after] = padding.ints[..] else { return vec![node] };
    if (before, after) == (0, 0) {
        return vec![node];
    }
    padding.ints = vec![0, 0];
    let name = pads.entry([before, after]).or_insert_with(|| format!("audio-report/pads/{before}-{after}"));
    let output = node.output.first().cloned().unwrap_or_default();
    let padded = format!("{output}/padded");
    let pad = NodeProto {
        op_type: Some("Pad".to_string()),
        name: Some(padded.clone()),
        input: vec![std::mem::replace(input, padded.clone()), name.clone(), zero_point.clone()],
        output: vec![padded],
        attribute: vec![AttributeProto {
            name: Some("mode".to_string()),
            s: Some("constant".to_string()),
            r#type: Some(AttributeType::STRING),
            ..AttributeProto::default()
        }],
        ..NodeProto::default()
    };
    vec![pad, node]
}

/// The `pads` input of `Pad` for a tensor of [batch, channels, steps].
fn pads_tensor([before, after]: [i64; 2], name: String) -> TensorProto {
    TensorProto {
        dims: vec![6],
        data_type: Some(DataType::INT64),
        int64_data: vec![0, 0, before, 0, 0, after],
        name: Some(name),
        ..TensorProto::default()
    }
}

/// The constant that is added to divisors.
const TINY: &str = "audio-report/tiny";

/// Far below any sound, far above the smallest f32.
fn tiny_tensor() -> TensorProto {
    TensorProto {
        data_type: Some(DataType::FLOAT),
        float_data: vec![1e-20],
        name: Some(TINY.to_string()),
        ..TensorProto::default()
    }
}

/// The names of all tensors that operators of a type read.
fn inputs_of(nodes: &[NodeProto], op_type: &str) -> HashSet<String> {
    nodes
        .iter()
        .filter(|node| node.op_type.as_deref() == Some(op_type))
        .flat_map(|node| node.input.iter().cloned())
        .collect()
}

/// Adds [`TINY`] to the divisor of a division that makes one of the `phases`.
fn with_guarded_divisor(mut node: NodeProto, phases: &HashSet<String>) -> Vec<NodeProto> {
    let makes_phase = node.output.iter().any(|output| phases.contains(output));
    let [_, divisor] = node.input.as_mut_slice() else { return vec![node] };
    if node.op_type.as_deref() != Some("Div") || !makes_phase {
        return vec![node];
    }
    let guarded = format!("{divisor}/guarded");
    let add = NodeProto {
        op_type: Some("Add".to_string()),
        name: Some(guarded.clone()),
        input: vec![std::mem::replace(divisor, guarded.clone()), TINY.to_string()],
        output: vec![guarded],
        ..NodeProto::default()
    };
    vec![add, node]
}

/// The node that compares the imaginary parts of the harmonic source with zero.
const IMAGINARY_SIGN: &str = "/decoder/decoder/generator/Greater_output_0";

/// Makes [`IMAGINARY_SIGN`] true for zero, too.
fn counting_zero_as_positive(mut node: NodeProto) -> NodeProto {
    if node.output.iter().any(|output| output == IMAGINARY_SIGN) {
        node.op_type = Some("GreaterOrEqual".to_string());
    }
    node
}

#[cfg(all(test, feature = "runtime"))]
mod upstream;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn paddings_of_convolutions_become_nodes_that_pad_with_the_zero_point() {
        let convolution = |ints: Vec<i64>| NodeProto {
            op_type: Some("ConvInteger".to_string()),
            input: ["x", "w", "x_zero", "w_zero"].map(String::from).to_vec(),
            output: vec!["y".to_string()],
            attribute: vec![AttributeProto {
                name: Some("pads".to_string()),
                ints,
                ..AttributeProto::default()
            }],
            ..NodeProto::default()
        };
        let mut pads = BTreeMap::new();
        assert_eq!(with_explicit_padding(convolution(vec![0, 0]), &mut pads).len(), 1);
        assert!(pads.is_empty());
        for _ in 0..2 {
            let nodes = with_explicit_padding(convolution(vec![3, 4]), &mut pads);
            assert_eq!(nodes[0].input, ["x", "audio-report/pads/3-4", "x_zero"]);
            assert_eq!(nodes[1].input, ["y/padded", "w", "x_zero", "w_zero"]);
            assert_eq!(nodes[1].attribute[0].ints, [0, 0]);
        }
        let tensors: Vec<TensorProto> =
            pads.into_iter().map(|(pads, name)| pads_tensor(pads, name)).collect();
        assert_eq!(tensors.len(), 1);
        assert_eq!(tensors[0].int64_data, [0, 0, 3, 0, 0, 4]);
    }

    #[test]
    fn only_divisions_that_make_a_phase_are_guarded() {
        let operator = |op: &str, inputs: &[&str], output: &str| NodeProto {
            op_type: Some(op.to_string()),
            input: inputs.iter().map(ToString::to_string).collect(),
            output: vec![output.to_string()],
            ..NodeProto::default()
        };
        let atan = operator("Atan", &["slope"], "phase");
        let phases = inputs_of(&[atan], "Atan");
        let guarded = with_guarded_divisor(operator("Div", &["y", "x"], "slope"), &phases);
        assert_eq!(guarded[0].input, ["x", TINY]);
        assert_eq!(guarded[1].input, ["y", "x/guarded"]);
        each([operator("Div", &["y", "x"], "mean"), operator("Mul", &["y", "x"], "slope")], |other| {
            assert_eq!(with_guarded_divisor(other, &phases).len(), 1);
        });
    }

    fn node(op: &str, transposed: Option<i64>) -> NodeProto {
        NodeProto {
            op_type: Some(op.to_string()),
            domain: Some("com.microsoft".to_string()),
            input: vec!["a".to_string(), "b".to_string()],
            output: vec!["c".to_string()],
            attribute: transposed
                .map(|i| AttributeProto {
                    name: Some("transA".to_string()),
                    i: Some(i),
                    ..AttributeProto::default()
                })
                .into_iter()
                .collect(),
            ..NodeProto::default()
        }
    }

    #[test]
    fn only_the_fused_multiplication_is_spelled_out() {
        let names = |nodes: Vec<NodeProto>| -> Vec<String> {
            nodes.into_iter().map(|n| format!("{}({})", n.op_type.unwrap(), n.input.join(","))).collect()
        };
        assert_eq!(names(without_fused_matmul(node("FastGelu", None))), ["FastGelu(a,b)"]);
        assert_eq!(names(without_fused_matmul(node("FusedMatMul", Some(0)))), ["MatMul(a,b)"]);
        assert_eq!(
            names(without_fused_matmul(node("FusedMatMul", Some(1)))),
            ["Transpose(a)", "MatMul(a/transposed,b)"]
        );
    }
}
