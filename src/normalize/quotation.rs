//! The marks that open and close quotations, for stages that ask who speaks.

use super::punctuation::pair_quotes;
use super::reading::Quote;
use super::token::Tokens;
use crate::text::Span;

/// A mark of a quotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QuoteMark {
    /// Where it is written.
    pub span: Span,
    /// Whether it opens a quotation.
    pub opens: bool,
    /// Whether it is a single quote.
    pub is_single: bool,
}

/// The marks of quotations in a paragraph, in their order: those that [`pair_quotes`] finds, and a single quote at the
/// paragraph's head that nothing closes, for the quotation may go on in the next one.
pub(crate) fn quote_marks(paragraph: &str) -> Vec<QuoteMark> {
    let tokens = Tokens::new(paragraph);
    let is_single = |at: usize| matches!(tokens.mark(at), Some('\'' | '‘'));
    let quotes = pair_quotes(&tokens);
    let marks = quotes.iter().enumerate().filter_map(|(at, quote)| {
        let opens = match quote {
            Quote::Open => true,
            Quote::Close => false,
            Quote::None if at == 0 && tokens.is_mark(0, '‘') => true,
            Quote::None | Quote::Apostrophe => return None,
        };
        Some(QuoteMark { span: tokens.span(at, at + 1), opens, is_single: is_single(at) })
    });
    marks.collect()
}
