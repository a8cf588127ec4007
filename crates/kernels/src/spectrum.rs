//! From the numbers that a network gives for every frequency of a frame to the frame's spectrum, and the train of pulses that it
//! shapes. Written once and compiled again for each processor.

#![forbid(unsafe_code)]
#![allow(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of the caller"
)]

use std::f32::consts::FRAC_1_PI;

use super::math::{exp, ln, sine_and_cosine, tanh};
use super::{Complex, Shaping};

/// Logarithms of magnitudes are limited to this; `min(x, 7)` of the model's `dsp.py`.
const LOUDEST: f32 = 7.0;

/// The highest harmonic of a pulse lies below this frequency in Hz; `fmax` of the model's `dsp.py`.
const HIGHEST: f32 = 11_000.0;

/// Below this sine the quotient of a pulse is replaced by its limit.
const NEAR_PULSE: f32 = 2e-3;

/// Scrambles a counter: an invertible function of 32 bits whose every output bit depends on all input bits (multipliers found
/// by Wellons, “Prospecting for hash functions”, 2018).
#[inline(always)]
fn scramble(mut x: u32) -> u32 {
    x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

/// Between 0 and 1, and neither of them.
#[inline(always)]
fn uniform(bits: u32) -> f32 {
    const STEP: f32 = 1.0 / 16_777_216.0;
    (bits >> 8) as f32 * STEP + STEP / 2.0
}

/// Two independent normal numbers of a counter (Box and Muller, 1958).
#[inline(always)]
fn normal(counter: u32) -> (f32, f32) {
    let radius = scramble(counter);
    let angle = scramble(radius ^ 0x9e37_79b9);
    let radius = (-2.0 * ln(uniform(radius))).sqrt();
    let (sine, cosine) = sine_and_cosine(uniform(angle));
    (radius * cosine, radius * sine)
}

#[inline(always)]
fn magnitude(logarithm: f32) -> f32 {
    exp(if logarithm > LOUDEST { LOUDEST } else { logarithm })
}

/// See [`shape_spectrum`](super::shape_spectrum()).
#[inline(always)]
pub fn shape_spectrum(shaping: &Shaping, counter: u32, spectrum: &mut Complex) {
    let bins = spectrum.real.len();
    let (real, imaginary) = (&mut spectrum.real[..bins], &mut spectrum.imaginary[..bins]);
    let (harmonic, turn) = (&shaping.harmonic[..bins], &shaping.turn[..bins]);
    let (noise, free, phase) = (&shaping.noise[..bins], &shaping.free[..bins], &shaping.phase[..bins]);
    for bin in 0..bins {
        let (sine, cosine) = sine_and_cosine(tanh(turn[bin]) * 0.5);
        let loud = magnitude(harmonic[bin]);
        let (a, b) = (loud * cosine, loud * sine);
        let (mut re, mut im) = (real[bin] * a - imaginary[bin] * b, real[bin] * b + imaginary[bin] * a);
        let (x, y) = normal(counter.wrapping_add(bin as u32));
        let loud = magnitude(noise[bin]);
        re += loud * x;
        im += loud * y;
        let (sine, cosine) = sine_and_cosine(phase[bin] * (0.5 * FRAC_1_PI));
        let loud = magnitude(free[bin]);
        real[bin] = re + loud * cosine;
        imaginary[bin] = im + loud * sine;
    }
}

/// See [`pulses`](super::pulses()).
#[inline(always)]
pub fn pulses(pitch: &[f32], turns: &[f32], quietest: f32, samples: &mut [f32]) {
    for ((sample, pitch), turns) in samples.iter_mut().zip(pitch).zip(turns) {
        let is_voiced = *pitch > quietest;
        let pitch = if is_voiced { *pitch } else { quietest };
        let harmonics = (HIGHEST / pitch).floor() + 0.5;
        let (half, _) = sine_and_cosine(turns * 0.5);
        let (all, _) = sine_and_cosine(turns * harmonics);
        let divisor = 2.0 * half;
        let is_near = divisor.abs() <= NEAR_PULSE;
        let quotient = all / if is_near { 1.0 } else { divisor };
        let sum = if is_near { harmonics } else { quotient } - 0.5;
        *sample = if is_voiced { sum } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_normal_and_white() {
        const COUNT: u32 = 1 << 20;
        let numbers: Vec<f64> =
            (0..COUNT).map(normal).flat_map(|(x, y)| [f64::from(x), f64::from(y)]).collect();
        let count = numbers.len() as f64;
        let moment = |power: i32| numbers.iter().map(|x| x.powi(power)).sum::<f64>() / count;
        // The standard errors of these means are 0.0007, 0.001, 0.0027 and 0.0068: five of them are allowed.
        for (power, want, bound) in [(1, 0.0, 0.0035), (2, 1.0, 0.005), (3, 0.0, 0.0135), (4, 3.0, 0.034)] {
            assert!((moment(power) - want).abs() < bound, "moment {power}: {}", moment(power));
        }
        // Neighbours of one frame, the two parts of a number, and the same frequency in the next frames.
        for lag in [1, 2, 4, 1202, 1216, 2432] {
            let products = numbers.iter().zip(&numbers[lag..]).map(|(x, y)| x * y);
            let correlation = products.sum::<f64>() / count;
            assert!(correlation.abs() < 0.0035, "lag {lag}: {correlation}");
        }
    }

    #[test]
    fn a_pulse_is_the_sum_of_its_harmonics() {
        let turns: Vec<f32> = (0..1000).map(|step| step as f32 / 1000.0).collect();
        for pitch in [80.0, 147.0, 433.3] {
            let mut samples = vec![0.0; turns.len()];
            pulses(&vec![pitch; turns.len()], &turns, 40.0, &mut samples);
            let harmonics = (11_000.0 / pitch).floor() as usize;
            for (turns, sample) in turns.iter().zip(&samples) {
                let angle = f64::from(*turns) * std::f64::consts::TAU;
                let want: f64 = (1..=harmonics).map(|number| (number as f64 * angle).cos()).sum();
                // The quotient magnifies the error of a sine near the pulse.
                assert!(
                    (f64::from(*sample) - want).abs() < 0.05,
                    "{pitch} Hz at {turns}: {sample} for {want}"
                );
            }
        }
        let mut unvoiced = [1.0];
        pulses(&[40.0], &[0.3], 40.0, &mut unvoiced);
        assert!(unvoiced == [0.0]);
    }
}
