//! A request's body, within limits.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use http_body::Body as _;
use tokio::time::timeout;

use super::fault::Fault;
use crate::serve::Limits;

/// The bytes of a body in JSON. Another media type is refused: a page of another site could send it without asking.
pub(super) async fn json(headers: &HeaderMap, body: Body, limits: &Limits) -> Result<Bytes, Fault> {
    if !is_json(headers) {
        let message = "The body must be JSON, and say so: Content-Type: application/json.";
        return Err(Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message).named("unsupported_media_type"));
    }
    read(body, limits).await
}

/// All of a body.
pub(super) async fn read(body: Body, limits: &Limits) -> Result<Bytes, Fault> {
    let too_large = || {
        let message = format!("The body has more than {} bytes.", limits.body);
        Fault::new(StatusCode::PAYLOAD_TOO_LARGE, message).named("request_too_large")
    };
    if body.size_hint().lower() > limits.body as u64 {
        return Err(too_large());
    }
    match timeout(limits.upload, axum::body::to_bytes(body, limits.body)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(too_large()),
        Ok(Err(_)) => {
            let message = "The body broke off.";
            Err(Fault::new(StatusCode::BAD_REQUEST, message).named("incomplete_body"))
        }
        Err(_) => {
            let message = "The body did not come in time.";
            Err(Fault::new(StatusCode::REQUEST_TIMEOUT, message).named("request_timeout"))
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}
