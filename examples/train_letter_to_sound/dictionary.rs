//! Words with their pronunciations, and which of them are held out from training.

use std::collections::BTreeMap;

use audio_report::text::Dialect;
use misaki_rs::lexicon::PhonemeEntry;
use misaki_rs::{Language, Lexicon};

/// A word in lower-case letters from a to z.
pub struct Entry {
    pub word: String,
    /// Whether it is written with a capital.
    pub is_name: bool,
    pub origin: Origin,
    /// All that are right.
    pub pronunciations: Vec<Pronunciation>,
}

/// Where a word is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Misaki's dictionary made by people.
    Gold,
    /// Misaki's dictionary made by program.
    Silver,
    /// The names of the lexicon.
    Name,
    /// CMUdict.
    Cmu,
}

/// A row of sounds; a vowel carries its stress mark before and its length mark after it.
pub type Pronunciation = Vec<String>;

/// The words of misaki's dictionaries, sorted.
pub fn of_misaki(dialect: Dialect) -> Vec<Entry> {
    let lexicon = Lexicon::new(match dialect {
        Dialect::BritishEnglish => Language::EnglishGB,
        _ => Language::EnglishUS,
    });
    let mut words = BTreeMap::new();
    for (table, origin) in [(&lexicon.golds, Origin::Gold), (&lexicon.silvers, Origin::Silver)] {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(spelling, _)| *spelling);
        for (spelling, entry) in entries {
            let phonemes: Vec<&str> = match entry {
                PhonemeEntry::Simple(phonemes) => vec![phonemes],
                PhonemeEntry::Tagged(by_tag) => {
                    let mut tagged: Vec<_> = by_tag.iter().collect();
                    tagged.sort();
                    tagged.into_iter().filter_map(|(_, phonemes)| phonemes.as_deref()).collect()
                }
            };
            add(&mut words, spelling, &phonemes, origin);
        }
    }
    words.into_values().collect()
}

/// The words of a table of spellings and phonemes that are not among others, sorted.
pub fn of_table<'a>(
    rows: impl Iterator<Item = (&'a str, String)>,
    origin: Origin,
    known: &[Entry],
) -> Vec<Entry> {
    let mut words = BTreeMap::new();
    for (spelling, phonemes) in rows {
        if known.binary_search_by(|entry| (*entry.word).cmp(&spelling.to_lowercase())).is_err() {
            add(&mut words, spelling, &[&phonemes], origin);
        }
    }
    words.into_values().collect()
}

/// Adds a word unless it is spelled by letters or is no word. Pronunciations without a primary stress are left out:
/// they belong to unstressed function words and are no model for unknown words.
fn add(words: &mut BTreeMap<String, Entry>, spelling: &str, phonemes: &[&str], origin: Origin) {
    let after_capital = spelling.strip_prefix("Mc").unwrap_or(spelling).chars().skip(1);
    let is_word = spelling.len() > 1
        && spelling.chars().all(|letter| letter.is_ascii_alphabetic())
        && spelling.to_lowercase().contains(['a', 'e', 'i', 'o', 'u', 'y'])
        && !after_capital.into_iter().any(char::is_uppercase);
    let usable = phonemes.iter().filter(|phonemes| phonemes.matches('ˈ').count() == 1);
    let pronunciations: Vec<Pronunciation> = usable.map(|phonemes| sounds(phonemes)).collect();
    if !is_word || pronunciations.is_empty() {
        return;
    }
    let word = spelling.to_lowercase();
    let entry = words.entry(word.clone()).or_insert_with(|| Entry {
        word,
        is_name: origin == Origin::Cmu || spelling.starts_with(char::is_uppercase),
        origin,
        pronunciations: Vec::new(),
    });
    for pronunciation in pronunciations {
        if !entry.pronunciations.contains(&pronunciation) {
            entry.pronunciations.push(pronunciation);
        }
    }
}

/// Phonemes as a row of sounds, in the symbols that misaki speaks: its dictionaries write `ɾ` and `ʔ`, and it says `T` and
/// `t`.
pub fn sounds(phonemes: &str) -> Pronunciation {
    let mut sounds: Pronunciation = Vec::new();
    let mut stress = None;
    for symbol in phonemes.chars() {
        match (symbol, sounds.last_mut()) {
            ('ˈ' | 'ˌ', _) => stress = Some(symbol),
            ('ː', Some(vowel)) => vowel.push(symbol),
            _ => {
                let spoken = match symbol {
                    'ɾ' => 'T',
                    'ʔ' => 't',
                    _ => symbol,
                };
                sounds.push(stress.take().into_iter().chain([spoken]).collect());
            }
        }
    }
    sounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_are_taken() {
        let rows = [
            ("NATO", "nˈATO"),
            ("iPod", "ˈIpˌɑd"),
            ("mm", "m"),
            ("pst", "pˈɪst"),
            ("re-enter", "ɹˌiˈɛntəɹ"),
            ("the", "ðə"),
            ("McKay", "məkˈA"),
            ("kitten", "kˈɪʔn"),
        ];
        let entries =
            of_table(rows.iter().map(|(word, phonemes)| (*word, (*phonemes).to_string())), Origin::Gold, &[]);
        let taken: Vec<_> = entries.iter().map(|entry| (&*entry.word, entry.is_name)).collect();
        assert_eq!(taken, [("kitten", false), ("mckay", true)]);
        assert_eq!(entries[0].pronunciations, [["k", "ˈɪ", "t", "n"]]);
    }
}
