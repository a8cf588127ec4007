//! Spelling out: the phonemes of letters and digits said by their names, as in "D P R K".
//!
//! Phonemes are misaki's symbols; a stress mark stands before its vowel.

use crate::alphabet;

/// Gives the phonemes of a row of letters and digits, each said by its name.
///
/// All names but the last have a secondary stress, the last has the primary one: `letters("DPRK", false)` is
/// `dˌipˌiˌɑɹkˈA`. A lower-case `s` or `'s` that ends a row of capitals is an ending (`MPs`, `U S's`), not a letter.
/// With `british` the letter Z is "zed" instead of "zee". Characters without a name are silent.
pub(crate) fn letters(spelled: &str, british: bool) -> String {
    let (stem, has_ending) = split_ending(spelled.trim_end());
    let names: Vec<&str> = stem.chars().filter_map(|character| name_in(character, british)).collect();
    let mut phonemes = String::new();
    for (index, name) in names.iter().enumerate() {
        if index + 1 == names.len() {
            phonemes.push_str(name);
        } else {
            phonemes.push_str(&name.replace('ˈ', "ˌ"));
        }
    }
    if has_ending && !names.is_empty() {
        phonemes.push_str(ending_after(&phonemes));
    }
    phonemes
}

/// The phonemes of the American name of a letter or digit, with primary stress.
///
/// Accents are ignored; Greek and Cyrillic letters have names too, other characters none.
#[cfg(test)]
pub(crate) fn name_of(character: char) -> Option<&'static str> {
    name_in(character, false)
}

/// The name of a character in American or British English.
fn name_in(character: char, british: bool) -> Option<&'static str> {
    let plain = alphabet::plain(character);
    let find = |names: &[(char, &'static str)]| {
        names.iter().find(|(letter, _)| *letter == plain).map(|(_, name)| *name)
    };
    let local = if british { find(BRITISH_NAMES) } else { None };
    local.or_else(|| find(NAMES))
}

/// Splits a plural or possessive ending off: `'s`, or a lower-case s after capitals or digits.
fn split_ending(spelled: &str) -> (&str, bool) {
    for ending in ["'s", "’s", "'S", "’S"] {
        if let Some(stem) = spelled.strip_suffix(ending) {
            return (stem, true);
        }
    }
    match spelled.strip_suffix('s') {
        // In "b b s" the s is a letter, in "B Bs" an ending.
        Some(stem) if stem.ends_with(|last: char| last.is_uppercase() || last.is_ascii_digit()) => {
            (stem, true)
        }
        _ => (spelled, false),
    }
}

/// The sound of a plural or possessive s after these phonemes.
pub(crate) fn ending_after(phonemes: &str) -> &'static str {
    match phonemes.chars().last() {
        Some('s' | 'z' | 'ʃ' | 'ʒ' | 'ʧ' | 'ʤ') => "ɪz",
        Some('p' | 't' | 'k' | 'f' | 'θ') => "s",
        _ => "z",
    }
}

/// The names of letters and digits; accents and capitals are folded before.
const NAMES: &[(char, &str)] = &[
    ('a', "ˈA"),
    ('b', "bˈi"),
    ('c', "sˈi"),
    ('d', "dˈi"),
    ('e', "ˈi"),
    ('f', "ˈɛf"),
    ('g', "ʤˈi"),
    ('h', "ˈAʧ"),
    ('i', "ˈI"),
    ('j', "ʤˈA"),
    ('k', "kˈA"),
    ('l', "ˈɛl"),
    ('m', "ˈɛm"),
    ('n', "ˈɛn"),
    ('o', "ˈO"),
    ('p', "pˈi"),
    ('q', "kjˈu"),
    ('r', "ˈɑɹ"),
    ('s', "ˈɛs"),
    ('t', "tˈi"),
    ('u', "jˈu"),
    ('v', "vˈi"),
    ('w', "dˈʌbᵊlju"),
    ('x', "ˈɛks"),
    ('y', "wˈI"),
    ('z', "zˈi"),
    ('0', "zˈɪɹO"),
    ('1', "wˈʌn"),
    ('2', "tˈu"),
    ('3', "θɹˈi"),
    ('4', "fˈɔɹ"),
    ('5', "fˈIv"),
    ('6', "sˈɪks"),
    ('7', "sˈɛvᵊn"),
    ('8', "ˈAt"),
    ('9', "nˈIn"),
    // Greek
    ('α', "ˈælfə"),
    ('β', "bˈATə"),
    ('γ', "ɡˈæmə"),
    ('δ', "dˈɛltə"),
    ('ε', "ˈɛpsəlɑn"),
    ('ζ', "zˈATə"),
    ('η', "ˈATə"),
    ('θ', "θˈATə"),
    ('ι', "IˈOTə"),
    ('κ', "kˈæpə"),
    ('λ', "lˈæmdə"),
    ('μ', "mjˈu"),
    ('µ', "mjˈu"),
    ('ν', "nˈu"),
    ('ξ', "ksˈI"),
    ('ο', "ˈɑməkɹɑn"),
    ('π', "pˈI"),
    ('ρ', "ɹˈO"),
    ('σ', "sˈɪɡmə"),
    ('τ', "tˈW"),
    ('υ', "ˈupsəlɑn"),
    ('φ', "fˈI"),
    ('χ', "kˈI"),
    ('ψ', "sˈI"),
    ('ω', "OmˈAɡə"),
    // Cyrillic
    ('а', "ˈɑ"),
    ('б', "bˈɛ"),
    ('в', "vˈɛ"),
    ('г', "ɡˈɛ"),
    ('ґ', "ɡˈɛ"),
    ('д', "dˈɛ"),
    ('е', "jˈɛ"),
    ('є', "jˈɛ"),
    ('ё', "jˈO"),
    ('ж', "ʒˈɛ"),
    ('з', "zˈɛ"),
    ('и', "ˈi"),
    ('і', "ˈi"),
    ('ї', "jˈi"),
    ('й', "jˈɑt"),
    ('к', "kˈɑ"),
    ('л', "ˈɛl"),
    ('м', "ˈɛm"),
    ('н', "ˈɛn"),
    ('о', "ˈO"),
    ('п', "pˈɛ"),
    ('р', "ˈɛɹ"),
    ('с', "ˈɛs"),
    ('т', "tˈɛ"),
    ('у', "ˈu"),
    ('ф', "ˈɛf"),
    ('х', "hˈɑ"),
    ('ц', "tsˈɛ"),
    ('ч', "ʧˈɛ"),
    ('ш', "ʃˈɑ"),
    ('щ', "ʃʧˈɑ"),
    ('ы', "ˈɪ"),
    ('э', "ˈɛ"),
    ('ю', "jˈu"),
    ('я', "jˈɑ"),
];

/// The names that differ in British English.
const BRITISH_NAMES: &[(char, &str)] = &[('z', "zˈɛd")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_letters() {
        let expected = [
            ("D P R K", "dˌipˌiˌɑɹkˈA"),
            ("DPRK", "dˌipˌiˌɑɹkˈA"),
            ("U S", "jˌuˈɛs"),
            ("U S's", "jˌuˈɛsɪz"),
            ("U S’s", "jˌuˈɛsɪz"),
            ("I C B Ms", "ˌIsˌibˌiˈɛmz"),
            ("M Ps", "ˌɛmpˈiz"),
            ("S U Fs", "ˌɛsjˌuˈɛfs"),
            ("B H's", "bˌiˈAʧɪz"),
            ("b b s", "bˌibˌiˈɛs"),
            ("B B S", "bˌibˌiˈɛs"),
            ("W", "dˈʌbᵊlju"),
            ("W H O", "dˌʌbᵊljuˌAʧˈO"),
            ("G7", "ʤˌisˈɛvᵊn"),
            ("F-16s", "ˌɛfwˌʌnsˈɪksɪz"),
            ("É", "ˈi"),
            ("a", "ˈA"),
            ("Z", "zˈi"),
            ("s", "ˈɛs"),
            ("β", "bˈATə"),
            ("Ж", "ʒˈɛ"),
            ("A 北 B", "ˌAbˈi"),
            ("", ""),
            ("'s", ""),
            ("北", ""),
        ];
        for (spelled, phonemes) in expected {
            assert_eq!(letters(spelled, false), phonemes, "{spelled}");
        }
    }

    #[test]
    fn the_british_z_is_zed() {
        assert_eq!(letters("N Z", true), "ˌɛnzˈɛd");
        assert_eq!(letters("N A", true), "ˌɛnˈA");
    }

    #[test]
    fn every_latin_letter_and_digit_has_a_name_with_one_stress_before_a_vowel() {
        assert!(('a'..='z').chain('A'..='Z').chain('0'..='9').all(|character| name_of(character).is_some()));
        for (letter, name) in NAMES.iter().chain(BRITISH_NAMES) {
            let (_, after) = name.split_once('ˈ').unwrap_or_default();
            assert!(after.starts_with(|symbol| "əiuɑɔɛɜɪʊʌæAIWOY".contains(symbol)), "{letter}");
            assert_eq!(name.matches('ˈ').count(), 1, "{letter}");
        }
    }
}
