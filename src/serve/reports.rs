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
//! - `order`: what is asked for
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
pub(in crate::serve) mod order;
pub(in crate::serve) mod state;
mod worker;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use self::desk::Reports;
pub(crate) use self::order::{Captions, Kind, Order, Source};
pub(crate) use self::state::{FileKind, LeftOut, UnknownWord};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::report::Narrator;

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

/// Makes reports.
pub(crate) trait Maker: Send + Sync {
    /// Looks at an address that is to be fetched later, and gives it as it may be shown.
    ///
    /// # Errors
    /// It is none that would ever be fetched.
    fn address(&self, typed: &str) -> Result<String>;

    /// Makes a report: files in the folder of the task, each whole. `observe` is told how far it is.
    ///
    /// # Errors
    /// Whatever can go wrong between an article and its files. Then the folder may hold anything.
    fn make(&self, task: Task<'_>, observe: &mut dyn FnMut(Step)) -> Result<Made>;
}

/// A report to be made.
pub(crate) struct Task<'a> {
    /// What is asked for.
    pub order: &'a Order,
    /// The article, where it is not fetched.
    pub content: Option<Vec<u8>>,
    /// Who reads it.
    pub narrator: Narrator,
    /// An empty folder.
    pub folder: &'a Path,
    /// Set when nobody wants it any more, or the server ends.
    pub cancel: &'a Cancel,
}

/// Something has happened.
pub(crate) enum Step {
    /// The article is there.
    Loaded(Story),
    /// A chunk was spoken.
    Spoken {
        /// The part of the text, 0 to 1.
        done: f64,
        /// Seconds of sound so far.
        seconds: f64,
    },
}

/// What is known of an article before it is spoken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    /// Its headline.
    pub title: Option<String>,
    /// Its address.
    pub source: Option<String>,
    /// How sure it is that this is the story.
    pub confidence: Option<f64>,
    /// What is not read.
    pub left_out: Vec<LeftOut>,
}

/// A report that is made.
#[derive(Debug)]
pub(crate) struct Made {
    /// Words that no dictionary has.
    pub unknown_words: Vec<UnknownWord>,
    /// Seconds of sound.
    pub seconds: f64,
    /// Its files, the sound first.
    pub files: Vec<MadeFile>,
}

/// A file of it.
#[derive(Debug)]
pub(crate) struct MadeFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is.
    pub kind: FileKind,
    /// Its media type.
    pub media_type: &'static str,
}
