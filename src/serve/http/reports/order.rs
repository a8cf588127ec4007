//! What a request for a report asks for: the fields of the contract, checked.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::super::fault::{Fault, shown};
use super::super::order::{object, string, voice};
use super::super::request;
use super::form::{FILE, Form};
use crate::audio::Speed;
use crate::order::{Captions, Kind, Source};
use crate::output::encode::Format;
use crate::serve::reports::Reports;
use crate::serve::reports::failure::Why;
use crate::serve::voices::Choice;
use crate::serve::{Limits, Server};

/// What voices have learnt; beyond it the sound would have to be stretched, and its captions with it.
const SPEEDS: std::ops::RangeInclusive<f32> = 0.5..=2.0;
/// Characters of a headline.
const TITLE: usize = 300;
/// The formats that are made, with those that OpenAI's clients may ask for beside.
const FORMATS: [(&str, Format); 4] =
    [("mp3", Format::Mp3), ("opus", Format::Opus), ("flac", Format::Flac), ("wav", Format::Wav)];

/// Forms with files that are read at once: they are large, and lie in memory meanwhile.
static FORMS: Semaphore = Semaphore::const_new(4);

/// What a request asks for, as far as this machine was not asked.
#[derive(Debug)]
pub(super) struct Asked {
    pub source: Source,
    pub kind: Option<Kind>,
    pub title: Option<String>,
    pub choice: Choice,
    pub speed: Speed,
    pub format: Format,
    pub captions: Vec<Captions>,
    pub page: bool,
    /// The article, where it is not fetched.
    pub content: Option<Vec<u8>>,
}

/// Reads a body, in JSON or as a form with a file.
pub(super) async fn asked(server: &Server, headers: &HeaderMap, body: Body) -> Result<Asked, Fault> {
    let limits = &server.limits;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        let place = timeout(limits.upload, FORMS.acquire()).await;
        let _place = place.map_err(|_| Fault::full_of_reports(limits.upload))?;
        let limits = Limits { body: limits.upload_body, whole_upload: limits.file_upload, ..*limits };
        let body = request::read(body, &limits).await?;
        return Asked::of_form(Form::read(body, kind).await?, &limits);
    }
    if !request::is_json(headers) {
        request::throw_away(body).await;
        let message = "The body must be application/json, or multipart/form-data with a file.";
        return Err(Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message).named("unsupported_media_type"));
    }
    Asked::of_fields(&object(&request::read(body, limits).await?)?, None, limits)
}

/// An address as it may be kept and shown; others are what they are.
pub(super) fn checked(reports: &Reports, source: Source) -> Result<Source, Fault> {
    let Source::Address(typed) = source else { return Ok(source) };
    match reports.address(&typed) {
        Ok(shown) => Ok(Source::Address(shown)),
        Err(error) => {
            let Why { message, code, .. } = Why::of(&error, "url");
            Err(Fault::wrong("url", code, message))
        }
    }
}

impl Asked {
    fn of_form(form: Form, limits: &Limits) -> Result<Self, Fault> {
        Self::of_fields(&form.fields, form.file, limits)
    }

    pub(super) fn of_fields(
        fields: &Map<String, Value>,
        file: Option<(String, Vec<u8>)>,
        limits: &Limits,
    ) -> Result<Self, Fault> {
        let (text, address) = (string(fields, "input")?, string(fields, "url")?);
        let (source, content) = match (text, address, file) {
            (Some(text), None, None) if text.trim().is_empty() => return Err(Fault::silent()),
            (Some(text), None, None) => (Source::Text, Some(text.as_bytes().to_vec())),
            (None, Some(address), None) => (Source::Address(address.to_string()), None),
            (None, None, Some((_, bytes))) if bytes.is_empty() => {
                return Err(Fault::wrong(FILE, "nothing_to_speak", "The file is empty."));
            }
            (None, None, Some((name, bytes))) => (Source::File(name), Some(bytes)),
            (None, None, None) => {
                let message = "There is no article: give input, or url, or a file in a form.";
                return Err(Fault::wrong("input", "missing_required_parameter", message));
            }
            _ => {
                let message = "A report is made of one article: give input, or url, or a file.";
                return Err(Fault::wrong("input", "conflicting_parameters", message));
            }
        };
        Ok(Self {
            source,
            kind: kind(fields)?,
            title: title(fields)?,
            choice: Choice { name: voice(fields)?, is_fast: false },
            speed: speed(fields, limits.speed)?,
            format: format(fields)?,
            captions: captions(fields)?,
            page: page(fields)?,
            content,
        })
    }
}

fn kind(fields: &Map<String, Value>) -> Result<Option<Kind>, Fault> {
    Ok(Some(match string(fields, "input_type")? {
        None => return Ok(None),
        Some("text") => Kind::Text,
        Some("html") => Kind::Html,
        Some("markdown") => Kind::Markdown,
        Some(_) => {
            let message = "The input is text, html or markdown.";
            return Err(Fault::wrong("input_type", "invalid_value", message));
        }
    }))
}

fn title(fields: &Map<String, Value>) -> Result<Option<String>, Fault> {
    let title = string(fields, "title")?.map(str::trim).filter(|title| !title.is_empty());
    if title.is_some_and(|title| title.chars().count() > TITLE) {
        let message = format!("The title has more than {TITLE} characters.");
        return Err(Fault::wrong("title", "string_above_max_length", message));
    }
    Ok(title.map(str::to_string))
}

fn speed(fields: &Map<String, Value>, usual: Speed) -> Result<Speed, Fault> {
    let (slowest, fastest) = (*SPEEDS.start(), *SPEEDS.end());
    let speed = match fields.get("speed") {
        None | Some(Value::Null) => Speed::new(usual.factor().clamp(slowest, fastest)),
        Some(value) => {
            let factor = value.as_f64().map(|factor| factor as f32);
            factor.filter(|factor| SPEEDS.contains(factor)).and_then(Speed::new)
        }
    };
    speed.ok_or_else(|| {
        let message = format!("The speed of a report must be a number from {slowest} to {fastest}.");
        Fault::wrong("speed", "invalid_value", message)
    })
}

fn format(fields: &Map<String, Value>) -> Result<Format, Fault> {
    let name = string(fields, "response_format")?.unwrap_or("mp3");
    let known = FORMATS.iter().find(|(known, _)| *known == name);
    known.map(|(_, format)| *format).ok_or_else(|| {
        let known = FORMATS.map(|(name, _)| name).join(", ");
        let message = format!("There is no report in {:?}; there are {known}.", shown(name));
        Fault::wrong("response_format", "unsupported_format", message)
    })
}

fn captions(fields: &Map<String, Value>) -> Result<Vec<Captions>, Fault> {
    let list = match fields.get("captions") {
        None | Some(Value::Null) => return Ok(vec![Captions::Vtt, Captions::Json]),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(Fault::wrong("captions", "invalid_type", "The captions must be a list.")),
    };
    let mut captions = Vec::new();
    for name in list {
        let kind = match name.as_str() {
            Some("vtt") => Captions::Vtt,
            Some("srt") => Captions::Srt,
            Some("json") => Captions::Json,
            _ => return Err(Fault::wrong("captions", "invalid_value", "Captions are vtt, srt or json.")),
        };
        if !captions.contains(&kind) {
            captions.push(kind);
        }
    }
    Ok(captions)
}

fn page(fields: &Map<String, Value>) -> Result<bool, Fault> {
    match fields.get("page") {
        None | Some(Value::Null) => Ok(true),
        Some(Value::Bool(page)) => Ok(*page),
        Some(_) => Err(Fault::wrong("page", "invalid_type", "The field page must be true or false.")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::table_test::each;

    fn asked(mut fields: Value, file: Option<(&str, &str)>) -> Result<Asked, Fault> {
        let limits = Limits::default();
        let file = file.map(|(name, text)| (name.to_string(), text.as_bytes().to_vec()));
        Asked::of_fields(fields.as_object_mut().unwrap(), file, &limits)
    }

    #[test]
    fn what_is_not_said_is_usual() {
        let usual = asked(json!({ "input": "One." }), None).unwrap();
        assert_eq!((usual.source, usual.content.as_deref()), (Source::Text, Some(&b"One."[..])));
        assert_eq!((usual.format, usual.page, usual.kind), (Format::Mp3, true, None));
        assert_eq!(usual.captions, [Captions::Vtt, Captions::Json]);
        let other = json!({
            "url": "https://paper.example/", "input_type": "html", "title": " Port ", "speed": 0.5,
            "response_format": "opus", "captions": ["srt", "srt"], "page": false, "voice": { "id": "nova" }, "input": null,
        });
        let other = asked(other, None).unwrap();
        assert_eq!(other.source, Source::Address("https://paper.example/".to_string()));
        assert_eq!((other.kind, other.title.as_deref()), (Some(Kind::Html), Some("Port")));
        assert_eq!((other.format, other.page, other.captions), (Format::Opus, false, vec![Captions::Srt]));
        assert_eq!(other.choice.name.as_deref(), Some("nova"));
        let file = asked(json!({}), Some(("a.docx", "One."))).unwrap();
        assert_eq!(file.source, Source::File("a.docx".to_string()));
    }

    #[test]
    fn wrong_fields_are_named() {
        let long = "a".repeat(TITLE + 1);
        let rows = [
            (json!({}), "input"),
            (json!({ "input": 1 }), "input"),
            (json!({ "input": "One.", "url": "https://a.example/" }), "input"),
            (json!({ "input": " \n" }), "input"),
            (json!({ "url": ["x"] }), "url"),
            (json!({ "input": "One.", "input_type": "pdf" }), "input_type"),
            (json!({ "input": "One.", "title": long }), "title"),
            (json!({ "input": "One.", "speed": 0.49 }), "speed"),
            (json!({ "input": "One.", "speed": "1" }), "speed"),
            (json!({ "input": "One.", "speed": 2.1 }), "speed"),
            (json!({ "input": "One.", "response_format": "pcm" }), "response_format"),
            (json!({ "input": "One.", "captions": "vtt" }), "captions"),
            (json!({ "input": "One.", "captions": ["ass"] }), "captions"),
            (json!({ "input": "One.", "captions": [1] }), "captions"),
            (json!({ "input": "One.", "page": "yes" }), "page"),
            (json!({ "input": "One.", "voice": 1 }), "voice"),
        ];
        each(rows, |(fields, param)| {
            let fault = format!("{:?}", asked(fields.clone(), None).unwrap_err());
            assert!(fault.contains(&format!("param: Some({param:?})")), "{fields}: {fault}");
        });
        assert!(asked(json!({ "input": "One." }), Some(("a", "One."))).is_err());
        assert!(asked(json!({}), Some(("a", ""))).is_err());
    }
}
