//! The queue between those who submit and those who work. It holds work and leases, and no truth: a job is done when its result is
//! there. What a queue loses is submitted again, and what it gives to two workers is put once.
//!
//! - `nats`: a stream of NATS `JetStream`
//! - `local`: the same within one process, for tests

#[cfg(test)]
pub(super) mod local;
pub(super) mod nats;

use std::future::Future;
use std::time::Duration;

use super::job::{Job, Kernel, Key};
use crate::error::Result;

/// What became of a job that was submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Submitted {
    /// It waits for a worker.
    Now,
    /// It waits already, or somebody works on it.
    Before,
}

/// A job that a worker has for a while.
pub(crate) struct Taken<L> {
    /// The message, as it was sent: it may be none of ours.
    pub message: Vec<u8>,
    /// How often it was given out, this time included.
    pub deliveries: u64,
    /// Jobs for the same kernels that wait behind it.
    pub waiting: u64,
    /// The right to work on it.
    pub lease: L,
}

/// What shall become of a job that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// It is given out again after this time.
    Again(Duration),
    /// It leaves the queue.
    Never,
}

/// What waits in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Jobs that nobody works on.
    pub waiting: u64,
    /// Jobs that somebody works on, or that are about to be tried again.
    pub working: u64,
}

/// A queue of jobs. A lease ends by itself after [`ack_wait`](Self::ack_wait); then somebody else gets the job.
pub(crate) trait Queue: Send + Sync {
    /// The right to work on a job.
    type Lease: Send + Sync;

    /// How long a lease lasts.
    fn ack_wait(&self) -> Duration;

    /// Puts a job in, unless the same one is there.
    fn submit(&self, job: &Job) -> impl Future<Output = Result<Submitted>> + Send;

    /// Takes a job for one family of kernels, and waits a while for one; `None` when none came.
    fn take(&self, kernel: &Kernel) -> impl Future<Output = Result<Option<Taken<Self::Lease>>>> + Send;

    /// Begins the time of a lease anew.
    ///
    /// After its end it lengthens that of whoever has the job now, so nobody may do that who can't know to have it.
    ///
    /// # Errors
    /// The queue can't be reached.
    fn extend(&self, lease: &Self::Lease) -> impl Future<Output = Result<()>> + Send;

    /// Takes a job out for good. Whoever does so late, when somebody else has the job, does no harm: its result is there.
    fn done(&self, lease: &Self::Lease) -> impl Future<Output = Result<()>> + Send;

    /// Gives a job back, or takes it out.
    fn fail(&self, lease: &Self::Lease, failed: Failed) -> impl Future<Output = Result<()>> + Send;
}

/// The name of a job within a queue: one job of each name waits at a time.
pub(super) fn place(kernel: &Kernel, key: &Key) -> String {
    format!("{}.{}", kernel.as_str(), key.as_str())
}
