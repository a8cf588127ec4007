//! The phrases and names of the rules file, and how a paragraph matches them.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::super::reason::Reason;
use super::super::shape::Shape;
use crate::tsv;

/// How a phrase of the rules file matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// The whole paragraph, but for punctuation at its end.
    Is,
    /// A short paragraph without a final stop begins so.
    Starts,
    /// A short paragraph begins so, and may be a whole sentence.
    Prompts,
    /// A short paragraph without a final stop ends so.
    Ends,
    /// A paragraph of a sentence or two ends so, with or without a final stop.
    Closes,
}

/// A line of the rules file.
#[derive(Debug)]
pub(super) struct Phrase {
    manner: Manner,
    pub(super) reason: Reason,
    text: String,
}

impl Phrase {
    /// Whether the phrase is all that a line says.
    pub(super) fn is_whole(&self, shape: &Shape<'_>) -> bool {
        self.manner == Manner::Is && self.holds(shape)
    }

    pub(super) fn holds(&self, shape: &Shape<'_>) -> bool {
        let folded = shape.folded.as_str();
        let is_end = matches!(self.manner, Manner::Ends | Manner::Closes);
        // Nearly every phrase is out here, without a look at the rest.
        if !is_end && !folded.as_bytes().starts_with(self.text.as_bytes()) {
            return false;
        }
        // A label such as `photo:` is better evidence than a few words that a sentence may begin with.
        let more = if self.text.ends_with(':') { 40 } else { 12 };
        let is_short = || shape.words <= self.text.split(' ').count() + more;
        // `Shared` does not begin with the word `share`.
        let begins = || {
            folded.strip_prefix(self.text.as_str()).is_some_and(|rest| {
                !rest.starts_with(char::is_alphanumeric) || !self.text.ends_with(char::is_alphanumeric)
            })
        };
        match self.manner {
            Manner::Is => folded.trim_end_matches([':', '.', '!', '?', '…', '»', '>', ' ']) == self.text,
            Manner::Starts => is_short() && (!shape.stopped || folded.ends_with('?')) && begins(),
            Manner::Prompts => is_short() && begins(),
            Manner::Closes => {
                shape.words <= 40 && folded.trim_end_matches(['.', '!', ')', ' ']).ends_with(&self.text)
            }
            Manner::Ends => {
                folded.ends_with(&self.text) && is_short() && (!shape.stopped || folded.ends_with('?'))
            }
        }
    }
}

/// Words and names that a table lists. Most words are out by their length and first byte, without a look into the set.
#[derive(Debug, Default)]
pub(super) struct WordSet {
    words: HashSet<String>,
    /// For each first byte a bit for each length; empty as long as the set is.
    lengths: Vec<u32>,
}

impl WordSet {
    fn extend(&mut self, words: &str) {
        self.lengths.resize(256, 0);
        for word in words.split(',').map(str::trim) {
            if let Some((first, length)) = Self::key(word) {
                self.lengths[first] |= length;
            }
            self.words.insert(word.to_owned());
        }
    }

    /// Whether the table lists a word, in lower case.
    pub(super) fn contains(&self, word: &str) -> bool {
        let may_be = Self::key(word)
            .is_some_and(|(first, length)| self.lengths.get(first).is_some_and(|bits| bits & length != 0));
        may_be && self.words.contains(word)
    }

    fn key(word: &str) -> Option<(usize, u32)> {
        word.bytes().next().map(|first| (usize::from(first), 1 << word.len().min(31)))
    }
}

/// The rules file: phrases of prompts and labels, names of agencies, buttons, words for pictures, sections of a site,
/// and the words of pages that copied text has.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) phrases: Vec<Phrase>,
    /// The numbers of the phrases that a paragraph begins with, by their first two bytes.
    begins: HashMap<[u8; 2], Vec<usize>>,
    /// The numbers of the phrases that a paragraph ends with.
    endings: Vec<usize>,
    pub(super) agencies: WordSet,
    /// Those of them that are more than a word.
    pub(super) long_agencies: Vec<String>,
    pub(super) buttons: WordSet,
    pub(super) pictures: Vec<String>,
    pub(super) sections: Vec<String>,
    /// Verbs by which a page asks its readers to do something.
    pub(super) commands: WordSet,
    /// Words of a page about itself.
    pub(super) page_words: WordSet,
    /// Lines that end a story.
    pub(super) ends: Vec<String>,
    /// Labels over a list of what the story says.
    pub(super) summaries: Vec<String>,
    /// Labels over other stories.
    pub(super) labels: WordSet,
    /// Labels over the headline in a form.
    pub(super) fields: Vec<String>,
    /// Labels beside the title of a film.
    pub(super) films: WordSet,
    /// Labels over the caption of a picture.
    pub(super) galleries: WordSet,
    /// Letters and messages that a page sends.
    pub(super) letters: WordSet,
    /// Ways to pay for a page.
    pub(super) giving: WordSet,
    /// What readers send.
    pub(super) answers: WordSet,
    /// Words for listening to a page.
    pub(super) sound: WordSet,
    /// Words for what no human does.
    pub(super) machine: WordSet,
    /// Parts that somebody may have in a page.
    pub(super) imprint: WordSet,
}

pub(super) static RULES: LazyLock<Rules> =
    LazyLock::new(|| Rules::parse(include_str!("../data/furniture.tsv")));

impl Rules {
    /// Why a paragraph with the words of a phrase is not read; the first phrase of the file decides.
    pub(super) fn reason_of(&self, shape: &Shape<'_>) -> Option<Reason> {
        let begin = begin_of(&shape.folded)?;
        let holds = |number: &usize| self.phrases[*number].holds(shape);
        let begin = self.begins.get(&begin).and_then(|numbers| numbers.iter().copied().find(|n| holds(n)));
        let ending = self.endings.iter().copied().find(|n| holds(n));
        let number = begin.into_iter().chain(ending).min()?;
        Some(self.phrases[number].reason)
    }

    /// Reads the rules; a test checks that every line is used.
    fn parse(table: &str) -> Self {
        let mut rules = Self::default();
        for row in tsv::rows(table) {
            rules.add(&row);
        }
        rules
    }

    /// The set of words that a kind of row lists.
    fn set(&mut self, kind: &str) -> Option<&mut WordSet> {
        Some(match kind {
            "button" => &mut self.buttons,
            "label" => &mut self.labels,
            "command" => &mut self.commands,
            "page-word" => &mut self.page_words,
            "film" => &mut self.films,
            "gallery" => &mut self.galleries,
            "letter" => &mut self.letters,
            "giving" => &mut self.giving,
            "answer" => &mut self.answers,
            "sound" => &mut self.sound,
            "machine" => &mut self.machine,
            "imprint" => &mut self.imprint,
            _ => return None,
        })
    }

    fn add(&mut self, row: &[&str]) -> Option<()> {
        match row {
            ["agency", words] => {
                self.agencies.extend(words);
                let long = words.split(',').map(str::trim).filter(|name| name.contains(' '));
                self.long_agencies.extend(long.map(str::to_owned));
            }
            [kind, words] => {
                if let Some(set) = self.set(kind) {
                    set.extend(words);
                    return Some(());
                }
                let list = match *kind {
                    "picture" => &mut self.pictures,
                    "section" => &mut self.sections,
                    "end" => &mut self.ends,
                    "summary" => &mut self.summaries,
                    "field" => &mut self.fields,
                    _ => return None,
                };
                list.extend(words.split(',').map(|word| word.trim().to_owned()));
            }
            [kind, reason, text] => {
                let manner = match *kind {
                    "is" => Manner::Is,
                    "starts" => Manner::Starts,
                    "prompts" => Manner::Prompts,
                    "ends" => Manner::Ends,
                    "closes" => Manner::Closes,
                    _ => return None,
                };
                let reason = match *reason {
                    "furniture" => Reason::PageFurniture,
                    "caption" => Reason::Caption,
                    "byline" => Reason::Byline,
                    "timestamp" => Reason::Timestamp,
                    "navigation" => Reason::Navigation,
                    "related" => Reason::Related,
                    "advertisement" => Reason::Advertisement,
                    "newsletter" => Reason::Newsletter,
                    "log-in" => Reason::LogIn,
                    "paywall" => Reason::Paywall,
                    "comments" => Reason::Comments,
                    "cookies" => Reason::CookieNotice,
                    "legal" => Reason::Legal,
                    _ => return None,
                };
                let number = self.phrases.len();
                match (manner, begin_of(text)) {
                    (Manner::Ends | Manner::Closes, _) => self.endings.push(number),
                    (_, Some(begin)) => self.begins.entry(begin).or_default().push(number),
                    (_, None) => return None,
                }
                self.phrases.push(Phrase { manner, reason, text: (*text).to_owned() });
            }
            _ => return None,
        }
        Some(())
    }
}

/// The first two bytes; no phrase has only one.
fn begin_of(text: &str) -> Option<[u8; 2]> {
    text.as_bytes().first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_rules_is_understood() {
        let data = include_str!("../data/furniture.tsv");
        tsv::assert_rows("furniture.tsv", data, 50, |row| {
            // Phrases are met in lower case.
            Rules::default().add(row).is_some() && row.iter().all(|cell| *cell == cell.to_lowercase())
        });
    }
}
