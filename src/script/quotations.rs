//! Direct quotations of an article: what another voice may speak, and whose words these are.
//!
//! In doubt the narrator speaks: where a mark has no partner, where a quotation has few words, and in headings.

use std::sync::Arc;

use super::attribution::speaker;
use crate::article::{Article, BlockKind};
use crate::normalize::{QuoteMark, quote_marks};
use crate::segment::sentences;
use crate::text::Span;

/// Up to so many words are a name, a term or words that a writer keeps at a distance, not somebody's speech.
const FEW_WORDS: usize = 4;

/// What an article quotes, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quotations(Vec<Passage>);

/// A quotation, or the part of one that stands in a paragraph, with its marks.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Passage {
    span: Span,
    speaker: Option<Arc<str>>,
}

/// What of a quotation stands in one paragraph.
#[derive(Clone, Copy, Debug)]
struct Part {
    block: usize,
    span: Span,
}

/// A quotation that has not ended.
struct Open {
    is_single: bool,
    /// Its parts in the paragraphs before.
    earlier: Vec<Part>,
    start: usize,
}

/// A quotation that has ended.
struct Closed {
    parts: Vec<Part>,
    /// Whether the words before it in the same sentence are quoted from the same speech.
    continues: bool,
}

impl Quotations {
    /// The quotations of an article that are longer than four words. Two that only an attribution parts count as one: “We
    /// are ready,” he said, “to go.”
    pub(crate) fn of(article: &Article) -> Self {
        let text = article.text();
        let closed = closed(article);
        let parts: Vec<Part> = closed.iter().flat_map(|quotation| quotation.parts.clone()).collect();
        let speakers = speakers(article, &parts);
        let (mut passages, mut first) = (Vec::new(), 0);
        for speech in closed.chunk_by(|_, next| next.continues) {
            let indices = first..first + speech.iter().map(|quotation| quotation.parts.len()).sum::<usize>();
            first = indices.end;
            let spans = || parts[indices.clone()].iter().map(|part| part.span);
            if spans().map(|span| words(span.of(text))).sum::<usize>() > FEW_WORDS {
                let speaker = speakers[indices.clone()].iter().flatten().next();
                passages.extend(spans().map(|span| Passage { span, speaker: speaker.cloned() }));
            }
        }
        Self(passages)
    }

    /// Whether what begins at this byte of the article is quoted.
    pub(crate) fn contains(&self, byte: usize) -> bool {
        self.at(byte).is_some()
    }

    /// Whose words begin at this byte of the article, where the sentence says it.
    pub(crate) fn speaker(&self, byte: usize) -> Option<&str> {
        self.at(byte)?.speaker.as_deref()
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds those of an article whose text stands behind this one's, from a byte on.
    pub(crate) fn append(&mut self, other: &Self, byte: usize) {
        let shifted = |passage: &Passage| Passage { span: passage.span.shifted(byte), ..passage.clone() };
        self.0.extend(other.0.iter().map(shifted));
    }

    fn at(&self, byte: usize) -> Option<&Passage> {
        let after = self.0.partition_point(|passage| passage.span.start <= byte);
        self.0[..after].last().filter(|passage| byte < passage.span.end)
    }
}

/// All quotations of an article that have an end, in the order of their ends.
fn closed(article: &Article) -> Vec<Closed> {
    let text = article.text();
    let mut closed: Vec<Closed> = Vec::new();
    let mut carried: Option<Open> = None;
    for (number, block) in article.blocks().iter().enumerate() {
        let mut open = carried.take();
        if !matches!(block.kind, BlockKind::Paragraph | BlockKind::Quote | BlockKind::ListItem) {
            continue;
        }
        let marks = quote_marks(block.span.of(text)).into_iter();
        let mut marks =
            marks.map(|mark| QuoteMark { span: mark.span.shifted(block.span.start), ..mark }).peekable();
        // A quotation goes on where the paragraph begins with the same mark.
        let begins =
            |mark: &QuoteMark| mark.opens && text[block.span.start..mark.span.start].trim().is_empty();
        open = open
            .filter(|open| marks.peek().is_some_and(|mark| begins(mark) && mark.is_single == open.is_single));
        if let Some(open) = &mut open {
            open.start = marks.next().map_or(block.span.start, |mark| mark.span.start);
        }
        for mark in marks {
            match open.take() {
                Some(Open { is_single, mut earlier, start })
                    if mark.is_single == is_single && !mark.opens =>
                {
                    let continues = earlier.is_empty() && goes_on(text, &closed, number, start);
                    earlier.push(Part { block: number, span: Span::new(start, mark.span.end) });
                    closed.push(Closed { parts: earlier, continues });
                }
                // A quotation in a quotation.
                Some(outer) if mark.is_single != outer.is_single => open = Some(outer),
                Some(_) | None if mark.opens => {
                    open =
                        Some(Open { is_single: mark.is_single, earlier: Vec::new(), start: mark.span.start });
                }
                Some(_) | None => {}
            }
        }
        carried = open.map(|Open { is_single, mut earlier, start }| {
            earlier.push(Part { block: number, span: Span::new(start, block.span.end) });
            Open { is_single, earlier, start }
        });
    }
    closed
}

/// Whether a quotation that begins at `start` goes on with the last one, after its attribution: both commas say so.
fn goes_on(text: &str, closed: &[Closed], block: usize, start: usize) -> bool {
    let last = closed.last().and_then(|last| last.parts.last()).filter(|last| last.block == block);
    let Some(Part { span: last, .. }) = last else { return false };
    let between = text[last.end..start].trim();
    let before = last.of(text).trim_end_matches(is_quote);
    let has_comma = before.ends_with([',', '—']) || between.starts_with(',');
    has_comma && between.ends_with([',', '—']) && !between.contains(['.', '!', '?'])
}

/// Whose words each part is, as its sentence says it.
fn speakers(article: &Article, parts: &[Part]) -> Vec<Option<Arc<str>>> {
    let text = article.text();
    let mut speakers = Vec::with_capacity(parts.len());
    for of_block in parts.chunk_by(|part, next| part.block == next.block) {
        let block = article.blocks().get(of_block[0].block).map_or(Span::default(), |block| block.span);
        let mut sentences = sentences(text, block);
        let mut sentence = Span::default();
        for (index, part) in of_block.iter().enumerate() {
            let span = part.span;
            while sentence.end <= span.start
                && let Some(next) = sentences.next()
            {
                sentence = next;
            }
            let begin = sentence.start;
            while sentence.end < span.end
                && let Some(next) = sentences.next()
            {
                sentence = next;
            }
            // The sentence's own words right before and right after the part, up to the next quotation.
            let last = index.checked_sub(1).map_or(begin, |last| of_block[last].span.end);
            let next = of_block.get(index + 1).map_or(sentence.end, |next| next.span.start);
            let before = text.get(last.max(begin)..span.start).unwrap_or_default();
            let after = text.get(span.end..next.min(sentence.end)).unwrap_or_default();
            speakers.push(speaker((before, last > begin), span.of(text), after).map(Arc::from));
        }
    }
    speakers
}

fn words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
}

/// Whether a character is a quote mark.
pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '‘' | '’' | '\'')
}

#[cfg(test)]
mod tests;
