//! From the features of the last level to samples: a convolution makes magnitudes and phases of short spectra, an inverse
//! Fourier transform of twenty points makes sound of each, and overlapping it is added up.

use super::pass::Crew;
use super::rows::Rows;
use crate::synth::kokoro::kernels::Windows;

/// Bins of a spectrum of [`Waveform::SIZE`] points.
pub const BINS: usize = Waveform::SIZE / 2 + 1;
/// Samples from one spectrum to the next; the model's `gen_istft_hop_size`.
pub const HOP: usize = 5;
/// What is negative is multiplied with this before the last convolution.
const SLOPE: f32 = 0.01;

/// The last layers.
pub struct Waveform {
    /// Makes 2 × [`BINS`] outputs of windows of [`Waveform::TAPS`] rows.
    pub post: Windows,
    /// Real, then imaginary parts, of each bin [`Waveform::SIZE`] numbers, window and scale included.
    pub basis: Vec<f32>,
    /// Sum of the windows where just one lies: the export divides the first samples by it.
    pub window: Vec<f32>,
}

impl Waveform {
    /// Points of a spectrum; the model's `gen_istft_n_fft`.
    pub const SIZE: usize = 20;
    /// Width of the last convolution.
    pub const TAPS: usize = 7;
    /// Rows of zeros at both ends that the last convolution needs.
    pub const PADDING: usize = Self::TAPS / 2;

    /// Samples of `features`, which have [`PADDING`](Self::PADDING) rows of room before and at least as many behind.
    /// What is in the room must be zero.
    pub fn render(&self, crew: Crew, mut features: Rows, divisor: f32) -> Vec<f32> {
        leak(features.as_mut_slice(), 1.0 / divisor, SLOPE);
        let len = features.len();
        let spectra = crew.multiply_windows(features.with_room(), features.channels(), &self.post, len);
        drop(features);
        let mut sound = vec![0.0_f32; (len - 1) * HOP + Self::SIZE];
        for (step, spectrum) in spectra.chunks_exact(self.post.width()).take(len).enumerate() {
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
            for (sample, part) in sound[step * HOP..].iter_mut().zip(frame) {
                *sample += part;
            }
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
}

/// Multiplies by `factor`, and what is negative by `slope` too.
pub fn leak(numbers: &mut [f32], factor: f32, slope: f32) {
    for x in numbers {
        *x *= if *x < 0.0 { factor * slope } else { factor };
    }
}
