//! Letter-to-sound: a pronunciation for any word in Latin letters that no dictionary has.
//!
//! A [`Model`] a dialect, trained on pronunciation dictionaries, gives the most likely sounds; this module makes letters of
//! what is written. Phonemes are misaki's symbols; a stress mark stands before its vowel.
//!
//! `cargo run --release --example train_letter_to_sound -- --help` tells how the models are made, and prints how many of
//! the words that were held out from training they read right; `tests/letter_to_sound.rs` holds them to it.

use std::sync::LazyLock;

use super::spell::ending_after;
use crate::alphabet;
use crate::text::Dialect;
use model::Letter;
pub use model::{Damaged, EDGES, Edge, HIGHEST_ORDER, MAGIC, Model, STEPS_PER_NAT};

mod model;
mod search;
mod stress;

/// The model of a dialect that comes with the program. The first use of each takes some 30 ms.
pub fn model(dialect: Dialect) -> &'static Model {
    static AMERICAN: LazyLock<Model> = LazyLock::new(|| built_in(include_bytes!("american.model")));
    static BRITISH: LazyLock<Model> = LazyLock::new(|| built_in(include_bytes!("british.model")));
    match dialect {
        Dialect::AmericanEnglish => &AMERICAN,
        Dialect::BritishEnglish => &BRITISH,
    }
}

fn built_in(file: &[u8]) -> Model {
    Model::from_bytes(file).expect("a test reads what is compiled in")
}

/// Gives the phonemes of a word: `pronounce("Kovalenko", Dialect::AmericanEnglish)` is `kəvəlˈɛŋkO`.
///
/// A capital tells a name, accents are folded, the parts of a hyphenated word are pronounced one by one, and an ending `'s`
/// becomes `s`, `z` or `ɪz`. `None` when a character is no Latin letter, or when there is no vowel letter: such words are
/// spelled, and none were trained on.
pub fn pronounce(word: &str, dialect: Dialect) -> Option<String> {
    let straight = word.replace(['’', 'ʼ', '`'], "'");
    let (stem, possessive) = match straight.strip_suffix("'s").or_else(|| straight.strip_suffix("'S")) {
        Some(stem) => (stem, true),
        None => (straight.as_str(), false),
    };
    let is_name = stem.starts_with(char::is_uppercase);
    let mut phonemes = String::new();
    let mut has_vowel = false;
    for part in stem.split(['-', '‐', '‑']).filter(|part| !part.is_empty()) {
        let letters = letters_of(part)?;
        has_vowel |= letters.iter().any(|letter| letter.is_vowel());
        if !letters.is_empty() {
            phonemes.push_str(&model(dialect).most_likely(&letters, is_name, search::BEAM)?);
        }
    }
    if possessive && !phonemes.is_empty() {
        phonemes.push_str(ending_after(&phonemes));
    }
    (has_vowel && phonemes.contains(stress::is_vowel)).then_some(phonemes)
}

/// Gives sounds for a row of letters that no language has: as [`pronounce`] does, but ten times as fast and less well.
pub(super) fn babble(letters: &str, dialect: Dialect) -> Option<String> {
    let letters = letters_of(letters)?;
    let phonemes = model(dialect).most_likely(&letters, false, search::NARROW_BEAM)?;
    phonemes.contains(stress::is_vowel).then_some(phonemes)
}

/// Letters that sound otherwise than without their accent, and after `=` the plain letters that stand for them.
const SOUNDS: &str = "æə=e ą=an čć=ch ç=s ð=th ę=en ł=w ñ=ny ř=rz śšşșŝ=sh ß=ss ț=ts þ=th źžż=zh ’ʻ'ʼ=";

/// The letters of a word in lower case and without accents; `None` when a character is no Latin letter.
fn letters_of(word: &str) -> Option<Vec<Letter>> {
    let sounds = || SOUNDS.split(' ').filter_map(|sound| sound.split_once('='));
    let lower: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let mut letters = Vec::with_capacity(lower.len());
    for (index, &letter) in lower.iter().enumerate() {
        if let Some(letter) = Letter::plain(letter) {
            letters.push(letter);
        } else if letter == 'é' && index > 0 && index + 1 == lower.len() {
            letters.push(Letter::E_ACUTE);
        } else if let Some((_, plain)) = sounds().find(|(accented, _)| accented.contains(letter)) {
            letters.extend(plain.chars().filter_map(Letter::plain));
        } else if !('\u{300}'..='\u{36f}').contains(&letter) {
            letters.push(Letter::plain(alphabet::plain(letter))?);
        }
    }
    Some(letters)
}

#[cfg(test)]
mod tests;
