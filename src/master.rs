//! Utterances become one programme: edges trimmed, pauses counted in samples, at one gain for the whole article, never one a
//! sentence, with true peaks limited.

mod finish;
mod join;
mod levelled;
mod limit;
mod loudness;
mod mix;
mod resample;
#[cfg(any(feature = "play", feature = "serve"))]
mod stretch;
#[cfg(feature = "serve")]
mod stretched;
mod trim;

pub(crate) use finish::Finish;
pub(crate) use join::{Joiner, Placement};
pub(crate) use levelled::Levelled;
pub(crate) use limit::Reductions;
pub(crate) use loudness::{Loudness, Meter, TWO_LOUDSPEAKERS};
pub(crate) use mix::{BED_BELOW, Mix, Pieces};
#[cfg(any(test, all(feature = "decode", feature = "store")))]
pub(crate) use resample::Resampler;
pub(crate) use resample::resampled;
#[cfg(any(feature = "play", feature = "serve"))]
pub(crate) use stretch::{Step, Stretcher};
#[cfg(feature = "serve")]
pub(crate) use stretched::Stretched;
