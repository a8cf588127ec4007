//! The entry point for users of the library: one statement builds a narrator, another one a reading.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Blocks, NarrationSettings, Narrator, SpeechSettings, Summary, Workers};
use crate::article::Article;
use crate::audio::{SampleFormat, Sink, Speed};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::lexicon::Lexicon;
use crate::normalize::Locale;
use crate::output::wav::{Tags, WavSink};
use crate::segment::PauseTable;
use crate::synth::backend::Backend;
use crate::voice::InstalledVoice;

/// Builds a [`Narrator`]; every setting has a default.
#[derive(Clone, Debug, Default)]
pub struct NarratorBuilder {
    /// Without one the stand-in voice speaks.
    voice: Option<InstalledVoice>,
    settings: SpeechSettings,
}

impl NarratorBuilder {
    /// How many threads speak; one a core if not given.
    #[must_use]
    pub fn workers(mut self, count: NonZeroUsize) -> Self {
        self.settings.workers = Workers { count, ..self.settings.workers };
        self
    }

    /// The knowledge about words.
    #[must_use]
    pub fn lexicon(mut self, lexicon: Arc<Lexicon>) -> Self {
        self.settings.lexicon = lexicon;
        self
    }

    /// The locale whose conventions are followed; that of the voice's dialect if not given.
    #[must_use]
    pub fn locale(mut self, locale: Locale) -> Self {
        self.settings.locale = Some(locale);
        self
    }

    /// Silence after each kind of chunk.
    #[must_use]
    pub fn pauses(mut self, pauses: PauseTable) -> Self {
        self.settings.pauses = pauses;
        self
    }

    /// The kernels for the voice's network; the fastest on this processor if not given.
    #[must_use]
    pub fn backend(mut self, backend: Backend) -> Self {
        self.settings.backend = backend;
        self
    }

    /// Loads the voice, and the dictionaries of its dialect at the same time.
    pub fn build(self) -> Result<Narrator> {
        match &self.voice {
            Some(voice) => Narrator::load(voice, &self.settings),
            None => Ok(Narrator::tone(&self.settings)),
        }
    }
}

impl Narrator {
    /// A narrator with an installed voice, to be built.
    ///
    /// ```no_run
    /// use audio_report::article::Article;
    /// use audio_report::audio::Speed;
    /// use audio_report::report::Narrator;
    /// use audio_report::voice::{Store, VoiceName};
    ///
    /// # fn main() -> audio_report::error::Result<()> {
    /// let voice = Store::from_env()?.locate(&VoiceName::new("af_heart"))?;
    /// let narrator = Narrator::builder(voice).build()?;
    /// let article = Article::from_text("Port reopens\n\nShips came back on Nov. 18.".into());
    /// narrator.read(article).speed(Speed::new(1.1).unwrap_or_default()).to_wav("report.wav".as_ref())?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(voice: InstalledVoice) -> NarratorBuilder {
        NarratorBuilder { voice: Some(voice), settings: SpeechSettings::default() }
    }

    /// A narrator with the stand-in voice, which needs no data, to be built.
    pub fn tone_builder() -> NarratorBuilder {
        NarratorBuilder::default()
    }

    /// A reading of an article, which begins when it gets a destination.
    pub fn read(&self, article: impl Into<Arc<Article>>) -> Reading<'_> {
        Reading {
            narrator: self,
            article: article.into(),
            settings: NarrationSettings::default(),
            cancel: Cancel::new(),
        }
    }
}

/// An article that is about to be read; see [`Narrator::read`].
pub struct Reading<'a> {
    narrator: &'a Narrator,
    article: Arc<Article>,
    settings: NarrationSettings,
    cancel: Cancel,
}

impl Reading<'_> {
    /// How fast.
    #[must_use]
    pub fn speed(mut self, speed: Speed) -> Self {
        self.settings.speed = speed;
        self
    }

    /// The request that stops the reading.
    #[must_use]
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Reads into a sink, with memory that does not depend on the article's length.
    pub fn to(self, sink: Box<dyn Sink>) -> Result<Summary> {
        self.narrator.narrate(&self.article, self.settings, sink, &self.cancel, &mut |_| {})
    }

    /// Reads into a WAV file of 16 bits, which appears under its name when it is whole. A file of that name is an error.
    pub fn to_wav(self, path: &Path) -> Result<Summary> {
        let tags = Tags::default();
        let sink = WavSink::create(path, self.narrator.sample_rate(), SampleFormat::Int16, tags, false)?;
        self.to(Box::new(sink))
    }

    /// Reads block by block, as live playback needs it; see [`Narrator::stream`].
    pub fn blocks(self, look_ahead: Duration) -> Blocks {
        let settings = NarrationSettings { hurry_first: true, ..self.settings };
        self.narrator.stream(&self.article, settings, look_ahead)
    }
}
