//! Which language a name comes from.

use super::hint::Hint;
use super::{japanese, korean, letters, origin, pinyin, spelling};

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
    /// Dutch.
    Dutch,
    /// Swedish, Norwegian, Danish and Icelandic.
    Nordic,
    /// Finnish and Estonian.
    Finnish,
    /// Greek as newspapers transcribe it.
    Greek,
    /// Georgian as newspapers transcribe it.
    Georgian,
    /// Armenian as newspapers transcribe it.
    Armenian,
    /// The Turkic languages of Azerbaijan and Central Asia, and Tajik, as newspapers transcribe them.
    Turkic,
    /// Lithuanian.
    Lithuanian,
    /// Latvian.
    Latvian,
    /// Albanian.
    Albanian,
    /// Hebrew as newspapers transcribe it.
    Hebrew,
    /// Thai as newspapers transcribe it.
    Thai,
    /// Burmese as newspapers transcribe it.
    Burmese,
    /// Khmer and Lao as newspapers transcribe them.
    Khmer,
    /// Tagalog and its neighbours; Spanish names of the Philippines are Spanish.
    Filipino,
    /// Swahili, Zulu and the other Bantu languages.
    Bantu,
    /// Akan and the other languages of Ghana.
    Akan,
}

/// The file of an origin.
macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("data/origins/", $name, ".tsv"))
    };
}

impl Language {
    /// How many there are.
    pub(crate) const COUNT: usize = 40;
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
        ("dutch", Self::Dutch),
        ("nordic", Self::Nordic),
        ("finnish", Self::Finnish),
        ("greek", Self::Greek),
        ("georgian", Self::Georgian),
        ("armenian", Self::Armenian),
        ("turkic", Self::Turkic),
        ("lithuanian", Self::Lithuanian),
        ("latvian", Self::Latvian),
        ("albanian", Self::Albanian),
        ("hebrew", Self::Hebrew),
        ("thai", Self::Thai),
        ("burmese", Self::Burmese),
        ("khmer", Self::Khmer),
        ("filipino", Self::Filipino),
        ("bantu", Self::Bantu),
        ("akan", Self::Akan),
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
        file!("dutch"),
        file!("nordic"),
        file!("finnish"),
        file!("greek"),
        file!("georgian"),
        file!("armenian"),
        file!("turkic"),
        file!("lithuanian"),
        file!("latvian"),
        file!("albanian"),
        file!("hebrew"),
        file!("thai"),
        file!("burmese"),
        file!("khmer"),
        file!("filipino"),
        file!("bantu"),
        file!("akan"),
    ];

    /// The language of a name in the data files.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, language)| *language)
    }
}

/// The table of [`spelling`]: a byte each row and class, English after all languages.
const TABLE: &[u8; spelling::ROWS * CLASSES] = include_bytes!("spelling.table");
const CLASSES: usize = Language::COUNT + 1;
/// What evidence adds to the logarithm of a language's probability: a unit of telling spelling, a country elsewhere in the
/// story, an English given name; tuned on the names of `tests/development.tsv`. Votes near by add 1 each, and 1.
const SPELLING: f32 = 0.65;
const IN_STORY: f32 = 3.0;
const ENGLISH_NAME: f32 = 5.0;
/// Units that count at most.
const MOST_SPELLING: u8 = 5;
const MOST_VOTES: u8 = 10;
/// Letters of a name that needs no evidence from around it.
const LONG: usize = 4;
/// How much likelier than English a language must be: its logarithm.
const CLEAR: f32 = 2.2;
/// The same without evidence around the name where its bearer is likely to say it in the English way: in a story that names an
/// English-speaking place, and for languages whose names have long been at home in America.
const CLEARER: f32 = 4.0;
const AT_HOME: [Language; 3] = [Language::German, Language::Dutch, Language::Nordic];

/// The language of a name in small letters, when it is clear.
pub(crate) fn of(word: &[char], hint: &Hint) -> Option<Language> {
    let probabilities: [f32; CLASSES] = spelling::probabilities(word, |row, class| {
        let steps = i8::from_le_bytes([TABLE[row * CLASSES + class]]);
        f32::from(steps) / spelling::STEPS_PER_NAT
    });
    let english = probabilities[Language::COUNT].ln() + if hint.is_english() { ENGLISH_NAME } else { 0.0 };
    let mut best: Option<(f32, Language)> = None;
    for (language, origin) in origin::all() {
        let telling = origin.evidence.iter().filter(|evidence| evidence.is_in(word));
        let telling = telling.fold(0_u8, |sum, evidence| sum.saturating_add(evidence.weight));
        let around = match hint.votes(language) {
            0 if hint.is_in_story(language) => IN_STORY,
            0 => 0.0,
            votes => f32::from(1 + votes.min(MOST_VOTES)),
        };
        let likelihood =
            probabilities[language as usize].ln() + SPELLING * f32::from(telling.min(MOST_SPELLING)) + around;
        let is_better = best.is_none_or(|(other, _)| likelihood > other);
        let is_short = word.len() < LONG && around == 0.0;
        let is_english = hint.is_in_english_story() || AT_HOME.contains(&language);
        let clear = if is_english && around == 0.0 { CLEARER } else { CLEAR };
        if !is_short && likelihood >= english + clear && is_better && fits(language, word) {
            best = Some((likelihood, language));
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
