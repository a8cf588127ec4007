//! Adapts American phonemes to a British voice: names, respellings and rules are written once, in American symbols.

use crate::lexicon::notation::is_vowel;

/// Symbols that only British phonemes have.
const BRITISH_ONLY: [char; 4] = ['ː', 'ɒ', 'Q', 'a'];

/// The same word in misaki's British symbols: without the r that no vowel follows, with long vowels and the British o.
pub(super) fn from_american(phonemes: &str) -> String {
    if phonemes.contains(BRITISH_ONLY) {
        return phonemes.to_string();
    }
    let symbols: Vec<char> = phonemes.chars().collect();
    let mut british = String::with_capacity(phonemes.len() + 4);
    let mut place = 0;
    while let Some(&symbol) = symbols.get(place) {
        let is_stressed = place > 0 && matches!(symbols[place - 1], 'ˈ' | 'ˌ');
        let next = symbols.get(place + 1).copied();
        // An r is said only before a vowel, with or without a stress.
        let after_r = symbols[(place + 1).min(symbols.len())..].iter().skip(1).find(|c| !"ˈˌ".contains(**c));
        let drops_r = next == Some('ɹ') && is_vowel(symbol) && !after_r.is_some_and(|c| is_vowel(*c));
        place += 1 + usize::from(drops_r);
        match symbol {
            'T' => british.push('t'),
            'ᵻ' => british.push('ɪ'),
            'æ' => british.push('a'),
            'O' if drops_r => british.push_str("ɔː"),
            'O' => british.push('Q'),
            'ɑ' => british.push_str("ɑː"),
            'ɜ' => british.push_str("ɜː"),
            'ɔ' if drops_r || next == Some('ɹ') || next.is_none() => british.push_str("ɔː"),
            'ɔ' => british.push('ɒ'),
            'ɪ' if drops_r => british.push_str("ɪə"),
            'ʊ' if drops_r => british.push_str("ʊə"),
            'ɛ' if drops_r => british.push_str("ɛː"),
            'i' if drops_r => british.push_str("ɪə"),
            'u' if drops_r => british.push_str("ʊə"),
            'i' if is_stressed => british.push_str("iː"),
            'u' if is_stressed => british.push_str("uː"),
            'I' | 'W' | 'A' | 'Y' if drops_r => {
                british.push(symbol);
                british.push('ə');
            }
            other => british.push(other),
        }
    }
    british
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn american_names_become_british() {
        let rows = [
            ("ʃiɡˈɛɹu", "ʃiɡˈɛɹu"),
            ("hˈɑɹbəɹ", "hˈɑːbə"),
            ("stˈɑɹməɹ", "stˈɑːmə"),
            ("pˈutᵊn", "pˈuːtᵊn"),
            ("tɹudˈO", "tɹudˈQ"),
            ("hˈɔŋ", "hˈɒŋ"),
            ("ˈɔɹtə", "ˈɔːtə"),
            ("nˈɔɹdɪsk", "nˈɔːdɪsk"),
            ("bˈɜɹɡəm", "bˈɜːɡəm"),
            ("əɹˈæmkO", "əɹˈamkQ"),
            ("kˈɪɹ", "kˈɪə"),
            ("kˈɑː", "kˈɑː"),
            ("", ""),
        ];
        each(rows, |(american, want)| {
            assert_eq!(from_american(american), want, "{american}");
        });
    }
}
