//! One sequence of jobs: their source, and the buffer where their sound waits for its turn.

use std::collections::VecDeque;
use std::iter;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::board::Supply;
use super::{Audience, Delivery, Job, StreamSettings, WorkObserver};
use crate::audio::Speed;
use crate::cancel::{Cancel, OnCancel};
use crate::error::{Error, ErrorKind, Result};
use crate::synth::{Synthesizer, Timings};

/// Samples that may wait to be taken before a lane counts as full: a mebibyte, or eleven seconds at 24 kHz. Beside them
/// lie only the chunks that workers are at.
const MOST_UNTAKEN: usize = (1 << 20) / size_of::<f32>();

/// A lane as workers see it: without the labels of its jobs.
pub(crate) trait Source: Supply + Send + Sync {
    /// Takes the next job from the iterator and gives it its place in the order; one worker at a time.
    fn pull(&self) -> Pulled;

    /// A worker begins to speak job `number`, on this many threads.
    fn begun(&self, number: u64, threads: NonZeroUsize);

    /// The work on job `number` rested for so long.
    fn rested(&self, number: u64, time: Duration);

    /// Takes sound of job `number`. Never waits: the open jobs bound the buffer, and a worker that waited for a
    /// listener would be missing elsewhere.
    fn push(&self, number: u64, block: Vec<f32>);

    /// Ends job `number`.
    fn end(&self, number: u64, outcome: Result<Timings>);

    /// Whether anybody waits for the sound.
    fn is_wanted(&self) -> bool;
}

/// An item of the iterator.
pub(crate) enum Pulled {
    /// Something to say.
    Job {
        /// Who says it.
        voice: Arc<dyn Synthesizer>,
        /// In the voice's symbols.
        phonemes: String,
        /// How fast.
        speed: Speed,
        /// Whether it is known to be the last one.
        is_last: bool,
    },
    /// No more jobs: the end, or an error that waits for its turn.
    Nothing,
}

/// One sequence of jobs.
pub(crate) struct Lane<T> {
    jobs: Mutex<Box<dyn Iterator<Item = Result<Job<T>>> + Send>>,
    order: Mutex<Order<T>>,
    arrived: Condvar,
    /// Set by the user.
    cancel: Cancel,
    /// Wakes who waits for sound when the user cancels.
    _woken: OnCancel,
    /// Set when the listener is gone.
    leave: Cancel,
    observer: Option<Arc<dyn WorkObserver>>,
    audience: Option<Arc<dyn Audience>>,
    /// Samples that wait to be taken.
    untaken: AtomicUsize,
}

struct Order<T> {
    /// The results of each open job for the listener.
    turns: VecDeque<VecDeque<Result<Delivery<T>>>>,
    /// Number of the first of these jobs.
    first: u64,
    is_complete: bool,
}

impl<T: Send + 'static> Lane<T> {
    pub(crate) fn new(
        jobs: impl Iterator<Item = Result<Job<T>>> + Send + 'static,
        StreamSettings { observer, audience, hurry_first: _ }: StreamSettings,
        cancel: &Cancel,
    ) -> Arc<Self> {
        Arc::new_cyclic(|lane: &Weak<Self>| {
            let lane = lane.clone();
            Self {
                jobs: Mutex::new(Box::new(jobs)),
                order: Mutex::new(Order { turns: VecDeque::new(), first: 0, is_complete: false }),
                arrived: Condvar::new(),
                cancel: cancel.clone(),
                _woken: cancel.on_cancel(move || {
                    if let Some(lane) = lane.upgrade() {
                        drop(lock(&lane.order));
                        lane.arrived.notify_all();
                    }
                }),
                leave: Cancel::new(),
                observer,
                audience,
                untaken: AtomicUsize::new(0),
            }
        })
    }

    /// Waits for the next item; `None` is the end.
    pub(crate) fn next(&self) -> Result<Option<Delivery<T>>> {
        let mut order = lock(&self.order);
        loop {
            if self.cancel.is_cancelled() {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
            }
            if let Some(next) = order.turns.front_mut().and_then(VecDeque::pop_front) {
                if matches!(next, Ok(Delivery::End(_))) {
                    order.turns.pop_front();
                    order.first += 1;
                }
                return next.map(Some);
            }
            if order.is_complete && order.turns.is_empty() {
                return Ok(None);
            }
            order = self.arrived.wait(order).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Reports that so many samples were taken. Returns whether the lane was full until now.
    pub(crate) fn taken(&self, samples: usize) -> bool {
        let before = self.untaken.fetch_sub(samples, Ordering::Relaxed);
        before > MOST_UNTAKEN && before - samples <= MOST_UNTAKEN
    }

    /// Reports that the listener is gone.
    pub(crate) fn leave(&self) {
        self.leave.cancel();
    }

    fn begin(&self, turn: Result<Delivery<T>>, is_complete: bool) {
        let mut order = lock(&self.order);
        order.turns.push_back(VecDeque::from([turn]));
        order.is_complete = is_complete;
        drop(order);
        self.arrived.notify_all();
    }

    fn add(&self, number: u64, next: Result<Delivery<T>>) {
        let mut order = lock(&self.order);
        let place = number.checked_sub(order.first);
        if let Some(turn) = place.and_then(|place| order.turns.get_mut(place as usize)) {
            turn.push_back(next);
        }
        drop(order);
        self.arrived.notify_all();
    }
}

impl<T: Send + 'static> Source for Lane<T> {
    fn pull(&self) -> Pulled {
        let mut jobs = lock(&self.jobs);
        let next = if self.is_wanted() {
            // A front end that panics fails its own report and takes no worker along.
            catch_unwind(AssertUnwindSafe(|| jobs.next())).unwrap_or_else(|_| {
                Some(Err(Error::new(ErrorKind::Synthesis, "making the next utterance broke off")))
            })
        } else {
            None
        };
        match next {
            Some(Ok(Job { voice, phonemes, speed, is_last, label })) => {
                self.begin(Ok(Delivery::Begin(label)), is_last);
                return Pulled::Job { voice, phonemes, speed, is_last };
            }
            Some(Err(error)) => self.begin(Err(error), true),
            None => {
                lock(&self.order).is_complete = true;
                self.arrived.notify_all();
            }
        }
        // The iterator's memory is not needed any more.
        *jobs = Box::new(iter::empty());
        Pulled::Nothing
    }

    fn begun(&self, number: u64, threads: NonZeroUsize) {
        if let Some(observer) = &self.observer {
            observer.begun(number, threads);
        }
    }

    fn rested(&self, number: u64, time: Duration) {
        if let Some(observer) = &self.observer {
            observer.rested(number, time);
        }
    }

    fn push(&self, number: u64, block: Vec<f32>) {
        self.untaken.fetch_add(block.len(), Ordering::Relaxed);
        self.add(number, Ok(Delivery::Block(block)));
    }

    fn end(&self, number: u64, outcome: Result<Timings>) {
        if let Some(observer) = self.observer.as_ref().filter(|_| outcome.is_ok()) {
            observer.spoken(number);
        }
        self.add(number, outcome.map(Delivery::End));
    }

    fn is_wanted(&self) -> bool {
        !self.cancel.is_cancelled() && !self.leave.is_cancelled()
    }
}

impl<T> Supply for Lane<T> {
    fn can_wait(&self) -> Option<Duration> {
        self.audience.as_ref().map(|audience| audience.can_wait())
    }

    fn can_rest(&self) -> Duration {
        self.audience.as_ref().map_or(Duration::MAX, |audience| audience.can_rest())
    }

    fn is_full(&self) -> bool {
        self.untaken.load(Ordering::Relaxed) > MOST_UNTAKEN
    }
}

impl Supply for Arc<dyn Source> {
    fn can_wait(&self) -> Option<Duration> {
        (**self).can_wait()
    }

    fn can_rest(&self) -> Duration {
        (**self).can_rest()
    }

    fn is_full(&self) -> bool {
        (**self).is_full()
    }
}

/// Locks; the data behind these locks is valid even after a panic elsewhere.
pub(crate) fn lock<S>(mutex: &Mutex<S>) -> MutexGuard<'_, S> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
