//! What failed, and when it is tried again: less and less often.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::calendar::now;
use crate::cli::outcomes::FailedInput;
use crate::error::ErrorKind;

/// The pauses before the next attempts; the last one again and again.
const PAUSES: [Duration; 4] =
    [Duration::from_mins(1), Duration::from_mins(5), Duration::from_mins(30), Duration::from_hours(2)];

/// Bounds of a pause that was asked for. A longer one comes in parts: the clock may be set, or the computer sleep.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_hours(24);

/// What is tried again later.
#[derive(Debug, Default)]
pub(super) struct Patience {
    waiting: HashMap<PathBuf, Waiting>,
    /// After a failure of everything: until when nothing is tried, and how often it came in a row.
    rest: Option<(Instant, usize)>,
}

#[derive(Debug)]
struct Waiting {
    /// How the input was when it failed.
    stamp: Option<String>,
    /// When it is tried again; never, before it changes, for what does not get better by itself.
    due: Option<Instant>,
    attempts: usize,
}

impl Patience {
    /// An input failed.
    pub(super) fn failed(&mut self, failed: &FailedInput, stamp: Option<String>) {
        let attempts = match self.waiting.get(&failed.path) {
            Some(before) if before.stamp == stamp => before.attempts + 1,
            _ => 1,
        };
        let told = failed.until.map(|until| Duration::from_secs(u64::try_from(until - now()).unwrap_or(0)));
        let pause = told.map_or_else(|| pause(attempts), |told| told.clamp(SHORTEST, LONGEST));
        let due = passes(failed.kind).then(|| Instant::now() + pause);
        self.waiting.insert(failed.path.clone(), Waiting { stamp, due, attempts });
    }

    /// An input did not fail.
    pub(super) fn done(&mut self, path: &Path) {
        self.waiting.remove(path);
    }

    /// Whether an input is not tried now: it failed as it is, and its time has not come.
    pub(super) fn holds(&self, path: &Path, stamp: Option<&str>) -> bool {
        self.waiting.get(path).is_some_and(|waiting| {
            waiting.stamp.as_deref() == stamp && waiting.due.is_none_or(|due| due > Instant::now())
        })
    }

    /// Whether the time of an input has come.
    pub(super) fn is_due(&self) -> bool {
        let now = Instant::now();
        self.waiting.values().any(|waiting| waiting.due.is_some_and(|due| due <= now))
    }

    /// The inputs whose time has come. Each is given out once, and has to be reported as failed or done again.
    pub(super) fn take_due(&mut self) -> Vec<PathBuf> {
        let now = Instant::now();
        let mut due = Vec::new();
        for (path, waiting) in &mut self.waiting {
            if waiting.due.is_some_and(|time| time <= now) {
                waiting.due = Some(now + pause(waiting.attempts + 1));
                due.push(path.clone());
            }
        }
        due
    }

    /// Inputs that failed and wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Everything failed: nothing is tried for a while.
    pub(super) fn rest_from_all(&mut self) {
        let times = self.rest.map_or(1, |(_, times)| times + 1);
        self.rest = Some((Instant::now() + pause(times), times));
    }

    /// All goes on.
    pub(super) fn goes_on(&mut self) {
        self.rest = None;
    }

    /// Whether anything may be tried.
    pub(super) fn has_rested(&self) -> bool {
        self.rest.is_none_or(|(until, _)| until <= Instant::now())
    }

    /// How long nothing is tried yet.
    pub(super) fn rest(&self) -> Option<Duration> {
        let left = self.rest?.0.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

fn pause(attempts: usize) -> Duration {
    PAUSES[attempts.clamp(1, PAUSES.len()) - 1]
}

/// Whether a failure may pass by itself within hours: more does than within the minutes of `--retry`.
fn passes(kind: ErrorKind) -> bool {
    use ErrorKind::{
        Download, Embargoed, HttpStatus, InUse, Network, Output, Redirect, Synthesis, TimedOut, VoiceMissing,
    };
    matches!(
        kind,
        Download
            | Embargoed
            | HttpStatus
            | InUse
            | Network
            | Output
            | Redirect
            | Synthesis
            | TimedOut
            | VoiceMissing
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn what_may_pass_is_tried_again_and_the_rest_when_it_changes() {
        let path = || PathBuf::from("a.txt");
        let failed = |kind, until| FailedInput { path: path(), kind, until };
        let rows = [
            (ErrorKind::Network, true),
            (ErrorKind::Embargoed, true),
            (ErrorKind::Output, true),
            (ErrorKind::Empty, false),
            (ErrorKind::Language, false),
        ];
        each(rows, |(kind, may_pass)| {
            let mut patience = Patience::default();
            patience.failed(&failed(kind, None), Some("1".into()));
            assert!(patience.holds(&path(), Some("1")), "{kind:?}");
            assert!(!patience.holds(&path(), Some("2")), "{kind:?}: it has changed");
            let due = &mut patience.waiting.get_mut(&path()).unwrap().due;
            assert_eq!(due.is_some(), may_pass, "{kind:?}");
            *due = due.map(|_| Instant::now());
            assert_eq!(patience.is_due(), may_pass, "{kind:?}");
            assert_eq!(patience.holds(&path(), Some("1")), !may_pass, "{kind:?}");
            assert_eq!(patience.take_due().len(), usize::from(may_pass), "{kind:?}");
            assert!(patience.take_due().is_empty(), "{kind:?}: twice");
            patience.done(&path());
            assert_eq!(patience.waiting(), 0, "{kind:?}");
        });
    }

    #[test]
    fn a_pause_that_is_known_is_kept() {
        let rows = [(3_000, 3_000), (-5, 1), (1_000_000, 86_400)];
        each(rows, |(seconds, want)| {
            let mut patience = Patience::default();
            let path = PathBuf::from("a.txt");
            let until = Some(now() + seconds);
            patience.failed(&FailedInput { path: path.clone(), kind: ErrorKind::Embargoed, until }, None);
            let due = patience.waiting[&path].due.unwrap().duration_since(Instant::now());
            assert!((due.as_secs_f64() - f64::from(want)).abs() < 3.0, "{seconds}: {due:?}");
        });
    }

    #[test]
    fn pauses_grow_to_an_end() {
        let mut patience = Patience::default();
        let mut pauses = Vec::new();
        for _ in 0..6 {
            patience.rest_from_all();
            assert!(!patience.has_rested());
            pauses.push(patience.rest().unwrap().as_secs_f64().round() as u64);
        }
        assert_eq!(pauses, [60, 300, 1_800, 7_200, 7_200, 7_200]);
        patience.goes_on();
        assert!(patience.has_rested() && patience.rest().is_none());
    }
}
