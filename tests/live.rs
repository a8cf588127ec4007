//! Reading live: the sound that a listener gets while the report is made. How much time chunks take is tried with a
//! simulated clock beside the controller; here the test sets the listener's lead.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use audio_report::article::Article;
use audio_report::audio::{Hearing, Listener, Sink};
use audio_report::cancel::Cancel;
use audio_report::error::Result;
use audio_report::report::{Block, NarrationSettings, Narrator, SpeechSettings, Summary, Workers};
use audio_report::synth::backend::Backend;
use audio_report::text::Span;
use common::SUMMIT_STORY;
use common::voice::installed;

/// The result: sentences with the samples before them, and all samples.
#[derive(Clone, Default)]
struct Heard {
    sentences: Vec<(String, usize)>,
    samples: Vec<f32>,
    needed: Vec<Duration>,
}

/// A listener with a lead that the test chooses, or a file.
struct Ear {
    heard: Arc<Mutex<Heard>>,
    hearing: Option<Hearing>,
}

impl Sink for Ear {
    fn begin_sentence(&mut self, _number: usize, text: &str, _span: Span) {
        let mut heard = self.heard.lock().unwrap();
        let start = heard.samples.len();
        heard.sentences.push((text.to_string(), start));
    }
    fn write(&mut self, samples: &[f32]) -> Result<()> {
        self.heard.lock().unwrap().samples.extend_from_slice(samples);
        Ok(())
    }
    fn listener(&self) -> Option<Arc<dyn Listener>> {
        let hearing = self.hearing?;
        Some(Arc::new(Lead { hearing, heard: self.heard.clone() }))
    }
    fn finalize(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

struct Lead {
    hearing: Hearing,
    heard: Arc<Mutex<Heard>>,
}

impl Listener for Lead {
    fn hearing(&self) -> Hearing {
        self.hearing
    }
    fn set_needed_lead(&self, lead: Duration) {
        self.heard.lock().unwrap().needed.push(lead);
    }
}

const FAR_BEHIND: Hearing = Hearing { lead: Duration::from_mins(1), is_waiting: false };
const WAITING: Hearing = Hearing { lead: Duration::ZERO, is_waiting: true };

fn settings() -> NarrationSettings {
    NarrationSettings::default().with_hurry_first(true)
}

fn read(narrator: &Narrator, text: &str, hearing: Option<Hearing>, workers: usize) -> (Heard, Summary) {
    let heard = Arc::new(Mutex::new(Heard::default()));
    let article = Arc::new(Article::from_text(text.to_string()));
    let sink = Box::new(Ear { heard: heard.clone(), hearing });
    let workers = Workers::new(NonZeroUsize::new(workers).unwrap());
    let narrator = narrator.with_workers(workers);
    let summary = narrator.narrate(&article, settings(), sink, &Cancel::new(), &mut |_| {}).unwrap();
    let heard = heard.lock().unwrap().clone();
    (heard, summary)
}

fn real_voice(what: &str) -> Option<Narrator> {
    let voice = installed(what)?;
    let settings = SpeechSettings::default().with_backend(Backend::from_env().unwrap());
    Some(Narrator::load(&voice, &settings).unwrap())
}

/// The text is short: an unoptimised front end and a busy machine make the test long enough.
const BEGINNING: &str =
    "Port reopens after a storm, and ferries wait\n\nShips came back to Busan on Monday at noon.";

#[test]
fn with_much_time_sentences_are_whole_after_the_first_clause() {
    let narrator = Narrator::tone(&SpeechSettings::default());
    for workers in [1, 2] {
        let (file, file_summary) = read(&narrator, SUMMIT_STORY, None, workers);
        let (live, summary) = read(&narrator, SUMMIT_STORY, Some(FAR_BEHIND), workers);
        // Chunks grow from a clause to a sentence within the first sentences.
        assert!(summary.chunks > file_summary.chunks, "{} chunks", summary.chunks);
        assert!(summary.chunks <= file_summary.chunks + 6, "{} {}", summary.chunks, file_summary.chunks);
        let texts = |heard: &Heard| heard.sentences.iter().map(|(text, _)| text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&live).concat(), texts(&file).concat());
        let spans = |summary: &Summary| summary.sentences.iter().map(|s| s.span).collect::<Vec<_>>();
        assert_eq!(spans(&summary), spans(&file_summary));
        // The last paragraphs sound the same, to the bit.
        let tail = 24_000 * 60;
        assert!(live.samples[live.samples.len() - tail..] == file.samples[file.samples.len() - tail..]);
        assert_eq!(live.needed.len(), 2 * summary.chunks - 1);
    }
}

#[test]
fn without_time_a_sentence_comes_in_phrases_and_nothing_is_lost() {
    let narrator = Narrator::tone(&SpeechSettings::default());
    let (file, file_summary) = read(&narrator, SUMMIT_STORY, None, 2);
    let (live, summary) = read(&narrator, SUMMIT_STORY, Some(WAITING), 2);
    assert!(summary.chunks > 2 * file_summary.chunks, "{} {}", summary.chunks, file_summary.chunks);
    let spans = |summary: &Summary| summary.sentences.iter().map(|s| s.span).collect::<Vec<_>>();
    assert_eq!(spans(&summary), spans(&file_summary));
    // The audible sound is as long as before, up to the fades at the cuts.
    let loud = |heard: &Heard| heard.samples.iter().filter(|sample| sample.abs() > 0.01).count() as f64;
    assert!((loud(&live) / loud(&file) - 1.0).abs() < 0.02, "{} {}", loud(&live), loud(&file));
    // Sentences begin where their sound begins.
    for (_, start) in &live.sentences {
        let head = &live.samples[*start..*start + 24_000];
        let silence = head.iter().take_while(|sample| sample.abs() < 0.01).count();
        assert!(silence < 2_400, "{silence} samples of silence at the head of a sentence");
    }
}

#[test]
fn the_real_voice_begins_with_a_clause_and_goes_on_in_sentences() {
    let Some(narrator) = real_voice("reading live with the real voice") else { return };
    for workers in [1, 2] {
        let (file, file_summary) = read(&narrator, BEGINNING, None, workers);
        let (live, summary) = read(&narrator, BEGINNING, Some(FAR_BEHIND), workers);
        assert!(summary.chunks > file_summary.chunks);
        // The same words, with a pause here and there.
        let ratio = live.samples.len() as f64 / file.samples.len() as f64;
        assert!((0.95..1.25).contains(&ratio), "{workers} workers: {ratio}");
        let last = |summary: &Summary| summary.sentences.last().unwrap().clone();
        let length = |timing: &audio_report::report::SentenceTiming| timing.end - timing.start;
        let (a, b) = (last(&file_summary), last(&summary));
        assert_eq!(a.span, b.span);
        assert!((length(&a) - length(&b)).abs() < 1e-9, "the last sentence is whole and thus the same");
    }
}

#[test]
fn a_stream_of_the_real_voice_ends_with_its_summary() {
    let Some(narrator) = real_voice("streaming the real voice") else { return };
    let article = Arc::new(Article::from_text(BEGINNING.to_string()));
    let (mut samples, mut sentences, mut end) = (0, 0, None);
    for block in narrator.stream(&article, settings(), Duration::from_secs(2)) {
        match block.unwrap() {
            Block::Sentence(_) => sentences += 1,
            Block::Samples(block) => samples += block.len(),
            Block::End(summary) => end = Some(summary),
            _ => {}
        }
    }
    let summary = end.unwrap();
    assert_eq!((sentences, summary.sentences.len()), (2, 2));
    assert!((summary.audio_seconds - samples as f64 / 24_000.0).abs() < 1e-9);
}
