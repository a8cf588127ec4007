//! How a sound file is coded, and what was wrong with it.

use symphonia::core::codecs::CodecParameters;

use super::{Decoder, SoundFile};

/// The coding of a sound file, in the usual short names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Coding {
    /// Such as `wave` or `ogg`.
    pub container: &'static str,
    /// Such as `mp3` or `pcm_s16le`.
    pub codec: &'static str,
    /// Bits of a sample, where samples have a number of bits.
    pub bits: Option<u32>,
    /// Samples a channel that the head of the file promises.
    pub promised_samples: Option<u64>,
}

impl SoundFile {
    /// How the file is coded.
    pub(crate) fn coding(&self) -> Coding {
        match &self.decoder {
            Decoder::Symphonia(track) => {
                let codec = track.decoder.codec_info().short_name;
                let tracks = track.format.tracks();
                let found = tracks.iter().find(|found| found.id == track.id);
                let parameters = found.and_then(|found| found.codec_params.as_ref());
                let bits =
                    parameters.and_then(CodecParameters::audio).and_then(|audio| audio.bits_per_sample);
                // Other codecs have the bits of what they decode to.
                let has_bits = codec.starts_with("pcm") || matches!(codec, "flac" | "alac");
                let container = track.format.format_info().short_name;
                Coding {
                    container,
                    codec,
                    bits: bits.filter(|_| has_bits),
                    promised_samples: found
                        .filter(|found| match container {
                            "wave" | "flac" => true,
                            // Without a head that knows the delay of the coder, the number is an estimate.
                            "mp3" => found.delay.is_some(),
                            _ => false,
                        })
                        .and_then(|found| found.num_frames),
                }
            }
            #[cfg(feature = "opus")]
            Decoder::Opus(_) => {
                Coding { container: "ogg", codec: "opus", bits: None, promised_samples: None }
            }
        }
    }

    /// Packets so far that could not be decoded.
    pub(crate) fn corrupt_packets(&self) -> u64 {
        self.corrupt_packets
    }

    /// Whether the file ended within a packet.
    pub(crate) fn is_cut_short(&self) -> bool {
        self.is_cut_short
    }
}
