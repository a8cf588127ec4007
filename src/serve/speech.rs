//! A request becomes sound, on a thread of its own.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
#[cfg(feature = "cluster")]
use tokio::sync::OwnedSemaphorePermit;
use tracing::{debug, warn};

use super::Server;
use super::admission::Permit;
#[cfg(feature = "cluster")]
use super::elsewhere::{Asked, Helped, Place};
use super::limits::Limits;
use super::metrics::{FirstSound, Outcome};
use super::outlet::{Ear, Heard, Inlet, Outlet, is_gone, outlet};
use super::times::{Places, SpokenWord, Times};
use super::voices::{Choice, Voices};
use crate::article::{Article, Block, BlockKind};
use crate::audio::{SampleFormat, SampleRate, Sink, Speed};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::lexicon::user::Given;
use crate::master::{Loudness, Stretched};
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
    /// Words that are said in another way this time.
    pub given: Given,
    /// Where the text stands in the input, if the client wants to know when its words are heard.
    pub places: Option<Places>,
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
    /// Until its first bytes are taken.
    first: Option<FirstSound>,
    times: Times,
    _stopping: StopOnDrop,
    /// The right to speak, until all of it is sent.
    _held: Option<Arc<Permit>>,
}

/// Ends the work when nobody waits for it any more.
pub(super) struct StopOnDrop(pub(super) Cancel);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Speech {
    /// Waits for the next bytes; `None` is the end, and an error ends it early.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes>> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    /// The same, as a stream is asked.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let next = self.inlet.poll_next(context);
        if let Poll::Ready(Some(Ok(_))) = next
            && let Some(first) = self.first.take()
        {
            first.heard();
        }
        next
    }

    /// Words that were not taken yet. All words of the sound taken so far are among them.
    pub(super) fn take_words(&self) -> Vec<SpokenWord> {
        self.times.take()
    }

    /// The rate of its samples.
    pub(super) fn rate(&self) -> SampleRate {
        self.inlet.rate()
    }

    /// Samples of the voice that were made.
    #[cfg(feature = "cluster")]
    pub(super) fn made(&self) -> u64 {
        self.inlet.made()
    }

    /// Whether all of it is made, though not all was taken.
    pub(super) fn is_made(&self) -> bool {
        self.inlet.is_made()
    }

    /// Begins to speak with this voice. At the end, how it ended is told: the seconds of sound, and those of work.
    ///
    /// # Errors
    /// No thread can be started.
    pub(super) fn begin(
        narrator: Narrator,
        wanted: Wanted,
        is_live: bool,
        limits: Limits,
        ended: impl FnOnce(Outcome, f64, Duration) + Send + 'static,
    ) -> Result<Self> {
        let rate = narrator.sample_rate();
        Self::on_its_thread(rate, limits, ended, move |outlet, ear, times, cancel| {
            speak_into(outlet, ear, &narrator, &wanted, is_live, &limits, times, cancel)
        })
    }

    /// Passes on what a worker speaks.
    ///
    /// # Errors
    /// No thread can be started.
    #[cfg(feature = "cluster")]
    fn pass_on(
        helped: Helped,
        limits: Limits,
        ended: impl FnOnce(Outcome, f64, Duration) + Send + 'static,
    ) -> Result<Self> {
        let runtime = tokio::runtime::Handle::current();
        Self::on_its_thread(helped.rate(), limits, ended, move |outlet, ear, times, cancel| {
            helped.speak_into(outlet, ear, times, cancel, &runtime)
        })
    }

    fn on_its_thread(
        rate: SampleRate,
        limits: Limits,
        ended: impl FnOnce(Outcome, f64, Duration) + Send + 'static,
        speak: impl FnOnce(Outlet, &Arc<Ear>, &Times, &Cancel) -> Result<()> + Send + 'static,
    ) -> Result<Self> {
        let cancel = Cancel::new();
        let ear = Ear::new(rate);
        let (outlet, last_word, inlet) = outlet(limits.stalled, ear.clone());
        let times = Times::default();
        let stopping = StopOnDrop(cancel.clone());
        let speech = Self { inlet, first: None, times: times.clone(), _stopping: stopping, _held: None };
        let speaking = std::thread::Builder::new().name("request".to_string());
        speaking
            .spawn(move || {
                let begun = Instant::now();
                let spoken = speak(outlet, &ear, &times, &cancel);
                let outcome = outcome_of(&spoken, &ear);
                ended(outcome, ear.seconds(), begun.elapsed().saturating_sub(ear.waited()));
                last_word.say(spoken);
            })
            .map_err(|cause| {
                Error::new(ErrorKind::Synthesis, "no thread can be started that speaks")
                    .because(cause)
                    .with_cure(Cure::FreeProcesses)
            })?;
        Ok(speech)
    }
}

/// The same as `ended`, and a place is free then.
#[cfg(feature = "cluster")]
fn freeing(
    ended: impl FnOnce(Outcome, f64, Duration),
    place: Option<OwnedSemaphorePermit>,
) -> impl FnOnce(Outcome, f64, Duration) {
    move |outcome, seconds, took| {
        drop(place);
        ended(outcome, seconds, took);
    }
}

/// How a speech ended, as it is counted and logged.
fn outcome_of(spoken: &Result<()>, ear: &Ear) -> Outcome {
    match spoken {
        Ok(()) => {
            debug!(seconds = ear.seconds(), "a request was spoken");
            Outcome::Done
        }
        Err(error) if is_gone(error) => {
            debug!("the client is gone");
            Outcome::Cancelled
        }
        Err(error) => {
            warn!(error = without_text(error), "a request was not spoken to its end");
            Outcome::Failed
        }
    }
}

/// An error as a log may have it.
pub(super) fn without_text(error: &Error) -> String {
    match error.kind() {
        // What is said of phonemes may quote the text.
        ErrorKind::Phonemes => "a part of the text has no phonemes".to_string(),
        _ => error.causes(),
    }
}

/// A text of which every word is spoken: nothing is taken for furniture. A blank line ends a paragraph.
pub(super) fn article_of(text: &str) -> Result<Article> {
    article_of_lines(text.replace("\r\n", "\n"))
}

/// The same of a text that has its line ends as they are kept.
pub(super) fn article_of_lines(text: String) -> Result<Article> {
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
    /// Begins to speak, in time for somebody who listens. The voice is loaded first, where it is not yet. Speeches of one request may share
    /// its permit.
    pub(super) async fn speak(&self, wanted: Wanted, permit: impl Into<Arc<Permit>>) -> Result<Speech> {
        self.begin(wanted, permit.into(), true).await
    }

    /// Speaks all of it, in whole sentences as a file has them.
    pub(super) async fn speak_whole(
        &self,
        wanted: Wanted,
        permit: Permit,
    ) -> Result<(Vec<u8>, Vec<SpokenWord>)> {
        let mut speech = self.begin(wanted, Arc::new(permit), false).await?;
        // Nothing goes out before all of it is there.
        let first = speech.first.take();
        let mut whole = Vec::new();
        while let Some(bytes) = speech.next().await {
            whole.extend_from_slice(&bytes?);
        }
        if let Some(first) = first {
            first.heard();
        }
        Ok((whole, speech.take_words()))
    }

    async fn begin(&self, wanted: Wanted, permit: Arc<Permit>, is_live: bool) -> Result<Speech> {
        let first = permit.asked().map(|since| self.metrics.expect(since));
        let metrics = self.metrics.clone();
        let ended = move |outcome, seconds, took| metrics.spoke(outcome, seconds, took);
        let held = Some(permit.clone());
        // A place to speak is free when all is made, though not all may be sent: a stream may have the next of its passages made by then.
        #[cfg(feature = "cluster")]
        let (ended, helped) = match self.place(&wanted, &permit, is_live).await? {
            Some(Place::Elsewhere(helped, place)) => (freeing(ended, Some(place)), Some(helped)),
            Some(Place::Here(own)) => (freeing(ended, Some(own)), None),
            None => (freeing(ended, None), None),
        };
        #[cfg(feature = "cluster")]
        if let Some(helped) = helped {
            self.metrics.helped();
            let speech = Speech::pass_on(*helped, self.limits, ended)?;
            return Ok(Speech { first, _held: held, ..speech });
        }
        let (choice, given) = (wanted.voice.clone(), wanted.given.clone());
        let narrator = self.find(permit, move |voices| voices.narrator_with(&choice, &given)).await?;
        let speech = Speech::begin(narrator, wanted, is_live, self.limits, ended)?;
        Ok(Speech { first, _held: held, ..speech })
    }

    /// Who speaks a request, where workers may; `None` where there are none.
    #[cfg(feature = "cluster")]
    async fn place(&self, wanted: &Wanted, permit: &Arc<Permit>, is_live: bool) -> Result<Option<Place>> {
        let Some(helpers) = &self.helpers else { return Ok(None) };
        let choice = wanted.voice.clone();
        let found = self
            .find(permit.clone(), move |voices| Ok((voices.meant(&choice)?, voices.words().saved_text()?)));
        let (voice, saved) = found.await?;
        let asked = Asked::of(wanted, voice, helpers.manner(saved), is_live, self.limits.stalled);
        helpers.place(&asked).await.map(Some)
    }

    /// Looks for something among the voices, which may take a while. The place is taken until then, also when the client is gone.
    async fn find<T: Send + 'static>(
        &self,
        permit: Arc<Permit>,
        look: impl FnOnce(&Voices) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let voices = self.voices.clone();
        let looking = move || {
            let found = look(&voices);
            drop(permit);
            found
        };
        tokio::task::spawn_blocking(looking)
            .await
            .map_err(|_| Error::new(ErrorKind::Synthesis, "loading the voice broke off"))?
    }
}

#[expect(clippy::too_many_arguments, reason = "all that a thread needs which speaks")]
fn speak_into(
    outlet: Outlet,
    ear: &Arc<Ear>,
    narrator: &Narrator,
    wanted: &Wanted,
    is_live: bool,
    limits: &Limits,
    told: &Times,
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
    let heard = Heard::new(Box::new(pipe), ear.clone(), is_live);
    #[cfg(debug_assertions)]
    let heard = heard.breaking_after(limits.breaks_after);
    #[cfg(not(debug_assertions))]
    let _ = limits;
    let (speed, times) = wanted.speed.divided();
    let sink: Box<dyn Sink> = match times {
        None => Box::new(heard),
        Some(times) => Box::new(Stretched::new(Box::new(heard), rate, times)),
    };
    let settings = NarrationSettings { speed, hurry_first: is_live, is_awaited: !is_live };
    match &wanted.places {
        None => narrator.narrate(&wanted.article, settings, sink, cancel, &mut |_| {})?,
        Some(places) => {
            let mut tell = told.taker(wanted.article.text(), places, times);
            narrator.narrate_telling(&wanted.article, settings, sink, cancel, &mut tell)?
        }
    };
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
