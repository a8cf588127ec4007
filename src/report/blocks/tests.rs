use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use super::*;
use crate::report::SpeechSettings;
use crate::synth::tone::Tone;
use crate::synth::{BlockSink, Flow, Synthesizer, Timings, Utterance, VoiceLimits};

const STORY: &str = "Port reopens after the storm\n\nThe port of Busan reopened on Monday, and ships came back. \
    Officials, who had closed it on Friday, said the damage was small.\n\nFares stay as they are.";

fn settings() -> NarrationSettings {
    NarrationSettings::default().with_hurry_first(true)
}

fn article(text: &str) -> Arc<Article> {
    Arc::new(Article::from_text(text.to_string()))
}

type Act = dyn Fn(&mut dyn BlockSink) -> Result<()> + Send + Sync;

/// Speaks like [`Tone`], or does what the test wants, and counts samples.
struct Scripted {
    made: AtomicU64,
    act: Box<Act>,
}

impl Scripted {
    fn new(act: impl Fn(&mut dyn BlockSink) -> Result<()> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { made: AtomicU64::new(0), act: Box::new(act) })
    }
}

impl Synthesizer for Scripted {
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
        (self.act)(sink)?;
        let timings = Tone.synthesize(utterance, sink)?;
        self.made.fetch_add(timings.total() as u64, Ordering::SeqCst);
        Ok(timings)
    }
}

fn stream(voice: &Arc<Scripted>, text: &str) -> Blocks {
    let narrator = Narrator::with_voice(&SpeechSettings::default(), voice.clone(), "scripted");
    narrator.stream(&article(text), settings(), Duration::from_secs(1))
}

#[test]
fn sentences_samples_and_the_end_come_in_order() {
    let narrator = Narrator::tone(&SpeechSettings::default());
    let story = article(STORY);
    let (mut sentences, mut samples, mut summary) = (Vec::new(), 0, None);
    for block in narrator.stream(&story, settings(), Duration::from_secs(3)) {
        assert!(summary.is_none(), "something follows the end");
        match block.unwrap() {
            Block::Sentence(sentence) => {
                assert_eq!(sentence.start, samples);
                assert_eq!(&*sentence.text, sentence.span.of(story.text()));
                sentences.push(sentence);
            }
            Block::Samples(block) => {
                assert!(!block.is_empty() && block.len() <= 2_400);
                samples += block.len() as u64;
            }
            Block::End(end) => summary = Some(end),
        }
    }
    let summary = summary.unwrap();
    let texts: Vec<&str> = sentences.iter().map(|sentence| &*sentence.text).collect();
    assert_eq!(
        texts,
        STORY
            .split("\n\n")
            .flat_map(|block| block.split(". "))
            .enumerate()
            .map(|(index, text)| {
                if index == 1 { "The port of Busan reopened on Monday, and ships came back." } else { text }
            })
            .collect::<Vec<_>>()
    );
    assert_eq!(sentences.iter().map(|sentence| sentence.number).collect::<Vec<_>>(), [0, 1, 2, 3]);
    let rate = narrator.sample_rate();
    assert!((summary.audio_seconds - rate.seconds(samples)).abs() < 1e-9);
    for (sentence, timing) in sentences.iter().zip(&summary.sentences) {
        let start = rate.seconds(sentence.start);
        assert!((timing.start - start).abs() < 0.1, "{}: {} {start}", timing.text, timing.start);
    }
}

#[test]
fn the_first_chunk_is_a_clause_and_nothing_is_said_twice_or_left_out() {
    let narrator = Narrator::tone(&SpeechSettings::default());
    let whole: String =
        narrator.front_end().script(article(STORY)).map(|c| c.unwrap().phonemes + " ").collect();
    let rooms = std::cell::Cell::new(0);
    let rooms = Arc::new(Mutex::new(rooms));
    let live = narrator.front_end().live_script(article(STORY), move || {
        let asked = rooms.lock().unwrap();
        asked.set(asked.get() + 1);
        crate::script::Room { least: 10, most: if asked.get() == 1 { 25 } else { 45 } }
    });
    let chunks: Vec<String> = live.map(|chunk| chunk.unwrap().phonemes).collect();
    assert!(chunks[0].chars().count() <= 25 && chunks.len() > 5, "{chunks:?}");
    assert_eq!(chunks.join(" ") + " ", whole);
}

#[test]
fn a_failed_chunk_is_the_last_that_comes() {
    let voice = Scripted::new(|_| Err(Error::new(ErrorKind::Synthesis, "hoarse")));
    let mut blocks = stream(&voice, STORY);
    let error = blocks.find_map(Result::err).unwrap();
    assert_eq!((error.kind(), error.what()), (ErrorKind::Synthesis, "hoarse"));
    assert!(blocks.next().is_none());
}

#[test]
fn dropping_the_iterator_stops_what_is_under_way() {
    let (told, heard) = mpsc::channel();
    let told = Mutex::new(told);
    let voice = Scripted::new(move |sink| {
        let _ = told.lock().unwrap().send("begun");
        // A chunk that would take for ever.
        while sink.flow() == Flow::Continue {
            thread::sleep(Duration::from_millis(1));
        }
        let _ = told.lock().unwrap().send("stopped");
        Err(Error::new(ErrorKind::Interrupted, "stopped"))
    });
    let blocks = stream(&voice, STORY);
    assert_eq!(heard.recv_timeout(Duration::from_mins(1)).unwrap(), "begun");
    drop(blocks);
    assert_eq!(heard.recv_timeout(Duration::from_mins(1)).unwrap(), "stopped");
}

#[test]
fn no_more_is_made_than_the_look_ahead_and_what_is_under_way() {
    let voice = Scripted::new(|_| Ok(()));
    let text = "The port of Busan reopened on Monday, and ships came back at noon. ".repeat(60);
    let (mut taken, mut most_ahead) = (0, 0);
    for block in stream(&voice, &text) {
        if let Block::Samples(block) = block.unwrap() {
            taken += block.len() as u64;
            thread::sleep(Duration::from_micros(200));
            most_ahead = most_ahead.max(voice.made.load(Ordering::SeqCst).saturating_sub(taken));
        }
    }
    assert!(taken > 150 * 24_000, "{taken}");
    assert!(most_ahead < 60 * 24_000, "{most_ahead} samples were made ahead");
}

#[test]
fn a_taker_hears_block_after_block() {
    let taker = Taker { rate: Tone.sample_rate(), state: Mutex::default() };
    assert!(taker.hearing().is_waiting);
    taker.offer(48_000);
    assert_eq!(taker.hearing().lead, Duration::from_secs(2));
    taker.take(24_000);
    taker.take(24_000);
    taker.offer(12_000);
    let hearing = taker.hearing();
    assert!(!hearing.is_waiting);
    assert!((2.0..=2.5).contains(&hearing.lead.as_secs_f64()), "{hearing:?}");
}

/// A voice that makes a single sample.
struct Constant(f32);

impl Synthesizer for Constant {
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
        let symbols = vec![1_200; utterance.phonemes.chars().count()];
        let timings = Timings { lead_in: 1_200, symbols, lead_out: 1_200 };
        sink.push(vec![self.0; timings.total()]);
        Ok(timings)
    }
}

#[test]
fn speech_that_is_silent_or_no_number_is_an_error_with_its_text() {
    let mut failed = Vec::new();
    for (sample, text, want) in [
        (0.0, "Ships came back.", Some("the voice made no sound")),
        (1e-5, "Ships came back.", Some("the voice made no sound")),
        (f32::NAN, "Ships came back.", Some("samples that are no numbers")),
        (f32::INFINITY, "Ships came back.", Some("samples that are no numbers")),
        (0.3, "Ships came back.", None),
    ] {
        let narrator =
            Narrator::with_voice(&SpeechSettings::default(), Arc::new(Constant(sample)), "constant");
        let error = narrator.stream(&article(text), settings(), Duration::from_secs(1)).find_map(Result::err);
        let is_right = match (&error, want) {
            (None, None) => true,
            (Some(error), Some(want)) => {
                error.kind() == ErrorKind::Synthesis
                    && error.story().contains(want)
                    && error.story().contains(text)
            }
            _ => false,
        };
        if !is_right {
            failed.push(format!("{sample}: {:?}", error.map(|error| error.story())));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_narration_that_panics_ends_with_an_error() {
    let narrator = Narrator::tone(&SpeechSettings::default());
    let blocks = narrator.stream(&article(STORY), settings(), Duration::from_secs(1));
    // The receiving end of a narration whose thread ended without a message.
    let (sender, receiver) = sync_channel(1);
    let narrating = thread::spawn(move || {
        let _sender = sender;
        panic!("a bug of the narration");
    });
    let mut broken = Blocks {
        receiver,
        taker: blocks.taker.clone(),
        cancel: Cancel::new(),
        narrating: Some(narrating),
        failure: None,
        is_over: false,
    };
    let error = broken.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.what()), (ErrorKind::Synthesis, "the narration broke off"));
    assert!(broken.next().is_none());
}

#[test]
fn two_listeners_of_one_article_each_get_all_of_it() {
    let narrator = Narrator::tone(&SpeechSettings::default());
    let story = article(STORY);
    let mut streams = [1, 3].map(|ahead| narrator.stream(&story, settings(), Duration::from_secs(ahead)));
    let mut samples = [0, 0];
    let mut ends = [false, false];
    while ends.contains(&false) {
        for (index, stream) in streams.iter_mut().enumerate() {
            match stream.next().map(Result::unwrap) {
                Some(Block::Samples(block)) => samples[index] += block.len(),
                Some(Block::End(_)) => ends[index] = true,
                Some(Block::Sentence(_)) | None => {}
            }
        }
    }
    let alone: usize = narrator
        .stream(&story, settings(), Duration::from_secs(1))
        .map(|block| if let Block::Samples(block) = block.unwrap() { block.len() } else { 0 })
        .sum();
    // Where a clause ends depends on the clock, and each cut adds a pause.
    for count in samples {
        assert!(count.abs_diff(alone) < 2 * 24_000, "{count} samples, alone {alone}");
    }
}
