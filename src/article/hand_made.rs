//! The accessors of an [`Article`], and the constructor for callers who take a page apart themselves.

use super::{Article, Block, BlockKind, Removed, Repairs};
use crate::error::{Error, ErrorKind, Place, Result};
use crate::text::Span;

impl Article {
    /// An article from a text and its blocks, for a caller that has taken a page apart already.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when a span does not lie within the text or cuts a character, when two blocks overlap, or when
    /// they are out of order. A title is the first block, wherever it stands in the text.
    ///
    /// ```
    /// use audio_report::article::{Article, Block, BlockKind};
    /// use audio_report::text::Span;
    ///
    /// let blocks = vec![
    ///     Block { kind: BlockKind::Title, span: Span::new(0, 12) },
    ///     Block { kind: BlockKind::Paragraph, span: Span::new(13, 29) },
    /// ];
    /// let article = Article::new("Port reopens\nShips came back.".into(), blocks)?;
    /// assert_eq!(article.title(), Some("Port reopens"));
    /// # Ok::<(), audio_report::error::Error>(())
    /// ```
    pub fn new(text: String, blocks: Vec<Block>) -> Result<Self> {
        for block in &blocks {
            check(&text, block.span)?;
        }
        if let Some(block) = blocks.iter().skip(1).find(|block| block.kind == BlockKind::Title) {
            return Err(wrong("a title is not the first block", &text, block.span));
        }
        let title = blocks.first().filter(|block| block.kind == BlockKind::Title);
        let story = &blocks[usize::from(title.is_some())..];
        if let Some(pair) = story.windows(2).find(|pair| pair[1].span.start < pair[0].span.end) {
            return Err(wrong("a block begins before the one in front of it ends", &text, pair[1].span));
        }
        if let Some(title) = title
            && let Some(block) = story.iter().find(|block| overlap(block.span, title.span))
        {
            return Err(wrong("a block overlaps the title", &text, block.span));
        }
        Ok(Self { text, blocks, ..Self::default() })
    }

    /// The same article with its authors.
    #[must_use]
    pub fn with_byline(self, byline: impl Into<String>) -> Self {
        Self { byline: Some(byline.into()), ..self }
    }

    /// The same article with its date of publication.
    #[must_use]
    pub fn with_date(self, date: impl Into<String>) -> Self {
        Self { date: Some(date.into()), ..self }
    }

    /// The same article with the BCP 47 tag of its language.
    #[must_use]
    pub fn with_language(self, language: impl Into<String>) -> Self {
        Self { language: Some(language.into()), ..self }
    }

    /// The text that all spans point into. For plain text it is the input as it was decoded and repaired, but for wrapped text
    /// that a printer set: there divided words are whole, columns stand one below the other, and the foot of a page stands in
    /// front of the paragraph that it interrupted. For HTML and Markdown it is the visible text: no markup, entities
    /// decoded, a blank line between two blocks. A title that only stands in the page's head is its first line.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The parts that are read, in order; a title, when there is one, is first.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The parts that are left out.
    pub fn removed(&self) -> &[Removed] {
        &self.removed
    }

    /// The headline, when there is one.
    pub fn title(&self) -> Option<&str> {
        let title = self.blocks.first().filter(|block| block.kind == BlockKind::Title)?;
        Some(title.span.of(&self.text))
    }

    /// Who wrote it, without `By`; several names as the page parts them.
    pub fn byline(&self) -> Option<&str> {
        self.byline.as_deref()
    }

    /// When it was published, as the page writes it: often ISO 8601.
    pub fn date(&self) -> Option<&str> {
        self.date.as_deref()
    }

    /// BCP 47 tag of the language that the page claims.
    pub fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// The faults of the input that were set right.
    pub fn repairs(&self) -> Repairs {
        self.repairs
    }

    /// The newspaper or site that published it, as the page names it.
    pub(crate) fn publication(&self) -> Option<&str> {
        self.publication.as_deref()
    }

    /// Where it was fetched from.
    pub(crate) fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// The same, fetched from an address, and with the one that is believed to be the story's own.
    pub(crate) fn fetched_from(self, address: String, own: String) -> Self {
        Self { address: Some(address), source: Some(own), ..self }
    }

    /// The same, with headline day and writers that its feed names, where it names none itself.
    pub(crate) fn or_of_feed(self, byline: Option<String>, date: Option<String>) -> Self {
        Self { byline: self.byline.or(byline), date: self.date.or(date), ..self }
    }

    /// The address that the page claims as its own, as it writes it: anybody's may stand there.
    pub(crate) fn claimed_address(&self) -> Option<&str> {
        self.canonical.as_deref()
    }

    /// Whether the page is a copy in AMP.
    pub(crate) fn is_amp(&self) -> bool {
        self.is_amp
    }

    /// Address of the page, as it gives it itself.
    pub(crate) fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// The copyright line of the page.
    pub(crate) fn copyright(&self) -> Option<&str> {
        self.copyright.as_deref()
    }

    /// What the agency says of it.
    #[cfg(feature = "newsroom")]
    pub(crate) fn wire(&self) -> Option<&super::newsroom::wire::Wire> {
        self.wire.as_ref()
    }

    /// Address of the lead image, as the page writes it.
    pub fn image(&self) -> Option<&str> {
        self.image.as_deref()
    }
}

fn overlap(a: Span, b: Span) -> bool {
    a.start < b.end && b.start < a.end
}

/// Refuses a span that [`Span::of`] would panic at.
fn check(text: &str, span: Span) -> Result<()> {
    match text.get(span.start..span.end) {
        Some(_) => Ok(()),
        None if span.start > span.end => Err(wrong("a span ends before it begins", text, span)),
        None if span.end > text.len() => Err(wrong("a span ends behind the text", text, span)),
        None => Err(wrong("a span cuts a character", text, span)),
    }
}

fn wrong(what: &str, text: &str, span: Span) -> Error {
    let what = format!("{what}: bytes {} to {} of {}", span.start, span.end, text.len());
    let error = Error::new(ErrorKind::Usage, what);
    match text.get(span.start..span.end) {
        Some(piece) => error.at(Place::default().text(piece)),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_made_by_hand_has_sound_spans() {
        use BlockKind::{Paragraph, Title};
        let text = "Café opens. Ships came.";
        let mut wrong = Vec::new();
        for (blocks, want) in [
            (&[][..], None),
            (&[(Title, 0, 12), (Paragraph, 13, 24)], None),
            // A title may stand behind what it is the title of.
            (&[(Title, 13, 24), (Paragraph, 0, 12)], None),
            (&[(Paragraph, 0, 25)], Some("behind the text")),
            (&[(Paragraph, 5, 3)], Some("before it begins")),
            (&[(Paragraph, 0, 4)], Some("cuts a character")),
            (&[(Paragraph, 13, 24), (Paragraph, 0, 12)], Some("in front of it")),
            (&[(Paragraph, 0, 14), (Paragraph, 13, 24)], Some("in front of it")),
            (&[(Paragraph, 0, 12), (Title, 13, 24)], Some("not the first")),
            (&[(Title, 0, 14), (Paragraph, 13, 24)], Some("overlaps the title")),
        ] {
            let made =
                |&(kind, start, end): &(BlockKind, usize, usize)| Block { kind, span: Span::new(start, end) };
            let found = Article::new(text.into(), blocks.iter().map(made).collect());
            let is_right = match (&found, want) {
                (Ok(article), None) => article.blocks().len() == blocks.len() && article.text() == text,
                (Err(error), Some(part)) => error.kind() == ErrorKind::Usage && error.what().contains(part),
                _ => false,
            };
            if !is_right {
                wrong.push(format!("{blocks:?}: {found:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn details_are_added() {
        let article = Article::new("Café opens.".into(), Vec::new()).unwrap().with_byline("Ann Lee");
        assert_eq!(article.byline(), Some("Ann Lee"));
    }
}
