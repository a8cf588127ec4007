//! Stress marks in a row of phonemes; each stands before its vowel.

use crate::lexicon::notation;

const PRIMARY: char = 'ˈ';
const SECONDARY: char = 'ˌ';

/// Whether a misaki symbol is a vowel, American or British.
pub(super) fn is_vowel(symbol: char) -> bool {
    notation::is_vowel(symbol) || notation::BRITISH_VOWELS.contains(symbol)
}

/// The phonemes without the marks.
pub(super) fn without_stress(phonemes: &str) -> String {
    phonemes.replace([PRIMARY, SECONDARY], "")
}

/// Makes sure that a pronunciation has exactly one primary stress. Of several the first is kept and the others become
/// secondary. Where there is none, the first secondary becomes primary, or the first full vowel gets it.
pub(super) fn with_one_primary(phonemes: &str) -> String {
    if let Some(first) = phonemes.find(PRIMARY) {
        let (kept, rest) = phonemes.split_at(first + PRIMARY.len_utf8());
        return format!("{kept}{}", rest.replace(PRIMARY, "ˌ"));
    }
    if phonemes.contains(SECONDARY) {
        return phonemes.replacen(SECONDARY, "ˈ", 1);
    }
    let is_full = |symbol: char| is_vowel(symbol) && !"əᵊᵻɐ".contains(symbol);
    match phonemes.find(is_full).or_else(|| phonemes.find(is_vowel)) {
        Some(vowel) => format!("{}{PRIMARY}{}", &phonemes[..vowel], &phonemes[vowel..]),
        None => phonemes.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn one_primary_stress_comes_out() {
        let rows = [
            ("kˌOvɑlˈɛnkO", "kˌOvɑlˈɛnkO"),
            ("kˈOvɑlˈɛnkO", "kˈOvɑlˌɛnkO"),
            ("kˌOvɑlˌɛnkO", "kˈOvɑlˌɛnkO"),
            ("kəvɑlɛn", "kəvˈɑlɛn"),
            ("ðə", "ðˈə"),
            ("hm", "hm"),
            ("", ""),
        ];
        each(rows, |(phonemes, want)| {
            assert_eq!(with_one_primary(phonemes), want, "{phonemes}");
        });
    }
}
