//! Lexicons in TOML:
//!
//! ```toml
//! [words]
//! "Shigeru Ishiba" = "shih-GAIR-oo ih-SHEE-bah"
//! Ishiba = "/iˈʃiba/"
//! KF-21 = { alias = "K F twenty-one" }
//! Reading = { ipa = "ˈrɛdɪŋ", after = ["in", "near"] }
//! Gyeongju = { respelling = "KYUNG-joo", kind = "place", source = "city council", date = 2025-10-30, note = "host" }
//! lead = [{ respelling = "led", before = ["poisoning", "paint"] }, { respelling = "LEED", part = "verb" }]
//! ```

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::entry::{NameKind, check_alias, check_written, clean, every_word_sounds, is_date};
use super::{Case, Entry, PartOfSpeech, Problem, Reading};
use crate::lexicon::notation::{from_ipa, from_respelling};
use crate::text::line_and_column;

/// The keys of an entry.
const KEYS: &str = "respelling, ipa, alias, case, before, after, part, note, source, date, kind";
const EXAMPLE: &str = "write for example: Ishiba = \"ih-SHEE-bah\", or Ishiba = { ipa = \"iˈʃiba\" }";
/// Upper limit of reported problems; a file with more is no lexicon.
const MOST_PROBLEMS: usize = 200;

/// The entries of a file, and its faults.
pub(crate) fn read(text: &str) -> (Vec<Entry>, Vec<Problem>) {
    read_with(text, false)
}

/// The entries of a file that says other things, too.
pub(super) fn read_words(text: &str) -> (Vec<Entry>, Vec<Problem>) {
    read_with(text, true)
}

fn read_with(text: &str, has_more: bool) -> (Vec<Entry>, Vec<Problem>) {
    let mut reader = Reader { text, has_more, entries: Vec::new(), problems: Vec::new() };
    match DeTable::parse(text) {
        Ok(table) => reader.file(table.get_ref()),
        Err(error) => {
            let line = error.span().map_or(1, |span| line_and_column(text.as_bytes(), span.start).0);
            let what = error.message().lines().next().unwrap_or("this is no TOML").to_string();
            reader.problems.push(Problem::new(line, what, EXAMPLE));
        }
    }
    (reader.entries, reader.problems)
}

struct Reader<'a> {
    text: &'a str,
    /// Whether the file has more than words.
    has_more: bool,
    entries: Vec<Entry>,
    problems: Vec<Problem>,
}

type Value<'a> = Spanned<DeValue<'a>>;

impl Reader<'_> {
    fn complain(&mut self, line: usize, what: impl Into<String>, cure: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem::new(line, what, cure));
        }
    }

    fn file(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            match (&**key.get_ref(), value.get_ref()) {
                ("words", DeValue::Table(words)) => self.words(words),
                (other, _) if self.has_more && other != "words" => {}
                (other, _) if self.problems.len() < MOST_PROBLEMS => {
                    let (line, _) = line_and_column(self.text.as_bytes(), key.span().start);
                    let what = match other {
                        "words" => "“words” is no table".to_string(),
                        _ => format!("“{other}” stands outside of [words]"),
                    };
                    self.complain(line, what, "write [words] on a line of its own above the words");
                }
                _ => {}
            }
        }
    }

    fn words(&mut self, words: &DeTable<'_>) {
        // Places are counted once for all entries: a line at a time would be quadratic.
        let mut lines = LineCounter::new(self.text);
        let mut rows: Vec<(usize, String, &Value<'_>)> =
            words.iter().map(|(key, value)| (key.span().start, clean(key.get_ref()), value)).collect();
        rows.sort_by_key(|row| row.0);
        for (place, written, value) in rows {
            let line = lines.line_at(place);
            if let Some(problem) = check_written(&written, line) {
                self.complain(problem.line, problem.what, problem.cure);
                continue;
            }
            match value.get_ref() {
                DeValue::Array(several) => self.several(&written, several, &mut lines),
                _ => self.entry(&written, value, line),
            }
        }
    }

    fn several(&mut self, written: &str, several: &DeArray<'_>, lines: &mut LineCounter<'_>) {
        for value in several {
            let line = lines.line_at(value.span().start);
            self.entry(written, value, line);
        }
    }

    fn entry(&mut self, written: &str, value: &Value<'_>, line: usize) {
        let result = match value.get_ref() {
            DeValue::String(text) => {
                pronunciation(text, written).map(|reading| Entry::new(written, reading, line))
            }
            DeValue::Table(table) => table_entry(written, table, line),
            _ => Err((format!("“{written}” has neither a pronunciation nor a table"), EXAMPLE.to_string())),
        };
        match result {
            Ok(entry) => {
                if let Reading::Alias(alias) = &entry.reading
                    && let Some(problem) = check_alias(alias, line)
                {
                    self.complain(line, problem.what, problem.cure);
                    return;
                }
                self.entries.push(entry);
            }
            Err((what, cure)) => self.complain(line, what, cure),
        }
    }
}

/// The fault and the cure.
pub(super) type Complaint = (String, String);

/// A respelling, or IPA between slashes.
pub(super) fn pronunciation(text: &str, written: &str) -> Result<Reading, Complaint> {
    let text = text.trim();
    if text.len() > 1 && text.starts_with('/') && text.ends_with('/') {
        return ipa(text, written);
    }
    let phonemes =
        from_respelling(text).map_err(|error| (format!("“{written}”: {}", error.what), error.cure))?;
    Ok(Reading::Phonemes(phonemes))
}

fn ipa(text: &str, written: &str) -> Result<Reading, Complaint> {
    let phonemes = from_ipa(text).map_err(|error| (format!("“{written}”: {}", error.what), error.cure))?;
    if !every_word_sounds(&phonemes) {
        return Err((
            format!("“{written}”: a word of the pronunciation has no vowel"),
            "join it to its neighbour".to_string(),
        ));
    }
    Ok(Reading::Phonemes(phonemes))
}

fn table_entry(written: &str, table: &DeTable<'_>, line: usize) -> Result<Entry, Complaint> {
    let mut reading = None;
    let mut entry = Entry::new(written, Reading::Alias(String::new()), line);
    for (key, value) in table {
        let value = value.get_ref();
        let key: &str = key.get_ref();
        let text = value.as_str();
        let wanted = |what: &str| {
            (format!("“{key}” of “{written}” is not {what}"), format!("the keys of an entry are {KEYS}"))
        };
        match key {
            "respelling" | "ipa" | "alias" => {
                let text = text.ok_or_else(|| wanted("a string"))?;
                let new = match key {
                    "respelling" => pronunciation(text.trim_matches('/'), written)?,
                    "ipa" => ipa(text, written)?,
                    _ => Reading::Alias(clean(text)),
                };
                if reading.replace(new).is_some() {
                    return Err((
                        format!("“{written}” is said in two ways at once"),
                        "keep one of respelling, ipa and alias; several entries stand in [ ]".to_string(),
                    ));
                }
            }
            "case" => {
                entry.case = match value.as_bool() {
                    Some(true) => Case::Exact,
                    Some(false) => Case::Any,
                    None => return Err(wanted("true (exactly these capitals) or false (any)")),
                };
            }
            "before" => entry.before = word_list(value).ok_or_else(|| wanted("a list of words"))?,
            "after" => entry.after = word_list(value).ok_or_else(|| wanted("a list of words"))?,
            "part" => {
                let part = PartOfSpeech::NAMES.iter().find(|(name, _)| Some(*name) == text);
                let (_, part) =
                    part.ok_or_else(|| wanted("noun, name, verb, past, present, adjective or adverb"))?;
                entry.part_of_speech = Some(*part);
            }
            "note" => entry.remarks.note = Some(clean(text.ok_or_else(|| wanted("a string"))?)),
            "source" => entry.remarks.source = Some(clean(text.ok_or_else(|| wanted("a string"))?)),
            "date" => {
                let date = value.as_datetime().map(ToString::to_string).or(text.map(str::to_string));
                let date = date.filter(|date| is_date(date));
                entry.remarks.date = Some(date.ok_or_else(|| wanted("a date such as 2024-11-18"))?);
            }
            "kind" => {
                let kind = text.and_then(NameKind::of_name);
                entry.remarks.kind = Some(kind.ok_or_else(|| wanted("place, person or organisation"))?);
            }
            _ => {
                return Err((
                    format!("“{written}” has an unknown key “{key}”"),
                    format!("the keys of an entry are {KEYS}"),
                ));
            }
        }
    }
    entry.reading =
        reading.ok_or_else(|| (format!("“{written}” does not tell how it is said"), EXAMPLE.to_string()))?;
    if entry.part_of_speech.is_some() && !entry.is_taggable() {
        return Err((
            format!("“{written}” has a part of speech but is no single word"),
            "leave “part” away, or name a single word".to_string(),
        ));
    }
    if entry.part_of_speech.is_some() && matches!(entry.reading, Reading::Alias(_)) {
        return Err((
            format!("“{written}” has a part of speech and an alias"),
            "give it a respelling or ipa: the part of speech is known only when the words are".to_string(),
        ));
    }
    Ok(entry)
}

fn word_list(value: &DeValue<'_>) -> Option<Vec<String>> {
    let word = |text: &str| Some(clean(text).to_lowercase()).filter(|word| !word.is_empty());
    match value {
        DeValue::String(text) => Some(vec![word(text)?]),
        DeValue::Array(list) => {
            let words: Option<Vec<String>> = list.iter().map(|item| word(item.get_ref().as_str()?)).collect();
            words.filter(|words| !words.is_empty())
        }
        _ => None,
    }
}

/// Counts lines forward; places must ascend.
struct LineCounter<'a> {
    text: &'a [u8],
    place: usize,
    line: usize,
}

impl<'a> LineCounter<'a> {
    fn new(text: &'a str) -> Self {
        Self { text: text.as_bytes(), place: 0, line: 1 }
    }

    fn line_at(&mut self, place: usize) -> usize {
        let place = place.min(self.text.len());
        if place > self.place {
            self.line += self.text[self.place..place].iter().filter(|byte| **byte == b'\n').count();
            self.place = place;
        }
        self.line
    }
}
