//! Whether a stop ends its sentence: by the word before it and the next one after it.

use super::super::abbreviation::{Kind, TABLES};
use super::list::is_list_number;
use super::marks::{is_bullet, is_dash, is_opener, is_quote, is_stop, is_unread};
use super::next::{First, Next, acts, is_code, is_name_acting, is_roman, names_time, speaks};
use crate::alphabet;

/// The longest word before a stop that is looked up, in bytes.
pub(super) const LONGEST_WORD: usize = 48;
/// So many words after `“Why?”` are searched for the speaker.
const SPEAKER_WORDS: usize = 5;

/// A run of stops and its surroundings.
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
        if is_inserted || next.first == First::Lower || self.is_interrupted() {
            return false;
        }
        if self.marks.contains(['!', '?', '‽']) {
            let is_name = TABLES.kind(word) == Some(Kind::Shout) && self.closers.is_empty();
            let is_speech = self.closers.contains(is_quote) && speaks(self.next, SPEAKER_WORDS);
            return !(is_name && !TABLES.is_starter(next.word) || is_speech);
        }
        if self.marks != "." {
            // `I thought … I would`: the pronoun has a capital anywhere, so the dots alone don't end a sentence.
            let is_open = matches!(self.marks, "..." | ". . ." | "…") && self.closers.is_empty();
            if is_open && next.word.split(['\'', '’']).next() == Some("I") {
                return false;
            }
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
        let is_first =
            self.text[self.start..word_start].trim_matches(|c| is_opener(c) || is_bullet(c)).is_empty();
        // `2.)` numbers an item in any place; `N°. 5` is a number, too.
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
                // `Motor Co. Chairman Kim said` continues the sentence, `Motor Co. Kim said` does not.
                Kind::Company => {
                    starts || (is_capital && (speaks(self.next, 2) || is_name_acting(self.next, kind)))
                }
                Kind::End => is_capital,
                Kind::May => starts || self.ends_at_place(word_start),
                Kind::Era => {
                    starts || (is_capital && self.follows_number(word_start) && !self.opens_with_time())
                }
                Kind::Degree => {
                    starts || (is_capital && self.follows_determiner(word_start) && acts(self.next))
                }
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
        // `50 Hz.` is a unit.
        if is_dotted(word) || is_vowelless(word) && !self.follows_number(word_start) {
            return starts;
        }
        // `18. 11. 2024`
        let is_day = (1..=2).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
        !(is_day && is_digit && self.is_inside_date(word_start))
    }

    /// The kind of the word, or of the part after its hyphen: `then-Gov.`
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
        // `5 C.`, `-3.5°C.`
        let is_unit = before.trim_end().ends_with(['°', 'º']) || self.follows_number(word_start);
        TABLES.heads_letter(previous) || is_pronoun || is_unit
    }

    /// `on Elm St. Neighbors called`: a street's name, not a saint's, and a noun with a verb after it.
    fn ends_at_street(&self, word_start: usize, next: &str) -> bool {
        let name = self.previous_word(word_start);
        let is_street = name.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()) && name.len() > 1;
        // `The St. Petersburg forum` has no street in it.
        is_street
            && !TABLES.is_starter(name)
            && !next.is_empty()
            && acts(self.next)
            && !TABLES.follows_street(next)
    }

    /// `… in the U.S. Seoul expects`: the abbreviation stands behind a small word, and a name with a verb after it.
    fn ends_at_place(&self, word_start: usize) -> bool {
        let previous = self.previous_word(word_start);
        let is_object = previous.starts_with(char::is_lowercase) || previous.ends_with(',');
        // `Across much of the U.S. Democrats won`: the sentence is still to come.
        let mut words = self.text[self.start..word_start].split_whitespace();
        let opens_with_place =
            words.next().is_some_and(|first| TABLES.opens_place(first.trim_start_matches(is_opener)))
                && words.nth(4).is_none();
        is_object && !opens_with_place && is_name_acting(self.next, Kind::May)
    }

    /// `753 B.C.`, `50 Hz.`, `1.2 V.`
    fn follows_number(&self, word_start: usize) -> bool {
        let previous = self.previous_word(word_start);
        let number = previous.trim_start_matches(|c: char| !c.is_alphanumeric());
        number.ends_with(|c: char| c.is_ascii_digit())
            && number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
    }

    /// `her Ph.D.`, but not `Jane Roe, Ph.D.`
    fn follows_determiner(&self, word_start: usize) -> bool {
        const DETERMINERS: [&str; 12] =
            ["a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "no", "second"];
        DETERMINERS.contains(&self.previous_word(word_start))
    }

    /// What stands before the word, up to white space.
    fn previous_word(&self, word_start: usize) -> &str {
        let before = self.text[self.start..word_start].trim_end();
        let near = before.len() - before.len().min(LONGEST_WORD);
        let before = &before[before.ceil_char_boundary(near)..];
        before.rsplit(char::is_whitespace).next().unwrap_or_default()
    }

    /// `At 5 a.m.`, `On Monday at 6 a.m.`, `In 44 B.C.` at the beginning: the sentence is still to come.
    fn opens_with_time(&self) -> bool {
        let said = &self.text[self.start..self.at];
        // `He noted: In 44 B.C. Caesar died.`
        let said = said.rsplit_once(": ").map_or(said, |(_, clause)| clause);
        let mut words = said.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
        let is_time = |word: &str| {
            word.contains(|c: char| c.is_ascii_digit())
                || TABLES.follows_time(word)
                || TABLES.is_in_time(word)
        };
        let opens = words.next().is_some_and(|first| TABLES.opens_time(first));
        // The last word is the abbreviation itself.
        let inner = said
            .rsplit_once(char::is_whitespace)
            .map_or(0, |(inner, _)| inner.split_whitespace().take(9).count());
        opens && (1..9).contains(&inner) && words.take(inner - 1).all(is_time)
    }

    /// A comma or a lone stop follows, `“Slanged!” , the`, or a number's bracket, `(see fig. 3)`: the sentence goes on.
    fn is_interrupted(&self) -> bool {
        let digits = self.next.bytes().take_while(u8::is_ascii_digit).count();
        let is_bracketed = (1..=4).contains(&digits) && self.next[digits..].starts_with([')', ']']);
        let mut chars = self.next.chars();
        let is_mark = chars.next().is_some_and(|c| matches!(c, ',' | ';' | ':') || is_stop(c));
        is_bracketed && self.marks == "." && self.closers.is_empty()
            || is_mark && chars.next().is_none_or(char::is_whitespace)
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
        if self.closers.contains(|c| !is_unread(c)) {
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
        let is_title = rest.starts_with('.') && TABLES.kind(follower) == Some(Kind::Title);
        let is_sentence = follower.chars().count() >= 2
            && follower.chars().skip(1).all(char::is_lowercase)
            && (is_title || rest.starts_with(|c: char| c.is_whitespace() || matches!(c, ',' | '\'' | '’')));
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

/// `T` in `James T. Kirk`, `Ж`; not a digit.
fn is_initial(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(char::is_uppercase) && chars.next().is_none()
}

/// `J.K`, `U.S`, `b.p`: letters separated by stops.
fn is_dotted(word: &str) -> bool {
    word.contains('.')
        && word.split('.').all(|part| {
            let mut chars = part.chars();
            chars.next().is_some_and(char::is_alphabetic) && chars.next().is_none()
        })
}

/// A capitalised word without a vowel, `Lnd`, is an abbreviation that no table lists.
fn is_vowelless(word: &str) -> bool {
    (2..=4).contains(&word.len())
        && word.bytes().all(|b| b.is_ascii_alphabetic() && !alphabet::is_vowel(b.into()))
        && word.starts_with(char::is_uppercase)
        && word.bytes().skip(1).all(|b| b.is_ascii_lowercase())
}
