//! The marks of notes and sources after a claim: `(3)`, `(14, 15)`, `[8]`. A listener can't look them up.

use super::reading::{Context, Reading};
use super::table::{counts, is_cue};
use super::token::Tokens;
use super::token_types::SemioticClass::Punctuation;

/// No mark names more sources.
const MOST_NUMBERS: usize = 8;

/// A bracket that holds only the numbers of sources is silent.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let close = match tokens.mark(at)? {
        '(' => ')',
        '[' => ']',
        _ => return None,
    };
    let (end, several) = numbers(tokens, at + 1, close)?;
    let is_mark = if close == ')' { cites(tokens, at, end, several) } else { is_note(tokens, at, end) };
    if !is_mark {
        return None;
    }
    // Where the bracket parted two clauses, the breath stays.
    let next = tokens.over_space(end);
    let clause = several && close == ')' && next > end && tokens.is_word(next);
    if clause { Reading::one(Punctuation, ",", at, end) } else { Reading::silent(end) }
}

/// The token after the bracket that closes a list of short numbers, and whether it holds several.
fn numbers(tokens: &Tokens<'_>, first: usize, close: char) -> Option<(usize, bool)> {
    let mut at = first;
    for count in 0..MOST_NUMBERS {
        // No list of sources begins at nought: "the interval [0, 255]".
        tokens.digits(at).filter(|digits| digits.len() <= 3 && !digits.starts_with('0'))?;
        if tokens.is_mark(at + 1, close) {
            return Some((at + 2, count > 0));
        }
        if !matches!(tokens.mark(at + 1), Some(',' | ';' | '-' | '–')) {
            return None;
        }
        at = tokens.over_space(at + 2);
    }
    None
}

/// `overeating (3).`: after an ordinary word, before the end of a clause. After a name the number may be an age or a
/// minute of play, and after a number it repeats that.
fn cites(tokens: &Tokens<'_>, at: usize, end: usize, several: bool) -> bool {
    // "open(2)" is a page of a manual.
    let word = tokens.before(at).filter(|_| tokens.is_space(at - 1)).and_then(|word| tokens.word(word));
    let follows_word =
        word.is_some_and(|word| word.starts_with(char::is_lowercase) && !is_cue("listed", word));
    let ends_clause = tokens.kind(end).is_none()
        || matches!(tokens.mark(end), Some('.' | ',' | ';' | ':' | '?' | '!'))
        || matches!(tokens.mark(tokens.over_space(end)), Some('(' | '[')) && several;
    let goes_on = several && tokens.word_after(end).is_some_and(|word| is_cue("function", word));
    let score = tokens.is_dash(at + 2);
    follows_word && (ends_clause || goes_on && !score)
}

/// `claim.[9]`, `diet [8] too`: square brackets with numbers, but not an editor's `[8] people`.
fn is_note(tokens: &Tokens<'_>, at: usize, end: usize) -> bool {
    let directly = at > 0 && !tokens.is_space(at - 1) && !tokens.is_number(at - 1);
    let listed = tokens.word_before(at).is_some_and(|word| is_cue("listed", word));
    directly || tokens.before(at).is_some() && !listed && !counts(tokens, end)
}
