//! Who asks, and for which server, for `crate::fuzzing`.

use std::net::IpAddr;
use std::time::Instant;

use axum::http::{HeaderMap, HeaderValue, header};

use super::host::{Authority, Host, Hosts};
use super::origin::Origin;
use super::sessions::Sessions;
use super::tokens;

/// What stands in `Host`, `Origin` and `Cookie`.
pub(in crate::serve) fn host(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let listened = [(IpAddr::from([127, 0, 0, 1]), 8_080).into()];
    if let Some(authority) = Authority::parse(&text) {
        Hosts::new(&listened, Vec::new()).has(&authority.host);
        if let Some(origin) = Origin::parse(&text) {
            origin.is_of(&authority);
        }
    }
    std::hint::black_box((Host::parse(&text), Origin::parse(&text)));
    let sessions = Sessions::default();
    sessions.take_code(&text, Instant::now());
    if let Ok(value) = HeaderValue::from_bytes(bytes) {
        assert!(sessions.of(&HeaderMap::from_iter([(header::COOKIE, value)]), Instant::now()).is_none());
    }
}

/// A file of tokens. A fault must have a line of the file.
pub(in crate::serve) fn tokens(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(line) = tokens::parse(&text) {
        assert!((1..=text.lines().count()).contains(&line), "{line}");
    }
}
