//! A request's body, within limits.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt;
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::fault::Fault;
use super::order;
use crate::serve::Limits;

/// What a client still sends when it is refused is taken and thrown away within this time and to this length, for most read an answer only
/// when all is sent.
const REST: (Duration, usize) = (Duration::from_secs(2), 64 << 20);

/// The bytes of a body in JSON. Another media type is refused: a page of another site could send it without asking.
pub(super) async fn json(headers: &HeaderMap, body: Body, limits: &Limits) -> Result<Bytes, Fault> {
    if !is_json(headers) {
        throw_away(body).await;
        let message = "The body must be JSON, and say so: Content-Type: application/json.";
        return Err(Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message).named("unsupported_media_type"));
    }
    read(body, limits).await
}

/// The fields of a body in JSON.
pub(super) async fn object(
    headers: &HeaderMap,
    body: Body,
    limits: &Limits,
) -> Result<Map<String, Value>, Fault> {
    let body = json(headers, body, limits).await?;
    order::object(&body)
}

/// Why a body was not read to its end.
enum Unread {
    BrokenOff,
    Late,
}

/// All of a body.
pub(super) async fn read(mut body: Body, limits: &Limits) -> Result<Bytes, Fault> {
    let mut all = BytesMut::new();
    let reading = async {
        if body.size_hint().lower() > limits.body as u64 {
            return Ok(false);
        }
        while let Some(frame) = timeout(limits.upload, body.frame()).await.map_err(|_| Unread::Late)? {
            let Ok(bytes) = frame.map_err(|_| Unread::BrokenOff)?.into_data() else { continue };
            if all.len() + bytes.len() > limits.body {
                return Ok(false);
            }
            all.extend_from_slice(&bytes);
        }
        Ok(true)
    };
    match timeout(limits.whole_upload, reading).await.unwrap_or(Err(Unread::Late)) {
        Ok(true) => Ok(all.freeze()),
        Ok(false) => {
            throw_away(body).await;
            let message = format!("The body has more than {} bytes.", limits.body);
            Err(Fault::new(StatusCode::PAYLOAD_TOO_LARGE, message).named("request_too_large"))
        }
        Err(Unread::BrokenOff) => {
            let message = "The body broke off.";
            Err(Fault::new(StatusCode::BAD_REQUEST, message).named("incomplete_body"))
        }
        Err(Unread::Late) => {
            let message = "The body did not come in time.";
            Err(Fault::new(StatusCode::REQUEST_TIMEOUT, message).named("request_timeout"))
        }
    }
}

pub(super) async fn throw_away(mut body: Body) {
    let (time, most) = REST;
    if body.size_hint().lower() > most as u64 {
        return;
    }
    let taking = async {
        let mut taken = 0;
        while taken < most
            && let Some(Ok(frame)) = body.frame().await
        {
            taken += frame.data_ref().map_or(0, Bytes::len);
        }
    };
    // Whoever is slower finds its connection closed.
    let _ = timeout(time, taking).await;
}

pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
}
