//! `read`: articles into WAV files.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use indicatif::ProgressBar;
use serde_json::json;

use super::args::{FileArgs, ReadArgs, VoiceArgs};
use super::config::{self, Assignment, Input};
use super::terminal::{clock, count};
use super::voices::ChosenVoice;
use super::{DONE, NOTHING_DONE, SOME_FAILED, interrupt, progress, terminal, voices};
use crate::article::{Article, ReadOptions};
use crate::error::{Error, ErrorKind, Place, shorten};
use crate::lexicon::Lexicon;
use crate::output::wav::{Tags, WavSink, check_free};
use crate::report::{NarrationSettings, Narrator, Summary};
use crate::synth::Cancel;

/// Words that a summary lists before it says how many more there are.
const WORDS_SHOWN: usize = 8;

/// Runs `read`.
pub fn run(args: &ReadArgs, started: Instant) -> anyhow::Result<u8> {
    let assignments = config::assign(&args.inputs, args.output.as_deref())?;
    voices::check_name(&args.voice)?;
    let lexicon = config::lexicon(&args.words)?;
    let cancel = interrupt::watch()?;
    let mut reader = Reader {
        narrator: None,
        voice: &args.voice,
        lexicon,
        file: args.file,
        options: config::reading(&args.input),
        is_quiet: args.quiet || args.json,
        cancel,
    };
    let mut outcomes = Outcomes::default();
    for (index, assignment) in assignments.iter().enumerate() {
        let since = if index == 0 { started } else { Instant::now() };
        let bar = progress::article(&assignment.input.name(), reader.is_quiet);
        let outcome = reader.read(assignment, since, &bar);
        bar.finish_and_clear();
        outcomes.say(assignment, outcome, args.json, args.quiet)?;
    }
    Ok(outcomes.code())
}

/// Reads articles, loading the voice when the first one turns out to be readable.
pub struct Reader<'a> {
    /// Loaded at the first readable article, so that a bad input is told at once.
    pub narrator: Option<Narrator>,
    /// Which voice, and how it speaks.
    pub voice: &'a VoiceArgs,
    /// What is known about words.
    pub lexicon: Arc<Lexicon>,
    /// How files are written.
    pub file: FileArgs,
    /// How inputs are read.
    pub options: ReadOptions,
    /// Whether nothing is drawn.
    pub is_quiet: bool,
    /// Set by Ctrl-C.
    pub cancel: Cancel,
}

impl Reader<'_> {
    /// Reads one article into its file.
    pub fn read(
        &mut self,
        assignment: &Assignment,
        started: Instant,
        bar: &ProgressBar,
    ) -> anyhow::Result<Summary> {
        let article = assignment
            .input
            .article_unless(self.options, &self.cancel)
            .map_err(|error| at_input(error, &assignment.input))?;
        check_free(&assignment.output, self.file.force)?;
        let narrator = match &mut self.narrator {
            Some(narrator) => narrator,
            empty => {
                let settings = config::speech(self.voice, self.lexicon.clone());
                let voice = bar.suspend(|| ChosenVoice::obtain(self.voice, &self.cancel, self.is_quiet))?;
                empty.insert(voice.load(&settings)?)
            }
        };
        let sink = WavSink::create(
            &assignment.output,
            narrator.sample_rate(),
            self.file.bits.into(),
            tags(&article, narrator.voice()),
            self.file.force,
        )?;
        let settings = NarrationSettings {
            speed: self.voice.speed,
            workers: config::workers(self.voice),
            hurry_first: false,
            started,
        };
        let observe = &mut |progress| progress::update(bar, &progress);
        let summary = narrator.narrate(&article, settings, Box::new(sink), &self.cancel, observe);
        Ok(summary.map_err(|error| at_input(error, &assignment.input))?)
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

fn tags(article: &Arc<Article>, voice: &str) -> Tags {
    Tags {
        title: article.title().map(|title| shorten(title, 250)),
        comment: Some(format!(
            "Written by reporters, read by AI: synthetic speech, voice {voice}, audio-report {}",
            env!("CARGO_PKG_VERSION")
        )),
    }
}

/// How the inputs ended.
#[derive(Debug, Default)]
pub struct Outcomes {
    /// Inputs that were read.
    pub done: usize,
    /// Inputs that failed.
    pub failed: usize,
}

impl Outcomes {
    /// Tells how one input ended and counts it. Only what no further input can mend comes back as an error: an
    /// interrupt, a closed standard output, a voice that can't be had.
    pub fn say(
        &mut self,
        assignment: &Assignment,
        outcome: anyhow::Result<Summary>,
        as_json: bool,
        is_quiet: bool,
    ) -> anyhow::Result<()> {
        let name = assignment.input.name();
        match outcome {
            Ok(summary) => {
                self.done += 1;
                if as_json {
                    terminal::print(&format!("{}\n", summary_json(&name, &assignment.output, &summary)?))?;
                } else if !is_quiet {
                    terminal::show(&summary_text(&assignment.output, &summary))?;
                }
            }
            Err(error) => {
                let Some(known) = error.downcast_ref::<Error>() else { return Err(error) };
                if concerns_all(known.kind) {
                    return Err(error);
                }
                self.failed += 1;
                terminal::report(known);
                if as_json {
                    let line =
                        json!({ "input": name, "error": known.what, "kind": format!("{:?}", known.kind) });
                    terminal::print(&format!("{line}\n"))?;
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

fn summary_json(input: &str, output: &Path, summary: &Summary) -> serde_json::Result<String> {
    let mut object = serde_json::to_value(summary)?;
    object["input"] = json!(input);
    object["output"] = json!(output);
    serde_json::to_string(&object)
}

fn summary_text(output: &Path, summary: &Summary) -> String {
    let mut text = format!(
        "{}: {} of sound in {:.1} s (real-time factor {:.3}), first sound after {:.2} s\n",
        output.display(),
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
