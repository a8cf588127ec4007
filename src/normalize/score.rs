//! Sport and betting, where a pair of numbers is not a range: sets of tennis, wickets, odds; "nil" in Britain.

use super::locale::Locale;
use super::number::{self, integer_words};
use super::reading::{Context, Reading};
use super::table::{self, is_cue};
use super::token::Tokens;
use super::token_types::SemioticClass::{Cardinal, Range};

/// `6-4, 7-6 (5)`, `245-6 declared`, `7/2 favourite`, `2-0`.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let (first, second) = pair_at(tokens, at, &['-', '–'])?;
    let words = |value| number::cardinal(value, context.locale);
    if is_innings(tokens, at, first, second) {
        let text = format!("{} for {}", words(first), words(second));
        return Reading::one(Range, text, at, at + 3);
    }
    if tokens.is_mark(at + 1, '/') {
        let odds = first > second && second > 0 && is_bet(tokens, at);
        return odds
            .then(|| Reading::one(Range, format!("{} to {}", words(first), words(second)), at, at + 3))
            .flatten();
    }
    if is_set(first, second) && is_among_sets(tokens, at) {
        let reading = Reading::one(Range, format!("{} {}", words(first), words(second)), at, at + 3)?;
        return Some(with_tie_break(context, reading, at + 3));
    }
    if (first, second) == (50, 50) {
        return Reading::one(Range, "fifty fifty", at, at + 3);
    }
    // "a 12-5 record"
    if matches!(tokens.word_after(at + 3), Some("record" | "mark" | "start")) && first + second > 0 {
        return Reading::one(Range, format!("{} and {}", words(first), words(second)), at, at + 3);
    }
    let is_goal_score =
        first <= 20 && second <= 20 && !table::counts(tokens, at + 3) && is_played(tokens, at);
    if context.locale == Locale::EnGb && is_goal_score {
        let goals = |value| if value == 0 { "nil".to_owned() } else { words(value) };
        return Reading::one(Range, format!("{} {}", goals(first), goals(second)), at, at + 3);
    }
    None
}

/// Two numbers of at most three digits with a dash or stroke between them, and no further number.
fn pair_at(tokens: &Tokens<'_>, at: usize, dashes: &[char]) -> Option<(u64, u64)> {
    let short = |at: usize| tokens.digits(at).filter(|digits| digits.len() <= 3)?.parse::<u64>().ok();
    let (first, second) = (short(at)?, short(at + 2)?);
    let joint = tokens.mark(at + 1)?;
    if !(dashes.contains(&joint) || joint == '/') {
        return None;
    }
    let written_before =
        at > 0 && (tokens.is_dash(at - 1) || matches!(tokens.mark(at - 1), Some('$' | '/' | '.')));
    let goes_on = !tokens.closes_chunk(at + 3)
        || matches!(tokens.mark(at + 3), Some('%' | '°' | '$' | '€' | '£' | '/'))
        || matches!(tokens.mark(at + 3), Some('-' | '–' | ':' | '.' | ',')) && tokens.is_number(at + 4);
    (!written_before && !goes_on).then_some((first, second))
}

fn is_set(first: u64, second: u64) -> bool {
    let (low, high) = (first.min(second), first.max(second));
    matches!((low, high), (0..=4, 6) | (5 | 6, 7)) || low >= 6 && high == low + 2 && high < 80
}

/// One set alone might be any score: another one stands beside it, or the tie-break's points.
fn is_among_sets(tokens: &Tokens<'_>, at: usize) -> bool {
    let set_at = |at: usize| pair_at(tokens, at, &['-', '–']).is_some_and(|(one, other)| is_set(one, other));
    let mut next = tokens.over_space(at + 3);
    let has_tie_break =
        tokens.is_mark(next, '(') && tokens.is_number(next + 1) && tokens.is_mark(next + 2, ')');
    if has_tie_break {
        next += 3;
    }
    let after = tokens.over_space(next + usize::from(tokens.is_mark(next, ',')));
    // Backwards over ", " and perhaps a tie-break's points in brackets.
    let before = tokens.before(at).filter(|&comma| tokens.is_mark(comma, ',')).and_then(|comma| {
        let last = comma.checked_sub(1)?;
        let last = if tokens.is_mark(last, ')') {
            let points = 2 + 2 * usize::from(tokens.is_dash(last.checked_sub(2)?));
            tokens.before(last.checked_sub(points)?)?
        } else {
            last
        };
        last.checked_sub(2)
    });
    has_tie_break || after > next && set_at(after) || before.is_some_and(set_at)
}

fn with_tie_break(context: &Context<'_>, reading: Reading, end: usize) -> Reading {
    let tokens = context.tokens;
    let next = tokens.over_space(end);
    match tokens.digits(next + 1).filter(|_| tokens.is_mark(next, '(') && tokens.is_mark(next + 2, ')')) {
        Some(points) => reading.and(super::token_types::SemioticClass::Punctuation, ",", end, next + 1).and(
            Cardinal,
            integer_words(points, context.locale),
            next + 1,
            next + 3,
        ),
        None => reading,
    }
}

/// So many words around a score are examined.
const NEAR: usize = 4;

/// Whether one of the words near the pair at `at` belongs to a set of cues.
fn is_near(tokens: &Tokens<'_>, at: usize, set: &str) -> bool {
    let mut before = tokens.before(at);
    for _ in 0..NEAR {
        let Some(place) = before else { break };
        if tokens.word(place).is_some_and(|word| is_cue(set, word)) {
            return true;
        }
        before = tokens.before(place);
    }
    let mut after = tokens.over_space(at + 3);
    for _ in 0..NEAR {
        if tokens.word(after).is_some_and(|word| is_cue(set, word)) {
            return true;
        }
        after = tokens.over_space(after + 1);
    }
    false
}

/// Runs and wickets: `245-6 at stumps`, `declared on 512-8`.
fn is_innings(tokens: &Tokens<'_>, at: usize, runs: u64, wickets: u64) -> bool {
    runs > wickets && wickets <= 10 && runs >= 10 && is_near(tokens, at, "cricket")
}

/// `the 7/2 favourite`, `odds of 11/4`.
fn is_bet(tokens: &Tokens<'_>, at: usize) -> bool {
    is_near(tokens, at, "bet")
}

fn is_played(tokens: &Tokens<'_>, at: usize) -> bool {
    is_near(tokens, at, "played")
}
