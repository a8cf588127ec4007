//! Puts jobs into the queue, and waits for their results.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::Instant;
use tracing::warn;

use super::job::{Job, Key};
use super::queue::{Queue, Submitted};
use super::reconcile::{AT_ONCE, Reconciler};
use super::results::Results;
use super::shelf::Shelf;
use super::stop::Stop;
use crate::error::{Error, ErrorKind, Result};

/// What is missing is looked for so often.
const RECONCILED_EVERY: Duration = Duration::from_mins(1);
/// Results are looked for so often, at most; where there are many, the looking itself takes longer.
const LOOKED_EVERY: Duration = Duration::from_secs(1);

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
        let state = self.put(job).await?;
        // A worker that put the result after the look at it may have cleared the shelf before what is wanted came there.
        if state == State::Queued && self.results.has(&job.key).await? {
            self.shelf.clear(&job.key).await?;
            return Ok(State::There);
        }
        Ok(state)
    }

    pub(super) async fn put(&self, job: &Job) -> Result<State> {
        Ok(match self.queue.submit(job).await? {
            Submitted::Now => State::Submitted,
            Submitted::Before => State::Queued,
        })
    }

    /// Puts jobs back that were given up.
    pub(crate) async fn retry(&self, key: &Key) -> Result<State> {
        let letter = self.shelf.letter(key).await?;
        let letter =
            letter.ok_or_else(|| Error::new(ErrorKind::Input, "there is no dead letter of this key"))?;
        let job = match letter.job {
            Some(job) => Some(job),
            // A worker of before could not read it.
            None => self.shelf.wanted_job(key).await?,
        };
        let job = job.ok_or_else(|| {
            Error::new(ErrorKind::Input, "the dead letter is a message that is no job of this program")
        })?;
        if self.results.has(key).await? {
            self.shelf.clear(key).await?;
            return Ok(State::There);
        }
        // The letter first, or that of a worker which fails at once would go with it. What is cut off here is still wanted, and submitted again.
        self.shelf.raise(key).await?;
        self.put(&job).await
    }

    /// Waits until each of these jobs has its result or is given up, and puts back what is missing meanwhile. `tell` hears of each as it
    /// ends.
    pub(crate) async fn wait(&self, keys: &[Key], stop: &Stop, tell: &mut dyn FnMut(&Key, State)) {
        let mut open: BTreeSet<Key> = keys.iter().cloned().collect();
        let mut reconciler = Reconciler::default();
        let mut looked_for_missing = Instant::now();
        while !open.is_empty() && !stop.is_asked() {
            let begun = Instant::now();
            match self.ended(&open).await {
                Ok(ended) => {
                    for (key, state) in ended {
                        open.remove(&key);
                        tell(&key, state);
                    }
                }
                Err(error) => warn!(error = error.causes(), "it can't be seen what became of jobs"),
            }
            if looked_for_missing.elapsed() >= RECONCILED_EVERY {
                looked_for_missing = begun;
                if let Err(error) = reconciler.look(self, &open).await {
                    warn!(error = error.causes(), "it can't be seen whether jobs are missing");
                }
            }
            stop.rest(LOOKED_EVERY.max(begun.elapsed())).await;
        }
    }

    /// Those of `open` that have ended, and how. A job that is wanted no more has its result or is on its way to it; only these are
    /// looked at one by one.
    async fn ended(&self, open: &BTreeSet<Key>) -> Result<Vec<(Key, State)>> {
        let wanted: BTreeSet<Key> = self.shelf.wanted().await?.into_iter().collect();
        let dead: BTreeSet<Key> = self.shelf.dead().await?.into_iter().collect();
        let has = async |key: &Key| (key.clone(), self.results.has(key).await);
        let mut looked = stream::iter(open.difference(&wanted)).map(has).buffer_unordered(AT_ONCE);
        let mut ended: Vec<(Key, State)> = Vec::new();
        while let Some((key, has)) = looked.next().await {
            match has {
                Ok(true) => ended.push((key, State::There)),
                Ok(false) => {}
                Err(error) => warn!(error = error.causes(), "it can't be seen what became of a job"),
            }
        }
        ended.extend(open.intersection(&dead).map(|key| (key.clone(), State::Dead)));
        Ok(ended)
    }
}
