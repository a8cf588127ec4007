//! How long each token lasts: LSTMs that carry the style, and a sum of sigmoids for each token.

use super::tiled;
use crate::synth::nn::adain::StyleLayer;
use crate::synth::nn::linear::FineRows;
use crate::synth::nn::lstm::{Lstm, OUTPUTS};
use crate::synth::nn::pass::Executor;
use crate::synth::nn::rows::Rows;
use kernels::{Normalisation, WindowWeights, normalise};

/// Layers of the encoder; the model's `n_layer`.
pub(crate) const LAYERS: usize = 3;
/// Sigmoids of a token, each of which is worth a frame; the model's `max_dur`.
pub(crate) const SIGMOIDS: usize = 50;
/// The `eps` of the model's `AdaLayerNorm`.
const EPSILON: f32 = 1e-5;

/// Makes features that carry the style (`DurationEncoder` of the model's `modules.py`).
pub(crate) struct StyledEncoder {
    /// LSTMs, each with the layer that makes gains (less one) and shifts of the normalisation behind it out of the style.
    pub layers: Vec<(Lstm, StyleLayer)>,
}

/// Makes durations of those features.
pub(crate) struct DurationPredictor {
    /// Reads the features.
    pub lstm: Lstm,
    /// [`SIGMOIDS`] outputs.
    pub projection: WindowWeights,
}

impl StyledEncoder {
    /// Features of the tokens in `rows` (with room behind).
    pub(crate) fn run(&self, executor: Executor, style: &[f32], mut rows: Rows) -> Rows {
        let steps: Vec<usize> = (0..rows.len()).collect();
        for (lstm, style_layer) in &self.layers {
            let projected = lstm.project(executor.isa, &mut tiled(executor.isa, &rows), style);
            rows = lstm.run(executor, &projected, &steps);
            let mut gain = style_layer.apply(style);
            let shift = gain.split_off(OUTPUTS);
            for gain in &mut gain {
                *gain += 1.0;
            }
            normalise(executor.isa, rows.as_mut_slice(), &Normalisation { gain, shift, epsilon: EPSILON });
        }
        rows
    }
}

impl DurationPredictor {
    /// Frames of each of `len` tokens, before they are rounded.
    pub(crate) fn run(
        &self,
        executor: Executor,
        style: &[f32],
        features: &mut FineRows,
        len: usize,
        speed: f32,
    ) -> Vec<f32> {
        let projected = self.lstm.project(executor.isa, features, style);
        let rows = self.lstm.run(executor, &projected, &(0..len).collect::<Vec<_>>());
        let logits = executor.multiply_rows(&rows, &self.projection);
        let rows = logits.as_slice().chunks_exact(logits.channels());
        rows.map(|row| row[..SIGMOIDS].iter().map(|x| 1.0 / (1.0 + (-x).exp())).sum::<f32>() / speed)
            .collect()
    }
}

/// Whole frames of a token: at least one.
pub(crate) fn whole_frames(duration: f32) -> usize {
    duration.round_ties_even().max(1.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_rounded_as_the_export_does_and_none_is_lost() {
        let frames = [0.0, 0.4, 1.5, 2.5, 3.5, 49.6, f32::NAN].map(whole_frames);
        assert_eq!(frames, [1, 1, 2, 2, 4, 50, 1]);
    }
}
