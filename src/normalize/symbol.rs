//! Symbols with a name; those without are not spoken.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reading::{Context, Reading};
use super::token_types::SemioticClass::{Punctuation, Symbol};
use crate::tsv;

static SYMBOLS: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| tsv::pairs(include_str!("data/symbols.tsv")).collect());

/// The name of a letter that is used as a symbol: Greek ones.
pub(super) fn letter_name(letter: &str) -> Option<&'static str> {
    SYMBOLS.get(letter).copied()
}

/// The symbol's name, or silence: emoji, bullets, trademark signs.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let mark = tokens.mark(at)?;
    // List items in one line are separated.
    if matches!(mark, '•' | '‣' | '▪' | '●' | '·')
        && at > 1
        && tokens.is_space(at - 1)
        && tokens.is_space(at + 1)
    {
        return Reading::one(Punctuation, ";", at, at + 1);
    }
    if let Some(end) = drawn_line(context, at, mark) {
        return Reading::silent(end);
    }
    // "<b>" is left-over markup, "<5" a comparison.
    let markup = matches!(mark, '<' | '>') && !tokens.is_number(tokens.over_space(at + 1));
    match SYMBOLS.get(tokens.text(at)) {
        Some(name) if !markup => Reading::one(Symbol, *name, at, at + 1),
        _ => Reading::silent(at + 1),
    }
}

/// The end of a line drawn with a symbol, `=====`, `+ + +`: nobody reads it aloud.
fn drawn_line(context: &Context<'_>, at: usize, mark: char) -> Option<usize> {
    /// So many of a symbol are a line; twice it may stand in an expression, `a == b`.
    const LEAST: usize = 3;
    let tokens = context.tokens;
    let (mut end, mut next, mut count) = (at, at, 0);
    while tokens.is_mark(next, mark) {
        (end, count) = (next + 1, count + 1);
        next = tokens.over_space(end);
    }
    (count >= LEAST).then_some(end)
}
