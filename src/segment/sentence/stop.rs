//! Whether a stop ends its sentence: by the word before it and the next one after it.

use super::super::abbreviation::{Kind, TABLES};
use super::{head, is_list_number};
use crate::alphabet;

/// The longest word before a stop that is looked up, in bytes.
const LONGEST_WORD: usize = 48;
/// So many words are looked at for who spoke after `“Why?”`.
const SPEAKER_WORDS: usize = 5;

/// A run of stops with what stands around it.
pub(super) struct Stop<'a> {
    pub(super) text: &'a str,
    /// Where the sentence began.
    pub(super) start: usize,
    /// Where the run of stops begins.
    pub(super) at: usize,
    /// The stops themselves: `.`, `?!`, `...`
    pub(super) marks: &'a str,
    /// Quotes and brackets right after the stops.
    pub(super) closers: &'a str,
    /// The text from the next character that is not white space.
    pub(super) next: &'a str,
}

impl Stop<'_> {
    /// Whether the sentence ends here; white space follows.
    pub(super) fn ends(&self) -> bool {
        let word = self.word_before();
        let next = Next::of(self.next);
        if next.first == First::Bullet {
            return true;
        }
        // `(?)`, `[…]`: a mark put in, not an end.
        let is_inserted = self.text[..self.at].ends_with(['(', '[']) && !self.closers.is_empty();
        if is_inserted || next.first == First::Lower {
            return false;
        }
        if self.marks.contains(['!', '?', '‽']) {
            let is_name = TABLES.kind(word) == Some(Kind::Shout) && self.closers.is_empty();
            let is_speech = self.closers.contains(is_quote) && speaks(self.next, SPEAKER_WORDS);
            return !(is_name && !TABLES.is_starter(next.word) || is_speech);
        }
        if self.marks != "." {
            // Dots that open a sentence, `… and`, `...Then`, end none.
            return self.at > self.start
                && !self.text[self.start..self.at].trim_matches(is_opener).is_empty();
        }
        self.full_stop_ends(word, &next)
    }

    /// A single full stop before something that is not a lower-case letter.
    fn full_stop_ends(&self, word: &str, next: &Next<'_>) -> bool {
        let starts = TABLES.is_starter(next.word);
        let is_capital = next.first == First::Capital;
        let is_digit = next.first == First::Digit;
        let word_start = self.at - word.len();
        let is_first = self.text[self.start..word_start].trim_matches(is_opener).is_empty();
        // `2.)` numbers an item wherever it stands; `N°. 5` is a number, too.
        let near = self.text.floor_char_boundary(word_start.saturating_sub(LONGEST_WORD)).max(self.start);
        let is_numbering = is_first || (self.closers == ")" && !self.text[near..word_start].contains('('));
        let is_sign = word.is_empty() && self.text[..self.at].ends_with(['°', 'º']);
        if (is_numbering && is_list_number(word)) || (is_sign && is_digit) || self.numbers_inline(word, near)
        {
            return false;
        }
        if let Some(kind) = self.kind(word) {
            return match kind {
                Kind::Never | Kind::Title => false,
                // "NEW YORK, N.Y. — Stocks fell"
                _ if kind != Kind::End && self.closers.is_empty() && self.next.starts_with(is_dash) => false,
                Kind::Number => !(is_digit || is_roman(self.next, word) || is_code(self.next)),
                // "20 deg. C."
                Kind::Unit => !(is_digit || word == "deg" && self.next.starts_with(['C', 'F'])),
                Kind::Date => starts || !(is_digit || TABLES.follows_time(next.word)),
                Kind::Time => {
                    let goes_on = TABLES.follows_time(next.word) || names_time(self.next);
                    starts || (is_capital && !goes_on && !self.opens_with_time())
                }
                // `Motor Co. Chairman Kim said` goes on, `Motor Co. Kim said` does not.
                Kind::Company => starts || (is_capital && speaks(self.next, 2)),
                Kind::End => is_capital,
                Kind::May => starts,
                Kind::Street => starts || self.ends_at_street(word_start, next.word),
                Kind::Shout => true,
            };
        }
        if word == "Man" && matches!(next.word, "City" | "United" | "Utd") {
            return false;
        }
        if is_initial(word) {
            return starts || self.is_letter_name(word_start);
        }
        if is_dotted(word) || is_vowelless(word) {
            return starts;
        }
        // `18. 11. 2024`
        let is_day = (1..=2).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
        !(is_day && is_digit && self.is_inside_date(word_start))
    }

    /// The kind of the word, or of its part after a hyphen: `then-Gov.`
    fn kind(&self, word: &str) -> Option<Kind> {
        // `@no.` and `/st.` are parts of an address.
        let before = self.text[..self.at - word.len()].chars().next_back();
        if matches!(before, Some('@' | '/' | '_' | '#')) {
            return None;
        }
        if is_initial(word) { None } else { TABLES.kind(word) }
    }

    /// `Plan B.`, `he and I.`, `X-Y-Z.`: the letter is no initial of a name.
    fn is_letter_name(&self, word_start: usize) -> bool {
        let before = &self.text[self.start..word_start];
        if let Some(before) = before.strip_suffix('-') {
            // But in `Jean-P. Morel` it is.
            return !before.ends_with(|c: char| c == '.' || c.is_lowercase());
        }
        let previous = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let is_pronoun = self.text[word_start..].starts_with('I')
            && previous.starts_with(char::is_lowercase)
            && !matches!(previous, "by" | "for" | "of" | "to" | "with");
        // `5 C.`
        let is_degree = !previous.is_empty() && previous.bytes().all(|b| b.is_ascii_digit());
        TABLES.heads_letter(previous) || is_pronoun || is_degree
    }

    /// `on Elm St. Neighbors called`: a street's name, not a saint's, and a noun that speaks or acts after it.
    fn ends_at_street(&self, word_start: usize, next: &str) -> bool {
        let before = self.text[self.start..word_start].trim_end();
        let name = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        let is_street = name.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()) && name.len() > 1;
        let after = self.next.get(next.len()..).unwrap_or_default();
        let acts = after.strip_prefix(' ').is_some_and(|after| after.starts_with(char::is_lowercase));
        is_street && !next.is_empty() && acts && !TABLES.follows_street(next)
    }

    /// `At 5 a.m.` and nothing before: the sentence is still to come.
    fn opens_with_time(&self) -> bool {
        let mut words = self.text[self.start..self.at].split_whitespace();
        let first = words.next().unwrap_or_default().trim_start_matches(is_opener);
        matches!(first, "At" | "By" | "From" | "Until" | "Before" | "After" | "Around" | "About" | "Since")
            && words.take(3).count() < 3
    }

    /// `Ratings: 1. Samsung 2. Apple`: after a colon, or after the number before it in the same sentence.
    fn numbers_inline(&self, word: &str, near: usize) -> bool {
        if !is_list_number(word) || !word.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        let before = &self.text[near..self.at - word.len()];
        let previous = word.parse::<u32>().ok().and_then(|number| number.checked_sub(1));
        word == "1" && before.trim_end().ends_with(':')
            || previous.is_some_and(|previous| previous > 0 && before.contains(&format!(" {previous}. ")))
    }

    /// `18. 11. 2024`: a day or month, then a month, or a year after both.
    fn is_inside_date(&self, word_start: usize) -> bool {
        let digits = self.next.bytes().take_while(u8::is_ascii_digit).count();
        let month_follows = (1..=2).contains(&digits) && self.next[digits..].starts_with('.');
        let before = self.text[self.start..word_start].trim_end();
        let day_before =
            before.strip_suffix('.').is_some_and(|day| day.ends_with(|c: char| c.is_ascii_digit()));
        month_follows || (digits == 4 && day_before)
    }

    /// `end.Next`: a stop without a space, clearly between two sentences.
    pub(super) fn ends_without_space(&self) -> bool {
        let next = self.next.trim_start_matches(['“', '«']);
        if !next.starts_with(char::is_uppercase) {
            return false;
        }
        // A dot in an address has no quote beside it.
        if next.len() < self.next.len() || self.closers.contains(['”', '"', '»', ']']) {
            return true;
        }
        if !self.closers.is_empty() {
            return false;
        }
        let word = self.word_before();
        let before = self.text[..self.at - word.len()].chars().next_back();
        let is_word = word.chars().count() >= 2
            && word.chars().skip(1).all(char::is_lowercase)
            && !matches!(before, Some('@' | '/' | '_' | '#' | '=' | '&' | ':'))
            && self.kind(word).is_none();
        let length: usize = next.chars().take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum();
        let (follower, rest) = next.split_at(length);
        let is_sentence = follower.chars().count() >= 2
            && follower.chars().skip(1).all(char::is_lowercase)
            && rest.starts_with(|c: char| c.is_whitespace() || matches!(c, ',' | '\'' | '’'));
        // `2-1.It was over`, but not `v2.Final`
        let is_number = word.bytes().all(|b| b.is_ascii_digit()) && TABLES.is_starter(follower);
        (is_word || is_number) && is_sentence && !TABLES.ends_domain(follower)
    }

    /// The letters, digits, dots and apostrophes right before the stop, without a leading quote.
    fn word_before(&self) -> &str {
        let before = &self.text[self.start..self.at];
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '\'' | '’' | '&');
        let mut length = 0;
        for c in before.chars().rev().take_while(|&c| is_part(c)) {
            length += c.len_utf8();
            if length > LONGEST_WORD {
                return "";
            }
        }
        before[before.len() - length..].trim_start_matches(['\'', '’', '.'])
    }
}

/// How the text after a stop begins, quotes and dashes left aside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Lower,
    /// Also a letter of a script without case, and `iPhone`.
    Capital,
    Digit,
    Bullet,
    Other,
}

/// What follows a stop.
struct Next<'a> {
    first: First,
    /// The first word, or nothing when it is a part of a name: `A. Smith`, `In-ho`.
    word: &'a str,
}

impl<'a> Next<'a> {
    fn of(text: &'a str) -> Self {
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
fn speaks(next: &str, words: usize) -> bool {
    for (number, word) in next.split_whitespace().take(words).enumerate() {
        let word = word.trim_end_matches([',', '.', ':']);
        if TABLES.is_speech_verb(word) {
            return number > 0;
        }
        let is_name = word.starts_with(char::is_uppercase) && !TABLES.is_starter(word);
        if !is_name || word.len() > LONGEST_WORD {
            // `He asked` after a quote is who spoke, too.
            return number == 0 && matches!(word, "He" | "She" | "They" | "I") && says_next(next);
        }
    }
    false
}

/// Whether the words after a time of day tell its zone: `Korean time`, `U.S. Eastern Standard Time`.
fn names_time(next: &str) -> bool {
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

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»' | '›' | '」' | '』')
}

/// What may stand before the first letter of a sentence.
pub(super) fn is_opener(c: char) -> bool {
    const OPENERS: &str = "\"'“‘«‹„‚([{「『（¿¡*";
    OPENERS.contains(c) || c.is_whitespace()
}

pub(super) fn is_bullet(c: char) -> bool {
    matches!(c, '•' | '‣' | '▪' | '●' | '◦' | '■')
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '–' | '—' | '―') || is_bullet(c)
}

/// `T` in `James T. Kirk`, `Ж`; not a digit.
fn is_initial(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
}

/// `J.K`, `U.S`, `b.p`: letters parted by stops.
fn is_dotted(word: &str) -> bool {
    word.contains('.')
        && word.split('.').all(|part| {
            let mut chars = part.chars();
            chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
        })
}

/// `II` after `Art.`; after "no" a single letter is more likely a word.
fn is_roman(next: &str, abbreviation: &str) -> bool {
    let letters = next.bytes().take(10).take_while(|b| matches!(b, b'I' | b'V' | b'X')).count();
    let ends = !next[letters..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '\'' | '’'));
    let may_be_single = !abbreviation.eq_ignore_ascii_case("no") && abbreviation.len() > 1;
    ends && letters > usize::from(!may_be_single)
}

/// `HL8088`, `C-123/24` after `No.`
fn is_code(next: &str) -> bool {
    let word = head(next, LONGEST_WORD).split_whitespace().next().unwrap_or_default();
    word.starts_with(|c: char| c.is_ascii_uppercase()) && word.bytes().any(|b| b.is_ascii_digit())
}

/// A capitalised word without a vowel, `Lnd`, is an abbreviation that no table lists.
fn is_vowelless(word: &str) -> bool {
    (2..=4).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_alphabetic() && !alphabet::is_vowel(b.into()))
        && word.starts_with(char::is_uppercase)
        && word.bytes().skip(1).all(|b| b.is_ascii_lowercase())
}
