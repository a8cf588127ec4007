//! Names of languages that have no fixed syllables, letter by letter: `data/rules.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::language::Language;
use super::stress::{Sound, Stress, join, join_weakly};
use crate::tsv;

/// One line of the table.
struct Rule {
    at_start: bool,
    letters: Vec<char>,
    next: Next,
    phonemes: &'static str,
}

/// The condition on the text after the letters of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Anything,
    Vowel,
    FrontVowel,
    Consonant,
    End,
    /// A consonant or the end.
    NoVowel,
}

static RULES: LazyLock<HashMap<(Language, char), Vec<Rule>>> = LazyLock::new(|| {
    let mut table: HashMap<(Language, char), Vec<Rule>> = HashMap::new();
    let mut section = None;
    for row in tsv::rows(include_str!("data/rules.tsv")) {
        if let [heading] = row[..] {
            section = language_of(heading);
            continue;
        }
        let ([letters, next, phonemes], Some(language)) = (&row[..], section) else { continue };
        for letters in letters.split(' ') {
            let (at_start, letters) =
                letters.strip_prefix('^').map_or((false, letters), |letters| (true, letters));
            let letters: Vec<char> = letters.chars().collect();
            let (Some(first), Some(next)) = (letters.first(), next_of(next)) else { continue };
            table.entry((language, *first)).or_default().push(Rule { at_start, letters, next, phonemes });
        }
    }
    for rules in table.values_mut() {
        // Stable: of equally long rules the first in the file is asked first.
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.letters.len()));
    }
    table
});

/// The language of a heading: `[slavic]`.
fn language_of(heading: &str) -> Option<Language> {
    Language::of_name(heading.strip_prefix('[')?.strip_suffix(']')?)
}

fn next_of(text: &str) -> Option<Next> {
    Some(match text {
        "-" => Next::Anything,
        "V" => Next::Vowel,
        "E" => Next::FrontVowel,
        "C" => Next::Consonant,
        "$" => Next::End,
        "C$" => Next::NoVowel,
        _ => return None,
    })
}

/// Endings of Slavic names that leave the stress on the vowel before; other consonants draw it to the end: Kazan.
const LIGHT_SLAVIC: [&str; 14] =
    ["ov", "ev", "in", "yn", "ich", "ych", "ik", "uk", "iv", "yk", "er", "el", "im", "on"];

fn stress_of(language: Language, word: &[char]) -> Stress {
    match language {
        Language::Slavic => {
            let text: String = word.iter().collect();
            let is_light = text.ends_with(['a', 'e', 'i', 'o', 'u', 'y', '\''])
                || LIGHT_SLAVIC.iter().any(|ending| text.ends_with(ending));
            if is_light { Stress::Penultimate } else { Stress::Last }
        }
        Language::Spanish => Stress::ByEnding(&['a', 'e', 'i', 'o', 'u', 'n', 's']),
        Language::Portuguese => Stress::ByEnding(&['a', 'e', 'o', 's', 'm']),
        Language::French => Stress::Last,
        Language::German | Language::Vietnamese => Stress::First,
        _ => Stress::Penultimate,
    }
}

/// Whether a name has only letters that the language's rules know.
pub(super) fn fits(language: Language, word: &[char]) -> bool {
    word.iter().all(|letter| RULES.contains_key(&(language, *letter)))
}

/// The phonemes of a name.
pub(super) fn read(language: Language, word: &[char]) -> Option<String> {
    let mut sounds = Vec::new();
    let mut place = 0;
    while let Some(&letter) = word.get(place) {
        let rules = RULES.get(&(language, letter))?;
        let rule = rules.iter().find(|rule| {
            word[place..].starts_with(&rule.letters)
                && (place == 0 || !rule.at_start)
                && follows(rule.next, word.get(place + rule.letters.len()).copied())
        })?;
        let is_marked = has_stress_mark(language, &rule.letters);
        if rule.phonemes != "-" {
            sounds.push(Sound { phonemes: rule.phonemes.to_string(), is_marked });
        }
        place += rule.letters.len();
    }
    let join = match language {
        Language::Slavic | Language::Spanish | Language::Portuguese => join_weakly,
        _ => join,
    };
    join(&sounds, stress_of(language, word), word)
}

/// Accents that mean stress: those of Spanish, Portuguese and Italian, and French é at the end of a name.
fn has_stress_mark(language: Language, letters: &[char]) -> bool {
    let marks = match language {
        Language::Spanish => "áéíóú",
        Language::Portuguese => "áéíóúâêôã",
        Language::Italian => "àèéìòù",
        _ => return false,
    };
    letters.iter().any(|letter| marks.contains(*letter))
}

fn follows(next: Next, letter: Option<char>) -> bool {
    let is_vowel = letter.is_some_and(|letter| "aeiouyáéíóúàèìòùâêîôûäëïöüãõąęıåæøōū".contains(letter));
    match next {
        Next::Anything => true,
        Next::Vowel => is_vowel,
        Next::FrontVowel => letter.is_some_and(|letter| "eiyéíèìêîęë".contains(letter)),
        Next::Consonant => letter.is_some() && !is_vowel,
        Next::End => letter.is_none(),
        Next::NoVowel => !is_vowel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::notation::{CONSONANTS, is_vowel};

    #[test]
    fn every_line_of_the_table_is_a_rule_and_every_language_has_some() {
        tsv::assert_rows("rules.tsv", include_str!("data/rules.tsv"), 100, |row| match *row {
            [heading] => language_of(heading).is_some(),
            [_, next, phonemes] => {
                let is_sound = |symbol: char| is_vowel(symbol) || CONSONANTS.contains(symbol);
                next_of(next).is_some() && (phonemes == "-" || phonemes.chars().all(is_sound))
            }
            _ => false,
        });
        for (name, language) in &Language::NAMES[3..] {
            assert!(RULES.keys().filter(|key| key.0 == *language).count() > 15, "{name}");
        }
    }
}
