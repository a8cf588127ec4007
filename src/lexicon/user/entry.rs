//! One entry of a lexicon: its written form, its conditions, its reading.

use std::collections::HashMap;
use std::fmt;

use super::alias::Chains;
use super::{LONGEST_PHRASE, Problem};
use crate::lexicon::notation::is_vowel;

/// Which capitals a word must have to be an entry's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub(crate) enum Case {
    /// A lower-case word in the lexicon matches any capitalisation. One with capitals matches that spelling and ALL
    /// CAPS.
    #[default]
    AsWritten,
    /// Exactly as in the lexicon.
    Exact,
    /// In any case.
    Any,
}

/// The parts of speech that an entry may require.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub(crate) enum PartOfSpeech {
    /// Nouns other than names.
    Noun,
    /// Names.
    Name,
    /// Verbs.
    Verb,
    /// Past forms and past participles of verbs.
    PastVerb,
    /// All other forms of verbs.
    PresentVerb,
    /// Adjectives.
    Adjective,
    /// Adverbs.
    Adverb,
}

impl PartOfSpeech {
    /// The names a lexicon uses.
    pub(crate) const NAMES: [(&'static str, Self); 7] = [
        ("noun", Self::Noun),
        ("name", Self::Name),
        ("verb", Self::Verb),
        ("past", Self::PastVerb),
        ("present", Self::PresentVerb),
        ("adjective", Self::Adjective),
        ("adverb", Self::Adverb),
    ];

    /// Whether a tag of the Penn Treebank means this part of speech.
    pub(crate) fn has_tag(self, tag: &str) -> bool {
        match self {
            Self::Noun => matches!(tag, "NN" | "NNS"),
            Self::Name => tag.starts_with("NNP"),
            Self::Verb => tag.starts_with("VB") || tag == "MD",
            Self::PastVerb => matches!(tag, "VBD" | "VBN"),
            Self::PresentVerb => Self::Verb.has_tag(tag) && !Self::PastVerb.has_tag(tag),
            Self::Adjective => tag.starts_with("JJ"),
            Self::Adverb => tag.starts_with("RB"),
        }
    }
}

/// The kind of thing that an entry's word names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub(crate) enum NameKind {
    /// A town, a country, a river.
    Place,
    /// A person.
    Person,
    /// A company, a party, an office.
    Organisation,
}

impl NameKind {
    /// The names a lexicon uses; an author may write the last one with a z.
    const NAMES: [(&'static str, Self); 4] = [
        ("place", Self::Place),
        ("person", Self::Person),
        ("organisation", Self::Organisation),
        ("organization", Self::Organisation),
    ];

    /// The kind of a name in a lexicon.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, kind)| *kind)
    }

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// What an author noted about an entry; it has no effect on the reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Remarks {
    /// In the author's words.
    pub note: Option<String>,
    /// Who says so: a broadcaster, the person, an embassy.
    pub source: Option<String>,
    /// Year, month and day, or the first of them.
    pub date: Option<String>,
    /// What the word names.
    pub kind: Option<NameKind>,
}

impl fmt::Display for Remarks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.map(|kind| kind.name().to_string());
        let parts: Vec<&str> =
            [&kind, &self.note, &self.source, &self.date].into_iter().flatten().map(String::as_str).collect();
        f.write_str(&parts.join(", "))
    }
}

/// Whether a text is a date as entries have it: 2024, 2024-11 or 2024-11-18.
pub(super) fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let in_range = |at: usize, length: usize, most: u32| {
        parts.get(at).is_none_or(|part| {
            let value: Option<u32> = part.parse().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit()));
            part.len() == length && value.is_some_and(|value| (1..=most).contains(&value))
        })
    };
    parts.len() <= 3 && in_range(0, 4, 9999) && in_range(1, 2, 12) && in_range(2, 2, 31)
}

/// How an entry is said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Reading {
    /// Phonemes in the voice's alphabet.
    Phonemes(String),
    /// As these words.
    Alias(String),
}

/// A word or phrase and how it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// As it stands in articles; apostrophes are straight, spaces single.
    pub written: String,
    /// How it is said.
    pub reading: Reading,
    /// Which capitals count.
    pub case: Case,
    /// Lower-case words, one of which must follow; with an empty list any word may follow.
    pub before: Vec<String>,
    /// Words one of which must stand before it. Lower case.
    pub after: Vec<String>,
    /// The part of speech it must be.
    pub part_of_speech: Option<PartOfSpeech>,
    /// What its author noted.
    pub remarks: Remarks,
    /// One-based line in its file.
    pub line: usize,
    /// Which of the lexicon's files it stands in.
    pub file: usize,
}

impl Entry {
    /// An entry without conditions.
    pub(super) fn new(written: &str, reading: Reading, line: usize) -> Self {
        Self {
            written: clean(written),
            reading,
            case: Case::default(),
            before: Vec::new(),
            after: Vec::new(),
            part_of_speech: None,
            remarks: Remarks::default(),
            line,
            file: 0,
        }
    }

    /// How many conditions it has; one form of a verb is a narrower condition than any.
    pub(super) fn conditions(&self) -> usize {
        use PartOfSpeech::{PastVerb, PresentVerb};
        usize::from(!self.before.is_empty())
            + usize::from(!self.after.is_empty())
            + usize::from(self.part_of_speech.is_some())
            + usize::from(matches!(self.part_of_speech, Some(PastVerb | PresentVerb)))
    }

    /// Whether its word is one that the tagger looks at, so that a part of speech can be asked for.
    pub(super) fn is_taggable(&self) -> bool {
        !self.written.contains(|c: char| !c.is_alphabetic() && c != '\'')
    }

    /// Whether its neighbours meet its conditions.
    pub(super) fn fits(&self, previous: &str, next: &str) -> bool {
        let is_among =
            |words: &[String], word: &str| words.is_empty() || words.contains(&word.to_lowercase());
        is_among(&self.after, previous) && is_among(&self.before, next)
    }

    /// Bytes of `text` that its word covers, when the text begins with it and no letter or digit follows.
    pub(super) fn matches(&self, text: &str) -> Option<usize> {
        let (mut written, mut found) = (self.written.chars(), text.char_indices());
        let has_capitals = self.written.chars().any(char::is_uppercase);
        let (mut is_exact, mut is_loud) = (true, true);
        let mut end = 0;
        for want in written.by_ref() {
            let (at, got) = found.next()?;
            let is_same = want == got || (want == ' ' && got.is_whitespace());
            if !is_same {
                if !want.to_lowercase().eq(got.to_lowercase()) {
                    return None;
                }
                is_exact = false;
            }
            is_loud &= !got.is_lowercase();
            end = at + got.len_utf8();
        }
        let case_fits = match self.case {
            Case::Any => true,
            Case::Exact => is_exact,
            Case::AsWritten => is_exact || is_loud || !has_capitals,
        };
        let is_whole =
            !text[end..].starts_with(char::is_alphanumeric) || !self.written.ends_with(char::is_alphanumeric);
        (case_fits && is_whole && end > 0).then_some(end)
    }
}

/// Single spaces, straight apostrophes.
pub(super) fn clean(text: &str) -> String {
    let text = text.replace(['’', 'ʼ', '‘'], "'").replace(['‐', '‑'], "-");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The fault of an entry's written form, if any.
pub(super) fn check_written(written: &str, line: usize) -> Option<Problem> {
    if !written.contains(char::is_alphanumeric) {
        return Some(Problem::new(line, "an entry has no word", "write the word as it stands in articles"));
    }
    written.chars().nth(LONGEST_PHRASE).map(|_| {
        let short: String = written.chars().take(30).collect();
        Problem::new(
            line,
            format!("the entry “{short}…” is longer than {LONGEST_PHRASE} characters"),
            "entries are words and names, not sentences",
        )
    })
}

/// The fault of an alias's words, if any.
pub(super) fn check_alias(alias: &str, line: usize) -> Option<Problem> {
    let is_word = |c: char| c.is_alphabetic() || matches!(c, ' ' | '\'' | '-');
    if !alias.contains(char::is_alphabetic) {
        return Some(Problem::new(line, "the alias is empty", "write the words that are said instead"));
    }
    if alias.chars().nth(3 * LONGEST_PHRASE).is_some() {
        return Some(Problem::new(line, "the alias is too long", "an alias is a handful of words"));
    }
    let wrong = alias.chars().find(|c| !is_word(*c))?;
    Some(Problem::new(
        line,
        format!("the alias “{alias}” has “{wrong}”, which can't be said"),
        "write what is said in words: “F thirty-five” rather than “F-35”",
    ))
}

/// The faults of entries seen together: duplicates and aliases that lead back to themselves.
pub(super) fn check_together(entries: &[Entry]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: HashMap<_, usize> = HashMap::new();
    for entry in entries {
        let key = match entry.case {
            Case::Any => entry.written.to_lowercase(),
            Case::Exact | Case::AsWritten => entry.written.clone(),
        };
        let key = (key, entry.case, entry.before.clone(), entry.after.clone(), entry.part_of_speech);
        if let Some(line) = seen.insert(key, entry.line) {
            problems.push(Problem::new(
                entry.line,
                format!("“{}” stands twice, first in line {line}", entry.written),
                "keep one of them, or give them different conditions (before, after, part)",
            ));
        }
    }
    let chains = Chains::of(entries);
    for entry in entries {
        if let Err(chain) = chains.end(entry) {
            problems.push(Problem::new(
                entry.line,
                format!("the alias leads back to itself: {chain}"),
                "give one of them a pronunciation",
            ));
        }
    }
    problems
}

/// A pronunciation needs a vowel in every word, or the voice swallows the word.
pub(super) fn every_word_sounds(phonemes: &str) -> bool {
    phonemes.split(' ').all(|word| word.contains(is_vowel))
}
