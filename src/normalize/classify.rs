//! Finds the semiotic class of each token: the recognisers are asked in order of precedence.

use super::locale::Locale;
use super::reading::{Context, Part, Reading};
use super::token::{Kind, Tokens};
use super::token_types::SemioticClass::{self, Plain, Punctuation};
use super::token_types::SpokenToken;
use super::{
    abbreviation, address, amount, compound, coordinate, date, electronic, figures, fraction, letters,
    lexicon_entry, measure, money, punctuation, range, reference, roman, score, serial, symbol, telephone,
    time, vanity, word, year,
};
use crate::lexicon::ReadingSource;
use crate::text::Span;

type Recognizer = fn(&Context<'_>, usize) -> Option<Reading>;

/// Recognisers that begin with a word, most particular first.
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

/// Recognisers that begin with digits, most particular first.
const NUMBER_RECOGNIZERS: &[Recognizer] = &[
    lexicon_entry::read,
    electronic::read,
    date::read,
    time::read,
    coordinate::read,
    vanity::read,
    telephone::read,
    figures::read,
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

/// Recognisers that begin with a mark, most particular first.
const MARK_RECOGNIZERS: &[Recognizer] = &[
    lexicon_entry::read,
    electronic::read,
    reference::read,
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
pub(super) fn read(tokens: &Tokens<'_>, locale: Locale, acronyms: &dyn ReadingSource) -> Vec<SpokenToken> {
    let context = Context {
        tokens,
        locale,
        acronyms,
        shouted: letters::find_shouting(tokens, acronyms),
        uncapitalized: letters::lacks_capitals(tokens),
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
        // A written character can make several tokens (℃); the part already spoken is not spoken again.
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

    /// A row of a thousand digits must not stay one token: later stages take more time for longer tokens. The span
    /// goes to the pieces in proportion to their words.
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

/// A last guard: of any recogniser's output only letters, apostrophes, inner hyphens and single spaces are spoken.
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
