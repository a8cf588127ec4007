//! Days of the calendar, and the time of now.
//!
//! Days are counted from 1970-01-01, times in seconds from its beginning in UTC. The conversions are Howard Hinnant's `civil_from_days` and
//! `days_from_civil`: years begin in March there, so that the leap day is the last one.

#[cfg(feature = "cli")]
mod period;

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

#[cfg(feature = "cli")]
pub(crate) use period::Period;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// A day of the calendar; written as `2026-11-18`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    /// 0 is the year before 1.
    pub(crate) year: i64,
    /// 1 to 12.
    pub(crate) month: i64,
    /// 1 to 31.
    pub(crate) day: i64,
}

impl Date {
    /// The day of a number of days.
    pub(crate) fn of_days(days: i64) -> Self {
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year, month, day: of_year - (153 * from_march + 2) / 5 + 1 }
    }

    /// The day of a time.
    pub(crate) fn of_seconds(seconds: i64) -> Self {
        Self::of_days(seconds.div_euclid(DAY))
    }

    /// The day of a time, where the computer is: a newsroom in Seoul has begun the day when that of UTC is yesterday.
    #[cfg(feature = "cli")]
    pub(crate) fn here(seconds: i64) -> Self {
        use chrono::{Datelike, Local, TimeZone};
        let local = Local.timestamp_opt(seconds, 0).single();
        local.map_or_else(
            || Self::of_seconds(seconds),
            |time| Self { year: time.year().into(), month: time.month().into(), day: time.day().into() },
        )
    }

    /// Its number of days.
    pub(crate) fn days(self) -> i64 {
        let Self { year, month, day } = self;
        let year = year - i64::from(month <= 2);
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let from_march = if month > 2 { month - 3 } else { month + 9 };
        let of_year = (153 * from_march + 2) / 5 + day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The time of now.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn days_are_those_of_the_calendar() {
        let rows = [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (20_421, "2025-11-29"),
            (47_541, "2100-03-01"),
            (-719_468, "0000-03-01"),
        ];
        each(rows, |(days, want)| {
            assert_eq!(Date::of_days(days).to_string(), want, "{days}");
            assert_eq!(Date::of_seconds(days * DAY + DAY - 1).to_string(), want, "{days}");
        });
    }

    #[test]
    fn every_day_comes_back_and_follows_the_one_before() {
        let mut before = Date::of_days(-800_001);
        for days in -800_000..=800_000 {
            let date = Date::of_days(days);
            assert!(date > before && date.days() == days, "{days}: {before} {date}");
            before = date;
        }
    }
}
