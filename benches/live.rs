//! Live playback as a listener has it: `cargo bench --bench live [-- ARTICLE]`. The sample article is read by the installed
//! voice and pulled by a loudspeaker that makes no sound but takes its time, with one worker and with two; it takes twice as
//! long as the article lasts. `AUDIO_REPORT_LOG` has no effect here; `audio-report play` logs every decision with it.

#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use audio_report::article::{ReadOptions, read_article};
use audio_report::output::player::{PlaybackSource, PlayerSettings, player};
use audio_report::report::{NarrationSettings, Narrator, SpeechSettings, Workers};
use audio_report::synth::Cancel;
use audio_report::voice::Store;

/// What a sound card asks for at once.
const PERIOD: Duration = Duration::from_millis(20);

/// Pulls what is to be heard, period by period, to the end.
fn listen(mut source: PlaybackSource, period: usize) {
    let mut next = Instant::now();
    while source.by_ref().take(period).count() == period {
        next += PERIOD;
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

fn main() -> audio_report::error::Result<()> {
    let named = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let path = named.map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/articles/wire.expected.txt")),
        PathBuf::from,
    );
    let store = Store::open()?;
    let voice = match store.locate(&store.default_voice()) {
        Ok(voice) => voice,
        Err(error) => {
            println!("skipped: {error}");
            return Ok(());
        }
    };
    let bytes = std::fs::read(&path).unwrap_or_default();
    let article = Arc::new(read_article(&bytes, &path.to_string_lossy(), &ReadOptions::default())?);
    let narrator = Narrator::load(&voice, &SpeechSettings::default())?;
    let rate = narrator.sample_rate();
    for workers in [1, 2].map(|workers| NonZeroUsize::new(workers).unwrap_or(NonZeroUsize::MIN)) {
        let narrator = narrator.with_workers(Workers { count: workers, is_nice: false });
        let (sink, source, controls) = player(rate, PlayerSettings::default());
        let started = Instant::now();
        let settings = NarrationSettings { speed: 1.0, hurry_first: true, started };
        let period = rate.samples(PERIOD);
        let loudspeaker = thread::spawn(move || listen(source, period));
        let summary = narrator.narrate(&article, settings, Box::new(sink), &Cancel::new(), &mut |_| {})?;
        let made = started.elapsed();
        // It panics only where the player does.
        let _ = loudspeaker.join();
        let status = controls.status();
        let heard = status.began.map_or(0.0, |began| (began - started).as_secs_f64());
        println!(
            "{workers} workers: first sound made after {:.3} s, heard after {heard:.3} s; {:.1} s of sound in {} chunks made \
             in {:.1} s; ran dry {} times",
            summary.first_audio_seconds,
            summary.audio_seconds,
            summary.chunks,
            made.as_secs_f64(),
            status.underruns
        );
    }
    Ok(())
}
