//! The spoken article as a page or a book shows it: as it is written, without what is not read.

use crate::article::{Article, BlockKind};
use crate::output::document::{Document, Element, Part, Piece, Role, Sentence};
use crate::text::Span;
use crate::timeline::{TimedSentence, TimedWord, Timeline};

/// The `article` that a voice read; `name` stands for its headline if it has none.
pub(crate) fn document(article: &Article, timeline: &Timeline, voice: &str, name: &str) -> Document {
    let title = article.title().map_or_else(|| fold(name), fold);
    Document {
        title,
        byline: article.byline().map(fold),
        date: article.date().map(fold),
        publication: article.publication().map(fold),
        language: language(article),
        voice: voice.to_string(),
        cover: None,
        milliseconds: milliseconds(timeline, timeline.length()),
        elements: all_elements(article, timeline),
    }
}

/// The announcements, and between them the spoken part of the article.
fn all_elements(article: &Article, timeline: &Timeline) -> Vec<Element> {
    let [before, after] = timeline.announced().map(|announced| {
        let announced = announced?;
        let start = milliseconds(timeline, announced.samples.start);
        let end = milliseconds(timeline, announced.samples.end);
        let text = Part::Word(fold(&announced.text), start);
        let sentence = Piece::Sentence(Sentence { start, end, parts: vec![text] });
        Some(Element { role: Role::Announcement, pieces: vec![sentence] })
    });
    before.into_iter().chain(elements(article, timeline)).chain(after).collect()
}

/// English, in the dialect that the article claims.
fn language(article: &Article) -> String {
    let is_tag = |tag: &&str| tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && tag.len() < 36;
    let claimed = article.language().map(str::trim).filter(is_tag);
    let is_english = |tag: &&str| tag.split('-').next().is_some_and(|first| first.eq_ignore_ascii_case("en"));
    claimed.filter(is_english).unwrap_or("en").to_string()
}

/// The text of a block, taken piece by piece, with its white space folded.
struct Text<'a> {
    article: &'a str,
    /// Up to this byte it is taken.
    taken: usize,
    end: usize,
    is_after_space: bool,
}

impl<'a> Text<'a> {
    fn new(article: &'a str, block: Span) -> Self {
        Self { article, taken: block.start, end: block.end, is_after_space: true }
    }

    /// The text up to a byte.
    fn until(&mut self, byte: usize) -> String {
        let end = byte.min(self.end);
        let piece = self.article.get(self.taken..end).unwrap_or_default();
        self.taken = self.taken.max(end);
        let mut folded = String::with_capacity(piece.len());
        for c in piece.chars() {
            if c.is_whitespace() {
                folded.extend((!self.is_after_space).then_some(' '));
                self.is_after_space = true;
            } else if is_shown(c) {
                folded.push(c);
                self.is_after_space = false;
            }
        }
        folded
    }

    /// A sentence with its words; a piece without words when none of them can be seen.
    fn sentence(&mut self, sentence: &TimedSentence, words: &[TimedWord], timeline: &Timeline) -> Piece {
        let milliseconds = |samples| milliseconds(timeline, samples);
        let (start, end) = words.first().zip(words.last()).map_or((0, 0), |(a, b)| (a.start, b.end));
        let mut parts = Vec::with_capacity(2 * words.len() + 1);
        for word in words {
            parts.push(Part::Silent(self.until(word.span.start)));
            parts.push(Part::Word(self.until(word.span.end), milliseconds(word.start)));
        }
        parts.push(Part::Silent(self.until(sentence.span.end)));
        parts.retain(|part| !part.text().is_empty());
        if parts.iter().all(|part| matches!(part, Part::Silent(_))) {
            return Piece::Silent(parts.iter().map(Part::text).collect());
        }
        Piece::Sentence(Sentence { start: milliseconds(start), end: milliseconds(end), parts })
    }
}

/// The blocks of which a word is spoken.
fn elements(article: &Article, timeline: &Timeline) -> Vec<Element> {
    let mut elements: Vec<Element> = Vec::new();
    let mut sentences = timeline.sentences().peekable();
    while let Some((first, _)) = sentences.peek() {
        let index = first.block;
        let block = article.blocks().get(index).copied();
        let mut text = Text::new(article.text(), block.map_or(first.span, |block| block.span));
        let mut pieces = Vec::new();
        while let Some((sentence, words)) = sentences.next_if(|(sentence, _)| sentence.block == index) {
            pieces.push(Piece::Silent(text.until(sentence.span.start)));
            let words = timeline.words().get(words).unwrap_or_default();
            pieces.push(text.sentence(sentence, words, timeline));
        }
        pieces.push(Piece::Silent(text.until(text.end)));
        pieces.retain(|piece| !matches!(piece, Piece::Silent(text) if text.is_empty()));
        elements.push(Element { role: block.map_or(Role::Paragraph, |block| role(block.kind)), pieces });
    }
    elements
}

fn role(kind: BlockKind) -> Role {
    match kind {
        BlockKind::Title => Role::Headline,
        BlockKind::Heading => Role::Heading,
        BlockKind::Paragraph => Role::Paragraph,
        BlockKind::Quote => Role::Quote,
        BlockKind::ListItem => Role::Item,
        BlockKind::Caption => Role::Caption,
        BlockKind::Byline => Role::Byline,
    }
}

fn milliseconds(timeline: &Timeline, samples: u64) -> u64 {
    (timeline.rate().seconds(samples) * 1000.0).round() as u64
}

/// On one line, with single spaces.
fn fold(text: &str) -> String {
    Text::new(text, Span::new(0, text.len())).until(text.len()).trim_end().to_string()
}

/// Whether a page may hold a character: XML has no control characters and no noncharacters, and signs that steer the
/// direction of the text would act beyond it.
fn is_shown(c: char) -> bool {
    let steers = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let is_noncharacter = matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
    !c.is_control() && !steers && !is_noncharacter
}

#[cfg(test)]
mod tests;
