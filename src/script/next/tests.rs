use proptest::prelude::*;

use super::super::plan;
use super::super::plan::tests::{any_piece, pieces};
use super::*;
use crate::table_test::each;

const LIMITS: ChunkLimits = ChunkLimits {
    longest_part: 160,
    longest_sentence: 180,
    shortest_sentence: 20,
    join_up_to: 0,
    most_symbols: 511,
};

#[test]
fn a_chunk_ends_where_a_reader_would_breathe() {
    let first = Room { least: 10, most: 25 };
    let some = Room { least: 20, most: 60 };
    let rows = [
        ("nothing", "", first, 0),
        ("a short sentence whole", "5 8 . 50 .", first, 2),
        ("a comma before a space further on", "5 8 , 8 8 8 8 .", first, 2),
        ("a phrase before a mere space", "6 7 | 6 6 6 6 .", first, 2),
        ("a conjunction before a phrase", "6 7 | 5 & 6 6 30 .", first, 3),
        ("not between what belongs together", "6 7 _ 8 9 9 9 .", first, 3),
        ("as long as may be when all are alike", "6 6 6 6 6 6 6 .", first, 3),
        ("a comma after one word is no place", "2 , 6 6 6 6 6 6 .", first, 4),
        ("a word longer than the room", "40 6 6 .", first, 1),
        ("no stump is left", "15 15 15 12 8 .", some, 3),
        ("a stump rather than what belongs together", "3 , 30 _ 30 .", Room { least: 10, most: 25 }, 1),
        ("a sentence whole when there is room", "15 15 15 10 .", some, 4),
        ("with a short neighbour", "30 . 5 . 60 .", some, 2),
        ("not with one that is full", "5 . 58 . 60 .", some, 1),
        ("not over a paragraph", "5 ¶ 30 .", some, 1),
        ("a long sentence as evenly as plan does", "90 , 70 ; 60 , 60 .", Room::WHOLE, 2),
    ];
    each(rows, |(name, text, room, want)| {
        assert_eq!(next_chunk(&pieces(text), room, &LIMITS), want, "{name}: {text}");
    });
}

#[test]
fn a_sentence_without_end_is_cut_in_linear_time() {
    let words = vec![Piece { phonemes: 5, break_after: Break::Word }; 1_000_000];
    let (mut start, mut chunks) = (0, 0);
    while start < words.len() {
        let count = next_chunk(&words[start..], Room::WHOLE, &LIMITS);
        let length = length_of(&words[start..start + count]);
        assert!(
            length <= LIMITS.longest_sentence && (length > 100 || start + count == words.len()),
            "{length}"
        );
        (start, chunks) = (start + count, chunks + 1);
    }
    assert!(chunks < 50_000, "{chunks}");
}

proptest! {
    #[test]
    fn chunks_keep_to_their_room_and_paragraphs(
        pieces in prop::collection::vec(any_piece(), 1..200),
        least in 0..100_usize,
        most in 0..300_usize,
    ) {
        let count = next_chunk(&pieces, Room { least, most }, &LIMITS);
        prop_assert!((1..=pieces.len()).contains(&count));
        let inside = &pieces[..count];
        prop_assert!(count == 1 || length_of(inside) <= most.min(LIMITS.longest_sentence));
        prop_assert!(inside[..count - 1].iter().all(|piece| piece.break_after < Break::Paragraph));
    }

    #[test]
    fn with_all_the_room_sentences_are_spoken_as_they_are_planned(
        lengths in prop::collection::vec((1..180_usize, any::<bool>()), 1..40),
    ) {
        let pieces: Vec<Piece> = lengths
            .iter()
            .map(|&(phonemes, is_last)| Piece {
                phonemes,
                break_after: if is_last { Break::Paragraph } else { Break::Sentence },
            })
            .collect();
        let mut taken = Vec::new();
        let mut start = 0;
        while start < pieces.len() {
            let count = next_chunk(&pieces[start..], Room::WHOLE, &LIMITS);
            taken.push(start..start + count);
            start += count;
        }
        prop_assert_eq!(taken, plan(&pieces, &LIMITS));
    }
}
