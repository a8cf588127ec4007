//! `batch`: every article of a folder.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::archives::{self, Archived, Opened};
use super::args::common::SpeechArgs;
use super::args::{BatchArgs, MakingArgs};
use super::captions::Captions;
use super::config::{self, STDIN};
use super::input::Input;
use super::inputs::{self, Spellings};
use super::layout::Places;
use super::ledger::keep::KeepFor;
use super::ledger::{self, Ledger, Lexicons, Names, Plan, Run, wish};
use super::outcomes::{Event, LONGEST_PAUSE, Outcomes, Telling, Why};
use super::production::Producer;
use super::progress::Bars;
use super::read::Reader;
use super::targets::{self, Assignment, Target};
use super::terminal::{self, clock, count};
use super::{cache, digest, interrupt, stories};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Result, printable};
use crate::output::encode::Format;
use crate::report::SpeechSettings;
use crate::store::manifest::Manifest;

/// Runs `batch`.
pub(crate) fn run(args: &BatchArgs) -> anyhow::Result<u8> {
    check_output(&args.making)?;
    let mut found = inputs::expand(&args.inputs)?;
    let cancel = interrupt::watch()?;
    let MakingArgs { input, speech, .. } = &args.making;
    let is_offline = speech.voice.offline;
    let opened = archives::open(&found.articles, || Ok(config::reading(input, is_offline, &cancel)?.fetcher));
    let opened = match opened {
        Ok(opened) => opened,
        // With what a folder lacks, it is one of several failures.
        Err(error) if !found.failures.is_empty() => Opened { inputs: Vec::new(), failures: vec![error] },
        Err(error) => return Err(error.into()),
    };
    found.failures.extend(opened.failures);
    let code = make(&args.making, &opened.inputs, &found.failures, &cancel)?.code();
    digest::after(&args.making, code, &cancel)
}

/// Refuses a stream in the place of a folder.
pub(crate) fn check_output(args: &MakingArgs) -> Result<()> {
    if args.output.as_os_str() == STDIN {
        let what = "a batch makes files, which standard output can't take";
        let cure = "name a folder with -o, or read one article: audio-report read FILE -o -";
        return Err(Error::new(ErrorKind::Usage, what).with_cure(Cure::other(cure)));
    }
    Ok(())
}

/// Reads articles into a folder that remembers them. Those that were read and have not changed are skipped, so that it can be run again
/// until all is done. `failures` of inputs that could not be found count with those of articles.
pub(crate) fn make(
    args: &MakingArgs,
    inputs: &[Input],
    failures: &[Error],
    cancel: &Cancel,
) -> anyhow::Result<Outcomes> {
    let MakingArgs { form, around, .. } = args;
    let SpeechArgs { voice, words, .. } = &args.speech;
    let cast = config::cast(&args.speech);
    cast.check()?;
    let lexicon = config::lexicon(words)?;
    let usual = config::usual_format(form.preset);
    let format = form.file.format.unwrap_or(usual);
    let file = config::file(*form, &around.music, format)?;
    let captions = Captions::of(&around.captions, form.preset);
    let may_replace = file.finishing.may_replace;
    let producer = Producer::of(file, captions, around, &cast, cancel.clone())?;
    let wish = wish(&args.speech, &args.input.with, around, &producer.file.finishing, &producer.captions)?;
    let is_quiet = args.is_quiet();
    let manifest = open(&args.output, args.no_wait, cancel)?;
    let known = ledger::known_of(&manifest)?;
    let names = Names::of_folder(&manifest, &known)?;
    let ending = format.ending();
    let places = args.name.clone().map(|layout| Places::of(layout, manifest.folder(), &known, ending));
    let mut naming = Naming::of(&args.output, format, names, places.is_some());
    let assignments = naming.assign(inputs)?;
    producer.captions.check(&assignments)?;
    let reading = producer.reading(&args.input, voice.offline)?;
    // Sound that is kept can be heard by whoever finds it, and an embargo may not have ended.
    let cache = cache::chosen(&args.cache, args.is_unattended).filter(|_| !args.input.ignore_embargo);
    let speech = SpeechSettings { cache: cache.clone(), ..config::speech(voice, form.work.nice, lexicon) };
    let lexicons = Lexicons::of(&config::lexicon_files(words)?, speech.clone(), cast.narrator.dialect()?)?;
    let run = Run {
        wish,
        ending: format.ending(),
        is_remade: args.remake,
        may_replace,
        keeps_stories: !args.input.ignore_embargo,
        manner: args.manner.clone(),
        renames: has_podcast(&manifest)?,
        hold: args.hold.clone(),
        overrides: args.overrides.clone(),
    };
    let ledger = Arc::new(Ledger::of(manifest, known, run, lexicons)?);
    let reader = Reader {
        cast,
        speed: config::voice_speed(voice)?,
        speech,
        producer: Arc::new(producer),
        reading,
        ledger: Some(ledger.clone()),
        is_strict: args.strict,
        is_quiet,
        loaded: OnceLock::new(),
        places,
    };
    let mut outcomes = Outcomes::new(Telling::of_batch(args)).skipping_existing(true);
    outcomes.failing.ends_work = args.fail_fast;
    let (to_read, passed) = divide(assignments, &ledger);
    let (articles, skipped) = (to_read.len() + passed.len(), passed.len());
    outcomes.tell(&Event::BatchBegun { articles, to_read: to_read.len(), skipped });
    for (input, why) in &passed {
        outcomes.skip(input, *why);
    }
    for failure in failures {
        outcomes.fail(failure);
    }
    let started = Instant::now();
    let mut open = |messages: &[Archived], outcomes: &mut Outcomes| {
        open_messages(messages, &mut naming, &ledger, outcomes)
    };
    let read = read_again(&reader, to_read, args.retry, started, &mut outcomes, &mut open);
    outcomes.finish();
    drop(reader);
    let alike = ledger.likeness_text();
    // Who still holds it has panicked.
    let closed = Arc::into_inner(ledger).map_or(Ok(0), |ledger| end(ledger.into_manifest()?, args.keep));
    let counts = cache.map(|cache| cache.counts());
    outcomes.tell(&Event::BatchEnded {
        read: outcomes.done,
        failed: outcomes.failed,
        skipped: outcomes.skipped,
        not_begun: outcomes.not_begun,
        audio_seconds: outcomes.audio_seconds,
        wall_seconds: started.elapsed().as_secs_f64(),
        chunks_spoken: counts.map(|(_, spoken)| spoken),
        chunks_kept: counts.map(|(kept, _)| kept),
        is_broken_off: read.is_err() || closed.is_err(),
    });
    read?;
    let gone = closed?;
    let is_news = outcomes.done + outcomes.failed + gone > 0;
    if !is_quiet && (is_news || !args.is_unattended) {
        sum_up(&mut outcomes, started, &Sums { counts, gone, alike, folder: &args.output });
    }
    Ok(outcomes)
}

/// What the last lines of a batch tell beside how its articles ended.
struct Sums<'a> {
    /// The chunks that the cache had, and those that were spoken.
    counts: Option<(usize, usize)>,
    /// Reports that went because they were old.
    gone: usize,
    /// Stories that other feeds had before.
    alike: String,
    /// The folder of the results.
    folder: &'a Path,
}

/// The last lines of a batch.
fn sum_up(outcomes: &mut Outcomes, started: Instant, sums: &Sums) {
    let Sums { counts, gone, alike, folder } = sums;
    let mut line = format!(
        "{} read, {} failed, {} skipped (nothing has changed; --force reads them again)",
        count(outcomes.done, "article"),
        outcomes.failed,
        outcomes.skipped
    );
    if outcomes.not_begun > 0 {
        line.push_str(&format!(", {} not begun (--fail-fast)", outcomes.not_begun));
    }
    if outcomes.audio_seconds > 0.0 {
        let seconds = started.elapsed().as_secs_f64();
        line.push_str(&format!("; {} of sound in {seconds:.1} s", clock(outcomes.audio_seconds)));
    }
    if let Some((kept, spoken)) = counts.filter(|(kept, spoken)| kept + spoken > 0) {
        line.push_str(&format!("; {} spoken, {kept} taken from the cache", count(spoken, "chunk")));
    }
    if *gone > 0 {
        line.push_str(&format!("; {} gone, because old", count(*gone, "report")));
    }
    if outcomes.held > 0 {
        let folder = printable(&folder.to_string_lossy());
        line.push_str(&format!("; {} held: audio-report approve --list -o {folder}", outcomes.held));
    }
    line.push('\n');
    if !alike.is_empty() {
        line.push_str(&format!("alike:\n{alike}"));
    }
    line.push_str(&outcomes.failures_text());
    outcomes.print(&line);
}

/// Opens the manifest of the results' folder. While another process works there it says so and waits, unless that is not wanted.
pub(crate) fn open(folder: &Path, is_impatient: bool, cancel: &Cancel) -> Result<Manifest> {
    targets::check_folder(folder)?;
    Manifest::open(folder, cancel, &mut || may_wait(folder, is_impatient))
}

/// Says that another process works on a folder, unless nobody wants to wait for it.
pub(crate) fn may_wait(folder: &Path, is_impatient: bool) -> bool {
    if !is_impatient {
        let folder = printable(&folder.to_string_lossy());
        terminal::note(&format!("another process works on {folder}; waiting until it is done\n"));
    }
    !is_impatient
}

/// Whether the folder is a podcast.
pub(crate) fn has_podcast(manifest: &Manifest) -> Result<bool> {
    #[cfg(feature = "podcast")]
    return Ok(super::show::Kept::of(manifest)?.is_some());
    #[cfg(not(feature = "podcast"))]
    return manifest.results().map(|_| false);
}

/// Ends a run: old reports go; the result is their number.
pub(crate) fn end(manifest: Manifest, keep: Option<KeepFor>) -> Result<usize> {
    let gone = keep.map_or(Ok(0), |keep| manifest.expire(keep.today()))?;
    finish(manifest)?;
    Ok(gone)
}

/// Closes a manifest after a change: the folder's podcast, if it has one, lists what is there.
pub(crate) fn finish(manifest: Manifest) -> Result<()> {
    manifest.tell_named()?;
    #[cfg(feature = "podcast")]
    if let Some(show) = super::show::Kept::of(&manifest)? {
        show.make(&manifest)?;
    }
    manifest.close()
}

/// How the results of a batch get their names.
struct Naming {
    folder: PathBuf,
    format: Format,
    names: Names,
    /// Whether articles without a name get theirs when they are loaded.
    is_by_template: bool,
}

impl Naming {
    fn of(folder: &Path, format: Format, names: Names, is_by_template: bool) -> Self {
        let mut folder = folder.as_os_str().to_os_string();
        if !targets::ends_with_separator(folder.as_ref()) {
            folder.push("/");
        }
        Self { folder: folder.into(), format, names, is_by_template }
    }

    /// Gives inputs their names, which no later one gets.
    fn assign(&mut self, inputs: &[Input]) -> Result<Vec<Assignment>> {
        let Self { folder, format, names, .. } = self;
        let (_, mut assignments) = targets::assign(inputs, Some(folder), Some(*format), *format, names)?;
        if self.is_by_template {
            let mut spellings = Spellings::default();
            for Assignment { input, output } in &mut assignments {
                if self.names.of(input, &mut spellings).is_none() {
                    *output = Target::Later;
                }
            }
        }
        self.names.take(&assignments);
        Ok(assignments)
    }
}

/// The stories of messages that are to be read; the others are told.
fn open_messages(
    messages: &[Archived],
    naming: &mut Naming,
    ledger: &Ledger,
    outcomes: &mut Outcomes,
) -> Result<Vec<Assignment>> {
    let stories: Vec<Input> = messages.iter().flat_map(Archived::stories).collect();
    let (to_read, passed) = divide(naming.assign(&stories)?, ledger);
    for message in messages {
        ledger.note_message(&message.input())?;
        let is_its = |input: &Input| matches!(input, Input::Member { archive, .. } if archive == message);
        let to_read = to_read.iter().filter(|assignment| is_its(&assignment.input)).count();
        let skipped = passed.iter().filter(|(input, _)| is_its(input)).count();
        outcomes.tell(&Event::Opened {
            input: message.typed(),
            articles: to_read + skipped,
            to_read,
            skipped,
        });
    }
    for (input, why) in &passed {
        outcomes.skip(input, *why);
    }
    Ok(to_read)
}

/// The first pause before articles are tried again; each further one is twice as long.
const FIRST_PAUSE: u64 = 2;

/// Reads articles, and then those again, at most so often, that failed in a way that can pass.
fn read_again(
    reader: &Reader,
    mut articles: Vec<Assignment>,
    retries: u32,
    started: Instant,
    outcomes: &mut Outcomes,
    open: &mut stories::Open<'_>,
) -> anyhow::Result<()> {
    for attempt in 0..=retries {
        outcomes.failing.is_tried_again = attempt < retries;
        let begun = if attempt == 0 { started } else { Instant::now() };
        let bars = |articles| Bars::of_batch(articles, reader.is_quiet);
        stories::read_all(reader, articles, begun, bars, outcomes, open)?;
        articles = std::mem::take(&mut outcomes.again);
        if articles.is_empty() || outcomes.is_over() {
            outcomes.not_begun += articles.len();
            return Ok(());
        }
        let wait = std::mem::take(&mut outcomes.wait);
        let seconds = pause(attempt).max(wait);
        outcomes.tell(&Event::Waiting { seconds, articles: articles.len() });
        if !reader.is_quiet {
            let articles = count(articles.len(), "article");
            terminal::note(&format!("{articles} to be tried again in {seconds} s\n"));
        }
        if reader.producer.cancel.sleep(Duration::from_secs(seconds)) {
            return Err(Error::new(ErrorKind::Interrupted, "interrupted while waiting to try again").into());
        }
    }
    Ok(())
}

/// The pause after an attempt, in seconds, at most [`LONGEST_PAUSE`].
fn pause(attempt: u32) -> u64 {
    FIRST_PAUSE.saturating_mul(1_u64.checked_shl(attempt).unwrap_or(u64::MAX)).min(LONGEST_PAUSE)
}

/// The articles that are to be read, and the others.
fn divide(assignments: Vec<Assignment>, ledger: &Ledger) -> (Vec<Assignment>, Vec<(Input, Why)>) {
    let mut spellings = Spellings::default();
    let (mut to_read, mut passed) = (Vec::new(), Vec::new());
    for assignment in assignments {
        let why = match ledger.plan(&assignment, &mut spellings) {
            Plan::Look | Plan::Make => {
                let output = ledger.target(&assignment, &mut spellings);
                to_read.push(Assignment { output, ..assignment });
                continue;
            }
            Plan::Done => Why::Unchanged,
            Plan::Withdrawn => Why::Withdrawn,
            Plan::Taken => Why::Taken,
        };
        passed.push((assignment.input, why));
    }
    (to_read, passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit() {
        assert_eq!([0, 1, 2, 7, 8, 63, 64, 200].map(pause), [2, 4, 8, 256, 300, 300, 300, 300]);
    }
}
