//! By when a lane needs a worker. The lane that needs one first gets it.
//!
//! A listener says how long it can wait. A new lane counts as one that can wait for a second, a lane without a listener as
//! one that can wait for half a minute. Whoever waits too long moves up, in the order in which the waiting began.

use std::time::{Duration, Instant};

/// Who needs a worker sooner can't wait.
pub(super) const SOON: Duration = Duration::from_secs(1);
/// Who can wait longer needs none.
pub(super) const WELL_AHEAD: Duration = Duration::from_secs(30);
/// A new lane waits no longer for listeners who run dry all the time. Some clients give up after 10 s.
const PATIENCE_OF_NEW: Duration = Duration::from_secs(5);
/// Nobody else waits longer than that for a worker. When there are too few workers, a file gets a chunk in this time.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a lane has waited for a worker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    /// When it was opened, or last got one.
    pub since: Instant,
    /// When it was first seen late since then.
    late_since: Option<Instant>,
}

impl Waiting {
    /// The waiting begins.
    pub(super) fn since(now: Instant) -> Self {
        Self { since: now, late_since: None }
    }

    /// By when a lane needs a worker whose listener says how long it `can_wait`, if it has one. It `is_new` as long as it
    /// has got none.
    pub(super) fn due(&mut self, now: Instant, can_wait: Option<Duration>, is_new: bool) -> Instant {
        match can_wait {
            None => (now + WELL_AHEAD).min(self.since + PATIENCE),
            Some(_) if is_new => (now + SOON).min(self.since + PATIENCE_OF_NEW),
            Some(Duration::ZERO) => *self.late_since.get_or_insert(now),
            Some(time) => {
                self.late_since = None;
                let due = now.checked_add(time).unwrap_or(now + PATIENCE);
                // The sound ahead of one who waits for more does not shrink.
                if time < WELL_AHEAD { due.min(self.since + PATIENCE) } else { due }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_lane_is_due_by_what_it_says_and_by_how_long_it_waits() {
        let begin = Instant::now();
        let seconds = |seconds: f64| Duration::from_secs_f64(seconds);
        // How long it can wait, whether it is new, seconds since the waiting began; due in seconds from that moment.
        each(
            [
                (Some(0.5), false, 0.0, 0.5),
                (Some(0.0), false, 2.0, 2.0),
                (Some(7.0), false, 3.0, 10.0),
                (Some(20.0), false, 50.0, 60.0),
                (Some(40.0), false, 50.0, 90.0),
                (Some(0.0), true, 0.0, 1.0),
                (Some(0.0), true, 3.5, 4.5),
                (Some(0.0), true, 9.0, 5.0),
                (None, true, 0.0, 30.0),
                (None, false, 20.0, 50.0),
                (None, false, 70.0, 60.0),
            ],
            |(can_wait, is_new, waited, want)| {
                let mut waiting = Waiting::since(begin);
                let due = waiting.due(begin + seconds(waited), can_wait.map(seconds), is_new);
                assert_eq!(due, begin + seconds(want), "{can_wait:?}, new: {is_new}, after {waited} s");
            },
        );
    }

    #[test]
    fn who_was_late_first_stays_first_as_long_as_nothing_comes() {
        let begin = Instant::now();
        let mut waiting = Waiting::since(begin);
        let after = |seconds| begin + Duration::from_secs(seconds);
        assert_eq!(waiting.due(after(1), Some(Duration::ZERO), false), after(1));
        assert_eq!(waiting.due(after(4), Some(Duration::ZERO), false), after(1));
        assert_eq!(waiting.due(after(5), Some(SOON), false), after(6));
        assert_eq!(waiting.due(after(8), Some(Duration::ZERO), false), after(8));
        assert_eq!(waiting.due(after(8), Some(Duration::MAX), false), after(68));
    }
}
