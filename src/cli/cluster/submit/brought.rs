//! What an input brings: the bytes of an article, or the articles of a feed.

use std::sync::Arc;

use crate::cli::args::feed::FeedText;
use crate::cli::feed_text;
use crate::cli::input::{FeedArticle, Input, Reading};
use crate::cli::source::Source as Opened;
use crate::error::{Error, ErrorKind, Place, Result};
use crate::feed;
use crate::net::Fetched;
use crate::order::{Page, Source};

/// Bytes in which a feed says that it is one.
const HEAD: usize = 1_024;
/// How feeds begin.
const FEEDS: [&str; 4] = ["<rss", "<feed", "<rdf:rdf", "jsonfeed.org/version"];

/// What an input brings.
pub(super) enum Brought {
    /// An article: where it comes from, and its bytes.
    Article(Source, Vec<u8>),
    /// The articles of a feed.
    Feed(Vec<Input>),
}

impl Brought {
    /// The bytes of an article, and where they come from; or the articles of a feed.
    pub(super) fn of(input: &Input, reading: &Reading) -> Result<Self> {
        if let Input::Entry(article) = input {
            let page = feed_text::bring(article, reading)?;
            return Ok(Self::of_page(page));
        }
        let opened = Opened::open(input, &reading.fetcher)?;
        if opened.is_sound() {
            return Err(Error::new(ErrorKind::Input, "this is sound, not an article"));
        }
        let (bytes, page) = opened.whole()?;
        if bytes.is_empty() {
            return Err(Error::new(ErrorKind::Empty, "the input is empty"));
        }
        if is_feed(&bytes) {
            return Ok(Self::Feed(entries(input, &bytes, page.as_ref())?));
        }
        Ok(match page {
            Some(page) => Self::of_page(Fetched { bytes, ..page }),
            None => Self::Article(Source::File(input.name()), bytes),
        })
    }

    fn of_page(page: Fetched) -> Self {
        let Fetched { address, bytes, charset, media_type, .. } = page;
        let (address, media_type) = (address.to_string(), media_type.map(Into::into));
        Self::Article(Source::Page(Page { address, charset, media_type }), bytes)
    }
}

/// Whether bytes begin like a feed.
fn is_feed(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).to_ascii_lowercase();
    // A page may show a feed's source; but it begins as a page.
    let root = FEEDS.iter().filter_map(|root| head.find(root)).min();
    let page = ["<html", "<!doctype html", "<body"].iter().filter_map(|root| head.find(root)).min();
    root.is_some_and(|root| page.is_none_or(|page| root < page))
        && head.trim_start_matches('\u{feff}').trim_start().starts_with(['<', '{'])
}

/// The articles of a feed.
fn entries(input: &Input, bytes: &[u8], page: Option<&Fetched>) -> Result<Vec<Input>> {
    let name = input.name();
    let feed = feed::parse(
        bytes,
        &name,
        page.and_then(|page| page.charset.as_deref()),
        page.map(|page| &page.address),
    )?;
    if feed.entries.is_empty() {
        return Err(Error::new(ErrorKind::Empty, "the feed has no articles").at(Place::file(name)));
    }
    let article = |entry| {
        Input::Entry(Arc::new(FeedArticle {
            feed: input.typed(),
            entry,
            text: FeedText::Auto,
            group: None,
            keeps_similar: true,
        }))
    };
    Ok(feed.entries.into_iter().map(article).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn feeds_are_told_from_articles() {
        let rows = [
            ("<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel>", true),
            ("\u{feff}<feed xmlns=\"http://www.w3.org/2005/Atom\">", true),
            ("<rdf:RDF xmlns=\"http://purl.org/rss/1.0/\">", true),
            ("{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": []}", true),
            ("<!doctype html><html><body><pre>&lt;rss&gt; <rss></pre>", false),
            ("How <rss> began\n\nThe format is old.", false),
            ("The port reopened on Monday.", false),
            ("<nitf><body>", false),
            ("", false),
        ];
        each(rows, |(text, is)| assert_eq!(is_feed(text.as_bytes()), is, "{text}"));
    }
}
