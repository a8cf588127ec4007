//! Opus (RFC 6716) in Ogg (RFC 7845), packet by packet.

use std::io::{self, Write};

use opus_pure::{
    Application, MAX_PACKET_BYTES, OggOpusWriter, OpusEncoder, OpusHead, OpusTags, RateControl, Signal,
};

use super::frames::Frames;
use super::{Encoder, Out};
use crate::audio::SampleRate;
use crate::output::metadata::{Metadata, vorbis};

/// Rates that the encoder takes, the highest last.
const RATES: [u32; 5] = [8_000, 12_000, 16_000, 24_000, 48_000];
/// The rate at which Ogg counts Opus.
const TICKS: u32 = 48_000;
/// Packets a second; the usual length.
const PACKETS: u32 = 50;
/// Names the stream within its file. It is always the same, so that the same sound makes the same bytes.
const SERIAL: u32 = 0x6175_6469;
/// Speech is coded as speech at any complexity. From 9 on the encoder listens whether it is, at half as much time again.
const COMPLEXITY: i32 = 5;
const BEST_COMPLEXITY: i32 = 9;
/// Packets of a page where somebody may listen while it is written, a fifth of a second: a page goes out whole, so a listener waits for all
/// of it. A file has pages of the usual size, which is a second at 32 kbit/s.
const PACKETS_OF_A_PIPED_PAGE: u64 = 10;
/// Bytes of a usual page, which are those of opusenc.
const USUAL_PAGE: usize = 4 << 10;

/// The rate at which sound of a rate is coded: its own where the encoder has it.
pub(super) fn nearest_rate(rate: SampleRate) -> SampleRate {
    if RATES.contains(&rate.hertz()) { rate } else { SampleRate::new(TICKS).unwrap_or(rate) }
}

/// Codes mono samples at one of the encoder's rates.
pub(super) struct Opus {
    frames: Frames,
    /// Samples so far.
    count: u64,
    /// Samples of a frame.
    frame: usize,
    coder: Coder,
}

struct Coder {
    writer: OggOpusWriter<Out>,
    encoder: OpusEncoder,
    packet: Vec<u8>,
    /// The last packet: only at the end is its length in time known.
    held: Option<Vec<u8>>,
    /// Packets of a page, where it does not end by its size.
    page: Option<u64>,
    /// Packets that are written.
    written: u64,
    /// Samples that are coded.
    coded: u64,
    /// Ticks that the decoder leaves out at the beginning.
    skipped: u64,
    ticks_a_sample: u64,
}

impl Opus {
    /// Begins a file with its comments.
    pub(super) fn begin(
        out: Out,
        rate: SampleRate,
        kilobits: u32,
        is_best: bool,
        metadata: &Metadata,
    ) -> io::Result<Self> {
        // The other application filters what is below the voice, which only telephones need.
        let mut encoder =
            OpusEncoder::new(rate.hertz().cast_signed(), 1, Application::Audio).map_err(fault)?;
        encoder.bitrate_bps = (kilobits * 1_000).cast_signed();
        encoder.complexity = if is_best { BEST_COMPLEXITY } else { COMPLEXITY };
        encoder.rate_control = RateControl::Vbr;
        // Without it low complexities take speech for music.
        encoder.signal_type = Some(Signal::Voice);
        let head = OpusHead::for_encoder(&encoder, rate.hertz());
        let skipped = u64::from(head.pre_skip);
        let tags = tags(metadata).map_err(fault)?;
        let page = (!out.can_amend()).then_some(PACKETS_OF_A_PIPED_PAGE);
        let writer = OggOpusWriter::with_serial(out, head, tags, SERIAL).map_err(fault)?;
        let coder = Coder {
            writer,
            encoder,
            packet: vec![0; MAX_PACKET_BYTES],
            held: None,
            page,
            written: 0,
            coded: 0,
            skipped,
            ticks_a_sample: u64::from(TICKS / rate.hertz()),
        };
        let frame = (rate.hertz() / PACKETS) as usize;
        Ok(Self { frames: Frames::of(frame), count: 0, frame, coder })
    }
}

impl Encoder for Opus {
    fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        self.count += samples.len() as u64;
        let Self { frames, coder, .. } = self;
        frames.push(samples, |frame| coder.encode(frame))
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        // What the encoder is behind has to come out, too.
        let needed = self.count + self.coder.skipped.div_ceil(self.coder.ticks_a_sample);
        let silence = vec![0.0; self.frame];
        let Self { frames, coder, .. } = &mut *self;
        while coder.coded < needed {
            let rest = silence.len() - frames.left().len();
            frames.push(&silence[..rest], |frame| coder.encode(frame))?;
        }
        self.coder.finish(self.count)
    }
}

impl Coder {
    fn encode(&mut self, samples: &[f32]) -> io::Result<()> {
        let length = self.encoder.encode(samples, samples.len(), &mut self.packet).map_err(fault)?;
        if let Some(packet) = self.held.replace(self.packet[..length].to_vec()) {
            self.mind_the_page();
            self.writer.write_packet(&packet).map_err(fault)?;
        }
        self.coded += samples.len() as u64;
        Ok(())
    }

    /// Says where the next packet goes: the writer ends a page before the packet that finds it full.
    fn mind_the_page(&mut self) {
        if let Some(page) = self.page {
            let is_full = self.written.is_multiple_of(page);
            self.writer.set_page_target(if is_full { 1 } else { USUAL_PAGE });
        }
        self.written += 1;
    }

    /// Writes the last packet, which ends where the sound does.
    fn finish(mut self, count: u64) -> io::Result<()> {
        let end = self.skipped + count * self.ticks_a_sample;
        if let Some(packet) = self.held.take() {
            self.mind_the_page();
            let length = end.saturating_sub(self.writer.granule().unsigned_abs());
            self.writer.write_packet_with_duration(&packet, length as u32).map_err(fault)?;
        }
        self.writer.finish().map_err(fault)?.flush()
    }
}

/// The comments, with the picture as the last: a program that looks for others need not read past it.
fn tags(metadata: &Metadata) -> Result<OpusTags, opus_pure::Error> {
    let mut tags = OpusTags::new();
    for (name, value) in vorbis::comments(metadata) {
        tags.push(&name, &value)?;
    }
    if let Some(cover) = &metadata.cover {
        tags.push("METADATA_BLOCK_PICTURE", &vorbis::picture_text(cover))?;
    }
    Ok(tags)
}

fn fault(cause: opus_pure::Error) -> io::Error {
    match cause {
        opus_pure::Error::Io(cause) => cause,
        other => io::Error::other(other),
    }
}
