//! `POST /explain`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};
use tracing::info;

use super::fault::Fault;
use super::openapi::speech::ExplainRequest;
use super::order::{object, string};
use super::{json, order, request};
use crate::article::Format;
use crate::error::{Cure, Error, ErrorKind};
use crate::serve::explain::{Explanation, Refusal, Source};
use crate::serve::reports::failure::PRIVATE;
use crate::serve::voices::Choice;
use crate::serve::{Limits, Server};

/// An address of a page; those that are longer lead nowhere.
const LONGEST_ADDRESS: usize = 8 << 10;

/// What would be said
///
/// The story of a text or a page: each sentence as it is spoken and in phonemes, what is left out, and which words are guessed.
#[utoipa::path(post, path = "/v1/explain", operation_id = "explain", tag = "speech", request_body = ExplainRequest,
    responses((status = 200, description = "The story. Places count Unicode code points of its text.", body = Explanation)))]
pub(super) async fn explain(State(server): State<Arc<Server>>, request: Request) -> Result<Response, Fault> {
    let deadline = Instant::now() + server.limits.answer;
    let (head, body) = request.into_parts();
    let body = request::json(&head.headers, body, &server.limits).await?;
    let fields = object(&body)?;
    drop(body);
    let source = source(&fields, &server.limits)?;
    let voice = Choice { name: order::voice(&fields)?, is_fast: false };
    // It may wait for hours, and what a client sends beside takes room.
    drop(fields);
    let named = match &source {
        Source::Text(text, _) => {
            // Only `--log-text` lets it into the log.
            info!(target: "texts", text, "an explanation is asked for");
            "input"
        }
        Source::Address(_) => "url",
    };
    let most = server.limits.characters;
    let answer = timeout_at(deadline, async {
        let permit = server.explaining.permit().await?;
        server.explain(source, voice, permit).await.map_err(|refusal| match refusal {
            Refusal::TooLong(characters) => Fault::too_long(named, characters, most),
            Refusal::Error(error) => fault_of(&error, named),
        })
    });
    let explanation = answer.await.unwrap_or_else(|_| Err(Fault::late()))?;
    Ok(json(StatusCode::OK, &explanation))
}

/// What is to be read: a text, or a page.
pub(super) fn source(fields: &Map<String, Value>, limits: &Limits) -> Result<Source, Fault> {
    let format = match string(fields, "input_type")? {
        None => None,
        Some("text") => Some(Format::Plain),
        Some("html") => Some(Format::Html),
        Some("markdown") => Some(Format::Markdown),
        Some(_) => {
            let message = "The type of an input is text, html or markdown.";
            return Err(Fault::wrong("input_type", "invalid_value", message));
        }
    };
    match (string(fields, "input")?, string(fields, "url")?) {
        (Some(_), Some(_)) => {
            let message = "Give an input or a url, not both.";
            Err(Fault::wrong("url", "mutually_exclusive_parameters", message))
        }
        (None, None) => {
            let message = "There is neither an input nor a url.";
            Err(Fault::wrong("input", "missing_required_parameter", message))
        }
        (Some(text), None) => {
            // A page has markup around its story, which is measured when it is found.
            let is_page = !matches!(format, Some(Format::Plain | Format::Markdown));
            let characters = if is_page { 0 } else { text.chars().count() };
            if characters > limits.characters {
                return Err(Fault::too_long("input", characters, limits.characters));
            }
            Ok(Source::Text(text.to_owned(), format))
        }
        (None, Some(_)) if format.is_some() => {
            let message = "A page says itself what it is; input_type is for an input.";
            Err(Fault::wrong("input_type", "mutually_exclusive_parameters", message))
        }
        (None, Some(address)) if address.len() > LONGEST_ADDRESS => {
            let message = format!("The url has more than {LONGEST_ADDRESS} bytes.");
            Err(Fault::wrong("url", "string_above_max_length", message))
        }
        (None, Some(address)) => Ok(Source::Address(address.trim().to_owned())),
    }
}

/// What the reader of pages says. Its sentences name the page as the client did, and nothing of this machine.
fn fault_of(error: &Error, param: &'static str) -> Fault {
    let wrong = |code| Fault::wrong(param, code, format!("{}.", shown_whole(error.what())));
    let elsewhere =
        |status, code| Fault::new(status, format!("{}.", shown_whole(error.what()))).about(param).named(code);
    match error.kind() {
        ErrorKind::Empty => wrong("no_story"),
        ErrorKind::Language => wrong("language_not_spoken"),
        ErrorKind::Encoding => wrong("not_text"),
        ErrorKind::Embargoed => wrong("embargoed"),
        ErrorKind::Canceled => wrong("canceled"),
        ErrorKind::Input => wrong("no_article"),
        ErrorKind::TooLarge => wrong("page_too_large"),
        ErrorKind::Address => wrong("invalid_url"),
        ErrorKind::PrivateAddress => Fault::wrong(param, "private_address", PRIVATE),
        ErrorKind::Interrupted => Fault::stopping(),
        ErrorKind::Redirect => wrong("bad_redirect"),
        // What the other server says of the page will hardly change.
        ErrorKind::HttpStatus if !matches!(error.cure(), Some(Cure::RetryLater { .. })) => {
            wrong("page_refused")
        }
        ErrorKind::HttpStatus | ErrorKind::Network => elsewhere(StatusCode::BAD_GATEWAY, "page_unreachable"),
        ErrorKind::TimedOut => elsewhere(StatusCode::GATEWAY_TIMEOUT, "page_timeout"),
        _ => Fault::of(error),
    }
}

/// A sentence that may have a piece of the text in it.
fn shown_whole(what: &str) -> String {
    let mut letters = what.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string());
    crate::error::shorten(&format!("{}{}", first.unwrap_or_default(), letters.as_str()), 400)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn a_source_is_one_text_or_one_page() {
        let limits = Limits { characters: 10, ..Limits::default() };
        let text = |text: &str, format| Ok(Source::Text(text.to_string(), format));
        let rows = [
            (r#"{"input": "One."}"#, text("One.", None)),
            (r#"{"input": "One.", "url": null, "input_type": "text"}"#, text("One.", Some(Format::Plain))),
            (
                r#"{"input": "<p>A page of markup", "input_type": "html"}"#,
                text("<p>A page of markup", Some(Format::Html)),
            ),
            (r#"{"input": "Longer than ten", "input_type": "markdown"}"#, Err("string_above_max_length")),
            (
                r#"{"url": " https://news.example/a "}"#,
                Ok(Source::Address("https://news.example/a".to_string())),
            ),
            (
                r#"{"url": "https://news.example/a", "input_type": "html"}"#,
                Err("mutually_exclusive_parameters"),
            ),
            (r#"{"url": "https://news.example/a", "input": "One."}"#, Err("mutually_exclusive_parameters")),
            ("{}", Err("missing_required_parameter")),
            (r#"{"input": 5}"#, Err("invalid_type")),
            (r#"{"input": "One.", "input_type": "pdf"}"#, Err("invalid_value")),
        ];
        each(rows, |(body, want)| {
            let fields = object(body.as_bytes()).unwrap();
            let found = source(&fields, &limits);
            assert_eq!(found.map_err(|fault| fault.code().unwrap_or_default()), want, "{body}");
        });
    }
}
