//! `POST /audio/speech`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::body::{Plain, SpeechBody};
use super::events::Events;
use super::fault::Fault;
use super::order::Order;
use super::request;
use crate::output::encode::Format;
use crate::serve::Server;
use crate::serve::speech::Form;

/// Says that nobody read this aloud.
const SYNTHETIC: HeaderName = HeaderName::from_static("x-synthetic-speech");
/// What was asked for and is not done.
const IGNORED: HeaderName = HeaderName::from_static("x-ignored-parameters");
/// Tells proxies in front to pass on what comes.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

pub(super) async fn speak(State(server): State<Arc<Server>>, request: Request) -> Result<Response, Fault> {
    let (head, body) = request.into_parts();
    let body = request::json(&head.headers, body, &server.limits).await?;
    let Order { wanted, as_events, has_instructions, characters } = Order::read(&body, &server.limits)?;
    drop(body);
    let place = server.admission.enter().map_err(|full| Fault::busy(full.again))?;
    let permit = place.turn().await.map_err(|_| Fault::stopping())?;
    let form = wanted.form;
    let mut speech = server.speak(wanted, permit).await.map_err(|error| Fault::of(&error))?;
    let first = match speech.next().await {
        Some(Ok(first)) => first,
        Some(Err(error)) => return Err(Fault::of(&error)),
        None => return Err(Fault::stopping()),
    };
    let kind = if as_events { "text/event-stream" } else { media_type(form) };
    let body = if as_events {
        Body::new(SpeechBody::new(first, speech, Events::new(characters)))
    } else {
        Body::new(SpeechBody::new(first, speech, Plain))
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
    headers.insert(SYNTHETIC, HeaderValue::from_static("true"));
    if has_instructions {
        headers.insert(IGNORED, HeaderValue::from_static("instructions"));
    }
    Ok(response)
}

fn media_type(form: Form) -> &'static str {
    match form {
        Form::Samples => "audio/pcm",
        Form::File(coding) => match coding.format {
            Format::Wav => "audio/wav",
            Format::Flac => "audio/flac",
            Format::Mp3 => "audio/mpeg",
            Format::Opus => "audio/ogg; codecs=opus",
        },
    }
}
