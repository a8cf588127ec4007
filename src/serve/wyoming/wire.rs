//! Events as bytes: a line of JSON, then data in JSON and a payload, as long as the line says.
//!
//! What comes in is not trusted. A line, the data and the payload have limits; a payload, and all of an event that nobody here knows, is
//! thrown away as it comes. So a parser never holds more than a line or the data of one event.

use serde::{Deserialize, Serialize};

/// The version of the protocol, as its first library counts it: <https://github.com/OHF-Voice/wyoming>.
const PROTOCOL: &str = "1.10.2";
/// Bytes of a line without its end. The library's own reader takes no longer ones.
const LINE: usize = (64 << 10) - 1;
/// Bytes that are thrown away at most for one event.
const THROWN_AWAY: u64 = 64 << 20;

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// It asks what there is.
    Describe,
    /// It asks whether anybody is there, and gets the text back.
    Ping(Option<String>),
    /// It wants a whole text spoken.
    Synthesize(Asked, String),
    /// It will send a text in pieces.
    Start(Asked),
    /// A piece of it.
    Chunk(String),
    /// That was all of it.
    Stop,
}

/// How a text is to be spoken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// By whom.
    pub voice: Voice,
    /// What the text is written in; plain text if not said.
    pub format: Option<String>,
}

/// Whom a client wants to hear.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Voice {
    /// A voice's name.
    pub name: Option<String>,
    /// A language.
    pub language: Option<String>,
    /// One of several who speak under one name.
    pub speaker: Option<String>,
}

/// Why bytes are no events. After any of these nobody knows where the next event begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    /// A line has no end within the limit.
    Line,
    /// A line, or the data after it, is not the JSON that it should be.
    Json,
    /// The data are longer than any text may be.
    Data,
    /// A payload is longer than anybody's.
    Payload,
}

#[derive(Deserialize)]
struct Head {
    r#type: String,
    data_length: Option<i64>,
    payload_length: Option<i64>,
}

#[derive(Deserialize)]
struct Inline {
    data: Option<Fields>,
}

#[derive(Default, Deserialize)]
struct Fields {
    text: Option<String>,
    text_format: Option<String>,
    voice: Option<Voice>,
}

/// The kinds of events that are understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Describe,
    Ping,
    Synthesize,
    Start,
    Chunk,
    Stop,
}

enum State {
    Line,
    Data { kind: Kind, fields: Fields, left: usize, payload: u64 },
    Payload { event: Option<Event>, left: u64 },
    Broken(Malformed),
}

/// Turns bytes into events, however they are cut.
pub(super) struct Parser {
    /// Bytes that data may have.
    data: usize,
    state: State,
    held: Vec<u8>,
}

impl Parser {
    /// A parser of events whose data have at most so many bytes.
    pub(super) fn new(data: usize) -> Self {
        Self { data, state: State::Line, held: Vec::new() }
    }

    /// Whether the bytes so far end with an event.
    pub(super) fn is_between(&self) -> bool {
        matches!(self.state, State::Line) && self.held.is_empty()
    }

    /// Takes bytes from `input` until an event is whole; `None` asks for more.
    pub(super) fn next(&mut self, input: &mut &[u8]) -> Result<Option<Event>, Malformed> {
        let result = self.advance(input);
        if let Err(malformed) = &result {
            self.state = State::Broken(*malformed);
            self.held = Vec::new();
        }
        result
    }

    fn advance(&mut self, input: &mut &[u8]) -> Result<Option<Event>, Malformed> {
        loop {
            match &mut self.state {
                State::Broken(malformed) => return Err(*malformed),
                State::Line => {
                    let end = input.iter().position(|byte| *byte == b'\n');
                    let taken = take(input, end.unwrap_or(input.len()));
                    if self.held.len() + taken.len() > LINE {
                        return Err(Malformed::Line);
                    }
                    self.held.extend_from_slice(taken);
                    if end.is_none() {
                        return Ok(None);
                    }
                    take(input, 1);
                    let line = std::mem::take(&mut self.held);
                    if !line.trim_ascii().is_empty() {
                        self.state = self.after_line(&line)?;
                    }
                }
                State::Data { left, .. } if *left > 0 => {
                    let taken = take(input, *left);
                    *left -= taken.len();
                    self.held.extend_from_slice(taken);
                    if *left > 0 {
                        return Ok(None);
                    }
                }
                State::Data { kind, fields, payload, .. } => {
                    let more = match std::mem::take(&mut self.held) {
                        held if held.is_empty() => Fields::default(),
                        held => serde_json::from_slice(&held).map_err(|_| Malformed::Json)?,
                    };
                    let event = kind.event(std::mem::take(fields).replaced_by(more))?;
                    self.state = State::Payload { event: Some(event), left: *payload };
                }
                State::Payload { event, left } => {
                    let count = usize::try_from(*left).unwrap_or(usize::MAX);
                    *left -= take(input, count).len() as u64;
                    if *left > 0 {
                        return Ok(None);
                    }
                    let event = event.take();
                    self.state = State::Line;
                    if event.is_some() {
                        return Ok(event);
                    }
                }
            }
        }
    }

    fn after_line(&self, line: &[u8]) -> Result<State, Malformed> {
        let head: Head = serde_json::from_slice(line).map_err(|_| Malformed::Json)?;
        let length = |length: Option<i64>| u64::try_from(length.unwrap_or(0)).unwrap_or(0);
        let (data, payload) = (length(head.data_length), length(head.payload_length));
        let Some(kind) = Kind::of(&head.r#type) else {
            let left = data.saturating_add(payload);
            return if left > THROWN_AWAY {
                Err(Malformed::Payload)
            } else {
                Ok(State::Payload { event: None, left })
            };
        };
        if payload > THROWN_AWAY {
            return Err(Malformed::Payload);
        }
        let left = usize::try_from(data).ok().filter(|length| *length <= self.data).ok_or(Malformed::Data)?;
        let inline: Inline = serde_json::from_slice(line).map_err(|_| Malformed::Json)?;
        Ok(State::Data { kind, fields: inline.data.unwrap_or_default(), left, payload })
    }
}

impl Fields {
    /// What came after the line counts more than what is in it.
    fn replaced_by(self, later: Self) -> Self {
        Self {
            text: later.text.or(self.text),
            text_format: later.text_format.or(self.text_format),
            voice: later.voice.or(self.voice),
        }
    }
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "describe" => Self::Describe,
            "ping" => Self::Ping,
            "synthesize" => Self::Synthesize,
            "synthesize-start" => Self::Start,
            "synthesize-chunk" => Self::Chunk,
            "synthesize-stop" => Self::Stop,
            _ => return None,
        })
    }

    fn event(self, fields: Fields) -> Result<Event, Malformed> {
        let Fields { text, text_format, voice } = fields;
        let asked = Asked { voice: voice.unwrap_or_default(), format: text_format };
        Ok(match self {
            Self::Describe => Event::Describe,
            Self::Ping => Event::Ping(text),
            Self::Synthesize => Event::Synthesize(asked, text.ok_or(Malformed::Json)?),
            Self::Start => Event::Start(asked),
            Self::Chunk => Event::Chunk(text.ok_or(Malformed::Json)?),
            Self::Stop => Event::Stop,
        })
    }
}

impl Event {
    /// Bytes that it takes while it waits, roughly.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Ping(Some(text)) | Self::Synthesize(_, text) | Self::Chunk(text) => text.len(),
            _ => 0,
        }
    }
}

fn take<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(most.min(input.len()));
    *input = rest;
    taken
}

#[derive(Serialize)]
struct Line<'a> {
    r#type: &'a str,
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_length: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_length: Option<usize>,
}

/// The bytes of an event. Data stand after the line, where they may be long.
pub(super) fn event(name: &str, data: &impl Serialize, payload: &[u8]) -> Vec<u8> {
    // No value here has a key that is no text, the one thing that JSON can't say.
    let data = serde_json::to_vec(data).unwrap_or_default();
    let data = if data == b"null" { &[][..] } else { &data };
    let length = |bytes: &[u8]| (!bytes.is_empty()).then_some(bytes.len());
    let line =
        Line { r#type: name, version: PROTOCOL, data_length: length(data), payload_length: length(payload) };
    let mut bytes = serde_json::to_vec(&line).unwrap_or_default();
    bytes.reserve(1 + data.len() + payload.len());
    bytes.push(b'\n');
    bytes.extend_from_slice(data);
    bytes.extend_from_slice(payload);
    bytes
}

/// The bytes of an event without data.
pub(super) fn bare(name: &str) -> Vec<u8> {
    event(name, &(), &[])
}

#[cfg(test)]
mod tests;
