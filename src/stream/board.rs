//! The rules that assign workers to lanes. They have no threads and no clocks of their own, so tests can simulate
//! time.
//!
//! A lane is one sequence of jobs. Of its jobs a window is open: pulled, and not yet delivered to the end.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

/// Jobs of one lane that may be open for each worker. With fewer, workers wait for the longest chunk of the window;
/// more bring no gain, see the simulation in the tests.
const OPEN_PER_WORKER: usize = 2;
/// When a job takes longer than this to pull, another worker need not stay idle for it.
const SLOW_PULL: Duration = Duration::from_millis(100);

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

struct Lane<S> {
    id: LaneId,
    source: S,
    hurry_first: bool,
    /// Jobs that were ever pulled.
    pulled: u64,
    /// Which of the open jobs are completely spoken; the last one pulled is the last.
    open: VecDeque<bool>,
    pulling_since: Option<Instant>,
    is_exhausted: bool,
    /// No job is pulled while the first one has all threads.
    is_held: bool,
}

impl<S> Lane<S> {
    fn has_work(&self, window: usize) -> bool {
        !self.is_exhausted && !self.is_held && self.pulling_since.is_none() && self.open.len() < window
    }

    /// Whether it has no work for an idle worker, now and until another worker is done. A lane blocked only by its
    /// listener still counts as having work.
    fn is_no_help(&self, window: usize, now: Instant) -> bool {
        let is_slow = self.pulling_since.is_some_and(|since| now.duration_since(since) > SLOW_PULL);
        let waits_for_a_worker = self.pulling_since.is_none()
            && !self.is_held
            && self.open.len() >= window
            && self.open.front() == Some(&false);
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
}

impl TakeRule {
    /// Index of the lane; `have_work` are those that have any, oldest first.
    fn choose(self, mut have_work: impl Iterator<Item = usize>) -> Option<usize> {
        match self {
            Self::OldestFirst => have_work.next(),
        }
    }
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
    /// Number of callers that have more to say as soon as a worker is idle.
    expected: usize,
}

impl<S: Clone> Board<S> {
    /// A board without lanes.
    pub(crate) fn new(workers: NonZeroUsize, rule: TakeRule) -> Self {
        Self::with_window(workers, rule, workers.get() * OPEN_PER_WORKER + 1)
    }

    /// The same, with at most `window` jobs of a lane open.
    pub(crate) fn with_window(workers: NonZeroUsize, rule: TakeRule, window: usize) -> Self {
        Self { workers, rule, window, busy: 0, lanes: Vec::new(), opened: 0, expected: 0 }
    }

    /// Adds a lane behind all others.
    pub(crate) fn open(&mut self, source: S, hurry_first: bool) -> LaneId {
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
        let window = self.window;
        if self.busy >= self.workers.get() {
            return None;
        }
        let have_work = self.lanes.iter().enumerate().filter(|(_, lane)| lane.has_work(window));
        let chosen = self.rule.choose(have_work.map(|(index, _)| index))?;
        let lane = &mut self.lanes[chosen];
        lane.pulling_since = Some(now);
        self.busy += 1;
        Some((lane.id, lane.source.clone()))
    }

    /// A job was pulled; `is_last` means that it is known to be the last. `None`: the lane is closed and the worker
    /// idle.
    pub(crate) fn pulled(&mut self, id: LaneId, is_last: bool) -> Option<Grant> {
        let window = self.window;
        let others_wait =
            self.expected > 0 || self.lanes.iter().any(|lane| lane.id != id && lane.has_work(window));
        let idle = self.workers.get().saturating_sub(self.busy);
        let Some(lane) = self.lane(id) else {
            self.busy -= 1;
            return None;
        };
        let number = lane.pulled;
        lane.pulled += 1;
        lane.open.push_back(false);
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
            let from_behind = (lane.pulled - number) as usize;
            let place = lane.open.len().checked_sub(from_behind);
            if let Some(is_spoken) = place.and_then(|place| lane.open.get_mut(place)) {
                *is_spoken = true;
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
        if is_over { self.workers.get().saturating_sub(self.busy) } else { 0 }
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
