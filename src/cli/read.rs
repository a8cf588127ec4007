//! `read`: articles into files.

use std::iter;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use super::archives::{self, Archived};
use super::args::ReadArgs;
use super::args::common::SpeechArgs;
use super::args::music::MusicArgs;
use super::captions::Captions;
use super::cast::Cast;
use super::config;
use super::input::{Brought, Input, Reading};
use super::interrupt;
use super::layout::Places;
use super::ledger::{Ledger, Names};
use super::outcomes::{Done, Failing, Outcomes, Telling, concerns_all};
use super::overrides::Override;
use super::production::{Begun, Producer};
use super::progress::Bars;
use super::stories;
use super::targets::{self, Assignment, Target};
use super::terminal;
use crate::audio::Speed;
use crate::batch::{Event, Production, Recast, produce_all};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::report::{Narrator, SpeechSettings};
use crate::synth::Flow;

/// Runs `read`.
pub(crate) fn run(args: &ReadArgs, started: Instant) -> anyhow::Result<u8> {
    let opened = archives::open(&args.inputs, || {
        Ok(config::reading(&args.input, args.speech.voice.offline, &Cancel::new())?.fetcher)
    })?;
    let mut names = Names::default();
    let usual = config::usual_format(args.form.preset);
    let output = args.output.as_deref();
    let (format, assignments) =
        targets::assign(&opened.inputs, output, args.form.file.format, usual, &names)?;
    names.take(&assignments);
    let file = config::file(args.form, &args.around.music, format)?;
    let is_streamed = assignments.iter().any(|assignment| assignment.output == Target::Stdout);
    if is_streamed {
        check_stdout(args.json)?;
        check_no_music(&args.around.music)?;
    }
    let preset = args.form.preset.filter(|_| !is_streamed);
    let captions = Captions::of(&args.around.captions, preset);
    captions.check(&assignments)?;
    let cast = config::cast(&args.speech);
    cast.check()?;
    let is_quiet = args.quiet || args.json;
    let producer = Producer::of(file, captions, &args.around, &cast, interrupt::watch()?)?;
    // One file that is named takes one story.
    let opens_messages = assignments.len() > 1 || output.is_none_or(targets::is_folder);
    let SpeechArgs { voice, words, .. } = &args.speech;
    let reading = producer.reading(&args.input, voice.offline)?;
    let reading = Reading { opens_messages, ..reading };
    let reader = Reader {
        cast,
        speed: config::voice_speed(voice)?,
        speech: config::speech(voice, args.form.work.nice, config::lexicon(words)?),
        producer: Arc::new(producer),
        reading,
        ledger: None,
        is_strict: args.strict,
        is_quiet,
        loaded: OnceLock::new(),
        places: None,
    };
    let mut outcomes = Outcomes::new(Telling::new(args.quiet, args.json));
    for failure in &opened.failures {
        outcomes.fail(failure);
    }
    let mut open = |messages: &[Archived], _: &mut Outcomes| {
        let stories: Vec<Input> = messages.iter().flat_map(Archived::stories).collect();
        let (_, assignments) = targets::assign(&stories, output, Some(format), usual, &names)?;
        names.take(&assignments);
        Ok(assignments)
    };
    let bars = |_| Bars::new(is_quiet);
    let read = stories::read_all(&reader, assignments, started, bars, &mut outcomes, &mut open);
    outcomes.finish();
    read?;
    Ok(outcomes.code())
}

/// Refuses sound on standard output where other output goes there.
fn check_stdout(as_json: bool) -> Result<()> {
    if as_json {
        let what = "standard output takes the sound or JSON, not both";
        return Err(Error::new(ErrorKind::Usage, what)
            .with_cure(Cure::other("leave out --json, or name a file with -o")));
    }
    if terminal::is_stdout_shown() {
        let what = "standard output is a terminal, which can't show sound";
        let cure = "send it to a file or another program: audio-report read FILE -o - | aplay";
        return Err(Error::new(ErrorKind::Usage, what).with_cure(Cure::other(cure)));
    }
    Ok(())
}

/// Refuses music in a stream: how loud it has to be is known only at the end.
fn check_no_music(args: &MusicArgs) -> Result<()> {
    if args.intro.is_some() || args.outro.is_some() || args.bed.is_some() {
        let what = "music can be mixed into a file, and not into a stream, whose loudness is unknown";
        return Err(Error::new(ErrorKind::Usage, what)
            .with_cure(Cure::other("name a file with -o, or leave out --intro, --outro and --bed")));
    }
    Ok(())
}

/// Reads each article into its file.
pub(crate) struct Reader {
    /// Which voices.
    pub cast: Cast,
    /// The speed, relative to the voice's own.
    pub speed: Speed,
    /// How it speaks.
    pub speech: SpeechSettings,
    /// How results are made.
    pub producer: Arc<Producer>,
    /// How inputs are read.
    pub reading: Reading,
    /// What the folder of the results remembers; `None` for results that are named one by one.
    pub ledger: Option<Arc<Ledger>>,
    /// Whether a doubtful story is refused.
    pub is_strict: bool,
    /// Whether no bar is drawn.
    pub is_quiet: bool,
    /// The voice, once it is loaded.
    pub loaded: OnceLock<Narrator>,
    /// The names that results get when their articles are loaded; `None` where all have theirs before.
    pub places: Option<Places>,
}

/// Whether an article was not begun because the work was over, rather than broken off.
fn is_not_begun(error: &Error, is_over: &AtomicBool, cancel: &Cancel) -> bool {
    error.kind() == ErrorKind::Interrupted && is_over.load(Ordering::Relaxed) && !cancel.is_cancelled()
}

/// Prepares an article when its turn comes.
type Prepare<'a> = Box<dyn FnOnce() -> Result<Production> + Send + 'a>;

impl Reader {
    /// Reads all articles and reports in their order how they ended; `started` is when the first one's clock began.
    /// The voice is loaded when the first one turns out to be readable, so that a bad input is reported at once. Where the first
    /// failure ends the work, what is being spoken is still completed.
    pub(crate) fn read(
        &self,
        assignments: &[Assignment],
        started: Instant,
        bars: &Bars,
        outcomes: &mut Outcomes,
    ) -> anyhow::Result<()> {
        let begun: Vec<Begun> = assignments.iter().map(|_| Begun::default()).collect();
        let mut waiting = assignments.iter().zip(&begun).enumerate();
        let (first, item) = loop {
            if outcomes.is_over() {
                outcomes.not_begun += waiting.len();
                return Ok(());
            }
            let Some((number, (assignment, begun))) = waiting.next() else { return Ok(()) };
            bars.begin(number, &assignment.input.name(), None, "loading the voice");
            match self.prepare(assignment, begun) {
                Ok(item) => break (number, item),
                Err(_) if begun.message().is_some() => {
                    bars.end(number, None);
                    outcomes.opened.extend(begun.message().cloned());
                }
                Err(error) => {
                    bars.end(number, None);
                    self.note_failure(assignment, &error)?;
                    bars.suspend(|| outcomes.say(assignment, Err(error), begun.same_story()))?;
                }
            }
        };
        begun[first].clock.start_at(started);
        let narrator = self.narrator(bars)?;
        let is_over = Arc::new(AtomicBool::new(false));
        let first_item: Prepare = Box::new(move || Ok(item));
        let failing = outcomes.failing;
        let items = iter::once(first_item).chain(waiting.map(|(_, (assignment, begun))| -> Prepare {
            let is_over = is_over.clone();
            Box::new(move || self.prepare_unless(assignment, begun, &is_over, failing))
        }));
        let mut ending = Ok(());
        let mut ended = first;
        produce_all(&narrator, items, self.speed, &self.producer.cancel, &mut |event| {
            match event {
                Event::Began(number) => {
                    let (number, bytes) = (number + first, begun[number + first].length());
                    bars.begin(number, &assignments[number].input.name(), bytes, "");
                    outcomes.begin(number, begun[number].placed(&assignments[number]), bars);
                }
                Event::Progressed(number, progress) => {
                    let number = number + first;
                    bars.update(number, &progress);
                    outcomes.go_on(number, &assignments[number], &progress, bars);
                }
                // It was not begun.
                Event::Ended(number, Err(error)) if is_not_begun(&error, &is_over, &self.producer.cancel) => {
                    bars.end(number + first, None);
                }
                Event::Ended(number, Err(_)) if begun[number + first].message().is_some() => {
                    ended += 1;
                    bars.end(number + first, None);
                    outcomes.opened.extend(begun[number + first].message().cloned());
                }
                Event::Ended(number, outcome) => {
                    ended += 1;
                    bars.end(number + first, outcome.as_ref().ok().map(|summary| summary.audio_seconds));
                    let (assignment, begun) = (&assignments[number + first], &begun[number + first]);
                    let noted = match &outcome {
                        Err(error) => self.note_failure(assignment, error),
                        Ok(_) => Ok(()),
                    };
                    let done = outcome.map(|summary| {
                        let times = begun.clock.times(summary.audio_seconds);
                        Done { summary, times, produced: begun.take() }
                    });
                    if let (Err(_), Some(places)) = (&done, &self.places) {
                        places.tidy(&begun.placed(assignment).output);
                    }
                    // What is tried again has no place yet.
                    let said = bars.suspend(|| match &done {
                        Ok(_) => outcomes.say(begun.placed(assignment), done, begun.same_story()),
                        Err(_) => outcomes.say(assignment, done, begun.same_story()),
                    });
                    // Later events are consequences of the first failure: keep that error, but still report finished
                    // articles.
                    if ending.is_ok() {
                        ending = said.and(noted.map_err(Into::into));
                    }
                    is_over.fetch_or(outcomes.is_over(), Ordering::Relaxed);
                }
            }
            if ending.is_ok() { Flow::Continue } else { Flow::Stop }
        })?;
        outcomes.not_begun += assignments.len() - ended;
        ending
    }

    /// The voice, which is loaded when it is first wanted.
    pub(crate) fn narrator(&self, bars: &Bars) -> Result<Narrator> {
        if let Some(narrator) = self.loaded.get() {
            return Ok(narrator.clone());
        }
        let cast = bars.suspend(|| self.cast.obtain(&self.producer.cancel, self.is_quiet))?;
        let narrator = cast.load(&self.speech)?;
        Ok(self.loaded.get_or_init(|| narrator).clone())
    }

    /// The same as [`prepare`](Self::prepare) until the work is over: then nothing more is begun. A failure may end the work itself,
    /// before it is its turn to be told.
    fn prepare_unless(
        &self,
        assignment: &Assignment,
        begun: &Begun,
        is_over: &Arc<AtomicBool>,
        failing: Failing,
    ) -> Result<Production> {
        let check = |is_over: &AtomicBool| {
            if is_over.load(Ordering::Relaxed) {
                return Err(Error::new(ErrorKind::Interrupted, "the work is over"));
            }
            Ok(())
        };
        check(is_over)?;
        let prepared = self.prepare(assignment, begun);
        if prepared.as_ref().is_err_and(|error| begun.message().is_none() && failing.ends_by(error)) {
            is_over.store(true, Ordering::Relaxed);
        }
        let production = prepared?;
        let (open, is_over) = (production.open, is_over.clone());
        let open = Box::new(move |narrator: &Narrator| {
            check(&is_over)?;
            open(narrator)
        });
        Ok(Production { open, ..production })
    }

    /// Reads an article's text and checks the place for its sound. The clock starts when a worker is free for it.
    fn prepare(&self, assignment: &Assignment, begun: &Begun) -> Result<Production> {
        let mut loaded = match assignment.input.load_unless(&self.reading, &self.producer.cancel)? {
            Brought::Article(loaded) => loaded,
            Brought::Message(message) => {
                let refused = stories::refused(&assignment.input, &message);
                begun.note_message(message);
                return Err(refused);
            }
        };
        begun.note_length(loaded.article.text().len());
        if self.is_strict {
            loaded.article.check_confidence(&assignment.input.name())?;
        }
        let placed = match (&self.places, &self.ledger) {
            (Some(places), Some(ledger)) => places.place(assignment, &loaded, ledger)?,
            _ => assignment.clone(),
        };
        begun.note_place(placed.clone());
        let assignment = &placed;
        targets::check_other(assignment)?;
        self.producer.captions.check(std::slice::from_ref(assignment))?;
        let Some(ledger) = &self.ledger else {
            return self.producer.production(loaded, assignment, begun, None, None);
        };
        let own = ledger.overriding(assignment)?;
        let mut unmatched = Vec::new();
        if let Some(own) = &own {
            let (article, in_vain) = own.apply(&loaded.article)?;
            (loaded.article, unmatched) = (Arc::new(article), in_vain);
        }
        let seen = ledger.see(assignment, &loaded, own.as_ref(), unmatched)?;
        if let Some(same) = ledger.same_story(&assignment.input, &loaded.article)? {
            let is_read = same.is_read;
            begun.note_same_story(same);
            if !is_read {
                return Err(Error::new(ErrorKind::Exists, "another feed had the same story"));
            }
        }
        let recast = own.map(|own| self.recast(own)).transpose()?.flatten();
        self.producer.production(loaded, assignment, begun, Some((ledger.clone(), seen)), recast)
    }

    /// Who reads an article whose override names words or a voice, and the voice's name; nobody else, where it names none.
    fn recast(&self, own: Override) -> Result<Option<(Recast, String)>> {
        let manner = own.manner();
        let (lexicon, cast) = (manner.lexicon(&self.speech.lexicon)?, manner.cast(&self.cast));
        if lexicon.is_none() && cast.is_none() {
            return Ok(None);
        }
        let wrong = |cause| own.wrong_voice(cause);
        let meant = cast.as_ref().unwrap_or(&self.cast);
        meant.check().map_err(wrong)?;
        let name = meant.narrator.meant().map_err(wrong)?;
        let settings = SpeechSettings {
            lexicon: lexicon.unwrap_or_else(|| self.speech.lexicon.clone()),
            ..self.speech.clone()
        };
        let (cancel, is_quiet) = (self.producer.cancel.clone(), self.is_quiet);
        let recast = move |usual: &Narrator| -> Result<Narrator> {
            let Some(cast) = cast else { return Ok(usual.with_words_of(&settings)) };
            let load = || cast.obtain(&cancel, is_quiet)?.load(&settings);
            Ok(load().map_err(|cause| own.wrong_voice(cause))?.with_workers_of(usual))
        };
        Ok(Some((Box::new(recast), name)))
    }

    /// A failure of an article is remembered; one that would meet all articles is not the article's.
    fn note_failure(&self, assignment: &Assignment, error: &Error) -> Result<()> {
        match &self.ledger {
            Some(ledger) if error.kind() != ErrorKind::Exists && !concerns_all(error.kind()) => {
                ledger.note_failure(assignment, error)
            }
            _ => Ok(()),
        }
    }
}
