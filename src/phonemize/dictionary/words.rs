//! Misaki's lexicon, filled from a table with the words that it may ask for.

use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

use misaki_rs::lexicon::{PhonemeEntry, TokenContext};
use misaki_rs::{Language, Lexicon};

use super::table::{Entries, WordTable};

/// Words that misaki says for symbols and abbreviations, or reads by rules of their own (`get_special_case`).
const SPECIAL: &str = "dot slash percent and plus at versus am to used";
/// Words that are remembered as filled in; behind that they are looked up again.
const MOST_SEEN: usize = 200_000;
/// Characters of the longest word that is filled in; no dictionary has a longer one.
const LONGEST: usize = 60;

/// The words of a dialect.
pub(in crate::phonemize) struct Words {
    table: Option<WordTable>,
    filled: RwLock<Filled>,
}

struct Filled {
    lexicon: Lexicon,
    /// Words whose lookups the lexicon can answer.
    seen: HashSet<String>,
}

impl Words {
    /// All words, from misaki's own form.
    pub(super) fn whole(language: Language) -> Self {
        Self::new(None, Lexicon::new(language))
    }

    /// The words of a table.
    pub(super) fn of_table(language: Language, table: WordTable) -> Self {
        let (golds, silvers) = (HashMap::new(), HashMap::new());
        // As in `Lexicon::new` of misaki.
        let lexicon = Lexicon { lang: language, cap_stresses: (0.5, 2.0), golds, silvers };
        let words = Self::new(Some(table), lexicon);
        {
            let mut filled = words.filled.write().unwrap_or_else(PoisonError::into_inner);
            let letters = ('A'..='Z').map(String::from);
            for word in letters.chain(SPECIAL.split(' ').map(str::to_owned)) {
                words.fill(&mut filled.lexicon, &word);
            }
        }
        words
    }

    fn new(table: Option<WordTable>, lexicon: Lexicon) -> Self {
        Self { table, filled: RwLock::new(Filled { lexicon, seen: HashSet::new() }) }
    }

    /// Misaki's reading of a word; see its `Lexicon::get_word`.
    pub(in crate::phonemize) fn get_word(
        &self,
        word: &str,
        tag: &str,
        stress: Option<f64>,
        context: Option<&TokenContext>,
    ) -> Option<String> {
        if panics(word) {
            return None;
        }
        self.with(word, |lexicon| lexicon.get_word(word, tag, stress, context)).map(|(phonemes, _)| phonemes)
    }

    /// Whether the dictionary that was checked by hand has a word.
    pub(in crate::phonemize) fn in_gold(&self, word: &str) -> bool {
        self.with(word, |lexicon| lexicon.in_gold(word))
    }

    /// The stress of words in capitals, and of those that begin with one.
    pub(in crate::phonemize) fn cap_stresses(&self) -> (f64, f64) {
        self.filled.read().unwrap_or_else(PoisonError::into_inner).lexicon.cap_stresses
    }

    /// Whether the part of speech decides how a word, as it is written, is read.
    pub(in crate::phonemize) fn is_ambiguous(&self, word: &str) -> bool {
        self.with(word, |lexicon| {
            let entries = [lexicon.golds.get(word), lexicon.silvers.get(word)];
            entries.into_iter().flatten().any(is_ambiguous)
        })
    }

    /// Whether a word in small letters has one reading only, whatever its part of speech.
    pub(in crate::phonemize) fn has_one_reading(&self, word: &str) -> bool {
        self.with(word, |lexicon| {
            let mut entries =
                [lexicon.golds.get(word), lexicon.silvers.get(word)].into_iter().flatten().peekable();
            let is_plain = |entry| matches!(entry, &PhonemeEntry::Simple(_));
            word.chars().all(char::is_lowercase) && entries.peek().is_some() && entries.all(is_plain)
        })
    }

    /// Phonemes with another stress; see misaki's `Lexicon::apply_stress`.
    pub(in crate::phonemize) fn apply_stress(&self, phonemes: &str, stress: f64) -> String {
        let filled = self.filled.read().unwrap_or_else(PoisonError::into_inner);
        filled.lexicon.apply_stress(phonemes, Some(stress))
    }

    /// Calls `read` with a lexicon that answers for a word as the whole one does.
    fn with<T>(&self, word: &str, read: impl FnOnce(&Lexicon) -> T) -> T {
        let filled = self.filled.read().unwrap_or_else(PoisonError::into_inner);
        if self.table.is_none() || filled.seen.contains(word) {
            return read(&filled.lexicon);
        }
        drop(filled);
        let mut filled = self.filled.write().unwrap_or_else(PoisonError::into_inner);
        for form in forms(word) {
            self.fill(&mut filled.lexicon, &form);
        }
        if filled.seen.len() < MOST_SEEN {
            filled.seen.insert(word.to_owned());
        }
        read(&filled.lexicon)
    }

    fn fill(&self, lexicon: &mut Lexicon, word: &str) {
        let Some(Entries { gold, silver }) = self.table.as_ref().and_then(|table| table.get(word)) else {
            return;
        };
        if let Some(entry) = gold {
            lexicon.golds.insert(word.to_owned(), entry);
        }
        if let Some(entry) = silver {
            lexicon.silvers.insert(word.to_owned(), entry);
        }
    }
}

/// Whether misaki would cut a word within a character to find the stem of a form in -ing (`stem_ing`).
fn panics(word: &str) -> bool {
    let is_cut =
        |word: &str| word.ends_with("ing") && word.len() > 5 && !word.is_char_boundary(word.len() - 4);
    !word.is_ascii() && (is_cut(word) || is_cut(&word.to_lowercase()))
}

fn is_ambiguous(entry: &PhonemeEntry) -> bool {
    match entry {
        PhonemeEntry::Simple(_) => false,
        PhonemeEntry::Tagged(readings) => {
            let default = readings.get("DEFAULT");
            let differs = |(tag, reading)| tag != "DEFAULT" && tag != "None" && Some(reading) != default;
            readings.iter().any(differs)
        }
    }
}

/// All words that misaki may look up to read one: it, its stems (`stem_s`, `stem_ed`, `stem_ing`), a possessive with its
/// apostrophe elsewhere (`get_word`), each as it is, in small letters, and with a capital (`Lexicon::entry`).
fn forms(word: &str) -> HashSet<String> {
    let mut forms = HashSet::new();
    if word.chars().nth(LONGEST).is_some() {
        return forms;
    }
    let lower = word.to_lowercase();
    for base in [word, &lower] {
        for (cut, ending) in [(0, ""), (1, ""), (2, ""), (2, "'s"), (3, ""), (3, "y"), (3, "e"), (4, "")] {
            // Bytes, as misaki cuts them; within a character it finds nothing.
            let stem = base.len().checked_sub(cut).and_then(|end| base.get(..end));
            let Some(stem) = stem.filter(|stem| !stem.is_empty()) else { continue };
            let form = format!("{stem}{ending}");
            let small = form.to_lowercase();
            let mut letters = small.chars();
            let first = letters.next().map(|first| first.to_uppercase().collect::<String>());
            forms.insert(first.unwrap_or_default() + letters.as_str());
            forms.insert(form);
            forms.insert(small);
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::table::encode;
    use super::*;

    /// Every word of the dictionaries with every ending, in all its cases, in part.
    #[test]
    fn a_table_answers_as_the_whole_dictionary_does() {
        let contexts = [None, Some(TokenContext { future_vowel: Some(true), future_to: true })];
        for language in [Language::EnglishUS, Language::EnglishGB] {
            let whole = Lexicon::new(language);
            let table = WordTable::new(Arc::new(encode(&whole).unwrap())).unwrap();
            let words = Words::of_table(language, table);
            let mut all: Vec<&String> = whole.golds.keys().chain(whole.silvers.keys()).collect();
            all.sort();
            let special =
                "U.S.A. a.m. vs vs. % & PDFs CEOs iPhone AM An THE used Used it's dogs' café ÉTÉ x é"
                    .split(' ');
            let sample = all.into_iter().map(String::as_str).step_by(97).chain(special);
            let (mut count, mut wrong) = (0, Vec::new());
            for word in sample {
                for ending in ["", "s", "es", "'s", "s'", "'", "d", "ed", "ing", "ling"] {
                    let form = format!("{word}{ending}");
                    let y = form.replace("ys", "ies").replace("eing", "ing");
                    for form in [form.to_uppercase(), capitalised(&form), form, y] {
                        for (tag, stress) in
                            [("NN", None), ("NNP", Some(0.5)), ("VBD", Some(2.0)), ("NNS", None)]
                        {
                            let context = contexts[count % 2].as_ref();
                            if panics(&form) {
                                assert_eq!(words.get_word(&form, tag, stress, context), None);
                                continue;
                            }
                            let want =
                                whole.get_word(&form, tag, stress, context).map(|(phonemes, _)| phonemes);
                            let made = words.get_word(&form, tag, stress, context);
                            count += 1;
                            if made != want || words.in_gold(&form) != whole.in_gold(&form) {
                                wrong.push(format!("{form} {tag}: {made:?}, not {want:?}"));
                            }
                        }
                    }
                }
            }
            assert!(
                wrong.is_empty(),
                "{} of {count}:\n{}",
                wrong.len(),
                wrong[..wrong.len().min(20)].join("\n")
            );
            assert!(count > 300_000, "{count}");
        }
    }

    fn capitalised(word: &str) -> String {
        let mut letters = word.chars();
        letters
            .next()
            .map_or(String::new(), |first| first.to_uppercase().collect::<String>() + letters.as_str())
    }
}
