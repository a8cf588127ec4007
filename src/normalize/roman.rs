//! Roman numerals, only where the word before makes them numbers.

use super::number;
use super::reading::{Context, Reading};
use super::table::is_cue;
use super::token_types::SemioticClass::{Cardinal, Ordinal};

/// The value of a numeral below 400 in its usual form.
fn value(numeral: &str) -> Option<u64> {
    if numeral.is_empty() || numeral.len() > 10 {
        return None;
    }
    let digit = |c: char| match c {
        'I' => Some(1_u64),
        'V' => Some(5),
        'X' => Some(10),
        'L' => Some(50),
        'C' => Some(100),
        _ => None,
    };
    let digits: Option<Vec<u64>> = numeral.chars().map(digit).collect();
    let digits = digits?;
    let mut total = 0;
    for (index, &digit) in digits.iter().enumerate() {
        match digits.get(index + 1) {
            Some(&next) if next > digit => total += next - digit,
            _ if index > 0 && digits[index - 1] < digit => {}
            _ => total += digit,
        }
    }
    (written(total) == numeral).then_some(total)
}

/// The numeral of a value, to distinguish IIX from VIII.
fn written(mut value: u64) -> String {
    let mut numeral = String::new();
    for (step, letters) in
        [(100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
    {
        while value >= step {
            numeral.push_str(letters);
            value -= step;
        }
    }
    numeral
}

/// Whether a word is a numeral of the letters I, V and X.
pub(super) fn is_numeral(word: &str) -> bool {
    word.bytes().all(|letter| matches!(letter, b'I' | b'V' | b'X')) && value(word).is_some()
}

/// "World War II" → "Two", "Charles III" → "the Third".
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let word = tokens.word(at)?;
    if word.len() > 12 {
        return None;
    }
    let (numeral, possessive) = word.strip_suffix("'s").map_or((word, ""), |numeral| (numeral, "'s"));
    let value = value(numeral)?;
    // "the XXXIII Olympiad", "the XXI century"
    let counts = numeral.len() > 1
        && matches!(
            tokens.word_after(at + 1),
            Some("Olympiad" | "Olympic" | "Winter" | "Summer" | "century" | "Congress")
        );
    if counts && possessive.is_empty() {
        return Reading::one(Ordinal, number::ordinal(value, context.locale), at, at + 1);
    }
    // "Vol. II"
    let stop = tokens.before(at).filter(|&stop| tokens.is_mark(stop, '.'));
    let short = stop
        .and_then(|stop| tokens.word(stop.checked_sub(1)?))
        .filter(|word| is_cue("numberedabbr", word) && is_numeral(numeral));
    let before = short.or(tokens.word_before(at)).filter(|word| word.starts_with(char::is_uppercase))?;
    let numbered = short.is_some() || is_cue("numbered", before);
    let locale = context.locale;
    // A lone C, L, M or D is a letter, an X or V a number only after "Chapter" and the like.
    if numeral.len() == 1 && !(numbered && matches!(numeral, "I" | "V" | "X")) {
        let regnal =
            matches!(numeral, "I" | "V") && is_cue("regnal", before) && !pronoun(context, at, numeral);
        if !regnal {
            return None;
        }
    }
    if numbered {
        if numeral == "I" && pronoun(context, at, numeral) {
            return None;
        }
        let text = format!("{}{possessive}", capitalized(&number::cardinal(value, locale)));
        return Reading::one(Cardinal, text, at, at + 1);
    }
    let all_capitals = context.shouted.get(at).copied().unwrap_or(false);
    let second_name = tokens.before(at).and_then(|name| tokens.word_before(name)).is_some_and(|word| {
        word.starts_with(char::is_uppercase) && !word.ends_with("'s") && !is_cue("function", word)
    });
    let regnal = is_cue("regnal", before) || second_name && matches!(numeral, "II" | "III" | "IV");
    if regnal {
        let text = format!("the {}{possessive}", capitalized(&number::ordinal(value, locale)));
        return Reading::one(Ordinal, text, at, at + 1);
    }
    let is_number = numeral.chars().all(|c| matches!(c, 'I' | 'V' | 'X')) && !all_capitals;
    is_number
        .then(|| {
            Reading::one(
                Cardinal,
                format!("{}{possessive}", capitalized(&number::cardinal(value, locale))),
                at,
                at + 1,
            )
        })
        .flatten()
}

/// "Since the War I have": a verb follows the pronoun.
fn pronoun(context: &Context<'_>, at: usize, numeral: &str) -> bool {
    let next = context.tokens.word_after(at + 1).unwrap_or_default();
    numeral == "I"
        && matches!(
            next,
            "am" | "was"
                | "have"
                | "had"
                | "will"
                | "would"
                | "can"
                | "could"
                | "do"
                | "did"
                | "think"
                | "know"
                | "said"
                | "saw"
        )
}

fn capitalized(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
