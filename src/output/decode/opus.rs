//! Opus in Ogg → blocks of samples. Symphonia knows the container, but has no decoder.

use std::io::{self, Read, Seek, SeekFrom};

use opus_pure::{Error, MAX_PACKET_SAMPLES, OggOpusReader, OggPacket, OpusDecoder, Trim};

use crate::audio::SampleRate;

/// The highest rate that is decoded; it loses nothing of any stream.
pub(super) const SAMPLE_RATE: SampleRate = SampleRate::new(48_000).unwrap();
/// Where the first packet begins, when it is alone on its page, as it must be (RFC 3533, RFC 7845).
const FIRST_PACKET: usize = 28;
const MAGIC: &[u8] = b"OpusHead";
/// So many first bytes say whether it is Opus.
const HEAD: usize = FIRST_PACKET + MAGIC.len();

type Source = Box<dyn Read + Send + Sync>;

/// The first bytes of a stream; fewer where it ends before.
pub(super) fn head(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    source.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether a file begins like Opus in Ogg; it is at its beginning before and after.
pub(super) fn is_opus_file(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let head = head(file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(is_opus(&head))
}

/// Whether a stream that begins with `head` is Opus in Ogg.
pub(super) fn is_opus(head: &[u8]) -> bool {
    head.starts_with(b"OggS") && head.get(FIRST_PACKET..).is_some_and(|packet| packet.starts_with(MAGIC))
}

/// A stream that is decoded packet by packet.
pub(super) struct OpusSound {
    reader: OggOpusReader<Source>,
    decoder: OpusDecoder,
    /// Leaves out what belongs to the coder and not to the sound, at both ends.
    trim: Trim,
    packet: OggPacket,
    block: Vec<f32>,
    /// Channels of `block`.
    pub channels: usize,
}

impl OpusSound {
    /// Reads the head of a stream.
    pub(super) fn new(source: Source) -> Result<Self, Error> {
        let reader = OggOpusReader::new(source)?;
        let channels = usize::from(reader.head().channel_count);
        let rate = SAMPLE_RATE.hertz().cast_signed();
        Ok(Self {
            decoder: reader.head().decoder(rate)?,
            trim: Trim::new(reader.head(), rate, channels)?,
            packet: OggPacket::default(),
            block: vec![0.0; MAX_PACKET_SAMPLES * channels],
            channels,
            reader,
        })
    }

    /// The next samples, channel by channel; `None` at the end. A packet that is damaged is an error of its own.
    pub(super) fn decode_next(&mut self) -> Result<Option<&[f32]>, Error> {
        if !self.reader.read_packet_into(&mut self.packet)? {
            return Ok(None);
        }
        let count = self.decoder.decode(&self.packet.data, MAX_PACKET_SAMPLES, &mut self.block)?;
        Ok(Some(self.trim.keep(&self.packet, &self.block[..count * self.channels])))
    }
}
