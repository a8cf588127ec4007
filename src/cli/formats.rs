//! Which format a result has, by its name or by what was asked for.

use std::path::Path;

use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::output::encode::Format;

/// Formats that are asked for and not written: their endings, the reason, and the way.
const NOT_WRITTEN: &[(&[&str], &str, &str)] = &[
    (
        &["m4a", "m4b", "mp4", "aac"],
        "who writes AAC needs a licence of its patents",
        "write .mp3, which players of AAC play as well",
    ),
    (&["ogg", "oga", "ogx"], "an Ogg file may hold several codings", "write .opus, which is Opus in Ogg"),
    (&["webm", "weba", "mka", "mkv"], "WebM and Matroska are containers of films", "write .opus"),
    (
        &["aif", "aiff", "aifc", "caf", "au", "snd", "raw", "pcm"],
        "samples as they are go into WAV files",
        "write .wav",
    ),
    (&["alac", "ape", "wv", "tta"], "sound compressed without loss goes into FLAC files", "write .flac"),
    (&["wma", "amr", "spx", "mp2", "ac3"], "newer formats are smaller and better", "write .mp3 or .opus"),
];

/// The format of a name such as `mp3`, or of the ending of a file's name.
pub(crate) fn by_name(name: &str) -> Result<Format> {
    let lower = name.to_lowercase();
    if let Some(format) = Format::ALL.into_iter().find(|format| format.ending() == lower) {
        return Ok(format);
    }
    if lower == "wave" {
        return Ok(Format::Wav);
    }
    let usage = |what: String, cure: &str| {
        Err(Error::new(ErrorKind::Usage, printable(&what)).with_cure(Cure::other(cure)))
    };
    match NOT_WRITTEN.iter().find(|(endings, ..)| endings.contains(&&*lower)) {
        Some((_, reason, way)) => usage(format!(".{lower} is not written: {reason}"), way),
        None => usage(
            format!("results are WAV, FLAC, MP3 or Opus files, and .{name} is none of them"),
            "name a file that ends with .wav, .flac, .mp3 or .opus, or name a folder with a / at its end",
        ),
    }
}

/// The format of a file: as asked for, or by its ending; the usual one where neither says one.
pub(crate) fn of_file(path: &Path, asked: Option<Format>, usual: Format) -> Result<Format> {
    let Some(ending) = path.extension() else { return Ok(asked.unwrap_or(usual)) };
    match (by_name(&ending.to_string_lossy()), asked) {
        (Ok(promised), Some(asked)) if promised != asked => {
            let what =
                format!("the name promises {}, and --format asks for {}", promised.name(), asked.name());
            Err(Error::new(ErrorKind::Usage, what)
                .at(Place::file(path))
                .with_cure(Cure::other("leave out --format, or change the name's ending")))
        }
        (_, Some(asked)) => Ok(asked),
        (by_ending, None) => by_ending.map_err(|error| error.at(Place::file(path))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn the_ending_or_the_option_decides() {
        let rows = [
            ("story.wav", None, Some(Format::Wav)),
            ("story.WAVE", None, Some(Format::Wav)),
            ("story", None, Some(Format::Wav)),
            ("story", Some(Format::Mp3), Some(Format::Mp3)),
            ("a.b/story.Mp3", None, Some(Format::Mp3)),
            ("story.flac", None, Some(Format::Flac)),
            ("story.opus", Some(Format::Opus), Some(Format::Opus)),
            ("story.opus", Some(Format::Mp3), None),
            ("story.part", Some(Format::Mp3), Some(Format::Mp3)),
            ("story.m4a", None, None),
            ("v1.2", None, None),
        ];
        each(rows, |(name, asked, want)| {
            assert_eq!(of_file(Path::new(name), asked, Format::Wav).ok(), want, "{name} {asked:?}");
        });
    }

    #[test]
    fn what_is_not_written_is_refused_with_the_reason_and_the_way() {
        let rows = [
            ("m4a", "patents", ".mp3"),
            ("AAC", "patents", ".mp3"),
            ("ogg", "several", ".opus"),
            ("x", "none", ".wav"),
        ];
        each(rows, |(name, reason, way)| {
            let error = by_name(name).unwrap_err();
            assert!(error.what().contains(reason), "{name}: {error}");
            let Some(Cure::Other(cure)) = error.cure() else { panic!("{name}: no cure") };
            assert!(cure.contains(way), "{name}: {cure}");
        });
    }
}
