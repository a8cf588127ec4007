//! The lists of models and voices. Nobody's standard says how voices are listed, so one answer has every shape that clients look for.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::fault::Fault;
use super::json as answer;
use super::order::{BEST, FASTEST, OPENAI_MODELS, is_model};
use crate::serve::Server;
use crate::serve::voices::Entry;

/// Seconds since 1970 of the first release: a model's `created` that never changes.
const CREATED: u64 = 1_760_000_000;

/// A model.
#[derive(Serialize, ToSchema)]
pub(super) struct Model {
    #[schema(example = "kokoro")]
    id: String,
    /// Always `model`.
    #[schema(value_type = String)]
    object: &'static str,
    /// Seconds since 1970.
    created: u64,
    #[schema(value_type = String)]
    owned_by: &'static str,
}

/// Models that a request may name.
#[derive(Serialize, ToSchema)]
pub(super) struct ModelList {
    /// Always `list`.
    #[schema(value_type = String)]
    object: &'static str,
    data: Vec<Model>,
}

/// A model, as Open WebUI asks for it.
#[derive(Serialize, ToSchema)]
pub(super) struct NamedModel {
    id: String,
    name: String,
}

/// The same models, as Open WebUI asks for them.
#[derive(Serialize, ToSchema)]
pub(super) struct NamedModels {
    models: Vec<NamedModel>,
}

/// A voice.
#[derive(Clone, Serialize, ToSchema)]
pub(super) struct Voice {
    #[schema(example = "af_heart")]
    id: String,
    /// The same as its id.
    name: String,
    /// Always `voice`.
    #[schema(value_type = String)]
    object: &'static str,
    /// The model that speaks it.
    model: String,
    #[schema(value_type = String, example = "en-US")]
    language: &'static str,
    /// Whether it speaks where no voice is asked for.
    is_default: bool,
}

/// The voices, twice: clients look for them under either name.
#[derive(Serialize, ToSchema)]
pub(super) struct VoiceList {
    /// Always `list`.
    #[schema(value_type = String)]
    object: &'static str,
    data: Vec<Voice>,
    voices: Vec<Voice>,
}

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

fn entry(id: String) -> Model {
    Model { id, object: "model", created: CREATED, owned_by: "audio-report" }
}

/// Models
///
/// The models of the voices that are here, and OpenAI's names, for which they stand.
#[utoipa::path(get, path = "/v1/models", operation_id = "list_models", tag = "voices",
    responses((status = 200, description = "All of them.", body = ModelList)))]
pub(super) async fn models(State(server): State<Arc<Server>>) -> Response {
    let data = names(&server).await.into_iter().map(entry).collect();
    answer(StatusCode::OK, &ModelList { object: "list", data })
}

/// A model
///
/// Any model that a request may name, also one that is not listed. It may have a slash in its name.
#[utoipa::path(get, path = "/v1/models/{id}", operation_id = "get_model", tag = "voices",
    params(("id" = String, Path, description = "Its name.")),
    responses((status = 200, description = "The model.", body = Model)))]
pub(super) async fn model(id: Result<Path<String>, PathRejection>) -> Result<Response, Fault> {
    let Path(id) = id.map_err(|_| Fault::unknown_route())?;
    if is_model(&id) { Ok(answer(StatusCode::OK, &entry(id))) } else { Err(Fault::no_model(&id)) }
}

/// Models, for Open WebUI
#[utoipa::path(get, path = "/v1/audio/models", operation_id = "list_audio_models", tag = "voices",
    responses((status = 200, description = "All of them.", body = NamedModels)))]
pub(super) async fn audio_models(State(server): State<Arc<Server>>) -> Response {
    let models = names(&server).await.into_iter().map(|id| NamedModel { name: id.clone(), id }).collect();
    answer(StatusCode::OK, &NamedModels { models })
}

/// Voices
///
/// Those that are installed.
#[utoipa::path(get, path = "/v1/audio/voices", operation_id = "list_voices", tag = "voices",
    responses((status = 200, description = "All of them.", body = VoiceList)))]
pub(super) async fn voices(State(server): State<Arc<Server>>) -> Response {
    let own = server.voices.own();
    let voices: Vec<Voice> = list(&server)
        .await
        .into_iter()
        .map(|voice| Voice {
            model: model_of(&voice),
            is_default: voice.name == own,
            language: voice.dialect.tag(),
            object: "voice",
            id: voice.name.clone(),
            name: voice.name,
        })
        .collect();
    answer(StatusCode::OK, &VoiceList { object: "list", data: voices.clone(), voices })
}
