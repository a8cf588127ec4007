//! What went wrong, as clients of OpenAI's API read it: a status, and `{"error": {"message", "type", "param", "code"}}`.
//!
//! Nothing in it names a place on this machine.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;
use crate::error::{Error, ErrorKind};
use crate::serve::voices::is_unknown;

/// Says whether OpenAI's clients try again by themselves.
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// A request that gets no sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    status: StatusCode,
    message: String,
    param: Option<&'static str>,
    code: Option<&'static str>,
    again: Option<Duration>,
}

/// A request that is not answered as it was meant.
#[derive(Serialize, ToSchema)]
#[schema(as = Fault)]
pub(super) struct Told<'a> {
    error: Inner<'a>,
}

/// What is wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = FaultDetails)]
struct Inner<'a> {
    /// A sentence for people.
    message: &'a str,
    /// The kind of fault, as OpenAI's API has them.
    #[schema(value_type = String, example = "invalid_request_error")]
    r#type: &'static str,
    /// The field that it is about.
    #[schema(value_type = Option<String>, required, example = "voice")]
    param: Option<&'static str>,
    /// Its name for programs.
    #[schema(value_type = Option<String>, required, example = "voice_not_found")]
    code: Option<&'static str>,
}

impl Fault {
    /// The name of a model that there is none of.
    pub(super) fn no_model(name: &str) -> Self {
        let message = format!("There is no model {:?}; GET /v1/models lists them.", shown(name));
        Self::new(StatusCode::NOT_FOUND, message).about("model").named("model_not_found")
    }

    /// Something in the request is wrong: which field, and a name for the fault.
    pub(super) fn wrong(param: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message).about(param).named(code)
    }

    /// A text has more characters than it may.
    pub(super) fn too_long(param: &'static str, characters: usize, most: usize) -> Self {
        let what = if param == "url" { "story" } else { param };
        let message = format!("The {what} has {characters} characters; {most} are allowed.");
        Self::wrong(param, "string_above_max_length", message)
    }

    /// The same with another status.
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), param: None, code: None, again: None }
    }

    /// The field that it is about.
    pub(super) fn about(self, param: &'static str) -> Self {
        Self { param: Some(param), ..self }
    }

    /// Its name for programs.
    pub(super) fn named(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }

    #[cfg(test)]
    pub(super) fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// All places are taken.
    pub(super) fn busy(again: Duration) -> Self {
        let message = "The server speaks and waits for as many requests as it may. Come again later.";
        let fault = Self::new(StatusCode::TOO_MANY_REQUESTS, message).named("server_busy");
        Self { again: Some(again), ..fault }
    }

    /// Too many wrong tokens came from where this one comes from.
    pub(super) fn guessing(again: Duration) -> Self {
        let message = "Too many wrong tokens came from your address. Come again later.";
        let fault = Self::new(StatusCode::TOO_MANY_REQUESTS, message).named("too_many_attempts");
        Self { again: Some(again), ..fault }
    }

    /// As many reports wait as may.
    pub(super) fn full_of_reports(again: Duration) -> Self {
        let message = "As many reports wait as may. Come again later.";
        let fault = Self::new(StatusCode::TOO_MANY_REQUESTS, message).named("too_many_reports");
        Self { again: Some(again), ..fault }
    }

    /// The server ends.
    pub(super) fn stopping() -> Self {
        let fault =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "The server is being stopped.").named("server_stops");
        Self { again: Some(Duration::from_secs(5)), ..fault }
    }

    /// All that a request may take is over before its answer began.
    pub(super) fn late() -> Self {
        let message = "The answer took too long.";
        let fault = Self::new(StatusCode::SERVICE_UNAVAILABLE, message).named("answer_timeout");
        Self { again: Some(Duration::from_mins(1)), ..fault }
    }

    /// The voice made nothing of the text.
    pub(super) fn silent() -> Self {
        Self::wrong("input", "nothing_to_speak", "The input has nothing that can be spoken.")
    }

    pub(super) fn unknown_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is nothing at this path.").named("unknown_url")
    }

    pub(super) fn wrong_method() -> Self {
        let message = "This path is asked with another method.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, message).named("method_not_allowed")
    }

    /// What the voice says of a request that it can't speak.
    pub(super) fn of(error: &Error) -> Self {
        if is_unknown(error) {
            let message = format!("{}; GET /v1/audio/voices lists them.", shown(error.what()));
            return Self::wrong("voice", "voice_not_found", message);
        }
        match error.kind() {
            ErrorKind::Empty => Self::silent(),
            ErrorKind::Phonemes => {
                Self::wrong("input", "unspeakable", "The input has a part that no voice speaks.")
            }
            // Only where workers speak may a request that has its turn find no place.
            ErrorKind::InUse => Self::busy(Duration::from_secs(5)),
            ErrorKind::Interrupted => Self::stopping(),
            ErrorKind::Usage => Self::new(StatusCode::BAD_REQUEST, format!("{error}.")).named("bad_setting"),
            _ => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "The voice failed.").named("voice_failed"),
        }
    }

    /// The kind of fault, as OpenAI's API has them.
    fn kind(&self) -> &'static str {
        match self.status {
            StatusCode::UNAUTHORIZED => "authentication_error",
            StatusCode::FORBIDDEN => "permission_error",
            StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
            status if status.is_server_error() => "server_error",
            _ => "invalid_request_error",
        }
    }

    pub(super) fn answer(self) -> Response {
        let Self { message, param, code, .. } = &self;
        let told = Told { error: Inner { message, r#type: self.kind(), param: *param, code: *code } };
        let mut response = json(self.status, &told);
        let headers = response.headers_mut();
        if let Some(again) = self.again {
            headers
                .insert(header::RETRY_AFTER, HeaderValue::from(again.as_secs_f64().ceil().max(1.0) as u64));
        }
        // The same text fails in the same way again.
        if self.status == StatusCode::INTERNAL_SERVER_ERROR {
            headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
        }
        response
    }
}

/// A name as it was given, as far as it is of use.
pub(super) fn shown(name: &str) -> String {
    const MOST: usize = 80;
    let mut shown: String = name.chars().take(MOST).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    shown
}
