//! Evidence about a word's language from the names and countries around it.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::language::Language;
use crate::normalize::SpokenToken;
use crate::tsv;

/// Tokens that are examined on either side.
const REACH: usize = 12;
/// Weight of a neighbour; words two and three places away count [`CLOSE`], those further off 1.
const ADJACENT: u8 = 4;
const CLOSE: u8 = 2;

static CUES: LazyLock<HashMap<&str, Language>> = LazyLock::new(|| {
    tsv::pairs(include_str!("data/cues.tsv"))
        .filter_map(|(language, words)| Some((Language::of_name(language)?, words)))
        .flat_map(|(language, words)| words.split(' ').map(move |word| (word, language)))
        .collect()
});

/// The words of a sentence that hint at a language.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    /// Place and language, ascending by place.
    cues: Vec<(usize, Language)>,
}

/// The evidence for each language at one place.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hint {
    votes: [u8; Language::COUNT],
}

impl Hints {
    /// Looks for cues among the words of a sentence.
    pub(crate) fn of(tokens: &[SpokenToken]) -> Self {
        let mut cues = Vec::new();
        for (place, token) in tokens.iter().enumerate() {
            for word in token.text.split([' ', '-']).filter(|word| word.starts_with(char::is_uppercase)) {
                let word = word.strip_suffix("'s").unwrap_or(word);
                if let Some(language) = CUES.get(word) {
                    cues.push((place, *language));
                }
            }
        }
        Self { cues }
    }

    /// The evidence for each language at a place.
    pub(crate) fn at(&self, place: usize) -> Hint {
        let mut hint = Hint::default();
        let from = self.cues.partition_point(|cue| cue.0 + REACH < place);
        for (cue, language) in self.cues[from..].iter().take_while(|cue| cue.0 <= place + REACH) {
            let weight = match cue.abs_diff(place) {
                // The word itself is no evidence.
                0 => 0,
                1 => ADJACENT,
                2 | 3 => CLOSE,
                _ => 1,
            };
            let votes = &mut hint.votes[*language as usize];
            *votes = votes.saturating_add(weight);
        }
        hint
    }
}

impl Hint {
    /// As if all neighbours were evidence for one language.
    #[cfg(test)]
    pub(crate) fn certain(language: Language) -> Self {
        let mut hint = Self::default();
        hint.votes[language as usize] = u8::MAX;
        hint
    }

    /// The evidence for a language.
    pub(crate) fn votes(&self, language: Language) -> u8 {
        self.votes[language as usize]
    }
}
