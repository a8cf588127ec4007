//! `voices`, and the voice that `read`, `play` and `batch` need.

use serde_json::json;

use super::args::VoicesCommand;
use super::{DONE, interrupt, progress, terminal};
use crate::audio::SampleRate;
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::report::{Narrator, SpeechSettings, words};
use crate::synth::backend::Backend;
use crate::text::Dialect;
use crate::voice::{
    Check, InstallEvent, InstallOptions, InstalledVoice, Manifest, Store, Style, VoiceName, VoiceState,
    VoiceStatus, install, terms,
};

/// The stand-in voice that needs no data.
const TONE: &str = "tone";

/// Runs `voices …`.
pub(crate) fn run(command: VoicesCommand) -> anyhow::Result<u8> {
    let store = Store::from_env()?;
    match command {
        VoicesCommand::List { json } => list(&store, json)?,
        VoicesCommand::Install { names, quiet } => {
            let names: Vec<VoiceName> = if names.iter().any(|name| name == "all") {
                store.list(Check::Size).into_iter().map(|voice| voice.name).collect()
            } else {
                names.iter().map(VoiceName::new).collect()
            };
            let cancel = interrupt::watch()?;
            for voice in fetch(&store, &names, &cancel, quiet)? {
                if !quiet {
                    terminal::print(&format!("{} is installed\n", voice.name))?;
                }
            }
        }
        VoicesCommand::Remove { name } => {
            let removed = store.remove(&VoiceName::new(&name))?;
            let files = terminal::count(removed.files.len(), "file");
            terminal::print(&format!("{name} is removed: {files}, {:.1} MB\n", megabytes(removed.bytes)))?;
        }
        VoicesCommand::Path => terminal::print(&format!("{}\n", store.path().display()))?,
    }
    Ok(DONE)
}

/// Which voice the options ask for.
#[derive(Clone, Debug)]
pub(crate) struct VoiceChoice {
    /// Its name; the default voice if there is none.
    pub name: Option<String>,
    /// Whether its fast student is wanted.
    pub is_fast: bool,
    /// Whether it may be fetched when it is missing.
    pub may_fetch: bool,
}

impl VoiceChoice {
    /// The voice that speaks quotations; nobody else, if it has no name.
    pub(crate) fn for_quotations(name: &str, may_fetch: bool) -> Option<Self> {
        let is_named = !name.trim().is_empty();
        is_named.then(|| Self { name: Some(name.to_string()), is_fast: false, may_fetch })
    }

    /// An unknown voice or engine is wrong usage even before anything is read.
    pub(crate) fn check(&self) -> Result<()> {
        Backend::from_env()?;
        self.dialect().map(|_| ())
    }

    /// The voice's dialect, whether it is installed or not. If it is, its table of words is used from now on.
    pub(crate) fn dialect(&self) -> Result<Dialect> {
        if self.is_tone() {
            return Ok(Dialect::default());
        }
        let store = Store::from_env()?;
        let voice = self.resolve(&store)?;
        let dialect = store.styles_of(&voice)?.first.dialect;
        if let Ok(installed) = store.locate(&voice) {
            words::load(&installed);
        }
        Ok(dialect)
    }

    /// Whether the voice has a student that is faster.
    pub(crate) fn has_faster(&self) -> bool {
        let student = |store: Store| {
            let voice = self.resolve(&store).ok()?;
            store.student_of(&voice).ok().filter(|student| *student != voice)
        };
        !self.is_fast && !self.is_tone() && Store::from_env().ok().and_then(student).is_some()
    }

    fn is_tone(&self) -> bool {
        self.name.as_deref() == Some(TONE)
    }

    /// The voice that is meant.
    fn resolve(&self, store: &Store) -> Result<VoiceName> {
        let voice = self.name.as_ref().map_or_else(|| store.default_voice(), VoiceName::new);
        if terms(&voice)?.iter().any(|term| term.name.as_str() == TONE) {
            let what = format!("the voice “{voice}” can't be mixed: {TONE} is a stand-in without a style");
            return Err(Error::new(ErrorKind::Usage, what).with_cure(Cure::WriteMix));
        }
        if self.is_fast { store.student_of(&voice) } else { Ok(voice) }
    }

    /// The name of the voice that is meant.
    pub(crate) fn meant(&self) -> Result<String> {
        if self.is_tone() {
            return Ok(TONE.to_string());
        }
        Ok(self.resolve(&Store::from_env()?)?.to_string())
    }

    /// Finds the voice; fetches it when it is missing and may be fetched.
    pub(crate) fn obtain(&self, cancel: &Cancel, is_quiet: bool) -> Result<ChosenVoice> {
        if self.is_tone() {
            return Ok(ChosenVoice::Tone);
        }
        let store = Store::from_env()?;
        let voice = self.resolve(&store)?;
        match store.locate(&voice) {
            Ok(installed) => Ok(ChosenVoice::Installed(installed)),
            Err(error) if error.kind() == ErrorKind::VoiceMissing && self.may_fetch => {
                let fetched = fetch(&store, &[voice], cancel, is_quiet)?;
                fetched.into_iter().next().map(ChosenVoice::Installed).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }
}

/// The requested voice, on this machine but not yet loaded.
#[derive(Clone, Debug)]
pub(crate) enum ChosenVoice {
    /// The stand-in.
    Tone,
    /// An installed voice.
    Installed(InstalledVoice),
}

impl ChosenVoice {
    /// Rate of its sound.
    pub(crate) fn sample_rate(&self) -> SampleRate {
        match self {
            Self::Tone => Narrator::TONE_RATE,
            Self::Installed(voice) => voice.sample_rate,
        }
    }

    /// Loads it.
    pub(crate) fn load(&self, settings: &SpeechSettings) -> Result<Narrator> {
        match self {
            Self::Tone => Ok(Narrator::tone(settings)),
            Self::Installed(voice) => {
                Narrator::load(voice, &SpeechSettings { backend: Backend::from_env()?, ..settings.clone() })
            }
        }
    }

    /// Loads it to speak what a narrator quotes.
    pub(crate) fn quote_for(&self, narrator: Narrator, settings: &SpeechSettings) -> Result<Narrator> {
        match self {
            Self::Tone => narrator.quoting_tone(settings),
            Self::Installed(voice) => {
                narrator.quoting(voice, &SpeechSettings { backend: Backend::from_env()?, ..settings.clone() })
            }
        }
    }
}

/// Installs voices with a progress bar.
fn fetch(store: &Store, names: &[VoiceName], cancel: &Cancel, is_quiet: bool) -> Result<Vec<InstalledVoice>> {
    let options = InstallOptions { cancel: cancel.clone(), ..InstallOptions::from_env()? };
    let (bar, _ticker) = progress::download(is_quiet);
    let say = |line: String| {
        if !is_quiet {
            bar.suspend(|| terminal::complain(&line));
        }
    };
    let installed = install(store, names, &options, &mut |event| match event {
        InstallEvent::Progress { done, total, .. } => {
            bar.set_length(total);
            bar.set_position(done);
        }
        InstallEvent::Fetching { ref file, ref source, size, .. } => {
            bar.reset();
            bar.set_length(size);
            bar.set_prefix(file.clone());
            bar.set_message(format!("from {source}"));
        }
        InstallEvent::Planned { .. } | InstallEvent::Waiting { .. } | InstallEvent::Replacing { .. } => {
            say(event.to_string());
        }
        InstallEvent::SourceFailed { .. } => tracing::info!("{event}"),
        _ => tracing::debug!("{event}"),
    });
    bar.finish_and_clear();
    installed
}

fn list(store: &Store, as_json: bool) -> anyhow::Result<()> {
    let voices = store.list(Check::Content);
    let mut text = String::new();
    for family in store.families() {
        let size = |style: &Style| family.files_of(style).iter().map(|(file, _)| file.size).sum::<u64>();
        if !as_json {
            let largest = family.styles.iter().map(size).max().unwrap_or_default();
            text.push_str(&format!(
                "{} ({}): {}, {:.0} MB, speed × {}; {}\n",
                family.name,
                family.language,
                family.quality,
                megabytes(largest),
                family.relative_speed,
                family.licence.summary
            ));
        }
        for (voice, style) in voices.iter().filter(|voice| voice.family == family.name).zip(&family.styles) {
            text.push_str(&if as_json { json_line(voice, style, family, size(style)) } else { line(voice) });
            text.push('\n');
        }
        if !as_json {
            text.push('\n');
        }
    }
    if !as_json {
        text.push_str("* is the default. --fast takes the student of a voice.\n");
    }
    Ok(terminal::print(&text)?)
}

fn json_line(voice: &VoiceStatus, style: &Style, family: &Manifest, bytes: u64) -> String {
    json!({
        "name": voice.name.as_str(), "family": voice.family, "dialect": voice.dialect, "sex": voice.sex.to_string(),
        "default": voice.is_default, "state": voice.state, "language": family.language, "quality": family.quality,
        "bytes": bytes, "relative_speed": family.relative_speed, "student_of": style.student_of,
    })
    .to_string()
}

fn line(voice: &VoiceStatus) -> String {
    let state = match &voice.state {
        VoiceState::Installed => "installed".to_string(),
        VoiceState::Missing => String::new(),
        VoiceState::Corrupt => format!("damaged; mend it with: audio-report voices install {}", voice.name),
    };
    let mark = if voice.is_default { "*" } else { " " };
    let line = format!("{mark} {:<12} {}  {:<6}  {state}", voice.name, voice.dialect, voice.sex);
    line.trim_end().to_string()
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The dialect of a voice by its name, installed or not.
pub(crate) fn dialect(name: Option<&str>) -> Result<Dialect> {
    VoiceChoice { name: name.map(str::to_owned), is_fast: false, may_fetch: false }.dialect()
}
