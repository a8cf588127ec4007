//! Live playback as a listener has it: `cargo bench --bench live [-- ARTICLE [FOLDER]]`. The installed voice reads the
//! sample article. A silent loudspeaker pulls the sound in real time, once with one worker and once with two. It takes
//! twice as long as the article lasts. The played sound goes into FOLDER, for comparison with the result of `read`.
//! `AUDIO_REPORT_LOG` has no effect here; `audio-report play` logs every decision with it.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a benchmark says what it measured")]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use audio_report::article::{ReadOptions, read_article};
use audio_report::internals::play_in_silence;
use audio_report::report::{Narrator, SpeechSettings, Workers};
use audio_report::synth::backend::Backend;
use audio_report::voice::Store;

/// The length of one request of a sound card.
const PERIOD: Duration = Duration::from_millis(20);

fn keep(heard: &[f32], rate: u32, path: &Path) -> Result<(), hound::Error> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut file = hound::WavWriter::create(path, spec)?;
    heard.iter().try_for_each(|sample| file.write_sample(*sample))?;
    file.finalize()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut named = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let path = named.next().map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/articles/wire.expected.txt")),
        PathBuf::from,
    );
    let folder = named.next().map(PathBuf::from);
    let store = Store::from_env()?;
    let voice = match store.locate(&store.default_voice()) {
        Ok(voice) => voice,
        Err(error) => {
            println!("skipped: {error}");
            return Ok(());
        }
    };
    let bytes = std::fs::read(&path).unwrap_or_default();
    let article = Arc::new(read_article(&bytes, &path.to_string_lossy(), &ReadOptions::default())?);
    let narrator = Narrator::load(&voice, &SpeechSettings::default().with_backend(Backend::from_env()?))?;
    let rate = narrator.sample_rate();
    for workers in [1, 2].map(|workers| NonZeroUsize::new(workers).unwrap_or(NonZeroUsize::MIN)) {
        let narrator = narrator.with_workers(Workers::new(workers));
        let heard = play_in_silence(&narrator, &article, PERIOD)?;
        if let Some(folder) = &folder {
            keep(&heard.samples, rate.hertz(), &folder.join(format!("{workers}-workers.wav")))?;
        }
        println!(
            "{workers} workers: first sound heard after {:.3} s; {:.1} s of sound in {} chunks made in {:.1} s; ran dry {} times",
            heard.began_after.as_secs_f64(),
            heard.summary.audio_seconds,
            heard.summary.chunks,
            heard.made_after.as_secs_f64(),
            heard.underruns
        );
    }
    Ok(())
}
