//! The hours at which work is due: at an interval, or at hours of the day where the computer is.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone};

use crate::hash::Fields;

/// An hour of the day, to the minute; written as `06:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hour(NaiveTime);

impl FromStr for Hour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "an hour of the day is wanted, from 00:00 to 23:59".to_string();
        let (hours, minutes) = text.trim().split_once(':').ok_or_else(wrong)?;
        let number = |text: &str| match text.len() {
            1..=2 if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().map_err(|_| wrong()),
            _ => Err(wrong()),
        };
        NaiveTime::from_hms_opt(number(hours)?, number(minutes)?, 0).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.format("%H:%M").fmt(f)
    }
}

/// The longest shift of an interval, beside its tenth.
const LONGEST_SHIFT: Duration = Duration::from_mins(2);

/// When work is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    /// So long after the last time.
    Every {
        /// How long.
        time: Duration,
        /// How much longer, so that machines that begin at once come one after the other.
        shift: Duration,
    },
    /// At these hours, where the computer is.
    At(Vec<Hour>),
}

impl Clock {
    /// At an interval, made longer by the shift of this machine and of the folder of its results.
    pub(crate) fn every(time: Duration, folder: &Path) -> Self {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
        Self::Every { time, shift: shift(&host_name(), folder.as_os_str().as_encoded_bytes(), time) }
    }

    /// The next time at which work is due after it was done at `last`, in seconds since 1970; `now` when it was never done, or at hours of
    /// the day the first of them after `now`. A time that has passed means that work is due.
    pub(crate) fn next(&self, last: Option<i64>, now: i64) -> i64 {
        match self {
            Self::Every { time, shift } => {
                let seconds = i64::try_from(time.saturating_add(*shift).as_secs()).unwrap_or(i64::MAX);
                // After a clock was set back the last time may lie in the future.
                last.map_or(now, |last| last.min(now).saturating_add(seconds))
            }
            Self::At(hours) => {
                let after = last.unwrap_or(now).min(now);
                next_hour(hours, after, &chrono::Local)
            }
        }
    }
}

/// How much longer an interval is on a machine, for a folder: in whole seconds, up to a tenth of it. It is always the same, so that the
/// times can be foretold, and spread evenly, so that many machines do not ask a server in the same second.
fn shift(host: &[u8], folder: &[u8], time: Duration) -> Duration {
    let most = (time / 10).min(LONGEST_SHIFT).as_secs();
    let hash = Fields::of("audio-report watch shift 1").with(host).with(folder).finish();
    let number = hash.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    Duration::from_secs(number % (most + 1))
}

/// The name of this machine.
#[cfg(unix)]
fn host_name() -> Vec<u8> {
    rustix::system::uname().nodename().to_bytes().to_vec()
}

#[cfg(not(unix))]
fn host_name() -> Vec<u8> {
    std::env::var_os("COMPUTERNAME").unwrap_or_default().into_encoded_bytes()
}

/// The first of these hours of the day after a time, in seconds since 1970. An hour that a change to summer time leaves out comes when the
/// clock goes on; one that comes twice counts the first time.
fn next_hour<Zone: TimeZone>(hours: &[Hour], after: i64, zone: &Zone) -> i64 {
    const DAYS: u64 = 3;
    let Some(start) = DateTime::from_timestamp(after, 0) else { return i64::MAX };
    let today = start.with_timezone(zone).date_naive();
    let days = (0..DAYS).filter_map(|days| today.checked_add_days(Days::new(days)));
    let times = days.flat_map(|day| hours.iter().map(move |hour| at(day, *hour, zone)));
    times.filter(|time| *time > after).min().unwrap_or(i64::MAX)
}

fn at<Zone: TimeZone>(day: NaiveDate, Hour(hour): Hour, zone: &Zone) -> i64 {
    const MINUTES_LEFT_OUT_AT_MOST: i64 = 180;
    let time = day.and_time(hour);
    let shifted = (0..=MINUTES_LEFT_OUT_AT_MOST).map(|minutes| time + chrono::Duration::minutes(minutes));
    let mut known = shifted.filter_map(|time| zone.from_local_datetime(&time).earliest());
    known.next().map_or(i64::MAX, |time| time.timestamp())
}

#[cfg(test)]
mod tests {
    use chrono::{FixedOffset, LocalResult, NaiveDateTime, Offset};

    use super::*;
    use crate::table_test::each;

    #[test]
    fn hours_are_written_as_clocks_show_them() {
        let rows = [
            ("06:00", Some("06:00")),
            ("6:05", Some("06:05")),
            (" 23:59 ", Some("23:59")),
            ("24:00", None),
            ("12:60", None),
            ("6", None),
            ("6:", None),
            ("+6:00", None),
            ("006:00", None),
            ("6:00 pm", None),
            ("", None),
        ];
        each(rows, |(text, want)| {
            let hour = text.parse::<Hour>().ok().map(|hour| hour.to_string());
            assert_eq!(hour.as_deref(), want, "{text}");
        });
    }

    #[test]
    fn an_interval_counts_from_the_last_time() {
        let clock = Clock::Every { time: Duration::from_mins(15), shift: Duration::ZERO };
        let rows = [(None, 5_000, 5_000), (Some(4_800), 5_000, 5_700), (Some(1_000), 5_000, 1_900)];
        each(rows, |(last, now, want)| assert_eq!(clock.next(last, now), want, "{last:?} {now}"));
        // The clock was set back by an hour: work is not put off until it gets there again.
        assert_eq!(clock.next(Some(8_600), 5_000), 5_900);
        // The first time comes at once all the same.
        let clock = Clock::Every { time: Duration::from_mins(15), shift: Duration::from_secs(7) };
        assert_eq!((clock.next(None, 5_000), clock.next(Some(4_800), 5_000)), (5_000, 5_707));
    }

    #[test]
    fn many_machines_come_one_after_the_other() {
        let folder = b"/var/lib/audio-report/reports";
        let rows = [(2, 0), (60, 6), (900, 90), (1_200, 120), (21_600, 120)];
        each(rows, |(seconds, most)| {
            let time = Duration::from_secs(seconds);
            let mut machines = vec![0; most + 1];
            for number in 0..200 * machines.len() {
                let host = format!("news-{number}");
                let own = shift(host.as_bytes(), folder, time);
                assert_eq!(own, shift(host.as_bytes(), folder, time), "{host}");
                machines[own.as_secs() as usize] += 1;
            }
            // 200 fall on each second; five standard deviations are 71.
            assert!(machines.iter().all(|count| (129..=271).contains(count)), "{machines:?}");
        });
        let quarter = Duration::from_mins(15);
        let folders: std::collections::HashSet<Duration> =
            (0..20).map(|number| shift(b"news", format!("/reports/{number}").as_bytes(), quarter)).collect();
        assert!(folders.len() > 10, "one machine with several folders: {folders:?}");
        // The folder counts from where it is, however it is written.
        let here = std::env::current_dir().unwrap().join("out");
        assert_eq!(Clock::every(quarter, Path::new("out")), Clock::every(quarter, &here));
    }

    /// Central Europe in 2026: an hour is left out at two o'clock of 29 March, and comes again at three of 25 October.
    #[derive(Clone, Copy, Debug)]
    struct Europe;

    const WINTER: i32 = 3_600;
    const SUMMER: i32 = 7_200;
    const SPRING: i64 = 1_774_746_000;
    const AUTUMN: i64 = 1_792_890_000;

    impl TimeZone for Europe {
        type Offset = FixedOffset;

        fn from_offset(_: &FixedOffset) -> Self {
            Self
        }

        fn offset_from_local_date(&self, day: &NaiveDate) -> LocalResult<FixedOffset> {
            self.offset_from_local_datetime(&day.and_time(NaiveTime::MIN))
        }

        fn offset_from_local_datetime(&self, time: &NaiveDateTime) -> LocalResult<FixedOffset> {
            let fits = |seconds: &i32| {
                let utc = time.and_utc().timestamp() - i64::from(*seconds);
                self.offset_from_utc_datetime(&DateTime::from_timestamp(utc, 0).unwrap().naive_utc())
                    == FixedOffset::east_opt(*seconds).unwrap()
            };
            let offset = |seconds: i32| FixedOffset::east_opt(seconds).unwrap();
            match [SUMMER, WINTER].into_iter().filter(fits).collect::<Vec<_>>()[..] {
                [one] => LocalResult::Single(offset(one)),
                [first, second] => LocalResult::Ambiguous(offset(first), offset(second)),
                _ => LocalResult::None,
            }
        }

        fn offset_from_utc_date(&self, day: &NaiveDate) -> FixedOffset {
            self.offset_from_utc_datetime(&day.and_time(NaiveTime::MIN))
        }

        fn offset_from_utc_datetime(&self, time: &NaiveDateTime) -> FixedOffset {
            let is_summer = (SPRING..AUTUMN).contains(&time.and_utc().timestamp());
            FixedOffset::east_opt(if is_summer { SUMMER } else { WINTER }).unwrap().fix()
        }
    }

    #[test]
    fn an_hour_of_the_day_comes_once_a_day_whatever_the_clock_does() {
        let utc =
            |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc().timestamp();
        let rows = [
            // In winter six o'clock is five o'clock UTC.
            ("06:00", "2026-01-10 04:59", "2026-01-10 05:00"),
            ("06:00", "2026-01-10 05:00", "2026-01-11 05:00"),
            ("06:00", "2026-03-28 12:00", "2026-03-29 04:00"),
            ("06:00", "2026-10-24 12:00", "2026-10-25 05:00"),
            ("06:00,18:30", "2026-07-01 04:00", "2026-07-01 16:30"),
            ("18:30,06:00", "2026-07-01 17:00", "2026-07-02 04:00"),
            // Half past two is left out on 29 March: the clock shows three then.
            ("02:30", "2026-03-28 12:00", "2026-03-29 01:00"),
            // It comes twice on 25 October, and once is enough.
            ("02:30", "2026-10-24 12:00", "2026-10-25 00:30"),
            ("02:30", "2026-10-25 00:30", "2026-10-26 01:30"),
        ];
        each(rows, |(hours, after, want)| {
            let hours: Vec<Hour> = hours.split(',').map(|hour| hour.parse().unwrap()).collect();
            assert_eq!(next_hour(&hours, utc(after), &Europe), utc(want), "after {after}");
        });
    }
}
