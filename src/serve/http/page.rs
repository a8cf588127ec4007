//! `/`: the web page, and its parts below `/page/`. They are the same for everybody, and stand in the program.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::fault::Fault;
use crate::hash::hex;

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// Nothing comes from elsewhere, nothing stands within the page, and no other page shows it in a frame.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self' blob:; img-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A part of the page.
struct Part {
    name: &'static str,
    media_type: &'static str,
    text: &'static str,
    /// Names its content.
    tag: String,
}

macro_rules! parts {
    ($($name:literal: $media_type:expr),* $(,)?) => {
        [$(Part::new($name, $media_type, include_str!(concat!("../page/", $name)))),*]
    };
}

static PARTS: LazyLock<[Part; 18]> = LazyLock::new(|| {
    parts![
        "index.html": HTML,
        "page.css": STYLE,
        "player.css": STYLE,
        "story.css": STYLE,
        "reports.css": STYLE,
        "media.css": STYLE,
        "icon.svg": PICTURE,
        "main.js": SCRIPT,
        "api.js": SCRIPT,
        "article.js": SCRIPT,
        "player.js": SCRIPT,
        "reports.js": SCRIPT,
        "session.js": SCRIPT,
        "source.js": SCRIPT,
        "speaking.js": SCRIPT,
        "view.js": SCRIPT,
        "words.js": SCRIPT,
        "worklet.js": SCRIPT,
    ]
});

impl Part {
    fn new(name: &'static str, media_type: &'static str, text: &'static str) -> Self {
        let tag = format!("\"{}\"", &hex(&Sha256::digest(text))[..24]);
        Self { name, media_type, text, tag }
    }

    fn answer(&self, asked: &HeaderMap) -> Response {
        let tags = asked.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
        let is_known = tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == self.tag);
        let mut answer =
            if is_known { StatusCode::NOT_MODIFIED.into_response() } else { self.text.into_response() };
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type));
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            headers.insert(header::ETAG, tag);
        }
        // Another version of the program has another page.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(OPENER, HeaderValue::from_static("same-origin"));
        headers.insert(RESOURCE, HeaderValue::from_static("same-origin"));
        answer
    }
}

/// `GET /`
pub(super) async fn index(headers: HeaderMap) -> Response {
    PARTS[0].answer(&headers)
}

/// `GET /page/{name}`
pub(super) async fn part(
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let Path(name) = name.map_err(|_| Fault::unknown_route())?;
    let part = PARTS[1..].iter().find(|part| part.name == name).ok_or_else(Fault::unknown_route)?;
    Ok(part.answer(&headers))
}
