//! The numbers and bullets of lists.

use super::head;
use super::marks::is_bullet;

/// `1`, `12`, `b`, `iv` at the start of a line number it.
pub(super) fn is_list_number(word: &str) -> bool {
    let is_digits = (1..=2).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    let is_letter = word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
    let is_roman = (2..=4).contains(&word.len())
        && (word.bytes().all(|b| b"ivx".contains(&b)) || word.bytes().all(|b| b"IVX".contains(&b)));
    is_digits || is_letter || is_roman
}

/// Whether a line begins with a bullet or a number of a list.
pub(super) fn is_list_item(line: &str) -> bool {
    let Some((first, _)) = head(line, 16).split_once([' ', '\t', '\u{a0}']) else { return false };
    if matches!(first, "-" | "*" | "·") || (first.starts_with(is_bullet) && first.chars().count() == 1) {
        return true;
    }
    let first = first.strip_prefix('(').unwrap_or(first);
    first
        .strip_suffix(['.', ')'])
        .is_some_and(|number| is_list_number(number) && !number.starts_with(|c: char| c.is_uppercase()))
}

/// What numbers an item of a list within a line: `1.`, `2)`, `3.)`, `b.`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    number: u32,
    is_letter: bool,
    /// The marks after the number.
    marks: &'static str,
}

impl Marker {
    /// The marker at the beginning of a text, and its length.
    fn read(text: &str) -> Option<(Self, usize)> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, is_letter, length) = match (digits, text.bytes().next()) {
            (1 | 2, _) => (text[..digits].parse().ok()?, false, digits),
            (0, Some(letter @ b'a'..=b'z')) => (u32::from(letter - b'a') + 1, true, 1),
            _ => return None,
        };
        let rest = &text[length..];
        let marks = [".)", ".", ")"].into_iter().find(|marks| rest.starts_with(marks))?;
        let is_free = rest[marks.len()..].starts_with(char::is_whitespace);
        is_free.then_some((Self { number, is_letter, marks }, length + marks.len()))
    }

    /// The marker that a sentence begins with, after its bullet.
    pub(super) fn opening(sentence: &str) -> Option<Self> {
        let text = head(sentence, 16);
        let text = text.trim_start_matches(|c: char| is_bullet(c) || matches!(c, ' ' | '\u{a0}'));
        Self::read(text).map(|(marker, _)| marker)
    }

    /// Whether the item after this one's begins here: the next number with the same marks, a capital after it, and
    /// before it neither a word that still expects something, `came in 2. Then`, nor one that has numbers.
    pub(super) fn next_begins(self, before: &str, text: &str) -> bool {
        let Some((next, length)) = Self::read(text) else { return false };
        let word = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let expects = EXPECTING.contains(&word.to_ascii_lowercase().as_str());
        next == Self { number: self.number + 1, ..self }
            && before.ends_with(char::is_whitespace)
            && !expects
            && text[length..].trim_start().starts_with(char::is_uppercase)
    }
}

/// Words after which a number ends its own sentence.
const EXPECTING: [&str; 48] = [
    "a", "an", "the", "of", "to", "in", "on", "at", "by", "for", "from", "with", "and", "or", "than", "as",
    "is", "was", "are", "were", "no", "number", "level", "group", "phase", "stage", "round", "page", "part",
    "chapter", "type", "step", "day", "week", "game", "episode", "season", "about", "version", "volume",
    "grade", "line", "route", "highway", "article", "section", "room", "gate",
];
