//! A reading that somebody hears while it is made: connects the listener, the script and the workers with the controller.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tracing::debug;

use super::pace::{Lead, Pace};
use crate::audio::Listener;
use crate::audio::SampleRate;
use crate::error::Result;
use crate::script::Room;
use crate::script::ScriptChunk;
use crate::synth::{BlockSink, Synthesizer, Timings, Utterance};

/// One live reading.
pub(super) struct Live {
    listener: Arc<dyn Listener>,
    pace: Mutex<Pace>,
    since: Instant,
}

impl Live {
    pub fn new(listener: Arc<dyn Listener>, pace: Pace) -> Arc<Self> {
        Arc::new(Self { listener, pace: Mutex::new(pace), since: Instant::now() })
    }

    /// Room for the chunk that is taken now.
    pub fn room(&self) -> Room {
        let hearing = self.listener.hearing();
        let lead = Lead { seconds: hearing.lead.as_secs_f64(), is_waiting: hearing.is_waiting };
        let room = self.pace().room(self.now(), lead);
        debug!(
            lead = lead.seconds,
            is_waiting = lead.is_waiting,
            least = room.least,
            most = room.most,
            "room"
        );
        room
    }

    /// A chunk was taken.
    pub fn taken(&self, chunk: &ScriptChunk, phonemes: &str) {
        let needed = {
            let mut pace = self.pace();
            pace.taken(key(phonemes), phonemes.chars().count(), chunk.pause.as_secs_f64());
            // Before the first chunk is made, nothing is known that could be said.
            (chunk.number > 0).then(|| pace.needed_lead(self.now()))
        };
        if let Some(needed) = needed {
            self.listener.set_needed_lead(Duration::from_secs_f64(needed));
        }
    }

    /// The oldest chunk was handed to the listener, with so many seconds of speech.
    pub fn delivered(&self, sound: f64) {
        let needed = {
            let mut pace = self.pace();
            pace.delivered(sound);
            pace.needed_lead(self.now())
        };
        self.listener.set_needed_lead(Duration::from_secs_f64(needed));
        debug!(lead = self.listener.hearing().lead.as_secs_f64(), needed, "handed over");
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        // Every change is small and leaves it usable.
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> f64 {
        self.since.elapsed().as_secs_f64()
    }
}

/// A voice whose time is taken for the live readings it speaks in.
pub(super) struct TimedVoice {
    voice: Arc<dyn Synthesizer>,
    readings: Mutex<Vec<Weak<Live>>>,
}

impl TimedVoice {
    pub fn new(voice: Arc<dyn Synthesizer>) -> Self {
        Self { voice, readings: Mutex::default() }
    }

    /// Tells a reading how long its chunks take, as long as it lasts.
    pub fn watch_for(&self, reading: &Arc<Live>) {
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        readings.retain(|reading| reading.strong_count() > 0);
        readings.push(Arc::downgrade(reading));
    }

    /// The reading that an utterance is part of, and the number of its chunk.
    fn reading_of(&self, utterance: &Utterance) -> Option<(Arc<Live>, u64)> {
        let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(&utterance.phonemes);
        readings.iter().filter_map(Weak::upgrade).find_map(|reading| {
            let number = reading.pace().begun(key, reading.now(), utterance.threads.get())?;
            Some((reading, number))
        })
    }
}

impl Synthesizer for TimedVoice {
    fn sample_rate(&self) -> SampleRate {
        self.voice.sample_rate()
    }

    fn max_symbols(&self) -> usize {
        self.voice.max_symbols()
    }

    fn has_symbol(&self, symbol: char) -> bool {
        self.voice.has_symbol(symbol)
    }

    fn synthesize(&self, utterance: &Utterance, sink: &mut dyn BlockSink) -> Result<Timings> {
        let reading = self.reading_of(utterance);
        let begun = Instant::now();
        let result = self.voice.synthesize(utterance, sink);
        if let Some((reading, number)) = reading.filter(|_| result.is_ok()) {
            let mut pace = reading.pace();
            pace.made(number, reading.now());
            let (seconds, speed) = (begun.elapsed().as_secs_f64(), pace.speed());
            debug!(phonemes = utterance.phonemes.chars().count(), seconds, speed, "spoken");
        }
        result
    }
}

/// What tells chunks apart; those that are alike cost the same, too.
fn key(phonemes: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    phonemes.hash(&mut hasher);
    hasher.finish()
}
