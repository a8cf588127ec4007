//! The user's own lexicon: words and how they are said, from TOML and W3C PLS files.

mod alias;
mod entry;
#[cfg(all(any(test, fuzzing), feature = "serve"))]
pub(crate) mod fuzzing;
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "only a server gets words one by one"))]
mod given;
mod pls;
mod role;
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "only a server saves words"))]
mod saved;
mod toml_file;

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, UTF_8};
pub(crate) use entry::{Case, Entry, PartOfSpeech, Reading};
#[cfg(feature = "serve")]
pub(crate) use given::Given;
#[cfg(feature = "serve")]
pub(crate) use saved::{Saved, Unsaved};

use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::text::line_and_column;

/// Larger files are refused: a lexicon of all words of English has less.
const LARGEST_FILE: u64 = 16 << 20;
/// Characters of an entry's word or phrase at most.
const LONGEST_PHRASE: usize = 100;

/// A fault of an entry of a lexicon file, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct Problem {
    /// One-based line.
    pub line: usize,
    /// The fault, a sentence without a full stop.
    pub what: String,
    /// The cure.
    pub cure: String,
    /// A warning: the lexicon can be used, though perhaps not as intended.
    pub is_warning: bool,
}

impl Problem {
    fn new(line: usize, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { line, what: what.into(), cure: cure.into(), is_warning: false }
    }

    fn warning(line: usize, what: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { is_warning: true, ..Self::new(line, what, cure) }
    }

    /// The cure, in a file with this number of problems.
    fn as_one_of(&self, problems: usize) -> Cure {
        Cure::MendEntry { how: self.cure.clone(), problems }
    }

    /// The problem as an error of a file.
    pub(crate) fn in_file(&self, path: &Path) -> Error {
        let place = Place { file: Some(path.to_path_buf()), line: Some(self.line), ..Place::default() };
        Error::new(ErrorKind::Lexicon, self.what.clone()).at(place).with_cure(self.as_one_of(1))
    }
}

/// The entries of some lexicon files, ready to be looked up.
#[derive(Clone, Debug, Default)]
pub struct UserLexicon {
    entries: Vec<Entry>,
    /// Entries by the first word of theirs, in lower case; the longest first.
    by_first_word: HashMap<String, Vec<usize>>,
    files: Vec<PathBuf>,
}

/// The user's entry for a place of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// Bytes of the text that it covers.
    pub len: usize,
}

impl UserLexicon {
    /// Reads lexicon files; where two have the same word the later one counts. The first problem that is no warning ends it.
    pub fn load(paths: &[PathBuf]) -> Result<Self> {
        let mut lexicon = Self::default();
        for path in paths {
            lexicon = lexicon.with_text(path, &read_text(path)?)?;
        }
        Ok(lexicon)
    }

    /// The same with the words of a file above them, which has this text, in TOML or PLS. The first problem that is no warning ends it.
    pub(crate) fn with_text(mut self, path: &Path, text: &str) -> Result<Self> {
        let (entries, mut problems) = read(text);
        problems.retain(|problem| !problem.is_warning);
        if let Some(problem) = problems.first() {
            return Err(problem.in_file(path).with_cure(problem.as_one_of(problems.len())));
        }
        self.add(path, entries);
        Ok(self)
    }

    /// The same with the words of a file above them that says other things, too: its table `words` alone is read.
    pub(crate) fn with_part(mut self, path: &Path, text: &str) -> Result<Self> {
        let (entries, mut problems) = toml_file::read_words(text);
        problems.extend(entry::check_together(&entries));
        problems.retain(|problem| !problem.is_warning);
        problems.sort_by_key(|problem| problem.line);
        if let Some(problem) = problems.first() {
            return Err(problem.in_file(path));
        }
        self.add(path, alias::resolve(entries));
        Ok(self)
    }

    fn add(&mut self, path: &Path, entries: Vec<Entry>) {
        let file = self.files.len();
        self.files.push(path.to_path_buf());
        let mut changed = BTreeSet::new();
        for mut entry in entries {
            entry.file = file;
            let word = first_word(&entry.written).to_lowercase();
            self.by_first_word.entry(word.clone()).or_default().push(self.entries.len());
            changed.insert(word);
            self.entries.push(entry);
        }
        for word in changed {
            let entries = &self.entries;
            let Some(list) = self.by_first_word.get_mut(&word) else { continue };
            list.sort_by_key(|&at| {
                let entry = &entries[at];
                // Longer phrases, then those with more conditions, then later files, then the order in the file.
                std::cmp::Reverse((entry.written.len(), entry.conditions(), entry.file, usize::MAX - at))
            });
        }
    }

    /// Whether there is no entry.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The file that has an entry.
    pub(crate) fn file_of(&self, entry: &Entry) -> &Path {
        self.files.get(entry.file).map_or(Path::new(""), PathBuf::as_path)
    }

    /// The entry for the longest word or phrase at the head of `text`, which must begin at a word; `previous` is the word
    /// before. Entries for a part of speech are left to [`tagged`](Self::tagged).
    pub(crate) fn at_head(&self, text: &str, previous: &str) -> Option<Found<'_>> {
        let first = first_word(text);
        if first.len() > 4 * LONGEST_PHRASE {
            return None;
        }
        let candidates =
            self.by_first_word.get(first).or_else(|| self.by_first_word.get(&first.to_lowercase()))?;
        candidates.iter().map(|&at| &self.entries[at]).find_map(|entry| {
            let len = entry.matches(text).filter(|_| entry.part_of_speech.is_none())?;
            entry.fits(previous, next_word(&text[len..])).then_some(Found { entry, len })
        })
    }

    /// The entry for a word as the part of speech that a Penn Treebank tag means, between two others.
    pub(crate) fn tagged(&self, word: &str, tag: &str, previous: &str, next: &str) -> Option<&Entry> {
        let candidates = self.candidates(word);
        candidates.iter().map(|&at| &self.entries[at]).find(|entry| {
            entry.part_of_speech.is_some_and(|part| part.has_tag(tag))
                && entry.matches(word) == Some(word.len())
                && entry.fits(previous, next)
        })
    }

    fn candidates(&self, word: &str) -> &[usize] {
        if self.entries.is_empty() {
            return &[];
        }
        self.by_first_word.get(&first_word(word).to_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// Whether the part of speech of a word decides about its entry.
    pub(crate) fn has_parts_of_speech(&self, word: &str) -> bool {
        self.candidates(word).iter().any(|&at| self.entries[at].part_of_speech.is_some())
    }

    /// The entry for a word or phrase as a whole, between two others.
    pub(crate) fn find(&self, word: &str, previous: &str, next: &str) -> Option<&Entry> {
        self.whole(word).find(|entry| entry.part_of_speech.is_none() && entry.fits(previous, next))
    }

    /// The entry for a word or phrase as a whole that counts in any context.
    pub(crate) fn get(&self, word: &str) -> Option<&Entry> {
        self.whole(word).find(|entry| entry.conditions() == 0)
    }

    /// The entries for a word or phrase as a whole, those with conditions first.
    pub(crate) fn whole<'a, 'w>(&'a self, word: &'w str) -> impl Iterator<Item = &'a Entry> + use<'a, 'w> {
        let candidates = self.candidates(word);
        candidates.iter().map(|&at| &self.entries[at]).filter(|entry| entry.matches(word) == Some(word.len()))
    }
}

/// The letters and digits at the head of a text.
fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    // An entry may begin with a mark: `@`.
    if end == 0 { text.chars().next().map_or("", |c| &text[..c.len_utf8()]) } else { &text[..end] }
}

/// The word after white space, without an ending.
fn next_word(text: &str) -> &str {
    let text = text.trim_start_matches([' ', '\n', '-']);
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    &text[..end]
}

/// The entries of a file, and all its faults. An error means that the file can't be read at all.
pub(crate) fn read_file(path: &Path) -> Result<(Vec<Entry>, Vec<Problem>)> {
    Ok(read(&read_text(path)?))
}

/// The entries of a text in TOML or PLS, and all its faults.
fn read(text: &str) -> (Vec<Entry>, Vec<Problem>) {
    let is_xml = text.trim_start_matches('\u{feff}').trim_start().starts_with('<');
    let (entries, mut problems) = if is_xml { pls::read(text) } else { toml_file::read(text) };
    problems.extend(entry::check_together(&entries));
    problems.sort_by_key(|problem| problem.line);
    (alias::resolve(entries), problems)
}

fn read_text(path: &Path) -> Result<String> {
    let unreadable = |cause: std::io::Error| {
        Error::new(ErrorKind::Lexicon, "the lexicon can't be read")
            .at(Place::file(path))
            .because(cause)
            .with_cure(Cure::CheckFile)
    };
    let too_large = || {
        Error::new(ErrorKind::Lexicon, "the lexicon is larger than 16 MiB")
            .at(Place::file(path))
            .with_cure(Cure::SplitLexicon)
    };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST_FILE + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(too_large());
    }
    // XML may be UTF-16 when it begins with a mark, and editors save other files so as well.
    if let Some((encoding, mark)) = Encoding::for_bom(&bytes).filter(|(encoding, _)| *encoding != UTF_8) {
        let (text, is_broken) = encoding.decode_without_bom_handling(&bytes[mark..]);
        if !is_broken {
            return Ok(text.into_owned());
        }
        let before = text.find(char::REPLACEMENT_CHARACTER).unwrap_or_default();
        let (line, column) = line_and_column(text.as_bytes(), before);
        let what = format!("the lexicon is {} text with a broken character", encoding.name());
        return Err(Error::new(ErrorKind::Lexicon, what)
            .at(Place::file(path).line(line, column))
            .with_cure(Cure::SaveAsUtf8));
    }
    String::from_utf8(bytes).map_err(|cause| {
        let (line, column) = line_and_column(cause.as_bytes(), cause.utf8_error().valid_up_to());
        Error::new(ErrorKind::Lexicon, "the lexicon is no UTF-8 text")
            .at(Place::file(path).line(line, column))
            .with_cure(Cure::SaveAsUtf8)
    })
}

#[cfg(test)]
mod tests;
