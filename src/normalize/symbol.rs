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
    // "<b>" is left-over markup, "<5" a comparison.
    let markup = matches!(mark, '<' | '>') && !tokens.is_number(tokens.over_space(at + 1));
    match SYMBOLS.get(tokens.text(at)) {
        Some(name) if !markup => Reading::one(Symbol, *name, at, at + 1),
        _ => Reading::silent(at + 1),
    }
}
