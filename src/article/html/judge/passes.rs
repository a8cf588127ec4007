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
            let is = |reason: Option<Reason>| row[REASON].to_bits() == code(reason).to_bits();
            match () {
                // What the rules kept goes only where both passes say so.
                () if is(None) => second.max(first),
                // Teasers in a row are neighbours that speak for each other.
                () if is(Some(Reason::Related)) => second.min(first),
                () => second,
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
    let since = distances(0..rows.len(), is_sure);
    let mut until = distances((0..rows.len()).rev(), is_sure);
    until.reverse();
    let mut before = 0.0;
    let count = rows.len();
    for (leaf, row) in rows.iter_mut().enumerate() {
        let (own, probability) = (words[leaf], first[leaf]);
        let mut window = Mass::default();
        let near = leaf.saturating_sub(WINDOW)..(leaf + WINDOW + 1).min(count);
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
        for (place, number) in row[FIRST..].iter_mut().zip(seen) {
            *place = number;
        }
    }
}

/// How far each leaf is behind the last sure one, in the order in which they come here.
fn distances(leaves: impl Iterator<Item = usize>, is_sure: impl Fn(usize) -> bool) -> Vec<f32> {
    let mut distance = FARTHEST;
    let step = |leaf: usize| {
        let own = distance;
        distance = if is_sure(leaf) { 1.0 } else { (distance + 1.0).min(FARTHEST) };
        own
    };
    leaves.map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::html::judge::FEATURES;

    #[test]
    fn the_second_pass_sees_what_the_first_one_said() {
        let mut rows = [[0.0; FEATURES]; 3];
        for (row, words) in rows.iter_mut().zip([20.0_f32, 10.0, 30.0]) {
            row[WORDS] = words.ln_1p();
        }
        complete(&mut rows, &[Kin([1, 0, 0]), Kin([1, 0, 1]), Kin([2, 0, 1])], &[0.9, 0.5, 0.1]);
        let seen = |leaf: usize, number: usize| (rows[leaf][FIRST + number] * 100.0).round() as i32;
        assert_eq!([seen(0, 0), seen(1, 0), seen(2, 0)], [90, 50, 10], "its own");
        assert_eq!([seen(1, 4), seen(1, 5), seen(0, 4)], [90, 10, -100], "its neighbours'");
        assert_eq!([seen(0, 9), seen(1, 9), seen(2, 9)], [50, 90, -100], "its siblings'");
        assert_eq!(
            [seen(1, 23), seen(1, 24)],
            [100, 3000],
            "the distance to a sure leaf before and behind it"
        );
    }

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let judge = Judge::default();
        let file = judge.write();
        assert_eq!(Judge::read(&file), Some(judge));
        for length in 0..file.len() {
            assert_eq!(Judge::read(&file[..length]), None, "{length} bytes");
        }
    }
}
