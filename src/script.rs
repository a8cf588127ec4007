//! Sentences and phonemes become, lazily, the chunks that the voice speaks.
//!
//! - `front_end`: normaliser and phonemizer, with the settings of speech
//! - [`Script`]: an article's chunks, made as they are asked for
//! - `breaks`: where a newsreader would breathe within a sentence
//! - `quotations`: what an article quotes, and `attribution`: whose words these are
//! - `plan`: the chunks of a block whose sentences are all read; `next`: one chunk that can be made in time

mod attribution;
mod breaks;
mod chunk;
mod chunks;
mod front_end;
mod next;
mod piece;
mod plan;
mod quotations;

pub(crate) use chunk::{ScriptChunk, ScriptWord};
pub(crate) use chunks::Script;
pub(crate) use front_end::{FrontEnd, Study};
pub(crate) use next::Room;
pub(crate) use plan::ChunkLimits;
pub(crate) use quotations::Quotations;
#[cfg(test)]
pub(crate) use {
    chunk::ScriptSentence,
    next::next_chunk,
    plan::{Piece, plan},
};
