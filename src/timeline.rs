//! Every sentence and every word of a report: where it is written and when it is audible. Captions and chapters are
//! made from these.
//!
//! Times are samples of the programme, so that nothing drifts. A word ends with its last phoneme, not with the pause
//! of its punctuation. Text that is not spoken is not here.
//!
//! - `announced`: what is said around the article
//! - `written`: the words as captions show them, with their marks
//! - `cues`: words → cues of two lines
//! - `vtt`, `srt`, `json`, `chapters`: the files

mod announced;
pub(crate) mod chapters;
pub(crate) mod cues;
pub(crate) mod json;
pub(crate) mod srt;
pub(crate) mod vtt;
pub(crate) mod written;

use std::ops::Range;
use std::sync::Arc;

use announced::Announced;

use crate::article::{Article, BlockKind};
use crate::audio::SampleRate;
use crate::script::{Quotations, ScriptChunk, ScriptWord};
use crate::segment::Break;
use crate::text::Span;

/// The sentences and words of a report in time. A word takes 40 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Timeline {
    rate: SampleRate,
    /// Samples of the whole sound.
    length: u64,
    sentences: Vec<TimedSentence>,
    words: Vec<TimedWord>,
    quotations: Arc<Quotations>,
    before: Option<Announced>,
    after: Option<Announced>,
}

/// A sentence that is spoken, at least in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimedSentence {
    /// Counted from zero through the article.
    pub number: usize,
    /// Where it is written.
    pub span: Span,
    /// Its block, as an index of the article's blocks.
    pub block: usize,
    /// The kind of its block.
    pub kind: BlockKind,
    /// Its first word, as an index of the timeline's words.
    pub first_word: usize,
}

/// A written word that is spoken, whatever was said for it. What one reading covers, such as `$1.2 billion`, is one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimedWord {
    /// Where it is written, without the marks around it.
    pub span: Span,
    /// The sample at which its first phoneme begins.
    pub start: u64,
    /// The sample at which its last phoneme ends.
    pub end: u64,
    /// The boundary after it: [`Break::Sentence`] or stronger at the end of a sentence alone.
    pub break_after: Break,
}

impl Timeline {
    /// Nothing is spoken yet.
    pub(crate) fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            length: 0,
            sentences: Vec::new(),
            words: Vec::new(),
            quotations: Arc::default(),
            before: None,
            after: None,
        }
    }

    /// The same with the article's quotations.
    #[must_use]
    pub(crate) fn quoting(self, quotations: Arc<Quotations>) -> Self {
        Self { quotations, ..self }
    }

    /// Whose words a word is, where another voice quotes it and its sentence names the speaker.
    pub(crate) fn speaker(&self, word: usize) -> Option<&str> {
        self.quotations.speaker(self.words.get(word)?.span.start)
    }

    /// Adds the words of the next chunk of `article`; `times` are the samples of the programme at which they are heard, one range a word.
    pub(crate) fn add(&mut self, chunk: &ScriptChunk, article: &Article, times: &[Range<u64>]) {
        for (word, time) in chunk.words.iter().zip(times) {
            let Some(sentence) = chunk.sentences.get(word.sentence) else { continue };
            if self.sentences.last().is_none_or(|last| last.number != sentence.number) {
                self.end_sentence();
                self.sentences.push(TimedSentence {
                    number: sentence.number,
                    span: sentence.span,
                    block: chunk.block,
                    kind: article.blocks().get(chunk.block).map_or(BlockKind::Paragraph, |block| block.kind),
                    first_word: self.words.len(),
                });
            }
            self.add_word(word, article.text(), time.clone());
        }
    }

    fn add_word(&mut self, word: &ScriptWord, text: &str, Range { start, end }: Range<u64>) {
        let first = self.sentences.last().map_or(0, |sentence| sentence.first_word);
        let earliest = self.words.last().map_or(0, |last| last.end);
        let (start, end) = (start.max(earliest), end.max(start).max(earliest));
        if let Some(last) = self.words[first..].last_mut() {
            let between = text.get(last.span.end..word.span.start).unwrap_or_default();
            if !parts(between) {
                last.span = last.span.join(word.span);
                (last.end, last.break_after) = (end, word.break_after);
                return;
            }
            // Where only marks follow, the script can't know that the sentence goes on.
            let is_open = between.contains(char::is_whitespace);
            last.break_after = if is_open { last.break_after.min(Break::Clause) } else { Break::Clause };
        }
        self.words.push(TimedWord { span: word.span, start, end, break_after: word.break_after });
    }

    fn end_sentence(&mut self) {
        if let Some(last) = self.words.last_mut() {
            last.break_after = last.break_after.max(Break::Sentence);
        }
    }

    /// The sound is complete and has this many samples.
    pub(crate) fn finish(&mut self, length: u64) {
        self.end_sentence();
        self.length = length;
    }

    /// Other sound comes before and after: so many samples.
    pub(crate) fn surround(&mut self, before: u64, after: u64) {
        for word in &mut self.words {
            (word.start, word.end) = (word.start + before, word.end + before);
        }
        for announced in [&mut self.before, &mut self.after].into_iter().flatten() {
            announced.samples = announced.samples.start + before..announced.samples.end + before;
        }
        self.length += before + after;
    }

    /// The same times in samples of another rate.
    #[must_use]
    pub(crate) fn at_rate(self, rate: SampleRate) -> Self {
        if rate == self.rate {
            return self;
        }
        let (own, other) = (u64::from(self.rate.hertz()), u64::from(rate.hertz()));
        let at = |sample: u64| sample * other / own;
        let word = |word: TimedWord| TimedWord { start: at(word.start), end: at(word.end), ..word };
        let announced = |announced: Announced| Announced {
            samples: at(announced.samples.start)..at(announced.samples.end),
            ..announced
        };
        Self {
            rate,
            length: at(self.length),
            words: self.words.into_iter().map(word).collect(),
            before: self.before.map(announced),
            after: self.after.map(announced),
            ..self
        }
    }

    /// Adds what is said in another part of the sound, whose text stands behind this one's: from a byte, and from a block on. Its times
    /// are samples of the whole sound already.
    pub(crate) fn append(&mut self, part: &Self, byte: usize, block: usize) {
        let number = self.sentences.last().map_or(0, |last| last.number + 1);
        let first_word = self.words.len();
        self.before = self.before.take().or_else(|| part.before.clone().filter(|_| first_word == 0));
        self.sentences.extend(part.sentences.iter().map(|sentence| TimedSentence {
            number: sentence.number + number,
            span: sentence.span.shifted(byte),
            block: sentence.block + block,
            first_word: sentence.first_word + first_word,
            // A text has one headline.
            kind: if sentence.kind == BlockKind::Title { BlockKind::Heading } else { sentence.kind },
        }));
        self.words.extend(part.words.iter().map(|word| TimedWord { span: word.span.shifted(byte), ..*word }));
        if !part.quotations.is_empty() {
            Arc::make_mut(&mut self.quotations).append(&part.quotations, byte);
        }
        self.length = self.length.max(part.length);
    }

    /// Samples of the whole sound.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The rate of all samples here.
    pub(crate) fn rate(&self) -> SampleRate {
        self.rate
    }

    /// The words, in the order of the sound.
    pub(crate) fn words(&self) -> &[TimedWord] {
        &self.words
    }

    /// The sentences and the words of each, as indices.
    pub(crate) fn sentences(&self) -> impl Iterator<Item = (&TimedSentence, Range<usize>)> {
        self.sentences.iter().enumerate().map(|(index, sentence)| {
            let end = self.sentences.get(index + 1).map_or(self.words.len(), |next| next.first_word);
            (sentence, sentence.first_word..end)
        })
    }

    /// The spoken blocks of the article: the first sentence of each, and its words as indices.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (&TimedSentence, Range<usize>)> {
        self.sentences.chunk_by(|a, b| a.block == b.block).filter_map(|block| {
            let (first, last) = (block.first()?, block.last()?);
            let end = self.sentences.partition_point(|sentence| sentence.number <= last.number);
            let end = self.sentences.get(end).map_or(self.words.len(), |next| next.first_word);
            Some((first, first.first_word..end))
        })
    }
}

/// Whether the text between two spoken words makes them two words: white space does, and so does a dash or an ellipsis.
fn parts(between: &str) -> bool {
    between.contains("--") || between.contains(|c: char| c.is_whitespace() || matches!(c, '—' | '―' | '…'))
}

#[cfg(test)]
mod tests;
