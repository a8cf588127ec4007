//! FLAC (RFC 9639), frame by frame.

use std::fmt::Debug;
use std::io::{self, Write};

use flacenc::bitsink::ByteSink;
use flacenc::component::{BitRepr, StreamInfo};
use flacenc::config;
use flacenc::encode_fixed_size_frame;
use flacenc::error::{Verified, Verify};
use flacenc::source::{Context, Fill, FrameBuf};

use super::frames::Frames;
use super::{Encoder, Out};
use crate::audio::SampleRate;
use crate::output::dither::Ditherer;
use crate::output::metadata::{Metadata, vorbis};

/// Samples a frame. Speech changes quickly: at 24 kHz frames of 1152 are 1.9 % smaller than the best that `flac -8` makes
/// of 4096.
const FRAME: usize = 1_152;
/// Bits of a frame beyond its samples: header, checksums and the type of its subframe, with room to spare.
const OVERHEAD: usize = 256;
/// Types of blocks (RFC 9639, 8.1).
const STREAM_INFO: u8 = 0;
const COMMENTS: u8 = 4;
const PICTURE: u8 = 6;
/// Marks the last block.
const LAST: u8 = 0x80;

/// Codes samples of 16 or 24 bits, the same as in a WAV.
pub(super) struct Flac {
    frames: Frames,
    coder: Coder,
}

struct Coder {
    out: Out,
    /// Where the head of STREAMINFO begins.
    head: u64,
    /// Whether STREAMINFO is the only block.
    is_alone: bool,
    info: StreamInfo,
    ditherer: Ditherer,
    usual: Verified<config::Encoder>,
    verbatim: Verified<config::Encoder>,
    /// Counts and sums what was coded.
    context: Context,
    buffer: FrameBuf,
    bytes: ByteSink,
}

impl Flac {
    /// Begins a file with its comments and its picture. Its length and its checksum are unknown until it ends.
    pub(super) fn begin(mut out: Out, rate: SampleRate, bits: u16, metadata: &Metadata) -> io::Result<Self> {
        let info = || {
            let mut info = StreamInfo::new(rate.hertz() as usize, 1, usize::from(bits))?;
            info.set_block_sizes(FRAME, FRAME)?;
            Ok(info)
        };
        let info: StreamInfo = info().map_err(fault::<flacenc::error::VerifyError>)?;
        let mut unknown = info.clone();
        unknown.set_frame_sizes(0, 0).map_err(fault)?;
        out.write_all(b"fLaC")?;
        let head = out.position()?;
        let comments = vorbis::block(metadata).map(|content| (COMMENTS, content));
        let picture = metadata.cover.as_ref().map(|cover| (PICTURE, vorbis::picture(cover)));
        let blocks: Vec<(u8, Vec<u8>)> = comments.into_iter().chain(picture).collect();
        out.write_all(&stream_info(&unknown, blocks.is_empty())?)?;
        for (index, (kind, content)) in blocks.iter().enumerate() {
            out.write_all(&block(*kind, content, index + 1 == blocks.len())?)?;
        }
        let coder = Coder {
            out,
            head,
            is_alone: blocks.is_empty(),
            info,
            ditherer: Ditherer::new(bits),
            usual: settings(true)?,
            verbatim: settings(false)?,
            context: Context::new(usize::from(bits), 1),
            buffer: FrameBuf::with_size(1, FRAME).map_err(fault)?,
            bytes: ByteSink::new(),
        };
        Ok(Self { frames: Frames::of(FRAME), coder })
    }
}

impl Encoder for Flac {
    fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        let Self { frames, coder } = self;
        frames.push(samples, |frame| coder.encode(frame))
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        let Self { frames, coder } = &mut *self;
        if !frames.left().is_empty() {
            coder.encode(frames.left())?;
        }
        coder.finish()
    }
}

impl Coder {
    fn encode(&mut self, samples: &[f32]) -> io::Result<()> {
        let quantized: Vec<i32> = samples.iter().map(|&sample| self.ditherer.quantize(sample)).collect();
        self.buffer.fill_interleaved(&quantized).map_err(fault)?;
        self.context.fill_interleaved(&quantized).map_err(fault)?;
        let number = self.context.current_frame_number().unwrap_or_default();
        let mut frame =
            encode_fixed_size_frame(&self.usual, &self.buffer, number, &self.info).map_err(fault)?;
        // The crate's sums of bits overflow at extreme signals, and it then chooses the largest code for the smallest: a
        // second of a square wave became two gigabytes.
        if frame.count_bits() > quantized.len() * self.info.bits_per_sample() + OVERHEAD {
            frame =
                encode_fixed_size_frame(&self.verbatim, &self.buffer, number, &self.info).map_err(fault)?;
        }
        self.bytes.clear();
        frame.write(&mut self.bytes).map_err(fault)?;
        self.info.update_frame_info(&frame);
        self.out.write_all(self.bytes.as_slice())
    }

    /// Writes the length, the sizes of the frames and the checksum into the head.
    fn finish(&mut self) -> io::Result<()> {
        if self.context.total_samples() == 0 {
            self.info.set_frame_sizes(0, 0).map_err(fault)?;
        }
        // The last frame, which may be shorter, does not count.
        self.info.set_block_sizes(FRAME, FRAME).map_err(fault)?;
        self.info.set_total_samples(self.context.total_samples());
        self.info.set_md5_digest(&self.context.md5_digest());
        self.out.amend(self.head, &stream_info(&self.info, self.is_alone)?)?;
        self.out.flush()
    }
}

/// How frames are coded: as small as predictors make them, or as they are.
fn settings(predicts: bool) -> io::Result<Verified<config::Encoder>> {
    let mut settings = config::Encoder::default();
    settings.block_size = FRAME;
    settings.multithread = false;
    settings.subframe_coding.use_fixed = predicts;
    settings.subframe_coding.use_lpc = predicts;
    settings.into_verified().map_err(|(_, cause)| fault(cause))
}

fn stream_info(info: &StreamInfo, is_last: bool) -> io::Result<Vec<u8>> {
    let mut bytes = ByteSink::new();
    info.write(&mut bytes).map_err(fault)?;
    block(STREAM_INFO, bytes.as_slice(), is_last)
}

/// A block with its head: type and length, which has 24 bits.
fn block(kind: u8, content: &[u8], is_last: bool) -> io::Result<Vec<u8>> {
    let [0, length @ ..] = u32::try_from(content.len()).map_err(io::Error::other)?.to_be_bytes() else {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "a block of FLAC can't be larger than 16 MiB",
        ));
    };
    Ok([&[if is_last { kind | LAST } else { kind }], &length[..], content].concat())
}

fn fault<E: Debug>(cause: E) -> io::Error {
    io::Error::other(format!("{cause:?}"))
}
