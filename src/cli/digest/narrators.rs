//! Who speaks: the narrator of the digest, and for a story with a manner of its own whoever speaks its report.

use std::sync::Arc;

use super::chosen::Story;
use super::order::Order;
use crate::audio::Speed;
use crate::cancel::Cancel;
use crate::cli::config;
use crate::cli::ledger::lexicon_of;
use crate::cli::manner::Manner;
use crate::error::Result;
use crate::lexicon::Lexicon;
use crate::report::{Narrator, SpeechSettings};
use crate::store::manifest::Manifest;

/// The narrators of a digest.
pub(super) struct Narrators<'a> {
    order: &'a Order<'a>,
    cancel: &'a Cancel,
    settings: SpeechSettings,
    usual: Narrator,
    speed: Speed,
    /// The last one with other voices: stories of one often stand together, and more would fill the memory.
    other: Option<((Manner, Vec<u8>), Narrator)>,
    /// The voices that spoke.
    voices: Vec<String>,
}

impl<'a> Narrators<'a> {
    /// Loads the usual voice.
    pub(super) fn load(order: &'a Order<'a>, settings: SpeechSettings, cancel: &'a Cancel) -> Result<Self> {
        let usual = order.cast.obtain(cancel, order.is_quiet())?.load(&settings)?;
        let (speed, voices) =
            (config::voice_speed(&order.args.speech.voice)?, vec![usual.voice().to_string()]);
        Ok(Self { order, cancel, settings, usual, speed, other: None, voices })
    }

    /// The usual one.
    pub(super) fn usual(&self) -> (Narrator, Speed) {
        (self.usual.clone(), self.speed)
    }

    /// Who speaks a story as its report does, and how fast.
    pub(super) fn of(
        &mut self,
        manner: &Manner,
        story: &Story,
        manifest: &Manifest,
    ) -> Result<(Narrator, Speed)> {
        let speed = manner.speed().unwrap_or(self.speed);
        let key = (manner.clone(), story.lexicon.clone());
        let narrator = match &self.other {
            _ if manner.is_usual() => self.usual.clone(),
            Some((same, narrator)) if *same == key => narrator.clone(),
            // The one before is still there meanwhile: voices of one model share it.
            _ => self.other(manner, self.lexicon(manner, story, manifest)?)?,
        };
        if !self.voices.iter().any(|voice| voice == narrator.voice()) {
            self.voices.push(narrator.voice().to_string());
        }
        self.other = Some((key, narrator.clone())).filter(|_| !manner.is_usual()).or(self.other.take());
        Ok((narrator, speed))
    }

    /// Another one than the usual.
    fn other(&self, manner: &Manner, lexicon: Option<Arc<Lexicon>>) -> Result<Narrator> {
        let has_words = lexicon.is_some();
        let lexicon = lexicon.unwrap_or_else(|| self.settings.lexicon.clone());
        let settings = self.settings.clone().with_lexicon(lexicon);
        match manner.cast(&self.order.cast) {
            Some(cast) => {
                let narrator = cast.obtain(self.cancel, self.order.is_quiet())?.load(&settings)?;
                Ok(narrator.with_workers_of(&self.usual))
            }
            None if has_words => Ok(self.usual.with_words_of(&settings)),
            None => Ok(self.usual.clone()),
        }
    }

    /// What is known of words beside what all know.
    fn lexicon(&self, manner: &Manner, story: &Story, manifest: &Manifest) -> Result<Option<Arc<Lexicon>>> {
        let usual = &self.settings.lexicon;
        let of_feed =
            if manner.has_lexicons { lexicon_of(manifest, &story.lexicon, usual.style())? } else { None };
        let own = manner.lexicon(of_feed.as_deref().unwrap_or(usual))?;
        Ok(own.or(of_feed))
    }

    /// The names of all who spoke.
    pub(super) fn voices(&self) -> String {
        self.voices.join(", ")
    }
}
