//! Speaks many utterances at once and hands the sound over in order.
//!
//! ```text
//!  jobs of a report ──┐              ┌─ worker ─┐               ┌─▶ in order, to whoever listens to it
//!  jobs of a report ──┼─ one by one ─┼─ worker ─┼─ sound waits ─┼─▶ in order
//!  (lazily)         ──┘              └─ worker ─┘  for its turn └─▶ in order
//! ```
//!
//! A [`Pool`] holds the threads; every job carries the voice that speaks it. An idle worker pulls the next job itself,
//! as late as possible, from the oldest sequence that has work. So no worker idles while there is work, and the oldest
//! sequence is complete first. Only a few jobs of a sequence are open at a time, so memory does not depend on their
//! number. Work in flight ends at its next check of the cancel flag.
//!
//! - `board`: the rules by which workers are given to sequences
//! - `lane`: one sequence, and where its sound waits
//! - `pool`: the threads
//! - `priority`: workers that give way

mod board;
mod lane;
mod nice;
mod pool;

pub(crate) use board::TakeRule;
pub use pool::Workers;
pub(crate) use pool::{MoreExpected, Pool, Speech};

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::audio::Speed;
use crate::synth::{Synthesizer, Timings};

/// How a sequence is spoken.
#[derive(Clone, Default)]
pub(crate) struct StreamSettings {
    /// Whether the first utterance gets all idle threads to itself, for the first sound to come early.
    pub hurry_first: bool,
    /// The observer that measures the work.
    pub observer: Option<Arc<dyn WorkObserver>>,
}

impl fmt::Debug for StreamSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamSettings")
            .field("hurry_first", &self.hurry_first)
            .field("is_observed", &self.observer.is_some())
            .finish()
    }
}

/// Measures the work on one sequence. Called by the workers, when the work begins and when it ends; jobs are numbered from zero in
/// the order in which they were pulled.
pub(crate) trait WorkObserver: Send + Sync {
    /// A worker begins to speak job `number`, on this many threads.
    fn begun(&self, number: u64, threads: NonZeroUsize);

    /// Job `number` is spoken to its end. A job that failed or was stopped is not.
    fn spoken(&self, number: u64);
}

/// Symbols to speak, with a label that the caller gets back beside the sound.
pub(crate) struct Job<T> {
    /// Who says it.
    pub voice: Arc<dyn Synthesizer>,
    /// The text, in the voice's symbols.
    pub phonemes: String,
    /// How fast.
    pub speed: Speed,
    /// Whether it is known that no job follows.
    pub is_last: bool,
    /// Comes back with the sound.
    pub label: T,
}

/// The results, in the order of the jobs.
#[derive(Debug)]
pub(crate) enum Delivery<T> {
    /// The next utterance begins.
    Begin(T),
    /// More of its sound.
    Block(Vec<f32>),
    /// It is complete.
    End(Timings),
}

#[cfg(test)]
mod tests;
