//! The text of an article of a feed: the feed's own, or that of its page.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tracing::debug;

use super::args::feed::FeedText;
use super::input::{FeedArticle, Loaded, Reading};
use super::web;
use crate::article::read_article;
use crate::calendar::Date;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
#[cfg(feature = "cluster")]
use crate::net::Validators;
use crate::net::{Address, Fetched, Request, Robots};

/// From here on the text of a feed is a whole story, and no teaser.
const WHOLE_STORY: usize = 250;
/// Less is not even a teaser.
const TEASER: usize = 40;

/// The article, from where it is wanted.
pub(super) fn load(article: &FeedArticle, reading: &Reading) -> Result<Loaded> {
    let words = article.entry.words();
    match article.text {
        FeedText::Feed => from_feed(article, reading),
        FeedText::Page => from_page(article, reading),
        FeedText::Auto if words >= WHOLE_STORY || article.entry.link.is_none() => from_feed(article, reading),
        FeedText::Auto => match from_page(article, reading) {
            Err(error) if words >= TEASER && error.kind() != ErrorKind::Interrupted => {
                debug!(%error, "the page is not to be had; the feed's own text is read");
                from_feed(article, reading)
            }
            loaded => loaded,
        },
    }
}

fn from_feed(article: &FeedArticle, reading: &Reading) -> Result<Loaded> {
    let name = article.name();
    let page = article.entry.page().ok_or_else(|| {
        Error::new(ErrorKind::Empty, "the feed has no text of this article")
            .at(Place::file(&name))
            .with_cure(Cure::other("read its page: --text page"))
    })?;
    let content = Sha256::digest(&page).into();
    let read = read_article(page.as_bytes(), &name, &reading.options)?;
    let read = match &article.entry.link {
        Some(link) => read.fetched_from(link.clone(), link.clone()),
        None => read,
    };
    Ok(complete(article, Loaded { article: Arc::new(read), content, picture: None }))
}

/// The bytes of the text, for another machine to read, as a page with its address: from where it is usually wanted.
#[cfg(feature = "cluster")]
pub(super) fn bring(article: &FeedArticle, reading: &Reading) -> Result<Fetched> {
    let own = || {
        let page = article.entry.page()?;
        Some(Fetched {
            address: article.entry.address()?,
            bytes: page.into_bytes(),
            charset: Some("utf-8".to_string()),
            media_type: None,
            validators: Validators::default(),
        })
    };
    if article.entry.address().is_none() {
        let what = "the feed names no page of this article, by whose address others could know it";
        return Err(Error::new(ErrorKind::Input, what).at(Place::file(article.name())));
    }
    let words = article.entry.words();
    if let Some(own) = own().filter(|_| words >= WHOLE_STORY) {
        return Ok(own);
    }
    match fetch(article, reading) {
        Err(error) if words >= TEASER && error.kind() != ErrorKind::Interrupted => own().ok_or(error),
        fetched => fetched,
    }
}

fn from_page(article: &FeedArticle, reading: &Reading) -> Result<Loaded> {
    let mut page = fetch(article, reading)?;
    let bytes = std::mem::take(&mut page.bytes);
    let content = Sha256::digest(&bytes).into();
    let (read, picture) = web::load(Fetched { bytes, ..page }, &article.name(), reading)?;
    Ok(complete(article, Loaded { article: read, content, picture }))
}

/// The page of an article.
fn fetch(article: &FeedArticle, reading: &Reading) -> Result<Fetched> {
    let name = article.name();
    let address = article.entry.address().ok_or_else(|| {
        Error::new(ErrorKind::Input, "the feed names no page of this article")
            .at(Place::file(&name))
            .with_cure(Cure::other("read the feed's own text: --text feed"))
    })?;
    let pause = check_robots(&address, &name, reading)?;
    web::get(&reading.fetcher, &Request { pause, ..Request::new(address) }, &name)
}

/// Pages that a feed names are fetched by a robot: what the site asks of robots counts. Returns the pause that it asks for.
fn check_robots(address: &Address, name: &str, reading: &Reading) -> Result<Option<Duration>> {
    let robots = reading.sites.robots(&reading.fetcher, address).map_err(|fault| fault.at(name))?;
    match &*robots {
        Robots::Open => Ok(None),
        Robots::Rules(rules) if robots.allows(address) => Ok(rules.delay),
        Robots::Rules(_) => {
            Err(Error::new(ErrorKind::HttpStatus, "the site asks robots not to fetch this page")
                .at(Place::file(name))
                .with_cure(Cure::other(
                    "read the feed's own text: --text feed; or read the page yourself: audio-report read URL",
                )))
        }
        Robots::NotNow => {
            Err(Error::new(ErrorKind::HttpStatus, "the site does not say now what robots may fetch")
                .at(Place::file(name))
                .with_cure(Cure::RetryLater { seconds: None }))
        }
    }
}

/// The article with what only the feed says of it.
fn complete(article: &FeedArticle, loaded: Loaded) -> Loaded {
    let byline = Some(article.entry.authors.join(" and ")).filter(|names| !names.is_empty());
    let date = article.entry.published.map(|time| Date::of_seconds(time).to_string());
    let own = Arc::unwrap_or_clone(loaded.article).or_of_feed(byline, date);
    Loaded { article: Arc::new(own), ..loaded }
}
