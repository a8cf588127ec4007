//! The Kokoro backend against golden sounds that ONNX Runtime made of the same model (`tests/data/kokoro`, by
//! `scripts/kokoro_golden.py`). The library runtime must follow the exported int8 network. The kernels must follow the
//! network with float activations, because one in thirty of the export's durations is a rounding error.
//!
//! **The sound** can't be equal, sample by sample. If a single activation of the text side is rounded the other way,
//! the pitch moves, and the phase of the voice is a running sum of the pitch. So the sound is compared by log-spectral
//! distance. Yardstick, same measure: the test prints the distance of the exported int8 network from its float
//! decoder. Unchanged rten, which pads convolutions wrongly, is 6.8 dB from the export.
//!
//! **The durations** must be the golden ones, except for a frame at a rounding edge. The network computes a duration
//! as a sum of floats and rounds it to whole frames of 25 ms. Before that it rounds every activation to 8 bits. AVX2
//! adds floats in 8 lanes, AVX-512 in 16, ONNX Runtime in another order again, so their last bits differ. Now and then
//! that puts an activation on the other side of its rounding edge, one 255th of the largest away. So two processors
//! get durations that differ by the noise of the network's own rounding. In “hall” the `ɹ` of “word” lasts 1.529
//! frames with AVX-512 and 1.497 with AVX2: two frames, or one. The cause is not the 16-bit saturation of AVX2's
//! product of bytes (`vpmaddubsw`). The weights of this model have seven bits (−64 to 64, or 0 to 127), so two
//! products are at most 2 × 255 × 64 = 32,640, which fits.
//!
//! [`NOISE`] says how far from an edge a duration is in doubt. Where one sound has a frame more for that reason, the
//! frame is cut out of it before the two are compared.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]
#![allow(clippy::print_stdout, reason = "the figures are the yardstick of later changes")]

use crate::common;

use std::num::NonZeroUsize;
use std::path::Path;

use audio_report::audio::Speed;
use audio_report::internals::Features;
use audio_report::internals::Kokoro;
use audio_report::synth::backend::Backend;
use audio_report::synth::{Collect, Synthesizer, Utterance};
use common::voice::{backends, installed, is_slow};
use realfft::RealFftPlanner;
use serde::Deserialize;

const FRAME_SAMPLES: usize = 600;
/// How far a duration of the library runtime may lie beyond the edge of the golden one, as a share of it. It covers
/// the noise of rounding activations to 8 bits, between two runs that are rounded differently. Each of them differs
/// from the float network with a standard deviation of 0.0265 (3,033 tokens of `text_side.json`; the exported network
/// in ONNX Runtime 0.0258), so they differ with √2 × 0.0265 = 0.0375 from each other. The measured values were 0.0325
/// between the two runtimes, and 0.013 between the same runtime with AVX2 and with AVX-512.
const NOISE: f32 = 0.04;
/// The same for the kernels, which compute durations with 16 bits: √2 × 0.0033. The measured value was 0.0014 between
/// AVX2 and AVX-512.
const KERNEL_NOISE: f32 = 0.005;
/// Limit of the distance between runtime and export: above the effect of rounding (4.3 to 4.8 dB measured), below that
/// of a wrong padding.
const LARGEST_DISTANCE_DB: f64 = 5.5;
/// Limit of the distance between kernels and float network: 2.2 to 2.4 dB measured.
const LARGEST_KERNEL_DISTANCE_DB: f64 = 3.5;
/// The voice is silent in its first 25 ms; wrong padding clicks there at up to full scale.
const LOUDEST_START: f32 = 0.001;

#[derive(Deserialize)]
struct Golden {
    /// With the frames of the exported network.
    sentences: Vec<Sentence>,
    /// With the frames of the float network.
    float_sentences: Vec<Sentence>,
}

#[derive(Deserialize)]
struct Sentence {
    name: String,
    phonemes: String,
    frames: Vec<usize>,
}

impl Sentence {
    /// The reasons why the network's durations and frames differ from those of this sentence; empty when they agree.
    fn wrong_durations(&self, durations: &[f32], frames: &[usize], noise: f32) -> Vec<String> {
        if durations.len() != self.frames.len() || frames.len() != self.frames.len() {
            return vec![format!("{} and {} tokens", durations.len(), frames.len())];
        }
        let mut wrong = Vec::new();
        for (token, ((duration, made), golden)) in durations.iter().zip(frames).zip(&self.frames).enumerate()
        {
            // Every sound lasts at least a frame.
            let least = if *golden == 1 { f32::NEG_INFINITY } else { *golden as f32 - 0.5 };
            let most = *golden as f32 + 0.5;
            if made != golden {
                println!("{}: token {token} lasts {duration} frames, golden {golden}", self.name);
            }
            if *duration < least - noise * duration || *duration > most + noise * duration {
                wrong.push(format!("token {token} lasts {duration} frames instead of {golden}"));
            }
            if *made != duration.round_ties_even().max(1.0) as usize {
                wrong.push(format!("token {token} of {duration} frames became {made}"));
            }
        }
        wrong
    }
}

/// The frames that two renderings of the same tokens have in common: for each token, the smaller of its two numbers of
/// frames.
fn in_common(sound: &[f32], frames: &[usize], others: &[usize]) -> Vec<f32> {
    let mut common = Vec::new();
    let mut start = 0;
    for (own, other) in frames.iter().zip(others) {
        common.extend_from_slice(&sound[start..start + own.min(other) * FRAME_SAMPLES]);
        start += own * FRAME_SAMPLES;
    }
    common
}

/// Root mean square difference of two log spectra (1024-point Hann windows, hop 256, floor −40 dB), in dB.
fn log_spectral_distance(a: &[f32], b: &[f32]) -> f64 {
    const SIZE: usize = 1024;
    let transform = RealFftPlanner::<f64>::new().plan_fft_forward(SIZE);
    let spectra = |samples: &[f32]| -> Vec<f64> {
        let mut levels = Vec::new();
        for window in samples.windows(SIZE).step_by(256) {
            let mut input: Vec<f64> = window
                .iter()
                .enumerate()
                .map(|(i, x)| {
                    let phase = std::f64::consts::TAU * i as f64 / (SIZE - 1) as f64;
                    f64::from(*x) * 0.5 * (1.0 - phase.cos())
                })
                .collect();
            let mut output = transform.make_output_vec();
            transform.process(&mut input, &mut output).unwrap();
            levels.extend(output.iter().map(|bin| 20.0 * (bin.norm() + 0.01).log10()));
        }
        levels
    };
    let (a, b) = (spectra(a), spectra(b));
    assert_eq!(a.len(), b.len());
    let squares: f64 = a.iter().zip(&b).map(|(a, b)| (a - b) * (a - b)).sum();
    (squares / a.len() as f64).sqrt()
}

fn golden_sound(name: &str) -> Vec<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kokoro").join(name);
    let mut wav = hound::WavReader::open(path).unwrap();
    wav.samples::<i16>().map(|x| f32::from(x.unwrap()) / 32_767.0).collect()
}

/// How far `b` is below `a` in power, in dB: the ratio of signal to noise.
fn signal_to_noise(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let power: f64 = a.iter().map(|x| f64::from(*x).powi(2)).sum();
    let noise: f64 = a.iter().zip(b).map(|(x, y)| f64::from(x - y).powi(2)).sum();
    10.0 * (power / noise).log10()
}

/// Compared sample by sample, from the same features as the float decoder: at most half as far away as the export.
#[test]
fn the_decoder_is_nearer_to_the_float_network_than_the_export() {
    let Some(voice) = installed("the decoder") else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kokoro");
    let bytes = std::fs::read(folder.join("port.features.f32")).unwrap();
    let numbers: Vec<f32> =
        bytes.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
    // 512 rows of text features, and two curves at twice the rate.
    let len = numbers.len() / (512 + 4);
    let (text, curves) = numbers.split_at(512 * len);
    let features = Features { text, pitch: &curves[..2 * len], loudness: &curves[2 * len..] };
    let symbols = "ðə pˈɔɹt ˈOpᵊnd æt dˈɔn.".chars().count();
    let (float, export) = (golden_sound("port.float.wav"), golden_sound("port.wav"));
    let yardstick = (signal_to_noise(&float, &export), log_spectral_distance(&float, &export));
    // The export has the harmonic source of its float network. Ours is exact, so our reference must be exact, too.
    let float = golden_sound("port.exact.wav");
    println!("export: {:.1} dB above its noise, {:.2} dB away", yardstick.0, yardstick.1);
    // The runtime has no separate decoder, and the portable kernel takes a minute.
    for backend in backends().into_iter().filter(|backend| *backend != Backend::Runtime && !is_slow(*backend))
    {
        let kokoro = Kokoro::load(&voice, backend).unwrap();
        let sound = kokoro.decode(&features, symbols, NonZeroUsize::new(2).unwrap()).unwrap();
        let (ratio, distance) = (signal_to_noise(&float, &sound), log_spectral_distance(&float, &sound));
        println!("{backend}: {ratio:.1} dB above its noise, {distance:.2} dB away");
        assert!(ratio > yardstick.0 + 3.0, "{backend} is {ratio:.1} dB above its noise");
        assert!(distance < yardstick.1 / 2.0, "{backend} is {distance:.2} dB away");
    }
}

#[test]
fn the_voice_says_what_onnx_runtime_says() {
    let Some(voice) = installed("the voice against ONNX Runtime") else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kokoro");
    let golden: Golden =
        serde_json::from_str(&std::fs::read_to_string(folder.join("golden.json")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for backend in backends() {
        let kokoro = Kokoro::load(&voice, backend).unwrap();
        let (sentences, network, limit, noise) = match backend {
            Backend::Runtime => (&golden.sentences, "", LARGEST_DISTANCE_DB, NOISE),
            Backend::Fused(_) => {
                (&golden.float_sentences, ".network", LARGEST_KERNEL_DISTANCE_DB, KERNEL_NOISE)
            }
            other => panic!("no limits are set for {other}"),
        };
        // The first of the float sentences is the shortest.
        let count = if is_slow(backend) { 1 } else { sentences.len() };
        for sentence in &sentences[..count] {
            let golden = golden_sound(&format!("{}{network}.wav", sentence.name));
            let found = differences(&kokoro, sentence, &golden, limit, noise);
            wrong.extend(found.into_iter().map(|what| format!("“{}” on {backend}: {what}", sentence.name)));
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The faults of a voice's reading of a sentence.
fn differences(kokoro: &Kokoro, sentence: &Sentence, golden: &[f32], limit: f64, noise: f32) -> Vec<String> {
    let (sound, frames) = spoken(kokoro, sentence, 2);
    let reading = kokoro.read(&sentence.phonemes, Speed::NORMAL, NonZeroUsize::MIN).unwrap();
    let mut wrong = sentence.wrong_durations(&reading.durations, &frames, noise);
    if !wrong.is_empty() {
        return wrong;
    }
    if sound.len() != frames.iter().sum::<usize>() * FRAME_SAMPLES {
        return vec![format!("{} samples in frames of {frames:?}", sound.len())];
    }
    let distance = log_spectral_distance(
        &in_common(&sound, &frames, &sentence.frames),
        &in_common(golden, &sentence.frames, &frames),
    );
    println!("{}: {distance:.2} dB from its reference", sentence.name);
    if distance >= limit {
        wrong.push(format!("it is {distance:.2} dB away"));
    }
    let start = sound[..FRAME_SAMPLES].iter().fold(0f32, |peak, x| peak.max(x.abs()));
    if start >= LOUDEST_START {
        wrong.push(format!("it starts with a click of {start}"));
    }
    if spoken(kokoro, sentence, 1) != (sound, frames) {
        wrong.push("it differs with the number of threads".to_string());
    }
    wrong
}

/// The sound of a sentence, and the frames of its tokens.
fn spoken(kokoro: &Kokoro, sentence: &Sentence, threads: usize) -> (Vec<f32>, Vec<usize>) {
    let utterance = Utterance {
        phonemes: sentence.phonemes.clone(),
        speed: Speed::NORMAL,
        threads: NonZeroUsize::new(threads).unwrap(),
    };
    let mut sound = Collect::default();
    let timings = kokoro.synthesize(&utterance, &mut sound).unwrap();
    let samples = [timings.lead_in].into_iter().chain(timings.symbols).chain([timings.lead_out]);
    (sound.0, samples.map(|samples| samples / FRAME_SAMPLES).collect())
}

/// The case that fails if every golden frame must have its counterpart: “hall” as AVX2 speaks it.
#[test]
fn a_frame_is_in_doubt_only_at_a_rounding_edge() {
    let sentence = Sentence { name: "word".to_string(), phonemes: String::new(), frames: vec![2, 1, 12] };
    let found = |durations: [f32; 3], frames: [usize; 3]| {
        sentence.wrong_durations(&durations, &frames, NOISE).join("; ")
    };
    for (durations, frames, wanted) in [
        ([1.528, 0.2, 12.1], [2, 1, 12], ""),
        ([1.497, 0.2, 12.1], [1, 1, 12], ""),
        ([1.42, 0.2, 12.1], [1, 1, 12], "token 0 lasts 1.42 frames instead of 2"),
        ([2.0, 1.55, 11.0], [2, 2, 11], "token 2 lasts 11 frames instead of 12"),
        ([2.0, 1.59, 11.1], [2, 2, 11], "token 1 lasts 1.59 frames instead of 1"),
        ([1.528, 0.2, 12.1], [1, 1, 12], "token 0 of 1.528 frames became 1"),
    ] {
        assert_eq!(found(durations, frames), wanted, "{durations:?}");
    }
    let sound: Vec<f32> = [0.0, 1.0, 2.0].iter().flat_map(|x| vec![*x; FRAME_SAMPLES]).collect();
    let common = in_common(&sound, &[2, 1], &[1, 1]);
    assert_eq!((common.len(), common[0], common[FRAME_SAMPLES]), (2 * FRAME_SAMPLES, 0.0, 2.0));
}
