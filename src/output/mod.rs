//! Where the sound goes: [`wav`] files, and the loudspeaker ([`player`]). [`decode`] reads sound files back.

pub mod decode;
pub mod dither;
pub mod player;
pub mod wav;

use crate::error::Result;

/// Takes the programme in order. Dropped before [`finalize`](Sink::finalize), it leaves nothing under the final name.
pub trait Sink: Send {
    /// Says that a sentence begins with the next sample; `number` counts from zero.
    fn begin_sentence(&mut self, number: usize, text: &str) {
        let _ = (number, text);
    }

    /// Takes mono samples within ±1 at the programme's rate.
    fn write(&mut self, samples: &[f32]) -> Result<()>;

    /// Completes the result; only now it appears under its final name.
    fn finalize(self: Box<Self>) -> Result<()>;
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
