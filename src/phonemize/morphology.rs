//! Words that no dictionary has but that are made of words it has: `denied`, `denuclearization`, `shipyards`.

/// Prefixes that leave the word after them as it is, and how they sound before it.
const PREFIXES: [(&str, &str); 22] = [
    ("counter", "kˌWntəɹ"),
    ("under", "ˌʌndəɹ"),
    ("inter", "ˌɪntəɹ"),
    ("multi", "mˌʌlti"),
    ("super", "sˌupəɹ"),
    ("cyber", "sˌIbəɹ"),
    ("ultra", "ˌʌltɹə"),
    ("micro", "mˌIkɹO"),
    ("anti", "ˌænti"),
    ("over", "ˌOvəɹ"),
    ("semi", "sˌɛmi"),
    ("auto", "ˌɔTO"),
    ("geo", "ʤˌiO"),
    ("non", "nˌɑn"),
    ("pre", "pɹˌi"),
    ("mid", "mˌɪd"),
    ("mis", "mˌɪs"),
    ("sub", "sˌʌb"),
    ("bio", "bˌIO"),
    ("un", "ˌʌn"),
    ("re", "ɹˌi"),
    ("de", "dˌi"),
];
/// A part of a compound has at least this many letters; shorter ones are found in anything.
const SHORTEST_PART: usize = 4;

/// The phonemes of a word that is an inflection or a compound of words that `look_up` knows.
pub(crate) fn derive(word: &str, look_up: impl Fn(&str) -> Option<String>) -> Option<String> {
    if !word.is_ascii() || word.len() < SHORTEST_PART {
        return None;
    }
    inflected(word, &look_up).or_else(|| prefixed(word, &look_up)).or_else(|| compound(word, &look_up))
}

/// `denied` = deny + d, `allies` = ally + z.
fn inflected(word: &str, look_up: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let (stem, ending) = match (word.strip_suffix("ied"), word.strip_suffix("ies")) {
        (Some(stem), _) => (stem, "d"),
        (_, Some(stem)) => (stem, "z"),
        _ => return None,
    };
    look_up(&format!("{stem}y")).map(|phonemes| phonemes + ending)
}

fn prefixed(word: &str, look_up: &impl Fn(&str) -> Option<String>) -> Option<String> {
    PREFIXES.iter().find_map(|(prefix, phonemes)| {
        let stem = word.strip_prefix(prefix).filter(|stem| stem.len() >= SHORTEST_PART)?;
        look_up(stem).or_else(|| inflected(stem, look_up)).map(|rest| format!("{phonemes}{rest}"))
    })
}

/// The first part keeps the main stress, the second one's becomes secondary.
fn compound(word: &str, look_up: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let splits = SHORTEST_PART..(word.len() + 1).saturating_sub(SHORTEST_PART);
    splits.rev().find_map(|at| {
        let (first, second) = word.split_at(at);
        Some(format!("{}{}", look_up(first)?, look_up(second)?.replace('ˈ', "ˌ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn look_up(word: &str) -> Option<String> {
        let known = [
            ("deny", "dənˈI"),
            ("nuclearization", "nˌukliəɹəzˈAʃən"),
            ("yard", "jˈɑɹd"),
            ("builders", "bˈɪldəɹz"),
            ("carry", "kˈæɹi"),
        ];
        known.iter().find(|(name, _)| *name == word).map(|(_, phonemes)| (*phonemes).to_string())
    }

    #[test]
    fn made_of_known_words() {
        let rows = [
            ("denied", Some("dənˈId")),
            ("denies", Some("dənˈIz")),
            ("denuclearization", Some("dˌinˌukliəɹəzˈAʃən")),
            ("miscarried", Some("mˌɪskˈæɹid")),
            ("yardbuilders", Some("jˈɑɹdbˌɪldəɹz")),
            ("xyzzy", None),
            ("die", None),
            ("ünïcode", None),
        ];
        each(rows, |(word, want)| {
            assert_eq!(derive(word, look_up).as_deref(), want, "{word}");
        });
    }
}
