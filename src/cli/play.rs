//! `play`: an article, or a finished report, through the loudspeaker.

use std::path::Path;
use std::time::Instant;

use tracing::debug;

use super::args::PlayArgs;
use super::clock::Clock;
use super::config;
use super::input::Input;
use super::listen::Listening;
use super::outcomes::at_input;
use super::source::Source;
use super::{DONE, interrupt, listen, terminal};
use crate::audio::{Sink, Speed};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::output::decode::SoundFile;
use crate::report::NarrationSettings;

/// Runs `play`.
pub(crate) fn run(args: &PlayArgs, started: Instant) -> anyhow::Result<u8> {
    let input = Input::new(&args.input);
    // Until the article is there Ctrl-C ends the program at once.
    let reading = config::reading(&args.reading, args.speech.voice.offline, &Cancel::new())?;
    let source = Source::open(&input, &reading.fetcher)?;
    if source.is_sound() {
        return play_sound(&input, source, args);
    }
    let choice = config::cast(&args.speech);
    choice.check()?;
    let lexicon = config::lexicon(&args.speech.words)?;
    let article = source.load(&reading)?.article(&input)?.article;
    if args.strict {
        article.check_confidence(&input.name())?;
    }
    debug!(after = started.elapsed().as_secs_f64(), "the article is read");
    let cancel = interrupt::watch()?;
    let voice = choice.obtain(&cancel, args.quiet)?;
    let speech = config::speech(&args.speech.voice, false, lexicon);
    let (speed, tenths) = divided(args.speech.voice.speed);
    let settings = NarrationSettings::default().with_speed(speed).with_hurry_first(true);
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
    let has_faster = choice.narrator.has_faster();
    let listening = Listening { made_at: speed.factor(), tenths, has_faster, ..listening(args) };
    let played = listen::run(rate, feed, &cancel, listening);
    debug!(first_sound_after = clock.first_sound().map(|time| time.as_secs_f64()), "the playback is over");
    played.map(|_| DONE)
}

/// The speed of the voice, and that of playback in tenths.
fn divided(speed: Speed) -> (Speed, u8) {
    let tenths = (speed.factor() / Speed::CLEAR_FASTEST * 10.0).ceil().max(10.0);
    let voice = Speed::new(speed.factor() * 10.0 / tenths).unwrap_or_default();
    (voice, tenths as u8)
}

fn listening(args: &PlayArgs) -> Listening {
    Listening { is_plain: args.plain || terminal::is_plain(), ..Listening::new(args.quiet) }
}

fn play_sound(input: &Input, source: Source, args: &PlayArgs) -> anyhow::Result<u8> {
    let cancel = interrupt::watch()?;
    let file = match input {
        // Some formats are read back and forth.
        Input::File(path) if path.is_file() => SoundFile::open(path)?,
        _ => SoundFile::from_reader(Path::new(&input.name()), source.into_reader())?,
    };
    if !args.quiet {
        terminal::show(&format!("{}\n", input.name()))?;
    }
    let tenths = (args.speech.voice.speed.factor() * 10.0).round() as u8;
    let listening = Listening { tenths, ..listening(args) };
    listen::run(file.sample_rate(), move |sink| file.play_into(sink), &cancel, listening)?;
    Ok(DONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn what_the_voice_would_slur_playback_does() {
        let rows = [
            (0.5, 0.5, 10),
            (1.0, 1.0, 10),
            (1.25, 1.25, 10),
            (2.0, 1.25, 16),
            (2.5, 1.25, 20),
            (3.0, 1.25, 24),
            (3.2, 3.2 / 2.6, 26),
            (4.0, 1.25, 32),
        ];
        each(rows, |(asked, voice, tenths)| {
            let (speed, made) = divided(Speed::new(asked).unwrap());
            assert!((speed.factor() - voice).abs() < 1e-6 && made == tenths, "{asked}: {speed:?} and {made}");
        });
    }
}
