//! The real voice makes the same sound for any number of threads and beside any other work.
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use audio_report::audio::Speed;
use audio_report::internals::Kokoro;
use audio_report::synth::backend::Backend;
use audio_report::synth::{Collect, Synthesizer, Timings, Utterance};
use common::voice::installed;

const PHONEMES: [&str; 2] = ["ðə pˈɔɹt ɹiˈOpənd.", "wˈʌn."];

fn speak(voice: &Kokoro, phonemes: &str, threads: usize) -> (Vec<f32>, Timings) {
    let mut sound = Collect::default();
    let threads = NonZeroUsize::new(threads).unwrap();
    let utterance = Utterance { phonemes: phonemes.into(), speed: Speed::NORMAL, threads };
    let timings = voice.synthesize(&utterance, &mut sound).unwrap();
    (sound.0, timings)
}

#[test]
fn the_voice_says_the_same_with_any_number_of_threads_and_in_company() {
    let Some(installed) = installed("the voice on several threads") else { return };
    let voice = Arc::new(Kokoro::load(&installed, Backend::from_env().unwrap()).unwrap());
    let alone: Vec<_> = PHONEMES.iter().map(|phonemes| speak(&voice, phonemes, 1)).collect();
    for threads in [2, 3] {
        for (phonemes, want) in PHONEMES.iter().zip(&alone) {
            let started = Instant::now();
            assert!(speak(&voice, phonemes, threads) == *want, "{threads} threads say {phonemes} otherwise");
            println!("{threads} threads: {:.3} s for {phonemes}", started.elapsed().as_secs_f64());
        }
    }
    let together = PHONEMES.map(|phonemes| {
        let voice = voice.clone();
        thread::spawn(move || speak(&voice, phonemes, 2))
    });
    for (thread, want) in together.into_iter().zip(&alone) {
        assert!(thread.join().unwrap() == *want, "said otherwise in company");
    }
    let shared = Kokoro::load(&installed, Backend::from_env().unwrap()).unwrap();
    assert!(shared.shares_network_with(&voice));
    assert!(speak(&shared, PHONEMES[0], 1) == alone[0], "a voice that shares the network says it otherwise");
}
