//! The words of a timeline as the article writes them: with quotes and punctuation, without text that is not spoken.

use std::ops::Range;

use super::Timeline;

/// A word to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// With the marks around it.
    pub text: String,
    /// Its length in characters.
    pub width: usize,
    /// Whether a space stands before it; not after a dash, as in `now—or`.
    pub space_before: bool,
}

impl Timeline {
    /// The words as `text`, the article's, writes them.
    pub(crate) fn written(&self, text: &str) -> Vec<Written> {
        let mut words = Vec::with_capacity(self.words.len());
        let mut block = None;
        for (sentence, range) in self.sentences() {
            let begins_block = block.replace(sentence.block) != Some(sentence.block);
            let first = self.words[range.start].span.start;
            let mut before = text.get(sentence.span.start..first).unwrap_or_default();
            for index in range.clone() {
                let span = self.words[index].span;
                let is_last = index + 1 == range.end;
                let until = if is_last { sentence.span.end } else { self.words[index + 1].span.start };
                let gap = text.get(span.end..until).unwrap_or_default();
                let (after, next) = if is_last { (gap, "") } else { split(gap) };
                let shown = format!("{}{}{}", opening(before), fold(span.of(text)), closing(after));
                let previous = index.checked_sub(1).map_or(0, |last| self.words[last].span.end);
                let is_apart = |gap: &str| gap.contains(char::is_whitespace);
                let space_before = begins_block && index == range.start
                    || text.get(previous..span.start).is_none_or(is_apart);
                words.push(Written { width: shown.chars().count(), text: shown, space_before });
                before = next;
            }
        }
        words
    }
}

/// Some words in a row.
pub(crate) fn join(words: &[Written], range: Range<usize>) -> String {
    let mut text = String::new();
    for word in words.get(range).unwrap_or_default() {
        if word.space_before && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word.text);
    }
    text
}

/// The text between two words: what belongs to the first, and what to the second.
fn split(gap: &str) -> (&str, &str) {
    let spaces = gap.char_indices().rev().find(|(_, c)| c.is_whitespace());
    match spaces.or_else(|| gap.char_indices().rev().find(|(_, c)| matches!(c, '-' | '—' | '―' | '…')))
    {
        Some((at, c)) => gap.split_at(at + c.len_utf8()),
        None => (gap, ""),
    }
}

/// The marks right before a word.
fn opening(before: &str) -> String {
    let spoken = without_notes(before);
    spoken.rsplit(char::is_whitespace).next().unwrap_or_default().chars().filter(|c| is_shown(*c)).collect()
}

/// The marks after a word: those that touch it, and dashes or stops that stand alone.
fn closing(after: &str) -> String {
    let spoken = without_notes(after);
    let mut shown = String::new();
    for (number, token) in spoken.split(char::is_whitespace).enumerate() {
        if number == 0 {
            shown.extend(token.chars().filter(|c| is_shown(*c)));
        } else if !token.is_empty() && token.chars().all(is_lone_mark) {
            shown.push(' ');
            shown.push_str(token);
        }
    }
    shown
}

/// The text without bracketed numbers and letters, which are not spoken: `[8]`, `(3)`.
fn without_notes(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['(', '[']) {
        let closing = if rest[at..].starts_with('(') { ')' } else { ']' };
        let note = rest[at..].find(closing).map(|end| &rest[at..=at + end]);
        let Some(note) = note.filter(|note| note.contains(char::is_alphanumeric)) else {
            kept.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        };
        kept.push_str(rest[..at].trim_end());
        rest = &rest[at + note.len()..];
    }
    kept + rest
}

/// Whether a character beside a word is shown: a mark is, but no picture, no unspoken letter or digit, no sign without
/// a width.
fn is_shown(c: char) -> bool {
    let is_mark =
        c < '\u{2190}' || ('\u{3001}'..='\u{303f}').contains(&c) || ('\u{ff01}'..='\u{ff65}').contains(&c);
    is_mark && is_visible(c) && c != '•' && !c.is_alphanumeric() && !c.is_whitespace()
}

/// Whether a mark that stands alone belongs to the word before it.
fn is_lone_mark(c: char) -> bool {
    "-–—―….,;:!?/\"'”’»)]".contains(c)
}

/// Whether a character may be seen: no control character, and no sign that only steers the text's direction or
/// breaks.
fn is_visible(c: char) -> bool {
    let steers = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !c.is_control() && !steers
}

/// On one line, with single spaces.
fn fold(text: &str) -> String {
    let words =
        text.split_whitespace().map(|word| word.chars().filter(|c| is_visible(*c)).collect::<String>());
    words.collect::<Vec<_>>().join(" ")
}
