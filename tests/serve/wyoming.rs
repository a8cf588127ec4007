//! Wyoming: the real binary, asked over sockets and over standard input.

#[path = "wyoming/speed.rs"]
mod speed;
#[path = "wyoming/talk.rs"]
pub(crate) mod talk;

use std::io::Write;
use std::net::{Shutdown, SocketAddr};

use serde_json::Value;

use self::talk::{
    Client, Said, by_stdio, event, piece, say, say_as, shown, sound, start, started, stop, wyoming_of,
};
use crate::common::{STORY, TestEnv, each};
use crate::serve::client::{Server, json};

/// What is spoken in the same way whenever it is. Longer sentences of a live speech are cut as the time allows.
const PARAGRAPHS: &str = "One.\n\nTwo.\n\nThree.\n";

/// The same text by HTTP.
#[track_caller]
fn by_http(server: &Server, text: &str) -> Vec<u8> {
    let answer =
        server.speak(&json!({ "model": "tts-1", "input": text, "voice": "tone", "response_format": "pcm" }));
    assert_eq!(answer.status, 200, "{answer}");
    answer.body
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
#[allow(clippy::too_many_lines, reason = "the rows of a table")]
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
    each([PARAGRAPHS, "One.", "The port reopened."], |text| {
        let want = by_http(&server, text);
        let mut client = Client::of(address);
        client.send(&say(text));
        let events = client.until("audio-stop");
        let format = json!({ "rate": 24_000, "width": 2, "channels": 1 });
        for event in &events[..events.len() - 1] {
            assert_eq!(event.data, format, "{}", event.kind);
            assert_eq!(event.payload.len() % 2, 0);
        }
        assert!(want.len() > 5_000);
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
    let first = "The port reopened.";
    client.send(&[start(), piece("The port reop"), piece("ened. One of them is he")].concat());
    let want = by_http(&server, first);
    let mut events = client.until("audio-start");
    while sound(&events).len() < want.len() {
        events.push(client.next().unwrap());
    }
    assert!(sound(&events) == want);
    client.send(&[piece("re.\n\nTwo."), say("ignored"), stop()].concat());
    events.extend(client.until("synthesize-stopped"));
    assert_eq!(shown(&events), "audio-start audio-chunk audio-stop synthesize-stopped");
    let heard = sound(&events);
    let last = by_http(&server, "One of them is here.\n\nTwo.");
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
    client.send(&[start(), piece("One moment.")].concat());
    let want = by_http(&server, "One moment.");
    let mut events = client.until("audio-start");
    while sound(&events).len() < want.len() {
        events.push(client.next().unwrap());
    }
    client.send(&[piece(" It is five"), piece("."), stop()].concat());
    events.extend(client.until("synthesize-stopped"));
    assert!(sound(&events).ends_with(&by_http(&server, "It is five.")));
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
fn a_voice_that_fails_in_mid_sound_is_no_end_of_it() {
    let env = TestEnv::new();
    let server = Server::start_on_ground(&env, "breaks=1.5", &["--wyoming", "127.0.0.1:0"]);
    each([say(&endless()), [start(), piece(&endless()), stop()].concat()], |sent| {
        let mut client = Client::of(wyoming_of(&server));
        client.send(&sent);
        let events = shown(&client.rest());
        // What was on its way when the voice failed may have come or not.
        assert!(events.ends_with("error:voice_failed") && !events.contains("audio-stop"), "{events}");
    });
    server.stop();
}

#[test]
fn a_client_that_takes_or_says_nothing_is_given_up() {
    let env = TestEnv::new();
    let limits = ["--wyoming", "127.0.0.1:0", "--stalled", "1s", "--speaking", "1", "--waiting", "1"];
    let server = Server::start_on_ground(&env, "upload=1", &limits);
    let mut deaf = Client::of(wyoming_of(&server));
    deaf.send(&say(&endless()));
    deaf.until("audio-chunk");
    let mut next = Client::of(wyoming_of(&server));
    next.send(&say("One."));
    assert_eq!(shown(&next.until("audio-stop")), "audio-start audio-chunk audio-stop");
    assert!(!shown(&deaf.rest()).contains("audio-stop"));
    for sent in [start(), [start(), piece("and so")].concat(), say("One.")[..30].to_vec()] {
        let mut silent = Client::of(wyoming_of(&server));
        silent.send(&sent);
        assert_eq!(shown(&silent.rest()), "error:text_timeout");
    }
    server.stop();
}

#[test]
fn hundreds_of_connections_cost_no_threads() {
    let env = TestEnv::new();
    let (server, address) = started(&env, &[]);
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
    for client in &mut clients[..20] {
        client.send(&say("One."));
    }
    for client in &mut clients[..20] {
        assert_eq!(shown(&client.until("audio-stop")), "audio-start audio-chunk audio-stop");
    }
    // A client that asks while the server ends does not hold it up.
    clients[20].send(&say("One."));
    server.signal("TERM");
    drop(clients);
    server.ends_well();
}

#[test]
fn a_server_that_ends_speaks_to_the_end_and_closes_idle_connections() {
    let env = TestEnv::new();
    let (server, address) = started(&env, &["--drain", "100s"]);
    let mut idle = Client::of(address);
    idle.send(&event("ping", Value::Null, b""));
    idle.until("pong");
    let mut speaker = Client::of(address);
    let text = STORY.repeat(60);
    speaker.send(&say(&text));
    let mut events = speaker.until("audio-chunk");
    server.signal("TERM");
    assert_eq!(idle.next(), None);
    events.extend(speaker.until("audio-stop"));
    assert_eq!(speaker.next(), None);
    // 120 sentences of more than a second each.
    assert!(sound(&events).len() > 120 * 48_000, "{} bytes", sound(&events).len());
    server.ends_well();
}

#[test]
fn standard_output_holds_events_and_nothing_else() {
    let env = TestEnv::new();
    let input = [
        event("describe", Value::Null, b""),
        say(PARAGRAPHS),
        start(),
        piece(PARAGRAPHS),
        say(PARAGRAPHS),
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
    let want = by_http(&server, PARAGRAPHS);
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
        3,
        &["--wyoming"],
    );
    server.stop();
}
