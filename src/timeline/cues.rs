//! Words → cues: at most two lines, broken where a phrase ends, shown long enough to be read and never two at once.
//!
//! The cues of a block are the cheapest way to part its words, found by dynamic programming. A cue costs
//!
//! - 1, so that there are few;
//! - for the place where it ends: nothing at the end of a sentence, more the closer the next word belongs to it
//!   ([`cut`]), and most of that for the place where its first line ends;
//! - 4 for each sentence that ends within it, so that a cue holds one sentence unless that would be too short;
//! - 2 × the square of its empty share, so that the parts of a sentence have about the same length;
//! - half the square of the difference of its lines, so that these do, too;
//! - much for each limit that it breaks. A limit is broken only where the words leave no other way; such cues are
//!   counted.

use std::ops::Range;

use super::announced::Notice;
use super::written::Written;
use super::{TimedWord, Timeline};
use crate::segment::Break;

/// Characters on a line of WebVTT: Netflix, English Timed Text Style Guide.
pub(crate) const VTT_COLUMNS: usize = 42;
/// Characters on a line of SRT: Podcasting 2.0, the tag `podcast:transcript`.
pub(crate) const SRT_COLUMNS: usize = 32;
/// The shortest and the longest cue in milliseconds: 5/6 s and 7 s, Netflix, Timed Text Style Guide.
pub(crate) const SHORTEST: u64 = 833;
pub(crate) const LONGEST: u64 = 7_000;
/// Characters a second that can be read: the same guide, for adults.
pub(crate) const FASTEST: u64 = 20;
/// A shorter gap between two cues looks like a flicker (BBC Subtitle Guidelines); it is closed.
pub(crate) const GAP: u64 = 1_000;
/// How long a cue stays before a longer gap: 12 frames of 24, Netflix.
const LINGER: u64 = 500;

/// The share of [`cut`] that counts at the end of a line: it is seen together with the next one.
const WITHIN: f64 = 0.8;
const PER_SENTENCE: f64 = 4.0;
const EMPTINESS: f64 = 2.0;
const IMBALANCE: f64 = 0.5;
const TOO_SHORT: f64 = 30.0;
const TOO_FAST: f64 = 4.0;
const TOO_LONG: f64 = 40.0;
const TOO_WIDE: f64 = 40.0;

/// Words that are shown together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cue {
    /// In milliseconds.
    pub start: u64,
    /// In milliseconds; later than the start, and not after the next cue's.
    pub end: u64,
    /// The words, as indices.
    pub words: Range<usize>,
    /// The first word of the second line; the end of the words when there is none.
    pub second_line: usize,
}

impl Cue {
    /// The words of its lines.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Range<usize>> {
        let lines = [self.words.start..self.second_line, self.second_line..self.words.end];
        lines.into_iter().filter(|line| !line.is_empty())
    }
}

/// All cues of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cues {
    /// Those of the announcement before the article.
    pub before: Vec<Notice>,
    /// Those of the article, in order.
    pub list: Vec<Cue>,
    /// Those of the announcement after it.
    pub after: Vec<Notice>,
    /// Cues that are shown for too short a time to be read.
    pub too_short: usize,
    /// Cues with a word that is longer than a line.
    pub too_wide: usize,
}

impl Cues {
    /// The cues of a report whose lines have `columns` characters; `written` are its words.
    pub(crate) fn new(timeline: &Timeline, written: &[Written], columns: usize) -> Self {
        let layout = Layout::new(timeline, written, columns);
        let [before, after] = timeline.notices(columns);
        let mut earliest = before.last().map_or(0, |notice| notice.end);
        let mut cues = Self { before, after, ..Self::default() };
        for (_, block) in timeline.blocks() {
            for words in layout.part(block) {
                let second_line = layout.second_line(&words).map_or(words.end, |(second, _)| second);
                // Words without any length follow each other by a millisecond.
                let start = layout.start(words.start).max(earliest);
                let end = layout.end(&words).max(start + 1);
                earliest = end;
                cues.too_short +=
                    usize::from(end - start < SHORTEST || layout.is_too_fast(&words, end - start));
                cues.too_wide += usize::from(layout.is_too_wide(&words));
                cues.list.push(Cue { start, end, words, second_line });
            }
        }
        if let (Some(last), Some(next)) = (cues.list.last_mut(), cues.after.first()) {
            last.end = last.end.min(next.start.max(last.start + 1));
        }
        cues
    }
}

/// What it costs to end a cue at a boundary.
fn cut(boundary: Break) -> f64 {
    match boundary {
        Break::Sentence | Break::Paragraph => 0.0,
        Break::Clause => 0.4,
        Break::Comma => 0.6,
        Break::Conjunction => 1.0,
        Break::Phrase => 1.4,
        Break::Word => 3.0,
        Break::Bound => 9.0,
    }
}

struct Layout<'a> {
    words: &'a [TimedWord],
    written: &'a [Written],
    /// Characters before each word, spaces included.
    before: Vec<usize>,
    columns: usize,
    /// Start and end of each word, and the end of the sound, in milliseconds.
    times: Vec<(u64, u64)>,
    length: u64,
}

impl<'a> Layout<'a> {
    fn new(timeline: &'a Timeline, written: &'a [Written], columns: usize) -> Self {
        let mut before = Vec::with_capacity(written.len() + 1);
        let mut sum = 0;
        for word in written {
            before.push(sum);
            sum += word.width + usize::from(word.space_before);
        }
        before.push(sum);
        let milliseconds = |samples: u64| milliseconds(timeline, samples);
        let times =
            timeline.words().iter().map(|word| (milliseconds(word.start), milliseconds(word.end))).collect();
        let length = milliseconds(timeline.length());
        Self { words: timeline.words(), written, before, columns, times, length }
    }

    /// The best cues for some words.
    fn part(&self, words: Range<usize>) -> Vec<Range<usize>> {
        // The least cost of the words up to each, and where the last cue begins.
        let mut best = vec![(0.0, words.start)];
        for end in words.start + 1..=words.end {
            let mut cheapest = (f64::INFINITY, end - 1);
            for start in (words.start..end).rev() {
                let cue = start..end;
                let is_one = cue.len() == 1;
                let takes = self.times[end - 1].1 - self.times[start].0;
                if !is_one && (self.width(&cue) > 2 * self.columns + 1 || takes > LONGEST) {
                    break;
                }
                let Some(cost) = self.cost(&cue) else { continue };
                let cost = cost + best[start - words.start].0;
                if cost < cheapest.0 {
                    cheapest = (cost, start);
                }
            }
            best.push(cheapest);
        }
        let (mut cues, mut end) = (Vec::new(), words.end);
        while end > words.start {
            let start = best[end - words.start].1;
            cues.push(start..end);
            end = start;
        }
        cues.reverse();
        cues
    }

    /// The cost of a cue; `None` when its words do not fit, though fewer might.
    fn cost(&self, cue: &Range<usize>) -> Option<f64> {
        let lines = match self.second_line(cue) {
            Some((_, cost)) => cost,
            None if cue.len() == 1 => TOO_WIDE,
            None => return None,
        };
        let sentences = self.words[cue.start..cue.end - 1].iter().filter(|word| ends_sentence(word)).count();
        let empty = 1.0 - (self.width(cue) as f64 / (2 * self.columns) as f64).min(1.0);
        let shown = self.end(cue) - self.start(cue.start);
        let missing = SHORTEST.saturating_sub(shown) as f64 / SHORTEST as f64;
        let mut cost = 1.0 + cut(self.words[cue.end - 1].break_after) + lines;
        cost += PER_SENTENCE * sentences as f64 + EMPTINESS * empty * empty + TOO_SHORT * missing;
        cost += if self.is_too_fast(cue, shown) { TOO_FAST } else { 0.0 };
        cost += if shown > LONGEST { TOO_LONG } else { 0.0 };
        Some(cost)
    }

    /// The first word of a cue's second line, or the cue's end when one line is enough, and what that costs; `None` when
    /// the words do not fit.
    fn second_line(&self, cue: &Range<usize>) -> Option<(usize, f64)> {
        if self.width(cue) <= self.columns {
            return Some((cue.end, 0.0));
        }
        let mut cheapest: Option<(usize, f64)> = None;
        for second in cue.start + 1..cue.end {
            let (upper, lower) = (self.width(&(cue.start..second)), self.width(&(second..cue.end)));
            if upper > self.columns {
                break;
            }
            if lower > self.columns {
                continue;
            }
            let difference = upper.abs_diff(lower) as f64 / self.columns as f64;
            let cost = WITHIN * cut(self.words[second - 1].break_after) + IMBALANCE * difference * difference;
            if cheapest.is_none_or(|(_, least)| cost < least) {
                cheapest = Some((second, cost));
            }
        }
        cheapest
    }

    /// Characters of some words in a row.
    fn width(&self, words: &Range<usize>) -> usize {
        let space = usize::from(self.written[words.start].space_before);
        self.before[words.end] - self.before[words.start] - space
    }

    fn start(&self, word: usize) -> u64 {
        self.times[word].0
    }

    /// When a cue goes: after its last word, or when the next one comes if that is soon.
    fn end(&self, cue: &Range<usize>) -> u64 {
        let (start, spoken) = (self.times[cue.start].0, self.times[cue.end - 1].1);
        let next = self.times.get(cue.end).map(|(start, _)| *start);
        let latest = next.unwrap_or(self.length).max(spoken);
        let close = |end: u64| if next.is_some() && latest - end < GAP { latest } else { end };
        let lingering = match next {
            Some(_) if latest - spoken < GAP => latest,
            Some(_) => spoken + LINGER.min(latest - spoken - GAP),
            None => (spoken + LINGER).min(latest),
        };
        let end = close(lingering.max((start + SHORTEST).min(latest)));
        end.min((start + LONGEST).max(spoken))
    }

    fn is_too_fast(&self, cue: &Range<usize>, shown: u64) -> bool {
        self.width(cue) as u64 * 1000 > FASTEST * shown
    }

    fn is_too_wide(&self, cue: &Range<usize>) -> bool {
        self.second_line(cue).is_none()
    }
}

fn ends_sentence(word: &TimedWord) -> bool {
    word.break_after >= Break::Sentence
}

/// Milliseconds from the beginning, rounded to the nearest.
pub(crate) fn milliseconds(timeline: &Timeline, samples: u64) -> u64 {
    let rate = u64::from(timeline.rate().hertz());
    (samples * 1000 + rate / 2) / rate
}
