//! Evidence about a word's language from the names and countries around it.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::language::Language;
use super::origin::{self, Origin};
use crate::normalize::SpokenToken;
use crate::text::Span;

/// Tokens that are examined on either side.
const REACH: usize = 12;
/// Weight of a neighbour; words two and three places away count [`CLOSE`], those further off 1.
const ADJACENT: u8 = 4;
const CLOSE: u8 = 2;

/// Words and the languages that they hint at.
type Cues = HashMap<&'static str, Vec<Language>>;

static CUES: LazyLock<Cues> =
    LazyLock::new(|| cues(|origin| origin.places.iter().chain(&origin.names).copied().collect()));
/// Countries, peoples and places only: names turn up in stories from anywhere.
static PLACES: LazyLock<Cues> = LazyLock::new(|| cues(|origin| origin.places.clone()));

fn cues(words: impl Fn(&Origin) -> Vec<&'static str>) -> Cues {
    let mut cues = Cues::new();
    for (language, origin) in origin::all() {
        for word in words(origin) {
            cues.entry(word).or_default().push(language);
        }
    }
    cues
}

/// The countries, peoples and places that a story names: evidence for each language, wherever in the story a name stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    is_named: [bool; Language::COUNT],
}

impl Story {
    /// Looks for places in the parts of a text that are read aloud.
    pub(crate) fn of(text: &str, spans: impl IntoIterator<Item = Span>) -> Self {
        let mut story = Self::default();
        for span in spans {
            let words = span.of(text).split(|c: char| !c.is_alphabetic());
            for word in words.filter(|word| word.starts_with(char::is_uppercase)) {
                for language in PLACES.get(word).into_iter().flatten() {
                    story.is_named[*language as usize] = true;
                }
            }
        }
        story
    }
}

/// The words of a sentence that hint at a language.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    /// Place and language, ascending by place.
    cues: Vec<(usize, Language)>,
    story: Story,
}

/// The evidence for each language at one place.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hint {
    votes: [u8; Language::COUNT],
    story: [bool; Language::COUNT],
}

impl Hints {
    /// Looks for cues among the words of a sentence.
    pub(crate) fn of(tokens: &[SpokenToken], story: &Story) -> Self {
        let mut cues = Vec::new();
        for (place, token) in tokens.iter().enumerate() {
            for word in token.text.split([' ', '-']).filter(|word| word.starts_with(char::is_uppercase)) {
                let word = word.strip_suffix("'s").unwrap_or(word);
                for language in CUES.get(word).into_iter().flatten() {
                    cues.push((place, *language));
                }
            }
        }
        Self { cues, story: story.clone() }
    }

    /// The evidence for each language at a place.
    pub(crate) fn at(&self, place: usize) -> Hint {
        let mut hint = Hint { story: self.story.is_named, ..Hint::default() };
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

    /// As if neighbours were evidence for a language.
    #[cfg(test)]
    pub(crate) fn vote(&mut self, language: Language, votes: u8) {
        self.votes[language as usize] = votes;
    }

    /// Whether the story names a place of a language.
    pub(crate) fn is_in_story(&self, language: Language) -> bool {
        self.story[language as usize]
    }

    /// The evidence for a language near by.
    pub(crate) fn votes(&self, language: Language) -> u8 {
        self.votes[language as usize]
    }
}
