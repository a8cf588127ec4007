//! Where the sound goes: [`wav`] files, pipes ([`wav_stream`]) and the loudspeaker ([`player`]). [`decode`] reads sound files back.

#[cfg(feature = "play")]
pub mod decode;
pub mod dither;
#[cfg(feature = "play")]
pub mod player;
pub mod wav;
pub mod wav_stream;
