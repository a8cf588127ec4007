//! Texts, addresses and dates as every form of metadata can hold them.

use std::fmt;

use crate::error::{is_printable, shorten};

/// Longest text, in characters; players show one line of it.
const LONGEST_TEXT: usize = 500;
/// Longest address, in bytes; browsers take some thousand.
const LONGEST_ADDRESS: usize = 2_000;

/// One line of text that is not empty, without signs that a tag or a screen can't bear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TagText(String);

impl TagText {
    /// `None` when nothing is left to show. Line ends and control characters become spaces; signs that turn the direction
    /// of writing are left out, and so are those that UTF-16 takes for its byte order mark.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let is_no_character = |c: char| c == '\u{feff}' || u32::from(c) & 0xfffe == 0xfffe;
        let spaced = |c: char| if c.is_control() { ' ' } else { c };
        let is_kept = |c: &char| c.is_whitespace() || (is_printable(*c) && !is_no_character(*c));
        let text: String = text.chars().map(spaced).filter(is_kept).collect();
        let text = shorten(&text, LONGEST_TEXT);
        (!text.is_empty()).then_some(Self(text))
    }

    /// The line.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A whole address on the web, in ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WebAddress(String);

impl WebAddress {
    /// `None` for a path, for another scheme, and for an address that no browser would take. Other characters than those
    /// of ASCII are percent-encoded (RFC 3987, 3.1).
    pub(crate) fn new(address: &str) -> Option<Self> {
        let address = address.trim();
        let host = ["https://", "http://"].iter().find_map(|scheme| {
            let (start, rest) = address.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some(rest)
        })?;
        let is_wrong = |c: char| c.is_control() || c.is_whitespace() || "<>\"\\^`{|}".contains(c);
        if !host.starts_with(char::is_alphanumeric) || address.contains(is_wrong) {
            return None;
        }
        let mut ascii = String::with_capacity(address.len());
        for byte in address.bytes() {
            match byte {
                byte if byte.is_ascii() => ascii.push(char::from(byte)),
                byte => ascii.push_str(&format!("%{byte:02X}")),
            }
        }
        (ascii.len() <= LONGEST_ADDRESS).then_some(Self(ascii))
    }

    /// The address.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A day; shown as ISO 8601 writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    /// Four digits.
    pub year: u16,
    /// From 1 to 12.
    pub month: u8,
    /// From 1 to 31.
    pub day: u8,
}

impl Date {
    /// The day at the beginning of a date in ISO 8601, `2024-11-18T17:59:00Z` or `20241118`, or with the month's English
    /// name. `None` for any other form, because the order of day and month could only be guessed.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let date = Self::from_iso(text).or_else(|| Self::from_words(text))?;
        ((1_000..=9_999).contains(&date.year) && (1..=date.days()?).contains(&date.day)).then_some(date)
    }

    fn from_iso(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
        let (day, rest) = text.split_at(end);
        if !rest.is_empty() && !rest.starts_with(['T', 't', ' ']) {
            return None;
        }
        let parts = match (day.len(), day.split('-').collect::<Vec<_>>().as_slice()) {
            (8, [_]) => [day.get(..4)?, day.get(4..6)?, day.get(6..)?],
            (10, [year, month, day]) => [*year, *month, *day],
            _ => return None,
        };
        if parts.map(str::len) != [4, 2, 2] {
            return None;
        }
        let date =
            Self { year: parts[0].parse().ok()?, month: parts[1].parse().ok()?, day: parts[2].parse().ok()? };
        Some(date)
    }

    /// `Monday, Nov. 18, 2024, 5:59 p.m.`, `18 November 2024`.
    fn from_words(text: &str) -> Option<Self> {
        let mut words =
            text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.')).filter(|word| !word.is_empty());
        let mut first = words.next()?;
        if ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().any(|day| starts_with(first, day)) {
            first = words.next()?;
        }
        let (second, year) = (words.next()?, words.next()?);
        let (month, day) =
            month_of(first).map(|month| (month, second)).or_else(|| Some((month_of(second)?, first)))?;
        let day = ["st", "nd", "rd", "th"].iter().find_map(|ending| day.strip_suffix(ending)).unwrap_or(day);
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || !is_number(year) || !is_number(day) {
            return None;
        }
        Some(Self { year: year.parse().ok()?, month, day: day.parse().ok()? })
    }

    /// Days of its month.
    fn days(self) -> Option<u8> {
        let is_leap =
            self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
            4 | 6 | 9 | 11 => Some(30),
            2 => Some(if is_leap { 29 } else { 28 }),
            _ => None,
        }
    }
}

fn starts_with(word: &str, start: &str) -> bool {
    word.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}

/// The number of a month by its name, or at least three letters of it.
fn month_of(word: &str) -> Option<u8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let month = MONTHS.iter().position(|month| word.len() >= 3 && starts_with(month, word))?;
    Some(month as u8 + 1)
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_text_becomes_one_harmless_line() {
        let long = "word ".repeat(2_000);
        let cut = format!("{}…", &long[..LONGEST_TEXT]);
        let rows = [
            ("Port reopens", Some("Port reopens")),
            ("  Port\r\n reopens\t", Some("Port reopens")),
            ("Port\0reopens\u{1b}[31m", Some("Port reopens [31m")),
            ("\u{feff}Port\u{202e} re\u{fffe}opens\u{2028}", Some("Port reopens")),
            ("한국어 ✓ 🚢", Some("한국어 ✓ 🚢")),
            (&long, Some(cut.as_str())),
            ("\0\n \u{202e}", None),
            ("", None),
        ];
        each(rows, |(text, want)| {
            assert_eq!(TagText::new(text).as_ref().map(TagText::as_str), want, "{text:?}");
        });
    }

    #[test]
    fn an_address_is_whole_or_none() {
        let long = format!("https://example.com/{}", "a".repeat(LONGEST_ADDRESS));
        let rows = [
            ("https://example.com/port?a=1&b=2#top", Some("https://example.com/port?a=1&b=2#top")),
            (" HTTP://example.com ", Some("HTTP://example.com")),
            ("https://example.com/항", Some("https://example.com/%ED%95%AD")),
            ("/port", None),
            ("https://", None),
            ("https:///etc/passwd", None),
            ("javascript:alert(1)", None),
            ("file:///port.html", None),
            ("https://example.com/a b", None),
            ("https://example.com/\0", None),
            (&long, None),
            ("ht", None),
            ("", None),
        ];
        each(rows, |(address, want)| {
            assert_eq!(WebAddress::new(address).as_ref().map(WebAddress::as_str), want, "{address:?}");
        });
    }

    #[test]
    fn only_dates_that_are_certain_are_days() {
        let rows = [
            ("2024-11-18", Some("2024-11-18")),
            ("2024-11-18T17:59:00Z", Some("2024-11-18")),
            ("2024-11-18 17:59:00 +09:00", Some("2024-11-18")),
            ("20241118", Some("2024-11-18")),
            ("2024-02-29", Some("2024-02-29")),
            ("2023-02-29", None),
            ("2024-13-01", None),
            ("2024-00-10", None),
            ("0000-01-01", None),
            ("2024-1-1", None),
            ("2024-11-18x", None),
            ("2024-11", None),
            ("18-11-2024", None),
            ("11/18/2024", None),
            ("Nov. 18, 2024, 5:59 p.m.", Some("2024-11-18")),
            ("Monday, November 18th, 2024", Some("2024-11-18")),
            ("18 Sept 2024", Some("2024-09-18")),
            ("1 MAY 2024 at noon", Some("2024-05-01")),
            ("Nov. 18", None),
            ("Nov. 18, 24", None),
            ("Nov. 31, 2024", None),
            ("No 18, 2024", None),
            ("18 18 2024", None),
            ("Novel 18, 2024", None),
            ("November +8, 2024", None),
            ("서울 18, 2024", None),
            ("3 hours ago", None),
            ("-", None),
            ("", None),
        ];
        each(rows, |(text, want)| {
            assert_eq!(Date::new(text).map(|date| date.to_string()).as_deref(), want, "{text}");
        });
    }
}
