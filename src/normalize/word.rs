//! Ordinary words, with the compounds that hyphens make of them.

use super::date::is_calendar_name;
use super::reading::{Context, Quote, Reading};
use super::table::is_cue;
use super::token::Kind;
use super::token_types::SemioticClass::Plain;
use super::{abbreviation, letters};

/// Whether the token is a plain word, as most of a text is, which no recogniser claims: white space follows it, and it
/// is in no table.
pub(super) fn is_ordinary(context: &Context<'_>, at: usize) -> bool {
    let tokens = context.tokens;
    let Some(word) = tokens.word(at) else { return false };
    let ends = matches!(tokens.kind(at + 1), Some(Kind::Space) | None) || tokens.is_mark(at + 1, ',');
    let mut letters = word.bytes();
    ends && word.len() > 1
        && letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_lowercase())
        && !abbreviation::is_listed(word)
}

/// A word, or the part of a hyphenated compound that consists of ordinary words.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    tokens.word(at)?;
    let mut text = String::new();
    push_word(context, at, &mut text);
    let mut end = at + 1;
    while tokens.is_mark(end, '-') && joins(context, end) {
        text.push('-');
        push_word(context, end + 1, &mut text);
        end += 2;
    }
    if context.quotes.get(end) == Some(&Quote::Apostrophe) {
        text.push('\'');
        end += 1;
    }
    Reading::one(Plain, text, at, end)
}

fn push_word(context: &Context<'_>, at: usize, text: &mut String) {
    let word = context.tokens.text(at);
    if context.shouted.get(at).copied().unwrap_or(false) && word.chars().nth(1).is_some() {
        push_calm(word, text);
    } else {
        text.push_str(word);
    }
}

/// A word of a headline in capitals as running text would have it. It gets an initial capital, for it may be a name,
/// unless it is one of the small words.
fn push_calm(word: &str, text: &mut String) {
    let mut letters = word.chars();
    if let Some(first) = letters.next().filter(|_| !is_cue("shout", word) && !is_cue("function", word)) {
        text.push(first);
        text.extend(letters.flat_map(char::to_lowercase));
    } else {
        text.push_str(&word.to_lowercase());
    }
}

/// Whether the words on both sides of the hyphen at `at` make one compound.
fn joins(context: &Context<'_>, at: usize) -> bool {
    let tokens = context.tokens;
    let next = at + 1;
    let Some(word) = tokens.word(next) else { return false };
    let is_number_next = tokens.is_number(next + 1) || tokens.is_dash(next + 1) && tokens.is_number(next + 2);
    let dotted = tokens.is_mark(next + 1, '.') && tokens.is_word(next + 2);
    // "ex-Sen. Menendez"
    let titled = tokens.is_mark(next + 1, '.') && tokens.is_space(next + 2) && abbreviation::is_listed(word);
    let single_capital = word.chars().nth(1).is_none() && word.chars().all(char::is_uppercase);
    let calendar = tokens.word(at - 1).is_some_and(is_calendar_name) && is_calendar_name(word);
    let is_lowered = letters::acronym_words(context, next, word)
        .is_none_or(|(class, text)| class == Plain && text == word.to_lowercase());
    !is_number_next && !dotted && !titled && !single_capital && !calendar && is_lowered
}
