//! How long each symbol lasts, and the pitch and loudness of each frame.

use std::num::NonZeroUsize;

use super::block::{Block, Scratch};
use super::encoder::TextEncoder;
use crate::synth::nn::pass::{Executor, Writeback};
use crate::synth::nn::rows::Rows;
use crate::synth::nn::windows::Framing;
use kernels::{Isa, WindowWeights, gelu_exact};

/// Pitch in Hz of a one of the network; `100` of the model's graph.
const PITCH_UNIT: f32 = 100.0;

/// Frames of a step, the unit of durations.
pub(super) const FRAMES_OF_STEP: usize = 2;

/// The part of the network before the sound.
pub(super) struct Prosody {
    pub text: TextEncoder,
    /// Windows of three symbols.
    pub duration_hidden: WindowWeights,
    pub duration: WindowWeights,
    pub input: WindowWeights,
    pub blocks: Vec<Block>,
    /// Pitch of both frames of a step, then loudness of both.
    pub output: WindowWeights,
}

/// An utterance before it has a sound.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reading {
    /// How long each token lasts in steps of two frames, padding included.
    pub durations: Vec<f32>,
    /// The same in whole steps.
    pub steps: Vec<usize>,
    /// In Hz, one a frame; 40 or less is unvoiced.
    pub pitch: Vec<f32>,
    /// One a frame, as the decoder takes it.
    pub loudness: Vec<f32>,
}

impl Reading {
    /// Number of frames.
    pub(super) fn frames(&self) -> usize {
        self.pitch.len()
    }
}

impl Prosody {
    /// Reads tokens, padding included, at a speed.
    pub(super) fn run(&self, isa: Isa, tokens: &[i32], speed: f32) -> Reading {
        let features = Rows::within(self.text.run(isa, tokens), tokens.len(), self.text.width());
        let durations = self.durations(isa, &features, speed);
        let steps: Vec<usize> = durations.iter().copied().map(whole_steps).collect();
        let (pitch, loudness) = self.curves(isa, &features, &steps);
        Reading { durations, steps, pitch, loudness }
    }

    fn durations(&self, isa: Isa, features: &Rows, speed: f32) -> Vec<f32> {
        let executor = Executor { isa, threads: NonZeroUsize::MIN };
        let mut hidden = Rows::new(features.len(), features.channels());
        let three = Framing { rows: 3, padding: 1, ..Framing::POINTWISE };
        executor.multiply_windows((features, three), &self.duration_hidden, Writeback::PLAIN, &mut hidden);
        gelu_exact(isa, hidden.as_mut_slice());
        let logarithms = executor.multiply_rows(&hidden, &self.duration);
        let rows = logarithms.as_slice().chunks_exact(logarithms.channels());
        rows.map(|row| (row[0].exp() - 1.0) / speed).collect()
    }

    /// Pitch and loudness of the frames of tokens that last so many steps.
    fn curves(&self, isa: Isa, features: &Rows, steps: &[usize]) -> (Vec<f32>, Vec<f32>) {
        let executor = Executor { isa, threads: NonZeroUsize::MIN };
        let width = features.channels();
        // A layer without neighbours: once a symbol rather than once a step.
        let rows = executor.multiply_rows(features, &self.input);
        let rows = rows.as_slice().chunks_exact(width).zip(steps);
        let mut rows: Vec<f32> = rows.flat_map(|(row, steps)| row.repeat(*steps)).collect();
        let mut scratch = Scratch::default();
        for block in &self.blocks {
            rows = block.run_whole(isa, &mut scratch, &rows);
        }
        let count = rows.len() / width;
        let curves = executor.multiply_rows(&Rows::within(rows, count, width), &self.output);
        let curves = curves.as_slice().chunks_exact(curves.channels());
        let pitch = curves.clone().flat_map(|row| [row[0] * PITCH_UNIT, row[1] * PITCH_UNIT]);
        (pitch.collect(), curves.flat_map(|row| [row[2], row[3]]).collect())
    }

    /// The curves for given durations.
    #[cfg(test)]
    pub(super) fn curves_of(&self, isa: Isa, tokens: &[i32], steps: &[usize]) -> (Vec<f32>, Vec<f32>) {
        let features = Rows::within(self.text.run(isa, tokens), tokens.len(), self.text.width());
        self.curves(isa, &features, steps)
    }
}

/// Whole steps of a token: at least one.
pub(super) fn whole_steps(duration: f32) -> usize {
    duration.round_ties_even().max(1.0) as usize
}
