//! Pages from the web: the story's own address, the page behind an AMP copy, the lead picture.

use std::sync::Arc;

use tracing::debug;

use super::input::Reading;
use crate::article::{Article, Served, read_served};
use crate::error::{Error, Result};
use crate::net::{Address, Answer, Fetched, Fetcher, Request, Wanted, shown};
use crate::output::metadata::cover::Cover;

/// Fetches what was typed.
pub(super) fn fetch(typed: &str, fetcher: &Fetcher) -> Result<Fetched> {
    let shown = shown(typed);
    let address = Address::parse(typed).map_err(|fault| fault.at(&shown))?;
    get(fetcher, &Request::new(address), &shown)
}

/// The answer to a request for a page.
pub(super) fn get(fetcher: &Fetcher, request: &Request, shown: &str) -> Result<Fetched> {
    match fetcher.get(request).map_err(|fault| fault.at(shown))? {
        Answer::Fresh(page) => Ok(page),
        // Nobody asks whether it has changed.
        Answer::Unchanged => {
            Err(Error::new(crate::error::ErrorKind::HttpStatus, "the page is said not to have changed"))
        }
    }
}

/// The article of a page, with its own address and, where it is wanted, its lead picture.
pub(super) fn load(
    page: Fetched,
    name: &str,
    reading: &Reading,
) -> Result<(Arc<Article>, Option<Arc<Cover>>)> {
    let article = article(&page, name, reading)?;
    let (page, article) = match beyond_amp(&page.address, &article) {
        Some(own) => match behind(&page.address, own, name, reading) {
            Ok(original) => original,
            Err(error) => {
                debug!(%error, "the page behind the AMP copy is not to be had");
                (page.address, article)
            }
        },
        None => (page.address, article),
    };
    let picture = if reading.wants_picture { picture(&page, &article, &reading.fetcher) } else { None };
    let own = believed(&page, &article).unwrap_or_else(|| page.clone()).without_trackers();
    let article = Arc::new(article.fetched_from(page.to_string(), own.to_string()));
    Ok((article, picture))
}

fn article(page: &Fetched, name: &str, reading: &Reading) -> Result<Article> {
    let served =
        Served { charset: page.charset.as_deref(), media_type: page.media_type.as_deref(), format: None };
    read_served(&page.bytes, name, served, reading.options)
}

/// The address that a page claims as its own. It is believed within the same site only: anybody can claim to be another.
fn believed(page: &Address, article: &Article) -> Option<Address> {
    page.join(article.claimed_address()?).ok().filter(|own| own.is_same_site(page))
}

/// The page of which an AMP page is a copy.
fn beyond_amp(page: &Address, article: &Article) -> Option<Address> {
    believed(page, article).filter(|own| article.is_amp() && own != page && is_no_worse(page, own))
}

/// Whether what a page names is fetched as safely as the page itself.
fn is_no_worse(page: &Address, other: &Address) -> bool {
    other.is_secure() || !page.is_secure()
}

fn behind(copy: &Address, own: Address, name: &str, reading: &Reading) -> Result<(Address, Article)> {
    let request = Request { page: Some(copy.clone()), ..Request::new(own) };
    let original = get(&reading.fetcher, &request, name)?;
    let article = article(&original, name, reading)?;
    Ok((original.address, article))
}

/// The lead picture, where it can be had. A report without it is whole.
fn picture(page: &Address, article: &Article, fetcher: &Fetcher) -> Option<Arc<Cover>> {
    let address = page.join(article.image()?).ok().filter(|address| is_no_worse(page, address))?;
    let request = Request { wanted: Wanted::Picture, page: Some(page.clone()), ..Request::new(address) };
    match fetcher.get(&request) {
        Ok(Answer::Fresh(picture)) => Cover::new(picture.bytes).map(Arc::new),
        Ok(Answer::Unchanged) => None,
        Err(fault) => {
            debug!(address = %request.address, %fault, "the lead picture is not to be had");
            None
        }
    }
}
