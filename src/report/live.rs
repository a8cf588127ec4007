//! A live reading: connects the listener, the script and the workers with the controller.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tracing::debug;

use super::pace::{Lead, Pace};
use crate::audio::Listener;
use crate::script::{Room, ScriptChunk};
use crate::stream::{Audience, Crowd, WorkObserver};

/// One live reading.
pub(super) struct Live {
    listener: Arc<dyn Listener>,
    pace: Mutex<Pace>,
    crowd: Arc<Crowd>,
    since: Instant,
}

impl Live {
    pub(crate) fn new(listener: Arc<dyn Listener>, pace: Pace, crowd: Arc<Crowd>) -> Arc<Self> {
        Arc::new(Self { listener, pace: Mutex::new(pace), crowd, since: Instant::now() })
    }

    /// Room for the chunk that is taken now.
    pub(crate) fn chunk_budget(&self) -> Room {
        let lead = self.hearing();
        let readings = self.crowd.competing();
        let room = {
            let mut pace = self.pace();
            pace.share_with(readings);
            pace.room(self.now(), lead)
        };
        debug!(
            lead = lead.seconds,
            is_waiting = lead.is_waiting,
            readings,
            least = room.least,
            most = room.most,
            "room"
        );
        room
    }

    /// A chunk was taken; `number` counts from zero through the programme.
    pub(crate) fn taken(&self, number: usize, chunk: &ScriptChunk) {
        let needed = {
            let mut pace = self.pace();
            pace.taken(chunk.phonemes.chars().count(), chunk.pause.as_secs_f64());
            // Before the first chunk is finished there is no measurement to report.
            (number > 0).then(|| pace.needed_lead(self.now()))
        };
        if let Some(needed) = needed {
            self.listener.set_needed_lead(Duration::from_secs_f64(needed));
        }
    }

    /// The oldest chunk was handed to the listener; it holds `sound` seconds of speech.
    pub(crate) fn delivered(&self, sound: f64) {
        let needed = {
            let mut pace = self.pace();
            pace.delivered(sound);
            pace.needed_lead(self.now())
        };
        self.listener.set_needed_lead(Duration::from_secs_f64(needed));
        debug!(lead = self.listener.hearing().lead.as_secs_f64(), needed, "handed over");
    }

    fn hearing(&self) -> Lead {
        let hearing = self.listener.hearing();
        Lead { seconds: hearing.lead.as_secs_f64(), is_waiting: hearing.is_waiting }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        // Every change is small and leaves it usable.
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> f64 {
        self.since.elapsed().as_secs_f64()
    }
}

impl WorkObserver for Live {
    fn begun(&self, number: u64, threads: NonZeroUsize) {
        debug!(chunk = number + 1, threads, after = self.now(), "begun");
        self.pace().begun(number, self.now(), threads.get());
    }

    fn rested(&self, number: u64, time: Duration) {
        debug!(chunk = number + 1, seconds = time.as_secs_f64(), "rested");
        self.pace().rested(number, time.as_secs_f64());
    }

    fn spoken(&self, number: u64) {
        let mut pace = self.pace();
        let seconds = pace.made(number, self.now());
        debug!(chunk = number + 1, seconds, speed = pace.speed(), "spoken");
    }
}

impl Audience for Live {
    fn can_wait(&self) -> Duration {
        let lead = self.hearing();
        duration(self.pace().can_wait(lead))
    }

    fn can_rest(&self) -> Duration {
        let lead = self.hearing();
        duration(self.pace().can_rest(self.now(), lead))
    }
}

/// Some listeners have endless sound ahead.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests;
