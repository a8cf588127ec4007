//! What is known of each language of names: `data/origins`, one file a language.
//!
//! `places` and `names` hint at the language when they stand near a name. `data/given.tsv` has given names: they tell the
//! language of the names after them. `evidence` is spelling that speaks for the language, with a weight; in it `V` is any
//! vowel and `C` any consonant. `stress` says which vowel has the main stress. `light` endings leave it on the vowel before, `heavy` ones have it,
//! and `third` ones come two vowels after it. `unstressed` beginnings never have it, and `marks` are letters that always have it. The other rows are rules: spellings, what must follow, phonemes; a stress mark
//! before these means that they always have the stress.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::language::Language;
use super::stress::Stress;
use crate::tsv;

/// What is known of one language.
#[derive(Default)]
pub(super) struct Origin {
    /// Countries, peoples and places.
    pub(super) places: Vec<&'static str>,
    /// Names that go with it.
    pub(super) names: Vec<&'static str>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) rules: HashMap<char, Vec<Rule>>,
    /// Which vowel has the main stress; without one the last but one.
    stress: Option<Manner>,
    /// Endings that leave the stress on the vowel before, where [`Manner::Light`] asks for them.
    light: Vec<Vec<char>>,
    /// Endings that have the stress themselves, where [`Manner::Light`] or [`Manner::Penultimate`] would move it.
    heavy: Vec<Vec<char>>,
    /// Endings that put the stress on the last vowel but two, whatever the manner: Milinković.
    third: Vec<Vec<char>>,
    /// Beginnings without stress, where [`Manner::First`] asks for them.
    unstressed: Vec<Vec<char>>,
    /// Whether vowels without stress are weak.
    pub(super) is_weak: bool,
    /// Letters whose accent means stress.
    pub(super) marks: &'static str,
    /// Consonants that are syllables of their own between others: Vlček.
    pub(super) syllabic: Vec<char>,
}

/// How the stress is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    First,
    Last,
    Penultimate,
    /// The last but one after a light ending, else the last.
    Light,
}

/// A piece of spelling that speaks for a language: `*ez`, `al-*`, `*ñ*`.
pub(super) struct Evidence {
    piece: Vec<char>,
    at_start: bool,
    at_end: bool,
    pub(super) weight: u8,
}

/// How a spelling sounds.
pub(super) struct Rule {
    pub(super) at_start: bool,
    pub(super) letters: Vec<char>,
    pub(super) next: Next,
    pub(super) phonemes: &'static str,
}

/// The condition on the text after the letters of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Anything,
    Vowel,
    FrontVowel,
    Consonant,
    End,
    /// A consonant or the end.
    NoVowel,
}

/// In the order of [`Language::NAMES`].
static ORIGINS: LazyLock<Vec<Origin>> =
    LazyLock::new(|| Language::FILES.iter().map(|file| Origin::of_file(file)).collect());

/// What is known of a language.
pub(super) fn origin(language: Language) -> &'static Origin {
    &ORIGINS[language as usize]
}

/// All languages, and what is known of them.
pub(super) fn all() -> impl Iterator<Item = (Language, &'static Origin)> {
    Language::NAMES.iter().map(|(_, language)| (*language, origin(*language)))
}

impl Origin {
    fn of_file(file: &'static str) -> Self {
        let mut origin = Self::default();
        for row in tsv::rows(file) {
            // A test asserts that every row is one of these.
            let _ = origin.add(&row);
        }
        for rules in origin.rules.values_mut() {
            // Stable: of equally long rules the first in the file is asked first.
            rules.sort_by_key(|rule| std::cmp::Reverse(rule.letters.len()));
        }
        origin
    }

    /// Adds a row of the file; `None` when it is none.
    fn add(&mut self, row: &[&'static str]) -> Option<()> {
        match *row {
            ["places", words] => self.places.extend(words.split(' ')),
            ["names", words] => self.names.extend(words.split(' ')),
            ["evidence", weight, pieces] => {
                let weight = weight.parse().ok()?;
                self.evidence.extend(pieces.split(' ').map(|pattern| Evidence::new(pattern, weight)));
            }
            ["stress", manner, ref more @ ..] => {
                self.is_weak = *more == ["weak"];
                self.stress = Some(match manner {
                    "first" => Manner::First,
                    "last" => Manner::Last,
                    "penultimate" => Manner::Penultimate,
                    "light" => Manner::Light,
                    _ => return None,
                });
            }
            ["light", endings] => {
                self.light = endings.split(' ').map(|ending| letters(ending.trim_matches('*'))).collect();
            }
            ["heavy", endings] => {
                self.heavy = endings.split(' ').map(|ending| letters(ending.trim_matches('*'))).collect();
            }
            ["third", endings] => {
                self.third = endings.split(' ').map(|ending| letters(ending.trim_matches('*'))).collect();
            }
            ["unstressed", beginnings] => self.unstressed = beginnings.split(' ').map(letters).collect(),
            ["marks", letters] => self.marks = letters,
            ["syllabic", letters] => self.syllabic = letters.split(' ').flat_map(str::chars).collect(),
            [spellings, next, phonemes] => {
                let next = next_of(next)?;
                for spelling in spellings.split(' ') {
                    let (at_start, spelling) =
                        spelling.strip_prefix('^').map_or((false, spelling), |spelling| (true, spelling));
                    let letters = letters(spelling);
                    let first = *letters.first()?;
                    self.rules.entry(first).or_default().push(Rule { at_start, letters, next, phonemes });
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// Which vowel of a name has the main stress.
    pub(super) fn stress_of(&self, word: &[char]) -> Stress {
        if self.third.iter().any(|ending| word.ends_with(ending)) {
            return Stress::Antepenultimate;
        }
        if self.heavy.iter().any(|ending| word.ends_with(ending)) {
            return Stress::Last;
        }
        match self.stress.unwrap_or(Manner::Penultimate) {
            Manner::First if self.unstressed.iter().any(|beginning| word.starts_with(beginning)) => {
                Stress::Second
            }
            Manner::First => Stress::First,
            Manner::Last => Stress::Last,
            Manner::Penultimate => Stress::Penultimate,
            Manner::Light if self.light.iter().any(|ending| word.ends_with(ending)) => Stress::Penultimate,
            Manner::Light => Stress::Last,
        }
    }
}

fn letters(text: &str) -> Vec<char> {
    text.chars().collect()
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

impl Evidence {
    fn new(pattern: &str, weight: u8) -> Self {
        Self {
            weight,
            at_start: !pattern.starts_with('*'),
            at_end: !pattern.ends_with('*'),
            piece: letters(pattern.trim_matches('*')),
        }
    }

    /// Whether a name in small letters has this spelling.
    pub(super) fn is_in(&self, word: &[char]) -> bool {
        let piece = self.piece.as_slice();
        let is_at = |at: usize| {
            let window = word.get(at..at + piece.len());
            window
                .is_some_and(|window| window.iter().zip(piece).all(|(letter, want)| is_like(*letter, *want)))
        };
        match (self.at_start, self.at_end) {
            (true, true) => word.len() == piece.len() && is_at(0),
            (true, false) => is_at(0),
            // An ending is evidence only after other letters.
            (false, true) => word.len() > piece.len() + 1 && is_at(word.len() - piece.len()),
            (false, false) => (0..word.len()).any(is_at),
        }
    }
}

fn is_like(letter: char, want: char) -> bool {
    match want {
        'V' => is_vowel(letter),
        'C' => letter.is_alphabetic() && !is_vowel(letter),
        _ => letter == want,
    }
}

/// Whether a letter is a vowel in some language; y is one.
pub(super) fn is_vowel(letter: char) -> bool {
    "aeiouyáéíóúàèìòùâêîôûäëïöüãõąęıåæøōūăýůěőűạẹịọụ".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::notation::{CONSONANTS, is_vowel};

    #[test]
    fn every_row_of_every_origin_is_used() {
        for ((name, _), file) in Language::NAMES.iter().zip(Language::FILES) {
            let mut origin = Origin::default();
            let mut rules = 0;
            tsv::assert_rows(name, file, 4, |row| {
                let is_sound = |symbol: char| is_vowel(symbol) || CONSONANTS.contains(symbol);
                let sounds = match *row {
                    ["evidence" | "stress", ..] | [_, _] => true,
                    [_, _, phonemes] => {
                        phonemes == "-" || phonemes.trim_start_matches('ˈ').chars().all(is_sound)
                    }
                    _ => false,
                };
                rules += usize::from(!matches!(*row, ["evidence" | "stress", ..]) && row.len() == 3);
                origin.add(row).is_some() && sounds
            });
            assert!(!origin.places.is_empty() && !origin.evidence.is_empty(), "{name}");
            assert!(rules == 0 || rules > 15, "{name} has only {rules} rules");
        }
    }

    #[test]
    fn spelling_is_evidence_where_its_pattern_says() {
        for (pattern, word, want) in [
            ("*ez", "sánchez", true),
            ("*ez", "aez", false),
            ("al-*", "al-bab", true),
            ("*ñ*", "ibáñez", true),
            ("can", "can", true),
            ("can", "canan", false),
            ("*VCV", "kadara", true),
            ("*VCV", "kadart", false),
        ] {
            assert_eq!(Evidence::new(pattern, 1).is_in(&letters(word)), want, "{pattern} in {word}");
        }
    }
}
