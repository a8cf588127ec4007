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
//! A server has another rule: whose listener runs out of sound first goes first. Its workers let a long utterance rest
//! while another listener can't wait; see [`TakeRule::LeastAhead`].
//!
//! - `board`: the rules by which workers are given to sequences
//! - `lane`: one sequence, and where its sound waits
//! - `pool`: the threads
//! - `nice`: workers that give way

mod board;
mod lane;
pub(crate) mod nice;
mod pool;

pub(crate) use board::TakeRule;
#[cfg(test)]
pub(crate) use board::{Board, LaneId, Supply};
pub use pool::Workers;
pub(crate) use pool::{Crowd, MoreExpected, Pool, Speech};

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use crate::audio::Speed;
use crate::synth::{Synthesizer, Timings};

/// How a sequence is spoken.
#[derive(Clone, Default)]
pub(crate) struct StreamSettings {
    /// Whether the first utterance gets all idle threads to itself, for the first sound to come early.
    pub hurry_first: bool,
    /// The observer that measures the work.
    pub observer: Option<Arc<dyn WorkObserver>>,
    /// Who listens while it is spoken. Without one, as for a file, there is no hurry.
    pub audience: Option<Arc<dyn Audience>>,
}

impl fmt::Debug for StreamSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamSettings")
            .field("hurry_first", &self.hurry_first)
            .field("is_observed", &self.observer.is_some())
            .field("is_heard", &self.audience.is_some())
            .finish()
    }
}

/// Measures the work on one sequence. Called by the workers, when the work begins and when it ends; jobs are numbered from zero in
/// the order in which they were pulled.
pub(crate) trait WorkObserver: Send + Sync {
    /// A worker begins to speak job `number`, on this many threads.
    fn begun(&self, number: u64, threads: NonZeroUsize);

    /// The work on job `number` rested for so long, while its worker spoke for others.
    fn rested(&self, number: u64, time: Duration);

    /// Job `number` is spoken to its end. A job that failed or was stopped is not.
    fn spoken(&self, number: u64);
}

/// Listens to one sequence. Asked while the workers' state is locked: answers come at once, and without the pool.
pub(crate) trait Audience: Send + Sync {
    /// How long the next utterance may wait for a worker. If that begins with it then, it is spoken when all sound
    /// before it, made or under way, is heard.
    fn can_wait(&self) -> Duration;

    /// How long the work under way may rest without its being missed.
    fn can_rest(&self) -> Duration;
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
