//! A voice that looks among the chunks it has spoken before it speaks.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::cache::ChunkCache;
use super::chunk::Chunk;
use crate::audio::SampleRate;
use crate::error::{Error, ErrorKind, Result};
use crate::hash::Fields;
use crate::synth::{BlockSink, Flow, Synthesizer, Timings, Utterance, VoiceLimits};

/// A voice whose chunks are kept. What was spoken once comes from the cache, bit for bit.
pub(crate) struct Remembered {
    voice: Arc<dyn Synthesizer>,
    /// All that the sound depends on beside the utterance.
    identity: String,
    cache: Arc<ChunkCache>,
}

impl Remembered {
    /// A voice with a cache; `identity` names all that its sound depends on: engine, model, style, kernels.
    pub(crate) fn new(voice: Arc<dyn Synthesizer>, identity: String, cache: Arc<ChunkCache>) -> Self {
        Self { voice, identity, cache }
    }

    /// The key of an utterance's sound: nothing about the article is in it.
    fn key(&self, utterance: &Utterance) -> [u8; 32] {
        Fields::of("audio-report chunk 1")
            .with(self.identity.as_bytes())
            .with(&utterance.speed.factor().to_bits().to_le_bytes())
            .with(utterance.phonemes.as_bytes())
            .finish()
    }
}

impl Synthesizer for Remembered {
    fn sample_rate(&self) -> SampleRate {
        self.voice.sample_rate()
    }

    fn limits(&self) -> VoiceLimits {
        self.voice.limits()
    }

    fn has_symbol(&self, symbol: char) -> bool {
        self.voice.has_symbol(symbol)
    }

    fn synthesize(&self, utterance: &Utterance, sink: &mut dyn BlockSink) -> Result<Timings> {
        let key = self.key(utterance);
        let known = self.cache.get(&key);
        if let Some(Chunk { timings, samples }) = known
            && timings.symbols.len() == utterance.phonemes.chars().count()
        {
            return match sink.push(samples) {
                Flow::Continue => Ok(timings),
                Flow::Stop => Err(stopped()),
            };
        }
        let ends = self.cache.ends_chunks();
        let mut recording = Recording { sink, samples: Vec::new(), ends, is_wanted: true };
        let timings = self.voice.synthesize(utterance, &mut recording)?;
        let Recording { samples, is_wanted, .. } = recording;
        let chunk = Chunk { timings, samples };
        self.cache.put(&key, &chunk);
        if is_wanted { Ok(chunk.timings) } else { Err(stopped()) }
    }

    fn heard(&self, phonemes: &str, timings: Timings) -> Timings {
        self.voice.heard(phonemes, timings)
    }
}

fn stopped() -> Error {
    Error::new(ErrorKind::Interrupted, "speaking was stopped")
}

/// Passes sound on, and keeps it.
struct Recording<'a> {
    sink: &'a mut dyn BlockSink,
    samples: Vec<f32>,
    /// Whether the voice goes on when the sound is no longer wanted.
    ends: bool,
    is_wanted: bool,
}

impl BlockSink for Recording<'_> {
    fn push(&mut self, block: Vec<f32>) -> Flow {
        self.samples.extend_from_slice(&block);
        if self.is_wanted {
            self.is_wanted = self.sink.push(block) == Flow::Continue;
        }
        if self.is_wanted || self.ends { Flow::Continue } else { Flow::Stop }
    }

    fn flow(&self) -> Flow {
        if self.ends { Flow::Continue } else { self.sink.flow() }
    }

    fn threads(&self, granted: NonZeroUsize) -> NonZeroUsize {
        self.sink.threads(granted)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::audio::Speed;
    use crate::synth::Collect;
    use crate::synth::tone::Tone;
    use crate::table_test::each;

    /// Counts the calls of a voice, and fails those that say "x".
    #[derive(Default)]
    struct Counted(AtomicUsize);

    impl Synthesizer for Counted {
        fn sample_rate(&self) -> SampleRate {
            Tone.sample_rate()
        }

        fn limits(&self) -> VoiceLimits {
            Tone.limits()
        }

        fn has_symbol(&self, symbol: char) -> bool {
            Tone.has_symbol(symbol)
        }

        fn synthesize(&self, utterance: &Utterance, sink: &mut dyn BlockSink) -> Result<Timings> {
            self.0.fetch_add(1, Ordering::Relaxed);
            let timings = Tone.synthesize(utterance, sink)?;
            if utterance.phonemes == "x" {
                return Err(Error::new(ErrorKind::Interrupted, "speaking was stopped"));
            }
            Ok(timings)
        }
    }

    fn utterance(phonemes: &str, speed: f32) -> Utterance {
        let speed = Speed::new(speed).unwrap();
        Utterance { phonemes: phonemes.into(), speed, threads: NonZeroUsize::MIN }
    }

    #[test]
    fn what_was_spoken_once_is_not_spoken_again() {
        let folder = tempfile::tempdir().unwrap();
        let counted = Arc::new(Counted::default());
        let cache = Arc::new(ChunkCache::at(folder.path().join("cache"), 1 << 20));
        let voice = |identity: &str| Remembered::new(counted.clone(), identity.into(), cache.clone());
        // What is said, by whom, how fast, and whether the voice has to say it.
        let rows = [
            ("a", "hˈɛlO.", 1.0, true),
            ("a", "hˈɛlO.", 1.0, false),
            ("a", "hˈɛlO!", 1.0, true),
            ("a", "hˈɛlO.", 1.25, true),
            ("b", "hˈɛlO.", 1.0, true),
            ("b", "hˈɛlO.", 1.0, false),
            // A chunk that failed is not kept.
            ("a", "x", 1.0, true),
            ("a", "x", 1.0, true),
        ];
        for (row, (identity, phonemes, speed, is_spoken)) in rows.into_iter().enumerate() {
            let before = counted.0.load(Ordering::Relaxed);
            let utterance = utterance(phonemes, speed);
            let (mut heard, mut want) = (Collect::default(), Collect::default());
            let timings = voice(identity).synthesize(&utterance, &mut heard);
            let spoken = counted.0.load(Ordering::Relaxed) - before;
            assert_eq!(spoken, usize::from(is_spoken), "row {row}: {identity} {phonemes} {speed}");
            let wanted = Tone.synthesize(&utterance, &mut want).unwrap();
            assert!(timings.is_err() || timings.unwrap() == wanted, "row {row}");
            assert!(heard.0 == want.0, "row {row}: other samples");
        }
    }

    #[test]
    fn a_chunk_that_nobody_waits_for_is_ended_only_on_demand() {
        /// Wants the first block only.
        struct Gone;
        impl BlockSink for Gone {
            fn push(&mut self, _: Vec<f32>) -> Flow {
                Flow::Stop
            }
            fn flow(&self) -> Flow {
                Flow::Stop
            }
        }
        each([false, true], |ends| {
            let folder = tempfile::tempdir().unwrap();
            let cache = ChunkCache::at(folder.path().join("cache"), 1 << 20).ending_chunks(ends);
            let voice = Remembered::new(Arc::new(Tone), "a".into(), Arc::new(cache));
            let utterance = utterance(&"hˈɛlO. ".repeat(20), 1.0);
            let stopped = voice.synthesize(&utterance, &mut Gone).unwrap_err();
            assert_eq!(stopped.kind(), ErrorKind::Interrupted, "{ends}");
            assert_eq!(voice.cache.content().chunks, usize::from(ends), "{ends}");
            if ends {
                let (mut kept, mut want) = (Collect::default(), Collect::default());
                voice.synthesize(&utterance, &mut kept).unwrap();
                Tone.synthesize(&utterance, &mut want).unwrap();
                assert_eq!(voice.cache.counts(), (1, 1));
                assert!(kept.0 == want.0, "half a chunk was kept");
            }
        });
    }

    #[test]
    fn damaged_sound_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let counted = Arc::new(Counted::default());
        let cache = Arc::new(ChunkCache::at(folder.path().join("cache"), 1 << 20));
        let voice = Remembered::new(counted.clone(), "a".into(), cache.clone());
        let speak = || {
            let mut heard = Collect::default();
            voice.synthesize(&utterance("hˈɛlO.", 1.0), &mut heard).unwrap();
            heard.0
        };
        let first = speak();
        for damage in ["cut", "flipped", "empty"] {
            let file = cache.files().next().unwrap().path;
            let mut bytes = std::fs::read(&file).unwrap();
            match damage {
                "cut" => bytes.truncate(bytes.len() / 2),
                "flipped" => bytes[100] ^= 4,
                _ => bytes.clear(),
            }
            std::fs::write(&file, bytes).unwrap();
            let before = counted.0.load(Ordering::Relaxed);
            assert!(speak() == first && speak() == first, "{damage}");
            assert_eq!(counted.0.load(Ordering::Relaxed), before + 1, "{damage}");
        }
    }
}
