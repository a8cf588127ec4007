//! Wrapped text as a printer sets it: words divided at line ends, and paragraphs that a page's foot and head interrupt.
//! Both are mended before lines are grouped. No word is lost: a page's foot moves to the front of the paragraph.

use super::hyphens::{Habit, divided};
use super::lines::{Line, is_rule};
use super::marked;
use super::wrapping::{Wrapping, ends_figure, starts_figure};
use crate::article::shape::{Mark, ends_with_stop};
use crate::text::Span;

/// Lines between two pages at most: foot, number, head.
const MOST_BETWEEN: usize = 6;
/// Lines of a paragraph that are looked at for its beginning.
const LONGEST: usize = 80;
/// Words of the longest running head.
const LONGEST_HEAD: usize = 10;

/// A change of a text: these bytes become that.
struct Edit {
    span: Span,
    text: String,
}

/// The text with its words and paragraphs in one piece; `None` where nothing is divided.
pub(super) fn repaired(text: &str, lines: &[Line], wrapping: Wrapping) -> Option<String> {
    let Wrapping::At(margin) = wrapping else { return None };
    let habit = Habit::of(text, lines);
    let begins = wrapping.beginnings(text, lines);
    let mut edits = Vec::new();
    let (mut number, mut done) = (0, 0);
    while number + 1 < lines.len() {
        let (before, mut next) = (&lines[number], number + 1);
        if let Some(after) = page_break(text, lines, number, !begins[number], margin) {
            let first =
                (number.saturating_sub(LONGEST)..=number).rev().find(|&line| begins[line]).unwrap_or(number);
            let between = Span::new(lines[next].span.start, lines[after - 1].span.end).of(text);
            let start = lines[first].span.start;
            edits.push(Edit { span: Span::new(start, start), text: format!("\n\n{between}\n\n") });
            let gap = Span::new(before.span.end, lines[after].span.start);
            edits.push(Edit { span: gap, text: line_end(&lines[after]) });
            next = after;
        }
        let is_next = next > number + 1 || !begins[next];
        let end = divided(text, before, &lines[next]).filter(|_| is_next && before.span.end > done);
        if let Some(end) = end {
            let keeps = habit.keeps_hyphen(text, before, &lines[next]);
            let start = before.span.end - usize::from(!keeps);
            let span = Span::new(start, end);
            // The line ends behind the word instead of within it.
            let word = Span::new(lines[next].span.start, end).of(text).trim_end();
            let is_last = end >= lines[next].span.end;
            let line_end = if is_last { String::new() } else { line_end(&lines[next]) };
            edits.retain(|edit| edit.span.start != before.span.end || edit.span.is_empty());
            edits.push(Edit { span, text: format!("{word}{line_end}") });
            done = end;
        }
        number = next;
    }
    if edits.is_empty() { None } else { Some(apply(text, edits)) }
}

/// The end of a line in front of what was on the next one.
fn line_end(next: &Line) -> String {
    format!("\n{}", " ".repeat(next.indent))
}

/// Makes changes that do not overlap.
fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        if edit.span.start < at {
            continue;
        }
        out.push_str(&text[at..edit.span.start]);
        out.push_str(&edit.text);
        at = edit.span.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Where the paragraph of line `number` goes on behind the foot and head of a page, or behind a figure.
fn page_break(text: &str, lines: &[Line], number: usize, is_within: bool, margin: usize) -> Option<usize> {
    let before = &lines[number];
    let content = before.span.of(text);
    let is_open = !ends_with_stop(content) && !before.has_gap && !content.ends_with([':', ';']);
    if !is_open || before.width * 5 < margin * 3 || marked(text, before.span).mark == Mark::Heading {
        return None;
    }
    let (mut next, mut is_sure) = (number + 1, false);
    while next < lines.len() && next <= number + MOST_BETWEEN {
        let content = lines[next].span.of(text);
        if starts_figure(content) {
            next = end_of_figure(text, lines, next)?;
        } else if let Some(sure) = running(&lines[next], content) {
            is_sure |= sure;
            next += 1;
        } else {
            break;
        }
    }
    let after = lines.get(next).filter(|_| next > number + 1)?;
    let content = after.span.of(text);
    let is_lower = content.starts_with(char::is_lowercase);
    let goes_on = is_sure
        && content.starts_with(char::is_alphabetic)
        && after.indent <= before.indent + 1
        && before.width + 12 >= margin
        && is_within;
    (after.width <= margin + 10 && (is_lower || goes_on)).then_some(next)
}

/// The line behind a figure's caption.
fn end_of_figure(text: &str, lines: &[Line], start: usize) -> Option<usize> {
    let is_last = |line: &Line| ends_figure(line.span.of(text));
    let length = lines[start..].iter().take(MOST_BETWEEN).position(is_last)?;
    Some(start + length + 1)
}

/// Whether a line may stand between two pages; and whether it stands nowhere else.
fn running(line: &Line, content: &str) -> Option<bool> {
    let words = || content.split_whitespace();
    let is_number = |word: &str| (1..=4).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    let count = words().take(LONGEST_HEAD + 1).count();
    if count > LONGEST_HEAD {
        return None;
    }
    let bare = content.trim_matches(|c: char| !c.is_alphanumeric());
    let at_edge = [words().next(), words().last()].into_iter().flatten().any(is_number);
    if is_rule(content) {
        return Some(false);
    }
    let is_sure = is_number(bare)
        || (line.has_gap && at_edge)
        || (content.starts_with('(') && bare.eq_ignore_ascii_case("more"))
        || is_page_number(content);
    let is_shouted = !content.contains(char::is_lowercase);
    let is_issue = count <= 4 && content.contains(|c: char| c.is_ascii_digit()) && !ends_with_stop(content);
    (is_sure || line.has_gap || is_shouted || is_issue).then_some(is_sure)
}

/// `Page 3`, `HARBOR FIRE, page 2 of 5`
pub(in crate::article) fn is_page_number(line: &str) -> bool {
    let bare = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '—'));
    let words: Vec<&str> = bare.split_whitespace().take(LONGEST_HEAD + 1).collect();
    let is_number = |word: &&&str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        !word.is_empty() && word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit())
    };
    let page = words.iter().rposition(|word| {
        let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        word.eq_ignore_ascii_case("page") || word.eq_ignore_ascii_case("p.")
    });
    let Some(page) = page.filter(|_| words.len() <= LONGEST_HEAD) else { return false };
    let rest = &words[page + 1..];
    let is_last = match rest {
        [number] => is_number(&number),
        [number, of, all] => is_number(&number) && matches!(*of, "of" | "/") && is_number(&all),
        _ => false,
    };
    is_last && (page == 0 || !ends_with_stop(line))
}

#[cfg(test)]
mod tests {
    use super::super::lines::lines;
    use super::*;
    use crate::table_test::each;

    /// Enough wrapped lines to show the margin.
    const FRAME: &str = "The port of Busan reopened on Monday after a storm, and the\n\
                         first ships were at their berths before the sun was up over\n\
                         the bay. The cranes had been tied down for two nights and a\n\
                         day, and nobody was hurt.\n\n";

    #[test]
    fn divided_words_and_paragraphs_are_mended() {
        let rows = [
            (
                "a syllable",
                "It was the longest closure since the war, by the recollec-\ntion of the pilots.",
                "It was the longest closure since the war, by the recollection\nof the pilots.",
            ),
            (
                "a word of two",
                "The council had ordered that the pilots buy for it an eight-\nfoot pole, and a lamp.",
                "The council had ordered that the pilots buy for it an eight-foot\npole, and a lamp.",
            ),
            (
                "a page's foot and head",
                "The storm had closed it for a week, and the harbor master had\n\n\
                 PORT NEWS                    7\n\nnot slept, she said, since it began.",
                "PORT NEWS                    7\n\nThe storm had closed it for a week, and the harbor \
                 master had\nnot slept, she said, since it began.",
            ),
            (
                "more of a wire copy",
                "The storm had closed it for a week, and the harbor master had\n\n(MORE)\n\n\
                 PORT STORM, page 2\n\nnot slept, she said, since it began.",
                "(MORE)\n\nPORT STORM, page 2\n\nThe storm had closed it for a week, and the harbor \
                 master had\nnot slept, she said, since it began.",
            ),
            (
                "a heading between finished paragraphs",
                "The storm had closed it for a week, and no pilot had slept.\n\nTHE COST\n\nnobody knows.",
                "The storm had closed it for a week, and no pilot had slept.\n\nTHE COST\n\nnobody knows.",
            ),
        ];
        each(rows, |(name, text, want)| {
            let page = format!("{FRAME}{text}");
            let lines = lines(&page);
            let mended = repaired(&page, &lines, Wrapping::of(&page, &lines)).unwrap_or(page);
            assert_eq!(mended.strip_prefix(FRAME).map(str::trim), Some(want), "{name}");
        });
    }

    #[test]
    fn page_numbers_are_told_from_numbered_headings() {
        let rows = [
            ("Page 3", true),
            ("HARBOR FIRE, page 2 of 5", true),
            ("- page 12 -", true),
            ("A new page in 2024", false),
            ("He read page 12.", false),
            ("Chapter 2", false),
            ("Day 1", false),
        ];
        each(rows, |(line, want)| assert_eq!(is_page_number(line), want, "{line}"));
    }
}
