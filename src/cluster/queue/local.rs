//! A queue within one process: for tests, in which time may be short and leases are seen to end.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Failed, Queue, Submitted, Taken, Waiting, place};
use crate::cluster::job::{Job, Kernel};
use crate::error::Result;

/// How long a worker waits for a job.
const PATIENCE: Duration = Duration::from_millis(20);

/// The queue. What stands in it is lost with it.
pub(crate) struct LocalQueue {
    ack_wait: Duration,
    jobs: Mutex<BTreeMap<String, Held>>,
}

struct Held {
    message: Vec<u8>,
    kernel: Kernel,
    deliveries: u64,
    /// Until then nobody else gets it.
    free_from: Instant,
    is_leased: bool,
}

/// The right to work on a job.
pub(crate) struct LocalLease {
    place: String,
}

impl LocalQueue {
    pub(crate) fn new(ack_wait: Duration) -> Self {
        Self { ack_wait, jobs: Mutex::default() }
    }

    fn jobs(&self) -> MutexGuard<'_, BTreeMap<String, Held>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What waits in it.
    pub(crate) fn waiting(&self) -> Waiting {
        let (jobs, now) = (self.jobs(), Instant::now());
        let working = jobs.values().filter(|held| held.is_leased && held.free_from > now).count() as u64;
        Waiting { waiting: jobs.len() as u64 - working, working }
    }

    /// Loses all it has, as a queue does whose disk is gone.
    pub(crate) fn lose(&self) {
        self.jobs().clear();
    }

    /// Puts in a message that may be no job.
    pub(crate) fn put(&self, place: &str, kernel: &Kernel, message: &[u8]) -> Submitted {
        let mut jobs = self.jobs();
        if jobs.contains_key(place) {
            return Submitted::Before;
        }
        let held = Held {
            message: message.to_vec(),
            kernel: kernel.clone(),
            deliveries: 0,
            free_from: Instant::now(),
            is_leased: false,
        };
        jobs.insert(place.to_string(), held);
        Submitted::Now
    }
}

impl Queue for LocalQueue {
    type Lease = LocalLease;

    fn ack_wait(&self) -> Duration {
        self.ack_wait
    }

    async fn submit(&self, job: &Job) -> Result<Submitted> {
        Ok(self.put(&place(&job.kernel, &job.key), &job.kernel, &job.to_bytes()?))
    }

    async fn take(&self, kernel: &Kernel) -> Result<Option<Taken<LocalLease>>> {
        let take = || {
            let (mut jobs, now) = (self.jobs(), Instant::now());
            let free = |held: &Held| held.kernel == *kernel && held.free_from <= now;
            let waiting = jobs.values().filter(|held| free(held)).count().saturating_sub(1) as u64;
            let (place, held) = jobs.iter_mut().find(|(_, held)| free(held))?;
            held.deliveries += 1;
            (held.free_from, held.is_leased) = (now + self.ack_wait, true);
            let lease = LocalLease { place: place.clone() };
            Some(Taken { message: held.message.clone(), deliveries: held.deliveries, waiting, lease })
        };
        let taken = take();
        if taken.is_none() {
            tokio::time::sleep(PATIENCE).await;
        }
        Ok(taken)
    }

    /// As with NATS, a late one lengthens the lease of whoever has the job now.
    async fn extend(&self, lease: &LocalLease) -> Result<()> {
        if let Some(held) = self.jobs().get_mut(&lease.place).filter(|held| held.is_leased) {
            held.free_from = Instant::now() + self.ack_wait;
        }
        Ok(())
    }

    /// As with NATS, a late one takes the job away from whoever has it now.
    async fn done(&self, lease: &LocalLease) -> Result<()> {
        self.jobs().remove(&lease.place);
        Ok(())
    }

    async fn fail(&self, lease: &LocalLease, failed: Failed) -> Result<()> {
        let mut jobs = self.jobs();
        match failed {
            Failed::Never => drop(jobs.remove(&lease.place)),
            Failed::Again(after) => {
                if let Some(held) = jobs.get_mut(&lease.place) {
                    (held.free_from, held.is_leased) = (Instant::now() + after, false);
                }
            }
        }
        Ok(())
    }
}
