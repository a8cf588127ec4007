//! The door before all routes: who may not come in is told why, and pages of allowed sites may read the answer.
//!
//! CORS is written here rather than taken from tower-http. Its layer lets requests of foreign sites through to the routes, and only keeps
//! their pages from reading the answer. It also can't allow all of `x-stainless-*`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::debug;

use super::fault::Fault;
use crate::serve::Server;
use crate::serve::access::{Refusal, Sender};

/// Chromium asks whether a page of the open web may reach a private network.
const ASKS_PRIVATE: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOWS_PRIVATE: HeaderName = HeaderName::from_static("access-control-allow-private-network");
/// How long a browser may keep the answer to its question; Chromium keeps none longer.
const KEPT: HeaderValue = HeaderValue::from_static("7200");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, DELETE");
/// Fields that pages may send, beside those of [`OPENAI`].
const FIELDS: &str = "authorization, content-type, idempotency-key, last-event-id, openai-beta, openai-organization, openai-project, range";
/// Begins the fields in which OpenAI's packages describe themselves.
const OPENAI: &str = "x-stainless-";
/// Fields of that sort that are heeded in one question.
const MOST_FIELDS: usize = 32;
/// Fields of answers that pages may read, beside those that they may always.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "accept-ranges, content-disposition, content-length, content-range, etag, location, retry-after, www-authenticate, \
     x-ignored-parameters, x-request-id, x-should-retry, x-synthetic-speech",
);
const DIFFERS: HeaderValue = HeaderValue::from_static("Origin");
const DIFFERS_MORE: HeaderValue = HeaderValue::from_static(
    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network",
);

/// The other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(in crate::serve) struct Peer(pub(in crate::serve) SocketAddr);

/// Lets a request in, or answers it.
pub(super) async fn guard(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let peer = head.extensions.get::<Peer>().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
    let access = &server.guard.access;
    let sender = match access.sender(&head) {
        Ok(sender) => sender,
        Err(refusal) => {
            let mut answer = refused(refusal, peer).into_response();
            answer.headers_mut().append(header::VARY, DIFFERS);
            return answer;
        }
    };
    if sender != Sender::Own && is_question(&head.method, &head.headers) {
        return allowed(&sender, &head.headers);
    }
    let mut answer = match access.admit(&head, &sender, peer) {
        Ok(()) => next.run(Request::from_parts(head, body)).await,
        Err(refusal) => unknown(refusal, peer),
    };
    let headers = answer.headers_mut();
    if access.cors().has_sites() {
        headers.append(header::VARY, DIFFERS);
    }
    if let Some(site) = shown(&sender) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, site);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    answer
}

/// A page asks before it sends what a form could not (a preflight).
fn is_question(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn allowed(sender: &Sender, asked: &HeaderMap) -> Response {
    let mut answer = StatusCode::NO_CONTENT.into_response();
    let headers = answer.headers_mut();
    headers.insert(header::VARY, DIFFERS_MORE);
    if let Some(site) = shown(sender) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, site);
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, fields(asked));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, KEPT);
    if asked.contains_key(ASKS_PRIVATE) {
        headers.insert(ALLOWS_PRIVATE, HeaderValue::from_static("true"));
    }
    answer
}

/// The fields that a page may send; those of OpenAI's packages as it has asked for them, because their list grows.
fn fields(asked: &HeaderMap) -> HeaderValue {
    let mut list = FIELDS.to_string();
    let values = asked.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS).iter();
    let names = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let names = names.map(|name| name.trim().to_ascii_lowercase());
    for name in names.filter(|name| name.starts_with(OPENAI)).take(MOST_FIELDS) {
        // Only what is a name at all, so that nothing else gets into our head.
        if HeaderName::try_from(&*name).is_ok() {
            list.push_str(", ");
            list.push_str(&name);
        }
    }
    HeaderValue::try_from(list).unwrap_or(HeaderValue::from_static(FIELDS))
}

fn shown(sender: &Sender) -> Option<HeaderValue> {
    match sender {
        Sender::Own => None,
        Sender::Site(site) => HeaderValue::try_from(site).ok(),
        Sender::Anyone => Some(HeaderValue::from_static("*")),
    }
}

/// The answer to what does not come from where it should.
fn refused(refusal: Refusal, peer: IpAddr) -> Fault {
    debug!(%peer, ?refusal, "a request is refused");
    match refusal {
        Refusal::NoHost => Fault::new(
            StatusCode::BAD_REQUEST,
            "The request must say in one Host field which server it means.",
        )
        .named("invalid_host"),
        Refusal::ForeignHost => Fault::new(
            StatusCode::MISDIRECTED_REQUEST,
            "The Host of the request is no name of this server. Whoever runs it allows a name with --host NAME, or gives out tokens.",
        )
        .named("unknown_host"),
        _ => Fault::new(
            StatusCode::FORBIDDEN,
            "Pages of this site may not use the server. Whoever runs it allows a site with --cors ORIGIN.",
        )
        .named("origin_not_allowed"),
    }
}

/// The answer to whoever does not show a token.
pub(super) fn unknown(refusal: Refusal, peer: IpAddr) -> Response {
    debug!(%peer, ?refusal, "a request is refused");
    let (message, challenge) = match refusal {
        Refusal::Guessing(wait) => return Fault::guessing(wait).into_response(),
        Refusal::NotOurPage => {
            let message = "A session is for the pages of this server alone.";
            return Fault::new(StatusCode::FORBIDDEN, message).named("origin_not_allowed").into_response();
        }
        Refusal::WrongCode => (
            "The code is not good, or no longer: it opens one session, within an hour. A token opens one, too.",
            "Bearer realm=\"audio-report\"",
        ),
        Refusal::WrongToken => {
            ("The token is not known here.", "Bearer realm=\"audio-report\", error=\"invalid_token\"")
        }
        _ => (
            "The server wants a token: Authorization: Bearer TOKEN. Clients of OpenAI call it the API key.",
            "Bearer realm=\"audio-report\"",
        ),
    };
    let fault = Fault::new(StatusCode::UNAUTHORIZED, message).named("invalid_api_key");
    let mut answer = fault.into_response();
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    answer
}
