//! The stress of a name, and its effect on the vowels.

use crate::lexicon::notation::is_vowel;

/// A sound of a name: phonemes with one vowel at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sound {
    pub(super) phonemes: String,
    /// Written with an accent that means stress.
    pub(super) is_marked: bool,
}

/// Which vowel has the main stress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stress {
    First,
    Second,
    Last,
    Penultimate,
    Antepenultimate,
}

/// Joins sounds to a word with its stress marks, vowels without stress weak as English has them: Cochabamba, Sheremetyevo.
pub(super) fn join_weakly(sounds: &[Sound], stress: Stress) -> Option<String> {
    let word = join(sounds, stress)?;
    let symbols: Vec<char> = word.chars().collect();
    let mut weak = String::with_capacity(word.len());
    let mut vowels = 0;
    for (place, &symbol) in symbols.iter().enumerate() {
        let before = place.checked_sub(1).map(|place| symbols[place]);
        let next_is_vowel =
            |offset: usize| symbols.get(place + offset).is_some_and(|c| is_vowel(*c) || "ˈˌ".contains(*c));
        let is_stressed = matches!(before, Some('ˈ' | 'ˌ'));
        let is_inside =
            vowels > 0 && !before.is_some_and(is_vowel) && !next_is_vowel(1) && place + 1 < symbols.len();
        vowels += usize::from(is_vowel(symbol));
        weak.push(match symbol {
            'ɑ' | 'ɔ' if !is_stressed && is_inside && symbols.get(place + 1) != Some(&'ɹ') => 'ə',
            // An open stressed e is long: Cepeda.
            'ɛ' if before == Some('ˈ') && place + 2 < symbols.len() && next_is_vowel(2) => 'A',
            other => other,
        });
    }
    Some(weak)
}

/// Whether a sound is a nasal that needs a weak vowel before it.
fn is_weak_nasal(sound: &Sound) -> bool {
    sound.phonemes.starts_with('ə') && sound.phonemes.chars().nth(1).is_some()
}

/// Joins sounds to a word with its stress marks.
pub(super) fn join(sounds: &[Sound], stress: Stress) -> Option<String> {
    let vowels: Vec<usize> =
        (0..sounds.len()).filter(|&index| sounds[index].phonemes.contains(is_vowel)).collect();
    let last = vowels.len().checked_sub(1)?;
    let marked = vowels.iter().position(|&index| sounds[index].is_marked);
    let main = marked.unwrap_or(match stress {
        Stress::First => 0,
        Stress::Second => last.min(1),
        Stress::Last => last,
        Stress::Penultimate => last.saturating_sub(1),
        Stress::Antepenultimate => last.saturating_sub(2),
    });
    let mut word = String::new();
    for (index, sound) in sounds.iter().enumerate() {
        let place = vowels.iter().position(|&vowel| vowel == index);
        let mut mark = match place {
            Some(place) if place == main => Some('ˈ'),
            // Mnangagwa's first syllable has none.
            Some(0) if main >= 2 && !is_weak_nasal(sound) => Some('ˌ'),
            _ => None,
        };
        for symbol in sound.phonemes.chars() {
            if is_vowel(symbol) {
                word.extend(mark.take());
            }
            // Doubled consonants are said once.
            if is_vowel(symbol) || !word.ends_with(symbol) {
                word.push(symbol);
            }
        }
    }
    // A final a without stress is weak in English.
    if word.ends_with('ɑ') && !word.ends_with("ˈɑ") && last > 0 {
        word.pop();
        word.push('ə');
    }
    Some(word)
}
