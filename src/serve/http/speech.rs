//! `POST /audio/speech`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use tokio::time::{Instant, timeout_at};
use tracing::info;

use super::body::{Plain, SpeechBody};
use super::events::{self, Events};
use super::fault::Fault;
use super::openapi::speech::{Sound, SpeechRequest};
use super::order::Order;
use super::request;
use crate::output::encode::Format;
use crate::output::wav_stream::set_sizes;
use crate::serve::Server;
use crate::serve::admission::{Admission, Permit};
use crate::serve::speech::Form;

/// Says that nobody read this aloud.
pub(super) const SYNTHETIC: HeaderName = HeaderName::from_static("x-synthetic-speech");
/// What was asked for and is not done.
const IGNORED: HeaderName = HeaderName::from_static("x-ignored-parameters");
/// Tells proxies in front to pass on what comes.
pub(super) const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Have a text spoken
///
/// The sound comes as it is made, unless a short WAV is asked for.
#[utoipa::path(post, path = "/v1/audio/speech", operation_id = "speak", tag = "speech", request_body = SpeechRequest,
    responses((status = 200, description = "The sound, or events with pieces of it.",
        headers(
            ("x-synthetic-speech" = String, description = "Always `true`: nobody read this aloud."),
            ("x-ignored-parameters" = String, description = "Fields that were not heeded."),
        ),
        content(
            (Sound = "audio/mpeg"), (Sound = "audio/ogg"), (Sound = "audio/flac"), (Sound = "audio/wav"), (Sound = "audio/pcm"),
            (String = "text/event-stream"),
        ))))]
pub(super) async fn speak(State(server): State<Arc<Server>>, request: Request) -> Result<Response, Fault> {
    let deadline = Instant::now() + server.limits.answer;
    let (head, body) = request.into_parts();
    let body = request::json(&head.headers, body, &server.limits).await?;
    let order = Order::read(&body, &server.limits)?;
    drop(body);
    // Only `--log-text` lets it into the log.
    info!(target: "texts", text = order.wanted.article.text(), "a text is asked for");
    let (as_events, form, has_instructions) = (order.as_events, order.wanted.form, order.has_instructions);
    let answer = timeout_at(deadline, async {
        let permit = server.admission.permit().await?;
        if is_wav(form) && order.characters <= server.limits.whole {
            whole(&server, order, permit).await
        } else {
            stream(&server, order, permit, deadline).await
        }
    });
    let body = answer.await.unwrap_or_else(|_| Err(Fault::late()))?;
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let kind = if as_events { "text/event-stream" } else { media_type(form) };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
    headers.insert(SYNTHETIC, HeaderValue::from_static("true"));
    if has_instructions {
        headers.insert(IGNORED, HeaderValue::from_static("instructions"));
    }
    Ok(response)
}

impl Admission {
    /// Waits for the right to speak.
    pub(super) async fn permit(&self) -> Result<Permit, Fault> {
        if self.is_closed() {
            return Err(Fault::stopping());
        }
        let place = self.enter().map_err(|full| Fault::busy(full.again))?;
        place.turn().await.map_err(|_| Fault::stopping())
    }
}

/// A WAV of which the length is known when it is sent.
async fn whole(server: &Server, order: Order, permit: Permit) -> Result<Body, Fault> {
    let spoken = server.speak_whole(order.wanted, permit).await;
    let (mut wav, words) = spoken.map_err(|error| Fault::of(&error))?;
    set_sizes(&mut wav);
    let all = if order.as_events { events::of_whole(&wav, &words, order.characters) } else { wav };
    Ok(Body::from(all))
}

/// Sound that is sent while it is made.
async fn stream(server: &Server, order: Order, permit: Permit, deadline: Instant) -> Result<Body, Fault> {
    let mut speech = server.speak(order.wanted, permit).await.map_err(|error| Fault::of(&error))?;
    let first = match speech.next().await {
        Some(Ok(first)) => first,
        Some(Err(error)) => return Err(Fault::of(&error)),
        None => return Err(Fault::silent()),
    };
    Ok(if order.as_events {
        Body::new(SpeechBody::new(first, speech, Events::new(order.characters), deadline))
    } else {
        Body::new(SpeechBody::new(first, speech, Plain, deadline))
    })
}

fn is_wav(form: Form) -> bool {
    matches!(form, Form::File(coding) if coding.format == Format::Wav)
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
