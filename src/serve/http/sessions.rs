//! `/sessions`: a browser shows a one-time code or a token, and gets a cookie.

use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::door::{self, Peer};
use super::fault::Fault;
use super::order::string;
use super::{json as answer, request};
use crate::serve::Server;
use crate::serve::access::{LIFE, Shown, cookie};

/// `GET /sessions`
pub(super) async fn state(State(server): State<Arc<Server>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    let access = &server.guard.access;
    let (is_needed, is_open) = (access.has_tokens(), access.has_session(&head.headers));
    answer(StatusCode::OK, &json!({ "object": "session", "is_needed": is_needed, "is_open": is_open }))
}

/// `POST /sessions`
pub(super) async fn begin(State(server): State<Arc<Server>>, request: Request) -> Result<Response, Response> {
    let (head, body) = request.into_parts();
    let fields = request::object(&head.headers, body, &server.limits).await.map_err(Fault::answer)?;
    let text = |name| {
        let text = string(&fields, name).map_err(Fault::answer)?;
        Ok::<_, Response>(text.map(str::trim).filter(|text| !text.is_empty()))
    };
    let (code, token) = (text("code")?, text("token")?);
    let access = &server.guard.access;
    if !access.has_tokens() {
        return Ok(answer(StatusCode::OK, &json!({ "object": "session", "is_needed": false })));
    }
    let shown = match (code, token) {
        (Some(code), None) => Shown::Code(code),
        (None, Some(token)) => Shown::Token(token),
        _ => {
            let message = "Give either the code that the server printed at its start, or a token.";
            return Err(Fault::wrong("code", "missing_required_parameter", message).answer());
        }
    };
    let peer = head.extensions.get::<Peer>().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
    let secret = match access.sign_in(&shown, peer) {
        Ok(Ok(secret)) => secret,
        Ok(Err(error)) => return Err(Fault::of(&error).answer()),
        Err(refusal) => return Err(door::unknown(refusal, peer)),
    };
    let session = json!({ "object": "session", "is_needed": true, "expires_in": LIFE.as_secs() });
    Ok(with_cookie(answer(StatusCode::OK, &session), &cookie(Some(&secret), is_secure(&server, &head))))
}

/// `DELETE /sessions`
pub(super) async fn end(State(server): State<Arc<Server>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    server.guard.access.sign_out(&head.headers);
    with_cookie(StatusCode::NO_CONTENT.into_response(), &cookie(None, is_secure(&server, &head)))
}

/// Whether the browser speaks TLS, be it with a proxy in front of the server.
fn is_secure(server: &Server, head: &Parts) -> bool {
    let origin = head.headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    server.guard.tls.is_some() || origin.is_some_and(|origin| origin.starts_with("https://"))
}

fn with_cookie(mut answer: Response, cookie: &str) -> Response {
    let headers = answer.headers_mut();
    // Its signs are ASCII.
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
