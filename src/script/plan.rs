//! The input of one call of the voice. Planning uses only lengths and boundaries; the phonemes themselves are up to
//! the caller.

use std::ops::Range;

use crate::segment::Break;

/// An uncut unit: a word with its punctuation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Its length in tokens of the voice; one more is counted for the space to the next piece.
    pub phonemes: usize,
    /// The boundary after it.
    pub break_after: Break,
}

/// How long chunks may be, in phonemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChunkLimits {
    /// Parts of a sentence that is too long are at most about this long.
    pub longest_part: usize,
    /// A sentence up to this length is spoken whole.
    pub longest_sentence: usize,
    /// A sentence shorter than this is joined to a neighbour, for it would sound wrong alone.
    pub shortest_sentence: usize,
    /// Sentences are joined as long as the chunk stays within this length; 0 leaves each alone.
    pub join_up_to: usize,
    /// Symbols that the voice takes at once; no chunk is longer.
    pub most_symbols: usize,
}

impl Default for ChunkLimits {
    fn default() -> Self {
        // A second of sound takes about 16 phonemes, and 6 MiB while it is made. Two chunks of this length at once
        // take some 130 MiB beside the model; longer ones would take more memory. Kokoro also begins to rush somewhat
        // above.
        Self {
            longest_part: 160,
            longest_sentence: 180,
            shortest_sentence: 20,
            join_up_to: 0,
            most_symbols: usize::MAX,
        }
    }
}

/// The chunks of one block: ranges of `pieces`, in order, without a gap.
///
/// A chunk is a sentence where that fits. A longer one is split at its strongest boundaries into parts of
/// about the same length; a very short one is joined to a neighbour. A single piece longer than the limit
/// stays a chunk of its own.
///
/// ```text
/// let words = [(4, Break::Sentence), (60, Break::Word), (50, Break::Sentence), (90, Break::Paragraph)];
/// let pieces = words.map(|(phonemes, break_after)| Piece { phonemes, break_after });
/// assert_eq!(plan(&pieces, &ChunkLimits::default()), [0..3, 3..4]);
/// ```
pub(crate) fn plan(pieces: &[Piece], limits: &ChunkLimits) -> Vec<Range<usize>> {
    let limits = limits.sound();
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut start = 0;
    for sentence in pieces.chunk_by(|piece, _| piece.break_after < Break::Sentence) {
        let length = length_of(sentence);
        if length <= limits.longest_sentence {
            join_or_push(
                &mut chunks,
                Chunk { range: start..start + sentence.len(), length },
                pieces,
                &limits,
            );
        } else {
            for part in split_sentence(sentence, &limits) {
                let length = length_of(&sentence[part.clone()]);
                let range = start + part.start..start + part.end;
                // Parts were balanced against each other; only a short neighbour is joined to the first.
                if part.start == 0 {
                    join_or_push(&mut chunks, Chunk { range, length }, pieces, &limits);
                } else {
                    chunks.push(Chunk { range, length });
                }
            }
        }
        start += sentence.len();
    }
    chunks.into_iter().map(|chunk| chunk.range).collect()
}

impl ChunkLimits {
    /// The same limits, none of which contradicts another.
    pub(super) fn sound(self) -> Self {
        let longest_sentence = self.longest_sentence.clamp(1, self.longest_piece());
        Self {
            longest_sentence,
            longest_part: self.longest_part.clamp(1, longest_sentence),
            shortest_sentence: self.shortest_sentence,
            join_up_to: self.join_up_to.min(longest_sentence),
            most_symbols: self.most_symbols,
        }
    }

    /// Symbols that a piece may have at most: the voice's limit, less the stop that is added to a heading.
    pub(super) fn longest_piece(self) -> usize {
        self.most_symbols.saturating_sub(1).max(1)
    }

    /// The length of two neighbours as one chunk, when either is too short to stand alone, or joining is wanted.
    pub(super) fn joined(&self, length: usize, boundary: Break, next: usize) -> Option<usize> {
        let together = length.saturating_add(1).saturating_add(next);
        let is_short = length < self.shortest_sentence || next < self.shortest_sentence;
        let is_wanted = together <= self.join_up_to || (is_short && together <= self.longest_part);
        (boundary < Break::Paragraph && is_wanted).then_some(together)
    }
}

struct Chunk {
    range: Range<usize>,
    length: usize,
}

/// Phonemes of the pieces and the spaces between them.
pub(super) fn length_of(pieces: &[Piece]) -> usize {
    let phonemes = pieces.iter().fold(0_usize, |sum, piece| sum.saturating_add(piece.phonemes));
    phonemes.saturating_add(pieces.len().saturating_sub(1))
}

/// Joins a chunk to the one before it when either is too short to stand alone, or joining is wanted.
fn join_or_push(chunks: &mut Vec<Chunk>, next: Chunk, pieces: &[Piece], limits: &ChunkLimits) {
    if let Some(last) = chunks.last_mut()
        && let Some(length) = limits.joined(last.length, pieces[last.range.end - 1].break_after, next.length)
    {
        *last = Chunk { range: last.range.start..next.range.end, length };
        return;
    }
    chunks.push(next);
}

/// The cost of a split after a piece, against parts of uneven length.
pub(super) fn split_cost(boundary: Break) -> f64 {
    match boundary {
        Break::Clause | Break::Sentence | Break::Paragraph => 0.0,
        Break::Comma => 0.2,
        Break::Conjunction => 0.5,
        Break::Phrase => 0.7,
        Break::Word => 1.0,
        Break::Bound => 1.6,
    }
}

/// Splits a sentence into parts within the hard limit, with strong boundaries and even lengths. By dynamic
/// programming, the cheapest split up to each boundary is found from the cheapest splits up to earlier ones. Only
/// boundaries within the hard limit are considered, so time grows with the sentence's length alone.
pub(super) fn split_sentence(pieces: &[Piece], limits: &ChunkLimits) -> Vec<Range<usize>> {
    let total = length_of(pieces);
    let ideal = total as f64 / total.div_ceil(limits.longest_part) as f64;
    // For every end: the least cost to get there, and where the last part began.
    let mut ways: Vec<(f64, usize)> = vec![(0.0, 0)];
    for end in 1..=pieces.len() {
        let boundary = if end == pieces.len() { 0.0 } else { split_cost(pieces[end - 1].break_after) };
        let mut best = (f64::INFINITY, end - 1);
        let mut length = 0_usize;
        for start in (0..end).rev() {
            length = length.saturating_add(pieces[start].phonemes + usize::from(start + 1 < end));
            // A piece that is too long by itself is left to the caller.
            if length > limits.longest_sentence && start + 1 < end {
                break;
            }
            let unevenness = (length.min(limits.longest_sentence) as f64 - ideal) / ideal;
            // Every part has a small cost; otherwise a row of commas would be cut at each.
            let cost = ways[start].0 + 3.0 * unevenness * unevenness + boundary + 0.1;
            if cost < best.0 {
                best = (cost, start);
            }
        }
        ways.push(best);
    }
    let mut parts = Vec::new();
    let mut end = pieces.len();
    while end > 0 {
        let start = ways[end].1;
        parts.push(start..end);
        end = start;
    }
    parts.reverse();
    parts
}

#[cfg(test)]
pub(super) mod tests;
