//! Puts back what is missing: a queue may lose what it has, and a result that is wanted and not there is all that counts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::Instant;
use tracing::info;

use super::job::Key;
use super::queue::Queue;
use super::submit::{State, Submitter};
use crate::error::{Error, Result};

/// Jobs that are looked at at the same time.
pub(super) const AT_ONCE: usize = 16;
/// A job that is new is looked at after this time, and each time it is not missing after so many times as long.
const FIRST_REST: Duration = Duration::from_mins(1);
const GROWTH: u32 = 4;
/// But after this time at the latest.
const LONGEST_REST: Duration = Duration::from_mins(32);

/// Looks again and again. Three requests for each job that waits, each minute, are more than all others together when a hundred thousand
/// wait for hours. So a job is looked at ever more rarely; but when one is missing, all are looked at.
#[derive(Default)]
pub(crate) struct Reconciler {
    rounds: BTreeMap<Key, Round>,
}

/// When a job is looked at next.
#[derive(Clone, Copy)]
struct Round {
    due: Instant,
    rest: Duration,
}

impl Round {
    fn first(now: Instant) -> Self {
        Self { due: now + FIRST_REST, rest: FIRST_REST }
    }

    fn next(self, now: Instant) -> Self {
        let rest = (self.rest * GROWTH).min(LONGEST_REST);
        Self { due: now + rest, rest }
    }
}

impl Reconciler {
    /// Puts back those of `wanted` whose time has come and which are missing, and says how many these were.
    ///
    /// # Errors
    /// The last of what went wrong with single jobs. All others were looked at even so, and these are looked at next time: a store that
    /// refuses one request in a thousand would keep the rest from ever being seen.
    pub(crate) async fn look<Q: Queue>(
        &mut self,
        submitter: &Submitter<Q>,
        wanted: &BTreeSet<Key>,
    ) -> Result<usize> {
        let now = Instant::now();
        self.rounds.retain(|key, _| wanted.contains(key));
        for key in wanted {
            self.rounds.entry(key.clone()).or_insert_with(|| Round::first(now));
        }
        let (due, later): (Vec<&Key>, Vec<&Key>) =
            wanted.iter().partition(|key| self.rounds.get(key).is_some_and(|round| round.due <= now));
        let mut looked = submitter.put_back(&due).await;
        if looked.missing > 0 {
            looked.add(submitter.put_back(&later).await);
        }
        for key in looked.seen {
            self.rounds.entry(key).and_modify(|round| *round = round.next(now));
        }
        looked.failed.map_or(Ok(looked.missing), Err)
    }

    /// The same for all that is wanted, whoever submitted it.
    pub(crate) async fn look_at_all<Q: Queue>(&mut self, submitter: &Submitter<Q>) -> Result<usize> {
        let wanted = submitter.open().await?;
        self.look(submitter, &wanted).await
    }
}

/// What was found out about jobs.
#[derive(Default)]
struct Looked {
    missing: usize,
    seen: Vec<Key>,
    failed: Option<Error>,
}

impl Looked {
    fn add(&mut self, other: Self) {
        self.missing += other.missing;
        self.seen.extend(other.seen);
        self.failed = other.failed.or(self.failed.take());
    }
}

impl<Q: Queue> Submitter<Q> {
    /// Puts back all that is wanted and missing, whoever submitted it; says how many jobs the queue did not have.
    ///
    /// # Errors
    /// What is wanted can't be listed, or the last of what went wrong with single jobs.
    pub(crate) async fn reconcile(&self) -> Result<usize> {
        let open = self.open().await?;
        let Looked { missing, failed, .. } = self.put_back(&open.iter().collect::<Vec<_>>()).await;
        failed.map_or(Ok(missing), Err)
    }

    /// What is wanted and not given up.
    async fn open(&self) -> Result<BTreeSet<Key>> {
        let dead: BTreeSet<Key> = self.shelf.dead().await?.into_iter().collect();
        Ok(self.shelf.wanted().await?.into_iter().filter(|key| !dead.contains(key)).collect())
    }

    async fn put_back(&self, keys: &[&Key]) -> Looked {
        let put_back = async |key: &Key| (key.clone(), self.put_back_one(key).await);
        let mut states = stream::iter(keys).map(|key| put_back(key)).buffer_unordered(AT_ONCE);
        let mut looked = Looked::default();
        while let Some((key, state)) = states.next().await {
            match state {
                Ok(state) => {
                    looked.missing += usize::from(state == Some(State::Submitted));
                    looked.seen.push(key);
                }
                Err(error) => looked.failed = Some(error),
            }
        }
        looked
    }

    /// Puts back one job that is wanted, where its result is not there.
    async fn put_back_one(&self, key: &Key) -> Result<Option<State>> {
        if self.results.has(key).await? {
            self.shelf.clear(key).await?;
            return Ok(Some(State::There));
        }
        // Its result may have come meanwhile.
        let Some(job) = self.shelf.wanted_job(key).await? else { return Ok(None) };
        let state = self.put(&job).await?;
        if state == State::Submitted {
            info!(key = key.as_str(), "a job was missing, and is submitted again");
        }
        Ok(Some(state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_looked_at_ever_more_rarely() {
        let begun = Instant::now();
        let mut round = Round::first(begun);
        let mut minutes = Vec::new();
        for _ in 0..6 {
            minutes.push((round.due - begun).as_secs() / 60);
            round = round.next(round.due);
        }
        assert_eq!(minutes, [1, 5, 21, 53, 85, 117]);
    }
}
