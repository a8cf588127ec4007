//! Where the sound goes: [`wav`] files, pipes ([`wav_stream`]) and the loudspeaker ([`player`]). [`decode`] reads sound files back.

pub mod decode;
pub mod dither;
pub mod player;
pub mod wav;
pub mod wav_stream;

use std::sync::Arc;
use std::time::Duration;

use crate::error::Result;
use crate::text::Span;

/// Takes the programme in order. Dropped before [`finalize`](Sink::finalize), it leaves nothing under the final name.
pub trait Sink: Send {
    /// Says that a sentence begins with the next sample; `number` counts from zero, and `span` is where `text` stands in the
    /// article.
    fn begin_sentence(&mut self, number: usize, text: &str, span: Span) {
        let _ = (number, text, span);
    }

    /// Takes mono samples within ±1 at the programme's rate.
    fn write(&mut self, samples: &[f32]) -> Result<()>;

    /// Who hears the programme while it is made; a file has nobody. With a listener the sound is made in time rather than in
    /// whole sentences.
    fn listener(&self) -> Option<Arc<dyn Listener>> {
        None
    }

    /// Completes the result; only now it appears under its final name.
    fn finalize(self: Box<Self>) -> Result<()>;
}

/// Somebody who hears a programme while it is made.
pub trait Listener: Send + Sync {
    /// How far the listener is behind what is made.
    fn hearing(&self) -> Hearing;

    /// Says how much sound must be ahead now for the programme to begin, or to go on after it ran dry; every second less by a
    /// second, until it is said anew.
    fn set_needed_lead(&self, lead: Duration) {
        let _ = lead;
    }
}

/// How far a listener is behind what is made, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hearing {
    /// How long the sound that is made will last, as fast as it is heard.
    pub lead: Duration,
    /// Whether silence is heard until enough sound is ahead: before the beginning, and after it ran dry.
    pub is_waiting: bool,
}

/// A sink that throws the sound away, for benchmarks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Discard;

impl Sink for Discard {
    fn write(&mut self, _samples: &[f32]) -> Result<()> {
        Ok(())
    }

    fn finalize(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
