//! Who makes a report, what is told meanwhile, and what comes of it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Order;
use crate::cancel::Cancel;
use crate::error::Result;
use crate::report::Narrator;

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

/// A piece that is not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeftOut {
    /// What it says.
    pub text: String,
    /// Why.
    pub reason: String,
}

/// A word that no dictionary has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnknownWord {
    /// As it is written.
    pub word: String,
    /// As it is said.
    pub phonemes: String,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FileKind {
    /// The sound.
    Audio,
    /// The words with their times.
    Captions,
    /// Where its parts begin.
    Chapters,
    /// A page that lights up.
    Page,
    /// The article's picture.
    Picture,
}
