//! Rows of bare figures, as a table of statistics leaves them: 835 0 1 3 12.

use super::number::{self, integer_words};
use super::reading::{Context, Reading};
use super::token::Tokens;
use super::token_types::SemioticClass::{Cardinal, Punctuation, Serial};

/// Fewer figures may be a telephone's groups, or two numbers by chance.
const FEWEST: usize = 4;
/// A longer row is read in pieces.
const MOST: usize = 24;

/// Figures with only spaces between them are told apart by a pause.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    if at > 0 && !tokens.is_space(at - 1) {
        return None;
    }
    let mut figures = Vec::new();
    let mut next = at;
    while figures.len() < MOST
        && let Some(end) = figure_end(tokens, next)
    {
        figures.push((next, end));
        next = end + 1;
        if !tokens.is_space(end) || tokens.text(end) != " " {
            break;
        }
    }
    // The groups of a card's number.
    if let [first, _, _, last] = figures[..]
        && figures.iter().all(|&(from, end)| tokens.text(from).len() == 4 && end == from + 1)
        && figures.iter().any(|&(from, _)| !matches!(tokens.text(from).get(..2), Some("19" | "20")))
    {
        return Reading::one(Serial, number::digits(tokens.slice(first.0, last.1)), first.0, last.1);
    }
    if figures.len() < FEWEST || is_one_number(tokens, &figures) {
        return None;
    }
    let mut reading = Reading::default();
    for (index, &(from, end)) in figures.iter().enumerate() {
        if index > 0 {
            reading = reading.and(Punctuation, ",", from - 1, from);
        }
        let whole = integer_words(tokens.text(from), context.locale);
        let text = if end > from + 1 {
            format!("{whole} point {}", number::digits(tokens.text(end - 1)))
        } else {
            whole
        };
        reading = reading.and(Cardinal, text, from, end);
    }
    Some(reading)
}

/// The token after a figure that stands alone: digits, perhaps with decimals.
fn figure_end(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    tokens.digits(at).filter(|digits| digits.len() <= 6)?;
    let decimals = tokens.is_mark(at + 1, '.') && tokens.is_number(at + 2);
    let end = at + 1 + 2 * usize::from(decimals);
    let alone = tokens.is_space(end)
        || tokens.kind(end).is_none()
        || matches!(tokens.mark(end), Some('.' | ',' | ';')) && !tokens.is_number(end + 1);
    alone.then_some(end)
}

/// `1 234 567 890`, `4111 1111 1111 1111`, `06 12 34 56 78`: groups of one length after the first are one number, and
/// so are groups with a nought in front.
fn is_one_number(tokens: &Tokens<'_>, figures: &[(usize, usize)]) -> bool {
    let lengths: Vec<usize> = figures.iter().map(|&(from, _)| tokens.text(from).len()).collect();
    let (_, later) = lengths.split_at(1);
    let same =
        later.windows(2).all(|pair| pair[0] == pair[1]) && later.first().is_some_and(|&first| first > 1);
    let nought =
        figures.iter().any(|&(from, _)| tokens.text(from).len() > 1 && tokens.text(from).starts_with('0'));
    same || nought
}
