//! Features of symbols: ConvNeXt blocks, then a transformer whose layers share their weights (Lan et al., “ALBERT: a lite BERT”,
//! 2019), with its normalisations before each part.

use crate::synth::nn::attention::Heads;
use crate::synth::nn::linear::{FineRows, Linear, Sums};
use kernels::{DepthwiseConvolution, Isa, Normalisation, affine, depthwise, gelu_exact, normalise};

/// The division of a row of `width` numbers; the model's `nhead`.
pub(super) const fn heads(width: usize) -> Heads {
    Heads { count: 2, size: width / 2 }
}

/// How rows are quantized before a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    /// With 8 bits.
    Bits8,
    /// With 16 bits: for durations, which are rounded, so that a small error of them is heard. Nearly all of the error of 8 bits
    /// comes from feed-forward parts, so that attention has bytes everywhere.
    Bits16,
}

/// A text encoder.
pub(super) struct TextEncoder {
    /// A row for each symbol.
    pub tokens: Vec<f32>,
    pub blocks: Vec<TokenBlock>,
    /// How often the layer is applied.
    pub layers: usize,
    pub layer: Layer,
    /// Behind all.
    pub normalisation: Normalisation,
}

/// A normalisation, and two linear layers with a GELU between them.
pub(super) struct TokenFeedForward {
    pub precision: Precision,
    pub normalisation: Normalisation,
    pub wide: Linear,
    pub narrow: Linear,
}

/// A ConvNeXt block, see [`Block`](super::block::Block).
pub(super) struct TokenBlock {
    pub depthwise: DepthwiseConvolution,
    pub dilation: usize,
    pub feed_forward: TokenFeedForward,
}

/// The layer that is applied again and again.
pub(super) struct Layer {
    pub normalisation: Normalisation,
    /// Queries, keys and values; the factor of the scores is in the queries.
    pub attention: Linear,
    /// Of the contexts.
    pub dense: Linear,
    pub feed_forward: TokenFeedForward,
}

/// Working memory of linear layers.
#[derive(Default)]
struct Applier {
    rows: FineRows,
    sums: Sums,
}

impl Applier {
    /// The layer's output for whole tiles of rows.
    fn apply(&mut self, isa: Isa, linear: &Linear, precision: Precision, rows: &[f32]) -> Vec<f32> {
        self.rows.fill(isa, rows, linear.weights.inputs());
        match precision {
            Precision::Bits8 => self.rows.multiply_coarse(isa, &linear.weights, &mut self.sums),
            Precision::Bits16 => self.rows.multiply(isa, &linear.weights, &mut self.sums),
        }
        let mut output = vec![0.0; self.sums.coarse.len()];
        affine(isa, &self.sums.coarse, &self.sums.fine, &linear.scales, &linear.bias, &mut output);
        output
    }
}

impl TokenFeedForward {
    /// Replaces whole tiles of rows by the result for them.
    fn run(&self, isa: Isa, applier: &mut Applier, mut rows: Vec<f32>) -> Vec<f32> {
        normalise(isa, &mut rows, &self.normalisation);
        let mut inner = applier.apply(isa, &self.wide, self.precision, &rows);
        gelu_exact(isa, &mut inner);
        applier.apply(isa, &self.narrow, self.precision, &inner)
    }
}

impl TokenBlock {
    /// Works on whole tiles of rows, of which the first `count` are tokens, with zeros around them.
    fn run(&self, isa: Isa, count: usize, applier: &mut Applier, rows: &mut [f32]) {
        let channels = self.depthwise.channels();
        let reach = (self.depthwise.taps() - 1) / 2 * self.dilation;
        let mut padded = vec![0.0; rows.len() + 2 * reach * channels];
        let tokens = count * channels;
        padded[reach * channels..][..tokens].copy_from_slice(&rows[..tokens]);
        let mut mixed = vec![0.0; rows.len()];
        depthwise(isa, &padded, &self.depthwise, self.dilation, &mut mixed);
        add(rows, &self.feed_forward.run(isa, applier, mixed));
    }
}

impl TextEncoder {
    /// Numbers of a row.
    pub(super) fn width(&self) -> usize {
        self.normalisation.gain.len()
    }

    /// A row of features for each token.
    pub(super) fn run(&self, isa: Isa, tokens: &[i32]) -> Vec<f32> {
        let width = self.width();
        let mut applier = Applier::default();
        let table: Vec<&[f32]> = self.tokens.chunks_exact(width).collect();
        let embedded = tokens.iter().flat_map(|token| table[token.cast_unsigned() as usize]);
        let mut rows: Vec<f32> = embedded.copied().collect();
        rows.resize(tokens.len().next_multiple_of(isa.row_tile()) * width, 0.0);
        for block in &self.blocks {
            block.run(isa, tokens.len(), &mut applier, &mut rows);
        }
        for _ in 0..self.layers {
            self.layer.run(isa, tokens.len(), &mut applier, &mut rows);
        }
        rows.truncate(tokens.len() * width);
        normalise(isa, &mut rows, &self.normalisation);
        rows
    }
}

impl Layer {
    /// Works on whole tiles of rows, of which the first `count` are tokens.
    fn run(&self, isa: Isa, count: usize, applier: &mut Applier, rows: &mut [f32]) {
        let mut normalised = rows.to_vec();
        normalise(isa, &mut normalised, &self.normalisation);
        let qkv = applier.apply(isa, &self.attention, Precision::Bits8, &normalised);
        let contexts = &mut normalised;
        heads(self.normalisation.gain.len()).attend(isa, &qkv, count, contexts);
        add(rows, &applier.apply(isa, &self.dense, Precision::Bits8, contexts));
        add(rows, &self.feed_forward.run(isa, applier, rows.to_vec()));
    }
}

fn add(rows: &mut [f32], others: &[f32]) {
    for (x, y) in rows.iter_mut().zip(others) {
        *x += y;
    }
}
