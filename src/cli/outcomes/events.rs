//! The events of a batch for programs: one JSON object a line, in the order in which they happen. README.md has the schema; what is here
//! may grow fields and events, and none changes its meaning.

use serde::Serialize;

use crate::cli::ledger::{Held, SameStory};
use crate::cli::progress::Standing;

/// An event. A result that is done is told as `--json` tells it, with `"event": "done"`.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Event {
    /// A batch begins.
    BatchBegun {
        /// Inputs.
        articles: usize,
        /// Those that are to be read, at least to see whether they have changed.
        to_read: usize,
        /// Those that are passed over.
        skipped: usize,
    },
    /// An article is passed over.
    Skipped {
        /// Its name.
        input: String,
        /// Why.
        why: Why,
        /// The story that another feed had before, where that is why.
        #[serde(skip_serializing_if = "Option::is_none")]
        same_story: Option<SameStory>,
    },
    /// An input turned out to be a message with several stories. They take its place, and are read next.
    Opened {
        /// Its name.
        input: String,
        /// How many there are.
        articles: usize,
        /// Those that are to be read, at least to see whether they have changed.
        to_read: usize,
        /// Those that are passed over.
        skipped: usize,
    },
    /// An article begins to be spoken.
    ArticleBegun {
        /// Its name.
        input: String,
        /// Where its sound goes.
        output: String,
        /// Seconds of sound that it will have, by an estimate.
        expected_seconds: Option<f64>,
    },
    /// An article goes on; at most four times a second.
    Progress {
        /// Its name.
        input: String,
        /// Seconds of sound that were made.
        audio_seconds: f64,
        /// Seconds of sound that it will have, by an estimate.
        expected_seconds: Option<f64>,
        /// Where the whole is.
        batch: Standing,
    },
    /// A report that was made is not published before somebody has approved it.
    Held {
        /// The article's name.
        input: String,
        /// The number of its article, why, and where its sound lies.
        #[serde(flatten)]
        held: Held,
    },
    /// An article failed.
    Failed {
        /// Its name; `None` for a folder or pattern that could not be read.
        input: Option<String>,
        /// The kind of failure.
        kind: crate::error::ErrorKind,
        /// What failed.
        error: String,
        /// The cure as a code.
        cure: Option<&'static str>,
        /// The cure in words.
        advice: Option<String>,
        /// Whether it is tried again in this run.
        is_tried_again: bool,
    },
    /// A pause before articles are tried again.
    Waiting {
        /// How long.
        seconds: u64,
        /// How many articles.
        articles: usize,
    },
    /// A digest was made, or is there already.
    Digest {
        /// Its file.
        output: String,
        /// The headlines of its stories.
        stories: Vec<String>,
        /// Seconds of its sound, where it was made.
        audio_seconds: Option<f64>,
        /// The files beside it, where it was made.
        captions: Option<serde_json::Value>,
        /// Whether it was made.
        is_new: bool,
    },
    /// A batch has ended.
    BatchEnded {
        /// Articles that were read.
        read: usize,
        /// Articles that failed.
        failed: usize,
        /// Articles that were passed over.
        skipped: usize,
        /// Articles that were not begun, after a failure with `--fail-fast` or an interrupt.
        not_begun: usize,
        /// Seconds of sound that were made.
        audio_seconds: f64,
        /// Seconds that it took.
        wall_seconds: f64,
        /// Chunks that the voice spoke; `None` without a cache.
        chunks_spoken: Option<usize>,
        /// Chunks that the cache had.
        chunks_kept: Option<usize>,
        /// Whether it was interrupted, or ended by what would meet all articles.
        is_broken_off: bool,
    },
}

/// Why an article is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Why {
    /// It was read, and has not changed.
    Unchanged,
    /// It was taken back.
    Withdrawn,
    /// Another's file has its name.
    Taken,
    /// Another feed of the group had the same story.
    SameStory,
}
