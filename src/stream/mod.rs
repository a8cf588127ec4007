//! Speaks many utterances at once and hands the sound over in order.
//!
//! ```text
//!            ┌─ worker ─┐   one short queue an utterance
//!  jobs ─────┼─ worker ─┼──────────────▶ deliver, in order
//!  (lazily)  └─ worker ─┘
//! ```
//!
//! Every queue is bounded, so that memory does not depend on how many jobs there are: a feeder pulls jobs from an
//! iterator only as the window moves. Threads are detached: whoever waits for the result can leave at once, and work
//! in flight ends at its next look at the cancel flag.

use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::error::{Error, ErrorKind, Result};
use crate::synth::{BlockSink, Cancel, Flow, Synthesizer, Timings, Utterance};

/// Blocks of one utterance that may wait for their turn.
const BLOCKS_AHEAD: usize = 4;
/// How often a waiting thread looks whether it is still wanted.
const CANCEL_POLL: Duration = Duration::from_millis(20);

/// How the work is spread.
#[derive(Clone, Copy, Debug)]
pub struct StreamSettings {
    /// Threads that speak.
    pub workers: NonZeroUsize,
    /// Whether the first utterance gets all threads to itself, for the first sound to come early.
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

enum Event {
    Block(Vec<f32>),
    End(Timings),
    Failed(Error),
}

struct Task {
    utterance: Utterance,
    events: SyncSender<Event>,
}

/// An utterance's place in the order.
struct Turn<T> {
    label: T,
    events: Receiver<Event>,
}

/// Speaks `jobs` with `synthesizer` and gives the sound to `deliver`, in order, on the calling thread. A job that is an
/// error, an utterance that fails, and an error of `deliver` end the work with that error.
pub fn speak<T, I>(
    synthesizer: &Arc<dyn Synthesizer>,
    jobs: I,
    settings: StreamSettings,
    cancel: &Cancel,
    mut deliver: impl FnMut(Delivery<T>) -> Result<()>,
) -> Result<()>
where
    T: Send + 'static,
    I: Iterator<Item = Result<Job<T>>> + Send + 'static,
{
    // Ends the threads when this function returns, however it returns.
    let leave = LeaveOnDrop(Cancel::new());
    let (task_in, task_out) = sync_channel::<Task>(1);
    let (turn_in, turn_out) = sync_channel::<Result<Turn<T>>>(settings.workers.get());
    let (first_done_in, first_done_out) = sync_channel::<()>(1);
    let task_out = Arc::new(Mutex::new(task_out));
    for _ in 0..settings.workers.get() {
        let (tasks, synthesizer) = (task_out.clone(), synthesizer.clone());
        let stops = [cancel.clone(), leave.0.clone()];
        thread::spawn(move || work(&tasks, &*synthesizer, &stops));
    }
    thread::spawn(move || feed(jobs, settings, &task_in, &turn_in, &first_done_out));

    let mut number = 0;
    while let Some(turn) = receive(&turn_out, cancel)? {
        let Turn { label, events } = turn?;
        number += 1;
        deliver(Delivery::Begin(label))?;
        loop {
            match receive(&events, cancel)? {
                Some(Event::Block(block)) => deliver(Delivery::Block(block))?,
                Some(Event::End(timings)) => {
                    deliver(Delivery::End(timings))?;
                    break;
                }
                Some(Event::Failed(error)) => return Err(error),
                None => {
                    return Err(Error::new(
                        ErrorKind::Synthesis,
                        format!("the voice broke off in utterance {number}"),
                    ));
                }
            }
        }
        if number == 1 {
            // The feeder may have ended or not wait at all; both are fine.
            let _ = first_done_in.try_send(());
        }
    }
    Ok(())
}

struct LeaveOnDrop(Cancel);

impl Drop for LeaveOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Waits for the next item; `None` when the other side is done, an error when the user asked to stop.
fn receive<M>(channel: &Receiver<M>, cancel: &Cancel) -> Result<Option<M>> {
    use std::sync::mpsc::RecvTimeoutError::{Disconnected, Timeout};
    loop {
        if cancel.is_cancelled() {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
        }
        match channel.recv_timeout(CANCEL_POLL) {
            Ok(item) => return Ok(Some(item)),
            Err(Disconnected) => return Ok(None),
            Err(Timeout) => {}
        }
    }
}

/// Takes jobs one by one; gives each its place in the order first, then to the workers. A receiver that is gone means
/// that nobody waits any more.
fn feed<T, I>(
    jobs: I,
    settings: StreamSettings,
    tasks: &SyncSender<Task>,
    turns: &SyncSender<Result<Turn<T>>>,
    first_done: &Receiver<()>,
) where
    I: Iterator<Item = Result<Job<T>>>,
{
    let mut jobs = jobs.peekable();
    let mut is_first = true;
    while let Some(job) = jobs.next() {
        let Job { phonemes, speed, label } = match job {
            Ok(job) => job,
            Err(error) => {
                let _ = turns.send(Err(error));
                return;
            }
        };
        let is_alone = is_first && (settings.hurry_first || jobs.peek().is_none());
        let threads = if is_alone { settings.workers } else { NonZeroUsize::MIN };
        let (events_in, events_out) = sync_channel(BLOCKS_AHEAD);
        let task = Task { utterance: Utterance { phonemes, speed, threads }, events: events_in };
        if turns.send(Ok(Turn { label, events: events_out })).is_err() || tasks.send(task).is_err() {
            return;
        }
        if is_alone && first_done.recv().is_err() {
            return;
        }
        is_first = false;
    }
}

fn work(tasks: &Mutex<Receiver<Task>>, synthesizer: &dyn Synthesizer, stops: &[Cancel; 2]) {
    loop {
        // A worker that panicked held no invariant of the queue.
        let task = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Task { utterance, events }) = task else { return };
        let mut sink = Outlet { events: &events, stops };
        let event = match synthesizer.synthesize(&utterance, &mut sink) {
            Ok(timings) => Event::End(timings),
            Err(error) => Event::Failed(error),
        };
        if events.send(event).is_err() || stops.iter().any(Cancel::is_cancelled) {
            return;
        }
    }
}

/// The way of a worker's blocks to their place in the order.
struct Outlet<'a> {
    events: &'a SyncSender<Event>,
    stops: &'a [Cancel; 2],
}

impl BlockSink for Outlet<'_> {
    fn push(&mut self, block: Vec<f32>) -> Flow {
        if self.events.send(Event::Block(block)).is_err() { Flow::Stop } else { self.flow() }
    }

    fn flow(&self) -> Flow {
        if self.stops.iter().any(Cancel::is_cancelled) { Flow::Stop } else { Flow::Continue }
    }
}

#[cfg(test)]
mod tests;
