//! Respelling with English letters, as style guides do it: `shih-GAIR-oo`, `WIN`, `nuh-TAHN-yah-hoo`.
//!
//! Hyphens separate the syllables, the stressed one is in capitals, spaces separate words. A word of several syllables
//! without capitals is stressed on its last but one.
//!
//! | written | sound of | | written | sound of |
//! |---|---|---|---|---|
//! | `a` | c**a**t | | `oo` | f**oo**d |
//! | `ah` | f**a**ther | | `uu` | b**oo**k |
//! | `ay` | d**ay** | | `ow` | c**ow** |
//! | `air` | h**air** | | `oy` | b**oy** |
//! | `ar` | c**ar** | | `u`, `uh` | c**u**p; in a weak syllable the a of **a**bout |
//! | `aw` | l**aw** | | `ur`, `er` | b**ir**d |
//! | `e`, `eh` | b**e**d | | `or` | f**or** |
//! | `ee` | s**ee** | | `eer` | d**eer** |
//! | `i`, `ih` | s**i**t | | `th`, `dh` | **th**in, **th**is |
//! | `eye`, `igh`, `y` | m**y** | | `zh` | mea**s**ure |
//! | `o` | p**o**t | | `kh` | lo**ch** (h or k) |
//! | `oh` | g**o** | | `ch sh ng j` | as in English |
//!
//! A single vowel letter at the end of a syllable has its continental sound: `a` ah, `e` ay, `i` ee, `o` oh, `u` oo.

use super::{NotationError, check_length, error};

/// Vowel spellings, longest first, and their sounds; `?` after a sound: weak without stress.
const VOWELS: &[(&str, &str)] = &[
    ("eye", "I"),
    ("igh", "I"),
    ("ire", "Iəɹ"),
    ("air", "ɛɹ"),
    ("eer", "ɪɹ"),
    ("oor", "ʊɹ"),
    ("our", "Wəɹ"),
    ("ahr", "ɑɹ"),
    ("ohr", "ɔɹ"),
    ("ay", "A"),
    ("ai", "A"),
    ("ah", "ɑ"),
    ("ar", "ɑɹ"),
    ("aw", "ɔ"),
    ("ee", "i"),
    ("eh", "ɛ"),
    ("er", "ɜɹ?"),
    ("ew", "u"),
    ("ey", "A"),
    ("ih", "ɪ"),
    ("ie", "I"),
    ("ir", "ɪɹ"),
    ("oh", "O"),
    ("oa", "O"),
    ("oe", "O"),
    ("oo", "u"),
    ("or", "ɔɹ"),
    ("ow", "W"),
    ("ou", "W"),
    ("oy", "Y"),
    ("oi", "Y"),
    ("uh", "ʌ?"),
    ("uu", "ʊ"),
    ("ur", "ɜɹ?"),
    ("a", "æ"),
    ("e", "ɛ"),
    ("i", "ɪ"),
    ("o", "ɑ"),
    ("u", "ʌ?"),
    ("y", "I"),
];
/// The sound of a single vowel letter at the end of a syllable.
const OPEN: [(&str, &str); 5] = [("a", "ɑ"), ("e", "A"), ("i", "i"), ("o", "O"), ("u", "u")];
/// Consonant spellings, longest first.
const CONSONANTS: &[(&str, &str)] = &[
    ("tch", "ʧ"),
    ("ch", "ʧ"),
    ("sh", "ʃ"),
    ("zh", "ʒ"),
    ("th", "θ"),
    ("dh", "ð"),
    ("kh", "x"),
    ("gh", "ɡ"),
    ("ng", "ŋ"),
    ("nk", "ŋk"),
    ("wh", "w"),
    ("ck", "k"),
    ("qu", "kw"),
    ("bb", "b"),
    ("dd", "d"),
    ("ff", "f"),
    ("gg", "ɡ"),
    ("kk", "k"),
    ("ll", "l"),
    ("mm", "m"),
    ("nn", "n"),
    ("pp", "p"),
    ("rr", "ɹ"),
    ("ss", "s"),
    ("tt", "t"),
    ("zz", "z"),
    ("b", "b"),
    ("c", "k"),
    ("d", "d"),
    ("f", "f"),
    ("g", "ɡ"),
    ("h", "h"),
    ("j", "ʤ"),
    ("k", "k"),
    ("l", "l"),
    ("m", "m"),
    ("n", "n"),
    ("p", "p"),
    ("q", "k"),
    ("r", "ɹ"),
    ("s", "s"),
    ("t", "t"),
    ("v", "v"),
    ("w", "w"),
    ("x", "ks"),
    ("y", "j"),
    ("z", "z"),
];

/// The voice's phonemes for a respelling: `from_respelling("shih-GAIR-oo")` is `ʃɪɡˈɛɹu`.
pub(crate) fn from_respelling(respelling: &str) -> Result<String, NotationError> {
    check_length(respelling)?;
    let words: Vec<String> = respelling.split_whitespace().map(word).collect::<Result<_, _>>()?;
    if words.is_empty() {
        return Err(error(
            "the pronunciation is empty",
            "write how the word sounds, for example shih-GAIR-oo",
        ));
    }
    Ok(words.join(" "))
}

fn word(word: &str) -> Result<String, NotationError> {
    let syllables: Vec<&str> = word.split('-').filter(|syllable| !syllable.is_empty()).collect();
    let is_loud = |syllable: &&str| {
        let mut letters = syllable.chars().filter(|c| c.is_alphabetic());
        letters.clone().next().is_some() && letters.all(char::is_uppercase)
    };
    let loud: Vec<usize> = (0..syllables.len()).filter(|&index| is_loud(&syllables[index])).collect();
    let stressed = match loud[..] {
        [] => syllables.len().saturating_sub(2),
        [one] => one,
        _ => {
            return Err(error(
                format!("“{word}” has {} stressed syllables", loud.len()),
                "write one syllable of a word in capitals, and a space between words",
            ));
        }
    };
    let mut phonemes = String::new();
    for (index, part) in syllables.iter().enumerate() {
        phonemes.push_str(&syllable(part, index == stressed)?);
    }
    if phonemes.is_empty() {
        return Err(error(
            format!("“{word}” has no syllable"),
            "write how the word sounds, for example shih-GAIR-oo",
        ));
    }
    Ok(phonemes)
}

/// Consonants, one vowel, consonants.
fn syllable(written: &str, is_stressed: bool) -> Result<String, NotationError> {
    let lower = written.to_lowercase();
    let mut rest = lower.as_str();
    let onset = consonants(&mut rest, written, true)?;
    let open = OPEN.iter().find(|(letter, _)| rest == *letter);
    let Some((spelling, sound)) =
        open.or_else(|| VOWELS.iter().find(|(spelling, _)| rest.starts_with(spelling)))
    else {
        return Err(error(
            format!("the syllable “{written}” has no vowel"),
            "every syllable has one: a ah ay ee eh ih oh oo uh …",
        ));
    };
    rest = &rest[spelling.len()..];
    let sound = match sound.strip_suffix('?') {
        Some(strong) if is_stressed => strong.to_string(),
        Some(strong) => strong.replace(['ʌ', 'ɜ'], "ə"),
        None => (*sound).to_string(),
    };
    let coda = consonants(&mut rest, written, false)?;
    if !rest.is_empty() {
        return Err(error(
            format!("the syllable “{written}” has more than one vowel"),
            "write a hyphen between syllables: shee-bah",
        ));
    }
    let stress = if is_stressed { "ˈ" } else { "" };
    Ok(format!("{}{stress}{sound}{}", onset.replace('x', "h"), coda.replace('x', "k")))
}

/// Takes consonants off the front of a syllable.
fn consonants(rest: &mut &str, written: &str, before_vowel: bool) -> Result<String, NotationError> {
    let mut sounds = String::new();
    while let Some(first) = rest.chars().next() {
        // A y is a consonant before a vowel only.
        let is_vowel = "aeiou".contains(first)
            || first == 'y' && !(before_vowel && rest[1..].starts_with(['a', 'e', 'i', 'o', 'u']));
        if is_vowel {
            break;
        }
        let Some((spelling, sound)) = CONSONANTS.iter().find(|(spelling, _)| rest.starts_with(spelling))
        else {
            return Err(error(
                format!("“{first}” in “{written}” is no letter of a respelling"),
                "use the letters a to z, a hyphen between syllables, capitals for the stressed one; or IPA between slashes",
            ));
        };
        sounds.push_str(sound);
        *rest = &rest[spelling.len()..];
    }
    Ok(sounds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn respellings_are_read_as_they_look() {
        let rows = [
            ("shih-GAIR-oo", "ʃɪɡˈɛɹu"),
            ("shih-GAIR-oo ih-shee-bah", "ʃɪɡˈɛɹu ɪʃˈibɑ"),
            ("WIN", "wˈɪn"),
            ("win", "wˈɪn"),
            ("led", "lˈɛd"),
            ("nuh-tahn-YAH-hoo", "nətɑnjˈɑhu"),
            ("SKY", "skˈI"),
            ("yoon suhk YUHL", "jˈun sˈʌk jˈʌl"),
            ("ROHKH", "ɹˈOk"),
            ("khah-MEH-nay-ee", "hɑmˈɛnAi"),
            ("bu-SAHN", "busˈɑn"),
            ("wur-ld", ""),
            ("KWAN-TAS", ""),
            ("shée-bah", ""),
            ("sheebah", ""),
            ("", ""),
            ("-", ""),
            ("3-tah", ""),
        ];
        each(rows, |(respelling, want)| {
            let got = from_respelling(respelling);
            if want.is_empty() {
                assert!(got.is_err(), "{respelling}: {got:?}");
            } else {
                assert_eq!(got.as_deref(), Ok(want), "{respelling}");
            }
        });
    }
}
