//! The result of a narration.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::word_times::word_times;
use super::{Guess, Guesses};
use crate::article::{Article, Repairs};
use crate::audio::SampleRate;
use crate::error::shorten;
use crate::master::Placement;
use crate::script::{Quotations, ScriptChunk};
use crate::synth::Timings;
use crate::text::Span;
use crate::timeline::Timeline;

/// Upper limit of listed words; a text of unknown words must not fill the memory.
const WORDS_LISTED: usize = 1000;
/// Characters of a spelled word that are listed.
const WORD_SHOWN: usize = 60;

/// The time of a sentence in the sound.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SentenceTiming {
    /// Counted from one.
    pub number: usize,
    /// Seconds from the beginning.
    pub start: f64,
    /// Seconds from the beginning.
    pub end: f64,
    /// As it is written.
    pub text: String,
    /// Where it is written: bytes of the article's decoded text.
    pub span: Span,
}

/// Where an article comes from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Origin {
    /// Where it was fetched from.
    pub(crate) address: Option<String>,
    /// The story's own address: the one that its page claims, where that is believed.
    pub(crate) source: Option<String>,
}

/// The result of a narration: times, sentences, omissions and guesses.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// The headline, when there is one.
    pub title: Option<String>,
    /// Who read it.
    pub voice: String,
    /// Samples a second.
    pub sample_rate: u32,
    /// Length of the sound.
    pub audio_seconds: f64,
    /// Calls of the voice.
    pub chunks: usize,
    /// The time of each sentence in the sound. This grows with the article, by about the length of its text.
    pub sentences: Vec<SentenceTiming>,
    /// Words that no dictionary has, and that rules read: the most frequent first.
    pub guessed_words: Vec<Guess>,
    /// Words that could only be spelled.
    pub spelled_words: BTreeSet<String>,
    /// Pieces of the input that were left out (`explain` shows which and why).
    pub removed: usize,
    /// The faults of the input that were set right.
    pub repairs: Repairs,
    /// How sure it is of the story, as [`Article::confidence`] has it.
    pub confidence: Option<f64>,
    /// Where it comes from.
    #[serde(flatten)]
    pub(crate) origin: Box<Origin>,
    /// Every word and its time.
    #[serde(skip)]
    pub(crate) timeline: Box<Timeline>,
    #[serde(skip)]
    guesses: Box<Guesses>,
    #[serde(skip)]
    rate: SampleRate,
}

impl Summary {
    pub(super) fn new(article: &Article, voice: &str, quotations: Arc<Quotations>, rate: SampleRate) -> Self {
        Self {
            title: article.title().map(|title| shorten(title, 300)),
            voice: voice.to_string(),
            sample_rate: rate.hertz(),
            audio_seconds: 0.0,
            chunks: 0,
            sentences: Vec::new(),
            guessed_words: Vec::new(),
            spelled_words: BTreeSet::new(),
            removed: article.removed().len(),
            repairs: article.repairs(),
            confidence: article.confidence(),
            origin: Box::new(Origin {
                address: article.address().map(str::to_string),
                source: article.source().map(|source| shorten(source, 2_000)),
            }),
            timeline: Box::new(Timeline::new(rate).quoting(quotations)),
            guesses: Box::new(Guesses::at_most(WORDS_LISTED)),
            rate,
        }
    }

    pub(super) fn add(
        &mut self,
        chunk: &ScriptChunk,
        timings: &Timings,
        placement: &Placement,
        article: &Article,
    ) {
        let text = article.text();
        self.chunks += 1;
        let sample = |symbol: usize| placement.heard_at(timings.start_of(symbol) as u64);
        self.timeline.add(chunk, article, &word_times(&chunk.words, timings, placement, self.rate));
        let seconds = |symbol: usize| self.rate.seconds(sample(symbol));
        for (index, sentence) in chunk.sentences.iter().enumerate() {
            let start =
                if index == 0 { self.rate.seconds(placement.start) } else { seconds(sentence.first_symbol) };
            let end = chunk
                .sentences
                .get(index + 1)
                .map_or(self.rate.seconds(placement.end), |next| seconds(next.first_symbol));
            match self.sentences.last_mut().filter(|last| last.number == sentence.number + 1) {
                Some(last) => last.end = end,
                None => self.sentences.push(SentenceTiming {
                    number: sentence.number + 1,
                    start,
                    end,
                    text: sentence.span.of(text).split_whitespace().collect::<Vec<_>>().join(" "),
                    span: sentence.span,
                }),
            }
        }
        for guessed in &chunk.guessed {
            self.guesses.add(&guessed.spoken, &guessed.phonemes, || guessed.sentence.of(text));
        }
        for word in &chunk.spelled {
            if self.spelled_words.len() < WORDS_LISTED {
                self.spelled_words.insert(shorten(word, WORD_SHOWN));
            }
        }
    }

    /// Adds sound of an announcement.
    pub(super) fn announce(&mut self, text: &str, placement: &Placement) {
        self.timeline.announce(text, placement.start..placement.end - placement.tail);
    }

    /// Other sound comes before and after the speech.
    pub(crate) fn surround(&mut self, before: Duration, after: Duration) {
        let seconds = before.as_secs_f64();
        for sentence in &mut self.sentences {
            (sentence.start, sentence.end) = (sentence.start + seconds, sentence.end + seconds);
        }
        self.audio_seconds += (before + after).as_secs_f64();
        self.timeline.surround(self.rate.samples(before) as u64, self.rate.samples(after) as u64);
    }

    pub(super) fn finish(mut self, samples: u64) -> Self {
        self.audio_seconds = self.rate.seconds(samples);
        self.timeline.finish(samples);
        self.guessed_words = self.guesses.take_sorted();
        self
    }
}
