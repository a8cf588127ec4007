//! The paragraphs of a copied page with what is known of them before its parts are.

use std::collections::HashMap;

use super::lists;
use super::signatures::names_someone;
use super::words::{Index, LONGEST_PROMPT, Wording};
use crate::article::reason::Reason;
use crate::article::shape::{Mark, Shape, ends_with_stop, rough_sentences};

/// What is told of a writer.
const WRITERS_VERBS: [&str; 20] = [
    "is", "was", "has", "covers", "writes", "reports", "joined", "works", "worked", "lives", "edits",
    "teaches", "leads", "rode", "spent", "reported", "wrote", "can", "hosts", "serves",
];
/// Lines between the names and what is told of them.
const NEAR_NAMES: usize = 5;
/// Most writers of a story.
const MOST_NAMES: usize = 12;
/// Words of the longest heading.
pub(super) const LONGEST_HEADING: usize = 14;
/// Words of the longest headline of another story.
const LONGEST_HEADLINE: usize = 25;
/// Most lines below a colon that are its list without bullets.
const LONGEST_LIST: usize = 12;

/// The paragraphs of a page with what is known of them.
pub(super) struct Copied<'a> {
    pub(super) shapes: &'a [Shape<'a>],
    pub(super) reasons: &'a [Option<Reason>],
    pub(super) wordings: Vec<Wording>,
    pub(super) is_personal: bool,
    /// Paragraphs that read as prose.
    prose: Vec<bool>,
    /// Lines of a list without bullets, below a colon.
    pub(super) is_item: Vec<bool>,
    /// Lines that stand more than once.
    pub(super) is_repeated: Vec<bool>,
    /// Who wrote the story, folded.
    pub(super) names: Vec<String>,
    /// The first line behind the last long paragraph, and what follows that at once, that does not speak of the page.
    pub(super) foot: usize,
}

impl<'a> Copied<'a> {
    pub(super) fn new(shapes: &'a [Shape<'a>], reasons: &'a [Option<Reason>], index: &Index) -> Self {
        let wordings =
            shapes.iter().enumerate().map(|(number, shape)| index.wording(number, shape)).collect();
        let mut counts = HashMap::new();
        for shape in shapes {
            *counts.entry(shape.folded.as_str()).or_insert(0_usize) += 1;
        }
        let is_repeated = shapes
            .iter()
            .map(|shape| shape.words >= 3 && !shape.folded.is_empty() && counts[shape.folded.as_str()] > 1)
            .collect();
        let names = writers(shapes, reasons);
        let mut copied = Self {
            shapes,
            reasons,
            wordings,
            is_personal: index.is_personal,
            prose: shapes
                .iter()
                .zip(reasons)
                .map(|(shape, reason)| {
                    reason.is_none()
                        && shape.stopped
                        && shape.words >= 7
                        && !is_list_of_ratings(shape)
                        && !is_titled(shape)
                })
                .collect(),
            is_item: lists::amounts(shapes, reasons),
            is_repeated,
            names,
            foot: 0,
        };
        copied.mark_items();
        copied.foot = copied.find_foot();
        copied
    }

    fn find_foot(&self) -> usize {
        let is_plain = |number: &usize| {
            let wording = &self.wordings[*number];
            self.is_prose(*number)
                && self.shapes[*number].words >= 15
                && (self.is_personal || wording.address * 12 <= self.shapes[*number].words)
                && wording.echo >= 1
                && wording.page_words + wording.commands < 2
                && !self.is_about_writer(*number)
        };
        let end = self.shapes.len();
        let Some(last) = (0..end).rfind(is_plain) else { return end };
        let goes_on = |number: &usize| {
            let is_picture = matches!(self.reasons[*number], Some(Reason::Caption | Reason::Duplicate));
            is_picture || (self.reasons[*number].is_none() && self.shapes[*number].stopped)
        };
        (last + 1..end).find(|number| !goes_on(number)).unwrap_or(end)
    }

    /// A paragraph that reads as prose and that no rule has left out.
    pub(super) fn is_prose(&self, number: usize) -> bool {
        self.prose.get(number).is_some_and(|is_prose| *is_prose)
    }

    /// The paragraph after `number` that is no picture's.
    pub(super) fn next(&self, number: usize) -> usize {
        let skipped = |next: &usize| {
            matches!(
                self.reasons.get(*next),
                Some(Some(Reason::Caption | Reason::Byline | Reason::Timestamp))
            )
        };
        (number + 1..self.shapes.len().min(number + 5))
            .find(|next| !skipped(next))
            .unwrap_or(self.shapes.len())
    }

    /// The paragraph before `number` that is no picture's.
    pub(super) fn before(&self, number: usize) -> Option<usize> {
        let is_shown = |before: &usize| {
            !matches!(
                self.reasons[*before],
                Some(Reason::Caption | Reason::Byline | Reason::Duplicate | Reason::Embed)
            )
        };
        (number.saturating_sub(4)..number).rev().find(is_shown)
    }

    /// The lines below `The rules are:`, up to the next sentence.
    fn mark_items(&mut self) {
        for number in 0..self.shapes.len() {
            let shape = &self.shapes[number];
            let is_lead = self.reasons[number].is_none()
                && (shape.text.ends_with(':')
                    || (shape.text.ends_with('?') && shape.words <= LONGEST_HEADING))
                && shape.words >= 3
                && self.wordings[number].commands == 0
                && (self.wordings[number].address == 0 || self.is_personal)
                && (number == 0 || self.is_prose(number - 1) || shape.words >= 6);
            if !is_lead {
                continue;
            }
            let fewest = if shape.text.ends_with('?') { 4 } else { 2 };
            let rest = number + 1..self.shapes.len().min(number + 1 + LONGEST_LIST);
            let is_line = |line: &usize| {
                let shape = &self.shapes[*line];
                self.reasons[*line].is_none()
                    && shape.mark == Mark::None
                    && !shape.stopped
                    && shape.words >= fewest
            };
            let end = rest.clone().find(|line| !is_line(line)).unwrap_or(rest.end);
            // Prose goes on below the list, or the page ends.
            if end > number + 2 && (end == self.shapes.len() || self.shapes[end].stopped) {
                self.is_item[number + 1..end].fill(true);
            }
        }
    }

    /// `Until next week,` over the name of the writer, or the name.
    pub(super) fn is_sign_off(&self, number: usize) -> bool {
        const LONGEST_GREETING: usize = 5;
        let is_name = |line: usize| {
            self.shapes.get(line).is_some_and(|shape| {
                shape.words <= 3
                    && self.names.iter().any(|name| {
                        name.strip_prefix(shape.folded.as_str())
                            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
                    })
            })
        };
        let is_greeting = |line: usize| {
            let shape = &self.shapes[line];
            shape.text.ends_with(',') && shape.words <= LONGEST_GREETING
        };
        (is_greeting(number) && is_name(number + 1))
            || (is_name(number) && number.checked_sub(1).is_some_and(is_greeting))
    }

    /// `Jane Roe covers ports. She has a boat.`: behind the story, or right under the names, its writer.
    pub(super) fn is_about_writer(&self, number: usize) -> bool {
        let shape = &self.shapes[number];
        if shape.words > LONGEST_PROMPT || self.is_sign_off(number) {
            return false;
        }
        let folded = shape.folded.strip_prefix("about ").unwrap_or(&shape.folded);
        // Most lines begin with nobody's name.
        let first =
            folded.split(' ').next().unwrap_or_default().trim_end_matches(|c: char| !c.is_alphanumeric());
        if !self.names.iter().any(|name| name.split(' ').any(|part| part == first)) {
            return false;
        }
        let after =
            |name: &str| folded.strip_prefix(name).filter(|rest| !rest.starts_with(char::is_alphanumeric));
        let tells = |rest: &str| {
            let verb = rest.split(' ').find(|word| !word.is_empty()).unwrap_or_default();
            WRITERS_VERBS.contains(&verb)
        };
        let is_told_of = |name: &String| {
            let last = name.rsplit(' ').next().unwrap_or_default();
            [name.as_str(), last].iter().any(|name| after(name).is_some_and(tells))
        };
        let is_below_names = (number.saturating_sub(NEAR_NAMES)..number)
            .any(|line| self.reasons[line] == Some(Reason::Byline))
            && number * 3 < self.shapes.len() * 2;
        if is_below_names && self.names.iter().any(is_told_of) {
            return true;
        }
        let is_end = !(number + 1..self.shapes.len().min(number + 3)).any(|next| {
            self.is_prose(next) && self.wordings[next].address == 0 && self.shapes[next].words >= 20
        });
        let is_named = |name: &String| {
            let first = name.split(' ').next().unwrap_or_default();
            [name.as_str(), first].iter().any(|name| after(name).is_some())
        };
        is_end && self.names.iter().any(|name| is_named(name) || is_told_of(name))
    }
}

/// The people whom the bylines of a page name, folded.
pub(super) fn writers(shapes: &[Shape<'_>], reasons: &[Option<Reason>]) -> Vec<String> {
    let bylines = shapes.iter().zip(reasons).filter(|(_, reason)| **reason == Some(Reason::Byline));
    bylines.flat_map(|(shape, _)| names_someone(shape.text)).take(MOST_NAMES).collect()
}

/// `They Bought a Lamp for a Dollar. Then Came the Bill.`: a headline in which every long word begins with a capital.
pub(super) fn is_titled(shape: &Shape<'_>) -> bool {
    const LONG: usize = 4;
    const FEWEST: usize = 4;
    let long = || shape.text.split_whitespace().filter(|word| word.chars().count() >= LONG);
    (6..=LONGEST_HEADLINE).contains(&shape.words)
        && long().count() >= FEWEST
        && long().all(|word| !word.trim_start_matches(['“', '‘', '"']).starts_with(char::is_lowercase))
}

/// `Tindle 10; Mabey 6, Stott 7`: names and figures in turn.
pub(super) fn is_list_of_ratings(shape: &Shape<'_>) -> bool {
    let parts = || shape.text.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    let is_rated = |part: &&str| {
        part.split_whitespace().count() <= 5
            && part.trim_end_matches(['.', ')']).ends_with(|c: char| c.is_ascii_digit())
    };
    let all = parts().count();
    // `Lindau: Roe; Doe, Dale, Fenn`
    let is_name = |part: &&str| {
        let words = || part.split_whitespace();
        words().count() <= 5 && words().all(|word| !word.starts_with(char::is_lowercase))
    };
    let is_labelled = shape.text.contains(": ") && shape.text.contains(';');
    if is_labelled && all >= 8 && parts().filter(is_name).count() * 10 >= all * 9 {
        return true;
    }
    all >= 6
        && parts().filter(is_rated).count() * 3 >= all * 2
        && rough_sentences(shape.text) <= 2
        && ends_with_stop(shape.text)
}
