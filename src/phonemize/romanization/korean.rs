//! Korean names in the Revised Romanisation and in the customary spellings: `Gyeongju`, `Myung`, `Cheol-soo`.

use super::stress::{Sound, Stress, join};

/// Consonants before the vowel, longest first.
const ONSETS: [(&str, &str); 20] = [
    ("ll", "l"),
    ("kk", "k"),
    ("tt", "t"),
    ("pp", "p"),
    ("ss", "s"),
    ("jj", "ʤ"),
    ("ch", "ʧ"),
    ("sh", "ʃ"),
    ("k", "k"),
    ("g", "ɡ"),
    ("n", "n"),
    ("t", "t"),
    ("d", "d"),
    ("r", "ɹ"),
    ("m", "m"),
    ("p", "p"),
    ("b", "b"),
    ("s", "s"),
    ("j", "ʤ"),
    ("h", "h"),
];
/// Vowels, longest first; the second sound is for syllables that end in a consonant.
const NUCLEI: [(&str, &str, &str); 29] = [
    ("eung", "ʌŋ", ""),
    ("young", "jʌŋ", ""),
    ("yeo", "jʌ", "jʌ"),
    ("yae", "jA", "jɛ"),
    ("wae", "wA", "wɛ"),
    ("woo", "u", "u"),
    ("you", "ju", "ju"),
    ("yoo", "ju", "ju"),
    ("yu", "ju", "jʌ"),
    ("ae", "A", "A"),
    ("ai", "A", "ɛ"),
    ("ee", "i", "i"),
    ("eo", "ʌ", "ʌ"),
    ("eu", "ʊ", "ʊ"),
    ("oe", "wA", "wɛ"),
    ("oo", "u", "u"),
    ("ou", "u", "u"),
    ("ui", "wi", "wi"),
    ("ya", "jɑ", "jɑ"),
    ("ye", "jA", "jɛ"),
    ("yo", "jO", "jO"),
    ("wa", "wɑ", "wɑ"),
    ("we", "wA", "wɛ"),
    ("wi", "wi", "wi"),
    ("wo", "wʌ", "wʌ"),
    ("a", "ɑ", "ɑ"),
    ("e", "A", "ɛ"),
    ("i", "i", "ɪ"),
    ("o", "O", "ɔ"),
];
/// The plain u is long except in the customary -ung, -uk, -ul: Myung, Suk, Chul.
const PLAIN_U: (&str, &str) = ("u", "ʌ");
const CODAS: [(&str, &str); 11] = [
    ("ng", "ŋ"),
    ("ck", "k"),
    ("k", "k"),
    ("g", "k"),
    ("n", "n"),
    ("l", "l"),
    ("m", "m"),
    ("p", "p"),
    ("b", "p"),
    ("t", "t"),
    ("h", ""),
];
/// Syllables of a name at most: Uijeongbu, Namgoong.
const MOST: usize = 4;
/// Spellings that hardly any other language has.
const TELLING: [&str; 9] = ["eo", "eu", "yeo", "hyun", "myung", "kyung", "yung", "byung", "oong"];

/// Whether a word is built of Korean syllables.
pub(super) fn fits(word: &[char]) -> bool {
    split(word).is_some_and(|syllables| syllables.len() <= MOST)
}

/// Whether a word has a spelling that only Korean has.
pub(super) fn is_telling(word: &[char]) -> bool {
    let word: String = word.iter().collect();
    TELLING.iter().any(|piece| word.contains(piece))
}

/// The phonemes of a name.
pub(super) fn read(word: &[char]) -> Option<String> {
    let sounds: Vec<Sound> =
        split(word)?.into_iter().map(|phonemes| Sound { phonemes, is_marked: false }).collect();
    join(&sounds, Stress::First)
}

/// The phonemes of a single syllable.
pub(super) fn syllable(word: &[char]) -> Option<String> {
    let syllables = split(word).filter(|syllables| syllables.len() == 1)?;
    join(&[Sound { phonemes: syllables.concat(), is_marked: false }], Stress::First)
}

/// The syllables of a word, as few as possible; every other consonant begins the next one.
fn split(word: &[char]) -> Option<Vec<String>> {
    let word: String = word.iter().collect();
    if !word.is_ascii() {
        return None;
    }
    // A surname's L is an R in the middle of words only: Lim, Ryu.
    let (word, first_is_l) = match word.strip_prefix('l') {
        Some(rest) => (format!("r{rest}"), true),
        None => (word, false),
    };
    let mut best: Vec<Option<Vec<String>>> = vec![None; word.len() + 1];
    best[0] = Some(Vec::new());
    for start in 0..word.len() {
        let Some(before) = best[start].clone().filter(|syllables| syllables.len() < MOST) else { continue };
        for (len, mut phonemes) in syllables_at(&word[start..]) {
            if start == 0 && first_is_l {
                phonemes = phonemes.replacen('ɹ', "l", 1);
            }
            let end = &mut best[start + len];
            // Chang-won rather than Chan-gwon.
            let is_after_ng = word[..start].ends_with("ng");
            let is_better = |known: &Vec<String>| {
                known.len() > before.len() + 1 || is_after_ng && known.len() == before.len() + 1
            };
            if end.as_ref().is_none_or(is_better) {
                let mut syllables = before.clone();
                syllables.push(phonemes);
                *end = Some(syllables);
            }
        }
    }
    best.pop().flatten().filter(|syllables| !syllables.is_empty())
}

/// All syllables that a text can begin with: their letters and phonemes.
fn syllables_at(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (onset, sound) in ONSETS.iter().chain([&("", "")]).filter(|(onset, _)| text.starts_with(onset)) {
        let rest = &text[onset.len()..];
        if let Some(tail) = rest.strip_prefix(PLAIN_U.0) {
            found.push((onset.len() + 1, format!("{sound}u")));
            for (coda, end) in CODAS.iter().filter(|(coda, _)| tail.starts_with(coda)) {
                let is_short = !onset.is_empty() && matches!(*coda, "ng" | "k" | "l" | "ck");
                let vowel = if is_short { PLAIN_U.1 } else { "u" };
                found.push((onset.len() + 1 + coda.len(), format!("{sound}{vowel}{end}")));
            }
        }
        for (nucleus, open, closed) in NUCLEI.iter().filter(|(nucleus, ..)| rest.starts_with(nucleus)) {
            let tail = &rest[nucleus.len()..];
            let len = onset.len() + nucleus.len();
            found.push((len, format!("{sound}{open}")));
            if closed.is_empty() {
                continue;
            }
            for (coda, end) in CODAS.iter().filter(|(coda, _)| tail.starts_with(coda)) {
                found.push((len + coda.len(), format!("{sound}{closed}{end}")));
            }
        }
    }
    found
}
