//! The common form of all formats before the article: pieces of a text, each with its kind or the reason why it is
//! left out.

use std::collections::HashSet;

use super::confidence::Decision;
use super::details::{Details, date_of, names_of};
use super::furniture;
use super::reason::Reason;
use super::shape::{Mark, Shape};
use super::{Article, Block, BlockKind, ReadOptions, Removed, Repairs};
use crate::text::Span;

/// A piece of a text; pieces stand in the order of the text and do not overlap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// All of it.
    pub(super) span: Span,
    /// The readable part: without a bullet or the signs of a heading.
    pub(super) body: Span,
    pub(super) kind: BlockKind,
    pub(super) reason: Option<Reason>,
}

/// A text and its pieces.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) text: String,
    pub(super) pieces: Vec<Piece>,
    pub(super) details: Details,
    /// Characters that were set right after they had been read in a wrong encoding.
    pub(super) mojibake: usize,
    /// How the story was decided.
    pub(super) decision: Decision,
    /// What the agency says of it.
    #[cfg(feature = "newsroom")]
    pub(super) wire: Option<super::newsroom::wire::Wire>,
}

impl Draft {
    /// Adds a piece of text at the end, a blank line behind what is there. Nothing without words is added.
    #[cfg(feature = "html")]
    pub(super) fn add(&mut self, text: &str, kind: BlockKind, reason: Option<Reason>) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        let start = self.text.len();
        self.text.push_str(text);
        let span = Span::new(start, self.text.len());
        self.pieces.push(Piece { span, body: span, kind, reason });
    }

    /// Looks for furniture by its words among the pieces that structure alone has kept.
    pub(super) fn refine(&mut self) {
        let shapes: Vec<Shape<'_>> = self
            .pieces
            .iter()
            .map(|piece| Shape::new(piece.body.of(&self.text), mark_of(piece.kind)))
            .collect();
        let mut reasons: Vec<Option<Reason>> = self.pieces.iter().map(|piece| piece.reason).collect();
        let title = self.pieces.iter().position(|piece| piece.kind == BlockKind::Title);
        furniture::refine(&shapes, &mut reasons, title);
        drop(shapes);
        for (piece, reason) in self.pieces.iter_mut().zip(reasons) {
            piece.reason = reason;
        }
        self.drop_bare_headings();
    }

    /// A heading is removed together with the text under it; so is a heading at the end without text.
    pub(super) fn drop_bare_headings(&mut self) {
        use Reason::{Byline, Caption, Duplicate, Hidden, PullQuote, Table, Timestamp};
        let (mut is_end, mut is_held, mut under) = (true, false, None);
        for piece in self.pieces.iter_mut().rev() {
            match (piece.kind, piece.reason) {
                (BlockKind::Heading, None) => {
                    if !is_held && (is_end || under.is_some()) {
                        piece.reason = Some(under.unwrap_or(Reason::OutsideStory));
                    } else {
                        is_end = false;
                    }
                    (is_held, under) = (false, piece.reason);
                }
                (_, None) => (is_held, is_end) = (true, false),
                (_, Some(Byline | Caption | Duplicate | Hidden | PullQuote | Table | Timestamp)) => {}
                (_, reason) => under = reason,
            }
        }
    }

    /// Words of the article without headlines and headings.
    pub(super) fn words(&self) -> usize {
        let is_story = |piece: &&Piece| {
            piece.reason.is_none() && !matches!(piece.kind, BlockKind::Title | BlockKind::Heading)
        };
        let words = |piece: &Piece| piece.body.of(&self.text).split_whitespace().count();
        self.pieces.iter().filter(is_story).map(words).sum()
    }

    /// Makes the article that was asked for.
    pub(super) fn finish(self, options: ReadOptions) -> Article {
        #[cfg(feature = "newsroom")]
        let wire = self.wire.clone();
        let Self { text, pieces, mut details, mojibake, decision, .. } = self;
        let mut blocks: Vec<Block> = Vec::new();
        let mut removed = Vec::new();
        let mut asked_for: HashSet<&str> = HashSet::new();
        for piece in &pieces {
            let kind = match piece.reason {
                None => Some(piece.kind),
                Some(Reason::Caption) if options.captions => Some(BlockKind::Caption),
                Some(Reason::Byline) if options.byline => Some(BlockKind::Byline),
                Some(_) => None,
            };
            let body = piece.body.of(&text);
            match (kind, piece.reason) {
                (Some(_), Some(_)) if !asked_for.insert(body) => {
                    removed.push(Removed { span: piece.span, reason: Reason::Duplicate });
                }
                (Some(BlockKind::Title), _) => blocks.insert(0, Block { kind: piece.kind, span: piece.body }),
                (Some(kind), _) => blocks.push(Block { kind, span: piece.body }),
                (None, Some(reason)) => removed.push(Removed { span: piece.span, reason }),
                (None, None) => {}
            }
        }
        drop(asked_for);
        let first = |reason: Reason, read: fn(&str) -> Option<String>| {
            pieces
                .iter()
                .filter(|piece| piece.reason == Some(reason))
                .find_map(|piece| read(piece.body.of(&text)))
        };
        details.byline = details.byline.or_else(|| first(Reason::Byline, names_of));
        details.date = details.date.or_else(|| first(Reason::Timestamp, date_of));
        let repairs = Repairs { mojibake, ..Repairs::default() };
        Article {
            text,
            blocks,
            removed,
            byline: details.byline,
            date: details.date,
            language: details.language,
            image: details.image,
            publication: details.publication,
            source: details.source,
            copyright: details.copyright,
            canonical: details.canonical,
            is_amp: details.is_amp,
            address: None,
            repairs,
            decision,
            #[cfg(feature = "newsroom")]
            wire,
        }
    }
}

fn mark_of(kind: BlockKind) -> Mark {
    match kind {
        BlockKind::Heading => Mark::Heading,
        BlockKind::ListItem => Mark::Item,
        _ => Mark::None,
    }
}
