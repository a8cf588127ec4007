//! Lexicons in the W3C's Pronunciation Lexicon Specification 1.0: lexemes with graphemes, phonemes in IPA, and aliases.
//!
//! A document type is refused, so there are no entities but XML's own five and character references, and no file is
//! ever fetched.
//!
//! A lexeme with a `role` that names a part of speech counts only for words of it:
//!
//! ```xml
//! <lexeme role="claws:VVI claws:VVZ"><grapheme>read</grapheme><phoneme>ɹiːd</phoneme></lexeme>
//! <lexeme role="claws:VVD claws:VVN"><grapheme>read</grapheme><phoneme>ɹɛd</phoneme></lexeme>
//! ```
//!
//! A role `place`, `person` or `organisation` is noted as the kind of the name, and an `<example>` as a note. A `<meta>`
//! of the name `source` or `date` is noted with the lexemes after it.
//!
//! A role that does not say when the lexeme counts, such as a sense's number, causes a warning. The first such lexeme
//! of a word always counts, unless the word has one without a role. The others are left out.

use std::borrow::Cow;
use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::entry::{Remarks, check_alias, check_written, clean, every_word_sounds, is_date};
use super::role::{kind_of_name, parts_of_speech};
use super::{Entry, PartOfSpeech, Problem, Reading};
use crate::lexicon::notation::from_ipa;

/// Elements within elements at most; the specification needs four.
const DEEPEST: usize = 16;
/// Bytes of a text at most; a grapheme has a few dozen.
const LONGEST_TEXT: usize = 4096;
/// Upper limit of reported problems.
const MOST_PROBLEMS: usize = 200;
/// Characters of a role that a message has at most.
const LONGEST_ROLE_SHOWN: usize = 40;

/// The entries of a file, and its faults.
pub(crate) fn read(text: &str) -> (Vec<Entry>, Vec<Problem>) {
    let mut reader = PlsReader::default();
    if let Err(problem) = reader.file(text) {
        reader.problems.push(problem);
    }
    reader.place_undecided();
    (reader.entries, reader.problems)
}

#[derive(Default)]
struct PlsReader {
    entries: Vec<Entry>,
    /// Entries with a role that does not say when they count, and the role.
    undecided: Vec<(Entry, String)>,
    problems: Vec<Problem>,
    /// Source and date of the lexemes that follow.
    remarks: Remarks,
    /// The alphabet of phonemes that do not name one.
    alphabet: String,
    /// Open elements, outermost first.
    open: Vec<String>,
    lexeme: Lexeme,
    text: String,
    line: usize,
    /// Whether the file had its root.
    has_root: bool,
}

#[derive(Default)]
struct Lexeme {
    line: usize,
    role: Option<String>,
    note: Option<String>,
    graphemes: Vec<(String, usize)>,
    readings: Vec<(Reading, bool)>,
    /// A phoneme or alias that can't be used was reported already.
    is_spoilt: bool,
    alphabet: Option<String>,
    is_preferred: bool,
}

impl PlsReader {
    fn file(&mut self, text: &str) -> Result<(), Problem> {
        let text = text.trim_start_matches('\u{feff}');
        let mut xml = Reader::from_str(text);
        xml.config_mut().check_end_names = true;
        let (mut counted, mut line) = (0, 1);
        loop {
            let place = usize::try_from(xml.buffer_position()).unwrap_or(text.len()).min(text.len());
            line += text.as_bytes()[counted..place].iter().filter(|byte| **byte == b'\n').count();
            counted = place;
            self.line = line;
            let event = xml.read_event().map_err(|cause| {
                let place =
                    usize::try_from(xml.error_position()).unwrap_or(text.len()).max(counted).min(text.len());
                let line =
                    line + text.as_bytes()[counted..place].iter().filter(|byte| **byte == b'\n').count();
                Problem::new(
                    line,
                    format!("the XML is broken: {cause}"),
                    "mend the element in this line or the one before it",
                )
            })?;
            match event {
                Event::Start(element) => self.start(&element)?,
                Event::Empty(element) => {
                    self.start(&element)?;
                    self.end()?;
                }
                Event::End(_) => self.end()?,
                Event::Text(piece) => self.push(&piece.xml10_content())?,
                Event::CData(piece) => self.push(&piece.xml10_content())?,
                Event::GeneralRef(entity) => {
                    let character = self.entity(&entity)?;
                    self.push(&character)?;
                }
                Event::DocType(_) => {
                    return Err(Problem::new(
                        self.line,
                        "the lexicon has a document type (DOCTYPE), which is not read",
                        "delete it; write characters rather than entities",
                    ));
                }
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
        if !self.open.is_empty() {
            return Err(Problem::new(
                self.line,
                format!("the element <{}> does not end", self.open.join("> <")),
                "close it",
            ));
        }
        if !self.has_root {
            return Err(Problem::new(1, "there is no lexicon in this file", "its root must be <lexicon>"));
        }
        Ok(())
    }

    fn complain(&mut self, line: usize, what: impl Into<String>, cure: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(Problem::new(line, what, cure));
        }
    }

    fn entity(&self, entity: &BytesRef<'_>) -> Result<Cow<'static, str>, Problem> {
        if let Ok(Some(character)) = entity.resolve_char_ref() {
            return Ok(Cow::Owned(character.to_string()));
        }
        let name: &str = entity;
        resolve_xml_entity(name).map(Cow::Borrowed).ok_or_else(|| {
            let short: String = name.chars().take(40).collect();
            Problem::new(
                self.line,
                format!("the entity &{short}; is not known"),
                "write the character itself",
            )
        })
    }

    fn push(&mut self, piece: &str) -> Result<(), Problem> {
        let wanted = matches!(
            self.open.last().map(String::as_str),
            Some("grapheme" | "phoneme" | "alias" | "example")
        );
        if wanted {
            if self.text.len() + piece.len() > LONGEST_TEXT {
                return Err(Problem::new(
                    self.line,
                    format!("a text is longer than {LONGEST_TEXT} bytes"),
                    "entries are words and names",
                ));
            }
            self.text.push_str(piece);
        }
        Ok(())
    }

    fn attribute(&self, element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Problem> {
        let wrong = |cause: &dyn std::fmt::Display| {
            Problem::new(
                self.line,
                format!("an attribute can't be read: {cause}"),
                "mend the element in this line",
            )
        };
        let attribute = element.try_get_attribute(name).map_err(|cause| wrong(&cause))?;
        attribute
            .map(|attribute| {
                quick_xml::escape::unescape_with(&attribute.value, resolve_xml_entity)
                    .map(Cow::into_owned)
                    .map_err(|cause| wrong(&cause))
            })
            .transpose()
    }

    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), Problem> {
        if self.open.len() >= DEEPEST {
            return Err(Problem::new(
                self.line,
                format!("elements lie more than {DEEPEST} deep"),
                "a lexicon needs four levels",
            ));
        }
        let name = element.local_name().as_ref().to_string();
        if self.open.is_empty() {
            self.root(&name, element)?;
        }
        match name.as_str() {
            "lexeme" => {
                if self.open.iter().any(|open| open == "lexeme") {
                    let what = "a lexeme stands within another one";
                    self.complain(self.line, what, "close the first one before it");
                }
                let role = self.attribute(element, "role")?.filter(|role| !role.trim().is_empty());
                self.lexeme = Lexeme { line: self.line, role, ..Lexeme::default() };
            }
            "meta" => self.meta(element)?,
            "phoneme" => {
                self.lexeme.alphabet = self.attribute(element, "alphabet")?;
                self.lexeme.is_preferred = self.attribute(element, "prefer")?.as_deref() == Some("true");
            }
            "alias" => {
                self.lexeme.is_preferred = self.attribute(element, "prefer")?.as_deref() == Some("true");
            }
            _ => {}
        }
        self.text.clear();
        self.open.push(name);
        Ok(())
    }

    /// Source or date of the lexemes that follow; other metadata is passed over.
    fn meta(&mut self, element: &BytesStart<'_>) -> Result<(), Problem> {
        let name = self.attribute(element, "name")?.unwrap_or_default();
        let content = self.attribute(element, "content")?.map(|text| clean(&text));
        match (name.rsplit([':', '.']).next(), content.filter(|text| !text.is_empty())) {
            (Some("source"), content) => self.remarks.source = content,
            (Some("date"), content) => self.remarks.date = content.filter(|date| is_date(date)),
            _ => {}
        }
        Ok(())
    }

    fn root(&mut self, name: &str, element: &BytesStart<'_>) -> Result<(), Problem> {
        if name != "lexicon" || self.has_root {
            return Err(Problem::new(
                self.line,
                format!("the root is <{name}>, not a single <lexicon>"),
                "give a lexicon of the Pronunciation Lexicon Specification 1.0, or TOML",
            ));
        }
        self.has_root = true;
        self.alphabet = self.attribute(element, "alphabet")?.unwrap_or_else(|| "ipa".to_string());
        let language = self.attribute(element, "xml:lang")?.unwrap_or_default();
        if !language.is_empty() && !language.to_lowercase().starts_with("en") {
            return Err(Problem::new(
                self.line,
                format!("the lexicon is for the language “{language}”"),
                "the voices speak English: give a lexicon with xml:lang=\"en\"",
            ));
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Problem> {
        let Some(name) = self.open.pop() else {
            return Err(Problem::new(self.line, "an element ends that never began", "delete its end tag"));
        };
        let text = clean(&std::mem::take(&mut self.text));
        let in_lexeme = self.open.last().is_some_and(|parent| parent == "lexeme");
        match name.as_str() {
            "lexeme" => self.finish_lexeme(),
            "grapheme" if in_lexeme => match check_written(&text, self.line) {
                Some(problem) => self.complain(problem.line, problem.what, problem.cure),
                None => self.lexeme.graphemes.push((text, self.line)),
            },
            "phoneme" if in_lexeme => self.phoneme(&text),
            "example" if in_lexeme && !text.is_empty() => self.lexeme.note = Some(text),
            "alias" if in_lexeme => match check_alias(&text, self.line) {
                Some(problem) => {
                    self.lexeme.is_spoilt = true;
                    self.complain(problem.line, problem.what, problem.cure);
                }
                None => self.lexeme.readings.push((Reading::Alias(text), self.lexeme.is_preferred)),
            },
            _ => {}
        }
        Ok(())
    }

    fn phoneme(&mut self, text: &str) {
        let alphabet = self.lexeme.alphabet.take().unwrap_or_else(|| self.alphabet.clone());
        self.lexeme.is_spoilt = true;
        if alphabet != "ipa" {
            let what = format!("the alphabet “{alphabet}” is not known");
            return self.complain(
                self.line,
                what,
                "only alphabet=\"ipa\" is read; other alphabets belong to one maker's voices",
            );
        }
        match from_ipa(text) {
            Ok(phonemes) if every_word_sounds(&phonemes) => {
                self.lexeme.is_spoilt = false;
                self.lexeme.readings.push((Reading::Phonemes(phonemes), self.lexeme.is_preferred));
            }
            Ok(_) => self.complain(
                self.line,
                "a word of the pronunciation has no vowel",
                "join it to its neighbour",
            ),
            Err(error) => self.complain(self.line, error.what, error.cure),
        }
    }

    fn finish_lexeme(&mut self) {
        let lexeme = std::mem::take(&mut self.lexeme);
        // One that was within it has taken its place, which was told there.
        if lexeme.line == 0 {
            return;
        }
        let preferred = lexeme.readings.iter().find(|(_, is_preferred)| *is_preferred);
        let Some((reading, _)) = preferred.or(lexeme.readings.first()) else {
            if !lexeme.is_spoilt {
                self.complain(
                    lexeme.line,
                    "a lexeme does not tell how it is said",
                    "give it a <phoneme> or an <alias>",
                );
            }
            return;
        };
        if lexeme.graphemes.is_empty() {
            self.complain(lexeme.line, "a lexeme has no word", "give it a <grapheme>");
        }
        let parts = lexeme.role.as_deref().and_then(parts_of_speech);
        let kind = lexeme.role.as_deref().and_then(kind_of_name);
        // The kind of a name is no condition.
        let role = lexeme.role.as_deref().filter(|_| parts.is_some() || kind.is_none());
        let remarks = Remarks { note: lexeme.note, kind, ..self.remarks.clone() };
        for (written, line) in lexeme.graphemes {
            let entry = Entry { remarks: remarks.clone(), ..Entry::new(&written, reading.clone(), line) };
            self.add(entry, role, parts.as_deref());
        }
    }

    fn add(&mut self, entry: Entry, role: Option<&str>, parts: Option<&[PartOfSpeech]>) {
        match (role, parts) {
            // Phrases, and words with marks or digits, count in any sentence.
            (None, _) => self.entries.push(entry),
            (Some(_), Some(_)) if !entry.is_taggable() => self.entries.push(entry),
            (Some(_), Some(parts)) if matches!(entry.reading, Reading::Phonemes(_)) => {
                let of_part = |&part| Entry { part_of_speech: Some(part), ..entry.clone() };
                self.entries.extend(parts.iter().map(of_part));
            }
            (Some(role), _) => self.undecided.push((entry, role.to_string())),
        }
    }

    /// Entries whose role does not say when they count are used for words without another entry.
    fn place_undecided(&mut self) {
        let is_general = |entry: &&Entry| entry.part_of_speech.is_none();
        let mut taken: HashSet<String> =
            self.entries.iter().filter(is_general).map(|entry| entry.written.clone()).collect();
        for (entry, role) in std::mem::take(&mut self.undecided) {
            let role: String = role.trim().chars().take(LONGEST_ROLE_SHOWN).collect();
            let why = match entry.reading {
                Reading::Alias(_) => "can't choose an alias, for words are tagged after it is put in",
                Reading::Phonemes(_) => "names no part of speech",
            };
            let is_first = taken.insert(entry.written.clone());
            let effect = if is_first { "counts always" } else { "is left out" };
            if self.problems.len() < MOST_PROBLEMS {
                let what = format!("the role “{role}” {why}: this “{}” {effect}", entry.written);
                self.problems.push(Problem::warning(
                    entry.line,
                    what,
                    "use roles such as noun, verb, claws:VVD, or a lexicon in TOML with before and after",
                ));
            }
            if is_first {
                self.entries.push(entry);
            }
        }
    }
}
