//! The routes of the web page, in the words of their contract. A description that stands on their own types and handlers takes the place
//! of this.
#![expect(dead_code, reason = "these functions carry descriptions, and nothing is read into these types")]

use utoipa::ToSchema;

/// What opens the server to a browser: a code or a token.
#[derive(ToSchema)]
struct SessionRequest {
    /// The one-time code that the server printed at its start.
    code: Option<String>,
    /// A token.
    token: Option<String>,
}

/// A session of a browser.
#[derive(ToSchema)]
struct Session {
    /// Always `session`.
    object: String,
    /// Whether this server needs one.
    is_needed: bool,
    /// Seconds that it lasts.
    expires_in: Option<u64>,
    /// Whether the browser has one.
    is_open: Option<bool>,
}

/// Whether a session is needed
#[utoipa::path(get, path = "/v1/sessions", operation_id = "get_session", tag = "page",
    responses((status = 200, description = "How it is.", body = Session)))]
pub(super) fn get_session() {}

/// Begin a session
///
/// The answer sets a cookie, by which a browser is let in as with a token.
#[utoipa::path(post, path = "/v1/sessions", operation_id = "begin_session", tag = "page", request_body = SessionRequest,
    responses((status = 200, description = "The browser is let in.", body = Session)))]
pub(super) fn begin_session() {}

/// End a session
#[utoipa::path(delete, path = "/v1/sessions", operation_id = "end_session", tag = "page",
    responses((status = 204, description = "The cookie is gone.")))]
pub(super) fn end_session() {}

/// The web page
#[utoipa::path(get, path = "/", operation_id = "get_page", tag = "page",
    responses(
        (status = 200, description = "A page.", content((String = "text/html"))),
        (status = 304, description = "It is the one that the client has."),
    ))]
pub(super) fn get_page() {}

/// A part of the web page
#[utoipa::path(get, path = "/page/{name}", operation_id = "get_page_part", tag = "page",
    params(("name" = String, Path, description = "Its name.")),
    responses(
        (status = 200, description = "A style sheet, a module, a picture.", content((String = "*/*"))),
        (status = 304, description = "It is the one that the client has."),
    ))]
pub(super) fn get_page_part() {}
