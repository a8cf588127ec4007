//! Words and phrases of a user's lexicon, which come before all other readings.

use super::reading::{Context, Reading};
use super::token_types::SemioticClass::{Abbreviation, Lexicon};

/// Tokens that are given to the lexicon at most; its phrases have at most a hundred characters.
const MOST_TOKENS: usize = 100;

/// The entry that begins at `at`, with the possessive ending after it.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let is_inside = at > 0 && !tokens.is_space(at - 1) && tokens.mark(at - 1).is_none();
    if !context.acronyms.has_entries() || is_inside || tokens.is_space(at) {
        return None;
    }
    let text = tokens.slice(at, at + MOST_TOKENS);
    let entry = context.acronyms.entry(text, tokens.word_before(at).unwrap_or_default())?;
    let (mut end, mut covered) = (at, 0);
    while covered < entry.len && end < tokens.len() {
        covered += tokens.text(end).len();
        end += 1;
    }
    // `Ishiba's` is one token, of which the entry covers the name.
    let ending = text.get(entry.len..covered)?;
    if !matches!(ending.to_lowercase().as_str(), "" | "'s" | "'") {
        return None;
    }
    match entry.words {
        Some(words) => Reading::one(Abbreviation, format!("{words}{ending}"), at, end),
        None => Reading::one(Lexicon, text.get(..covered)?, at, end),
    }
}
