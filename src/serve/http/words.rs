//! How words are said: for one request by its field `words`, for all by `/lexicon`.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};
use tracing::info;

use super::fault::Fault;
use super::order::string;
use super::{json as answer, request};
use crate::error::Result as OwnResult;
use crate::lexicon::user::{Given, Saved, Unsaved};
use crate::serve::Server;

/// Words that a request may bring.
const MOST: usize = 1_000;

/// The words of a request for speech.
pub(super) fn given(field: Option<&Value>) -> Result<Given, Fault> {
    let wrong = |code, message: &str| Fault::wrong("words", code, message);
    let words = match field {
        None | Some(Value::Null) => return Ok(Given::default()),
        Some(Value::Object(words)) => words,
        Some(_) => return Err(wrong("invalid_type", "The words must be an object: {\"Nguyen\": \"win\"}.")),
    };
    if words.len() > MOST {
        return Err(wrong("too_many_words", &format!("A request may bring {MOST} words.")));
    }
    let mut list = Vec::with_capacity(words.len());
    for (word, said) in words {
        let said = said.as_str();
        list.push((&**word, said.ok_or_else(|| wrong("invalid_type", "A word is said like a string."))?));
    }
    Given::read(list).map_err(|problem| {
        let message = format!("{}; {}.", problem.what, problem.cure);
        wrong("invalid_respelling", &shown_long(&message))
    })
}

/// `GET /lexicon`
pub(super) async fn list(State(server): State<Arc<Server>>) -> Result<Response, Fault> {
    let can_save = server.voices.words().can_save();
    let words = blocking(move || server.voices.words().list()).await?;
    let words = words.map_err(|_| failed())?;
    let data: Vec<Value> =
        words.into_iter().map(|(word, said)| json!({ "word": word, "respelling": said })).collect();
    Ok(answer(StatusCode::OK, &json!({ "object": "list", "data": data, "can_save": can_save })))
}

/// `POST /lexicon`
pub(super) async fn save(State(server): State<Arc<Server>>, request: Request) -> Result<Response, Fault> {
    let (head, body) = request.into_parts();
    let fields = request::object(&head.headers, body, &server.limits).await?;
    let (word, said) = (text(&fields, "word")?, text(&fields, "respelling")?);
    let saved = json!({ "object": "word", "word": word, "respelling": said.trim() });
    change(server, move |saved| saved.save(&word, &said)).await?;
    info!("a word was saved");
    Ok(answer(StatusCode::OK, &saved))
}

/// `DELETE /lexicon/{word}`
pub(super) async fn remove(
    State(server): State<Arc<Server>>,
    word: Result<Path<String>, PathRejection>,
) -> Result<Response, Fault> {
    let Path(word) = word.map_err(|_| Fault::unknown_route())?;
    let removed = json!({ "object": "word", "word": word, "deleted": true });
    change(server, move |saved| saved.remove(&word)).await?;
    Ok(answer(StatusCode::OK, &removed))
}

async fn change(
    server: Arc<Server>,
    change: impl FnOnce(&Saved) -> Result<(), Unsaved> + Send + 'static,
) -> Result<(), Fault> {
    let changed = blocking(move || Ok(server.voices.words().change(change))).await?;
    match changed.map_err(|_| failed())? {
        Some(Ok(())) => Ok(()),
        None => {
            let message = "This server saves no words. Whoever runs it names a file with --save-words FILE.";
            Err(Fault::new(StatusCode::FORBIDDEN, message).named("words_not_saved"))
        }
        Some(Err(unsaved)) => Err(unsaved_fault(unsaved)),
    }
}

fn unsaved_fault(unsaved: Unsaved) -> Fault {
    match unsaved {
        Unsaved::Wrong(problem) => {
            let message = shown_long(&format!("{}; {}.", problem.what, problem.cure));
            Fault::wrong("respelling", "invalid_respelling", message)
        }
        Unsaved::Unknown => {
            Fault::new(StatusCode::NOT_FOUND, "The saved words have no such word.").named("word_not_found")
        }
        Unsaved::Elaborate => {
            let message = "The file says more about this word than how it is said. Change it there.";
            Fault::new(StatusCode::CONFLICT, message).named("word_has_conditions")
        }
        Unsaved::Full => {
            let message = "The file of saved words is full. Take words out first.";
            Fault::new(StatusCode::CONFLICT, message).named("too_many_words")
        }
        Unsaved::Failed(_) => failed(),
    }
}

fn failed() -> Fault {
    let message = "The file of saved words can't be used; the server's log says why.";
    Fault::new(StatusCode::INTERNAL_SERVER_ERROR, message).named("words_not_written")
}

/// Reads or writes files beside the threads of the network.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> OwnResult<T> + Send + 'static,
) -> Result<OwnResult<T>, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|_| failed())
}

fn text(fields: &Map<String, Value>, name: &'static str) -> Result<String, Fault> {
    let missing = || Fault::wrong(name, "missing_required_parameter", format!("There is no {name}."));
    string(fields, name)?.map(str::to_owned).ok_or_else(missing)
}

/// A message with words of the request in it.
fn shown_long(message: &str) -> String {
    message.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(400).collect()
}
