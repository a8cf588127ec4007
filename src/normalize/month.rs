//! The names of the months, in full and short, in any case.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::token::Tokens;
use crate::tsv;

static MONTHS: LazyLock<HashMap<&str, u64>> = LazyLock::new(|| {
    tsv::pairs(include_str!("data/months.tsv"))
        .filter_map(|(name, number)| Some((name, number.parse().ok()?)))
        .collect()
});

const NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// No name is longer.
const LONGEST: usize = 9;

/// All names and abbreviations of months.
pub(super) fn written_months() -> impl Iterator<Item = &'static str> {
    MONTHS.keys().copied()
}

/// The number of a month's name or abbreviation, with its capital or in capitals.
pub(super) fn month_number(word: &str) -> Option<u64> {
    if let Some(&month) = MONTHS.get(word) {
        return Some(month);
    }
    // "NOV. 18" in a dateline.
    if word.len() > LONGEST || !word.is_ascii() || word.chars().any(char::is_lowercase) {
        return None;
    }
    let name = format!("{}{}", word.get(..1)?, word.get(1..)?.to_lowercase());
    MONTHS.get(name.as_str()).copied()
}

/// The same for text that is written without capitals: beside a day or a year `july` is a month.
pub(super) fn month_in_any_case(word: &str) -> Option<u64> {
    month_number(word).or_else(|| {
        let small = word.len() <= LONGEST && word.bytes().all(|letter| letter.is_ascii_lowercase());
        if small { month_number(&word.to_uppercase()) } else { None }
    })
}

/// The full name of the month with this number.
pub(super) fn month_name(month: u64) -> Option<&'static str> {
    NAMES.get(usize::try_from(month).ok()?.checked_sub(1)?).copied()
}

/// Whether the word at `at` is also a verb or a noun when it has no capital: "they may", "a march".
pub(super) fn is_also_a_word(tokens: &Tokens<'_>, at: usize) -> bool {
    matches!(tokens.text(at), "may" | "march" | "mar")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn months_are_known_in_any_case_where_a_date_is_sure() {
        let rows = [
            ("July", Some(7), Some(7)),
            ("JUL", Some(7), Some(7)),
            ("july", None, Some(7)),
            ("sept", None, Some(9)),
            ("jULY", None, None),
            ("julys", None, None),
            ("", None, None),
        ];
        each(rows, |(word, strict, any)| {
            assert_eq!(month_number(word), strict, "{word}");
            assert_eq!(month_in_any_case(word), any, "{word}");
        });
    }
}
