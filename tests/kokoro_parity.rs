//! The Kokoro backend against golden sounds that ONNX Runtime made of the same model (`tests/data/kokoro`, by
//! `scripts/kokoro_golden.py`): the int8 network as it is exported, which the library runtime must follow, and the network with
//! float activations, which the kernels must follow: the export's own durations are rounding errors in one token of thirty.
//!
//! Durations must be equal. The sound can't be, sample by sample: a single activation of the text side that is rounded the
//! other way moves the pitch, and the phase of the voice is a running sum of that. So the sound is compared by log-spectral
//! distance. Yardstick, same measure: the exported int8 network is as far from its float decoder as the test prints; rten as
//! it is, which pads convolutions wrongly, 6.8 dB from the export.
//!
//! The sentences are ones in which no duration of their network lies near a rounding edge: ONNX Runtime gives other durations
//! with and without its own optimisations in about half of all short sentences.

use std::num::NonZeroUsize;
use std::path::Path;

use audio_report::audio::Speed;
use audio_report::synth::backend::Backend;
use audio_report::synth::kokoro::Kokoro;
use audio_report::synth::kokoro::decoder::Features;
use audio_report::synth::{Collect, Synthesizer, Utterance};
use audio_report::voice::{InstalledVoice, Store, VoiceName};
use kernels::Isa;
use realfft::RealFftPlanner;
use serde::Deserialize;

const FRAME_SAMPLES: usize = 600;
/// Of the runtime from the export: above what rounding does (4.3 to 4.8 dB were seen), below what a wrong padding did.
const LARGEST_DISTANCE_DB: f64 = 5.5;
/// Of the kernels from the float network: 2.2 to 2.4 dB were seen.
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

/// Root mean square difference of two log spectra (1024-point Hann windows, hop 256, floor −40 dB), in dB.
#[allow(clippy::unwrap_used, reason = "a helper of a test")]
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

/// The voice, and the folder of the golden data; `None`, and a word about it, when it isn't installed.
#[allow(clippy::unwrap_used, clippy::print_stdout, reason = "a helper of a test")]
fn installed() -> Option<InstalledVoice> {
    match Store::from_env().unwrap().locate(&VoiceName::new("af_heart")) {
        Ok(voice) => Some(voice),
        Err(error) => {
            println!("SKIPPED: the voice af_heart is not installed ({error}); audio-report voices install");
            None
        }
    }
}

#[allow(clippy::unwrap_used, reason = "a helper of a test")]
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

/// From the same features as the float decoder, sample by sample: every vector kernel, and half as far as the export at most.
#[test]
fn the_decoder_is_nearer_to_the_float_network_than_the_export() {
    let Some(voice) = installed() else { return };
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
    // The export's harmonic source is that of its float network; ours is exact, and so must be that of our reference.
    let float = golden_sound("port.exact.wav");
    println!("export: {:.1} dB above its noise, {:.2} dB away", yardstick.0, yardstick.1);
    // The portable kernel takes a minute here; the kernels' own tests hold the others against it.
    for isa in Isa::available().into_iter().filter(|isa| *isa != Isa::PORTABLE) {
        let kokoro = Kokoro::load(&voice, Backend::Fused(isa)).unwrap();
        let sound = kokoro.decode(&features, symbols, NonZeroUsize::new(2).unwrap()).unwrap();
        let (ratio, distance) = (signal_to_noise(&float, &sound), log_spectral_distance(&float, &sound));
        println!("{isa}: {ratio:.1} dB above its noise, {distance:.2} dB away");
        assert!(ratio > yardstick.0 + 3.0, "{isa} is {ratio:.1} dB above its noise");
        assert!(distance < yardstick.1 / 2.0, "{isa} is {distance:.2} dB away");
    }
}

#[test]
fn the_voice_says_what_onnx_runtime_says() {
    let Some(voice) = installed() else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kokoro");
    let golden: Golden =
        serde_json::from_str(&std::fs::read_to_string(folder.join("golden.json")).unwrap()).unwrap();
    let load = |engine| Kokoro::load(&voice, engine).unwrap();
    let (runtime, fused) = (load(Backend::Runtime), load(Backend::Fused(Isa::fastest())));
    let exported =
        golden.sentences.iter().map(|sentence| ("runtime", &runtime, sentence, "", LARGEST_DISTANCE_DB));
    let float = golden
        .float_sentences
        .iter()
        .map(|sentence| ("kernels", &fused, sentence, ".network", LARGEST_KERNEL_DISTANCE_DB));
    for (engine, kokoro, sentence, network, limit) in exported.chain(float) {
        let sound = spoken(kokoro, sentence, 2);
        let distance =
            log_spectral_distance(&sound, &golden_sound(&format!("{}{network}.wav", sentence.name)));
        println!("{}: {engine} {distance:.2} dB from its reference", sentence.name);
        assert!(distance < limit, "“{}” on the {engine} is {distance:.2} dB away", sentence.name);

        let start = sound[..FRAME_SAMPLES].iter().fold(0f32, |peak, x| peak.max(x.abs()));
        assert!(start < LOUDEST_START, "“{}” starts with a click of {start}", sentence.name);

        let alone = spoken(kokoro, sentence, 1);
        assert!(sound == alone, "“{}” differs with the number of threads", sentence.name);
    }
}

/// The sound of a sentence, whose durations must be the golden ones.
#[allow(clippy::unwrap_used, reason = "a helper of a test")]
fn spoken(kokoro: &Kokoro, sentence: &Sentence, threads: usize) -> Vec<f32> {
    let utterance = Utterance {
        phonemes: sentence.phonemes.clone(),
        speed: Speed::NORMAL,
        threads: NonZeroUsize::new(threads).unwrap(),
    };
    let mut sound = Collect::default();
    let timings = kokoro.synthesize(&utterance, &mut sound).unwrap();
    let frames: Vec<usize> = [timings.lead_in]
        .iter()
        .chain(&timings.symbols)
        .chain(&[timings.lead_out])
        .map(|samples| samples / FRAME_SAMPLES)
        .collect();
    assert_eq!(frames, sentence.frames, "durations of “{}”", sentence.name);
    assert_eq!(sound.0.len(), timings.total(), "length of “{}”", sentence.name);
    sound.0
}
