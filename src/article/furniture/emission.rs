//! How much each paragraph of a copied page speaks for the story, or against it: sums of hand-set weights, as logarithms of odds.
//!
//! A lost paragraph is worse than a line too many. So a weight against the story is smaller than that of a sentence of usual
//! length, and only several signs together outweigh it.

use super::copied::{Copied, LONGEST_HEADING, is_list_of_ratings, is_titled};
use super::lists;
use super::running::is_end;
use super::words::LONGEST_PROMPT;
use crate::article::reason::Reason;
use crate::article::shape::{Mark, Shape, rough_sentences};

/// Words of the longest button.
const LONGEST_BUTTON: usize = 4;

/// Lines from an advertisement's label to a heading that may be the story's again.
const FAR_BELOW: usize = 3;

/// What speaks for each kind of place that a paragraph may have; zero is even odds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Emission {
    /// The story rather than what stands around it.
    pub(super) story: f32,
    /// What stands around the story: more of the page's own lines speak for each other.
    pub(super) page: f32,
    /// The page's foot, behind which no story comes.
    pub(super) foot: f32,
}

impl Copied<'_> {
    /// What speaks for each place of paragraph `number`.
    pub(super) fn emission(&self, number: usize) -> Emission {
        let shape = &self.shapes[number];
        if let Some(reason) = self.reasons[number] {
            return certain(shape, reason);
        }
        let story = if shape.mark == Mark::Heading {
            1.0
        } else if (shape.stopped && !self.is_cry(number) && !is_titled(shape)) || is_remark(shape) {
            self.sentence(number)
        } else {
            self.line(number)
        };
        Emission { story: story + self.against(number), ..Emission::default() }
    }

    /// `WHAT A GOAL!`, `Why am I seeing this?`: a heading or a label, whatever its last sign.
    fn is_cry(&self, number: usize) -> bool {
        let shape = &self.shapes[number];
        let is_under = self.before(number).is_some_and(|before| self.is_prose(before));
        let leads = self.is_item.get(number + 1) == Some(&true);
        let most = if is_under { 6 } else { 12 };
        shape.words <= most && shape.text.ends_with(['!', '?']) && rough_sentences(shape.text) <= 1 && !leads
    }

    /// A paragraph that ends with a sentence: the longer, the surer.
    fn sentence(&self, number: usize) -> f32 {
        let (shape, wording) = (&self.shapes[number], &self.wordings[number]);
        let mut odds = match shape.words {
            0..=3 => -0.3,
            4..=6 => 0.5,
            7..=11 => 1.2,
            12..=19 => 2.2,
            20..=29 => 3.2,
            _ => 4.0,
        };
        let is_under = self.before(number).is_some_and(|before| self.is_prose(before));
        let is_beside = is_under || self.is_prose(self.next(number));
        odds += if is_beside { 0.4 } else { 0.0 };
        // Pages quote nobody in their own cause; words without a speaker may be a cartoon's, or set large.
        odds += if wording.has_quote && (is_beside || !is_all_quote(shape.text)) { 0.6 } else { 0.0 };
        odds += if wording.is_said { 0.8 } else { 0.0 };
        odds += self.echo(number);
        // Behind the last long paragraph the page's foot is near.
        odds -= if number >= self.foot { 0.8 } else { 0.0 };
        // `Do you live by the port?` over what a page wants of those who do.
        let is_hook = shape.text.ends_with(['?', '!'])
            && shape.words <= LONGEST_HEADING
            && self.reasons.get(number + 1).copied().flatten().is_some_and(is_request);
        odds -= if is_hook { 3.0 } else { 0.0 };
        odds + if is_correction(&shape.folded) { 3.0 } else { 0.0 }
    }

    /// A line without a stop: a heading, an item of a list, or a part of the page.
    fn line(&self, number: usize) -> f32 {
        let (shape, wording) = (&self.shapes[number], &self.wordings[number]);
        let next = self.next(number);
        let is_listed = self.is_item.get(next) == Some(&true);
        let is_over = (self.is_prose(next) && !self.is_prompt(next)) || is_listed;
        let is_under = number > 0 && self.is_prose(number - 1);
        if self.is_item[number] || self.is_sign_off(number) {
            return 1.2;
        }
        if shape.mark == Mark::Item {
            return if shape.words >= 4 { 0.6 } else { -0.4 };
        }
        if shape.text.ends_with(':') {
            return if shape.words >= 3 && (is_under || is_over || self.is_item.get(number + 1) == Some(&true))
            {
                1.5
            } else {
                -0.8
            };
        }
        let echo = match (wording.echo, wording.content) {
            (0, 0) => 0.0,
            (0, _) => -0.2,
            _ => 0.4,
        };
        if shape.words > LONGEST_HEADING {
            return 0.4 + if is_over { 0.5 } else { 0.0 } + if is_under { 0.5 } else { 0.0 } + echo;
        }
        let mut odds = match shape.words {
            0..=2 => -1.0,
            3..=8 => -0.8,
            _ => -1.1,
        };
        // A heading stands over prose. One after another is a menu, or a row of other stories.
        odds += if is_over { 1.2 } else { -0.5 };
        odds += if is_under { 0.6 } else { 0.0 };
        let is_line = |number: usize| {
            self.reasons[number].is_none()
                && !self.shapes[number].stopped
                && self.shapes[number].words <= LONGEST_HEADING
        };
        odds -= if number > 0 && is_line(number - 1) && !self.is_item[number - 1] { 0.5 } else { 0.0 };
        odds += echo;
        odds += if is_all_quote(shape.text) { 0.4 } else { 0.0 };
        odds += if self.is_repeated[number] && is_over { 0.6 } else { 0.0 };
        // An entry of a live blog has its time over its heading.
        let before = number.checked_sub(1).and_then(|before| self.reasons[before]);
        odds += if before == Some(Reason::Timestamp) && is_over { 0.6 } else { 0.0 };
        odds += if is_over && self.is_over_clock(number) { 1.4 } else { 0.0 };
        odds -= match self.pointed_from(number) {
            // A heading of the story may stand a little below an advertisement.
            Some(label)
                if self.reasons[label] == Some(Reason::Advertisement)
                    && number - label >= FAR_BELOW
                    && wording.echo > 0
                    && is_over =>
            {
                0.5
            }
            Some(_) => 1.5,
            None => 0.0,
        };
        odds -= if shape.text.contains(": ") && !self.is_repeated[number] { 0.4 } else { 0.0 };
        odds -= if number >= self.foot { 0.8 } else { 0.0 };
        // `Follow Opinions`
        let is_button = shape.words <= LONGEST_BUTTON && wording.commands > 0 && wording.page_words > 0;
        odds -= if is_button { 2.0 } else { 0.0 };
        odds - if is_entry(shape) { 3.0 } else { 0.0 }
    }

    /// Whether any word of a paragraph is a page's rather than a story's.
    pub(super) fn speaks_of_page(&self, number: usize) -> bool {
        let wording = &self.wordings[number];
        let address = wording.address > 0 && !self.is_personal;
        address || wording.commands + wording.page_words > 0 || wording.has_contact || wording.page_echo > 1
    }

    /// Prose by which a page speaks of itself, or of its writer.
    fn is_prompt(&self, number: usize) -> bool {
        let wording = &self.wordings[number];
        (wording.address > 1 && !self.is_personal) || wording.page_words > 2 || self.is_about_writer(number)
    }

    /// Whether the prose around speaks of the same.
    fn echo(&self, number: usize) -> f32 {
        let wording = &self.wordings[number];
        if wording.content == 0 {
            return 0.0;
        }
        let share = wording.echo as f32 / wording.content as f32;
        // A few words say little.
        let weight = (wording.content as f32 / 4.0).min(1.0);
        ((share - 0.2) * 5.0).clamp(-1.0, 1.2) * weight
    }

    /// The signs that a page speaks of itself.
    fn against(&self, number: usize) -> f32 {
        let (shape, wording) = (&self.shapes[number], &self.wordings[number]);
        let mut odds = 0.0;
        let short = shape.words <= LONGEST_PROMPT;
        // Columns and letters address their readers; news and its pages differ in this.
        let manner = if self.is_personal { 0.25 } else { 1.0 };
        let address = match wording.address {
            0 => 0.0,
            1 => 1.4,
            2 => 2.2,
            _ => 2.8,
        };
        // Who has begun to speak so goes on.
        let goes_on = self.before(number).is_some_and(|before| {
            self.is_prose(before) && self.shapes[before].words >= 20 && self.wordings[before].address > 0
        });
        odds -= address * manner * if goes_on { 0.5 } else { 1.0 };
        odds -= if wording.own > 0 { 0.4 * manner } else { 0.0 };
        if short {
            // Many a sentence begins with a noun that is a verb, too.
            let is_meant = wording.address + wording.page_words > 0 || wording.has_contact || !shape.stopped;
            let commands = if is_meant && !self.is_personal { 1.2 } else { 0.5 };
            odds -= (wording.commands.min(2) as f32) * commands;
            odds -= (wording.page_words.min(4) as f32) * if shape.stopped { 0.6 } else { 0.9 };
            // Names of the page's own things rather than the story's.
            odds -= (wording.page_echo.min(3) as f32) * 0.45;
            odds -= if wording.has_contact { 2.0 } else { 0.0 };
            odds -= if !shape.text.is_ascii() && shape.text.contains(is_symbol) { 2.0 } else { 0.0 };
        }
        // Tables and line-ups.
        let is_spared = self.is_item[number] || is_remark(shape);
        if wording.numbers * 10 > shape.words * 3 && shape.words >= 3 && !is_spared {
            odds -= if wording.numbers * 2 > shape.words { 2.5 } else { 1.0 };
        }
        odds -= if shape.words > 2 && is_list_of_ratings(shape) { 5.0 } else { 0.0 };
        odds -= if lists::is_agate(shape) { 3.0 } else { 0.0 };
        let is_bracketed = shape.text.starts_with('[') && shape.text.ends_with(']');
        odds -= if is_bracketed { 5.0 } else { 0.0 };
        odds - if self.is_about_writer(number) { 5.0 } else { 0.0 }
    }

    /// Over a time of day with nothing else: the entries of some live blogs have their time below their heading.
    fn is_over_clock(&self, number: usize) -> bool {
        const LONGEST_CLOCK: usize = 2;
        self.shapes.get(number + 1).is_some_and(|shape| {
            self.reasons[number + 1] == Some(Reason::Timestamp)
                && shape.words <= LONGEST_CLOCK
                && shape.text.contains([':', '.'])
                && shape.text.starts_with(|c: char| c.is_ascii_digit())
        })
    }

    /// `Related stories`, or the label of an advertisement, over the row of lines in which a line stands.
    fn pointed_from(&self, number: usize) -> Option<usize> {
        const LONGEST_ROW: usize = 5;
        for above in (number.saturating_sub(LONGEST_ROW)..number).rev() {
            match self.reasons[above] {
                Some(Reason::Related | Reason::Advertisement | Reason::Newsletter | Reason::Paywall) => {
                    return Some(above);
                }
                None if self.shapes[above].stopped || self.shapes[above].words > LONGEST_HEADING => {
                    return None;
                }
                _ => {}
            }
        }
        None
    }
}

/// What a rule knows stands in no story; but it shows where the page's own lines are.
fn certain(shape: &Shape<'_>, reason: Reason) -> Emission {
    use Reason::{
        Advertisement, Breadcrumb, Comments, CookieNotice, Legal, LogIn, Navigation, Newsletter,
        PageFurniture, Paywall, Related,
    };
    let (page, foot) = match reason {
        PageFurniture if is_end(shape) => (0.0, 2.0),
        PageFurniture if !shape.text.contains(char::is_alphanumeric) => {
            // A line across the text parts stories.
            (0.0, if shape.text.len() > 9 { 1.0 } else { 0.0 })
        }
        Legal => (0.0, 2.5),
        Comments => (0.4, 1.5),
        Advertisement | Breadcrumb | CookieNotice | LogIn | Navigation | Newsletter | PageFurniture
        | Paywall | Related => (0.7, 0.7),
        _ => (0.0, 0.0),
    };
    Emission { story: 0.0, page, foot }
}

/// A page wants something of its reader.
fn is_request(reason: Reason) -> bool {
    use Reason::{Comments, CookieNotice, LogIn, Newsletter, Paywall};
    matches!(reason, Comments | CookieNotice | LogIn | Newsletter | Paywall)
}

/// Words that nobody says: only a quotation.
pub(super) fn is_all_quote(text: &str) -> bool {
    let inner = text.trim_end_matches(['.', ',']);
    [('“', '”'), ('"', '"'), ('‘', '’'), ('\'', '\'')].iter().any(|&(open, close)| {
        inner
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            .is_some_and(|inner| !inner.contains(open) && !inner.contains("” "))
    })
}

/// `Embed: map (id 552) – will render`, `Note to desk: check age w/ reporter, 13:50`: a field of a form, and its value.
fn is_entry(shape: &Shape<'_>) -> bool {
    shape.text.split_once(": ").is_some_and(|(label, value)| {
        label.split_whitespace().count() <= 3
            && value.contains(|c: char| c.is_ascii_digit())
            && value.contains(['/', '(', '_', '#', '='])
    })
}

/// `($1 = 1,395.2000 won)`
fn is_remark(shape: &Shape<'_>) -> bool {
    shape.words >= 3 && shape.text.starts_with('(') && shape.text.ends_with(')')
}

/// A newsroom's note about its own mistakes is part of the story.
fn is_correction(folded: &str) -> bool {
    ["correction", "clarification", "editor's note", "update:", "edit:"]
        .iter()
        .any(|word| folded.starts_with(word))
}

fn is_symbol(c: char) -> bool {
    matches!(c, '→' | '←' | '▲' | '▼' | '▾' | '▸' | '►' | '★' | '☆' | '☰' | '⌘' | '✓' | '✕' | '×')
        || ('\u{1f300}'..='\u{1faff}').contains(&c)
}
