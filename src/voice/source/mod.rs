//! The ways of fetching a file, one module each.
//!
//! A source writes beside and names a file only when its checksum holds; what it fetches is never trusted.

#[cfg(feature = "registry-sources")]
mod client;
#[cfg(feature = "registry-sources")]
mod npm;
#[cfg(feature = "registry-sources")]
mod pip;
mod url;

use std::io::{self, Read};

use super::checksum::BLOCK;
use super::install::Job;
use super::manifest::{FileSpec, Source};
use super::part::PartFile;
use crate::error::Error;

/// Why a source did not bring a file.
#[derive(Debug)]
pub(super) enum Failure {
    /// This source can't; another may.
    Source {
        /// Why.
        why: String,
        /// Nor can it bring any other file.
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

/// Brings `spec` from `source` and installs it.
pub(super) fn fetch(job: &mut Job, source: &Source, spec: &FileSpec) -> Result<(), Failure> {
    job.check_cancelled()?;
    match source {
        Source::Url { url } => url::fetch(job, source, &named(url, spec), spec),
        #[cfg(feature = "registry-sources")]
        Source::Pip { parts } => pip::fetch(job, source, parts, spec),
        #[cfg(feature = "registry-sources")]
        Source::Npm { package, version, entry } => {
            npm::fetch(job, source, &format!("{package}@{version}"), entry, spec)
        }
        #[cfg(not(feature = "registry-sources"))]
        Source::Pip { .. } | Source::Npm { .. } => {
            Err(Failure::exhausted("this program was built without package clients"))
        }
    }
}

/// The source in words, for people.
pub(super) fn describe(source: &Source, spec: &FileSpec) -> String {
    match source {
        Source::Url { url } => named(url, spec),
        Source::Pip { parts } => match parts.as_slice() {
            [only] => format!("pip package {}=={}", only.package, only.version),
            [first, .., last] => format!(
                "pip packages {}=={} … {}=={}",
                first.package, first.version, last.package, last.version
            ),
            [] => "pip".into(),
        },
        Source::Npm { package, version, .. } => format!("npm package {package}@{version}"),
    }
}

/// What fails as one: a host, a client, a package.
pub(super) fn key(source: &Source) -> String {
    match source {
        Source::Url { url } => url.split('/').take(3).collect::<Vec<_>>().join("/"),
        Source::Pip { .. } => "pip".into(),
        Source::Npm { package, version, .. } => format!("npm {package}@{version}"),
    }
}

/// Fills in the file's name.
fn named(template: &str, spec: &FileSpec) -> String {
    template.replace("{file}", &spec.file)
}

/// Copies an entry of a package into a part, telling how far it is.
fn copy(job: &mut Job, mut entry: impl Read, part: &mut PartFile) -> Result<(), Failure> {
    let mut block = vec![0; BLOCK];
    loop {
        job.check_cancelled()?;
        match entry.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                part.push(&block[..count])?;
                job.tell_progress(part.spec(), part.written());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::source(format!("the package can't be unpacked: {error}"))),
        }
    }
}
