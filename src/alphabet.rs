//! Letters: their plain forms without accents, and which of them are vowels.

use unicode_normalization::char::decompose_canonical;

/// Letters that Unicode does not decompose, and those that stand for them.
const BASES: [(char, char); 14] = [
    ('æ', 'a'),
    ('đ', 'd'),
    ('ð', 'd'),
    ('œ', 'e'),
    ('ħ', 'h'),
    ('ı', 'i'),
    ('ŀ', 'l'),
    ('ł', 'l'),
    ('ŋ', 'n'),
    ('ø', 'o'),
    ('ß', 's'),
    ('ŧ', 't'),
    ('þ', 't'),
    ('ς', 'σ'),
];

/// A Latin or Greek letter in lower case and without its accents: `É` gives `e`, `ø` gives `o`. Others are only put in
/// lower case: the Cyrillic `й` is no `и` with an accent.
pub(crate) fn plain(letter: char) -> char {
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    let mut first = None;
    decompose_canonical(lower, |part| {
        first.get_or_insert(part);
    });
    let is_base = |c: &char| c.is_alphabetic() && matches!(c, '\0'..='\u{24f}' | '\u{370}'..='\u{3ff}');
    let base = first.filter(is_base).unwrap_or(lower);
    BASES.iter().find(|(known, _)| *known == base).map_or(base, |(_, plain)| *plain)
}

/// Whether a letter without accents, small or capital, is written for a vowel; `y` is.
pub(crate) fn is_vowel(letter: char) -> bool {
    matches!(letter.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_are_dropped() {
        let written = "éÉếỢḾøǾŀıİßŁΐςйЁ서≠4";
        let want = "eeeomoolii\u{73}lισйё서≠4";
        assert_eq!(written.chars().map(plain).collect::<String>(), want);
    }
}
