//! Blocks become sentences with spans, found by rules of our own over a table of abbreviations. The kind of a
//! boundary decides the pause after it.

mod abbreviation;
mod boundary;
mod pause;
mod sentence;

pub use boundary::Break;
pub use pause::{PauseKind, PauseTable};
pub use sentence::{Sentences, sentences, split_text};
