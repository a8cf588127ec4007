//! Live reading: the choice of the next chunk when time is short.
//!
//! [`plan`](super::plan::plan()) sees all and cuts as little as it can. Here one chunk is taken at a time, as late as
//! possible, and no longer than there is time for. First it is a clause, later whole sentences, the same that `plan`
//! makes.

use super::plan::{ChunkLimits, Piece, length_of, split_cost, split_sentence};
use crate::segment::Break;

/// Pieces that are considered, as a multiple of the hard limit; a sentence that is longer has no end in sight.
const LOOK_AHEAD: usize = 4;
/// The cost of a chunk that uses none of its room, in the unit of a cut's cost. A comma in the middle of the room is a
/// better place than a mere space at its end.
const SHORTNESS: f64 = 0.9;
/// The cost of a chunk, or a rest of the sentence, that is too short to stand alone.
const STUMP: f64 = 0.5;

/// How long a chunk may be, in phonemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// A shorter one is taken only where there is no other boundary, or at a sentence's end.
    pub least: usize,
    /// A longer one is taken only where a single piece is longer.
    pub most: usize,
}

#[cfg(test)]
impl Room {
    /// Room for a whole sentence of any length.
    pub(crate) const WHOLE: Self = Self { least: 0, most: usize::MAX };
}

/// How many of `pieces` make the next chunk: a sentence where there is room for it (with short neighbours, as in
/// [`plan`](super::plan::plan())). Otherwise a part of it that ends where a reader would breathe. None of no pieces, else at
/// least one. `pieces` are those that are left of a block, or at least enough to fill the room; the time does not
/// depend on how many there are.
///
/// ```text
/// let words = [(4, Break::Bound), (6, Break::Comma), (9, Break::Word), (9, Break::Sentence)];
/// let pieces = words.map(|(phonemes, break_after)| Piece { phonemes, break_after });
/// let limits = ChunkLimits::default();
/// assert_eq!(next_chunk(&pieces, Room { least: 10, most: 25 }, &limits), 2);
/// assert_eq!(next_chunk(&pieces, Room { least: 10, most: 60 }, &limits), 4);
/// ```
pub(crate) fn next_chunk(pieces: &[Piece], room: Room, limits: &ChunkLimits) -> usize {
    let limits = limits.sound();
    let most = room.most.clamp(1, limits.longest_sentence);
    let ahead = &pieces[..pieces.len().min(LOOK_AHEAD * limits.longest_sentence)];
    let Some(sentence) = sentences_of(ahead).next() else { return 0 };
    let length = length_of(sentence);
    if length <= most {
        return with_short_neighbours(ahead, most, &limits);
    }
    if most == limits.longest_sentence {
        return split_sentence(sentence, &limits).first().map_or(1, |part| part.end);
    }
    cut(sentence, length, Room { least: room.least.min(most), most }, &limits)
}

fn sentences_of(pieces: &[Piece]) -> impl Iterator<Item = &[Piece]> {
    pieces.chunk_by(|piece, _| piece.break_after < Break::Sentence)
}

/// The first sentence, and those after it that it is joined to.
fn with_short_neighbours(pieces: &[Piece], most: usize, limits: &ChunkLimits) -> usize {
    let (mut count, mut length) = (0, 0);
    for sentence in sentences_of(pieces) {
        let next = length_of(sentence);
        let together = match count {
            0 => Some(next),
            _ => limits.joined(length, pieces[count - 1].break_after, next),
        };
        match together.filter(|together| *together <= most) {
            Some(together) => (count, length) = (count + sentence.len(), together),
            None => break,
        }
    }
    count
}

/// The best place to cut a sentence that there is no room for.
fn cut(sentence: &[Piece], whole: usize, room: Room, limits: &ChunkLimits) -> usize {
    let mut best = (f64::INFINITY, 1);
    let mut length = 0;
    for (index, piece) in sentence.iter().enumerate() {
        length += piece.phonemes + usize::from(index > 0);
        if length > room.most {
            break;
        }
        let unused = (room.most - length) as f64 / room.most as f64;
        let is_stump = length < room.least || whole - length <= limits.shortest_sentence;
        let cost = split_cost(piece.break_after) + SHORTNESS * unused + if is_stump { STUMP } else { 0.0 };
        if cost < best.0 {
            best = (cost, index + 1);
        }
    }
    best.1
}

#[cfg(test)]
mod tests;
