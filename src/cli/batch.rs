//! `batch`: every article of a folder.

use std::time::Instant;

use super::args::BatchArgs;
use super::config;
use super::progress::Bars;
use super::read::{Outcomes, Reader};
use super::terminal::count;
use super::{interrupt, terminal};
use crate::report::SpeechSettings;

/// Runs `batch`. Articles whose result exists are skipped, so that a batch can be run again until all is done.
pub fn run(args: &BatchArgs) -> anyhow::Result<u8> {
    let inputs = config::expand(&args.inputs)?;
    let voice = config::voice(&args.voice);
    voice.check()?;
    let lexicon = config::lexicon(&args.words)?;
    let mut folder = args.output.clone().into_os_string();
    folder.push("/");
    let assignments = config::assign(&inputs, Some(folder.as_ref()))?;
    let (to_read, there): (Vec<_>, Vec<_>) =
        assignments.into_iter().partition(|assignment| args.file.force || !assignment.output.is_file());
    let is_quiet = args.quiet || args.json;
    let reader = Reader {
        voice,
        speed: args.voice.speed,
        speech: SpeechSettings {
            workers: config::workers(args.voice.jobs, args.work.nice),
            ..config::speech(&args.voice, lexicon)
        },
        file: config::file(args.file),
        options: config::reading(&args.input),
        is_quiet,
        cancel: interrupt::watch()?,
    };
    let mut outcomes = Outcomes::new(args.json, args.quiet);
    let started = Instant::now();
    let bars = Bars::of_batch(to_read.len(), is_quiet);
    reader.read(&to_read, started, &bars, &mut outcomes)?;
    bars.finish();
    if !is_quiet {
        let mut line = format!(
            "{} read, {} failed, {} skipped (the result exists; --force reads them again)",
            count(outcomes.done, "article"),
            outcomes.failed,
            there.len()
        );
        if outcomes.audio_seconds > 0.0 {
            let seconds = started.elapsed().as_secs_f64();
            line.push_str(&format!(
                "; {} of sound in {seconds:.1} s",
                terminal::clock(outcomes.audio_seconds)
            ));
        }
        terminal::print(&format!("{line}\n"))?;
    }
    // A result that was there before counts as done: running a batch again does not make its failures worse.
    outcomes.done += there.len();
    Ok(outcomes.code())
}
