//! The options of `inspect`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// `inspect`
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// Sound files of any maker (WAV, FLAC, MP3, Opus, Ogg Vorbis, M4A); `-` is standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub inputs: Vec<PathBuf>,
    /// Draw waveform, loudness, spectrogram, sentences and chapters into a PNG; a folder for several files: NAME.png each
    #[arg(long, value_name = "PNG|DIR", value_hint = ValueHint::AnyPath)]
    pub png: Option<PathBuf>,
    /// Overwrite a picture that exists
    #[arg(short, long, requires = "png")]
    pub force: bool,
    /// Draw no waveform on the terminal, as with ACCESSIBLE=1 or TERM=dumb
    #[arg(long)]
    pub plain: bool,
    /// Print one JSON object a file, in their order
    #[arg(long)]
    pub json: bool,
}
