//! How a browser comes in: by a code or a token, and then by a cookie.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::common::{BINARY, Need, TestEnv, each, skip};
use crate::serve::access::write_secret;
use crate::serve::client::{Answer, Server, json};

/// SHA-256 of "abc", and of "def".
const TOKENS: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad ann\n\
    cb8379ac2098aa165029e3938a51da0bcecfc008fd6795f401178647f96c5b34 bo\n";

/// Fields of a request, and the status and code of its answer.
type Row<'a> = (&'a [(&'a str, &'a str)], u16, &'a str);

fn guarded(env: &TestEnv) -> Server {
    write_secret(env, "tokens", TOKENS);
    Server::start(env, &["--token-file", "tokens"])
}

/// The name and value of the cookie that an answer sets.
fn cookie(answer: &Answer) -> String {
    let field = answer.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {answer}"));
    field.split(';').next().unwrap().to_string()
}

fn code(answer: &Answer) -> String {
    answer.json()["error"]["code"].as_str().unwrap_or_default().to_string()
}

#[test]
fn a_token_opens_a_session_that_a_cookie_carries() {
    let env = TestEnv::new();
    let server = guarded(&env);
    assert_eq!(server.get("/").status, 200, "the page asks for the token");
    assert_eq!(server.get("/v1/models").status, 401);
    let begun = server.post("/v1/sessions", &json!({ "token": "abc" }));
    assert_eq!(begun.status, 200, "{begun}");
    let set = begun.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
        assert!(set.contains(part), "{set}");
    }
    assert!(!set.contains("Secure") && !String::from_utf8_lossy(&begun.body).contains(&cookie(&begun)[14..]));
    let (own, cookie) = (format!("http://{}", server.address), cookie(&begun));
    let cookie = &*cookie;
    assert_eq!(server.ask("GET", "/v1/models", &[("Cookie", cookie)], b"").status, 200);
    let body =
        json!({ "model": "tts-1", "voice": "tone", "input": "One.", "response_format": "pcm" }).to_string();
    let (kind, other) =
        (("Content-Type", "application/json"), format!("http://127.0.0.1:{}", server.address.port() ^ 1));
    let rows: [Row<'_>; 7] = [
        (&[("Cookie", cookie), ("Origin", &own)], 200, ""),
        (&[("Cookie", cookie), ("Origin", &own), ("Sec-Fetch-Site", "same-origin")], 200, ""),
        (&[("Cookie", cookie)], 403, "origin_not_allowed"),
        (&[("Cookie", cookie), ("Origin", "https://evil.example")], 403, "origin_not_allowed"),
        (&[("Cookie", cookie), ("Origin", &other)], 403, "origin_not_allowed"),
        (&[("Cookie", "audio-report=x"), ("Origin", &own)], 401, "invalid_api_key"),
        (&[("Cookie", cookie), ("Origin", &own), ("Authorization", "Bearer wrong")], 401, "invalid_api_key"),
    ];
    each(rows, |(fields, status, want)| {
        let answer = server.ask("POST", "/v1/audio/speech", &[fields, &[kind]].concat(), body.as_bytes());
        assert_eq!(answer.status, status, "{fields:?}: {answer}");
        assert!(status == 200 || code(&answer) == want, "{fields:?}: {answer}");
    });
    // Another server of this machine is of the same site, and browsers send it the cookie.
    let near = server.ask("GET", "/v1/models", &[("Cookie", cookie), ("Sec-Fetch-Site", "same-site")], b"");
    assert_eq!((near.status, code(&near)), (403, "origin_not_allowed".to_string()));
    let ended = server.ask("DELETE", "/v1/sessions", &[("Cookie", cookie), ("Origin", &own)], b"");
    assert_eq!(ended.status, 204, "{ended}");
    assert!(ended.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(server.ask("GET", "/v1/models", &[("Cookie", cookie)], b"").status, 401);
    server.stop();
}

#[test]
fn a_session_ends_with_its_token() {
    let env = TestEnv::new();
    let server = guarded(&env);
    let [ann, bo] =
        ["abc", "def"].map(|token| cookie(&server.post("/v1/sessions", &json!({ "token": token }))));
    let status = |cookie: &str| server.ask("GET", "/v1/models", &[("Cookie", cookie)], b"").status;
    assert_eq!((status(&ann), status(&bo)), (200, 200));
    write_secret(&env, "tokens", TOKENS.lines().nth(1).unwrap());
    server.signal("HUP");
    crate::serve::client::until("the token file is read again", || status(&ann) == 401);
    assert_eq!(status(&bo), 200);
    server.stop();
}

#[test]
fn a_page_behind_a_proxy_with_tls_gets_a_cookie_for_tls_alone() {
    let env = TestEnv::new();
    let server = guarded(&env);
    let fields = [
        ("Content-Type", "application/json"),
        ("Host", "speech.example"),
        ("Origin", "https://speech.example"),
    ];
    let begun = server.ask("POST", "/v1/sessions", &fields, br#"{"token":"abc"}"#);
    let set = begun.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-audio-report-") && set.ends_with("; Secure"), "{set}");
    server.stop();
}

#[test]
fn who_tries_many_codes_waits_as_with_tokens() {
    let env = TestEnv::new();
    let server = guarded(&env);
    for wrong in
        [json!({}), json!({ "code": "a", "token": "b" }), json!({ "code": 7 }), json!({ "token": " " })]
    {
        assert_eq!(server.post("/v1/sessions", &wrong).status, 400, "{wrong}");
    }
    let refused = server.post("/v1/sessions", &json!({ "code": "AAAAA-AAAAA" }));
    assert_eq!((refused.status, refused.header("set-cookie")), (401, None), "{refused}");
    let form = server.ask("POST", "/v1/sessions", &[("Content-Type", "text/plain")], br#"{"token":"abc"}"#);
    assert_eq!(form.status, 415);
    let foreign = [("Content-Type", "application/json"), ("Origin", "https://evil.example")];
    assert_eq!(server.ask("POST", "/v1/sessions", &foreign, br#"{"token":"abc"}"#).status, 403);
    let statuses: Vec<u16> = (0..30)
        .map(|n| server.post("/v1/sessions", &json!({ "code": format!("AAAAA-{n:05}") })).status)
        .collect();
    assert!(statuses[0] == 401 && statuses[29] == 429, "{statuses:?}");
    let late = server.post("/v1/sessions", &json!({ "token": "abc" }));
    assert_eq!((late.status, code(&late)), (429, "too_many_attempts".to_string()), "a right one, too");
    server.stop();
}

#[test]
fn without_tokens_nobody_needs_a_session() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let begun = server.post("/v1/sessions", &json!({ "code": "AAAAA-AAAAA" }));
    assert_eq!((begun.status, begun.header("set-cookie")), (200, None));
    assert_eq!(begun.json()["is_needed"], false);
    server.stop();
}

#[cfg(unix)]
#[test]
fn the_code_is_shown_on_a_terminal_alone_and_opens_once() {
    let env = TestEnv::new();
    write_secret(&env, "tokens", TOKENS);
    // Not on a terminal: what is printed may go to a log.
    let mut piped =
        env.command(&["serve", "--listen", "127.0.0.1:0", "--voice", "tone", "--token-file", "tokens"]);
    let mut child = piped.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let shown = [lines.next().unwrap().unwrap(), lines.next().unwrap().unwrap()].join("\n");
    assert!(shown.contains("A page to listen on is at http://") && !shown.contains("code"), "{shown}");
    child.kill().unwrap();
    child.wait().unwrap();
    let mut command = env.command_of("script");
    command.args([
        "-qefc",
        "echo pid=$$; exec \"$BINARY\" serve --listen 127.0.0.1:0 --voice tone --token-file tokens 2> log",
        "/dev/null",
    ]);
    command.env("BINARY", BINARY).env("TERM", "xterm").env("AUDIO_REPORT_LOG", "trace");
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        return skip(Need::System, "a code on a terminal", "script can't be run");
    };
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let id = lines.by_ref().find_map(|line| Some(line.trim().strip_prefix("pid=")?.to_string())).unwrap();
    let line = lines.by_ref().find(|line| line.contains("#code=")).expect("no line has a code");
    let rest = line.split("http://").nth(1).unwrap();
    let (address, code) = rest.split_once("/#code=").unwrap();
    let code = code.split_whitespace().next().unwrap();
    let server = Server::of(child, address.parse().unwrap());
    let begun = server.post("/v1/sessions", &json!({ "code": code }));
    assert_eq!(begun.status, 200, "{begun}");
    assert_eq!(server.ask("GET", "/v1/models", &[("Cookie", &cookie(&begun))], b"").status, 200);
    assert_eq!(server.post("/v1/sessions", &json!({ "code": code })).status, 401, "a second time");
    let log = String::from_utf8_lossy(&env.bytes("log")).into_owned();
    assert!(!log.is_empty() && !log.contains(code) && !log.contains(&code.replace('-', "")), "{log}");
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(server.end().success());
}
