//! Dates in every order and case: Nov. 18, 2024; 18 november; 2024-11-18; 11/18/2024; Nov-18-2024.

use super::amount::is_ordinal_suffix;
use super::locale::Locale;
use super::month::{is_also_a_word, month_in_any_case, month_name, month_number};
use super::number;
use super::reading::{Context, Reading};
use super::table::{counts, is_cue};
use super::token::Tokens;
use super::token_types::SemioticClass::{Date, Punctuation};

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
        return tokens
            .word_after(end)
            .is_none_or(|word| month_in_any_case(word).is_none())
            .then_some((day, end));
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
        hyphenated(context, at).or_else(|| month_first(context, at))
    } else if context.tokens.is_number(at) {
        numeric(context, at).or_else(|| hyphenated(context, at)).or_else(|| day_first(context, at))
    } else {
        None
    }
}

fn month_first(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let name = month_name(month_in_any_case(tokens.text(at))?)?;
    let doubtful = is_also_a_word(tokens, at);
    let after_name = at + 1 + usize::from(tokens.is_mark(at + 1, '.'));
    let next = tokens.over_space(after_name);
    if let Some(year) =
        year_at(tokens, if tokens.is_mark(next, ',') { tokens.over_space(next + 1) } else { next })
    {
        let end = if tokens.is_mark(next, ',') { tokens.over_space(next + 1) } else { next } + 1;
        let text = format!("{name} {}", number::year(year, context.locale));
        // "troops may march 1500 miles"
        let counted = doubtful && counts(tokens, end);
        return (!counted).then(|| Reading::one(Date, text, at, end)).flatten();
    }
    let (day, mut end) = day_at(tokens, next)?;
    let the = if context.locale == Locale::EnGb { "the " } else { "" };
    let mut text = format!("{name} {the}{}", number::ordinal(day, context.locale));
    if let Some((last, after)) = second_day(tokens, end) {
        let joint = tokens.word(end + 1).unwrap_or("to");
        text.push_str(&format!(" {joint} {}", number::ordinal(last, context.locale)));
        end = after;
    }
    if doubtful && !is_sure(tokens, at, end) {
        return None;
    }
    Some(with_year(context, at, end, text))
}

/// Whether "may 5" or "march 5" in small letters is a date: a year follows, or a word for a time stands before it.
fn is_sure(tokens: &Tokens<'_>, at: usize, end: usize) -> bool {
    let next = tokens.over_space(end + usize::from(tokens.is_mark(end, ',')));
    let timed = tokens.word_before(at).is_none_or(|word| {
        matches!(
            word.to_lowercase().as_str(),
            "on" | "by" | "since" | "until" | "till" | "before" | "after" | "from" | "of" | "through"
        )
    });
    !counts(tokens, end) && (timed || next > end && year_at(tokens, next).is_some())
}

/// `Jan-15-2020`, `15-Jan-2020`, `Jan-15`: a name among hyphens, with its capital.
fn hyphenated(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    if !tokens.opens_chunk(at) || !tokens.is_mark(at + 1, '-') {
        return None;
    }
    let (month_at, day_at) = if tokens.is_word(at) { (at, at + 2) } else { (at + 2, at) };
    let name = month_name(month_number(tokens.word(month_at)?)?)?;
    let digits = tokens.digits(day_at).filter(|digits| digits.len() <= 2)?;
    let day = digits.parse::<u64>().ok().filter(|day| (1..=31).contains(day))?;
    let year = tokens
        .digits(at + 4)
        .filter(|digits| tokens.is_mark(at + 3, '-') && matches!(digits.len(), 2 | 4))
        .and_then(|digits| digits.parse().ok())
        .map(full_year);
    let end = if year.is_some() { at + 5 } else { at + 3 };
    let goes_on = tokens.is_dash(end) || tokens.mark(end).is_some() && tokens.is_number(end + 1);
    if goes_on || !tokens.closes_chunk(end) {
        return None;
    }
    let day = number::ordinal(day, context.locale);
    let date = match context.locale {
        Locale::EnUs => format!("{name} {day}"),
        Locale::EnGb => format!("the {day} of {name}"),
    };
    let year = year.map_or_else(String::new, |year| format!(" {}", number::year(year, context.locale)));
    Reading::one(Date, format!("{date}{year}"), at, end)
}

/// The year that two digits stand for.
fn full_year(year: u64) -> u64 {
    match year {
        0..50 => 2000 + year,
        50..100 => 1900 + year,
        _ => year,
    }
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
    let name = month_name(month_in_any_case(tokens.word(month)?)?)?;
    // "all 5 may go": nothing but a year may follow.
    let year_follows = year_at(tokens, tokens.over_space(month + 1)).is_some();
    if is_also_a_word(tokens, month) && !year_follows && tokens.word_after(month + 1).is_some() {
        return None;
    }
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
        return on_day(context, at).or_else(|| month_of_year(context, at));
    }
    let field = |at: usize| tokens.digits(at).filter(|digits| digits.len() <= 4)?.parse::<u64>().ok();
    let (first, second, third) = (field(at)?, field(at + 2)?, field(at + 4)?);
    let (month, day, year) = if tokens.text(at).len() == 4 {
        (second, third, first)
    } else {
        // "05.11.24", but not version 1.2.24
        let full = tokens.text(at).len() == 2 && tokens.text(at + 2).len() == 2;
        let two_digits = tokens.text(at + 4).len() == 2 && (separator == '/' || separator == '.' && full);
        let year = if two_digits { full_year(third) } else { third };
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

/// `2012-05`, `05/2012`: a month. In `2001-02` two years are joined.
fn month_of_year(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let field = |at: usize, length: usize| {
        tokens.digits(at).filter(|digits| digits.len() == length)?.parse::<u64>().ok()
    };
    let (year, month) = match tokens.mark(at + 1)? {
        '-' => (field(at, 4)?, field(at + 2, 2)?),
        '/' => (field(at + 2, 4)?, field(at, 2)?),
        _ => return None,
    };
    let ends = tokens.closes_chunk(at + 3)
        && !(matches!(tokens.mark(at + 3), Some('-' | '/' | '.')) && tokens.is_number(at + 4));
    let joins_years = tokens.is_mark(at + 1, '-') && month > year % 100;
    if !(1900..=2099).contains(&year) || joins_years || !ends {
        return None;
    }
    let text = format!("{} {}", month_name(month)?, number::year(year, context.locale));
    Reading::one(Date, text, at, at + 3)
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
