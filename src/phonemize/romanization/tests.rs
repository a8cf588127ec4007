#[allow(dead_code, reason = "training needs more of it")]
#[allow(unreachable_pub, reason = "it is a part of the trainer")]
#[path = "../../../examples/train_letter_to_sound/split.rs"]
mod split;
mod unseen;

use std::collections::HashMap;

use split::Split;

use super::*;
use crate::normalize::{SemioticClass, SpokenToken};
use crate::table_test::each;
use crate::text::Span;
use crate::tsv;

/// The sentence as tokens; the word to be read is marked with a star.
fn read_in(sentence: &str) -> Option<String> {
    let tokens: Vec<SpokenToken> = sentence
        .split(' ')
        .map(|word| SpokenToken {
            text: word.trim_start_matches('*').to_string(),
            span: Span::default(),
            class: SemioticClass::Plain,
            space_before: true,
        })
        .collect();
    let at = sentence.split(' ').position(|word| word.starts_with('*')).unwrap();
    let hint = Hints::of(&tokens, &Story::default()).at(at);
    let word = &tokens[at].text;
    let parts: Vec<&str> = word.split('-').collect();
    if parts.len() == 2 {
        return given_name(&parts, &hint).map(|syllables| syllables.join(" "));
    }
    pronounce(word, &hint)
}

#[test]
fn names_are_read_by_the_rules_of_their_language() {
    let mut wrong = Vec::new();
    for (sentence, want) in [
        // Korean
        ("Kim *Gwang-hyok said", Some("ɡwˌɑŋ hjˈOk")),
        ("Lee *Seung-chul said", Some("sˌʌŋ ʧˈʌl")),
        ("Park *Hyeong-jun said", Some("hjˌʌŋ ʤˈun")),
        ("the mayor of *Gyeongsan in South Korea", Some("ɡjˈʌŋsɑn")),
        ("the port of *Donghae in Korea", Some("dˈɔŋhA")),
        // Chinese
        ("Chinese minister *Guangping said", Some("ɡwˌɑŋpˈɪŋ")),
        ("General Zhang *Xiaoqing said", Some("ʃˌWʧˈɪŋ")),
        ("a court in *Zhuzhou said", Some("ʤˌuʤˈO")),
        ("President Lai *Ching-hao said", Some("ʧˌɪŋ hˈW")),
        // Japanese
        ("Japanese lawmaker *Kurosawa said", Some("kˌuɹOsˈɑwə")),
        ("the town of *Minamishima was hit", Some("mˌinɑmiʃˈimə")),
        ("Tokyo governor *Takemura said", Some("tˌɑkɛmˈuɹə")),
        ("the Japanese writer *Sōbe said", Some("sˈObA")),
        // Slavic
        ("Ukrainian minister *Hryhorchuk said", Some("hɹˌɪhɔɹʧˈuk")),
        ("Mr. *Melnichenko said", Some("mˌɛlniʧˈɛnkO")),
        ("Governor *Vorobyov said", Some("vɔɹˈɔbjəf")),
        // Polish
        ("Polish minister *Szczepański said", Some("ʃʧɛpˈɑnski")),
        // Spanish
        ("President *Ibáñez said", Some("ibˈɑnjɛs")),
        ("The Mexican senator *Quintanilla said", Some("kˌintənˈijə")),
        // Portuguese
        ("Brazilian minister *Magalhães said", Some("mˌɑɡəljˈIns")),
        // Italian
        ("Italian minister *Bevilacqui said", Some("bˌɛvilˈɑkwi")),
        ("the judge *Castagnoli said", Some("kˌɑstɑnjˈOli")),
        // French
        ("French minister *Beauchêne said", Some("bOʃˈɛn")),
        ("Mayor *Thibeaux said", Some("tibˈO")),
        // German
        ("German lawmaker *Schönfeld said", Some("ʃˈɜnfɛlt")),
        // Arabic
        ("Minister *al-Khatib said", None),
        ("the Iraqi cleric *Abdulghani said", Some("ˌɑbdulɡˈɑni")),
        // Turkish
        ("Turkish minister *Karaoğlu said", Some("kˌɑɹɑˈOlu")),
        // Vietnamese
        ("the Vietnamese general *Nghĩa said", Some("ŋˈiə")),
        // Unclear names are left alone
        ("The singer *Blorptown said", None),
        ("A *Marten said", None),
        ("the *yamamura said", None),
    ] {
        let got = read_in(sentence);
        if got.as_deref() != want {
            wrong.push(format!("{sentence}: {got:?}, should be {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_language_has_its_place() {
    for (index, (_, language)) in Language::NAMES.iter().enumerate() {
        assert_eq!(*language as usize, index);
    }
}

#[test]
fn the_origins_read_their_names() {
    let mut names = HashMap::<Language, usize>::new();
    each(tsv::columns(include_str!("tests/names.tsv")), |[language, name, want]| {
        let language = Language::of_name(language).unwrap();
        *names.entry(language).or_default() += 1;
        let letters: Vec<char> = name.to_lowercase().chars().collect();
        assert_eq!(read(language, &letters).as_deref(), Some(want), "{name} as {language:?}");
        let mut hint = Hint::default();
        hint.vote(language, 2);
        assert_eq!(language::of(&letters, &hint), Some(language), "{name} near a place of {language:?}");
    });
    assert!(names.len() >= 13 && names.values().all(|count| *count >= 8), "{names:?}");
}

#[test]
fn a_country_anywhere_in_the_story_counts() {
    let text = "The talks in Nigeria went on. Later reporters met them.";
    let story = Story::of(text, [Span::new(0, text.len())]);
    let hint = Hints::of(&[], &story).at(0);
    assert_eq!((hint.is_in_story(Language::Yoruba), hint.votes(Language::Yoruba)), (true, 0));
    assert!(!hint.is_in_story(Language::Czech));
    let letters = |name: &str| name.chars().collect::<Vec<char>>();
    assert_eq!(language::of(&letters("folasanya"), &hint), Some(Language::Yoruba));
    assert_eq!(language::of(&letters("anthony"), &hint), None);
}

#[test]
fn whatever_is_read_is_in_the_voices_alphabet() {
    let letters: Vec<char> = "aaeeiioouuybcdghjklmnpqrstvwxzñãçşğıøłüöéèáńźż'-".chars().collect();
    let mut state = 11_u64;
    let mut read_some = 0;
    for round in 0..20_000_usize {
        let mut word = String::from("K");
        for _ in 0..=round % 12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            word.push(letters[(state >> 33) as usize % letters.len()]);
        }
        let lower: Vec<char> = word.to_lowercase().chars().collect();
        for (_, language) in Language::NAMES {
            if let Some(phonemes) = read(language, &lower) {
                assert!(
                    crate::lexicon::notation::is_speakable(&phonemes),
                    "{word} as {language:?}: {phonemes}"
                );
                read_some += 1;
            }
        }
    }
    assert!(read_some > 1_000, "{read_some}");
}

/// Sections of the names that are checked by hand, and the language that their names come from.
const SECTIONS: [(&str, Language); 10] = [
    ("# Korean places", Language::Korean),
    ("# Chinese names", Language::Chinese),
    ("# Chinese places", Language::Chinese),
    ("# Chinese provinces, regions and cities", Language::Chinese),
    ("# Japanese people", Language::Japanese),
    ("# Japanese places", Language::Japanese),
    ("# Japan", Language::Japanese),
    ("# Russian, Ukrainian and Belarusian people", Language::Slavic),
    ("# Ukrainian and Russian places", Language::Slavic),
    ("# Latin America", Language::Spanish),
];

#[test]
fn the_rules_of_the_language_beat_the_general_ones() {
    // Stress is written with marks, which count as sounds here.
    let mut errors: Vec<(Language, usize, usize, usize, usize)> = Vec::new();
    let mut section = None;
    for line in include_str!("../../lexicon/data/names.tsv").lines() {
        if line.starts_with('#') {
            section = SECTIONS.iter().find(|(heading, _)| *heading == line).map(|(_, language)| *language);
        }
        let (Some(language), Some((name, want))) = (section, line.split_once('\t')) else { continue };
        let is_name = name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphabetic);
        // The letter-to-sound model has learnt the names that are not held out.
        let is_name = is_name && Split::Word.holds_out(&name.to_lowercase());
        let Some(general) =
            crate::phonemize::letter_to_sound::pronounce(name, crate::text::Dialect::AmericanEnglish)
                .filter(|_| is_name)
        else {
            continue;
        };
        let letters: Vec<char> = name.to_lowercase().chars().collect();
        let romanised = language::of(&letters, &Hint::certain(language))
            .and_then(|language| read(language, &letters))
            .unwrap_or_else(|| general.clone());
        if !errors.iter().any(|row| row.0 == language) {
            errors.push((language, 0, 0, 0, 0));
        }
        let Some(row) = errors.iter_mut().find(|row| row.0 == language) else { continue };
        row.1 += 1;
        row.2 += want.chars().count();
        row.3 += strsim::levenshtein(want, &romanised);
        row.4 += strsim::levenshtein(want, &general);
    }
    assert!(errors.len() >= 5, "{errors:?}");
    let mut table = String::new();
    for (language, names, sounds, romanised, general) in &errors {
        let percent = |errors: usize| 100.0 * errors as f64 / *sounds as f64;
        table.push_str(&format!(
            "{language:?}: {names} names, {:.1} % of the symbols wrong, by the general rules {:.1} %\n",
            percent(*romanised),
            percent(*general)
        ));
    }
    let total =
        |count: fn(&(Language, usize, usize, usize, usize)) -> usize| errors.iter().map(count).sum::<usize>();
    table.push_str(&format!(
        "in all {} against {} of {}",
        total(|row| row.3),
        total(|row| row.4),
        total(|row| row.2)
    ));
    println!("{table}");
    assert!(total(|row| row.1) > 50, "{table}");
    assert!(4 * total(|row| row.3) < 3 * total(|row| row.4), "{table}");
}
