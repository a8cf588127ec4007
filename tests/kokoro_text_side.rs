//! The text side of the Kokoro backend against the float network: `tests/data/kokoro/text_side.json`, which ONNX Runtime made
//! (`scripts/kokoro_text_side_golden.py`).
//!
//! A duration is a rounded sum, and everything after depends on it. The exported int8 network rounds one in thirty
//! otherwise than the float network. The kernels must stay closer to it, and their curves of pitch and loudness within
//! a percent of it.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::num::NonZeroUsize;
use std::path::Path;

use audio_report::audio::Speed;
use audio_report::internals::Kokoro;
use audio_report::internals::Reading;
use audio_report::synth::backend::Backend;
use common::voice::{backends, installed, is_slow};
use kernels::Isa;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    sentences: Vec<Sentence>,
}

#[derive(Deserialize)]
struct Sentence {
    phonemes: String,
    /// Of the float network, in frames, before they are rounded.
    durations: Vec<f32>,
    /// Of the int8 network as it is exported.
    export_frames: Vec<usize>,
    #[serde(default)]
    pitch: Vec<f32>,
    #[serde(default)]
    loudness: Vec<f32>,
    /// The text features of each token.
    #[serde(default)]
    text: Vec<f32>,
}

impl Sentence {
    fn frames(&self) -> Vec<usize> {
        self.durations.iter().map(|duration| duration.round_ties_even().max(1.0) as usize).collect()
    }
}

fn differing(a: &[usize], b: &[usize]) -> usize {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).filter(|(a, b)| a != b).count()
}

/// The root mean square of the difference of `made` and `wanted`, as a share of that of `wanted`.
fn relative_error(made: &[f32], wanted: &[f32]) -> f64 {
    assert_eq!(made.len(), wanted.len());
    let squares =
        |numbers: &mut dyn Iterator<Item = f32>| -> f64 { numbers.map(|x| f64::from(x).powi(2)).sum() };
    let wrong = squares(&mut made.iter().zip(wanted).map(|(a, b)| a - b));
    (wrong / squares(&mut wanted.iter().copied())).sqrt()
}

/// The text features of the tokens, each at its first frame, row by row.
fn token_features(reading: &Reading) -> Vec<f32> {
    let all: usize = reading.frames.iter().sum();
    let firsts = reading.frames.iter().scan(0, |next, frames| {
        let first = *next;
        *next += frames;
        Some(first)
    });
    firsts.flat_map(|first| reading.text.iter().skip(first).step_by(all).copied()).collect()
}

/// Errors of a backend over all sentences.
#[derive(Debug, Default)]
struct Errors {
    tokens: usize,
    /// The number of durations that differ from the float network's, and of those that differ by more than a frame.
    durations: usize,
    far: usize,
    /// The same of the exported network.
    export: usize,
    /// Largest relative errors, of sentences whose durations are right.
    pitch: f64,
    loudness: f64,
    text: f64,
}

fn errors_of(kokoro: &Kokoro, sentences: &[Sentence]) -> Errors {
    let mut errors = Errors::default();
    for sentence in sentences {
        let reading = kokoro.read(&sentence.phonemes, Speed::NORMAL, NonZeroUsize::MIN).unwrap();
        let wanted = sentence.frames();
        let wrong = differing(&reading.frames, &wanted);
        errors.tokens += wanted.len();
        errors.durations += wrong;
        errors.far += reading.frames.iter().zip(&wanted).filter(|(a, b)| a.abs_diff(**b) > 1).count();
        errors.export += differing(&sentence.export_frames, &wanted);
        assert_eq!(reading.pitch.len(), 2 * reading.frames.iter().sum::<usize>());
        if wrong == 0 && !sentence.pitch.is_empty() {
            errors.pitch = errors.pitch.max(relative_error(&reading.pitch, &sentence.pitch));
            errors.loudness = errors.loudness.max(relative_error(&reading.loudness, &sentence.loudness));
        }
        if !sentence.text.is_empty() {
            errors.text = errors.text.max(relative_error(&token_features(&reading), &sentence.text));
        }
    }
    errors
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures are the yardstick of later changes")]
fn durations_and_curves_are_those_of_the_float_network() {
    let Some(voice) = installed("durations and curves") else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/kokoro/text_side.json");
    let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(golden.sentences.len() >= 40);
    let mut wrong = Vec::new();
    for backend in backends() {
        let kokoro = Kokoro::load(&voice, backend).unwrap();
        // These are slow, so they read fewer sentences.
        let count = match backend {
            Backend::Runtime => 20,
            _ if is_slow(backend) => 4,
            Backend::Fused(_) => golden.sentences.len(),
            other => panic!("nothing is expected of {other}"),
        };
        let errors = errors_of(&kokoro, &golden.sentences[..count]);
        println!("{backend}: {errors:.4?}");
        let is_right = match backend {
            // The yardstick.
            Backend::Runtime => errors.durations < 2 * errors.export,
            Backend::Fused(_) => {
                3 * errors.durations < errors.export.max(1)
                    && errors.far == 0
                    && errors.pitch < 0.01
                    && errors.loudness < 0.01
                    && errors.text < 0.01
            }
            other => panic!("nothing is expected of {other}"),
        };
        if !is_right {
            wrong.push(format!("{backend}: {errors:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_reading_does_not_depend_on_the_number_of_threads() {
    let Some(voice) = installed("readings on several threads") else { return };
    let backend = Backend::Fused(Isa::fastest());
    let kokoro = Kokoro::load(&voice, backend).unwrap();
    for phonemes in ["ˌA.", "ðə pˈɔɹt ˈOpᵊnd æt dˈɔn."] {
        let read = |threads| {
            kokoro.read(phonemes, Speed::new(1.2).unwrap(), NonZeroUsize::new(threads).unwrap()).unwrap()
        };
        let (alone, together) = (read(1), read(3));
        assert_eq!(alone.frames, together.frames);
        assert!(
            alone.pitch == together.pitch
                && alone.loudness == together.loudness
                && alone.text == together.text
        );
    }
}
