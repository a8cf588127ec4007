//! Speaks many utterances at once and hands the sound over in order.
//!
//! ```text
//!  jobs of a report ──┐              ┌─ worker ─┐               ┌─▶ in order, to whoever listens to it
//!  jobs of a report ──┼─ one by one ─┼─ worker ─┼─ sound waits ─┼─▶ in order
//!  (lazily)         ──┘              └─ worker ─┘  for its turn └─▶ in order
//! ```
//!
//! A [`Pool`] holds one voice and the threads that speak with it. An idle worker pulls the next job itself, as late as
//! possible, from the sequence that was begun first of those that have work; so no worker idles while there is anything
//! to say, and what was begun first is complete first. Of one sequence only a few jobs are open at a time, so that memory
//! does not depend on how many there are. Work in flight ends at its next look at the cancel flag.
//!
//! - `board`: the rules by which workers are given to sequences
//! - `lane`: one sequence, and where its sound waits
//! - `pool`: the threads
//! - `priority`: workers that give way

mod board;
mod lane;
mod pool;
mod priority;

pub use pool::{MoreExpected, Pool, Speech, Workers};

use crate::synth::Timings;

/// How a sequence is spoken.
#[derive(Clone, Copy, Debug, Default)]
pub struct StreamSettings {
    /// Whether the first utterance gets all idle threads to itself, for the first sound to come early.
    pub hurry_first: bool,
}

/// Something to say, with what the caller wants back beside the sound.
#[derive(Debug)]
pub struct Job<T> {
    /// What to say, in the voice's symbols.
    pub phonemes: String,
    /// Speed relative to the voice's own.
    pub speed: f32,
    /// Comes back with the sound.
    pub label: T,
}

/// What comes out, in the order of the jobs.
#[derive(Debug)]
pub enum Delivery<T> {
    /// The next utterance begins.
    Begin(T),
    /// More of its sound.
    Block(Vec<f32>),
    /// It is complete.
    End(Timings),
}

#[cfg(test)]
mod tests;
