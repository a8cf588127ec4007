//! Ranges, scores, ratios, and telephone numbers: numbers joined by dashes and colons.

use super::SemioticClass::{self, Range, Serial};
use super::amount::{self, Magnitudes};
use super::classify::{Context, Reading, integer_words};
use super::token::Tokens;
use super::{date, measure, number};

/// `10-15` → "ten to fifteen", `3:1`, `4x4`, `4-3-3`; and the dash that is left between two readings.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    if tokens.is_number(at) {
        return formation(context, at).or_else(|| pair(context, at));
    }
    (tokens.is_dash(at) || tokens.is_mark(at, '~')).then(|| dash(context, at)).flatten()
}

fn pair(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let first = amount::parse(tokens, at, Magnitudes::Usual)?;
    if first.fraction.is_some() || first.sign.is_some() {
        return None;
    }
    let (second, joint) = joint_after(tokens, first.end)?;
    let second = amount::parse(tokens, second, Magnitudes::Usual).filter(|second| second.sign.is_none())?;
    let end = second.end;
    if joint == " by " && measure::is_unit(tokens, end) {
        // "4x100m": the second number is a measure.
        let reading = Reading::one(SemioticClass::Cardinal, first.verbalize(context.locale), at, first.end)?;
        return Some(reading.and(Range, "by", first.end, first.end + 1));
    }
    // What follows may belong to the second number alone: a unit, an ordinal ending, more digits.
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

/// What joins two numbers at `at`: the index of the second, and the words between.
fn joint_after(tokens: &Tokens, at: usize) -> Option<(usize, &'static str)> {
    if matches!(tokens.text(at), "x" | "×") && tokens.is_number(at + 1) {
        return Some((at + 1, " by "));
    }
    let spaced = tokens.is_space(at) && tokens.text(at) != "\n";
    let mark = if spaced { at + 1 } else { at };
    if spaced && !tokens.is_space(mark + 1) {
        return None;
    }
    let next = if spaced { mark + 2 } else { mark + 1 };
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

/// Telephone numbers are read digit by digit: 555-0123, 1-800-555-0123, (202) 555-0123.
pub(super) fn read_telephone(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let first = tokens.digits(at)?;
    let in_brackets =
        at > 0 && tokens.is_mark(at - 1, '(') && tokens.is_mark(at + 1, ')') && first.len() == 3;
    if in_brackets {
        let next = tokens.over_space(at + 2);
        let is_number = tokens.digits(next).is_some_and(|digits| digits.len() == 3)
            && tokens.is_mark(next + 1, '-')
            && tokens.digits(next + 2).is_some_and(|digits| digits.len() == 4);
        return is_number.then(|| Reading::one(Serial, number::digits(first), at, at + 1)).flatten();
    }
    let separator = tokens.mark(at + 1).filter(|mark| matches!(mark, '-' | '.'))?;
    let mut groups = vec![first];
    let mut end = at + 1;
    while let Some(digits) = tokens.digits(end + 1).filter(|digits| {
        // A telephone number has at most five groups of at most four digits.
        tokens.is_mark(end, separator) && digits.len() <= 4 && groups.len() < 6
    }) {
        groups.push(digits);
        end += 2;
    }
    let last = groups.last().map_or(0, |digits| digits.len());
    let total: usize = groups.iter().map(|digits| digits.len()).sum();
    let international = at > 0 && tokens.is_mark(at - 1, '+');
    let is_telephone = match groups.len() {
        2 => first.len() == 3 && last == 4 && separator == '-',
        3..=5 => last == 4 && total >= 9 && (separator == '-' || first.len() == 3),
        _ => false,
    };
    if !(is_telephone || international && total >= 8) || !tokens.closes_chunk(end) {
        return None;
    }
    let words: Vec<String> = groups.iter().map(|digits| number::digits(digits)).collect();
    Reading::one(Serial, words.join(" "), at, end)
}
