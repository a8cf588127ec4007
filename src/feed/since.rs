//! Spans of time as people write them, and days of the calendar.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A span of time: `90m`, `24h`, `14d`, `2w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Since(pub Duration);

const UNITS: [(char, u64); 5] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "a span of time is wanted, for example 90m, 24h or 14d".to_string();
        let text = text.trim();
        let unit = text.chars().next_back().ok_or_else(wrong)?.to_ascii_lowercase();
        let (_, seconds) = UNITS.into_iter().find(|(known, _)| *known == unit).ok_or_else(wrong)?;
        let number: u64 = text[..text.len() - 1].trim().parse().map_err(|_| wrong())?;
        let seconds = number.checked_mul(seconds).filter(|seconds| *seconds > 0).ok_or_else(wrong)?;
        Ok(Self(Duration::from_secs(seconds)))
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let fits = |(_, unit): &&(char, u64)| seconds.is_multiple_of(*unit);
        let (name, unit) = UNITS.iter().rev().find(fits).unwrap_or(&UNITS[0]);
        write!(f, "{}{name}", seconds / unit)
    }
}

/// The day of a time in seconds since 1970, as `2026-11-29` (Howard Hinnant's `civil_from_days`).
pub(crate) fn day(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn spans_are_numbers_with_a_unit() {
        let rows = [
            ("90m", Some(5_400)),
            ("24h", Some(86_400)),
            ("14 D", Some(1_209_600)),
            ("1w", Some(604_800)),
            ("0h", None),
            ("h", None),
            ("", None),
            ("24", None),
            ("-1h", None),
            ("24ü", None),
            ("99999999999999999999d", None),
            ("9999999999999999999w", None),
        ];
        each(rows, |(text, want)| {
            let found = text.parse::<Since>().ok();
            assert_eq!(found.map(|since| since.0.as_secs()), want, "{text}");
        });
        each(["90m", "1d", "1w", "5s"], |text| assert_eq!(text.parse::<Since>().unwrap().to_string(), text));
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let rows = [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_782_400, "2000-02-29"),
            (1_764_374_400, "2025-11-29"),
            (4_107_542_400, "2100-03-01"),
        ];
        each(rows, |(seconds, want)| assert_eq!(day(seconds), want, "{seconds}"));
    }
}
