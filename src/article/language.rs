//! The language of a story. The voices speak English, and a story in another language would be noise.
//!
//! The words of the story decide, not the page's claim: `lang="…"` is often that of a template. The claim counts where
//! the words are too few to say.

use whatlang::{Detector, Lang, detect};

use super::{Article, BlockKind};
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::tsv;

/// Tags, ISO 639-3 codes and names.
const LANGUAGES: &str = include_str!("data/languages.tsv");
/// Bytes of a story that are looked at.
const LOOKED_AT: usize = 20_000;
/// Letters of fewer bytes say nothing of their language: a sentence or two.
const FEWEST: usize = 120;
/// The same for languages in Latin letters that the page does not claim: names and figures look like many of them.
const FEWEST_LATIN: usize = 200;
/// English words that are frequent, and that no other language has often: `is` is Dutch too, `for` Danish.
const ENGLISH: [&str; 28] = [
    "the", "and", "of", "to", "that", "with", "from", "they", "their", "this", "which", "who", "would",
    "were", "been", "has", "she", "his", "said", "it", "by", "not", "but", "after", "about", "its", "than",
    "when",
];
/// A thousand bytes of letters in English prose hold some forty of these words. With so many a text is English, whatever
/// it quotes.
const ENOUGH_WORDS: usize = 16;
/// With so many it is not in another language altogether.
const SOME_WORDS: usize = 7;

/// A language as a message names it.
#[derive(Debug, PartialEq, Eq)]
struct Language {
    /// BCP 47 tag.
    tag: String,
    name: String,
}

impl Article {
    /// The name of the story's language, where that is not English.
    pub(crate) fn other_language(&self) -> Option<String> {
        other(self).map(|language| language.name)
    }
}

fn other(article: &Article) -> Option<Language> {
    foreign(&sample(article), article.language())
}

/// Refuses a story in another language than English.
pub(super) fn check(article: &Article, name: &str) -> Result<()> {
    match other(article) {
        None => Ok(()),
        Some(Language { tag, name: language }) => {
            let what = format!("{name} is in {language}, and the voices speak English");
            Err(Error::new(ErrorKind::Language, what)
                .at(Place::file(name))
                .with_cure(Cure::ReadAsEnglish { language: tag }))
        }
    }
}

/// The beginning of the story, without its headline.
fn sample(article: &Article) -> String {
    let mut sample = String::new();
    for block in article.blocks().iter().filter(|block| block.kind != BlockKind::Title) {
        let text = block.span.of(article.text());
        let room = LOOKED_AT.saturating_sub(sample.len());
        sample.push_str(&text[..text.floor_char_boundary(room)]);
        sample.push('\n');
        if sample.len() >= LOOKED_AT {
            break;
        }
    }
    sample
}

/// The language of a text if that is another than English; `claimed` is the tag that its page claims.
fn foreign(text: &str, claimed: Option<&str>) -> Option<Language> {
    let letters: usize = text.chars().filter(|c| c.is_alphabetic()).map(char::len_utf8).sum();
    let words = text.split(|c: char| !c.is_alphanumeric());
    let english = words.filter(|word| ENGLISH.iter().any(|known| word.eq_ignore_ascii_case(known))).count();
    let has = |words: usize| english * 1000 >= letters * words;
    if letters == 0 || has(ENOUGH_WORDS) {
        return None;
    }
    let claimed = claimed.and_then(by_tag).filter(|language| language.tag != "en");
    match detect(text).map(|found| (found.lang(), found.is_reliable())) {
        Some((Lang::Eng, is_sure)) if is_sure || letters < FEWEST => None,
        _ if has(SOME_WORDS) => None,
        _ if letters < FEWEST => claimed,
        None | Some((Lang::Eng, _)) => claimed,
        // Danish looks like Norwegian; it is enough that it does not look like English.
        Some((found, is_sure)) => {
            let is_foreign = || {
                Detector::with_allowlist(vec![found, Lang::Eng])
                    .detect(text)
                    .is_some_and(|of_two| of_two.lang() == found && of_two.is_reliable())
            };
            match claimed {
                Some(claimed) if !is_sure => Some(claimed),
                None if letters < FEWEST_LATIN && text.contains(is_latin) => None,
                claimed if is_foreign() => by_code(found.code()).or(claimed),
                claimed => claimed,
            }
        }
    }
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic()
}

/// The language of a BCP 47 tag such as `pt-BR`; `None` for one that is not known.
fn by_tag(tag: &str) -> Option<Language> {
    let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
    let [tag, _, name] = tsv::columns::<3>(LANGUAGES).find(|[tag, code, name]| {
        [tag, code, name].iter().any(|known| primary.eq_ignore_ascii_case(known))
    })?;
    Some(Language { tag: tag.to_owned(), name: name.to_owned() })
}

/// The language of an ISO 639-3 code.
fn by_code(code: &str) -> Option<Language> {
    let [tag, _, name] = tsv::columns::<3>(LANGUAGES).find(|[_, known, _]| *known == code)?;
    Some(Language { tag: tag.to_owned(), name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn the_table_is_whole() {
        tsv::assert_rows("languages.tsv", LANGUAGES, 90, |row| {
            matches!(row, [tag, code, name]
                if (2..=3).contains(&tag.len()) && code.len() == 3 && name.starts_with(char::is_uppercase))
        });
        for lang in Lang::all() {
            assert!(by_code(lang.code()).is_some(), "{lang} has no row");
        }
    }

    #[test]
    fn tags_are_known_however_they_are_written() {
        let rows = [
            ("de", Some("German")),
            ("pt-BR", Some("Portuguese")),
            ("zh_Hant", Some("Chinese")),
            ("deu", Some("German")),
            ("German", Some("German")),
            ("EN-us", Some("English")),
            ("x", None),
            ("", None),
        ];
        each(rows, |(tag, want)| {
            assert_eq!(by_tag(tag).map(|language| language.name).as_deref(), want, "{tag}");
        });
    }

    const ENGLISH_STORY: &str = "The port reopened on Monday after a storm that had closed it for a week. Ships came \
        back at noon, and the harbor master said that the pilots were glad to be at work again. Some of the crews had \
        been on board for nine days.";
    const GERMAN: &str = "Der Hafen ist am Montag nach einem Sturm wieder geöffnet worden, der ihn eine Woche lang \
        geschlossen hatte. Die Schiffe kehrten am Mittag zurück, und der Hafenmeister sagte, die Lotsen seien froh, \
        wieder arbeiten zu können. Einige Besatzungen waren neun Tage lang an Bord gewesen, ohne frisches Wasser und \
        ohne Nachricht von zu Hause.";
    const DANISH: &str = "Havnen åbnede igen mandag efter en storm, der havde holdt den lukket i en uge. Skibene kom \
        tilbage ved middagstid, og havnefogeden sagde, at lodserne var glade for at være på arbejde igen. Nogle af \
        besætningerne havde været om bord i ni dage uden frisk vand og uden nyt hjemmefra.";

    #[test]
    fn the_words_decide_and_the_claim_where_they_are_few() {
        let korean = "부산항이 폭풍으로 일주일 동안 닫혔다가 월요일에 다시 문을 열었다. 배들은 정오에 돌아왔고 항만장은 도선사들이 다시 일하게 되어 기쁘다고 말했다.";
        let polish = "Port został ponownie otwarty w poniedziałek po burzy, która zamknęła go na tydzień. Statki wróciły \
            w południe, a kapitan portu powiedział, że piloci cieszą się z powrotu do pracy. Niektóre załogi spędziły na \
            pokładzie dziewięć dni bez świeżej wody i bez wiadomości z domu.";
        let spanish = "El puerto reabrió el lunes después de una tormenta que lo había cerrado durante una semana. Los \
            barcos regresaron al mediodía y el capitán del puerto dijo que los pilotos estaban contentos de volver al \
            trabajo. Algunas tripulaciones llevaban nueve días a bordo sin agua fresca.";
        let quoting = format!("{ENGLISH_STORY} “{}”", &GERMAN[..GERMAN.find(". Einige").unwrap_or_default()]);
        let results = "Arsenal 2, Chelsea 1. Everton 0, Leeds 3. Barcelona 4, Sevilla 1. Bayern München 2, Werder \
            Bremen 2. Inter 1, Lazio 0. Ajax 5, Feyenoord 1. Porto 2, Benfica 2.";
        let names = "1. Emma Raducanu, Britain. 2. Naomi Osaka, Japan. 3. Carlos Alcaraz, Spain. 4. Jannik Sinner, Italy. 5. \
            Coco Gauff, United States. 6. Andrey Rublev, Russia. 7. Elina Svitolina, Ukraine. 8. Alexander Zverev, Germany. \
            9. Ons Jabeur, Tunisia. 10. Holger Rune, Denmark. 11. Casper Ruud, Norway. 12. Iga Swiatek, Poland.";
        let rows = [
            (ENGLISH_STORY, None, None),
            (ENGLISH_STORY, Some("de"), None),
            (ENGLISH_STORY, Some("en-GB"), None),
            (&*quoting, Some("de"), None),
            (GERMAN, None, Some("German")),
            (GERMAN, Some("en"), Some("German")),
            (GERMAN, Some("de-AT"), Some("German")),
            (DANISH, Some("da"), Some("Danish")),
            (korean, None, Some("Korean")),
            (polish, None, Some("Polish")),
            (spanish, Some("en-US"), Some("Spanish")),
            (results, None, None),
            (results, Some("en"), None),
            (names, None, None),
            // Too short to say: the claim counts, and without one the text is read.
            ("Guten Morgen, Hamburg.", None, None),
            ("Guten Morgen, Hamburg.", Some("de"), Some("German")),
            ("The ships came back to the port.", Some("de"), None),
            ("Ships returned when storms had ended.", Some("de"), None),
            ("Guten Morgen, Hamburg.", Some("xx"), None),
            ("12:30", Some("de"), None),
        ];
        each(rows, |(text, claimed, want)| {
            let found = foreign(text, claimed).map(|language| language.name);
            assert_eq!(found.as_deref(), want, "{claimed:?}: {text}");
        });
        let nordic = foreign(DANISH, None).map(|language| language.name);
        assert!(matches!(nordic.as_deref(), Some("Danish" | "Norwegian")), "{nordic:?}");
    }
}
