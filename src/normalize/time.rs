//! Times of day: 10:30, 9:05, 14:00, 10am, 1830 GMT.

use super::letters::spell;
use super::measure;
use super::number::{self, integer_words};
use super::reading::{Context, Reading};
use super::table::is_cue;
use super::token::Tokens;
use super::token_types::SemioticClass::{Letters, Time};

/// `10:30` → "ten thirty". A following a.m. or zone in capitals is read on its own as letters.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let digits = tokens.digits(at)?;
    if let Some(reading) = hour_with_half_day(context, at).or_else(|| military(context, at)) {
        return Some(reading);
    }
    if let Some(reading) = dotted(context, at).or_else(|| hours_and_minutes(context, at)) {
        return Some(reading);
    }
    let minutes = tokens.digits(at + 2).filter(|digits| digits.len() == 2 && tokens.is_mark(at + 1, ':'))?;
    if let Some(reading) = lap(context, at, digits, minutes) {
        return Some(reading);
    }
    let hour = digits.parse::<u64>().ok().filter(|&hour| hour <= 24 && digits.len() <= 2);
    let minute = minutes.parse::<u64>().ok().filter(|&minute| minute < 60)?;
    let seconds = tokens.digits(at + 4).filter(|digits| digits.len() == 2 && tokens.is_mark(at + 3, ':'));
    if let Some(seconds) = seconds {
        let (fraction, end) = decimals_at(tokens, at + 5);
        if let Some(text) =
            clock_with_seconds(context, at, [digits, minutes, seconds]).filter(|_| fraction.is_none())
        {
            return Some(with_half_day(context, Reading::one(Time, text, at, end)?, end));
        }
        let text = duration(context, [digits, minutes, seconds], fraction);
        return Reading::one(Time, text, at, end);
    }
    let hour = hour?;
    let end = at + 3;
    let words = |value| number::cardinal(value, context.locale);
    let half_day = matches!(
        tokens.word_after(end),
        Some("a" | "p" | "am" | "pm" | "AM" | "PM" | "A" | "P" | "noon" | "o'clock")
    );
    // "07:00 hrs"
    let hundred = matches!(tokens.word_after(end), Some("hrs" | "hours"));
    let text = match (hour, minute) {
        (1..10, 0) if hundred => format!("oh {} hundred", words(hour)),
        (10..=12, 0) if hundred => format!("{} hundred", words(hour)),
        (0 | 24, 0) => "midnight".to_owned(),
        (12, 0) if half_day => "twelve".to_owned(),
        (1..=12, 0) if half_day => words(hour),
        (1..=12, 0) => format!("{} o'clock", words(hour)),
        (_, 0) => format!("{} hundred", words(hour)),
        (_, 1..10) => format!("{} oh {}", words(hour), words(minute)),
        _ => format!("{} {}", words(hour), words(minute)),
    };
    let reading = with_half_day(context, Reading::one(Time, text, at, end)?, end);
    Some(if reading.end == end && !half_day {
        with_zone(tokens, reading, &["et", "pt", "ct", "mt"])
    } else {
        reading
    })
}

/// `11:59:59 p.m.` is a time of day, not a duration: half a day, a zone or "local time" follows.
fn clock_with_seconds(context: &Context<'_>, at: usize, fields: [&str; 3]) -> Option<String> {
    let tokens = context.tokens;
    let next = tokens.word_after(at + 5)?;
    let half_day = matches!(next, "a" | "p") && tokens.is_mark(tokens.over_space(at + 5) + 1, '.');
    let is_clock = half_day
        || half_day_letters(next).is_some()
        || next == "Z"
        || is_cue("zone", next) && !matches!(next, "is" | "hours" | "et");
    let [hour, minute, second] = fields.map(|field| field.parse::<u64>().ok());
    let hour = hour.filter(|&hour| hour < 24 && is_clock)?;
    let halved = half_day || half_day_letters(next).is_some();
    let words = |value| number::cardinal(value, context.locale);
    let second = second?;
    let clock = match minute? {
        // "ten P M", but "ten o'clock and five seconds P M"
        0 if halved && second == 0 => words(hour),
        0 if halved => format!("{} o'clock", words(hour)),
        0 => format!("{} hundred", words(hour)),
        minute @ 1..10 => format!("{} oh {}", words(hour), words(minute)),
        minute => format!("{} {}", words(hour), words(minute)),
    };
    Some(match second {
        0 => clock,
        1 => format!("{clock} and one second"),
        second => format!("{clock} and {} seconds", words(second)),
    })
}

/// `1h45m`, `3h 20m`: hours and minutes.
fn hours_and_minutes(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let hours = tokens.digits(at).filter(|digits| digits.len() <= 3 && tokens.word(at + 1) == Some("h"))?;
    let next = tokens.over_space(at + 2);
    let minutes = tokens.digits(next).filter(|digits| digits.len() <= 2)?;
    if !matches!(tokens.word(next + 1), Some("m" | "min" | "mins")) {
        // "14h30", as the French write it
        let clock = next == at + 2 && minutes.len() == 2 && tokens.closes_chunk(next + 1);
        let (hour, minute) = (hours.parse::<u64>().ok()?, minutes.parse::<u64>().ok()?);
        let text = format!(
            "{} {}",
            number::cardinal(hour, context.locale),
            if minute == 0 { "hundred".to_owned() } else { number::cardinal(minute, context.locale) }
        );
        return (clock && hour < 24 && minute < 60).then(|| Reading::one(Time, text, at, next + 1)).flatten();
    }
    Reading::one(Time, duration(context, [hours, minutes, "0"], None), at, next + 2)
}

/// The digits after a decimal point, and the token after them.
fn decimals_at<'a>(tokens: &'a Tokens<'_>, at: usize) -> (Option<&'a str>, usize) {
    match tokens.digits(at + 1).filter(|_| tokens.is_mark(at, '.')) {
        Some(decimals) => (Some(decimals), at + 2),
        None => (None, at),
    }
}

/// `1:23.456`, a lap or a race: minutes, seconds and their fraction.
fn lap(context: &Context<'_>, at: usize, minutes: &str, seconds: &str) -> Option<Reading> {
    let (fraction, end) = decimals_at(context.tokens, at + 3);
    if minutes.len() > 2 || fraction.is_none() {
        return None;
    }
    Reading::one(Time, duration(context, ["", minutes, seconds], fraction), at, end)
}

/// A race or a film takes hours, minutes and seconds.
fn duration(context: &Context<'_>, fields: [&str; 3], fraction: Option<&str>) -> String {
    const UNITS: [(&str, &str); 3] = [("hour", "hours"), ("minute", "minutes"), ("second", "seconds")];
    let mut words = Vec::new();
    for (index, (digits, (one, more))) in fields.into_iter().zip(UNITS).enumerate() {
        let digits = digits.trim_start_matches('0');
        let decimals = fraction.filter(|_| index == 2);
        if digits.is_empty() && decimals.is_none() {
            continue;
        }
        let whole = integer_words(if digits.is_empty() { "0" } else { digits }, context.locale);
        let unit = if digits == "1" && decimals.is_none() { one } else { more };
        words.push(match decimals {
            Some(decimals) => format!("{whole} point {} {unit}", number::digits(decimals)),
            None => format!("{whole} {unit}"),
        });
    }
    if words.is_empty() { "zero seconds".to_owned() } else { words.join(" ") }
}

/// `11.30pm`, `9.05 a.m.`: the British way to write a time.
fn dotted(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let hour = tokens.digits(at)?.parse::<u64>().ok().filter(|hour| (1..=12).contains(hour))?;
    let minutes = tokens.digits(at + 2).filter(|digits| digits.len() == 2 && tokens.is_mark(at + 1, '.'))?;
    let minute = minutes.parse::<u64>().ok().filter(|&minute| minute < 60)?;
    let next = tokens.over_space(at + 3);
    let dotted = matches!(tokens.word(next), Some("a" | "p"))
        && tokens.is_mark(next + 1, '.')
        && tokens.word(next + 2) == Some("m");
    // "at 6.30" is a time in Britain.
    let nought = tokens.text(at).len() == 2 && tokens.text(at).starts_with('0');
    let told = (context.locale == super::locale::Locale::EnGb || nought)
        && tokens.word_before(at).is_some_and(|word| matches!(word, "at" | "At" | "from" | "until"))
        && tokens.closes_chunk(at + 3)
        && !matches!(tokens.mark(at + 3), Some('%' | '°' | '-' | '–'))
        && !measure::is_unit(tokens, next)
        && tokens
            .word(next)
            .is_none_or(|word| nought || is_cue("function", word) || word.starts_with(char::is_uppercase));
    if !dotted && !told && tokens.word(next).and_then(half_day_letters).is_none() {
        return None;
    }
    let words = |value| number::cardinal(value, context.locale);
    let text = match minute {
        0 => words(hour),
        1..10 => format!("{} oh {}", words(hour), words(minute)),
        _ => format!("{} {}", words(hour), words(minute)),
    };
    let reading = Reading::one(Time, text, at, at + 3)?;
    Some(with_half_day(context, reading, at + 3))
}

fn half_day_letters(word: &str) -> Option<&'static str> {
    match word {
        "am" | "AM" => Some("A M"),
        "pm" | "PM" => Some("P M"),
        _ => None,
    }
}

fn with_half_day(context: &Context<'_>, reading: Reading, end: usize) -> Reading {
    let next = context.tokens.over_space(end);
    match context.tokens.word(next).and_then(half_day_letters) {
        Some(letters) => with_zone(context.tokens, reading.and(Letters, letters, next, next + 1), &[]),
        None => reading,
    }
}

/// `7 pm est`, `1:59 p.m.est`: a zone in small letters after a time of day, unless it may be another word there.
pub(super) fn with_zone(tokens: &Tokens<'_>, reading: Reading, other: &[&str]) -> Reading {
    let at = tokens.over_space(reading.end);
    let is_parted = tokens.text(reading.end) == "\n" || tokens.is_mark(at, '.');
    let zone = tokens.word(at).filter(|word| {
        !is_parted
            && matches!(
                *word,
                "gmt"
                    | "utc"
                    | "cet"
                    | "cest"
                    | "bst"
                    | "est"
                    | "edt"
                    | "cst"
                    | "cdt"
                    | "mst"
                    | "mdt"
                    | "pst"
                    | "pdt"
                    | "jst"
                    | "kst"
                    | "et"
                    | "ct"
                    | "mt"
                    | "pt"
            )
            && !other.contains(word)
            && tokens.closes_chunk(at + 1)
    });
    match zone {
        Some(zone) => reading.and(Letters, spell(zone), at, at + 1),
        None => reading,
    }
}

/// `10am`, `6 PM`.
fn hour_with_half_day(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let hour = tokens.digits(at)?.parse::<u64>().ok().filter(|hour| (1..=12).contains(hour))?;
    let next = tokens.over_space(at + 1);
    tokens.word(next).and_then(half_day_letters)?;
    let reading = Reading::one(Time, number::cardinal(hour, context.locale), at, at + 1)?;
    Some(with_half_day(context, reading, at + 1))
}

/// `0600 GMT` → "oh six hundred", `1830 KST` → "eighteen thirty".
fn military(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let digits = tokens.digits(at).filter(|digits| digits.len() == 4)?;
    let zone = tokens.word_after(at + 1).unwrap_or_default();
    let zone = if tokens.is_space(at + 1) || zone.len() >= 3 { zone } else { "" };
    // "sailed at 0530": a nought begins no other number.
    let bare = digits.starts_with('0')
        && tokens.closes_chunk(at + 1)
        && !(tokens.mark(at + 1).is_some() && tokens.is_number(at + 2))
        && tokens.word_before(at).is_some_and(|word| {
            matches!(
                word,
                "at" | "At"
                    | "by"
                    | "By"
                    | "around"
                    | "from"
                    | "until"
                    | "till"
                    | "before"
                    | "after"
                    | "since"
            )
        });
    if !bare && (!is_cue("zone", zone) || zone == "is" || zone == "Is") {
        return None;
    }
    let hour = digits[..2].parse::<u64>().ok().filter(|&hour| hour <= 24)?;
    let minute = digits[2..].parse::<u64>().ok().filter(|&minute| minute < 60)?;
    let words = |value| number::cardinal(value, context.locale);
    let head = if hour < 10 { format!("oh {}", words(hour)) } else { words(hour) };
    let tail = match minute {
        0 => "hundred".to_owned(),
        1..10 => format!("oh {}", words(minute)),
        _ => words(minute),
    };
    Some(with_zone(
        tokens,
        Reading::one(Time, format!("{head} {tail}"), at, at + 1)?,
        &["et", "pt", "ct", "mt"],
    ))
}
