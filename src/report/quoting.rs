//! A second voice, which speaks what an article quotes.

use std::sync::Arc;

use tracing::debug;

use super::{Narrator, SpeechSettings, words};
use crate::article::Article;
use crate::audio::Speed;
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::master::{Loudness, Meter};
use crate::phonemize::Phonemizer;
use crate::script::{Quotations, Script};
use crate::synth::scaled::Scaled;
use crate::synth::{Collect, Synthesizer, Utterance};
use crate::text::Dialect;
use crate::voice::InstalledVoice;

/// A voice whose loudness nobody has measured says this once, in about four seconds, so that quotations are as loud as the rest.
const CALIBRATION: &str = "Ships came back to the old harbour on Monday, and the mayor thanked everyone.";

/// The voice for quotations.
#[derive(Clone)]
pub(super) struct Quoting {
    /// At the narrator's level.
    pub voice: Arc<dyn Synthesizer>,
    dialect: Dialect,
    /// Where its dialect is another than the narrator's.
    phonemizer: Option<Arc<Phonemizer>>,
}

impl Quoting {
    /// The same with other knowledge about words, beside a narrator of a dialect.
    pub(super) fn with_words_of(&self, narrator: Dialect, settings: &SpeechSettings) -> Self {
        Self { phonemizer: phonemizer(self.dialect, narrator, settings), ..self.clone() }
    }

    /// A script whose quotations this voice can say.
    pub(super) fn prepare(&self, script: Script, quotations: &Arc<Quotations>) -> Script {
        script.quoting(quotations.clone(), self.phonemizer.clone(), self.voice.limits().max_symbols)
    }
}

impl Narrator {
    /// The same narrator, who leaves quotations to an installed voice. Settings are those of the narrator, and so is the
    /// locale. Voices of different sample rates are an error.
    pub(crate) fn quoting(self, voice: &InstalledVoice, settings: &SpeechSettings) -> Result<Self> {
        let synthesizer = settings.load(voice)?;
        words::load(voice);
        self.quoting_with(synthesizer, voice.name.as_str(), voice.lufs, voice.dialect, settings)
    }

    /// The same with the stand-in voice.
    pub(crate) fn quoting_tone(self, settings: &SpeechSettings) -> Result<Self> {
        let dialect = self.dialect;
        self.quoting_with(settings.load_tone(), "tone", None, dialect, settings)
    }

    pub(super) fn quoting_with(
        self,
        voice: Arc<dyn Synthesizer>,
        name: &str,
        loudness: Option<f64>,
        dialect: Dialect,
        settings: &SpeechSettings,
    ) -> Result<Self> {
        let (own, other) = (self.sample_rate(), voice.sample_rate());
        if own != other {
            let what = format!(
                "{name} can't speak in one report with {}: their sample rates are {} and {} Hz",
                self.voice,
                other.hertz(),
                own.hertz()
            );
            return Err(Error::new(ErrorKind::Usage, what).with_cure(Cure::ChooseVoice { near: Vec::new() }));
        }
        let target =
            self.loudness.map_or_else(|| self.loudness_of(&*self.synthesizer), |known| Ok(Some(known)))?;
        let gain = match target {
            Some(target) => {
                let loudness = loudness.map_or_else(|| self.loudness_of(&*voice), |known| Ok(Some(known)))?;
                Loudness::Target(target).gain(loudness)
            }
            None => 0.0,
        };
        debug!(name, gain, "the voice for quotations gets the narrator's loudness");
        let phonemizer = phonemizer(dialect, self.dialect, settings);
        let voice: Arc<dyn Synthesizer> = Arc::new(Scaled::by_decibels(voice, gain));
        let name = format!("{}, quotations {name}", self.voice);
        Ok(Self { quoting: Some(Quoting { voice, dialect, phonemizer }), voice: name, ..self })
    }

    /// How loud a voice says the sentence for calibration, in LUFS.
    fn loudness_of(&self, voice: &dyn Synthesizer) -> Result<Option<f64>> {
        let article = Arc::new(Article::from_text(CALIBRATION.to_owned()));
        let mut meter = Meter::new(voice.sample_rate());
        for chunk in self.front_end.script(article) {
            let utterance = Utterance {
                phonemes: super::jobs::speakable(&chunk?, voice),
                speed: Speed::NORMAL,
                threads: self.pool.workers().count,
            };
            let mut sound = Collect::default();
            voice.synthesize(&utterance, &mut sound)?;
            meter.push(&sound.0);
        }
        Ok(meter.integrated())
    }
}

/// How a voice says words whose dialect is another than the narrator's, in the narrator's locale.
fn phonemizer(dialect: Dialect, narrator: Dialect, settings: &SpeechSettings) -> Option<Arc<Phonemizer>> {
    let locale = settings.locale.unwrap_or_else(|| narrator.into());
    (dialect != narrator).then(|| {
        let phonemizer = Phonemizer::new(dialect, settings.lexicon.clone()).spelling(locale.into());
        phonemizer.preload();
        Arc::new(phonemizer)
    })
}

#[cfg(test)]
mod tests;
