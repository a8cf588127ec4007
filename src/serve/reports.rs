//! Reports: articles that become files while their clients do something else.
//!
//! ```text
//!  http ─▶ desk ─▶ folder        request and state, whole on the disk before the client is answered
//!           │
//!           └────▶ worker ─▶ Maker        one report at a time, by the workers of all, behind everybody who listens
//! ```
//!
//! A report that was not made when the server ended, however it ended, is made by the next one. Its sound comes from the kept chunks as
//! far as it was spoken.
//!
//! - `state`: how far it is, and what clients are told of it
//! - `failure`: why one failed, in words for clients
//! - `folder`: reports on the disk
//! - `desk`: the reports of a server, their order, and when they leave
//! - `worker`: makes them

pub(in crate::serve) mod desk;
pub(in crate::serve) mod failure;
mod folder;
#[cfg(any(test, fuzzing))]
pub(in crate::serve) mod fuzzing;
pub(in crate::serve) mod state;
mod worker;

use std::time::Duration;

pub(crate) use self::desk::Reports;

/// What a server does with its reports.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// How long a report stays when it has ended.
    pub keep: Duration,
    /// Reports that may wait for their turn; one more is refused.
    pub waiting: usize,
    /// A rest after each chunk, where a test has to catch a report in the middle.
    #[cfg(debug_assertions)]
    pub rest: Option<Duration>,
}

impl Settings {
    /// So many reports, for so long; in a debug build with the rest that a test of the real program asks for:
    /// `AUDIO_REPORT_TEST_REPORTS="rest=0.05"`.
    pub(crate) fn new(keep: Duration, waiting: usize) -> Self {
        Self {
            keep,
            waiting,
            #[cfg(debug_assertions)]
            rest: std::env::var("AUDIO_REPORT_TEST_REPORTS").ok().and_then(|asked| {
                Duration::try_from_secs_f64(asked.strip_prefix("rest=")?.parse().ok()?).ok()
            }),
        }
    }
}
