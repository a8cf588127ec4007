//! A worker: takes a job, makes its report, puts the result, and only then tells the queue.
//!
//! ```text
//!  take ─▶ is the result there? ─ yes ──────────────────────────────▶ done
//!              │ no
//!              ▼
//!          make, and extend the lease ─▶ put the files, the manifest ─▶ done
//!              │ failed
//!              ▼
//!          again after a while; at the fourth time, or when no worker could do it: a dead letter, and out of the queue
//! ```
//!
//! Whatever is cut off at any of these arrows is given out again, and ends at a result that is there.

mod log;
mod making;
#[cfg(test)]
mod tests;
mod watched;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::{debug, info, warn};

use self::log::Log;
pub(crate) use self::making::OwnThread;
pub(super) use self::making::{Making, Workplace};
use self::watched::Watched;
use super::grounds::{End, Grounds};
use super::job::{Job, Kernel, Key};
use super::objects::Put;
use super::queue::{Failed, Queue, Taken};
use super::results::Results;
use super::shelf::{DeadLetter, Shelf};
use super::stop::Stop;
use super::tallies::{Outcome, Tallies};
use crate::calendar;
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Result};
use crate::order::Maker;
use crate::report::Narrator;

/// A job that failed so often is given up.
const MOST_DELIVERIES: u64 = 4;
/// One that was given out so often, and never came back, may be why its workers ended.
const MOST_ENDINGS: u64 = 8;
/// A failed job rests for so many leases before it is tried again: with the usual ones ten seconds, a minute, five minutes.
const RESTS: [f64; 3] = [1.0 / 3.0, 2.0, 10.0];
/// Characters of a message that is no job.
const MESSAGE_SHOWN: usize = 1_000;
/// How long a job may be on its way from the queue.
const ON_ITS_WAY: Duration = Duration::from_millis(250);
/// How long a worker rests when the queue can't be reached.
const UNREACHED: Duration = Duration::from_secs(2);

/// Finds the voice that reads a report.
pub(crate) trait Narrators: Send + Sync {
    /// The voice of a name, loaded.
    ///
    /// # Errors
    /// It is unknown, not here, or damaged.
    fn narrator(&self, voice: &str) -> Result<Narrator>;
}

/// A worker.
pub(crate) struct Worker<Q, W> {
    /// Where jobs come from.
    pub queue: Arc<Q>,
    /// Where results go.
    pub results: Results,
    /// What lies beside them.
    pub shelf: Shelf,
    /// Makes reports.
    pub maker: Arc<dyn Maker>,
    /// Who reads them.
    pub narrators: Arc<dyn Narrators>,
    /// Where they are made.
    pub workplace: W,
    /// The kernels of this machine; it takes no other jobs.
    pub kernel: Kernel,
    /// The name of this machine, for people.
    pub host: String,
    /// What it has done.
    pub tallies: Arc<Tallies>,
    /// Times, and what tests change.
    pub grounds: Grounds,
}

/// How work on a job ended.
enum Ended {
    /// Its result is there.
    There(Outcome),
    /// It can't be made, or not now.
    Failed(Error),
    /// The queue may have given it to somebody else.
    Lost,
    /// The program ends.
    Stopped,
}

impl<Q: Queue, W: Workplace> Worker<Q, W> {
    /// Works until the program shall end. When nothing came, `is_enough` says whether that was all.
    pub(crate) async fn run<F: Future<Output = bool>>(&self, stop: &Stop, is_enough: impl Fn() -> F) {
        while !stop.is_asked() {
            let take = self.queue.take(&self.kernel);
            tokio::pin!(take);
            let taken = tokio::select! {
                taken = &mut take => taken,
                () = stop.asked() => {
                    // A job that is on its way would be lost until its lease ends.
                    if let Ok(Ok(Some(taken))) = tokio::time::timeout(ON_ITS_WAY, take).await {
                        self.give_back(&taken, Duration::ZERO).await;
                    }
                    break;
                }
            };
            match taken {
                Ok(Some(taken)) => {
                    self.tallies.waits(taken.waiting);
                    self.work(&taken, stop).await;
                }
                Ok(None) => {
                    self.tallies.waits(0);
                    if is_enough().await {
                        break;
                    }
                }
                Err(error) => {
                    warn!(error = error.causes(), "no job can be taken");
                    stop.rest(UNREACHED).await;
                }
            }
        }
    }

    /// Works on a job.
    async fn work(&self, taken: &Taken<Q::Lease>, stop: &Stop) {
        let job = match Job::from_bytes(&taken.message) {
            Ok(job) => job,
            // A later worker knows it.
            Err(error) if error.kind() == ErrorKind::Usage => {
                warn!(error = error.causes(), "a job is left for another worker");
                return self.give_back(taken, self.queue.ack_wait()).await;
            }
            Err(error) => return self.bury_message(taken, stop, &error).await,
        };
        let log = Log::begin(&self.host, taken.deliveries);
        let ended = self.attempt(taken, &job, stop, &log).await;
        match ended {
            Ended::There(outcome) => self.done(taken, &job, outcome).await,
            Ended::Failed(error) => self.failed(taken, &job, stop, &error, &log).await,
            // Whoever has it now says what becomes of it.
            Ended::Lost => warn!(key = job.key.as_str(), "the lease of a job has ended; it is left alone"),
            Ended::Stopped => self.give_back(taken, Duration::ZERO).await,
        }
    }

    /// Tries to do a job.
    async fn attempt(&self, taken: &Taken<Q::Lease>, job: &Job, stop: &Stop, log: &Log) -> Ended {
        let watched = Watched { queue: &*self.queue, lease: &taken.lease, stop };
        match watched.patiently(async || self.results.has(&job.key).await).await {
            Ok(true) => return Ended::There(Outcome::There),
            Ok(false) if taken.deliveries > MOST_ENDINGS => {
                return Ended::Failed(Error::new(
                    ErrorKind::Synthesis,
                    "its workers ended while they made it",
                ));
            }
            Ok(false) => {}
            Err(ended) => return ended,
        }
        info!(key = job.key.as_str(), deliveries = taken.deliveries, "a job is begun");
        let begun = Instant::now();
        let article = match watched.patiently(async || self.shelf.article(job).await).await {
            Ok(article) => article,
            Err(ended) => return ended,
        };
        let folder = match tempfile::tempdir() {
            Ok(folder) => folder,
            Err(cause) => {
                let error = Error::new(ErrorKind::Output, "no folder can be made for a report");
                return Ended::Failed(error.because(cause));
            }
        };
        let cancel = Cancel::new();
        let making = Making {
            maker: self.maker.clone(),
            narrators: self.narrators.clone(),
            order: job.order.clone(),
            article,
            folder: folder.path().to_path_buf(),
            cancel: cancel.clone(),
            rest: self.grounds.rest,
            log: log.clone(),
        };
        let (story, made) = match watched.wait_for(self.workplace.make(making), &cancel).await {
            Ok(made) => made,
            Err(ended) => return ended,
        };
        self.tallies.spoke(made.seconds, begun.elapsed());
        self.grounds.reach(End::BeforePut);
        let put = watched.patiently(async || self.results.put(job, &story, &made, &self.host).await).await;
        match put {
            Ok(put) => {
                self.grounds.reach(End::AfterPut);
                Ended::There(if put == Put::Now { Outcome::Made } else { Outcome::There })
            }
            Err(ended) => ended,
        }
    }

    /// The result is there: nothing that fails now matters for long.
    async fn done(&self, taken: &Taken<Q::Lease>, job: &Job, outcome: Outcome) {
        let key = job.key.as_str();
        info!(key, outcome = outcome.as_str(), "a job is done");
        self.tallies.ended(outcome);
        if let Err(error) = self.shelf.clear(&job.key).await {
            debug!(key, error = error.causes(), "the shelf of a job that is done can't be cleared");
        }
        if let Err(error) = self.queue.done(&taken.lease).await {
            debug!(key, error = error.causes(), "the queue can't be told that a job is done");
        }
    }

    /// A job is tried again later, or given up.
    async fn failed(&self, taken: &Taken<Q::Lease>, job: &Job, stop: &Stop, error: &Error, log: &Log) {
        // Somebody else may have done it and cleared its article.
        if let Ok(true) = self.results.has(&job.key).await {
            return self.done(taken, job, Outcome::There).await;
        }
        if is_for_good(error.kind()) || taken.deliveries >= MOST_DELIVERIES {
            log.note(&format!("given up: {}", error.causes()));
            let letter = self.letter(taken, &job.key, &job.name, error, log, Some(job));
            return self.bury(taken, stop, letter).await;
        }
        warn!(key = job.key.as_str(), error = error.causes(), "a job failed, and is tried again");
        self.tallies.ended(Outcome::Failed);
        let rest = RESTS[(taken.deliveries as usize).clamp(1, RESTS.len()) - 1];
        self.give_back(taken, self.queue.ack_wait().mul_f64(rest)).await;
    }

    /// Gives a job back to the queue.
    async fn give_back(&self, taken: &Taken<Q::Lease>, after: Duration) {
        if let Err(error) = self.queue.fail(&taken.lease, Failed::Again(after)).await {
            debug!(error = error.causes(), "a job can't be given back; it comes back when its lease ends");
        }
    }

    /// A message that is no job is kept for people to look at.
    async fn bury_message(&self, taken: &Taken<Q::Lease>, stop: &Stop, error: &Error) {
        let log = Log::begin(&self.host, taken.deliveries);
        log.note(&String::from_utf8_lossy(&taken.message).chars().take(MESSAGE_SHOWN).collect::<String>());
        let key = Key::of_bytes(&taken.message);
        self.bury(taken, stop, self.letter(taken, &key, "a message", error, &log, None)).await;
    }

    fn letter(
        &self,
        taken: &Taken<Q::Lease>,
        key: &Key,
        name: &str,
        error: &Error,
        log: &Log,
        job: Option<&Job>,
    ) -> DeadLetter {
        DeadLetter {
            key: key.clone(),
            name: name.to_string(),
            kind: kind_of(error),
            cause: error.causes(),
            log: log.lines(),
            deliveries: taken.deliveries,
            host: self.host.clone(),
            at: calendar::now(),
            job: job.cloned(),
        }
    }

    /// The letter is kept first: a job that leaves the queue without one would be lost to its submitter.
    async fn bury(&self, taken: &Taken<Q::Lease>, stop: &Stop, letter: DeadLetter) {
        let key = letter.key.as_str();
        warn!(key, cause = letter.cause, "a job can't be done");
        let watched = Watched { queue: &*self.queue, lease: &taken.lease, stop };
        if watched.patiently(async || self.shelf.bury(&letter).await).await.is_err() {
            return self.give_back(taken, self.queue.ack_wait()).await;
        }
        self.tallies.ended(Outcome::Dead);
        if let Err(error) = self.queue.fail(&taken.lease, Failed::Never).await {
            debug!(key, error = error.causes(), "a dead job can't be taken out of the queue");
        }
    }
}

/// The sort of a failure, as JSON has it elsewhere.
fn kind_of(error: &Error) -> String {
    let kind = serde_json::to_value(error.kind()).ok();
    kind.and_then(|kind| kind.as_str().map(str::to_string)).unwrap_or_default()
}

/// Whether no worker could do better: the article or its order is at fault.
fn is_for_good(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Input
            | ErrorKind::Encoding
            | ErrorKind::Empty
            | ErrorKind::Language
            | ErrorKind::Doubtful
            | ErrorKind::Embargoed
            | ErrorKind::Canceled
            | ErrorKind::UnknownVoice
            | ErrorKind::Phonemes
            | ErrorKind::TooLarge
            | ErrorKind::Address
            | ErrorKind::PrivateAddress
    )
}
