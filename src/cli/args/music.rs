//! The options for music around and below the speech.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Sound files that are mixed in.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct MusicArgs {
    /// Play this before the speech, as loud as the speech: WAV, FLAC, MP3, Opus, Ogg Vorbis or M4A, two minutes at most
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub intro: Option<PathBuf>,
    /// Play this after the speech
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub outro: Option<PathBuf>,
    /// Play this below the speech, 18 LU softer, and a little louder in long rests; it begins again where it is shorter, and
    /// five minutes of it are used
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub bed: Option<PathBuf>,
}
