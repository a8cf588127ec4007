//! The harmonic source: sines at the pitch and its overtones, as short spectra (`SourceModuleHnNSF` and the forward
//! transform of the model's `istftnet.py`).
//!
//! The export counts the phase in 32-bit floats; after ten seconds a step of those is a twentieth of a radian. Here it is counted
//! in cycles, in 64 bits.

use std::f64::consts::TAU;

use super::waveform::{BINS, HOP, Waveform};
use crate::synth::nn::rows::Rows;

/// Samples for each number of the pitch curve, of which there are 80 a second at 24 kHz.
const STEP: usize = 300;
const RATE: f64 = 24_000.0;
/// The fundamental and its overtones; the model's `harmonic_num` + 1.
pub(crate) const HARMONICS: usize = 9;
/// Amplitude of each sine; the model's `sine_amp`.
const AMPLITUDE: f64 = 0.1;
/// Below this pitch, in Hz, there is no voice; the model's `voiced_threshold`.
const VOICED: f32 = 10.0;
/// A bin of a smaller magnitude holds only rounding errors: its phase is taken to be zero.
const NOTHING: f32 = 1e-7;

/// The source's few weights.
pub(crate) struct HarmonicSource {
    /// How loud each harmonic is.
    pub gains: [f32; HARMONICS],
    /// Added to their sum.
    pub bias: f32,
    /// The window before the transform.
    pub window: [f32; Waveform::SIZE],
}

impl HarmonicSource {
    /// Makes `rows` the magnitudes and phases of the spectra of the source, [`BINS`] each a row, one row every [`HOP`] samples and
    /// one more. `pitch` is in Hz, 80 numbers a second.
    pub(crate) fn spectra(&self, pitch: &[f32], rows: &mut Rows) {
        let sound = self.sound(pitch);
        let half = Waveform::SIZE / 2;
        let mut padded = Vec::with_capacity(sound.len() + Waveform::SIZE);
        padded.extend(sound[1..=half].iter().rev());
        padded.extend_from_slice(&sound);
        padded.extend(sound[sound.len() - half - 1..sound.len() - 1].iter().rev());
        rows.reshape(sound.len() / HOP + 1, 2 * BINS);
        let basis = self.basis();
        let frames = padded.windows(Waveform::SIZE).step_by(HOP);
        for (row, frame) in rows.as_mut_slice().chunks_exact_mut(2 * BINS).zip(frames) {
            let mut parts = [0.0_f32; 2 * BINS];
            for (sample, basis) in frame.iter().zip(&basis) {
                for (part, basis) in parts.iter_mut().zip(basis) {
                    *part += sample * basis;
                }
            }
            for bin in 0..BINS {
                // The first and the last bin are real; the remainder of the sum there is a rounding error.
                let is_real = bin == 0 || bin == BINS - 1;
                let (real, imaginary) = (parts[bin], if is_real { 0.0 } else { parts[BINS + bin] });
                let magnitude = real.hypot(imaginary);
                row[bin] = magnitude;
                row[BINS + bin] = if magnitude < NOTHING { 0.0 } else { phase(real, imaginary) };
            }
        }
    }

    /// The sum of the sines, samples at 24 kHz.
    fn sound(&self, pitch: &[f32]) -> Vec<f32> {
        let cycles = |step: usize| f64::from(pitch[step]) / RATE;
        let mut sound = Vec::with_capacity(pitch.len() * STEP);
        // The phase at the middle of each step; between two middles it runs evenly.
        let mut middles = Vec::with_capacity(pitch.len());
        let mut phase = 0.0;
        for step in 0..pitch.len() {
            phase = (phase + cycles(step) * STEP as f64).fract();
            middles.push(phase);
        }
        for sample in 0..pitch.len() * STEP {
            if pitch[sample / STEP] <= VOICED {
                sound.push(self.bias.tanh());
                continue;
            }
            let position = (sample as f64 + 0.5) / STEP as f64 - 0.5;
            let before = (position.max(0.0) as usize).min(pitch.len() - 1);
            let into = if before + 1 < pitch.len() { (position - before as f64).max(0.0) } else { 0.0 };
            let next = if into > 0.0 { cycles(before + 1) * STEP as f64 } else { 0.0 };
            let (sine, cosine) = ((middles[before] + into * next) * TAU).sin_cos();
            // The overtones are the powers of the fundamental as a complex number.
            let (mut real, mut imaginary) = (cosine, sine);
            let mut sum = 0.0;
            for gain in self.gains {
                sum += f64::from(gain) * imaginary;
                (real, imaginary) = (real * cosine - imaginary * sine, real * sine + imaginary * cosine);
            }
            sound.push(((sum * AMPLITUDE) as f32 + self.bias).tanh());
        }
        sound
    }

    /// The share of each sample of a frame in the real, then the imaginary parts.
    fn basis(&self) -> [[f32; 2 * BINS]; Waveform::SIZE] {
        std::array::from_fn(|sample| {
            std::array::from_fn(|part| {
                let turns = (sample * (part % BINS) % Waveform::SIZE) as f64 / Waveform::SIZE as f64;
                let (sine, cosine) = (turns * TAU).sin_cos();
                let wave = if part < BINS { cosine } else { -sine };
                (wave * f64::from(self.window[sample])) as f32
            })
        })
    }
}

/// The angle of a complex number; π where it is negative and real. The first and the last bin always are real, and the
/// network has learnt that the angle of a negative value there is π, not −π.
fn phase(real: f32, imaginary: f32) -> f32 {
    // Adding zero makes a negative zero positive.
    (imaginary + 0.0).atan2(real)
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use super::*;
    use crate::table_test::each;

    fn source() -> HarmonicSource {
        let mut gains = [0.0; HARMONICS];
        gains[0] = 1.0;
        gains[2] = 0.5;
        let window = std::array::from_fn(|i| 0.5 - 0.5 * (TAU * i as f64 / 20.0).cos() as f32);
        HarmonicSource { gains, bias: 0.01, window }
    }

    #[test]
    fn a_steady_pitch_is_sines_of_its_multiples() {
        let sound = source().sound(&[240.0; 40]);
        assert_eq!(sound.len(), 12_000);
        // 240 Hz has a period of 100 samples; where the first middle lies, the phase is three whole turns.
        for (n, x) in sound.iter().enumerate().skip(STEP).take(5_000) {
            let turn = (n as f64 - 149.5) / 100.0 * TAU;
            let want = (0.1 * turn.sin() + 0.05 * (3.0 * turn).sin() + 0.01).tanh();
            assert!((f64::from(*x) - want).abs() < 1e-5, "sample {n}: {x} for {want}");
        }
    }

    #[test]
    fn silence_has_the_spectrum_of_its_bias_and_no_odd_phases() {
        let mut rows = Rows::default();
        source().spectra(&[0.0; 4], &mut rows);
        assert_eq!(rows.len(), 4 * STEP / HOP + 1);
        for row in rows.as_slice().chunks_exact(2 * BINS) {
            assert!((row[0] - 0.1).abs() < 1e-3, "ten half-weighted samples of 0.01");
            assert!(row[2..BINS].iter().all(|magnitude| *magnitude < 1e-6));
            assert!(row[BINS + 2..].iter().all(|phase| *phase == 0.0), "{:?}", &row[BINS..]);
        }
    }

    #[test]
    fn the_phase_of_what_is_negative_and_real_is_half_a_turn() {
        each(
            [(1.0, 0.0, 0.0), (-1.0, 0.0, PI), (-1.0, -0.0, PI), (0.0, 2.0, PI / 2.0)],
            |(real, imaginary, want)| {
                assert!((phase(real, imaginary) - want).abs() < 1e-6, "{real} {imaginary}");
            },
        );
    }
}
