//! Learns which sounds each letter of a word stands for, from the words alone, by expectation maximisation.

use std::collections::BTreeMap;

use crate::dictionary::Pronunciation;

/// Sounds one letter stands for at most: `x` is `ks`, `u` is `ju`.
const MOST_SOUNDS: usize = 2;
/// Rounds of learning; the alignments hardly change any more after five.
const ROUNDS: usize = 8;
/// Letters, and sounds beside silence, at most.
const LETTERS: usize = 26;
const SOUNDS: usize = 96;

/// Probabilities of letter and sounds together.
pub struct Aligner {
    /// Sounds without stress: a letter stands for a vowel whether it is stressed or not.
    sounds: BTreeMap<String, usize>,
    probabilities: Vec<f64>,
}

/// A word to learn from.
pub struct Sample<'a> {
    pub word: &'a str,
    pub pronunciation: &'a Pronunciation,
}

impl Aligner {
    /// Learns from words and their pronunciations.
    pub fn train(samples: &[Sample]) -> Self {
        let mut sounds = BTreeMap::new();
        for sound in samples.iter().flat_map(|sample| sample.pronunciation) {
            let number = sounds.len() + 1;
            sounds.entry(without_stress(sound).to_string()).or_insert(number);
        }
        assert!(sounds.len() < SOUNDS, "{} sounds", sounds.len());
        let uniform = vec![1.0; LETTERS * SOUNDS * SOUNDS];
        let mut aligner = Self { sounds, probabilities: uniform };
        for _ in 0..ROUNDS {
            let mut expected = vec![0.0; aligner.probabilities.len()];
            for sample in samples {
                aligner.count(sample, &mut expected);
            }
            let sum: f64 = expected.iter().sum();
            aligner.probabilities = expected.into_iter().map(|count| count / sum).collect();
        }
        aligner
    }

    /// The number of sounds of each letter, by the most likely alignment; `None` when there is none.
    pub fn align(&self, sample: &Sample) -> Option<Vec<usize>> {
        let lattice = self.lattice(sample);
        // best[j] is the likelihood of the letters so far with j sounds; choices hold the sounds of the last letter.
        let mut best = vec![0.0; lattice.columns];
        best[0] = 1.0;
        let mut choices = Vec::new();
        for letter in 0..lattice.letters {
            let mut next = vec![0.0; lattice.columns];
            let mut choice = vec![0; lattice.columns];
            for (column, &likelihood) in best.iter().enumerate() {
                for count in 0..=MOST_SOUNDS.min(lattice.columns - 1 - column) {
                    let extended = likelihood * self.probabilities[lattice.key(letter, column, count)];
                    if extended > next[column + count] {
                        (next[column + count], choice[column + count]) = (extended, count);
                    }
                }
            }
            best = next;
            choices.push(choice);
        }
        let mut column = lattice.columns - 1;
        if best[column] <= 0.0 {
            return None;
        }
        let mut counts: Vec<usize> = choices
            .iter()
            .rev()
            .map(|choice| {
                let count = choice[column];
                column -= count;
                count
            })
            .collect();
        counts.reverse();
        Some(counts)
    }

    /// Adds the expected number of times that each letter of a word stands for each sequence of sounds.
    fn count(&self, sample: &Sample, expected: &mut [f64]) {
        let lattice = self.lattice(sample);
        let columns = lattice.columns;
        let at = |letter: usize, column: usize| letter * columns + column;
        let mut forward = vec![0.0; (lattice.letters + 1) * columns];
        forward[0] = 1.0;
        for (letter, column, count) in lattice.arcs() {
            let probability = self.probabilities[lattice.key(letter, column, count)];
            forward[at(letter + 1, column + count)] += forward[at(letter, column)] * probability;
        }
        let all = forward[at(lattice.letters, columns - 1)];
        if all <= 0.0 {
            return;
        }
        let mut backward = vec![0.0; forward.len()];
        backward[at(lattice.letters, columns - 1)] = 1.0;
        for (letter, column, count) in lattice.arcs().rev() {
            let key = lattice.key(letter, column, count);
            let rest = backward[at(letter + 1, column + count)] * self.probabilities[key];
            backward[at(letter, column)] += rest;
            expected[key] += forward[at(letter, column)] * rest / all;
        }
    }

    fn lattice(&self, sample: &Sample) -> Lattice {
        let numbers =
            sample.pronunciation.iter().map(|sound| self.sounds.get(without_stress(sound)).copied());
        let sounds: Vec<usize> = numbers.map(|number| number.unwrap_or(SOUNDS - 1)).collect();
        let word = sample.word.bytes().map(|letter| usize::from(letter - b'a')).collect::<Vec<_>>();
        Lattice { letters: word.len(), columns: sounds.len() + 1, word, sounds }
    }
}

/// All ways to give the sounds of a word to its letters: rows are letters, columns the sounds given so far.
struct Lattice {
    word: Vec<usize>,
    sounds: Vec<usize>,
    letters: usize,
    columns: usize,
}

impl Lattice {
    /// Every letter with every number of sounds after every sound.
    fn arcs(&self) -> impl DoubleEndedIterator<Item = (usize, usize, usize)> {
        let columns = self.columns;
        (0..self.letters).flat_map(move |letter| {
            (0..columns).flat_map(move |column| {
                (0..=MOST_SOUNDS.min(columns - 1 - column)).map(move |count| (letter, column, count))
            })
        })
    }

    /// Where the probability of a letter with some sounds stands.
    fn key(&self, letter: usize, column: usize, count: usize) -> usize {
        let sound = |index: usize| if index < count { self.sounds[column + index] } else { 0 };
        (self.word[letter] * SOUNDS + sound(0)) * SOUNDS + sound(1)
    }
}

fn without_stress(sound: &str) -> &str {
    sound.trim_start_matches(['ˈ', 'ˌ'])
}

#[cfg(test)]
mod tests {
    use audio_report::text::Dialect;

    use super::*;
    use crate::dictionary::{of_misaki, sounds};

    #[test]
    fn letters_find_their_sounds() {
        let entries = of_misaki(Dialect::AmericanEnglish);
        let short = entries.iter().filter(|entry| entry.word.len() <= 5);
        let samples: Vec<Sample> = short
            .map(|entry| Sample { word: &entry.word, pronunciation: &entry.pronunciations[0] })
            .collect();
        let aligner = Aligner::train(&samples);
        for (word, phonemes, want) in [
            ("box", "bˈɑks", Some(vec![1, 1, 2])),
            ("sit", "sˈɪt", Some(vec![1, 1, 1])),
            ("bite", "bˈIt", Some(vec![1, 1, 1, 0])),
            ("shop", "ʃˈɑp", Some(vec![1, 0, 1, 1])),
            ("cute", "kjˈut", Some(vec![1, 2, 1, 0])),
            ("bo", "bˈɑbbɑb", None),
        ] {
            let pronunciation = &sounds(phonemes);
            assert_eq!(aligner.align(&Sample { word, pronunciation }), want, "{word}");
        }
    }
}
