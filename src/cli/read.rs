//! `read`: articles into WAV files.

use std::iter;
use std::path::Path;
use std::time::Instant;

use serde_json::json;

use super::args::ReadArgs;
use super::config::{self, Assignment, FileSettings, Input};
use super::progress::Bars;
use super::terminal::{clock, count};
use super::voices::VoiceChoice;
use super::{DONE, NOTHING_DONE, SOME_FAILED, interrupt, terminal};
use crate::article::ReadOptions;
use crate::audio::{Sink, Speed};
use crate::batch::{Event, Item, narrate_all};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, Place, Result, printable, shorten};
use crate::output::wav::{Tags, WavSink, check_free};
use crate::report::{Narrator, SpeechSettings, Summary};
use crate::synth::Flow;

/// Words that a summary lists before it says how many more there are.
const WORDS_SHOWN: usize = 8;

/// Runs `read`.
pub fn run(args: &ReadArgs, started: Instant) -> anyhow::Result<u8> {
    let assignments = config::assign(&args.inputs, args.output.as_deref())?;
    let voice = config::voice(&args.voice);
    voice.check()?;
    let is_quiet = args.quiet || args.json;
    let reader = Reader {
        voice,
        speed: args.voice.speed,
        speech: SpeechSettings {
            workers: config::workers(args.voice.jobs, args.work.nice),
            ..config::speech(&args.voice, config::lexicon(&args.words)?)
        },
        file: config::file(args.file),
        options: config::reading(&args.input),
        is_quiet,
        cancel: interrupt::watch()?,
    };
    let mut outcomes = Outcomes::new(args.json, args.quiet);
    reader.read(&assignments, started, &Bars::new(is_quiet), &mut outcomes)?;
    Ok(outcomes.code())
}

/// Reads articles into their files.
pub struct Reader {
    /// Which voice.
    pub voice: VoiceChoice,
    /// How fast it speaks, relative to its own speed.
    pub speed: Speed,
    /// How it speaks.
    pub speech: SpeechSettings,
    /// How files are written.
    pub file: FileSettings,
    /// How inputs are read.
    pub options: ReadOptions,
    /// Whether nothing is drawn.
    pub is_quiet: bool,
    /// Set by Ctrl-C.
    pub cancel: Cancel,
}

/// Prepares an article when its turn comes.
type Prepare<'a> = Box<dyn FnOnce() -> Result<Item> + Send + 'a>;

impl Reader {
    /// Reads all articles and tells in their order how they ended; `started` is when the first one's clock began. The voice
    /// is loaded when the first one turns out to be readable, so that a bad input is told at once.
    pub fn read(
        &self,
        assignments: &[Assignment],
        started: Instant,
        bars: &Bars,
        outcomes: &mut Outcomes,
    ) -> anyhow::Result<()> {
        let mut waiting = assignments.iter().enumerate();
        let (first, item) = loop {
            let Some((number, assignment)) = waiting.next() else { return Ok(()) };
            bars.begin(number, &assignment.input.name(), "loading the voice");
            match self.prepare(assignment) {
                Ok(item) => break (number, item),
                Err(error) => {
                    bars.end(number);
                    bars.suspend(|| outcomes.say(assignment, Err(error)))?;
                }
            }
        };
        let voice = bars.suspend(|| self.voice.obtain(&self.cancel, self.is_quiet))?;
        let narrator = voice.load(&self.speech)?;
        let first_item: Prepare = Box::new(move || Ok(Item { started: Some(started), ..item }));
        let items = iter::once(first_item)
            .chain(waiting.map(|(_, assignment)| -> Prepare { Box::new(|| self.prepare(assignment)) }));
        let mut ending = Ok(());
        narrate_all(&narrator, items, self.speed, &self.cancel, &mut |event| {
            match event {
                Event::Began(number) => {
                    bars.begin(number + first, &assignments[number + first].input.name(), "");
                }
                Event::Progressed(number, progress) => bars.update(number + first, &progress),
                Event::Ended(number, outcome) => {
                    bars.end(number + first);
                    let said = bars.suspend(|| outcomes.say(&assignments[number + first], outcome));
                    // What follows the end of the run ended because of it; what was complete is told nevertheless.
                    if ending.is_ok() {
                        ending = said;
                    }
                }
            }
            if ending.is_ok() { Flow::Continue } else { Flow::Stop }
        })?;
        ending
    }

    /// Reads an article's text and looks whether there is a place for its sound.
    fn prepare(&self, assignment: &Assignment) -> Result<Item> {
        let article = assignment.input.article_unless(self.options, &self.cancel)?;
        let FileSettings { format, may_replace } = self.file;
        check_free(&assignment.output, may_replace)?;
        let (output, title) = (assignment.output.clone(), article.title().map(|title| shorten(title, 250)));
        let open = move |narrator: &Narrator| -> Result<Box<dyn Sink>> {
            let tags = tags(title, narrator.voice());
            Ok(Box::new(WavSink::create(&output, narrator.sample_rate(), format, tags, may_replace)?))
        };
        Ok(Item { article, open: Box::new(open), started: None })
    }
}

/// A failure within an article is told with the article's name.
pub fn at_input(mut error: Error, input: &Input) -> Error {
    match &mut error.place {
        Some(place) if place.file.is_none() && place.chunk.is_some() => {
            place.file = Some(input.name().into());
        }
        None if error.kind == ErrorKind::Empty => error.place = Some(Place::file(input.name())),
        _ => {}
    }
    if error.kind == ErrorKind::Interrupted {
        error.what = format!("interrupted; nothing is kept of the report on {}", input.name());
    }
    error
}

fn tags(title: Option<String>, voice: &str) -> Tags {
    Tags {
        title,
        comment: Some(format!(
            "Written by reporters, read by AI: synthetic speech, voice {voice}, audio-report {}",
            env!("CARGO_PKG_VERSION")
        )),
    }
}

/// How the inputs ended, and how that is told.
#[derive(Debug)]
pub struct Outcomes {
    /// Inputs that were read.
    pub done: usize,
    /// Inputs that failed.
    pub failed: usize,
    /// Length of all that was read.
    pub audio_seconds: f64,
    as_json: bool,
    is_quiet: bool,
}

impl Outcomes {
    /// Nothing has ended yet.
    pub fn new(as_json: bool, is_quiet: bool) -> Self {
        Self { done: 0, failed: 0, audio_seconds: 0.0, as_json, is_quiet }
    }

    /// Tells how one input ended and counts it. Only what no further input can mend comes back as an error: an
    /// interrupt, a closed standard output, a voice that can't be had.
    fn say(&mut self, assignment: &Assignment, outcome: Result<Summary>) -> anyhow::Result<()> {
        match outcome {
            Ok(summary) => {
                self.done += 1;
                self.audio_seconds += summary.audio_seconds;
                if self.as_json {
                    let input = assignment.input.typed();
                    terminal::print_json(&summary_json(&input, &assignment.output, &summary)?)?;
                } else if !self.is_quiet {
                    terminal::show(&summary_text(&assignment.output, &summary))?;
                }
            }
            Err(error) => {
                let error = at_input(error, &assignment.input);
                if concerns_all(error.kind) {
                    return Err(error.into());
                }
                self.failed += 1;
                terminal::report(&error);
                if self.as_json {
                    let line = json!({ "input": assignment.input.typed(), "error": error.what, "kind": format!("{:?}", error.kind) });
                    terminal::print_json(&line)?;
                }
            }
        }
        Ok(())
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match (self.done, self.failed) {
            (_, 0) => DONE,
            (0, _) => NOTHING_DONE,
            _ => SOME_FAILED,
        }
    }
}

/// Whether a failure would meet every other input as well.
fn concerns_all(kind: ErrorKind) -> bool {
    use ErrorKind::{Download, Interrupted, UnknownVoice, VoiceCorrupt, VoiceMissing};
    matches!(kind, Interrupted | UnknownVoice | VoiceMissing | VoiceCorrupt | Download)
}

fn summary_json(input: &str, output: &Path, summary: &Summary) -> serde_json::Result<serde_json::Value> {
    let mut object = serde_json::to_value(summary)?;
    object["input"] = json!(input);
    object["output"] = json!(output.to_string_lossy());
    Ok(object)
}

fn summary_text(output: &Path, summary: &Summary) -> String {
    let mut text = format!(
        "{}: {} of sound in {:.1} s (real-time factor {:.3}), first sound after {:.2} s\n",
        printable(&output.to_string_lossy()),
        clock(summary.audio_seconds),
        summary.wall_seconds,
        summary.real_time_factor,
        summary.first_audio_seconds
    );
    if summary.removed > 0 {
        text.push_str(&format!(
            "  left out: {} (audio-report explain tells which)\n",
            count(summary.removed, "piece")
        ));
    }
    for (words, what) in [(&summary.guessed_words, "guessed"), (&summary.spelled_words, "spelled")] {
        if !words.is_empty() {
            let shown: Vec<&str> = words.iter().take(WORDS_SHOWN).map(String::as_str).collect();
            let more = words.len().saturating_sub(WORDS_SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            text.push_str(&format!("  {what}: {}{more}\n", shown.join(", ")));
        }
    }
    text
}
