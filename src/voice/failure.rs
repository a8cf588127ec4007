//! Why a file did not come.

use crate::error::Error;

/// Why a source did not bring a file.
#[derive(Debug)]
pub(super) enum Failure {
    /// This source can't; another may.
    Source {
        /// Why.
        why: String,
        /// This source can't serve any other file either.
        exhausted: bool,
    },
    /// The bytes are not the expected ones.
    WrongChecksum(String),
    /// No source could: the disk refuses, or the user wants to stop.
    Stop(Box<Error>),
}

impl Failure {
    pub(super) fn source(why: impl Into<String>) -> Self {
        Self::Source { why: why.into(), exhausted: false }
    }

    pub(super) fn exhausted(why: impl Into<String>) -> Self {
        Self::Source { why: why.into(), exhausted: true }
    }

    pub(super) fn stop(error: Error) -> Self {
        Self::Stop(Box::new(error))
    }
}
