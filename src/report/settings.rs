//! The settings of a narrator, and of one narration.

use std::sync::Arc;

use crate::audio::Speed;
use crate::error::Result;
use crate::lexicon::Lexicon;
use crate::normalize::Locale;
use crate::script::ChunkLimits;
use crate::segment::PauseTable;
use crate::store::{ChunkCache, Remembered};
use crate::stream::Workers;
use crate::synth::backend::Backend;
use crate::synth::tone::Tone;
use crate::synth::{Synthesizer, registry};
use crate::voice::InstalledVoice;

/// The settings that are the same for all articles.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SpeechSettings {
    /// Silence after each kind of chunk.
    pub pauses: PauseTable,
    /// How long chunks may be.
    pub(crate) limits: ChunkLimits,
    /// The locale whose conventions are followed; that of the voice's dialect if not given.
    pub locale: Option<Locale>,
    /// The knowledge about words.
    pub lexicon: Arc<Lexicon>,
    /// Who speaks; all articles that are narrated at the same time share these threads.
    pub workers: Workers,
    /// The kernels for the voice's network.
    pub backend: Backend,
    /// Where chunks that were spoken are kept.
    pub(crate) cache: Option<Arc<ChunkCache>>,
}

impl SpeechSettings {
    /// The same with other pauses.
    #[must_use]
    pub fn with_pauses(self, pauses: PauseTable) -> Self {
        Self { pauses, ..self }
    }

    /// The same with the conventions of a locale.
    #[must_use]
    pub fn with_locale(self, locale: Locale) -> Self {
        Self { locale: Some(locale), ..self }
    }

    /// The same with another lexicon.
    #[must_use]
    pub fn with_lexicon(self, lexicon: Arc<Lexicon>) -> Self {
        Self { lexicon, ..self }
    }

    /// The same with other workers.
    #[must_use]
    pub fn with_workers(self, workers: Workers) -> Self {
        Self { workers, ..self }
    }

    /// A voice that looks into the cache first, where there is one; `identity` is all that its samples depend on.
    fn remembered(&self, voice: Arc<dyn Synthesizer>, identity: String) -> Arc<dyn Synthesizer> {
        match &self.cache {
            Some(cache) => Arc::new(Remembered::new(voice, identity, cache.clone())),
            None => voice,
        }
    }

    /// The same voice, installed.
    pub(super) fn load(&self, voice: &InstalledVoice) -> Result<Arc<dyn Synthesizer>> {
        let synthesizer = registry::load(voice, self.backend)?;
        Ok(self.remembered(synthesizer, registry::identity(voice, self.backend)))
    }

    /// The stand-in voice.
    pub(super) fn load_tone(&self) -> Arc<dyn Synthesizer> {
        self.remembered(Arc::new(Tone), registry::tone_identity())
    }

    /// The same with the network computed on something else.
    #[must_use]
    pub fn with_backend(self, backend: Backend) -> Self {
        Self { backend, ..self }
    }
}

/// How one article is narrated.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NarrationSettings {
    /// How fast.
    pub speed: Speed,
    /// Whether the first sound should come as early as possible.
    pub hurry_first: bool,
    /// Whether somebody waits for all of the sound, as a client does that gets a whole file. A listener of the sink is served by its ear.
    pub(crate) is_awaited: bool,
}

impl NarrationSettings {
    /// The same at another speed.
    #[must_use]
    pub fn with_speed(self, speed: Speed) -> Self {
        Self { speed, ..self }
    }

    /// The same with the first sound as early as possible, or not.
    #[must_use]
    pub fn with_hurry_first(self, hurry_first: bool) -> Self {
        Self { hurry_first, ..self }
    }
}

impl Default for NarrationSettings {
    /// At normal speed, in whole sentences.
    fn default() -> Self {
        Self { speed: Speed::NORMAL, hurry_first: false, is_awaited: false }
    }
}
