//! Brings voices onto this machine.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::checksum::FileState;
use super::event::InstallEvent;
use super::failure::Failure;
use super::installed::InstalledVoice;
use super::lock::FamilyLock;
use super::manifest::{FileSpec, Manifest, Source, Style, VoiceName};
use super::options::InstallOptions;
use super::part::PartFile;
#[cfg(feature = "registry-sources")]
use super::part::unwritable;
use super::prepared::{BESIDE_PREFIX, prepared_folder};
use super::source::{self, Delivery};
use super::store::{Check, Store, describe};
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::files;
#[cfg(feature = "registry-sources")]
use crate::files::PendingFolder;

/// Prefix of the folders for packages that clients fetch.
const SCRATCH_PREFIX: &str = ".fetch-";

/// More often is of no use to a progress bar.
const BETWEEN_PROGRESS: Duration = Duration::from_millis(100);

/// Installs voices that are not here yet and replaces files that are wrong; no names mean the default voice. The name of a
/// mix means all voices of it.
///
/// Every file is checked against its SHA-256, also files that are already here. Sources are tried in the manifest's
/// order; one that fails is reported as an event; it is an error only when none is left. Two processes may install at
/// once: the second waits for the first and finds the files there.
pub fn install(
    store: &Store,
    names: &[VoiceName],
    options: &InstallOptions,
    on_event: &mut dyn FnMut(InstallEvent),
) -> Result<Vec<InstalledVoice>> {
    let default = [store.default_voice()];
    let names = if names.is_empty() { &default } else { names };
    let mut wanted: Vec<(&Manifest, Vec<&Style>)> = Vec::new();
    for name in names {
        let meant = store.styles_of(name)?;
        let family = meant.family;
        for style in meant.all() {
            match wanted.iter_mut().find(|(known, _)| known.name == family.name) {
                Some((_, styles)) if styles.contains(&style) => {}
                Some((_, styles)) => styles.push(style),
                None => wanted.push((family, vec![style])),
            }
        }
    }
    for (family, styles) in wanted {
        install_family(store, family, &styles, options, on_event)?;
    }
    names.iter().map(|name| store.locate(name)).collect()
}

fn install_family(
    store: &Store,
    family: &Manifest,
    styles: &[&Style],
    options: &InstallOptions,
    on_event: &mut dyn FnMut(InstallEvent),
) -> Result<()> {
    let folder = store.family_folder(family);
    files::sweep(&folder, BESIDE_PREFIX);
    files::sweep(&folder, SCRATCH_PREFIX);
    let mut wanted: Vec<(&FileSpec, &[Source])> = Vec::new();
    for file in styles.iter().flat_map(|style| family.files_of(style)) {
        if !wanted.contains(&file) {
            wanted.push(file);
        }
    }
    // Checked before the lock, so that a complete installation in a read-only folder succeeds.
    wanted.retain(|(spec, _)| {
        let here = store.state_of(family, spec, Check::Content) == FileState::Good;
        if here {
            on_event(InstallEvent::Present { file: spec.file.clone() });
        }
        !here
    });
    let is_form_damaged = family.models().iter().any(|model| store.damaged_form(family, model).is_some());
    if wanted.is_empty() && !is_form_damaged {
        return Ok(());
    }
    let mut tell_busy = || on_event(InstallEvent::Waiting { family: family.name.clone() });
    let lock = FamilyLock::take(store, family, &options.cancel, &mut tell_busy)?;
    let Some(_lock) = lock else { return Err(interrupted()) };
    remove_damaged_form(store, family, on_event)?;
    // The process that held the lock may have fetched them.
    wanted.retain(|(spec, _)| match store.state_of(family, spec, Check::Content) {
        FileState::Good => {
            on_event(InstallEvent::Present { file: spec.file.clone() });
            false
        }
        FileState::Missing => true,
        wrong => {
            on_event(InstallEvent::Replacing { file: spec.file.clone(), why: describe(&wrong, spec) });
            true
        }
    });
    if wanted.is_empty() {
        return Ok(());
    }
    on_event(InstallEvent::Planned {
        family: family.name.clone(),
        licence: family.licence.summary.clone(),
        files: wanted.len(),
        bytes: wanted.iter().map(|(spec, _)| spec.size).sum(),
    });
    let mut job = Job {
        store,
        family,
        options,
        on_event,
        installed: HashSet::new(),
        spent: HashMap::new(),
        last_progress: None,
    };
    wanted.into_iter().try_for_each(|(spec, sources)| job.fetch(spec, sources))
}

/// Removes the prepared forms of a model when a file of them is damaged, so that they are made again at the next
/// use.
fn remove_damaged_form(
    store: &Store,
    family: &Manifest,
    on_event: &mut dyn FnMut(InstallEvent),
) -> Result<()> {
    for model in family.models() {
        // Each of several forms may be damaged; a file that is gone counts as damaged while its stamp is there.
        let Some(path) = store.damaged_form(family, model) else { continue };
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        on_event(InstallEvent::Replacing { file, why: "it was damaged after it was prepared".into() });
        let folder = prepared_folder(&store.file(family, model));
        fs::remove_dir_all(&folder).map_err(|error| {
            Error::new(ErrorKind::Output, "a damaged file can't be removed")
                .at(Place::file(path))
                .because(error)
                .with_cure(Cure::RemoveFolder)
        })?;
    }
    Ok(())
}

/// The installation of one family, under its lock.
struct Job<'a> {
    store: &'a Store,
    family: &'a Manifest,
    options: &'a InstallOptions,
    on_event: &'a mut dyn FnMut(InstallEvent),
    installed: HashSet<String>,
    /// Sources that can't serve any further file, and why: a dead host is not asked 28 times.
    spent: HashMap<String, String>,
    last_progress: Option<Instant>,
}

impl Job<'_> {
    fn fetch(&mut self, spec: &FileSpec, sources: &[Source]) -> Result<()> {
        if self.installed.contains(&spec.file) {
            return Ok(());
        }
        let mut tried = Vec::new();
        for source in effective_sources(sources, self.options) {
            let words = source::describe(&source, spec);
            let key = source::key(&source);
            let failure = match self.spent.get(&key) {
                Some(why) => Failure::source(why.clone()),
                None => match source::fetch(self, &source, spec) {
                    Ok(()) => return Ok(()),
                    Err(failure) => failure,
                },
            };
            let why = match failure {
                Failure::Stop(error) => return Err(*error),
                Failure::Source { why, exhausted } => {
                    if exhausted {
                        self.exhaust(key, why.clone());
                    }
                    why
                }
                Failure::WrongChecksum(why) => why,
            };
            self.tell_failure(spec, &words, &why);
            tried.push(format!("{words}: {why}"));
        }
        Err(nothing_left(spec, &tried, &self.store.file(self.family, spec)))
    }

    /// From now on, a source of that key is not asked.
    fn exhaust(&mut self, key: String, why: String) {
        self.spent.entry(key).or_insert(why);
    }

    fn tell_failure(&mut self, spec: &FileSpec, source: &str, why: &str) {
        let (source, why) = (source.to_owned(), why.to_owned());
        (self.on_event)(InstallEvent::SourceFailed { file: spec.file.clone(), source, why });
    }
}

impl Delivery for Job<'_> {
    fn options(&self) -> &InstallOptions {
        self.options
    }

    fn check_cancelled(&self) -> Result<(), Failure> {
        if self.options.cancelled() { Err(Failure::stop(interrupted())) } else { Ok(()) }
    }

    fn begun(&mut self, spec: &FileSpec, source: &Source, resumed: u64) {
        self.last_progress = None;
        (self.on_event)(InstallEvent::Fetching {
            file: spec.file.clone(),
            source: source::describe(source, spec),
            size: spec.size,
            resumed,
        });
    }

    fn progress(&mut self, spec: &FileSpec, done: u64) {
        let due = self.last_progress.is_none_or(|last| last.elapsed() >= BETWEEN_PROGRESS);
        if due || done == spec.size {
            self.last_progress = Some(Instant::now());
            let file = spec.file.clone();
            (self.on_event)(InstallEvent::Progress { file, done, total: spec.size });
        }
    }

    fn part(&self, spec: &FileSpec) -> PathBuf {
        self.store.part(self.family, spec)
    }

    #[cfg(feature = "registry-sources")]
    fn scratch(&self, spec: &FileSpec) -> Result<PendingFolder, Failure> {
        let folder = self.store.family_folder(self.family);
        PendingFolder::create(&folder, SCRATCH_PREFIX).map_err(|error| unwritable(&folder, spec, error))
    }

    fn finish(&mut self, part: PartFile) -> Result<(), Failure> {
        let spec = part.spec();
        let path = self.store.file(self.family, spec);
        part.finish(&path)?;
        // Another source may have left a part.
        let _ = fs::remove_file(self.part(spec));
        self.installed.insert(spec.file.clone());
        (self.on_event)(InstallEvent::Installed { file: spec.file.clone(), path });
        Ok(())
    }

    #[cfg(feature = "registry-sources")]
    fn missing_styles(&self) -> Vec<FileSpec> {
        let specs = self.family.styles.iter().map(|style| &style.file);
        let is_missing =
            |spec: &&FileSpec| self.store.state_of(self.family, spec, Check::Content) != FileState::Good;
        specs.filter(is_missing).cloned().collect()
    }

    #[cfg(feature = "registry-sources")]
    fn failed(&mut self, spec: &FileSpec, source: &str, why: &str) {
        self.tell_failure(spec, source, why);
    }

    #[cfg(feature = "registry-sources")]
    fn spend(&mut self, key: String, why: String) {
        self.exhaust(key, why);
    }
}

/// The manifest's sources without those that are not allowed; a mirror stands in for all web addresses.
fn effective_sources(sources: &[Source], options: &InstallOptions) -> Vec<Source> {
    let mirror = options.url_override.as_ref();
    let mirror = mirror.map(|base| Source::Url { url: format!("{}/{{file}}", base.trim_end_matches('/')) });
    let replaced = |source: &Source| mirror.is_some() && matches!(source, Source::Url { .. });
    let own = sources.iter().filter(|source| !replaced(source)).cloned();
    mirror.iter().cloned().chain(own).filter(|source| options.allows(source)).collect()
}

fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, "the installation was stopped").with_cure(Cure::ResumeInstall)
}

/// The attempts, each as a cause of its own, so that a report gives each its line.
#[derive(Debug, thiserror::Error)]
#[error("{first}")]
struct Attempts {
    first: String,
    #[source]
    rest: Option<Box<Attempts>>,
}

impl Attempts {
    fn chain(tried: &[String]) -> Option<Self> {
        let (first, rest) = tried.split_first()?;
        Some(Self { first: first.clone(), rest: Self::chain(rest).map(Box::new) })
    }
}

fn nothing_left(spec: &FileSpec, tried: &[String], destination: &Path) -> Error {
    let what = format!("{} could not be fetched", spec.file);
    let error = Error::new(ErrorKind::Download, what).at(Place::file(destination));
    let Some(attempts) = Attempts::chain(tried) else {
        return error.because("no source of it is allowed").with_cure(Cure::AllowSources);
    };
    error.because(attempts).with_cure(Cure::BringFile {
        file: spec.file.clone(),
        bytes: spec.size,
        sha256: spec.sha256.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::SourceKind;

    fn sources() -> Vec<Source> {
        let part = || crate::voice::manifest::PackagePart {
            package: "p".into(),
            version: "1".into(),
            entry: "e".into(),
        };
        vec![Source::Url { url: "https://a.example/{file}".into() }, Source::Pip { parts: vec![part()] }]
    }

    #[test]
    fn a_mirror_stands_in_for_web_addresses() {
        let options = InstallOptions { url_override: Some("http://m.example/".into()), ..Default::default() };
        let effective = effective_sources(&sources(), &options);
        assert_eq!(effective[0], Source::Url { url: "http://m.example/{file}".into() });
        assert_eq!(effective[1], sources()[1]);
        assert_eq!(effective.len(), 2);
    }

    #[test]
    fn only_allowed_kinds_are_tried() {
        let options = InstallOptions { sources: Some(vec![SourceKind::Npm]), ..Default::default() };
        assert!(effective_sources(&sources(), &options).is_empty());
        let spec = FileSpec { file: "f".into(), size: 1, sha256: String::new() };
        let error = nothing_left(&spec, &[], Path::new("f"));
        assert_eq!(error.cure(), Some(&Cure::AllowSources));
        let error = nothing_left(&spec, &["a: 404".into(), "b: gone".into()], Path::new("f"));
        assert!(error.story().ends_with("\n  why: a: 404\n  why: b: gone"), "{}", error.story());
    }
}
