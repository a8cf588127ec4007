//! The voices that a server speaks with. Each is loaded when it is first wanted, and stays until too many others are wanted.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::words::Words;
use crate::audio::SampleRate;
use crate::error::{Error, ErrorKind, Result};
use crate::lexicon::user::Given;
use crate::report::{Narrator, PauseTable, SpeechSettings, front_end};
use crate::script::FrontEnd;
use crate::text::Dialect;
use crate::voice::{Check, Store, VoiceName, VoiceState};

/// The stand-in voice that needs no data.
const TONE: &str = "tone";

/// What the names of families begin with whose voices are fast.
const FAST: &str = "hibari";

/// OpenAI's names of voices, and the installed ones that stand for each, the best first. Clients send them when nobody chose a voice, so
/// they are never refused: where none of these is installed, the server's own voice speaks.
const OPENAI: [(&str, &[&str]); 13] = [
    ("alloy", &["af_alloy", "af_heart"]),
    ("ash", &["am_michael", "am_fenrir"]),
    ("ballad", &["bm_george", "bm_fable"]),
    ("cedar", &["am_puck", "am_michael"]),
    ("coral", &["af_bella", "af_heart"]),
    ("echo", &["am_echo", "am_michael"]),
    ("fable", &["bm_fable", "bm_george"]),
    ("marin", &["af_sarah", "af_heart"]),
    ("nova", &["af_nova", "af_bella"]),
    ("onyx", &["am_onyx", "am_michael"]),
    ("sage", &["af_nicole", "af_heart"]),
    ("shimmer", &["af_sky", "af_bella"]),
    ("verse", &["am_fenrir", "am_puck"]),
];

/// Which voice a request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Choice {
    /// Its name, or one of OpenAI's; the server's own if not given.
    pub name: Option<String>,
    /// Whether its fast student is wanted.
    pub is_fast: bool,
}

/// A voice in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name.
    pub name: String,
    /// The language that it speaks.
    pub dialect: Dialect,
    /// Its family of voices, which is the model that speaks it.
    pub family: String,
}

/// The voices of this machine.
pub(crate) struct Voices {
    store: Store,
    settings: SpeechSettings,
    own: String,
    /// The first has the threads that speak; all others share them.
    first: Narrator,
    loaded: Mutex<Recent<Loading>>,
    /// Front ends of the dialects, of voices that need not be loaded for them.
    front_ends: Mutex<HashMap<Dialect, Arc<FrontEnd>>>,
    words: Words,
}

/// A voice that somebody loads, or has loaded.
type Loading = Arc<Mutex<Option<Narrator>>>;

impl Voices {
    /// Voices beside one that is loaded already, which speaks where nobody asks for another one. Of all others at most `most` minus one
    /// stay in memory.
    pub(crate) fn beside(own: &Narrator, store: Store, settings: SpeechSettings, most: NonZeroUsize) -> Self {
        let name = own.voice().to_string();
        let loaded = Mutex::new(Recent::new(most.get() - 1));
        let words = Words::new(settings.lexicon.clone());
        Self { store, settings, own: name, first: own.serving(), loaded, front_ends: Mutex::default(), words }
    }

    /// The same with a file in which words can be saved.
    ///
    /// # Errors
    /// [`ErrorKind::Lexicon`] when it is no lexicon in TOML, or can't be read or written.
    pub(crate) fn saving_words(self, file: &Path) -> Result<Self> {
        Ok(Self { words: self.words.saving(file)?, ..self })
    }

    /// How words are said.
    pub(super) fn words(&self) -> &Words {
        &self.words
    }

    /// The name of the voice that speaks where nobody asks for another one.
    pub(super) fn own(&self) -> &str {
        &self.own
    }

    /// Those that are installed, in the order of the families.
    pub(super) fn list(&self) -> Vec<Entry> {
        let voices = self.store.list(Check::Size).into_iter();
        let mut entries: Vec<Entry> = voices
            .filter(|voice| voice.state == VoiceState::Installed)
            .map(|voice| Entry { name: voice.name.to_string(), dialect: voice.dialect, family: voice.family })
            .collect();
        if self.own == TONE {
            entries.push(Entry {
                name: TONE.to_string(),
                dialect: Dialect::default(),
                family: TONE.to_string(),
            });
        }
        entries
    }

    /// Who made the model of a family of voices.
    pub(super) fn maker(&self, family: &str) -> Option<&str> {
        let family = self.store.families().iter().find(|known| known.name == family)?;
        Some(&family.licence.weights_by)
    }

    /// Chunks that were spoken before, and chunks that had to be spoken.
    pub(super) fn cache_counts(&self) -> (usize, usize) {
        self.settings.cache.as_ref().map_or((0, 0), |cache| cache.counts())
    }

    /// The pauses that all voices make.
    pub(super) fn pauses(&self) -> PauseTable {
        self.settings.pauses
    }

    /// The rate of the server's own voice.
    pub(super) fn rate(&self) -> SampleRate {
        self.first.sample_rate()
    }

    /// The name of the voice that a request gets.
    pub(super) fn meant(&self, choice: &Choice) -> Result<String> {
        let asked = choice.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let standing = match asked {
            None => Some(&[][..]),
            Some(name) => {
                let known = OPENAI.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
                known.map(|(_, standing)| *standing)
            }
        };
        let name = match (standing, asked) {
            (None, Some(name)) => name.to_string(),
            (standing, _) => self.standing_for(standing.unwrap_or_default(), choice.is_fast),
        };
        if name == TONE && self.own == TONE {
            return Ok(name);
        }
        let voice = VoiceName::new(&name);
        let meant = if choice.is_fast { self.store.student_of(&voice)? } else { voice };
        Ok(self.store.locate(&meant)?.name.to_string())
    }

    /// The first of these that is installed, else the server's own voice. Where a fast one is wanted, any fast one is better than none.
    fn standing_for(&self, names: &[&str], is_fast: bool) -> String {
        let mut candidates = names.iter().copied().chain([self.own.as_str()]);
        if !is_fast {
            let found = candidates.find(|name| self.store.installed(&VoiceName::new(name)));
            return found.unwrap_or(&self.own).to_string();
        }
        let has_student = |name: &&str| {
            let student = self.store.student_of(&VoiceName::new(name));
            student.is_ok_and(|student| self.store.installed(&student))
        };
        let any_fast = || self.list().into_iter().find(|voice| voice.family.starts_with(FAST));
        candidates
            .find(has_student)
            .map(str::to_string)
            .or_else(|| any_fast().map(|voice| voice.name))
            .unwrap_or_else(|| self.own.clone())
    }

    /// The front end of the voice that a request gets, with the words that were saved. The voice itself is not loaded.
    pub(super) fn front_end(&self, choice: &Choice) -> Result<Arc<FrontEnd>> {
        let name = self.meant(choice)?;
        let lexicon = self.words.changed(&Given::default());
        if name == self.own && lexicon.is_none() {
            return Ok(self.first.front_end().clone());
        }
        let dialect = if name == TONE {
            Dialect::default()
        } else {
            self.store.locate(&VoiceName::new(&name))?.dialect
        };
        if let Some(lexicon) = lexicon {
            return Ok(Arc::new(front_end(dialect, &self.settings.clone().with_lexicon(lexicon))));
        }
        let mut kept = lock(&self.front_ends);
        let made = kept.entry(dialect).or_insert_with(|| Arc::new(front_end(dialect, &self.settings)));
        Ok(made.clone())
    }

    /// The voice that a request gets, loaded. Waits for it, and for others that load the same one.
    pub(super) fn narrator(&self, choice: &Choice) -> Result<Narrator> {
        let narrator = self.loaded(choice)?;
        Ok(self.with_words(narrator, &Given::default()))
    }

    /// The same with words of the request above all others.
    pub(super) fn narrator_with(&self, choice: &Choice, given: &Given) -> Result<Narrator> {
        let narrator = self.narrator(choice)?;
        Ok(if given.is_empty() { narrator } else { self.with_words(narrator, given) })
    }

    /// The voice of a whole name, loaded.
    #[cfg(feature = "cluster")]
    pub(crate) fn named(&self, name: &str) -> Result<Narrator> {
        self.narrator(&Choice { name: Some(name.to_string()), is_fast: false })
    }

    fn with_words(&self, narrator: Narrator, given: &Given) -> Narrator {
        match self.words.changed(given) {
            None => narrator,
            Some(lexicon) => narrator.with_words_of(&self.settings.clone().with_lexicon(lexicon)),
        }
    }

    fn loaded(&self, choice: &Choice) -> Result<Narrator> {
        let name = self.meant(choice)?;
        if name == self.own {
            return Ok(self.first.clone());
        }
        let loading = lock(&self.loaded).get(&name);
        let mut loaded = lock(&loading);
        if let Some(narrator) = &*loaded {
            return Ok(narrator.clone());
        }
        let voice = self.store.locate(&VoiceName::new(&name))?;
        let narrator = Narrator::load(&voice, &self.settings)?.with_workers_of(&self.first);
        *loaded = Some(narrator.clone());
        Ok(narrator)
    }
}

/// What was wanted lately, by name; the least recently wanted leaves when there are too many.
struct Recent<T> {
    most: usize,
    /// The one wanted last is the last.
    kept: Vec<(String, T)>,
}

impl<T: Clone + Default> Recent<T> {
    fn new(most: usize) -> Self {
        Self { most, kept: Vec::new() }
    }

    /// What has this name; made if it is not there.
    fn get(&mut self, name: &str) -> T {
        let place = self.kept.iter().position(|(known, _)| known == name);
        let entry = place.map_or_else(|| (name.to_string(), T::default()), |place| self.kept.remove(place));
        let wanted = entry.1.clone();
        self.kept.push(entry);
        let too_many = self.kept.len().saturating_sub(self.most);
        self.kept.drain(..too_many);
        wanted
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change is small and leaves it usable.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether an error says that a request asks for a voice that is not here.
pub(super) fn is_unknown(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::UnknownVoice | ErrorKind::VoiceMissing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_wanted_leaves() {
        let mut recent: Recent<Arc<Mutex<u8>>> = Recent::new(2);
        for (number, name) in ["a", "b", "a", "c"].into_iter().enumerate() {
            *lock(&recent.get(name)) = number as u8 + 1;
        }
        let names: Vec<&str> = recent.kept.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["a", "c"]);
        assert_eq!(*lock(&recent.get("a")), 3);
        assert_eq!(*lock(&recent.get("b")), 0, "it was forgotten");
        let mut none: Recent<u8> = Recent::new(0);
        none.get("a");
        assert!(none.kept.is_empty());
    }
}
