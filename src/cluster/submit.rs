//! Puts jobs into the queue, and puts back what is missing: a queue may lose what it has, and a result that is wanted and not there is all
//! that counts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use tracing::{info, warn};

use super::job::{Job, Key};
use super::queue::{Queue, Submitted};
use super::results::Results;
use super::shelf::Shelf;
use super::stop::Stop;
use crate::error::{Error, ErrorKind, Result};

/// What is missing is submitted again so often.
const RECONCILED_EVERY: Duration = Duration::from_mins(1);
/// Results are looked for so often, at most; where there are many, the looking itself takes longer.
const LOOKED_EVERY: Duration = Duration::from_secs(1);

/// Results that are looked for at the same time.
const AT_ONCE: usize = 16;

/// What became of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its result is there.
    There,
    /// It waits for a worker now.
    Submitted,
    /// It waited before, or somebody works on it.
    Queued,
    /// It was given up before; `retry` puts it back.
    Dead,
}

impl State {
    /// Its name for programs.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::There => "there",
            Self::Submitted => "submitted",
            Self::Queued => "queued",
            Self::Dead => "refused",
        }
    }
}

/// Submits jobs.
pub(crate) struct Submitter<Q> {
    /// Where they go.
    pub queue: Arc<Q>,
    /// Where their results will be.
    pub results: Results,
    /// What is wanted.
    pub shelf: Shelf,
}

impl<Q: Queue> Submitter<Q> {
    /// Submits a job, unless its result is there.
    pub(crate) async fn submit(&self, job: &Job, article: &[u8]) -> Result<State> {
        if self.results.has(&job.key).await? {
            return Ok(State::There);
        }
        if self.shelf.is_dead(&job.key).await? {
            return Ok(State::Dead);
        }
        // First: what the queue loses must be known to be missing.
        self.shelf.want(job, article).await?;
        self.put(job).await
    }

    async fn put(&self, job: &Job) -> Result<State> {
        Ok(match self.queue.submit(job).await? {
            Submitted::Now => State::Submitted,
            Submitted::Before => State::Queued,
        })
    }

    /// Puts back one job that is wanted, where neither its result nor its dead letter is there.
    async fn put_back(&self, key: &Key) -> Result<Option<State>> {
        if self.results.has(key).await? {
            self.shelf.clear(key).await?;
            return Ok(Some(State::There));
        }
        if self.shelf.is_dead(key).await? {
            return Ok(Some(State::Dead));
        }
        let Some(job) = self.shelf.wanted_job(key).await? else { return Ok(None) };
        let state = self.put(&job).await?;
        if state == State::Submitted {
            info!(key = key.as_str(), "a job was missing, and is submitted again");
        }
        Ok(Some(state))
    }

    /// Puts back all that is wanted and missing, whoever submitted it; says how many jobs the queue did not have.
    pub(crate) async fn reconcile(&self) -> Result<usize> {
        let wanted = self.shelf.wanted().await?;
        let states = stream::iter(&wanted).map(|key| self.put_back(key)).buffer_unordered(AT_ONCE);
        let states: Vec<Option<State>> = states.try_collect().await?;
        Ok(states.into_iter().filter(|state| *state == Some(State::Submitted)).count())
    }

    /// Puts jobs back that were given up.
    pub(crate) async fn retry(&self, key: &Key) -> Result<State> {
        let letter = self.shelf.letter(key).await?;
        let letter =
            letter.ok_or_else(|| Error::new(ErrorKind::Input, "there is no dead letter of this key"))?;
        let job = letter.job.ok_or_else(|| {
            Error::new(ErrorKind::Input, "the dead letter is a message that is no job of this program")
        })?;
        if self.results.has(key).await? {
            self.shelf.clear(key).await?;
            return Ok(State::There);
        }
        // The queue first: a letter too many is seen, a job too few is not.
        let state = self.put(&job).await?;
        self.shelf.raise(key).await?;
        Ok(state)
    }

    /// Waits until each of these jobs has its result or is given up, and puts back what is missing meanwhile. `tell` hears of each as it
    /// ends.
    pub(crate) async fn wait(&self, keys: &[Key], stop: &Stop, tell: &mut dyn FnMut(&Key, State)) {
        let mut open: BTreeSet<&Key> = keys.iter().collect();
        let mut reconciled = tokio::time::Instant::now();
        while !open.is_empty() && !stop.is_asked() {
            let begun = tokio::time::Instant::now();
            let is_due = reconciled.elapsed() >= RECONCILED_EVERY;
            if is_due {
                reconciled = begun;
            }
            let look = async |key: &Key| (key.clone(), self.look(key, is_due).await);
            let looked: Vec<_> =
                stream::iter(&open).map(|key| look(key)).buffer_unordered(AT_ONCE).collect().await;
            for (key, state) in looked {
                match state {
                    Ok(Some(state)) => {
                        open.remove(&key);
                        tell(&key, state);
                    }
                    Ok(None) => {}
                    Err(error) => warn!(error = error.causes(), "it can't be seen what became of a job"),
                }
            }
            stop.rest(LOOKED_EVERY.max(begun.elapsed())).await;
        }
    }

    /// Whether a job has ended, and how.
    async fn look(&self, key: &Key, puts_back: bool) -> Result<Option<State>> {
        if self.results.has(key).await? {
            return Ok(Some(State::There));
        }
        if self.shelf.is_dead(key).await? {
            return Ok(Some(State::Dead));
        }
        if puts_back {
            self.put_back(key).await?;
        }
        Ok(None)
    }
}
