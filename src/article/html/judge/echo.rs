//! Which words of a leaf stand elsewhere too: in linked data, in the headline, in the story.

use std::collections::{HashMap, HashSet};

use crate::article::shape::fold;

/// FNV-1a, which gives the same numbers on every machine.
pub(super) fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Words that are compared at a time.
const RUN: usize = 4;

pub(super) fn hashes(text: &str) -> Vec<u64> {
    fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| hash(word.bytes()))
        .collect()
}

pub(in crate::article::html) fn runs(text: &str) -> HashSet<u64> {
    hashes(text).windows(RUN).map(run).collect()
}

pub(super) fn run(words: &[u64]) -> u64 {
    words.iter().fold(0, |sum, word| sum.rotate_left(9) ^ word)
}

/// The share of a text's runs of words that are among `runs`; a half where it is too short to tell.
pub(in crate::article::html) fn found(text: &str, runs: &HashSet<u64>) -> f32 {
    let words = hashes(text);
    let count = words.len().saturating_sub(RUN - 1);
    if count == 0 {
        return 0.5;
    }
    words.windows(RUN).filter(|words| runs.contains(&run(words))).count() as f32 / count as f32
}

/// Letters of the shortest word that says what a text is about.
const TELLING: usize = 5;

/// The words of a text that say what it is about, each once.
pub(super) fn telling(text: &str) -> HashSet<u64> {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| word.chars().count() >= TELLING).map(|word| hash(word.bytes())).collect()
}

/// In how many leaves of the story, as the rules found it, each telling word stands.
#[derive(Default)]
pub(super) struct Echo(HashMap<u64, f32>);

impl Echo {
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut counts = HashMap::new();
        for word in texts.flat_map(telling) {
            *counts.entry(word).or_insert(0.0) += 1.0;
        }
        Self(counts)
    }

    /// The share of telling words that stand in other leaves of the story; a half where there are none. `is_in` says that the text
    /// itself is a leaf of the story.
    pub(super) fn share(&self, words: &HashSet<u64>, is_in: bool) -> f32 {
        let own = f32::from(u8::from(is_in));
        if words.is_empty() {
            return 0.5;
        }
        let echoed = words.iter().filter(|word| self.0.get(*word).is_some_and(|count| *count > own)).count();
        echoed as f32 / words.len() as f32
    }
}
