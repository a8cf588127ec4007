//! Words that come one by one rather than in a file, such as those of a request.

use std::path::Path;
use std::sync::Arc;

use super::entry::{check_together, check_written, clean};
use super::toml_file::pronunciation;
use super::{Entry, Problem, UserLexicon};

/// What stands for the file of such words.
const FILE: &str = "words";

/// Words and how they are said. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    entries: Arc<[Entry]>,
    #[cfg_attr(not(feature = "cluster"), allow(dead_code, reason = "they travel to other machines"))]
    words: Arc<[(String, String)]>,
}

impl Given {
    /// Words, each with a respelling or with IPA between slashes, as in a lexicon in TOML. The line of a problem is the number of its
    /// word.
    pub(crate) fn read<'a>(words: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Problem> {
        let (mut entries, mut kept) = (Vec::new(), Vec::new());
        for (index, (word, said)) in words.into_iter().enumerate() {
            entries.push(entry(word, said, index + 1)?);
            kept.push((word.to_string(), said.to_string()));
        }
        match check_together(&entries).into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok(Self { entries: entries.into(), words: kept.into() }),
        }
    }

    /// The words as they were given.
    #[cfg(feature = "cluster")]
    pub(crate) fn words(&self) -> &[(String, String)] {
        &self.words
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// An entry of a word.
pub(super) fn entry(word: &str, said: &str, line: usize) -> Result<Entry, Problem> {
    let written = clean(word);
    if let Some(problem) = check_written(&written, line) {
        return Err(problem);
    }
    let reading = pronunciation(said, &written).map_err(|(what, cure)| Problem::new(line, what, cure))?;
    Ok(Entry::new(&written, reading, line))
}

impl UserLexicon {
    /// The same with such words above all others.
    #[must_use]
    pub(crate) fn with_given(mut self, given: &Given) -> Self {
        self.add(Path::new(FILE), given.entries.to_vec());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::user::Reading;
    use crate::table_test::each;

    /// Words, the number of the wrong one, and what is wrong with it.
    type Row<'a> = (&'a [(&'a str, &'a str)], usize, &'a str);

    #[test]
    fn a_given_word_counts_more_than_one_of_a_file() {
        let first = Given::read([("Nguyen", "NOO-yen"), ("Ishiba", "/iˈʃiba/")]).unwrap();
        let second = Given::read([("Nguyen", "win")]).unwrap();
        let lexicon = UserLexicon::default().with_given(&first).with_given(&second);
        let reading = |word| lexicon.get(word).map(|entry| entry.reading.clone());
        assert_eq!(reading("Nguyen"), Some(Reading::Phonemes("wˈɪn".to_string())));
        assert!(reading("Ishiba").is_some() && !second.is_empty() && Given::default().is_empty());
    }

    #[test]
    fn what_is_no_word_or_no_pronunciation_is_refused() {
        let long = "x".repeat(101);
        let rows: [Row<'_>; 6] = [
            (&[("Lee", "LEE"), ("...", "dot")], 2, "no word"),
            (&[("Lee", "")], 1, "empty"),
            (&[("Lee", "L7")], 1, "Lee"),
            (&[("Lee", "/q7/")], 1, "Lee"),
            (&[(&long, "LEE")], 1, "longer"),
            (&[("Lee", "LEE"), (" Lee ", "LAY")], 2, "twice"),
        ];
        each(rows, |(words, line, what)| {
            let problem = Given::read(words.iter().copied()).unwrap_err();
            assert!(problem.line == line && problem.what.contains(what), "{words:?}: {problem:?}");
        });
    }
}
