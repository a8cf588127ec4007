//! The lists of models and voices. Nobody's standard says how voices are listed, so one answer has every shape that clients look for.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::fault::Fault;
use super::json as answer;
use super::order::{BEST, FASTEST, OPENAI_MODELS, is_model};
use crate::serve::Server;
use crate::serve::voices::Entry;

/// Seconds since 1970 of the first release: a model's `created` that never changes.
const CREATED: u64 = 1_760_000_000;

/// The names of models for lists: those whose voices are here, and OpenAI's.
async fn names(server: &Server) -> Vec<String> {
    let own: BTreeSet<String> = list(server).await.into_iter().map(|voice| model_of(&voice)).collect();
    own.into_iter().chain(OPENAI_MODELS.map(str::to_string)).collect()
}

/// The model of a voice: its family without the language.
fn model_of(voice: &Entry) -> String {
    let family = &voice.family;
    [BEST, FASTEST].into_iter().find(|model| family.starts_with(model)).unwrap_or(family).to_string()
}

async fn list(server: &Server) -> Vec<Entry> {
    let voices = server.voices.clone();
    tokio::task::spawn_blocking(move || voices.list()).await.unwrap_or_default()
}

fn entry(name: &str) -> Value {
    json!({ "id": name, "object": "model", "created": CREATED, "owned_by": "audio-report" })
}

pub(super) async fn models(State(server): State<Arc<Server>>) -> Response {
    let data: Vec<Value> = names(&server).await.iter().map(|name| entry(name)).collect();
    answer(StatusCode::OK, &json!({ "object": "list", "data": data }))
}

/// Any model that a request may name, also one that is not listed. It may have a slash in its name.
pub(super) async fn model(id: Result<Path<String>, PathRejection>) -> Result<Response, Fault> {
    let Path(id) = id.map_err(|_| Fault::unknown_route())?;
    if is_model(&id) { Ok(answer(StatusCode::OK, &entry(&id))) } else { Err(Fault::no_model(&id)) }
}

/// Open WebUI's own list.
pub(super) async fn audio_models(State(server): State<Arc<Server>>) -> Response {
    let models: Vec<Value> =
        names(&server).await.iter().map(|name| json!({ "id": name, "name": name })).collect();
    answer(StatusCode::OK, &json!({ "models": models }))
}

pub(super) async fn voices(State(server): State<Arc<Server>>) -> Response {
    let own = server.voices.own();
    let voices: Vec<Value> = list(&server)
        .await
        .iter()
        .map(|voice| {
            json!({
                "id": voice.name,
                "name": voice.name,
                "object": "voice",
                "model": model_of(voice),
                "language": voice.dialect.tag(),
                "is_default": voice.name == own,
            })
        })
        .collect();
    answer(StatusCode::OK, &json!({ "object": "list", "data": voices, "voices": voices }))
}
