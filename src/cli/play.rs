//! `play`: an article, or a finished report, through the loudspeaker.

use std::path::Path;
use std::time::Instant;

use tracing::debug;

use super::args::PlayArgs;
use super::clock::Clock;
use super::config::{self, Input};
use super::outcomes::at_input;
use super::source::Source;
use super::{DONE, interrupt, listen, terminal};
use crate::audio::Sink;
use crate::error::Result;
use crate::output::decode::SoundFile;
use crate::report::NarrationSettings;

/// Runs `play`.
pub(crate) fn run(args: &PlayArgs, started: Instant) -> anyhow::Result<u8> {
    let input = Input::new(&args.input);
    let source = Source::open(&input)?;
    if source.is_sound() {
        return play_sound(&input, source, args.quiet);
    }
    let choice = config::voice(&args.voice);
    choice.check()?;
    let lexicon = config::lexicon(&args.words)?;
    let article = source.article(config::reading(&args.reading))?;
    debug!(after = started.elapsed().as_secs_f64(), "the article is read");
    let cancel = interrupt::watch()?;
    let voice = choice.obtain(&cancel, args.quiet)?;
    let speech = config::speech(&args.voice, lexicon);
    let settings = NarrationSettings { speed: args.voice.speed, hurry_first: true };
    let clock = Clock::running_since(started);
    let clock_of_sink = clock.clone();
    let rate = voice.sample_rate();
    let stop = cancel.clone();
    debug!(after = started.elapsed().as_secs_f64(), "the voice is found");
    let feed = move |sink: Box<dyn Sink>| -> Result<_> {
        let narrator = voice.load(&speech)?;
        debug!(after = started.elapsed().as_secs_f64(), "the voice is loaded");
        narrator
            .narrate(&article, settings, clock_of_sink.watch(sink), &stop, &mut |_| {})
            .map_err(|error| at_input(error, &input))
    };
    listen::run(rate, feed, &cancel, args.quiet)?;
    debug!(first_sound_after = clock.first_sound().map(|time| time.as_secs_f64()), "played");
    Ok(DONE)
}

fn play_sound(input: &Input, source: Source, is_quiet: bool) -> anyhow::Result<u8> {
    let cancel = interrupt::watch()?;
    let file = match input {
        // Some formats are read back and forth.
        Input::File(path) if path.is_file() => SoundFile::open(path)?,
        _ => SoundFile::from_reader(Path::new(&input.name()), source.into_reader())?,
    };
    if !is_quiet {
        terminal::show(&format!("{}\n", input.name()))?;
    }
    listen::run(file.sample_rate(), move |sink| file.play_into(sink), &cancel, is_quiet)?;
    Ok(DONE)
}
