//! Names that no dictionary has, by the rules of the language they come from: Korean, Chinese and Japanese by their syllables,
//! others by their letters.
//!
//! A language is accepted when it is clearly likelier than English: by the letters of the name ([`spelling`]), by names and
//! countries nearby, by a given name before it or a people that it belongs to anywhere in the story, and a little by a country
//! there. The name must also be
//! a possible spelling in it. Unclear names are left to the general rules. The rules of a language are a file of
//! `data/origins`.

mod hint;
mod japanese;
mod korean;
mod language;
mod letters;
mod origin;
mod pinyin;
mod spelling;
mod stress;

pub(crate) use hint::Story;
pub(super) use hint::{Hint, Hints};
use language::Language;

/// Letters of a name at most; longer ones are none.
const LONGEST: usize = 24;

/// The phonemes of a capitalised word that no dictionary has, when its language is clear.
pub(super) fn pronounce(word: &str, hint: &Hint) -> Option<String> {
    if !word.starts_with(char::is_uppercase) || word.chars().count() > LONGEST {
        return None;
    }
    let letters: Vec<char> = word.to_lowercase().chars().collect();
    let language = language::of(&letters, hint)?;
    read(language, &letters).filter(|phonemes| phonemes.contains('ˈ'))
}

fn read(language: Language, letters: &[char]) -> Option<String> {
    match language {
        Language::Korean => korean::read(letters),
        Language::Chinese => pinyin::read(letters),
        Language::Japanese => japanese::read(letters),
        _ => letters::read(language, letters),
    }
}

/// The syllables of a hyphenated Korean or Chinese given name, each with its phonemes: `Jae-myung`, `Ching-te`.
pub(super) fn given_name(parts: &[&str], hint: &Hint) -> Option<Vec<String>> {
    let [first, second] = parts else { return None };
    let is_second = |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c == '\'');
    if !first.starts_with(char::is_uppercase) || !is_second(second) {
        return None;
    }
    let second = second.strip_suffix("'s").unwrap_or(second);
    let lower: Vec<Vec<char>> =
        [first, second].iter().map(|part| part.to_lowercase().chars().collect()).collect();
    let read: fn(&[char]) -> Option<String> = if hint.votes(Language::Chinese) > hint.votes(Language::Korean)
    {
        pinyin::syllable
    } else {
        korean::syllable
    };
    let is_likely = hint.votes(Language::Korean) + hint.votes(Language::Chinese) > 0
        || lower.iter().any(|part| korean::is_telling(part));
    if !is_likely {
        return None;
    }
    let first = read(&lower[0])?.replace('ˈ', "ˌ");
    let mut last = read(&lower[1])?;
    if parts[1].ends_with("'s") {
        last.push_str(super::spell::ending_after(&last));
    }
    Some(vec![first, last])
}

#[cfg(test)]
mod tests;
