//! The lines of a plain text, with the features by which they are grouped.

use crate::text::Span;

/// A line that is not blank.
pub(super) struct Line {
    /// Without white space around it.
    pub(super) span: Span,
    /// In characters.
    pub(super) width: usize,
    /// The spaces before it.
    pub(super) indent: usize,
    /// Wide spaces or dots part it into columns: a table, or a running head with its page number at the margin.
    pub(super) has_gap: bool,
    /// A blank line, or the start of the text, stands before it.
    pub(super) opens: bool,
}

/// Columns that a tab stands for.
const TAB: usize = 4;
/// So many spaces in a row part columns.
const GAP: &str = "   ";
/// Dots between a chapter and its page.
const LEADER: &str = ".....";

/// Invisible characters: a line of them is blank.
pub(super) fn is_invisible(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// The lines of a text that are not blank.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    // Most texts have no such line.
    let has_gaps = text.contains(GAP) || text.contains(LEADER);
    let mut opens = true;
    let mut start = 0;
    // `\r\n` is one line end; `after_return` keeps the two from counting as an empty line.
    let mut after_return = false;
    for raw in text.split_inclusive(['\n', '\r', '\u{2029}']) {
        let content = raw.trim_matches(is_invisible);
        if content.is_empty() {
            opens |= !(after_return && raw == "\n");
        } else {
            let at = raw.len() - raw.trim_start_matches(is_invisible).len();
            let span = Span::new(start + at, start + at + content.len());
            lines.push(Line {
                span,
                width: content.chars().count(),
                indent: raw[..at].chars().map(|c| if c == '\t' { TAB } else { usize::from(c == ' ') }).sum(),
                has_gap: has_gaps && (content.contains(GAP) || content.contains(LEADER)),
                opens,
            });
            opens = false;
        }
        after_return = raw.ends_with('\r');
        start += raw.len();
    }
    lines
}

/// A line without a letter or digit: `* * *`, `-----`.
pub(super) fn is_rule(line: &str) -> bool {
    !line.contains(char::is_alphanumeric)
}
