//! A request becomes sound, on a thread of its own.

use std::sync::Arc;

use bytes::Bytes;
use tokio::runtime::Handle;
use tracing::{debug, warn};

use super::Server;
use super::admission::Permit;
use super::outlet::{Ear, Heard, Inlet, Outlet, is_gone, outlet};
use super::voices::Choice;
use crate::article::{Article, Block, BlockKind};
use crate::audio::{SampleFormat, SampleRate, Speed};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::master::Loudness;
use crate::output::encode::{Coding, EncodedPipe};
use crate::output::metadata::Metadata;
use crate::report::{NarrationSettings, Narrator};
use crate::text::Span;

/// What is spoken, and how.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// All of it is spoken.
    pub article: Arc<Article>,
    /// Who speaks.
    pub voice: Choice,
    /// How fast.
    pub speed: Speed,
    /// What the client gets.
    pub form: Form,
}

/// The form of the sound.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// A file.
    File(Coding),
    /// Samples alone: 16 bits, little-endian, at the voice's rate.
    Samples,
}

/// Sound that is being made. Dropping it ends the work at the next block.
pub(super) struct Speech {
    inlet: Inlet,
    ear: Arc<Ear>,
    _stopping: StopOnDrop,
    _permit: Arc<Permit>,
}

struct StopOnDrop(Cancel);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Speech {
    /// Waits for the next bytes; `None` is the end, and an error ends it early.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes>> {
        self.inlet.recv().await
    }

    /// The same, as a stream is asked.
    pub(super) fn poll_next(
        &mut self,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Bytes>>> {
        self.inlet.poll_recv(context)
    }

    /// The rate of its samples.
    pub(super) fn rate(&self) -> SampleRate {
        self.ear.rate()
    }

    /// Seconds of sound so far.
    pub(super) fn seconds(&self) -> f64 {
        self.ear.seconds()
    }
}

/// A text of which every word is spoken: nothing is taken for furniture. A blank line ends a paragraph.
pub(super) fn article_of(text: &str) -> Result<Article> {
    let text = text.replace("\r\n", "\n");
    let mut blocks = Vec::new();
    let mut begin = 0;
    for paragraph in text.split("\n\n") {
        let kept = paragraph.trim();
        if !kept.is_empty() {
            let start = begin + (paragraph.len() - paragraph.trim_start().len());
            blocks.push(Block { kind: BlockKind::Paragraph, span: Span::new(start, start + kept.len()) });
        }
        begin += paragraph.len() + 2;
    }
    if blocks.is_empty() {
        return Err(Error::new(ErrorKind::Empty, "there is no text to speak"));
    }
    Article::new(text, blocks)
}

impl Server {
    /// Begins to speak. The voice is loaded first, where it is not yet. Speeches of one request may share its permit.
    pub(super) async fn speak(&self, wanted: Wanted, permit: impl Into<Arc<Permit>>) -> Result<Speech> {
        let voices = self.voices.clone();
        let choice = wanted.voice.clone();
        let narrator = tokio::task::spawn_blocking(move || voices.narrator(&choice))
            .await
            .map_err(|_| Error::new(ErrorKind::Synthesis, "loading the voice broke off"))??;
        let cancel = Cancel::new();
        let ear = Ear::new(narrator.sample_rate());
        let (outlet, inlet) = outlet(Handle::current(), self.limits.stalled, ear.clone());
        let stopping = StopOnDrop(cancel.clone());
        let speech = Speech { inlet, ear: ear.clone(), _stopping: stopping, _permit: permit.into() };
        let speaking = std::thread::Builder::new().name("request".to_string());
        speaking
            .spawn(move || {
                let last_word = outlet.last_word();
                if let Err(error) = speak_into(outlet, &ear, &narrator, &wanted, &cancel) {
                    if is_gone(&error) {
                        debug!("the client is gone");
                    } else {
                        warn!(error = error.story(), "a request was not spoken to its end");
                    }
                    last_word.say(error);
                }
            })
            .map_err(|cause| {
                Error::new(ErrorKind::Synthesis, "no thread can be started that speaks")
                    .because(cause)
                    .with_cure(Cure::FreeProcesses)
            })?;
        Ok(speech)
    }
}

fn speak_into(
    outlet: Outlet,
    ear: &Arc<Ear>,
    narrator: &Narrator,
    wanted: &Wanted,
    cancel: &Cancel,
) -> Result<()> {
    let rate = narrator.sample_rate();
    let gain = Loudness::PODCAST.gain(narrator.loudness());
    let pipe = match wanted.form {
        Form::File(coding) => {
            EncodedPipe::create(outlet, rate, coding, &Metadata::of_speech(Some(narrator.voice())), gain)?
        }
        Form::Samples => EncodedPipe::samples(outlet, rate, SampleFormat::Int16, gain),
    };
    let sink = Box::new(Heard::new(Box::new(pipe), ear.clone()));
    let settings = NarrationSettings { speed: wanted.speed, hurry_first: true };
    narrator.narrate(&wanted.article, settings, sink, cancel, &mut |_| {})?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn every_word_of_a_text_is_in_a_paragraph() {
        let rows: [(&str, &[&str]); 6] = [
            ("Share this article", &["Share this article"]),
            ("One.\n\nTwo.", &["One.", "Two."]),
            ("\n\n  One\ntwo. \n\n\n\n Three.\n", &["One\ntwo.", "Three."]),
            ("é.\n\n\u{a0}\n\nü", &["é.", "ü"]),
            ("One.\r\n\r\nTwo,\r\nthree.", &["One.", "Two,\nthree."]),
            ("Home > World\n\nAdvertisement", &["Home > World", "Advertisement"]),
        ];
        each(rows, |(text, want)| {
            let article = article_of(text).unwrap();
            let found: Vec<&str> =
                article.blocks().iter().map(|block| block.span.of(article.text())).collect();
            assert_eq!(found, want, "{text:?}");
            assert!(article.removed().is_empty());
        });
        each(["", " \n\n\t"], |text| {
            assert_eq!(article_of(text).unwrap_err().kind(), ErrorKind::Empty, "{text:?}");
        });
    }
}
