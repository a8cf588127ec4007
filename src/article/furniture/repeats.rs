//! Repeated text: paragraphs that were copied twice, and pull quotes.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::super::reason::Reason;
use super::super::shape::{Mark, Shape};
use super::emission::is_all_quote;

/// A paragraph that stands exactly twice, the second right after the first, was copied twice. A paragraph that stands
/// more often is meant so, a refrain. A caption that stands twice is known as one by its credit.
pub(super) fn mark_duplicates(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    const FEWEST_WORDS: usize = 5;
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (shape, _) in shapes.iter().zip(&*reasons).filter(|(_, reason)| reason.is_none()) {
        *counts.entry(shape.text).or_default() += 1;
    }
    let mut before = "";
    for (shape, reason) in shapes.iter().zip(reasons).filter(|(_, reason)| reason.is_none()) {
        if shape.text == before && shape.words >= FEWEST_WORDS && counts[shape.text] == 2 {
            *reason = Some(Reason::Duplicate);
        }
        before = shape.text;
    }
}

/// Words of the shortest pull quote; shorter text may be repeated by chance.
const FEWEST: usize = 6;
/// Words of the longest.
const MOST: usize = 60;
/// So many first words are compared at once.
const WINDOW: usize = FEWEST;
/// Most paragraphs of the same beginning that are compared; more are a refrain.
const MOST_ALIKE: usize = 4;
/// A number without a pattern (from the golden ratio), for mixing.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// A paragraph of a sentence or two that stands, word by word, within a longer one is a pull quote, and so is the name
/// right after it. No word is lost: they are read where they belong.
pub(super) fn mark_pull_quotes(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], title: Option<usize>) {
    let may_be = |number: &usize| {
        let shape = &shapes[*number];
        (FEWEST..=MOST).contains(&shape.words)
            && shape.mark == Mark::None
            && Some(*number) != title
            && !is_quoted_heading(shapes, *number)
    };
    let kept: Vec<usize> = (0..shapes.len()).filter(|&number| reasons[number].is_none()).collect();
    let state = RandomState::new();
    let words = |number: usize| {
        let words = shapes[number].text.split_whitespace().map(bare);
        words.filter(|word| !word.is_empty()).map(|word| hash_word(&state, word))
    };
    // By the hash of its first words.
    let mut quotes: HashMap<u64, Vec<(usize, Vec<u64>)>> = HashMap::new();
    for number in kept.iter().copied().filter(may_be) {
        let hashes: Vec<u64> = words(number).collect();
        if let Some(begin) = hashes.get(..WINDOW) {
            let alike = quotes.entry(begin.iter().fold(0, |sum, word| roll(sum, *word))).or_default();
            if alike.len() < MOST_ALIKE {
                alike.push((number, hashes));
            }
        }
    }
    if quotes.is_empty() {
        return;
    }
    let oldest = (0..WINDOW).fold(1_u64, |power, _| power.wrapping_mul(MIX));
    let mut found: Vec<usize> = Vec::new();
    let mut longer: Vec<u64> = Vec::new();
    for number in kept.iter().copied() {
        longer.clear();
        longer.extend(words(number));
        let mut sum = 0_u64;
        for at in 0..longer.len() {
            sum = roll(sum, longer[at]);
            if at >= WINDOW {
                sum = sum.wrapping_sub(longer[at - WINDOW].wrapping_mul(oldest));
            }
            let Some(start) = (at + 1).checked_sub(WINDOW) else { continue };
            let Some(alike) = quotes.get_mut(&sum) else { continue };
            alike.retain(|(quote, hashes)| {
                let is_within =
                    *quote != number && hashes.len() < longer.len() && longer[start..].starts_with(hashes);
                if is_within {
                    found.push(*quote);
                }
                !is_within
            });
        }
    }
    for quote in found {
        reasons[quote] = Some(Reason::PullQuote);
        if let Some(name) = shapes.get(quote + 1)
            && reasons[quote + 1].is_none()
            && name.text.starts_with(['—', '–', '-'])
            && name.words <= 10
            && !name.stopped
        {
            reasons[quote + 1] = Some(Reason::PullQuote);
        }
    }
}

/// A line that stands again right behind it, or behind one more line, names another story and its picture. Only within the
/// story: over it, headlines are repeated.
pub(super) fn mark_twins(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>], first: usize) {
    const LENGTHS: std::ops::RangeInclusive<usize> = 4..=20;
    const NEAR: usize = 2;
    for number in first..shapes.len() {
        let shape = &shapes[number];
        if !LENGTHS.contains(&shape.words) || shape.text.ends_with('.') || shape.folded.is_empty() {
            continue;
        }
        let twin = (number + 1..shapes.len().min(number + 1 + NEAR)).find(|&other| {
            reasons[number].is_none() && reasons[other].is_none() && shapes[other].folded == shape.folded
        });
        if let Some(twin) = twin {
            reasons[number..=twin].fill(Some(Reason::Related));
        }
    }
}

/// A quotation that nobody says, and whose words a paragraph near it has in the same order, is set large.
pub(super) fn mark_large_quotes(shapes: &[Shape<'_>], reasons: &mut [Option<Reason>]) {
    const NEAR: usize = 20;
    const LENGTHS: std::ops::RangeInclusive<usize> = 5..=30;
    let words = |shape: &Shape<'_>| -> Vec<String> {
        let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        shape.folded.split(' ').map(bare).filter(|word| !word.is_empty()).collect()
    };
    for number in 0..shapes.len() {
        let shape = &shapes[number];
        if reasons[number].is_some() || !LENGTHS.contains(&shape.words) || !is_all_quote(shape.text) {
            continue;
        }
        if is_quoted_heading(shapes, number) {
            continue;
        }
        let quote = words(shape);
        let around = number.saturating_sub(NEAR)..shapes.len().min(number + NEAR + 1);
        let is_source = |other: usize| {
            other != number
                && reasons[other].is_none()
                && shapes[other].words > shape.words
                && holds_in_order(&words(&shapes[other]), &quote)
        };
        if around.into_iter().any(is_source) {
            reasons[number] = Some(Reason::PullQuote);
        }
    }
}

/// A few words in quotation marks over a paragraph: a heading may quote what is said below it.
fn is_quoted_heading(shapes: &[Shape<'_>], number: usize) -> bool {
    const LONGEST_HEADING: usize = 8;
    let shape = &shapes[number];
    let is_over = shapes.get(number + 1).is_some_and(|next| next.stopped && next.words > shape.words);
    !shape.stopped && shape.words <= LONGEST_HEADING && is_over && is_all_quote(shape.text)
}

/// Whether the words stand in this order within a stretch of up to twice their number.
fn holds_in_order(text: &[String], words: &[String]) -> bool {
    let Some(first) = words.first() else { return false };
    let starts = text.iter().enumerate().filter(|(_, word)| *word == first).map(|(at, _)| at);
    starts.take(10).any(|start| {
        let stretch = &text[start..text.len().min(start + words.len() * 2 + 2)];
        let mut rest = stretch.iter();
        words.iter().all(|word| rest.any(|other| other == word))
    })
}

/// Adds a word to the hash of a window.
fn roll(sum: u64, word: u64) -> u64 {
    sum.wrapping_mul(MIX).wrapping_add(word)
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

fn hash_word(state: &RandomState, word: &str) -> u64 {
    state.hash_one(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn sentences_set_large_are_left_out() {
        let body =
            "It was late. “Nobody wants to be short before a long holiday,” said a trader in Seoul. He left.";
        let rows = [
            ("“Nobody wants to be short before a long holiday”", true),
            ("Nobody wants to be short before a long holiday", true),
            ("Nobody wants to be short before the long holiday", false),
            ("It was late.", false),
            (body, false),
        ];
        each(rows, |(quote, want)| {
            for order in [[quote, body], [body, quote]] {
                let shapes = order.map(|text| Shape::new(text, Mark::None));
                let mut reasons = [None, None];
                mark_pull_quotes(&shapes, &mut reasons, None);
                let is_found = reasons.contains(&Some(Reason::PullQuote));
                assert_eq!(is_found, want, "{quote}");
                let kept = order.iter().zip(reasons).find(|(_, reason)| reason.is_none());
                assert!(kept.is_some(), "{quote}");
            }
        });
    }

    #[test]
    fn the_name_below_goes_with_its_quote() {
        let texts = [
            "He said that nobody wants to be short before a holiday, and left.",
            "nobody wants to be short before a holiday",
            "— A trader in Seoul",
            "— A dash, and then a sentence.",
        ];
        let shapes = texts.map(|text| Shape::new(text, Mark::None));
        let mut reasons = [None; 4];
        mark_pull_quotes(&shapes, &mut reasons, None);
        assert_eq!(reasons, [None, Some(Reason::PullQuote), Some(Reason::PullQuote), None]);
    }
}
