//! What a worker has done, counted.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How a job ended at a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is made here.
    Made,
    /// Its result was there.
    There,
    /// It failed, and is tried again.
    Failed,
    /// It is given up.
    Dead,
}

impl Outcome {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Made, Self::There, Self::Failed, Self::Dead];

    /// Its name in logs and measurements.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::There => "there",
            Self::Failed => "failed",
            Self::Dead => "dead",
        }
    }
}

/// The counts of a worker.
#[derive(Debug, Default)]
pub(crate) struct Tallies {
    ended: [AtomicU64; Outcome::ALL.len()],
    sound: AtomicU64,
    work: AtomicU64,
    reports: AtomicU64,
    waiting: AtomicU64,
    busy: AtomicBool,
}

impl Tallies {
    /// A job has ended.
    pub(crate) fn ended(&self, outcome: Outcome) {
        self.ended[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// A report of so many seconds of sound took so long.
    pub(crate) fn spoke(&self, seconds: f64, took: Duration) {
        self.sound.fetch_add((seconds * 1e3) as u64, Ordering::Relaxed);
        self.work.fetch_add(took.as_millis() as u64, Ordering::Relaxed);
        self.reports.fetch_add(1, Ordering::Relaxed);
    }

    /// So many jobs wait.
    pub(crate) fn waits(&self, jobs: u64) {
        self.waiting.store(jobs, Ordering::Relaxed);
    }

    /// How many jobs waited when somebody last looked.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Whether it works on a job now.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    /// It begins or ends to work on a job.
    pub(crate) fn works(&self, is_busy: bool) {
        self.busy.store(is_busy, Ordering::Relaxed);
    }

    /// How many jobs ended so.
    pub(crate) fn count(&self, outcome: Outcome) -> u64 {
        self.ended[outcome as usize].load(Ordering::Relaxed)
    }

    /// Seconds of sound in all.
    pub(crate) fn sound(&self) -> f64 {
        self.sound.load(Ordering::Relaxed) as f64 / 1e3
    }

    /// Seconds that reports took in all.
    pub(crate) fn work(&self) -> f64 {
        self.work.load(Ordering::Relaxed) as f64 / 1e3
    }

    /// Seconds that a report takes; `None` before the first one.
    pub(crate) fn seconds_a_report(&self) -> Option<f64> {
        let reports = self.reports.load(Ordering::Relaxed);
        (reports > 0).then(|| self.work() / reports as f64)
    }
}
