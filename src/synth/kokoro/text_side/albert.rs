//! ALBERT, a transformer whose layers share their weights (Lan et al., “ALBERT: a lite BERT”, 2019), here trained on phonemes
//! (PL-BERT): what tells the predictor how a text is to be said.

use super::attention::{ROW, contexts};
use super::linear::{Linear, quantized};
use crate::synth::kokoro::decoder::pass::Crew;
use crate::synth::kokoro::kernels::pack::Numbers;
use crate::synth::kokoro::kernels::{
    BLOCK, Isa, Normalisation, Windows, add_and_normalise, affine, gelu, normalise,
};

/// Numbers of a token between the layers; the model's `hidden_size`.
pub const WIDTH: usize = 768;
/// Numbers of an embedded token; the model's `embedding_size` of ALBERT.
pub const NARROW: usize = 128;
/// Numbers inside the feed-forward part; the model's `intermediate_size`.
pub const INNER: usize = 2048;
/// How often the layer is applied; the model's `num_hidden_layers`.
const LAYERS: usize = 12;
/// The model's `layer_norm_eps`.
pub const EPSILON: f32 = 1e-12;

/// The transformer.
pub struct Albert {
    /// A row for each token.
    pub tokens: Numbers<f32>,
    /// A row for each place in the utterance.
    pub places: Numbers<f32>,
    /// The row of the only kind of text there is.
    pub kind: Vec<f32>,
    /// Behind the embedding.
    pub normalisation: Normalisation,
    /// From [`NARROW`] to [`WIDTH`].
    pub widening: Windows,
    /// The layer.
    pub layer: Layer,
    /// From [`WIDTH`] to what the predictor takes.
    pub projection: Windows,
}

/// The layer that is applied again and again.
pub struct Layer {
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
    /// A row for each token, and a few more where whole tiles are made. Tokens and places must have rows in the tables.
    pub fn run(&self, crew: Crew, tokens: &[usize]) -> Vec<f32> {
        let rows = tokens.len().next_multiple_of(crew.isa.row_tile());
        let mut embedded = vec![0.0; rows * NARROW];
        let places = self.places.as_chunks::<NARROW>().0;
        let words = self.tokens.as_chunks::<NARROW>().0;
        for ((row, token), place) in embedded.as_chunks_mut::<NARROW>().0.iter_mut().zip(tokens).zip(places) {
            for (((x, word), place), kind) in row.iter_mut().zip(&words[*token]).zip(place).zip(&self.kind) {
                *x = word + kind + place;
            }
        }
        normalise(crew.isa, &mut embedded, &self.normalisation);
        let mut hidden = crew.multiply_windows(&embedded, NARROW, &self.widening, rows);
        for _ in 0..LAYERS {
            self.layer.run(crew.isa, tokens.len(), &mut hidden);
        }
        crew.multiply_windows(&hidden, WIDTH, &self.projection, rows)
    }
}

impl Layer {
    fn run(&self, isa: Isa, len: usize, hidden: &mut [f32]) {
        let mut qkv = self.attention.multiply(isa, hidden);
        debug_assert_eq!(qkv.len() / ROW, hidden.len() / WIDTH);
        affine(isa, &mut qkv, &self.attention.scales, &self.attention.bias);
        let contexts = contexts(isa, &qkv, len);
        drop(qkv);
        for (hidden, contexts) in hidden.chunks_mut(BLOCK * WIDTH).zip(contexts.chunks(BLOCK * WIDTH)) {
            let Linear { scales, bias, .. } = &self.dense;
            let dense = self.dense.multiply(isa, contexts);
            add_and_normalise(isa, &dense, scales, bias, &self.attention_normalisation, hidden);
            let mut inner = self.wide.multiply_quantized(isa, &mut quantized(isa, hidden, WIDTH));
            gelu(isa, &mut inner, &self.wide.scales, &self.wide.bias);
            let Linear { scales, bias, .. } = &self.narrow;
            let narrow = self.narrow.multiply(isa, &inner);
            add_and_normalise(isa, &narrow, scales, bias, &self.normalisation, hidden);
        }
    }
}
