//! How much each line of a copied page speaks for being its headline: a headline is about what the story is about.

use super::byline::is_row_of_names;
use super::copied::Copied;
use super::phrases::RULES;
use super::{lines, site_title};
use crate::article::reason::Reason;
use crate::article::shape::{Mark, Shape, rough_sentences};

/// Words of the longest headline.
const LONGEST: usize = 35;
/// So many lines below a headline have its date and its writer.
const NEAR: usize = 5;
/// Short lines of the shortest menu.
const MENU: usize = 3;
/// Most lines between a headline and the first paragraph.
const DECK: usize = 30;

/// The odds of each line; `None` for a line that cannot be a headline.
pub(super) fn scores(copied: &Copied<'_>) -> Vec<Option<f32>> {
    let mut scores: Vec<Option<f32>> = (0..copied.shapes.len()).map(|number| score(copied, number)).collect();
    let is_long = |number: usize| copied.is_prose(number) && copied.shapes[number].words >= 15;
    // The line below a headline repeats its words.
    for number in (1..scores.len()).rev() {
        let Some(own) = scores[number] else { continue };
        let is_signed =
            |line: usize| matches!(copied.reasons[line], Some(Reason::Byline | Reason::Timestamp));
        let is_rival = |above: &usize| {
            let below = number + 1..copied.shapes.len().min(number + 1 + NEAR);
            if is_between_labels(copied, *above) && below.into_iter().any(is_signed) {
                return false;
            }
            let is_about = copied.wordings[*above].echo > 1;
            scores[*above]
                .is_some_and(|score| (score > 1.5 && is_about) || (score > 0.5 && score * 2.0 >= own))
        };
        let above = (number.saturating_sub(DECK)..number).rev().take_while(|&above| !is_long(above));
        // A menu between them shows that they do not belong together.
        let mut menu = 0;
        let above = above.take_while(|&above| {
            let is_short = copied.reasons[above].is_none() && copied.shapes[above].words <= 2;
            menu += usize::from(is_short);
            menu < MENU
        });
        if above.into_iter().any(|above| is_rival(&above)) {
            // What stands below the date as well is a picture's, or the story's.
            let is_over = (number + 1..scores.len().min(number + 1 + NEAR)).any(is_signed);
            let is_behind = (number.saturating_sub(NEAR)..number).any(is_signed) && !is_over;
            scores[number] = Some(own - if is_behind { 3.0 } else { 2.0 });
        }
    }
    scores
}

fn score(copied: &Copied<'_>, number: usize) -> Option<f32> {
    let (shape, wording) = (&copied.shapes[number], &copied.wordings[number]);
    let is_cry = shape.words <= 20
        && rough_sentences(shape.text) <= 2
        && shape.text.ends_with(['?', '!', '”', '’', '"', '\'']);
    let may_be = copied.reasons[number].is_none()
        && shape.mark != Mark::Item
        && (1..=LONGEST).contains(&shape.words)
        && shape.text.chars().count() <= 250
        && !shape.text.ends_with([',', ';', ':'])
        && !copied.is_item[number]
        && (shape.is_title_like() || is_cry || shape.words <= 15);
    if !may_be {
        return None;
    }
    let mut odds = match shape.words {
        1 => -4.0,
        2 => -2.2,
        3 => -1.0,
        4 => 0.0,
        5..=20 => 0.8,
        21..=28 => 0.2,
        _ => -1.0,
    };
    let common = wording.echo as f32 / (wording.content.max(1)) as f32;
    odds += (wording.echo.min(5) as f32) * 0.7 + (common - 0.4) * 1.5;
    odds -= if wording.echo == 0 { 0.7 } else { 0.0 };
    let is_stopped = shape.text.ends_with('.') && !shape.is_title_like();
    let are_sentences = rough_sentences(shape.text) > 1;
    let is_titled = (is_stopped || are_sentences) && is_titled(shape.text);
    odds -= if is_stopped && !is_titled { 2.0 } else { 0.0 };
    odds -= if are_sentences && !is_titled { 0.8 } else { 0.0 };
    // `The Lindau Bee`
    let is_house = shape.words <= 4 && shape.text.starts_with("The ") && is_row_of_names(shape.text);
    odds -= if is_house { 1.5 } else { 0.0 };
    // `Series: Dry Wells`
    odds -= if shape.words <= 4 && shape.text.contains(": ") { 1.0 } else { 0.0 };
    odds += if shape.mark == Mark::Heading { 1.5 } else { 0.0 };
    let manner = if copied.is_personal { 0.3 } else { 1.0 };
    odds -= (wording.address.min(2) as f32) * 1.0 * manner;
    odds -= (wording.commands.min(1) as f32) * 0.8;
    odds -= if is_in_menu(copied, number) { 1.5 } else { 0.0 };
    odds -= (wording.page_words.min(3) as f32) * 0.5;
    odds -= if wording.has_contact { 3.0 } else { 0.0 };
    odds -= if shape.text.contains('(') { 0.8 } else { 0.0 };
    odds -= if is_field(shape) { 2.5 } else { 0.0 };
    odds -= if shape.text.contains(['|', '→', '@', '•', '·', '►', '_']) { 1.5 } else { 0.0 };
    odds += if copied.is_repeated[number] { 0.8 } else { 0.0 };
    let below = number + 1..copied.shapes.len().min(number + 1 + NEAR);
    let is_mark = |line: usize| {
        matches!(copied.reasons[line], Some(Reason::Byline | Reason::Timestamp))
            || lines::is_date(&copied.shapes[line].folded)
    };
    let is_next = below.clone().next().is_some_and(is_mark);
    odds += if is_next {
        1.2
    } else if below.clone().any(is_mark) {
        0.8
    } else {
        0.0
    };
    // The browser's title, over the headline itself.
    let is_tab = below.clone().any(|line| site_title(&shape.folded, &copied.shapes[line].folded));
    odds -= if is_tab { 3.0 } else { 0.0 };
    // The sender's name over a headline that begins with it.
    let is_begun = |line: &Shape<'_>| {
        let rest = line.folded.strip_prefix(shape.folded.as_str()).and_then(|rest| rest.strip_prefix(' '));
        rest.is_some_and(|rest| rest.starts_with(char::is_alphabetic) && rest.split(' ').count() >= 3)
            && line.is_title_like()
    };
    let further = number + 1..copied.shapes.len().min(number + 1 + DECK);
    let is_name = shape.words <= 5 && further.into_iter().any(|line| is_begun(&copied.shapes[line]));
    odds -= if is_name { 3.0 } else { 0.0 };
    let label = number.checked_sub(1).map(|above| copied.shapes[above].folded.trim_end_matches(':'));
    odds +=
        if label.is_some_and(|label| RULES.fields.iter().any(|field| field == label)) { 2.0 } else { 0.0 };
    // A headline stands over its date and its writer.
    let above = number.saturating_sub(NEAR)..number;
    let is_behind =
        above.clone().any(|line| matches!(copied.reasons[line], Some(Reason::Byline | Reason::Timestamp)));
    odds -= if is_behind && !below.clone().any(is_mark) { 1.0 } else { 0.0 };
    // Right over the first prose, or with little between.
    let is_over = below.clone().any(|line| copied.is_prose(line));
    odds += if is_over { 0.4 } else { 0.0 };
    Some(odds)
}

/// `The County Sold Its Wells. Then They Ran Dry.`: every long word begins with a capital.
fn is_titled(text: &str) -> bool {
    const LONG: usize = 4;
    let mut long = text.split_whitespace().filter(|word| word.chars().count() >= LONG);
    text.split(' ').count() >= 6 && long.all(|word| !word.starts_with(char::is_lowercase))
}

/// `Wildlife and rivers` between `Environment` and `Press release`: a section of a site.
fn is_between_labels(copied: &Copied<'_>, number: usize) -> bool {
    const LONGEST_TOPIC: usize = 6;
    let is_label = |line: usize| {
        copied.shapes.get(line).is_some_and(|shape| {
            copied.reasons[line].is_none() && shape.words <= 2 && !shape.stopped && shape.mark == Mark::None
        })
    };
    copied.shapes[number].words <= LONGEST_TOPIC
        && number.checked_sub(1).is_some_and(is_label)
        && is_label(number + 1)
}

/// A few words between lines of a few words.
fn is_in_menu(copied: &Copied<'_>, number: usize) -> bool {
    const LONGEST_ENTRY: usize = 4;
    let is_entry = |line: usize| {
        copied.shapes.get(line).is_some_and(|shape| {
            copied.reasons[line].is_none() && shape.words <= LONGEST_ENTRY && !shape.stopped
        })
    };
    number > 1 && (number - 2..number + 2).all(is_entry)
}

/// `SEO title (58/60): …`, `URL: /news/…`: a field of a form with its value.
fn is_field(shape: &Shape<'_>) -> bool {
    let Some((label, value)) = shape.text.split_once(": ") else { return false };
    let words = label.split_whitespace().count();
    // `Lindau Town 3-2 Bregenz: …` is no field.
    let is_counted = label.contains('(') || (words <= 3 && label.contains(|c: char| c.is_ascii_digit()));
    words <= 4
        && (is_counted
            || value.starts_with('/')
            || value.contains('_')
            || matches!(
                label.to_lowercase().as_str(),
                "subject" | "slug" | "url" | "re" | "from" | "to" | "status"
            ))
}
