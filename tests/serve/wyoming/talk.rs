//! Wyoming byte by byte: events to send, events that come, and where they come from.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::common::TestEnv;
use crate::serve::client::{Server, json};

/// Nothing takes longer, even on a slow machine that does other things.
const PATIENCE: Duration = Duration::from_mins(2);

/// An event that came.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) kind: String,
    pub(crate) data: Value,
    pub(crate) payload: Vec<u8>,
}

/// The bytes of an event, as Wyoming's own library writes it.
#[allow(clippy::needless_pass_by_value, reason = "it is written where it is used")]
pub(crate) fn event(kind: &str, data: Value, payload: &[u8]) -> Vec<u8> {
    let mut line = json!({ "type": kind, "version": "1.10.2" });
    let mut data = if data.is_null() { String::new() } else { data.to_string() }.into_bytes();
    if !data.is_empty() {
        line["data_length"] = data.len().into();
    }
    if !payload.is_empty() {
        line["payload_length"] = payload.len().into();
    }
    let mut bytes = format!("{line}\n").into_bytes();
    bytes.append(&mut data);
    bytes.extend_from_slice(payload);
    bytes
}

pub(crate) fn say(text: &str) -> Vec<u8> {
    event("synthesize", json!({ "text": text }), b"")
}

#[allow(clippy::needless_pass_by_value, reason = "it is written where it is used")]
pub(crate) fn say_as(text: &str, voice: Value) -> Vec<u8> {
    event("synthesize", json!({ "text": text, "voice": voice }), b"")
}

pub(crate) fn start() -> Vec<u8> {
    event("synthesize-start", Value::Null, b"")
}

pub(crate) fn piece(text: &str) -> Vec<u8> {
    event("synthesize-chunk", json!({ "text": text }), b"")
}

pub(crate) fn stop() -> Vec<u8> {
    event("synthesize-stop", Value::Null, b"")
}

/// The next event; `None` when there is no whole one.
pub(crate) fn read(reader: &mut impl BufRead) -> Option<Said> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).ok().filter(|_| line.ends_with(b"\n"))?;
    let head: Value = serde_json::from_slice(&line)
        .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&line)));
    let mut part = |name: &str| {
        let mut bytes = vec![0; head[name].as_u64().unwrap_or(0) as usize];
        reader.read_exact(&mut bytes).ok().map(|()| bytes)
    };
    let data = part("data_length")?;
    let data = if data.is_empty() { Value::Null } else { serde_json::from_slice(&data).unwrap() };
    Some(Said { kind: head["type"].as_str().unwrap().to_string(), data, payload: part("payload_length")? })
}

pub(crate) struct Client(pub(crate) BufReader<TcpStream>);

impl Client {
    pub(crate) fn of(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self(BufReader::new(stream))
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    pub(crate) fn next(&mut self) -> Option<Said> {
        read(&mut self.0)
    }

    /// All events up to one of a kind.
    #[track_caller]
    pub(crate) fn until(&mut self, kind: &str) -> Vec<Said> {
        let mut events = Vec::new();
        loop {
            let event = self.next().unwrap_or_else(|| panic!("no {kind} after {}", shown(&events)));
            events.push(event);
            if events.last().is_some_and(|event| event.kind == kind) {
                return events;
            }
        }
    }

    /// All events up to the end of the connection.
    pub(crate) fn rest(&mut self) -> Vec<Said> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

/// Kinds of events, one after the other, with the code of errors; blocks of sound count as one.
pub(crate) fn shown(events: &[Said]) -> String {
    let mut kinds: Vec<String> = Vec::new();
    for event in events {
        let code = event.data["code"].as_str().map_or(String::new(), |code| format!(":{code}"));
        kinds.push(format!("{}{code}", event.kind));
    }
    kinds.dedup_by(|a, b| a == b && a == "audio-chunk");
    kinds.join(" ")
}

pub(crate) fn sound(events: &[Said]) -> Vec<u8> {
    events
        .iter()
        .filter(|event| event.kind == "audio-chunk")
        .flat_map(|event| event.payload.clone())
        .collect()
}

pub(crate) fn wyoming_of(server: &Server) -> SocketAddr {
    let place = server.said.split("tcp://").nth(1).and_then(|rest| rest.split(';').next());
    place.and_then(|place| place.parse().ok()).unwrap_or_else(|| panic!("no address in {:?}", server.said))
}

pub(crate) fn started(env: &TestEnv, args: &[&str]) -> (Server, SocketAddr) {
    let server = Server::start(env, &[&["--wyoming", "127.0.0.1:0"], args].concat());
    let address = wyoming_of(&server);
    (server, address)
}

/// What a server says by standard output, whose standard input holds this.
#[track_caller]
pub(crate) fn by_stdio(env: &TestEnv, input: &[u8]) -> Vec<Said> {
    let mut command = env.command(&["serve", "--voice", "tone", "--wyoming", "stdio"]);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    let mut bytes = &output.stdout[..];
    std::iter::from_fn(|| read(&mut bytes)).collect()
}
