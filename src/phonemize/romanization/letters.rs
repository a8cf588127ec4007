//! Names of languages that have no fixed syllables, letter by letter, by the rules of their [`origin`](super::origin).

use super::language::Language;
use super::origin::{Next, is_vowel, origin};
use super::stress::{Sound, join, join_weakly};

/// Whether the language's rules can read a name.
pub(super) fn fits(language: Language, word: &[char]) -> bool {
    sounds(language, word).is_some()
}

/// The phonemes of a name.
pub(super) fn read(language: Language, word: &[char]) -> Option<String> {
    let origin = origin(language);
    let sounds = sounds(language, word)?;
    let join = if origin.is_weak { join_weakly } else { join };
    join(&sounds, origin.stress_of(word))
}

fn sounds(language: Language, word: &[char]) -> Option<Vec<Sound>> {
    let origin = origin(language);
    let mut sounds = Vec::new();
    let mut place = 0;
    while let Some(&letter) = word.get(place) {
        let rules = origin.rules.get(&letter)?;
        let rule = rules.iter().find(|rule| {
            word[place..].starts_with(&rule.letters)
                && (place == 0 || !rule.at_start)
                && follows(rule.next, word.get(place + rule.letters.len()).copied())
        })?;
        let phonemes = rule.phonemes.trim_start_matches('ˈ');
        let is_marked = phonemes.len() < rule.phonemes.len()
            || rule.letters.iter().any(|letter| origin.marks.contains(*letter));
        let end = place + rule.letters.len();
        if phonemes != "-" {
            let before = place.checked_sub(1).map(|before| word[before]);
            let is_syllable = origin.syllabic.contains(&letter)
                && before.is_some_and(|before| !is_vowel(before) && !"jlmnr".contains(before))
                && follows(Next::NoVowel, word.get(end).copied());
            let weak = if is_syllable { "ə" } else { "" };
            sounds.push(Sound { phonemes: format!("{weak}{phonemes}"), is_marked });
        }
        place = end;
    }
    Some(sounds)
}

fn follows(next: Next, letter: Option<char>) -> bool {
    match next {
        Next::Anything => true,
        Next::Vowel => letter.is_some_and(is_vowel),
        Next::FrontVowel => letter.is_some_and(|letter| "eiyéíèìêîęë".contains(letter)),
        Next::Consonant => letter.is_some_and(|letter| !is_vowel(letter)),
        Next::End => letter.is_none(),
        Next::NoVowel => !letter.is_some_and(is_vowel),
    }
}
