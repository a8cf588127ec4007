//! Changes the text of a lexicon in TOML at one word.
//!
//! A change is made where the parser says that the word stands. Then all of the text is parsed again. If any other word is said otherwise by
//! now, the change is refused.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Unsaved;
use crate::lexicon::user::entry::clean;

/// Keys of an entry that change nothing about how a word is said.
const REMARKS: [&str; 4] = ["note", "source", "date", "kind"];

/// What happens to a word.
#[derive(Clone, Copy, Debug)]
pub(in crate::lexicon::user) enum Change<'a> {
    /// It is said like this.
    Say(&'a str),
    /// It is taken out.
    Remove,
}

type Value<'a> = Spanned<DeValue<'a>>;

/// A word of a file.
struct Found<'a> {
    word: String,
    key: Range<usize>,
    value: Value<'a>,
}

/// Where the words begin, and the words in the order of the file.
struct Words<'a> {
    header: Option<Range<usize>>,
    found: Vec<Found<'a>>,
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let table = DeTable::parse(text).ok()?.into_inner();
        let mut words = Self { header: None, found: Vec::new() };
        for (key, value) in table {
            if key.get_ref() != "words" {
                continue;
            }
            words.header = Some(key.span());
            let DeValue::Table(table) = value.into_inner() else { return None };
            words.found = table
                .into_iter()
                .map(|(key, value)| Found { word: clean(key.get_ref()), key: key.span(), value })
                .collect();
        }
        words.found.sort_by_key(|found| found.key.start);
        Some(words)
    }

    /// Each word with the text that says how it is said.
    fn sources(&self, text: &str) -> BTreeMap<String, String> {
        let source = |found: &Found<'_>| text.get(found.value.span()).unwrap_or_default().to_string();
        self.found.iter().map(|found| (found.word.clone(), source(found))).collect()
    }
}

/// The words with nothing but a pronunciation.
pub(in crate::lexicon::user) fn plain_words(text: &str) -> Vec<(String, String)> {
    let found = Words::of(text).map(|words| words.found).unwrap_or_default();
    found.into_iter().filter_map(|found| Some((found.word, plain(found.value.get_ref())?))).collect()
}

/// A pronunciation without conditions, as a request may have it.
fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(said) => Some(said.trim().to_string()),
        DeValue::Table(table) => {
            let mut said = None;
            for (key, value) in table {
                let text = value.get_ref().as_str();
                match &**key.get_ref() {
                    "respelling" => said = text.map(str::to_string),
                    "ipa" => said = text.map(|ipa| format!("/{}/", ipa.trim().trim_matches('/'))),
                    other if REMARKS.contains(&other) => {}
                    _ => return None,
                }
            }
            said
        }
        _ => None,
    }
}

/// The text with one word changed.
pub(in crate::lexicon::user) fn changed(
    text: &str,
    word: &str,
    change: &Change<'_>,
) -> Result<String, Unsaved> {
    let word = clean(word);
    // A text with a fault is refused when it is read as a lexicon.
    let Some(words) = Words::of(text) else { return Ok(text.to_string()) };
    let found = words.found.iter().find(|found| found.word == word);
    let mut want = words.sources(text);
    let candidates = match (change, found) {
        (Change::Remove, None) => return Err(Unsaved::Unknown),
        (Change::Remove, Some(found)) => {
            want.remove(&word);
            vec![without_line(text, found)]
        }
        (Change::Say(said), Some(found)) => {
            if !matches!(found.value.get_ref(), DeValue::String(_)) {
                return Err(Unsaved::Elaborate);
            }
            want.insert(word, quoted(said));
            let span = found.value.span();
            vec![[&text[..span.start], &quoted(said), &text[span.end..]].concat()]
        }
        (Change::Say(said), None) => {
            let line = format!("{} = {}", key(&word), quoted(said));
            want.insert(word, quoted(said));
            let behind = words.found.iter().rev().map(|found| found.value.span().end);
            let places = behind.chain(words.header.as_ref().map(|header| header.end));
            let mut candidates: Vec<String> = places.map(|place| with_line(text, place, &line)).collect();
            if words.header.is_none() {
                let gap = if text.trim().is_empty() { "" } else { "\n" };
                candidates.push(with_line(text, text.len(), &format!("{gap}[words]\n{line}")));
            }
            candidates
        }
    };
    let is_right = |text: &String| Words::of(text).is_some_and(|words| words.sources(text) == want);
    candidates.into_iter().find(is_right).ok_or(Unsaved::Elaborate)
}

/// A text with a line after the one in which a place lies.
fn with_line(text: &str, place: usize, line: &str) -> String {
    let end = text[place..].find('\n').map_or(text.len(), |at| place + at + 1);
    let (before, after) = text.split_at(end);
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    format!("{before}{gap}{line}\n{after}")
}

/// A text without the lines of a word.
fn without_line(text: &str, found: &Found<'_>) -> String {
    let begin = text[..found.key.start].rfind('\n').map_or(0, |at| at + 1);
    let last = found.value.span().end;
    let end = text[last..].find('\n').map_or(text.len(), |at| last + at + 1);
    [&text[..begin], &text[end..]].concat()
}

fn key(word: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !word.is_empty() && word.chars().all(is_bare) { word.to_string() } else { quoted(word) }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
