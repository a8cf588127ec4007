//! Events of an installation.

use std::fmt;
use std::path::PathBuf;

/// One step of an installation. `Display` gives a line for a log; a progress bar uses the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstallEvent {
    /// Another process installs voices of this family; we wait until it is done.
    Waiting {
        /// The family.
        family: String,
    },
    /// The files to be fetched; reported once, before the first byte.
    Planned {
        /// The family.
        family: String,
        /// Its terms in one line.
        licence: String,
        /// How many files.
        files: usize,
        /// Their bytes in all.
        bytes: u64,
    },
    /// The file is here already and whole.
    Present {
        /// The file.
        file: String,
    },
    /// The file is here but wrong, and will be replaced.
    Replacing {
        /// The file.
        file: String,
        /// The fault.
        why: String,
    },
    /// A source is tried.
    Fetching {
        /// The file.
        file: String,
        /// The source in words.
        source: String,
        /// The file's bytes.
        size: u64,
        /// Bytes that an earlier attempt left.
        resumed: u64,
    },
    /// Bytes have come. Reported at most ten times a second. When a file begins again, `done` falls.
    Progress {
        /// The file.
        file: String,
        /// Bytes so far.
        done: u64,
        /// The file's bytes.
        total: u64,
    },
    /// A source failed; the next one is tried.
    SourceFailed {
        /// The file.
        file: String,
        /// The source in words.
        source: String,
        /// Why.
        why: String,
    },
    /// The file is whole and has its name.
    Installed {
        /// The file.
        file: String,
        /// Where it is.
        path: PathBuf,
    },
}

impl fmt::Display for InstallEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting { family } => write!(f, "{family}: another process is installing, waiting for it"),
            Self::Planned { family, licence, files, bytes } => {
                write!(f, "{family}: {files} to fetch, {bytes} bytes; licence: {licence}")
            }
            Self::Present { file } => write!(f, "{file}: installed already"),
            Self::Replacing { file, why } => write!(f, "{file}: {why}, will be replaced"),
            Self::Fetching { file, source, size, resumed: 0 } => {
                write!(f, "{file}: fetching {size} bytes from {source}")
            }
            Self::Fetching { file, source, size, resumed } => {
                write!(f, "{file}: fetching {size} bytes from {source}, {resumed} are here already")
            }
            Self::Progress { file, done, total } => write!(f, "{file}: {done} of {total} bytes"),
            Self::SourceFailed { file, source, why } => write!(f, "{file}: {source} failed: {why}"),
            Self::Installed { file, path } => write!(f, "{file}: installed as {}", path.display()),
        }
    }
}
