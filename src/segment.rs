//! Blocks become sentences with spans, found by rules of our own over a table of abbreviations. The kind of a
//! boundary decides the pause after it.

mod abbreviation;
mod boundary;
mod pause;
mod sentence;

pub(crate) use boundary::Break;
pub(crate) use pause::PauseKind;
pub use pause::PauseTable;
pub(crate) use sentence::{sentences, split_text, without_pictures};
