//! The numbers of houses: 350 Fifth Ave, 1211 6th Ave.

use super::amount::is_ordinal_suffix;
use super::number;
use super::reading::{Context, Reading};
use super::table::is_cue;
use super::token_types::SemioticClass::Serial;

/// Most words of a street's name before "Street".
const MOST_WORDS: usize = 3;

/// The number of a house: a name and a word for a street follow it.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let digits = tokens.digits(at).filter(|digits| (3..=5).contains(&digits.len()))?;
    let written_before =
        at > 0 && !tokens.is_space(at - 1) && !matches!(tokens.mark(at - 1), Some('(' | '“'));
    if written_before || !tokens.is_space(at + 1) {
        return None;
    }
    let mut next = at + 2;
    for words in 0..=MOST_WORDS {
        if words > 0 && tokens.word(next).is_some_and(|word| is_cue("street", word)) {
            let after = tokens.word_after(next + 1).unwrap_or_default();
            // "350 Wall Street banks" are counted.
            let counted =
                after.starts_with(char::is_lowercase) && is_plural(after) && !is_cue("function", after);
            return (!counted)
                .then(|| Reading::one(Serial, number::serial(digits, context.locale), at, at + 1))
                .flatten();
        }
        let named = tokens.word(next).is_some_and(|word| word.starts_with(char::is_uppercase));
        let ordinal = tokens.is_number(next) && tokens.word(next + 1).is_some_and(is_ordinal_suffix);
        next += match (named, ordinal) {
            (true, _) => 1 + usize::from(tokens.is_mark(next + 1, '.')),
            (_, true) => 2,
            _ => return None,
        };
        if !tokens.is_space(next) {
            return None;
        }
        next += 1;
    }
    None
}

fn is_plural(word: &str) -> bool {
    word.ends_with('s') && !word.ends_with("ss")
}
