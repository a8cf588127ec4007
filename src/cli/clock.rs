//! The wall clock of a report: when its first sound came, and when it was complete.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::audio::{Listener, Sink};
use crate::error::Result;
use crate::text::Span;

/// Notes the moments of one report.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    started: OnceLock<Instant>,
    first_sound: OnceLock<Instant>,
    completed: OnceLock<Instant>,
}

/// How long a report took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Times {
    /// Seconds from the start of the program, or of this article, to the end.
    pub wall_seconds: f64,
    /// Wall seconds for one second of sound.
    pub real_time_factor: f64,
    /// Seconds from the start to the first audible samples.
    pub first_audio_seconds: f64,
}

impl Clock {
    /// A clock that runs already.
    pub(crate) fn running_since(moment: Instant) -> Arc<Self> {
        let clock = Self::default();
        clock.start_at(moment);
        Arc::new(clock)
    }

    /// Starts the clock, unless it runs.
    pub(crate) fn start(&self) {
        self.start_at(Instant::now());
    }

    /// Starts the clock as of a moment in the past, unless it runs.
    pub(crate) fn start_at(&self, moment: Instant) {
        self.started.get_or_init(|| moment);
    }

    /// The sink, with its first audible samples noted by this clock.
    pub(crate) fn watch(self: &Arc<Self>, sink: Box<dyn Sink>) -> Box<dyn Sink> {
        Box::new(Watched { sink, clock: self.clone() })
    }

    /// Notes that the result is complete.
    pub(crate) fn complete(&self) {
        self.completed.get_or_init(Instant::now);
    }

    /// How long the first sound took; `None` before it.
    pub(crate) fn first_sound(&self) -> Option<Duration> {
        Some(self.first_sound.get()?.duration_since(*self.started.get()?))
    }

    /// How long a report of a length took. An event that has not happened yet counts as happening now.
    pub(crate) fn times(&self, audio_seconds: f64) -> Times {
        let now = Instant::now();
        let started = self.started.get().copied().unwrap_or(now);
        let until = |moment: &OnceLock<Instant>| {
            moment.get().copied().unwrap_or(now).duration_since(started).as_secs_f64()
        };
        let wall_seconds = until(&self.completed);
        Times {
            wall_seconds,
            real_time_factor: wall_seconds / audio_seconds,
            first_audio_seconds: until(&self.first_sound),
        }
    }
}

struct Watched {
    sink: Box<dyn Sink>,
    clock: Arc<Clock>,
}

impl Sink for Watched {
    fn begin_sentence(&mut self, number: usize, text: &str, span: Span) {
        self.sink.begin_sentence(number, text, span);
    }

    fn write(&mut self, samples: &[f32]) -> Result<()> {
        // A programme begins with a moment of silence, which is there before any voice has spoken.
        if samples.iter().any(|sample| *sample != 0.0) {
            self.clock.first_sound.get_or_init(Instant::now);
        }
        self.sink.write(samples)
    }

    fn listener(&self) -> Option<Arc<dyn Listener>> {
        self.sink.listener()
    }

    fn finalize(self: Box<Self>) -> Result<()> {
        self.sink.finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nowhere;

    impl Sink for Nowhere {
        fn write(&mut self, _samples: &[f32]) -> Result<()> {
            Ok(())
        }

        fn finalize(self: Box<Self>) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_silence_before_a_programme_is_not_its_first_sound() {
        let clock = Clock::running_since(Instant::now());
        let mut sink = clock.watch(Box::new(Nowhere));
        sink.write(&[0.0; 2_400]).unwrap();
        assert_eq!(clock.first_sound(), None);
        sink.write(&[0.0, 0.1]).unwrap();
        assert!(clock.first_sound().is_some());
    }
}
