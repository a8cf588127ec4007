//! Speaks a phoneme string with an installed Kokoro voice and writes a WAV:
//! `cargo run --release --example say_phonemes -- MODEL.onnx STYLE.bin OUT.wav 'hˈɛlO.'`
use std::num::NonZeroUsize;
use std::time::Instant;

use audio_report::synth::kokoro::Kokoro;
use audio_report::synth::{Collect, Synthesizer, Utterance};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, style, out, phonemes] = arguments.as_slice() else {
        return Err("usage: say_phonemes MODEL.onnx STYLE.bin OUT.wav PHONEMES".into());
    };
    let start = Instant::now();
    let voice = Kokoro::load(model.as_ref(), style.as_ref())?;
    eprintln!("loaded in {:?}", start.elapsed());
    let start = Instant::now();
    let mut sound = Collect::default();
    let utterance = Utterance { phonemes: phonemes.clone(), speed: 1.0, threads: NonZeroUsize::MIN };
    let timings = voice.synthesize(&utterance, &mut sound)?;
    eprintln!("{} samples in {:?}; {timings:?}", sound.0.len(), start.elapsed());
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: voice.sample_rate().hertz(),
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut wav = hound::WavWriter::create(out, spec)?;
    for sample in sound.0 {
        wav.write_sample(sample)?;
    }
    Ok(wav.finalize()?)
}
