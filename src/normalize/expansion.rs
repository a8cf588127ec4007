//! Acronyms said in full: their endings, and the articles around them.

use super::token_types::{SemioticClass, SpokenToken};

/// Words after which an expansion has its own article: `in NATO` is "in the North Atlantic Treaty Organization", but
/// `a NATO summit` has none, nor has `South Korea's NIS`.
const BEFORE_ARTICLE: [&str; 44] = [
    "about",
    "across",
    "after",
    "against",
    "although",
    "and",
    "as",
    "at",
    "because",
    "before",
    "between",
    "but",
    "by",
    "during",
    "for",
    "from",
    "if",
    "in",
    "including",
    "inside",
    "into",
    "joined",
    "joining",
    "left",
    "like",
    "of",
    "on",
    "or",
    "outside",
    "over",
    "says",
    "said",
    "than",
    "that",
    "through",
    "to",
    "toward",
    "under",
    "when",
    "where",
    "whether",
    "while",
    "with",
    "within",
];
/// Beginnings with a vowel letter that are said with a consonant.
const CONSONANT_SOUND: [&str; 6] = ["uni", "euro", "one", "use", "uti", "ure"];

/// The words with the ending their acronym had: `MPs` are "members of parliament", not "member of parliaments".
pub(super) fn with_ending(words: &str, ending: &str) -> String {
    if ending != "s" {
        return format!("{words}{ending}");
    }
    let (head, tail) = match words.find(" of ").or_else(|| words.find(" in ")) {
        Some(at) => words.split_at(at),
        None => (words, ""),
    };
    let mut plural = head.to_string();
    let ends = |endings: &[&str]| endings.iter().any(|ending| head.ends_with(ending));
    if head.ends_with('y') && !ends(&["ay", "ey", "oy", "uy"]) {
        plural.pop();
        plural.push_str("ies");
    } else if ends(&["s", "x", "ch", "sh"]) {
        plural.push_str("es");
    } else {
        plural.push('s');
    }
    plural + tail
}

/// Drops the article of an expansion that has one before it, and makes `an FTA` "a free trade agreement".
pub(super) fn fit_articles(tokens: &mut [SpokenToken]) {
    for at in 0..tokens.len() {
        if tokens[at].class != SemioticClass::Expansion {
            continue;
        }
        let previous = at.checked_sub(1).map(|before| &tokens[before]);
        let previous = previous.filter(|token| token.class != SemioticClass::Punctuation);
        let previous = previous
            .map_or(String::new(), |token| token.text.rsplit(' ').next().unwrap_or_default().to_lowercase());
        let keeps_article = previous.is_empty() || BEFORE_ARTICLE.contains(&previous.as_str());
        if !keeps_article && let Some(bare) = tokens[at].text.strip_prefix("the ") {
            tokens[at].text = bare.to_string();
        }
        if matches!(previous.as_str(), "a" | "an") {
            let begins_with_vowel = begins_with_vowel(&tokens[at].text);
            let article = &mut tokens[at - 1].text;
            let capital = article.starts_with('A');
            *article = match (begins_with_vowel, capital) {
                (true, true) => "An",
                (true, false) => "an",
                (false, true) => "A",
                (false, false) => "a",
            }
            .to_string();
        }
    }
}

fn begins_with_vowel(words: &str) -> bool {
    let words = words.to_lowercase();
    words.starts_with(['a', 'e', 'i', 'o', 'u'])
        && !CONSONANT_SOUND.iter().any(|sound| words.starts_with(sound))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::lexicon::{AcronymStyle, Lexicon};
    use crate::normalize::{Locale, Normalizer, spoken_text};
    use crate::table_test::each;

    #[test]
    fn acronyms_are_said_in_full_with_the_right_articles() {
        let lexicon = Arc::new(Lexicon::built_in().with_style(AcronymStyle::Expand));
        let normalizer = Normalizer::new(Locale::EnUs, lexicon);
        let rows = [
            (
                "The DPRK fired an ICBM.",
                "The Democratic People's Republic of Korea fired an intercontinental ballistic missile.",
            ),
            ("an FTA with ASEAN", "a free trade agreement with the Association of Southeast Asian Nations"),
            ("NATO's summit", "the North Atlantic Treaty Organization's summit"),
            ("a NATO summit", "a North Atlantic Treaty Organization summit"),
            ("two ICBMs", "two intercontinental ballistic missiles"),
            ("POWs came home", "prisoners of war came home"),
            ("the U.N. chief", "the United Nations chief"),
            ("DPRK FIRES ICBM INTO THE SEA, SEOUL SAYS", "D P R K Fires I C B M into the Sea, Seoul says"),
        ];
        each(rows, |(text, want)| {
            assert_eq!(spoken_text(&normalizer.normalize(text)), want, "{text}");
        });
    }
}
