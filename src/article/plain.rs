//! Plain text, mostly copied from a page, becomes an [`Article`]. Lines are grouped into paragraphs and page furniture
//! is set aside. The rest is sorted into title, headings, list items and paragraphs.

mod columns;
mod hyphens;
mod lines;
mod repair;
mod wrapping;

use crate::text::Span;

use super::draft::{Draft, Piece};
use super::furniture::{self, Source};
use super::shape::{Mark, Shape, ends_with_stop};
use super::{Article, BlockKind, ReadOptions};
use lines::{Line, is_invisible, is_rule, lines};
pub(super) use repair::is_page_number;
use wrapping::Wrapping;

impl Article {
    /// The article in a plain text. No text is lost: if it is not in a block, it is in [`Article::removed`].
    pub fn from_text(text: String) -> Self {
        Draft::from_plain_text(text).finish(ReadOptions::default())
    }
}

impl Draft {
    /// Cuts a text that was copied from a page into pieces; every visible character is in one.
    pub(super) fn from_plain_text(text: String) -> Self {
        let text = columns::unfolded(&text).unwrap_or(text);
        let known = lines(&text);
        let wrapping = Wrapping::of(&text, &known);
        match repair::repaired(&text, &known, wrapping) {
            Some(mended) => Self::cut(mended, Source::Page),
            None => {
                let paragraphs = paragraphs(&text, &known, wrapping);
                Self::sorted(text, &paragraphs, Source::Page)
            }
        }
    }

    /// Cuts a text that is known to be a story's alone.
    #[cfg(feature = "html")]
    pub(super) fn from_story(text: String) -> Self {
        Self::cut(text, Source::Story)
    }

    fn cut(text: String, source: Source) -> Self {
        let lines = lines(&text);
        let paragraphs = paragraphs(&text, &lines, Wrapping::of(&text, &lines));
        Self::sorted(text, &paragraphs, source)
    }

    /// Sorts the paragraphs of a text into what is read and what is not.
    fn sorted(text: String, paragraphs: &[Paragraph], source: Source) -> Self {
        let shape = |paragraph: &Paragraph| {
            let body = paragraph.body.of(&text);
            let mut shape = Shape::new(body, paragraph.mark);
            shape.stopped |= ends_with_stop(without_signs(body));
            shape
        };
        let shapes: Vec<Shape<'_>> = paragraphs.iter().map(shape).collect();
        let verdict = furniture::judge(&shapes, source);
        let mut pieces = Vec::with_capacity(paragraphs.len());
        for (number, (paragraph, shape)) in paragraphs.iter().zip(&shapes).enumerate() {
            let by_shape = || kind_of(shape, verdict.title == Some(number), number + 1 == shapes.len());
            let kind = verdict.kinds[number].unwrap_or_else(by_shape);
            let reason = verdict.reasons[number];
            pieces.push(Piece { span: paragraph.span, body: paragraph.body, kind, reason });
        }
        drop(shapes);
        Self { text, pieces, ..Self::default() }
    }
}

/// A paragraph without the marks of notes, `[1][3]`, and the end sign behind its last sentence.
fn without_signs(text: &str) -> &str {
    let mut text = text.trim_end_matches(is_end_sign);
    while let Some((before, number)) = text.strip_suffix(']').and_then(|text| text.rsplit_once('['))
        && (1..=3).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
    {
        text = before;
    }
    text
}

/// What a magazine sets behind the last sentence of a story.
fn is_end_sign(c: char) -> bool {
    c.is_whitespace() || matches!(c, '♦' | '◆' | '◊' | '■' | '□' | '▪' | '●' | '∎' | '★')
}

fn kind_of(shape: &Shape<'_>, is_title: bool, is_last: bool) -> BlockKind {
    match shape.mark {
        _ if is_title => BlockKind::Title,
        Mark::Heading => BlockKind::Heading,
        Mark::Item => BlockKind::ListItem,
        Mark::None if !is_last && shape.is_heading_like() => BlockKind::Heading,
        Mark::None => BlockKind::Paragraph,
    }
}

/// A paragraph as it stands in the text.
#[derive(Debug)]
struct Paragraph {
    /// All of it.
    span: Span,
    /// The readable part: without a bullet or the signs of a heading.
    body: Span,
    mark: Mark,
}

/// Groups lines into paragraphs: blank lines separate them, the lines of hard-wrapped text are joined, and any other
/// line is a paragraph of its own.
fn paragraphs(text: &str, lines: &[Line], wrapping: Wrapping) -> Vec<Paragraph> {
    let mut spans: Vec<Span> = Vec::new();
    for (line, begins) in lines.iter().zip(wrapping.beginnings(text, lines)) {
        match spans.last_mut() {
            Some(last) if !begins => *last = last.join(line.span),
            _ => spans.push(line.span),
        }
    }
    spans.into_iter().map(|span| marked(text, span)).collect()
}

/// Recognises headings and list items by their first characters. A bullet and the signs of a heading are not read; the
/// number of an item is.
fn marked(text: &str, span: Span) -> Paragraph {
    let content = span.of(text);
    let plain = Paragraph { span, body: span, mark: Mark::None };
    let Some((first, rest)) = content.split_once(char::is_whitespace) else { return plain };
    let is_number = || {
        let digits = first.strip_prefix('(').unwrap_or(first).strip_suffix(['.', ')']);
        digits.is_some_and(|d| (1..=2).contains(&d.len()) && d.bytes().all(|b| b.is_ascii_digit()))
    };
    let body = rest.trim_start_matches(is_invisible);
    let body = Span::new(span.end - body.len(), span.end);
    if body.is_empty() || is_rule(content) {
        return plain;
    }
    match first {
        "#" | "##" | "###" | "####" | "#####" | "######" => Paragraph { span, body, mark: Mark::Heading },
        "-" | "–" | "*" | "+" | "•" | "⁃" | "‣" | "▪" | "●" | "◦" | "·" | "■" => {
            Paragraph { span, body, mark: Mark::Item }
        }
        _ if is_number() => Paragraph { span, body: span, mark: Mark::Item },
        _ => plain,
    }
}

#[cfg(test)]
mod tests;
