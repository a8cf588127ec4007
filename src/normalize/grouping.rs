//! Thousands that are separated by full stops, as much of Europe writes them: 45.000, 1.250.000.

use super::table::{counts, is_cue};
use super::token::Tokens;

/// No number that is said has more groups.
const MOST_GROUPS: usize = 6;

/// The groups of three digits that follow the number at `at`, each after a full stop; none where something else is
/// written on.
fn groups(tokens: &Tokens<'_>, at: usize) -> usize {
    let Some(digits) = tokens.digits(at) else { return 0 };
    if digits.len() > 3 || digits.starts_with('0') {
        return 0;
    }
    let is_group =
        |at: usize| tokens.is_mark(at, '.') && tokens.digits(at + 1).is_some_and(|digits| digits.len() == 3);
    let count = (0..MOST_GROUPS).take_while(|&count| is_group(at + 1 + 2 * count)).count();
    let end = at + 1 + 2 * count;
    let goes_on = tokens.is_mark(end, '.') && tokens.is_number(end + 1) || !tokens.closes_chunk(end);
    let begins_later = at > 1 && tokens.is_mark(at - 1, '.') && tokens.is_number(at - 2);
    if goes_on || begins_later { 0 } else { count }
}

/// Whether full stops separate the thousands of the number at `at`.
pub(super) fn has_stops(tokens: &Tokens<'_>, at: usize) -> bool {
    match groups(tokens, at) {
        0 => false,
        1 => tokens.is_continental() || has_comma_decimals(tokens, at + 3) || is_round_count(tokens, at),
        _ => !is_internet_address(tokens, at),
    }
}

/// `1.299,00`: a comma and one or two digits at `at`.
pub(super) fn has_comma_decimals(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.is_mark(at, ',')
        && tokens.digits(at + 1).is_some_and(|digits| digits.len() <= 2)
        && tokens.closes_chunk(at + 2)
        && !(tokens.mark(at + 2).is_some() && tokens.is_number(at + 3))
}

/// `45.000 visitors`, `€45.000`: nobody counts people to three decimals. A measure may be that exact.
fn is_round_count(tokens: &Tokens<'_>, at: usize) -> bool {
    let next = at + 3;
    let euros = at > 0 && tokens.is_mark(at - 1, '€')
        || tokens.is_mark(tokens.over_space(next), '€')
        || matches!(tokens.word_after(next), Some("euro" | "euros" | "EUR"));
    let counted =
        counts(tokens, next) && !tokens.word_after(next).is_some_and(|word| is_cue("measured", word));
    tokens.text(at + 2) == "000" && (euros || counted)
}

/// Four numbers up to 255, none with a nought in front.
pub(super) fn is_internet_address(tokens: &Tokens<'_>, at: usize) -> bool {
    let is_byte = |at: usize| {
        tokens
            .digits(at)
            .is_some_and(|digits| digits.parse::<u8>().is_ok() && (digits == "0" || !digits.starts_with('0')))
    };
    let goes_on = tokens.is_mark(at + 7, '.') && tokens.is_number(at + 8) || !tokens.closes_chunk(at + 7);
    (0..4).all(|part| is_byte(at + 2 * part))
        && (0..3).all(|part| tokens.is_mark(at + 2 * part + 1, '.'))
        && !goes_on
        && !(at > 1 && tokens.is_mark(at - 1, '.') && tokens.is_number(at - 2))
}

/// Whether the whole text writes its numbers so: thousands with full stops, decimals with commas, and no thousands
/// with commas.
pub(super) fn is_continental(tokens: &Tokens<'_>) -> bool {
    let (mut stops, mut decimals) = (false, false);
    for at in 0..tokens.len() {
        if !tokens.is_number(at) || !tokens.is_number(at + 2) {
            continue;
        }
        let written_before = at > 0 && matches!(tokens.mark(at - 1), Some(',' | '.'));
        let length = tokens.text(at + 2).len();
        match tokens.mark(at + 1) {
            Some(',') if length == 3 => return false,
            Some(',') if length <= 2 && !tokens.is_mark(at + 3, ',') && !written_before => decimals = true,
            Some('.') if length == 3 => stops |= groups(tokens, at) > 0,
            _ => {}
        }
    }
    stops && decimals
}

/// What a whole page shows of how it writes numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageNumbers {
    /// Thousands with full stops that can be nothing else: 1.250.000.
    has_stops: bool,
    /// Decimals with commas, beside a sign of money or of per cent: 3,5 %.
    has_comma_decimals: bool,
    /// Thousands with commas: 45,000.
    has_commas: bool,
}

impl PageNumbers {
    /// Looks at all numbers of a text. One pass.
    pub(crate) fn add(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let digits =
            |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
        let mut at = 0;
        while let Some(found) = bytes[at..].iter().position(u8::is_ascii_digit) {
            let start = at + found;
            let head = digits(start);
            let (mut end, mut stops, mut commas, mut last) = (start + head, 0, 0, head);
            let mut tail = None;
            while let Some(&mark) = bytes.get(end).filter(|mark| matches!(mark, b'.' | b',')) {
                let length = digits(end + 1);
                if length == 0 {
                    break;
                }
                stops += usize::from(mark == b'.' && length == 3);
                commas += usize::from(mark == b',' && length == 3);
                (tail, last, end) = (Some(mark), length, end + 1 + length);
            }
            let is_address = stops == 3 && text[start..end].split('.').all(|part| part.parse::<u8>().is_ok());
            self.has_stops |= stops >= 2 && head <= 3 && last == 3 && commas == 0 && !is_address;
            self.has_commas |= commas > 0 && head <= 3;
            if tail == Some(b',') && last <= 2 && commas == 0 {
                let after = text[end..].trim_start_matches([' ', '\u{a0}', '\u{202f}']);
                let before = text[..start].trim_end_matches([' ', '\u{a0}', '\u{202f}']);
                self.has_comma_decimals |= after.starts_with(['%', '€']) || before.ends_with('€');
            }
            at = end;
        }
    }

    /// Whether the page writes its numbers as much of Europe does.
    pub(super) fn are_continental(self) -> bool {
        !self.has_commas && (self.has_stops || self.has_comma_decimals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_page_shows_how_it_writes_numbers() {
        let rows = [
            ("Rents rose 3,5 % to 45.000 a year.", true),
            ("It cost €12,50. Some 45.000 came.", true),
            ("The city has 1.250.000 people.", true),
            ("It rose 3.125 points at 192.168.100.200.", false),
            ("Rents rose 3,5 % to 45,000 a year.", false),
            ("Items 1,2 and 3; version 1.2.3; 10.0.0.1; 1.250,000.", false),
            ("", false),
        ];
        each(rows, |(text, want)| {
            let mut numbers = PageNumbers::default();
            numbers.add(text);
            assert_eq!(numbers.are_continental(), want, "{text}");
        });
    }
}
