//! Dates in every order: Nov. 18, 2024; 18 November; 2024-11-18; 11/18/2024.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::amount::is_ordinal_suffix;
use super::locale::Locale;
use super::number;
use super::reading::{Context, Reading};
use super::table::is_cue;
use super::token::Tokens;
use super::token_types::SemioticClass::{Date, Punctuation};
use crate::tsv;

static MONTHS: LazyLock<HashMap<&str, u64>> = LazyLock::new(|| {
    tsv::pairs(include_str!("data/months.tsv"))
        .filter_map(|(name, number)| Some((name, number.parse().ok()?)))
        .collect()
});

const NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// All names and abbreviations of months.
pub(super) fn written_months() -> impl Iterator<Item = &'static str> {
    MONTHS.keys().copied()
}

/// The number of a month's name or abbreviation.
pub(super) fn month_number(word: &str) -> Option<u64> {
    if let Some(&month) = MONTHS.get(word) {
        return Some(month);
    }
    // "NOV. 18" in a dateline.
    if word.len() > 9 || !word.is_ascii() || word.chars().any(char::is_lowercase) {
        return None;
    }
    let name = format!("{}{}", word.get(..1)?, word.get(1..)?.to_lowercase());
    MONTHS.get(name.as_str()).copied()
}

fn month_name(month: u64) -> Option<&'static str> {
    NAMES.get(usize::try_from(month).ok()?.checked_sub(1)?).copied()
}

/// The day of a month, with or without an ordinal ending, and the token after it.
fn day_at(tokens: &Tokens<'_>, at: usize) -> Option<(u64, usize)> {
    let digits = tokens.digits(at).filter(|digits| digits.len() <= 2)?;
    let day = digits.parse().ok().filter(|day| (1..=31).contains(day))?;
    let end = at + 1 + usize::from(tokens.word(at + 1).is_some_and(is_ordinal_suffix));
    // 10:30, 10.5, 10%, 10,000 are no days.
    let goes_on = match tokens.mark(end) {
        Some(':' | '.' | '/') => tokens.is_number(end + 1),
        Some(',') => tokens.digits(end + 1).is_some_and(|digits| digits.len() == 3),
        Some('%' | '°' | '$' | '€') => true,
        _ => tokens.is_word(end),
    };
    let counted =
        tokens.word_after(end).is_some_and(|word| matches!(word, "million" | "billion" | "percent"));
    (!goes_on && !counted).then_some((day, end))
}

/// A year of four digits at `at` that ends there.
fn year_at(tokens: &Tokens<'_>, at: usize) -> Option<u64> {
    let digits = tokens.digits(at).filter(|digits| digits.len() == 4)?;
    let year = digits.parse().ok().filter(|year| (1000..=2999).contains(year))?;
    let decimal = matches!(tokens.mark(at + 1), Some('.' | ',')) && tokens.is_number(at + 2);
    (!decimal && !tokens.is_word(at + 1)).then_some(year)
}

/// The end of a range of days: `18-20`.
fn second_day(tokens: &Tokens<'_>, at: usize) -> Option<(u64, usize)> {
    if tokens.is_dash(at) {
        return day_at(tokens, at + 1);
    }
    if tokens.is_space(at) && tokens.is_dash(at + 1) && tokens.is_space(at + 2) {
        let (day, end) = day_at(tokens, at + 3)?;
        return tokens.word_after(end).is_none_or(|word| month_number(word).is_none()).then_some((day, end));
    }
    // "Nov. 13 to 15", but not "Nov. 13 and 15 people"
    let joint = tokens.word(at + 1).filter(|_| tokens.is_space(at))?;
    if !matches!(joint, "to" | "and" | "through" | "until") || !tokens.is_space(at + 2) {
        return None;
    }
    let (day, end) = day_at(tokens, at + 3)?;
    let counts = tokens.word_after(end).is_some_and(|word| !is_cue("function", word));
    (!counts).then_some((day, end))
}

/// Any date.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    if context.tokens.is_word(at) {
        month_first(context, at)
    } else if context.tokens.is_number(at) {
        numeric(context, at).or_else(|| day_first(context, at))
    } else {
        None
    }
}

fn month_first(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let name = month_name(month_number(tokens.text(at))?)?;
    let after_name = at + 1 + usize::from(tokens.is_mark(at + 1, '.'));
    let next = tokens.over_space(after_name);
    if let Some(year) =
        year_at(tokens, if tokens.is_mark(next, ',') { tokens.over_space(next + 1) } else { next })
    {
        let end = if tokens.is_mark(next, ',') { tokens.over_space(next + 1) } else { next } + 1;
        let text = format!("{name} {}", number::year(year, context.locale));
        return Reading::one(Date, text, at, end);
    }
    let (day, mut end) = day_at(tokens, next)?;
    let the = if context.locale == Locale::EnGb { "the " } else { "" };
    let mut text = format!("{name} {the}{}", number::ordinal(day, context.locale));
    if let Some((last, after)) = second_day(tokens, end) {
        let joint = tokens.word(end + 1).unwrap_or("to");
        text.push_str(&format!(" {joint} {}", number::ordinal(last, context.locale)));
        end = after;
    }
    Some(with_year(context, at, end, text))
}

/// Adds the year that may follow, with the comma before it.
fn with_year(context: &Context<'_>, at: usize, end: usize, text: String) -> Reading {
    let tokens = context.tokens;
    let comma = tokens.is_mark(end, ',');
    let next = tokens.over_space(end + usize::from(comma));
    let reading = Reading::default();
    let Some(year) = year_at(tokens, next).filter(|_| next != end) else {
        return reading.and(Date, text, at, end);
    };
    let year = number::year(year, context.locale);
    if comma {
        reading.and(Date, text, at, end).and(Punctuation, ",", end, end + 1).and(Date, year, next, next + 1)
    } else {
        reading.and(Date, format!("{text} {year}"), at, next + 1)
    }
}

fn day_first(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let (day, mut end) = day_at(tokens, at)?;
    let mut days = number::ordinal(day, context.locale);
    if let Some((last, after)) = second_day(tokens, end) {
        let joint = tokens.word(end + 1).unwrap_or("to");
        days.push_str(&format!(" {joint} {}", number::ordinal(last, context.locale)));
        end = after;
    }
    let month = tokens.over_space(end);
    if month == end || tokens.text(end) == "\n" {
        return None;
    }
    let name = month_name(month_number(tokens.word(month)?)?)?;
    let end =
        month + 1 + usize::from(tokens.is_mark(month + 1, '.') && tokens.text(month).len() < name.len());
    let the =
        if tokens.word_before(at).is_some_and(|word| matches!(word, "the" | "The")) { "" } else { "the " };
    Some(with_year(context, at, end, format!("{the}{days} of {name}")))
}

/// 2024-11-18, 11/18/2024, 18.11.2024.
fn numeric(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let separator = tokens.mark(at + 1).filter(|mark| matches!(mark, '-' | '/' | '.'))?;
    // "2024-11-05T10:30:00Z"
    let timed = tokens.word(at + 5) == Some("T") && tokens.is_number(at + 6) && tokens.is_mark(at + 7, ':');
    if !tokens.is_mark(at + 3, separator) || !tokens.closes_chunk(at + 5) && !timed {
        return on_day(context, at);
    }
    let field = |at: usize| tokens.digits(at).filter(|digits| digits.len() <= 4)?.parse::<u64>().ok();
    let (first, second, third) = (field(at)?, field(at + 2)?, field(at + 4)?);
    let (month, day, year) = if tokens.text(at).len() == 4 {
        (second, third, first)
    } else {
        // "05.11.24", but not version 1.2.24
        let full = tokens.text(at).len() == 2 && tokens.text(at + 2).len() == 2;
        let two_digits = tokens.text(at + 4).len() == 2 && (separator == '/' || separator == '.' && full);
        let year = match third {
            0..50 if two_digits => 2000 + third,
            50..100 if two_digits => 1900 + third,
            _ => third,
        };
        let day_leads = first > 12 || separator == '.' || context.locale == Locale::EnGb && second <= 12;
        if day_leads { (second, first, year) } else { (first, second, year) }
    };
    if !(1..=31).contains(&day) || !(1000..=2999).contains(&year) {
        return None;
    }
    let name = month_name(month)?;
    let day = number::ordinal(day, context.locale);
    let text = match context.locale {
        Locale::EnUs => format!("{name} {day} {}", number::year(year, context.locale)),
        Locale::EnGb => format!("the {day} of {name} {}", number::year(year, context.locale)),
    };
    Reading::one(Date, text, at, at + 5 + usize::from(timed))
}

/// "on 11/5" is a day, elsewhere 11/5 is a fraction.
fn on_day(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let is_day = tokens.word_before(at).is_some_and(|word| matches!(word, "on" | "On" | "dated"));
    if !is_day || !tokens.is_mark(at + 1, '/') || (tokens.text(at), tokens.text(at + 2)) == ("9", "11") {
        return None;
    }
    let field = |at: usize| tokens.digits(at).filter(|digits| digits.len() <= 2)?.parse::<u64>().ok();
    let (first, second) = (field(at)?, field(at + 2)?);
    let (month, day) = if context.locale == Locale::EnGb { (second, first) } else { (first, second) };
    let day = Some(day).filter(|day| (1..=31).contains(day))?;
    Reading::one(Date, format!("{} {}", month_name(month)?, number::ordinal(day, context.locale)), at, at + 3)
}

/// Whether `word` names a day of the week or a month, in full or short.
pub(super) fn is_calendar_name(word: &str) -> bool {
    month_number(word).is_some() || is_cue("weekday", word)
}
