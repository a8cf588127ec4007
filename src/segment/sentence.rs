//! Where sentences begin and end.
//!
//! A scan goes once over the text, byte by byte. Only at a stop does it look closer: at the word before it and the
//! word after it, both of bounded length. So time is linear and memory flat, however long a text without a stop may
//! be.

mod stop;

use crate::text::Span;

use stop::{Stop, is_bullet};

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
        let mut at = start;
        while at < bytes.len() {
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
                // `…`, `•`, and the wide stops begin with these bytes.
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
            '•' if at > start && self.text[..at].ends_with(char::is_whitespace) => Judged::Ends(at),
            _ => Judged::GoesOn(after),
        }
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
        // A closing mark that was set apart, `fin. »`, still belongs to the sentence.
        if gap > 0 {
            let apart: usize = next.chars().take_while(|&c| is_sure_closer(c)).map(char::len_utf8).sum();
            if apart > 0 {
                end = closed + gap + apart;
                next = text[end..].trim_start();
            }
        }
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

/// Length of a run of stops, `?!`, `...`, `. . .`
fn stops_len(text: &str) -> usize {
    let is_stop = |c: char| matches!(c, '.' | '!' | '?' | '…' | '‽');
    let mut length = 0;
    loop {
        let rest = &text[length..];
        let run: usize = rest.chars().take_while(|&c| is_stop(c)).map(char::len_utf8).sum();
        length += run;
        // Dots set apart are an ellipsis as long as they stand alone.
        let spaced = text[length..].strip_prefix([' ', '\u{a0}']).filter(|_| text[..length].ends_with('.'));
        let gap = text[length..].len() - spaced.map_or(0, str::len);
        let is_dot = spaced.is_some_and(|rest| {
            rest.strip_prefix('.').is_some_and(|rest| {
                rest.is_empty()
                    || rest.starts_with(|c: char| c.is_whitespace() || is_stop(c) || is_sure_closer(c))
            })
        });
        if run == 0 || !is_dot {
            return length;
        }
        length += gap;
    }
}

/// Length of the closing quotes and brackets, and notes such as `[1]`, that belong to a stop.
fn closers_len(text: &str) -> usize {
    let mut length = 0;
    loop {
        let rest = &text[length..];
        length += rest
            .chars()
            .take_while(|&c| is_sure_closer(c) || matches!(c, '"' | '\'' | '’'))
            .map(char::len_utf8)
            .sum::<usize>();
        let note = text[length..].strip_prefix('[').and_then(|note| {
            let digits = note.bytes().take_while(u8::is_ascii_digit).count();
            ((1..=3).contains(&digits) && note[digits..].starts_with(']')).then_some(digits + 2)
        });
        match note {
            Some(note) => length += note,
            None => return length,
        }
    }
}

fn is_sure_closer(c: char) -> bool {
    matches!(c, '”' | '»' | ')' | ']' | '}' | '›' | '」' | '』' | '）' | '】')
}

/// `1`, `12`, `b`, `iv` at the start of a line number it.
fn is_list_number(word: &str) -> bool {
    let is_digits = (1..=2).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    let is_letter = word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let is_roman = (2..=4).contains(&word.len())
        && (word.bytes().all(|b| b"ivx".contains(&b)) || word.bytes().all(|b| b"IVX".contains(&b)));
    is_digits || is_letter || is_roman
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

/// Whether a line begins with a bullet or a number of a list.
fn is_list_item(line: &str) -> bool {
    let Some((first, _)) = head(line, 16).split_once([' ', '\t', '\u{a0}']) else { return false };
    if matches!(first, "-" | "*" | "·") || (first.starts_with(is_bullet) && first.chars().count() == 1) {
        return true;
    }
    let first = first.strip_prefix('(').unwrap_or(first);
    first
        .strip_suffix(['.', ')'])
        .is_some_and(|number| is_list_number(number) && !number.starts_with(|c: char| c.is_uppercase()))
}

#[cfg(test)]
mod tests;
