use std::sync::LazyLock;

use super::*;
use crate::normalize::{Locale, Normalizer};
use crate::table_test::each;

static AMERICAN: LazyLock<Phonemizer> =
    LazyLock::new(|| Phonemizer::new(Dialect::AmericanEnglish, Arc::new(Lexicon::built_in())));

fn read(text: &str) -> Vec<PhonemeWord> {
    let normalizer = Normalizer::new(Locale::EnUs, Arc::new(Lexicon::built_in()));
    AMERICAN.phonemize(&normalizer.normalize(text)).unwrap()
}

fn read_as(text: &str, dialect: Dialect) -> String {
    let normalizer = Normalizer::new(Locale::EnGb, Arc::new(Lexicon::built_in()));
    let phonemizer = Phonemizer::new(dialect, Arc::new(Lexicon::built_in()));
    phoneme_string(&phonemizer.phonemize(&normalizer.normalize(text)).unwrap())
}

fn origin_of(text: &str, word: &str) -> Origin {
    let words = read(text);
    words.iter().find(|w| w.spoken == word).unwrap_or_else(|| panic!("no “{word}” in {words:?}")).origin
}

#[test]
fn sentences_read_as_they_should() {
    let rows = [
        ("Read it.", "ɹˈid ɪt."),
        ("He doesn’t know.", "hˌi dˈʌzᵊnt nˈO."),
        ("The DPRK said so.", "ðə dˌipˌiˌɑɹkˈA sˈɛd sˌO."),
        ("An APEC summit in the U.S.", "ɐn ˈApˌɛk sˈʌmət ɪn ðə jˌuˈɛs."),
        ("Shigeru Ishiba’s plan", "ʃiɡˈɛɹu ˌiʃˈibəz plˈæn"),
        ("Xi Jinping", "ʃˈi ʤˌɪnpˈɪŋ"),
        ("the three countries' leaders", "ðə θɹˈi kˈʌntɹiz lˈidəɹz"),
        ("a café", "ɐ kæfˈA"),
        ("her résumé", "hɜɹ ɹˈɛzəmˌA"),
        ("the Bidens", "ðə bˈIdənz"),
        ("the Zelenskyys' house", "ðə zəlˈɛnskiz hˈWs"),
        ("Kim Jong Un’s visit", "kˈɪm ʤˌɔŋ ˈunz vˈɪzət"),
        ("Ho Chi Minh City", "hˌO ʧˌi mˈɪn sˈɪTi"),
        ("Lee Jae-myung’s aide", "lˈi ʤˌAmjˈʌŋz ˈAd"),
        ("Park Hyeong-gil", "pˈɑɹk hjˈʌŋ ɡˈɪl"),
        ("Yoon Suk Yeol", "jˈun sˌʌk jˈɔl"),
        ("Russia-North Korea ties", "ɹˈʌʃə nˈɔɹθ kəɹˈiə tˈIz"),
        ("the Oxford-Cambridge line's end", "ði ˈɑksfəɹd kˈAmbɹˌɪʤ lˈInz ˈɛnd"),
        ("the Asia-Pacific", "ði ˌAʒəpəsˈɪfɪk"),
        ("a worst-case plan", "ɐ wˈɜɹstkˌAs plˈæn"),
        ("Lai Ching-te’s party", "lˈI ʧˌɪŋdˈʌz pˈɑɹTi"),
        ("To win it", "tə wˈɪn ɪt"),
        ("(0/250자)", ""),
    ];
    each(rows, |(text, want)| {
        let got = phoneme_string(&read(text));
        if want.is_empty() {
            assert!(!got.contains(UNKNOWN), "{text}: {got}");
        } else {
            assert_eq!(got, want, "{text}");
        }
    });
}

#[test]
fn everyone_who_knew_a_word_is_named() {
    let rows = [
        ("The summit", "summit", Origin::Dictionary),
        ("Mr. Ishiba came", "Ishiba", Origin::Name),
        ("Lee Jae-myung came", "Jae-myung", Origin::Name),
        ("BUSAN — Ministers met", "BUSAN", Origin::Name),
        ("the DPRK", "DPRK", Origin::Letters),
        ("Blorptown came", "Blorptown", Origin::LetterToSound),
        ("the un", "un", Origin::LetterToSound),
        ("Chinese minister Guangpei came", "Guangpei", Origin::Romanization),
        ("Mayor Melnichenko's aide", "Melnichenko's", Origin::Romanization),
        ("He waved a fatwa", "fatwa", Origin::Dictionary),
    ];
    each(rows, |(text, word, want)| {
        assert_eq!(origin_of(text, word), want, "“{word}” in “{text}”");
    });
}

#[test]
fn spans_point_to_what_was_written() {
    let text = "It rose 3.5% to $1.2 billion in the U.S.";
    let words = read(text);
    each(
        [("rose", "rose"), ("point", "3.5%"), ("dollars", "$1.2 billion"), ("US", "U.S")],
        |(spoken, written)| {
            let word = words
                .iter()
                .find(|w| w.spoken == spoken)
                .unwrap_or_else(|| panic!("no “{spoken}” in {words:?}"));
            assert_eq!(word.span.of(text), written, "“{spoken}”");
        },
    );
    assert!(words.windows(2).all(|pair| pair[0].span.start <= pair[1].span.start));
}

#[test]
fn nothing_unspeakable_comes_out_and_no_word_is_dropped() {
    let rows = [
        "北京 said Привет to Θεός.",
        "[x](y) is no markup, nor is [a](/b/).",
        "qzxwv brrr tsk",
        "Œuvre, naïve, Łódź, Kırıkkale, Đà Nẵng",
        "don't 'quote' o'clock rock'n'roll",
        "\u{200b}\u{202e}abc\u{7}",
        "COVID-19-era non-Aegis-equipped KF-21s",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ];
    each(rows, |text| {
        let words = read(text);
        let phonemes = phoneme_string(&words);
        for symbol in phonemes.chars() {
            assert!(crate::synth::symbols::token(symbol).is_some(), "“{text}” has {symbol:?} in {phonemes}");
        }
        assert!(words.iter().any(|word| word.origin != Origin::Punctuation), "“{text}” is silent");
    });
}

#[test]
fn a_sentence_longer_than_a_window_is_read_whole() {
    let text = "word, ".repeat(1000);
    let words = read(&text);
    assert_eq!(words.iter().filter(|word| word.spoken == "word").count(), 1000);
}

#[test]
fn british_voices_say_names_and_heteronyms_their_way() {
    let text = "Starmer met Carney. Unions protested in Reading.";
    let british = read_as(text, Dialect::BritishEnglish);
    each(["stˈɑːmə", "kˈɑːni", "pɹətˈɛstɪd", "ɹˈɛdɪŋ"], |part| {
        assert!(british.contains(part), "“{part}” is missing in {british}");
    });
    assert!(read_as(text, Dialect::AmericanEnglish).contains("stˈɑɹməɹ"));
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]

    /// For any input, the voice gets only symbols that it has.
    #[test]
    fn no_unknown_mark_reaches_the_voice(text in "\\PC{0,60}") {
        let words = read(&text);
        for symbol in phoneme_string(&words).chars() {
            proptest::prop_assert!(
                crate::synth::symbols::token(symbol).is_some(),
                "“{text}” has {symbol:?}"
            );
        }
    }

    #[test]
    fn words_with_accents_and_marks_are_said(word in "[A-Za-zéñüøłçßşğãőŷ'’\\-\\[\\]()❓]{1,20}") {
        let words = read(&format!("Mr. {word} came"));
        let phonemes = phoneme_string(&words);
        proptest::prop_assert!(!phonemes.contains(UNKNOWN), "{word}: {phonemes}");
        proptest::prop_assert!(phonemes.ends_with("kˈAm"), "{word}: {phonemes}");
    }
}
