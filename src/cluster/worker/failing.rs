//! What becomes of a job that is not done: it is tried again, left for another machine, or given up with its cause.
//!
//! A job counts what fails by its own fault. Where the machine is at fault, or the program ends, it goes back without blame.

use std::time::Duration;

use tracing::{debug, warn};

use super::log::Log;
use super::making::Workplace;
use super::watched::Watched;
use super::{Ended, Worker};
use crate::calendar;
use crate::cluster::job::{Job, Key};
use crate::cluster::queue::{Failed, Queue, Taken};
use crate::cluster::shelf::{DeadLetter, Excuses};
use crate::cluster::tallies::Outcome;
use crate::error::{Error, ErrorKind};

/// A job that failed so often is given up.
const MOST_FAILURES: u64 = 4;
/// So is one that machines refused so often: with the usual leases that takes an hour and a half.
const MOST_REFUSALS: u64 = 20;
/// A job rests for so many leases before it is tried again: with the usual ones ten seconds, a minute, five minutes.
const RESTS: [f64; 3] = [1.0 / 3.0, 2.0, 10.0];
/// How long an excuse may take. The job comes back without it.
const EXCUSED: Duration = Duration::from_secs(5);

/// Whose fault it is that a job is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blame {
    /// Nobody's: it is done, or was given back.
    Nobody,
    /// That of the job.
    Job,
    /// That of this machine.
    Machine,
}

impl<Q: Queue, W: Workplace> Worker<Q, W> {
    /// A job is tried again later, or given up. Says whose fault it was.
    pub(super) async fn failed(
        &self,
        taken: &Taken<Q::Lease>,
        job: &Job,
        watched: &Watched<'_, Q>,
        error: &Error,
        log: &Log,
    ) -> Blame {
        let key = job.key.as_str();
        match watched.patiently(async || self.results.has(&job.key).await).await {
            // Somebody else may have done it and cleared its article.
            Ok(true) => {
                self.done(taken, job, Outcome::There).await;
                return Blame::Nobody;
            }
            Ok(false) => {}
            Err(Ended::Lost) => return Blame::Nobody,
            Err(_) => {
                self.excuse(taken, Duration::ZERO).await;
                return Blame::Nobody;
            }
        }
        if is_of_machine(error.kind()) {
            return match self.refuse(taken, watched, Some(job), error, log).await {
                Blame::Nobody => Blame::Machine,
                blame => blame,
            };
        }
        let failures = self.failures(taken).await;
        if is_for_good(error.kind()) || failures >= MOST_FAILURES {
            log.note(&format!("given up: {}", error.causes()));
            let letter = self.letter(taken, &job.key, &job.name, error, log, Some(job));
            self.bury(taken, watched, letter).await;
            return Blame::Job;
        }
        warn!(key, error = error.causes(), "a job failed, and is tried again");
        self.tallies.ended(Outcome::Failed);
        self.give_back(taken, self.rest(failures)).await;
        Blame::Job
    }

    /// Leaves a job to others, as this machine or this program can't do it. One that all refuse is given up.
    pub(super) async fn refuse(
        &self,
        taken: &Taken<Q::Lease>,
        watched: &Watched<'_, Q>,
        job: Option<&Job>,
        error: &Error,
        log: &Log,
    ) -> Blame {
        let excuses = self.excuses(taken).await;
        if excuses.refusals >= MOST_REFUSALS {
            log.note(&format!("given up, for no machine could do it: {}", error.causes()));
            match job {
                Some(job) => {
                    let letter = self.letter(taken, &job.key, &job.name, error, log, Some(job));
                    self.bury(taken, watched, letter).await;
                }
                None => self.bury_message(taken, watched, error).await,
            }
            return Blame::Job;
        }
        warn!(error = error.causes(), "a job can't be done here, and is left to others");
        self.tallies.ended(Outcome::Failed);
        let refusals = excuses.refusals + 1;
        self.note(taken, Excuses { refusals, all: excuses.all + 1, ..excuses }).await;
        self.give_back(taken, self.rest(refusals)).await;
        Blame::Nobody
    }

    /// How long something rests that failed so often.
    pub(super) fn rest(&self, failures: u64) -> Duration {
        self.queue.ack_wait().mul_f64(RESTS[(failures as usize).clamp(1, RESTS.len()) - 1])
    }

    /// How often a job was given out and failed, or did not come back.
    pub(super) async fn failures(&self, taken: &Taken<Q::Lease>) -> u64 {
        if taken.deliveries < MOST_FAILURES {
            return taken.deliveries;
        }
        taken.deliveries.saturating_sub(self.excuses(taken).await.all)
    }

    /// What speaks for a job. Where that can't be known, nothing is held against it.
    async fn excuses(&self, taken: &Taken<Q::Lease>) -> Excuses {
        let message = Key::of_bytes(&taken.message);
        let noted = tokio::time::timeout(EXCUSED, self.shelf.excuses(&message)).await;
        match noted {
            Ok(Ok(excuses)) if excuses.delivery < taken.deliveries => excuses,
            Ok(Ok(_)) => Excuses::default(),
            _ => Excuses { all: taken.deliveries, ..Excuses::default() },
        }
    }

    async fn note(&self, taken: &Taken<Q::Lease>, excuses: Excuses) {
        let excuses = Excuses { delivery: taken.deliveries, ..excuses };
        let message = Key::of_bytes(&taken.message);
        let noted = tokio::time::timeout(EXCUSED, self.shelf.excuse(&message, excuses)).await;
        if !matches!(noted, Ok(Ok(()))) {
            debug!("it can't be noted that a job did nothing wrong");
        }
    }

    /// Gives a job back that did nothing wrong.
    pub(super) async fn excuse(&self, taken: &Taken<Q::Lease>, after: Duration) {
        let excuses = self.excuses(taken).await;
        self.note(taken, Excuses { all: excuses.all + 1, ..excuses }).await;
        self.give_back(taken, after).await;
    }

    /// Gives a job back to the queue.
    pub(super) async fn give_back(&self, taken: &Taken<Q::Lease>, after: Duration) {
        if let Err(error) = self.queue.fail(&taken.lease, Failed::Again(after)).await {
            debug!(error = error.causes(), "a job can't be given back; it comes back when its lease ends");
        }
    }

    /// A message that is no job, or one of a later program, is kept for people to look at.
    pub(super) async fn bury_message(
        &self,
        taken: &Taken<Q::Lease>,
        watched: &Watched<'_, Q>,
        error: &Error,
    ) {
        let log = Log::begin(&self.host, taken.deliveries);
        // Its text is nobody's business who looks for causes.
        log.note(&format!("it has {} bytes", taken.message.len()));
        let key = Job::key_in(&taken.message).unwrap_or_else(|| Key::of_bytes(&taken.message));
        self.bury(taken, watched, self.letter(taken, &key, "a message", error, &log, None)).await;
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
    async fn bury(&self, taken: &Taken<Q::Lease>, watched: &Watched<'_, Q>, letter: DeadLetter) {
        let key = letter.key.as_str();
        warn!(key, cause = letter.cause, "a job can't be done");
        match watched.patiently(async || self.shelf.bury(&letter).await).await {
            Ok(()) => {}
            Err(Ended::Lost) => return,
            Err(_) => return self.excuse(taken, self.queue.ack_wait()).await,
        }
        self.tallies.ended(Outcome::Dead);
        if let Err(error) = self.shelf.forget_excuses(&Key::of_bytes(&taken.message)).await {
            debug!(key, error = error.causes(), "the excuses of a dead job can't be cleared");
        }
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
            | ErrorKind::Usage
            | ErrorKind::Lexicon
    )
}

/// Whether another machine may do better: a voice is missing or damaged here, a disk is full.
fn is_of_machine(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::VoiceMissing | ErrorKind::VoiceCorrupt | ErrorKind::Download | ErrorKind::Output
    )
}
