//! A page or file becomes an [`Article`]: title, blocks of the story, and the omitted pieces with their reasons.
//!
//! Plain text, HTML, Markdown, mail, Word documents and the IPTC's formats are recognised by content. No visible text is lost: it is in a block or in
//! [`Article::removed`].

pub(crate) mod confidence;
mod decode;
mod details;
mod draft;
mod edited;
mod format;
mod furniture;
mod hand_made;
#[cfg(feature = "html")]
pub(crate) mod html;
mod language;
#[cfg(feature = "markdown")]
mod markdown;
mod mojibake;
#[cfg(feature = "newsroom")]
pub(crate) mod newsroom;
mod plain;
mod reason;
mod shape;

use std::borrow::Cow;

use serde::Serialize;

use crate::error::{Cure, Error, ErrorKind, Place, Result, shorten};
use crate::text::{Span, line_and_column};
use confidence::Decision;
use draft::Draft;
pub(crate) use format::Format;
pub use reason::Reason;

/// The kind of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BlockKind {
    /// The headline; at most one, always first.
    Title,
    /// A heading inside the story.
    Heading,
    /// A paragraph of the story.
    Paragraph,
    /// A quotation set apart.
    Quote,
    /// An item of a list, or a row of a small table.
    ListItem,
    /// A picture's caption; only with [`ReadOptions::captions`].
    Caption,
    /// Who wrote the story; only with [`ReadOptions::byline`].
    Byline,
}

impl BlockKind {
    /// Its name in JSON and on the screen.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Heading => "heading",
            Self::Paragraph => "paragraph",
            Self::Quote => "quote",
            Self::ListItem => "list",
            Self::Caption => "caption",
            Self::Byline => "byline",
        }
    }
}

/// A piece of the story; its text is `span` of [`Article::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// Its kind.
    pub kind: BlockKind,
    /// Where it stands in [`Article::text`].
    pub span: Span,
}

/// A piece of the input that is not read, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// Where it stands in [`Article::text`].
    pub span: Span,
    /// Why it is not read.
    pub reason: Reason,
}

/// The faults of an input that were set right before it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Repairs {
    /// Bytes that are no text in the input's encoding. In a page they are shown as U+FFFD, or as the sign of Windows-1252
    /// that they certainly are; elsewhere [`ReadOptions::lossy`] drops them.
    pub bad_bytes: usize,
    /// Characters that had been read in a wrong encoding on their way: `’` from `â€™`, `é` from `Ã©`.
    pub mojibake: usize,
}

/// A news article: the pieces to be read, in order, and the omitted ones.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Article {
    text: String,
    blocks: Vec<Block>,
    removed: Vec<Removed>,
    byline: Option<String>,
    date: Option<String>,
    language: Option<String>,
    image: Option<String>,
    publication: Option<String>,
    source: Option<String>,
    copyright: Option<String>,
    /// Where it was fetched from.
    address: Option<String>,
    #[serde(skip)]
    canonical: Option<String>,
    #[serde(skip)]
    is_amp: bool,
    repairs: Repairs,
    #[serde(skip)]
    decision: Decision,
    /// What the agency says of it.
    #[cfg(feature = "newsroom")]
    wire: Option<newsroom::wire::Wire>,
}

/// How an input is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct ReadOptions {
    /// Drop bytes that are not text instead of refusing the input, and read a page however many of them it has.
    pub lossy: bool,
    /// Read pictures' captions, too.
    pub captions: bool,
    /// Read who wrote the story, too.
    pub byline: bool,
    /// Read a story in any language as if it were English, instead of refusing it.
    pub any_language: bool,
    /// Read a story before the hour until which its agency holds it back.
    pub ignore_embargo: bool,
}

impl ReadOptions {
    /// The same, with bytes that are no text dropped or refused.
    #[must_use]
    pub fn with_lossy(self, lossy: bool) -> Self {
        Self { lossy, ..self }
    }

    /// The same, with or without pictures' captions.
    #[must_use]
    pub fn with_captions(self, captions: bool) -> Self {
        Self { captions, ..self }
    }

    /// The same, with or without who wrote the story.
    #[must_use]
    pub fn with_byline(self, byline: bool) -> Self {
        Self { byline, ..self }
    }

    /// The same, with stories in other languages than English read or refused.
    #[must_use]
    pub fn with_any_language(self, any_language: bool) -> Self {
        Self { any_language, ..self }
    }

    /// The same, with stories read before the hour of their agency, or not.
    #[must_use]
    pub fn with_ignore_embargo(self, ignore_embargo: bool) -> Self {
        Self { ignore_embargo, ..self }
    }
}

/// Reads the bytes of a file or page as an article. `name` is what messages call the input.
///
/// UTF-8, UTF-16 and Windows-1252 are recognised, and for HTML any encoding that the page declares. A few bad bytes in
/// a page, and characters that were read in a wrong encoding before, are set right; [`Article::repairs`] counts them.
///
/// An input that is not text is [`ErrorKind::Encoding`]. A news feed, or a page too large to be an article, is
/// [`ErrorKind::Input`]. An input without anything to read, or with page furniture alone, is [`ErrorKind::Empty`]. A
/// story in another language than English is [`ErrorKind::Language`]: its own words decide, and where they are too few
/// the page's claim.
///
/// Mail, Word documents, NewsML-G2, NITF, ninjs, and an archive with one of these are read with the feature `newsroom`. A
/// story whose hour has not come is [`ErrorKind::Embargoed`], and one that its agency cancelled [`ErrorKind::Canceled`].
///
/// ```
/// use audio_report::article::{ReadOptions, read_article};
///
/// let page = b"Port reopens\n\nHome > World\n\nThe port reopened on Monday.\n";
/// let article = read_article(page, "port.txt", &ReadOptions::default())?;
/// assert_eq!(article.title(), Some("Port reopens"));
/// assert_eq!(article.blocks().len(), 2);
/// assert_eq!(article.removed().len(), 1);
/// # Ok::<(), audio_report::error::Error>(())
/// ```
pub fn read_article(bytes: &[u8], name: &str, options: &ReadOptions) -> Result<Article> {
    read_served(bytes, name, Served::default(), *options)
}

/// What a server says of the bytes that it gives.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Served<'a> {
    /// Their encoding.
    pub(crate) charset: Option<&'a str>,
    /// Their format.
    #[cfg_attr(not(feature = "newsroom"), expect(dead_code, reason = "other formats are told by content"))]
    pub(crate) media_type: Option<&'a str>,
    /// Their format, where whoever brings them says it; else their content does.
    pub(crate) format: Option<Format>,
}

/// Reads bytes that a server gave.
pub(crate) fn read_served(
    bytes: &[u8],
    name: &str,
    served: Served<'_>,
    options: ReadOptions,
) -> Result<Article> {
    #[cfg(feature = "newsroom")]
    match of_newsroom(bytes, name, served, options)? {
        Some(newsroom::Held::File(bytes, name)) => {
            // What lies in an archive is no archive: there is one level of them.
            return read_served(&bytes, &name, Served::default(), options);
        }
        Some(newsroom::Held::Story(draft, bad_bytes)) => {
            let mut article = draft.finish(options);
            article.repairs.bad_bytes = bad_bytes;
            let article = if article.has_story() { Ok(article) } else { Err(without_story(&article, name)) };
            return check_language(article?, name, options);
        }
        None => {}
    }
    let decode::Decoded { text, bad_bytes } = decode::decode(bytes, name, served.charset, options.lossy)?;
    let (mut article, format) = read(text, name, served, options)?;
    article.repairs.bad_bytes = bad_bytes;
    match format {
        #[cfg(feature = "newsroom")]
        Format::NewsMl | Format::Nitf | Format::Ninjs if !article.has_story() => {
            Err(without_story(&article, name))
        }
        #[cfg(feature = "html")]
        Format::Html if !article.has_story() => Err(no_story(&article, name)),
        _ if article.blocks.is_empty() && article.removed.is_empty() => Err(nothing_at_all(name)),
        _ if article.blocks.is_empty() => Err(only_furniture(&article, name)),
        _ if !options.lossy && is_damaged(&article) => Err(damaged(name)),
        _ => Ok(article),
    }
    .and_then(|article| check_language(article, name, options))
}

/// What newsrooms have, unless it is said to be something else.
#[cfg(feature = "newsroom")]
fn of_newsroom(
    bytes: &[u8],
    name: &str,
    served: Served<'_>,
    options: ReadOptions,
) -> Result<Option<newsroom::Held>> {
    if served.format.is_some() {
        return Ok(None);
    }
    newsroom::read_bytes(bytes, name, served.media_type, options)
}

/// The text of a page's bytes, as [`read_article`] takes it.
pub(crate) fn page_text(bytes: &[u8]) -> Result<String> {
    let decode::Decoded { text, .. } = decode::decode(bytes, "the page", None, false)?;
    Ok(text_of(text).0)
}

/// Reads a page that is text already. Unlike for [`read_article`], a page without a story is no error: it has no blocks.
pub(crate) fn read_text(page: String, name: &str, options: ReadOptions) -> Result<Article> {
    let (article, _) = read(Cow::Owned(page), name, Served::default(), options)?;
    check_language(article, name, options)
}

/// The byte order mark. Within a text it has no width and no meaning (Unicode 16, 23.8); files that were joined bring
/// that of each along, within words too.
const MARK: char = '\u{feff}';

/// The text without byte order marks, and repaired; with the number of its repairs.
fn text_of(text: Cow<'_, str>) -> (String, usize) {
    let text = if text.contains(MARK) { Cow::Owned(text.replace(MARK, "")) } else { text };
    let (text, repaired) = mojibake::repair(text);
    (text.into_owned(), repaired)
}

/// Lines of the longest text that is read, each of which may be a paragraph; books have some ten thousand.
const MOST_LINES: usize = 200_000;

fn too_many_lines(name: &str) -> Error {
    Error::new(ErrorKind::Input, format!("this text has more than {MOST_LINES} lines; that is no article"))
        .at(Place::file(name))
        .with_cure(Cure::SaveStoryAlone)
}

fn read(
    text: Cow<'_, str>,
    name: &str,
    served: Served<'_>,
    options: ReadOptions,
) -> Result<(Article, Format)> {
    let (text, repaired) = text_of(text);
    let format = served.format.unwrap_or_else(|| Format::of(&text));
    #[cfg(feature = "newsroom")]
    let format = match format {
        Format::Plain | Format::Markdown
            if served.format.is_none() && newsroom::is_named_json(&text, name, served.media_type) =>
        {
            Format::Ninjs
        }
        format => format,
    };
    #[cfg(not(feature = "newsroom"))]
    let _ = served;
    #[cfg(feature = "newsroom")]
    if let Some(draft) = newsroom::read_text(format, &text, name, options)? {
        let mut article = draft.finish(options);
        article.repairs.mojibake += repaired;
        return Ok((article, format));
    }
    let draft = match format {
        Format::Plain if text.lines().nth(MOST_LINES).is_some() => return Err(too_many_lines(name)),
        Format::Plain => Draft::from_plain_text(text),
        #[cfg(feature = "markdown")]
        Format::Markdown => markdown::read(&text),
        #[cfg(feature = "html")]
        Format::Html => html::read(&text).map_err(|error| error.at(Place::file(name)))?,
        #[cfg(not(feature = "markdown"))]
        Format::Markdown => return Err(not_built_in("Markdown", name)),
        #[cfg(not(feature = "html"))]
        Format::Html => return Err(not_built_in("HTML", name)),
        Format::Feed => {
            return Err(Error::new(ErrorKind::Input, "this is a news feed, not an article")
                .at(Place::file(name))
                .with_cure(Cure::NameArticle));
        }
        Format::NewsMl | Format::Nitf | Format::Ninjs => {
            return Err(not_built_in("a format of news agencies", name));
        }
    };
    let mut article = draft.finish(options);
    article.repairs.mojibake += repaired;
    Ok((article, format))
}

fn check_language(article: Article, name: &str, options: ReadOptions) -> Result<Article> {
    if !options.any_language {
        language::check(&article, name)?;
    }
    Ok(article)
}

/// Whether so much of a story can't be read that its encoding is another one. Bad bytes are few in a page of which the
/// story is a small part.
fn is_damaged(article: &Article) -> bool {
    const FEW: usize = 16;
    let (mut bad, mut all) = (0, 0);
    for block in &article.blocks {
        let text = block.span.of(&article.text);
        bad += text.matches(char::REPLACEMENT_CHARACTER).count();
        all += text.len();
    }
    bad > FEW && bad * 20 > all
}

fn damaged(name: &str) -> Error {
    let what = format!("the story in {name} is in another encoding than the page says");
    Error::new(ErrorKind::Encoding, what).at(Place::file(name)).with_cure(Cure::DropBadBytes)
}

fn not_built_in(format: &str, name: &str) -> Error {
    let what = format!("{name} is {format}, which this program was built without");
    Error::new(ErrorKind::Input, what).at(Place::file(name))
}

/// So many omitted pieces are named in a message.
const SHOWN: usize = 3;

fn nothing_at_all(name: &str) -> Error {
    Error::new(ErrorKind::Empty, format!("{name} is empty: there is nothing to read"))
        .at(Place::file(name))
        .with_cure(Cure::GiveArticle)
}

/// The pieces left out of an article without a block.
fn only_furniture(article: &Article, name: &str) -> Error {
    let start = article.removed.first().map_or(0, |removed| removed.span.start);
    let (line, column) = line_and_column(article.text.as_bytes(), start);
    let left_out = left_out(article);
    Error::new(ErrorKind::Empty, format!("{name} holds only page furniture; left out: {left_out}"))
        .at(Place::file(name).line(line, column))
        .with_cure(Cure::GiveWholeStory)
}

/// Why a document of a newsroom is no article: it has no text, or none of a story.
#[cfg(feature = "newsroom")]
fn without_story(article: &Article, name: &str) -> Error {
    if article.removed.is_empty() { newsroom::no_body(name) } else { only_furniture(article, name) }
}

/// Why a page in HTML is no article.
#[cfg(feature = "html")]
fn no_story(article: &Article, name: &str) -> Error {
    let mut what = format!("no story is found in the page {name}");
    if !article.removed.is_empty() {
        what.push_str(&format!("; left out: {}", left_out(article)));
    }
    Error::new(ErrorKind::Empty, what).at(Place::file(name)).with_cure(Cure::SaveFromBrowser)
}

/// The first pieces that were left out, for a message.
fn left_out(article: &Article) -> String {
    let mut list: Vec<String> = article
        .removed
        .iter()
        .take(SHOWN)
        .map(|removed| format!("“{}” ({})", shorten(removed.span.of(&article.text), 40), removed.reason))
        .collect();
    if article.removed.len() > SHOWN {
        list.push(format!("{} more", article.removed.len() - SHOWN));
    }
    list.join(", ")
}
