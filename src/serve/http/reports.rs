//! `/reports`: articles that become files while their clients do something else.
//!
//! - `order`: what a request asks for, in JSON or as a form with a file
//! - `form`: forms with files
//! - `events`: how far a report is, as server-sent events

mod events;
mod form;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
mod order;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tracing::{info, warn};

use self::order::{Asked, asked};
use super::fault::Fault;
use super::file::{self, Sendable};
use super::json as answer;
use super::paths::Routes;
use super::speech::SYNTHETIC;
use crate::order::{FileKind, Order, Source};
use crate::serve::Server;
use crate::serve::reports::Reports;
use crate::serve::reports::desk::{Gone, Refused, Report};
use crate::serve::reports::failure::is_no_room;

/// How long a client that deletes a report waits until its files are gone.
const DELETES: Duration = Duration::from_secs(30);
/// A page loads nothing but its own sound, whatever is written in it.
pub(super) const PAGE_LOADS: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; media-src 'self'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; \
     form-action 'none'",
);

pub(super) fn routes() -> Routes {
    Routes::default()
        .route("/reports", post(add).get(list))
        .route("/reports/{id}", get(one).delete(remove))
        .route("/reports/{id}/events", get(watch))
        .route("/reports/{id}/files/{name}", get(send))
}

/// The reports of a server that makes some.
fn reports(server: &Server) -> Result<&Reports, Fault> {
    server.reports.as_ref().ok_or_else(|| {
        let message = "This server makes no reports.";
        Fault::new(StatusCode::FORBIDDEN, message).named("reports_off")
    })
}

/// The report of a name.
fn found(server: &Server, id: Result<Path<String>, PathRejection>) -> Result<Arc<Report>, Fault> {
    let reports = reports(server)?;
    id.ok().and_then(|Path(id)| reports.get(&id)).ok_or_else(unknown)
}

fn unknown() -> Fault {
    Fault::new(StatusCode::NOT_FOUND, "There is no such report.").named("report_not_found")
}

fn told(report: &Report) -> Value {
    report.watch().borrow().told(&report.id)
}

async fn add(State(server): State<Arc<Server>>, request: Request) -> Result<Response, Fault> {
    let reports = reports(&server)?.clone();
    if server.admission.is_closed() {
        return Err(Fault::stopping());
    }
    let (head, body) = request.into_parts();
    let asked = asked(&server, &head.headers, body).await?;
    if asked.source == Source::Text
        && let Some(content) = asked.content.as_deref()
    {
        // Only `--log-text` lets it into the log.
        info!(target: "texts", text = %String::from_utf8_lossy(content), "a report is asked for");
    }
    let report = keep(reports, server.clone(), asked).await?;
    let mut response = answer(StatusCode::ACCEPTED, &told(&report));
    if let Ok(place) = HeaderValue::try_from(format!("/v1/reports/{}", report.id)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// Looks at what only this machine knows, and takes the report.
async fn keep(reports: Reports, server: Arc<Server>, asked: Asked) -> Result<Arc<Report>, Fault> {
    let keeping = spawn_blocking(move || {
        let Asked { source, kind, title, choice, speed, format, captions, page, content } = asked;
        let voice = server.voices.meant(&choice).map_err(|error| Fault::of(&error))?;
        let source = order::checked(&reports, source)?;
        let mut order = Order::new(source, voice, speed, format);
        (order.kind, order.title, order.captions, order.page) = (kind, title, captions, page);
        reports.add(&order, content.as_deref()).map_err(|refused| match refused {
            Refused::Full(again) => Fault::full_of_reports(again),
            Refused::Over => Fault::stopping(),
            Refused::Disk(error) => unkept(&error),
        })
    });
    keeping.await.unwrap_or_else(|_| {
        Err(Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "Taking the report broke off.")
            .named("storage_failed"))
    })
}

fn unkept(error: &std::io::Error) -> Fault {
    warn!(%error, "a report can't be taken");
    if is_no_room(error) {
        let message = "The server has no room for the report.";
        return Fault::new(StatusCode::INSUFFICIENT_STORAGE, message).named("storage_full");
    }
    kept_badly()
}

fn kept_badly() -> Fault {
    Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "The server can't keep its reports as it should.")
        .named("storage_failed")
}

async fn list(State(server): State<Arc<Server>>) -> Result<Response, Fault> {
    let reports = reports(&server)?.clone();
    // There may be many, and each may have much to tell.
    let telling = spawn_blocking(move || {
        let data: Vec<Value> = reports.list().iter().map(|report| told(report)).collect();
        answer(StatusCode::OK, &json!({ "object": "list", "data": data }))
    });
    telling.await.map_err(|_| kept_badly())
}

async fn one(
    State(server): State<Arc<Server>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Fault> {
    Ok(answer(StatusCode::OK, &told(&*found(&server, id)?)))
}

async fn watch(
    State(server): State<Arc<Server>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Fault> {
    let report = found(&server, id)?;
    Ok(events::of(&report, reports(&server)?.ending()))
}

async fn remove(
    State(server): State<Arc<Server>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Fault> {
    let report = found(&server, id)?;
    let (reports, id) = (reports(&server)?.clone(), report.id.clone());
    let removing = spawn_blocking(move || reports.remove(&id));
    let mut gone = removing.await.ok().flatten().ok_or_else(unknown)?;
    // Whoever made it ends at its next block; if the server itself ends before, the next one removes the rest.
    match timeout(DELETES, gone.wait_for(|gone| *gone != Gone::NotYet)).await {
        Ok(Ok(gone)) if *gone == Gone::Never => return Err(kept_badly()),
        Ok(_) => {}
        Err(_) => warn!(id = report.id, "a report is deleted, and its files are still there"),
    }
    Ok(answer(StatusCode::OK, &json!({ "id": report.id, "object": "report", "deleted": true })))
}

async fn send(
    State(server): State<Arc<Server>>,
    place: Result<Path<(String, String)>, PathRejection>,
    method: Method,
    address: Uri,
    asked: HeaderMap,
) -> Result<Response, Fault> {
    let reports = reports(&server)?;
    let Path((id, name)) = place.map_err(|_| unknown())?;
    let report = reports.get(&id).ok_or_else(unknown)?;
    let (path, found) = reports.file(&report, &name).ok_or_else(file::missing)?;
    let is_saved =
        address.query().is_some_and(|query| query.split('&').any(|part| part.starts_with("download")));
    let is_text = found.media_type.starts_with("text/") || found.media_type == "application/x-subrip";
    let sendable = Sendable {
        path,
        name,
        media_type: if is_text { format!("{}; charset=utf-8", found.media_type) } else { found.media_type },
        tag: Some(found.sha256),
        is_saved,
    };
    let mut response = file::send(sendable, &method, &asked).await?;
    match found.kind {
        FileKind::Audio => response.headers_mut().insert(SYNTHETIC, HeaderValue::from_static("true")),
        FileKind::Page => response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, PAGE_LOADS),
        FileKind::Captions | FileKind::Chapters | FileKind::Picture => None,
    };
    Ok(response)
}
