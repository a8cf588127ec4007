//! Days and times as feeds write them: RFC 2822, 3.3, with its obsolete zones.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::calendar::{DAY, Date};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// Zones by name, in hours (RFC 2822, 4.3).
const ZONES: [(&str, i64); 11] = [
    ("GMT", 0),
    ("UT", 0),
    ("UTC", 0),
    ("EST", -5),
    ("EDT", -4),
    ("CST", -6),
    ("CDT", -5),
    ("MST", -7),
    ("MDT", -6),
    ("PST", -8),
    ("PDT", -7),
];
/// The last second that has a year of four digits.
const LAST: i64 = 253_402_300_799;

/// What is wrong with a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its form.
    Form(&'static str),
    /// The day of the week that it should name.
    Weekday(&'static str),
}

/// The day of the week, from Monday.
fn weekday(days: i64) -> usize {
    // 1970 began on a Thursday.
    (days + 3).rem_euclid(7) as usize
}

/// Seconds since 1970; what no feed can write is the nearest that one can.
fn seconds(time: SystemTime) -> i64 {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(seconds).unwrap_or(LAST).min(LAST)
}

/// The day in UTC as people write it: `Wednesday, 18 November 2026`.
pub(super) fn shown(time: SystemTime) -> String {
    const WEEKDAYS: [&str; 7] =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    const MONTHS: [&str; 12] = [
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
    let days = seconds(time) / DAY;
    let Date { year, month, day } = Date::of_days(days);
    format!("{}, {day} {} {year}", WEEKDAYS[weekday(days)], MONTHS[month as usize - 1])
}

/// The day in UTC as machines write it: `2026-11-18`.
pub(super) fn iso(time: SystemTime) -> String {
    Date::of_seconds(seconds(time)).to_string()
}

/// A time as a feed writes it: `Wed, 18 Nov 2026 06:00:00 +0000`.
pub(super) fn written(time: SystemTime) -> String {
    let seconds = seconds(time);
    let days = seconds / DAY;
    let Date { year, month, day } = Date::of_days(days);
    let (hour, minute, second) = (seconds % DAY / 3_600, seconds % 3_600 / 60, seconds % 60);
    let (weekday, month) = (WEEKDAYS[weekday(days)], MONTHS[month as usize - 1]);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} +0000")
}

/// The time of a date.
pub(super) fn parse(text: &str) -> Result<SystemTime, Fault> {
    const FORM: Fault = Fault::Form("it is no date such as Wed, 18 Nov 2026 06:00:00 +0000");
    let (said, rest) = match text.trim().split_once(',') {
        Some((weekday, rest)) => (Some(weekday), rest),
        None => (None, text.trim()),
    };
    let parts: Vec<&str> = rest.split_ascii_whitespace().collect();
    let [day, month, year, time, zone] = parts[..] else { return Err(FORM) };
    let number = |text: &str, shortest: usize, longest: usize| -> Result<i64, Fault> {
        let is_number =
            (shortest..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { text.parse().map_err(|_| FORM) } else { Err(FORM) }
    };
    if said.is_some_and(|said| !WEEKDAYS.contains(&said)) {
        return Err(Fault::Form("it begins with no day of the week such as Mon"));
    }
    let month = MONTHS.iter().position(|known| *known == month);
    let month = month.and_then(|month| i64::try_from(month + 1).ok());
    let month = month.ok_or(Fault::Form("its month is none such as Nov"))?;
    if year.len() != 4 {
        return Err(Fault::Form("its year has not four digits"));
    }
    let date = Date { year: number(year, 4, 4)?, month, day: number(day, 1, 2)? };
    let days = date.days();
    if date.day == 0 || Date::of_days(days) != date {
        return Err(Fault::Form("there is no such day"));
    }
    let clock: Vec<&str> = time.split(':').collect();
    let (hour, minute, second) = match clock[..] {
        [hour, minute] => (number(hour, 2, 2)?, number(minute, 2, 2)?, 0),
        [hour, minute, second] => (number(hour, 2, 2)?, number(minute, 2, 2)?, number(second, 2, 2)?),
        _ => return Err(FORM),
    };
    // A leap second is one.
    if hour > 23 || minute > 59 || second > 60 {
        return Err(Fault::Form("there is no such time of day"));
    }
    let offset = offset(zone).ok_or(Fault::Form("its zone is none such as +0000 or GMT"))?;
    if let Some(said) = said
        && said != WEEKDAYS[weekday(days)]
    {
        return Err(Fault::Weekday(WEEKDAYS[weekday(days)]));
    }
    let seconds = days * DAY + hour * 3_600 + minute * 60 + second - offset;
    let since = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    UNIX_EPOCH.checked_add(since).ok_or(FORM)
}

/// A zone in seconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if let Some((_, hours)) = ZONES.iter().find(|(name, _)| *name == zone) {
        return Some(hours * 3_600);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits = zone.strip_prefix(['+', '-'])?;
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = (digits[..2].parse::<i64>().ok()?, digits[2..].parse::<i64>().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    fn at(seconds: i64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds as u64)
    }

    #[test]
    fn times_are_written_in_utc() {
        let rows = [
            (0, "Thu, 01 Jan 1970 00:00:00 +0000"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (1_794_981_600, "Wed, 18 Nov 2026 06:00:00 +0000"),
            (LAST, "Fri, 31 Dec 9999 23:59:59 +0000"),
            (LAST + 1, "Fri, 31 Dec 9999 23:59:59 +0000"),
        ];
        each(rows, |(seconds, want)| assert_eq!(written(at(seconds)), want));
        assert_eq!(written(UNIX_EPOCH - Duration::from_secs(1)), "Thu, 01 Jan 1970 00:00:00 +0000");
        assert_eq!(shown(at(1_794_981_600)), "Wednesday, 18 November 2026");
        assert_eq!(iso(at(1_794_981_600)), "2026-11-18");
    }

    #[test]
    fn dates_of_the_standard_are_read() {
        let rows = [
            "Wed, 18 Nov 2026 06:00:00 +0000",
            "18 Nov 2026 06:00:00 GMT",
            "Wed, 18 Nov 2026 06:00 UT",
            "Wed,  18 Nov 2026 01:00:00 EST",
            "Wed, 18 Nov 2026 11:30:00 +0530",
            "Tue, 17 Nov 2026 22:00:00 -0800",
        ];
        each(rows, |text| assert_eq!(parse(text), Ok(at(1_794_981_600)), "{text}"));
    }

    #[test]
    fn other_dates_are_faults() {
        let rows = [
            ("Thu, 18 Nov 2026 06:00:00 +0000", "Wed"),
            ("2026-11-18T06:00:00Z", "no date"),
            ("Invalid Date", "no date"),
            ("", "no date"),
            ("Wed, 18 November 2026 06:00:00 +0000", "month"),
            ("Wednesday, 18 Nov 2026 06:00:00 +0000", "day of the week"),
            ("Wed, 18 Nov 26 06:00:00 +0000", "four digits"),
            ("31 Nov 2026 06:00:00 +0000", "no such day"),
            ("0 Nov 2026 06:00:00 +0000", "no such day"),
            ("29 Feb 2026 06:00:00 +0000", "no such day"),
            ("Wed, 18 Nov 2026 24:00:00 +0000", "time of day"),
            ("Wed, 18 Nov 2026 06:00:00", "no date"),
            ("Wed, 18 Nov 2026 06:00:00 CET", "zone"),
            ("Wed, 18 Nov 2026 06:00:00 +01:00", "zone"),
            ("Wed, +8 Nov 2026 06:00:00 +0000", "no date"),
        ];
        each(rows, |(text, want)| match parse(text).unwrap_err() {
            Fault::Form(what) => assert!(what.contains(want), "{text}: {what}"),
            Fault::Weekday(day) => assert_eq!(day, want, "{text}"),
        });
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(seconds in 0..=LAST) {
            prop_assert_eq!(parse(&written(at(seconds))), Ok(at(seconds)));
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,40}", day in "[0-9+,: A-Za-z-]{0,40}") {
            let _ = (parse(&text), parse(&day));
        }
    }
}
