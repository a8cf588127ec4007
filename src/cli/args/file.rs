//! Options for the files of results.

use clap::{Args, ValueEnum};

use super::values::{parse_bitrate, parse_format, parse_loudness, parse_rate};
use crate::audio::SampleRate;
use crate::master::Loudness;
use crate::output::encode::Format;

/// How files are written.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct FileArgs {
    /// Overwrite results that exist
    #[arg(short, long)]
    pub force: bool,
    /// wav, flac, mp3 or opus; by the ending of -o if not given, else wav. MP3 is mono at 48 kHz with a constant bit rate. In
    /// a pipe it can't say how long it is: some players then add 24 ms of silence before it, and up to 50 ms after it
    #[arg(long, value_name = "FORMAT", value_parser = parse_format)]
    pub format: Option<Format>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub sound: SoundArgs,
}

/// How the sound of a file is.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct SoundArgs {
    /// Samples a second of WAV and FLAC, for example 48000; the voice's own, 24000, if not given. MP3 and Opus have 48000
    #[arg(long, value_name = "HZ", value_parser = parse_rate)]
    pub rate: Option<SampleRate>,
    /// Kilobits a second: MP3 48 to 192, usually 96; Opus 12 to 128, usually 32
    #[arg(long, value_name = "KBIT/S", value_parser = parse_bitrate)]
    pub bitrate: Option<u32>,
    /// Take half as much time again for the encoding of Opus, for a slightly better sound; the other formats are as good as
    /// they get
    #[arg(long)]
    pub best: bool,
    /// How loud, in LUFS as heard from two loudspeakers: podcast (-16), speech (-18), broadcast (-23), a number, or none for
    /// the voice's own. If not given, podcast for MP3 and Opus, none for WAV and FLAC. The whole article gets one gain
    #[arg(long, value_name = "LUFS", value_parser = parse_loudness, allow_hyphen_values = true)]
    pub loudness: Option<Loudness>,
    /// Sample format of WAV, and 16 or 24 of FLAC; 16 if not given
    #[arg(long, value_enum)]
    pub bits: Option<Bits>,
}

/// Sample formats by their usual short names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bits {
    /// 16-bit integers, dithered
    #[value(name = "16")]
    Int16,
    /// 24-bit integers, dithered
    #[value(name = "24")]
    Int24,
    /// 32-bit floats
    #[value(name = "32f")]
    Float32,
}
