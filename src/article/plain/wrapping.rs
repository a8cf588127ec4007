//! How a text's lines end: at a margin, or at the end of a paragraph.

use super::lines::{Line, is_rule};
use super::marked;
use crate::article::shape::{Mark, ends_with_stop};

/// How a text's lines end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapping {
    /// Lines break before about this column.
    At(usize),
    /// A line is a paragraph, as far as the text shows.
    None,
    /// Too few lines to decide.
    Unknown,
}

/// Columns at which text is wrapped by hand or by an editor.
const MARGINS: std::ops::RangeInclusive<usize> = 40..=120;
/// Characters of the narrowest column.
const COLUMN: usize = 28;
/// A paragraph may begin with so many spaces more than the line before it.
const INDENT: usize = 2;

/// Words that end no line of their own.
const EXPECTING: [&str; 16] =
    ["the", "a", "an", "of", "to", "in", "on", "at", "by", "for", "with", "from", "and", "or", "as", "its"];

impl Wrapping {
    /// Lines followed by another one decide: in wrapped text the next word would not have fitted.
    pub(super) fn of(text: &str, lines: &[Line]) -> Self {
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
        let is_text = |line: &Line| !line.has_gap;
        let pairs: Vec<&[Line]> =
            lines.windows(2).filter(|pair| !pair[1].opens && pair.iter().all(is_text)).collect();
        if pairs.len() < ENOUGH {
            return Self::Unknown;
        }
        let mut widths: Vec<usize> = pairs.iter().map(|pair| pair[0].width).collect();
        let quarter = widths.len() * 3 / 4;
        let margin = *widths.select_nth_unstable(quarter).1;
        // The column of a printed page is narrower than what people type.
        let is_column = (COLUMN..*MARGINS.start()).contains(&margin);
        if !MARGINS.contains(&margin) && !is_column {
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
        let is_even = if is_column { full * 4 >= long.len() * 3 } else { full * 5 >= long.len() * 3 };
        let is_wrapped = long.len() >= if is_column { 3 * ENOUGH } else { ENOUGH }
            && is_even
            && open * 2 >= full
            && beyond * 20 <= pairs.len();
        if is_wrapped { Self::At(margin) } else { Self::None }
    }

    /// For each line whether a paragraph begins with it.
    pub(super) fn beginnings(self, text: &str, lines: &[Line]) -> Vec<bool> {
        let mut begins = Vec::with_capacity(lines.len());
        let (mut is_figure, mut is_item) = (false, false);
        for (number, line) in lines.iter().enumerate() {
            let before = number.checked_sub(1).map_or("", |before| lines[before].span.of(text));
            // A figure's caption ends with its sentence or its credit, full line or not.
            let is_caption_on = is_figure && !line.opens && !ends_figure(before);
            // Where lines are paragraphs, those behind a colon are items, and so are those that begin in lower case.
            let is_list = self == Self::None && !line.opens && before.ends_with(':');
            let joins =
                is_caption_on || (!is_figure && !is_item && !is_list && self.joins(text, lines, number));
            begins.push(!joins);
            if !joins {
                let content = line.span.of(text);
                is_figure = matches!(self, Self::At(_)) && starts_figure(content);
                let goes_on = is_item && !line.opens && !ends_with_stop(before);
                is_item =
                    self == Self::None && (is_list || goes_on || content.starts_with(char::is_lowercase));
            }
        }
        begins
    }

    /// Whether line `number` continues the paragraph of the line before it.
    fn joins(self, text: &str, lines: &[Line], number: usize) -> bool {
        let line = &lines[number];
        let Some(before) = number.checked_sub(1).map(|n| &lines[n]) else { return false };
        // Where lines are paragraphs, no short one goes on.
        if line.opens || (self == Self::None && !MARGINS.contains(&before.width)) {
            return false;
        }
        if is_rule(line.span.of(text)) || is_rule(before.span.of(text)) {
            return false;
        }
        let mark_before = marked(text, before.span).mark;
        if marked(text, line.span).mark != Mark::None || mark_before == Mark::Heading {
            return false;
        }
        let is_wrapped = matches!(self, Self::At(_));
        if is_wrapped && (line.has_gap || before.has_gap || starts_figure(line.span.of(text))) {
            return false;
        }
        // Below an item its own text is indented.
        if is_wrapped && line.indent >= before.indent + INDENT && mark_before == Mark::None {
            return false;
        }
        if !is_wrapped && is_names(line.span.of(text)) {
            return false;
        }
        let is_open = !ends_with_stop(before.span.of(text));
        let last_word = before.span.of(text).rsplit(char::is_whitespace).next().unwrap_or_default();
        let is_lower = line.span.of(text).starts_with(char::is_lowercase);
        let goes_on = is_lower || EXPECTING.contains(&last_word);
        if is_open && goes_on && MARGINS.contains(&before.width) && line.width <= *MARGINS.end() {
            return true;
        }
        match self {
            Self::At(margin) => {
                let is_long = before.width * 5 >= margin * 3;
                line.width <= margin + 10
                    && (is_full(text, before, line, margin) || (is_open && is_lower && is_long))
            }
            Self::None => false,
            // The first line may well be a title.
            Self::Unknown => {
                is_open && number > 1 && (55..=*MARGINS.end()).contains(&before.width) && line.width <= 120
            }
        }
    }
}

/// `by Jane Roe, University of Lindau`, `edited by Jane Roe`: names below a headline.
fn is_names(line: &str) -> bool {
    let mut words = line.split(' ').take(4);
    let is_by = words.by_ref().take(2).any(|word| word.eq_ignore_ascii_case("by"));
    is_by && words.next().is_some_and(|word| word.starts_with(char::is_uppercase))
}

/// Whether a line ends a figure's caption.
pub(super) fn ends_figure(line: &str) -> bool {
    ends_with_stop(line) || line.ends_with(')')
}

/// Whether the first word of `next` would not have fitted on `line`.
fn is_full(text: &str, line: &Line, next: &Line, margin: usize) -> bool {
    let word = next.span.of(text).split_whitespace().next().map_or(0, |word| word.chars().take(30).count());
    line.width + 1 + word >= margin
}

/// `Fig. 1. The pass`: the first words of a figure's caption.
pub(super) fn starts_figure(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let is_figure = words.next().is_some_and(|word| {
        ["fig.", "fig", "figure", "table", "plate", "chart"]
            .iter()
            .any(|name| word.eq_ignore_ascii_case(name))
    });
    let number = words.next().unwrap_or_default().trim_end_matches(['.', ':', ')', ',']);
    is_figure && !number.is_empty() && number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit())
}
