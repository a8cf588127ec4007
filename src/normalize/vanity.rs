//! Telephone numbers that are words: 1-800-FLOWERS, 1-800-273-TALK.

use super::letters;
use super::number;
use super::reading::{Context, Reading};
use super::token_types::SemioticClass::{Letters, Plain, Serial};

/// No such number has more groups.
const MOST_GROUPS: usize = 6;

/// A free-phone code, and words in capitals among the groups after it.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    if at > 0 && tokens.is_dash(at - 1) {
        return None;
    }
    let code_at = if tokens.text(at) == "1" && tokens.is_mark(at + 1, '-') { at + 2 } else { at };
    let code = match tokens.digits(code_at)? {
        "800" => "eight hundred".to_owned(),
        "900" => "nine hundred".to_owned(),
        code @ ("888" | "877" | "866" | "855" | "844" | "833") => number::digits(code),
        _ => return None,
    };
    let head = if code_at > at { format!("one {code}") } else { code };
    let mut reading = Reading::one(Serial, head, at, code_at + 1)?;
    let mut has_word = false;
    for _ in 0..MOST_GROUPS {
        let dash = reading.end;
        if !tokens.is_mark(dash, '-') {
            break;
        }
        let group = dash + 1;
        if let Some(digits) = tokens.digits(group).filter(|digits| digits.len() <= 4) {
            reading = reading.and(Serial, number::digits(digits), group, group + 1);
        }
        // "4MYXBOX": a digit may stand for a word before one.
        let word_at = if tokens.is_number(group) { group + 1 } else { group };
        if let Some(word) = tokens.word(word_at) {
            if word.len() > 12 || !word.bytes().all(|letter| letter.is_ascii_uppercase()) {
                return None;
            }
            has_word = true;
            let spelled = word.len() == 1 || !letters::has_vowel(word);
            let (class, text) =
                if spelled { (Letters, letters::spell(word)) } else { (Plain, word.to_lowercase()) };
            reading = reading.and(class, text, word_at, word_at + 1);
        }
        if reading.end == dash {
            return None;
        }
    }
    (has_word && tokens.closes_chunk(reading.end)).then_some(reading)
}
