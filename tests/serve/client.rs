//! A server of the real binary, and a client that says what it means byte by byte.

#![allow(dead_code, reason = "not every test needs every part")]

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
pub(crate) use serde_json::json;

use crate::common::{BINARY, TestEnv};

/// An answer takes no longer, even on a slow machine that does other things.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

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

    /// The same with other limits, which stand in `src/serve/limits.rs`.
    pub(crate) fn start_on_ground(env: &TestEnv, ground: &str, args: &[&str]) -> Self {
        let mut command = env.command_of(BINARY);
        command.args(["serve", "--listen", "127.0.0.1:0", "--voice", "tone"]).args(args);
        command.env("AUDIO_REPORT_TEST_SERVE", ground);
        Self::started(command)
    }

    /// A server that a command starts.
    pub(crate) fn started(command: Command) -> Self {
        Self::started_with_log(command, Stdio::inherit())
    }

    /// The same with another place for its log.
    pub(crate) fn started_with_log(mut command: Command, log: Stdio) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).or_else(|| line.split("https://").nth(1));
        let address = address.and_then(|rest| rest.split('/').next()).and_then(|place| place.parse().ok());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}"));
        Self { child, address, said: line }
    }

    /// A server that something else started at an address.
    pub(crate) fn of(child: Child, address: SocketAddr) -> Self {
        Self { child, address, said: String::new() }
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
        self.try_send(bytes).unwrap()
    }

    /// The same; `None` when the connection is cut before an answer begins.
    fn try_send(&self, bytes: &[u8]) -> Option<Answer> {
        let mut stream = self.connect();
        // A server that refuses may close before all is sent.
        let _ = stream.write_all(bytes);
        Answer::read(&mut BufReader::new(stream))
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

    /// What a server says of a path without sending it.
    pub(crate) fn head(&self, path: &str) -> Answer {
        let mut stream = self.connect();
        stream.write_all(&self.request("HEAD", path, &[("Connection", "close")], b"")).unwrap();
        let mut stream = BufReader::new(stream);
        let mut answer = Answer::read_head(&mut stream).unwrap();
        stream.read_to_end(&mut answer.body).unwrap();
        answer
    }

    /// Asks for speech, and leaves the answer on the connection.
    pub(crate) fn begin(&self, body: &Value) -> BufReader<TcpStream> {
        let mut stream = self.connect();
        let fields = [("Content-Type", "application/json")];
        let request = self.request("POST", "/v1/audio/speech", &fields, body.to_string().as_bytes());
        stream.write_all(&request).unwrap();
        BufReader::new(stream)
    }

    /// Threads that make the sound of a request.
    #[cfg(target_os = "linux")]
    pub(crate) fn speaking_threads(&self) -> usize {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.id())).unwrap();
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
        names.filter(|name| name.trim() == "request").count()
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        self.ask("POST", path, &[("Content-Type", "application/json")], body.as_bytes())
    }

    /// Has a text spoken by a voice that may fail; `None` when the connection is cut before an answer begins.
    pub(crate) fn try_speak(&self, body: &Value) -> Option<Answer> {
        let body = body.to_string();
        let fields = [("Content-Type", "application/json")];
        self.try_send(&self.request("POST", "/v1/audio/speech", &fields, body.as_bytes()))
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

    /// Asks it twice, so that it leaves streams behind.
    #[track_caller]
    pub(crate) fn stop_at_once(self) {
        self.signal("TERM");
        until("a server that is not ready", || self.get("/readyz").status == 503);
        self.signal("TERM");
        assert_eq!(self.end().code(), Some(130));
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn ends_well(self) {
        let status = self.end();
        assert!(status.success(), "{status}");
    }

    /// Waits for its end, however it is.
    pub(crate) fn end(mut self) -> ExitStatus {
        self.child.wait().unwrap()
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
        let mut answer = Self::read_head(stream)?;
        let body = &mut answer.body;
        let field =
            |name: &str| answer.fields.iter().find(|(known, _)| known == name).map(|(_, value)| &**value);
        let is_whole = if field("transfer-encoding") == Some("chunked") {
            read_chunks(stream, body).is_some()
        } else if let Some(length) = field("content-length").and_then(|length| length.parse().ok()) {
            stream.take(length).read_to_end(body).is_ok() && body.len() as u64 == length
        } else if answer.status == 204 || answer.status == 304 {
            true
        } else {
            stream.read_to_end(body).is_ok()
        };
        answer.is_cut = !is_whole;
        Some(answer)
    }

    /// Reads the head of one answer.
    pub(crate) fn read_head(stream: &mut impl BufRead) -> Option<Self> {
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
        Some(Self { status, fields, body: Vec::new(), is_cut: false })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

/// Waits for what must come in the end.
#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "it never comes: {what}");
        std::thread::sleep(Duration::from_millis(10));
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
