//! The formats of results, and the encoders of those that are coded: FLAC, MP3 and Opus.
//!
//! An encoder begins by writing the head of its file, which is the place for what is known before the sound. It takes
//! finite samples within ±1 at its own rate, and at the end it may write over the head, where the place allows that.

mod file;
#[cfg(feature = "flac")]
mod flac;
mod frames;
#[cfg(feature = "mp3")]
mod mp3;
#[cfg(feature = "opus")]
mod opus;
mod out;
mod pipe;

use std::io;

pub(crate) use self::file::{EncodedFile, WholeFile};
use self::out::Out;
pub(crate) use self::pipe::EncodedPipe;
use super::metadata::Metadata;
use crate::audio::{SampleFormat, SampleRate};
use crate::error::{Cure, Error, ErrorKind, Result};

/// Kilobits a second of MP3 that are offered, those of its table at 48 kHz that suit one voice (ISO/IEC 11172-3, 2.4.2.3).
const MP3_RATES: [u32; 9] = [48, 56, 64, 80, 96, 112, 128, 160, 192];
/// Kilobits a second of Opus that are offered: fewer are for telephones, more are no better for one voice.
const OPUS_RATES: std::ops::RangeInclusive<u32> = 12..=128;
/// Samples a second of WAV and FLAC that are offered.
const SAMPLE_RATES: [u32; 9] = [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
/// Samples a second of every MP3.
const MP3_SAMPLE_RATE: u32 = 48_000;
/// What Apple recommends at least for speech in one channel.
const MP3_USUAL: u32 = 96;
/// From here on an Opus voice can hardly be told from its original.
const OPUS_USUAL: u32 = 32;

/// Formats of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// Samples as they are.
    #[default]
    Wav,
    /// Compressed without loss.
    Flac,
    /// For every player.
    Mp3,
    /// The smallest.
    Opus,
}

impl Format {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Wav, Self::Flac, Self::Mp3, Self::Opus];

    /// The ending of its files, which is also its name.
    pub(crate) const fn ending(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Flac => "flac",
            Self::Mp3 => "mp3",
            Self::Opus => "opus",
        }
    }

    /// The name in sentences.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Wav => "WAV",
            Self::Flac => "FLAC",
            Self::Mp3 => "MP3",
            Self::Opus => "Opus",
        }
    }

    /// The highest true peak before coding, in dBTP. What is decoded stays below −1: MP3 raises peaks by up to 0.1 dB, Opus by up
    /// to 0.8, measured on speech.
    pub(crate) const fn ceiling(self) -> f64 {
        match self {
            Self::Wav | Self::Flac => -1.05,
            Self::Mp3 => -1.5,
            Self::Opus => -2.0,
        }
    }

    /// How much louder the coder's input is, in dB, so that what is decoded has the right loudness. At its usual bit rates Opus
    /// codes speech above 4 kHz softer, 0.2 to 0.4 LU on the whole, as its reference encoder does; MP3 loses 0.05.
    pub(crate) const fn makeup(self) -> f64 {
        match self {
            Self::Wav | Self::Flac => 0.0,
            Self::Mp3 => 0.05,
            Self::Opus => 0.3,
        }
    }

    /// Whether this build has the encoder.
    const fn is_built(self) -> bool {
        match self {
            Self::Wav => true,
            Self::Flac => cfg!(feature = "flac"),
            Self::Mp3 => cfg!(feature = "mp3"),
            Self::Opus => cfg!(feature = "opus"),
        }
    }
}

/// How a result is coded.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Coding {
    /// The format.
    pub format: Format,
    /// How samples are kept; 16 bits if not given.
    pub samples: Option<SampleFormat>,
    /// Samples a second of WAV and FLAC; the voice's own if not given.
    pub rate: Option<SampleRate>,
    /// Kilobits a second; the usual number of the format if not given.
    pub bitrate: Option<u32>,
    /// Whether the encoder takes more time for a better sound.
    pub is_best: bool,
}

impl Coding {
    /// A format as it is usually written.
    pub(crate) fn usual(format: Format) -> Self {
        Self { format, ..Self::default() }
    }

    /// Refuses what the format, or this build, can't do.
    pub(crate) fn check(&self) -> Result<()> {
        let name = self.format.name();
        let wrong = |what: String| Err(Error::new(ErrorKind::Usage, what));
        if !self.format.is_built() {
            let what = format!("this program was built without the feature `{}`", self.format.ending());
            return wrong(what)
                .map_err(|error| error.with_cure(Cure::BuildWith { feature: self.format.ending() }));
        }
        match (self.format, self.samples) {
            (_, None)
            | (Format::Wav, _)
            | (Format::Flac, Some(SampleFormat::Int16 | SampleFormat::Int24)) => {}
            (Format::Flac, _) => return wrong("FLAC has samples of 16 or 24 bits only".to_string()),
            _ => return wrong(format!("{name} has no samples of so many bits, only a bit rate")),
        }
        if let Some(rate) = self.rate {
            let known: &[u32] = match self.format {
                Format::Wav | Format::Flac => &SAMPLE_RATES,
                Format::Mp3 => &[MP3_SAMPLE_RATE],
                Format::Opus => {
                    return wrong("Opus has no rate to choose: players play it at 48 kHz".to_string());
                }
            };
            if !known.contains(&rate.hertz()) {
                let known = known.iter().map(u32::to_string).collect();
                return wrong(format!("{name} is not written with {} samples a second", rate.hertz()))
                    .map_err(|error| error.with_cure(Cure::UseOneOf { known }));
            }
        }
        if let Some(bitrate) = self.bitrate {
            let known: Vec<u32> = match self.format {
                Format::Wav | Format::Flac => return wrong(format!("{name} has no bit rate to choose")),
                Format::Mp3 => MP3_RATES.to_vec(),
                Format::Opus => OPUS_RATES.collect(),
            };
            if !known.contains(&bitrate) {
                let shown = match self.format {
                    Format::Opus => vec![format!("{} to {}", OPUS_RATES.start(), OPUS_RATES.end())],
                    _ => known.iter().map(u32::to_string).collect(),
                };
                return wrong(format!("{name} is not written with {bitrate} kbit/s"))
                    .map_err(|error| error.with_cure(Cure::UseOneOf { known: shown }));
            }
        }
        #[cfg(feature = "mp3")]
        if self.format == Format::Mp3
            && let Some(name) = mp3::meddling_variable(|name| std::env::var_os(name).is_some())
        {
            let what = format!("the variable {name} is set, which changes how MP3 is encoded");
            return wrong(what).map_err(|error| error.with_cure(Cure::UnsetVariable { name }));
        }
        Ok(())
    }

    /// The rate for a voice's sound, where the format leaves a choice.
    fn rate(&self, voice: SampleRate) -> SampleRate {
        self.rate.unwrap_or(voice)
    }

    /// How samples are kept.
    fn samples(&self) -> SampleFormat {
        self.samples.unwrap_or_default()
    }
}

/// Codes finite samples within ±1.
trait Encoder: Send {
    /// Takes samples at the encoder's rate, in blocks of any length.
    fn write(&mut self, samples: &[f32]) -> io::Result<()>;

    /// Writes what is left, and completes the head.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Begins a file with its head; returns the encoder and the rate that it works at.
#[cfg_attr(
    not(all(feature = "flac", feature = "mp3", feature = "opus")),
    allow(
        unused_variables,
        unreachable_code,
        clippy::needless_pass_by_value,
        reason = "each format has its own needs"
    )
)]
fn begin(
    out: Out,
    rate: SampleRate,
    coding: Coding,
    metadata: &Metadata,
) -> io::Result<(Box<dyn Encoder>, SampleRate)> {
    Ok(match coding.format {
        #[cfg(feature = "flac")]
        Format::Flac => (Box::new(flac::Flac::begin(out, rate, coding.samples().bits(), metadata)?), rate),
        #[cfg(feature = "mp3")]
        Format::Mp3 => {
            (Box::new(mp3::Mp3::begin(out, coding.bitrate.unwrap_or(MP3_USUAL), metadata)?), mp3::SAMPLE_RATE)
        }
        #[cfg(feature = "opus")]
        Format::Opus => {
            let rate = opus::nearest_rate(rate);
            let bitrate = coding.bitrate.unwrap_or(OPUS_USUAL);
            (Box::new(opus::Opus::begin(out, rate, bitrate, coding.is_best, metadata)?), rate)
        }
        #[allow(unreachable_patterns, reason = "which are reachable depends on the features")]
        _ => return Err(io::ErrorKind::Unsupported.into()),
    })
}

#[cfg(test)]
mod tests;
