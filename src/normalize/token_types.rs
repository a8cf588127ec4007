//! The normaliser's results: spoken tokens and their semiotic classes.

use serde::Serialize;

use crate::text::Span;

/// The class of a written token, after Kestrel (Ebden and Sproat 2014) and Taylor's "semiotic classes".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub(crate) enum SemioticClass {
    /// An ordinary word, spoken as written.
    Plain,
    /// Punctuation that shapes the melody: `. , ; : ! ? — …` and quotes.
    Punctuation,
    /// 1,234
    Cardinal,
    /// 3rd
    Ordinal,
    /// 3.5
    Decimal,
    /// 1⁄2, 3/4
    Fraction,
    /// 1990s, 2024 as a year
    Year,
    /// Nov. 18, 2024-11-18
    Date,
    /// 10 a.m., 14:30
    Time,
    /// $1.2 billion
    Money,
    /// 3.5%
    Percent,
    /// 5 km, 20-25°C, 38°54′N
    Measure,
    /// 10-15, 1950-53; scores, votes and odds: 3-2, 6-4, 7/2
    Range,
    /// F-16, COVID-19; dialled numbers: 555-0123, 911; numbers of houses, flights, laws
    Serial,
    /// Gen., No., vs.
    Abbreviation,
    /// Read letter by letter; the spoken text is the letters in capitals, separated by spaces.
    Letters,
    /// An acronym said in full.
    Expansion,
    /// Words that a user's lexicon has; the spoken text is the written one, with its digits.
    Lexicon,
    /// &, +, @
    Symbol,
    /// www.example.org, name@example.org
    Electronic,
}

/// A piece of spoken text and where it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SpokenToken {
    /// The spoken form: words separated by single spaces, without digits; or one punctuation mark.
    pub text: String,
    /// The written form, as a span of the normaliser's input.
    pub span: Span,
    /// Its class.
    pub class: SemioticClass,
    /// Whether a space stands before it in the spoken text.
    pub space_before: bool,
}
