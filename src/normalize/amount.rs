//! Cardinals and decimals, with sign, thousands separators, a fraction and a magnitude; ordinals.

use super::fraction;
use super::grouping;
use super::locale::Locale;
use super::number::{self, integer_words};
use super::reading::{Context, Reading};
use super::table::{counts, is_cue};
use super::token::Tokens;
use super::token_types::SemioticClass;

/// A written number: the fields, before anything is verbalised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Amount {
    /// "minus", "plus", "about".
    pub(super) sign: Option<&'static str>,
    /// Digits before the point, without separators; empty in `.22`.
    pub(super) integer: String,
    /// Digits after the point.
    pub(super) decimals: Option<String>,
    /// Numerator and denominator of `2 1/2`, `5½`.
    pub(super) fraction: Option<(u64, u64)>,
    /// Whether thousands were separated.
    pub(super) grouped: bool,
    /// "million".
    pub(super) magnitude: Option<&'static str>,
    /// Whether a hyphen stood before the magnitude: `500-million`.
    pub(super) hyphenated: bool,
    /// The token after the last.
    pub(super) end: usize,
}

/// Words and letters for a magnitude.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Magnitudes {
    /// million, bn, 40k.
    Usual,
    /// Also `3m`, `2b`, `1t`, which without a currency are units.
    Money,
}

impl Amount {
    /// Whether a noun after it is singular: exactly one, without decimals.
    pub(super) fn is_one(&self) -> bool {
        self.integer == "1" && self.decimals.is_none() && self.fraction.is_none() && self.magnitude.is_none()
    }

    /// The words.
    pub(super) fn verbalize(&self, locale: Locale) -> String {
        let mut words = Vec::new();
        words.extend(self.sign.map(str::to_owned));
        if !self.integer.is_empty() {
            words.push(integer_words(&self.integer, locale));
        }
        if let Some(decimals) = &self.decimals {
            words.push(format!("point {}", number::digits(decimals)));
        }
        if let Some((numerator, denominator)) = self.fraction {
            words.push(format!("and {}", fraction::words(numerator, denominator, true, locale)));
        }
        words.extend(self.magnitude.map(str::to_owned));
        words.join(" ")
    }
}

/// The amount at `at`, if any; a sign may stand before it.
pub(super) fn parse(tokens: &Tokens<'_>, at: usize, magnitudes: Magnitudes) -> Option<Amount> {
    let sign = sign_at(tokens, at);
    let start = at + usize::from(sign.is_some());
    let mut amount = parse_integer(tokens, start)?;
    amount.sign = sign;
    if tokens.is_mark(amount.end, '.')
        && let Some(decimals) = tokens.digits(amount.end + 1)
    {
        amount.decimals = Some(decimals.to_owned());
        amount.end += 2;
    } else if (tokens.is_continental() || grouping::has_stops(tokens, start))
        && grouping::has_comma_decimals(tokens, amount.end)
    {
        amount.decimals = tokens.digits(amount.end + 1).map(str::to_owned);
        amount.end += 2;
    } else if let Some((value, end)) = fraction::parse_after_integer(tokens, amount.end) {
        (amount.fraction, amount.end) = (Some(value), end);
    }
    if amount.integer.is_empty() && amount.decimals.is_none() {
        return None;
    }
    parse_magnitude(tokens, &mut amount, magnitudes);
    Some(amount)
}

/// A sign counts when a number follows directly and no word that it could join stands before it.
fn sign_at(tokens: &Tokens<'_>, at: usize) -> Option<&'static str> {
    let digits_follow = tokens.is_number(at + 1) || tokens.is_mark(at + 1, '.') && tokens.is_number(at + 2);
    let stands_free = tokens.opens_chunk(at) && !(at > 0 && tokens.is_mark(at - 1, '—'));
    if !digits_follow || !stands_free {
        return None;
    }
    match tokens.mark(at)? {
        // "5 –10" is a range.
        '–' if tokens.before(at).is_some_and(|before| tokens.is_number(before)) => None,
        '-' | '−' | '–' => Some("minus"),
        '+' => Some("plus"),
        '~' | '≈' => Some("about"),
        '±' => Some("plus or minus"),
        _ => None,
    }
}

fn parse_integer(tokens: &Tokens<'_>, at: usize) -> Option<Amount> {
    let Some(digits) = tokens.digits(at) else {
        // ".22-caliber"
        let priced = at > 0 && matches!(tokens.mark(at - 1), Some('$' | '€' | '£'));
        let opens = priced || tokens.opens_chunk(at);
        let bare_decimal = tokens.is_mark(at, '.') && tokens.is_number(at + 1) && opens;
        return bare_decimal.then(|| Amount { end: at, ..Amount::default() });
    };
    let mut amount = Amount { integer: digits.to_owned(), end: at + 1, ..Amount::default() };
    if digits.len() > 3 {
        return Some(amount);
    }
    let is_group = |at: usize| tokens.digits(at).is_some_and(|digits| digits.len() == 3);
    let stops = grouping::has_stops(tokens, at);
    let separator = tokens.text(amount.end);
    // Plain spaces separate thousands only where the groups have no other meaning: "10 000", "1 234 567".
    let spaced = separator == " "
        && is_group(amount.end + 1)
        && (tokens.text(amount.end + 1) == "000"
            || tokens.text(amount.end + 2) == " " && is_group(amount.end + 3) && digits.len() < 3);
    if !matches!(separator, "," | "\u{A0}" | "'") && !spaced && !stops || digits.starts_with('0') {
        return Some(amount);
    }
    while tokens.text(amount.end) == separator && is_group(amount.end + 1) {
        amount.integer.push_str(tokens.text(amount.end + 1));
        amount.grouped = true;
        amount.end += 2;
    }
    Some(amount)
}

fn parse_magnitude(tokens: &Tokens<'_>, amount: &mut Amount, magnitudes: Magnitudes) {
    let end = amount.end;
    let glued = tokens.is_word(end);
    let hyphen = tokens.is_mark(end, '-');
    if !glued && !matches!(tokens.text(end), "-" | " " | "\u{A0}") {
        return;
    }
    let at = if glued { end } else { end + 1 };
    let Some(word) = tokens.word(at) else { return };
    let money = magnitudes == Magnitudes::Money;
    let known = match word {
        "hundred" if !glued => "hundred",
        "thousand" => "thousand",
        "quadrillion" => "quadrillion",
        "million" | "Million" | "mn" | "mln" | "mil" | "MLN" | "MN" => "million",
        "billion" | "Billion" | "bn" | "bln" | "BN" | "BLN" => "billion",
        "trillion" | "Trillion" | "tn" | "trn" | "trln" | "tln" | "TLN" => "trillion",
        "bil" if money => "billion",
        // "3M" is a company, "70B" may be the size of a model.
        "M" if glued && (amount.decimals.is_some() || amount.integer != "3") => "million",
        "B" if glued && amount.decimals.is_some() => "billion",
        // "$1.1 B"
        "M" if money && !tokens.is_mark(at + 1, '.') && !tokens.is_mark(at + 1, '&') => "million",
        "B" if money && !tokens.is_mark(at + 1, '.') => "billion",
        // "$30 b", but not "$30 b/d"
        "b" if money && !matches!(tokens.mark(at + 1), Some('/' | '-' | '\'')) => "billion",
        "m" if money && !hyphen && tokens.mark(at + 1) != Some('/') => "million",
        "lakh" | "lakhs" => "lakh",
        "crore" | "crores" => "crore",
        "cr" | "Cr" if money => "crore",
        // "4k video" has four thousand lines, and nobody says so.
        "k" | "K" if glued && is_picture(tokens, amount, at) => return,
        // A "5k run" is one of kilometres.
        "k" | "K" if tokens.word_after(at + 1).is_some_and(|next| is_cue("event", next)) => return,
        "k" | "K" if glued && (money || word == "k" || amount.integer.len() > 1) => "thousand",
        "m" | "M" if glued && money => "million",
        "m" if glued && counts_after(tokens, at + 1) => "million",
        "b" | "B" if glued && money => "billion",
        "t" | "T" if glued && money => "trillion",
        _ => return,
    };
    if !tokens.closes_chunk(at + 1) {
        return;
    }
    amount.magnitude = Some(known);
    amount.hyphenated = hyphen;
    amount.end = at + 1;
}

/// Whether "4k" or "8k" is the sharpness of a picture here.
fn is_picture(tokens: &Tokens<'_>, amount: &Amount, letter: usize) -> bool {
    let shown = matches!(amount.integer.as_str(), "4" | "5" | "6" | "8") && amount.decimals.is_none();
    let next = tokens.word_after(letter + 1).unwrap_or_default();
    let framed = tokens.word_after(tokens.over_space(letter + 1) + 1).is_none()
        && next == "at"
        && tokens.is_number(tokens.over_space(letter + 1) + 2);
    let before = tokens.word_before(letter.saturating_sub(1)).unwrap_or_default();
    let alone = matches!(before, "in" | "In" | "native" | "true" | "full" | "at")
        && !counts(tokens, letter + 1)
        && (next.is_empty() || is_cue("function", next));
    shown && (is_cue("picture", next) || framed || alone)
}

/// Whether a counted noun follows, or a range whose upper end counts: "1.2m-1.5m people".
fn counts_after(tokens: &Tokens<'_>, at: usize) -> bool {
    let counted = |at: usize| tokens.word_after(at).is_some_and(|next| is_cue("count", next));
    if !tokens.is_dash(at) || !tokens.is_number(at + 1) {
        return counted(at);
    }
    let end = at + 2 + 2 * usize::from(tokens.is_mark(at + 2, '.') && tokens.is_number(at + 3));
    tokens.word(end) == Some("m") && counted(end + 1)
}

/// A cardinal or decimal, when no more particular recogniser claimed it.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let mut amount = parse(tokens, at, Magnitudes::Usual)?;
    if amount.magnitude.is_none() && amount.fraction.is_none() && !amount.grouped {
        if let Some(reading) = read_dotted(context, at, &amount) {
            return Some(reading);
        }
        // A long unseparated number is not said as a quantity, unless it is round.
        if amount.integer.len() >= 7 && amount.decimals.is_none() && !amount.integer.ends_with("000") {
            let text = number::digits(&amount.integer);
            return Reading::one(SemioticClass::Cardinal, text, at, amount.end);
        }
    }
    let after_word = at.checked_sub(1).is_some_and(|previous| tokens.is_word(previous));
    if after_word {
        amount.sign = None;
    }
    let class = if amount.decimals.is_some() { SemioticClass::Decimal } else { SemioticClass::Cardinal };
    let class = if amount.fraction.is_some() { SemioticClass::Fraction } else { class };
    Reading::one(class, amount.verbalize(context.locale), at, amount.end)
}

/// Versions and addresses: `1.2.3` → "one point two point three".
fn read_dotted(context: &Context<'_>, at: usize, amount: &Amount) -> Option<Reading> {
    let tokens = context.tokens;
    let continues = |at: usize| tokens.is_mark(at, '.') && tokens.is_number(at + 1);
    if amount.decimals.is_none() || amount.sign.is_some() || !continues(amount.end) {
        return None;
    }
    let mut words = vec![integer_words(&amount.integer, context.locale)];
    let mut end = at + 1;
    while continues(end) {
        words.push(format!("point {}", integer_words(tokens.text(end + 1), context.locale)));
        end += 2;
    }
    Reading::one(SemioticClass::Decimal, words.join(" "), at, end)
}

/// Whether `suffix` makes an ordinal of the digits before it.
pub(super) fn is_ordinal_suffix(suffix: &str) -> bool {
    matches!(suffix, "st" | "nd" | "rd" | "th" | "ST" | "ND" | "RD" | "TH")
}

/// `22nd` → "twenty-second".
pub(super) fn read_ordinal(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let amount = parse_integer(tokens, at)?;
    let suffix = tokens.word(amount.end)?;
    let (suffix, possessive) = suffix.strip_suffix("'s").map_or((suffix, ""), |suffix| (suffix, "'s"));
    let value = amount.integer.parse::<u64>().ok()?;
    // "11st" is a slip for "11th" where nobody weighs in stone.
    let weighed = tokens.is_number(tokens.over_space(amount.end + 1))
        || tokens.word_before(at).is_some_and(|word| word.starts_with("weigh"));
    let mistyped = context.locale == Locale::EnUs && value % 100 == 11 && !weighed;
    // "12st" is a weight in stone.
    if !is_ordinal_suffix(suffix)
        || suffix.eq_ignore_ascii_case("st") && (value % 10 != 1 || value % 100 == 11) && !mistyped
    {
        return None;
    }
    let text = format!("{}{possessive}", number::ordinal(value, context.locale));
    Reading::one(SemioticClass::Ordinal, text, at, amount.end + 1)
}
