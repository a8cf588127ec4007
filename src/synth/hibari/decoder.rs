//! From features to the numbers of every frequency of every frame, in windows.
//!
//! A frame depends on a few neighbours only, and every row is quantized for itself. So the rows of a window are those of one run
//! over all frames, to the bit.

use super::block::{Block, Margin, Scratch};
use super::entry::{Entry, Frames};
use super::prosody::Reading;
use kernels::pack::PackedConvolution;
use kernels::{Isa, Normalisation, convolve, normalise_and_quantize};

/// Frames that are made into spectra at a time: their numbers stay in the second-level cache.
const SPECTRA: usize = 24;

/// The decoder.
pub(super) struct Decoder {
    pub entry: Entry,
    pub blocks: Vec<Block>,
    pub normalisation: Normalisation,
    pub head: PackedConvolution,
}

/// An utterance on its way through the decoder.
pub(super) struct Decoding<'a> {
    decoder: &'a Decoder,
    isa: Isa,
    frames: Frames<'a>,
    /// The frame that comes next.
    next: usize,
    margins: Vec<Margin>,
    scratch: Scratch,
    rows: Vec<f32>,
    spectra: Vec<f32>,
}

impl Decoder {
    /// Begins an utterance of that prosody, with a row of `features` for each token.
    pub(super) fn begin(&self, isa: Isa, features: &[f32], reading: &Reading) -> Decoding<'_> {
        let channels = self.normalisation.gain.len();
        Decoding {
            decoder: self,
            isa,
            frames: self.entry.frames(isa, features, reading),
            next: 0,
            margins: self.blocks.iter().map(|block| Margin::new(channels, block.reach())).collect(),
            scratch: Scratch::default(),
            rows: Vec::new(),
            spectra: Vec::new(),
        }
    }
}

impl Decoding<'_> {
    /// Takes the next `count` frames, or all that are left, and calls `each` with the numbers of every frame that they complete.
    /// Returns whether there are more.
    pub(super) fn window(&mut self, count: usize, each: &mut dyn FnMut(&[f32])) -> bool {
        let Self { decoder, isa, frames, next, margins, scratch, rows, .. } = self;
        let (isa, channels) = (*isa, decoder.normalisation.gain.len());
        let mut count = count.min(frames.len() - *next);
        frames.enter(isa, *next, count, rows);
        *next += count;
        let is_last = *next == frames.len();
        for (block, margin) in decoder.blocks.iter().zip(margins) {
            let ready = margin.push(&rows[..count * channels], is_last);
            rows.resize(ready * channels, 0.0);
            block.run(isa, scratch, margin.rows(), rows);
            margin.advance(ready);
            count = ready;
        }
        for rows in rows[..count * channels].chunks_mut(SPECTRA * channels) {
            let count = rows.len() / channels;
            let whole_tiles = count.next_multiple_of(isa.row_tile());
            let width = decoder.head.outputs();
            scratch.bytes.resize(whole_tiles, channels);
            normalise_and_quantize(isa, rows, &decoder.normalisation, &mut scratch.bytes);
            self.spectra.resize(whole_tiles * width, 0.0);
            convolve(isa, &mut scratch.bytes, &decoder.head, 1, &mut self.spectra);
            self.spectra.chunks_exact(width).take(count).for_each(&mut *each);
        }
        !is_last
    }
}
