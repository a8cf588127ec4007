//! ALBERT, a transformer whose layers share their weights (Lan et al., “ALBERT: a lite BERT”, 2019), here trained on
//! phonemes (PL-BERT). Its features are the predictor's input.

use crate::synth::nn::attention::Heads;
use crate::synth::nn::linear::{FineRows, Linear, OutlierChannels, Sums};
use crate::synth::nn::pass::Executor;
use crate::synth::nn::rows::Rows;
use kernels::pack::MappedSlice;
use kernels::{BLOCK, Isa, Normalisation, WindowWeights, add_and_normalise, affine, gelu, normalise};

/// Numbers of a token between the layers; the model's `hidden_size`.
pub(crate) const WIDTH: usize = 768;
/// Numbers of an embedded token; the model's `embedding_size` of ALBERT.
pub(crate) const NARROW: usize = 128;
/// The model's `num_attention_heads`.
pub(crate) const HEADS: Heads = Heads { count: 12, size: WIDTH / 12 };
/// Queries, keys and values of a row.
const ROW: usize = HEADS.row();
/// Numbers inside the feed-forward part; the model's `intermediate_size`.
pub(crate) const INNER: usize = 2048;
/// Number of times that the layer is applied; the model's `num_hidden_layers`.
const LAYERS: usize = 12;
/// The model's `layer_norm_eps`.
pub(crate) const EPSILON: f32 = 1e-12;

/// The transformer.
pub(crate) struct Albert {
    /// A row for each token.
    pub tokens: MappedSlice<f32>,
    /// A row for each place in the utterance.
    pub places: MappedSlice<f32>,
    /// The row of the only kind of text there is.
    pub kind: Vec<f32>,
    /// Behind the embedding.
    pub normalisation: Normalisation,
    /// From [`NARROW`] to [`WIDTH`].
    pub widening: WindowWeights,
    /// The layer.
    pub layer: Layer,
    /// From [`WIDTH`] to the predictor's width.
    pub projection: WindowWeights,
}

/// The layer that is applied again and again.
pub(crate) struct Layer {
    /// Queries, keys and values; the factor of the scores is in the scales of the queries.
    pub attention: Linear,
    /// Of the contexts.
    pub dense: Linear,
    /// Behind the attention.
    pub attention_normalisation: Normalisation,
    /// Into the feed-forward part.
    pub wide: Linear,
    /// Out of it.
    pub narrow: Linear,
    /// Behind all.
    pub normalisation: Normalisation,
}

impl Albert {
    /// A row for each token. Tokens and places must have rows in the tables.
    pub(crate) fn run(&self, executor: Executor, tokens: &[usize]) -> Rows {
        let rows = tokens.len().next_multiple_of(executor.isa.row_tile());
        let mut embedded = vec![0.0; rows * NARROW];
        let places = self.places.as_chunks::<NARROW>().0;
        let words = self.tokens.as_chunks::<NARROW>().0;
        for ((row, token), place) in embedded.as_chunks_mut::<NARROW>().0.iter_mut().zip(tokens).zip(places) {
            for (((x, word), place), kind) in row.iter_mut().zip(&words[*token]).zip(place).zip(&self.kind) {
                *x = word + kind + place;
            }
        }
        normalise(executor.isa, &mut embedded, &self.normalisation);
        let embedded = Rows::within(embedded, rows, NARROW);
        let mut hidden = executor.multiply_rows(&embedded, &self.widening).into_numbers();
        let mut scratch = Scratch::default();
        for _ in 0..LAYERS {
            self.layer.run(executor.isa, tokens.len(), &mut scratch, &mut hidden);
        }
        hidden.truncate(tokens.len() * WIDTH);
        executor.multiply_rows(&Rows::within(hidden, tokens.len(), WIDTH), &self.projection)
    }
}

/// Rows that are worked on at a time: the intermediate values of such a block stay in the second-level cache.
const BLOCK_ROWS: usize = BLOCK / 2;

/// Working memory that all applications of the layer share, and the state that they pass on.
#[derive(Default)]
struct Scratch {
    qkv: Vec<f32>,
    contexts: Vec<f32>,
    fine: FineRows,
    sums: Sums,
    attention: OutlierChannels,
    wide: OutlierChannels,
}

impl Layer {
    fn run(&self, isa: Isa, len: usize, scratch: &mut Scratch, hidden: &mut [f32]) {
        let Scratch { qkv, contexts, fine, sums, attention, wide } = scratch;
        qkv.resize(hidden.len() / WIDTH * ROW, 0.0);
        for (hidden, qkv) in hidden.chunks(BLOCK_ROWS * WIDTH).zip(qkv.chunks_mut(BLOCK_ROWS * ROW)) {
            let Linear { scales, bias, .. } = &self.attention;
            self.attention.multiply_apart(isa, hidden, attention, sums);
            affine(isa, &sums.coarse, &sums.fine, scales, bias, qkv);
        }
        contexts.resize(hidden.len(), 0.0);
        HEADS.attend(isa, qkv, len, contexts);
        let blocks = hidden.chunks_mut(BLOCK_ROWS * WIDTH).zip(contexts.chunks(BLOCK_ROWS * WIDTH));
        for (hidden, contexts) in blocks {
            let Linear { weights, scales, bias } = &self.dense;
            fine.fill(isa, contexts, WIDTH);
            fine.multiply(isa, weights, sums);
            let norm = &self.attention_normalisation;
            add_and_normalise(isa, &sums.coarse, &sums.fine, scales, bias, norm, hidden);
            self.wide.multiply_apart(isa, hidden, wide, sums);
            gelu(isa, &mut sums.coarse, &sums.fine, &self.wide.scales, &self.wide.bias);
            let Linear { weights, scales, bias } = &self.narrow;
            fine.fill(isa, &sums.coarse, INNER);
            fine.multiply(isa, weights, sums);
            add_and_normalise(isa, &sums.coarse, &sums.fine, scales, bias, &self.normalisation, hidden);
        }
    }
}
