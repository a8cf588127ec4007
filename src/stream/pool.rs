//! The workers: threads that live as long as the pool and speak jobs of any lane.
//!
//! - `outlet`: where an utterance goes, and where its worker looks for others who can't wait

mod outlet;

use std::mem;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use tracing::warn;

use super::board::{Board, Grant, LaneId, TakeRule};
use super::lane::{Lane, Pulled, Source, lock};
use super::{Delivery, Job, StreamSettings, nice};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::synth::Utterance;
use outlet::Outlet;

/// Who does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Workers {
    /// Threads that speak.
    pub count: NonZeroUsize,
    /// Whether they give way to all other programs. If the system has no priorities for threads, the log says so.
    pub is_nice: bool,
}

impl Workers {
    /// So many threads.
    pub const fn new(count: NonZeroUsize) -> Self {
        Self { count, is_nice: false }
    }
}

impl Default for Workers {
    /// One a core.
    fn default() -> Self {
        Self { count: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN), is_nice: false }
    }
}

/// The workers. Any number of sequences of jobs may be spoken at once, each job by a voice of its own. Clones share
/// the workers, which end with the last clone and the last [`Speech`].
#[derive(Clone)]
pub(crate) struct Pool(Arc<Owner>);

/// Ends the workers when no more work can come.
struct Owner(Arc<Shared>);

struct Shared {
    workers: Workers,
    rule: TakeRule,
    crowd: Arc<Crowd>,
    state: Mutex<State>,
    /// An idle worker may find a job.
    work: Condvar,
    /// A caller that has more to say may be asked for it.
    hunger: Condvar,
}

/// How many listeners share the workers.
#[derive(Debug)]
pub(crate) struct Crowd(AtomicUsize);

impl Crowd {
    /// Listeners who needed more when a worker was last given away: 1 at least.
    pub(crate) fn competing(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Default for Crowd {
    fn default() -> Self {
        Self(AtomicUsize::new(1))
    }
}

struct State {
    board: Board<Arc<dyn Source>>,
    /// Of every utterance that is being spoken, oldest first: idle workers' threads that it may use.
    lent: Vec<Arc<AtomicUsize>>,
    threads: usize,
    is_closed: bool,
}

impl Pool {
    /// A pool whose threads start with the first job and serve sequences by `rule`.
    pub(crate) fn new(workers: Workers, rule: TakeRule) -> Self {
        let state =
            State { board: Board::new(workers.count, rule), lent: Vec::new(), threads: 0, is_closed: false };
        Self(Arc::new(Owner(Arc::new(Shared {
            workers,
            rule,
            crowd: Arc::default(),
            state: Mutex::new(state),
            work: Condvar::new(),
            hunger: Condvar::new(),
        }))))
    }

    /// Who does the work.
    pub(crate) fn workers(&self) -> Workers {
        self.0.0.workers
    }

    /// How many listeners share the workers; it changes with every job.
    pub(crate) fn crowd(&self) -> Arc<Crowd> {
        self.0.0.crowd.clone()
    }

    /// Begins to speak `jobs`, behind those that were begun earlier: a worker takes from them by the rule. A job is
    /// pulled from the iterator, by a worker, only when that worker is free to speak it and not too many of the
    /// sequence are open.
    pub(crate) fn begin<T, I>(&self, jobs: I, settings: StreamSettings, cancel: &Cancel) -> Result<Speech<T>>
    where
        T: Send + 'static,
        I: Iterator<Item = Result<Job<T>>> + Send + 'static,
    {
        let Owner(shared) = &*self.0;
        let hurry_first = settings.hurry_first;
        let lane = Lane::new(jobs, settings, cancel);
        let mut state = shared.lock();
        shared.start_workers(&mut state)?;
        let id = state.board.open(lane.clone(), hurry_first, Instant::now());
        drop(state);
        shared.work.notify_one();
        Ok(Speech { lane, id, pool: self.clone(), is_over: false })
    }

    #[cfg(test)]
    /// Speaks `jobs` and gives the sound to `deliver`, in order, on the calling thread. A job that is an error, an
    /// utterance that fails, and an error of `deliver` end the work with that error.
    pub(crate) fn speak<T, I>(
        &self,
        jobs: I,
        settings: StreamSettings,
        cancel: &Cancel,
        mut deliver: impl FnMut(Delivery<T>) -> Result<()>,
    ) -> Result<()>
    where
        T: Send + 'static,
        I: Iterator<Item = Result<Job<T>>> + Send + 'static,
    {
        self.begin(jobs, settings, cancel)?.try_for_each(|delivery| deliver(delivery?))
    }

    /// Says that more will be begun whenever [`wait_until_hungry`](Self::wait_until_hungry) returns, until the result
    /// is dropped. Until then no utterance borrows idle threads; they will soon be needed.
    pub(crate) fn expect_more(&self) -> MoreExpected {
        let Owner(shared) = &*self.0;
        shared.lock().board.expect();
        MoreExpected(self.clone())
    }

    /// Waits until a worker is idle and no open sequence has a job for it.
    pub(crate) fn wait_until_hungry(&self, cancel: &Cancel) -> Result<()> {
        let Owner(shared) = &*self.0;
        let waiting = Arc::downgrade(shared);
        let _woken = cancel.on_cancel(move || {
            if let Some(shared) = waiting.upgrade() {
                drop(shared.lock());
                shared.hunger.notify_all();
            }
        });
        let mut state = shared.lock();
        loop {
            let now = Instant::now();
            if state.board.is_hungry(now) {
                return Ok(());
            }
            if cancel.is_cancelled() {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
            }
            state = match state.board.next_slow_pull(now) {
                Some(left) => {
                    shared.hunger.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
                None => shared.hunger.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

/// A caller has more to say, see [`Pool::expect_more`].
pub(crate) struct MoreExpected(Pool);

impl Drop for MoreExpected {
    fn drop(&mut self) {
        let Owner(shared) = &*self.0.0;
        let mut state = shared.lock();
        state.board.expect_no_more();
        state.lend();
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.work.notify_all();
    }
}

impl State {
    /// Lends the threads of idle workers to the oldest utterance when there is no other work for them, and takes them
    /// back when there is.
    fn lend(&mut self) {
        let mut spare = self.board.spare();
        for lent in &self.lent {
            lent.store(mem::take(&mut spare), Ordering::Relaxed);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Starts the threads that are missing. With fewer threads the work continues, but slower.
    fn start_workers(self: &Arc<Self>, state: &mut State) -> Result<()> {
        while state.threads < self.workers.count.get() {
            let shared = self.clone();
            let name = format!("voice {}", state.threads + 1);
            match thread::Builder::new().name(name).spawn(move || shared.work()) {
                Ok(_) => state.threads += 1,
                Err(cause) if state.threads == 0 => {
                    return Err(Error::new(ErrorKind::Synthesis, "no thread can be started that speaks")
                        .because(cause)
                        .with_cure(Cure::FreeProcesses));
                }
                Err(error) => {
                    warn!(%error, threads = state.threads, "no more threads can be started");
                    break;
                }
            }
        }
        Ok(())
    }

    fn work(&self) {
        if self.workers.is_nice
            && let Err(error) = nice::lower()
        {
            warn!(%error, "the priority of the threads that speak can't be lowered");
        }
        let mut state = self.lock();
        while !state.is_closed {
            let taken = state.board.take(Instant::now());
            self.crowd.0.store(state.board.competing(), Ordering::Relaxed);
            state.lend();
            let Some((id, lane)) = taken else {
                self.hunger.notify_all();
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(state);
            // A caller that waits for hunger may have to wait for a slow pull now.
            self.hunger.notify_all();
            self.serve(id, &*lane, self.rule == TakeRule::LeastAhead);
            state = self.lock();
        }
    }

    /// Takes a job from a lane and speaks it; `may_rest` says whether others may be served meanwhile.
    fn serve(&self, id: LaneId, lane: &dyn Source, may_rest: bool) {
        let Pulled::Job { voice, phonemes, speed, is_last } = lane.pull() else {
            self.lock().board.exhausted(id);
            return;
        };
        let lent = Arc::new(AtomicUsize::new(0));
        let mut state = self.lock();
        let grant = state.board.pulled(id, is_last);
        if grant.is_some() {
            state.lent.push(lent.clone());
        }
        drop(state);
        // Another worker may pull the lane's next job now. Without one, callers that wait for hunger must be woken.
        self.work.notify_one();
        self.hunger.notify_all();
        let Some(Grant { number, threads }) = grant else { return };
        let utterance = Utterance { phonemes, speed, threads };
        let mut outlet = Outlet { shared: self, id, lane, number, lent: &lent, may_rest };
        lane.begun(number, threads);
        let spoken = catch_unwind(AssertUnwindSafe(|| {
            let timings = voice.synthesize(&utterance, &mut outlet)?;
            Ok(voice.heard(&utterance.phonemes, timings))
        }));
        lane.end(
            number,
            spoken.unwrap_or_else(|_| {
                let what = format!("the voice broke off in utterance {}", number + 1);
                Err(Error::new(ErrorKind::Synthesis, what))
            }),
        );
        let mut state = self.lock();
        state.board.spoken(id, number);
        state.lent.retain(|other| !Arc::ptr_eq(other, &lent));
        drop(state);
        if threads.get() > 1 {
            // The others only waited for this.
            self.work.notify_all();
        }
    }
}

/// A sequence of jobs that is being spoken: an iterator of results, in the order of the jobs. Dropped early, it stops
/// the work that is still in flight.
pub(crate) struct Speech<T: Send + 'static> {
    lane: Arc<Lane<T>>,
    id: LaneId,
    pool: Pool,
    is_over: bool,
}

impl<T: Send + 'static> Iterator for Speech<T> {
    type Item = Result<Delivery<T>>;

    /// Waits for the next item. An error is the last one.
    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.lane.next().transpose();
        let Owner(shared) = &*self.pool.0;
        match &next {
            Some(Ok(Delivery::End(_))) => {
                shared.lock().board.delivered(self.id);
                shared.work.notify_one();
            }
            Some(Ok(Delivery::Block(block))) if self.lane.taken(block.len()) => {
                drop(shared.lock());
                shared.work.notify_one();
            }
            _ => {}
        }
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<T: Send + 'static> Drop for Speech<T> {
    fn drop(&mut self) {
        self.lane.leave();
        let Owner(shared) = &*self.pool.0;
        shared.lock().board.close(self.id);
        shared.hunger.notify_all();
    }
}
