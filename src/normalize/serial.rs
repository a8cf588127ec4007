//! Designations of letters and numbers: F-16, COVID-19, H5N1, G20, 5G, A320.

use super::amount::{self, Magnitudes};
use super::fiscal;
use super::letters;
use super::measure;
use super::number::{self, integer_words};
use super::reading::{Context, Part, Reading};
use super::symbol;
use super::table::{self, is_cue};
use super::token_types::SemioticClass::{Letters, Plain, Serial};

/// Letters with a number directly or by a hyphen after them, or a number with capitals after it.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    if context.tokens.is_number(at) {
        return number_first(context, at);
    }
    letters_first(context, at)
}

fn letters_first(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let word = tokens.word(at)?;
    if let Some(reading) = variant(context, at) {
        return Some(reading);
    }
    let hyphen = tokens.is_mark(at + 1, '-') || tokens.is_mark(at + 1, '‑');
    let number_at = at + 1 + usize::from(hyphen);
    let digits = tokens.digits(number_at)?;
    let sized = word == "x" && measure::follows_inches(tokens, at);
    if !word.starts_with(char::is_uppercase) && hyphen || sized {
        return None;
    }
    let continues =
        matches!(tokens.mark(number_at + 1), Some(',' | ':' | '/')) && tokens.is_number(number_at + 2);
    let ends_as_decade = tokens.word(number_at + 1) == Some("s") && digits.len() >= 4;
    if hyphen && (continues || ends_as_decade) {
        return None;
    }
    if matches!(word, "FY" | "CY") && !hyphen {
        return fiscal::year(context, at, digits);
    }
    let capitals = word.chars().all(char::is_uppercase);
    let head = head_part(context, at, word, capitals);
    let mut reading = Reading { parts: vec![head], end: number_at + 1 };
    // Flights: two capitals and three digits or more, MH370.
    let by_digits = capitals && !hyphen && word.len() >= 2 && digits.len() >= 3;
    let year_like = digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"));
    let text =
        if by_digits && !year_like { number::digits(digits) } else { number::serial(digits, context.locale) };
    reading.parts.push(Part { class: Serial, text, from: number_at, to: number_at + 1 });
    // "CVE-2024-3094"
    if capitals
        && hyphen
        && word.len() >= 2
        && let Some(code) = tokens.digits(number_at + 2).filter(|code| code.len() >= 3)
        && tokens.is_mark(number_at + 1, '-')
    {
        let text = number::serial(code, context.locale);
        return Some(reading.and(Serial, text, number_at + 1, number_at + 3));
    }
    // "A350-1000"
    let end = number_at + 1;
    if capitals
        && !hyphen
        && let Some(variant) = tokens.digits(end + 1).filter(|variant| variant.len() <= 4)
        && tokens.is_mark(end, '-')
        && tokens.closes_chunk(end + 2)
        && digits.len() >= 2
    {
        let text = number::serial(variant, context.locale);
        return Some(reading.and(Serial, text, end, end + 2));
    }
    read_tail(context, &mut reading);
    Some(reading)
}

/// `BA.2.86`, `B.1.1.7`: variants of a virus; the first stop is silent.
fn variant(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let word = tokens
        .word(at)
        .filter(|word| word.len() <= 4 && *word != "NO" && word.bytes().all(|c| c.is_ascii_uppercase()))?;
    if !tokens.is_mark(at + 1, '.') || !tokens.is_number(at + 2) {
        return None;
    }
    let head = (Letters, letters::spell(word));
    let mut reading = Reading::one(head.0, head.1, at, at + 1)?;
    let number = number::serial(tokens.text(at + 2), context.locale);
    reading = reading.and(Serial, number, at + 1, at + 3);
    read_tail(context, &mut reading);
    Some(reading)
}

fn head_part(context: &Context<'_>, at: usize, word: &str, capitals: bool) -> Part {
    if let Some(name) = symbol::letter_name(word) {
        return Part { class: Plain, text: name.to_owned(), from: at, to: at + 1 };
    }
    let (class, text) = if capitals || word.chars().count() == 1 {
        letters::acronym_words(context, at, word).unwrap_or_else(|| (Letters, letters::spell(word)))
    } else {
        (Plain, word.to_owned())
    };
    Part { class, text, from: at, to: at + 1 }
}

/// The part after the number: `H5N1`, `GPT-4o`, `PM2.5`, `M1A1`, `B-1B`.
fn read_tail(context: &Context<'_>, reading: &mut Reading) {
    let tokens = context.tokens;
    // No designation is longer; a bound keeps a row of thousands of them out of one token.
    for _ in 0..6 {
        let at = reading.end;
        if let Some(digits) = tokens.digits(at + 1).filter(|_| tokens.is_mark(at, '.')) {
            let text = format!("point {}", number::digits(digits));
            reading.parts.push(Part { class: Serial, text, from: at, to: at + 2 });
            reading.end = at + 2;
        } else if let Some(word) = tokens.word(at).filter(|word| word.chars().count() <= 2 && *word != "s") {
            let text = letters::spell(word);
            reading.parts.push(Part { class: Letters, text, from: at, to: at + 1 });
            reading.end = at + 1;
        } else if let Some(digits) = tokens.digits(at) {
            let text = number::serial(digits, context.locale);
            reading.parts.push(Part { class: Serial, text, from: at, to: at + 1 });
            reading.end = at + 1;
        } else {
            return;
        }
    }
}

/// `5G`, `3D`, `4K`, `1A`.
fn number_first(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let digits = tokens.digits(at)?;
    let word = tokens.word(at + 1)?;
    let base = word.strip_suffix("'s").unwrap_or(word);
    let short_capitals = base.chars().count() <= 3 && base.chars().all(char::is_uppercase);
    // "100M viewers"
    let counts =
        amount::parse(tokens, at, Magnitudes::Usual).is_some_and(|amount| amount.magnitude.is_some());
    if !short_capitals || counts {
        return None;
    }
    if let Some(reading) = fiscal::period(context, at, digits, base) {
        return Some(reading);
    }
    let text = number::serial(digits, context.locale);
    let ending = &word[base.len()..];
    let reading = Reading::one(Serial, text, at, at + 1)?;
    let mut reading = reading.and(Letters, format!("{}{ending}", letters::spell(base)), at + 1, at + 2);
    // "4F-7721" is a code.
    let end = at + 2;
    if let Some(code) = tokens.digits(end + 1).filter(|code| code.len() >= 3 && tokens.is_mark(end, '-')) {
        return Some(reading.and(Serial, number::digits(code), end, end + 2));
    }
    read_tail(context, &mut reading);
    Some(reading)
}

/// "Call the NHS on 111 or 999": somebody is asked to call; the number is no count.
fn is_call_near(context: &Context<'_>, at: usize) -> bool {
    /// So many tokens before a number are examined.
    const NEAR: usize = 14;
    let tokens = context.tokens;
    let directly =
        tokens.word_before(at).is_some_and(|word| matches!(word, "on" | "or" | "and" | "to" | "at"));
    directly
        && !table::counts(tokens, at + 1)
        && (at.saturating_sub(NEAR)..at).filter_map(|at| tokens.word(at)).any(|word| {
            matches!(word, "call" | "Call" | "dial" | "Dial" | "ring" | "Ring" | "text" | "phone")
        })
}

/// 911, 24/7 and 9/11 have readings of their own; so have the numbers of flights, roads, laws and aircraft.
pub(super) fn read_known(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let digits = tokens.digits(at)?;
    if tokens.is_mark(at + 1, '/')
        && let Some(second) = tokens.digits(at + 2)
        && !tokens.is_mark(at + 3, '/')
    {
        let text = match (digits, second) {
            ("9", "11") => Some("nine eleven"),
            ("24", "7") => Some("twenty-four seven"),
            ("50", "50") => Some("fifty fifty"),
            ("20", "20") => Some("twenty twenty"),
            _ => None,
        };
        if let Some(text) = text {
            return Reading::one(Serial, text, at, at + 3);
        }
        // "at 8/7c": Eastern and Central time of a broadcast.
        if tokens.word(at + 3) == Some("c") && digits.len() <= 2 && second.len() <= 2 {
            let say = |digits: &str| integer_words(digits, context.locale);
            let text = format!("{} {} central", say(digits), say(second));
            return Reading::one(Serial, text, at, at + 4);
        }
    }
    docket(context, at, digits)
        .or_else(|| airliner(context, at, digits))
        .or_else(|| read_known_number(context, at, digits))
}

/// `No. 23-719`, `Case 1:24-cv` are no ranges.
fn docket(context: &Context<'_>, at: usize, digits: &str) -> Option<Reading> {
    let tokens = context.tokens;
    let second =
        tokens.digits(at + 2).filter(|_| tokens.is_mark(at + 1, '-') && tokens.closes_chunk(at + 3))?;
    let stop = tokens.before(at).filter(|&stop| tokens.is_mark(stop, '.'));
    let numbered = stop
        .and_then(|stop| tokens.word(stop.checked_sub(1)?))
        .is_some_and(|word| matches!(word, "No" | "no"));
    let filed = tokens.word_before(at).is_some_and(|word| is_cue("docket", word));
    if !(numbered || filed) || digits.len() > 4 || second.len() > 6 {
        return None;
    }
    let text =
        format!("{} {}", number::serial(digits, context.locale), number::serial(second, context.locale));
    Reading::one(Serial, text, at, at + 3)
}

/// `737-800`, `787-9`, `777-300ER`: Boeing's airliners are numbered from 707 to 797.
fn airliner(context: &Context<'_>, at: usize, digits: &str) -> Option<Reading> {
    let tokens = context.tokens;
    let is_family = digits.len() == 3 && digits.starts_with('7') && digits.ends_with('7');
    let variant = tokens.digits(at + 2).filter(|_| is_family && tokens.is_mark(at + 1, '-'))?;
    let is_variant =
        matches!(variant, "7" | "8" | "9" | "10") || variant.len() == 3 && variant.ends_with("00");
    if !is_variant || tokens.is_mark(at + 3, '.') && tokens.is_number(at + 4) {
        return None;
    }
    let say = |digits: &str| number::serial(digits, context.locale);
    let mut reading = Reading::one(Serial, format!("{} {}", say(digits), say(variant)), at, at + 3)?;
    read_tail(context, &mut reading);
    Some(reading)
}

/// Bare numbers whose reading is known from the word before: 911, Flight 370, Boeing 737, I-95.
fn read_known_number(context: &Context<'_>, at: usize, digits: &str) -> Option<Reading> {
    let tokens = context.tokens;
    if digits.len() < 3
        || digits.len() > 4
        || !tokens.closes_chunk(at + 1) && tokens.word(at + 1) != Some("s")
    {
        return None;
    }
    let written_on = matches!(tokens.mark(at + 1), Some('.' | ',' | '-' | '–' | ':' | '/' | '%' | '°'))
        && (tokens.is_number(at + 2) || tokens.is_mark(at + 1, '%'));
    let written_before = at.checked_sub(1).is_some_and(|before| {
        tokens.is_dash(before) && !tokens.is_word(before.wrapping_sub(1))
            || tokens
                .mark(before)
                .is_some_and(|mark| !mark.is_ascii_punctuation() && !matches!(mark, '“' | '§'))
            || matches!(tokens.mark(before), Some('$' | '.' | '+' | '#'))
    });
    if written_on || written_before {
        return None;
    }
    let before = tokens.word_before(at).unwrap_or_default();
    let after = tokens.word_after(at + 1).unwrap_or_default();
    let counted = after.starts_with(char::is_lowercase) && is_cue("count", after);
    let magnitude = matches!(after, "million" | "billion" | "trillion" | "thousand");
    let sign = tokens.before(at).is_some_and(|sign| tokens.is_mark(sign, '§'));
    let emergency = match digits {
        "911" => !counted && !magnitude && !is_cue("quantity", before),
        "112" | "999" | "119" | "110" | "988" | "101" | "111" => {
            (is_cue("call", before) && before != "number" || is_call_near(context, at))
                && !counted
                && !magnitude
                || is_cue("callednext", after) && !counted
        }
        _ => false,
    };
    if emergency || is_cue("flight", before) && before.starts_with(char::is_uppercase) && digits.len() >= 3 {
        return Reading::one(Serial, number::digits(digits), at, at + 1);
    }
    // "H.R. 8070", "S. 2073"
    let bill = at > 2
        && tokens.is_mark(at - 2, '.')
        && (tokens.word(at - 3) == Some("R") && at > 4 && tokens.word(at - 5) == Some("H")
            || tokens.word(at - 3) == Some("S"));
    // "the 2200 block of"
    let block = after == "block" && digits.len() == 4;
    if sign || bill || block || is_cue("model", before) && before.starts_with(char::is_uppercase) && !counted
    {
        return Reading::one(Serial, number::serial(digits, context.locale), at, at + 1);
    }
    None
}
