//! The alphabet of the Kokoro voices and of their students: misaki's symbols and the token each one is.

use crate::error::{Error, ErrorKind, Place, Result};

/// The token that stands before and after every utterance.
pub(crate) const PADDING: i32 = 0;

/// Rows of a table of tokens; `n_token` in `config.json` of the model hexgrad/Kokoro-82M.
pub(crate) const TOKENS: usize = 178;

/// Symbol and token, by token. Source: `vocab` in `config.json` of the model hexgrad/Kokoro-82M.
const VOCABULARY: [(char, i32); 114] = [
    (';', 1),
    (':', 2),
    (',', 3),
    ('.', 4),
    ('!', 5),
    ('?', 6),
    ('—', 9),
    ('…', 10),
    ('"', 11),
    ('(', 12),
    (')', 13),
    ('“', 14),
    ('”', 15),
    (' ', 16),
    ('\u{303}', 17),
    ('ʣ', 18),
    ('ʥ', 19),
    ('ʦ', 20),
    ('ʨ', 21),
    ('ᵝ', 22),
    ('ꭧ', 23),
    ('A', 24),
    ('I', 25),
    ('O', 31),
    ('Q', 33),
    ('S', 35),
    ('T', 36),
    ('W', 39),
    ('Y', 41),
    ('ᵊ', 42),
    ('a', 43),
    ('b', 44),
    ('c', 45),
    ('d', 46),
    ('e', 47),
    ('f', 48),
    ('h', 50),
    ('i', 51),
    ('j', 52),
    ('k', 53),
    ('l', 54),
    ('m', 55),
    ('n', 56),
    ('o', 57),
    ('p', 58),
    ('q', 59),
    ('r', 60),
    ('s', 61),
    ('t', 62),
    ('u', 63),
    ('v', 64),
    ('w', 65),
    ('x', 66),
    ('y', 67),
    ('z', 68),
    ('ɑ', 69),
    ('ɐ', 70),
    ('ɒ', 71),
    ('æ', 72),
    ('β', 75),
    ('ɔ', 76),
    ('ɕ', 77),
    ('ç', 78),
    ('ɖ', 80),
    ('ð', 81),
    ('ʤ', 82),
    ('ə', 83),
    ('ɚ', 85),
    ('ɛ', 86),
    ('ɜ', 87),
    ('ɟ', 90),
    ('ɡ', 92),
    ('ɥ', 99),
    ('ɨ', 101),
    ('ɪ', 102),
    ('ʝ', 103),
    ('ɯ', 110),
    ('ɰ', 111),
    ('ŋ', 112),
    ('ɳ', 113),
    ('ɲ', 114),
    ('ɴ', 115),
    ('ø', 116),
    ('ɸ', 118),
    ('θ', 119),
    ('œ', 120),
    ('ɹ', 123),
    ('ɾ', 125),
    ('ɻ', 126),
    ('ʁ', 128),
    ('ɽ', 129),
    ('ʂ', 130),
    ('ʃ', 131),
    ('ʈ', 132),
    ('ʧ', 133),
    ('ʊ', 135),
    ('ʋ', 136),
    ('ʌ', 138),
    ('ɣ', 139),
    ('ɤ', 140),
    ('χ', 142),
    ('ʎ', 143),
    ('ʒ', 147),
    ('ʔ', 148),
    ('ˈ', 156),
    ('ˌ', 157),
    ('ː', 158),
    ('ʰ', 162),
    ('ʲ', 164),
    ('↓', 169),
    ('→', 171),
    ('↗', 172),
    ('↘', 173),
    ('ᵻ', 177),
];

/// The token of a symbol; `None` when the voice has no such symbol.
pub(crate) fn token(symbol: char) -> Option<i32> {
    VOCABULARY.iter().find(|(known, _)| *known == symbol).map(|(_, token)| *token)
}

/// Phonemes as tokens with padding around them; at most `most`, or an error.
pub(crate) fn tokens(phonemes: &str, most: usize) -> Result<Vec<i32>> {
    let mut tokens = vec![PADDING];
    for symbol in phonemes.chars() {
        tokens.push(token(symbol).ok_or_else(|| {
            Error::new(ErrorKind::Phonemes, format!("the voice has no symbol “{symbol}”"))
                .at(Place::default().text(phonemes))
        })?);
    }
    let symbols = tokens.len() - 1;
    tokens.push(PADDING);
    if symbols == 0 {
        return Err(Error::new(ErrorKind::Phonemes, "there is nothing to say: no phonemes"));
    }
    if symbols > most {
        let what = format!("{symbols} phonemes are more than the voice takes at once ({most})");
        return Err(Error::new(ErrorKind::Phonemes, what).at(Place::default().text(phonemes)));
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn every_symbol_has_one_token_and_every_token_one_symbol() {
        for (index, (symbol, id)) in VOCABULARY.iter().enumerate() {
            assert_eq!(token(*symbol), Some(*id), "{symbol:?}");
            assert!(index == 0 || VOCABULARY[index - 1].1 < *id, "{symbol:?} is out of order");
        }
        assert_eq!(token('❓'), None);
        assert_eq!(token('ˈ'), Some(156));
    }

    #[test]
    fn phonemes_become_padded_tokens_or_a_clear_error() {
        assert_eq!(tokens("ab.", 510).unwrap(), [0, 43, 44, 4, 0]);
        assert_eq!(tokens(&"a".repeat(510), 510).unwrap().len(), 512);
        let rows = [
            ("", "nothing to say"),
            ("a❓", "no symbol “❓”"),
            (&*"a".repeat(511), "511 phonemes are more than the voice takes at once (510)"),
        ];
        each(rows, |(phonemes, message)| {
            let error = tokens(phonemes, 510).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Phonemes, "{phonemes:?}");
            assert!(error.what().contains(message), "{}", error.what());
        });
    }
}
