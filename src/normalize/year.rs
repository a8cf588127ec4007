//! Years, decades, and ranges of years.

use super::locale::Locale;
use super::number;
use super::reading::{Context, Reading};
use super::table::is_cue;
use super::token::{Kind, Tokens};
use super::token_types::SemioticClass::{Range, Year};

/// A year, a decade or a range of years.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    if tokens.is_mark(at, '\'') || tokens.is_mark(at, '‘') {
        return short_year(context, at);
    }
    let digits = tokens.digits(at)?;
    if let Some(reading) = decade(context, at, digits) {
        return Some(reading);
    }
    let value = digits.parse::<u64>().ok().filter(|_| digits.len() == 4)?;
    if let Some(reading) = range(context, at, value) {
        return Some(reading);
    }
    let written_on = matches!(tokens.mark(at + 1), Some('.' | ',' | '/')) && tokens.is_number(at + 2);
    if written_on || tokens.is_word(at + 1) || !is_year(tokens, at, value) {
        return None;
    }
    Reading::one(Year, number::year(value, context.locale), at, at + 1)
}

/// `1990s`, `1990's`, `80s`.
fn decade(context: &Context<'_>, at: usize, digits: &str) -> Option<Reading> {
    let tokens = context.tokens;
    // "1980 s" is a slip that only a decade explains.
    let slip = digits.len() == 4 && tokens.is_space(at + 1) && tokens.text(at + 1) != "\n";
    let ending = at + 1 + usize::from(slip);
    let ending = ending + usize::from(tokens.is_mark(ending, '\''));
    if slip
        && (!tokens.closes_chunk(ending + 1) || tokens.is_mark(ending + 1, '.') && tokens.is_word(ending + 2))
    {
        return None;
    }
    if tokens.word(ending) != Some("s") || !matches!(digits.len(), 2 | 4) || !digits.ends_with('0') {
        return None;
    }
    let value = digits.parse::<u64>().ok().filter(|value| matches!(value, 10..=90 | 1000..=2990))?;
    Reading::one(Year, number::decade(value, context.locale), at, ending + 1)
}

/// `'90s`, "the class of '98".
fn short_year(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let digits = tokens.digits(at + 1).filter(|digits| digits.len() == 2)?;
    if let Some(mut reading) = decade(context, at + 1, digits) {
        reading.parts.iter_mut().for_each(|part| part.from = at);
        return Some(reading);
    }
    if !tokens.closes_chunk(at + 2) || tokens.is_mark(at + 2, '\'') {
        return None;
    }
    Reading::one(Year, two_digits(digits, context.locale), at, at + 2)
}

fn two_digits(digits: &str, locale: Locale) -> String {
    let value = digits.parse::<u64>().unwrap_or_default();
    let words = number::cardinal(value, locale);
    if value < 10 { format!("oh {words}") } else { words }
}

/// `1950-53`, `2019–2021`.
fn range(context: &Context<'_>, at: usize, first: u64) -> Option<Reading> {
    let tokens = context.tokens;
    let dash = tokens.over_space(at + 1);
    let spaced = dash != at + 1;
    // "the 2024/25 season"
    let season = tokens.is_mark(dash, '/')
        && !spaced
        && tokens.digits(dash + 1).is_some_and(|digits| {
            digits.len() == 2 && digits.parse::<u64>().is_ok_and(|last| last == (first + 1) % 100)
        });
    if !(1100..=2099).contains(&first) || !(tokens.is_dash(dash) || tokens.is_mark(dash, '~') || season) {
        return None;
    }
    let next = if spaced { tokens.over_space(dash + 1) } else { dash + 1 };
    let digits = tokens.digits(next)?;
    let last = digits.parse::<u64>().ok()?;
    let ends = tokens.closes_chunk(next + 1)
        && !(matches!(tokens.mark(next + 1), Some('-' | '.' | ',' | '/' | '%'))
            && tokens.is_number(next + 2));
    let plausible = match digits.len() {
        4 => (1100..=2099).contains(&last) && last > first,
        2 => (last > first % 100 || season) && !spaced,
        _ => false,
    };
    if !ends || !plausible || tokens.is_mark(next + 1, '%') || counts(tokens, next + 1) {
        return None;
    }
    let locale = context.locale;
    let last = if digits.len() == 4 { number::year(last, locale) } else { two_digits(digits, locale) };
    Reading::one(Range, format!("{} to {last}", number::year(first, locale)), at, next + 1)
}

/// Whether a counted noun follows.
fn counts(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.word_after(at).is_some_and(|word| word.starts_with(char::is_lowercase) && is_cue("count", word))
}

/// Whether four bare digits are a year here.
fn is_year(tokens: &Tokens<'_>, at: usize, value: u64) -> bool {
    let before = tokens.word_before(at).unwrap_or_default();
    let after = tokens.word_after(at + 1).unwrap_or_default();
    if matches!(after, "BC" | "BCE" | "AD" | "CE") {
        return true;
    }
    if counts(tokens, at + 1) {
        return false;
    }
    let stop = tokens.before(at).filter(|&stop| tokens.is_mark(stop, '.'));
    let circa = stop
        .and_then(|stop| tokens.word(stop.checked_sub(1)?))
        .is_some_and(|word| matches!(word, "c" | "ca" | "est" | "Est" | "b" | "d" | "r" | "fl"));
    let strong = circa || is_cue("strongyear", before);
    let plural_follows = after.ends_with('s')
        && after.starts_with(char::is_lowercase)
        && !after.ends_with("'s")
        && !after.ends_with("ss")
        && !is_cue("function", after);
    match value {
        1900..=2099 => strong || !(is_cue("quantity", before) && (plural_follows || before != "around")),
        1100..1900 => {
            let enclosed = at > 0 && (tokens.is_mark(at - 1, '(') || tokens.is_dash(at - 1));
            let addressed = after.starts_with(char::is_uppercase) && tokens.kind(at + 1) == Some(Kind::Space);
            let ends_phrase = after.is_empty() && is_cue("year", before);
            strong && !plural_follows
                || enclosed
                || addressed
                || ends_phrase
                || is_cue("year", before) && !plural_follows
        }
        1000..1100 => strong && !plural_follows && value != 1000,
        _ => false,
    }
}
