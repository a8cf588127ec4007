//! The voices of a report: the narrator, and another one for quotations where that is wanted.

use super::voices::{ChosenVoice, VoiceChoice};
use crate::audio::SampleRate;
use crate::cancel::Cancel;
use crate::error::Result;
use crate::report::{Narrator, SpeechSettings};

/// The voices that the options ask for.
#[derive(Clone, Debug)]
pub(crate) struct Cast {
    /// Who reads.
    pub narrator: VoiceChoice,
    /// Who speaks quotations, if not the narrator.
    pub quoting: Option<VoiceChoice>,
}

impl Cast {
    /// An unknown voice or engine is wrong usage even before anything is read.
    pub(crate) fn check(&self) -> Result<()> {
        self.narrator.check()?;
        self.quoting.as_ref().map_or(Ok(()), VoiceChoice::check)
    }

    /// Finds the voices; fetches those that are missing and may be fetched.
    pub(crate) fn obtain(&self, cancel: &Cancel, is_quiet: bool) -> Result<ChosenCast> {
        let narrator = self.narrator.obtain(cancel, is_quiet)?;
        let quoting = self.quoting.as_ref().map(|voice| voice.obtain(cancel, is_quiet)).transpose()?;
        Ok(ChosenCast { narrator, quoting })
    }
}

/// The requested voices, on this machine but not yet loaded.
#[derive(Clone, Debug)]
pub(crate) struct ChosenCast {
    narrator: ChosenVoice,
    quoting: Option<ChosenVoice>,
}

impl ChosenCast {
    /// Rate of their sound.
    pub(crate) fn sample_rate(&self) -> SampleRate {
        self.narrator.sample_rate()
    }

    /// Loads them.
    pub(crate) fn load(&self, settings: &SpeechSettings) -> Result<Narrator> {
        let narrator = self.narrator.load(settings)?;
        match &self.quoting {
            Some(voice) => voice.quote_for(narrator, settings),
            None => Ok(narrator),
        }
    }
}
