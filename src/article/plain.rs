//! Plain text, mostly copied from a page, becomes an [`Article`]. Lines are grouped into paragraphs and page furniture
//! is set aside. The rest is sorted into title, headings, list items and paragraphs.

use crate::text::Span;

use super::draft::{Draft, Piece};
use super::furniture;
use super::shape::{Mark, Shape, ends_with_stop};
use super::{Article, BlockKind, ReadOptions};

impl Article {
    /// The article in a plain text. No text is lost: if it is not in a block, it is in [`Article::removed`].
    pub fn from_text(text: String) -> Self {
        Draft::from_plain_text(text).finish(ReadOptions::default())
    }
}

impl Draft {
    /// Cuts a plain text into pieces; every visible character is in one.
    pub(super) fn from_plain_text(text: String) -> Self {
        let paragraphs = paragraphs(&text);
        let shapes: Vec<Shape<'_>> =
            paragraphs.iter().map(|p| Shape::new(p.body.of(&text), p.mark)).collect();
        let verdict = furniture::judge(&shapes);
        let mut pieces = Vec::with_capacity(paragraphs.len());
        for (number, (paragraph, shape)) in paragraphs.iter().zip(&shapes).enumerate() {
            let kind = kind_of(shape, verdict.title == Some(number), number + 1 == shapes.len());
            let reason = verdict.reasons[number];
            pieces.push(Piece { span: paragraph.span, body: paragraph.body, kind, reason });
        }
        drop(shapes);
        Self { text, pieces, ..Self::default() }
    }
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

/// A line that is not blank.
struct Line {
    /// Without white space around it.
    span: Span,
    /// In characters.
    width: usize,
    /// A blank line, or the start of the text, stands before it.
    opens: bool,
}

/// Invisible characters: a line of them is blank.
fn is_invisible(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut opens = true;
    let mut start = 0;
    // `\r\n` is one line end; `after_return` keeps the two from counting as an empty line.
    let mut after_return = false;
    for raw in text.split_inclusive(['\n', '\r', '\u{2029}']) {
        let content = raw.trim_matches(is_invisible);
        if content.is_empty() {
            opens |= !(after_return && raw == "\n");
        } else {
            let at = start + (raw.len() - raw.trim_start_matches(is_invisible).len());
            let span = Span::new(at, at + content.len());
            lines.push(Line { span, width: content.chars().count(), opens });
            opens = false;
        }
        after_return = raw.ends_with('\r');
        start += raw.len();
    }
    lines
}

/// Groups lines into paragraphs: blank lines separate them, the lines of hard-wrapped text are joined, and any other
/// line is a paragraph of its own.
fn paragraphs(text: &str) -> Vec<Paragraph> {
    let lines = lines(text);
    let wrapping = Wrapping::of(text, &lines);
    let mut spans: Vec<Span> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        match spans.last_mut() {
            Some(last) if wrapping.joins(text, &lines, number) => *last = last.join(line.span),
            _ => spans.push(line.span),
        }
    }
    spans.into_iter().map(|span| marked(text, span)).collect()
}

/// How a text's lines end: at a margin, or at the end of a paragraph.
enum Wrapping {
    /// Lines break before about this column.
    At(usize),
    /// A line is a paragraph, as far as the text shows.
    None,
    /// Too few lines to decide.
    Unknown,
}

/// Columns at which text is wrapped by hand or by an editor.
const MARGINS: std::ops::RangeInclusive<usize> = 40..=120;

/// Words that end no line of their own.
const EXPECTING: [&str; 16] =
    ["the", "a", "an", "of", "to", "in", "on", "at", "by", "for", "with", "from", "and", "or", "as", "its"];

impl Wrapping {
    /// Lines followed by another one decide: in wrapped text the next word would not have fitted.
    fn of(text: &str, lines: &[Line]) -> Self {
        const ENOUGH: usize = 3;
        let (mut wide, mut all) = (0, 0);
        for line in lines {
            wide += if line.width > *MARGINS.end() { line.width } else { 0 };
            all += line.width;
        }
        // Where most of the text stands in long lines, a short one ends because its paragraph does.
        if wide * 2 > all {
            return Self::None;
        }
        let pairs: Vec<&[Line]> = lines.windows(2).filter(|pair| !pair[1].opens).collect();
        if pairs.len() < ENOUGH {
            return Self::Unknown;
        }
        let mut widths: Vec<usize> = pairs.iter().map(|pair| pair[0].width).collect();
        let quarter = widths.len() * 3 / 4;
        let margin = *widths.select_nth_unstable(quarter).1;
        if !MARGINS.contains(&margin) {
            return Self::None;
        }
        // Short lines are ends of paragraphs and headings; they do not show the margin.
        let long: Vec<_> = pairs.iter().filter(|pair| pair[0].width * 5 >= margin * 3).collect();
        let is_full = |pair: &&&&[Line]| is_full(text, &pair[0], &pair[1], margin);
        let full = long.iter().filter(is_full).count();
        // Wrapped lines mostly end within a sentence; where most end with one, each is a paragraph.
        let is_open = |pair: &&&&[Line]| !ends_with_stop(pair[0].span.of(text));
        let open = long.iter().filter(is_full).filter(is_open).count();
        // Nor does wrapped text have lines beyond its margin.
        let beyond = pairs.iter().filter(|pair| pair[0].width > margin + 12).count();
        let is_wrapped = long.len() >= ENOUGH
            && full * 5 >= long.len() * 3
            && open * 2 >= full
            && beyond * 20 <= pairs.len();
        if is_wrapped { Self::At(margin) } else { Self::None }
    }

    /// Whether line `number` continues the paragraph of the line before it.
    fn joins(&self, text: &str, lines: &[Line], number: usize) -> bool {
        let line = &lines[number];
        let Some(before) = number.checked_sub(1).map(|n| &lines[n]) else { return false };
        if line.opens || is_rule(line.span.of(text)) || is_rule(before.span.of(text)) {
            return false;
        }
        if marked(text, line.span).mark != Mark::None || marked(text, before.span).mark == Mark::Heading {
            return false;
        }
        let is_open = !ends_with_stop(before.span.of(text));
        let last_word = before.span.of(text).rsplit(char::is_whitespace).next().unwrap_or_default();
        let goes_on = line.span.of(text).starts_with(char::is_lowercase) || EXPECTING.contains(&last_word);
        if is_open && goes_on && MARGINS.contains(&before.width) && line.width <= *MARGINS.end() {
            return true;
        }
        match *self {
            Self::At(margin) => line.width <= margin + 10 && is_full(text, before, line, margin),
            Self::None => false,
            // The first line may well be a title.
            Self::Unknown => {
                is_open && number > 1 && (55..=*MARGINS.end()).contains(&before.width) && line.width <= 120
            }
        }
    }
}

/// Whether the first word of `next` would not have fitted on `line`.
fn is_full(text: &str, line: &Line, next: &Line, margin: usize) -> bool {
    let word = next.span.of(text).split_whitespace().next().map_or(0, |word| word.chars().take(30).count());
    line.width + 1 + word >= margin
}

/// A line without a letter or digit: `* * *`, `-----`.
fn is_rule(line: &str) -> bool {
    !line.contains(char::is_alphanumeric)
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
        "-" | "*" | "+" | "•" | "⁃" | "‣" | "▪" | "●" | "◦" | "·" | "■" => {
            Paragraph { span, body, mark: Mark::Item }
        }
        _ if is_number() => Paragraph { span, body: span, mark: Mark::Item },
        _ => plain,
    }
}

#[cfg(test)]
mod tests;
