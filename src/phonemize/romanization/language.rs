//! Which language a name comes from.

use std::sync::LazyLock;

use super::hint::Hint;
use super::{japanese, korean, letters, pinyin};
use crate::tsv;

/// A language, or a group that is spelled alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Language {
    /// Revised Romanisation and the customary spellings.
    Korean,
    /// Pinyin.
    Chinese,
    /// Hepburn.
    Japanese,
    /// Russian and Ukrainian as newspapers transcribe them, and their neighbours.
    Slavic,
    /// Polish.
    Polish,
    /// Spanish.
    Spanish,
    /// Portuguese.
    Portuguese,
    /// Italian.
    Italian,
    /// French.
    French,
    /// German.
    German,
    /// Arabic and Persian as newspapers transcribe them.
    Arabic,
    /// Turkish.
    Turkish,
    /// Vietnamese.
    Vietnamese,
}

impl Language {
    /// How many there are.
    pub(crate) const COUNT: usize = 13;
    /// All with the names that the data files use.
    pub(crate) const NAMES: [(&'static str, Self); Self::COUNT] = [
        ("korean", Self::Korean),
        ("chinese", Self::Chinese),
        ("japanese", Self::Japanese),
        ("slavic", Self::Slavic),
        ("polish", Self::Polish),
        ("spanish", Self::Spanish),
        ("portuguese", Self::Portuguese),
        ("italian", Self::Italian),
        ("french", Self::French),
        ("german", Self::German),
        ("arabic", Self::Arabic),
        ("turkish", Self::Turkish),
        ("vietnamese", Self::Vietnamese),
    ];

    /// The language of a name in the data files.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, language)| *language)
    }
}

/// The evidence that a language needs before it is accepted.
const ENOUGH: u8 = 3;

/// A piece of spelling that speaks for a language: `*ez`, `al-*`, `*ñ*`.
struct Evidence {
    language: Language,
    piece: Vec<char>,
    at_start: bool,
    at_end: bool,
    weight: u8,
}

static EVIDENCE: LazyLock<Vec<Evidence>> = LazyLock::new(|| {
    tsv::columns(include_str!("data/evidence.tsv"))
        .filter_map(|[language, weight, patterns]| {
            Some((Language::of_name(language)?, weight.parse().ok()?, patterns))
        })
        .flat_map(|(language, weight, patterns)| {
            patterns.split(' ').map(move |pattern| Evidence {
                language,
                weight,
                at_start: !pattern.starts_with('*'),
                at_end: !pattern.ends_with('*'),
                piece: pattern.trim_matches('*').chars().collect(),
            })
        })
        .collect()
});

impl Evidence {
    fn is_in(&self, word: &[char]) -> bool {
        let piece = self.piece.as_slice();
        match (self.at_start, self.at_end) {
            (true, true) => word == piece,
            (true, false) => word.starts_with(piece),
            // An ending is evidence only after other letters.
            (false, true) => word.len() > piece.len() + 1 && word.ends_with(piece),
            (false, false) => word.windows(piece.len()).any(|window| window == piece),
        }
    }
}

/// The language of a name in small letters, when it is clear.
pub(crate) fn of(word: &[char], hint: &Hint) -> Option<Language> {
    let mut scores = [0_u8; Language::COUNT];
    for evidence in EVIDENCE.iter().filter(|evidence| evidence.is_in(word)) {
        let score = &mut scores[evidence.language as usize];
        *score = score.saturating_add(evidence.weight);
    }
    let score = |language: Language| scores[language as usize].saturating_add(hint.votes(language));
    let mut best: Option<(u8, Language)> = None;
    for (_, language) in Language::NAMES {
        let score = score(language);
        let is_better = best.is_none_or(|(other, _)| score > other);
        if score >= ENOUGH && is_better && fits(language, word) {
            best = Some((score, language));
        }
    }
    best.map(|(_, language)| language)
}

/// Whether a name can be spelled in a language at all.
fn fits(language: Language, word: &[char]) -> bool {
    match language {
        Language::Korean => korean::fits(word),
        Language::Chinese => pinyin::fits(word),
        Language::Japanese => japanese::fits(word),
        _ => letters::fits(language, word),
    }
}
