//! A queue that behaves as NATS does, and takes its time: it does one thing after another, and is away now and then.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::cluster::job::{Job, Kernel};
use crate::cluster::queue::{Failed, Queue, Submitted, Taken, place};
use crate::error::{Error, ErrorKind, Result};

/// How a server is.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub ack_wait: Duration,
    /// There and back.
    pub trip: Duration,
    /// What it takes to write a change to its disk: a job that comes, an acknowledgement.
    pub written: Duration,
    /// What anything else takes.
    pub told: Duration,
    /// When it is away.
    pub away: Vec<Range<Duration>>,
    /// When it comes back without its disk.
    pub loses_at: Option<Duration>,
}

/// How long a client waits for an answer that does not come.
const NO_ANSWER: Duration = Duration::from_secs(5);
/// How long a worker waits for a job before it asks again.
const PULL: Duration = Duration::from_secs(5);

/// The queue.
pub(super) struct Broker {
    settings: Settings,
    midnight: Instant,
    state: Mutex<State>,
    /// A job can be taken.
    came: Notify,
    /// Something rests that did not before.
    changed: Notify,
}

#[derive(Default)]
struct State {
    jobs: HashMap<String, Held>,
    ready: VecDeque<String>,
    /// Jobs that are given out, or rest; each entry is looked at when its time has come.
    resting: BinaryHeap<Reverse<(Instant, String)>>,
    busy_until: Option<Instant>,
    busy: Duration,
    messages: u64,
    deliveries: u64,
}

struct Held {
    message: Vec<u8>,
    deliveries: u64,
    is_ready: bool,
    is_leased: bool,
    until: Instant,
}

/// The right to work on a job.
pub(super) struct Lease(String);

/// What it has done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    /// Messages of all kinds.
    pub messages: u64,
    /// How long it was at work.
    pub busy: Duration,
    /// Jobs given out.
    pub deliveries: u64,
}

impl Broker {
    /// A server that is at work since `midnight`.
    pub(super) fn new(settings: Settings, midnight: Instant) -> Self {
        let (came, changed) = (Notify::new(), Notify::new());
        Self { settings, midnight, state: Mutex::default(), came, changed }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Jobs that can be taken, and those that are worked on or rest.
    pub(super) fn depth(&self) -> (usize, usize) {
        let state = self.state();
        (state.ready.len(), state.jobs.len() - state.ready.len())
    }

    pub(super) fn work(&self) -> Work {
        let state = self.state();
        Work { messages: state.messages, busy: state.busy, deliveries: state.deliveries }
    }

    /// Gives jobs out again whose lease or rest has ended, as long as it is polled.
    pub(super) async fn keep(&self) {
        if let Some(lost) = self.settings.loses_at {
            tokio::select! {
                never = self.give_out_again() => return never,
                () = sleep_until(self.midnight + lost) => *self.state() = State::default(),
            }
        }
        self.give_out_again().await;
    }

    async fn give_out_again(&self) {
        loop {
            let next = self.settle();
            tokio::select! {
                () = self.changed.notified() => {}
                () = sleep_until(next.unwrap_or_else(|| Instant::now() + Duration::from_hours(1))) => {}
            }
        }
    }

    /// Looks at what rests, and says when to look again.
    fn settle(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut state = self.state();
        let State { jobs, ready, resting, .. } = &mut *state;
        while let Some(Reverse((at, name))) = resting.pop_if_due(now) {
            let Some(held) = jobs.get_mut(&name).filter(|held| !held.is_ready) else { continue };
            if held.until > at {
                resting.push(Reverse((held.until, name)));
                continue;
            }
            held.is_leased = false;
            held.is_ready = true;
            ready.push_back(name);
            self.came.notify_one();
        }
        resting.peek().map(|Reverse((at, _))| *at)
    }

    /// The server does something, after all that came before.
    async fn serve(&self, cost: Duration) -> Result<()> {
        let now = Instant::now();
        if self.settings.away.iter().any(|away| away.contains(&(now - self.midnight))) {
            sleep(NO_ANSWER).await;
            return Err(Error::new(ErrorKind::Network, "the queue does not answer"));
        }
        let done = {
            let mut state = self.state();
            let done = state.busy_until.map_or(now, |until| until.max(now)) + cost;
            state.busy_until = Some(done);
            state.busy += cost;
            state.messages += 1;
            done
        };
        sleep_until(done + self.settings.trip).await;
        Ok(())
    }

    fn try_take(&self) -> Option<Taken<Lease>> {
        let mut state = self.state();
        let name = loop {
            let name = state.ready.pop_front()?;
            if state.jobs.get(&name).is_some_and(|held| held.is_ready) {
                break name;
            }
        };
        let until = Instant::now() + self.settings.ack_wait;
        state.deliveries += 1;
        let waiting = state.ready.len() as u64;
        state.resting.push(Reverse((until, name.clone())));
        let held = state.jobs.get_mut(&name)?;
        held.deliveries += 1;
        (held.is_ready, held.is_leased, held.until) = (false, true, until);
        let (message, deliveries) = (held.message.clone(), held.deliveries);
        drop(state);
        self.changed.notify_one();
        Some(Taken { message, deliveries, waiting, lease: Lease(name) })
    }

    fn remove(&self, name: &str) {
        self.state().jobs.remove(name);
    }
}

/// Takes what is due.
trait PopIfDue<T> {
    fn pop_if_due(&mut self, now: Instant) -> Option<T>;
}

impl PopIfDue<Reverse<(Instant, String)>> for BinaryHeap<Reverse<(Instant, String)>> {
    fn pop_if_due(&mut self, now: Instant) -> Option<Reverse<(Instant, String)>> {
        self.peek().is_some_and(|Reverse((at, _))| *at <= now).then(|| self.pop()).flatten()
    }
}

impl Queue for Broker {
    type Lease = Lease;

    fn ack_wait(&self) -> Duration {
        self.settings.ack_wait
    }

    async fn submit(&self, job: &Job) -> Result<Submitted> {
        self.serve(self.settings.written).await?;
        let name = place(&job.kernel, &job.key);
        let message = job.to_bytes()?;
        let mut state = self.state();
        if state.jobs.contains_key(&name) {
            return Ok(Submitted::Before);
        }
        let until = Instant::now();
        let held = Held { message, deliveries: 0, is_ready: true, is_leased: false, until };
        state.jobs.insert(name.clone(), held);
        state.ready.push_back(name);
        drop(state);
        self.came.notify_one();
        Ok(Submitted::Now)
    }

    async fn take(&self, _: &Kernel) -> Result<Option<Taken<Lease>>> {
        self.serve(self.settings.told).await?;
        let enough = Instant::now() + PULL;
        loop {
            if let Some(taken) = self.try_take() {
                self.serve(self.settings.told).await?;
                return Ok(Some(taken));
            }
            if timeout_at(enough, self.came.notified()).await.is_err() {
                return Ok(None);
            }
        }
    }

    /// As NATS does it: whoever had the job before extends the lease of whoever has it now.
    async fn extend(&self, Lease(name): &Lease) -> Result<()> {
        self.serve(self.settings.told).await?;
        let until = Instant::now() + self.settings.ack_wait;
        if let Some(held) = self.state().jobs.get_mut(name).filter(|held| held.is_leased) {
            held.until = until;
        }
        Ok(())
    }

    async fn done(&self, Lease(name): &Lease) -> Result<()> {
        self.serve(self.settings.written).await?;
        self.remove(name);
        Ok(())
    }

    async fn fail(&self, Lease(name): &Lease, failed: Failed) -> Result<()> {
        self.serve(self.settings.written).await?;
        let Failed::Again(after) = failed else {
            self.remove(name);
            return Ok(());
        };
        let until = Instant::now() + after;
        let mut state = self.state();
        let Some(held) = state.jobs.get_mut(name).filter(|held| !held.is_ready) else { return Ok(()) };
        held.until = until;
        held.is_leased = false;
        state.resting.push(Reverse((until, name.clone())));
        drop(state);
        self.changed.notify_one();
        Ok(())
    }
}
