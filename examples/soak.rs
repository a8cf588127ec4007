//! Checks that memory does not grow. One process speaks many chunks with the installed voice and the workers that
//! `read` has. After each batch, when no chunk is in flight, it measures the resident memory.
//!
//! ```text
//! cargo run --release --example soak -- [--chunks 2000] [--every 100] [--jobs N]
//! ```
//!
//! Ends with code 1 when the second half of the run holds more than 3 % above the most that the first half held. One measurement is no
//! yardstick: memory goes up and down by a tenth, as workers happen to speak their longest chunks together. Linux only: the figures are
//! those of `/proc/self`.

#![forbid(unsafe_code)]

use std::fs;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use audio_report::article::Article;
use audio_report::audio::SampleFormat;
use audio_report::cancel::Cancel;
use audio_report::error::{Error, ErrorKind, Result};
use audio_report::output::wav::{Tags, WavSink};
use audio_report::report::{NarrationSettings, Narrator, SpeechSettings, Workers};
use audio_report::synth::backend::Backend;
use audio_report::voice::{Store, VoiceName};
use clap::Parser;

/// How much memory may grow.
const LARGEST_GROWTH: f64 = 0.03;

/// Speaks many chunks through one process and measures memory.
#[derive(Debug, Parser)]
struct Options {
    /// Chunks to speak
    #[arg(long, default_value = "2000")]
    chunks: usize,
    /// Chunks between two measurements; a twentieth of them all if not given
    #[arg(long)]
    every: Option<NonZeroUsize>,
    /// Threads that speak; one a core if not given
    #[arg(short, long)]
    jobs: Option<NonZeroUsize>,
    /// The voice; `tone` is a stand-in that beeps
    #[arg(long, default_value = "af_heart")]
    voice: String,
    /// Words of the longest chunk, its beginning not counted
    #[arg(long, default_value = "8")]
    longest: NonZeroUsize,
}

/// Memory of this process in MiB.
struct Memory {
    /// All that is resident.
    resident: f64,
    /// Its part that is mapped from no file: what a leak would add to. The rest are pages of the model, the dictionaries and the
    /// program, which come in when they are first needed and which the system may drop.
    anonymous: f64,
    /// The most that was ever resident.
    peak: f64,
}

fn memory() -> Result<Memory> {
    let number = |file: &str, key: &str| -> Result<f64> {
        let path = format!("/proc/self/{file}");
        let text = fs::read_to_string(&path).map_err(|cause| {
            Error::new(ErrorKind::Input, "memory can be measured on Linux only").because(cause)
        })?;
        let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        let kibibytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
        kibibytes
            .map(|number| number / 1024.0)
            .ok_or_else(|| Error::new(ErrorKind::Input, format!("{path} has no number “{key}”")))
    };
    // The kernel counts `VmRSS` in batches, one a thread; the sum over the mappings is exact.
    Ok(Memory {
        resident: number("smaps_rollup", "Rss")?,
        anonymous: number("smaps_rollup", "Anonymous")?,
        peak: number("status", "VmHWM")?,
    })
}

/// Paragraphs, each a chunk of its own, numbered from 1 and of lengths that are the same in every article; the words differ.
fn article(turn: usize, chunks: usize, options: &Options) -> String {
    const WORDS: [&str; 13] = [
        "harbor", "crane", "minister", "Monday", "budget", "ferry", "storm", "market", "council", "bridge",
        "summit", "railway", "election",
    ];
    let paragraph = |number: usize| {
        let count = 1 + number * 7 % options.longest;
        let words = (0..count).map(|place| WORDS[(turn + number + place * (1 + turn % 12)) % WORDS.len()]);
        // Repeated text on a page is taken for furniture: the number makes it different.
        format!("Report {number} on the {}.", words.collect::<Vec<_>>().join(" "))
    };
    (1..=chunks).map(paragraph).collect::<Vec<_>>().join("\n\n")
}

fn narrator(options: &Options) -> Result<Narrator> {
    let usual = Workers::default();
    let workers = Workers::new(options.jobs.unwrap_or(usual.count));
    let settings = SpeechSettings::default().with_workers(workers).with_backend(Backend::from_env()?);
    if options.voice == "tone" {
        return Ok(Narrator::tone(&settings));
    }
    Narrator::load(&Store::from_env()?.locate(&VoiceName::new(&options.voice))?, &settings)
}

#[allow(clippy::print_stdout, reason = "a program")]
fn soak(options: &Options) -> Result<bool> {
    let narrator = narrator(options)?;
    let folder = tempfile::tempdir()
        .map_err(|cause| Error::new(ErrorKind::Output, "there is no place for sound").because(cause))?;
    let started = Instant::now();
    let (mut chunks, mut audio_seconds) = (0, 0.0);
    let every = options.every.map_or((options.chunks / 20).max(1), NonZeroUsize::get);
    // The most that each half of the run held.
    let mut most = [0.0_f64; 2];
    println!("  chunks  of sound     after  resident  anonymous      peak");
    while chunks < options.chunks {
        let count = every.min(options.chunks - chunks);
        let article = Article::from_text(article(chunks / every, count, options));
        let path = folder.path().join("soak.wav");
        let sink =
            WavSink::create(&path, narrator.sample_rate(), SampleFormat::Int16, Tags::default(), true)?;
        let settings = NarrationSettings::default();
        let summary =
            narrator.narrate(&Arc::new(article), settings, Box::new(sink), &Cancel::new(), &mut |_| {})?;
        chunks += summary.chunks;
        audio_seconds += summary.audio_seconds;
        drop(summary);
        let Memory { resident, anonymous, peak } = memory()?;
        let half = &mut most[usize::from(2 * chunks > options.chunks)];
        *half = half.max(resident);
        let elapsed = started.elapsed().as_secs_f64();
        println!(
            "{chunks:8} {audio_seconds:8.0} s {elapsed:7.0} s {resident:6.1} MiB {anonymous:7.1} MiB {peak:6.1} MiB"
        );
    }
    let [before, after] = most;
    let growth = after / before - 1.0;
    println!("{chunks} chunks: in the second half at most {:+.2} % of the most in the first", growth * 100.0);
    Ok(growth <= LARGEST_GROWTH)
}

#[allow(clippy::print_stderr, reason = "a program")]
fn main() -> ExitCode {
    let options = Options::parse();
    match soak(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("soak: memory grew by more than {:.0} %", LARGEST_GROWTH * 100.0);
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("soak: {}", error.story());
            ExitCode::from(3)
        }
    }
}
