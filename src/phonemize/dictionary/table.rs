//! The words of misaki's dictionaries and their readings in one piece of memory, which is used as it is mapped.
//!
//! ```text
//! length of the index (8 bytes, little endian) │ index: word → place of its entry │ entries
//! entry   = that of the gold dictionary, that of the silver dictionary
//! each    = 0 (none) │ 1 text │ 2 count (tag, 0 │ 1 text)…
//! text    = length (1 byte), UTF-8
//! ```
//!
//! The index is a finite-state transducer (Burrows and others call it a minimal acyclic automaton) of the crate `fst`: 1 MB for
//! 180,000 words, found in a microsecond each, with nothing to be loaded. A sorted array would take 3 MB and four
//! microseconds. A perfect hash (`phf`) would be made by the compiler, which takes minutes for so many words.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

use fst::{Map, MapBuilder};
use misaki_rs::Lexicon;
use misaki_rs::lexicon::PhonemeEntry;

use super::TableBytes;

const NONE: u8 = 0;
const PLAIN: u8 = 1;
const TAGGED: u8 = 2;
/// Bytes before the index.
const HEAD: usize = size_of::<u64>();

/// A word's entries in both dictionaries.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries {
    pub gold: Option<PhonemeEntry>,
    pub silver: Option<PhonemeEntry>,
}

/// Writes a table of the words that a lexicon holds.
pub(super) fn encode(lexicon: &Lexicon) -> Result<Vec<u8>, String> {
    let words: BTreeSet<&String> = lexicon.golds.keys().chain(lexicon.silvers.keys()).collect();
    let (mut index, mut entries) = (MapBuilder::memory(), Vec::new());
    for word in words {
        index.insert(word, entries.len() as u64).map_err(|cause| cause.to_string())?;
        for table in [&lexicon.golds, &lexicon.silvers] {
            write_entry(table.get(word), &mut entries)?;
        }
    }
    let index = index.into_inner().map_err(|cause| cause.to_string())?;
    let mut table = (index.len() as u64).to_le_bytes().to_vec();
    table.extend(index);
    table.extend(entries);
    Ok(table)
}

fn write_entry(entry: Option<&PhonemeEntry>, bytes: &mut Vec<u8>) -> Result<(), String> {
    match entry {
        None => bytes.push(NONE),
        Some(PhonemeEntry::Simple(phonemes)) => {
            bytes.push(PLAIN);
            write_text(phonemes, bytes)?;
        }
        Some(PhonemeEntry::Tagged(readings)) => {
            bytes.push(TAGGED);
            bytes.push(u8::try_from(readings.len()).map_err(|cause| cause.to_string())?);
            let mut readings: Vec<_> = readings.iter().collect();
            readings.sort();
            for (tag, reading) in readings {
                write_text(tag, bytes)?;
                bytes.push(u8::from(reading.is_some()));
                reading.as_ref().map_or(Ok(()), |reading| write_text(reading, bytes))?;
            }
        }
    }
    Ok(())
}

fn write_text(text: &str, bytes: &mut Vec<u8>) -> Result<(), String> {
    bytes.push(u8::try_from(text.len()).map_err(|_| format!("“{text}” is too long"))?);
    bytes.extend_from_slice(text.as_bytes());
    Ok(())
}

/// A mapped table.
pub(super) struct WordTable {
    bytes: TableBytes,
    index: Map<Index>,
    entries: usize,
}

/// The index within the table.
struct Index {
    bytes: TableBytes,
    length: usize,
}

impl AsRef<[u8]> for Index {
    fn as_ref(&self) -> &[u8] {
        &(*self.bytes).as_ref()[HEAD..HEAD + self.length]
    }
}

impl WordTable {
    /// A table that [`encode`] wrote; an error says why it is none.
    pub(super) fn new(bytes: TableBytes) -> Result<Self, String> {
        let all = (*bytes).as_ref();
        let length = all.first_chunk::<HEAD>().map(|length| u64::from_le_bytes(*length));
        let length = length.and_then(|length| usize::try_from(length).ok());
        let entries = length.and_then(|length| length.checked_add(HEAD)).filter(|end| *end <= all.len());
        let (Some(length), Some(entries)) = (length, entries) else {
            return Err("the table is cut off".to_owned());
        };
        let index = Map::new(Index { bytes: bytes.clone(), length }).map_err(|cause| cause.to_string())?;
        // The crate looks at the head alone, and follows whatever the rest says. 1 MB is summed in half a millisecond.
        if cfg!(not(fuzzing)) {
            index.as_fst().verify().map_err(|cause| cause.to_string())?;
        }
        Ok(Self { bytes, index, entries })
    }

    /// The entries of a word as it is written.
    pub(super) fn get(&self, word: &str) -> Option<Entries> {
        // A sum finds damage. An index that somebody made with a right one leads out of itself, and the crate panics.
        let place = catch_unwind(AssertUnwindSafe(|| self.index.get(word))).ok()??;
        let place = usize::try_from(place).ok()?;
        let mut reader = (*self.bytes).as_ref().get(self.entries.checked_add(place)?..)?;
        let mut entries = Entries::default();
        for entry in [&mut entries.gold, &mut entries.silver] {
            *entry = match *reader.split_off_first()? {
                NONE => None,
                kind => Some(read_entry(kind, &mut reader)?),
            };
        }
        Some(entries)
    }
}

/// The rest of an entry; `None` where the bytes are none.
fn read_entry(kind: u8, bytes: &mut &[u8]) -> Option<PhonemeEntry> {
    match kind {
        PLAIN => read_text(bytes).map(PhonemeEntry::Simple),
        TAGGED => {
            let count = *bytes.split_off_first()?;
            let reading = |bytes: &mut &[u8]| {
                let tag = read_text(bytes)?;
                let is_there = *bytes.split_off_first()? == 1;
                Some((tag, if is_there { Some(read_text(bytes)?) } else { None }))
            };
            let readings: Option<HashMap<_, _>> = (0..count).map(|_| reading(bytes)).collect();
            readings.map(PhonemeEntry::Tagged)
        }
        _ => None,
    }
}

fn read_text(bytes: &mut &[u8]) -> Option<String> {
    let length = usize::from(*bytes.split_off_first()?);
    let text = bytes.split_off(..length)?;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use misaki_rs::Language;

    use super::*;

    #[test]
    fn every_word_of_the_dictionaries_is_in_the_table_as_it_was() {
        for language in [Language::EnglishUS, Language::EnglishGB] {
            let lexicon = Lexicon::new(language);
            let table = WordTable::new(Arc::new(encode(&lexicon).unwrap())).unwrap();
            let same = |a: Option<&PhonemeEntry>, b: Option<&PhonemeEntry>| match (a, b) {
                (None, None) => true,
                (Some(PhonemeEntry::Simple(a)), Some(PhonemeEntry::Simple(b))) => a == b,
                (Some(PhonemeEntry::Tagged(a)), Some(PhonemeEntry::Tagged(b))) => a == b,
                _ => false,
            };
            let words = lexicon.golds.keys().chain(lexicon.silvers.keys());
            let wrong = words.filter(|word| {
                let Entries { gold, silver } = table.get(word).unwrap_or_default();
                !same(gold.as_ref(), lexicon.golds.get(*word))
                    || !same(silver.as_ref(), lexicon.silvers.get(*word))
            });
            assert_eq!(wrong.take(10).collect::<Vec<_>>(), Vec::<&String>::new());
            assert!(table.get("zzyzxq").is_none());
        }
    }

    #[test]
    fn a_table_that_is_cut_or_foreign_is_refused_or_empty_and_never_a_panic() {
        let lexicon = Lexicon { golds: HashMap::new(), silvers: HashMap::new(), ..small() };
        let whole = encode(&small()).unwrap();
        for length in 0..whole.len() {
            if let Ok(table) = WordTable::new(Arc::new(whole[..length].to_vec())) {
                let _ = table.get("lead");
            }
        }
        for garbage in [vec![], vec![0xff; 40], encode(&lexicon).unwrap()] {
            let found = WordTable::new(Arc::new(garbage)).ok().and_then(|table| table.get("lead"));
            assert!(found.is_none());
        }
    }

    #[test]
    fn a_table_with_any_damaged_byte_is_refused_or_empty_and_never_a_panic() {
        let whole = encode(&small()).unwrap();
        let index = HEAD..HEAD + u64::from_le_bytes(*whole.first_chunk().unwrap()) as usize;
        for place in 0..whole.len() {
            for flipped in [0x01, 0x80, 0xff] {
                let mut damaged = whole.clone();
                damaged[place] ^= flipped;
                let table = WordTable::new(Arc::new(damaged));
                assert!(table.is_err() || !index.contains(&place), "byte {place} of the index");
                let _ = table.map(|table| ["lead", "port", "p", "zebra"].map(|word| table.get(word)));
            }
        }
    }

    #[test]
    fn an_index_that_leads_out_of_itself_has_no_word() {
        let mut table = encode(&small()).unwrap();
        let end = HEAD + u64::from_le_bytes(*table.first_chunk().unwrap()) as usize;
        for place in HEAD + 16..end - 4 {
            let before = std::mem::replace(&mut table[place], 0xff);
            // As if the sum had been made for it.
            let index = Index { bytes: Arc::new(table.clone()), length: end - HEAD };
            if let Ok(index) = Map::new(index) {
                let table = WordTable { bytes: Arc::new(table.clone()), index, entries: end };
                let _ = ["lead", "port", "p", "zebra"].map(|word| table.get(word));
            }
            table[place] = before;
        }
    }

    fn small() -> Lexicon {
        let tagged = [("DEFAULT".to_owned(), Some("lˈid".to_owned())), ("NOUN".to_owned(), None)];
        Lexicon {
            lang: Language::EnglishUS,
            cap_stresses: (0.5, 2.0),
            golds: HashMap::from([("lead".to_owned(), PhonemeEntry::Tagged(HashMap::from(tagged)))]),
            silvers: HashMap::from([("port".to_owned(), PhonemeEntry::Simple("pˈɔɹt".to_owned()))]),
        }
    }
}
