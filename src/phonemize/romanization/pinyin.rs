//! Chinese names in Pinyin; tones are not written in news.

use super::stress::{Sound, Stress, join};

const INITIALS: [(&str, &str); 23] = [
    ("zh", "ʤ"),
    ("ch", "ʧ"),
    ("sh", "ʃ"),
    ("b", "b"),
    ("p", "p"),
    ("m", "m"),
    ("f", "f"),
    ("d", "d"),
    ("t", "t"),
    ("n", "n"),
    ("l", "l"),
    ("g", "ɡ"),
    ("k", "k"),
    ("h", "h"),
    ("j", "ʤ"),
    ("q", "ʧ"),
    ("x", "ʃ"),
    ("r", "ɹ"),
    ("z", "dz"),
    ("c", "ts"),
    ("s", "s"),
    ("y", "j"),
    ("w", "w"),
];
const FINALS: [(&str, &str); 34] = [
    ("iang", "jɑŋ"),
    ("iong", "jʊŋ"),
    ("uang", "wɑŋ"),
    ("ang", "ɑŋ"),
    ("eng", "ʌŋ"),
    ("ian", "jɛn"),
    ("iao", "jW"),
    ("ing", "ɪŋ"),
    ("ong", "ʊŋ"),
    ("uai", "wI"),
    ("uan", "wɑn"),
    ("ai", "I"),
    ("an", "ɑn"),
    ("ao", "W"),
    ("ei", "A"),
    ("en", "ʌn"),
    ("er", "ɜɹ"),
    ("ia", "jɑ"),
    ("ie", "jɛ"),
    ("in", "ɪn"),
    ("iu", "ju"),
    ("ou", "O"),
    ("ua", "wɑ"),
    ("ue", "wɛ"),
    ("üe", "wɛ"),
    ("ui", "wA"),
    ("un", "ʊn"),
    ("uo", "wO"),
    ("a", "ɑ"),
    ("e", "ʌ"),
    ("i", "i"),
    ("o", "O"),
    ("u", "u"),
    ("ü", "u"),
];
/// Syllables of a name at most.
const MOST: usize = 4;

/// Whether a word is built of Pinyin syllables.
pub(super) fn fits(word: &[char]) -> bool {
    split(word).is_some()
}

/// The phonemes of a name; the last syllable is stressed, as in Jinping.
pub(super) fn read(word: &[char]) -> Option<String> {
    let syllables = split(word)?;
    let last = syllables.len() - 1;
    let sounds: Vec<Sound> =
        syllables.into_iter().map(|phonemes| Sound { phonemes, is_marked: false }).collect();
    if last == 1 {
        // Two syllables of nearly the same weight.
        let first = join(&sounds[..1], Stress::First)?.replace('ˈ', "ˌ");
        return Some(first + &join(&sounds[1..], Stress::First)?);
    }
    join(&sounds, Stress::Last)
}

/// The phonemes of a single syllable, in Pinyin or in Taiwan's spelling.
pub(super) fn syllable(word: &[char]) -> Option<String> {
    let word = from_taiwan(word);
    let whole = |letters: &[char]| {
        let found = syllables_at(letters, false).into_iter().find(|(len, _)| *len == letters.len());
        found.map(|(_, phonemes)| phonemes)
    };
    let phonemes = whole(&word)?;
    join(&[Sound { phonemes, is_marked: false }], Stress::First)
}

/// A syllable of Taiwan's customary spelling (after Wade and Giles, without apostrophes) in Pinyin: hsiao → xiao, ching →
/// qing, wen-je → wen zhe.
fn from_taiwan(word: &[char]) -> Vec<char> {
    let mut text: String = word.iter().filter(|letter| **letter != '\'').collect();
    for (taiwan, pinyin) in [
        ("ien", "ian"),
        ("ieh", "ie"),
        ("ueh", "ue"),
        ("ung", "ong"),
        ("eou", "iu"),
        ("ih", "i"),
        ("eh", "e"),
    ] {
        if let Some(head) = text.strip_suffix(taiwan) {
            text = format!("{head}{pinyin}");
            break;
        }
    }
    for (taiwan, pinyin) in [("hs", "x"), ("tz", "z"), ("ts", "c")] {
        if let Some(tail) = text.strip_prefix(taiwan) {
            text = format!("{pinyin}{tail}");
        }
    }
    if text.starts_with("chi") && text.len() > 3 || text.starts_with("chu") && text.len() > 4 {
        text = format!("q{}", &text[2..]);
    }
    if text.starts_with("je") {
        text = format!("zh{}", &text[1..]);
    }
    text.chars().collect()
}

/// The syllables of a word, as few as possible.
fn split(word: &[char]) -> Option<Vec<String>> {
    let mut best: Vec<Option<Vec<String>>> = vec![None; word.len() + 1];
    best[0] = Some(Vec::new());
    for start in 0..word.len() {
        let Some(before) = best[start].clone().filter(|syllables| syllables.len() < MOST) else { continue };
        for (len, phonemes) in syllables_at(&word[start..], start > 0) {
            let end = &mut best[start + len];
            if end.as_ref().is_none_or(|known| known.len() > before.len() + 1) {
                let mut syllables = before.clone();
                syllables.push(phonemes);
                *end = Some(syllables);
            }
        }
    }
    best.pop().flatten().filter(|syllables| !syllables.is_empty())
}

/// All syllables that letters can begin with: how many letters, and their phonemes.
fn syllables_at(letters: &[char], is_inside: bool) -> Vec<(usize, String)> {
    let text: String = letters.iter().take(6).collect();
    let mut found = Vec::new();
    for (initial, sound) in
        INITIALS.iter().chain([&("", "")]).filter(|(initial, _)| text.starts_with(initial))
    {
        let rest = &text[initial.len()..];
        for (last, vowel) in FINALS.iter().filter(|(last, _)| rest.starts_with(last)) {
            if go_together(initial, last) && !(initial.is_empty() && is_inside) {
                let len = initial.chars().count() + last.chars().count();
                found.push((len, sounds(initial, sound, last, vowel)));
            }
        }
    }
    found
}

/// Which initials and finals Chinese has together.
fn go_together(initial: &str, last: &str) -> bool {
    let (with_i, with_u) = (last.starts_with('i'), last.starts_with(['u', 'ü']));
    match initial {
        "j" | "q" | "x" => with_i || with_u,
        "g" | "k" | "h" => !with_i && !last.starts_with('ü'),
        "zh" | "ch" | "sh" | "r" | "z" | "c" | "s" => !with_i || last == "i",
        "b" | "p" | "m" => !with_u || last == "u",
        "f" => !with_i && (!with_u || last == "u"),
        "y" => matches!(
            last,
            "a" | "an"
                | "ang"
                | "ao"
                | "e"
                | "i"
                | "in"
                | "ing"
                | "o"
                | "ong"
                | "ou"
                | "u"
                | "uan"
                | "ue"
                | "un"
        ),
        "w" => matches!(last, "a" | "ai" | "an" | "ang" | "ei" | "en" | "eng" | "o" | "u"),
        "" => matches!(last, "a" | "ai" | "an" | "ang" | "ao" | "e" | "en" | "er" | "ou"),
        _ => true,
    }
}

fn sounds(initial: &str, sound: &str, last: &str, vowel: &str) -> String {
    match (initial, last) {
        ("zh" | "ch" | "sh", "i") => format!("{sound}ɜɹ"),
        ("r", "i") => "ɹɜ".to_string(),
        ("ch" | "sh", "en") => format!("{sound}ɛn"),
        ("z" | "c" | "s", "i") => format!("{sound}ɪ"),
        ("y", "an") => "jɛn".to_string(),
        ("y", "e") => "jɛ".to_string(),
        ("y", "i") => "i".to_string(),
        ("y", "in" | "ing") => format!("j{vowel}"),
        ("y", "uan") => "jwɑn".to_string(),
        ("y" | "j" | "q" | "x", "un") => format!("{sound}un"),
        // The consonant contains the i already.
        ("j" | "q" | "x", "iao" | "iong") => format!("{sound}{}", vowel.trim_start_matches('j')),
        _ => format!("{sound}{vowel}"),
    }
}
