//! The ways of fetching a file, one module each.
//!
//! A source writes beside and names a file only when its checksum is right; fetched bytes are never trusted.

#[cfg(feature = "registry-sources")]
mod client;
#[cfg(feature = "registry-sources")]
pub(super) mod npm;
#[cfg(feature = "registry-sources")]
pub(super) mod pip;
mod url;

use std::io::{self, Read};
use std::path::PathBuf;

use super::checksum::BLOCK;
use super::failure::Failure;
use super::manifest::{FileSpec, Source};
use super::options::InstallOptions;
use super::part::PartFile;
#[cfg(feature = "registry-sources")]
use crate::files::PendingFolder;

/// The receiver of a source's files: where they go, and who is notified.
pub(super) trait Delivery {
    /// How to install.
    fn options(&self) -> &InstallOptions;

    /// An error when the user wants to stop.
    fn check_cancelled(&self) -> Result<(), Failure>;

    /// The source is asked for a file, of which `resumed` bytes are here already.
    fn begun(&mut self, spec: &FileSpec, source: &Source, resumed: u64);

    /// The number of bytes of a file that have arrived.
    fn progress(&mut self, spec: &FileSpec, done: u64);

    /// Where an unfinished download lies, to be resumed.
    fn part(&self, spec: &FileSpec) -> PathBuf;

    /// A folder that is removed when dropped. It is on the file system of the final files, so a rename moves no bytes.
    #[cfg(feature = "registry-sources")]
    fn scratch(&self, spec: &FileSpec) -> Result<PendingFolder, Failure>;

    /// Gives a file its name if it is whole.
    fn finish(&mut self, part: PartFile) -> Result<(), Failure>;

    /// The missing styles: a package that holds more than the wanted one may provide them, too.
    #[cfg(feature = "registry-sources")]
    fn missing_styles(&self) -> Vec<FileSpec>;

    /// The source could not bring one of the [`missing_styles`](Self::missing_styles).
    #[cfg(feature = "registry-sources")]
    fn failed(&mut self, spec: &FileSpec, source: &str, why: &str);

    /// From now on, a source of that key is not asked.
    #[cfg(feature = "registry-sources")]
    fn spend(&mut self, key: String, why: String);
}

/// Brings `spec` from `source` and installs it.
pub(super) fn fetch(to: &mut dyn Delivery, source: &Source, spec: &FileSpec) -> Result<(), Failure> {
    to.check_cancelled()?;
    match source {
        Source::Url { url } => url::fetch(to, source, &named(url, spec), spec),
        #[cfg(feature = "registry-sources")]
        Source::Pip { parts } => pip::fetch(to, source, parts, spec),
        #[cfg(feature = "registry-sources")]
        Source::Npm { package, version, entry } => {
            npm::fetch(to, source, &format!("{package}@{version}"), entry, spec)
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

/// A unit that fails as a whole: a host, a client, a package.
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

/// Copies an entry of a package into a part and reports its progress.
fn copy(to: &mut dyn Delivery, mut entry: impl Read, part: &mut PartFile) -> Result<(), Failure> {
    let mut block = vec![0; BLOCK];
    loop {
        to.check_cancelled()?;
        match entry.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(count) => {
                part.push(&block[..count])?;
                to.progress(part.spec(), part.written());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Failure::source(format!("the package can't be unpacked: {error}"))),
        }
    }
}
