//! Where sentences begin and end.
//!
//! A scan goes once over the text, byte by byte. Only at a stop does it look closer: at the word before it and the
//! word after it, both of bounded length. So time is linear and memory flat, however long a text without a stop may
//! be.

mod list;
mod marks;
mod next;
mod stop;

use crate::text::Span;

use list::{Marker, is_list_item};
pub(crate) use marks::without_pictures;
use marks::{apart_len, closers_len, is_bullet, is_invisible, stops_len};
use stop::Stop;

/// The sentences of `block`, in order, as spans of `text` without white space around them. Line ends are white space,
/// a blank line separates sentences. Every character that is not white space is in one sentence.
///
/// ```text
/// let text = "Talks began at 10 a.m. KST. “Why now?” he asked.";
/// let found: Vec<&str> = sentences(text, Span::new(0, text.len())).map(|span| span.of(text)).collect();
/// assert_eq!(found, ["Talks began at 10 a.m. KST.", "“Why now?” he asked."]);
/// ```
///
/// # Panics
/// When `block` does not lie on character boundaries of `text`.
pub(crate) fn sentences(text: &str, block: Span) -> Sentences<'_> {
    Sentences { text: &text[..block.end], cursor: block.start, parts_lists: false }
}

/// The sentences of free text: as [`sentences`], and a line that begins like a list item or looks like a heading is one
/// of its own.
pub(crate) fn split_text(text: &str) -> Vec<Span> {
    Sentences { text, cursor: 0, parts_lists: true }.collect()
}

/// An iterator over the sentences of a block; see [`sentences`].
#[derive(Clone, Debug)]
pub(crate) struct Sentences<'a> {
    /// The text up to the block's end.
    text: &'a str,
    cursor: usize,
    parts_lists: bool,
}

impl Iterator for Sentences<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let rest = &self.text[self.cursor..];
        let start = self.cursor + (rest.len() - rest.trim_start().len());
        if start == self.text.len() {
            self.cursor = start;
            return None;
        }
        let end = self.end_of(start);
        self.cursor = end;
        Some(Span::new(start, start + self.text[start..end].trim_end().len()))
    }
}

impl Sentences<'_> {
    /// Where the sentence that begins at `start` ends.
    fn end_of(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let item = Marker::opening(&self.text[start..]);
        let mut at = start;
        while at < bytes.len() {
            if let Some(end) = item.and_then(|item| self.item_end(item, start, at)) {
                return end;
            }
            at = match bytes[at] {
                b'.' | b'!' | b'?' => match self.judge(start, at) {
                    Judged::Ends(end) => return end,
                    Judged::GoesOn(next) => next,
                },
                b'\n' | b'\r' => {
                    let rest = self.text[at..].trim_start();
                    let next = self.text.len() - rest.len();
                    let gap = &self.text[at..next];
                    if self.parts(gap, rest) || self.parts_lists && is_heading(&self.text[start..at], rest) {
                        return at;
                    }
                    next
                }
                // `…`, bullets and the wide stops begin with these bytes.
                0xe2 | 0xe3 | 0xef => match self.judge_wide(start, at) {
                    Judged::Ends(end) => return end,
                    Judged::GoesOn(next) => next,
                },
                _ => at + 1,
            };
        }
        bytes.len()
    }

    /// Whether white space with a line end in it always separates sentences.
    fn parts(&self, gap: &str, rest: &str) -> bool {
        let ends = |end: u8| gap.bytes().filter(|&b| b == end).count();
        let (feeds, returns) = (ends(b'\n'), ends(b'\r'));
        feeds.max(returns) > 1 || (feeds + returns > 0 && self.parts_lists && is_list_item(rest))
    }

    fn judge_wide(&self, start: usize, at: usize) -> Judged {
        let Some(c) = self.text[at..].chars().next() else { return Judged::GoesOn(at + 1) };
        let after = at + c.len_utf8();
        match c {
            '…' | '‽' => self.judge(start, at),
            // These stops are written without a space after them.
            '。' | '！' | '？' => {
                let end = after + closers_len(&self.text[after..]);
                Judged::Ends(end)
            }
            c if is_bullet(c) && at > start && self.text[..at].ends_with(char::is_whitespace) => {
                Judged::Ends(at)
            }
            _ => Judged::GoesOn(after),
        }
    }

    /// The end of an item of a list when the next one begins before the mark at `at`.
    fn item_end(&self, item: Marker, start: usize, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        if !matches!(bytes[at], b'.' | b')') {
            return None;
        }
        let is_number = |&&byte: &&u8| byte.is_ascii_alphanumeric();
        let number = at - bytes[start..at].iter().rev().take(3).take_while(is_number).count();
        item.next_begins(&self.text[start..number], &self.text[number..]).then_some(number)
    }

    /// Whether a straight quote set apart before `at` opened a quotation that one behind `at` closes.
    fn is_in_quotes(&self, start: usize, at: usize, quote: char) -> bool {
        /// So many bytes are searched for its beginning; a longer quotation is rare.
        const REACH: usize = 400;
        let from = self.text.floor_char_boundary(at.saturating_sub(REACH)).max(start);
        let is_mark = |word: &&str| !word.is_empty() && word.chars().all(|c| c == quote);
        self.text[from..at].split_whitespace().filter(is_mark).count() % 2 == 1
    }

    /// Whether the stop at `at` ends the sentence that began at `start`.
    fn judge(&self, start: usize, at: usize) -> Judged {
        let text = self.text;
        let stops = at + stops_len(&text[at..]);
        let marks = &text[at..stops];
        let closed = stops + closers_len(&text[stops..]);
        let goes_on = Judged::GoesOn(closed.max(stops));
        let after = &text[closed..];
        let gap = after.len() - after.trim_start().len();
        let mut end = closed;
        let mut next = &after[gap..];
        if next.is_empty() {
            return Judged::Ends(text.len());
        }
        if self.parts(&after[..gap], next) {
            return Judged::Ends(end);
        }
        if gap > 0 {
            let apart = apart_len(after, |quote| self.is_in_quotes(start, at, quote));
            if apart > 0 {
                end = closed + apart;
                next = text[end..].trim_start();
            }
            let next_line = &text[end..text.len() - next.len()];
            if self.parts(next_line, next) {
                return Judged::Ends(end);
            }
        }
        // A stop set apart from its word, `Mr . Kim`, is judged as if it stood beside it.
        let is_gap = |c: char| c.is_whitespace() || is_invisible(c);
        let at = start + text[start..at].trim_end_matches(is_gap).len();
        let stop = Stop { text, start, at, marks, closers: &text[stops..closed], next };
        if gap == 0 {
            return if stop.ends_without_space() { Judged::Ends(end) } else { goes_on };
        }
        if next.is_empty() || stop.ends() { Judged::Ends(end) } else { Judged::GoesOn(end) }
    }
}

enum Judged {
    /// The sentence ends before this byte.
    Ends(usize),
    /// The sentence continues; look from this byte.
    GoesOn(usize),
}

/// The first bytes of a text, at most `limit`, cut on a character's boundary.
fn head(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

/// Whether the only line of a sentence so far is a heading above the next line: short, without a stop, and not broken off.
fn is_heading(line: &str, next: &str) -> bool {
    const LONGEST: usize = 60;
    // Marks that never end a heading.
    const OPEN_ENDS: [&str; 24] = [
        "a", "an", "the", "and", "or", "but", "of", "to", "in", "on", "at", "by", "for", "from", "with",
        "as", "is", "was", "are", "were", "that", "who", "said", "says",
    ];
    let line = line.trim_end();
    if line.len() > LONGEST || line.contains(['\n', '\r']) {
        return false;
    }
    let ends = line.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | '”' | '"' | ':' | '’'));
    let last = line.rsplit(' ').next().unwrap_or_default();
    let is_time = |line: &str| {
        let hour = line.bytes().take_while(u8::is_ascii_digit).count();
        let rest = line.as_bytes().get(hour..).unwrap_or_default();
        (1..=2).contains(&hour)
            && matches!(rest, [b':' | b'.', ten, one, ..] if ten.is_ascii_digit() && one.is_ascii_digit())
    };
    // Live blogs have the hour on a line of its own.
    let opens = next.trim_start_matches(['“', '"', '‘', '[']).starts_with(|c: char| c.is_uppercase())
        || is_time(next);
    ends && opens && !OPEN_ENDS.contains(&last)
}

#[cfg(test)]
mod tests;
