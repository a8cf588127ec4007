use proptest::prelude::*;

use super::*;
use crate::synth::symbols::token;
use crate::table_test::each;

const DIALECTS: [Dialect; 2] = [Dialect::AmericanEnglish, Dialect::BritishEnglish];

fn american(word: &str) -> Option<String> {
    pronounce(word, Dialect::AmericanEnglish)
}

#[test]
fn unknown_words_of_the_news_read_as_they_should() {
    let rows = [
        ("Kovalenko", "kəvəlˈɛŋkO"),
        ("Ishiba", "ˌiʃˈibə"),
        ("Zelenskyy", "zəlˈɛnski"),
        ("Nvidia", "nvˈɪdiə"),
        ("Schmidt", "ʃmˈɪt"),
        ("Kowalski", "kəwˈɑlski"),
        ("Starmer", "stˈɑɹməɹ"),
        ("Trudeau", "tɹˌudˈO"),
        ("Jinping", "ʤˌɪnpˈɪŋ"),
        ("deepfake", "dˈipfˌAk"),
        ("blockchain", "blˈɑkʧˌAn"),
        ("doomscrolling", "dˈumskɹˌOlɪŋ"),
    ];
    each(rows, |(word, want)| {
        assert_eq!(american(word).as_deref(), Some(want), "{word}");
    });
}

#[test]
fn each_dialect_has_its_own_sounds() {
    let rows = [
        ("Starmer", "stˈɑɹməɹ", "stˈɑːmə"),
        ("chatbot", "ʧˈætbˌɑt", "ʧˈatbɒt"),
        ("Meloni", "məlˈOni", "mɛlˈQni"),
    ];
    each(rows, |(word, us, gb)| {
        assert_eq!(pronounce(word, Dialect::AmericanEnglish).as_deref(), Some(us), "{word}");
        assert_eq!(pronounce(word, Dialect::BritishEnglish).as_deref(), Some(gb), "{word}");
    });
}

#[test]
fn accents_endings_and_hyphens_count() {
    each(
        [("Şimşek", "Shimshek"), ("Müller", "Muller"), ("O’Kowalski", "Okowalski")],
        |(word, alike)| {
            assert_eq!(american(word), american(alike), "{word}");
        },
    );
    each(
        [("Mbappé", "ˈA"), ("Kowalski's", "skiz"), ("Schmidt's", "ts"), ("Macron-Schmidt", "ʃmˈɪt")],
        |(word, end)| {
            let phonemes = american(word).unwrap_or_default();
            assert!(phonemes.ends_with(end), "{word}: {phonemes}");
        },
    );
}

#[test]
fn what_is_no_latin_word_has_no_pronunciation() {
    each(["", "-", "'s", "北京", "Киев", "grr", "qzxwv", "a1", "🙂", "\u{301}"], |word| {
        assert_eq!(american(word), None, "{word}");
    });
}

#[test]
fn the_time_is_linear_in_the_letters() {
    assert!(american(&"Kovalenkong".repeat(2_000)).is_some());
}

#[test]
fn a_damaged_model_is_told() {
    use std::io::Write;

    let whole = include_bytes!("british.model");
    let mut inflated = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(whole.as_slice()), &mut inflated)
        .unwrap();
    let deflated = |bytes: &[u8]| {
        let mut file = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        file.write_all(bytes).unwrap();
        file.finish().unwrap()
    };
    assert!(Model::from_bytes(&deflated(&inflated)).is_ok());
    each(
        [(0, "nothing"), (5, "no order"), (100, "half the graphones"), (500_000, "half the trie")],
        |(length, what)| {
            assert!(Model::from_bytes(&deflated(&inflated[..length])).is_err(), "{what}");
        },
    );
    each(
        [(0, b'M', "magic"), (4, 0, "order"), (4, 200, "order"), (5, 255, "graphones"), (6, b'1', "letter")],
        |(place, byte, what)| {
            let mut bytes = inflated.clone();
            bytes[place] = byte;
            assert!(Model::from_bytes(&deflated(&bytes)).is_err(), "{what}");
        },
    );
    assert!(Model::from_bytes(&deflated(&[inflated, vec![0]].concat())).is_err(), "too long");
    assert!(Model::from_bytes(&whole[..1000]).is_err() && Model::from_bytes(b"no model").is_err());
}

proptest! {
    #[test]
    fn any_text_gives_symbols_of_the_voice(text in ".{0,40}") {
        for dialect in DIALECTS {
            let phonemes = pronounce(&text, dialect).unwrap_or_default();
            prop_assert!(phonemes.chars().all(|symbol| token(symbol).is_some()), "{text:?} gives {phonemes}");
            prop_assert_eq!(pronounce(&text, dialect).unwrap_or_default(), phonemes);
        }
    }

    #[test]
    fn any_word_has_one_stress_and_symbols_of_the_voice(word in "[A-Za-zàéñçüşğıøłßÅİ'’ŉ]{0,60}[aeiou]") {
        for dialect in DIALECTS {
            let phonemes = pronounce(&word, dialect).unwrap_or_default();
            prop_assert!(phonemes.chars().all(|symbol| token(symbol).is_some()), "{word} gives {phonemes}");
            if !phonemes.is_empty() {
                prop_assert_eq!(phonemes.matches('ˈ').count(), 1, "{} gives {}", word, phonemes);
            }
        }
    }
}
