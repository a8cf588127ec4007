//! The parser of the table of words, for `crate::fuzzing`.

use std::sync::Arc;

use misaki_rs::Language;

use super::table::WordTable;
use super::words::Words;

/// Words that are looked up in any table.
const WORDS: [&str; 4] = ["port", "a", "harbours", "Zürich"];

type Try = fn(&[u8]);

pub(crate) const TARGETS: &[(&str, Try)] = &[("word_table", |bytes| {
    let Ok(table) = WordTable::new(Arc::new(bytes.to_vec())) else { return };
    let own = String::from_utf8_lossy(&bytes[..bytes.len().min(8)]).into_owned();
    for word in WORDS.iter().copied().chain([&*own]) {
        table.get(word);
    }
    let words = Words::of_table(Language::EnglishUS, table);
    for word in WORDS {
        words.get_word(word, "NN", None, None);
    }
})];
