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
    let rows: Vec<Vec<&str>> =
        include_str!("tests/sentences.tsv").lines().map(|line| line.split('\t').collect()).collect();
    assert!(rows.len() >= 150, "{} sentences", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let [word, want, sentence] = row[..] else { panic!("not three columns: {row:?}") };
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
    let lines: Vec<&str> = data.lines().filter(|line| !line.starts_with(['#', '@'])).collect();
    let in_table: usize = TABLE.rules.values().map(Vec::len).sum();
    let in_file: usize =
        lines.iter().map(|line| line.split('\t').next().map_or(0, |words| words.split('|').count())).sum();
    assert_eq!(in_table, in_file, "a line has not three columns");
    for (line, conditions) in lines.iter().filter_map(|line| Some((line, line.split('\t').nth(1)?))) {
        for text in conditions.split(' ').filter(|text| *text != "-") {
            assert!(
                condition(text, &HashMap::new()).is_some(),
                "the condition {text} of {line:?} is not known"
            );
        }
        let word = line.split('\t').next().unwrap_or_default();
        assert!(word.split('|').all(|word| word.len() <= LONGEST), "{line:?}");
    }
}

#[test]
fn accents_make_other_words() {
    use crate::lexicon::notation::is_speakable;

    for line in include_str!("data/loanwords.tsv").lines() {
        let (word, phonemes) = line.split_once('\t').unwrap();
        assert!(is_speakable(phonemes) && loanword(word) == Some(phonemes), "{line}");
    }
    assert_eq!(loanword("résumé"), Some("ɹˈɛzəmˌA"));
    assert_eq!(loanword("Résumé"), Some("ɹˈɛzəmˌA"));
    assert_eq!(loanword("resume"), None);
    assert_eq!(loanword("naïve"), None);
}
