//! What stands between a headline and the first paragraph: the line below the headline, points, names, times, captions.

use super::copied::Copied;
use super::phrases::RULES;
use super::{byline, credits, lines, signatures};
use crate::article::BlockKind;
use crate::article::reason::Reason;
use crate::article::shape::{Mark, Shape};

/// Words of the shortest line that tells something of the story.
const SHORTEST: usize = 5;
/// Lines of the longest summary.
const LONGEST_SUMMARY: usize = 8;
/// Words of the longest label over points.
const LONGEST_LABEL: usize = 4;
/// Words of the longest signature.
const LONGEST_NAME: usize = 6;

/// Words of the longest row of names and places.
const LONGEST_ROW: usize = 14;

/// What a line of the deck is.
pub(super) enum Line {
    /// It is read.
    Told(BlockKind),
    /// It is not.
    Left(Reason),
}

/// Sorts the lines from behind the headline to the first paragraph; `None` where a rule has spoken.
pub(super) fn sort(copied: &Copied<'_>, title: usize, first: usize) -> Vec<Option<Line>> {
    let mut found: Vec<Option<Line>> = Vec::new();
    let (mut is_below, mut points) = (true, 0);
    let mut told = Vec::new();
    for number in title + 1..first {
        let (shape, reason) = (&copied.shapes[number], copied.reasons[number]);
        let is_label = is_summary_label(shape)
            || (shape.words <= LONGEST_LABEL
                && shape.text.ends_with(':')
                && is_over_points(copied, number, first));
        if is_label {
            points = LONGEST_SUMMARY;
        }
        if let Some(reason) = reason {
            // The line below the headline stands over the names and the pictures.
            is_below &= !matches!(reason, Reason::Byline | Reason::Timestamp | Reason::Caption);
            found.push(None);
            continue;
        }
        if is_within(shape, &copied.shapes[title]) {
            found.push(Some(Line::Left(Reason::RepeatedTitle)));
            continue;
        }
        let is_signature = !is_label && is_signature(copied, number, title);
        let is_next = number == title + 1
            && shape.words >= 8
            && copied.wordings[number].address < 2
            && !begins_with_date(shape);
        let tells = (is_next || tells(copied, number)) && !is_label && !is_signature;
        let is_dated = is_time(shape) || begins_with_date(shape);
        is_below &= !is_signature && !is_dated;
        let is_point =
            tells && (is_lone_deck(copied, number, first) || points > 0 || is_in_row(copied, number, first));
        if tells && (is_below || is_point) {
            told.push(number);
            points = points.saturating_sub(1);
            let is_list = is_point || shape.mark == Mark::Item;
            found.push(Some(Line::Told(if is_list { BlockKind::ListItem } else { BlockKind::Paragraph })));
            continue;
        }
        if is_label && is_over_points(copied, number, first) {
            found.push(Some(Line::Told(BlockKind::Heading)));
            continue;
        }
        points = if is_label { points } else { 0 };
        let reason = if is_signature {
            Reason::Byline
        } else if is_dated {
            Reason::Timestamp
        } else if !is_below && shape.words >= SHORTEST {
            Reason::Caption
        } else {
            Reason::PageFurniture
        };
        found.push(Some(Line::Left(reason)));
    }
    // Several lines without a stop below a headline are points.
    if told.len() > 1 && told.iter().all(|&number| !copied.shapes[number].stopped) {
        for number in told {
            found[number - title - 1] = Some(Line::Told(BlockKind::ListItem));
        }
    }
    found
}

/// Whether a line has its like right over or under it: below the names, points rather than captions.
fn is_in_row(copied: &Copied<'_>, number: usize, first: usize) -> bool {
    let may_be = |line: usize| {
        line < first
            && copied.reasons[line].is_none()
            && !copied.shapes[line].stopped
            && !credits::is_indefinite(&copied.shapes[line])
            && !byline::is_row_of_names(copied.shapes[line].text)
            && tells(copied, line)
    };
    may_be(number) && (may_be(number - 1) || may_be(number + 1))
}

/// Whether a line below the names may be the line below the headline: no picture is near.
fn is_lone_deck(copied: &Copied<'_>, number: usize, first: usize) -> bool {
    const SHORTEST_DECK: usize = 8;
    const NEAR: usize = 2;
    let shape = &copied.shapes[number];
    let around = number.saturating_sub(NEAR)..(number + NEAR + 1).min(first);
    shape.words >= SHORTEST_DECK
        && !credits::is_indefinite(shape)
        && copied.reasons[around.clone()].iter().all(|reason| *reason != Some(Reason::Caption))
        && around
            .into_iter()
            .all(|line| line == number || copied.reasons[line].is_some() || copied.shapes[line].words <= 3)
}

/// Whether at least two points stand below a label.
fn is_over_points(copied: &Copied<'_>, number: usize, first: usize) -> bool {
    let is_point = |line: usize| {
        copied.reasons.get(line).is_some_and(Option::is_none)
            && if line < first { tells(copied, line) } else { copied.is_prose(line) }
    };
    // `Companies` may stand between `Summary` and its points.
    let below = number
        + 1
        + usize::from(
            !is_point(number + 1) && copied.shapes.get(number + 1).is_some_and(|shape| shape.words <= 2),
        );
    is_point(below) && is_point(below + 1)
}

/// `Key points`, `Summary:`
pub(super) fn is_summary_label(shape: &Shape<'_>) -> bool {
    let folded = shape.folded.trim_end_matches([':', '?']);
    let is_label = |folded: &str| RULES.summaries.iter().any(|label| label == folded);
    // `Reporting highlights`
    let last = folded.split_once(' ').filter(|(_, last)| !last.contains(' ')).map(|(_, last)| last);
    is_label(folded) || last.is_some_and(is_label)
}

/// Whether a line says something of the story.
fn tells(copied: &Copied<'_>, number: usize) -> bool {
    let (shape, wording) = (&copied.shapes[number], &copied.wordings[number]);
    let page = wording.address + wording.commands + wording.page_words;
    let is_about = wording.echo > 0 || (shape.words >= 8 && page == 0) || (shape.stopped && page == 0);
    shape.words >= SHORTEST
        && is_about
        && !wording.has_contact
        && (page < 2 || (copied.is_personal && wording.page_words < 2) || wording.echo >= 3)
        && !begins_with_date(shape)
        && !is_pointer(shape)
        && !copied.is_about_writer(number)
        && !shape.text.contains(['|', '→', '•'])
}

/// `Analysis: a port without ships`: below a headline, another story behind the name of its kind.
fn is_pointer(shape: &Shape<'_>) -> bool {
    let label = shape.folded.split_once(": ").map(|(label, _)| label);
    !shape.stopped && label.is_some_and(|label| label.split(' ').count() <= 2)
}

/// `March 4, 2031 by Jane Roe`
fn begins_with_date(shape: &Shape<'_>) -> bool {
    const WORDS: usize = 3;
    let end = shape.folded.match_indices(' ').nth(WORDS - 1).map_or(shape.folded.len(), |(at, _)| at);
    lines::is_day_or_time(&shape.folded[..end])
}

/// A shorter headline for other uses: it has no word of its own.
fn is_within(shape: &Shape<'_>, title: &Shape<'_>) -> bool {
    let long: Vec<&str> = title.folded.split(' ').map(bare).collect();
    shape.words >= 3
        && shape.words < title.words
        && shape.folded.split(' ').map(bare).all(|word| long.contains(&word))
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

fn is_time(shape: &Shape<'_>) -> bool {
    shape.words <= 8 && lines::is_day_or_time(&shape.folded)
}

/// `Jane Roe`, `Jane Roe and John Doe`, `Staff Writer`, `Harbor correspondent`, `at the pier`: beside a time, an address, or each other.
fn is_signature(copied: &Copied<'_>, number: usize, title: usize) -> bool {
    let shape = &copied.shapes[number];
    if shape.stopped || shape.mark != Mark::None || shape.words > LONGEST_ROW {
        return false;
    }
    if signatures::is_job_line(shape) {
        return true;
    }
    // `Jane Roe in Lindau and John Doe in Bregenz`
    let is_row = shape.folded.contains(" in ") || shape.folded.contains(" and ");
    if is_row && byline::is_row_of_names(shape.text) && signatures::names_someone(shape.text).len() > 1 {
        return true;
    }
    let is_near = |line: usize| {
        copied.shapes.get(line).is_some_and(|shape| {
            matches!(copied.reasons[line], Some(Reason::Byline | Reason::Timestamp))
                || is_time(shape)
                || signatures::is_job_line(shape)
        })
    };
    let is_beside = is_near(number + 1) || is_near(number + 2) || (number > 0 && is_near(number - 1));
    // Names right under the headline.
    let is_pair = shape.folded.contains(" and ") && signatures::names_someone(shape.text).len() > 1;
    let is_first = number == title + 1 && shape.words <= 3 && copied.wordings[number].echo == 0;
    let is_writer = is_beside
        || is_first
        || (number == title + 1 && is_pair)
        || (copied.wordings[number].echo == 0
            && (2..=4).contains(&shape.words)
            && (number.saturating_sub(5).max(title + 1)..number + 4).any(is_near));
    shape.words <= LONGEST_NAME
        && is_writer
        && shape.text.split(", ").all(byline::is_row_of_names)
        && shape.words >= 2
}
