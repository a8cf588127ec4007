//! The trees look at a page twice: the second ones see what the first ones said of the leaf, its neighbours and its kin.

use std::collections::HashMap;

use super::features::{FIRST, REASON, Row, WORDS, code};
use super::trees::Trees;
use crate::article::reason::Reason;

/// Numbers that the second pass adds to a row.
pub(super) const SECOND: usize = 26;
/// Neighbours whose probabilities are seen.
const NEAR: [isize; 8] = [-4, -3, -2, -1, 1, 2, 3, 4];
/// Leaves on both sides over which a mean is taken.
const WINDOW: usize = 8;
/// A leaf of at least so many words, and so probable, is surely of the story.
const SURE: (f32, f32) = (12.0, 0.8);
/// Farther away is all the same.
const FARTHEST: f32 = 30.0;

/// Which leaves are kin: numbers of the element around a leaf's, of the one around that, and of the kind of its element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kin(pub [u32; 3]);

/// Both passes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judge {
    /// The trees that see a leaf as the rules left it.
    pub first: Trees,
    /// The trees that see what the first ones said, too.
    pub second: Trees,
}

impl Judge {
    /// The probability that each leaf is of the story. The rows are completed for the second pass.
    pub fn probabilities(&self, rows: &mut [Row], kin: &[Kin]) -> Vec<f32> {
        let first: Vec<f32> = rows.iter().map(|row| self.first.probability(row)).collect();
        complete(rows, kin, &first);
        let both = |(row, first): (&Row, f32)| {
            let second = self.second.probability(row);
            // Teasers in a row are neighbours that speak for each other.
            if row[REASON].to_bits() == code(Some(Reason::Related)).to_bits() {
                second.min(first)
            } else {
                second
            }
        };
        rows.iter().zip(first).map(both).collect()
    }

    /// Reads a file; `None` when it is not whole.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk()?;
        let (first, second) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        Some(Self { first: Trees::read(first)?, second: Trees::read(second)? })
    }

    /// The file.
    pub fn write(&self) -> Vec<u8> {
        let first = self.first.write();
        [&(first.len() as u32).to_le_bytes()[..], &first, &self.second.write()].concat()
    }
}

/// Words, and words by their probability.
#[derive(Clone, Copy, Default)]
struct Mass {
    words: f32,
    likely: f32,
}

impl Mass {
    fn add(&mut self, words: f32, probability: f32) {
        self.words += words;
        self.likely += words * probability;
    }

    fn without(self, words: f32, probability: f32) -> Self {
        Self { words: self.words - words, likely: self.likely - words * probability }
    }

    fn mean(self) -> f32 {
        if self.words > 0.5 { self.likely / self.words } else { -1.0 }
    }
}

/// How far behind the last sure leaf each leaf comes.
fn distances(are_sure: impl Iterator<Item = bool>) -> Vec<f32> {
    let mut behind = FARTHEST;
    let distance = |is_sure: bool| {
        let next = if is_sure { 1.0 } else { (behind + 1.0).min(FARTHEST) };
        std::mem::replace(&mut behind, next)
    };
    are_sure.map(distance).collect()
}

/// Writes into a page's rows what the second pass sees, by the probabilities of the first.
pub fn complete(rows: &mut [Row], kin: &[Kin], first: &[f32]) {
    let words: Vec<f32> = rows.iter().map(|row| row[WORDS].exp_m1()).collect();
    let mut families: HashMap<(usize, u32), Mass> = HashMap::new();
    let mut all = Mass::default();
    for ((kin, words), probability) in kin.iter().zip(&words).zip(first) {
        all.add(*words, *probability);
        for family in kin.0.iter().copied().enumerate() {
            families.entry(family).or_default().add(*words, *probability);
        }
    }
    let is_sure = |leaf: usize| words[leaf] >= SURE.0 && first[leaf] >= SURE.1;
    let since = distances((0..rows.len()).map(is_sure));
    let mut until = distances((0..rows.len()).rev().map(is_sure));
    until.reverse();
    let mut before = 0.0;
    for leaf in 0..rows.len() {
        let (own, probability) = (words[leaf], first[leaf]);
        let mut window = Mass::default();
        let near = leaf.saturating_sub(WINDOW)..(leaf + WINDOW + 1).min(rows.len());
        for other in near.filter(|other| *other != leaf) {
            window.add(words[other], first[other]);
        }
        let mut seen = vec![probability];
        seen.extend(NEAR.iter().map(|distance| {
            leaf.checked_add_signed(*distance).and_then(|other| first.get(other)).copied().unwrap_or(-1.0)
        }));
        for family in kin[leaf].0.iter().copied().enumerate() {
            let mass = families.get(&family).copied().unwrap_or_default();
            let others = mass.without(own, probability);
            seen.extend([others.mean(), others.words.max(0.0).ln_1p(), mass.likely / all.likely.max(1.0)]);
        }
        let whole = all.likely.max(1.0);
        seen.extend([before / whole, (all.likely - before - own * probability) / whole]);
        seen.extend([window.mean(), all.likely.ln_1p(), all.mean(), since[leaf], until[leaf]]);
        seen.push(since[leaf].min(until[leaf]));
        before += own * probability;
        for (place, number) in rows[leaf][FIRST..].iter_mut().zip(seen) {
            *place = number;
        }
    }
}
