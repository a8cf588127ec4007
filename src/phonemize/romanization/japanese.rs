//! Japanese names in Hepburn's romanisation.

use super::stress::{Sound, Stress, join};

const ONSETS: [(&str, &str); 38] = [
    ("ssh", "ʃ"),
    ("tch", "ʧ"),
    ("kky", "kj"),
    ("ppy", "pj"),
    ("ky", "kj"),
    ("gy", "ɡj"),
    ("ny", "nj"),
    ("hy", "hj"),
    ("by", "bj"),
    ("py", "pj"),
    ("my", "mj"),
    ("ry", "ɹj"),
    ("sh", "ʃ"),
    ("ch", "ʧ"),
    ("ts", "ts"),
    ("kk", "k"),
    ("ss", "s"),
    ("tt", "t"),
    ("pp", "p"),
    ("dd", "d"),
    ("zz", "z"),
    ("gg", "ɡ"),
    ("k", "k"),
    ("g", "ɡ"),
    ("s", "s"),
    ("z", "z"),
    ("j", "ʤ"),
    ("t", "t"),
    ("d", "d"),
    ("n", "n"),
    ("h", "h"),
    ("f", "f"),
    ("b", "b"),
    ("p", "p"),
    ("m", "m"),
    ("y", "j"),
    ("r", "ɹ"),
    ("w", "w"),
];
/// Vowels; e is open within a name.
const NUCLEI: [(&str, &str); 17] = [
    ("ai", "I"),
    ("ei", "A"),
    ("ou", "O"),
    ("oo", "O"),
    ("oh", "O"),
    ("uu", "u"),
    ("ii", "i"),
    ("a", "ɑ"),
    ("i", "i"),
    ("u", "u"),
    ("e", "ɛ"),
    ("o", "O"),
    ("ā", "ɑ"),
    ("ī", "i"),
    ("ū", "u"),
    ("ē", "A"),
    ("ō", "O"),
];
/// Syllables that Hepburn does not have.
const NEVER: [&str; 13] = ["si", "ti", "tu", "hu", "zi", "di", "du", "fa", "fe", "fi", "fo", "ye", "wu"];
/// Syllables of a name at most: Yamanouchi.
const MOST: usize = 7;

/// Whether a word is built of Japanese syllables and ends as such names do.
pub(super) fn fits(word: &[char]) -> bool {
    split(word).is_some_and(|syllables| syllables.len() >= 2)
}

/// The phonemes of a name.
pub(super) fn read(word: &[char]) -> Option<String> {
    let mut syllables = split(word)?;
    // The last e is long: Kobe.
    if word.ends_with(&['e'])
        && let Some(last) = syllables.last_mut()
        && last.ends_with('ɛ')
    {
        last.pop();
        last.push('A');
    }
    let sounds: Vec<Sound> =
        syllables.into_iter().map(|phonemes| Sound { phonemes, is_marked: false }).collect();
    join(&sounds, Stress::Penultimate)
}

/// The syllables of a word; an n that no vowel follows ends one.
fn split(word: &[char]) -> Option<Vec<String>> {
    let text: String = word.iter().collect();
    let mut syllables: Vec<String> = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        // Shin'ichi: the apostrophe separates an n from a vowel.
        rest = rest.strip_prefix('\'').unwrap_or(rest);
        let (onset, sound) =
            ONSETS.iter().find(|(onset, _)| rest.starts_with(onset)).copied().unwrap_or(("", ""));
        let after = &rest[onset.len()..];
        let Some((nucleus, vowel)) = NUCLEI.iter().find(|(nucleus, _)| after.starts_with(nucleus)) else {
            // Also before b, m and p, where it is written m at times: Homma, Kambara.
            let is_nasal = rest.starts_with('n')
                || rest.starts_with("mb")
                || rest.starts_with("mp")
                || rest.starts_with("mm");
            let last = syllables.last_mut().filter(|last| is_nasal && !last.ends_with('n'))?;
            last.push(if rest.starts_with('n') { 'n' } else { 'm' });
            rest = &rest[1..];
            continue;
        };
        let written = format!("{onset}{}", nucleus.chars().next().unwrap_or_default());
        if NEVER.contains(&written.as_str()) || syllables.len() >= MOST {
            return None;
        }
        syllables.push(format!("{sound}{vowel}"));
        rest = &after[nucleus.len()..];
    }
    Some(syllables).filter(|syllables| !syllables.is_empty())
}
