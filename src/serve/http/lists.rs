//! The lists of models and voices. Nobody's standard says how voices are listed, so one answer has every shape that clients look for.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::fault::Fault;
use super::json as answer;
use super::order::{BEST, FASTEST, OPENAI_MODELS};
use crate::serve::Server;

/// Seconds since 1970 of the first release: a model's `created` that never changes.
const CREATED: u64 = 1_760_000_000;

/// All names of models that requests may give.
fn names() -> impl Iterator<Item = &'static str> {
    [BEST, FASTEST].into_iter().chain(OPENAI_MODELS)
}

fn entry(name: &str) -> Value {
    json!({ "id": name, "object": "model", "created": CREATED, "owned_by": "audio-report" })
}

pub(super) async fn models() -> Response {
    let data: Vec<Value> = names().map(entry).collect();
    answer(StatusCode::OK, &json!({ "object": "list", "data": data }))
}

pub(super) async fn model(Path(id): Path<String>) -> Response {
    match names().find(|name| *name == id) {
        Some(name) => answer(StatusCode::OK, &entry(name)),
        None => Fault::new(StatusCode::NOT_FOUND, format!("There is no model {id:?}."))
            .about("model")
            .named("model_not_found")
            .into_response(),
    }
}

/// Open WebUI's own list.
pub(super) async fn audio_models() -> Response {
    let models: Vec<Value> = names().map(|name| json!({ "id": name, "name": name })).collect();
    answer(StatusCode::OK, &json!({ "models": models }))
}

pub(super) async fn voices(State(server): State<Arc<Server>>) -> Response {
    let list = tokio::task::spawn_blocking({
        let voices = server.voices.clone();
        move || voices.list()
    })
    .await
    .unwrap_or_default();
    let own = server.voices.own();
    let voices: Vec<Value> = list
        .iter()
        .map(|voice| {
            json!({
                "id": voice.name,
                "name": voice.name,
                "object": "voice",
                "model": voice.family,
                "language": voice.dialect.tag(),
                "is_default": voice.name == own,
            })
        })
        .collect();
    answer(StatusCode::OK, &json!({ "object": "list", "data": voices, "voices": voices }))
}
