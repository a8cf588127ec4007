//! Fractions: 1/2, ¾, 2 1/2.

use super::locale::Locale;
use super::number;
use super::reading::{Context, Reading};
use super::token::Tokens;
use super::token_types::SemioticClass;

/// Single characters that are fractions.
const VULGAR: &[(char, u64, u64)] = &[
    ('½', 1, 2),
    ('⅓', 1, 3),
    ('⅔', 2, 3),
    ('¼', 1, 4),
    ('¾', 3, 4),
    ('⅕', 1, 5),
    ('⅖', 2, 5),
    ('⅗', 3, 5),
    ('⅘', 4, 5),
    ('⅙', 1, 6),
    ('⅚', 5, 6),
    ('⅐', 1, 7),
    ('⅛', 1, 8),
    ('⅜', 3, 8),
    ('⅝', 5, 8),
    ('⅞', 7, 8),
    ('⅑', 1, 9),
    ('⅒', 1, 10),
];

/// `3, 4` → "three quarters"; after a whole number, "one half" is "a half".
pub(super) fn words(numerator: u64, denominator: u64, after_whole: bool, locale: Locale) -> String {
    let count = match numerator {
        1 if after_whole && denominator == 8 => "an".to_owned(),
        1 if after_whole => "a".to_owned(),
        _ => number::cardinal(numerator, locale),
    };
    let part = match (denominator, numerator) {
        (2, 1) => "half".to_owned(),
        (2, _) => "halves".to_owned(),
        (4, 1) => "quarter".to_owned(),
        (4, _) => "quarters".to_owned(),
        (_, 1) => number::ordinal(denominator, locale),
        _ => format!("{}s", number::ordinal(denominator, locale)),
    };
    format!("{count} {part}")
}

fn vulgar(tokens: &Tokens<'_>, at: usize) -> Option<(u64, u64)> {
    let mark = tokens.mark(at)?;
    VULGAR.iter().find(|row| row.0 == mark).map(|row| (row.1, row.2))
}

/// `1/2` with a small denominator; returns the value and the token after it.
fn slashed(tokens: &Tokens<'_>, at: usize) -> Option<((u64, u64), usize)> {
    let small = |at: usize| tokens.digits(at).filter(|digits| digits.len() <= 3)?.parse::<u64>().ok();
    let numerator = small(at)?;
    if !tokens.is_mark(at + 1, '/') || tokens.is_mark(at + 3, '/') {
        return None;
    }
    let denominator = small(at + 2)?;
    let is_spoken = matches!(denominator, 2..=10 | 12 | 16 | 20 | 32 | 50 | 64 | 100);
    (is_spoken && numerator > 0 && numerator < denominator).then_some(((numerator, denominator), at + 3))
}

/// The fraction after a whole number's last token, `½` or ` 1/2`.
pub(super) fn parse_after_integer(tokens: &Tokens<'_>, at: usize) -> Option<((u64, u64), usize)> {
    let next = tokens.over_space(at);
    if let Some(value) = vulgar(tokens, next) {
        return Some((value, next + 1));
    }
    if tokens.is_mark(at, '-') {
        // "2-1/2", but not "1-5/8": a half is a half.
        return slashed(tokens, at + 1).filter(|((numerator, denominator), _)| {
            matches!((numerator, denominator), (1 | 3, 4) | (1 | 2, 3) | (1, 2) | (1 | 3 | 5 | 7, 8 | 16))
        });
    }
    if !tokens.is_space(at) || tokens.text(at) == "\n" {
        return None;
    }
    slashed(tokens, next)
}

/// The ending of "2/3rds" or "1/4TH".
fn is_part_ending(ending: &str) -> bool {
    ending.len() <= 3 && matches!(ending.to_lowercase().as_str(), "rd" | "rds" | "th" | "ths" | "s")
}

/// A fraction without a whole number before it.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    if let Some((numerator, denominator)) = vulgar(tokens, at) {
        let text = words(numerator, denominator, false, context.locale);
        return Reading::one(SemioticClass::Fraction, text, at, at + 1);
    }
    if let Some(((numerator, denominator), end)) = slashed(tokens, at) {
        // "2/3rds"
        let end = end + usize::from(tokens.word(end).is_some_and(is_part_ending));
        let text = words(numerator, denominator, false, context.locale);
        return Reading::one(SemioticClass::Fraction, text, at, end);
    }
    // 120/80, 7/1
    let numerator = tokens.digits(at)?;
    let denominator = tokens.digits(at + 2).filter(|_| tokens.is_mark(at + 1, '/'))?;
    if tokens.is_mark(at + 3, '/') || numerator.len() > 6 || denominator.len() > 6 {
        return None;
    }
    let say = |digits: &str| number::integer_words(digits, context.locale);
    if numerator == denominator && denominator.len() <= 3 {
        let text = format!("{} out of {}", say(numerator), say(denominator));
        return Reading::one(SemioticClass::Fraction, text, at, at + 3);
    }
    let text = format!("{} over {}", say(numerator), say(denominator));
    Reading::one(SemioticClass::Fraction, text, at, at + 3)
}
