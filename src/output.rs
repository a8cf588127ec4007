//! Where the sound goes: [`wav`] files, pipes ([`wav_stream`]) and the loudspeaker ([`player`]). [`decode`] reads sound files back.

#[cfg(feature = "play")]
pub(crate) mod decode;
mod dither;
#[cfg(feature = "play")]
pub(crate) mod player;
pub mod wav;
pub(crate) mod wav_stream;
