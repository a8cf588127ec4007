//! Finds the semiotic class of each token: the recognisers are asked in order of precedence.

use super::SemioticClass::{self, Plain, Punctuation};
use super::token::{Kind, Tokens};
use super::{Locale, SpokenToken};
use super::{
    abbreviation, address, amount, compound, coordinate, date, electronic, fraction, letters, lexicon_entry,
    measure, money, number, punctuation, range, roman, score, serial, symbol, telephone, time, word, year,
};
use crate::text::{AcronymTable, Span};

/// What a recogniser may look at.
pub(super) struct Context<'a> {
    pub(super) tokens: &'a Tokens<'a>,
    pub(super) locale: Locale,
    pub(super) acronyms: &'a dyn AcronymTable,
    /// For each token, whether it stands in a run of capitals that are no acronyms.
    pub(super) shouted: Vec<bool>,
    /// For each token, the quote mark it is.
    pub(super) quotes: Vec<punctuation::Quote>,
}

/// Some tokens read as one spoken token.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) class: SemioticClass,
    pub(super) text: String,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// What a recogniser made of the tokens from where it was asked up to `end`. No part: nothing is spoken.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) parts: Vec<Part>,
    pub(super) end: usize,
}

impl Reading {
    /// Tokens `from..end` are one spoken token.
    #[expect(clippy::unnecessary_wraps, reason = "a recogniser's last word is what it returns")]
    pub(super) fn one(
        class: SemioticClass,
        text: impl Into<String>,
        from: usize,
        end: usize,
    ) -> Option<Self> {
        Some(Self { parts: vec![Part { class, text: text.into(), from, to: end }], end })
    }

    /// The tokens up to `end` have no sound.
    #[expect(clippy::unnecessary_wraps, reason = "a recogniser's last word is what it returns")]
    pub(super) fn silent(end: usize) -> Option<Self> {
        Some(Self { parts: Vec::new(), end })
    }

    /// Adds the reading of tokens `from..to`.
    #[must_use]
    pub(super) fn and(
        mut self,
        class: SemioticClass,
        text: impl Into<String>,
        from: usize,
        to: usize,
    ) -> Self {
        self.parts.push(Part { class, text: text.into(), from, to });
        self.end = self.end.max(to);
        self
    }
}

type Recognizer = fn(&Context<'_>, usize) -> Option<Reading>;

/// What a word can begin, most particular first.
const WORD_RECOGNIZERS: &[Recognizer] = &[
    lexicon_entry::read,
    electronic::read,
    roman::read,
    date::read,
    money::read,
    serial::read,
    abbreviation::read,
    letters::read,
    word::read,
];

/// What digits can begin, most particular first.
const NUMBER_RECOGNIZERS: &[Recognizer] = &[
    lexicon_entry::read,
    electronic::read,
    date::read,
    time::read,
    coordinate::read,
    telephone::read,
    score::read,
    compound::read,
    amount::read_ordinal,
    money::read,
    measure::read_feet_and_inches,
    measure::read,
    address::read,
    serial::read_known,
    year::read,
    fraction::read,
    range::read,
    serial::read,
    amount::read,
];

/// What a mark can begin, most particular first.
const MARK_RECOGNIZERS: &[Recognizer] = &[
    lexicon_entry::read,
    electronic::read,
    money::read,
    measure::read,
    telephone::read,
    compound::read,
    score::read,
    fraction::read,
    year::read,
    range::read,
    amount::read,
    punctuation::read,
    symbol::read,
];

/// Reads all tokens.
pub(super) fn read(tokens: &Tokens<'_>, locale: Locale, acronyms: &dyn AcronymTable) -> Vec<SpokenToken> {
    let context = Context {
        tokens,
        locale,
        acronyms,
        shouted: letters::find_shouting(tokens, acronyms),
        quotes: punctuation::pair_quotes(tokens),
    };
    let mut spoken = Spoken { tokens, out: Vec::with_capacity(tokens.len() / 2 + 1) };
    let mut at = 0;
    while let Some(kind) = tokens.kind(at) {
        if word::is_ordinary(&context, at) {
            spoken.push(Part { class: Plain, text: tokens.text(at).to_owned(), from: at, to: at + 1 });
            at += 1;
            continue;
        }
        let recognizers = match kind {
            Kind::Space => {
                at += 1;
                continue;
            }
            Kind::Word => WORD_RECOGNIZERS,
            Kind::Number => NUMBER_RECOGNIZERS,
            Kind::Mark => MARK_RECOGNIZERS,
        };
        let reading = recognizers.iter().find_map(|recognize| recognize(&context, at));
        let Some(mut reading) = reading else {
            at += 1;
            continue;
        };
        attach_possessive(tokens, &mut reading);
        at = reading.end.max(at + 1);
        reading.parts.into_iter().for_each(|part| spoken.push(part));
    }
    spoken.out
}

/// `1990s'`, `U.S.'s`, `F-16s`: an ending that stands apart from its word belongs to it.
fn attach_possessive(tokens: &Tokens<'_>, reading: &mut Reading) {
    let end = reading.end;
    let Some(last) = reading.parts.last_mut().filter(|part| part.class != Punctuation && part.to == end)
    else {
        return;
    };
    if !last.text.ends_with(char::is_alphabetic) {
        return;
    }
    if tokens.is_mark(end, '\'') && tokens.word(end + 1) == Some("s") {
        last.text.push_str("'s");
        (last.to, reading.end) = (end + 2, end + 2);
    } else if tokens.word(end) == Some("s") && tokens.is_number(end.wrapping_sub(1)) {
        if last.class == SemioticClass::Decimal {
            last.text.push_str(" seconds");
        } else if last.text.ends_with('y') {
            last.text.pop();
            last.text.push_str("ies");
        } else if last.text.ends_with('x') {
            last.text.push_str("es");
        } else {
            last.text.push('s');
        }
        (last.to, reading.end) = (end + 1, end + 1);
    }
}

/// Whether the full stop at `stop`, which belongs to an abbreviation, also ends the sentence.
pub(super) fn stop_ends_sentence(tokens: &Tokens<'_>, stop: usize) -> bool {
    let mut next = stop + 1;
    // Closing quotes and brackets may stand between; a handful is enough.
    for _ in 0..4 {
        match tokens.mark(next) {
            Some('"' | '”' | '\'' | ')' | ']') if !tokens.is_word(next + 1) => next += 1,
            _ => break,
        }
    }
    if tokens.kind(next).is_none() {
        return true;
    }
    if !tokens.is_space(next) {
        return false;
    }
    let next = if matches!(tokens.mark(next + 1), Some('“' | '"')) { next + 2 } else { next + 1 };
    match tokens.kind(next) {
        None => true,
        Some(Kind::Word) => {
            let word = tokens.text(next);
            word.starts_with(char::is_uppercase) && super::table::is_cue("starter", word)
        }
        _ => false,
    }
}

/// Whether an amount in tokens `from..to` stands before the noun it describes: "a $5 loan".
pub(super) fn describes_noun(tokens: &Tokens<'_>, from: usize, to: usize) -> bool {
    use super::table::is_cue;
    // "Britain's £22bn gap", but "it's £22bn short"
    let possessive = |word: &str| word.ends_with("'s") && !is_cue("contracted", word);
    let determiner = tokens.word_before(from).filter(|word| is_cue("determiner", word) || possessive(word));
    if tokens.is_mark(to, '-') && matches!(tokens.word(to + 1), Some("a" | "an" | "per" | "plus")) {
        // "a $3-a-share offer", "a $1 million-plus prize"
        let plus = tokens.word(to + 1) == Some("plus");
        return tokens.is_mark(to + 2, '-')
            || plus && determiner.is_some() && tokens.word_after(to + 2).is_some();
    }
    if tokens.is_mark(to, '-') && tokens.word(to + 1) == Some("worth") {
        return false;
    }
    if tokens.is_mark(to, '-') {
        return tokens.word(to + 1).is_some_and(|word| !is_cue("function", word));
    }
    if tokens.is_mark(to, ',') {
        // "a $1.2 billion, five-year contract"
        return matches!(determiner, Some("a" | "an" | "A"));
    }
    let next = if matches!(tokens.mark(to + 1), Some('“' | '"')) { to + 2 } else { to };
    let Some(word) = tokens.word_after(next).filter(|_| tokens.is_space(to)) else { return false };
    if is_cue("pricednoun", word) {
        return true;
    }
    determiner.is_some() && !is_cue("function", word) && !word.ends_with("ed") && !word.ends_with("ly")
}

/// The longest spoken text of one token, in bytes; longer ones are rows of digits and addresses.
const LONGEST_TEXT: usize = 320;
/// The length of the pieces that a longer one is cut into, about as long as a word's.
const PIECE: usize = 32;

/// Collects the spoken tokens and keeps their marks in order.
struct Spoken<'a> {
    tokens: &'a Tokens<'a>,
    out: Vec<SpokenToken>,
}

/// How strongly a mark parts; the stronger of two neighbours stays.
fn strength(mark: &str) -> u8 {
    match mark {
        "," => 1,
        ";" | ":" | "—" | "…" => 2,
        "." => 3,
        "!" | "?" => 4,
        _ => 0,
    }
}

impl Spoken<'_> {
    fn push(&mut self, part: Part) {
        let mut span = self.tokens.span(part.from, part.to);
        // A written character can make several tokens (℃); what was spoken of it is not spoken again.
        span.start = span.start.max(self.out.last().map_or(0, |last| last.span.end));
        span.end = span.end.max(span.start);
        if part.class == Punctuation {
            self.push_mark(&part.text, span);
            return;
        }
        let text = if part.class == SemioticClass::Lexicon { part.text } else { speakable(part.text) };
        if text.is_empty() {
            return;
        }
        let space_before = self.out.last().is_some_and(|last| last.text != "“");
        if text.len() <= LONGEST_TEXT {
            self.out.push(SpokenToken { text, span, class: part.class, space_before });
        } else {
            self.push_monster(&text, span, part.class, space_before);
        }
    }

    /// A row of a thousand digits is no one token: what comes after takes more time the longer a token is. The span goes
    /// to the pieces in proportion to their words.
    fn push_monster(&mut self, text: &str, span: Span, class: SemioticClass, space_before: bool) {
        let words = text.split(' ').count();
        let (mut start, mut said) = (span.start, 0);
        let mut rest = text;
        while !rest.is_empty() {
            let head = &rest[..rest.floor_char_boundary(PIECE)];
            let length =
                if head.len() == rest.len() { rest.len() } else { head.rfind(' ').unwrap_or(rest.len()) };
            let (piece, tail) = rest.split_at(length);
            rest = tail.trim_start_matches(' ');
            said += piece.split(' ').count();
            let share = span.start + span.len() * said / words;
            let end = if rest.is_empty() {
                span.end
            } else {
                self.tokens.boundary_at(share).clamp(start, span.end)
            };
            let space_before = space_before || start > span.start;
            self.out.push(SpokenToken {
                text: piece.to_owned(),
                span: Span::new(start, end),
                class,
                space_before,
            });
            start = end;
        }
    }

    fn push_mark(&mut self, mark: &str, span: Span) {
        let new = strength(mark);
        if new > 0 {
            match self.out.last_mut() {
                None => return,
                Some(last) if last.text == "“" => return,
                Some(last) if strength(&last.text) > 0 => {
                    if new > strength(&last.text) {
                        mark.clone_into(&mut last.text);
                        last.space_before = mark == "—";
                        last.span = last.span.join(span);
                    }
                    return;
                }
                Some(_) => {}
            }
        }
        let space_before = matches!(mark, "—" | "“") && self.out.last().is_some_and(|last| last.text != "“");
        self.out.push(SpokenToken { text: mark.to_owned(), span, class: Punctuation, space_before });
    }
}

/// A last guard: whatever a recogniser made, only letters, apostrophes, inner hyphens and single spaces
/// are spoken.
fn speakable(text: String) -> String {
    let allowed = |c: char| c.is_alphabetic() && !c.is_numeric() || matches!(c, ' ' | '\'' | '-');
    if text.chars().all(allowed)
        && !text.starts_with([' ', '-'])
        && !text.ends_with([' ', '-'])
        && !text.contains("  ")
        && text.contains(char::is_alphabetic)
    {
        return text;
    }
    let cleaned: String = text.chars().map(|c| if allowed(c) { c } else { ' ' }).collect();
    let words: Vec<&str> = cleaned
        .split(' ')
        .map(|word| word.trim_matches('-'))
        .filter(|word| word.contains(char::is_alphabetic))
        .collect();
    words.join(" ")
}

/// The words of digits as a number, or digit by digit when they are no number anyone would say.
pub(super) fn integer_words(digits: &str, locale: Locale) -> String {
    let spelled = digits.len() > 1 && digits.starts_with('0');
    match digits.parse::<u64>() {
        Ok(value) if !spelled => number::cardinal(value, locale),
        _ => number::digits(digits),
    }
}
