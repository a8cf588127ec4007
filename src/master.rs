//! Utterances become one programme: edges trimmed, pauses counted in samples, peaks kept below full scale. One gain for
//! the whole article, never one a sentence.

mod join;
mod limit;
mod resample;
mod trim;

pub(crate) use join::{Joiner, Placement};
pub(crate) use limit::Limiter;
pub(crate) use resample::Resampler;
