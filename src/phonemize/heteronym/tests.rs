use std::sync::Arc;

use super::*;
use crate::lexicon::Lexicon;
use crate::normalize::{Locale, Normalizer};
use crate::phonemize::Phonemizer;
use crate::text::Dialect;

/// Weak vowels and flaps that dictionaries write in two ways.
fn plain(phonemes: &str) -> String {
    phonemes.replace(['ɾ', 'T'], "t").replace('ᵻ', "ɪ")
}

#[test]
fn words_are_read_as_their_sentences_want() {
    let lexicon = Arc::new(Lexicon::built_in());
    let normalizer = Normalizer::new(Locale::EnUs, lexicon.clone());
    let phonemizer = Phonemizer::new(Dialect::AmericanEnglish, lexicon);
    let data = include_str!("tests/sentences.tsv");
    tsv::assert_rows("sentences.tsv", data, 150, |row| row.len() == 3);
    let rows: Vec<[&str; 3]> = tsv::columns(data).collect();
    let mut wrong = Vec::new();
    for &[word, want, sentence] in &rows {
        let words = phonemizer.phonemize(&normalizer.normalize(sentence)).unwrap();
        let said: Vec<String> = words
            .iter()
            .filter(|said| said.spoken == word || said.spoken.eq_ignore_ascii_case(word))
            .map(|said| plain(&said.phonemes))
            .collect();
        if !said.contains(&plain(want)) {
            wrong.push(format!("{word} in “{sentence}” is {said:?}, should be {want}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn every_line_of_the_table_is_a_rule() {
    let data = include_str!("data/heteronyms.tsv");
    let mut in_file = 0;
    tsv::assert_rows("heteronyms.tsv", data, 100, |row| match *row {
        [name, _] => name.starts_with('@'),
        [words, conditions, _] => {
            in_file += words.split('|').count();
            let is_known = |text| text == "-" || condition(text, &HashMap::new()).is_some();
            conditions.split(' ').all(is_known) && words.split('|').all(|word| word.len() <= LONGEST)
        }
        _ => false,
    });
    assert_eq!(TABLE.rules.values().map(Vec::len).sum::<usize>(), in_file);
}

#[test]
fn accents_make_other_words() {
    use crate::lexicon::notation::is_speakable;

    tsv::assert_rows("loanwords.tsv", include_str!("data/loanwords.tsv"), 10, |row| match *row {
        [word, phonemes] => is_speakable(phonemes) && loanword(word) == Some(phonemes),
        _ => false,
    });
    assert_eq!(loanword("résumé"), Some("ɹˈɛzəmˌA"));
    assert_eq!(loanword("Résumé"), Some("ɹˈɛzəmˌA"));
    assert_eq!(loanword("resume"), None);
    assert_eq!(loanword("naïve"), None);
}
