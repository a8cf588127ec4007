//! Finished sound, playback position and the listener's wishes: shared by the narrator, the audio callback and the
//! keys.
//!
//! The audio callback must never wait for work, so everything behind the lock is short: appending or copying some
//! milliseconds of sound, and bookkeeping.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::samples::Samples;
use crate::audio::SampleRate;
use crate::audio::{Hearing, Listener};
use crate::error::{Error, ErrorKind, Result};
use crate::master::{Step, Stretcher};

/// Slowest rate, in tenths.
pub(super) const SLOWEST: u8 = 5;

/// Fastest rate, in tenths.
pub(super) const FASTEST: u8 = 40;

/// The least lead to wait for, even when the narrator's next sound is near.
const LEAST_NEEDED: Duration = Duration::from_millis(300);

/// The required lead is never longer than this: a machine that needs more will have underruns in any case.
const MOST_NEEDED: Duration = Duration::from_secs(10);

/// Upper limit of sentences that wait to be shown; a caller that does not fetch them misses the oldest.
const UNSEEN_SENTENCES: usize = 64;

/// How much is made ahead, kept behind and waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlayerSettings {
    /// Sound that must be there before playback begins, so that a slow machine does not stutter at once. A narrator
    /// that knows its speed sets a better value with [`Listener::set_needed_lead`].
    pub start_lead: Duration,
    /// Sound that must be there before playback resumes after an underrun, or after a jump to a place with little
    /// sound; the narrator sets a better value.
    pub resume_lead: Duration,
    /// Sound made ahead of the listener at most; then the narrator waits.
    pub longest_lead: Duration,
    /// Sound kept behind the listener for jumping back.
    pub kept_behind: Duration,
    /// Speed relative to the sound as made, in tenths, with which playback begins.
    pub tenths: u8,
}

impl Default for PlayerSettings {
    fn default() -> Self {
        Self {
            // More than a first chunk has, so that a narrator always gets to set the lead that it needs.
            start_lead: Duration::from_secs(5),
            resume_lead: Duration::from_millis(500),
            longest_lead: Duration::from_mins(1),
            kept_behind: Duration::from_mins(10),
            tenths: 10,
        }
    }
}

/// A sentence of the programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// Counted from zero.
    pub number: usize,
    /// As it was written.
    pub text: Arc<str>,
    /// Sample at which it begins.
    pub start: u64,
}

impl Listener for Timeline {
    fn hearing(&self) -> Hearing {
        let state = self.lock();
        let seconds = self.rate.seconds(state.lead()) / state.speed();
        // The next hop resumes when there is enough sound.
        let is_waiting = state
            .awaited_lead
            .is_some_and(|fixed| !state.has_lead(state.needed_lead.unwrap_or(fixed), self.rate));
        Hearing { lead: Duration::from_secs_f64(seconds), is_waiting }
    }

    fn set_needed_lead(&self, lead: Duration) {
        self.lock().needed_lead = Some(lead);
    }
}

/// One programme that is being made and played.
#[derive(Debug)]
pub(super) struct Timeline {
    pub rate: SampleRate,
    pub settings: PlayerSettings,
    state: Mutex<State>,
    playhead_moved: Condvar,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is set by another party, and all combine")]
pub(super) struct State {
    pub samples: Samples,
    pub sentences: VecDeque<Sentence>,
    /// Where the next hop begins.
    pub playhead: f64,
    pub paused: bool,
    /// Speed in tenths, so that steps add up.
    pub tenths: u8,
    pub complete: bool,
    pub stopped: bool,
    pub finished: bool,
    pub underruns: u64,
    /// When the first sample was played.
    pub began: Option<Instant>,
    /// Silence until this much sound is ahead.
    pub awaited_lead: Option<Duration>,
    /// The lead that the narrator requires, less the time since: chunks under way get nearer.
    needed_lead: Option<Duration>,
    /// The playhead was put elsewhere since the last hop.
    jumped: bool,
    /// Sentences that began and were not yet asked for.
    pub begun: VecDeque<Sentence>,
    announced: Option<u64>,
    narrator_waits: bool,
}

impl Timeline {
    pub(crate) fn new(rate: SampleRate, settings: PlayerSettings) -> Self {
        let state = State {
            samples: Samples::default(),
            sentences: VecDeque::new(),
            playhead: 0.0,
            paused: false,
            tenths: settings.tenths.clamp(SLOWEST, FASTEST),
            complete: false,
            stopped: false,
            finished: false,
            underruns: 0,
            began: None,
            awaited_lead: Some(settings.start_lead),
            needed_lead: None,
            jumped: false,
            begun: VecDeque::new(),
            announced: None,
            narrator_waits: false,
        };
        Self { rate, settings, state: Mutex::new(state), playhead_moved: Condvar::new() }
    }

    /// The state, even if another holder panicked: every change is small and leaves it usable.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds sound; waits while too much is ahead of the listener.
    pub(crate) fn append(&self, samples: &[f32]) -> Result<()> {
        let longest = self.rate.samples(self.settings.longest_lead) as u64;
        // In pieces, so that the lock is short and a long block can't exceed the bound by much.
        for piece in samples.chunks(self.rate.samples(Duration::from_millis(250)).max(1)) {
            let mut state = self.lock();
            while !state.stopped && state.lead() > longest {
                state.narrator_waits = true;
                state = self.playhead_moved.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.narrator_waits = false;
            if state.stopped {
                return Err(Error::new(ErrorKind::Interrupted, "the playback was stopped"));
            }
            state.samples.append(piece);
        }
        Ok(())
    }

    pub(crate) fn begin_sentence(&self, number: usize, text: &str) {
        let mut state = self.lock();
        let start = state.samples.end();
        state.sentences.push_back(Sentence { number, text: text.into(), start });
    }

    pub(crate) fn complete(&self) {
        self.lock().complete = true;
    }

    pub(crate) fn stop(&self) {
        self.lock().stopped = true;
        self.playhead_moved.notify_all();
    }

    /// Moves the playhead; when little is made there yet, playback waits for more, and this is not counted as an
    /// underrun.
    pub(crate) fn jump(&self, state: &mut State, target: u64) {
        let target = target.clamp(state.samples.base(), state.samples.end().max(state.samples.base()));
        state.playhead = target as f64;
        state.jumped = true;
        state.announced = None;
        let resume = self.settings.resume_lead;
        if state.awaited_lead.is_none() && !state.has_lead(state.needed_lead.unwrap_or(resume), self.rate) {
            state.awaited_lead = Some(resume);
        }
        self.after_move(state);
    }

    /// Drops sound that is far behind and wakes a narrator that waited.
    fn after_move(&self, state: &mut State) {
        let kept = self.rate.samples(self.settings.kept_behind) as u64;
        state.samples.forget_before(state.position().saturating_sub(kept));
        let base = state.samples.base();
        while state.sentences.get(1).is_some_and(|second| second.start <= base) {
            state.sentences.pop_front();
        }
        if state.narrator_waits && state.lead() <= self.rate.samples(self.settings.longest_lead) as u64 {
            self.playhead_moved.notify_all();
        }
    }

    /// Decides about the next hop and gathers the sound for it; returns how many of its samples are part of the
    /// programme, or `None` when the programme is over.
    pub(crate) fn next_hop(&self, stretcher: &mut Stretcher) -> Option<usize> {
        let mut guard = self.lock();
        let state = &mut *guard;
        let step = state.next_step(stretcher, self)?;
        let rate = state.speed();
        let before = state.playhead;
        let samples = &state.samples;
        let Some(after) = stretcher.gather(step, rate, |start, out| samples.read(start, out)) else {
            return Some(stretcher.hop());
        };
        state.announce(before);
        state.playhead = after;
        let end = state.samples.end() as f64;
        if state.complete && after >= end {
            // The programme ends within this hop.
            state.playhead = end;
            let left = ((end - before).max(0.0) / rate).ceil() as usize;
            return Some(left.min(stretcher.hop()));
        }
        self.after_move(state);
        Some(stretcher.hop())
    }
}

impl State {
    /// The next sample to be played.
    pub(crate) fn position(&self) -> u64 {
        self.playhead as u64
    }

    /// Speed relative to the sound as made.
    pub(crate) fn speed(&self) -> f64 {
        f64::from(self.tenths) / 10.0
    }

    /// Samples that are made and not played yet.
    pub(crate) fn lead(&self) -> u64 {
        self.samples.end().saturating_sub(self.position())
    }

    /// Whether the lead is at least that long, at the playback rate.
    fn has_lead(&self, lead: Duration, rate: SampleRate) -> bool {
        self.lead() >= rate.samples(lead.min(MOST_NEEDED).mul_f64(self.speed())) as u64
    }

    /// Index of the sentence that sounds at a position.
    pub(crate) fn sentence_at(&self, position: u64) -> Option<usize> {
        self.sentences.partition_point(|sentence| sentence.start <= position).checked_sub(1)
    }

    fn next_step(&mut self, stretcher: &Stretcher, timeline: &Timeline) -> Option<Step> {
        if self.stopped || self.finished {
            self.finished = true;
            return None;
        }
        if self.paused {
            return Some(Step::Rest);
        }
        if let Some(needed) = &mut self.needed_lead {
            *needed = needed.saturating_sub(stretcher.hop_duration()).max(LEAST_NEEDED);
        }
        if let Some(fixed) = self.awaited_lead {
            let awaited = self.needed_lead.unwrap_or(fixed);
            if !self.complete && !self.has_lead(awaited, timeline.rate) {
                return Some(Step::Rest);
            }
            self.awaited_lead = None;
        }
        if self.complete && self.position() >= self.samples.end() {
            self.finished = true;
            return None;
        }
        let step = if self.jumped || !stretcher.is_sounding() {
            Step::Jump(self.position())
        } else {
            Step::Continue(self.playhead)
        };
        if !self.complete && stretcher.end_of(step, self.speed()) > self.samples.end() {
            self.underruns += 1;
            self.awaited_lead = Some(timeline.settings.resume_lead);
            return Some(Step::Rest);
        }
        self.jumped = false;
        self.began.get_or_insert_with(Instant::now);
        Some(step)
    }

    /// Notes the sentences that began up to a position.
    fn announce(&mut self, position: f64) {
        let Some(current) = self.sentence_at(position as u64) else { return };
        let start = self.sentences[current].start;
        if self.announced.is_some_and(|announced| announced >= start) {
            return;
        }
        // After a jump only the one it led to; otherwise also those too short for a hop of their own.
        let first = self.announced.map_or(current, |announced| {
            self.sentences.partition_point(|sentence| sentence.start <= announced)
        });
        for sentence in self.sentences.range(first..=current) {
            if self.begun.len() == UNSEEN_SENTENCES {
                self.begun.pop_front();
            }
            self.begun.push_back(sentence.clone());
        }
        self.announced = Some(start);
    }
}
