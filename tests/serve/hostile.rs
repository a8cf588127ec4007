//! What no honest client sends: each is refused with the right status and a clear error, and the server goes on.

use std::io::{BufReader, Read, Write};

use serde_json::Value;

use crate::common::{TestEnv, each};
use crate::serve::client::{Answer, Server, json};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A request for speech with one field changed.
fn with(name: &str, value: Value) -> Vec<u8> {
    let mut body = json!({ "model": "tts-1", "voice": "tone", "input": "One.", "response_format": "pcm" });
    body[name] = value;
    body.to_string().into_bytes()
}

#[track_caller]
fn goes_on(server: &Server, after: &str) {
    let answer = server.ask("POST", "/v1/audio/speech", &[JSON], &with("input", json!("One.")));
    assert!(answer.status == 200 && !answer.is_cut, "after {after}: {answer}");
}

/// The status, and an error in OpenAI's shape with these words for its field and its name.
#[track_caller]
fn is_refused(what: &str, answer: &Answer, status: u16, param: &Value, code: &str) {
    assert_eq!(answer.status, status, "{what}: {answer}");
    assert_eq!(answer.header("content-type"), Some("application/json"), "{what}");
    let told = answer.json();
    let error = told["error"].as_object().unwrap_or_else(|| panic!("{what}: {told}"));
    let mut names: Vec<&str> = error.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["code", "message", "param", "type"], "{what}");
    assert_eq!((&error["param"], &error["code"]), (param, &json!(code)), "{what}: {told}");
    assert_eq!(error["type"], "invalid_request_error", "{what}");
    let message = error["message"].as_str().unwrap();
    assert!(message.ends_with('.') && message.len() < 400, "{what}: {message}");
    assert!(answer.header("x-request-id").is_some(), "{what}");
}

#[test]
fn fields_that_are_wrong_are_named() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--most-characters", "1000"]);
    let rows: Vec<(&str, Value, u16, &str)> = vec![
        ("input", json!(null), 400, "missing_required_parameter"),
        ("input", json!(5), 400, "invalid_type"),
        ("input", json!(["One."]), 400, "invalid_type"),
        ("input", json!(""), 400, "nothing_to_speak"),
        ("input", json!(" \n\n\t\u{a0}"), 400, "nothing_to_speak"),
        ("input", json!("\u{200b}\u{feff}"), 400, "nothing_to_speak"),
        ("input", json!("a".repeat(1_001)), 400, "string_above_max_length"),
        ("input", json!("🎉".repeat(1_001)), 400, "string_above_max_length"),
        ("model", json!(1), 400, "invalid_type"),
        ("model", json!("whisper-1"), 404, "model_not_found"),
        ("model", json!("x".repeat(5_000)), 404, "model_not_found"),
        ("voice", json!(1), 400, "invalid_type"),
        ("voice", json!({}), 400, "invalid_type"),
        ("voice", json!({ "id": 1 }), 400, "invalid_type"),
        ("voice", json!("nobody"), 400, "voice_not_found"),
        ("voice", json!("../../../etc/passwd"), 400, "voice_not_found"),
        ("voice", json!("a\u{0}b"), 400, "voice_not_found"),
        ("voice", json!("v".repeat(5_000)), 400, "voice_not_found"),
        ("response_format", json!(true), 400, "invalid_type"),
        ("response_format", json!("aac"), 400, "unsupported_format"),
        ("response_format", json!("MP3 "), 400, "unsupported_format"),
        ("stream_format", json!({}), 400, "invalid_type"),
        ("stream_format", json!("websocket"), 400, "invalid_value"),
        ("speed", json!("fast"), 400, "invalid_value"),
        ("speed", json!(0), 400, "invalid_value"),
        ("speed", json!(0.24), 400, "invalid_value"),
        ("speed", json!(4.01), 400, "invalid_value"),
        ("speed", json!(-1), 400, "invalid_value"),
        ("speed", json!(1e300), 400, "invalid_value"),
        ("instructions", json!(7), 400, "invalid_type"),
    ];
    each(rows, |(name, value, status, code)| {
        let shown: String = value.to_string().chars().take(40).collect();
        let what = format!("{name} = {shown}");
        let answer = server.ask("POST", "/v1/audio/speech", &[JSON], &with(name, value));
        is_refused(&what, &answer, status, &json!(name), code);
        goes_on(&server, &what);
    });
    let aac = server.ask("POST", "/v1/audio/speech", &[JSON], &with("response_format", json!("aac"))).json();
    let message = aac["error"]["message"].as_str().unwrap();
    assert!(message.contains("mp3, opus, flac, wav, pcm"), "the cure: {message}");
    server.stop();
}

#[test]
fn bodies_that_are_no_request_are_refused() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let deep = |open: &str| [open.repeat(100_000).into_bytes(), b"1".to_vec()].concat();
    let invalid_utf8 = [b"{\"input\":\"", &[0xff, 0xfe, 0x80][..], b"\"}"].concat();
    let rows: Vec<(&str, Vec<u8>, Value, &str)> = vec![
        ("no body", b"".to_vec(), json!(null), "invalid_json"),
        ("no JSON", b"input=One.".to_vec(), json!(null), "invalid_json"),
        ("half of it", b"{\"input\":\"On".to_vec(), json!(null), "invalid_json"),
        ("more than one", b"{\"input\":\"One.\"}{}".to_vec(), json!(null), "invalid_json"),
        ("deep lists", deep("["), json!(null), "invalid_json"),
        ("deep objects", deep("{\"a\":"), json!(null), "invalid_json"),
        ("a deep field", [b"{\"input\":".to_vec(), deep("[")].concat(), json!(null), "invalid_json"),
        ("other bytes", invalid_utf8, json!(null), "invalid_json"),
        ("half a pair", b"{\"input\":\"\\ud800\"}".to_vec(), json!(null), "invalid_json"),
        ("a huge number", b"{\"input\":\"One.\",\"speed\":1e99999}".to_vec(), json!(null), "invalid_json"),
        ("a list", b"[\"One.\"]".to_vec(), json!(null), "invalid_type"),
        ("a text", b"\"One.\"".to_vec(), json!(null), "invalid_type"),
        ("nothing in it", b"{}".to_vec(), json!("input"), "missing_required_parameter"),
    ];
    each(rows, |(what, body, param, code)| {
        let answer = server.ask("POST", "/v1/audio/speech", &[JSON], &body);
        is_refused(what, &answer, 400, &param, code);
        goes_on(&server, what);
    });
    server.stop();
}

#[test]
fn odd_texts_are_spoken_or_refused() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let rows: Vec<(&str, String)> = vec![
        ("a NUL", "One\u{0}two.".to_string()),
        ("control characters", (1..32).filter_map(char::from_u32).collect::<String>() + "One."),
        ("only emoji", "🎉🎊👩‍👩‍👧‍👦".to_string()),
        ("only punctuation", "?!… — “”".to_string()),
        ("directions", "\u{202e}One\u{202c}.".to_string()),
        ("marks without end", format!("e{}", "\u{301}".repeat(5_000))),
        ("other writing", "Порт открылся. 港が開いた。".to_string()),
        ("one letter without a stop", "a".repeat(3_000)),
        ("words without a stop", "port ".repeat(400)),
        ("digits without a stop", "7".repeat(500)),
        ("tags", "<speak><break time='9999s'/>One.</speak>".to_string()),
        ("lines", "a\n\n".repeat(200)),
    ];
    each(rows, |(what, text)| {
        let answer = server.ask("POST", "/v1/audio/speech", &[JSON], &with("input", json!(text)));
        match answer.status {
            200 => {
                assert!(!answer.is_cut && answer.body.len() > 1_000, "{what}: {} bytes", answer.body.len());
            }
            _ => {
                let code = answer.json()["error"]["code"].clone();
                assert!(code == "nothing_to_speak" || code == "unspeakable", "{what}: {answer}");
                is_refused(what, &answer, 400, &json!("input"), code.as_str().unwrap());
            }
        }
        goes_on(&server, what);
    });
    // The longest that may be asked for, and more.
    let million =
        server.ask("POST", "/v1/audio/speech", &[JSON], &with("input", json!("a".repeat(1_000_000))));
    is_refused("a million", &million, 400, &json!("input"), "string_above_max_length");
    let mut longest = server.begin(&json!({
        "model": "tts-1", "input": "a".repeat(200_000), "response_format": "pcm",
    }));
    let answer = Answer::read_head(&mut longest).unwrap();
    if answer.status == 200 {
        longest.read_exact(&mut [0; 10_000]).unwrap();
    } else {
        assert_eq!(answer.status, 400, "{answer}");
    }
    drop(longest);
    goes_on(&server, "the longest");
    server.stop();
}

#[test]
fn requests_that_are_no_good_get_the_right_status() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let speech = "/v1/audio/speech";
    let good = with("input", json!("One."));
    let rows = [
        (
            "a form",
            "POST",
            speech,
            vec![("Content-Type", "text/plain")],
            good.clone(),
            415,
            "unsupported_media_type",
        ),
        ("no type", "POST", speech, vec![], good.clone(), 415, "unsupported_media_type"),
        ("another path", "GET", "/v1/audio/transcriptions", vec![], vec![], 404, "unknown_url"),
        ("above", "GET", "/v1/../etc/passwd", vec![], vec![], 404, "unknown_url"),
        ("bad UTF-8", "GET", "/v1/models/%ff%fe", vec![], vec![], 404, "unknown_url"),
        ("nothing", "GET", "/v1", vec![], vec![], 404, "unknown_url"),
        ("a big body", "POST", speech, vec![JSON], vec![b' '; 10 << 20], 413, "request_too_large"),
        ("a big text", "POST", "/v1/models", vec![], vec![b' '; 1 << 20], 405, "method_not_allowed"),
        ("GET", "GET", speech, vec![], vec![], 405, "method_not_allowed"),
        ("DELETE", "DELETE", "/v1/models/tts-1", vec![], vec![], 405, "method_not_allowed"),
        ("PUT", "PUT", "/audio/voices", vec![], vec![], 405, "method_not_allowed"),
    ];
    each(rows, |(what, method, path, fields, body, status, code)| {
        let answer = server.ask(method, path, &fields, &body);
        is_refused(what, &answer, status, &json!(null), code);
        if status == 405 {
            let allowed = answer.header("allow").unwrap_or_default();
            let want = if path == speech { "POST" } else { "GET,HEAD" };
            assert_eq!(allowed, want, "{what}");
        }
        goes_on(&server, what);
    });
    let good_type = [("Content-Type", "Application/JSON; charset=utf-8")];
    assert_eq!(server.ask("POST", speech, &good_type, &good).status, 200);
    server.stop();
}

#[test]
fn a_body_that_is_said_to_be_huge_is_refused_before_it_comes() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let head = |fields: &str| {
        format!(
            "POST /v1/audio/speech HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n{fields}\r\n\r\n",
            server.address
        )
    };
    let said = server.send(head("Content-Length: 4000000000").as_bytes());
    is_refused("said", &said, 413, &json!(null), "request_too_large");
    // Without its length it is found out on the way.
    let mut stream = server.connect();
    stream.write_all(head("Transfer-Encoding: chunked").as_bytes()).unwrap();
    let chunk = [b"100000\r\n".to_vec(), vec![b' '; 1 << 20], b"\r\n".to_vec()].concat();
    for _ in 0..6 {
        stream.write_all(&chunk).unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    let found = Answer::read(&mut BufReader::new(stream)).unwrap();
    is_refused("found", &found, 413, &json!(null), "request_too_large");
    // In chunks it is taken as well.
    let body = String::from_utf8(with("input", json!("One."))).unwrap();
    let chunks = format!("{}{:x}\r\n{body}\r\n0\r\n\r\n", head("Transfer-Encoding: chunked"), body.len());
    assert_eq!(server.send(chunks.as_bytes()).status, 200);
    server.stop();
}

#[test]
fn bytes_that_are_no_http_are_answered_or_hung_up_on() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let flood = format!("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n{}\r\n", "X-A: b\r\n".repeat(500));
    let long = format!("GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX-A: {}\r\n\r\n", "b".repeat(100_000));
    let long_path = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "b".repeat(100_000));
    let two = "POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}";
    let rows: Vec<(&str, Vec<u8>, &[u16])> = vec![
        ("garbage", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(20), &[400]),
        ("words", b"hello there\r\n\r\n".to_vec(), &[400]),
        ("another version", b"GET / HTTP/9.9\r\n\r\n".to_vec(), &[400]),
        ("a NUL in a field", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: \x00\r\n\r\n".to_vec(), &[400]),
        (
            "a length below zero",
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n".to_vec(),
            &[400],
        ),
        ("two lengths", two.into(), &[400]),
        ("many fields", flood.into_bytes(), &[431]),
        ("a long field", long.into_bytes(), &[431]),
        ("a long path", long_path.into_bytes(), &[414, 431]),
    ];
    each(rows, |(what, bytes, statuses)| {
        let mut stream = server.connect();
        // It may be refused before all is sent.
        let _ = stream.write_all(&bytes);
        let answer = Answer::read(&mut BufReader::new(stream));
        let status = answer.map(|answer| answer.status);
        assert!(status.is_some_and(|status| statuses.contains(&status)), "{what}: {status:?}");
        goes_on(&server, what);
    });
    for (what, bytes) in [
        ("HTTP/2", &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..]),
        ("half a head", b"GET /v1/models HTTP/1.1\r\nHo"),
    ] {
        let mut stream = server.connect();
        stream.write_all(bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        // Nobody is owed an answer; what counts is that the server closes the connection, too.
        let _ = stream.read_to_end(&mut Vec::new());
        goes_on(&server, what);
    }
    server.stop();
}
