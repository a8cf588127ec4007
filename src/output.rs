//! Where the sound goes: [`wav`] files, coded files and pipes ([`encode`], [`wav_stream`]; [`programme`] in two passes) and the loudspeaker ([`player`]).
//! [`metadata`] is what they carry beside it, and [`decode`] reads sound files back.

#[cfg(feature = "play")]
pub(crate) mod decode;
mod dither;
pub(crate) mod encode;
pub(crate) mod metadata;
#[cfg(feature = "play")]
pub(crate) mod player;
pub(crate) mod programme;
mod spool;
pub mod wav;
pub(crate) mod wav_stream;

/// A sample within ±1; one that is not a number is silence.
fn finite(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 }
}
