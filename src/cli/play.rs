//! `play`: an article, or a finished report, through the loudspeaker.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use tracing::debug;

use super::args::PlayArgs;
use super::config::{self, Input};
use super::read::at_input;
use super::voices::{self, ChosenVoice};
use super::{DONE, interrupt, listen, terminal};
use crate::audio::Sink;
use crate::error::Result;
use crate::output::decode::SoundFile;
use crate::report::NarrationSettings;

/// Runs `play`.
pub fn run(args: &PlayArgs, started: Instant) -> anyhow::Result<u8> {
    if is_sound(&args.input) {
        return play_sound(&args.input, args.quiet);
    }
    voices::check_name(&args.voice)?;
    let lexicon = config::lexicon(&args.words)?;
    let input = Input::new(&args.input);
    let article = input.article(config::reading(&args.reading))?;
    debug!(after = started.elapsed().as_secs_f64(), "the article is read");
    let cancel = interrupt::watch()?;
    let voice = ChosenVoice::obtain(&args.voice, &cancel, args.quiet)?;
    let speech = config::speech(&args.voice, lexicon);
    let settings = NarrationSettings { speed: args.voice.speed, hurry_first: true, started };
    let rate = voice.sample_rate();
    let stop = cancel.clone();
    debug!(after = started.elapsed().as_secs_f64(), "the voice is found");
    let feed = move |sink: Box<dyn Sink>| -> Result<_> {
        let narrator = voice.load(&speech)?;
        debug!(after = started.elapsed().as_secs_f64(), "the voice is loaded");
        narrator
            .narrate(&article, settings, sink, &stop, &mut |_| {})
            .map_err(|error| at_input(error, &input))
    };
    if let Some(summary) = listen::run(rate, feed, &cancel, args.quiet)? {
        debug!(first_sound_after = summary.first_audio_seconds, "played");
    }
    Ok(DONE)
}

fn play_sound(path: &Path, is_quiet: bool) -> anyhow::Result<u8> {
    let cancel = interrupt::watch()?;
    let file = SoundFile::open(path)?;
    if !is_quiet {
        terminal::show(&format!("{}\n", Input::new(path).name()))?;
    }
    listen::run(file.sample_rate(), move |sink| file.play_into(sink), &cancel, is_quiet)?;
    Ok(DONE)
}

/// Whether a file begins like a sound file: RIFF, FLAC, Ogg, MP3 with or without ID3, MPEG-4.
fn is_sound(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(12).read_to_end(&mut head));
    if read.is_err() || path.as_os_str() == "-" {
        return false;
    }
    let is_mpeg_frame = matches!(head.as_slice(), [0xff, second, ..] if second & 0xe6 == 0xe2);
    let starts = |magic: &[u8]| head.starts_with(magic);
    starts(b"RIFF")
        || starts(b"fLaC")
        || starts(b"OggS")
        || starts(b"ID3")
        || is_mpeg_frame
        || head.get(4..8) == Some(b"ftyp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_files_are_known_by_their_first_bytes() {
        let folder = tempfile::tempdir().unwrap();
        for (head, want) in [
            (&b"RIFF....WAVE"[..], true),
            (b"ID3\x04", true),
            (b"\xff\xfb\x90\x00", true),
            (b"....ftypM4A ", true),
            (b"OggS", true),
            (b"Ministers met", false),
            (b"\xff\xfeM\x00i\x00", false),
            (b"", false),
        ] {
            let path = folder.path().join("input");
            std::fs::write(&path, head).unwrap();
            assert_eq!(is_sound(&path), want, "{head:?}");
        }
        assert!(!is_sound(&folder.path().join("missing")));
    }
}
