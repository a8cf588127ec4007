//! What the options ask of a digest.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::calendar::{DAY, Period};
use crate::cli::args::MakingArgs;
use crate::cli::args::digest::DigestArgs;
use crate::cli::captions::Captions;
use crate::cli::cast::Cast;
use crate::cli::config;
use crate::cli::formats;
use crate::cli::ledger::{content, wish};
use crate::cli::metadata::Tagging;
use crate::cli::outcomes::Telling;
use crate::error::Result;
use crate::output::encode::Format;
use crate::output::music::{Music, MusicFiles};
use crate::output::programme::Finishing;

/// A digest that is wanted.
pub(super) struct Order<'a> {
    /// The options.
    pub args: &'a DigestArgs,
    /// Whether sound is kept for later.
    pub keeps: bool,
    /// How it is told.
    pub telling: Telling,
    /// The format that is asked for, or that the file's name promises.
    pub format: Format,
    /// How the sound becomes a file.
    pub finishing: Finishing,
    /// Who speaks.
    pub cast: Cast,
    /// The files beside the sound.
    pub captions: Captions,
    /// What stands between stories.
    pub jingle: Music,
    /// What the sound carries.
    pub tagging: Tagging,
    /// What it depends on beside the stories: a line for each setting.
    pub wish: String,
}

impl<'a> Order<'a> {
    /// What options ask for. A wrong one is refused before anything is spoken.
    pub(super) fn of(args: &'a DigestArgs, keeps: bool, telling: Telling) -> Result<Self> {
        let DigestArgs { speech, form, around, output, jingle, .. } = args;
        let usual = config::usual_format(form.preset);
        let format = match output {
            Some(file) => formats::of_file(file, form.file.format, usual)?,
            None => form.file.format.unwrap_or(usual),
        };
        let finishing = config::file(*form, &around.music, format)?.finishing;
        let cast = config::cast(speech);
        cast.check()?;
        let captions = Captions::of(&around.captions, form.preset);
        let tagging = Tagging::of(&around.tags)?;
        let lines = [
            ("format", Some(format.ending().to_string())),
            ("jingle", jingle.as_deref().map(content).transpose()?),
            // One that was asked for by name is not there because another has the same stories.
            ("file", output.as_ref().map(|file| file.to_string_lossy().into_owned())),
        ];
        let own = lines.into_iter().filter_map(|(key, value)| Some(format!("{key}={}", value?)));
        let of_reports = wish(speech, &[], around, &finishing, &captions)?;
        let wish = own.chain([of_reports]).collect::<Vec<_>>().join("\n");
        let jingle = Music::load(&MusicFiles { intro: jingle.clone(), ..MusicFiles::default() })?;
        Ok(Self { args, keeps, telling, format, finishing, cast, captions, jingle, tagging, wish })
    }

    /// Whether nothing is written for people beside errors.
    pub(super) fn is_quiet(&self) -> bool {
        self.telling != Telling::Text
    }

    /// Where the sound of a day goes.
    pub(super) fn path(&self, day: &str) -> PathBuf {
        match &self.args.output {
            Some(file) => within(&self.args.folder, file),
            None => self.args.folder.join(format!("digest-{day}.{}", self.format.ending())),
        }
    }

    /// The same for a version that podcast apps fetch beside earlier ones.
    pub(super) fn later_path(&self, day: &str, revision: u32) -> PathBuf {
        self.args.folder.join(format!("digest-{day}-r{revision}.{}", self.format.ending()))
    }
}

impl DigestArgs {
    /// A digest at the end of a run, with the options of the run.
    pub(super) fn after(making: &MakingArgs, file: Option<&Path>) -> Self {
        let MakingArgs { output, speech, cache, form, around, digest, no_wait, quiet, json, .. } = making;
        Self {
            folder: output.clone(),
            output: file.map(|file| output.join(file)),
            jingle: digest.jingle.clone(),
            speech: speech.clone(),
            cache: cache.clone(),
            form: *form,
            around: around.clone(),
            no_wait: *no_wait,
            quiet: *quiet,
            json: *json,
            since: Period(Duration::from_secs(DAY.unsigned_abs())),
        }
    }
}

/// A file as a path through the folder, if it lies there, however it was written; else its whole path.
fn within(folder: &Path, file: &Path) -> PathBuf {
    let real = |path: &Path| {
        path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_path_buf())
    };
    let around = file.parent().filter(|around| !around.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (home, around, name) = (real(folder), real(around), file.file_name().unwrap_or_default());
    match around.strip_prefix(&home) {
        Ok(inner) => folder.join(inner).join(name),
        Err(_) => around.join(name),
    }
}
