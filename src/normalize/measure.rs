//! Measures with units and percentages: 5 km, 155-mm, -0.2%, 6'2".

use std::collections::HashMap;
use std::sync::LazyLock;

use super::amount::{self, Amount, Magnitudes};
use super::number::integer_words;
use super::reading::{Context, Quote, Reading, describes_noun, stop_ends_sentence};
use super::table::is_cue;
use super::token::{Kind, Tokens};
use super::token_types::SemioticClass;
use crate::tsv;

#[derive(Debug)]
struct Unit {
    singular: &'static str,
    plural: &'static str,
    /// Whether it is a unit only directly after the number or a hyphen: "5in" but not "5 in".
    glued: bool,
}

static UNITS: LazyLock<HashMap<&str, Unit>> = LazyLock::new(|| {
    tsv::columns(include_str!("data/units.tsv"))
        .map(|[written, singular, plural, place]| {
            (written, Unit { singular, plural, glued: place == "glued" })
        })
        .collect()
});

/// The units that can be recognised in another case: 12KG, 3 mbps. Two units that only their case distinguishes, such
/// as mb and MB, are not among them.
static IN_ANY_CASE: LazyLock<HashMap<String, Option<&'static Unit>>> = LazyLock::new(|| {
    let mut units: HashMap<String, Option<&'static Unit>> = HashMap::new();
    for (written, unit) in UNITS.iter().filter(|(written, _)| written.len() > 1) {
        units
            .entry(written.to_lowercase())
            .and_modify(|known| *known = known.filter(|known| known.singular == unit.singular))
            .or_insert(Some(unit));
    }
    units
});

/// The unit behind "per" that is too short for the table.
static SECOND: Unit = Unit { singular: "second", plural: "seconds", glued: true };

/// A unit all in capitals or all in small letters that the table has in another case.
fn unit_in_any_case(written: &str, glued: bool) -> Option<&'static Unit> {
    let capitals = written.bytes().all(|letter| letter.is_ascii_uppercase());
    let small = written.bytes().all(|letter| letter.is_ascii_lowercase());
    if written.len() < 2 || written.len() > LONGEST_UNIT || !(capitals || small) {
        return None;
    }
    // "3 SEC filings", "2 ML engineers"
    if is_cue("othercase", written) || capitals && !glued && is_cue("capitals", written) {
        return None;
    }
    IN_ANY_CASE.get(written.to_lowercase().as_str()).copied().flatten()
}

/// No unit of the table is longer, in bytes.
const LONGEST_UNIT: usize = 12;

/// A unit as it is written: one of the table, or one per another.
#[derive(Clone, Copy, Debug)]
struct WrittenUnit {
    unit: &'static Unit,
    per: Option<&'static Unit>,
}

/// A number with its unit: the fields.
#[derive(Debug)]
struct Measure {
    amount: Amount,
    /// The upper end of a range: "10-15%".
    to: Option<Amount>,
    written: WrittenUnit,
    /// "a five kilometer run" rather than "five kilometers".
    describes: bool,
}

impl Measure {
    fn class(&self) -> SemioticClass {
        let unit = self.written.unit.singular;
        if unit.starts_with("per") { SemioticClass::Percent } else { SemioticClass::Measure }
    }

    fn verbalize(&self, context: &Context<'_>) -> String {
        let singular = self.describes || self.to.is_none() && self.amount.is_one();
        let unit = self.written.unit;
        let unit = if singular { unit.singular } else { unit.plural };
        let amount = self.amount.verbalize(context.locale);
        let words = match &self.to {
            Some(to) => format!("{amount} to {} {unit}", to.verbalize(context.locale)),
            None => format!("{amount} {unit}"),
        };
        self.written.per.map_or_else(|| words.clone(), |per| format!("{words} per {}", per.singular))
    }
}

/// The longest unit of the table that starts at `at`, and the token after it.
fn listed_unit(tokens: &Tokens<'_>, at: usize) -> Option<(&'static Unit, usize)> {
    // "sq" "." " " "ft" "." is the longest.
    (1..=5).rev().map(|length| at + length).filter(|&end| end <= tokens.len()).find_map(|end| {
        let written = tokens.slice(at, end);
        if written.len() > LONGEST_UNIT {
            return None;
        }
        let glued = !tokens.is_space(at.wrapping_sub(1));
        let unit = UNITS.get(written).or_else(|| unit_in_any_case(written, glued))?;
        let more = !tokens.closes_chunk(end) && written != "%" && written != "\"";
        (!more && !matches!(tokens.mark(end), Some('²' | '³'))).then_some((unit, end))
    })
}

/// The unit that starts at `at`, alone or per another, and the token after it.
fn unit_at(tokens: &Tokens<'_>, at: usize) -> Option<(WrittenUnit, usize)> {
    if !matches!(tokens.kind(at), Some(Kind::Word | Kind::Mark)) {
        return None;
    }
    let (unit, end) = listed_unit(tokens, at)?;
    let is_name = tokens.is_word(at);
    let second = || (tokens.word(end + 1) == Some("s")).then_some((&SECOND, end + 2));
    match listed_unit(tokens, end + 1)
        .or_else(second)
        .filter(|_| is_name && tokens.is_mark(end, '/') && tokens.is_word(end + 1))
    {
        Some((per, end)) => Some((WrittenUnit { unit, per: Some(per) }, end)),
        None => Some((WrittenUnit { unit, per: None }, end)),
    }
}

/// Whether a word is a unit after a number and a space.
pub(super) fn is_written_unit(word: &str) -> bool {
    UNITS.get(word).is_some_and(|unit| !unit.glued)
}

/// Whether a unit starts at `at`.
pub(super) fn is_unit(tokens: &Tokens<'_>, at: usize) -> bool {
    unit_at(tokens, at).is_some_and(|(written, _)| {
        !written.unit.glued || !tokens.is_space(at.wrapping_sub(1)) || is_temperature(tokens, at)
    })
}

/// Whether a number and the mark of inches stand directly before `at`.
pub(super) fn follows_inches(tokens: &Tokens<'_>, at: usize) -> bool {
    at > 1 && tokens.is_mark(at - 1, '"') && tokens.is_number(at - 2)
}

/// `/hr`, `/oz` after a sum: the name of the unit, and the token after it.
pub(super) fn per_unit(tokens: &Tokens<'_>, at: usize) -> Option<(&'static str, usize)> {
    let (unit, end) = listed_unit(tokens, at).filter(|_| tokens.is_word(at))?;
    if tokens.is_mark(end - 1, '.') {
        return Some((unit.singular, end - usize::from(stop_ends_sentence(tokens, end - 1))));
    }
    Some((unit.singular, end + usize::from(is_inner_stop(tokens, end))))
}

/// Whether the stop at `at` is one of an abbreviation, for a small letter follows.
fn is_inner_stop(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.is_mark(at, '.')
        && tokens.is_space(at + 1)
        && tokens.word(at + 2).is_some_and(|word| word.starts_with(char::is_lowercase))
}

/// The end of the second size in `24" and 32" models`, which describes the same noun; else the end of the first.
fn shared_end(tokens: &Tokens<'_>, end: usize) -> usize {
    let joined = tokens.is_mark(end - 1, '"') && matches!(tokens.word_after(end), Some("and" | "or"));
    let number = tokens.over_space(tokens.over_space(end) + 1);
    if joined && tokens.is_number(number) && tokens.is_mark(number + 1, '"') { number + 2 } else { end }
}

/// The start of the first size, seen from the second.
fn shared_start(tokens: &Tokens<'_>, at: usize) -> usize {
    let joint = tokens.before(at).filter(|&joint| matches!(tokens.word(joint), Some("and" | "or")));
    let mark = joint.and_then(|joint| tokens.before(joint)).filter(|&mark| tokens.is_mark(mark, '"'));
    mark.and_then(|mark| mark.checked_sub(1)).filter(|&number| tokens.is_number(number)).unwrap_or(at)
}

/// A number and its unit.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let amount = amount::parse(tokens, at, Magnitudes::Usual)?;
    let to = upper_end(tokens, &amount);
    let end = to.as_ref().map_or(amount.end, |to| to.end);
    let hyphenated = tokens.is_mark(end, '-');
    let glued = !tokens.is_space(end);
    let first = end + usize::from(hyphenated || !glued);
    let (written, mut end) = unit_at(tokens, first)?;
    // "seat 14C", "Route 9W", "§ 2C:11-3"
    let label = written.unit.glued
        && tokens.word(first).is_some_and(|word| word.len() == 1)
        && (tokens.word_before(at).is_some_and(|word| is_cue("seat", word))
            || tokens.before(at).is_some_and(|sign| tokens.is_mark(sign, '§'))
            || tokens.is_mark(end, ':') && tokens.is_number(end + 1));
    // "3 ft 6 in"
    let inches = tokens.word(first) == Some("in")
        && tokens.word_before(at).is_some_and(|word| matches!(word, "ft" | "feet" | "foot"));
    let spaced = is_temperature(tokens, first) || inches;
    // `"123456789"` is a quoted code.
    let code = written.unit.singular == "inch" && amount.integer.len() > 6;
    if label || code || written.unit.glued && !glued && !spaced || !fits(context, written.unit, end) {
        return None;
    }
    if tokens.is_mark(end - 1, '.') && stop_ends_sentence(tokens, end - 1) {
        end -= 1;
    }
    // "a 24-hr. curfew"
    let abbreviated = tokens.is_word(end - 1) && is_inner_stop(tokens, end);
    let event = tokens.word_after(end).is_some_and(|word| is_cue("event", word));
    // `a 34" 3440x1440 monitor`
    let sized = matches!(tokens.word_before(at), Some("a" | "an" | "A"))
        && tokens.is_space(end)
        && tokens.is_number(end + 1);
    // Nobody says "sixty frame per second video".
    let plural = matches!(written.unit.plural, "times" | "frames per second");
    let describes = hyphenated
        || event
        || sized
        || describes_noun(tokens, shared_start(tokens, at), shared_end(tokens, end)) && !plural;
    let measure = Measure { amount, to, written, describes };
    Reading::one(measure.class(), measure.verbalize(context), at, end + usize::from(abbreviated))
}

/// The upper end of a range that has its unit in common with the lower one: `5-10 km`, `5 – 10 km`.
fn upper_end(tokens: &Tokens<'_>, from: &Amount) -> Option<Amount> {
    let dash = tokens.over_space(from.end);
    let spaced = dash != from.end;
    let joins = tokens.is_dash(dash) && !(spaced && tokens.is_mark(dash, '—'))
        || tokens.is_mark(dash, '~') && !spaced;
    let second = if spaced { tokens.over_space(dash + 1) } else { dash + 1 };
    if !joins || !tokens.is_number(second) || from.fraction.is_some() {
        return None;
    }
    let to = amount::parse(tokens, second, Magnitudes::Usual).filter(|to| to.sign.is_none())?;
    // "in 2024 – 15 km away": a dash with spaces may be one between clauses.
    let rises = from.integer.parse::<u64>().ok() < to.integer.parse::<u64>().ok() && from.integer.len() < 4;
    (!spaced || rises).then_some(to)
}

/// `35 C` with a space: a degree if the sentence ends or a small letter follows.
fn is_temperature(tokens: &Tokens<'_>, at: usize) -> bool {
    let next = tokens.over_space(at + 1);
    let goes_on = tokens.is_mark(at + 1, '.') && tokens.is_word(next)
        || tokens.word(next).is_some_and(|word| word.starts_with(char::is_uppercase))
        || matches!(tokens.mark(at + 1), Some('-' | '&' | '/' | '\''));
    matches!(tokens.word(at), Some("C" | "F")) && !goes_on
}

/// Units that may also be other things: an inch mark is no closing quote, and "10 am" is no attometre.
fn fits(context: &Context<'_>, unit: &Unit, end: usize) -> bool {
    let tokens = context.tokens;
    // `5"` inside quotation marks is a number and a closing quote.
    if unit.singular == "inch" {
        // "1-in-5", "came 5 in. The"
        let ends = tokens.is_mark(end - 1, '.') && stop_ends_sentence(tokens, end - 1);
        if ends || tokens.is_mark(end, '-') && tokens.is_number(end + 1) {
            return false;
        }
    }
    // "4F-7721" is a code, "20C-25C" a range.
    let degree = matches!(tokens.word(end - 1), Some("C" | "F"));
    if degree
        && tokens.is_mark(end, '-')
        && tokens.is_number(end + 1)
        && tokens.text(end + 2) != tokens.text(end - 1)
    {
        return false;
    }
    let closes = context.quotes.get(end - 1).copied().unwrap_or_default() != Quote::None;
    let noun_follows = tokens.word(end + 1).is_some_and(|word| !is_cue("function", word));
    !(tokens.is_mark(end - 1, '"') && unit.singular == "inch" && closes && !noun_follows)
}

/// `6'2"`, `6ft 4in`, `6 ft. 2 in.` → "six foot two".
pub(super) fn read_feet_and_inches(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let feet = tokens.digits(at).filter(|digits| digits.len() <= 2)?;
    // "6' 2\"" may have a space.
    let spaced = tokens.is_space(at + 2) && matches!(tokens.mark(at + 4), Some('"' | '”'));
    let next = at + 2 + usize::from(spaced);
    let inches = tokens.digits(next).filter(|digits| digits.len() <= 2 && tokens.is_mark(at + 1, '\''))?;
    let words = |digits: &str| integer_words(digits, context.locale);
    let end = next + 1 + usize::from(tokens.is_mark(next + 1, '"') || tokens.is_mark(next + 1, '”'));
    Reading::one(SemioticClass::Measure, format!("{} foot {}", words(feet), words(inches)), at, end)
}
