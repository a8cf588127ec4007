//! A page or file becomes an [`Article`]: title, blocks of the story, and what was left out and why.

use serde::Serialize;

use crate::text::Span;

/// What a block of an article is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// The headline; at most one, always first.
    Title,
    /// A heading inside the story.
    Heading,
    /// A paragraph of the story.
    Paragraph,
    /// An item of a list.
    ListItem,
}

/// A piece of the story; its text is `span` of [`Article::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Where it stands in [`Article::text`].
    pub span: Span,
}

/// Why a piece of the input is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// `Home > World > Asia`.
    Breadcrumb,
    /// The headline once more.
    RepeatedTitle,
    /// A picture's caption or credit.
    Caption,
    /// `BY …`, with or without an address.
    Byline,
    /// Share, print, log-in, subscribe, comment prompts and the like.
    PageFurniture,
    /// The same paragraph a second time.
    Duplicate,
}

/// A piece of the input that is not read, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// Where it stands in [`Article::text`].
    pub span: Span,
    /// Why it is not read.
    pub reason: Reason,
}

/// A news article: what is read, in order, and what is not.
#[derive(Clone, Debug, Serialize)]
pub struct Article {
    /// The decoded text that all spans point into.
    pub text: String,
    /// What is read, in order; a title, when there is one, is first.
    pub blocks: Vec<Block>,
    /// What is left out.
    pub removed: Vec<Removed>,
}

impl Article {
    /// The headline, when there is one.
    pub fn title(&self) -> Option<&str> {
        self.blocks
            .first()
            .filter(|block| block.kind == BlockKind::Title)
            .map(|block| block.span.of(&self.text))
    }
}
