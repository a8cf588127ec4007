//! The Kokoro backend against golden sounds that ONNX Runtime made of the same model (`tests/data/kokoro`, by
//! `scripts/kokoro_golden.py`): the int8 network as it is exported, and the same text side before a decoder in floats.
//!
//! Durations must be equal. The sound can't be, sample by sample: a single int8 activation of the text side that is rounded
//! the other way moves the pitch, and the phase of the voice is a running sum of that. So the sound is compared by
//! log-spectral distance. Yardstick, same measure, same sentences: the exported int8 network is as far from its float decoder as
//! the test prints; rten as it is, which pads convolutions wrongly, 6.8 dB from the export.
//!
//! The sentences are ones in which no duration lies near a rounding edge: ONNX Runtime gives other durations with and
//! without its own optimisations in about half of all short sentences.

use std::num::NonZeroUsize;
use std::path::Path;

use audio_report::synth::kokoro::Kokoro;
use audio_report::synth::kokoro::engine::Engine;
use audio_report::synth::kokoro::kernels::Isa;
use audio_report::synth::{Collect, Synthesizer, Utterance};
use audio_report::voice::{Store, VoiceName};
use realfft::RealFftPlanner;
use serde::Deserialize;

const FRAME_SAMPLES: usize = 600;
/// Above what rounding does (4.3 to 4.8 dB were seen), below what a wrong padding did.
const LARGEST_DISTANCE_DB: f64 = 5.5;
/// The voice is silent in its first 25 ms; wrong padding clicks there at up to full scale.
const LOUDEST_START: f32 = 0.001;

#[derive(Deserialize)]
struct Golden {
    sentences: Vec<Sentence>,
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

#[test]
fn the_voice_says_what_onnx_runtime_says() {
    let store = Store::open().unwrap();
    let voice = match store.locate(&VoiceName::new("af_heart")) {
        Ok(voice) => voice,
        Err(error) => {
            println!("SKIPPED: the voice af_heart is not installed ({error}); audio-report voices install");
            return;
        }
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kokoro");
    let golden: Golden =
        serde_json::from_str(&std::fs::read_to_string(folder.join("golden.json")).unwrap()).unwrap();
    let read = |name: String| -> Vec<f32> {
        let mut wav = hound::WavReader::open(folder.join(name)).unwrap();
        wav.samples::<i16>().map(|x| f32::from(x.unwrap()) / 32_767.0).collect()
    };
    let load = |engine| Kokoro::load_for(&voice.model, &voice.style, engine).unwrap();
    let (runtime, fused) = (load(Engine::Runtime), load(Engine::Fused(Isa::fastest())));
    for sentence in golden.sentences {
        let (exported, float) =
            (read(format!("{}.wav", sentence.name)), read(format!("{}.float.wav", sentence.name)));
        println!("{}: export {:.2} dB from float", sentence.name, log_spectral_distance(&exported, &float));
        for (engine, kokoro, reference) in [("runtime", &runtime, &exported), ("kernels", &fused, &float)] {
            let sound = spoken(kokoro, &sentence, 2);
            let distance = log_spectral_distance(&sound, reference);
            println!("{}: {engine} {distance:.2} dB from its reference", sentence.name);
            assert!(
                distance < LARGEST_DISTANCE_DB,
                "“{}” on the {engine} is {distance:.2} dB away",
                sentence.name
            );

            let start = sound[..FRAME_SAMPLES].iter().fold(0f32, |peak, x| peak.max(x.abs()));
            assert!(start < LOUDEST_START, "“{}” starts with a click of {start}", sentence.name);

            let alone = spoken(kokoro, &sentence, 1);
            assert!(sound == alone, "“{}” differs with the number of threads", sentence.name);
        }
    }
}

/// The sound of a sentence, whose durations must be the golden ones.
#[allow(clippy::unwrap_used, reason = "a helper of a test")]
fn spoken(kokoro: &Kokoro, sentence: &Sentence, threads: usize) -> Vec<f32> {
    let utterance = Utterance {
        phonemes: sentence.phonemes.clone(),
        speed: 1.0,
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
