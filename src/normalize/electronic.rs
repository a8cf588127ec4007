//! Web and mail addresses, @handles, #hashtags.

use super::letters;
use super::link::{self, Link};
use super::number::{self, integer_words};
use super::reading::{Context, Reading};
use super::table::is_cue;
use super::token::{Kind, Tokens};
use super::token_types::SemioticClass::{Abbreviation, Electronic};
use crate::lexicon::AcronymReading;

/// Any of them.
pub(super) fn read(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    match tokens.mark(at) {
        Some('@') if tokens.opens_chunk(at) && !tokens.is_space(at + 1) => tagged(context, at, "at"),
        // "C#", "F#"
        Some('#')
            if at > 0 && matches!(tokens.word(at - 1), Some("C" | "F")) && tokens.closes_chunk(at + 1) =>
        {
            Reading::one(Electronic, "sharp", at, at + 1)
        }
        Some('#') if tokens.is_number(at + 1) && !tokens.is_word(at + 2) => {
            let text = format!("number {}", integer_words(tokens.text(at + 1), context.locale));
            tokens.closes_chunk(at + 2).then(|| Reading::one(Abbreviation, text, at, at + 2)).flatten()
        }
        Some('#') => tagged(context, at, "hashtag"),
        Some(_) => None,
        None => address(context, at),
    }
}

/// `@handle`, `#MeToo`: the name, cut where its case changes.
fn tagged(context: &Context<'_>, at: usize, kind: &str) -> Option<Reading> {
    let tokens = context.tokens;
    let is_numbered = tokens.is_number(at + 1) && tokens.is_word(at + 2);
    if !tokens.is_word(at + 1) && !is_numbered {
        return None;
    }
    let mut words = vec![kind.to_owned()];
    let mut end = at + 1;
    loop {
        match tokens.kind(end) {
            Some(Kind::Word) => words.push(cut_camel_case(tokens.text(end))),
            Some(Kind::Number) => words.push(number::serial(tokens.text(end), context.locale)),
            Some(Kind::Mark) if tokens.is_mark(end, '_') => {}
            _ => break,
        }
        end += 1;
    }
    Reading::one(Electronic, words.join(" "), at, end)
}

fn cut_camel_case(word: &str) -> String {
    let mut cut = String::with_capacity(word.len() + 8);
    let mut small_before = false;
    for c in word.chars() {
        if c.is_uppercase() && small_before {
            cut.push(' ');
        }
        small_before = c.is_lowercase();
        cut.push(c);
    }
    cut
}

/// The token after the run without white space, brackets and quotes, less its closing punctuation.
fn run_end(tokens: &Tokens<'_>, at: usize) -> usize {
    let mut end = at;
    while tokens.kind(end).is_some_and(|kind| kind != Kind::Space)
        && !matches!(
            tokens.mark(end),
            Some('(' | ')' | '[' | ']' | '{' | '}' | '"' | '“' | '”' | '\'' | '‘' | '<' | '>' | ',')
        )
    {
        end += 1;
    }
    while end > at && matches!(tokens.mark(end - 1), Some('.' | ':' | ';' | '!' | '?' | '…' | '/' | '—'))
    {
        end -= 1;
    }
    end
}

fn address(context: &Context<'_>, at: usize) -> Option<Reading> {
    let tokens = context.tokens;
    let starts = at == 0
        || tokens.is_space(at - 1)
        || matches!(
            tokens.mark(at - 1),
            Some('(' | '[' | '{' | '"' | '“' | '‘' | '\'' | '<' | ')' | ']' | ',' | '>' | '”' | '}')
        );
    if !starts {
        return None;
    }
    let end = run_end(tokens, at);
    let scheme = matches!(tokens.text(at), "http" | "https" | "ftp" | "HTTP" | "HTTPS")
        && tokens.is_mark(at + 1, ':')
        && tokens.is_mark(at + 2, '/')
        && tokens.is_mark(at + 3, '/');
    let first = if scheme { at + 4 } else { at };
    let www = matches!(tokens.text(first), "www" | "WWW") && tokens.is_mark(first + 1, '.');
    let is_address =
        end > first && (scheme || www || is_mail(tokens, at, end) || has_domain(tokens, at, end));
    is_address.then(|| Reading::one(Electronic, verbalize(context, first, end), at, end)).flatten()
}

fn is_mail(tokens: &Tokens<'_>, at: usize, end: usize) -> bool {
    let Some(sign) = (at..end).find(|&at| tokens.is_mark(at, '@')) else { return false };
    sign > at
        && (sign..end).any(|at| tokens.is_mark(at, '.') && tokens.is_word(at + 1))
        && tokens.is_word(sign + 1)
}

/// `example.com`, `news.example.co.uk/world`: labels, the last of them a known top-level domain.
fn has_domain(tokens: &Tokens<'_>, at: usize, end: usize) -> bool {
    let host_end = (at..end).find(|&at| tokens.is_mark(at, '/')).unwrap_or(end);
    let labels_only = (at..host_end)
        .all(|at| tokens.kind(at) != Some(Kind::Mark) || matches!(tokens.mark(at), Some('.' | '-')));
    let Some(last) = host_end.checked_sub(1).filter(|&last| last >= at + 2) else { return false };
    let top = tokens.text(last);
    if is_cue("shortener", tokens.slice(at, host_end)) && host_end < end {
        return true;
    }
    let known = tokens.is_word(last)
        && tokens.is_mark(last - 1, '.')
        && top.chars().all(|c| c.is_ascii_lowercase())
        && is_cue("tld", top);
    // "it" and "no" are words; only a path after them shows that a stop without a space was meant.
    let also_a_word = matches!(
        top,
        "in" | "it" | "be" | "no" | "at" | "us" | "me" | "is" | "so" | "es" | "news" | "online"
    );
    labels_only && known && tokens.text(at).len() > 1 && (!also_a_word || host_end < end)
}

fn verbalize(context: &Context<'_>, from: usize, to: usize) -> String {
    match link::kind(context.tokens, from, to) {
        Some(Link::Short) => "link".to_owned(),
        Some(Link::Coded { host_end }) => {
            let www = context.tokens.text(from) == "www";
            format!("{} link", spell_out(context, from + 2 * usize::from(www), host_end))
        }
        None => spell_out(context, from, to),
    }
}

/// Every label and mark.
fn spell_out(context: &Context<'_>, from: usize, to: usize) -> String {
    let tokens = context.tokens;
    let mut words: Vec<String> = Vec::new();
    for at in from..to {
        match tokens.kind(at) {
            Some(Kind::Word) => {
                words.push(label(context, tokens.text(at), tokens.is_mark(at.wrapping_sub(1), '.')));
            }
            Some(Kind::Number) => words.push(number::digits(tokens.text(at))),
            _ => {
                let name = match tokens.mark(at) {
                    Some('.') => "dot",
                    Some('/') => "slash",
                    Some('-' | '–' | '—' | '−') => "dash",
                    Some('_') => "underscore",
                    Some('@') => "at",
                    Some(':') => "colon",
                    Some('?') => "question mark",
                    Some('=') => "equals",
                    Some('&') => "and",
                    Some('#') => "hash",
                    Some('%') => "percent",
                    Some('~') => "tilde",
                    Some('+') => "plus",
                    _ => continue,
                };
                words.push(name.to_owned());
            }
        }
    }
    words.join(" ")
}

/// One label: spelled when it is an acronym or has no vowel.
fn label(context: &Context<'_>, word: &str, after_dot: bool) -> String {
    if word.len() > 12 {
        return word.to_owned();
    }
    let spelled = after_dot && is_cue("spelledtld", word)
        || word.is_ascii() && !word.contains(['a', 'e', 'i', 'o', 'u', 'y', 'A', 'E', 'I', 'O', 'U', 'Y'])
        || word.len() > 2
            && !matches!(word, "who" | "com")
            && context.acronyms.reading(&word.to_uppercase()) == Some(AcronymReading::Letters);
    if spelled { letters::spell(word) } else { word.to_owned() }
}
