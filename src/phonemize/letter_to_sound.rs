//! Letter-to-sound: a pronunciation for any word in Latin letters that no dictionary has.
//!
//! A [`Model`] a dialect, trained on pronunciation dictionaries, gives the most likely sounds; this module turns the
//! written word into letters. Phonemes are misaki's symbols; a stress mark stands before its vowel.
//!
//! `cargo run --release --example train_letter_to_sound -- --help` describes how the models are made, and prints how
//! many held-out words they read right; `tests/letter_to_sound.rs` checks that number.

use std::sync::LazyLock;

use super::spell::ending_after;
use crate::text::Dialect;
use model::Letter;
pub use model::{Damaged, EDGES, Edge, HIGHEST_ORDER, MAGIC, Model, STEPS_PER_NAT};

mod model;
mod search;
mod stress;

/// The model of a dialect that comes with the program. The first use of each takes some 30 ms.
pub fn model(dialect: Dialect) -> &'static Model {
    static AMERICAN: LazyLock<Model> =
        LazyLock::new(|| built_in(include_bytes!("letter_to_sound/american.model")));
    static BRITISH: LazyLock<Model> =
        LazyLock::new(|| built_in(include_bytes!("letter_to_sound/british.model")));
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
/// A capital shows a name, accents are folded, the parts of a hyphenated word are pronounced one by one, and an ending
/// `'s` becomes `s`, `z` or `ɪz`. `None` when a character is no Latin letter, or when there is no vowel letter: such
/// words are spelled, and the training had none.
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

/// Gives sounds for a row of letters that no language has: like [`pronounce`], but ten times as fast and less
/// accurate.
pub(super) fn babble(letters: &str, dialect: Dialect) -> Option<String> {
    let letters = letters_of(letters)?;
    let phonemes = model(dialect).most_likely(&letters, false, search::NARROW_BEAM)?;
    phonemes.contains(stress::is_vowel).then_some(phonemes)
}

/// Letters with an accent or of their own, and after `=` the plain letters that stand for them.
const FOLDS: &str = "\
    àáâãäåāăǎạảấầẩẫậắằẳẵặ=a æ=e ąã=an čć=ch ç=s ĉċ=c ďđḍ=d ð=th éèêëēĕėěẹẻẽếềểễệə=e ę=en \
    ğģġĝ=g ħḥ=h ìíîïĩīĭįıỉịǐ=i ĵ=j ķ=k ľĺļŀ=l ł=w ñ=ny ńňņŋ=n òóôõöøōŏőơọỏốồổỗộớờởỡợǒ=o œ=e \
    ŕŗ=r ř=rz śšşșŝ=sh ß=ss ťţṭ=t ț=ts þ=th ùúûüũūŭůűųưụủứừửữựǔ=u ŵ=w ýÿŷỳỵỷỹ=y źžż=zh \
    ’ʻ'ʼ=";

/// The letters of a word in lower case and without accents; `None` when a character is no Latin letter.
fn letters_of(word: &str) -> Option<Vec<Letter>> {
    let folds = || FOLDS.split(' ').filter_map(|fold| fold.split_once('='));
    let lower: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
    let mut letters = Vec::with_capacity(lower.len());
    for (index, &letter) in lower.iter().enumerate() {
        if let Some(letter) = Letter::plain(letter) {
            letters.push(letter);
        } else if letter == 'é' && index > 0 && index + 1 == lower.len() {
            letters.push(Letter::E_ACUTE);
        } else if let Some((_, plain)) = folds().find(|(accented, _)| accented.contains(letter)) {
            letters.extend(plain.chars().filter_map(Letter::plain));
        } else if !('\u{300}'..='\u{36f}').contains(&letter) {
            return None;
        }
    }
    Some(letters)
}

#[cfg(test)]
mod tests;
