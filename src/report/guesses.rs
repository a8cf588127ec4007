//! The words of an article that were guessed: how often each stands in it, where first, and how it is said.

use std::collections::HashMap;

use serde::Serialize;

use crate::error::shorten;
use crate::lexicon::notation::to_ipa;

/// Characters of a word that are listed.
const WORD_SHOWN: usize = 60;
/// Characters of a sentence that are kept.
const SENTENCE_SHOWN: usize = 200;

/// A word that no dictionary has, and how it was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Guess {
    /// As it is written, without a possessive ending.
    pub word: String,
    /// How often it stands in the article.
    pub times: usize,
    /// In the voice's symbols.
    pub phonemes: String,
    /// In IPA, as a lexicon takes it.
    pub ipa: String,
    /// The sentence in which it stands first.
    pub sentence: String,
}

/// Collects guesses.
#[derive(Clone, Debug)]
pub(crate) struct Guesses {
    found: Vec<Guess>,
    places: HashMap<String, usize>,
    most: usize,
}

impl Guesses {
    /// Collects this many different words at most.
    pub(crate) fn at_most(most: usize) -> Self {
        Self { found: Vec::new(), places: HashMap::new(), most }
    }

    /// Adds a word as it was spoken; calls for its sentence when it is new.
    pub(crate) fn add<'a>(&mut self, spoken: &str, phonemes: &str, sentence: impl FnOnce() -> &'a str) {
        let (word, phonemes) = without_possessive(spoken, phonemes);
        let word = shorten(word, WORD_SHOWN);
        if let Some(&place) = self.places.get(&word) {
            self.found[place].times += 1;
        } else if self.found.len() < self.most {
            self.places.insert(word.clone(), self.found.len());
            self.found.push(Guess {
                word,
                times: 1,
                phonemes: phonemes.to_owned(),
                ipa: to_ipa(phonemes),
                sentence: shorten(sentence(), SENTENCE_SHOWN),
            });
        }
    }

    /// Takes all out, the most frequent first; equally frequent ones in the order of the article.
    pub(crate) fn take_sorted(&mut self) -> Vec<Guess> {
        self.places.clear();
        let mut found = std::mem::take(&mut self.found);
        found.sort_by_key(|guess| std::cmp::Reverse(guess.times));
        found
    }
}

/// A word and its phonemes without a possessive ending.
pub(crate) fn without_possessive<'a>(spoken: &'a str, phonemes: &'a str) -> (&'a str, &'a str) {
    match spoken.strip_suffix("'s") {
        Some(stem) => (stem, without_ending(phonemes)),
        None => (spoken.trim_end_matches('\''), phonemes),
    }
}

/// Phonemes without the sound of a possessive ending.
fn without_ending(phonemes: &str) -> &str {
    phonemes.strip_suffix("ɪz").or_else(|| phonemes.strip_suffix(['s', 'z'])).unwrap_or(phonemes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_are_counted_and_the_most_frequent_come_first() {
        let mut guesses = Guesses::at_most(2);
        guesses.add("Blorv", "blˈɔɹv", || "Blorv met\nZorvinel.");
        guesses.add("Zorvinel", "zˈɔɹvɪnɛl", || "Blorv met Zorvinel.");
        guesses.add("Zorvinel's", "zˈɔɹvɪnɛlz", || unreachable!());
        guesses.add("Third", "θˈɜɹd", || unreachable!());
        let sorted = guesses.take_sorted();
        let shown: Vec<_> = sorted.iter().map(|guess| (guess.word.as_str(), guess.times)).collect();
        assert_eq!(shown, [("Zorvinel", 2), ("Blorv", 1)]);
        assert_eq!(sorted[1].sentence, "Blorv met Zorvinel.");
        assert_eq!(sorted[0].phonemes, "zˈɔɹvɪnɛl");
        assert!(sorted[0].ipa.contains('ˈ'), "{}", sorted[0].ipa);
    }
}
