//! The tensors of an ONNX graph, found by the nodes that use them.

use std::collections::HashMap;

use rten_onnx::onnx::{GraphProto, NodeProto, TensorProto};

/// A graph, indexed by names. All errors name the missing part.
pub(crate) struct Graph<'a> {
    nodes: HashMap<&'a str, &'a NodeProto>,
    users: HashMap<&'a str, Vec<&'a NodeProto>>,
    tensors: HashMap<&'a str, &'a TensorProto>,
}

/// A quantized tensor: whole numbers about zero, and a scale for all.
pub(crate) struct Quantized {
    /// The numbers, in the order of the tensor.
    pub numbers: Vec<i16>,
    /// The value of one unit.
    pub scale: f32,
}

/// The weights of a quantized LSTM of two directions.
pub(crate) struct QuantizedLstm {
    /// For each direction and each input, a row with the four gates of all units.
    pub input: [Quantized; 2],
    /// The same for each unit of the state.
    pub recurrent: [Quantized; 2],
    /// Summands of the gates, forward then backward; the export adds two biases, to input and state; here they are one
    /// sum.
    pub bias: Vec<f32>,
}

impl<'a> Graph<'a> {
    /// Indexes a graph.
    pub(crate) fn new(graph: &'a GraphProto) -> Self {
        let by_output = |node: &'a NodeProto| node.output.iter().map(move |output| (output.as_str(), node));
        let by_name = |tensor: &'a TensorProto| Some((tensor.name.as_deref()?, tensor));
        let mut users: HashMap<&str, Vec<&NodeProto>> = HashMap::new();
        for node in &graph.node {
            for input in &node.input {
                users.entry(input.as_str()).or_default().push(node);
            }
        }
        Self {
            nodes: graph.node.iter().flat_map(by_output).collect(),
            users,
            tensors: graph.initializer.iter().filter_map(by_name).collect(),
        }
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        let tensor = self.tensors.get(name).ok_or_else(|| format!("it has no tensor “{name}”"))?;
        if let Some(raw) = &tensor.raw_data {
            return Ok(raw.borrow().clone());
        }
        if !tensor.float_data.is_empty() {
            return Ok(tensor.float_data.iter().flat_map(|x| x.to_le_bytes()).collect());
        }
        // Bytes that are not raw are stored as one number each.
        Ok(tensor.int32_data.iter().map(|x| x.to_le_bytes()[0]).collect())
    }

    /// A tensor of floats.
    pub(crate) fn floats(&self, name: &str) -> Result<Vec<f32>, String> {
        Ok(self.bytes(name)?.as_chunks::<4>().0.iter().copied().map(f32::from_le_bytes).collect())
    }

    /// The name of an input of the node that makes `output`.
    pub(crate) fn input(&self, output: &str, index: usize) -> Result<&'a str, String> {
        let node = self.nodes.get(output).ok_or_else(|| format!("it has no node that makes “{output}”"))?;
        let input = node.input.get(index);
        Ok(input.ok_or_else(|| format!("the node that makes “{output}” has no input {index}"))?)
    }

    /// The nodes that have a tensor among their inputs.
    pub(crate) fn users(&self, tensor: &str) -> &[&'a NodeProto] {
        self.users.get(tensor).map_or(&[], Vec::as_slice)
    }

    /// The first of them.
    pub(crate) fn user(&self, tensor: &str) -> Result<&'a NodeProto, String> {
        self.users(tensor).first().copied().ok_or_else(|| format!("it has no tensor “{tensor}”"))
    }

    /// The weights of the convolution that makes `output`: unsigned bytes, with one scale and one zero point.
    pub(crate) fn convolution(&self, output: &str) -> Result<Quantized, String> {
        let weights = self.input(output, 1)?;
        let scale = weights.strip_suffix("_quantized").map(|name| format!("{name}_scale"));
        let scale = self.floats(&scale.ok_or_else(|| format!("“{weights}” is not quantized"))?)?;
        let zero = self.bytes(self.input(output, 3)?)?;
        let ([zero], [scale]) = (zero.as_slice(), scale.as_slice()) else {
            return Err(format!("“{weights}” has not one scale and one zero point"));
        };
        let about_zero = |byte: &u8| i16::from(*byte) - i16::from(*zero);
        Ok(Quantized { numbers: self.bytes(weights)?.iter().map(about_zero).collect(), scale: *scale })
    }

    /// The weights of the matrix multiplication that makes `output`: signed bytes about one zero point a column.
    pub(crate) fn multiplication(&self, output: &str) -> Result<Vec<i16>, String> {
        let (weights, zeros) = (self.bytes(self.input(output, 1)?)?, self.bytes(self.input(output, 3)?)?);
        if zeros.is_empty() || !weights.len().is_multiple_of(zeros.len()) {
            return Err(format!("the node that makes “{output}” has {} zero points", zeros.len()));
        }
        let pairs = weights.iter().zip(zeros.iter().cycle());
        Ok(pairs
            .map(|(weight, zero)| i16::from(weight.cast_signed()) - i16::from(zero.cast_signed()))
            .collect())
    }

    /// The scales of the weights of the matrix multiplication that makes `output`, one a column.
    pub(crate) fn column_scales(&self, output: &str) -> Result<Vec<f32>, String> {
        let weights = self.input(output, 1)?;
        let scales = weights.strip_suffix("_quantized").map(|name| format!("{name}_scale"));
        self.floats(&scales.ok_or_else(|| format!("“{weights}” is not quantized"))?)
    }

    /// The table that the dequantized lookup that makes `output` looks into.
    pub(crate) fn embedding(&self, output: &str) -> Result<Vec<f32>, String> {
        let table = self.bytes(self.input(self.input(output, 0)?, 0)?)?;
        let (scale, zero) = (self.floats(self.input(output, 1)?)?, self.bytes(self.input(output, 2)?)?);
        let ([scale], [zero]) = (scale.as_slice(), zero.as_slice()) else {
            return Err(format!("“{output}” has not one scale and one zero point"));
        };
        Ok(about_zero(&table, *zero).map(|x| f32::from(x) * scale).collect())
    }

    /// The weights of the quantized LSTM that makes `output`.
    pub(crate) fn lstm(&self, output: &str) -> Result<QuantizedLstm, String> {
        let weights = |index: usize, scale: usize| -> Result<[Quantized; 2], String> {
            let numbers = self.bytes(self.input(output, index)?)?;
            let scales = self.floats(self.input(output, scale)?)?;
            let zeros = self.bytes(self.input(output, scale + 1)?)?;
            let ([forward, backward], [first, second]) = (scales.as_slice(), zeros.as_slice()) else {
                return Err(format!("“{output}” has not two scales and two zero points"));
            };
            let (ahead, back) = numbers.split_at(numbers.len() / 2);
            let quantized =
                |bytes, zero, scale| Quantized { numbers: about_zero(bytes, zero).collect(), scale };
            Ok([quantized(ahead, *first, *forward), quantized(back, *second, *backward)])
        };
        let bias = self.floats(self.input(output, 3)?)?;
        // For each direction the four gates of the input, then those of the state.
        let bias = bias.chunks_exact((bias.len() / 4).max(1)).collect::<Vec<_>>();
        let [ahead, ahead_state, back, back_state] = bias.as_slice() else {
            return Err(format!("“{output}” has not two biases for each direction"));
        };
        let sums = ahead.iter().zip(*ahead_state).chain(back.iter().zip(*back_state));
        let bias = sums.map(|(input, state)| input + state).collect();
        Ok(QuantizedLstm { input: weights(1, 8)?, recurrent: weights(2, 10)?, bias })
    }
}

/// Signed bytes as their distance from a zero point.
fn about_zero(bytes: &[u8], zero: u8) -> impl Iterator<Item = i16> {
    bytes.iter().map(move |byte| i16::from(byte.cast_signed()) - i16::from(zero.cast_signed()))
}
