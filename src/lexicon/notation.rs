//! How people write pronunciations down: the International Phonetic Alphabet, and respelling with English letters. Both
//! become the voice's alphabet (misaki's American symbols).

mod ipa;
mod respelling;

use std::fmt;

pub(crate) use ipa::{from_ipa, to_ipa};
pub(crate) use respelling::from_respelling;

/// Vowels of the voice's alphabet; diphthongs are capitals.
pub(crate) const VOWELS: &str = "əiuɑɔɛɜɪʊʌæᵊɐᵻAIWOY";
/// Vowels that only British voices have.
pub(crate) const BRITISH_VOWELS: &str = "Qaɒ";
/// Consonants of the voice's alphabet.
#[cfg(test)]
pub(crate) const CONSONANTS: &str = "bdfhjklmnpstvwzɡŋɹʃʒðθʤʧT";
/// Characters of one pronunciation at most; no word or title is longer.
const LONGEST: usize = 300;

/// Why a pronunciation can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct NotationError {
    /// The fault, a sentence without a full stop.
    pub what: String,
    /// A possible correction.
    pub cure: String,
}

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.what, self.cure)
    }
}

impl std::error::Error for NotationError {}

fn error(what: impl Into<String>, cure: impl Into<String>) -> NotationError {
    NotationError { what: what.into(), cure: cure.into() }
}

fn check_length(text: &str) -> Result<(), NotationError> {
    if text.chars().nth(LONGEST).is_some() {
        return Err(error(
            format!("the pronunciation is longer than {LONGEST} characters"),
            "give words or names one by one",
        ));
    }
    Ok(())
}

#[cfg(test)]
/// Whether every character is one that the dictionaries and the voice share: sounds, stress marks, spaces.
pub(crate) fn is_speakable(phonemes: &str) -> bool {
    phonemes.chars().all(|symbol| is_vowel(symbol) || CONSONANTS.contains(symbol) || "ˈˌ ".contains(symbol))
        && phonemes.contains(is_vowel)
}

/// Whether a symbol of the voice's alphabet is a vowel.
pub(crate) fn is_vowel(symbol: char) -> bool {
    VOWELS.contains(symbol)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_accepted_can_be_spoken(text in "\\PC{0,30}") {
            for phonemes in [from_ipa(&text), from_respelling(&text)].into_iter().flatten() {
                prop_assert!(is_speakable(&phonemes), "{text:?} gives {phonemes:?}");
            }
        }

        #[test]
        fn letters_and_hyphens_never_panic(text in "[A-Za-z -]{0,40}") {
            if let Ok(phonemes) = from_respelling(&text) {
                prop_assert!(is_speakable(&phonemes), "{text:?} gives {phonemes:?}");
            }
        }
    }
}
