//! What a request for speech asks for: OpenAI's fields, checked.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::fault::{Fault, shown};
use super::words::given;
use crate::article::Article;
use crate::audio::Speed;
use crate::output::encode::{Coding, Format};
use crate::serve::Limits;
use crate::serve::speech::{Form, Wanted, article_of};
use crate::serve::times::Places;
use crate::serve::voices::Choice;

/// Models of OpenAI's that clients name without having asked which there are. The server's own voices stand for them.
pub(super) const OPENAI_MODELS: [&str; 5] =
    ["tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-03-20", "gpt-4o-mini-tts-2025-12-15"];
/// What other names begin with: those of other years, of families (`kokoro-en`), and of other servers (`hexgrad/Kokoro-82M`).
const BEGINNINGS: [&str; 4] = ["tts-1", "gpt-4o-mini-tts", BEST, FASTEST];
/// The model of the best voices.
pub(super) const BEST: &str = "kokoro";
/// The model of the fastest voices.
pub(super) const FASTEST: &str = "hibari";
/// The formats that are made; AAC is not.
const FORMATS: [&str; 5] = ["mp3", "opus", "flac", "wav", "pcm"];

/// A request for speech.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) wanted: Wanted,
    /// Whether the sound comes as server-sent events.
    pub(super) as_events: bool,
    /// Whether it says how to speak, which is not heeded.
    pub(super) has_instructions: bool,
    /// Characters of the text.
    pub(super) characters: usize,
}

impl Order {
    pub(super) fn read(body: &[u8], limits: &Limits) -> Result<Self, Fault> {
        let fields = object(body)?;
        let text = string(&fields, "input")?
            .ok_or_else(|| Fault::wrong("input", "missing_required_parameter", "There is no input."))?;
        let characters = text.chars().count();
        if characters > limits.characters {
            return Err(Fault::too_long("input", characters, limits.characters));
        }
        let article: Article = article_of(text).map_err(|error| Fault::of(&error))?;
        let is_fast = model(&fields)?;
        let as_events = as_events(&fields)?;
        let wanted = Wanted {
            article: Arc::new(article),
            voice: Choice { name: voice(&fields)?, is_fast },
            speed: speed(&fields, limits.speed)?,
            form: form(&fields)?,
            given: given(fields.get("words"))?,
            places: tells_words(&fields, as_events)?.then(|| Places::of(text)),
        };
        Ok(Self {
            wanted,
            as_events,
            has_instructions: string(&fields, "instructions")?.is_some_and(|said| !said.trim().is_empty()),
            characters,
        })
    }
}

/// The fields of a body in JSON.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Fault> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => {
            let fault = Fault::new(StatusCode::BAD_REQUEST, "The body must be an object.");
            Err(fault.named("invalid_type"))
        }
        Err(error) => {
            let message = format!("The body is no JSON: {error}.");
            Err(Fault::new(StatusCode::BAD_REQUEST, message).named("invalid_json"))
        }
    }
}

/// A field that is text; `null` is none.
pub(super) fn string<'a>(
    fields: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, Fault> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Fault::wrong(name, "invalid_type", format!("The field {name} must be a string."))),
    }
}

/// Whether there is a model of this name.
pub(super) fn is_model(name: &str) -> bool {
    let name = last_part(name);
    name == "tone" || BEGINNINGS.iter().any(|known| name.starts_with(known))
}

/// The name without the organisation before it.
fn last_part(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).trim().to_ascii_lowercase()
}

/// Whether the model is that of the fast voices.
fn model(fields: &Map<String, Value>) -> Result<bool, Fault> {
    match string(fields, "model")? {
        None => Ok(false),
        Some(name) if is_model(name) => Ok(last_part(name).starts_with(FASTEST)),
        Some(name) => Err(Fault::no_model(name)),
    }
}

/// A name, or OpenAI's `{"id": …}` of a voice of one's own.
pub(super) fn voice(fields: &Map<String, Value>) -> Result<Option<String>, Fault> {
    let name = match fields.get("voice") {
        Some(Value::Object(voice)) => voice.get("id").and_then(Value::as_str),
        _ => return Ok(string(fields, "voice")?.map(str::to_string)),
    };
    let wrong = || Fault::wrong("voice", "invalid_type", "A voice is a name, or an object with an id.");
    name.map(|name| Some(name.to_string())).ok_or_else(wrong)
}

fn speed(fields: &Map<String, Value>, usual: Speed) -> Result<Speed, Fault> {
    match fields.get("speed") {
        None | Some(Value::Null) => Ok(usual),
        Some(value) => value.as_f64().and_then(|factor| Speed::new(factor as f32)).ok_or_else(|| {
            let message =
                format!("The speed must be a number from {} to {}.", Speed::SLOWEST, Speed::FASTEST);
            Fault::wrong("speed", "invalid_value", message)
        }),
    }
}

fn form(fields: &Map<String, Value>) -> Result<Form, Fault> {
    let coded = |format| Ok(Form::File(Coding::usual(format)));
    match string(fields, "response_format")? {
        None | Some("mp3") => coded(Format::Mp3),
        Some("opus") => coded(Format::Opus),
        Some("flac") => coded(Format::Flac),
        Some("wav") => coded(Format::Wav),
        Some("pcm") => Ok(Form::Samples),
        Some(name) => {
            let known = FORMATS.join(", ");
            let message = match name {
                "aac" => format!("AAC is not made, because its coders are not free; there are {known}."),
                _ => format!("There is no format {:?}; there are {known}.", shown(name)),
            };
            Err(Fault::wrong("response_format", "unsupported_format", message))
        }
    }
}

fn as_events(fields: &Map<String, Value>) -> Result<bool, Fault> {
    match string(fields, "stream_format")? {
        None | Some("audio") => Ok(false),
        Some("sse") => Ok(true),
        Some(_) => Err(Fault::wrong("stream_format", "invalid_value", "A stream is audio or sse.")),
    }
}

/// Whether the client is told when words are heard. Only events have room for that.
fn tells_words(fields: &Map<String, Value>, as_events: bool) -> Result<bool, Fault> {
    let wrong = |code, message: &str| Err(Fault::wrong("timestamps", code, message));
    match fields.get("timestamps") {
        None | Some(Value::Null | Value::Bool(false)) => Ok(false),
        Some(Value::Bool(true)) if as_events => Ok(true),
        Some(Value::Bool(true)) => {
            wrong("invalid_value", "Timestamps need stream_format sse: they come as events.")
        }
        Some(_) => wrong("invalid_type", "The field timestamps must be true or false."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn names_of_models_that_clients_send_are_known() {
        let rows = [
            ("tts-1", Some(false)),
            ("tts-1-1106", Some(false)),
            ("gpt-4o-mini-tts", Some(false)),
            ("kokoro", Some(false)),
            ("hexgrad/Kokoro-82M", Some(false)),
            ("speaches-ai/Kokoro-82M-v1.0-ONNX", Some(false)),
            ("kokoro-en", Some(false)),
            ("hibari", Some(true)),
            ("hibari-en", Some(true)),
            ("whisper-1", None),
            ("gpt-4o", None),
            ("", None),
        ];
        each(rows, |(name, want)| {
            let fields = Map::from_iter([("model".to_string(), Value::from(name))]);
            assert_eq!(model(&fields).ok(), want, "{name}");
        });
    }
}
