//! The rules that assign workers to lanes. They have no threads and no clocks of their own, so tests can simulate
//! time.
//!
//! A lane is one sequence of jobs. Of its jobs a window is open: pulled, and not yet delivered to the end.
//!
//! - `due`: by when a lane needs a worker, where somebody listens

mod due;

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use due::{SOON, WELL_AHEAD, Waiting};

/// Jobs of one lane that may be open for each worker. With fewer, workers wait for the longest chunk of the window;
/// more bring no gain, see the simulation in the tests.
const OPEN_PER_WORKER: usize = 2;
/// When a job takes longer than this to pull, another worker need not stay idle for it.
const SLOW_PULL: Duration = Duration::from_millis(100);
/// A job rests only where its listener can do without it for so much longer than the other can wait. A first chunk takes a
/// quarter of a second with the slower voice, and a machine may be slower than it was.
const REST: Duration = Duration::from_millis(500);

/// Names a lane for as long as it is open, and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LaneId(u64);

/// The order to a worker that has pulled a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// The job's place in its lane, counted from zero.
    pub number: u64,
    /// Threads it is spoken with.
    pub threads: NonZeroUsize,
}

/// How well the listener of a lane is supplied; asked while the board is locked, so answers must come at once.
pub(crate) trait Supply {
    /// How long the listener's next job may wait for a worker, lest there be silence. `None` where nobody listens: a
    /// file is made.
    fn can_wait(&self) -> Option<Duration> {
        None
    }

    /// How long the work under way may rest without its being missed.
    fn can_rest(&self) -> Duration {
        Duration::MAX
    }

    /// Whether so much of its sound waits to be taken that no more should be made.
    fn is_full(&self) -> bool {
        false
    }
}

struct Lane<S> {
    id: LaneId,
    source: S,
    hurry_first: bool,
    /// Jobs that were ever pulled.
    pulled: u64,
    /// The open jobs; the last one pulled is the last.
    open: VecDeque<Open>,
    pulling_since: Option<Instant>,
    is_exhausted: bool,
    /// No job is pulled while the first one has all threads.
    is_held: bool,
    /// How it has waited for a worker.
    waiting: Waiting,
    /// By when it needed a worker when it was last looked at.
    due: Instant,
}

/// A job that was pulled and is not delivered to its end.
struct Open {
    is_spoken: bool,
    /// By when a worker was needed for it.
    due: Instant,
}

impl<S: Supply> Lane<S> {
    fn has_work(&self, window: usize, rule: TakeRule) -> bool {
        let can_be_pulled =
            !self.is_exhausted && !self.is_held && self.pulling_since.is_none() && self.open.len() < window;
        can_be_pulled && !(rule == TakeRule::LeastAhead && self.source.is_full())
    }

    /// Hands it to a worker.
    fn give(&mut self, now: Instant) -> (LaneId, S)
    where
        S: Clone,
    {
        self.pulling_since = Some(now);
        self.waiting = Waiting::since(now);
        (self.id, self.source.clone())
    }

    /// An open job.
    fn job(&mut self, number: u64) -> Option<&mut Open> {
        let from_behind = self.pulled.checked_sub(number)? as usize;
        let place = self.open.len().checked_sub(from_behind)?;
        self.open.get_mut(place)
    }

    /// Whether it has no work for an idle worker, now and until another worker is done. A lane blocked only by its
    /// listener still counts as having work.
    fn is_no_help(&self, window: usize, now: Instant) -> bool {
        let is_slow = self.pulling_since.is_some_and(|since| now.duration_since(since) > SLOW_PULL);
        let waits_for_a_worker = self.pulling_since.is_none()
            && !self.is_held
            && self.open.len() >= window
            && self.open.front().is_some_and(|job| !job.is_spoken);
        self.is_exhausted || is_slow || waits_for_a_worker
    }
}

/// The rule that chooses a lane for an idle worker. A rule that prefers short lanes would need their lengths here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum TakeRule {
    /// The oldest lane that has work, so that the oldest sequence is complete first.
    #[default]
    OldestFirst,
    /// The lane whose listener can wait least, so that nobody hears silence. The first job of a new lane goes before all
    /// later ones, unless a listener can't wait for a second. A lane without a listener gets what the others leave.
    /// Nobody waits for ever; see [`Waiting`]. A job whose listener has enough ahead rests for one that can't wait, see
    /// [`Board::interrupt`].
    LeastAhead,
}

/// Lanes in the order in which they were opened, and how many workers are busy with them. `S` is the part of a lane
/// that a worker needs.
pub(crate) struct Board<S> {
    workers: NonZeroUsize,
    rule: TakeRule,
    window: usize,
    busy: usize,
    lanes: Vec<Lane<S>>,
    opened: u64,
    /// Lanes whose listeners needed more when a lane was last chosen.
    competing: usize,
    /// Number of callers that have more to say as soon as a worker is idle.
    expected: usize,
}

impl<S: Clone + Supply> Board<S> {
    /// A board without lanes.
    pub(crate) fn new(workers: NonZeroUsize, rule: TakeRule) -> Self {
        Self::with_window(workers, rule, workers.get() * OPEN_PER_WORKER + 1)
    }

    /// The same, with at most `window` jobs of a lane open.
    pub(crate) fn with_window(workers: NonZeroUsize, rule: TakeRule, window: usize) -> Self {
        Self { workers, rule, window, busy: 0, lanes: Vec::new(), opened: 0, competing: 0, expected: 0 }
    }

    /// Adds a lane behind all others.
    pub(crate) fn open(&mut self, source: S, hurry_first: bool, now: Instant) -> LaneId {
        let id = LaneId(self.opened);
        self.opened += 1;
        self.lanes.push(Lane {
            id,
            source,
            hurry_first,
            pulled: 0,
            open: VecDeque::new(),
            pulling_since: None,
            is_exhausted: false,
            is_held: false,
            waiting: Waiting::since(now),
            due: now,
        });
        id
    }

    /// A caller will open lanes whenever a worker is idle: no threads can be lent.
    pub(crate) fn expect(&mut self) {
        self.expected += 1;
    }

    /// Takes that back.
    pub(crate) fn expect_no_more(&mut self) {
        self.expected -= 1;
    }

    /// Removes a lane; workers that are busy for it report back nevertheless.
    pub(crate) fn close(&mut self, id: LaneId) {
        self.lanes.retain(|lane| lane.id != id);
    }

    /// Gives an idle worker the lane to pull a job from, by the rule. The worker is busy until it reports
    /// [`spoken`](Self::spoken) or [`exhausted`](Self::exhausted), or [`pulled`](Self::pulled) returns no grant.
    pub(crate) fn take(&mut self, now: Instant) -> Option<(LaneId, S)> {
        if self.busy >= self.workers.get() {
            return None;
        }
        let chosen = self.choose(now)?;
        self.busy += 1;
        Some(self.lanes[chosen].give(now))
    }

    /// Gives the worker that speaks job `number` of lane `id` another lane, which can't wait until that job is spoken,
    /// while this one can. The worker serves it as one that it [took](Self::take), reports
    /// [`resumed`](Self::resumed), and goes on with its job.
    pub(crate) fn interrupt(&mut self, now: Instant, id: LaneId, number: u64) -> Option<(LaneId, S)> {
        let is_anybody_idle = self.busy < self.workers.get();
        if self.rule != TakeRule::LeastAhead || is_anybody_idle {
            return None;
        }
        let chosen = self.choose(now)?;
        let Lane { id: urgent, due, ref source, .. } = self.lanes[chosen];
        let can_wait = source.can_wait().filter(|_| urgent != id && due <= now + SOON)?;
        let lane = self.lane(id)?;
        // What was due before goes on, or it would never end while others come.
        if lane.job(number)?.due <= due || lane.source.can_rest() < can_wait.saturating_add(REST) {
            return None;
        }
        Some(self.lanes[chosen].give(now))
    }

    /// The job that was interrupted goes on.
    pub(crate) fn resumed(&mut self) {
        self.busy += 1;
    }

    /// Index of the lane that needs a worker most.
    fn choose(&mut self, now: Instant) -> Option<usize> {
        let (window, rule) = (self.window, self.rule);
        if rule == TakeRule::OldestFirst {
            return self.lanes.iter().position(|lane| lane.has_work(window, rule));
        }
        self.competing = 0;
        let mut first = None;
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            let can_wait = lane.source.can_wait();
            let competes = !lane.is_exhausted && can_wait.is_some_and(|time| time < WELL_AHEAD);
            self.competing += usize::from(competes);
            if lane.has_work(window, rule) {
                lane.due = lane.waiting.due(now, can_wait, lane.pulled == 0);
                let place = (lane.due, lane.waiting.since, index);
                first = Some(first.map_or(place, |first: (Instant, Instant, usize)| first.min(place)));
            }
        }
        first.map(|(_, _, index)| index)
    }

    /// Listeners who need more and share the workers: at least one, who may be the one that is looked after now.
    pub(crate) fn competing(&self) -> usize {
        self.competing.max(1)
    }

    /// Workers that are not busy.
    pub(crate) fn idle(&self) -> usize {
        self.workers.get().saturating_sub(self.busy)
    }

    /// A job was pulled; `is_last` means that it is known to be the last. `None`: the lane is closed and the worker
    /// idle.
    pub(crate) fn pulled(&mut self, id: LaneId, is_last: bool) -> Option<Grant> {
        let (window, rule) = (self.window, self.rule);
        let others_wait =
            self.expected > 0 || self.lanes.iter().any(|lane| lane.id != id && lane.has_work(window, rule));
        let idle = self.idle();
        let Some(lane) = self.lane(id) else {
            self.busy -= 1;
            return None;
        };
        let number = lane.pulled;
        lane.pulled += 1;
        lane.open.push_back(Open { is_spoken: false, due: lane.due });
        lane.pulling_since = None;
        lane.is_exhausted = is_last;
        let hurries = number == 0 && lane.hurry_first;
        let helpers = if (hurries || is_last) && !others_wait { idle } else { 0 };
        lane.is_held = hurries && helpers > 0;
        Some(Grant { number, threads: NonZeroUsize::MIN.saturating_add(helpers) })
    }

    /// No job was left to be pulled; the worker is idle.
    pub(crate) fn exhausted(&mut self, id: LaneId) {
        self.busy -= 1;
        if let Some(lane) = self.lane(id) {
            (lane.is_exhausted, lane.pulling_since) = (true, None);
        }
    }

    /// A job is spoken to its end, or failed; the worker is idle.
    pub(crate) fn spoken(&mut self, id: LaneId, number: u64) {
        self.busy -= 1;
        if let Some(lane) = self.lane(id) {
            lane.is_held &= number > 0;
            if let Some(job) = lane.job(number) {
                job.is_spoken = true;
            }
        }
    }

    /// The first open job of a lane is delivered to its end.
    pub(crate) fn delivered(&mut self, id: LaneId) {
        if let Some(lane) = self.lane(id) {
            lane.open.pop_front();
        }
    }

    /// Idle workers without work to come: all lanes are exhausted, and no caller expects to open one.
    pub(crate) fn spare(&self) -> usize {
        let is_over = self.expected == 0 && self.lanes.iter().all(|lane| lane.is_exhausted);
        if is_over { self.idle() } else { 0 }
    }

    /// Whether a worker is idle and no lane has, or will soon have, a job for it.
    pub(crate) fn is_hungry(&self, now: Instant) -> bool {
        self.busy < self.workers.get() && self.lanes.iter().all(|lane| lane.is_no_help(self.window, now))
    }

    /// When [`is_hungry`](Self::is_hungry) may change without a report: a job that is being pulled becomes a slow one.
    pub(crate) fn next_slow_pull(&self, now: Instant) -> Option<Duration> {
        let since = self.lanes.iter().filter_map(|lane| lane.pulling_since);
        let left = since.map(|since| (since + SLOW_PULL).saturating_duration_since(now));
        left.filter(|left| !left.is_zero()).min()
    }

    fn lane(&mut self, id: LaneId) -> Option<&mut Lane<S>> {
        self.lanes.iter_mut().find(|lane| lane.id == id)
    }
}

#[cfg(test)]
mod tests;
