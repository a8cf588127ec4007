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
//! Whatever is cut off at any of these arrows is given out again, and ends at a result that is there. A machine at
//! fault rests before it takes another job, or it would fail all of them faster than others do them.
//!
//! - `making`: the making of one report, on a thread of its own
//! - `watched`: waiting with a job in hand
//! - `failing`: what becomes of a job that is not done
//! - `log`: what is noted of a job on its way

mod failing;
mod log;
mod making;
#[cfg(test)]
mod tests;
mod watched;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::{debug, info, warn};

use self::failing::Blame;
use self::log::Log;
pub(crate) use self::making::OwnThread;
pub(super) use self::making::{Making, Workplace};
use self::watched::Watched;
use super::grounds::{End, Grounds};
use super::job::{Job, Kernel, Key};
use super::objects::Put;
use super::queue::{Queue, Taken};
use super::results::Results;
use super::shelf::Shelf;
use super::stop::Stop;
use super::tallies::{Outcome, Tallies};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Result};
use crate::order::Maker;
use crate::report::Narrator;

/// One that was given out so often, and never came back, may be why its workers ended.
const MOST_ENDINGS: u64 = 8;
/// How long a job may be on its way from the queue.
const ON_ITS_WAY: Duration = Duration::from_millis(250);
/// How long a worker rests when the queue can't be reached.
const UNREACHED: Duration = Duration::from_secs(2);

/// Finds the voice that reads a report.
pub(crate) trait Narrators: Send + Sync {
    /// The voice of a name, loaded. It is that of an `engine`, with its version and files, where one is named.
    ///
    /// # Errors
    /// It is unknown, not here, damaged, or another one.
    fn narrator(&self, voice: &str, engine: &str) -> Result<Narrator>;
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
                        self.excuse(&taken, Duration::ZERO).await;
                    }
                    break;
                }
            };
            match taken {
                Ok(Some(taken)) => {
                    self.tallies.waits(taken.waiting);
                    self.tallies.works(true);
                    let blame = self.work(&taken, stop).await;
                    self.tallies.works(false);
                    if blame == Blame::Machine {
                        stop.rest(self.rest(1)).await;
                    }
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

    /// Works on a job. Says whose fault it was if it is not done.
    async fn work(&self, taken: &Taken<Q::Lease>, stop: &Stop) -> Blame {
        let watched = Watched::new(&*self.queue, &taken.lease, stop);
        let log = Log::begin(&self.host, taken.deliveries);
        let job = match Job::from_bytes(&taken.message) {
            Ok(job) if job.is_for_this_program() => job,
            Ok(job) => {
                let other =
                    Error::new(ErrorKind::Usage, "the job was sent by another version of the program");
                return self.refuse(taken, &watched, Some(&job), &other, &log).await;
            }
            // A later worker knows it.
            Err(error) if error.kind() == ErrorKind::Usage => {
                return self.refuse(taken, &watched, None, &error, &log).await;
            }
            Err(error) => {
                self.bury_message(taken, &watched, &error).await;
                return Blame::Job;
            }
        };
        match self.attempt(taken, &job, &watched, &log).await {
            Ended::There(outcome) => self.done(taken, &job, outcome).await,
            // A voice that is fetched breaks off when the program shall end.
            Ended::Failed(error) if error.kind() == ErrorKind::Interrupted && stop.is_asked() => {
                self.excuse(taken, Duration::ZERO).await;
            }
            Ended::Failed(error) => return self.failed(taken, &job, &watched, &error, &log).await,
            // Whoever has it now says what becomes of it.
            Ended::Lost => warn!(key = job.key.as_str(), "the lease of a job has ended; it is left alone"),
            Ended::Stopped => self.excuse(taken, Duration::ZERO).await,
        }
        Blame::Nobody
    }

    /// Tries to do a job.
    async fn attempt(
        &self,
        taken: &Taken<Q::Lease>,
        job: &Job,
        watched: &Watched<'_, Q>,
        log: &Log,
    ) -> Ended {
        match watched.patiently(async || self.results.has(&job.key).await).await {
            Ok(true) => return Ended::There(Outcome::There),
            Ok(false) if taken.deliveries > MOST_ENDINGS && self.failures(taken).await > MOST_ENDINGS => {
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
            engine: job.engine.clone(),
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
        if let Err(error) = self.clear(taken, &job.key).await {
            debug!(key, error = error.causes(), "the shelf of a job that is done can't be cleared");
        }
        if let Err(error) = self.queue.done(&taken.lease).await {
            debug!(key, error = error.causes(), "the queue can't be told that a job is done");
        }
    }

    async fn clear(&self, taken: &Taken<Q::Lease>, key: &Key) -> Result<()> {
        self.shelf.clear(key).await?;
        // Only one that came back can have been excused.
        if taken.deliveries > 1 {
            self.shelf.forget_excuses(&Key::of_bytes(&taken.message)).await?;
        }
        Ok(())
    }
}
