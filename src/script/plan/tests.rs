use proptest::prelude::*;

use super::*;
use crate::table_test::each;

/// `w40 , 30 . 5 ¶`: a length and the boundary after it; a space alone is a word's.
pub(in crate::script) fn pieces(plan: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for token in plan.split_whitespace() {
        let boundary = match token {
            "_" => Break::Bound,
            "|" => Break::Phrase,
            "&" => Break::Conjunction,
            "," => Break::Comma,
            ";" => Break::Clause,
            "." => Break::Sentence,
            "¶" => Break::Paragraph,
            number => {
                let phonemes = number.parse().unwrap();
                pieces.push(Piece { phonemes, break_after: Break::Word });
                continue;
            }
        };
        pieces.last_mut().unwrap().break_after = boundary;
    }
    pieces
}

#[test]
fn chunks_follow_sentences_and_strong_boundaries() {
    let default = ChunkLimits {
        longest_part: 250,
        longest_sentence: 400,
        shortest_sentence: 20,
        join_up_to: 0,
        most_symbols: 511,
    };
    let joining = ChunkLimits { join_up_to: 200, ..default };
    let rows = [
        ("nothing", "", default, &[][..]),
        ("one sentence", "50 60 .", default, &[(0, 2)]),
        ("no stop", "50 60", default, &[(0, 2)]),
        ("two sentences", "50 60 . 70 .", default, &[(0, 2), (2, 3)]),
        ("a short one joins the next", "5 . 70 . 70 .", default, &[(0, 2), (2, 3)]),
        ("a short one joins the one before", "70 . 5 .", default, &[(0, 2)]),
        ("short ones join each other", "5 . 5 . 5 .", default, &[(0, 3)]),
        ("a short one beside full ones stays", "245 . 5 . 245 .", default, &[(0, 1), (1, 2), (2, 3)]),
        ("not over a paragraph", "5 ¶ 70 .", default, &[(0, 1), (1, 2)]),
        ("up to the hard limit whole", "100 , 100 , 100 , 97 .", default, &[(0, 4)]),
        ("split at a comma", "110 100 , 100 100 .", default, &[(0, 2), (2, 4)]),
        ("clause before comma", "90 , 120 ; 100 , 110 .", default, &[(0, 2), (2, 4)]),
        ("conjunction before word", "100 110 & 100 110 .", default, &[(0, 2), (2, 4)]),
        ("a phrase before a word", "100 110 | 100 110 .", default, &[(0, 2), (2, 4)]),
        ("not between what belongs together", "190 30 _ 30 170 .", default, &[(0, 1), (1, 4)]),
        ("words when nothing else", "100 100 100 100 100 .", default, &[(0, 2), (2, 3), (3, 5)]),
        ("a comma after one word is no place", "3 , 200 & 200 .", default, &[(0, 2), (2, 3)]),
        ("a monster word", "30 900 30 .", default, &[(0, 1), (1, 2), (2, 3)]),
        ("joining on demand", "50 . 50 . 50 . 100 .", joining, &[(0, 3), (3, 4)]),
    ];
    each(rows, |(name, text, limits, want)| {
        let chunks: Vec<(usize, usize)> =
            plan(&pieces(text), &limits).into_iter().map(|chunk| (chunk.start, chunk.end)).collect();
        assert_eq!(chunks, want, "{name}: {text}");
    });
}

#[test]
fn a_long_sentence_is_split_evenly() {
    let words = vec![Piece { phonemes: 5, break_after: Break::Word }; 200_000];
    let chunks = plan(
        &words,
        &ChunkLimits {
            longest_part: 250,
            longest_sentence: 400,
            shortest_sentence: 20,
            join_up_to: 0,
            most_symbols: 511,
        },
    );
    let lengths: Vec<usize> = chunks.iter().map(|chunk| length_of(&words[chunk.clone()])).collect();
    assert!(lengths.iter().all(|length| (200..=300).contains(length)), "{:?}", &lengths[..20]);
}

pub(in crate::script) fn any_piece() -> impl Strategy<Value = Piece> {
    let boundary = prop_oneof![
        4 => Just(Break::Bound),
        8 => Just(Break::Word),
        3 => Just(Break::Phrase),
        2 => Just(Break::Conjunction),
        3 => Just(Break::Comma),
        1 => Just(Break::Clause),
        2 => Just(Break::Sentence),
        1 => Just(Break::Paragraph),
    ];
    let phonemes = prop_oneof![40 => 0..30_usize, 1 => 300..1000_usize];
    (phonemes, boundary).prop_map(|(phonemes, break_after)| Piece { phonemes, break_after })
}

proptest! {
    #[test]
    fn no_piece_is_lost_moved_or_overfull(
        pieces in prop::collection::vec(any_piece(), 0..200),
        longest_part in 0..600_usize,
        longest_sentence in 0..600_usize,
        shortest_sentence in 0..60_usize,
        join_up_to in 0..600_usize,
    ) {
        let limits = ChunkLimits { longest_part, longest_sentence, shortest_sentence, join_up_to, most_symbols: 511 };
        let chunks = plan(&pieces, &limits);
        let mut next = 0;
        for chunk in &chunks {
            prop_assert_eq!(chunk.start, next);
            prop_assert!(chunk.end > chunk.start);
            next = chunk.end;
            let inside = &pieces[chunk.clone()];
            let limit = longest_sentence.clamp(1, 510);
            prop_assert!(inside.len() == 1 || length_of(inside) <= limit, "{:?}", chunk);
            let last = inside.len() - 1;
            prop_assert!(inside[..last].iter().all(|piece| piece.break_after < Break::Paragraph));
        }
        prop_assert_eq!(next, pieces.len());
    }
}
