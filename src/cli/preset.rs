//! Presets: a purpose sets several options at once, and each option that is given overrides it.

use clap::ValueEnum;

use super::args::captions::{CaptionArgs, CaptionFormat};
use super::args::{Bits, SoundArgs};
use crate::audio::SampleRate;
use crate::master::Loudness;
use crate::output::encode::Format;

/// What results are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Preset {
    /// MP3 at -16 LUFS, with captions and chapters as podcasts have them
    Podcast,
    /// WAV of 24 bits at 48 kHz and -23 LUFS (EBU R 128)
    Broadcast,
    /// MP3 at -16 LUFS, with captions and the page on which the article lights up
    Web,
    /// FLAC of 24 bits at the voice's own rate and loudness, with every word's time
    Archive,
}

impl Preset {
    /// The format where neither an option nor a file's name says one.
    pub(crate) fn format(self) -> Format {
        match self {
            Self::Podcast | Self::Web => Format::Mp3,
            Self::Broadcast => Format::Wav,
            Self::Archive => Format::Flac,
        }
    }

    /// Sets those options of the sound that were not given and that the format has.
    pub(crate) fn complete_sound(self, args: &mut SoundArgs, format: Format) {
        let loudness = match self {
            Self::Podcast | Self::Web => Loudness::PODCAST,
            Self::Broadcast => Loudness::BROADCAST,
            Self::Archive => Loudness::Own,
        };
        args.loudness.get_or_insert(loudness);
        let has_samples = matches!(format, Format::Wav | Format::Flac);
        if has_samples && matches!(self, Self::Broadcast | Self::Archive) {
            args.bits.get_or_insert(Bits::Int24);
        }
        if has_samples && self == Self::Broadcast {
            args.rate = args.rate.or(SampleRate::new(48_000));
        }
    }

    /// Sets those files beside the sound that no option names.
    pub(crate) fn complete_captions(self, args: &mut CaptionArgs) {
        if args.captions.is_empty() {
            args.captions = match self {
                Self::Podcast => vec![CaptionFormat::Vtt, CaptionFormat::Srt],
                Self::Web => vec![CaptionFormat::Vtt],
                Self::Archive => vec![CaptionFormat::Json],
                Self::Broadcast => Vec::new(),
            };
        }
        args.chapters |= matches!(self, Self::Podcast | Self::Archive);
        #[cfg(feature = "page")]
        {
            args.page |= self == Self::Web;
        }
    }
}
