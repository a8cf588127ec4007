//! Ranges, ratios and formations: numbers joined by dashes and colons.

use super::amount::{self, Magnitudes};
use super::number::integer_words;
use super::reading::{Context, Reading};
use super::token::{Kind, Tokens};
use super::token_types::SemioticClass::{self, Range};
use super::{date, measure};

/// `10-15` → "ten to fifteen", `3:1`, `4x4`, `4-3-3`; and the dash that is left between two readings.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    if tokens.is_number(at) {
        return formation(context, at).or_else(|| pair(context, at));
    }
    if !tokens.is_dash(at) && !tokens.is_mark(at, '~') {
        return None;
    }
    spaced(tokens, at).or_else(|| dash(context, at))
}

/// `4:00 am - 8:12 pm`, `9:00 – 17:30`, `2018.04.05 ~ 2018.04.09`: a dash with spaces between two times, a tilde with
/// spaces between two numbers. A tilde after the last date of a page says that no end is known.
fn spaced(tokens: &Tokens<'_>, at: usize) -> Option<Reading> {
    let before = tokens.before(at)?;
    let after = tokens.over_space(at + 1);
    if tokens.is_mark(at, '~') {
        let dated = before > 3
            && tokens.is_number(before)
            && tokens.is_mark(before - 1, '.')
            && tokens.is_mark(before - 3, '.');
        if dated && tokens.kind(at + 1).is_none_or(|kind| kind == Kind::Space) && !tokens.is_number(after) {
            return Reading::one(Range, "onward", at, at + 1);
        }
        let numbers =
            tokens.is_number(before) && tokens.is_number(after) && before + 1 < at && after > at + 1;
        return numbers.then(|| Reading::one(Range, "to", at, at + 1)).flatten();
    }
    let is_spaced =
        before + 1 < at && after > at + 1 && tokens.text(at + 1) != "\n" && tokens.text(at - 1) != "\n";
    (is_spaced && ends_time(tokens, before) && starts_time(tokens, after))
        .then(|| Reading::one(Range, "to", at, at + 1))
        .flatten()
}

/// Whether a time of day ends at the token: 9:30, 5 pm, 5 p.m.
fn ends_time(tokens: &Tokens<'_>, at: usize) -> bool {
    if tokens.is_number(at) {
        return at > 1 && tokens.is_mark(at - 1, ':') && tokens.is_number(at - 2);
    }
    let numbered = |word: usize| tokens.before(word).is_some_and(|number| tokens.is_number(number));
    let dotted = tokens.is_mark(at, '.')
        && at > 3
        && tokens.word(at - 1) == Some("m")
        && matches!(tokens.word(at - 3), Some("a" | "p"))
        && numbered(at - 3);
    dotted || matches!(tokens.word(at), Some("am" | "pm" | "AM" | "PM" | "noon")) && numbered(at)
}

/// Whether a time of day starts at the token.
fn starts_time(tokens: &Tokens<'_>, at: usize) -> bool {
    let clock = tokens.is_mark(at + 1, ':') && tokens.is_number(at + 2);
    let next = tokens.over_space(if clock { at + 3 } else { at + 1 });
    let half_day = matches!(tokens.word(next), Some("am" | "pm" | "AM" | "PM"))
        || matches!(tokens.word(next), Some("a" | "p")) && tokens.is_mark(next + 1, '.');
    tokens.digits(at).is_some_and(|digits| digits.len() <= 2) && (clock || half_day)
        || matches!(tokens.word(at), Some("noon" | "midnight"))
}

fn pair(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let first = amount::parse(tokens, at, Magnitudes::Usual)?;
    let (second_at, joint) = joint_after(tokens, first.end)?;
    if first.fraction.is_some() && joint != " by " || first.sign.is_some() {
        return None;
    }
    let second =
        amount::parse(tokens, second_at, Magnitudes::Usual).filter(|second| second.sign.is_none())?;
    let end = second.end;
    let by_more = || joint_after(tokens, end).is_some_and(|(_, joint)| joint == " by ");
    if joint == " by " && (measure::is_unit(tokens, tokens.over_space(end)) || by_more()) {
        // "4x100m", "3 x 4 cm": the last number is a measure.
        let reading = Reading::one(SemioticClass::Cardinal, first.verbalize(context.locale), at, first.end)?;
        let mark = tokens.over_space(first.end);
        return Some(reading.and(Range, "by", mark, mark + 1));
    }
    // The next token may belong to the second number alone: a unit, an ordinal ending, more digits.
    let goes_on = tokens.is_word(end)
        || measure::is_unit(tokens, end + usize::from(tokens.is_mark(end, '-') || tokens.is_space(end)))
        || matches!(tokens.mark(end), Some('%' | '°' | '/' | '€' | ':'));
    let more = tokens.is_mark(end, '-') && tokens.is_number(end + 1);
    if goes_on && joint != " by " || more {
        return None;
    }
    let say = |amount: &amount::Amount| amount.verbalize(context.locale);
    Reading::one(Range, format!("{}{joint}{}", say(&first), say(&second)), at, end)
}

/// The mark that joins two numbers at `at`: the index of the second, and the words between.
fn joint_after(tokens: &Tokens<'_>, at: usize) -> Option<(usize, &'static str)> {
    if matches!(tokens.text(at), "x" | "×") && tokens.is_number(at + 1) {
        return Some((at + 1, " by "));
    }
    let spaced = tokens.is_space(at) && tokens.text(at) != "\n";
    let mark = if spaced { at + 1 } else { at };
    // "5 x 6", "10 - 3": in a sum they are other signs.
    let equation = || tokens.is_mark(tokens.over_space(mark + 3), '=');
    if spaced && tokens.word(mark) == Some("x") && tokens.is_space(mark + 1) && tokens.is_number(mark + 2) {
        return Some((mark + 2, if equation() { " times " } else { " by " }));
    }
    if spaced && tokens.is_dash(mark) && tokens.is_space(mark + 1) && tokens.is_number(mark + 2) && equation()
    {
        return Some((mark + 2, " minus "));
    }
    // "5 –10"
    let lopsided = spaced && tokens.is_mark(mark, '–') && tokens.is_number(mark + 1);
    if spaced && !tokens.is_space(mark + 1) && !lopsided {
        return None;
    }
    let next = if spaced && !lopsided { mark + 2 } else { mark + 1 };
    match tokens.mark(mark)? {
        '×' => Some((next, " by ")),
        ':' if !spaced => Some((next, " to ")),
        '-' | '–' | '—' | '~' | '−' if tokens.is_number(next) => Some((next, " to ")),
        _ => None,
    }
}

/// `4-3-3`, `10-2-1`: formations and records are read number by number.
fn formation(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let short = |at: usize| tokens.digits(at).filter(|digits| digits.len() <= 2);
    let mut words = vec![integer_words(short(at)?, context.locale)];
    let mut end = at + 1;
    // No record has more parts; without a bound, a page of them would be read again from each number.
    while words.len() < 6
        && let Some(digits) = short(end + 1).filter(|_| matches!(tokens.mark(end), Some('-' | '–')))
    {
        words.push(integer_words(digits, context.locale));
        end += 2;
    }
    if words.len() < 3 || !tokens.closes_chunk(end) {
        return None;
    }
    Reading::one(Range, words.join(" "), at, end)
}

/// A dash between two readings: "to" between numbers and between days, silent within compounds.
fn dash(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let previous = at.checked_sub(1)?;
    // "30 Nov.-12 Dec."
    let short = tokens.is_mark(previous, '.')
        && previous > 0
        && tokens.word(previous - 1).is_some_and(date::is_calendar_name);
    if short && (tokens.is_number(at + 1) || tokens.word(at + 1).is_some_and(date::is_calendar_name)) {
        return Reading::one(Range, "to", at, at + 1);
    }
    // "Q1-Q3"
    let letter = previous.checked_sub(1).and_then(|letter| tokens.word(letter));
    if letter.is_some()
        && tokens.is_number(previous)
        && tokens.word(at + 1) == letter
        && tokens.is_number(at + 2)
    {
        return Reading::one(Range, "to", at, at + 1);
    }
    let calendar = |at: usize| tokens.word(at).is_some_and(date::is_calendar_name);
    let second_is_number = tokens.is_number(at + 1)
        || matches!(tokens.mark(at + 1), Some('$' | '€' | '£' | '₩' | '¥')) && tokens.is_number(at + 2);
    let first_is_number = tokens.is_number(previous)
        || tokens.is_mark(previous, '%')
        || tokens.is_word(previous) && previous > 0 && tokens.is_number(previous - 1)
        || tokens.is_mark(previous, '.') && tokens.word(previous.wrapping_sub(1)) == Some("m");
    if first_is_number && (second_is_number || calendar(at + 1)) || calendar(previous) && calendar(at + 1) {
        return Reading::one(Range, "to", at, at + 1);
    }
    None
}
