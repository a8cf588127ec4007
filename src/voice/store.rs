//! The data folder: which voices are there, whole, and where.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use serde::Serialize;

use super::checksum::{FileState, inspect_content, inspect_size};
use super::installed::{InstalledVoice, damaged};
use super::lock::FamilyLock;
use super::manifest::{FileSpec, Manifest, Sex, Style, VoiceName, bare_name};
use super::prepared::{BESIDE_PREFIX, Prepared, prepared_folder};
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::files;
use crate::text::Dialect;

/// How close a name must be to be suggested, on strsim's scale from 0 to 1.
const SIMILAR: f64 = 0.5;

/// The voices of this machine.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    families: Vec<Manifest>,
}

/// How closely to look at files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// Checks that they exist, with the right length.
    Size,
    /// Their checksums, and those of their prepared forms: reads every byte.
    Content,
}

/// Whether a voice can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub(crate) enum VoiceState {
    /// Model and style are there.
    Installed,
    /// A file is missing.
    Missing,
    /// A file is damaged.
    Corrupt,
}

/// A voice in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct VoiceStatus {
    /// The style's name.
    pub name: VoiceName,
    /// Its family.
    pub family: String,
    /// The language that it speaks.
    pub dialect: Dialect,
    /// The speaker's sex.
    pub sex: Sex,
    /// Whether it is the default.
    pub is_default: bool,
    /// Whether it can be used.
    pub state: VoiceState,
}

/// The files that a removal deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct Removed {
    /// The files.
    pub files: Vec<PathBuf>,
    /// Their bytes.
    pub bytes: u64,
}

impl Store {
    /// The user's store with the built-in families: in the folder that the environment names as `AUDIO_REPORT_HOME`, else in
    /// the system's folder for data.
    pub fn from_env() -> Result<Self> {
        Ok(Self::at(data_folder(std::env::var_os("AUDIO_REPORT_HOME"))?, Manifest::built_in()?))
    }

    /// A store in a folder of one's choice.
    pub(crate) fn at(data_folder: impl AsRef<Path>, families: Vec<Manifest>) -> Self {
        Self { folder: data_folder.as_ref().join("voices"), families }
    }

    /// The folder of all voices; it need not exist.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// The folder of a family.
    pub(crate) fn family_folder(&self, family: &Manifest) -> PathBuf {
        self.folder.join(&family.name)
    }

    /// The families this store knows.
    pub(crate) fn families(&self) -> &[Manifest] {
        &self.families
    }

    /// The default voice.
    pub fn default_voice(&self) -> VoiceName {
        VoiceName::new(self.families.first().map_or("", |family| &family.default_style))
    }

    /// Every known voice and its state.
    pub(crate) fn list(&self, check: Check) -> Vec<VoiceStatus> {
        let mut voices = Vec::new();
        for (number, family) in self.families.iter().enumerate() {
            let mut models = HashMap::new();
            for style in &family.styles {
                let spec = family.model_of(style);
                let (model, is_form_damaged) = &*models.entry(&spec.file).or_insert_with(|| {
                    let is_damaged = check == Check::Content && self.damaged_form(family, spec).is_some();
                    (self.state_of(family, spec, check), is_damaged)
                });
                let own =
                    if spec == &style.file { None } else { Some(self.state_of(family, &style.file, check)) };
                let states: Vec<&FileState> = [Some(model), own.as_ref()].into_iter().flatten().collect();
                let is_installed = states.iter().all(|state| **state == FileState::Good);
                let state = if is_installed && !*is_form_damaged {
                    VoiceState::Installed
                } else if is_installed
                    || states.iter().any(|state| !matches!(state, FileState::Good | FileState::Missing))
                {
                    VoiceState::Corrupt
                } else {
                    VoiceState::Missing
                };
                voices.push(VoiceStatus {
                    name: VoiceName::new(&style.name),
                    family: family.name.clone(),
                    dialect: style.dialect,
                    sex: style.sex,
                    is_default: number == 0 && style.name == family.default_style,
                    state,
                });
            }
        }
        voices
    }

    /// Whether [`locate`](Self::locate) would find the voice.
    pub fn installed(&self, voice: &VoiceName) -> bool {
        self.locate(voice).is_ok()
    }

    /// The voice's files, which exist and have the right length. Their checksums are compared when they are read. A mix
    /// of voices is one voice, `af_bella(2)+af_sky` for example, when all of them are here.
    pub fn locate(&self, voice: &VoiceName) -> Result<InstalledVoice> {
        let styles = self.styles_of(voice)?;
        let mix = self.ingredients(&styles)?;
        let first = self.locate_style(styles.family, styles.first)?;
        let lufs = first.lufs.filter(|_| mix.is_empty());
        Ok(InstalledVoice { name: styles.name(), lufs, mix, ..first })
    }

    /// A voice that is not mixed.
    pub(super) fn locate_style(&self, family: &Manifest, style: &Style) -> Result<InstalledVoice> {
        for (spec, _) in family.files_of(style) {
            let path = self.file(family, spec);
            let why = match self.state_of(family, spec, Check::Size) {
                FileState::Good => continue,
                FileState::Missing => return Err(missing(&style.name, &path, spec)),
                wrong => describe(&wrong, spec),
            };
            return Err(damaged(&style.name, &path, why));
        }
        let model = family.model_of(style);
        Ok(InstalledVoice {
            name: VoiceName::new(&style.name),
            engine: family.engine.clone(),
            model: self.file(family, model),
            model_sha256: model.sha256.clone(),
            style: family.model.as_ref().map(|_| self.file(family, &style.file)),
            style_sha256: style.file.sha256.clone(),
            sample_rate: family.sample_rate,
            dialect: style.dialect,
            gain_db: style.gain_db,
            lufs: style.lufs,
            mix: Vec::new(),
        })
    }

    /// Deletes a voice's style pack, and the model too when no pack is left to use it.
    pub(crate) fn remove(&self, voice: &VoiceName) -> Result<Removed> {
        let (family, style) = self.find(voice)?;
        let mut removed = Removed::default();
        let pack = self.file(family, &style.file);
        if !self.family_folder(family).exists() {
            return Err(missing(&style.name, &pack, &style.file));
        }
        let _lock = FamilyLock::try_take(self, family)?.ok_or_else(|| {
            Error::new(ErrorKind::Output, format!("{} can't be removed now", style.name))
                .because(format!("another process is installing voices of {}", family.name))
                .with_cure(Cure::WaitForOther)
        })?;
        delete(&pack, &mut removed)?;
        delete(&self.part(family, &style.file), &mut removed)?;
        let model = family.model_of(style);
        let mut users = family.styles.iter().filter(|other| family.model_of(other) == model);
        if users.all(|style| !self.file(family, &style.file).exists()) {
            delete(&self.file(family, model), &mut removed)?;
            delete(&self.part(family, model), &mut removed)?;
            files::sweep(&self.family_folder(family), BESIDE_PREFIX);
            let prepared = prepared_folder(&self.file(family, model));
            for entry in fs::read_dir(&prepared).into_iter().flatten().flatten() {
                delete(&entry.path(), &mut removed)?;
            }
            // Not there, or not empty because a process has just made it again: neither is a failure to remove.
            let _ = fs::remove_dir(&prepared);
        }
        if removed.files.is_empty() {
            return Err(missing(&style.name, &pack, &style.file));
        }
        Ok(removed)
    }

    /// The family and style of a name; the error of an unknown one suggests the nearest.
    pub(crate) fn find(&self, voice: &VoiceName) -> Result<(&Manifest, &Style)> {
        let (family, name) = match voice.as_str().split_once('/') {
            Some((family, style)) => (Some(family), style),
            None => (None, voice.as_str()),
        };
        for candidate in self.families.iter().filter(|f| family.is_none_or(|name| f.name == name)) {
            let name = if candidate.name == name { &candidate.default_style } else { name };
            if let Some(style) = candidate.style(name).or_else(|| candidate.by_bare_name(name)) {
                return Ok((candidate, style));
            }
        }
        let near = self.nearest(name).into_iter().map(str::to_owned).collect();
        Err(Error::new(ErrorKind::UnknownVoice, format!("there is no voice named “{voice}”"))
            .with_cure(Cure::ChooseVoice { near }))
    }

    /// The voice that stands in for another one when it must be fast; that voice itself if it does so for another. Nobody
    /// stands in for a mix.
    pub(crate) fn student_of(&self, voice: &VoiceName) -> Result<VoiceName> {
        let styles = self.styles_of(voice)?;
        let style = styles.first;
        let all = || self.families.iter().flat_map(|family| &family.styles);
        let is_student = |other: &&Style| other.student_of.as_ref() == Some(&style.name);
        let student = all().find(is_student).or((style.student_of.is_some()).then_some(style));
        student.filter(|_| !styles.are_mixed()).map(|student| VoiceName::new(&student.name)).ok_or_else(
            || {
                let what = format!("the voice {} has no fast student", styles.name());
                let known = all().filter_map(|student| student.student_of.clone()).collect();
                Error::new(ErrorKind::UnknownVoice, what).with_cure(Cure::UseOneOf { known })
            },
        )
    }

    pub(super) fn file(&self, family: &Manifest, spec: &FileSpec) -> PathBuf {
        self.family_folder(family).join(&spec.file)
    }

    pub(super) fn part(&self, family: &Manifest, spec: &FileSpec) -> PathBuf {
        self.family_folder(family).join(format!("{}.part", spec.file))
    }

    pub(super) fn state_of(&self, family: &Manifest, spec: &FileSpec, check: Check) -> FileState {
        let path = self.file(family, spec);
        match check {
            Check::Size => inspect_size(&path, spec),
            Check::Content => inspect_content(&path, spec),
        }
    }

    /// Reads what engines have prepared of a model; the path of a file that is damaged.
    pub(super) fn damaged_form(&self, family: &Manifest, model: &FileSpec) -> Option<PathBuf> {
        let prepared = Prepared::of(&self.file(family, model), &model.sha256).ok()?;
        prepared.damaged_file().map(|file| prepared.folder().join(file))
    }

    /// Up to three known names that look like `name`, the most alike first.
    fn nearest(&self, name: &str) -> Vec<&str> {
        let name = name.to_lowercase();
        let likeness = |known: &str| {
            // `hart` and `af-heart` mean `af_heart`.
            let bare = bare_name(known);
            let whole = strsim::normalized_damerau_levenshtein(known, &name);
            whole.max(strsim::normalized_damerau_levenshtein(bare, &name))
        };
        let mut names: Vec<(f64, &str)> = self
            .families
            .iter()
            .flat_map(|family| &family.styles)
            .map(|style| (likeness(&style.name), style.name.as_str()))
            .filter(|(likeness, _)| *likeness >= SIMILAR)
            .collect();
        names.sort_by(|a, b| b.0.total_cmp(&a.0));
        names.into_iter().take(3).map(|(_, name)| name).collect()
    }
}

/// A file's fault, in words.
pub(super) fn describe(state: &FileState, spec: &FileSpec) -> String {
    match state {
        FileState::Missing => "it is not there".into(),
        FileState::Good => "it is whole".into(),
        FileState::WrongSize { found } => format!("it has {found} bytes instead of {}", spec.size),
        FileState::WrongChecksum => "its SHA-256 is not the expected one".into(),
        FileState::Unreadable { why } => why.clone(),
    }
}

fn missing(style: &str, path: &Path, spec: &FileSpec) -> Error {
    Error::new(ErrorKind::VoiceMissing, format!("the voice {style} is not installed"))
        .at(Place::file(path))
        .because(format!("{} ({} bytes) is not there", spec.file, spec.size))
        .with_cure(Cure::InstallVoice { voice: style.to_owned() })
}

fn delete(path: &Path, removed: &mut Removed) -> Result<()> {
    let bytes = path.metadata().map_or(0, |data| data.len());
    match fs::remove_file(path) {
        Ok(()) => {
            removed.files.push(path.to_path_buf());
            removed.bytes += bytes;
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::new(ErrorKind::Output, "a voice file can't be deleted")
            .at(Place::file(path))
            .because(error)
            .with_cure(Cure::MakeFolderWritable)),
    }
}

/// `home` is the value of `AUDIO_REPORT_HOME`.
fn data_folder(home: Option<OsString>) -> Result<PathBuf> {
    if let Some(home) = home.filter(|home| !home.is_empty()) {
        return std::path::absolute(&home).map_err(|error| {
            Error::new(ErrorKind::Usage, "AUDIO_REPORT_HOME is not a folder")
                .at(Place::file(&home))
                .because(error)
        });
    }
    // Local: a roaming profile should not carry 90 MB from desk to desk.
    match ProjectDirs::from("", "", "audio-report") {
        Some(folders) => Ok(folders.data_local_dir().to_path_buf()),
        None => Err(Error::new(ErrorKind::Usage, "there is no home folder to keep voices in")
            .with_cure(Cure::SetDataFolder)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn the_home_setting_decides_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(data_folder(Some(folder.path().into())).unwrap(), folder.path());
        assert!(data_folder(Some("relative".into())).unwrap().is_absolute());
    }

    #[test]
    fn names_are_found_in_all_their_forms() {
        let store = Store::at("nowhere", Manifest::built_in().unwrap());
        let rows = [
            ("bm_george", "bm_george"),
            (" bm_george ", "bm_george"),
            ("kokoro-en/bm_george", "bm_george"),
            ("kokoro-en", "af_heart"),
            ("heart", "af_heart"),
            ("George", "bm_george"),
            ("fast_heart", "fast_heart"),
            ("hibari-en/heart", "fast_heart"),
        ];
        each(rows, |(typed, style)| {
            assert_eq!(store.find(&typed.into()).unwrap().1.name, style, "{typed}");
        });
        each(
            [("hart", Some("af_heart")), ("bm_georg", Some("bm_george")), ("zzzzzzzzzz", None), ("", None)],
            |(typed, nearest)| {
                let error = store.find(&typed.into()).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::UnknownVoice, "{typed}");
                let Some(Cure::ChooseVoice { near }) = error.cure() else { panic!("{typed}: {error:?}") };
                assert_eq!(near.first().map(String::as_str), nearest, "{typed}");
            },
        );
        assert_eq!(store.default_voice().as_str(), "af_heart");
        each(
            [
                ("af_heart", Some("fast_heart")),
                ("emma", Some("fast_emma")),
                ("fast_kore", Some("fast_kore")),
                ("af_sky", None),
                ("af_heart+af_sky", None),
                ("heart(2)", Some("fast_heart")),
            ],
            |(typed, want)| {
                let student = store.student_of(&typed.into());
                assert_eq!(student.as_ref().ok().map(VoiceName::as_str), want, "{typed}");
                if let Err(error) = student {
                    assert_eq!(error.kind(), ErrorKind::UnknownVoice);
                    let Some(Cure::UseOneOf { known }) = error.cure() else { panic!("{error:?}") };
                    assert_eq!(known.len(), 5);
                }
            },
        );
        assert_eq!(store.list(Check::Size).iter().filter(|voice| voice.is_default).count(), 1);
    }
}
