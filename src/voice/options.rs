//! How to install: which sources, how patient, which client programs.

use std::ffi::OsString;
use std::time::Duration;

use super::manifest::Source;
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Result};

/// A way of fetching.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub(crate) enum SourceKind {
    /// From a web address, by this program.
    Url,
    /// By Python's package client.
    Pip,
    /// By Node's package client.
    Npm,
}

impl SourceKind {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Url, Self::Pip, Self::Npm];

    /// As it is written in settings.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Pip => "pip",
            Self::Npm => "npm",
        }
    }

    pub(super) fn of(source: &Source) -> Self {
        match source {
            Source::Url { .. } => Self::Url,
            Source::Pip { .. } => Self::Pip,
            Source::Npm { .. } => Self::Npm,
        }
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeLimits {
    /// For a connection.
    pub connect: Duration,
    /// For the next byte.
    pub stall: Duration,
    /// For one run of a package client.
    pub client: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            stall: Duration::from_secs(30),
            client: Duration::from_mins(10),
        }
    }
}

/// The package clients: names that are looked for on the `PATH`, or paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clients {
    /// Python interpreters, the first that starts is taken.
    pub python: Vec<OsString>,
    /// npm.
    pub npm: Vec<OsString>,
}

impl Default for Clients {
    fn default() -> Self {
        // On Windows npm is a script, and Python's installer makes no `python3`.
        let (python, npm): (&[&str], _) = if cfg!(windows) {
            (&["python3", "python", "py"], "npm.cmd")
        } else {
            (&["python3", "python"], "npm")
        };
        Self { python: python.iter().map(OsString::from).collect(), npm: vec![npm.into()] }
    }
}

/// How to install.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct InstallOptions {
    /// The kinds of source that may be used; `None` for all. The order stays the manifest's.
    pub(crate) sources: Option<Vec<SourceKind>>,
    /// A mirror: files are fetched from `<base>/<file>` instead of the manifest's web addresses.
    pub url_override: Option<String>,
    /// Set it from any thread to stop between two blocks; the bytes so far are kept for the next time.
    pub cancel: Cancel,
    /// The time limits.
    pub(crate) limits: TimeLimits,
    /// Which package clients to call.
    pub(crate) clients: Clients,
}

impl InstallOptions {
    /// The same with a mirror instead of the manifest's web addresses.
    #[must_use]
    pub fn with_mirror(self, base: impl Into<String>) -> Self {
        Self { url_override: Some(base.into()), ..self }
    }

    /// The same with a cancellation that somebody else holds as well.
    #[must_use]
    pub fn with_cancel(self, cancel: Cancel) -> Self {
        Self { cancel, ..self }
    }

    /// Takes `AUDIO_REPORT_SOURCES` (a list such as `pip,npm`) and `AUDIO_REPORT_VOICE_URL` (the base address of a
    /// mirror) from the environment; unset or empty means the manifest's sources.
    pub fn from_env() -> Result<Self> {
        let text = |name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        Self::from_settings(
            text("AUDIO_REPORT_SOURCES").as_deref(),
            text("AUDIO_REPORT_VOICE_URL").as_deref(),
        )
    }

    fn from_settings(sources: Option<&str>, url: Option<&str>) -> Result<Self> {
        let given =
            |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let url_override = given(url);
        if let Some(url) = &url_override
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            return Err(Error::new(
                ErrorKind::Usage,
                format!("AUDIO_REPORT_VOICE_URL is no web address: {url}"),
            )
            .with_cure(Cure::WriteWebAddress));
        }
        let sources = given(sources).map(|list| parse_sources(&list)).transpose()?;
        Ok(Self { sources, url_override, ..Self::default() })
    }

    pub(super) fn allows(&self, source: &Source) -> bool {
        self.sources.as_ref().is_none_or(|kinds| kinds.contains(&SourceKind::of(source)))
    }

    pub(super) fn cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

fn parse_sources(list: &str) -> Result<Vec<SourceKind>> {
    let parse = |name: &str| {
        SourceKind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
            Error::new(
                ErrorKind::Usage,
                format!("AUDIO_REPORT_SOURCES names an unknown kind of source: “{name}”"),
            )
            .with_cure(Cure::NameSources)
        })
    };
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn settings_restrict_the_sources() {
        let options = InstallOptions::from_settings(Some(" pip, NPM,"), Some("")).unwrap();
        assert_eq!(options.sources, Some(vec![SourceKind::Pip, SourceKind::Npm]));
        assert_eq!(options.url_override, None);
        assert!(!options.allows(&Source::Url { url: String::new() }));
        assert!(InstallOptions::from_settings(Some(" "), None).unwrap().sources.is_none());
    }

    #[test]
    fn odd_settings_are_usage_errors() {
        each([(Some("pip,ftp"), None), (None, Some("mirror.example/voices"))], |(sources, url)| {
            let error = InstallOptions::from_settings(sources, url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Usage);
        });
    }
}
