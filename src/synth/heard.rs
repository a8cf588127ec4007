//! When symbols are heard, of the tokens' lengths that a network of the Kokoro family plans.
//!
//! Sound comes sooner than the plan says, and nobody pauses at the spaces within a flow of speech. Measured on five articles by `af_heart`
//! and `fast_heart`, as `benches/word_times.py --flow` does it: words after pauses began 49 and 48 ms before their first token. Within a flow,
//! sibilants at the beginning of words began 44 and 45 ms before the space in front of them, and those at the end ended 33 and 36 ms early.

use super::Timings;

/// Samples from the moment at which a symbol is heard to the beginning of its token: 42 ms at 24 kHz.
const EARLY: usize = 1_008;

/// Samples of the longest space at which the voice does not pause: 75 ms.
const LONGEST_IN_FLOW: usize = 1_800;

/// When the symbols of `phonemes` are heard, of the lengths of their tokens.
pub(super) fn timings(phonemes: &str, plan: Timings) -> Timings {
    let Timings { lead_in, mut symbols, lead_out } = plan;
    give_spaces_to_words(phonemes, &mut symbols);
    let mut left = EARLY;
    let mut shorten = |length: usize| {
        let taken = left.min(length);
        left -= taken;
        length - taken
    };
    let lead_in = shorten(lead_in);
    for symbol in &mut symbols {
        *symbol = shorten(*symbol);
    }
    Timings { lead_in, symbols, lead_out: lead_out + EARLY - left }
}

/// The time of a space between two words belongs to the second; after a mark, where the voice pauses, it stays silence. Phones are
/// letters, and so are the marks of stress and length.
fn give_spaces_to_words(phonemes: &str, symbols: &mut [usize]) {
    let mut before = None;
    for (index, (symbol, next)) in phonemes.chars().zip(phonemes.chars().skip(1)).enumerate() {
        let is_within_flow = before.is_some_and(char::is_alphabetic) && next.is_alphabetic();
        if symbol == ' ' && is_within_flow && index + 1 < symbols.len() && symbols[index] <= LONGEST_IN_FLOW {
            symbols[index + 1] += std::mem::take(&mut symbols[index]);
        }
        before = Some(symbol);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    const FRAME: usize = 600;

    #[test]
    fn symbols_are_heard_early_and_words_from_the_space_before_them() {
        let rows = [
            ("", vec![3, 4], 792, vec![], 3_408),
            ("ab", vec![3, 2, 5, 4], 792, vec![1_200, 3_000], 3_408),
            // All of the first token is heard before its time.
            ("ab", vec![1, 2, 5, 4], 0, vec![792, 3_000], 3_408),
            ("a ˈb", vec![3, 2, 2, 1, 5, 4], 792, vec![1_200, 0, 1_800, 3_000], 3_408),
            // A pause without a mark.
            ("a b", vec![3, 2, 4, 5, 4], 792, vec![1_200, 2_400, 3_000], 3_408),
            ("a, b", vec![3, 2, 2, 3, 5, 4], 792, vec![1_200, 1_200, 1_800, 3_000], 3_408),
        ];
        each(rows, |(phonemes, frames, lead_in, symbols, lead_out)| {
            let heard = timings(phonemes, Timings::of_tokens(frames.iter().map(|frames| frames * FRAME)));
            assert_eq!(heard, Timings { lead_in, symbols, lead_out }, "{phonemes}");
        });
    }

    #[test]
    fn no_sample_is_lost() {
        each(
            [("", &[0, 0][..]), ("a b c", &[0, 1, 0, 1, 0, 1, 0]), ("a b", &[1, 1, 1, 1, 1])],
            |(phonemes, frames)| {
                let heard = timings(phonemes, Timings::of_tokens(frames.iter().map(|frames| frames * FRAME)));
                assert_eq!(heard.total(), frames.iter().sum::<usize>() * FRAME, "{phonemes}");
            },
        );
    }
}
