//! `serve --queue`: a server has requests spoken by workers, and speaks by itself where none has a free place.

use std::io::Read;
use std::process::{Command, Stdio};

use crate::cluster::Killed;
use crate::cluster::nats::{Queue, free_port};
use crate::common::{BINARY, STORY, TestEnv, each};
use crate::serve::client::{Answer, Server, json, until};
use crate::serve::wyoming::talk::{Client, piece, shown, sound, start, started, stop};

/// A worker that only speaks for servers.
struct Worker(Killed);

impl Worker {
    fn start(env: &TestEnv, queue: &str, places: &str) -> Self {
        let mut command = env.command_of(BINARY);
        command.args(["worker", "--quiet", "--queue", queue, "--results", "out", "--speaking", places]);
        Self(Killed(command.stdout(Stdio::null()).spawn().unwrap()))
    }

    fn signal(&self, name: &str) {
        let id = self.0.0.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }
}

/// How many texts workers have begun to speak.
fn by_workers(server: &Server) -> u64 {
    let metrics = String::from_utf8(server.get("/metrics").body).unwrap();
    let line = metrics.lines().find(|line| line.starts_with("audio_report_speeches_elsewhere_total "));
    line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
}

/// Waits until a worker speaks for the server.
fn until_helped(server: &Server) {
    let before = by_workers(server);
    until("a worker that speaks", || {
        assert_eq!(server.speak(&json!({ "input": "Ships came." })).status, 200);
        by_workers(server) > before
    });
}

fn endless() -> serde_json::Value {
    let text = "Ships came back to the harbor at noon, and men sang.\n\n".repeat(1_500);
    json!({ "input": text, "response_format": "pcm" })
}

#[test]
fn a_worker_says_what_the_server_would_say() {
    let env = TestEnv::new();
    let Some(queue) = Queue::start(&env) else { return };
    env.write("words.toml", "[words]\nShips = \"SHIPS and boats\"\n");
    let words = [
        "--lexicon",
        "words.toml",
        "--acronyms",
        "expand",
        "--locale",
        "en-GB",
        "--pauses",
        "paragraph=1500",
    ];
    let alone = Server::start(&env, &words);
    let helped = Server::start(&env, &[&["--queue", &queue.address], &words[..]].concat());
    let _worker = Worker::start(&env, &queue.address, "2");
    until_helped(&helped);
    let text = "Ships came back at noon on 3/4/2026.\r\n\r\nZoë’s crane moved an hour later, the DPRK said.";
    let given = json!({ "crane": "CRAY-nee" });
    let rows = [
        json!({ "input": text, "response_format": "wav" }),
        json!({ "input": text, "response_format": "wav", "words": given }),
        json!({ "input": text, "response_format": "wav", "speed": 3.0 }),
        json!({ "input": text, "response_format": "wav", "stream_format": "sse", "timestamps": true }),
        json!({ "input": text, "response_format": "pcm" }),
        json!({ "input": text, "response_format": "mp3" }),
        json!({ "input": text, "response_format": "opus" }),
        json!({ "input": text, "response_format": "flac", "stream_format": "sse" }),
    ];
    each(&rows, |row| {
        let before = by_workers(&helped);
        let [own, other] = [&alone, &helped].map(|server| server.speak(row));
        assert_eq!((own.status, other.status), (200, 200), "{row}: {other}");
        assert_eq!(by_workers(&helped), before + 1, "{row}");
        let kind = |answer: &Answer| answer.header("content-type").map(str::to_string);
        assert_eq!(kind(&own), kind(&other), "{row}");
        // In streams the cuts depend on how fast they are made.
        if row["response_format"] == "wav" {
            assert!(own.body == other.body, "{row}: {} and {} bytes", own.body.len(), other.body.len());
        } else {
            let ratio = other.body.len() as f64 / own.body.len() as f64;
            assert!((0.9..1.1).contains(&ratio), "{row}: {ratio}");
        }
    });
    each(
        [("input", json!(" "), "nothing_to_speak"), ("voice", json!("nobody"), "voice_not_found")],
        |(field, value, code)| {
            let mut body = json!({ "input": "Ships came." });
            body[field] = value;
            let answer = helped.speak(&body);
            assert_eq!((answer.status, &answer.json()["error"]["code"]), (400, &json!(code)), "{field}");
        },
    );
}

#[test]
fn a_server_speaks_by_itself_where_no_worker_does() {
    let env = TestEnv::new();
    let port = free_port();
    let address = format!("nats://127.0.0.1:{port}");
    // Its queue is not there yet.
    let server = Server::start(&env, &["--queue", &address, "--speaking", "1"]);
    assert_eq!(server.speak(&json!({ "input": "Ships came." })).status, 200);
    let Some(_queue) = Queue::start_at(&env, port) else { return };
    // The queue is, and no worker.
    assert_eq!(server.speak(&json!({ "input": "Ships came." })).status, 200);
    assert_eq!(by_workers(&server), 0);
    let worker = Worker::start(&env, &address, "1");
    until_helped(&server);
    // The worker is busy.
    let mut busy = None;
    until("a worker that speaks without end", || {
        let before = by_workers(&server);
        // Its place may not be free yet; then the server itself begins.
        let mut answer = server.begin(&endless());
        assert_eq!(Answer::read_head(&mut answer).unwrap().status, 200);
        busy = Some(answer);
        by_workers(&server) > before
    });
    let before = by_workers(&server);
    assert_eq!(server.speak(&json!({ "input": "Ships came." })).status, 200);
    assert_eq!(by_workers(&server), before, "by the server itself");
    drop(busy);
    // What the client does not want any more ends at the worker, too.
    until_helped(&server);
    drop(worker);
    assert_eq!(server.speak(&json!({ "input": "Ships came." })).status, 200);
    server.stop();
}

#[cfg(unix)]
#[test]
fn a_worker_that_dies_is_seen_by_the_client_and_one_that_is_stopped_ends_what_it_says() {
    each([("KILL", true), ("TERM", false)], |(signal, is_cut)| {
        let env = TestEnv::new();
        let Some(queue) = Queue::start(&env) else { return };
        let server = Server::start(&env, &["--queue", &queue.address]);
        let worker = Worker::start(&env, &queue.address, "1");
        until_helped(&server);
        let text = if is_cut { 1_500 } else { 200 };
        let text = "Ships came back to the harbor at noon, and men sang.\n\n".repeat(text);
        let mut helped = None;
        // Its place is free a little later than the client has what it asked for before.
        until("a stream of the worker", || {
            let before = by_workers(&server);
            let mut stream = server.begin(&json!({ "input": text, "response_format": "pcm" }));
            assert_eq!(Answer::read_head(&mut stream).unwrap().status, 200);
            helped = (by_workers(&server) > before).then_some(stream);
            helped.is_some()
        });
        let mut stream = helped.unwrap();
        worker.signal(signal);
        let mut rest = Vec::new();
        let is_read = stream.read_to_end(&mut rest).is_ok() && rest.ends_with(b"\r\n0\r\n\r\n");
        assert_eq!(is_read, !is_cut, "{signal}: {} bytes", rest.len());
        // The next one is spoken all the same.
        assert_eq!(server.speak(&json!({ "input": "Ships came." })).status, 200, "{signal}");
    });
}

/// The next passage of a stream is begun while the last one is heard, and the server has one place and no worker.
#[test]
fn a_stream_needs_one_place_of_a_server_whose_workers_are_away() {
    let env = TestEnv::new();
    let (server, address) = started(&env, &["--queue", "nats://127.0.0.1:1", "--speaking", "1"]);
    let mut client = Client::of(address);
    client.send(&start());
    for _ in 0..8 {
        client.send(&piece("One ship came. Two ships left. "));
    }
    client.send(&stop());
    let said = client.until("synthesize-stopped");
    assert!(sound(&said).len() > 8 * 24_000, "{}", shown(&said));
    assert_eq!(server.speak(&json!({ "input": STORY })).status, 200);
    server.stop();
}
