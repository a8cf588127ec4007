//! IPA → the voice's alphabet, as an English newsreader would say the sounds.

use super::{NotationError, check_length, error, is_vowel};

/// Sounds of several characters first; a foreign sound becomes the one that broadcasters use for it.
const SOUNDS: &[(&str, &str)] = &[
    // Affricates and clusters
    ("tɕ", "ʧ"),
    ("dʑ", "ʤ"),
    ("ʈʂ", "ʧ"),
    ("ɖʐ", "ʤ"),
    ("tʃ", "ʧ"),
    ("dʒ", "ʤ"),
    ("tʂ", "ʧ"),
    // Diphthongs and r-coloured vowels
    ("eɪ", "A"),
    ("ei", "A"),
    ("ɛɪ", "A"),
    ("aɪ", "I"),
    ("ai", "I"),
    ("ɑɪ", "I"),
    ("aʊ", "W"),
    ("au", "W"),
    ("ɑʊ", "W"),
    ("oʊ", "O"),
    ("ou", "O"),
    ("əʊ", "O"),
    ("ɔɪ", "Y"),
    ("oɪ", "Y"),
    ("ɔi", "Y"),
    ("oi", "Y"),
    ("ɪə", "ɪɹ"),
    ("eə", "ɛɹ"),
    ("ɛə", "ɛɹ"),
    ("ʊə", "ʊɹ"),
    ("ɜːɹ", "ɜɹ"),
    ("ɜːr", "ɜɹ"),
    ("ɜɹ", "ɜɹ"),
    ("ɜr", "ɜɹ"),
    ("ɜː", "ɜɹ"),
    ("ɝ", "ɜɹ"),
    ("ɚ", "əɹ"),
    ("eː", "A"),
    // Vowels
    ("i", "i"),
    ("ɪ", "ɪ"),
    ("e", "ɛ"),
    ("ɛ", "ɛ"),
    ("æ", "æ"),
    ("a", "ɑ"),
    ("ɑ", "ɑ"),
    ("ɒ", "ɑ"),
    ("ɔ", "ɔ"),
    ("o", "O"),
    ("ʊ", "ʊ"),
    ("u", "u"),
    ("ʌ", "ʌ"),
    ("ɐ", "ə"),
    ("ə", "ə"),
    ("ɘ", "ə"),
    ("ɜ", "ɜ"),
    ("ɞ", "ɜ"),
    ("ø", "ɜ"),
    ("œ", "ɜ"),
    ("y", "u"),
    ("ʏ", "ʊ"),
    ("ɨ", "ɪ"),
    ("ᵻ", "ᵻ"),
    ("ʉ", "u"),
    ("ɯ", "u"),
    ("ɤ", "ʌ"),
    ("ɵ", "ʊ"),
    ("ᵊ", "ᵊ"),
    // Consonants
    ("p", "p"),
    ("b", "b"),
    ("t", "t"),
    ("d", "d"),
    ("ʈ", "t"),
    ("ɖ", "d"),
    ("k", "k"),
    ("g", "ɡ"),
    ("ɡ", "ɡ"),
    ("q", "k"),
    ("c", "k"),
    ("ɟ", "ɡ"),
    ("ʔ", ""),
    ("m", "m"),
    ("ɱ", "m"),
    ("n", "n"),
    ("ɳ", "n"),
    ("ɲ", "nj"),
    ("ŋ", "ŋ"),
    ("ɴ", "ŋ"),
    ("r", "ɹ"),
    ("ɹ", "ɹ"),
    ("ɻ", "ɹ"),
    ("ɾ", "ɹ"),
    ("ʀ", "ɹ"),
    ("ʁ", "ɹ"),
    ("ɽ", "ɹ"),
    ("f", "f"),
    ("ɸ", "f"),
    ("v", "v"),
    ("β", "v"),
    ("ʋ", "v"),
    ("θ", "θ"),
    ("ð", "ð"),
    ("s", "s"),
    ("z", "z"),
    ("ʃ", "ʃ"),
    ("ʒ", "ʒ"),
    ("ʂ", "ʃ"),
    ("ʐ", "ʒ"),
    ("ɕ", "ʃ"),
    ("ʑ", "ʒ"),
    ("ɣ", "ɡ"),
    ("h", "h"),
    ("ɦ", "h"),
    ("ʕ", ""),
    ("j", "j"),
    ("w", "w"),
    ("ʍ", "w"),
    ("ɥ", "w"),
    ("ɰ", "w"),
    ("l", "l"),
    ("ɫ", "l"),
    ("ɭ", "l"),
    ("ɬ", "l"),
    ("ʟ", "l"),
    ("ʎ", "lj"),
    ("ʤ", "ʤ"),
    ("ʧ", "ʧ"),
    ("ʦ", "ts"),
    ("ʣ", "dz"),
    ("ʨ", "ʧ"),
    ("ʥ", "ʤ"),
];
/// Spoken as h before a vowel and as k elsewhere: Juan, Bach.
const THROATY: &str = "xχħç";
/// Marks without a sound of their own here: length, syllables, ties, releases, tones, brackets.
const SILENT: &str = "ːˑ.‿|‖/[](){}\u{2B0}\u{2B1}\u{2C0}\u{2ED}\u{2DE}\u{32F}\u{325}\u{32C}\u{339}\u{31C}\u{31F}\u{320}\u{308}\u{33D}\u{31A}\u{35C}\u{361}\u{2E5}\u{2E6}\u{2E7}\u{2E8}\u{2E9}\u{2197}\u{2198}\u{32A}\u{33A}\u{33B}\u{31D}\u{31E}\u{330}\u{324}\u{318}\u{319}\u{306}\u{301}\u{300}\u{302}\u{30C}\u{304}";
/// The marks of one sound that is written with two letters, and of a vowel without a syllable of its own.
const TIES: [char; 3] = ['\u{32F}', '\u{35C}', '\u{361}'];

/// The voice's phonemes for IPA: `from_ipa("ɕiˈgeɾɯ")` is `ʃiɡˈɛɹu`.
///
/// Slashes or brackets around it, syllable dots, ties and tones are allowed. Stress marks (`ˈ ˌ`, also `'`) stand before
/// their syllable as usual; the voice wants them before the vowel. Foreign sounds become the nearest English ones.
pub(crate) fn from_ipa(ipa: &str) -> Result<String, NotationError> {
    check_length(ipa)?;
    let characters: Vec<char> = ipa.chars().collect();
    let mut phonemes = String::new();
    let mut stress = None;
    let mut place = 0;
    while let Some(&symbol) = characters.get(place) {
        let rest = &characters[place..];
        place += 1;
        match symbol {
            'ˈ' | '\'' | '’' => stress = Some('ˈ'),
            'ˌ' => stress = Some('ˌ'),
            // Nasal vowels are a vowel and an n, syllabic consonants a weak vowel and a consonant.
            '\u{303}' if phonemes.ends_with(is_vowel) => phonemes.push('n'),
            '\u{329}' => {
                if let Some(consonant) = phonemes.pop() {
                    phonemes.push('ᵊ');
                    phonemes.push(consonant);
                }
            }
            'ʲ' if rest.get(1).is_some_and(|next| is_ipa_vowel(*next)) => {
                push(&mut phonemes, &mut stress, "j");
            }
            'ʲ' | 'ˠ' | 'ʷ' | 'ˤ' => {}
            _ if symbol.is_whitespace() => {
                if !phonemes.is_empty() && !phonemes.ends_with(' ') {
                    phonemes.push(' ');
                }
            }
            _ if SILENT.contains(symbol) => {}
            _ if THROATY.contains(symbol) => {
                let before_vowel =
                    rest[1..].iter().find(|c| !SILENT.contains(**c)).is_some_and(|c| is_ipa_vowel(*c));
                push(&mut phonemes, &mut stress, if before_vowel { "h" } else { "k" });
            }
            _ => {
                // Ties join the letters of an affricate: t͡ʃ.
                let plain: String = rest.iter().filter(|c| !TIES.contains(*c)).take(3).collect();
                let Some((written, sound)) = SOUNDS.iter().find(|(written, _)| plain.starts_with(written))
                else {
                    return Err(unknown(symbol, place));
                };
                push(&mut phonemes, &mut stress, sound);
                let mut left = written.chars().count() - 1;
                while left > 0 && place < characters.len() {
                    left -= usize::from(!TIES.contains(&characters[place]));
                    place += 1;
                }
            }
        }
    }
    let phonemes = phonemes.trim_end().to_string();
    if phonemes.contains(is_vowel) {
        return Ok(with_stress(&phonemes));
    }
    Err(error("the pronunciation has no vowel", "write the whole word in IPA, for example ˈnaɪs"))
}

/// Adds a sound; a stress that waits goes before its vowel.
fn push(phonemes: &mut String, stress: &mut Option<char>, sound: &str) {
    for symbol in sound.chars() {
        if is_vowel(symbol) {
            phonemes.extend(stress.take());
        }
        phonemes.push(symbol);
    }
}

/// IPA for the voice's phonemes, which [`from_ipa`] turns back into them; the flap becomes a t.
pub(crate) fn to_ipa(phonemes: &str) -> String {
    let mut ipa = String::new();
    let symbols: Vec<char> = phonemes.chars().collect();
    for (place, &symbol) in symbols.iter().enumerate() {
        let before = place.checked_sub(1).map(|place| symbols[place]);
        // Two vowels, and a t before ʃ, are not the one sound that they would be read as.
        let meets = |symbol: char| match before {
            Some(before) => {
                is_vowel(before) && is_vowel(symbol)
                    || matches!((before, symbol), ('t' | 'T', 'ʃ') | ('d', 'ʒ'))
            }
            None => false,
        };
        if meets(symbol) {
            ipa.push('.');
        }
        match symbol {
            'A' => ipa.push_str("eɪ"),
            'I' => ipa.push_str("aɪ"),
            'W' => ipa.push_str("aʊ"),
            'O' => ipa.push_str("oʊ"),
            'Y' => ipa.push_str("ɔɪ"),
            'ʤ' => ipa.push_str("dʒ"),
            'ʧ' => ipa.push_str("tʃ"),
            'T' => ipa.push('t'),
            // British
            'Q' => ipa.push_str("əʊ"),
            'a' => ipa.push('æ'),
            'ɐ' => ipa.push('ə'),
            other => ipa.push(other),
        }
    }
    ipa
}

fn unknown(symbol: char, place: usize) -> NotationError {
    let cure = match symbol {
        '0'..='9' => "tones are written ˥˦˧˨˩, and may be left out".to_string(),
        ':' => "length is written ː".to_string(),
        ',' => "secondary stress is written ˌ".to_string(),
        'A'..='Z' => "IPA has small letters only; for English letters write a respelling, such as shih-GAIR-oo".to_string(),
        _ => "the sounds of English in IPA are p b t d k g f v θ ð s z ʃ ʒ tʃ dʒ h m n ŋ l r w j and i ɪ e ɛ æ ɑ ɔ ʊ u ʌ ə ɜ eɪ aɪ ɔɪ aʊ oʊ"
            .to_string(),
    };
    error(format!("“{symbol}” at place {place} is no IPA symbol that is known"), cure)
}

fn is_ipa_vowel(symbol: char) -> bool {
    "iɪeɛæaɑɒɔoʊuʌɐəɘɜɞøœyʏɨᵻʉɯɤɵɝɚ".contains(symbol)
}

/// A word without a stress mark gets one on its only or its last but one vowel; without one the voice mumbles.
fn with_stress(phonemes: &str) -> String {
    if phonemes.contains('ˈ') {
        return phonemes.to_string();
    }
    let vowels: Vec<usize> = phonemes.match_indices(is_vowel).map(|(at, _)| at).collect();
    let Some(&at) = vowels.len().checked_sub(2).map_or(vowels.first(), |index| vowels.get(index)) else {
        return phonemes.to_string();
    };
    let before = phonemes[..at].trim_end_matches('ˌ');
    format!("{before}ˈ{}", &phonemes[at..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn ipa_becomes_the_voices_alphabet() {
        let rows = [
            ("/ʃɪˈɡɛəroʊ/", "ʃɪɡˈɛɹɹO"),
            ("ɕiˈgeɾɯ", "ʃiɡˈɛɹu"),
            ("ˈbʌlmə", "bˈʌlmə"),
            ("ˈtʃeɪndʒ", "ʧˈAnʤ"),
            ("ˈt͡ʃeɪnd͡ʒ", "ʧˈAnʤ"),
            ("xuˈan ˈkaɾlos", "huˈɑn kˈɑɹlOs"),
            ("bax", "bˈɑk"),
            ("makʁɔ̃", "mˈɑkɹɔn"),
            ("ˈbʌtn̩", "bˈʌtᵊn"),
            ("ˈnjɛt", "njˈɛt"),
            ("nʲet", "njˈɛt"),
            ("ˈwɝld", "wˈɜɹld"),
            ("wɪn", "wˈɪn"),
            ("ˌkæləˈfɔːrnjə", "kˌæləfˈɔɹnjə"),
            ("paʊ̯lo", "pˈWlO"),
        ];
        each(rows, |(ipa, want)| {
            assert_eq!(from_ipa(ipa).as_deref(), Ok(want), "{ipa}");
        });
    }

    #[test]
    fn what_is_no_ipa_is_told_with_its_place() {
        let rows = [
            ("ʃɪ?", "“?” at place 3"),
            ("nICE", "“I” at place 2"),
            ("", "no vowel"),
            ("ʃ", "no vowel"),
            ("a:", "“:”"),
        ];
        each(rows, |(ipa, place)| {
            let error = from_ipa(ipa).unwrap_err();
            assert!(error.what.contains(place), "{ipa}: {error}");
        });
        assert!(from_ipa(&"a".repeat(5000)).is_err());
    }
}
