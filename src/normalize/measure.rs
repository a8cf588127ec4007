//! Measures with units and percentages: 5 km, 155-mm, -0.2%, 6'2".

use std::collections::HashMap;
use std::sync::LazyLock;

use super::amount::{self, Amount, Magnitudes};
use super::classify::{Context, Reading, describes_noun, integer_words, stop_ends_sentence};
use super::token::Tokens;
use super::{SemioticClass, table};

#[derive(Debug)]
struct Unit {
    singular: &'static str,
    plural: &'static str,
    /// Whether it is a unit only directly after the number or a hyphen: "5in" but not "5 in".
    glued: bool,
}

static UNITS: LazyLock<HashMap<&str, Unit>> = LazyLock::new(|| {
    table::rows(include_str!("data/units.tsv"))
        .filter_map(|row| match row[..] {
            [written, singular, plural, place] => {
                Some((written, Unit { singular, plural, glued: place == "glued" }))
            }
            _ => None,
        })
        .collect()
});

/// A number with its unit: the fields.
#[derive(Debug)]
struct Measure {
    amount: Amount,
    unit: &'static Unit,
    /// "a five kilometer run" rather than "five kilometers".
    describes: bool,
}

impl Measure {
    fn class(&self) -> SemioticClass {
        if self.unit.singular.starts_with("per") { SemioticClass::Percent } else { SemioticClass::Measure }
    }

    fn verbalize(&self, context: &Context<'_>) -> String {
        let singular = self.describes || self.amount.is_one();
        let unit = if singular { self.unit.singular } else { self.unit.plural };
        format!("{} {unit}", self.amount.verbalize(context.locale))
    }
}

/// The longest unit that starts at `at`, and the token after it.
fn unit_at(tokens: &Tokens, at: usize) -> Option<(&'static Unit, usize)> {
    // "sq" "." " " "ft" "." is the longest.
    (1..=5).rev().map(|length| at + length).filter(|&end| end <= tokens.len()).find_map(|end| {
        let written = tokens.slice(at, end);
        let unit = UNITS.get(written)?;
        let more = !tokens.closes_chunk(end) && written != "%" && written != "\"";
        (!more && !matches!(tokens.mark(end), Some('²' | '³'))).then_some((unit, end))
    })
}

/// Whether a unit starts at `at`.
pub(super) fn is_unit(tokens: &Tokens, at: usize) -> bool {
    unit_at(tokens, at).is_some_and(|(unit, _)| !unit.glued || !tokens.is_space(at.wrapping_sub(1)))
}

/// A number and its unit.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let amount = amount::parse(tokens, at, Magnitudes::Usual)?;
    let end = amount.end;
    let hyphenated = tokens.is_mark(end, '-');
    let glued = !tokens.is_space(end);
    let (unit, mut end) = unit_at(tokens, end + usize::from(hyphenated || !glued))?;
    if unit.glued && !glued || !fits(tokens, unit, end) {
        return None;
    }
    if tokens.is_mark(end - 1, '.') && stop_ends_sentence(tokens, end - 1) {
        end -= 1;
    }
    let describes = hyphenated || describes_noun(tokens, at, end) && unit.singular != "time";
    let measure = Measure { amount, unit, describes };
    Reading::one(measure.class(), measure.verbalize(context), at, end)
}

/// An inch mark closes nothing, and "10 am" is no attometre: units that are also other things.
fn fits(tokens: &Tokens, unit: &Unit, end: usize) -> bool {
    // `5"` inside quotation marks is a number and a closing quote.
    if unit.singular == "inch" {
        // "1-in-5", "came 5 in. The"
        let ends = tokens.is_mark(end - 1, '.') && stop_ends_sentence(tokens, end - 1);
        if ends || tokens.is_mark(end, '-') && tokens.is_number(end + 1) {
            return false;
        }
    }
    !(tokens.is_mark(end - 1, '"') && unit.singular == "inch" && !tokens.is_word(end + 1))
}

/// `6'2"` → "six foot two".
pub(super) fn read_feet_and_inches(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let feet = tokens.digits(at).filter(|digits| digits.len() <= 2)?;
    let next = at + 2;
    let inches = tokens.digits(next).filter(|digits| digits.len() <= 2 && tokens.is_mark(at + 1, '\''))?;
    let words = |digits: &str| integer_words(digits, context.locale);
    let end = next + 1 + usize::from(tokens.is_mark(next + 1, '"') || tokens.is_mark(next + 1, '”'));
    Reading::one(SemioticClass::Measure, format!("{} foot {}", words(feet), words(inches)), at, end)
}
