//! Live playback: the narrator's sound plays while the rest is still being made.
//!
//! [`player`] makes three ends of one timeline. The narrator fills the [`PlayerSink`], which waits when it is a minute
//! ahead. A [`Speaker`] empties the [`PlaybackSource`], and the listener has the [`Controls`].

mod samples;
mod source;
mod speaker;
mod timeline;

use std::sync::Arc;
use std::time::{Duration, Instant};

pub(crate) use source::PlaybackSource;
pub(crate) use speaker::{Speaker, open_speaker};
use timeline::{FASTEST, SLOWEST, State, Timeline};
pub(crate) use timeline::{PlayerSettings, Sentence};

use crate::audio::SampleRate;
use crate::audio::{Listener, Sink};
use crate::error::Result;
use crate::text::Span;

/// Seconds into a sentence after which “previous” means its beginning rather than the sentence before it.
const RESTART_SECONDS: f64 = 1.5;

/// Seconds that “next” and “previous” jump in a sound that has no sentences.
const JUMP_SECONDS: f64 = 10.0;

/// A programme that plays while it is made, at its own sample rate.
pub(crate) fn player(rate: SampleRate, settings: PlayerSettings) -> (PlayerSink, PlaybackSource, Controls) {
    let timeline = Arc::new(Timeline::new(rate, settings));
    let sink = PlayerSink { timeline: timeline.clone(), is_finalized: false };
    (sink, PlaybackSource::new(timeline.clone()), Controls { timeline })
}

/// The narrator's end. Waits while enough is made ahead; stopped by the listener, it returns an error of kind
/// [`Interrupted`](crate::error::ErrorKind::Interrupted). Dropped unfinished, it stops the playback.
#[derive(Debug)]
pub(crate) struct PlayerSink {
    timeline: Arc<Timeline>,
    is_finalized: bool,
}

impl Sink for PlayerSink {
    fn begin_sentence(&mut self, number: usize, text: &str, _span: Span) {
        self.timeline.begin_sentence(number, text);
    }

    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.timeline.append(samples)
    }

    fn listener(&self) -> Option<Arc<dyn Listener>> {
        Some(self.timeline.clone())
    }

    fn finalize(mut self: Box<Self>) -> Result<()> {
        self.timeline.complete();
        self.is_finalized = true;
        Ok(())
    }
}

impl Drop for PlayerSink {
    fn drop(&mut self) {
        if !self.is_finalized {
            self.timeline.stop();
        }
    }
}

/// The state of the playback at one moment.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "a snapshot of what is independently so")]
pub(crate) struct Status {
    /// The sentence that is spoken; `None` before the first one and in a sound without sentences.
    pub sentence: Option<Sentence>,
    /// Sentences that are made.
    pub sentences: usize,
    /// Seconds of the programme played.
    pub position: f64,
    /// Seconds of the programme made.
    pub made: f64,
    /// Speed relative to the sound as made.
    pub rate: f64,
    /// Whether the listener paused it.
    pub paused: bool,
    /// Whether it waits for more sound to be made.
    pub waiting: bool,
    /// Whether all of it is made.
    pub complete: bool,
    /// Whether it is over or was stopped.
    pub finished: bool,
    /// The number of underruns.
    pub underruns: u64,
    /// The time when the first sample of the programme itself was pulled, after the silence before it.
    pub began: Option<Instant>,
}

/// The listener's end; clones act on the same playback. The effect of a key is audible with the next hop of 15 ms.
#[derive(Clone, Debug)]
pub(crate) struct Controls {
    timeline: Arc<Timeline>,
}

impl Controls {
    /// Pauses, or resumes.
    pub(crate) fn toggle_pause(&self) {
        let mut state = self.timeline.lock();
        state.paused = !state.paused;
    }

    /// Jumps to the next sentence, if it has been made already.
    pub(crate) fn next_sentence(&self) {
        let state = &mut *self.timeline.lock();
        let position = state.position();
        let target = if state.sentences.is_empty() {
            Some((position + self.jump_samples()).min(state.samples.end()))
        } else {
            let next = state.sentence_at(position).map_or(0, |current| current + 1);
            state.sentences.get(next).map(|sentence| sentence.start)
        };
        if let Some(target) = target {
            self.timeline.jump(state, target);
        }
    }

    /// Jumps to the beginning of the sentence, or, within its first moments, to the sentence before it.
    pub(crate) fn previous_sentence(&self) {
        let state = &mut *self.timeline.lock();
        let target = self.previous_start(state);
        self.timeline.jump(state, target);
    }

    fn previous_start(&self, state: &State) -> u64 {
        let position = state.position();
        if state.sentences.is_empty() {
            return position.saturating_sub(self.jump_samples());
        }
        let Some(current) = state.sentence_at(position) else { return 0 };
        let start = state.sentences[current].start;
        let is_well_into = self.timeline.rate.seconds(position - start) > RESTART_SECONDS;
        if is_well_into { start } else { state.sentences[current.saturating_sub(1)].start }
    }

    fn jump_samples(&self) -> u64 {
        (JUMP_SECONDS * f64::from(self.timeline.rate.hertz())) as u64
    }

    /// A tenth faster, up to twice as fast.
    pub(crate) fn faster(&self) {
        let mut state = self.timeline.lock();
        state.tenths = (state.tenths + 1).min(FASTEST);
    }

    /// A tenth slower, down to half as fast.
    pub(crate) fn slower(&self) {
        let mut state = self.timeline.lock();
        state.tenths = (state.tenths - 1).max(SLOWEST);
    }

    /// A new end for another loudspeaker, after the first one failed. The sound that it had taken and not yet
    /// played, of `latency` at most, comes again.
    pub(crate) fn source_again(&self, latency: Duration) -> PlaybackSource {
        let state = &mut *self.timeline.lock();
        let taken = self.timeline.rate.samples(latency) as u64;
        let target = state.position().saturating_sub(taken);
        self.timeline.jump(state, target);
        PlaybackSource::new(self.timeline.clone())
    }

    /// Ends the playback; the narrator's next write returns an error.
    pub(crate) fn stop(&self) {
        self.timeline.stop();
    }

    /// Takes the sentences that became audible since the last call, in order.
    pub(crate) fn take_begun(&self) -> Vec<Sentence> {
        self.timeline.lock().begun.drain(..).collect()
    }

    /// The state of the playback now.
    pub(crate) fn status(&self) -> Status {
        let state = self.timeline.lock();
        let sentence = state.sentence_at(state.position()).map(|current| state.sentences[current].clone());
        Status {
            sentence,
            sentences: state.sentences.back().map_or(0, |last| last.number + 1),
            position: self.timeline.rate.seconds(state.position()),
            made: self.timeline.rate.seconds(state.samples.end()),
            rate: state.speed(),
            paused: state.paused,
            waiting: state.awaited_lead.is_some(),
            complete: state.complete,
            finished: state.finished,
            underruns: state.underruns,
            began: state.began,
        }
    }
}

#[cfg(test)]
mod tests;
