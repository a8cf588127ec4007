//! The phrases and names of the rules file, and how a paragraph matches them.

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
    pub(super) fn holds(&self, shape: &Shape<'_>) -> bool {
        let folded = shape.folded.as_str();
        let is_end = matches!(self.manner, Manner::Ends | Manner::Closes);
        if !is_end && folded.as_bytes().first() != self.text.as_bytes().first() {
            return false;
        }
        // A label such as `photo:` is better evidence than a few words that a sentence may begin with.
        let more = if self.text.ends_with(':') { 40 } else { 12 };
        let is_short = shape.words <= self.text.split(' ').count() + more;
        // `Shared` does not begin with the word `share`.
        let begins = || {
            folded.strip_prefix(self.text.as_str()).is_some_and(|rest| {
                !rest.starts_with(char::is_alphanumeric) || !self.text.ends_with(char::is_alphanumeric)
            })
        };
        match self.manner {
            Manner::Is => folded.trim_end_matches([':', '.', '!', '?', '…', '»', '>', ' ']) == self.text,
            Manner::Starts => is_short && (!shape.stopped || folded.ends_with('?')) && begins(),
            Manner::Prompts => is_short && begins(),
            Manner::Closes => {
                shape.words <= 40 && folded.trim_end_matches(['.', '!', ')', ' ']).ends_with(&self.text)
            }
            Manner::Ends => {
                is_short && (!shape.stopped || folded.ends_with('?')) && folded.ends_with(&self.text)
            }
        }
    }
}

/// The rules file: phrases of prompts and labels, names of agencies, buttons, words for pictures, sections of a site.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) phrases: Vec<Phrase>,
    pub(super) agencies: Vec<String>,
    pub(super) buttons: Vec<String>,
    pub(super) pictures: Vec<String>,
    pub(super) sections: Vec<String>,
}

pub(super) static RULES: LazyLock<Rules> =
    LazyLock::new(|| Rules::parse(include_str!("../data/furniture.tsv")));

impl Rules {
    /// Reads the rules; a test checks that every line is used.
    fn parse(table: &str) -> Self {
        let mut rules = Self::default();
        for row in tsv::rows(table) {
            rules.add(&row);
        }
        rules
    }

    fn add(&mut self, row: &[&str]) -> Option<()> {
        match row {
            [kind, words] => {
                let list = match *kind {
                    "agency" => &mut self.agencies,
                    "button" => &mut self.buttons,
                    "picture" => &mut self.pictures,
                    "section" => &mut self.sections,
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
                self.phrases.push(Phrase { manner, reason, text: (*text).to_owned() });
            }
            _ => return None,
        }
        Some(())
    }
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
