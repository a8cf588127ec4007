//! What a worker notes of a job while it works on it, for its dead letter.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

/// More lines than a job that goes well or badly has.
const MOST: usize = 100;

/// The notes of one job. Clones share them.
#[derive(Clone)]
pub(crate) struct Log {
    begun: Instant,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Log {
    /// Begins when a job is taken.
    pub(super) fn begin(host: &str, deliveries: u64) -> Self {
        let log = Self { begun: Instant::now(), lines: Arc::default() };
        log.note(&format!("taken by {host}, delivery {deliveries}"));
        log
    }

    /// Adds a line, with the seconds since the job was taken.
    pub(super) fn note(&self, line: &str) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() < MOST {
            lines.push(format!("{:.1} s: {line}", self.begun.elapsed().as_secs_f64()));
        }
    }

    /// All lines.
    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
