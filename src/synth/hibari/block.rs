//! ConvNeXt blocks (Liu et al., “A ConvNet for the 2020s”, 2022), and rows on their way through them in windows.

use kernels::pack::PackedConvolution;
use kernels::{
    BLOCK, DepthwiseConvolution, Isa, Normalisation, Rows8, convolve, depthwise, gelu_and_quantize,
    normalise_and_quantize,
};

/// A normalisation, and two linear layers with a GELU between them.
pub(super) struct FeedForward {
    pub normalisation: Normalisation,
    pub wide: PackedConvolution,
    pub narrow: PackedConvolution,
}

/// A depthwise convolution and a feed-forward part, whose result is added to the input.
pub(super) struct Block {
    pub depthwise: DepthwiseConvolution,
    pub dilation: usize,
    pub feed_forward: FeedForward,
}

/// Working memory that layers share.
#[derive(Default)]
pub(super) struct Scratch {
    /// Rows that go into a layer, and the rows that come out.
    pub rows: Vec<f32>,
    wide: Vec<f32>,
    /// Rows in bytes.
    pub bytes: Rows8,
    wide_bytes: Rows8,
}

impl FeedForward {
    /// Replaces the first `count` rows of `scratch.rows` by the result for them. Each row is worked on for itself, so that
    /// its result does not depend on the others.
    pub(super) fn run(&self, isa: Isa, count: usize, scratch: &mut Scratch) {
        let Scratch { rows, wide, bytes, wide_bytes } = scratch;
        let (inputs, inner, outputs) = (self.wide.inputs(), self.wide.outputs(), self.narrow.outputs());
        let whole_tiles = count.next_multiple_of(isa.row_tile());
        bytes.resize(whole_tiles, inputs);
        normalise_and_quantize(isa, &mut rows[..count * inputs], &self.normalisation, bytes);
        wide.resize(whole_tiles * inner, 0.0);
        convolve(isa, bytes, &self.wide, 1, wide);
        wide_bytes.resize(whole_tiles, inner);
        gelu_and_quantize(isa, &mut wide[..count * inner], inner, wide_bytes);
        rows.resize(whole_tiles * outputs, 0.0);
        convolve(isa, wide_bytes, &self.narrow, 1, rows);
    }
}

impl Block {
    /// Rows before and behind a row that its result depends on.
    pub(super) fn reach(&self) -> usize {
        (self.depthwise.taps() - 1) / 2 * self.dilation
    }

    /// Fills `output`; row `r` is made of rows `r` to `r + 2 × reach` of `input`.
    pub(super) fn run(&self, isa: Isa, scratch: &mut Scratch, input: &[f32], output: &mut [f32]) {
        let channels = self.depthwise.channels();
        let centre = self.reach() * channels;
        for (number, output) in output.chunks_mut(BLOCK * channels).enumerate() {
            let input = &input[number * BLOCK * channels..];
            let count = output.len() / channels;
            scratch.rows.resize(output.len(), 0.0);
            depthwise(isa, input, &self.depthwise, self.dilation, &mut scratch.rows);
            self.feed_forward.run(isa, count, scratch);
            let sums = input[centre..].iter().zip(&scratch.rows);
            for (sum, (x, y)) in output.iter_mut().zip(sums) {
                *sum = x + y;
            }
        }
    }
}

impl Block {
    /// The rows for all rows of `input`, with zeros around them.
    pub(super) fn run_whole(&self, isa: Isa, scratch: &mut Scratch, input: &[f32]) -> Vec<f32> {
        let margin = self.reach() * self.depthwise.channels();
        let mut padded = vec![0.0; margin];
        padded.extend_from_slice(input);
        padded.resize(input.len() + 2 * margin, 0.0);
        let mut output = vec![0.0; input.len()];
        self.run(isa, scratch, &padded, &mut output);
        output
    }
}

/// Rows that come in windows, with as many rows before and behind as a convolution needs: those of the windows before and
/// after, and zeros at both ends.
pub(super) struct Margin {
    rows: Vec<f32>,
    channels: usize,
    reach: usize,
}

impl Margin {
    /// For a convolution that reaches so many rows to each side.
    pub(super) fn new(channels: usize, reach: usize) -> Self {
        Self { rows: vec![0.0; reach * channels], channels, reach }
    }

    /// Takes the next rows, and returns the number of rows of output that can be made now.
    pub(super) fn push(&mut self, rows: &[f32], is_last: bool) -> usize {
        self.rows.extend_from_slice(rows);
        if is_last {
            self.rows.resize(self.rows.len() + self.reach * self.channels, 0.0);
        }
        (self.rows.len() / self.channels).saturating_sub(2 * self.reach)
    }

    /// The rows, from `reach` rows before the next row of output on.
    pub(super) fn rows(&self) -> &[f32] {
        &self.rows
    }

    /// Goes on to the row of output that is `count` later.
    pub(super) fn advance(&mut self, count: usize) {
        self.rows.drain(..count * self.channels);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_neighbours_whatever_the_windows() {
        let numbers: Vec<f32> = (1..=20).map(|x| x as f32).collect();
        for window in [1, 3, 7, 20, 30] {
            let mut margin = Margin::new(1, 2);
            let mut sums = Vec::new();
            let mut windows = numbers.chunks(window).peekable();
            while let Some(rows) = windows.next() {
                let count = margin.push(rows, windows.peek().is_none());
                sums.extend(margin.rows().windows(5).take(count).map(|five| five[0] + five[4]));
                margin.advance(count);
            }
            let at =
                |index: Option<usize>| index.and_then(|index| numbers.get(index)).copied().unwrap_or(0.0);
            let want: Vec<f32> =
                (0..20_usize).map(|row| at(row.checked_sub(2)) + at(Some(row + 2))).collect();
            assert_eq!(sums, want, "windows of {window}");
        }
    }
}
