//! Spans of time as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A span of time: `90m`, `24h`, `14d`, `2w`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period(pub Duration);

const UNITS: [(char, u64); 5] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];

impl FromStr for Period {
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

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let fits = |(_, unit): &&(char, u64)| seconds.is_multiple_of(*unit);
        let (name, unit) = UNITS.iter().rev().find(fits).unwrap_or(&UNITS[0]);
        write!(f, "{}{name}", seconds / unit)
    }
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
            let found = text.parse::<Period>().ok();
            assert_eq!(found.map(|period| period.0.as_secs()), want, "{text}");
        });
        each(["90m", "1d", "1w", "5s"], |text| assert_eq!(text.parse::<Period>().unwrap().to_string(), text));
    }
}
