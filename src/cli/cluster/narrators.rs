//! The voices of a worker, loaded when a job first wants them.

use std::sync::OnceLock;

use crate::cancel::Cancel;
use crate::cli::args::cluster::WorkerArgs;
use crate::cli::cache;
use crate::cli::config;
use crate::cli::voices::VoiceChoice;
use crate::cluster::Narrators;
use crate::error::{Error, ErrorKind, Result};
use crate::report::{Narrator, SpeechSettings};
use crate::serve::Voices;
use crate::synth::backend::Backend;
use crate::synth::registry;
use crate::voice::{Store, VoiceName};

/// The stand-in voice.
const TONE: &str = "tone";

/// Voices with the words that the program knows. A lexicon of this machine would make other reports than their keys say.
pub(super) struct OwnNarrators {
    settings: SpeechSettings,
    most: std::num::NonZeroUsize,
    may_fetch: bool,
    cancel: Cancel,
    /// The first that was wanted has the threads that speak; all others share them.
    voices: OnceLock<Voices>,
    tone: OnceLock<Narrator>,
}

impl OwnNarrators {
    pub(super) fn of(args: &WorkerArgs, cancel: &Cancel) -> Result<Self> {
        let settings = SpeechSettings {
            cache: cache::chosen(&args.cache, false),
            backend: Backend::from_env()?,
            workers: config::workers(args.jobs, false),
            ..SpeechSettings::default()
        };
        Ok(Self {
            settings,
            most: args.most_voices,
            may_fetch: !args.offline,
            cancel: cancel.clone(),
            voices: OnceLock::new(),
            tone: OnceLock::new(),
        })
    }
}

impl Narrators for OwnNarrators {
    fn narrator(&self, voice: &str, engine: &str) -> Result<Narrator> {
        if voice == TONE {
            check(engine, &registry::tone_identity())?;
            return Ok(self.tone.get_or_init(|| Narrator::tone(&self.settings)).clone());
        }
        let choice = VoiceChoice { name: Some(voice.to_string()), is_fast: false, may_fetch: self.may_fetch };
        let chosen = choice.obtain(&self.cancel, true)?;
        let store = Store::from_env()?;
        check(engine, &registry::identity_of(&store.styles_of(&VoiceName::new(voice))?))?;
        if self.voices.get().is_none() {
            let first = chosen.load(&self.settings)?;
            let voices = Voices::beside(&first, store, self.settings.clone(), self.most);
            // Somebody else may have been faster.
            let _ = self.voices.set(voices);
        }
        let voices =
            self.voices.get().ok_or_else(|| Error::new(ErrorKind::VoiceMissing, "no voice is loaded"))?;
        voices.named(voice)
    }
}

/// Whether this is the voice that a job's key names. The first jobs named none.
fn check(wanted: &str, own: &str) -> Result<()> {
    if wanted.is_empty() || wanted == own {
        return Ok(());
    }
    Err(Error::new(ErrorKind::VoiceMissing, "the voice of that name on this machine is another one"))
}
