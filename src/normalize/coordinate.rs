//! Places on the globe: 37.5°N, 38°54′02″ W.

use super::amount::{self, Magnitudes};
use super::number::integer_words;
use super::reading::{Context, Reading};
use super::token::Tokens;
use super::token_types::SemioticClass::Measure;

/// Degrees, minutes and seconds with the point of the compass after them.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let degrees = amount::parse(tokens, at, Magnitudes::Usual).filter(|amount| amount.magnitude.is_none())?;
    let mut end = degrees.end;
    if !tokens.is_mark(end, '°') {
        return None;
    }
    end += 1;
    let mut text = format!("{} degrees", degrees.verbalize(context.locale));
    for (mark, one, more) in [('\'', "minute", "minutes"), ('"', "second", "seconds")] {
        let start = tokens.over_space(end);
        let Some(part) = amount::parse(tokens, start, Magnitudes::Usual)
            .filter(|part| part.sign.is_none() && tokens.is_mark(part.end, mark))
        else {
            continue;
        };
        let unit = if part.integer.trim_start_matches('0') == "1" { one } else { more };
        let whole = match part.integer.trim_start_matches('0') {
            "" => "zero".to_owned(),
            digits => integer_words(digits, context.locale),
        };
        let decimals = part.decimals.as_deref().map(super::number::digits);
        let value = decimals.map_or_else(|| whole.clone(), |decimals| format!("{whole} point {decimals}"));
        text.push_str(&format!(" {value} {unit}"));
        end = part.end + 1;
    }
    let (point, end) = compass(tokens, tokens.over_space(end))?;
    Reading::one(Measure, format!("{text} {point}"), at, end)
}

fn compass(tokens: &Tokens<'_>, at: usize) -> Option<(&'static str, usize)> {
    let point = match tokens.word(at)? {
        "N" => "north",
        "S" => "south",
        "E" => "east",
        "W" => "west",
        _ => return None,
    };
    Some((point, at + 1))
}
