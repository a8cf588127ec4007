//! Wyoming: the real binary, asked over sockets and over standard input.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::client::{Server, json};
use crate::common::{STORY, TestEnv, each};

/// Nothing takes longer, even on a slow machine that does other things.
const PATIENCE: Duration = Duration::from_secs(120);

/// An event that came.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    kind: String,
    data: Value,
    payload: Vec<u8>,
}

/// The bytes of an event, as Wyoming's own library writes it.
fn event(kind: &str, data: Value, payload: &[u8]) -> Vec<u8> {
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

fn say(text: &str) -> Vec<u8> {
    event("synthesize", json!({ "text": text }), b"")
}

fn say_as(text: &str, voice: Value) -> Vec<u8> {
    event("synthesize", json!({ "text": text, "voice": voice }), b"")
}

fn start() -> Vec<u8> {
    event("synthesize-start", Value::Null, b"")
}

fn piece(text: &str) -> Vec<u8> {
    event("synthesize-chunk", json!({ "text": text }), b"")
}

fn stop() -> Vec<u8> {
    event("synthesize-stop", Value::Null, b"")
}

fn read(reader: &mut impl BufRead) -> Option<Said> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).ok().filter(|count| *count > 0)?;
    let head: Value = serde_json::from_slice(&line)
        .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&line)));
    let mut part = |name: &str| {
        let mut bytes = vec![0; head[name].as_u64().unwrap_or(0) as usize];
        reader.read_exact(&mut bytes).unwrap();
        bytes
    };
    let data = part("data_length");
    let data = if data.is_empty() { Value::Null } else { serde_json::from_slice(&data).unwrap() };
    Some(Said { kind: head["type"].as_str().unwrap().to_string(), data, payload: part("payload_length") })
}

struct Client(BufReader<TcpStream>);

impl Client {
    fn of(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Self(BufReader::new(stream))
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    fn next(&mut self) -> Option<Said> {
        read(&mut self.0)
    }

    /// All events up to one of a kind.
    #[track_caller]
    fn until(&mut self, kind: &str) -> Vec<Said> {
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
    fn rest(&mut self) -> Vec<Said> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

/// Kinds of events, one after the other, with the code of errors; blocks of sound count as one.
fn shown(events: &[Said]) -> String {
    let mut kinds: Vec<String> = Vec::new();
    for event in events {
        let code = event.data["code"].as_str().map_or(String::new(), |code| format!(":{code}"));
        kinds.push(format!("{}{code}", event.kind));
    }
    kinds.dedup_by(|a, b| a == b && a == "audio-chunk");
    kinds.join(" ")
}

fn sound(events: &[Said]) -> Vec<u8> {
    events
        .iter()
        .filter(|event| event.kind == "audio-chunk")
        .flat_map(|event| event.payload.clone())
        .collect()
}

fn wyoming_of(server: &Server) -> SocketAddr {
    let place = server.said.split("tcp://").nth(1).and_then(|rest| rest.split(';').next());
    place.and_then(|place| place.parse().ok()).unwrap_or_else(|| panic!("no address in {:?}", server.said))
}

fn started(env: &TestEnv, args: &[&str]) -> (Server, SocketAddr) {
    let server = Server::start(env, &[&["--wyoming", "127.0.0.1:0"], args].concat());
    let address = wyoming_of(&server);
    (server, address)
}

/// The same text by HTTP.
#[track_caller]
fn by_http(server: &Server, text: &str) -> Vec<u8> {
    let answer =
        server.speak(&json!({ "model": "tts-1", "input": text, "voice": "tone", "response_format": "pcm" }));
    assert_eq!(answer.status, 200, "{answer}");
    answer.body
}

/// What a server says by standard output, whose standard input holds this.
#[track_caller]
fn by_stdio(env: &TestEnv, input: &[u8]) -> Vec<Said> {
    let mut command = env.command(&["serve", "--voice", "tone", "--wyoming", "stdio"]);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    let mut bytes = &output.stdout[..];
    std::iter::from_fn(|| read(&mut bytes)).collect()
}

/// A text that nobody hears to its end here.
fn endless() -> String {
    "The port reopened on Monday after a week of storms. ".repeat(3_000)
}

#[test]
fn a_client_is_told_all_that_there_is() {
    let env = TestEnv::new();
    let (server, address) = started(&env, &[]);
    let mut client = Client::of(address);
    client.send(&event("describe", Value::Null, b""));
    let info = client.next().unwrap();
    assert_eq!(info.kind, "info");
    for list in ["asr", "handle", "intent", "wake", "mic", "snd"] {
        assert_eq!(info.data[list], json!([]), "{list}");
    }
    let program = &info.data["tts"][0];
    assert_eq!((&program["name"], &program["installed"]), (&json!("audio-report"), &json!(true)));
    assert_eq!(program["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(program["supports_synthesize_streaming"], true);
    let voice = json!({
        "name": "tone", "description": "tone (tone)", "installed": true, "version": null, "languages": ["en-US"],
        "attribution": { "name": "audio-report", "url": env!("CARGO_PKG_REPOSITORY") },
    });
    assert_eq!(program["voices"], json!([voice]));
    server.stop();
}

#[test]
fn every_sequence_of_events_has_its_answer() {
    let env = TestEnv::new();
    let (server, address) = started(&env, &["--most-characters", "400"]);
    let spoken = "audio-start audio-chunk audio-stop";
    let streamed = "audio-start audio-chunk audio-stop synthesize-stopped";
    let long = "x".repeat(401);
    let line = |length: usize| vec![b'x'; length];
    let skipped = [
        event("select-program", json!({ "name": "audio-report" }), b""),
        event("audio-chunk", json!({ "rate": 16_000, "width": 2, "channels": 1 }), &[b'\n'; 70_000]),
        b"\n".to_vec(),
        event("transcribe", json!({ "deep": [[[{}]]] }), b""),
    ]
    .concat();
    let rows: Vec<(&str, Vec<Vec<u8>>, String)> = vec![
        ("a ping", vec![event("ping", json!({ "text": "ü" }), b"")], "pong".into()),
        ("what nobody knows", vec![skipped, event("ping", Value::Null, b"")], "pong".into()),
        ("a text", vec![say(STORY)], spoken.into()),
        (
            "a text in the line itself",
            vec![b"{\"type\":\"synthesize\",\"data\":{\"text\":\"One.\"}}\n".to_vec()],
            spoken.into(),
        ),
        ("no text", vec![say("")], "audio-start audio-stop".into()),
        ("spaces", vec![say(" \n\t")], "audio-start audio-stop".into()),
        ("a lone picture", vec![say("🙂")], "audio-start audio-stop".into()),
        ("two texts", vec![say("One."), say("Two.")], format!("{spoken} {spoken}")),
        ("a voice", vec![say_as("One.", json!({ "name": "tone" }))], spoken.into()),
        ("a voice of OpenAI's", vec![say_as("One.", json!({ "name": "alloy" }))], spoken.into()),
        (
            "a voice of Piper's",
            vec![say_as("One.", json!({ "name": "en_GB-alba-medium", "speaker": null }))],
            spoken.into(),
        ),
        (
            "a speaker that nobody has",
            vec![say_as("One.", json!({ "name": "tone", "speaker": "7" }))],
            spoken.into(),
        ),
        ("a language", vec![say_as("One.", json!({ "language": "en_US" }))], spoken.into()),
        ("an empty wish", vec![say_as("One.", json!({ "name": "", "language": null }))], spoken.into()),
        (
            "a voice that is not there",
            vec![say_as("One.", json!({ "name": "nobody" }))],
            "error:voice_not_found".into(),
        ),
        (
            "a German voice",
            vec![say_as("Eins.", json!({ "name": "de_DE-thorsten-medium" }))],
            "error:voice_not_found".into(),
        ),
        ("German", vec![say_as("Eins.", json!({ "language": "de" }))], "error:voice_not_found".into()),
        (
            "a path",
            vec![say_as("One.", json!({ "name": "../../etc/passwd" }))],
            "error:voice_not_found".into(),
        ),
        (
            "plain text",
            vec![event("synthesize", json!({ "text": "One.", "text_format": "text" }), b"")],
            spoken.into(),
        ),
        (
            "SSML",
            vec![event("synthesize", json!({ "text": "<speak/>", "text_format": "ssml" }), b"")],
            "error:unsupported_text_format".into(),
        ),
        ("as much text as may be", vec![say(&long[..400])], spoken.into()),
        ("too much text", vec![say(&long)], "error:text_too_long".into()),
        ("far too much text", vec![say(&long.repeat(1_000))], "error:text_too_long".into()),
        ("a stream", vec![start(), piece("One. Two"), piece(" is more."), stop()], streamed.into()),
        (
            "a stream as Home Assistant sends it",
            vec![start(), piece("One."), say("One."), stop()],
            streamed.into(),
        ),
        ("a stream of nothing", vec![start(), stop()], "audio-start audio-stop synthesize-stopped".into()),
        (
            "a stream of spaces",
            vec![start(), piece(" "), piece("\n"), stop()],
            "audio-start audio-stop synthesize-stopped".into(),
        ),
        (
            "a stream, then a text",
            vec![start(), piece("One."), stop(), say("Two.")],
            format!("{streamed} {spoken}"),
        ),
        (
            "two streams",
            vec![start(), piece("One."), stop(), start(), piece("Two."), stop()],
            format!("{streamed} {streamed}"),
        ),
        (
            "a stream with too much text",
            vec![start(), piece(&long[..300]), piece(&long[..300])],
            "error:text_too_long".into(),
        ),
        (
            "a stream in a voice that is not there",
            vec![event("synthesize-start", json!({ "voice": { "name": "nobody" } }), b"")],
            "error:voice_not_found".into(),
        ),
        (
            "a stream of SSML",
            vec![event("synthesize-start", json!({ "text_format": "ssml" }), b"")],
            "error:unsupported_text_format".into(),
        ),
        ("a stream in a stream", vec![start(), start()], "error:unexpected_event".into()),
        ("a piece without a stream", vec![piece("One.")], "error:unexpected_event".into()),
        ("an end without a stream", vec![stop()], "error:unexpected_event".into()),
        ("a request of HTTP", vec![b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec()], "error:bad_event".into()),
        ("bytes", vec![vec![0xff, 0, b'\n']], "error:bad_event".into()),
        (
            "data that are no object",
            vec![b"{\"type\":\"synthesize\",\"data_length\":2}\n[]".to_vec()],
            "error:bad_event".into(),
        ),
        (
            "a text of another type",
            vec![event("synthesize", json!({ "text": 5 }), b"")],
            "error:bad_event".into(),
        ),
        ("a line without an end", vec![line(70_000)], "error:line_too_long".into()),
        (
            "a payload without an end",
            vec![b"{\"type\":\"audio-chunk\",\"payload_length\":99999999999}\n".to_vec()],
            "error:payload_too_long".into(),
        ),
        (
            "garbage after a text",
            vec![say("One."), b"garbage\n".to_vec()],
            format!("{spoken} error:bad_event"),
        ),
    ];
    each(rows, |(name, sent, want)| {
        let mut client = Client::of(address);
        for bytes in sent {
            // A server that refuses may close before all is sent.
            let _ = client.0.get_mut().write_all(&bytes);
        }
        let count = want.split(' ').filter(|kind| *kind != "audio-chunk").count();
        let mut events = Vec::new();
        while events.iter().filter(|event: &&Said| event.kind != "audio-chunk").count() < count {
            events.push(client.next().unwrap_or_else(|| panic!("{name}: the end after {}", shown(&events))));
        }
        assert_eq!(shown(&events), want, "{name}");
        if let Some(error) = events.iter().find(|event| event.kind == "error") {
            let text = error.data["text"].as_str().unwrap();
            let place = env.folder().parent().map(|folder| folder.display().to_string()).unwrap();
            assert!(text.ends_with('.') && !text.contains(&place), "{name}: {text}");
            // Home Assistant would wait for more.
            assert_eq!(client.next(), None, "{name}");
        }
    });
    server.stop();
}

#[test]
fn the_sound_is_that_of_http_to_the_sample() {
    let env = TestEnv::new();
    let (server, address) = started(&env, &[]);
    each([STORY, "One.", "One moment.\n\nAnd a paragraph of its own, with a comma."], |text| {
        let want = by_http(&server, text);
        let mut client = Client::of(address);
        client.send(&say(text));
        let events = client.until("audio-stop");
        let format = json!({ "rate": 24_000, "width": 2, "channels": 1 });
        for event in &events[..events.len() - 1] {
            assert_eq!(event.data, format, "{}", event.kind);
            assert_eq!(event.payload.len() % 2, 0);
        }
        assert!(want.len() > 10_000);
        assert!(sound(&events) == want, "{text:?}: {} and {} bytes", sound(&events).len(), want.len());
        // Pieces that come at once are spoken as one.
        client.send(&[start(), piece(text), say(text), stop()].concat());
        let events = client.until("synthesize-stopped");
        assert!(sound(&events) == want, "{text:?}: {} and {} bytes", sound(&events).len(), want.len());
        for byte in say(text) {
            client.send(&[byte]);
        }
        assert!(sound(&client.until("audio-stop")) == want, "{text:?} byte by byte");
    });
    server.stop();
}

#[test]
fn sentences_are_heard_while_the_text_still_comes() {
    let env = TestEnv::new();
    let (server, address) = started(&env, &[]);
    let mut client = Client::of(address);
    let first = "The port reopened on Monday.";
    client.send(&[start(), piece("The port reopened"), piece(" on Monday. Ships came ba")].concat());
    client.send(&piece("ck at noon"));
    let want = by_http(&server, first);
    let mut events = client.until("audio-start");
    while sound(&events).len() < want.len() {
        events.push(client.next().unwrap());
    }
    assert!(sound(&events) == want);
    client.send(&[piece(".\n\nA crane came later."), say("ignored"), stop()].concat());
    events.extend(client.until("synthesize-stopped"));
    assert_eq!(shown(&events), "audio-start audio-chunk audio-stop synthesize-stopped");
    let heard = sound(&events);
    let last = by_http(&server, "Ships came back at noon.\n\nA crane came later.");
    // The pause of a sentence, less the silence that both parts have themselves.
    let pause = (320 - 175) * 24 * 2;
    assert_eq!(heard.len(), want.len() + pause + last.len());
    assert!(heard.ends_with(&last) && heard[want.len()..want.len() + pause].iter().all(|byte| *byte == 0));
    server.stop();
}

#[test]
fn a_text_that_stands_at_a_stop_is_heard() {
    let env = TestEnv::new();
    let (server, address) = started(&env, &[]);
    let mut client = Client::of(address);
    client.send(&[start(), piece("One moment, please.")].concat());
    let want = by_http(&server, "One moment, please.");
    let mut events = client.until("audio-start");
    while sound(&events).len() < want.len() {
        events.push(client.next().unwrap());
    }
    client.send(&[piece(" It is five degrees"), piece("."), stop()].concat());
    events.extend(client.until("synthesize-stopped"));
    assert!(sound(&events).ends_with(&by_http(&server, "It is five degrees.")));
    server.stop();
}

#[test]
fn questions_are_answered_while_others_and_oneself_are_heard() {
    let env = TestEnv::new();
    let (server, address) = started(&env, &["--speaking", "1", "--waiting", "1"]);
    let mut speaker = Client::of(address);
    speaker.send(&say(&endless()));
    speaker.until("audio-chunk");
    speaker.send(&event("ping", json!({ "text": "there?" }), b""));
    assert_eq!(speaker.until("pong").last().unwrap().data["text"], "there?");
    let mut waiting = Client::of(address);
    waiting.send(&say("One."));
    let mut other = Client::of(address);
    other.send(&event("describe", Value::Null, b""));
    assert_eq!(other.next().unwrap().kind, "info");
    waiting.send(&event("describe", Value::Null, b""));
    assert_eq!(waiting.next().unwrap().kind, "info");
    // Whoever comes now finds no place, not even to wait.
    other.send(&say("Two."));
    assert_eq!(shown(&other.rest()), "error:server_busy");
    // The speaker hangs up in mid-sound: its work ends, and who waits is heard.
    drop(speaker);
    assert_eq!(shown(&waiting.until("audio-stop")), "audio-start audio-chunk audio-stop");
    server.stop();
}

#[test]
fn two_are_heard_at_once() {
    let env = TestEnv::new();
    let (server, address) = started(&env, &["--speaking", "2", "--waiting", "0"]);
    let mut clients = [Client::of(address), Client::of(address)];
    for client in &mut clients {
        client.send(&say(&endless()));
    }
    for client in &mut clients {
        client.until("audio-chunk");
    }
    for _ in 0..20 {
        for client in &mut clients {
            assert_eq!(client.next().unwrap().kind, "audio-chunk");
        }
    }
    drop(clients);
    server.stop();
}

#[test]
fn a_client_that_leaves_in_an_event_is_forgotten() {
    let env = TestEnv::new();
    let (server, address) = started(&env, &["--speaking", "1", "--waiting", "0"]);
    let whole = [say(STORY), event("audio-chunk", json!({}), &[1; 50])].concat();
    each([1, 20, 90, whole.len() - 20, whole.len()], |length| {
        let mut client = Client::of(address);
        client.send(&whole[..length]);
        client.0.get_mut().shutdown(Shutdown::Write).unwrap();
        // It has hung up: what it still gets is no whole sound.
        assert!(!shown(&client.rest()).contains("error"), "{length}");
    });
    let mut client = Client::of(address);
    let heard = std::iter::repeat_with(|| {
        client = Client::of(address);
        client.send(&say("One."));
        shown(&[client.next().unwrap()])
    });
    // The work of those that left ends at its next block.
    assert!(heard.take(1_000).any(|kind| kind == "audio-start"));
    server.stop();
}

#[test]
fn hundreds_of_connections_cost_no_threads() {
    let env = TestEnv::new();
    let (server, address) = started(&env, &["--waiting", "400"]);
    let threads = || std::fs::read_dir(format!("/proc/{}/task", server.id())).map_or(0, Iterator::count);
    let mut first = Client::of(address);
    first.send(&say("One."));
    first.until("audio-stop");
    let before = threads();
    let mut clients: Vec<Client> = std::iter::repeat_with(|| Client::of(address)).take(200).collect();
    for client in &mut clients {
        client.send(&event("ping", Value::Null, b""));
    }
    for client in &mut clients {
        assert_eq!(client.next().unwrap().kind, "pong");
    }
    assert!(threads() <= before, "{} threads, {before} before", threads());
    for client in &mut clients {
        client.send(&say("One."));
    }
    for client in &mut clients[..60] {
        assert_eq!(shown(&client.until("audio-stop")), "audio-start audio-chunk audio-stop");
    }
    // Those that wait are told when the server ends.
    server.signal("TERM");
    drop(clients);
    server.ends_well();
}

#[test]
fn a_server_that_ends_speaks_to_the_end_and_closes_idle_connections() {
    let env = TestEnv::new();
    let (server, address) = started(&env, &[]);
    let mut idle = Client::of(address);
    idle.send(&event("ping", Value::Null, b""));
    idle.until("pong");
    let mut speaker = Client::of(address);
    let text = STORY.repeat(400);
    speaker.send(&say(&text));
    let mut events = speaker.until("audio-chunk");
    server.signal("TERM");
    assert_eq!(idle.next(), None);
    events.extend(speaker.until("audio-stop"));
    assert_eq!(speaker.next(), None);
    // 800 sentences of more than a second each.
    assert!(sound(&events).len() > 800 * 48_000, "{} bytes", sound(&events).len());
    server.ends_well();
}

#[test]
fn standard_output_holds_events_and_nothing_else() {
    let env = TestEnv::new();
    let input = [
        event("describe", Value::Null, b""),
        say(STORY),
        start(),
        piece(STORY),
        say(STORY),
        stop(),
        event("ping", Value::Null, b""),
    ]
    .concat();
    let mut events = by_stdio(&env, &input);
    // Answers to questions come when they come.
    let is_question = |event: &Said| event.kind == "info" || event.kind == "pong";
    assert_eq!(events.iter().filter(|event| is_question(event)).count(), 2);
    events.retain(|event| !is_question(event));
    assert_eq!(
        shown(&events),
        "audio-start audio-chunk audio-stop audio-start audio-chunk audio-stop synthesize-stopped"
    );
    let server = Server::start(&env, &[]);
    let want = by_http(&server, STORY);
    server.stop();
    assert!(sound(&events) == [&want[..], &want].concat());
    // An end in the middle of an event is one, too.
    let cut = [say("One."), say("Two.")[..30].to_vec()].concat();
    assert_eq!(shown(&by_stdio(&env, &cut)), "audio-start audio-chunk audio-stop");
    assert_eq!(shown(&by_stdio(&env, b"garbage\n")), "error:bad_event");
    assert_eq!(shown(&by_stdio(&env, b"")), "");
}

#[test]
fn other_machines_are_let_in_only_when_that_is_wanted() {
    let env = TestEnv::new();
    each(["0.0.0.0:0", "[::]:0", "[::ffff:192.0.2.1]:10200", "192.0.2.1:10200"], |place| {
        env.refused(
            &["serve", "--voice", "tone", "--listen", "127.0.0.1:0", "--wyoming", place],
            2,
            &["--insecure"],
        );
    });
    each(["10200", "localhost", "tcp://", ""], |place| {
        env.refused(&["serve", "--voice", "tone", "--wyoming", place], 2, &["--wyoming"]);
    });
    let server = Server::start(&env, &["--wyoming", "0.0.0.0:0", "--insecure"]);
    let address = SocketAddr::from(([127, 0, 0, 1], wyoming_of(&server).port()));
    let mut client = Client::of(address);
    client.send(&event("describe", Value::Null, b""));
    assert_eq!(client.next().unwrap().kind, "info");
    server.stop();
    let (server, address) = started(&env, &[]);
    let taken = address.to_string();
    env.refused(
        &["serve", "--voice", "tone", "--listen", "127.0.0.1:0", "--wyoming", &taken],
        1,
        &["--wyoming"],
    );
    server.stop();
}
