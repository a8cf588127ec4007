//! Pitch and loudness: an LSTM over all frames, and for each of the two curves three blocks, of which one doubles the steps.

use crate::synth::kokoro::decode_block::{DecodeBlock, DecodeShape};
use crate::synth::nn::linear::FineRows;
use crate::synth::nn::lstm::{Lstm, OUTPUTS};
use crate::synth::nn::pass::Executor;
use crate::synth::nn::rows::Rows;
use kernels::WindowWeights;

/// Channels that come out of the blocks.
pub(crate) const CHANNELS: usize = 256;

/// The blocks of the curve whose name begins with `names`.
const fn blocks(names: [&'static str; 3]) -> [DecodeShape; 3] {
    let [first, second, third] = names;
    [
        DecodeShape { name: first, inputs: OUTPUTS, outputs: OUTPUTS, doubles: false, is_tiled: false },
        DecodeShape { name: second, inputs: OUTPUTS, outputs: CHANNELS, doubles: true, is_tiled: false },
        DecodeShape { name: third, inputs: CHANNELS, outputs: CHANNELS, doubles: false, is_tiled: false },
    ]
}

/// Blocks of the pitch, in order.
pub(crate) const PITCH: [DecodeShape; 3] = blocks(["F0.0", "F0.1", "F0.2"]);
/// Blocks of the loudness, in order.
pub(crate) const LOUDNESS: [DecodeShape; 3] = blocks(["N.0", "N.1", "N.2"]);

/// Makes both curves.
pub(crate) struct Prosody {
    /// Reads the features of all frames.
    pub shared: Lstm,
    /// In Hz.
    pub pitch: Curve,
    /// In the form of the decoder's input.
    pub loudness: Curve,
}

/// The weights for one of the curves.
pub(crate) struct Curve {
    /// In order.
    pub blocks: Vec<DecodeBlock>,
    /// One output.
    pub projection: WindowWeights,
}

impl Prosody {
    /// Pitch and loudness, two steps a frame. Frame `i` belongs to the token whose features are row `tokens[i]`.
    pub(crate) fn run(
        &self,
        executor: Executor,
        style: &[f32],
        features: &mut FineRows,
        tokens: &[usize],
    ) -> (Vec<f32>, Vec<f32>) {
        let projected = self.shared.project(executor.isa, features, style);
        let shared = self.shared.run(executor, &projected, tokens);
        (self.pitch.run(executor, style, &shared), self.loudness.run(executor, style, &shared))
    }
}

impl Curve {
    fn run(&self, executor: Executor, style: &[f32], shared: &Rows) -> Vec<f32> {
        let mut rows: Option<Rows> = None;
        for block in &self.blocks {
            rows = Some(block.run(executor, style, rows.as_ref().unwrap_or(shared)));
        }
        let rows = rows.as_ref().unwrap_or(shared);
        let made = executor.multiply_rows(rows, &self.projection);
        made.as_slice().iter().step_by(made.channels()).copied().collect()
    }
}
