//! Where the sound goes: [`wav`] files, coded files and pipes (`encode`, `wav_stream`; [`programme`] in two passes) and the loudspeaker (`player`).
//! `page` and `epub` show the article as it is spoken. [`metadata`] is what files carry beside the sound, `decode` reads sound
//! files back, and `inspect` measures and draws them.

#[cfg(feature = "decode")]
pub(crate) mod decode;
mod dither;
#[cfg(any(feature = "epub", feature = "page"))]
pub(crate) mod document;
pub(crate) mod encode;
#[cfg(feature = "epub")]
pub(crate) mod epub;
#[cfg(feature = "inspect")]
pub(crate) mod inspect;
#[cfg(all(feature = "decode", feature = "store"))]
pub(crate) mod joined;
pub(crate) mod metadata;
#[cfg(feature = "decode")]
pub(crate) mod music;
#[cfg(feature = "page")]
pub(crate) mod page;
#[cfg(feature = "play")]
pub(crate) mod player;
#[cfg(feature = "decode")]
pub(crate) mod programme;
#[cfg(feature = "decode")]
mod spool;
pub mod wav;
pub(crate) mod wav_stream;

/// A sample within ±1; one that is not a number is silence.
fn finite(sample: f32) -> f32 {
    if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 }
}
