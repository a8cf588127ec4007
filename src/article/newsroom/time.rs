//! Moments as news formats write them: ISO 8601, extended or basic.

use crate::calendar::{DAY, Date};

/// Where no zone is named, the last place on Earth where an hour begins: twelve hours behind UTC. An embargo never ends too early so.
const LAST_ZONE: i64 = -12 * 3600;

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    days: i64,
    /// Second of the day, as it is written.
    second: i64,
    has_time: bool,
    /// Seconds east of UTC.
    zone: Option<i64>,
}

impl Moment {
    /// Reads `2026-12-01T06:00:00+02:00`, `20261201T060000Z`, `2026-12-01`, and forms between these.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (date, time) = match text.find(['T', 't', ' ']) {
            Some(at) => (&text[..at], Some(&text[at + 1..])),
            None => (text, None),
        };
        let (mut digits, rest) = number(date, 4)?;
        let year = digits;
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let (month, rest) = number(rest, 2)?;
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let (day, rest) = number(rest, 2)?;
        // `2026-12-01+01:00`, a date of XML Schema.
        let (mut zone, has_date_zone) = match rest {
            "" => (None, false),
            rest if time.is_none() => (Some(zone_of(rest)?), true),
            _ => return None,
        };
        if !(1..=12).contains(&month) || day < 1 || day > days_of(year, month) {
            return None;
        }
        let days = Date { year, month, day }.days();
        let Some(time) = time.filter(|time| !time.trim().is_empty() && !has_date_zone) else {
            return Some(Self { days, second: 0, has_time: false, zone });
        };
        let (hour, rest) = number(time, 2)?;
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let (minute, mut rest) = number(rest, 2)?;
        digits = 0;
        let after = rest.strip_prefix(':').unwrap_or(rest);
        if let Some((second, after)) = number(after, 2) {
            (digits, rest) = (second, after);
        }
        if let Some(fraction) = rest.strip_prefix(['.', ',']) {
            rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        let rest = rest.trim();
        if !rest.is_empty() {
            zone = Some(zone_of(rest)?);
        }
        // The end of a day may be written as 24:00, and a leap second as 60.
        if hour > 24 || minute > 59 || digits > 60 || (hour == 24 && minute + digits > 0) {
            return None;
        }
        Some(Self { days, second: hour * 3600 + minute * 60 + digits, has_time: true, zone })
    }

    /// Seconds since 1970 in UTC.
    pub(super) fn seconds(self) -> i64 {
        self.days * DAY + self.second - self.zone.unwrap_or(LAST_ZONE)
    }

    /// In ISO 8601, extended.
    pub(super) fn iso(self) -> String {
        let date = Date::of_days(self.days + self.second / DAY).to_string();
        if !self.has_time {
            return date;
        }
        let second = self.second % DAY;
        let time = format!("{date}T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
        match self.zone {
            None => time,
            Some(0) => format!("{time}Z"),
            Some(zone) => format!("{time}{}", offset(zone)),
        }
    }

    /// For people: the hour as it is written, and in UTC.
    pub(super) fn shown(self) -> String {
        let minutes = |seconds: i64| {
            let second = seconds.rem_euclid(DAY);
            let (hour, minute) = (second / 3600, second / 60 % 60);
            format!("{} {hour:02}:{minute:02}", Date::of_seconds(seconds))
        };
        let written = minutes(self.days * DAY + self.second);
        match self.zone {
            Some(0) => format!("{written} UTC"),
            Some(zone) => format!("{written} {} ({} UTC)", offset(zone), minutes(self.seconds())),
            None => format!("{written} in every time zone ({} UTC)", minutes(self.seconds())),
        }
    }
}

fn offset(zone: i64) -> String {
    let sign = if zone < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", zone.abs() / 3600, zone.abs() / 60 % 60)
}

/// `Z`, `+02:00`, `-0500`, `+01`.
fn zone_of(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = number(&text[1..], 2)?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = if rest.is_empty() { (0, "") } else { number(rest, 2)? };
    (rest.is_empty() && hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// A number of so many digits, and what follows.
fn number(text: &str, digits: usize) -> Option<(i64, &str)> {
    let head = text.get(..digits).filter(|head| head.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((head.parse().ok()?, &text[digits..]))
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    #[test]
    fn moments_are_read_in_all_their_forms() {
        let rows = [
            ("1970-01-01T00:00:00Z", Some((0, "1970-01-01T00:00:00Z"))),
            ("2026-12-01T06:00:00Z", Some((1_796_104_800, "2026-12-01T06:00:00Z"))),
            ("2026-12-01T08:00:00+02:00", Some((1_796_104_800, "2026-12-01T08:00:00+02:00"))),
            ("20261201T010000-0500", Some((1_796_104_800, "2026-12-01T01:00:00-05:00"))),
            ("2026-12-01T06:00Z", Some((1_796_104_800, "2026-12-01T06:00:00Z"))),
            ("2026-12-01 06:00:00.123Z", Some((1_796_104_800, "2026-12-01T06:00:00Z"))),
            ("20261201T0600Z", Some((1_796_104_800, "2026-12-01T06:00:00Z"))),
            // Without a zone the hour counts where it comes last.
            ("2026-12-01T06:00:00", Some((1_796_148_000, "2026-12-01T06:00:00"))),
            ("2026-12-01", Some((1_796_126_400, "2026-12-01"))),
            ("20261201", Some((1_796_126_400, "2026-12-01"))),
            ("2026-12-01Z", Some((1_796_083_200, "2026-12-01"))),
            ("2024-02-29T24:00:00Z", Some((1_709_251_200, "2024-03-01T00:00:00Z"))),
            ("2023-02-29", None),
            ("2026-13-01", None),
            ("2026-12-01T25:00Z", None),
            ("2026-12-01T06:00 somewhere", None),
            ("Tuesday", None),
            ("", None),
        ];
        each(rows, |(text, want)| {
            let found = Moment::parse(text).map(|moment| (moment.seconds(), moment.iso()));
            assert_eq!(found, want.map(|(seconds, iso)| (seconds, iso.to_owned())), "{text}");
        });
        let shown = |text: &str| Moment::parse(text).unwrap().shown();
        assert_eq!(shown("2026-12-01T01:30:00+02:00"), "2026-12-01 01:30 +02:00 (2026-11-30 23:30 UTC)");
        assert_eq!(shown("2026-12-01T06:00:00Z"), "2026-12-01 06:00 UTC");
        assert_eq!(shown("2026-12-01"), "2026-12-01 00:00 in every time zone (2026-12-01 12:00 UTC)");
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "[0-9TZ:+. é-]{0,30}") {
            if let Some(moment) = Moment::parse(&text) {
                let again = Moment::parse(&moment.iso()).map(Moment::seconds);
                prop_assert!(!moment.shown().is_empty());
                prop_assert!(again.is_some());
            }
        }
    }
}
