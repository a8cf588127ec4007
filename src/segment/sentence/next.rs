//! What stands after a stop: a new sentence's first words, or the rest of this one.

use super::super::abbreviation::{Kind, TABLES};
use super::head;
use super::marks::{is_bullet, is_dash, is_opener};
use super::stop::LONGEST_WORD;

/// How the text after a stop begins, quotes and dashes left aside.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    Lower,
    /// Also a letter of a script without case, and `iPhone`.
    Capital,
    Digit,
    Bullet,
    Other,
}

/// The text after a stop.
pub(super) struct Next<'a> {
    pub(super) first: First,
    /// The first word, or `None` when it is a part of a name: `A. Smith`, `In-ho`.
    pub(super) word: &'a str,
}

impl<'a> Next<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        if text.starts_with(is_bullet) {
            return Self { first: First::Bullet, word: "" };
        }
        let text = text.trim_start_matches(|c: char| is_opener(c) || is_dash(c));
        let text = head(text, LONGEST_WORD);
        let mut chars = text.chars();
        let first = match (chars.next(), chars.next()) {
            (Some(first), Some(second)) if first.is_lowercase() && second.is_uppercase() => First::Capital,
            (Some(first), _) if first.is_lowercase() => First::Lower,
            (Some(first), _) if first.is_alphabetic() => First::Capital,
            (Some(first), _) if first.is_numeric() => First::Digit,
            _ => First::Other,
        };
        let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’');
        let length = text.find(|c| !is_inside(c)).unwrap_or(text.len());
        let (word, rest) = text.split_at(length);
        let is_name = match rest.strip_prefix('-') {
            Some(rest) => rest.starts_with(char::is_alphabetic),
            None => rest.starts_with('.') && !TABLES.follows_time(word),
        };
        Self { first, word: if is_name { "" } else { word.trim_end_matches(['\'', '’']) } }
    }
}

/// Whether a name and a verb of speech follow: `Biden said`, `Prime Minister Ishiba told reporters`.
pub(super) fn speaks(next: &str, words: usize) -> bool {
    for (number, word) in next.split_whitespace().take(words).enumerate() {
        let word = word.trim_end_matches([',', '.', ':']);
        // `Co. Ltd. said` is one company.
        if number == 0 && TABLES.kind(word) == Some(Kind::Company) {
            return false;
        }
        if TABLES.is_speech_verb(word) {
            return number > 0;
        }
        let is_name = word.starts_with(char::is_uppercase) && !TABLES.is_starter(word);
        if !is_name || word.len() > LONGEST_WORD {
            // `He asked` after a quote names the speaker, too.
            return number == 0 && matches!(word, "He" | "She" | "They" | "I") && says_next(next);
        }
    }
    false
}

/// Whether the words after a time of day give its zone: `Korean time`, `U.S. Eastern Standard Time`.
pub(super) fn names_time(next: &str) -> bool {
    // "1 a.m. E.T."
    let zone = next.split_whitespace().next().unwrap_or_default().trim_end_matches([',', ';', ')']);
    if zone.ends_with("T.")
        && zone.len() <= 6
        && zone.len() >= 4
        && zone.bytes().skip(1).step_by(2).all(|b| b == b'.')
    {
        return true;
    }
    let is_time = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        matches!(word, "time" | "Time" | "Standard" | "Daylight")
    };
    next.split_whitespace().take(4).skip(1).any(is_time)
}

/// Whether the second word is a verb of speech and the sentence ends with it.
fn says_next(next: &str) -> bool {
    next.split_whitespace()
        .nth(1)
        .is_some_and(|word| word.strip_suffix('.').is_some_and(|verb| TABLES.is_speech_verb(verb)))
}

/// `II` after `Art.`; after "no" a single letter is more likely a word.
pub(super) fn is_roman(next: &str, abbreviation: &str) -> bool {
    let letters = next.bytes().take(10).take_while(|b| matches!(b, b'I' | b'V' | b'X')).count();
    let ends = !next[letters..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '\'' | '’'));
    let may_be_single = !abbreviation.eq_ignore_ascii_case("no") && abbreviation.len() > 1;
    ends && letters > usize::from(!may_be_single)
}

/// `HL8088`, `C-123/24` after `No.`
pub(super) fn is_code(next: &str) -> bool {
    let word = head(next, LONGEST_WORD).split_whitespace().next().unwrap_or_default();
    word.starts_with(|c: char| c.is_ascii_uppercase()) && word.bytes().any(|b| b.is_ascii_digit())
}

/// Whether a word and a verb follow, as far as a small letter tells: `Neighbors called`.
pub(super) fn acts(next: &str) -> bool {
    let (_, after) = first_word(next);
    after.strip_prefix(' ').is_some_and(|after| after.starts_with(char::is_lowercase))
}

/// Whether a name that belongs to nothing before it follows, with its verb: `Samsung will`, `Seoul expects`; but not
/// `Treasury will`, which goes on after `U.S.` Behind a company, and for a place, a verb is also known by its ending.
pub(super) fn is_name_acting(next: &str, kind: Kind) -> bool {
    let (name, after) = first_word(next);
    let Some(after) = after.strip_prefix(' ') else { return false };
    let (verb, _) = first_word(after);
    let is_verb = TABLES.is_verb(verb) || TABLES.is_speech_verb(verb);
    let is_past = verb.len() > 3 && verb.ends_with("ed") && verb.starts_with(char::is_lowercase);
    let is_present = verb.len() > 3 && verb.ends_with('s') && verb.starts_with(char::is_lowercase);
    let acts = is_verb
        || is_past && (kind == Kind::Company || TABLES.is_place(name))
        || is_present && TABLES.is_place(name);
    acts && name.starts_with(char::is_uppercase) && !TABLES.is_institution(name)
}

/// The letters that a text begins with, and the rest.
fn first_word(text: &str) -> (&str, &str) {
    let text = head(text.trim_start_matches(is_opener), 2 * LONGEST_WORD);
    text.split_at(text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len()))
}
