//! How strong the boundary between two words is.

/// How strong the boundary after a piece is; the stronger, the better a place to breathe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Break {
    /// Only a space, between words that belong together: an article and its noun, a title and a name, a number in
    /// words.
    Bound,
    /// Only a space.
    Word,
    /// A phrase ends: a word of content stands before, and a function word begins the next.
    Phrase,
    /// A conjunction follows: `… | and …`
    Conjunction,
    /// A comma.
    Comma,
    /// `;`, `:` or a dash.
    Clause,
    /// A sentence's end.
    Sentence,
    /// A paragraph's end; chunks never reach over it.
    Paragraph,
}
