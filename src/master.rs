//! Utterances become one programme: edges trimmed, pauses counted in samples, peaks kept below full scale. One gain for
//! the whole article, never one a sentence.

mod join;
mod limit;
mod trim;

pub use join::{Joiner, Placement};
pub use limit::Limiter;
