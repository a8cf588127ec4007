//! Where sentences begin and end.
//!
//! A scan goes once over the text, byte by byte, and looks closer only where a stop stands: at the word
//! before it and at the next one after it, both of bounded length. So time is linear and memory flat, however
//! long a text without a stop may be.

use crate::text::Span;

use super::abbreviation::{Kind, TABLES};

/// The longest word before a stop that is looked up, in bytes.
const LONGEST_WORD: usize = 48;
/// So many words are looked at for who spoke after `“Why?”`.
const SPEAKER_WORDS: usize = 5;

/// The sentences of `block`, in order, as spans of `text` without white space around them. Line ends are
/// white space, a blank line parts sentences. Every character that is not white space is in one sentence.
///
/// ```
/// use audio_report::segment::sentences;
/// use audio_report::text::Span;
///
/// let text = "Talks began at 10 a.m. KST. “Why now?” he asked.";
/// let found: Vec<&str> = sentences(text, Span::new(0, text.len())).map(|span| span.of(text)).collect();
/// assert_eq!(found, ["Talks began at 10 a.m. KST.", "“Why now?” he asked."]);
/// ```
///
/// # Panics
/// When `block` does not lie on character boundaries of `text`.
pub fn sentences(text: &str, block: Span) -> Sentences<'_> {
    Sentences { text: &text[..block.end], cursor: block.start, parts_lists: false }
}

/// The sentences of free text: as [`sentences`], and a line that begins like a list item is one of its own.
pub fn split_text(text: &str) -> Vec<Span> {
    Sentences { text, cursor: 0, parts_lists: true }.collect()
}

/// An iterator over the sentences of a block; see [`sentences`].
#[derive(Clone, Debug)]
pub struct Sentences<'a> {
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
                    if self.parts(&self.text[at..next], rest) {
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

    /// Whether white space with a line end in it parts sentences, whatever stands before it.
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
    /// It goes on; look from this byte.
    GoesOn(usize),
}

/// A run of stops with what stands around it.
struct Stop<'a> {
    text: &'a str,
    /// Where the sentence began.
    start: usize,
    /// Where the run of stops begins.
    at: usize,
    /// The stops themselves: `.`, `?!`, `...`
    marks: &'a str,
    /// Quotes and brackets right after the stops.
    closers: &'a str,
    /// The text from the next character that is not white space.
    next: &'a str,
}

impl Stop<'_> {
    fn ends(&self) -> bool {
        let word = self.word_before();
        let next = Next::of(self.next);
        if next.is_bullet {
            return true;
        }
        // `(?)`, `[…]`: a mark put in, not an end.
        let is_inserted = self.text[..self.at].ends_with(['(', '[']) && !self.closers.is_empty();
        if is_inserted || next.is_lower {
            return false;
        }
        if self.marks.contains(['!', '?', '‽']) {
            let is_name = TABLES.kind(word) == Some(Kind::Shout) && self.closers.is_empty();
            let is_speech = self.closers.contains(is_quote) && speaks(self.next, SPEAKER_WORDS);
            return !(is_name && !TABLES.is_starter(next.word) || is_speech);
        }
        if self.marks != "." {
            // Dots that open a sentence, `… and`, `...Then`, end none.
            return self.at > self.start
                && !self.text[self.start..self.at].trim_matches(is_opener).is_empty();
        }
        self.full_stop_ends(word, &next)
    }

    /// A single full stop before something that is not a lower-case letter.
    fn full_stop_ends(&self, word: &str, next: &Next<'_>) -> bool {
        let starts = TABLES.is_starter(next.word);
        let word_start = self.at - word.len();
        let is_first = self.text[self.start..word_start].trim_matches(is_opener).is_empty();
        if is_first && is_list_number(word) {
            return false;
        }
        if let Some(kind) = self.kind(word) {
            return match kind {
                Kind::Never | Kind::Title => false,
                Kind::Number | Kind::Unit => !next.is_digit,
                Kind::Date => starts || !(next.is_digit || TABLES.follows_time(next.word)),
                Kind::Time => next.is_capital && !TABLES.follows_time(next.word) && !names_time(self.next),
                // `Motor Co. Chairman Kim said` goes on, `Motor Co. Kim said` does not.
                Kind::Company => starts || (next.is_capital && speaks(self.next, 2)),
                Kind::End => next.is_capital,
                Kind::May => starts,
                Kind::Shout => true,
            };
        }
        if is_initial(word) {
            return starts || self.is_letter_name(word_start);
        }
        if is_dotted(word) || is_vowelless(word) {
            return starts;
        }
        // `18. 11. 2024`
        let is_day = (1..=2).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
        !(is_day && next.is_digit && self.is_inside_date(word_start))
    }

    /// The kind of the word, or of its part after a hyphen: `then-Gov.`
    fn kind(&self, word: &str) -> Option<Kind> {
        // `@no.` and `/st.` are parts of an address.
        let before = self.text[..self.at - word.len()].chars().next_back();
        if matches!(before, Some('@' | '/' | '_' | '#')) {
            return None;
        }
        if is_initial(word) { None } else { TABLES.kind(word) }
    }

    /// `Plan B.`, `he and I.`, `X-Y-Z.`: the letter is no initial of a name.
    fn is_letter_name(&self, word_start: usize) -> bool {
        let before = &self.text[self.start..word_start];
        if let Some(before) = before.strip_suffix('-') {
            // But in `Jean-P. Morel` it is.
            return !before.ends_with(|c: char| c == '.' || c.is_lowercase());
        }
        let previous = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let is_pronoun = self.text[word_start..].starts_with('I')
            && previous.starts_with(char::is_lowercase)
            && !matches!(previous, "by" | "for" | "of" | "to" | "with");
        TABLES.heads_letter(previous) || is_pronoun
    }

    /// `18. 11. 2024`: a day or month, then a month, or a year after both.
    fn is_inside_date(&self, word_start: usize) -> bool {
        let digits = self.next.bytes().take_while(u8::is_ascii_digit).count();
        let month_follows = (1..=2).contains(&digits) && self.next[digits..].starts_with('.');
        let before = self.text[self.start..word_start].trim_end();
        let day_before =
            before.strip_suffix('.').is_some_and(|day| day.ends_with(|c: char| c.is_ascii_digit()));
        month_follows || (digits == 4 && day_before)
    }

    /// `end.Next`: a stop without a space, clearly between two sentences.
    fn ends_without_space(&self) -> bool {
        let next = self.next.trim_start_matches(['“', '«']);
        if !next.starts_with(char::is_uppercase) {
            return false;
        }
        // A dot in an address has no quote beside it.
        if next.len() < self.next.len() || self.closers.contains(['”', '"', '»', ']']) {
            return true;
        }
        if !self.closers.is_empty() {
            return false;
        }
        let word = self.word_before();
        let before = self.text[..self.at - word.len()].chars().next_back();
        let is_word = word.chars().count() >= 2
            && word.chars().skip(1).all(char::is_lowercase)
            && !matches!(before, Some('@' | '/' | '_' | '#' | '=' | '&' | ':'))
            && self.kind(word).is_none();
        let length: usize = next.chars().take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum();
        let (follower, rest) = next.split_at(length);
        let is_sentence = follower.chars().count() >= 2
            && follower.chars().skip(1).all(char::is_lowercase)
            && rest.starts_with(|c: char| c.is_whitespace() || matches!(c, ',' | '\'' | '’'));
        is_word && is_sentence && !TABLES.ends_domain(follower)
    }

    /// The letters, digits, dots and apostrophes right before the stop, without a leading quote.
    fn word_before(&self) -> &str {
        let before = &self.text[self.start..self.at];
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '\'' | '’' | '&');
        let mut length = 0;
        for c in before.chars().rev().take_while(|&c| is_part(c)) {
            length += c.len_utf8();
            if length > LONGEST_WORD {
                return "";
            }
        }
        before[before.len() - length..].trim_start_matches(['\'', '’', '.'])
    }
}

/// What follows a stop: its first word, and how that begins.
struct Next<'a> {
    /// The first word without quotes before it, or nothing when a stop or hyphen follows it at once.
    word: &'a str,
    is_lower: bool,
    is_capital: bool,
    is_digit: bool,
    is_bullet: bool,
}

impl<'a> Next<'a> {
    fn of(text: &'a str) -> Self {
        let is_bullet = text.starts_with(['•', '‣', '▪', '●', '◦', '■']);
        let text = text.trim_start_matches(|c: char| is_opener(c) || is_dash(c));
        let text = head(text, LONGEST_WORD);
        let mut chars = text.chars();
        let first = chars.next();
        let second = chars.next();
        // `iPhone` may start a sentence.
        let is_camel = first.is_some_and(char::is_lowercase) && second.is_some_and(char::is_uppercase);
        let is_lower = first.is_some_and(char::is_lowercase) && !is_camel;
        let length =
            text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’')).unwrap_or(text.len());
        let (word, rest) = text.split_at(length);
        // In `A. Smith` and `In-ho` the first letters are parts of a name.
        let is_name = rest.starts_with('.')
            || rest.strip_prefix('-').is_some_and(|r| r.starts_with(char::is_alphabetic));
        Self {
            word: if is_name && !TABLES.follows_time(word) {
                ""
            } else {
                word.trim_end_matches(['\'', '’'])
            },
            is_lower,
            is_capital: is_camel || first.is_some_and(|c| c.is_alphabetic() && !c.is_lowercase()),
            is_digit: first.is_some_and(char::is_numeric),
            is_bullet,
        }
    }
}

/// Whether a name and a verb of speech follow: `Biden said`, `Prime Minister Ishiba told reporters`.
fn speaks(next: &str, words: usize) -> bool {
    for (number, word) in next.split_whitespace().take(words).enumerate() {
        let word = word.trim_end_matches([',', '.', ':']);
        if TABLES.is_speech_verb(word) {
            return number > 0;
        }
        let is_name = word.starts_with(char::is_uppercase) && !TABLES.is_starter(word);
        if !is_name || word.len() > LONGEST_WORD {
            // `He asked` after a quote is who spoke, too.
            return number == 0 && matches!(word, "He" | "She" | "They" | "I") && says_next(next);
        }
    }
    false
}

/// Whether the words after a time of day tell its zone: `Korean time`, `U.S. Eastern Standard Time`.
fn names_time(next: &str) -> bool {
    let is_time = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        matches!(word, "time" | "Time" | "Standard" | "Daylight")
    };
    next.split_whitespace().take(4).skip(1).any(is_time)
}

/// Whether the second word is a verb of speech and the sentence ends with it.
fn says_next(next: &str) -> bool {
    next.split_whitespace()
        .nth(1)
        .is_some_and(|word| word.strip_suffix('.').is_some_and(|verb| TABLES.is_speech_verb(verb)))
}

/// The first bytes of a text, at most so many, cut on a character's boundary.
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

/// Length of the closing quotes and brackets, and notes such as `[1]`, that a stop takes with it.
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

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»' | '›' | '」' | '』')
}

fn is_opener(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '“'
            | '‘'
            | '«'
            | '‹'
            | '„'
            | '‚'
            | '('
            | '['
            | '{'
            | '「'
            | '『'
            | '（'
            | '¿'
            | '¡'
            | '*'
    ) || c.is_whitespace()
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '–' | '—' | '―' | '•' | '‣' | '▪' | '●' | '◦' | '■')
}

/// `T` in `James T. Kirk`, `Ж`; not a digit.
fn is_initial(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
}

/// `J.K`, `U.S`, `b.p`: letters parted by stops.
fn is_dotted(word: &str) -> bool {
    word.contains('.')
        && word.split('.').all(|part| {
            let mut chars = part.chars();
            chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
        })
}

/// A capitalised word without a vowel, `Lnd`, is an abbreviation that no table lists.
fn is_vowelless(word: &str) -> bool {
    (2..=4).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_alphabetic() && !b"aeiouyAEIOUY".contains(&b))
        && word.starts_with(char::is_uppercase)
        && word.bytes().skip(1).all(|b| b.is_ascii_lowercase())
}

/// `1`, `12`, `b`, `iv` at the start of a line number it.
fn is_list_number(word: &str) -> bool {
    let is_digits = (1..=2).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    let is_letter = word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let is_roman = (2..=4).contains(&word.len())
        && (word.bytes().all(|b| b"ivx".contains(&b)) || word.bytes().all(|b| b"IVX".contains(&b)));
    is_digits || is_letter || is_roman
}

/// Whether a line begins with a bullet or a number of a list.
fn is_list_item(line: &str) -> bool {
    let Some((first, _)) = head(line, 16).split_once([' ', '\t', '\u{a0}']) else { return false };
    if matches!(first, "-" | "*" | "•" | "‣" | "▪" | "●" | "◦" | "·" | "■") {
        return true;
    }
    let first = first.strip_prefix('(').unwrap_or(first);
    first
        .strip_suffix(['.', ')'])
        .is_some_and(|number| is_list_number(number) && !number.starts_with(|c: char| c.is_uppercase()))
}

#[cfg(test)]
mod tests;
