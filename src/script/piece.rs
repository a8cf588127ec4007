//! A piece: an uncut unit of text, with its words.

use super::plan::Piece;
use crate::phonemize::PhonemeWord;
use crate::segment::Break;
use crate::text::Span;

/// Symbols of one piece at most; a longer "word" is cut.
pub(super) const LONGEST_PIECE: usize = 200;

/// A piece for the planner, and its words.
pub(super) struct ScriptPiece {
    pub words: Vec<PhonemeWord>,
    pub break_after: Break,
    pub phonemes: usize,
    pub sentence: usize,
    pub sentence_span: Span,
    pub is_start: bool,
    /// Whether it is part of a quotation that another voice speaks.
    pub is_quoted: bool,
}

impl ScriptPiece {
    pub(crate) fn length(&self) -> Piece {
        Piece { phonemes: self.phonemes, break_after: self.break_after }
    }
}

/// Cuts a word that is longer than a piece may be, which only happens with garbage.
pub(super) fn cut_monster(word: PhonemeWord, longest: usize) -> Vec<PhonemeWord> {
    if word.phonemes.chars().count() <= longest {
        return vec![word];
    }
    let symbols: Vec<char> = word.phonemes.chars().collect();
    symbols
        .chunks(longest)
        .enumerate()
        .map(|(index, part)| PhonemeWord {
            phonemes: part.iter().collect(),
            space_before: word.space_before && index == 0,
            ..word.clone()
        })
        .collect()
}
