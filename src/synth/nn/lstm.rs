//! A long short-term memory that reads in both directions (Hochreiter and Schmidhuber, 1997).
//!
//! The inputs' share of all gates of all steps is one product of matrices; only the state's share must be computed
//! step by step. Where the input has the style beside every row, that part is the same for all steps, and is computed
//! once, in floats.

use std::panic::resume_unwind;
use std::thread;

use super::adain::StyleLayer;
use super::linear::{FineRows, Linear, Sums};
use super::pass::Executor;
use super::rows::Rows;
use kernels::pack::{PackedConvolution, Shape};
use kernels::{Isa, Recurrence, affine, lstm_gates, recur};

/// Units of each direction; half of the model's `hidden_dim`.
pub(crate) const UNITS: usize = 256;
/// Numbers that come out for a step.
pub(crate) const OUTPUTS: usize = 2 * UNITS;
/// Gates of a direction.
const GATES: usize = 4 * UNITS;

/// The layer.
pub(crate) struct Lstm {
    /// Of the inputs without the style; without a bias: forward, then backward gates.
    pub input: PackedConvolution,
    /// The share of the style and the bias, with the scales of the inputs' weights.
    pub style: StyleLayer,
    /// The state's share, forward and backward.
    pub state: [Recurrence; 2],
}

impl Lstm {
    /// Numbers that the inputs of a row bring.
    pub(crate) const PROJECTED: usize = 2 * GATES;

    /// The rows' share of the gates.
    pub(crate) fn project(&self, isa: Isa, input: &mut FineRows, style: &[f32]) -> Vec<f32> {
        let mut sums = Sums::default();
        input.multiply(isa, &self.input, &mut sums);
        let mut projected = vec![0.0; sums.coarse.len()];
        let bias = self.style.apply(style);
        affine(isa, &sums.coarse, &sums.fine, &self.style.scales, &bias, &mut projected);
        projected
    }

    /// A row for each step. Step `i` has the input whose projection is row `steps[i]` of `projected`.
    pub(crate) fn run(&self, executor: Executor, projected: &[f32], steps: &[usize]) -> Rows {
        let half = |direction: usize| self.direction(executor.isa, projected, steps, direction);
        let halves = if executor.threads.get() > 1 {
            thread::scope(|scope| {
                let backward = thread::Builder::new().spawn_scoped(scope, || half(1));
                let forward = half(0);
                let backward = match backward {
                    Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
                    // No thread can be started.
                    Err(_) => half(1),
                };
                [forward, backward]
            })
        } else {
            [half(0), half(1)]
        };
        let [forward, backward] = halves.map(|half| Rows::within(half, steps.len(), UNITS));
        Rows::beside(&[&forward, &backward])
    }

    fn direction(&self, isa: Isa, projected: &[f32], steps: &[usize], direction: usize) -> Vec<f32> {
        let recurrence = &self.state[direction];
        let mut output = vec![0.0; steps.len() * UNITS];
        let (mut state, mut cell, mut sums) = ([0_i16; UNITS], [0_f32; UNITS], [0_i32; GATES]);
        let mut step = |row: usize, hidden: &mut [f32]| {
            let gates = row * Self::PROJECTED + direction * GATES;
            recur(isa, recurrence, &state, &mut sums);
            let projected = &projected[gates..gates + GATES];
            lstm_gates(isa, projected, &sums, recurrence.factor(), &mut cell, &mut state, hidden);
        };
        let rows = steps.iter().zip(output.chunks_exact_mut(UNITS));
        if direction == 0 {
            rows.for_each(|(row, hidden)| step(*row, hidden));
        } else {
            rows.rev().for_each(|(row, hidden)| step(*row, hidden));
        }
        output
    }
}

/// The shape of the weights of `inputs` inputs.
pub(crate) const fn input_shape(inputs: usize) -> Shape {
    Linear::shape(inputs, Lstm::PROJECTED)
}
