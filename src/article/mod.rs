//! A page or file becomes an [`Article`]: title, blocks of the story, and what was left out and why.

mod decode;
mod furniture;
mod plain;

use std::fmt;

use serde::Serialize;

use crate::error::{Error, ErrorKind, Place, Result, shorten};
use crate::text::{Span, line_and_column};

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

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Breadcrumb => "breadcrumb",
            Self::RepeatedTitle => "repeated title",
            Self::Caption => "caption",
            Self::Byline => "byline",
            Self::PageFurniture => "page furniture",
            Self::Duplicate => "duplicate",
        })
    }
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

/// How an input is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Drop bytes that are no text instead of refusing the input.
    pub lossy: bool,
}

/// Reads the bytes of a file or page as an article. `name` is what messages call the input.
///
/// UTF-8, UTF-16 and Windows-1252 are recognised. An input that is not text is [`ErrorKind::Encoding`]; one
/// that holds nothing to read, or nothing but page furniture, is [`ErrorKind::Empty`].
///
/// ```
/// use audio_report::article::{ReadOptions, read_article};
///
/// let page = b"Port reopens\n\nHome > World\n\nThe port reopened on Monday.\n";
/// let article = read_article(page, "port.txt", &ReadOptions::default())?;
/// assert_eq!(article.title(), Some("Port reopens"));
/// assert_eq!(article.blocks.len(), 2);
/// assert_eq!(article.removed.len(), 1);
/// # Ok::<(), audio_report::error::Error>(())
/// ```
pub fn read_article(bytes: &[u8], name: &str, options: &ReadOptions) -> Result<Article> {
    let text = decode::decode(bytes, name, options.lossy)?;
    let article = Article::from_text(text.into_owned());
    if article.blocks.is_empty() { Err(nothing_to_read(&article, name)) } else { Ok(article) }
}

/// So many pieces that were left out are named in a message.
const SHOWN: usize = 3;

/// Why an article without a block is none: an empty input, or what was left out of it.
fn nothing_to_read(article: &Article, name: &str) -> Error {
    let Some(first) = article.removed.first() else {
        return Error::new(ErrorKind::Empty, format!("{name} is empty: there is nothing to read"))
            .at(Place::file(name))
            .cure("give a file that holds an article's text");
    };
    let mut list: Vec<String> = article
        .removed
        .iter()
        .take(SHOWN)
        .map(|removed| format!("“{}” ({})", shorten(removed.span.of(&article.text), 40), removed.reason))
        .collect();
    if article.removed.len() > SHOWN {
        list.push(format!("{} more", article.removed.len() - SHOWN));
    }
    let (line, column) = line_and_column(article.text.as_bytes(), first.span.start);
    Error::new(ErrorKind::Empty, format!("{name} holds only page furniture; left out: {}", list.join(", ")))
        .at(Place::file(name).line(line, column))
        .cure("copy the story itself into the file, or fetch the whole page")
}
