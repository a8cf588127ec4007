//! How the inputs of `read` and `batch` ended, and how that is reported.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::json;

use super::clock::Times;
use super::input::Input;
use super::ledger::Held;
use super::production::Produced;
use super::targets::{Assignment, Target};
use super::terminal::{clock, count};
use super::{DONE, NOTHING_DONE, SOME_FAILED, terminal};
use crate::article::Repairs;
use crate::article::confidence::{is_doubtful, percent};
use crate::calendar::now;
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable, shorten};
use crate::report::{Guess, Summary};

/// Guessed words that a summary lists before it says how many more there are.
const GUESSES_SHOWN: usize = 12;
/// The same of spelled words.
const WORDS_SHOWN: usize = 8;
/// Failures that the end of a batch lists.
const FAILURES_SHOWN: usize = 20;
/// Characters of a sentence that is shown beside a guess.
const SENTENCE_SHOWN: usize = 70;

/// The reports on the inputs, beside errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// No report.
    Nothing,
    /// A summary an input, for people.
    Text,
    /// One JSON object an input.
    Json,
}

impl Telling {
    /// The choice of `--quiet` and `--json`.
    pub(crate) fn new(is_quiet: bool, as_json: bool) -> Self {
        match (is_quiet, as_json) {
            (_, true) => Self::Json,
            (true, false) => Self::Nothing,
            (false, false) => Self::Text,
        }
    }
}

/// An input that was read.
#[derive(Debug)]
pub(crate) struct Done {
    /// What is known of its sound.
    pub summary: Summary,
    /// How long it took.
    pub times: Times,
    /// What is known of its file; `None` for a stream.
    pub produced: Option<Produced>,
}

/// An input that failed.
#[derive(Clone, Debug)]
pub(crate) struct FailedInput {
    /// Its path, which no other input has.
    pub path: PathBuf,
    /// How it failed.
    pub kind: ErrorKind,
    /// Before this time it will fail again, in seconds since 1970.
    pub until: Option<i64>,
}

impl FailedInput {
    fn of(input: &Input, error: &Error) -> Self {
        let until = match error.cure() {
            Some(Cure::AwaitEmbargo { until }) => *until,
            Some(Cure::RetryLater { seconds }) => {
                seconds.map(|seconds| now().saturating_add_unsigned(seconds))
            }
            _ => None,
        };
        Self { path: input.path(), kind: error.kind(), until }
    }
}

/// How the inputs ended. Work goes on after standard output was closed or can't be written: the results count.
#[derive(Debug)]
pub(crate) struct Outcomes {
    /// Inputs that were read.
    pub done: usize,
    /// Inputs whose result existed already.
    pub skipped: usize,
    /// Inputs that failed.
    pub failed: usize,
    /// Inputs that were read, and wait for approval.
    pub held: usize,
    /// Length of all that was read.
    pub audio_seconds: f64,
    /// The inputs that failed.
    pub failed_inputs: Vec<FailedInput>,
    telling: Telling,
    /// Whether a result that another process made in the meantime counts as ours.
    skips_existing: bool,
    /// Standard output was closed, or could not be written.
    is_mute: bool,
    /// A report could not be printed, though somebody may have wanted it.
    is_report_lost: bool,
    /// For each fault of a folder: how many more results it met.
    repeated: HashMap<(String, PathBuf), usize>,
    /// What failed and why, the first ones.
    failures: Vec<String>,
}

impl Outcomes {
    /// No input has ended yet.
    pub(crate) fn new(telling: Telling) -> Self {
        Self {
            done: 0,
            skipped: 0,
            failed: 0,
            held: 0,
            audio_seconds: 0.0,
            failed_inputs: Vec::new(),
            telling,
            skips_existing: false,
            is_mute: false,
            is_report_lost: false,
            repeated: HashMap::new(),
            failures: Vec::new(),
        }
    }

    /// The same for work that other processes may share: results that they made are skipped.
    #[must_use]
    pub(crate) fn skipping_existing(self, is_skipped: bool) -> Self {
        Self { skips_existing: is_skipped, ..self }
    }

    /// Reports how one input ended and counts it. Only a failure that stops all further inputs comes back as an error:
    /// an interrupt, or a voice that can't be loaded.
    pub(crate) fn say(&mut self, assignment: &Assignment, outcome: Result<Done>) -> anyhow::Result<()> {
        let Assignment { input, output } = assignment;
        match outcome {
            Ok(done) => {
                self.done += 1;
                self.held += usize::from(done.produced.as_ref().is_some_and(|made| made.held.is_some()));
                self.audio_seconds += done.summary.audio_seconds;
                match (self.telling, output) {
                    (Telling::Nothing, _) => {}
                    (Telling::Json, _) => self.print_json(&summary_json(input, output, &done)?),
                    (Telling::Text, Target::File(_)) => self.print(&summary_text(assignment, &done)),
                    // Standard output is taken by the sound.
                    (Telling::Text, Target::Stdout) => terminal::note(&summary_text(assignment, &done)),
                }
            }
            Err(error) if error.kind() == ErrorKind::Exists && self.skips_existing => self.skipped += 1,
            Err(error) => {
                let error = at_input(error, input);
                if concerns_all(error.kind()) {
                    return Err(error.into());
                }
                self.failed_inputs.push(FailedInput::of(input, &error));
                self.note_failure(&input.name(), &error);
                self.fail(&error);
                if self.telling == Telling::Json {
                    let (what, kind) = (error.what(), error.kind());
                    self.print_json(&json!({ "input": input.typed(), "error": what, "kind": kind }));
                }
            }
        }
        Ok(())
    }

    /// Reports and counts a failure. A fault of a folder meets every result in it, and is reported once.
    pub(crate) fn fail(&mut self, error: &Error) {
        self.failed += 1;
        match fault_of_folder(error) {
            Some(fault) => {
                let repeated = self.repeated.entry(fault).and_modify(|times| *times += 1).or_default();
                if *repeated == 0 {
                    terminal::report(error);
                }
            }
            None => terminal::report(error),
        }
    }

    fn note_failure(&mut self, name: &str, error: &Error) {
        if self.failures.len() < FAILURES_SHOWN {
            self.failures.push(format!("  {name}: {}\n", shorten(error.what(), SENTENCE_SHOWN)));
        }
    }

    /// The inputs that failed, a line each: their messages have scrolled away when a long batch ends.
    pub(crate) fn failures_text(&self) -> String {
        let more = self.failed.saturating_sub(self.failures.len());
        let mut text = self.failures.concat();
        if more > 0 && !text.is_empty() {
            text.push_str(&format!("  and {more} more\n"));
        }
        if text.is_empty() { text } else { format!("failed:\n{text}") }
    }

    /// Reports the failures that were held back.
    pub(crate) fn finish(&self) {
        let mut repeated: Vec<_> = self.repeated.iter().filter(|(_, times)| **times > 0).collect();
        repeated.sort();
        for ((what, folder), times) in repeated {
            let results = count(*times, "more result");
            let folder = printable(&folder.to_string_lossy());
            terminal::complain(&format!("{results} in {folder} met the same: {what}"));
        }
    }

    /// Prints for people, until standard output fails.
    pub(crate) fn print(&mut self, text: &str) {
        self.unless_mute(|| terminal::show(text));
    }

    fn print_json(&mut self, value: &serde_json::Value) {
        self.unless_mute(|| terminal::print_json(value));
    }

    fn unless_mute(&mut self, print: impl FnOnce() -> Result<()>) {
        if self.is_mute {
            return;
        }
        if let Err(error) = print() {
            self.is_mute = true;
            if error.kind() != ErrorKind::BrokenPipe {
                self.is_report_lost = true;
                terminal::report(&error);
            }
        }
    }

    /// The exit code. A result that was there counts as done: running a batch again does not make its failures worse.
    pub(crate) fn code(&self) -> u8 {
        match (self.done + self.skipped, self.failed) {
            (_, 0) if !self.is_report_lost => DONE,
            (0, _) => NOTHING_DONE,
            _ => SOME_FAILED,
        }
    }
}

/// A fault of a result's folder rather than of the result, and the folder.
fn fault_of_folder(error: &Error) -> Option<(String, PathBuf)> {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    let cause = error.cause()?.downcast_ref::<io::Error>()?;
    let concerns_folder =
        matches!(cause.kind(), PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull);
    if error.kind() != ErrorKind::Output || !concerns_folder {
        return None;
    }
    let folder = error.place()?.file.as_ref()?.parent()?;
    Some((error.what().to_owned(), folder.to_path_buf()))
}

/// Whether a failure would meet every other input as well.
pub(crate) fn concerns_all(kind: ErrorKind) -> bool {
    use ErrorKind::{
        BrokenPipe, Download, Interrupted, Manifest, ManifestCorrupt, UnknownVoice, VoiceCorrupt,
        VoiceMissing,
    };
    matches!(
        kind,
        Interrupted
            | UnknownVoice
            | VoiceMissing
            | VoiceCorrupt
            | Download
            | BrokenPipe
            | Manifest
            | ManifestCorrupt
    )
}

/// A failure within an article is reported with the article's name.
pub(crate) fn at_input(error: Error, input: &Input) -> Error {
    if error.kind() == ErrorKind::Interrupted {
        let what = format!("interrupted; nothing is kept of the report on {}", input.name());
        return Error::new(ErrorKind::Interrupted, what);
    }
    match error.place() {
        Some(place) if place.file.is_none() && place.chunk.is_some() => {
            let place = Place { file: Some(input.name().into()), ..place.clone() };
            error.at(place)
        }
        None if error.kind() == ErrorKind::Empty => error.at(Place::file(input.name())),
        _ => error,
    }
}

fn summary_json(input: &Input, output: &Target, done: &Done) -> serde_json::Result<serde_json::Value> {
    #[derive(Serialize)]
    struct Timed<'a> {
        #[serde(flatten)]
        summary: &'a Summary,
        #[serde(flatten)]
        times: Times,
    }
    let mut object = serde_json::to_value(Timed { summary: &done.summary, times: done.times })?;
    if let Some(Produced { mastered, captions, held, unmatched }) = &done.produced {
        if !unmatched.is_empty() {
            object["override_unmatched"] = json!(unmatched);
        }
        if held.is_some() {
            object["held"] = serde_json::to_value(held)?;
        }
        object["loudness"] = serde_json::to_value(mastered)?;
        if !captions.is_empty() {
            object["captions"] = serde_json::to_value(captions)?;
        }
    }
    object["input"] = json!(input.typed());
    object["output"] = json!(output.typed());
    Ok(object)
}

/// The faults of an input that were set right, on a line.
fn repairs_text(repairs: Repairs) -> String {
    let mut parts = Vec::new();
    if repairs.bad_bytes > 0 {
        parts.push(count(repairs.bad_bytes, "bad byte"));
    }
    if repairs.mojibake > 0 {
        parts.push(format!("{} read in a wrong encoding", count(repairs.mojibake, "character")));
    }
    if parts.is_empty() { String::new() } else { format!("  set right: {}\n", parts.join(", ")) }
}

/// The doubt about a story, on a line.
fn doubt_text(input: &Input, confidence: Option<f64>) -> String {
    confidence.filter(|_| is_doubtful(confidence)).map_or_else(String::new, |confidence| {
        format!(
            "  doubtful: {} sure that this is the story; to look at it: audio-report explain --stage article {}\n",
            percent(confidence),
            input.quoted()
        )
    })
}

/// The words that were guessed, a line each, most frequent first.
fn guesses_text(guesses: &[Guess]) -> String {
    let mut text = String::new();
    for guess in guesses.iter().take(GUESSES_SHOWN) {
        let times = if guess.times > 1 { format!(", {} times", guess.times) } else { String::new() };
        let sentence = shorten(&guess.sentence, SENTENCE_SHOWN);
        text.push_str(&format!("    {} /{}/{times}: {sentence}\n", guess.word, guess.ipa));
    }
    let more = guesses.len().saturating_sub(GUESSES_SHOWN);
    if more > 0 {
        text.push_str(&format!("    and {more} more (--json lists them)\n"));
    }
    if text.is_empty() { text } else { format!("  guessed:\n{text}") }
}

fn summary_text(assignment: &Assignment, done: &Done) -> String {
    let Done { summary, times, produced } = done;
    let mut text = format!(
        "{}: {} of sound in {:.1} s (real-time factor {:.3}), first sound after {:.2} s\n",
        assignment.output.name(),
        clock(summary.audio_seconds),
        times.wall_seconds,
        times.real_time_factor,
        times.first_audio_seconds
    );
    if let Some(Produced { mastered, captions, held, unmatched }) = produced {
        for what in unmatched {
            text.push_str(&format!("  override: {}\n", printable(what)));
        }
        if let Some(Held { number, reasons, sound }) = held {
            let (reasons, sound) = (printable(&reasons.join("; ")), printable(&sound.to_string_lossy()));
            text.push_str(&format!(
                "  held ({number}): {reasons}\n  to hear it: audio-report play {sound}\n"
            ));
        }
        text.push_str(&format!("  loudness: {}\n", mastered.text()));
        for file in captions {
            text.push_str(&format!("  {}\n", file.text()));
        }
    }
    if summary.removed > 0 {
        text.push_str(&format!(
            "  left out: {} (audio-report explain shows which)\n",
            count(summary.removed, "piece")
        ));
    }
    if let (Some(_), Some(source)) = (&summary.origin.address, &summary.origin.source) {
        text.push_str(&format!("  source: {source}\n"));
    }
    text.push_str(&doubt_text(&assignment.input, summary.confidence));
    text.push_str(&repairs_text(summary.repairs));
    text.push_str(&guesses_text(&summary.guessed_words));
    if !summary.spelled_words.is_empty() {
        let shown: Vec<&str> = summary.spelled_words.iter().take(WORDS_SHOWN).map(String::as_str).collect();
        let more = summary.spelled_words.len().saturating_sub(WORDS_SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text.push_str(&format!("  spelled: {}{more}\n", shown.join(", ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_lists_some_guesses_and_says_how_many_more_there_are() {
        let guesses = |count: usize| {
            let mut guesses = crate::report::Guesses::at_most(count);
            for number in 0..count {
                guesses.add(&format!("Blorv{number}"), "blˈɔɹv", || "Blorv met Zorvinel.");
            }
            guesses_text(&guesses.take_sorted())
        };
        assert_eq!(guesses(0), "");
        assert_eq!(guesses(GUESSES_SHOWN).lines().count(), 1 + GUESSES_SHOWN);
        let many = guesses(GUESSES_SHOWN + 3);
        assert_eq!(many.lines().count(), 2 + GUESSES_SHOWN);
        assert!(many.ends_with("    and 3 more (--json lists them)\n"), "{many}");
    }
}
