//! The parsers of lexicons, for `crate::fuzzing`.

use super::saved::edit::{Change, changed, plain_words};
use super::{Entry, Given, Problem, alias, entry, pls, toml_file};
use crate::lexicon::notation::{from_ipa, from_respelling};

type Try = fn(&[u8]);

pub(crate) const TARGETS: &[(&str, Try)] = &[
    ("ipa", |bytes| drop(from_ipa(&String::from_utf8_lossy(bytes)))),
    ("lexicon_pls", |bytes| whole(&String::from_utf8_lossy(bytes), pls::read)),
    ("lexicon_toml", |bytes| whole(&String::from_utf8_lossy(bytes), toml_file::read)),
    ("respelling", |bytes| drop(from_respelling(&String::from_utf8_lossy(bytes)))),
    ("saved_words", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let mut parts = text.splitn(3, '\0');
        let (word, said, file) =
            (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        saved(word.unwrap_or_default(), said, file);
    }),
];

/// Reads a lexicon as a file is read. Each problem must have a line of the file.
fn whole(text: &str, read: impl Fn(&str) -> (Vec<Entry>, Vec<Problem>)) {
    let (entries, mut problems) = read(text);
    problems.extend(entry::check_together(&entries));
    let last = text.matches('\n').count() + 1;
    for problem in &problems {
        assert!((1..=last).contains(&problem.line), "{problem:?} in a file of {last} lines");
    }
    alias::resolve(entries);
}

/// Saves a word in a file. What was saved must be said so from then on, and other words as before.
fn saved(word: &str, said: &str, file: &str) {
    if Given::read([(word, said)]).is_err() {
        return;
    }
    let is_lexicon = |text: &str| toml_file::read(text).1.iter().all(|problem| problem.is_warning);
    let Ok(after) = changed(file, word, &Change::Say(said.trim())) else { return };
    if !is_lexicon(file) {
        return;
    }
    assert!(is_lexicon(&after), "saved and not read any more: {after:?}");
    let word = entry::clean(word);
    let found = plain_words(&after).into_iter().find(|(known, _)| *known == word);
    assert_eq!(found, Some((word.clone(), said.trim().to_string())), "{after:?}");
    let before = plain_words(file).into_iter().filter(|(known, _)| *known != word).count();
    let others = plain_words(&after).into_iter().filter(|(known, _)| *known != word).count();
    assert_eq!(before, others, "{after:?}");
}
