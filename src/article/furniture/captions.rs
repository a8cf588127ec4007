//! Captions of pictures, known by their credits.

use super::phrases::RULES;
use crate::article::shape::{Shape, ends_with_stop, fold, rough_sentences};

/// A picture's caption: it ends with a credit, `[REUTERS/YONHAP]`, `(AP Photo/…)`, `… / AFP`.
pub(super) fn is_caption(shape: &Shape<'_>) -> bool {
    if shape.words > 90 || rough_sentences(shape.text) > 5 {
        return false;
    }
    let text = shape.text;
    if let Some(open) = text.strip_suffix(']').and_then(|inner| inner.rfind('[')) {
        let credit = &text[open + 1..text.len() - 1];
        let is_shouted = credit.contains(char::is_alphabetic) && !credit.contains(char::is_lowercase);
        return is_shouted && (names_agency(&fold(credit)) || credit.contains(['/', '·']));
    }
    if !shape.stopped && shape.folded.contains("credit...") {
        return true;
    }
    if let Some(open) = text.strip_suffix(')').and_then(|inner| inner.rfind('(')) {
        // `(file photo)` may stand in a story's sentence; as a credit it follows a sentence's end.
        let credit = fold(&text[open + 1..text.len() - 1]);
        let is_picture = has_word(&credit, |word| RULES.pictures.iter().any(|picture| picture == word));
        let is_sentence = ends_with_stop(text[..open].trim_end());
        // `(Yonhap)` after a sentence signs a story; after words that are no sentence, a picture.
        let is_signed = !is_sentence && shape.words >= 5 && is_agency(&credit);
        return is_signed
            || (is_sentence && credit.split(' ').count() <= 12 && (is_picture || is_credit_pair(&credit)));
    }
    // A credit without brackets stands after the caption's sentence.
    let is_source = |word: &str| names_agency(word) || matches!(word, "images" | "via" | "photo");
    if shape.words <= 4 && shape.folded.split([' ', '/']).all(is_source) {
        return true;
    }
    let Some(stop) = text.rfind(['.', '!', '?']) else { return false };
    // `REUTERS/Jane Roe`, and not `Reuters/Ipsos poll finds`.
    let names_photographer = text[stop + 1..].split_once('/').is_some_and(|(agency, name)| {
        let mut names = name.split_whitespace().take(2);
        is_agency(&fold(agency))
            && name.contains(' ')
            && names.all(|word| word.starts_with(char::is_uppercase))
    });
    let credit = fold(&text[stop + 1..]);
    let credit = credit.trim_matches(|c: char| !c.is_alphanumeric());
    let is_agency_alone =
        || credit.split(' ').all(|word| names_agency(word) || matches!(word, "images" | "via"));
    !credit.is_empty()
        && credit.split(' ').count() <= 8
        && (is_agency_alone()
            || names_photographer
            || credit.rsplit_once('/').is_some_and(|(_, agency)| is_agency(agency.trim())))
}

/// `Reuters/Jane Roe`: an agency and a name. Two agencies may sign a story or a picture.
fn is_credit_pair(credit: &str) -> bool {
    credit.split_once('/').is_some_and(|(agency, name)| {
        is_agency(agency.trim()) && !is_agency(name.trim()) && name.split_whitespace().count() > 1
    })
}

pub(super) fn is_agency(name: &str) -> bool {
    RULES.agencies.contains(name)
}

fn names_agency(credit: &str) -> bool {
    has_word(credit, is_agency) || RULES.long_agencies.iter().any(|agency| credit.contains(agency.as_str()))
}

fn has_word(text: &str, is_it: impl Fn(&str) -> bool) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(is_it)
}
