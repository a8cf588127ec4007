//! Blocks become sentences with spans, sentences become the chunks one call of the voice speaks, and the
//! pause after each is decided by its kind.
//!
//! Sentences are found by rules of our own over a table of abbreviations; chunks are planned over counts of
//! phonemes alone, so nothing here knows a dictionary or a voice.

mod abbreviation;
mod chunk;
mod next;
mod pause;
mod sentence;

pub use chunk::{Break, ChunkLimits, MAX_TOKENS, Piece, plan};
pub use next::{Room, next_chunk};
pub use pause::{PauseKind, PauseTable};
pub use sentence::{Sentences, sentences, split_text};
