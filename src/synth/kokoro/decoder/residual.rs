//! The residual block of the generator: three times two convolutions, each behind an adaptive instance normalisation and a
//! Snake (`AdaINResBlock1` of the model's `istftnet.py`).

use crate::synth::nn::adain::StyledConvolution;
use crate::synth::nn::pass::{Executor, Moments, Writeback};
use crate::synth::nn::rows::Rows;
use kernels::element::f16;

/// Dilations of the three first convolutions; the model's `resblock_dilation_sizes`.
pub(crate) const DILATIONS: [usize; 3] = [1, 3, 5];

/// The block.
pub(crate) struct ResidualBlock {
    /// Pairs of convolutions, in order; the first of a pair is dilated by [`DILATIONS`].
    pub pairs: Vec<[StyledConvolution; 2]>,
}

/// The rows that a block works in. They are long, so a block that is the last to read its input works in place.
pub(crate) struct Places<'a> {
    /// The input; `None` when it lies in `running`.
    pub input: Option<&'a Rows<f16>>,
    /// The running sum of the pairs.
    pub running: &'a mut Rows<f16>,
    /// Lies between the convolutions of a pair.
    pub between: &'a mut Rows<f16>,
    /// The rows to which the output is added; `None` leaves it in `running`.
    pub total: Option<&'a mut Rows<f16>>,
}

impl ResidualBlock {
    /// Makes the block's output; `moments` are those of its input. Returns the moments of where the output went.
    pub(crate) fn run(
        &self,
        executor: Executor,
        style: &[f32],
        moments: &Moments,
        places: Places,
    ) -> Moments {
        let Places { mut input, running, between, mut total } = places;
        let mut moments = moments.clone();
        let last = self.pairs.len() - 1;
        for (index, ([first, second], dilation)) in self.pairs.iter().zip(DILATIONS).enumerate() {
            let from = input.unwrap_or(running);
            let inner = first.run(executor, style, dilation, (from, &moments), Writeback::PLAIN, between);
            let entry = (&*between, &inner);
            moments = match (total.take_if(|_| index == last), input.take()) {
                (Some(total), input) => {
                    let writeback = Writeback { residual: Some(input.unwrap_or(running)), accumulate: true };
                    second.run(executor, style, 1, entry, writeback, total)
                }
                (None, Some(input)) => {
                    let writeback = Writeback { residual: Some(input), accumulate: false };
                    second.run(executor, style, 1, entry, writeback, running)
                }
                (None, None) => second.run(executor, style, 1, entry, Writeback::ADDED, running),
            };
        }
        moments
    }
}
