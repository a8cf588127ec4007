//! Where the sound goes: [`wav`] files, and the loudspeaker ([`player`]). [`decode`] reads sound files back.

pub mod decode;
pub mod dither;
pub mod player;
pub mod wav;
