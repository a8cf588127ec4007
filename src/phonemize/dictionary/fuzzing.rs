//! The parser of the table of words, for `crate::fuzzing`.

use std::sync::Arc;

use misaki_rs::Language;

use super::table::WordTable;
use super::words::Words;

/// Words that are looked up in any table.
const WORDS: [&str; 4] = ["port", "a", "harbours", "Zürich"];

pub(crate) const TARGETS: &[(&str, fn(&[u8]))] = &[("word_table", |bytes| {
    let Ok(table) = WordTable::new(Arc::new(bytes.to_vec())) else { return };
    let own = String::from_utf8_lossy(&bytes[..bytes.len().min(8)]).into_owned();
    WORDS.iter().for_each(|word| drop(table.get(word)));
    table.get(&own);
    let words = Words::of_table(Language::EnglishUS, table);
    WORDS.iter().for_each(|word| drop(words.get_word(word, "NN", None, None)));
})];
