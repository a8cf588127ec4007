//! The residual block of the generator: three times two convolutions, each behind an adaptive instance normalisation and a
//! Snake (`AdaINResBlock1` of the model's `istftnet.py`).

use super::adain::StyledConvolution;
use super::pass::{Crew, Exit, Moments};
use super::rows::Rows;

/// Dilations of the three first convolutions; the model's `resblock_dilation_sizes`.
pub const DILATIONS: [usize; 3] = [1, 3, 5];

/// The block.
pub struct ResidualBlock {
    /// Pairs of convolutions, in order; the first of a pair is dilated as [`DILATIONS`] tells.
    pub pairs: Vec<[StyledConvolution; 2]>,
}

/// Room for rows between the convolutions.
pub struct Scratch {
    between: Rows,
    running: Rows,
}

impl Scratch {
    /// For blocks of `len` rows of `channels`.
    pub fn new(len: usize, channels: usize) -> Self {
        Self { between: Rows::new(len, channels, 0, 0), running: Rows::new(len, channels, 0, 0) }
    }
}

impl ResidualBlock {
    /// Puts the block's output for `input`, whose moments are given, into `output`: added to what is there, or instead of it.
    /// Returns the moments of `output`.
    pub fn run(
        &self,
        crew: Crew,
        style: &[f32],
        (input, moments): (&Rows, &Moments),
        scratch: &mut Scratch,
        accumulate: bool,
        output: &mut Rows,
    ) -> Moments {
        let Scratch { between, running } = scratch;
        let mut moments = moments.clone();
        let last = self.pairs.len() - 1;
        for (index, ([first, second], dilation)) in self.pairs.iter().zip(DILATIONS).enumerate() {
            let from = if index == 0 { input } else { &*running };
            let inner = first.run(crew, style, dilation, (from, &moments), Exit::PLAIN, between);
            let entry = (&*between, &inner);
            moments = if index == last {
                let exit = Exit { residual: Some(from), accumulate };
                second.run(crew, style, 1, entry, exit, output)
            } else if index == 0 {
                let exit = Exit { residual: Some(input), accumulate: false };
                second.run(crew, style, 1, entry, exit, running)
            } else {
                let exit = Exit { residual: None, accumulate: true };
                second.run(crew, style, 1, entry, exit, running)
            };
        }
        moments
    }
}
