//! Measures every request: its route, how it ends, and its bytes. And `GET /metrics`, which tells what was measured.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Body as Answer;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::fault::Fault;
use crate::serve::Server;
use crate::serve::metrics::{Form, Metrics, Outcome};

/// The route of a request that matches none.
const NONE: &str = "none";

/// Measurements
///
/// In Prometheus's own text, or as `OpenMetrics` where `Accept` names that.
#[utoipa::path(get, path = "/metrics", operation_id = "measure", tag = "server",
    responses((status = 200, description = "All of them.",
        content((String = "text/plain"), (String = "application/openmetrics-text")))))]
pub(super) async fn tell(State(server): State<Arc<Server>>, headers: HeaderMap) -> Result<Response, Fault> {
    let form = form(&headers);
    let told = server.metrics.told(form).map_err(|_| {
        Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "The measurements can't be told.")
            .named("metrics_failed")
    })?;
    let mut response = Response::new(told.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    Ok(response)
}

/// Whoever can read `OpenMetrics` says so.
fn form(headers: &HeaderMap) -> Form {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let is_open = accepted.any(|value| value.contains("application/openmetrics-text"));
    if is_open { Form::OpenMetrics } else { Form::Prometheus }
}

/// Counts a request when its answer is sent, or when nobody waits for it any more.
pub(super) async fn measure(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let route = path.map_or(NONE, |path| path.as_str().strip_prefix("/v1").unwrap_or(path.as_str()));
    let mut asked =
        Asked { metrics: server.metrics.clone(), route: route.to_owned(), outcome: Outcome::Cancelled };
    let is_head = request.method() == Method::HEAD;
    let response = next.run(request).await;
    let outcome = match response.status() {
        StatusCode::TOO_MANY_REQUESTS => Outcome::Busy,
        status if status.is_server_error() => Outcome::Failed,
        status if status.is_client_error() => Outcome::Refused,
        _ => Outcome::Done,
    };
    let has_body = !is_head && !response.body().is_end_stream();
    if !has_body {
        asked.outcome = outcome;
        return response;
    }
    response.map(|body| Answer::new(Measured { body, outcome, asked }))
}

/// A request that is answered; it is counted when this is dropped.
struct Asked {
    metrics: Arc<Metrics>,
    route: String,
    outcome: Outcome,
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.metrics.answered(&self.route, self.outcome);
    }
}

/// The body of an answer. Dropped before its end, it says that the client went away.
struct Measured {
    body: Answer,
    /// How the request ends if all of it is sent.
    outcome: Outcome,
    asked: Asked,
}

impl Body for Measured {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let frame = ready!(Pin::new(&mut this.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                this.asked.metrics.sent(bytes);
                // Of a body whose length is known nobody asks for the end.
                if this.body.is_end_stream() {
                    this.asked.outcome = this.outcome;
                }
            }
            Some(Err(_)) => this.asked.outcome = Outcome::Cut,
            None => this.asked.outcome = this.outcome,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
