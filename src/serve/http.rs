//! The routes, in the shape that clients of OpenAI's speech API know.
//!
//! - `fault`: what went wrong, as such clients read it
//! - `request`: a request's body, within limits
//! - `order`: what a request for speech asks for
//! - `body`: sound as an answer's body, with the permit to speak in it
//! - `events`: the same as server-sent events
//! - `file`: a file as an answer, with ranges
//! - `door`: who may come in, before all routes
//! - `words`: how words are said, for one request and for all
//! - `sessions`: how a browser comes in
//! - `page`: the web page
//! - `paths`: routes with a list of their paths
//! - `openapi`: what the server can be asked, for programs
//! - `measured`: what becomes of every request, in numbers
//! - `speech`, `lists`, `explain`, `reports`, `podcasts`: the routes themselves

mod body;
mod door;
mod events;
mod explain;
mod fault;
mod file;
#[cfg(any(test, fuzzing))]
pub(in crate::serve) mod fuzzing;
mod lists;
mod measured;
mod openapi;
mod order;
mod page;
mod paths;
mod podcasts;
mod reports;
mod request;
mod sessions;
mod speech;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};

pub(super) use self::door::Peer;
use self::fault::Fault;
use self::paths::Routes;
use super::Server;

/// The name of a request in answers; clients show it when they report a fault.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// All routes, with and without `/v1` before them.
pub(super) fn routes(server: Arc<Server>) -> Router {
    all()
        .router
        .fallback(|| async { Fault::unknown_route() })
        .method_not_allowed_fallback(|| async { Fault::wrong_method() })
        .layer(from_fn_with_state(server.clone(), door::guard))
        .layer(from_fn_with_state(server.clone(), measured::measure))
        .layer(from_fn(named))
        .with_state(server)
}

/// The same without what all of them have in common.
fn all() -> Routes {
    let api = Routes::default()
        .route("/audio/speech", post(speech::speak))
        .route("/audio/voices", get(lists::voices))
        .route("/audio/models", get(lists::audio_models))
        .route("/lexicon", get(words::list).post(words::save))
        .route("/lexicon/{*word}", delete(words::remove))
        .route("/sessions", get(sessions::state).post(sessions::begin).delete(sessions::end))
        .route("/models", get(lists::models))
        .route("/models/{*id}", get(lists::model))
        .route("/explain", post(explain::explain))
        .merge(reports::routes());
    Routes::default()
        .with_and_without("/v1", api)
        .route("/", get(page::index))
        .route("/page/{name}", get(page::part))
        .route("/podcast/{secret}/{*name}", get(podcasts::send))
        .route("/healthz", get(is_alive))
        .route("/readyz", get(is_ready))
        .route("/metrics", get(measured::tell))
        .route("/openapi.json", get(openapi::tell))
}

/// Whether the server is there
#[utoipa::path(get, path = "/healthz", operation_id = "is_alive", tag = "server",
    responses((status = 200, description = "It is.", content((String = "text/plain")))))]
async fn is_alive() -> &'static str {
    "ok\n"
}

/// Whether new work is taken
#[utoipa::path(get, path = "/readyz", operation_id = "is_ready", tag = "server",
    responses((status = 200, description = "It is.", content((String = "text/plain")))))]
async fn is_ready(State(server): State<Arc<Server>>) -> Response {
    if server.admission.is_closed() { Fault::stopping().answer() } else { "ok\n".into_response() }
}

/// Gives every answer the name of its request.
async fn named(request: Request, next: Next) -> Response {
    let name = format!("req_{:032x}", crate::serve::request_number());
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        self.answer()
    }
}

/// An answer in JSON.
fn json(status: StatusCode, value: &impl serde::Serialize) -> Response {
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, kind);
    response
}
