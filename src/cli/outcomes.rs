//! How the inputs of `read` and `batch` ended, and how that is reported.

mod events;
mod summary;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

pub(crate) use self::events::{Event, Why};
use self::summary::{SENTENCE_SHOWN, summary_json, summary_text};
use super::archives::Archived;
use super::args::MakingArgs;
use super::clock::Times;
use super::input::Input;
use super::ledger::SameStory;
use super::production::Produced;
use super::progress::Bars;
use super::targets::{Assignment, Target};
use super::terminal::count;
use super::{code_of, cures, terminal};
use crate::calendar::now;
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable, shorten};
use crate::report::{Progress, Summary};

/// Failures that the end of a batch lists.
const FAILURES_SHOWN: usize = 20;
/// The longest pause before articles are tried again, in seconds; a server that asks for more is asked in a later run.
pub(crate) const LONGEST_PAUSE: u64 = 300;
/// Time between two events about the progress of an article.
const PROGRESS: Duration = Duration::from_millis(250);

/// The reports on the inputs, beside errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// No report.
    Nothing,
    /// A summary an input, for people.
    Text,
    /// One JSON object an input.
    Json,
    /// One JSON object an event.
    Events,
}

impl Telling {
    /// The choice of `--quiet`, `--json` and `--events`.
    pub(crate) fn of_batch(args: &MakingArgs) -> Self {
        if args.events { Self::Events } else { Self::new(args.quiet, args.json) }
    }

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

/// What follows from a failure.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Failing {
    /// Whether the first one ends the work.
    pub ends_work: bool,
    /// Whether what can pass is tried again in this run.
    pub is_tried_again: bool,
}

impl Failing {
    /// Whether a failure ends the work.
    pub(crate) fn ends_by(self, error: &Error) -> bool {
        self.ends_work && error.kind() != ErrorKind::Exists && !(self.is_tried_again && may_pass(error))
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
    /// Inputs that were not begun, after a failure that ended the work.
    pub not_begun: usize,
    /// Inputs that failed in a way that can pass, and are tried again.
    pub again: Vec<Assignment>,
    /// Messages with several stories, which are read next.
    pub opened: Vec<Archived>,
    /// The longest wait that one of their servers asks for, in seconds.
    pub wait: u64,
    /// What follows from a failure.
    pub failing: Failing,
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
    /// When the progress of an article was last told.
    progress: BTreeMap<usize, Instant>,
}

impl Outcomes {
    /// No input has ended yet.
    pub(crate) fn new(telling: Telling) -> Self {
        Self {
            done: 0,
            skipped: 0,
            failed: 0,
            held: 0,
            not_begun: 0,
            again: Vec::new(),
            opened: Vec::new(),
            wait: 0,
            failing: Failing::default(),
            audio_seconds: 0.0,
            failed_inputs: Vec::new(),
            telling,
            skips_existing: false,
            is_mute: false,
            is_report_lost: false,
            repeated: HashMap::new(),
            failures: Vec::new(),
            progress: BTreeMap::new(),
        }
    }

    /// The same for work that other processes may share: results that they made are skipped.
    #[must_use]
    pub(crate) fn skipping_existing(self, is_skipped: bool) -> Self {
        Self { skips_existing: is_skipped, ..self }
    }

    /// Reports how one input ended and counts it, with the same story that another feed had. Only a failure that stops all further inputs
    /// comes back as an error: an interrupt, or a voice that can't be loaded.
    pub(crate) fn say(
        &mut self,
        assignment: &Assignment,
        outcome: Result<Done>,
        same: Option<&SameStory>,
    ) -> anyhow::Result<()> {
        let Assignment { input, output } = assignment;
        match outcome {
            Ok(done) => {
                self.done += 1;
                self.held += usize::from(done.produced.as_ref().is_some_and(|made| made.held.is_some()));
                self.audio_seconds += done.summary.audio_seconds;
                match (self.telling, output) {
                    (Telling::Nothing, _) => {}
                    (Telling::Json, _) => self.print_json(&summary_json(input, output, &done, same)?),
                    (Telling::Events, _) => {
                        let mut object = summary_json(input, output, &done, same)?;
                        object["event"] = json!("done");
                        self.print_json(&object);
                        self.tell_held(input, &done);
                    }
                    (Telling::Text, Target::File(_)) => self.print(&summary_text(assignment, &done)),
                    // Standard output is taken by the sound.
                    (Telling::Text, Target::Stdout | Target::Later) => {
                        terminal::note(&summary_text(assignment, &done));
                    }
                }
            }
            Err(error) if error.kind() == ErrorKind::Exists && self.skips_existing => {
                match same.filter(|same| !same.is_read) {
                    Some(same) => self.leave_out(input, same),
                    None => {
                        let is_anothers = matches!(error.cure(), Some(Cure::AllowOverwrite));
                        self.skip(input, if is_anothers { Why::Taken } else { Why::Unchanged });
                    }
                }
            }
            Err(error) => {
                let error = at_input(error, input);
                if concerns_all(error.kind()) {
                    return Err(error.into());
                }
                if self.failing.is_tried_again && may_pass(&error) {
                    self.postpone(assignment, &error);
                    return Ok(());
                }
                self.failed_inputs.push(FailedInput::of(input, &error));
                self.note_failure(&input.name(), &error);
                self.complain(&error);
                self.tell(&failed(Some(input), &error, false));
                if self.telling == Telling::Json {
                    let (what, kind) = (error.what(), error.kind());
                    self.print_json(&json!({ "input": input.typed(), "error": what, "kind": kind }));
                }
            }
        }
        Ok(())
    }

    /// Counts an input that is passed over.
    pub(crate) fn skip(&mut self, input: &Input, why: Why) {
        self.skipped += 1;
        self.tell(&Event::Skipped { input: input.typed(), why, same_story: None });
    }

    /// Counts an article that is not read, because another feed had the same story.
    fn leave_out(&mut self, input: &Input, same: &SameStory) {
        self.skipped += 1;
        let (input, why) = (input.typed(), Why::SameStory);
        if self.telling == Telling::Json {
            self.print_json(&json!({ "input": input, "skipped": why, "same_story": same }));
        }
        self.tell(&Event::Skipped { input, why, same_story: Some(same.clone()) });
    }

    /// Tells of a report that waits for approval.
    fn tell_held(&mut self, input: &Input, done: &Done) {
        let Some(held) = done.produced.as_ref().and_then(|made| made.held.clone()) else { return };
        self.tell(&Event::Held { input: input.typed(), held });
    }

    /// Keeps an input that failed for another try.
    fn postpone(&mut self, assignment: &Assignment, error: &Error) {
        if let Some(Cure::RetryLater { seconds: Some(seconds) }) = error.cure() {
            self.wait = self.wait.max(*seconds);
        }
        self.again.push(assignment.clone());
        self.tell(&failed(Some(&assignment.input), error, true));
        if self.telling == Telling::Text {
            let (name, what) = (assignment.input.name(), shorten(error.what(), SENTENCE_SHOWN));
            terminal::note(&format!("{name}: {what}; it is tried again\n"));
        }
    }

    /// Whether the work is to end, because something failed.
    pub(crate) fn is_over(&self) -> bool {
        self.failing.ends_work && self.failed > 0
    }

    /// Tells an event to programs that want events.
    pub(crate) fn tell(&mut self, event: &Event) {
        if self.telling == Telling::Events {
            self.unless_mute(|| terminal::print_json(event));
        }
    }

    /// Tells that an article is being spoken.
    pub(crate) fn begin(&mut self, number: usize, assignment: &Assignment, bars: &Bars) {
        if self.telling == Telling::Events {
            let (input, output) = (assignment.input.typed(), assignment.output.typed());
            let expected_seconds = bars.expected(number);
            self.progress.remove(&number);
            self.tell(&Event::ArticleBegun { input, output, expected_seconds });
        }
    }

    /// Tells how far an article is, but not too often.
    pub(crate) fn go_on(&mut self, number: usize, assignment: &Assignment, progress: &Progress, bars: &Bars) {
        let is_due = self.progress.get(&number).is_none_or(|told| told.elapsed() >= PROGRESS);
        if self.telling == Telling::Events && is_due {
            self.progress.insert(number, Instant::now());
            self.tell(&Event::Progress {
                input: assignment.input.typed(),
                audio_seconds: progress.audio_seconds,
                expected_seconds: bars.expected(number),
                batch: bars.standing(),
            });
        }
    }

    /// Reports and counts a failure without an article. A fault of a folder meets every result in it, and is reported once.
    pub(crate) fn fail(&mut self, error: &Error) {
        self.complain(error);
        self.tell(&failed(None, error, false));
    }

    fn complain(&mut self, error: &Error) {
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
        // A report that nobody saw is a failure, too.
        code_of(self.done + self.skipped, self.failed + usize::from(self.is_report_lost))
    }
}

/// A failure as an event.
fn failed(input: Option<&Input>, error: &Error, is_tried_again: bool) -> Event {
    Event::Failed {
        input: input.map(Input::typed),
        kind: error.kind(),
        error: error.what().to_string(),
        cure: error.cure().map(Cure::as_str),
        advice: cures::words(error),
        is_tried_again,
    }
}

/// Whether the same may succeed later without a change of the input: the network, or a server, was at fault.
fn may_pass(error: &Error) -> bool {
    use Cure::{CheckAddress, CheckNetwork, NameProxy, RetryLater};
    match error.kind() {
        _ if matches!(error.cure(), Some(RetryLater { seconds: Some(wait) }) if *wait > LONGEST_PAUSE) => {
            false
        }
        ErrorKind::TimedOut => true,
        // A host that no name server knows may be one whose name server is down.
        ErrorKind::Network => {
            matches!(error.cure(), Some(CheckAddress | CheckNetwork | NameProxy | RetryLater { .. }))
        }
        _ => matches!(error.cure(), Some(RetryLater { .. })),
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
