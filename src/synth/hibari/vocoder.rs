//! From the numbers of every frequency to sound: a train of pulses is shaped and noise added frame by frame, and frames are laid
//! over each other (source and filter; the inverse of a short-time Fourier transform, Griffin and Lim, 1984).

use std::f64::consts::TAU;
use std::sync::Arc;

use kernels::{Complex, Isa, Shaping, pulses, shape_spectrum};
use realfft::num_complex::Complex as Number;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::RATE;

/// Samples from one frame to the next: 12.5 ms at 24 kHz. `HOP` of the model's `dsp.py`.
pub(super) const HOP: usize = 300;
/// Samples of a frame; `N_FFT` of the model's `dsp.py`.
const FRAME: usize = 1200;
/// Hops that a frame covers.
const HOPS: usize = FRAME / HOP;
/// Frequencies of a frame.
pub(super) const BINS: usize = FRAME / 2 + 1;
/// The same, in whole vectors of any processor.
pub(super) const PADDED_BINS: usize = BINS.next_multiple_of(16);
/// Numbers that a network gives for a frequency, see [`Shaping`]: harmonic, turn, noise, free, phase.
pub(super) const PARTS: usize = 5;
/// In Hz; frames of a pitch up to this are unvoiced. `vthresh` of the model's `dsp.py`.
const QUIETEST: f32 = 40.0;

/// What all utterances share.
pub(super) struct Vocoder {
    window: Vec<f32>,
    /// What the windows of all frames that cover a hop add up to there, squared; hops at the ends have fewer.
    overlap: Vec<f32>,
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
}

impl Vocoder {
    /// Plans the transforms.
    pub(super) fn new() -> Self {
        let mut planner = RealFftPlanner::new();
        // Hann's, as periodic as the transform.
        let hann = |sample: usize| (0.5 - 0.5 * (TAU * sample as f64 / FRAME as f64).cos()) as f32;
        let window: Vec<f32> = (0..FRAME).map(hann).collect();
        Self {
            overlap: overlap(&window, &(0..HOPS)),
            window,
            forward: planner.plan_fft_forward(FRAME),
            inverse: planner.plan_fft_inverse(FRAME),
        }
    }

    /// Begins an utterance of that pitch in Hz, one a frame, whose samples are multiplied by `gain`.
    pub(super) fn begin(&self, isa: Isa, pitch: Vec<f32>, gain: f32) -> Voicing<'_> {
        let mut train = PulseTrain { isa, pitch, turns: 0.0, next: 0 };
        let spectrum = Complex { real: vec![0.0; PADDED_BINS], imaginary: vec![0.0; PADDED_BINS] };
        let numbers = vec![Number::default(); BINS];
        let scratch = self.forward.get_scratch_len().max(self.inverse.get_scratch_len());
        Voicing {
            vocoder: self,
            isa,
            gain,
            source: Source::begin(&mut train),
            train,
            spectrum,
            numbers,
            scratch: vec![Number::default(); scratch],
            frame: vec![0.0; FRAME],
            overlapping: vec![0.0; FRAME],
            number: 0,
        }
    }
}

/// The squares of some parts of a window, a hop long each, added up sample by sample.
fn overlap(window: &[f32], parts: &(impl Iterator<Item = usize> + Clone)) -> Vec<f32> {
    let square = |sample: usize| move |part: usize| window[part * HOP + sample].powi(2);
    (0..HOP).map(|sample| parts.clone().map(square(sample)).sum()).collect()
}

/// Pulses, hop by hop.
struct PulseTrain {
    isa: Isa,
    pitch: Vec<f32>,
    /// The phase behind the last sample.
    turns: f64,
    /// The hop that comes next.
    next: usize,
}

impl PulseTrain {
    /// The samples of the next hop.
    fn hop(&mut self) -> [f32; HOP] {
        let at = |frame: usize| self.pitch.get(frame).or(self.pitch.last()).copied().unwrap_or_default();
        let here = at(self.next);
        let (before, after) = (at(self.next.saturating_sub(1)), at(self.next + 1));
        let (mut pitch, mut turns) = ([0.0; HOP], [0.0; HOP]);
        for (sample, (pitch, turns)) in pitch.iter_mut().zip(&mut turns).enumerate() {
            // The pitch of a frame is that of its centre.
            let place = (sample as f32 + 0.5) / HOP as f32 - 0.5;
            *pitch = if place < 0.0 {
                before * -place + here * (1.0 + place)
            } else {
                here * (1.0 - place) + after * place
            };
            // At most a turn a sample.
            let rate = f64::from(RATE.hertz());
            self.turns += f64::from(pitch.max(QUIETEST)).min(rate) / rate;
            self.turns -= if self.turns >= 1.0 { 1.0 } else { 0.0 };
            *turns = self.turns as f32;
        }
        let mut samples = [0.0; HOP];
        pulses(self.isa, &pitch, &turns, QUIETEST, &mut samples);
        self.next += 1;
        samples
    }

    fn is_over(&self) -> bool {
        self.next >= self.pitch.len()
    }
}

/// The pulses around a frame: from two hops before its hop to one behind it. Beyond the ends they are mirrored.
struct Source {
    around: Vec<f32>,
    /// The hop that the next frame brings.
    ahead: Option<[f32; HOP]>,
}

impl Source {
    fn begin(train: &mut PulseTrain) -> Self {
        let mut next = || (!train.is_over()).then(|| train.hop());
        let here: Vec<f32> = [next(), next()].into_iter().flatten().flatten().collect();
        let ahead = next();
        let mirrored = |back: usize| {
            let beyond = back.checked_sub(here.len()).and_then(|index| ahead.as_ref()?.get(index));
            here.get(back).or(beyond).copied().unwrap_or_default()
        };
        let mut around: Vec<f32> = (1..=2 * HOP).rev().map(mirrored).collect();
        around.extend_from_slice(&here);
        around.resize(FRAME, 0.0);
        Self { around, ahead }
    }

    /// Goes on to the next frame.
    fn advance(&mut self, train: &mut PulseTrain) {
        let end = FRAME - 2;
        let next = self.ahead.take().unwrap_or_else(|| std::array::from_fn(|index| self.around[end - index]));
        self.around.copy_within(HOP.., 0);
        self.around[FRAME - HOP..].copy_from_slice(&next);
        self.ahead = (!train.is_over()).then(|| train.hop());
    }
}

/// An utterance on its way through the vocoder.
pub(super) struct Voicing<'a> {
    vocoder: &'a Vocoder,
    isa: Isa,
    gain: f32,
    train: PulseTrain,
    source: Source,
    spectrum: Complex,
    numbers: Vec<Number<f32>>,
    scratch: Vec<Number<f32>>,
    frame: Vec<f32>,
    /// Sums of the frames so far, from two hops before the next frame's hop on.
    overlapping: Vec<f32>,
    /// The frame that comes next.
    number: usize,
}

impl Voicing<'_> {
    /// Takes the next frame: [`PARTS`] parts of [`PADDED_BINS`] numbers. Appends the samples that no later frame covers.
    pub(super) fn push(&mut self, numbers: &[f32], samples: &mut Vec<f32>) {
        self.shape(numbers);
        // Both transforms fail only for lengths other than the planned ones.
        let Self { vocoder, frame, scratch, .. } = self;
        self.numbers[0].im = 0.0;
        self.numbers[BINS - 1].im = 0.0;
        let _ = vocoder.inverse.process_with_scratch(&mut self.numbers, frame, scratch);
        for ((sum, x), weight) in self.overlapping.iter_mut().zip(frame).zip(&vocoder.window) {
            *sum += *x * weight;
        }
        self.number += 1;
        self.emit(samples);
        if self.number == self.train.pitch.len() {
            for _ in 0..2 {
                self.number += 1;
                self.emit(samples);
            }
        } else {
            self.source.advance(&mut self.train);
        }
    }

    /// Makes the spectrum of the frame.
    fn shape(&mut self, numbers: &[f32]) {
        let Self { vocoder, frame, scratch, spectrum, source, .. } = self;
        // The amplitude of a cosine in the spectrum is half the sum of the window: a quarter of its length.
        let scale = 4.0 / FRAME as f32;
        for ((x, pulse), weight) in frame.iter_mut().zip(&source.around).zip(&vocoder.window) {
            *x = pulse * weight * scale;
        }
        let _ = vocoder.forward.process_with_scratch(frame, &mut self.numbers, scratch);
        for ((number, real), imaginary) in
            self.numbers.iter().zip(&mut spectrum.real).zip(&mut spectrum.imaginary)
        {
            (*real, *imaginary) = (number.re, number.im);
        }
        let part = |index: usize| &numbers[index * PADDED_BINS..(index + 1) * PADDED_BINS];
        let shaping =
            Shaping { harmonic: part(0), turn: part(1), noise: part(2), free: part(3), phase: part(4) };
        // Every frame has its own noise, and every utterance the same.
        let counter = (self.number * PADDED_BINS) as u32;
        shape_spectrum(self.isa, &shaping, counter, spectrum);
        for ((number, real), imaginary) in
            self.numbers.iter_mut().zip(&spectrum.real).zip(&spectrum.imaginary)
        {
            *number = Number::new(*real, *imaginary);
        }
    }

    /// Appends the hop that is complete, if it is one of the utterance's, and makes room for the next.
    fn emit(&mut self, samples: &mut Vec<f32>) {
        if let Some(hop) = self.number.checked_sub(3) {
            // Frames that cover the hop, as their part of it: the last has it first.
            let frames = self.train.pitch.len();
            let is_covered = |part: &usize| (hop + 2).checked_sub(*part).is_some_and(|frame| frame < frames);
            let parts = (0..HOPS).filter(is_covered);
            let at_end = (parts.clone().count() < HOPS).then(|| overlap(&self.vocoder.window, &parts));
            let squares = at_end.as_ref().unwrap_or(&self.vocoder.overlap);
            // The transform back multiplies by its length.
            let scale = self.gain / FRAME as f32;
            let sums = self.overlapping.iter().zip(squares);
            samples.extend(sums.map(|(sum, squares)| sum * scale / squares.max(1e-11)));
        }
        self.overlapping.copy_within(HOP.., 0);
        self.overlapping[FRAME - HOP..].fill(0.0);
    }
}
