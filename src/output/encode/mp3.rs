//! MP3 (ISO/IEC 11172-3, layer III) at a constant bit rate, frame by frame.
//!
//! The crate's own stream holds a whole file in memory, so this uses its frame layer. Frames borrow no bits from each
//! other: with one voice that costs nothing that can be measured, and every frame can be written at once.

use std::io::{self, Write};

use rusty_mp3::encode::lametag::{self, ENCODER_DELAY, TagInfo, TagStats};
use rusty_mp3::header::FrameHeader;
use rusty_mp3::{Mp3Encode, encoder_header};

use super::frames::Frames;
use super::{Encoder, Out};
use crate::audio::SampleRate;
use crate::output::metadata::{Metadata, id3};

/// At this rate every frame is a whole number of bytes, and 24 kHz reaches it by doubling. Apple recommends it.
pub(super) const SAMPLE_RATE: SampleRate = SampleRate::new(48_000).unwrap();
/// Samples a frame.
const FRAME: usize = 1_152;
/// Variables by which the crate lets its sound be changed.
const VARIABLES: [&str; 12] = [
    "MP3_CENSUS",
    "MP3_PICK",
    "MP3_PSY_DOMAIN",
    "MP3_RESERVOIR",
    "MP3_RESV_GAIN",
    "MP3_RESV_LOOKAHEAD",
    "MP3_SHAPE",
    "MP3_SHORT_SHAPE",
    "MP3_SMR_DB",
    "MP3_STEREO",
    "MP3_THR_CAP",
    "RFF_MP3_XRPOW",
];

/// A variable that is set and would change the sound.
pub(super) fn meddling_variable(is_set: impl Fn(&str) -> bool) -> Option<&'static str> {
    VARIABLES.into_iter().find(|name| is_set(name))
}

/// Codes mono samples at 48 kHz.
pub(super) struct Mp3 {
    frames: Frames,
    /// Samples so far.
    count: u64,
    coder: Coder,
}

struct Coder {
    out: Out,
    /// Where the Info frame begins.
    head: u64,
    encoder: Mp3Encode,
    header: FrameHeader,
    tag: FrameHeader,
    stats: TagStats,
}

impl Mp3 {
    /// Begins a file with its tag, and a frame of silence that holds the length, and how many samples are to be left out at both ends
    /// (Xing's and LAME's Info frame). It is written at the end; in a pipe it has no length.
    pub(super) fn begin(mut out: Out, kilobits: u32, metadata: &Metadata) -> io::Result<Self> {
        let header = encoder_header(SAMPLE_RATE.hertz(), 1, kilobits).map_err(io::Error::other)?;
        let tag = lametag::tag_header(&header);
        out.write_all(&id3::tag(metadata, id3::ROOM)?)?;
        let head = out.position()?;
        let first = if out.can_amend() { vec![0; tag.frame_size()] } else { endless(&tag) };
        out.write_all(&first)?;
        let stats = TagStats::new(tag.frame_size());
        let coder = Coder { out, head, encoder: Mp3Encode::new(), header, tag, stats };
        Ok(Self { frames: Frames::of(FRAME), count: 0, coder })
    }
}

impl Encoder for Mp3 {
    fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        self.count += samples.len() as u64;
        let Self { frames, coder, .. } = self;
        frames.push(samples, |frame| coder.encode(frame))
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let Self { frames, count, coder } = &mut *self;
        // What the decoder is behind has to come out, too.
        let whole = lametag::frames_for(*count, ENCODER_DELAY, FRAME) * FRAME as u64;
        let silence = vec![0.0; (whole - *count) as usize];
        frames.push(&silence, |frame| coder.encode(frame))?;
        let padding = lametag::padding_for(*count, ENCODER_DELAY, FRAME) as usize;
        let tag = TagInfo { vbr: false, delay: ENCODER_DELAY, padding };
        coder.out.amend(coder.head, &lametag::tag_frame(&coder.tag, &coder.stats, &tag))?;
        coder.out.flush()
    }
}

impl Coder {
    fn encode(&mut self, samples: &[f32]) -> io::Result<()> {
        let frame = self.encoder.encode_frame(&self.header, &[samples], None).map_err(io::Error::other)?;
        self.stats.add_frame(&frame);
        self.out.write_all(&frame)
    }
}

/// An Info frame of a stream whose length is unknown: it has neither counts nor a table of places, and only the samples
/// to be left out at the beginning. Symphonia begins exactly; ffmpeg plays this frame, too, which is silent.
fn endless(header: &FrameHeader) -> Vec<u8> {
    /// Counts of frames and bytes, the table of places, and the quality.
    const FIELDS: usize = 4 + 4 + 100 + 4;
    /// LAME's part without its checksum.
    const LAME: usize = 34;
    let tag = TagInfo { vbr: false, delay: ENCODER_DELAY, padding: 0 };
    let full = lametag::tag_frame(header, &TagStats::new(0), &tag);
    // The name of the frame, and flags that say which fields there are.
    let flags = 4 + header.side_info_len() + 4;
    let lame = flags + 4 + FIELDS;
    let mut frame = full[..flags].to_vec();
    frame.extend([0; 4]);
    frame.extend_from_slice(&full[lame..lame + LAME]);
    frame.extend(lametag::crc16(0, &frame).to_be_bytes());
    frame.resize(full.len(), 0);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_variable_that_changes_the_sound_is_found() {
        assert_eq!(meddling_variable(|_| false), None);
        each(
            [("MP3_PICK", Some("MP3_PICK")), ("MP3_ISA", None), ("RFF_MP3_XRPOW", Some("RFF_MP3_XRPOW"))],
            |row| {
                assert_eq!(meddling_variable(|name| name == row.0), row.1);
            },
        );
    }
}
