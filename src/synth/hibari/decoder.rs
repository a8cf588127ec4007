//! From features to the numbers of every frequency of every frame, in windows.
//!
//! A frame depends on a few neighbours only, and every row is quantized for itself. So the rows of a window are those of one run
//! over all frames, to the bit.

use super::block::{Block, Margin, Scratch};
use kernels::pack::PackedConvolution;
use kernels::{Isa, Normalisation, WindowWeights, convolve, multiply_windows, normalise_and_quantize};

/// Frames that are made into spectra at a time: their numbers stay in the second-level cache.
const SPECTRA: usize = 24;

/// The decoder.
pub(super) struct Decoder {
    /// Numbers of a frame that go in.
    pub inputs: usize,
    pub input: WindowWeights,
    pub blocks: Vec<Block>,
    pub normalisation: Normalisation,
    pub head: PackedConvolution,
}

/// An utterance on its way through the decoder.
pub(super) struct Decoding<'a> {
    decoder: &'a Decoder,
    isa: Isa,
    margins: Vec<Margin>,
    scratch: Scratch,
    rows: Vec<f32>,
    spectra: Vec<f32>,
}

impl Decoder {
    /// Frames that the first layer reads for one.
    pub(super) const TAPS: usize = 7;
    /// Frames before and behind it.
    const REACH: usize = (Self::TAPS - 1) / 2;

    /// Begins an utterance.
    pub(super) fn begin(&self, isa: Isa) -> Decoding<'_> {
        let channels = self.normalisation.gain.len();
        let mut margins = vec![Margin::new(self.inputs, Self::REACH)];
        margins.extend(self.blocks.iter().map(|block| Margin::new(channels, block.reach())));
        let scratch = Scratch::default();
        Decoding { decoder: self, isa, margins, scratch, rows: Vec::new(), spectra: Vec::new() }
    }
}

impl Decoding<'_> {
    /// Takes the features of the next frames and calls `each` with the numbers of every frame that they complete.
    pub(super) fn push(&mut self, features: &[f32], is_last: bool, each: &mut dyn FnMut(&[f32])) {
        let Self { decoder, isa, margins, scratch, rows, .. } = self;
        let (isa, channels) = (*isa, decoder.normalisation.gain.len());
        let Some((first, margins)) = margins.split_first_mut() else { return };
        let mut count = first.push(features, is_last);
        let whole_tiles = count.next_multiple_of(isa.row_tile());
        rows.resize(whole_tiles * channels, 0.0);
        first.read((whole_tiles + 2 * Decoder::REACH) * decoder.inputs, |input| {
            multiply_windows(isa, input, decoder.inputs, &decoder.input, rows);
        });
        first.advance(count);
        for (block, margin) in decoder.blocks.iter().zip(margins) {
            let ready = margin.push(&rows[..count * channels], is_last);
            rows.resize(ready * channels, 0.0);
            margin.read(0, |input| block.run(isa, scratch, input, rows));
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
    }
}
