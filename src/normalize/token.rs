//! Cuts a text into words, numbers, white space and marks, each with the span it was written in.

use std::ops::Range;

use unicode_normalization::char::compose;

use super::fold::{Folded, fold};
use super::grouping::{self, PageNumbers};
use crate::text::Span;

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, with apostrophes between them.
    Word,
    /// ASCII digits.
    Number,
    /// A run of white space. The token's text is `\n` when it holds a line end. It is a no-break space for a single
    /// narrow or no-break space, else a space.
    Space,
    /// One character of any other sort.
    Mark,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    /// The character of a mark; NUL for all else, for control characters never come this far.
    mark: char,
    text: Range<usize>,
    span: Span,
}

/// A folded text and its tokens. All look-ups take any index: beyond the ends there is no token.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    written: &'a str,
    folded: String,
    list: Vec<Token>,
    /// Whether numbers are written as much of Europe writes them.
    continental: bool,
}

impl<'a> Tokens<'a> {
    /// Cuts up `written`.
    pub(super) fn new(written: &'a str) -> Self {
        let mut tokens = Self {
            written,
            folded: String::with_capacity(written.len()),
            // English has a word of five letters and a space on the average.
            list: Vec::with_capacity(written.len() / 3 + 1),
            continental: false,
        };
        let bytes = written.as_bytes();
        let mut start = 0;
        while let Some(&first) = bytes.get(start) {
            // Most of a text is runs of plain letters and digits, which need no folding.
            let run = match first {
                _ if first.is_ascii_alphabetic() => run_length(&bytes[start..], u8::is_ascii_alphabetic),
                _ if first.is_ascii_digit() => run_length(&bytes[start..], u8::is_ascii_digit),
                _ => 0,
            };
            if run > 0 {
                let kind = if first.is_ascii_digit() { Kind::Number } else { Kind::Word };
                tokens.push_run(kind, Span::new(start, start + run));
                start += run;
                continue;
            }
            let Some(c) = written[start..].chars().next() else { break };
            let span = Span::new(start, start + c.len_utf8());
            start = span.end;
            if ('\u{300}'..='\u{36F}').contains(&c) {
                tokens.accent(c, span);
                continue;
            }
            match fold(c) {
                Folded::Dropped => {}
                Folded::Char('º') if tokens.last_kind() == Some(Kind::Number) => tokens.push('°', span),
                Folded::Char(folded) => tokens.push(folded, span),
                Folded::Str(folded) => folded.chars().for_each(|c| tokens.push(c, span)),
            }
        }
        tokens.join_apostrophes();
        tokens.continental = grouping::is_continental(&tokens);
        tokens
    }

    /// The same for a text of a page that writes its numbers so.
    #[must_use]
    pub(super) fn of_page(mut self, page: PageNumbers) -> Self {
        self.continental |= page.are_continental();
        self
    }

    /// Whether the text writes thousands with full stops and decimals with commas: 45.000 and 3,5.
    pub(super) fn is_continental(&self) -> bool {
        self.continental
    }

    fn last_kind(&self) -> Option<Kind> {
        self.list.last().map(|token| token.kind)
    }

    /// Puts a combining mark on the letter before it; it is dropped when the two make no known letter.
    fn accent(&mut self, mark: char, span: Span) {
        let Some(last) = self.list.last_mut().filter(|token| token.kind == Kind::Word) else { return };
        last.span = last.span.join(span);
        if let Some(letter) = self.folded.chars().next_back().and_then(|base| compose(base, mark)) {
            self.folded.pop();
            self.folded.push(letter);
            last.text.end = self.folded.len();
        }
    }

    fn push(&mut self, c: char, span: Span) {
        let kind = kind_of(c);
        let start = self.folded.len();
        if let Some(last) = self.list.last_mut()
            && last.kind == kind
            && kind != Kind::Mark
        {
            last.span = last.span.join(span);
            if kind == Kind::Space {
                let line_end = c == '\n' || self.folded.ends_with('\n');
                self.folded.truncate(last.text.start);
                self.folded.push(if line_end { '\n' } else { ' ' });
            } else {
                self.folded.push(c);
            }
            last.text.end = self.folded.len();
            return;
        }
        self.folded.push(c);
        let mark = if kind == Kind::Mark { c } else { '\0' };
        self.list.push(Token { kind, mark, text: start..self.folded.len(), span });
    }

    /// Adds a run of plain letters or digits.
    fn push_run(&mut self, kind: Kind, span: Span) {
        let start = self.folded.len();
        self.folded.push_str(span.of(self.written));
        match self.list.last_mut() {
            Some(last) if last.kind == kind => {
                last.span = last.span.join(span);
                last.text.end = self.folded.len();
            }
            _ => self.list.push(Token { kind, mark: '\0', text: start..self.folded.len(), span }),
        }
    }

    /// `don` `'` `t` is one word.
    fn join_apostrophes(&mut self) {
        if !self.folded.contains('\'') {
            return;
        }
        let mut joined: Vec<Token> = Vec::with_capacity(self.list.len());
        for token in self.list.drain(..) {
            let bridges = token.kind == Kind::Word
                && joined.len() >= 2
                && joined[joined.len() - 2].kind == Kind::Word
                && &self.folded[joined[joined.len() - 1].text.clone()] == "'";
            if bridges {
                joined.pop();
                if let Some(word) = joined.last_mut() {
                    word.text.end = token.text.end;
                    word.span = word.span.join(token.span);
                }
            } else {
                joined.push(token);
            }
        }
        self.list = joined;
    }

    /// The last character boundary of the written text at or before a byte.
    pub(super) fn boundary_at(&self, byte: usize) -> usize {
        self.written.floor_char_boundary(byte)
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.list.get(at).map(|token| token.kind)
    }

    pub(super) fn text(&self, at: usize) -> &str {
        self.list.get(at).map_or("", |token| &self.folded[token.text.clone()])
    }

    /// The folded text of tokens `from..to`.
    pub(super) fn slice(&self, from: usize, to: usize) -> &str {
        let to = to.min(self.list.len());
        match (self.list.get(from), to.checked_sub(1).and_then(|last| self.list.get(last))) {
            (Some(first), Some(last)) if from < to => &self.folded[first.text.start..last.text.end],
            _ => "",
        }
    }

    /// Where tokens `from..to` were written.
    pub(super) fn span(&self, from: usize, to: usize) -> Span {
        let first = self.list.get(from).map_or(Span::default(), |token| token.span);
        let last = to.checked_sub(1).and_then(|last| self.list.get(last)).map_or(first, |token| token.span);
        first.join(last)
    }

    pub(super) fn word(&self, at: usize) -> Option<&str> {
        (self.kind(at) == Some(Kind::Word)).then(|| self.text(at))
    }

    pub(super) fn digits(&self, at: usize) -> Option<&str> {
        (self.kind(at) == Some(Kind::Number)).then(|| self.text(at))
    }

    pub(super) fn mark(&self, at: usize) -> Option<char> {
        self.list.get(at).filter(|token| token.kind == Kind::Mark).map(|token| token.mark)
    }

    pub(super) fn is_mark(&self, at: usize, mark: char) -> bool {
        self.mark(at) == Some(mark)
    }

    pub(super) fn is_word(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Word)
    }

    pub(super) fn is_number(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Number)
    }

    /// A dash or hyphen that may stand in a range or compound.
    pub(super) fn is_dash(&self, at: usize) -> bool {
        matches!(self.mark(at), Some('-' | '–' | '—' | '−'))
    }

    pub(super) fn is_space(&self, at: usize) -> bool {
        self.kind(at) == Some(Kind::Space)
    }

    /// The index after the white space at `at`, or `at` itself.
    pub(super) fn over_space(&self, at: usize) -> usize {
        at + usize::from(self.is_space(at))
    }

    /// The index of the token before `at` that is not white space.
    pub(super) fn before(&self, at: usize) -> Option<usize> {
        let previous = at.checked_sub(1)?;
        if self.is_space(previous) { previous.checked_sub(1) } else { Some(previous) }
    }

    /// The word before `at`, with only white space or a hyphen between.
    pub(super) fn word_before(&self, at: usize) -> Option<&str> {
        let mut previous = self.before(at)?;
        if self.is_mark(previous, '-') {
            previous = previous.checked_sub(1)?;
        }
        self.word(previous)
    }

    /// The word from `at` on, after white space at most.
    pub(super) fn word_after(&self, at: usize) -> Option<&str> {
        self.word(self.over_space(at))
    }

    /// Whether only white space, an opening mark or a dash stands directly before `at`.
    pub(super) fn opens_chunk(&self, at: usize) -> bool {
        let Some(previous) = at.checked_sub(1) else { return true };
        match self.kind(previous) {
            Some(Kind::Space) => true,
            Some(Kind::Mark) => matches!(
                self.mark(previous),
                Some('(' | '[' | '{' | '“' | '"' | '‘' | '\'' | '—' | '/' | '<' | ':' | ',' | '=')
            ),
            _ => false,
        }
    }

    /// Whether neither a letter nor a digit follows directly.
    pub(super) fn closes_chunk(&self, at: usize) -> bool {
        !matches!(self.kind(at), Some(Kind::Word | Kind::Number))
    }
}

/// How many bytes from the first on are of a sort.
fn run_length(bytes: &[u8], is_part: fn(&u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| is_part(byte)).count()
}

fn kind_of(c: char) -> Kind {
    if c.is_ascii_digit() {
        Kind::Number
    } else if c.is_numeric() {
        Kind::Mark
    } else if c.is_alphabetic() {
        Kind::Word
    } else if c.is_whitespace() {
        Kind::Space
    } else {
        Kind::Mark
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn texts_are_cut_into_tokens() {
        let rows = [
            ("Biden's 3.5%", vec!["Biden's", " ", "3", ".", "5", "%"]),
            ("don’t  go", vec!["don't", " ", "go"]),
            ("H5N1", vec!["H", "5", "N", "1"]),
            ("a\n b", vec!["a", "\n", "b"]),
            ("10\u{202F}000", vec!["10", "\u{A0}", "000"]),
            ("so\u{AD}ft cafe\u{301}", vec!["soft", " ", "café"]),
            ("Hue\u{302}\u{301} x\u{301}", vec!["Huế", " ", "x"]),
            ("", vec![]),
        ];
        each(rows, |(written, want)| {
            let tokens = Tokens::new(written);
            let got: Vec<&str> = (0..tokens.len()).map(|at| tokens.text(at)).collect();
            assert_eq!(got, want, "{written:?}");
        });
    }

    #[test]
    fn spans_point_into_the_written_text() {
        let written = "“Don’t” ½";
        let tokens = Tokens::new(written);
        let got: Vec<&str> = (0..tokens.len()).map(|at| tokens.span(at, at + 1).of(written)).collect();
        assert_eq!(got, ["“", "Don’t", "”", " ", "½"]);
    }
}
