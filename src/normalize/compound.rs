//! Numbers in compounds: a 43-year-old, an 800-meter-long tunnel, +/-3, 76ers, 401(k).

use super::amount::{self, Magnitudes};
use super::reading::{Context, Reading};
use super::table::is_cue;
use super::token_types::SemioticClass::{Cardinal, Serial, Symbol};
use super::{letters, number};

/// A number with the parts that make one word with it, or the two signs of a margin.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    if tokens.is_number(at) {
        return aged(context, at).or_else(|| team(context, at)).or_else(|| lettered(context, at));
    }
    let margin = tokens.is_mark(at, '+')
        && (tokens.is_mark(at + 1, '/') && matches!(tokens.mark(at + 2), Some('-' | '−' | '–')));
    if margin && tokens.is_number(tokens.over_space(at + 3)) {
        return Reading::one(Symbol, "plus or minus", at, at + 3);
    }
    None
}

/// `43-year-old`: number, noun and adjective are one word, as they are written.
fn aged(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let amount = amount::parse(tokens, at, Magnitudes::Usual)?;
    let mut words = amount.verbalize(context.locale);
    let mut end = amount.end;
    // "a 3-4-year-old child"
    if tokens.is_dash(end)
        && tokens.is_number(end + 1)
        && let Some(upper) = amount::parse(tokens, end + 1, Magnitudes::Usual)
    {
        words.push_str(" to ");
        words.push_str(&upper.verbalize(context.locale));
        end = upper.end;
    }
    if !tokens.is_mark(end, '-') || !tokens.is_mark(end + 2, '-') || !tokens.is_word(end + 1) {
        return None;
    }
    let adjective = tokens.word(end + 3)?;
    if !is_cue("dimension", adjective.strip_suffix("'s").unwrap_or(adjective)) {
        return None;
    }
    let noun = tokens.text(end + 1);
    let text = format!("{words}-{noun}-{adjective}");
    Reading::one(Cardinal, text, at, end + 4)
}

/// `76ers`, `49ers'`.
fn team(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let ending = tokens.word(at + 1).filter(|word| matches!(*word, "er" | "ers" | "ers'" | "er's"))?;
    let value = tokens.digits(at)?.parse::<u64>().ok()?;
    let words = number::cardinal(value, context.locale);
    let stem = words.strip_suffix('e').filter(|_| words.ends_with("ine")).unwrap_or(&words);
    Reading::one(Cardinal, format!("{stem}{ending}"), at, at + 2)
}

/// `401(k)`, `501(c)(3)`, `5(1)(a)`: brackets right after a number belong to it.
fn lettered(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let digits = tokens.digits(at).filter(|digits| digits.len() <= 4)?;
    let mut reading = Reading::one(Serial, number::serial(digits, context.locale), at, at + 1)?;
    let mut end = at + 1;
    // Paragraphs of laws go no deeper.
    for _ in 0..5 {
        if !tokens.is_mark(end, '(') || !tokens.is_mark(end + 2, ')') {
            break;
        }
        let text = match (tokens.word(end + 1), tokens.digits(end + 1)) {
            (Some(letter), _) if letter.chars().nth(1).is_none() => letters::spell(letter),
            (Some(roman), _) if matches!(roman, "ii" | "iii" | "iv" | "vi") => letters::spell(roman),
            (_, Some(digits)) if digits.len() <= 2 => number::serial(digits, context.locale),
            _ => break,
        };
        // The plural of "page(s)" is no such bracket.
        if tokens.word(end + 1) == Some("s") {
            break;
        }
        let class = if tokens.is_word(end + 1) { super::token_types::SemioticClass::Letters } else { Serial };
        reading = reading.and(class, text, end, end + 3);
        end += 3;
    }
    (end > at + 1).then_some(reading)
}
