//! Abbreviations where the case of letters says nothing: text without capitals, and lines in capitals.

use super::reading::{Context, Reading};
use super::table::is_cue;
use super::token::Tokens;
use super::token_types::SemioticClass::Abbreviation;
use super::{abbreviation, month};

/// `gen. smith` in small letters, `TUES. NOV. 8` in capitals.
pub(super) fn read(context: &Context<'_>, at: usize, word: &str) -> Option<Reading> {
    small_title(context, at, word).or_else(|| shouted_day(context.tokens, at, word))
}

fn small_title(context: &Context<'_>, at: usize, word: &str) -> Option<Reading> {
    let tokens = context.tokens;
    if !context.uncapitalized || !tokens.is_mark(at + 1, '.') || !tokens.is_word(tokens.over_space(at + 2)) {
        return None;
    }
    let (first, rest) = word.split_at_checked(1)?;
    let spoken = abbreviation::title(&format!("{}{rest}", first.to_uppercase()))?;
    Reading::one(Abbreviation, spoken, at, at + 2)
}

/// A day in capitals before a number or a month.
fn shouted_day(tokens: &Tokens<'_>, at: usize, word: &str) -> Option<Reading> {
    let end = at + 1 + usize::from(tokens.is_mark(at + 1, '.'));
    let next = tokens.over_space(end);
    let dated = tokens.is_number(next) || tokens.word(next).and_then(month::month_in_any_case).is_some();
    if !dated || !is_cue("weekday", word) || !word.bytes().all(|letter| letter.is_ascii_uppercase()) {
        return None;
    }
    let (first, rest) = word.split_at_checked(1)?;
    let spoken = abbreviation::first_sense(&format!("{first}{}", rest.to_lowercase()))?;
    Reading::one(Abbreviation, spoken, at, end)
}
