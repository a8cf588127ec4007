//! The periods of a business year: FY2025, 4Q, 2Q22, 1H 2024.

use super::number;
use super::reading::{Context, Reading};
use super::token_types::SemioticClass::Serial;

/// `FY2025`, `FY24`, `FY2024/25`.
pub(super) fn year(context: &Context<'_>, at: usize, digits: &str) -> Option<Reading> {
    let value = digits.parse::<u64>().ok().filter(|_| matches!(digits.len(), 2 | 4))?;
    let kind = if context.tokens.word(at) == Some("CY") { "calendar" } else { "fiscal" };
    let year = if digits.len() == 4 {
        number::year(value, context.locale)
    } else {
        number::serial(digits, context.locale)
    };
    Reading::one(Serial, format!("{kind} year {year}"), at, at + 2)
}

/// `4Q`, `1H`, and with a year `2Q22`, `1H 2024`.
pub(super) fn period(context: &Context<'_>, at: usize, digits: &str, letter: &str) -> Option<Reading> {
    let name = match (digits, letter) {
        ("1", "Q") => "first quarter",
        ("2", "Q") => "second quarter",
        ("3", "Q") => "third quarter",
        ("4", "Q") => "fourth quarter",
        ("1", "H") => "first half",
        ("2", "H") => "second half",
        _ => return None,
    };
    let tokens = context.tokens;
    let next = tokens.over_space(at + 2);
    let glued = next == at + 2;
    let written_on = tokens.mark(next + 1).is_some() && tokens.is_number(next + 2);
    let value = tokens
        .digits(next)
        .filter(|year| year.len() == 4 || glued && year.len() == 2)
        .filter(|_| !written_on && tokens.closes_chunk(next + 1))
        .filter(|year| year.len() == 2 || year.starts_with("19") || year.starts_with("20"));
    let Some(digits) = value else { return Reading::one(Serial, name, at, at + 2) };
    let year = match digits.parse::<u64>() {
        Ok(value) if digits.len() == 4 => number::year(value, context.locale),
        _ => number::serial(digits, context.locale),
    };
    // "in 2Q22" names a time; "2Q22 profit" describes a noun.
    let is_time = tokens.word_before(at).is_some_and(|word| {
        matches!(word, "in" | "In" | "for" | "For" | "of" | "from" | "since" | "during" | "During" | "by")
    });
    let text = if is_time { format!("the {name} of {year}") } else { format!("{name} {year}") };
    Reading::one(Serial, text, at, next + 1)
}
