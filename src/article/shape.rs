//! A paragraph as the rules look at it.

/// The shape of a paragraph by its first characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Running text.
    None,
    /// `## Heading`.
    Heading,
    /// `- item`, `• item`, `3. item`.
    Item,
}

/// A paragraph with the features that the rules look at.
pub(super) struct Shape<'a> {
    pub(super) text: &'a str,
    pub(super) mark: Mark,
    /// White space folded, lower case, straight quotes; empty for a paragraph too long for any rule on words.
    pub(super) folded: String,
    pub(super) words: usize,
    /// Ends like a sentence.
    pub(super) stopped: bool,
}

/// Bytes of the longest paragraph that rules on words look at; a caption is the longest of them.
const LONGEST: usize = 1000;

impl<'a> Shape<'a> {
    pub(super) fn new(text: &'a str, mark: Mark) -> Self {
        let folded = if text.len() <= LONGEST { fold(text) } else { String::new() };
        let words = text.split_whitespace().take(LONGEST).count();
        Self { text, mark, folded, words, stopped: ends_with_stop(text) }
    }

    /// Short, without a final stop, and not a part of a sentence.
    pub(super) fn is_heading_like(&self) -> bool {
        self.words <= 14
            && self.text.chars().count() <= 100
            && !self.stopped
            && !self.text.ends_with([',', ';', '—', '-'])
            && (!self.text.ends_with(':') || rough_sentences(self.text) == 0)
            && !self.text.starts_with(char::is_lowercase)
    }

    /// Could stand over a story.
    pub(super) fn is_title_like(&self) -> bool {
        let is_short = self.words <= 35 && self.text.chars().count() <= 250;
        let is_open = !self.stopped && !self.text.ends_with([',', ';', ':']);
        let is_cry = self.words <= 20 && self.text.ends_with(['?', '!']) && rough_sentences(self.text) <= 1;
        is_short && self.mark != Mark::Item && (is_open || is_cry || self.ends_with_abbreviation())
    }

    /// `… deal with U.S.` has a stop that ends no sentence; a headline may end so.
    fn ends_with_abbreviation(&self) -> bool {
        let last = self.text.rsplit(char::is_whitespace).next().unwrap_or_default();
        let letters = last.trim_end_matches('.').split('.');
        self.words <= 18
            && last.ends_with('.')
            && last.contains('.')
            && last.matches('.').count() > 1
            && letters
                .clone()
                .all(|letter| letter.chars().count() == 1 && letter.starts_with(char::is_uppercase))
    }
}

/// Whether a paragraph ends like a sentence: a stop, and perhaps quotes or brackets after it.
pub(super) fn ends_with_stop(text: &str) -> bool {
    let closers = ['"', '\'', '”', '’', '»', ')', ']', '›', '」', '』', '）', char::REPLACEMENT_CHARACTER];
    text.trim_end_matches(closers).ends_with(['.', '!', '?', '…', '。', '！', '？', '‽'])
}

/// How many sentences, roughly: stops followed by white space or the end.
pub(super) fn rough_sentences(text: &str) -> usize {
    // Most lines of a page have no stop.
    if text.is_ascii() && !text.contains(['.', '!', '?']) {
        return 0;
    }
    text.split_whitespace().filter(|word| ends_with_stop(word)).count()
}

/// Lower case, white space folded, quotes straightened.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        if word.is_ascii() {
            let start = out.len();
            out.push_str(word);
            out[start..].make_ascii_lowercase();
            continue;
        }
        for c in word.chars().flat_map(char::to_lowercase) {
            match c {
                '‘' | '’' => out.push('\''),
                '“' | '”' => out.push('"'),
                '\u{200b}' | '\u{feff}' | '\u{ad}' => {}
                c => out.push(c),
            }
        }
    }
    out
}
