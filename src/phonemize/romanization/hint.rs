//! Evidence about a word's language from the names and countries around it.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::language::Language;
use super::origin::{self, Origin};
use crate::normalize::SpokenToken;
use crate::text::Span;
use crate::tsv;

/// Tokens that are examined on either side.
const REACH: usize = 12;
/// Weight of a neighbour; words two and three places away count [`CLOSE`], those further off 1.
const ADJACENT: u8 = 4;
const CLOSE: u8 = 2;
/// Weight of a given name that one language has, and of one that several have, for the names after it.
const GIVEN: u8 = 4;
const SHARED: u8 = 2;
/// Weight of a country, people or place that a name belongs to: "the French minister Jean Dubreuil", "Poland's Nowacka".
const OWNER: u8 = 4;
/// Words of a full name at most.
const LONGEST_NAME: usize = 5;
/// Words without a capital between a people and the name that belongs to it: "Czech deputy prime minister".
const MOST_BETWEEN: usize = 3;

/// Words and the languages that they hint at.
type Cues = HashMap<&'static str, Vec<Language>>;

static CUES: LazyLock<Cues> =
    LazyLock::new(|| cues(|origin| origin.places.iter().chain(&origin.names).copied().collect()));
/// Countries, peoples and places only: names turn up in stories from anywhere.
static PLACES: LazyLock<Cues> = LazyLock::new(|| {
    let mut places = cues(|origin| origin.places.clone());
    for place in ENGLISH_PLACES.split_whitespace() {
        places.entry(place).or_default();
    }
    places
});

/// Places and peoples that speak English.
const ENGLISH_PLACES: &str = include_str!("data/english_places.txt");

/// English names have no language here: they are read by the general rules.
static GIVEN_NAMES: LazyLock<Cues> = LazyLock::new(|| {
    let mut names = Cues::new();
    for (language, of_language) in tsv::pairs(include_str!("data/given.tsv")) {
        for name in of_language.split(' ') {
            names.entry(name).or_default().extend(Language::of_name(language));
        }
    }
    names
});

fn cues(words: impl Fn(&Origin) -> Vec<&'static str>) -> Cues {
    let mut cues = Cues::new();
    for (language, origin) in origin::all() {
        for word in words(origin) {
            cues.entry(word).or_default().push(language);
        }
    }
    cues
}

/// Follows what belongs to a country or a people: a few words without a capital, then a name.
#[derive(Default)]
struct Owner {
    languages: &'static [Language],
    between: usize,
    is_in_name: bool,
}

impl Owner {
    /// The languages of the owner of the next word, which says so itself when it is a place.
    fn of(&mut self, word: &str) -> &'static [Language] {
        if let Some(languages) = PLACES.get(word) {
            // "Jordan Blake" is no one from Amman.
            let languages: &[Language] = if GIVEN_NAMES.contains_key(word) { &[] } else { languages };
            *self = Self { languages, ..Self::default() };
            return &[];
        }
        if word.starts_with(char::is_uppercase) {
            self.is_in_name = true;
            return self.languages;
        }
        self.between += 1;
        if self.is_in_name || self.between > MOST_BETWEEN || word.ends_with("ed") || PARTING.contains(&word) {
            *self = Self::default();
        }
        &[]
    }
}

/// Words after which a name belongs to no place before them, as after all that end in -ed.
const PARTING: &[&str] = &[
    "and", "or", "of", "in", "on", "at", "to", "by", "for", "from", "with", "as", "that", "who", "which",
    "when", "where", "after", "before", "while", "is", "are", "was", "were", "has", "have", "had", "will",
    "said", "says", "told", "met", "beat", "won", "shot", "sent", "saw", "made", "took", "gave", "left",
];

/// Adds an owner's languages to the evidence. Among them given names such as Robert and Anna are not English.
fn add_owner(votes: &mut Votes, languages: &[Language]) {
    if !languages.is_empty() {
        votes.0[Language::COUNT] = 0;
    }
    for language in languages {
        let votes = &mut votes.0[*language as usize];
        *votes = votes.saturating_add(OWNER);
    }
}

/// What a story tells of languages, wherever in it a name stands: the countries, peoples and places that it names, and the
/// full names of its people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    is_named: Each<bool>,
    is_english: bool,
    /// Names that stand after given names, and the evidence of these.
    full_names: HashMap<String, Votes>,
}

/// A value for each language, and for English as the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Each<T>([T; Language::COUNT + 1]);

impl<T: Copy + Default> Default for Each<T> {
    fn default() -> Self {
        Self([T::default(); Language::COUNT + 1])
    }
}

/// The evidence for each language, and for English.
type Votes = Each<u8>;

impl Story {
    /// Looks for places and full names in the parts of a text that are read aloud.
    pub(crate) fn of(text: &str, spans: impl IntoIterator<Item = Span>) -> Self {
        let mut story = Self::default();
        for span in spans {
            story.look_through(span.of(text));
        }
        story
    }

    fn look_through(&mut self, text: &str) {
        let mut before: Vec<&str> = Vec::new();
        let mut owner = Owner::default();
        for piece in text.split_inclusive(|c: char| !c.is_alphabetic()) {
            let word = piece.trim_end_matches(|c: char| !c.is_alphabetic());
            let owned_by = owner.of(word);
            // "Poland's"
            if !piece.ends_with([' ', '-', '\'', '’']) {
                owner = Owner::default();
            }
            if !word.starts_with(char::is_uppercase) {
                before.clear();
                continue;
            }
            if let Some(languages) = PLACES.get(word) {
                self.is_english |= languages.is_empty();
                for language in languages {
                    self.is_named.0[*language as usize] = true;
                }
            }
            let from = before.len().saturating_sub(LONGEST_NAME - 1);
            let mut votes = votes_of(&before[from..]);
            add_owner(&mut votes, owned_by);
            self.add_full_name(word, &votes);
            before.push(word);
            if !piece.ends_with([' ', '-']) {
                before.clear();
            }
        }
    }

    /// Notes the evidence of the given names before a name.
    fn add_full_name(&mut self, name: &str, votes: &Votes) {
        if *votes == Votes::default() {
            return;
        }
        let known = self.full_names.entry(name.to_string()).or_default();
        for (known, votes) in known.0.iter_mut().zip(&votes.0) {
            *known = (*known).max(*votes);
        }
        for (is_named, votes) in self.is_named.0.iter_mut().zip(&votes.0) {
            *is_named |= *votes >= GIVEN;
        }
    }
}

/// The evidence of the words before a name that belong to it.
fn votes_of(before: &[&str]) -> Votes {
    let mut votes = Votes::default();
    for languages in before.iter().filter_map(|word| GIVEN_NAMES.get(word)) {
        if languages.is_empty() {
            votes.0[Language::COUNT] = GIVEN;
        }
        let weight = if languages.len() == 1 { GIVEN } else { SHARED };
        for language in languages {
            let votes = &mut votes.0[*language as usize];
            *votes = votes.saturating_add(weight);
        }
    }
    votes
}

/// The words of a sentence that hint at a language.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    /// Place and language, ascending by place.
    cues: Vec<(usize, Language)>,
    /// Place and evidence of each word that is in a full name of the story or a given name, ascending by place.
    full_names: Vec<(usize, Votes)>,
    is_named: Each<bool>,
    is_english: bool,
}

/// The evidence for each language at one place.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hint {
    votes: Votes,
    story: Each<bool>,
    is_english_story: bool,
}

impl Hints {
    /// Looks for cues among the words of a sentence.
    pub(crate) fn of(tokens: &[SpokenToken], story: &Story) -> Self {
        let (mut cues, mut full_names) = (Vec::new(), Vec::new());
        for (place, token) in tokens.iter().enumerate() {
            for word in token.text.split([' ', '-']).filter(|word| word.starts_with(char::is_uppercase)) {
                let word = word.strip_suffix("'s").unwrap_or(word);
                for language in CUES.get(word).into_iter().flatten() {
                    cues.push((place, *language));
                }
                // A given name tells its own language as well.
                let mut votes = votes_of(&[word]);
                let told = story.full_names.get(word).copied().unwrap_or_default();
                for (votes, told) in votes.0.iter_mut().zip(told.0) {
                    *votes = (*votes).max(told);
                }
                if votes != Votes::default() {
                    full_names.push((place, votes));
                }
            }
        }
        Self { cues, full_names, is_named: story.is_named, is_english: story.is_english }
    }

    /// The evidence for each language at a place.
    pub(crate) fn at(&self, place: usize) -> Hint {
        let mut hint = Hint { story: self.is_named, is_english_story: self.is_english, ..Hint::default() };
        let from = self.cues.partition_point(|cue| cue.0 + REACH < place);
        for (cue, language) in self.cues[from..].iter().take_while(|cue| cue.0 <= place + REACH) {
            let weight = match cue.abs_diff(place) {
                // The word itself is no evidence.
                0 => 0,
                1 => ADJACENT,
                2 | 3 => CLOSE,
                _ => 1,
            };
            let votes = &mut hint.votes.0[*language as usize];
            *votes = votes.saturating_add(weight);
        }
        let from = self.full_names.partition_point(|(at, _)| *at < place);
        for (_, told) in self.full_names[from..].iter().take_while(|(at, _)| *at == place) {
            for (votes, told) in hint.votes.0.iter_mut().zip(&told.0) {
                *votes = votes.saturating_add(*told);
            }
        }
        hint
    }
}

impl Hint {
    /// As if all neighbours were evidence for one language.
    #[cfg(test)]
    pub(crate) fn certain(language: Language) -> Self {
        let mut hint = Self::default();
        hint.votes.0[language as usize] = u8::MAX;
        hint
    }

    /// As if neighbours were evidence for a language.
    #[cfg(test)]
    pub(crate) fn vote(&mut self, language: Language, votes: u8) {
        self.votes.0[language as usize] = votes;
    }

    /// Whether the story names a place of a language.
    pub(crate) fn is_in_story(&self, language: Language) -> bool {
        self.story.0[language as usize]
    }

    /// Whether the name is an English given name, or one stands before it somewhere in the story.
    pub(crate) fn is_english(&self) -> bool {
        self.votes.0[Language::COUNT] > 0
    }

    /// Whether the story names a place that speaks English.
    pub(crate) fn is_in_english_story(&self) -> bool {
        self.is_english_story
    }

    /// The evidence for a language near by.
    pub(crate) fn votes(&self, language: Language) -> u8 {
        self.votes.0[language as usize]
    }
}
