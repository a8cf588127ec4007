//! Which language a name comes from.

use super::hint::Hint;
use super::{japanese, korean, letters, origin, pinyin};

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
    /// Arabic, and the languages of Pakistan and Afghanistan, as newspapers transcribe them.
    Arabic,
    /// Turkish.
    Turkish,
    /// Vietnamese.
    Vietnamese,
    /// Persian as newspapers transcribe it.
    Persian,
    /// Czech, Slovak, and South Slavic in Latin letters.
    Czech,
    /// Hungarian.
    Hungarian,
    /// Romanian.
    Romanian,
    /// Yoruba.
    Yoruba,
    /// Igbo.
    Igbo,
    /// Hausa.
    Hausa,
    /// Amharic, Oromo and Tigrinya as newspapers transcribe them.
    Ethiopian,
    /// The languages of India as newspapers transcribe them.
    Indian,
    /// Indonesian and Malay.
    Indonesian,
}

/// The file of an origin.
macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("data/origins/", $name, ".tsv"))
    };
}

impl Language {
    /// How many there are.
    pub(crate) const COUNT: usize = 23;
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
        ("persian", Self::Persian),
        ("czech", Self::Czech),
        ("hungarian", Self::Hungarian),
        ("romanian", Self::Romanian),
        ("yoruba", Self::Yoruba),
        ("igbo", Self::Igbo),
        ("hausa", Self::Hausa),
        ("ethiopian", Self::Ethiopian),
        ("indian", Self::Indian),
        ("indonesian", Self::Indonesian),
    ];
    /// What is known of each, in the same order.
    pub(super) const FILES: [&'static str; Self::COUNT] = [
        file!("korean"),
        file!("chinese"),
        file!("japanese"),
        file!("slavic"),
        file!("polish"),
        file!("spanish"),
        file!("portuguese"),
        file!("italian"),
        file!("french"),
        file!("german"),
        file!("arabic"),
        file!("turkish"),
        file!("vietnamese"),
        file!("persian"),
        file!("czech"),
        file!("hungarian"),
        file!("romanian"),
        file!("yoruba"),
        file!("igbo"),
        file!("hausa"),
        file!("ethiopian"),
        file!("indian"),
        file!("indonesian"),
    ];

    /// The language of a name in the data files.
    #[cfg(test)]
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, language)| *language)
    }
}

/// The evidence that a language needs before it is accepted.
const ENOUGH: u8 = 3;
/// The weight of spelling that is telling in a story about its country.
const TELLING: u8 = 2;

/// The language of a name in small letters, when it is clear.
pub(crate) fn of(word: &[char], hint: &Hint) -> Option<Language> {
    let mut best: Option<((u8, u8), Language)> = None;
    for (language, origin) in origin::all() {
        let votes = hint.votes(language);
        let (mut score, mut strongest) = (votes, 0);
        for evidence in origin.evidence.iter().filter(|evidence| evidence.is_in(word)) {
            score = score.saturating_add(evidence.weight);
            strongest = strongest.max(evidence.weight);
        }
        // A country in the story says little: only spelling that is telling itself counts with it.
        let story = u8::from(strongest >= TELLING && hint.is_in_story(language));
        score = score.saturating_add(story);
        // Near by, names of other languages stand as well: Narendra Modi met Anthony Albanese.
        if strongest < ENOUGH.saturating_sub(votes.max(story)).max(1) {
            continue;
        }
        let is_better = best.is_none_or(|(other, _)| (score, votes) > other);
        if score >= ENOUGH && is_better && fits(language, word) {
            best = Some(((score, votes), language));
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
