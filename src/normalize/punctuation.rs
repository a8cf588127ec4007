//! Marks that shape the melody, quotes, brackets, and hyphens that are left.

use super::measure;
use super::money;
use super::reading::{Context, Quote, Reading};
use super::table::is_cue;
use super::token::{Kind, Tokens};
use super::token_types::SemioticClass::{Plain, Punctuation, Symbol};

/// Tokens up to which a quotation in single quotes is followed to its end.
const LONGEST_QUOTATION: usize = 400;

/// Distinguishes opening from closing marks by their neighbours, and single quotes from apostrophes by pairs.
pub(super) fn pair_quotes(tokens: &Tokens<'_>) -> Vec<Quote> {
    let mut quotes = vec![Quote::None; tokens.len()];
    let mut single_open = None;
    let mut double_open = false;
    for at in 0..tokens.len() {
        let Some(mark) = tokens.mark(at) else { continue };
        let opens = tokens.opens_chunk(at) && starts_text(tokens, at + 1);
        let after_text = at > 0 && !tokens.is_space(at - 1);
        match mark {
            // Outside quotations it is the mark of inches: `a 34" screen`.
            '"' if !double_open && at > 0 && ends_number(tokens, at - 1) => {}
            '"' | '“' | '”' => {
                let comma_before = at > 0 && tokens.is_mark(at - 1, ',');
                let open = if opens && !(comma_before && double_open) {
                    true
                } else {
                    !after_text && !double_open && mark != '”'
                };
                double_open = open;
                quotes[at] = if open { Quote::Open } else { Quote::Close };
            }
            '‘' | '\'' if opens => {
                let elided = tokens.digits(at + 1).is_some_and(|digits| digits.len() == 2)
                    || tokens.word(at + 1).is_some_and(|word| is_cue("elision", word));
                if !elided {
                    single_open = Some(at);
                }
            }
            '\'' if after_text && single_open.is_some() && is_possessive_in_quotation(tokens, at) => {
                quotes[at] = Quote::Apostrophe;
            }
            '\'' if after_text => match single_open.take() {
                Some(open) => {
                    quotes[open] = Quote::Open;
                    quotes[at] = Quote::Close;
                }
                None if ends_like_possessive(tokens, at) => quotes[at] = Quote::Apostrophe,
                None => {}
            },
            _ => {}
        }
    }
    quotes
}

/// Whether a mark after a word can belong to it: *the workers’ union*.
fn ends_like_possessive(tokens: &Tokens<'_>, at: usize) -> bool {
    at > 0 && tokens.word(at - 1).is_some_and(|word| word.ends_with(['s', 'S', 'z', 'x']))
}

/// Whether a mark within a quotation in single quotes leaves it open: a word follows, and another mark further on ends the
/// quotation, behind a comma or a stop.
fn is_possessive_in_quotation(tokens: &Tokens<'_>, at: usize) -> bool {
    let is_followed = tokens.is_space(at + 1) && tokens.word(at + 2).is_some();
    if !ends_like_possessive(tokens, at) || !is_followed {
        return false;
    }
    let later = (at + 2..tokens.len()).take(LONGEST_QUOTATION);
    let mut marks = later.filter(|&later| matches!(tokens.mark(later), Some('\'' | '‘')));
    marks.find(|&mark| !ends_like_possessive(tokens, mark)).is_some_and(|mark| {
        let punctuated = matches!(tokens.mark(mark - 1), Some(',' | '.' | '?' | '!' | '…'));
        punctuated && !starts_text(tokens, mark + 1)
    })
}

/// Whether a number ends at `at`, perhaps with a fraction.
fn ends_number(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.is_number(at) || matches!(tokens.mark(at), Some('½' | '¼' | '¾' | '⅛' | '⅜' | '⅝' | '⅞'))
}

/// Whether the token at `at` can follow an opening quote.
fn starts_text(tokens: &Tokens<'_>, at: usize) -> bool {
    match tokens.kind(at) {
        Some(Kind::Word | Kind::Number) => true,
        Some(Kind::Mark) => matches!(
            tokens.mark(at),
            Some('“' | '‘' | '\'' | '"' | '(' | '[' | '$' | '€' | '£' | '#' | '@' | '…' | '-')
        ),
        _ => false,
    }
}

/// Marks of the voice's set; brackets become pauses.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let mark = tokens.mark(at)?;
    let pause = |mark: &str, end: usize| Reading::one(Punctuation, mark, at, end);
    match mark {
        '"' | '“' | '”' | '\'' | '‘' => quote(context, at),
        '.' => stop(tokens, at),
        '…' => pause("…", run_end(tokens, at, &['…', '.'])),
        ';' => pause(";", at + 1),
        ':' => pause(":", at + 1),
        '!' | '?' => {
            let end = run_end(tokens, at, &['!', '?']);
            let asks = (at..end.min(at + 8)).any(|at| tokens.is_mark(at, '?'));
            pause(if asks { "?" } else { "!" }, end)
        }
        '(' if tokens.word(at + 1) == Some("s") && tokens.is_mark(at + 2, ')') => Reading::silent(at + 3),
        ')' if defines_acronym(tokens, at) => Reading::silent(at + 1),
        ')' => {
            let next = tokens.over_space(at + 1);
            let text_follows = tokens.kind(next).is_some() && tokens.kind(next) != Some(Kind::Mark)
                || matches!(tokens.mark(next), Some('“' | '"' | '$' | '€' | '£' | '('));
            if text_follows { pause(",", at + 1) } else { Reading::silent(at + 1) }
        }
        ',' | '(' | '|' => pause(",", at + 1),
        '/' if at > 0 && is_amount_end(tokens, at - 1) && measure::per_unit(tokens, at + 1).is_some() => {
            let (unit, end) = measure::per_unit(tokens, at + 1)?;
            Reading::one(Symbol, format!("per {unit}"), at, end)
        }
        '/' if divides(tokens, at) => Reading::one(Symbol, "over", at, at + 1),
        '/' if at > 0
            && tokens.word(at + 1).is_some_and(|word| is_cue("per", word))
            && is_amount_end(tokens, at - 1) =>
        {
            Reading::one(Symbol, "per", at, at + 1)
        }
        '[' | ']' | '{' | '}' | '/' | '\\' | '_' | '*' | '^' => Reading::silent(at + 1),
        '-' | '–' | '—' | '−' => dash(tokens, at),
        _ => None,
    }
}

/// Whether the bracket that closes at `at` holds only the acronym of the name before it: "Asia-Pacific Economic
/// Cooperation (APEC) leaders". A newsreader says it in passing, with a breath before it and none after.
fn defines_acronym(tokens: &Tokens<'_>, at: usize) -> bool {
    /// So many tokens of a name are examined.
    const LONGEST_NAME: usize = 24;
    let Some(open) = at.checked_sub(2).filter(|&open| tokens.is_mark(open, '(')) else { return false };
    let Some(acronym) = tokens.word(at - 1).filter(|word| (2..=10).contains(&word.len())) else {
        return false;
    };
    let mut letters = acronym.strip_suffix('s').unwrap_or(acronym).chars().rev().peekable();
    if letters.clone().any(|letter| !letter.is_uppercase()) {
        return false;
    }
    for word in (open.saturating_sub(LONGEST_NAME)..open).rev().filter_map(|at| tokens.word(at)) {
        let initial = word.chars().next().and_then(|first| first.to_uppercase().next());
        match letters.peek() {
            None => break,
            Some(&letter) if initial == Some(letter) => drop(letters.next()),
            // "of" and "and" have no letter.
            Some(_) if is_cue("function", word) => {}
            Some(_) => return false,
        }
    }
    letters.peek().is_none()
}

/// Whether a number or its magnitude ends at the token.
fn is_amount_end(tokens: &Tokens<'_>, at: usize) -> bool {
    let counted =
        |word: &str| word.ends_with('s') && at > 1 && tokens.is_space(at - 1) && tokens.is_number(at - 2);
    tokens.is_number(at)
        || tokens
            .word(at)
            .is_some_and(|word| is_cue("magnitude", word) || counted(word) || money::is_currency(word))
}

/// `120 / 80`: a stroke between two numbers of which not both are years.
fn divides(tokens: &Tokens<'_>, at: usize) -> bool {
    let spaced = tokens.text(at + 1) == " " && at > 1 && tokens.text(at - 1) == " ";
    let is_year = |at: usize| {
        tokens
            .digits(at)
            .is_some_and(|year| year.len() == 4 && (year.starts_with("19") || year.starts_with("20")))
    };
    spaced
        && tokens.is_number(at - 2)
        && tokens.is_number(at + 2)
        && !(is_year(at - 2) && is_year(at + 2))
        && (tokens.kind(at + 3).is_none() || tokens.text(at + 3) == "." || tokens.is_space(at + 3))
        && !(at > 3 && tokens.is_mark(at - 3, ':'))
}

/// The token after a run of the given marks.
fn run_end(tokens: &Tokens<'_>, at: usize, marks: &[char]) -> usize {
    let mut end = at + 1;
    while tokens.mark(end).is_some_and(|mark| marks.contains(&mark)) {
        end += 1;
    }
    end
}

fn quote(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    match context.quotes.get(at).copied().unwrap_or_default() {
        Quote::Open => Reading::one(Punctuation, "“", at, at + 1),
        Quote::Close => Reading::one(Punctuation, "”", at, at + 1),
        Quote::Apostrophe => Reading::silent(at + 1),
        Quote::None => match tokens.word(at + 1).filter(|word| is_cue("elision", word)) {
            Some(word) => Reading::one(Plain, format!("'{word}"), at, at + 2),
            None => Reading::silent(at + 1),
        },
    }
}

fn stop(tokens: &Tokens<'_>, at: usize) -> Option<Reading> {
    let end = run_end(tokens, at, &['.', '…']);
    if end >= at + 2 {
        return Reading::one(Punctuation, "…", at, end);
    }
    // "Node.js", ".gov": a stop before a small letter ends no sentence.
    let small_follows = tokens.word(end).is_some_and(|word| word.starts_with(char::is_lowercase));
    if small_follows && (at == 0 || !matches!(tokens.mark(at - 1), Some('”' | '"' | ')'))) {
        return Reading::one(Symbol, "dot", at, end);
    }
    Reading::one(Punctuation, ".", at, end)
}

/// A dash is a pause, a hyphen joins in silence.
fn dash(tokens: &Tokens<'_>, at: usize) -> Option<Reading> {
    let end = run_end(tokens, at, &['-', '–', '—', '−']);
    let spaced = at > 0 && tokens.is_space(at - 1) && tokens.is_space(end) && tokens.text(at - 1) != "\n";
    if spaced || tokens.is_mark(at, '—') || end > at + 1 {
        return Reading::one(Punctuation, "—", at, end);
    }
    // "BBB-", "A-": a rating or a mark at school.
    let rated = at > 0
        && tokens
            .word(at - 1)
            .is_some_and(|word| word.len() <= 3 && word.bytes().all(|c| matches!(c, b'A'..=b'D')))
        && (tokens.is_space(end)
            || tokens.kind(end).is_none()
            || matches!(tokens.mark(end), Some(',' | '.' | ';' | ')')));
    if rated {
        return Reading::one(Symbol, "minus", at, end);
    }
    Reading::silent(end)
}
