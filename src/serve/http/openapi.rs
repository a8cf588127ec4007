//! `GET /openapi.json`: what the server can be asked, as `OpenAPI` 3.1, made from the types of its requests and answers.
//!
//! Handlers and types describe themselves where they stand. Those that don't yet are described here:
//!
//! - `speech`: what a request for speech may hold, which is checked field by field
//! - `reports`, `words`, `page`: routes whose handlers have no description of their own
//!
//! What all routes have in common, such as who is let in, is added at the end.

mod page;
mod reports;
pub(super) mod speech;
mod words;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    self, Content, HeaderBuilder, ObjectBuilder, PathItem, Ref, RefOr, ResponseBuilder, SecurityRequirement,
    Type,
};

use super::paths::Routes;
use super::{all, explain, fault, lists, measured, podcasts};
use crate::serve::access::{COOKIE as NAME, OPEN};

/// The routes, as their handlers describe them.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "audio-report",
        description = "Has text spoken by AI, as OpenAI's speech API does, and turns news articles into reports. Paths with /v1 go without it, too.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact(),
    ),
    servers((url = "/")),
    paths(
        super::speech::speak,
        lists::voices,
        lists::audio_models,
        lists::models,
        lists::model,
        explain::explain,
        reports::add_report,
        reports::list_reports,
        reports::get_report,
        reports::delete_report,
        reports::watch_report,
        reports::get_report_file,
        words::list_words,
        words::save_word,
        words::delete_word,
        page::get_session,
        page::begin_session,
        page::end_session,
        page::get_page,
        page::get_page_part,
        podcasts::send,
        super::is_alive,
        super::is_ready,
        measured::tell,
        tell,
    ),
    components(schemas(fault::Told)),
)]
struct Described;

/// What is wrong where an answer has this status.
const FAULTS: [(&str, &str); 16] = [
    ("400", "Something in the request is wrong: `param` names the field, and `code` the fault."),
    ("401", "A token is needed, and there is none, or one that is not known."),
    ("403", "The page's site, or the server's settings, do not allow it."),
    ("404", "There is nothing of this name."),
    ("408", "The body did not come in time."),
    ("409", "It can't be changed here."),
    ("412", "The file is another one by now."),
    ("413", "The body is too large."),
    ("415", "The body is of another media type."),
    ("416", "The file has no such part."),
    ("421", "The Host is no name of this server."),
    ("429", "There is no place now, or too many wrong tokens came. `Retry-After` says when to come again."),
    ("500", "The server failed."),
    ("502", "The page can't be reached."),
    (
        "503",
        "The server is being stopped, or the answer took too long. `Retry-After` says when to come again.",
    ),
    ("504", "The page took too long."),
];
/// There is no room for another report. It is no fault of the list above because only one route has it.
const NO_ROOM: (&str, &str) = ("507", "The server has no room for it.");
/// Statuses of whoever is not let in.
const DOOR: [&str; 5] = ["400", "401", "403", "421", "429"];
/// Statuses of a body that is not taken.
const BODY: [&str; 3] = ["408", "413", "415"];
/// Further statuses, by operation.
const FURTHER: [(&str, &[&str]); 16] = [
    ("speak", &["404", "500", "503"]),
    ("explain", &["500", "502", "503", "504"]),
    ("get_model", &["404"]),
    ("add_report", &["500", "503", "507"]),
    ("get_report", &["404"]),
    ("list_reports", &["500"]),
    ("delete_report", &["404", "500"]),
    ("watch_report", &["404"]),
    ("get_report_file", &["404", "412", "416", "500"]),
    ("list_words", &["500"]),
    ("save_word", &["409", "500"]),
    ("delete_word", &["404", "409", "500"]),
    ("begin_session", &["500"]),
    ("get_page_part", &["404"]),
    ("get_podcast_file", &["404", "412", "416", "500"]),
    ("is_ready", &["503"]),
];

/// The document; the routes do not change.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| {
    let document = document(&all());
    Bytes::from(serde_json::to_vec(&document).unwrap_or_default())
});

/// What this server can be asked
///
/// This document.
#[utoipa::path(get, path = "/openapi.json", operation_id = "describe", tag = "server",
    responses((status = 200, description = "An OpenAPI document.", body = serde_json::Value)))]
pub(super) async fn tell() -> Response {
    let mut response = Response::new(DOCUMENT.clone().into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The description of the routes that are there.
fn document(routes: &Routes) -> openapi::OpenApi {
    let mut document = Described::openapi();
    let there: BTreeSet<String> = routes.paths.iter().map(|path| path.replace("{*", "{")).collect();
    document.paths.paths.retain(|path, _| there.contains(path));
    for (path, item) in &mut document.paths.paths {
        let is_open = OPEN.contains(&path.as_str());
        for operation in operations(item) {
            complete(operation, is_open);
        }
    }
    let components = document.components.get_or_insert_default();
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token of the server's token file."));
    components.add_security_scheme("token", SecurityScheme::Http(token.build()));
    let cookie = ApiKeyValue::with_description(NAME.as_str(), "The cookie of a browser's session.");
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    // A server without a token file lets everybody in whom it can be reached by.
    let anyone = SecurityRequirement::default();
    let requirement = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
    document.security = Some(vec![requirement("token"), requirement("session"), anyone]);
    document
}

fn operations(item: &mut PathItem) -> Vec<&mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten().collect()
}

/// Adds what the route's handler has in common with others.
fn complete(operation: &mut Operation, is_open: bool) {
    let named = operation.operation_id.as_deref().unwrap_or_default();
    let further = FURTHER.iter().find(|(known, _)| *known == named).map_or(&[][..], |(_, further)| further);
    let of_body: &[&str] = if operation.request_body.is_some() { &BODY } else { &[] };
    let of_door: &[&str] = if is_open { &[] } else { &DOOR };
    if is_open {
        operation.security = Some(Vec::new());
    }
    let responses = &mut operation.responses.responses;
    for status in of_door.iter().chain(of_body).chain(further) {
        let told = FAULTS.iter().chain([&NO_ROOM]).find(|(known, _)| known == status);
        let Some((_, description)) = told else { continue };
        let fault = Content::new(Some(Ref::from_schema_name("Fault")));
        let mut response =
            ResponseBuilder::new().description(*description).content("application/json", fault);
        if ["429", "503"].contains(status) {
            response = response.header("retry-after", whole_number("Seconds until another try is worth it."));
        }
        responses.entry((*status).to_owned()).or_insert_with(|| RefOr::T(response.build()));
    }
    for response in responses.values_mut() {
        if let RefOr::T(response) = response {
            let name = HeaderBuilder::new()
                .description(Some("The name of the request, for whoever looks for it in a log."));
            response.headers.insert("x-request-id".to_owned(), RefOr::T(name.build()));
            // OpenAPI 3.1 has no words for events.
            if let Some(RefOr::T(events)) = response.content.get_mut("text/event-stream") {
                events.schema = None;
            }
        }
    }
}

fn whole_number(description: &str) -> openapi::Header {
    let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).build();
    HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_described() {
        let routes = all();
        let described = Described::openapi();
        let missing: Vec<&String> = routes
            .paths
            .iter()
            .filter(|path| !described.paths.paths.contains_key(&path.replace("{*", "{")))
            .collect();
        assert!(missing.is_empty(), "routes without a description: {missing:?}");
        assert!(routes.paths.len() > 8 && document(&routes).paths.paths.len() == routes.paths.len());
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_a_summary() {
        let mut described = Described::openapi();
        let mut names = BTreeSet::new();
        for (path, item) in &mut described.paths.paths {
            for operation in operations(item) {
                let name = operation.operation_id.clone().unwrap_or_default();
                assert!(names.insert(name.clone()), "twice: {name}");
                assert!(
                    operation.summary.as_ref().is_some_and(|summary| !summary.is_empty()),
                    "{path}: {name}"
                );
                assert!(operation.tags.is_some(), "{path}: {name}");
            }
        }
        for (name, further) in FURTHER {
            assert!(names.contains(name), "no operation is called {name}");
            let is_known = |status: &&str| FAULTS.iter().chain([&NO_ROOM]).any(|(known, _)| known == status);
            assert!(further.iter().all(is_known), "{name}: {further:?}");
        }
    }
}
