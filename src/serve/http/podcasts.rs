//! `/podcast/…`: the feeds of folders, and their files, for apps that send no tokens.

use std::fs;
use std::io::Read;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use super::fault::Fault;
use super::file::{self, Sendable};
use super::openapi::speech::Sound;
use super::reports::PAGE_LOADS;
use super::speech::SYNTHETIC;
use crate::hash::hex;
use crate::serve::Server;
use crate::serve::podcasts::{BEGIN, media_type, seen_from};

/// Larger feeds are sent as they are written.
const LARGEST_FEED: u64 = 16 << 20;
/// Says how a proxy in front was asked.
const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// Pages that are linked to must not learn the address.
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
/// May be kept by the client alone, which asks each time whether it still holds.
const KEPT: HeaderValue = HeaderValue::from_static("private, no-cache");

/// A file of a podcast
///
/// The feed is `podcast.xml`; its addresses are those by which it is asked for. Ranges and conditions are heeded. The path is a secret, and
/// needs no token.
#[utoipa::path(get, path = "/podcast/{secret}/{name}", operation_id = "get_podcast_file", tag = "podcasts",
    params(
        ("secret" = String, Path, description = "The secret of the podcast."),
        ("name" = String, Path, description = "The name of the file, with its folders."),
    ),
    security(()),
    responses(
        (status = 200, description = "All of it.", content((Sound = "*/*"))),
        (status = 206, description = "The part that was asked for.", content((Sound = "*/*"))),
        (status = 304, description = "It is the one that the client has."),
    ))]
pub(super) async fn send(
    State(server): State<Arc<Server>>,
    place: Result<Path<(String, String)>, PathRejection>,
    method: Method,
    asked: HeaderMap,
) -> Result<Response, Fault> {
    let Path((secret, name)) = place.map_err(|_| file::missing())?;
    let media_type = media_type(&name).ok_or_else(file::missing)?;
    let is_feed = media_type.starts_with("application/rss+xml");
    let base = base(&asked, server.guard.tls.is_some(), &secret);
    let found = spawn_blocking(move || {
        let path = server.podcasts.find(&secret)?.file(&name)?;
        let feed = base.filter(|_| is_feed).and_then(|base| Some(seen_from(&read(&path)?, &base)));
        Some((path, name, feed))
    });
    let (path, name, feed) = found.await.ok().flatten().ok_or_else(file::missing)?;
    let mut response = match feed {
        Some(feed) => of_feed(feed, media_type, &asked),
        None => whole(path, &name, media_type, &method, &asked).await?,
    };
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, NO_REFERRER);
    if media_type.starts_with("text/html") {
        headers.insert(header::CONTENT_SECURITY_POLICY, PAGE_LOADS);
    } else if media_type.starts_with("audio/") {
        headers.insert(SYNTHETIC, HeaderValue::from_static("true"));
    }
    Ok(response)
}

async fn whole(
    path: PathBuf,
    name: &str,
    media_type: &str,
    method: &Method,
    asked: &HeaderMap,
) -> Result<Response, Fault> {
    let name = name.rsplit('/').next().unwrap_or(name).to_owned();
    let sendable = Sendable { path, name, media_type: media_type.to_owned(), tag: None, is_saved: false };
    file::send(sendable, method, asked).await
}

fn read(path: &FilePath) -> Option<String> {
    let file = fs::File::open(path).ok()?;
    let length = file.metadata().ok().filter(fs::Metadata::is_file)?.len();
    let mut text = String::new();
    let is_small = length <= LARGEST_FEED;
    (is_small && file.take(LARGEST_FEED).read_to_string(&mut text).is_ok()).then_some(text)
}

/// The address of a podcast's folder, as the client has it.
fn base(asked: &HeaderMap, has_tls: bool, secret: &str) -> Option<String> {
    let host = asked.get(header::HOST)?.to_str().ok()?;
    let is_secure = has_tls || asked.get(FORWARDED).is_some_and(|scheme| scheme == "https");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let scheme = if is_secure { "https" } else { "http" };
    host.chars().all(is_plain).then(|| format!("{scheme}://{host}{BEGIN}{secret}/"))
}

fn of_feed(feed: String, media_type: &'static str, asked: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex(&Sha256::digest(&feed)[..16]));
    let mut known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    let is_known = known.any(|tags| {
        tags.split(',').any(|known| known.trim() == "*" || known.trim().trim_start_matches("W/") == tag)
    });
    let mut response = if is_known { Response::default() } else { Response::new(feed.into()) };
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    if !is_known {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, KEPT);
    headers.insert(header::VARY, HeaderValue::from_static("Host"));
    response
}
