//! `batch`: every article of a folder.

use std::time::Instant;

use super::args::{BatchArgs, VoiceArgs};
use super::config;
use super::read::{Outcomes, Reader};
use super::terminal::count;
use super::{interrupt, progress, terminal, voices};

/// Runs `batch`. Articles whose result exists are skipped, so that a batch can be run again until all is done.
pub fn run(args: &BatchArgs) -> anyhow::Result<u8> {
    let inputs = config::expand(&args.inputs)?;
    voices::check_name(&args.voice)?;
    let lexicon = config::lexicon(&args.words)?;
    let mut folder = args.output.clone().into_os_string();
    folder.push("/");
    let assignments = config::assign(&inputs, Some(folder.as_ref()))?;
    let (to_read, there): (Vec<_>, Vec<_>) =
        assignments.into_iter().partition(|assignment| args.file.force || !assignment.output.is_file());
    let is_quiet = args.quiet || args.json;
    let voice: &VoiceArgs = &args.voice;
    let cancel = interrupt::watch()?;
    let options = config::reading(&args.input);
    let mut reader = Reader { narrator: None, voice, lexicon, file: args.file, options, is_quiet, cancel };
    let mut outcomes = Outcomes::default();
    let started = Instant::now();
    let (overall, current) = progress::batch(to_read.len(), is_quiet);
    let mut audio_seconds = 0.0;
    for assignment in &to_read {
        progress::style_article(&current, &assignment.input.name());
        let outcome = reader.read(assignment, Instant::now(), &current);
        audio_seconds += outcome.as_ref().map_or(0.0, |summary| summary.audio_seconds);
        overall.inc(1);
        overall.suspend(|| outcomes.say(assignment, outcome, args.json, args.quiet))?;
    }
    current.finish_and_clear();
    overall.finish_and_clear();
    if !is_quiet {
        let mut line = format!(
            "{} read, {} failed, {} skipped (the result exists; --force reads them again)",
            count(outcomes.done, "article"),
            outcomes.failed,
            there.len()
        );
        if audio_seconds > 0.0 {
            let seconds = started.elapsed().as_secs_f64();
            line.push_str(&format!("; {} of sound in {seconds:.1} s", terminal::clock(audio_seconds)));
        }
        terminal::print(&format!("{line}\n"))?;
    }
    // A result that was there before counts as done: running a batch again does not make its failures worse.
    outcomes.done += there.len();
    Ok(outcomes.code())
}
