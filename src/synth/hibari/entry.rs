//! The first layer of the decoder: a convolution over frames, of which each has the features of its symbol, its pitch and its
//! loudness.
//!
//! A symbol lasts for several frames, which have the same features. So every tap is applied once a symbol, not once a frame, and
//! a frame adds up what its neighbours' symbols gave.

use super::prosody::{FRAMES_OF_STEP, Reading};
use kernels::{Isa, WindowWeights, multiply_windows};

/// Frames that the layer reads for one.
pub(super) const TAPS: usize = 7;
/// Frames before and behind it.
const REACH: usize = (TAPS - 1) / 2;
/// Pitch and loudness.
pub(super) const CURVES: usize = 2;

/// The layer.
pub(super) struct Entry {
    /// All taps for the features of a symbol, one behind the other.
    pub text: WindowWeights,
    /// Windows of pitch and loudness.
    pub curves: WindowWeights,
}

/// The frames of an utterance before they enter the decoder.
pub(super) struct Frames<'a> {
    entry: &'a Entry,
    /// The taps of each token.
    taps: Vec<f32>,
    /// The token of each step.
    tokens: Vec<usize>,
    /// Pitch and loudness, with zeros around them.
    curves: Vec<f32>,
    count: usize,
}

impl Entry {
    /// The frames of an utterance of that prosody, with a row of `features` for each token.
    pub(super) fn frames(&self, isa: Isa, features: &[f32], reading: &Reading) -> Frames<'_> {
        let tokens = reading.steps.len();
        let whole_tiles = tokens.next_multiple_of(isa.row_tile());
        let width = features.len() / tokens.max(1);
        let mut padded = features.to_vec();
        padded.resize(whole_tiles * width, 0.0);
        let mut taps = vec![0.0; whole_tiles * self.text.width()];
        multiply_windows(isa, &padded, width, &self.text, &mut taps);
        let steps = reading.steps.iter().enumerate();
        let mut curves = vec![0.0; REACH * CURVES];
        for (pitch, loudness) in reading.pitch.iter().zip(&reading.loudness) {
            // `log1p(relu(f0)) / 5` of the model's graph.
            curves.extend([pitch.max(0.0).ln_1p() / 5.0, *loudness]);
        }
        let count = reading.frames();
        curves.resize((count + 2 * REACH + isa.row_tile()) * CURVES, 0.0);
        let tokens = steps.flat_map(|(token, steps)| std::iter::repeat_n(token, *steps)).collect();
        Frames { entry: self, taps, tokens, curves, count }
    }
}

impl Frames<'_> {
    /// Number of frames.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Fills `rows` with a row for each of `count` frames from `first` on, and whole tiles.
    pub(super) fn enter(&self, isa: Isa, first: usize, count: usize, rows: &mut Vec<f32>) {
        let channels = self.entry.curves.width();
        rows.resize(count.next_multiple_of(isa.row_tile()) * channels, 0.0);
        multiply_windows(isa, &self.curves[first * CURVES..], CURVES, &self.entry.curves, rows);
        for (frame, row) in (first..first + count).zip(rows.chunks_exact_mut(channels)) {
            for tap in 0..TAPS {
                let neighbour = (frame + tap).checked_sub(REACH);
                let token = neighbour.and_then(|frame| self.tokens.get(frame / FRAMES_OF_STEP));
                let Some(token) = token else { continue };
                let made = &self.taps[(token * TAPS + tap) * channels..][..channels];
                row.iter_mut().zip(made).for_each(|(sum, x)| *sum += x);
            }
        }
    }
}
