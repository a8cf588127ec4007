//! The end of the timeline that the audio callback pulls.

use std::num::{NonZeroU16, NonZeroU32};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rodio::Source;

use super::timeline::Timeline;
use crate::master::Stretcher;

/// The programme for the loudspeaker: mono, at the rate it was made, paused, jumping and stretched as the listener
/// wants. Ends when the programme is over or stopped. Until then it plays silence rather than wait for sound.
#[derive(Debug)]
pub(crate) struct PlaybackSource {
    timeline: Arc<Timeline>,
    stretcher: Stretcher,
    hop: Vec<f32>,
    next: usize,
    /// Hops that were pulled.
    pulls: Arc<AtomicU64>,
}

impl PlaybackSource {
    pub(super) fn new(timeline: Arc<Timeline>) -> Self {
        let stretcher = Stretcher::new(timeline.rate);
        let hop = Vec::with_capacity(stretcher.hop());
        Self { timeline, stretcher, hop, next: 0, pulls: Arc::default() }
    }

    /// Counts the hops that are pulled, of 15 ms each.
    pub(super) fn count_pulls(&mut self, pulls: Arc<AtomicU64>) {
        self.pulls = pulls;
    }
}

impl Iterator for PlaybackSource {
    type Item = f32;

    #[inline]
    fn next(&mut self) -> Option<f32> {
        if self.next == self.hop.len() {
            self.pulls.fetch_add(1, Ordering::Relaxed);
            let count = self.timeline.next_hop(&mut self.stretcher)?;
            self.stretcher.render(&mut self.hop);
            self.hop.truncate(count);
            self.next = 0;
        }
        let sample = *self.hop.get(self.next)?;
        self.next += 1;
        Some(sample)
    }
}

impl Source for PlaybackSource {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> NonZeroU16 {
        NonZeroU16::MIN
    }

    fn sample_rate(&self) -> NonZeroU32 {
        NonZeroU32::new(self.timeline.rate.hertz()).unwrap_or(NonZeroU32::MIN)
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}
