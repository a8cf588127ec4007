//! Words divided at line ends: whether their hyphen is the printer's or their own.

use std::collections::HashSet;

use super::lines::Line;

/// Second parts of words that keep their hyphen.
const SECOND: [&str; 48] = [
    "year", "years", "old", "day", "days", "week", "month", "hour", "minute", "foot", "feet", "inch", "mile",
    "metre", "meter", "acre", "ton", "pound", "dollar", "storey", "story", "term", "time", "long", "based",
    "like", "free", "made", "led", "owned", "run", "backed", "related", "wide", "known", "friendly", "style",
    "sized", "scale", "level", "class", "one", "two", "three", "five", "eighth", "half", "third",
];
/// Letters of a first part that is most likely a syllable rather than a word.
const SYLLABLE: usize = 3;
/// First parts of words that keep their hyphen.
const FIRST: [&str; 42] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "twenty",
    "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "self", "well", "half", "all", "ex",
    "non", "mid", "high", "low", "long", "short", "full", "part", "first", "second", "third", "state", "so",
    "cross", "old", "new", "co", "e",
];
/// Last parts that are no words of their own: where a line begins with one, the text is set with divided words.
const ENDINGS: [&str; 44] = [
    "tion", "tions", "tional", "sion", "sions", "ment", "ments", "ness", "ity", "ities", "ty", "ties", "ly",
    "ing", "ings", "ed", "er", "ers", "or", "ors", "able", "ible", "ance", "ence", "ture", "tures", "tive",
    "sive", "cial", "tial", "cally", "ical", "ous", "ious", "ish", "ist", "ists", "ism", "ic", "ics", "al",
    "ally", "ary", "gy",
];

/// The end of the second part of a word that two lines divide, with the white space behind it.
pub(super) fn divided(text: &str, line: &Line, next: &Line) -> Option<usize> {
    let content = line.span.of(text);
    let head = content.strip_suffix('-')?;
    let second = next.span.of(text);
    if !head.ends_with(char::is_alphanumeric) || !second.starts_with(char::is_lowercase) {
        return None;
    }
    let word = second.split(char::is_whitespace).next().unwrap_or_default();
    let rest = &second[word.len()..];
    Some(next.span.start + word.len() + (rest.len() - rest.trim_start().len()))
}

/// The first part and the letters of the second.
fn parts<'a>(text: &'a str, line: &Line, next: &Line) -> (&'a str, &'a str) {
    let head = line.span.of(text).trim_end_matches('-');
    let first = head.rsplit(|c: char| c.is_whitespace() || matches!(c, '—' | '–' | '/' | '(' | '“' | '"'));
    let second = next.span.of(text);
    let end = second.find(|c: char| !c.is_alphabetic()).unwrap_or(second.len());
    (first.into_iter().next().unwrap_or_default(), &second[..end])
}

/// How a text treats words at line ends.
pub(super) struct Habit<'a> {
    /// Words are divided by their syllables.
    divides: bool,
    /// The words of the text, as they stand in it; only of a text that has hyphens at line ends.
    words: HashSet<&'a str>,
}

impl<'a> Habit<'a> {
    pub(super) fn of(text: &'a str, lines: &[Line]) -> Self {
        let pairs = || lines.windows(2).filter(|pair| divided(text, &pair[0], &pair[1]).is_some());
        if pairs().next().is_none() {
            return Self { divides: false, words: HashSet::new() };
        }
        let is_edge = |c: char| !c.is_alphanumeric();
        let words: HashSet<&str> = text.split_whitespace().map(|word| word.trim_matches(is_edge)).collect();
        let is_division = |pair: &[Line]| {
            let (first, second) = parts(text, &pair[0], &pair[1]);
            ENDINGS.contains(&second) || words.contains(format!("{first}{second}").as_str())
        };
        Self { divides: pairs().any(is_division), words }
    }

    /// Whether the hyphen at the end of a line belongs to the word.
    pub(super) fn keeps_hyphen(&self, text: &str, line: &Line, next: &Line) -> bool {
        let (first, second) = parts(text, line, next);
        let has = |word: String| self.words.contains(word.as_str());
        if has(format!("{first}{second}")) {
            return false;
        }
        if ENDINGS.contains(&second) {
            return false;
        }
        let folded = first.to_lowercase();
        first.contains('-')
            || first.ends_with(|c: char| c.is_ascii_digit())
            || has(format!("{first}-{second}"))
            || SECOND.contains(&second)
            || FIRST.contains(&folded.as_str())
            || (!self.divides && first.chars().count() > SYLLABLE)
    }
}
