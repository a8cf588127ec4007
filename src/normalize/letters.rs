//! Acronyms, initials and single letters; distinguishes shouting in capitals from acronyms.

use super::expansion::with_ending;
use super::reading::{Context, Reading, stop_ends_sentence};
use super::table::is_cue;
use super::token::{Kind, Tokens};
use super::token_types::SemioticClass::{self, Abbreviation, Expansion, Letters, Plain};
use super::{measure, symbol, time};
use crate::alphabet;
use crate::lexicon::{AcronymReading, ReadingSource};

/// `DPRK` → "D P R K".
pub(super) fn spell(word: &str) -> String {
    let mut letters = String::with_capacity(word.len() * 2);
    for c in word.chars().filter(|c| c.is_alphabetic()) {
        if !letters.is_empty() {
            letters.push(' ');
        }
        letters.extend(c.to_uppercase());
    }
    letters
}

/// The capitals at the head of an acronym and its ending: `ICBMs` → `ICBM`, `s`.
fn split_acronym(word: &str) -> Option<(&str, &str)> {
    let head = word.find(|c: char| !c.is_uppercase()).unwrap_or(word.len());
    let (base, ending) = word.split_at(head);
    let several = base.chars().nth(1).is_some();
    (several && matches!(ending, "" | "s" | "'s" | "s'" | "'S" | "'d" | "'ll" | "'ve" | "'re"))
        .then_some((base, ending))
}

/// How the all-capitals word at `at` is read; `None` when it is no acronym.
pub(super) fn acronym_words(context: &Context<'_>, at: usize, word: &str) -> Option<(SemioticClass, String)> {
    let (base, ending) = split_acronym(word)?;
    let shouted = context.shouted.get(at).copied().unwrap_or(false);
    // In a headline of capitals these are the words they look like.
    if shouted && is_cue("plain", base) {
        return Some((Plain, word.to_lowercase()));
    }
    if !shouted && let Some(words) = context.acronyms.expansion(base, context.tokens.span(at, at + 1).start) {
        return Some((Expansion, with_ending(&words, ending)));
    }
    let letters = || (Letters, format!("{}{}", spell(base), ending.to_lowercase()));
    Some(match context.acronyms.reading(base) {
        Some(AcronymReading::Word) => (Plain, word.to_owned()),
        Some(AcronymReading::Words(words)) => (Abbreviation, format!("{words}{ending}")),
        None if shouted && (has_vowel(base) || base.len() > 5) => (Plain, word.to_lowercase()),
        None if is_pronounceable(base) => (Plain, word.to_owned()),
        Some(AcronymReading::Letters) | None => letters(),
    })
}

/// Whether a letter may be a vowel: those with accents are taken for one.
fn is_vowel(c: char) -> bool {
    !c.is_ascii() || alphabet::is_vowel(c)
}

/// Whether a word can be said at all.
pub(super) fn has_vowel(word: &str) -> bool {
    word.chars().any(is_vowel)
}

const ONSETS: &[&str] = &[
    "BL", "BR", "CH", "CL", "CR", "DR", "FL", "FR", "GH", "GL", "GR", "KH", "KL", "KN", "KR", "PH", "PL",
    "PR", "SC", "SCH", "SCR", "SH", "SHR", "SK", "SL", "SM", "SN", "SP", "SPL", "SPR", "SQ", "ST", "STR",
    "SW", "TH", "THR", "TR", "TS", "TW", "WH", "WR", "ZH", "DW", "GW", "RH",
];

const CODAS: &[&str] = &[
    "BS", "CH", "CK", "CKS", "CT", "CTS", "DS", "FF", "FT", "FTS", "GH", "GHT", "GS", "KS", "LD", "LDS",
    "LF", "LK", "LL", "LLS", "LM", "LP", "LS", "LT", "LTS", "MP", "MPS", "MS", "NC", "ND", "NDS", "NG",
    "NGS", "NK", "NKS", "NS", "NT", "NTH", "NTS", "NX", "PH", "PS", "PT", "RCH", "RD", "RDS", "RF", "RG",
    "RK", "RKS", "RL", "RM", "RMS", "RN", "RNS", "RP", "RS", "RT", "RTH", "RTS", "RLD", "SH", "SK", "SKS",
    "SM", "SP", "SS", "ST", "STS", "TCH", "TH", "THS", "TS", "TT", "TZ", "WN", "WNS", "WS",
];

/// Whether an unknown acronym of capitals can be said as an English word. Its onsets and codas must be allowed
/// clusters, and it has more than three letters (AARP and KCNA fail, KOGAS passes).
pub(super) fn is_pronounceable(word: &str) -> bool {
    // Longer runs of capitals are no acronyms.
    const LONGEST: usize = 40;
    let letters: Vec<char> = word.chars().take(LONGEST + 1).collect();
    if letters.len() > LONGEST || !word.is_ascii() {
        return has_vowel(word);
    }
    if letters.len() <= 3 || !has_vowel(word) {
        return false;
    }
    let mut clusters = word.split(is_vowel).enumerate().peekable();
    let mut empty_in_a_row = 0;
    while let Some((index, cluster)) = clusters.next() {
        let fits = match (index, clusters.peek().is_none()) {
            (0, _) => cluster.len() <= 1 || ONSETS.contains(&cluster),
            (_, true) => cluster.len() <= 1 || CODAS.contains(&cluster),
            _ => fits_between_vowels(cluster),
        };
        empty_in_a_row = if cluster.is_empty() { empty_in_a_row + 1 } else { 0 };
        if !fits || empty_in_a_row > 2 {
            return false;
        }
    }
    true
}

fn fits_between_vowels(cluster: &str) -> bool {
    if cluster.len() <= 2 {
        return true;
    }
    (1..cluster.len()).any(|at| {
        let (coda, onset) = cluster.split_at(at);
        (coda.len() == 1 || CODAS.contains(&coda)) && (onset.len() == 1 || ONSETS.contains(&onset))
    })
}

/// For each token, whether it belongs to a headline or byline in capitals. One pass over the runs of
/// words without a small letter.
pub(super) fn find_shouting(tokens: &Tokens<'_>, acronyms: &dyn ReadingSource) -> Vec<bool> {
    let mut shouted = vec![false; tokens.len()];
    let mut run = Run { starts_line: true, ..Run::default() };
    for at in 0..=tokens.len() {
        match tokens.kind(at) {
            // AT&T is not shouting.
            Some(Kind::Word) if tokens.is_mark(at + 1, '&') || at > 0 && tokens.is_mark(at - 1, '&') => {}
            Some(Kind::Word) if is_capitals(tokens.text(at)) => run.add(at, tokens.text(at), acronyms),
            Some(Kind::Word) => {
                run.finish(false, &mut shouted);
                run = Run::default();
            }
            None => run.finish(true, &mut shouted),
            Some(Kind::Space) if tokens.text(at) == "\n" => {
                run.finish(true, &mut shouted);
                run = Run { starts_line: true, ..Run::default() };
            }
            Some(_) => {}
        }
    }
    shouted
}

/// Whether a text of several words has no capital.
pub(super) fn lacks_capitals(tokens: &Tokens<'_>) -> bool {
    /// Fewer words may have none by chance.
    const FEWEST: usize = 5;
    let words = || (0..tokens.len()).filter_map(|at| tokens.word(at));
    words().nth(FEWEST - 1).is_some() && !words().any(|word| word.contains(char::is_uppercase))
}

fn is_capitals(word: &str) -> bool {
    let base = word.split('\'').next().unwrap_or(word);
    !base.is_empty() && base.chars().all(char::is_uppercase)
}

/// A run of words in capitals.
#[derive(Default)]
struct Run {
    starts_line: bool,
    words: Vec<usize>,
    unlisted: usize,
    has_function_word: bool,
}

impl Run {
    fn add(&mut self, at: usize, word: &str, acronyms: &dyn ReadingSource) {
        self.words.push(at);
        if word.chars().nth(1).is_none() {
            return;
        }
        if word.len() > 40 || acronyms.reading(word).is_none() {
            self.unlisted += 1;
        }
        self.has_function_word |= is_cue("shout", word);
    }

    fn finish(&self, ends_line: bool, shouted: &mut [bool]) {
        let whole_line = self.starts_line && ends_line && self.unlisted >= 2;
        let function_word = self.has_function_word && self.words.len() >= 2;
        if whole_line || function_word || self.unlisted >= 4 {
            self.words.iter().for_each(|&at| shouted[at] = true);
        }
    }
}

/// Acronyms, dotted or not, initials and single letters.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let word = context.tokens.word(at)?;
    if let Some(reading) = dotted(context, at) {
        return Some(reading);
    }
    let mut letters = word.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return single(context, at, letter);
    }
    let (class, text) = acronym_words(context, at, word).or_else(|| messenger(word))?;
    // A shouted word is an ordinary one, and may stand in a compound.
    if class == Plain && text != word {
        return None;
    }
    Reading::one(class, text, at, at + 1)
}

/// `mRNA`, `tRNA`: a small letter before capitals is spelled with them.
fn messenger(word: &str) -> Option<(SemioticClass, String)> {
    let first = word.chars().next().filter(char::is_ascii_lowercase)?;
    let (base, ending) = split_acronym(word.get(1..)?)?;
    let vowel_starts = base.starts_with(is_vowel);
    (!vowel_starts && !is_vowel(first))
        .then(|| (Letters, format!("{}{ending}", spell(&format!("{first}{base}")))))
}

/// `U.S.`, `D.C`, `J.K.`, `a.m.`
fn dotted(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let single = |at: usize| tokens.word(at).filter(|word| word.chars().nth(1).is_none());
    let first = single(at)?;
    if !tokens.is_mark(at + 1, '.') || at > 1 && tokens.is_mark(at - 1, '.') && tokens.is_word(at - 2) {
        return None;
    }
    let capital = first.chars().all(char::is_uppercase);
    let mut letters = first.to_owned();
    let mut last = at;
    while tokens.is_mark(last + 1, '.')
        && let Some(letter) = single(last + 2).filter(|word| word.chars().all(char::is_uppercase) == capital)
    {
        letters.push_str(letter);
        last += 2;
    }
    // "J.Smith" is an initial; "U.Ss" is unknown.
    if last == at {
        return None;
    }
    let has_stop = tokens.is_mark(last + 1, '.');
    let end = last + 1 + usize::from(has_stop && !stop_ends_sentence(tokens, last + 1));
    let shouted = context.shouted.get(at).copied().unwrap_or(false);
    if !shouted && let Some(words) = context.acronyms.expansion(&letters, tokens.span(at, at + 1).start) {
        return Reading::one(Expansion, words, at, end);
    }
    let known = if letters.len() <= 12 { context.acronyms.reading(&letters) } else { None };
    match known {
        Some(AcronymReading::Word) => Reading::one(Plain, letters, at, end),
        Some(AcronymReading::Words(words)) => Reading::one(Abbreviation, words, at, end),
        Some(AcronymReading::Letters) | None => {
            let reading = Reading::one(Letters, spell(&letters), at, end)?;
            let is_half_day = matches!(letters.as_str(), "am" | "pm" | "AM" | "PM");
            Some(if is_half_day { time::with_zone(tokens, reading, &[]) } else { reading })
        }
    }
}

/// Initials and letters that stand for themselves.
fn single(context: &Context<'_>, at: usize, letter: char) -> Option<Reading> {
    let tokens = context.tokens;
    if let Some(name) = symbol::letter_name(tokens.text(at)) {
        return Reading::one(Abbreviation, name, at, at + 1);
    }
    // "10ft x 12ft"
    let by = letter == 'x' && tokens.is_space(at + 1) && tokens.is_number(at + 2);
    // `45"x30"`
    if letter == 'x' && measure::follows_inches(tokens, at) && tokens.is_number(at + 1) {
        return Reading::one(Abbreviation, "by", at, at + 1);
    }
    if by
        && at > 1
        && tokens.is_space(at - 1)
        && (tokens.is_number(at - 2) || measure::is_unit(tokens, at - 2))
    {
        return Reading::one(Abbreviation, "by", at, at + 1);
    }
    if letter.is_ascii_lowercase() {
        let joined = tokens.is_mark(at + 1, '-') || at > 0 && tokens.is_mark(at - 1, '\'');
        let word = is_vowel(letter);
        return (!joined && !word)
            .then(|| Reading::one(Letters, spell(tokens.text(at)), at, at + 1))
            .flatten();
    }
    if !letter.is_uppercase() {
        return None;
    }
    let stop = tokens.is_mark(at + 1, '.');
    let next = tokens.word(tokens.over_space(at + 2)).unwrap_or_default();
    let name_follows = stop && next.starts_with(char::is_uppercase);
    let before = tokens.word_before(at).unwrap_or_default();
    let is_word = matches!(letter, 'A' | 'I' | 'O');
    let lettered = is_cue("lettered", before);
    if is_word && !lettered {
        // "I." may end a sentence; before another initial or between names it is one.
        let more_initials = next.len() == 1 && tokens.is_mark(tokens.over_space(at + 2) + 1, '.');
        let initial = name_follows
            && (more_initials
                || !is_cue("starter", next) && (letter != 'I' || before.starts_with(char::is_uppercase)));
        let hyphen = tokens.is_mark(at + 1, '-');
        let compound = hyphen && tokens.is_number(at + 2)
            || hyphen && letter == 'A' && tokens.is_word(at + 2)
            || tokens.is_mark(at + 1, '&');
        if !(initial || compound) {
            return None;
        }
    }
    // "S. 2073" is a bill.
    if letter == 'S' && stop && tokens.is_number(tokens.over_space(at + 2)) {
        return Reading::one(Letters, "S", at, at + 2);
    }
    let end = at
        + 1
        + usize::from(name_follows && !(is_cue("starter", next) && stop_ends_sentence(tokens, at + 1)));
    Reading::one(Letters, spell(tokens.text(at)), at, end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn unknown_acronyms_are_words_when_they_can_be_said() {
        let rows = [
            ("KOGAS", true),
            ("REUTERS", true),
            ("YONHAP", true),
            ("TRUMP", true),
            ("KCNA", false),
            ("CSIS", false),
            ("BTS", false),
            ("HMGMA", false),
            ("SK", false),
            ("LEE", false),
        ];
        each(rows, |(word, want)| {
            assert_eq!(is_pronounceable(word), want, "{word}");
        });
    }
}
