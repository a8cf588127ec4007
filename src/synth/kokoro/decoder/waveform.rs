//! From the features of the last level to samples. A convolution makes magnitudes and phases of short spectra. An
//! inverse Fourier transform of twenty points turns each into sound, and the overlapping pieces are added.

use crate::synth::nn::pass::{Executor, Products, in_parallel};
use crate::synth::nn::rows::Rows;
use crate::synth::nn::windows::{FloatProducts, Framing};
use kernels::element::f16;
use kernels::{BLOCK, Leak, WindowWeights};

/// Bins of a spectrum of [`Waveform::SIZE`] points.
pub(crate) const BINS: usize = Waveform::SIZE / 2 + 1;
/// Samples from one spectrum to the next; the model's `gen_istft_hop_size`.
pub(crate) const HOP: usize = 5;
/// Slope for negative values before the last convolution.
const SLOPE: f32 = 0.01;

/// The last layers.
pub(crate) struct Waveform {
    /// Makes 2 × [`BINS`] outputs of windows of [`Waveform::TAPS`] rows.
    pub post: WindowWeights,
    /// Real, then imaginary parts, of each bin [`Waveform::SIZE`] numbers, window and scale included.
    pub basis: Vec<f32>,
    /// Sum of the windows where just one lies: the export divides the first samples by it.
    pub window: Vec<f32>,
}

impl Waveform {
    /// Points of a spectrum; the model's `gen_istft_n_fft`.
    pub(crate) const SIZE: usize = 20;
    /// Width of the last convolution.
    pub(crate) const TAPS: usize = 7;
    /// Samples of one spectrum that lie behind the beginning of the next.
    const TAIL: usize = Self::SIZE - HOP;

    /// Samples of `features` times `factor`.
    pub(crate) fn render(&self, executor: Executor, features: &Rows<f16>, factor: f32) -> Vec<f32> {
        let len = features.len();
        let blocks = len.div_ceil(BLOCK);
        let share = blocks.div_ceil(executor.threads.get()).max(1);
        let leak = Leak { positive: factor, negative: factor * SLOPE };
        let framing = Framing { rows: Self::TAPS, stride: 1, padding: Self::TAPS / 2, leak };
        let mut sound = vec![0.0_f32; len * HOP + Self::TAIL];
        // The overlap of a block with the next is added afterwards, the same for any number of threads.
        let mut tails = vec![[0.0_f32; Self::TAIL]; blocks];
        let shares = sound[..len * HOP].chunks_mut(share * BLOCK * HOP).zip(tails.chunks_mut(share));
        in_parallel(shares.enumerate(), |(index, (sound, tails))| {
            let mut products = FloatProducts::new(executor.isa, features, framing, &self.post);
            let blocks = sound.chunks_mut(BLOCK * HOP).zip(tails);
            for (block, (sound, tail)) in blocks.enumerate() {
                let spectra = products.of((index * share + block) * BLOCK, sound.len() / HOP);
                let mut whole = [0.0; BLOCK * HOP + Self::TAIL];
                for (step, spectrum) in spectra.chunks_exact(self.post.width()).enumerate() {
                    let frame = self.frame(spectrum);
                    for (sample, part) in whole[step * HOP..].iter_mut().zip(frame) {
                        *sample += part;
                    }
                }
                let (within, behind) = whole.split_at(sound.len());
                sound.copy_from_slice(within);
                tail.copy_from_slice(&behind[..Self::TAIL]);
            }
        });
        for (block, tail) in tails.iter().enumerate() {
            let end = ((block + 1) * BLOCK).min(len) * HOP;
            sound[end..].iter_mut().zip(tail).for_each(|(sample, part)| *sample += part);
        }
        for (sample, window) in sound.iter_mut().zip(&self.window) {
            if *window > f32::MIN_POSITIVE {
                *sample /= window;
            }
        }
        let half = Self::SIZE / 2;
        let overlap = (Self::SIZE / HOP) as f32;
        sound[half..sound.len() - half].iter().map(|sample| sample * overlap).collect()
    }

    /// The sound of one spectrum.
    fn frame(&self, spectrum: &[f32]) -> [f32; Self::SIZE] {
        let mut parts = [0.0_f32; 2 * BINS];
        for bin in 0..BINS {
            let (magnitude, phase) = (spectrum[bin].exp(), spectrum[BINS + bin].sin());
            let (sine, cosine) = phase.sin_cos();
            (parts[bin], parts[BINS + bin]) = (magnitude * cosine, magnitude * sine);
        }
        let mut frame = [0.0_f32; Self::SIZE];
        for (part, basis) in parts.iter().zip(self.basis.as_chunks::<{ Self::SIZE }>().0) {
            for (sample, basis) in frame.iter_mut().zip(basis) {
                *sample += part * basis;
            }
        }
        frame
    }
}
