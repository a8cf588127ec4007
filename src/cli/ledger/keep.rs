//! How long reports stay.

use std::fmt;
use std::str::FromStr;

use crate::calendar::Period;
use crate::calendar::now;
use crate::store::manifest::Keep;

/// How long reports stay: `14d`, or how many of them: `200`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeepFor {
    /// For a span of time.
    Span(Period),
    /// The latest ones.
    Latest(usize),
}

impl FromStr for KeepFor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text.parse() {
            Ok(0) => Err("at least one report is kept: give 14d, or how many".to_string()),
            Ok(number) => Ok(Self::Latest(number)),
            Err(_) => text
                .parse()
                .map(Self::Span)
                .map_err(|fault: String| format!("{fault}, or a number of reports")),
        }
    }
}

impl fmt::Display for KeepFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Span(span) => span.fmt(f),
            Self::Latest(number) => number.fmt(f),
        }
    }
}

impl KeepFor {
    /// Which reports stay today.
    pub(crate) fn today(self) -> Keep {
        match self {
            Self::Span(Period(span)) => {
                Keep::From(now().saturating_sub(i64::try_from(span.as_secs()).unwrap_or(i64::MAX)))
            }
            Self::Latest(number) => Keep::Latest(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_span_or_a_number() {
        let rows = [
            ("14d", Some("2w")),
            ("36h", Some("36h")),
            (" 200 ", Some("200")),
            ("0", None),
            ("0d", None),
            ("", None),
            ("-3", None),
            ("many", None),
        ];
        each(rows, |(text, want)| {
            let found = text.parse::<KeepFor>().ok().map(|keep| keep.to_string());
            assert_eq!(found.as_deref(), want, "{text}");
        });
    }
}
