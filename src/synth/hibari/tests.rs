//! The engine with the real voice, against golden numbers of ONNX Runtime and a sound of the model's own package
//! (`tests/data/hibari`, by `scripts/hibari_golden.py`).
//!
//! The golden numbers are those of the network with float activations. The bound is the exported network's own distance from
//! them: it rounds activations to 8 bits, one scale for all rows, and the kernels round to 8 bits with a scale a row. The
//! library runtime rounds as the export does, but adds up in another order; its errors are of the same size and largely
//! independent of the export's, so that √2 times the distance is allowed.

use std::io::Write;
use std::iter;
use std::path::Path;

use kernels::Isa;
use realfft::RealFftPlanner;
use serde::Deserialize;

use super::network::{Network, Spoken};
use super::prosody::{Reading, whole_steps};
use super::vocoder::{BINS, PADDED_BINS, PARTS};
use super::*;
use crate::audio::Speed;
use crate::synth::Collect;
use crate::table_test::each;
use crate::voice::{Store, VoiceName};

#[derive(Deserialize)]
struct Golden {
    sentences: Vec<Sentence>,
    /// Root mean squares of the exported network's distances.
    export: Distances,
}

#[derive(Deserialize)]
struct Distances {
    duration: f64,
    pitch: f64,
    loudness: f64,
    lh: f64,
    theta: f64,
    ln: f64,
    lr: f64,
    phi: f64,
}

#[derive(Deserialize)]
struct Sentence {
    phonemes: String,
    durations: Vec<f32>,
    pitch: Vec<f32>,
    loudness: Vec<f32>,
    frames: Vec<Frame>,
}

#[derive(Deserialize)]
struct Frame {
    frame: usize,
    /// Of each part.
    numbers: Vec<Vec<f32>>,
}

impl Sentence {
    fn tokens(&self) -> Vec<i32> {
        symbols::tokens(&self.phonemes, MAX_SYMBOLS).unwrap()
    }

    fn reading(&self) -> Reading {
        Reading {
            durations: self.durations.clone(),
            steps: self.durations.iter().copied().map(whole_steps).collect(),
            pitch: self.pitch.clone(),
            loudness: self.loudness.clone(),
        }
    }
}

/// Sums of squared distances.
#[derive(Default)]
struct Squares(f64, usize);

impl Squares {
    fn add(&mut self, made: &[f32], golden: &[f32], counts: impl Fn(usize) -> bool) {
        assert_eq!(made.len(), golden.len());
        let pairs = made.iter().zip(golden).enumerate().filter(|(index, _)| counts(*index));
        for (_, (made, golden)) in pairs {
            self.0 += f64::from(made - golden).powi(2);
            self.1 += 1;
        }
    }

    fn root_mean(&self) -> f64 {
        (self.0 / self.1.max(1) as f64).sqrt()
    }
}

fn data(name: &str) -> Vec<u8> {
    std::fs::read(Path::new("tests/data/hibari").join(name)).unwrap()
}

fn golden() -> Golden {
    serde_json::from_slice(&data("golden.json")).unwrap()
}

/// The installed voice; `None` when the tests that need it are skipped.
fn installed() -> Option<InstalledVoice> {
    match Store::from_env().unwrap().locate(&VoiceName::new("fast_heart")) {
        Ok(voice) => Some(voice),
        Err(error) => {
            let is_required =
                std::env::var_os("AUDIO_REPORT_REQUIRE_VOICE").is_some_and(|value| value == "1");
            assert!(!is_required, "{error}");
            let _ = writeln!(std::io::stdout(), "skipped: {error}; audio-report voices install fast_heart");
            None
        }
    }
}

/// All numbers of an utterance, made in windows of `window` frames.
fn numbers(mut spoken: Spoken, window: usize) -> Vec<f32> {
    let mut numbers = Vec::new();
    while spoken.window(window, &mut |row| numbers.extend_from_slice(row)) {}
    numbers
}

#[test]
fn the_kernels_are_no_further_from_the_float_network_than_the_export_is() {
    let Some(voice) = installed() else { return };
    let golden = golden();
    each(Isa::available(), |isa| {
        let network = Network::load(&voice, Backend::Fused(isa)).unwrap();
        let Network::Fused(weights, _) = &network else { panic!("the kernels are wanted") };
        let mut squares: [Squares; 3 + PARTS] = Default::default();
        let [duration, pitch, loudness, parts @ ..] = &mut squares;
        for sentence in &golden.sentences {
            let (tokens, wanted) = (sentence.tokens(), sentence.reading());
            duration.add(&weights.prosody.run(isa, &tokens, 1.0).durations, &wanted.durations, |_| true);
            let curves = weights.prosody.curves_of(isa, &tokens, &wanted.steps);
            pitch.add(&curves.0, &wanted.pitch, |frame| wanted.pitch[frame] > 40.0);
            loudness.add(&curves.1, &wanted.loudness, |_| true);
            let made = numbers(Spoken::of(weights, isa, &tokens, wanted), 96);
            for Frame { frame, numbers } in &sentence.frames {
                for (part, (squares, golden)) in parts.iter_mut().zip(numbers).enumerate() {
                    let first = (frame * PARTS + part) * PADDED_BINS;
                    squares.add(&made[first..first + BINS], golden, |_| true);
                }
            }
        }
        let Distances { duration, pitch, loudness, lh, theta, ln, lr, phi } = golden.export;
        let bounds = [duration, pitch, loudness, lh, theta, ln, lr, phi];
        let made = squares.each_ref().map(Squares::root_mean);
        assert!(
            made.iter().zip(bounds).all(|(made, bound)| *made <= bound),
            "{isa}: {made:.4?} of {bounds:.4?}"
        );
    });
}

#[test]
fn the_runtime_follows_the_export() {
    let Some(voice) = installed() else { return };
    let golden = golden();
    let network = Network::load(&voice, Backend::Runtime).unwrap();
    let (mut duration, mut pitch) = (Squares::default(), Squares::default());
    let mut parts: [Squares; PARTS] = Default::default();
    for sentence in &golden.sentences {
        let (spoken, wanted) = (network.read(&sentence.tokens(), 1.0).unwrap(), sentence.reading());
        duration.add(&spoken.reading.durations, &wanted.durations, |_| true);
        if spoken.reading.steps != wanted.steps {
            continue;
        }
        pitch.add(&spoken.reading.pitch, &wanted.pitch, |frame| wanted.pitch[frame] > 40.0);
        let made = numbers(spoken, 96);
        for Frame { frame, numbers } in &sentence.frames {
            for (part, (squares, golden)) in parts.iter_mut().zip(numbers).enumerate() {
                let first = (frame * PARTS + part) * PADDED_BINS;
                squares.add(&made[first..first + BINS], golden, |_| true);
            }
        }
    }
    let Distances { duration: most, pitch: most_pitch, lh, theta, ln, lr, phi, .. } = golden.export;
    let bounds = [most, most_pitch, lh, theta, ln, lr, phi];
    let made: Vec<f64> = [duration, pitch].iter().chain(&parts).map(Squares::root_mean).collect();
    assert!(
        made.iter().zip(bounds).all(|(made, bound)| *made <= 2_f64.sqrt() * bound),
        "{made:?} of {bounds:?}"
    );
}

#[test]
fn windows_give_the_samples_of_one_run_to_the_bit() {
    let Some(voice) = installed() else { return };
    let golden = golden();
    let sentence = &golden.sentences[1];
    let tokens = sentence.tokens();
    each(Isa::available(), |isa| {
        let hibari = Hibari::load(&voice, Backend::Fused(isa)).unwrap();
        let speak = |window: usize| {
            let mut sound = Collect::default();
            let spoken = hibari.network.read(&tokens, 1.0).unwrap();
            hibari.speak(spoken, iter::repeat(window), &mut sound).unwrap();
            sound.0
        };
        let whole = speak(usize::MAX / 2);
        for window in [1, 7, 30, 96] {
            assert!(speak(window) == whole, "{isa}: windows of {window} frames differ");
        }
    });
}

/// Mean distance of the logarithmic spectra of two sounds, in decibels.
fn spectral_distance(a: &[f32], b: &[f32]) -> f64 {
    const FRAME: usize = 1024;
    /// Far above the steps of 16 bits, which are 2 × 10⁻⁴ in a bin.
    const FLOOR: f32 = 1e-2;
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(FRAME);
    let decibels = |samples: &[f32]| -> Vec<f64> {
        let hann = |index: usize| 0.5 - 0.5 * (std::f32::consts::TAU * index as f32 / FRAME as f32).cos();
        let mut frame: Vec<f32> = samples.iter().enumerate().map(|(index, x)| x * hann(index)).collect();
        let mut bins = transform.make_output_vec();
        transform.process(&mut frame, &mut bins).unwrap();
        bins.iter().map(|bin| 20.0 * f64::from(bin.norm() + FLOOR).log10()).collect()
    };
    let frames = a.windows(FRAME).zip(b.windows(FRAME)).step_by(FRAME / 4);
    let distances: Vec<f64> = frames
        .map(|(a, b)| {
            let (a, b) = (decibels(a), decibels(b));
            (a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / a.len() as f64).sqrt()
        })
        .collect();
    distances.iter().sum::<f64>() / distances.len() as f64
}

/// Of the same network's pitch, so that only the vocoder differs, and the noise it draws. Two draws of the package are 0.2 dB
/// apart.
#[test]
fn the_vocoder_sounds_as_the_models_own_package() {
    let Some(voice) = installed() else { return };
    let (golden, package) = (golden(), package());
    each(Isa::available(), |isa| {
        let hibari = Hibari { gain: 1.0, ..Hibari::load(&voice, Backend::Fused(isa)).unwrap() };
        let Network::Fused(weights, _) = &*hibari.network else { panic!("the kernels are wanted") };
        let spoken = Spoken::of(weights, isa, &golden.sentences[0].tokens(), golden.sentences[0].reading());
        let mut sound = Collect::default();
        hibari.speak(spoken, windows(), &mut sound).unwrap();
        let distance = spectral_distance(&sound.0, &package);
        assert!(distance < 1.0, "{isa}: {distance:.2} dB");
    });
}

/// The phase of the voice is a running sum of its pitch. A pitch that is off by a third of a percent soon moves the harmonics
/// against the part that has its own phase. For that reason the exported network is 1.3 to 1.7 dB from the float one.
#[test]
fn an_utterance_sounds_as_that_of_the_float_network() {
    let Some(voice) = installed() else { return };
    let (golden, package) = (golden(), package());
    let backends = Isa::available().into_iter().map(Backend::Fused).chain([Backend::Runtime]);
    each(backends, |backend| {
        let hibari = Hibari { gain: 1.0, ..Hibari::load(&voice, backend).unwrap() };
        let mut sound = Collect::default();
        let phonemes = golden.sentences[0].phonemes.clone();
        let utterance = Utterance { phonemes, speed: Speed::NORMAL, threads: std::num::NonZeroUsize::MIN };
        let timings = hibari.synthesize(&utterance, &mut sound).unwrap();
        assert_eq!(timings.total(), sound.0.len());
        assert_eq!(sound.0.len(), package.len());
        let distance = spectral_distance(&sound.0, &package);
        assert!(distance < 3.0, "{backend}: {distance:.2} dB");
    });
}

fn package() -> Vec<f32> {
    let reader = hound::WavReader::new(std::io::Cursor::new(data("port.wav"))).unwrap();
    reader.into_samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32_768.0).collect()
}
