//! Wires all stages for one article: the only place that knows all steps from text to sound.
//!
//! A [`Narrator`] holds the parts that take time to load (dictionaries and the voice) and reads any number of
//! articles.

mod awaited;
mod blocks;
mod builder;
#[cfg(any(feature = "epub", feature = "page"))]
mod document;
mod guesses;
mod jobs;
mod live;
mod pace;
mod quoting;
mod serving;
mod settings;
mod summary;
mod word_times;
pub(crate) mod words;
mod words_first;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use awaited::Awaited;
pub use blocks::{Block, Blocks, SentenceBegin};
pub use builder::{NarratorBuilder, Reading};
#[cfg(any(feature = "epub", feature = "page"))]
pub(crate) use document::document;
pub use guesses::Guess;
pub(crate) use guesses::{Guesses, without_possessive};
pub(crate) use jobs::Announcements;
use jobs::{Part, PartChunk};
use live::Live;
use pace::Pace;
use quoting::Quoting;
pub use settings::{NarrationSettings, SpeechSettings};
pub use summary::{SentenceTiming, Summary};
use tracing::debug;
#[cfg(feature = "serve")]
pub(crate) use words_first::HeardWord;
use words_first::{Tell, WordsFirst};

use crate::article::Article;
use crate::audio::SampleRate;
use crate::audio::{Listener, Sink};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::master::{Joiner, Levelled};
pub use crate::normalize::Locale;
use crate::normalize::Normalizer;
use crate::phonemize::Phonemizer;
use crate::script::{FrontEnd, Quotations};
pub use crate::segment::PauseTable;
pub(crate) use crate::stream::MoreExpected;
pub use crate::stream::Workers;
use crate::stream::{Audience, Delivery, Pool, Speech, StreamSettings, TakeRule, WorkObserver};
use crate::synth::Synthesizer;
use crate::synth::tone;
use crate::text::Dialect;
use crate::voice::InstalledVoice;

/// Seconds of silence before the first word, for players that swallow their first moments.
const LEAD_SECONDS: f64 = 0.1;

/// The highest true peak of sound that is passed on as it is made, in dBTP: that of EBU R 128, with room for dither.
const CEILING: f64 = -1.05;

/// How far a narration is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes of the article's text that are spoken.
    pub bytes: usize,
    /// Bytes of the article's text in all.
    pub total_bytes: usize,
    /// Seconds of sound made.
    pub audio_seconds: f64,
}

/// A voice, its workers and a front end, loaded and ready for articles; any number of them may be narrated at once. Clones
/// share all of it.
#[derive(Clone)]
pub struct Narrator {
    front_end: Arc<FrontEnd>,
    pool: Pool,
    synthesizer: Arc<dyn Synthesizer>,
    voice: String,
    dialect: Dialect,
    quoting: Option<Quoting>,
    loudness: Option<f64>,
}

/// An article that is being spoken.
pub(crate) struct Narration {
    article: Arc<Article>,
    announcements: Announcements,
    speech: Speech<PartChunk>,
    rate: SampleRate,
    edge_silence: Duration,
    quotations: Arc<Quotations>,
    voice: String,
    live: Option<Arc<Live>>,
}

impl Narrator {
    /// Rate of the stand-in voice.
    pub(crate) const TONE_RATE: SampleRate = tone::RATE;

    /// Loads an installed voice and, at the same time, the front end for its dialect.
    pub fn load(voice: &InstalledVoice, settings: &SpeechSettings) -> Result<Self> {
        let begun = Instant::now();
        let load = || {
            let synthesizer = settings.load(voice);
            debug!(seconds = begun.elapsed().as_secs_f64(), "the network is loaded");
            synthesizer
        };
        let (front_end, synthesizer) = thread::scope(|scope| {
            let loading = thread::Builder::new().spawn_scoped(scope, load);
            words::load(voice);
            let front_end = front_end(voice.dialect, settings);
            front_end.phonemizer.preload();
            debug!(seconds = begun.elapsed().as_secs_f64(), "the front end is loaded");
            let broke_off = |_| Err(Error::new(ErrorKind::Synthesis, "loading the voice broke off"));
            // If no thread can be started, one is loaded after the other.
            let synthesizer =
                loading.map_or_else(|_| load(), |thread| thread.join().unwrap_or_else(broke_off));
            (front_end, synthesizer)
        });
        let synthesizer = synthesizer?;
        let narrator =
            Self::new(front_end, voice.dialect, synthesizer, settings.workers, voice.name.to_string());
        Ok(Self { loudness: voice.lufs, ..narrator })
    }

    /// A narrator with the stand-in voice [`Tone`](crate::synth::tone::Tone), which needs no data.
    pub fn tone(settings: &SpeechSettings) -> Self {
        Self::with_voice(settings, settings.load_tone(), "tone")
    }

    /// A narrator with the caller's own American voice, under a name of the caller's choice.
    pub fn with_voice(settings: &SpeechSettings, voice: Arc<dyn Synthesizer>, name: &str) -> Self {
        let dialect = Dialect::AmericanEnglish;
        Self::new(front_end(dialect, settings), dialect, voice, settings.workers, name.to_string())
    }

    /// The same voice with other knowledge about words.
    pub(crate) fn with_words_of(&self, settings: &SpeechSettings) -> Self {
        let mut front_end = front_end(self.dialect, settings);
        front_end.limits.most_symbols = self.synthesizer.limits().max_symbols;
        let quoting = self.quoting.as_ref().map(|quoting| quoting.with_words_of(self.dialect, settings));
        Self { front_end: Arc::new(front_end), quoting, ..self.clone() }
    }

    /// The same, spoken by the workers of another.
    pub(crate) fn with_workers_of(self, other: &Self) -> Self {
        Self { pool: other.pool.clone(), ..self }
    }

    /// The same voice and front end, with other workers.
    #[must_use]
    pub fn with_workers(&self, workers: Workers) -> Self {
        Self { pool: Pool::new(workers, TakeRule::OldestFirst), ..self.clone() }
    }

    fn new(
        mut front_end: FrontEnd,
        dialect: Dialect,
        synthesizer: Arc<dyn Synthesizer>,
        workers: Workers,
        voice: String,
    ) -> Self {
        front_end.limits.most_symbols = synthesizer.limits().max_symbols;
        let pool = Pool::new(workers, TakeRule::OldestFirst);
        let front_end = Arc::new(front_end);
        Self { front_end, pool, synthesizer, voice, dialect, quoting: None, loudness: None }
    }

    /// The front end, to show the spoken form.
    pub(crate) fn front_end(&self) -> &Arc<FrontEnd> {
        &self.front_end
    }

    /// The voice's name; where another voice speaks quotations, both.
    pub fn voice(&self) -> &str {
        &self.voice
    }

    /// Who speaks.
    pub(crate) fn workers(&self) -> Workers {
        self.pool.workers()
    }

    /// How loud the voice is, in LUFS as heard from two loudspeakers, where that was measured.
    pub(crate) fn loudness(&self) -> Option<f64> {
        self.loudness
    }

    /// Rate of the sound.
    pub fn sample_rate(&self) -> SampleRate {
        self.synthesizer.sample_rate()
    }

    /// Reads an article into a sink, in order, with memory that does not depend on its length, and reports to
    /// `observe` after each chunk how far it is. When anything fails the sink is dropped unfinished.
    ///
    /// For a sink with a [listener](Sink::listener) the article is read live. The first chunk is a clause; later ones
    /// grow to whole sentences as the lead over the listener grows.
    pub fn narrate(
        &self,
        article: &Arc<Article>,
        settings: NarrationSettings,
        sink: Box<dyn Sink>,
        cancel: &Cancel,
        observe: &mut dyn FnMut(Progress),
    ) -> Result<Summary> {
        self.announce(article, &Announcements::default(), settings, sink, cancel, observe)
    }

    /// The same, with announcements around it.
    pub(crate) fn announce(
        &self,
        article: &Arc<Article>,
        announcements: &Announcements,
        settings: NarrationSettings,
        sink: Box<dyn Sink>,
        cancel: &Cancel,
        observe: &mut dyn FnMut(Progress),
    ) -> Result<Summary> {
        let live = sink.listener().map(|listener| self.live(listener, settings));
        let narration = self.begin_for(article, announcements, settings, live, cancel)?;
        narration.write_to(Box::new(self.limited(sink)), observe)
    }

    /// A sink that gets the voice's sound with its peaks limited.
    pub(crate) fn limited(&self, sink: Box<dyn Sink>) -> Levelled {
        Levelled::new(sink, self.sample_rate(), 0.0, CEILING)
    }

    /// Begins to speak an article, behind those that were begun before.
    pub(crate) fn begin(
        &self,
        article: &Arc<Article>,
        announcements: &Announcements,
        settings: NarrationSettings,
        cancel: &Cancel,
    ) -> Result<Narration> {
        self.begin_for(article, announcements, settings, None, cancel)
    }

    fn begin_for(
        &self,
        article: &Arc<Article>,
        announcements: &Announcements,
        settings: NarrationSettings,
        live: Option<Arc<Live>>,
        cancel: &Cancel,
    ) -> Result<Narration> {
        let quotations = self.quoting.is_some().then(|| Arc::new(Quotations::of(article)));
        let jobs = self.jobs(
            article.clone(),
            announcements.clone(),
            quotations.clone(),
            settings.speed,
            live.clone(),
        );
        let observer = live.clone().map(|live| -> Arc<dyn WorkObserver> { live });
        let audience = match live.clone() {
            Some(live) => Some(live as Arc<dyn Audience>),
            None => settings.is_awaited.then(|| Arc::new(Awaited) as Arc<dyn Audience>),
        };
        let stream = StreamSettings { hurry_first: settings.hurry_first, observer, audience };
        Ok(Narration {
            article: article.clone(),
            announcements: announcements.clone(),
            speech: self.pool.begin(jobs, stream, cancel)?,
            rate: self.sample_rate(),
            edge_silence: self.edge_silence(),
            quotations: quotations.unwrap_or_default(),
            voice: self.voice.clone(),
            live,
        })
    }

    /// Least silence at the head of every utterance.
    fn edge_silence(&self) -> Duration {
        let of_quotations = self.quoting.as_ref().map(|quoting| quoting.voice.limits().edge_silence);
        let own = self.synthesizer.limits().edge_silence;
        of_quotations.map_or(own, |other| own.min(other))
    }

    /// Says that more articles will be begun whenever [`wait_until_hungry`](Self::wait_until_hungry) returns, until
    /// the result is dropped. Until then no chunk borrows idle threads; they will soon be needed.
    pub(crate) fn expect_more(&self) -> MoreExpected {
        self.pool.expect_more()
    }

    /// Waits until a worker is idle and no article that was begun has a chunk for it: then it is time to begin the
    /// next one.
    pub(crate) fn wait_until_hungry(&self, cancel: &Cancel) -> Result<()> {
        self.pool.wait_until_hungry(cancel)
    }
}

impl Narration {
    /// Writes the sound into a sink as it is made, with peaks as the voice made them, and reports its progress to
    /// `observe` after each chunk. When anything fails the sink is dropped unfinished.
    pub(crate) fn write_to(self, sink: Box<dyn Sink>, observe: &mut dyn FnMut(Progress)) -> Result<Summary> {
        self.write_telling(sink, None, observe)
    }

    fn write_telling(
        self,
        sink: Box<dyn Sink>,
        tell: Option<Tell<'_>>,
        observe: &mut dyn FnMut(Progress),
    ) -> Result<Summary> {
        let Self { article, announcements, mut speech, rate, edge_silence, quotations, voice, live } = self;
        let mut joiner = Joiner::new(rate, edge_silence, (LEAD_SECONDS * f64::from(rate.hertz())) as usize);
        let mut summary = Summary::new(&article, &voice, quotations, rate);
        let mut out = WordsFirst::new(sink, rate, tell);
        let mut current: Option<PartChunk> = None;
        let mut has_story = false;
        let outcome = speech.try_for_each(|delivery| {
            let chunk = match (delivery?, &current) {
                (Delivery::Begin(begun), _) => {
                    if live.is_some() {
                        joiner.rest(&mut |silence| out.sink.write(silence))?;
                    }
                    if let Some((number, span)) = begun.sentence() {
                        out.sink.begin_sentence(number, span.of(article.text()), span);
                    }
                    current = Some(begun);
                    return Ok(());
                }
                (Delivery::Block(block), _) => {
                    all_finite(&block)?;
                    joiner.push(&block, &mut |kept| out.write(kept))?;
                    return Ok(());
                }
                (Delivery::End(timings), Some(PartChunk { part, chunk })) => {
                    let placement = joiner.end(rate.samples(chunk.pause), &mut |kept| out.write(kept))?;
                    if placement.start == placement.end && chunk.phonemes.contains(char::is_alphabetic) {
                        return Err(Error::new(ErrorKind::Synthesis, "the voice made no sound"));
                    }
                    let (start, end) = (rate.seconds(placement.start), rate.seconds(placement.end));
                    debug!(chunk = chunk.number + 1, start, end, pause = chunk.pause.as_secs_f64(), "joined");
                    if let Some(live) = &live {
                        live.delivered(end - start);
                    }
                    match part {
                        Part::Story => summary.add(chunk, &timings, &placement, &article),
                        Part::Before | Part::After => {
                            summary.announce(announcements.text(*part), &placement);
                            return out.end_chunk(summary.timeline.words());
                        }
                    }
                    out.end_chunk(summary.timeline.words())?;
                    has_story |= placement.start < placement.end;
                    chunk
                }
                (Delivery::End(_), None) => return Ok(()),
            };
            observe(Progress {
                bytes: chunk.span.end,
                total_bytes: article.text().len(),
                audio_seconds: rate.seconds(joiner.position()),
            });
            Ok(())
        });
        outcome.map_err(|error: Error| match (&current, error.place()) {
            (Some(PartChunk { part: Part::Story, chunk }), None)
                if matches!(error.kind(), ErrorKind::Synthesis | ErrorKind::Phonemes) =>
            {
                error.at(Place::chunk(chunk.number + 1, chunk.span.of(article.text())))
            }
            _ => error,
        })?;
        if !has_story {
            return Err(Error::new(ErrorKind::Empty, "the article holds nothing that can be spoken")
                .with_cure(Cure::LookAtSpoken));
        }
        out.sink.finalize()?;
        Ok(summary.finish(joiner.position()))
    }
}

impl Narrator {
    /// A live reading for a listener.
    fn live(&self, listener: Arc<dyn Listener>, settings: NarrationSettings) -> Arc<Live> {
        let limits = self.synthesizer.limits();
        let longest = self.front_end.limits.longest_sentence.min(limits.max_symbols);
        let phonemes_per_second = limits.symbols_per_second * f64::from(settings.speed.factor());
        let pace = Pace::new(self.pool.workers().count.get(), phonemes_per_second, longest);
        Live::new(listener, pace, self.pool.crowd())
    }
}

/// A sample that is not a number would become silence.
fn all_finite(block: &[f32]) -> Result<()> {
    match block.iter().filter(|sample| !sample.is_finite()).count() {
        0 => Ok(()),
        count => {
            let what = format!("the voice made {count} samples that are no numbers");
            Err(Error::new(ErrorKind::Synthesis, what))
        }
    }
}

/// The front end for a dialect; dictionaries are loaded when they are first needed.
pub(crate) fn front_end(dialect: Dialect, settings: &SpeechSettings) -> FrontEnd {
    let lexicon = settings.lexicon.clone();
    let locale = settings.locale.unwrap_or_else(|| dialect.into());
    FrontEnd {
        normalizer: Normalizer::new(locale, lexicon.clone()),
        phonemizer: Phonemizer::new(dialect, lexicon.clone()).spelling(locale.into()),
        lexicon,
        pauses: settings.pauses,
        limits: settings.limits,
    }
}
