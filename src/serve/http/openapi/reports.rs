//! The routes of reports, in the words of their contract. A description that stands on their own types and handlers takes the place of this.
#![expect(dead_code, reason = "these functions carry descriptions, and nothing is read into these types")]

use utoipa::ToSchema;

use super::speech::{InputType, Sound, VoiceName};

/// An article that becomes files: either an input or a url.
#[derive(ToSchema)]
struct ReportRequest {
    /// A text, or a page in HTML.
    #[schema(example = "The port reopened on Monday.")]
    input: Option<String>,
    /// The address of a page.
    url: Option<String>,
    /// How the input is written; its content tells without it.
    input_type: Option<InputType>,
    /// The headline; else the article's own.
    #[schema(max_length = 300)]
    title: Option<String>,
    /// A voice of `GET /v1/audio/voices`; the server's own without it.
    voice: Option<VoiceName>,
    /// How fast.
    #[schema(minimum = 0.5, maximum = 2.0)]
    speed: Option<f64>,
    /// The format of the sound; `mp3` without it.
    response_format: Option<ReportFormat>,
    /// Captions beside it; `vtt` and `json` without it.
    captions: Option<Vec<CaptionFormat>>,
    /// Whether there is a page that lights up; there is without it.
    page: Option<bool>,
}

/// The same as a form, with the article as a file, whose name gives its type.
#[derive(ToSchema)]
struct ReportForm {
    /// The article.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// The headline; else the article's own.
    #[schema(max_length = 300)]
    title: Option<String>,
    /// A voice.
    voice: Option<String>,
    /// How fast.
    #[schema(minimum = 0.5, maximum = 2.0)]
    speed: Option<f64>,
    /// The format of the sound.
    response_format: Option<ReportFormat>,
    /// Whether there is a page that lights up.
    page: Option<bool>,
}

/// A format of a report's sound.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
enum ReportFormat {
    Mp3,
    Opus,
    Flac,
    Wav,
}

/// A format of captions.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
enum CaptionFormat {
    Vtt,
    Srt,
    Json,
}

/// A report, and how far it is.
#[derive(ToSchema)]
struct Report {
    #[schema(example = "rep_0123456789abcdef")]
    id: String,
    /// Always `report`.
    object: String,
    status: ReportStatus,
    /// Seconds since 1970.
    created_at: u64,
    #[schema(required)]
    title: Option<String>,
    /// The address of its page.
    #[schema(required)]
    source: Option<String>,
    voice: String,
    speed: f64,
    format: ReportFormat,
    progress: ReportProgress,
    /// How sure the server is that it found the story, from 0 to 1.
    #[schema(required, minimum = 0, maximum = 1)]
    confidence: Option<f64>,
    /// What is not read.
    left_out: Vec<ReportOmission>,
    /// Words that no dictionary has.
    unknown_words: Vec<ReportGuess>,
    files: Vec<ReportFile>,
    /// Why it failed.
    #[schema(required)]
    error: Option<ReportFailure>,
}

/// Where a report stands.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
enum ReportStatus {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// How much of a report is made.
#[derive(ToSchema)]
struct ReportProgress {
    /// From 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    done: f64,
    /// Seconds of sound so far.
    seconds: f64,
}

/// A piece that is not read.
#[derive(ToSchema)]
struct ReportOmission {
    text: String,
    reason: String,
}

/// A word that no dictionary has.
#[derive(ToSchema)]
struct ReportGuess {
    word: String,
    phonemes: String,
}

/// A file of a report.
#[derive(ToSchema)]
struct ReportFile {
    name: String,
    kind: ReportFileKind,
    media_type: String,
    bytes: u64,
    /// Where it is, on this server.
    url: String,
}

/// What a file is.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
enum ReportFileKind {
    Audio,
    Captions,
    Chapters,
    Page,
    Picture,
}

/// Why a report failed, as other faults.
#[derive(ToSchema)]
struct ReportFailure {
    message: String,
    r#type: String,
    #[schema(required)]
    param: Option<String>,
    code: String,
}

/// All reports.
#[derive(ToSchema)]
struct ReportList {
    /// Always `list`.
    object: String,
    /// The newest first.
    data: Vec<Report>,
}

/// A report that is no more.
#[derive(ToSchema)]
struct DeletedReport {
    id: String,
    /// Always `report`.
    object: String,
    deleted: bool,
}

/// Make a report
///
/// The article becomes files while the client does something else. The answer comes at once.
#[utoipa::path(post, path = "/v1/reports", operation_id = "add_report", tag = "reports",
    request_body(content((ReportRequest = "application/json"), (ReportForm = "multipart/form-data"))),
    responses((status = 202, description = "It is taken.", body = Report,
        headers(("location" = String, description = "Where the report is.")))))]
pub(super) fn add_report() {}

/// All reports
#[utoipa::path(get, path = "/v1/reports", operation_id = "list_reports", tag = "reports",
    responses((status = 200, description = "The newest first.", body = ReportList)))]
pub(super) fn list_reports() {}

/// A report
#[utoipa::path(get, path = "/v1/reports/{id}", operation_id = "get_report", tag = "reports",
    params(("id" = String, Path, description = "Its name.")),
    responses((status = 200, description = "How far it is.", body = Report)))]
pub(super) fn get_report() {}

/// Delete a report
///
/// Its work ends, and its files go.
#[utoipa::path(delete, path = "/v1/reports/{id}", operation_id = "delete_report", tag = "reports",
    params(("id" = String, Path, description = "Its name.")),
    responses((status = 200, description = "It is gone.", body = DeletedReport)))]
pub(super) fn delete_report() {}

/// Watch a report
///
/// Events `report`, each with the whole report, until it is made or has failed.
#[utoipa::path(get, path = "/v1/reports/{id}/events", operation_id = "watch_report", tag = "reports",
    params(("id" = String, Path, description = "Its name.")),
    responses((status = 200, description = "Server-sent events.", content((String = "text/event-stream")))))]
pub(super) fn watch_report() {}

/// A file of a report
///
/// Ranges and conditions are heeded; `HEAD` tells its length.
#[utoipa::path(get, path = "/v1/reports/{id}/files/{name}", operation_id = "get_report_file", tag = "reports",
    params(
        ("id" = String, Path, description = "The name of the report."),
        ("name" = String, Path, description = "The name of the file."),
    ),
    responses(
        (status = 200, description = "All of it.", content((Sound = "*/*"), (serde_json::Value = "application/json"))),
        (status = 206, description = "The part that was asked for.", content((Sound = "*/*"))),
        (status = 304, description = "It is the one that the client has."),
    ))]
pub(super) fn get_report_file() {}
