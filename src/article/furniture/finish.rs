//! What the parts of a copied page leave to be settled: kinds of blocks, the lines below the headline, labels over headings.

use super::copied::{Copied, LONGEST_HEADING};
use super::deck;
use super::emission::Emission;
use crate::article::BlockKind;
use crate::article::reason::Reason;
use crate::article::shape::Mark;

/// Words of a point of a summary.
const POINT: std::ops::RangeInclusive<usize> = 4..=35;
/// Lines from a headline to the line below it.
const NEAR: usize = 3;
/// How many points a summary has.
const POINTS: std::ops::RangeInclusive<usize> = 2..=8;

/// A page whose parts are known.
pub(super) struct Finish<'a> {
    pub(super) copied: &'a Copied<'a>,
    pub(super) emissions: &'a [Emission],
    /// Whether each paragraph stands in the story.
    pub(super) is_story: &'a [bool],
    pub(super) reasons: &'a mut [Option<Reason>],
    pub(super) kinds: &'a mut [Option<BlockKind>],
}

impl Finish<'_> {
    pub(super) fn all(&mut self, title: Option<usize>) {
        for number in (0..self.is_story.len()).filter(|&number| self.is_story[number]) {
            self.kinds[number] = self.kind_of(number);
        }
        self.mark_points();
        if let Some(title) = title {
            self.sort_deck(title);
        }
        self.mark_stacked();
        self.keep_repeated_headings();
    }

    /// A heading that the page's table of contents has, too, stands over its paragraph behind whatever interrupts the story.
    fn keep_repeated_headings(&mut self) {
        let Self { copied, is_story, .. } = *self;
        let mut is_within = false;
        for number in 1..is_story.len().saturating_sub(1) {
            is_within |= is_story[number - 1];
            let shape = &copied.shapes[number];
            let is_over = is_story[number + 1] && copied.is_prose(number + 1);
            let is_heading =
                copied.is_repeated[number] && shape.is_heading_like() && shape.mark == Mark::None;
            if is_heading && is_over && is_within && copied.reasons[number].is_none() {
                self.reasons[number] = None;
            }
        }
    }

    /// The kind of a paragraph of the story where its shape alone would tell another.
    fn kind_of(&self, number: usize) -> Option<BlockKind> {
        let shape = &self.copied.shapes[number];
        let is_sentence = shape.text.ends_with(':') && shape.words >= 3;
        let is_remark = shape.text.starts_with('(') && shape.text.ends_with(')');
        // `1. The night train` over a paragraph
        let is_numbered = shape.mark == Mark::Item
            && shape.text.starts_with(|c: char| c.is_ascii_digit())
            && !shape.stopped
            && shape.words <= LONGEST_HEADING
            && self.copied.is_prose(number + 1)
            && self.copied.shapes[number + 1].mark == Mark::None;
        if is_numbered {
            Some(BlockKind::Heading)
        } else if self.copied.is_item[number] {
            Some(BlockKind::ListItem)
        } else if shape.mark == Mark::None && (is_sentence || is_remark) {
            Some(BlockKind::Paragraph)
        } else {
            None
        }
    }

    /// The sentences below `Key points` are a list, up to the next line of the page.
    fn mark_points(&mut self) {
        let Self { copied, .. } = *self;
        let end = copied.shapes.len();
        for number in (0..end).filter(|&number| deck::is_summary_label(&copied.shapes[number])) {
            let is_point = |point: &usize| {
                self.reasons[*point].is_none() && POINT.contains(&copied.shapes[*point].words)
            };
            let last = (number + 1..end).find(|point| !is_point(point)).unwrap_or(end);
            let is_said = (number + 1..last).any(|point| copied.wordings[point].is_said);
            if POINTS.contains(&(last - number - 1)) && !is_said {
                self.kinds[number + 1..last].fill(Some(BlockKind::ListItem));
            }
        }
    }

    /// What stands between the headline and the story's first paragraph.
    fn sort_deck(&mut self, title: usize) {
        let Self { copied, emissions, is_story, .. } = *self;
        let is_text = |number: &usize| {
            let shape = &copied.shapes[*number];
            is_story[*number] && copied.reasons[*number].is_none() && shape.words >= 15 && shape.stopped
        };
        let mut texts = (title + 1..is_story.len()).filter(is_text);
        let mut first = texts.next().unwrap_or(title + 1);
        // The line below the headline may be as long as a paragraph; then the names stand behind it.
        let is_signed =
            |number: usize| matches!(copied.reasons[number], Some(Reason::Byline | Reason::Timestamp));
        if let Some(next) = texts.next()
            && first <= title + NEAR
            && (first + 1..next).any(is_signed)
        {
            first = next;
        }
        let last_open = (title + 1..first).rev().find(|&number| copied.reasons[number].is_none());
        for (number, line) in (title + 1..first).zip(deck::sort(copied, title, first)) {
            let is_sentence = copied.shapes[number].stopped && emissions[number].story >= 1.0;
            let is_last = last_open.is_none_or(|last| last <= number);
            let is_about = copied.shapes[number].words <= 4 && copied.wordings[number].echo > 0;
            let is_label = deck::is_summary_label(&copied.shapes[number]);
            let is_heading =
                is_story[number] && is_last && !is_label && (is_about || copied.is_repeated[number]);
            match line {
                None => {}
                Some(deck::Line::Told(kind)) => {
                    (self.reasons[number], self.kinds[number]) = (None, Some(kind));
                }
                Some(deck::Line::Left(Reason::Byline)) => self.reasons[number] = Some(Reason::Byline),
                // A first sentence may stand over a picture.
                Some(deck::Line::Left(_)) if is_sentence || is_heading => self.reasons[number] = None,
                Some(deck::Line::Left(reason)) => self.reasons[number] = Some(reason),
            }
        }
    }

    /// Of lines that look like headings one right below another, the last is the heading; shorter ones are labels.
    fn mark_stacked(&mut self) {
        let Self { copied, is_story, .. } = *self;
        let is_heading = |number: usize| {
            let shape = &copied.shapes[number];
            is_story[number]
                && shape.mark == Mark::None
                && !copied.is_item[number]
                && shape.words <= LONGEST_HEADING
                && shape.is_heading_like()
                && !shape.text.ends_with(':')
        };
        for number in 0..is_story.len().saturating_sub(1) {
            let is_label = copied.shapes[number].words <= 2 || copied.wordings[number].echo == 0;
            let are_kept = self.reasons[number].is_none() && self.reasons[number + 1].is_none();
            if are_kept && is_label && is_heading(number) && is_heading(number + 1) {
                self.reasons[number] = Some(Reason::PageFurniture);
            }
        }
    }
}
