//! A pause between two requests to one host, and hosts that asked to be left alone for a while.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::cancel::Cancel;

/// The longest wait that a server is believed to mean: longer ones are shortened to a day.
const LONGEST: Duration = Duration::from_hours(24);
/// The wait after a refusal that names none.
const USUAL: Duration = Duration::from_mins(1);

/// When each host may be asked again.
#[derive(Debug, Default)]
pub(super) struct Hosts(Mutex<HashMap<String, Turn>>);

#[derive(Clone, Copy, Debug)]
struct Turn {
    /// No request before this.
    next: Instant,
    /// The host itself said so.
    is_asked_for: bool,
}

impl Hosts {
    /// Takes the next turn at a host and returns how long to wait for it; an error, with the rest of the time, when the host
    /// asked to be left alone until later.
    pub(super) fn take_turn(&self, host: &str, now: Instant, pause: Duration) -> Result<Duration, Duration> {
        let mut turns = self.turns();
        let turn = turns.get(host).copied().unwrap_or(Turn { next: now, is_asked_for: false });
        let wait = turn.next.saturating_duration_since(now);
        if turn.is_asked_for && !wait.is_zero() {
            return Err(wait);
        }
        turns.insert(host.to_owned(), Turn { next: now + wait + pause, is_asked_for: false });
        Ok(wait)
    }

    /// Gives back a turn that nobody will use.
    pub(super) fn give_back(&self, host: &str, pause: Duration) {
        if let Some(turn) = self.turns().get_mut(host).filter(|turn| !turn.is_asked_for) {
            turn.next = turn.next.checked_sub(pause).unwrap_or(turn.next);
        }
    }

    /// The host wants no request for so long.
    pub(super) fn leave_alone(&self, host: &str, now: Instant, wait: Option<Duration>) {
        let next = now + wait.unwrap_or(USUAL).min(LONGEST);
        let mut turns = self.turns();
        let turn = turns.entry(host.to_owned()).or_insert(Turn { next, is_asked_for: true });
        *turn = Turn { next: turn.next.max(next), is_asked_for: true };
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<String, Turn>> {
        // Every change is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a turn; whether it has come rather than a request to stop.
pub(super) fn wait(turn: Duration, cancel: &Cancel) -> bool {
    turn.is_zero() || !cancel.sleep(turn)
}

/// The header `Retry-After`: seconds or a date (RFC 9110, 10.2.3). One in the past means at once.
pub(super) fn retry_after(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(header.parse().unwrap_or(u64::MAX)).min(LONGEST));
    }
    let date = httpdate::parse_http_date(header).ok()?;
    Some(date.duration_since(now).unwrap_or_default().min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn each_host_has_its_own_pause() {
        let (hosts, now) = (Hosts::default(), Instant::now());
        let pause = Duration::from_secs(2);
        let rows = [
            ("a", 0, Ok(0)),
            ("a", 0, Ok(2)),
            ("b", 0, Ok(0)),
            ("a", 1, Ok(3)),
            ("a", 9, Ok(0)),
            ("b", 1, Ok(1)),
        ];
        let mut wrong = Vec::new();
        for (host, at, want) in rows {
            let got = hosts.take_turn(host, now + Duration::from_secs(at), pause).map(|wait| wait.as_secs());
            if got != want {
                wrong.push(format!("{host} at {at}: {got:?}, not {want:?}"));
            }
        }
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn whoever_gives_up_holds_nobody_up() {
        let (hosts, now, pause) = (Hosts::default(), Instant::now(), Duration::from_secs(2));
        assert_eq!(hosts.take_turn("a", now, pause), Ok(Duration::ZERO));
        for _ in 0..5 {
            assert_eq!(hosts.take_turn("a", now, pause), Ok(pause));
            hosts.give_back("a", pause);
        }
        // What the host asks for is no turn of anybody.
        hosts.leave_alone("a", now, Some(Duration::from_secs(10)));
        hosts.give_back("a", pause);
        assert_eq!(hosts.take_turn("a", now, pause), Err(Duration::from_secs(10)));
    }

    #[test]
    fn a_host_that_asks_for_it_is_left_alone() {
        let (hosts, now) = (Hosts::default(), Instant::now());
        let at = |seconds| now + Duration::from_secs(seconds);
        hosts.leave_alone("a", now, Some(Duration::from_secs(10)));
        assert_eq!(hosts.take_turn("a", at(4), Duration::ZERO), Err(Duration::from_secs(6)));
        assert_eq!(hosts.take_turn("b", at(4), Duration::ZERO), Ok(Duration::ZERO));
        // A shorter wait does not shorten a longer one.
        hosts.leave_alone("a", at(4), Some(Duration::from_secs(1)));
        assert_eq!(hosts.take_turn("a", at(4), Duration::ZERO), Err(Duration::from_secs(6)));
        assert_eq!(hosts.take_turn("a", at(10), Duration::ZERO), Ok(Duration::ZERO));
        hosts.leave_alone("c", now, None);
        assert_eq!(hosts.take_turn("c", now, Duration::ZERO), Err(USUAL));
        hosts.leave_alone("d", now, Some(Duration::MAX));
        assert_eq!(hosts.take_turn("d", now, Duration::ZERO), Err(LONGEST));
    }

    #[test]
    fn waits_are_seconds_or_dates() {
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let rows = [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("99999999999999999999999", Some(86_400)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun Nov  6 08:50:37 1994", Some(60)),
            ("Sun, 06 Nov 1994 07:49:37 GMT", Some(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ];
        each(rows, |(header, want)| {
            assert_eq!(retry_after(header, now).map(|wait| wait.as_secs()), want, "{header}");
        });
    }
}
