//! A server of the real binary, and a client that says what it means byte by byte.

#![allow(dead_code, reason = "not every test needs every part")]

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
pub(crate) use serde_json::json;

use crate::common::{BINARY, TestEnv};

/// An answer takes no longer, even on a slow machine that does other things.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server that speaks with the stand-in voice, unless told otherwise; killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// The line in which it says where it is.
    pub(crate) said: String,
}

impl Server {
    /// Starts one at a free port, and waits until it says where.
    pub(crate) fn start(env: &TestEnv, args: &[&str]) -> Self {
        Self::start_with_voice(env, "tone", args)
    }

    /// The same with another voice.
    pub(crate) fn start_with_voice(env: &TestEnv, voice: &str, args: &[&str]) -> Self {
        let mut command = env.command_of(BINARY);
        command.args(["serve", "--listen", "127.0.0.1:0", "--voice", voice]).args(args);
        Self::started(command)
    }

    /// A server that a command starts.
    pub(crate) fn started(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).or_else(|| line.split("https://").nth(1));
        let address = address.and_then(|rest| rest.split('/').next()).and_then(|place| place.parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}"));
        Self { child, address, said: line }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// A connection on which nothing was said yet.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends bytes as they are on a connection of its own, and reads one answer.
    pub(crate) fn send(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect();
        // A server that refuses may close before all is sent.
        let _ = stream.write_all(bytes);
        Answer::read(&mut BufReader::new(stream)).unwrap()
    }

    /// A request with a body.
    pub(crate) fn ask(&self, method: &str, path: &str, fields: &[(&str, &str)], body: &[u8]) -> Answer {
        self.send(&self.request(method, path, fields, body))
    }

    /// The bytes of a request.
    pub(crate) fn request(&self, method: &str, path: &str, fields: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in fields {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        [head.as_bytes(), b"\r\n", body].concat()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], b"")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        self.ask("POST", path, &[("Content-Type", "application/json")], body.as_bytes())
    }

    /// Has a text spoken.
    pub(crate) fn speak(&self, body: &Value) -> Answer {
        self.post("/v1/audio/speech", body)
    }

    /// Sends a signal, by its name without SIG.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Asks it to stop, which it does without a failure.
    #[track_caller]
    pub(crate) fn stop(self) {
        self.signal("TERM");
        self.ends_well();
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn ends_well(mut self) {
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer, its body without the marks of its transfer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the connection broke off before the body's end.
    pub(crate) is_cut: bool,
}

impl Answer {
    /// Reads one answer; `None` when the connection is closed before it.
    pub(crate) fn read(stream: &mut impl BufRead) -> Option<Self> {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            head.push(line.to_string());
        }
        let status = head[0].split(' ').nth(1)?.parse().ok()?;
        let fields: Vec<(String, String)> = head[1..]
            .iter()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_string()))
            .collect();
        let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| &**value);
        let mut body = Vec::new();
        let is_whole = if field("transfer-encoding") == Some("chunked") {
            read_chunks(stream, &mut body).is_some()
        } else if let Some(length) = field("content-length").and_then(|length| length.parse().ok()) {
            stream.take(length).read_to_end(&mut body).is_ok() && body.len() as u64 == length
        } else if status == 204 || status == 304 {
            true
        } else {
            stream.read_to_end(&mut body).is_ok()
        };
        Some(Self { status, fields, body, is_cut: !is_whole })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

fn read_chunks(stream: &mut impl BufRead, body: &mut Vec<u8>) -> Option<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok().filter(|count| *count > 0)?;
        let length = u64::from_str_radix(line.trim_end().split(';').next()?, 16).ok()?;
        let before = body.len() as u64;
        stream.take(length).read_to_end(body).ok()?;
        (body.len() as u64 == before + length).then_some(())?;
        line.clear();
        stream.read_line(&mut line).ok().filter(|count| *count > 0)?;
        if length == 0 {
            return Some(());
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = String::from_utf8_lossy(&self.body[..self.body.len().min(400)]);
        write!(f, "{} {:?}\n{shown}", self.status, self.fields)
    }
}
