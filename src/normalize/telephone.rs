//! Numbers that are dialled or keyed in, read digit by digit: telephones, hotlines, ISBNs, postal and text codes.

use super::grouping;
use super::number;
use super::reading::{Context, Reading};
use super::table::{counts, is_cue};
use super::token::Tokens;
use super::token_types::SemioticClass::{Punctuation, Serial};

/// No number that is dialled has more groups.
const MOST_GROUPS: usize = 6;

/// `555-0123`, `1-800-555-0123`, `(202) 555-0123`, `+82 2 1234 5678`, `NY 10036`.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    if tokens.is_mark(at, '+') {
        if !tokens.is_number(at + 1) || !tokens.opens_chunk(at) {
            return None;
        }
        let groups = groups_after(tokens, at + 1, true);
        let total: usize = groups.iter().map(|digits| digits.len()).sum();
        let end = at + 2 * groups.len();
        let is_telephone = (8..=15).contains(&total) && groups.len() > 1 || (10..=13).contains(&total);
        if !is_telephone || !tokens.closes_chunk(end) {
            return None;
        }
        return Reading::one(Serial, format!("plus {}", spoken(&groups)), at, end);
    }
    let first = tokens.digits(at)?;
    if let Some(reading) = internet_address(tokens, at) {
        return Some(reading);
    }
    if grouping::has_stops(tokens, at) {
        return None;
    }
    in_brackets(tokens, at, first).or_else(|| grouped(tokens, at)).or_else(|| code(context, at, first))
}

/// The groups of digits from `at` on, separated by one and the same mark, or also by spaces.
fn groups_after<'a>(tokens: &'a Tokens<'_>, at: usize, spaced: bool) -> Vec<&'a str> {
    let mut groups = Vec::new();
    groups.extend(tokens.digits(at));
    let separator = tokens.mark(at + 1);
    let mut end = at + 1;
    let parts = |at: usize| {
        matches!(separator, Some('-' | '.' | '–')) && tokens.mark(at) == separator
            || spaced && (tokens.is_mark(at, '-') || tokens.is_space(at) && tokens.text(at) != "\n")
    };
    while let Some(digits) =
        tokens.digits(end + 1).filter(|digits| parts(end) && digits.len() <= 7 && groups.len() < MOST_GROUPS)
    {
        groups.push(digits);
        end += 2;
    }
    groups
}

fn spoken(groups: &[&str]) -> String {
    let words: Vec<String> = groups.iter().map(|digits| number::digits(digits)).collect();
    words.join(" ")
}

/// `(202) 555-0123`, `(202)-555-0123`: the area code in brackets, a breath, and the rest.
fn in_brackets(tokens: &Tokens<'_>, at: usize, first: &str) -> Option<Reading> {
    if at == 0 || !tokens.is_mark(at - 1, '(') || !tokens.is_mark(at + 1, ')') {
        return None;
    }
    let code = Reading::one(Serial, number::digits(first), at, at + 1)?.and(Punctuation, ",", at + 1, at + 2);
    // "(020) 7946 0018": with its nought a code has three to six digits.
    if first.starts_with('0') && (3..=6).contains(&first.len()) {
        let start = tokens.over_space(at + 2);
        let groups = groups_after(tokens, start, true);
        let end = (start + 2 * groups.len()).saturating_sub(1);
        let total: usize = groups.iter().map(|digits| digits.len()).sum();
        let is_rest = (5..=8).contains(&total) && tokens.closes_chunk(end);
        return is_rest.then(|| code.and(Serial, spoken(&groups), start, end));
    }
    if first.len() != 3 {
        return None;
    }
    let parts = |at: usize| tokens.text(at) == " " || matches!(tokens.mark(at), Some('-' | '.' | '–'));
    let next = at + 2 + usize::from(parts(at + 2));
    let exchange = tokens.digits(next).filter(|digits| digits.len() == 3 && parts(next + 1))?;
    let line = tokens.digits(next + 2).filter(|digits| digits.len() == 4 && tokens.closes_chunk(next + 3))?;
    Some(code.and(Serial, spoken(&[exchange, line]), next, next + 3))
}

/// `192.168.1.10`: the stops of an internet address are said.
fn internet_address(tokens: &Tokens<'_>, at: usize) -> Option<Reading> {
    let named = tokens.word_before(at).is_some_and(|word| {
        matches!(word.to_lowercase().as_str(), "ip" | "address" | "addresses" | "server" | "host" | "router")
    });
    let long = (0..4).any(|part| tokens.text(at + 2 * part).len() == 3);
    if !(named || long) || !grouping::is_internet_address(tokens, at) {
        return None;
    }
    let parts: Vec<String> = (0..4).map(|part| number::digits(tokens.text(at + 2 * part))).collect();
    Reading::one(Serial, parts.join(" dot "), at, at + 7)
}

/// Whether a word that goes with dialling stands just before: "call 116 123", "text HOME to 741741".
fn is_called(tokens: &Tokens<'_>, at: usize) -> bool {
    let Some(word) = tokens.word_before(at) else {
        // "Tel: 116 123"
        return at > 1
            && matches!(tokens.mark(at - 1), Some(':' | '.'))
            && tokens.word(at - 2).is_some_and(|word| is_cue("dialled", word))
            || at > 2
                && tokens.is_space(at - 1)
                && matches!(tokens.mark(at - 2), Some(':' | '.'))
                && tokens.word(at - 3).is_some_and(|word| is_cue("dialled", word));
    };
    if is_cue("dialled", word) {
        return true;
    }
    // "call us on", "text HELLO to": one word may stand between.
    let near = || {
        let mut at = tokens.before(at);
        (0..3).any(|_| {
            at = at.and_then(|word| tokens.before(word));
            at.and_then(|at| tokens.word(at))
                .is_some_and(|word| is_cue("dialled", word) || is_cue("dialledon", word))
        })
    };
    matches!(word, "on" | "at" | "to" | "is") && near()
}

/// Groups with hyphens or dots between them, or spaces after a request to call.
fn grouped(tokens: &Tokens<'_>, at: usize) -> Option<Reading> {
    let called = tokens.is_space(at + 1)
        && tokens.digits(at + 2).is_some_and(|digits| digits != "000")
        && is_called(tokens, at);
    let separator = tokens.mark(at + 1).filter(|mark| matches!(mark, '-' | '.' | '–'));
    if separator.is_none() && !called || at > 0 && tokens.is_dash(at - 1) {
        return None;
    }
    let groups = groups_after(tokens, at, called);
    let end = at + 2 * groups.len() - 1;
    let first = groups.first()?.len();
    let last = groups.last()?.len();
    let total: usize = groups.iter().map(|digits| digits.len()).sum();
    let is_read = match groups.len() {
        2 if separator == Some('-') => first == 3 && last == 4,
        2.. if called => (6..=15).contains(&total) && groups.iter().all(|digits| digits.len() <= 4),
        3..=6 if separator == Some('.') => first == 3 && last == 4 && total >= 9,
        // Telephones, ISBNs, bank and identity numbers; dates were read before.
        3..=6 => total >= 7 && groups.iter().any(|digits| digits.len() >= 3),
        _ => false,
    };
    let goes_on = tokens.is_dash(end) && tokens.is_number(end + 1) || called && counts(tokens, end);
    (is_read && !goes_on && tokens.closes_chunk(end))
        .then(|| Reading::one(Serial, spoken(&groups), at, end))
        .flatten()
}

/// `text 741741`, `NY 10036`, `PIN 4821`.
fn code(context: &Context<'_>, at: usize, digits: &str) -> Option<Reading> {
    let tokens = context.tokens;
    let written_on = tokens.mark(at + 1).is_some_and(|mark| !matches!(mark, '-' | ')' | '”' | '"' | ']'))
        && tokens.is_number(at + 2);
    if !(3..=8).contains(&digits.len()) || written_on || !tokens.closes_chunk(at + 1) {
        return None;
    }
    let before = tokens.word_before(at)?;
    let postal = digits.len() == 5
        && tokens.is_space(at - 1)
        && before.len() == 2
        && before.bytes().all(|letter| letter.is_ascii_uppercase())
        && !is_cue("count", tokens.word_after(at + 1).unwrap_or_default());
    let coded = is_cue("coded", before) && tokens.is_space(at - 1);
    let texted =
        digits.len() >= 5 && is_called(tokens, at) && !digits.ends_with("00") && !counts(tokens, at + 1);
    (postal || coded || texted).then(|| Reading::one(Serial, number::digits(digits), at, at + 1)).flatten()
}
