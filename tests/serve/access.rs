//! Who may use the server: addresses, hosts, sites, tokens.

use std::fs;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use crate::common::{TestEnv, each};
use crate::serve::client::{Answer, Server, json};

/// SHA-256 of "abc".
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const STEP: Duration = Duration::from_millis(50);

/// A server, a path, fields, and the status and code of the answer.
type Row<'a> = (&'a Server, &'a str, &'a [(&'a str, &'a str)], u16, &'a str);

/// Writes a file that its owner alone may read.
pub(crate) fn write_secret(env: &TestEnv, name: &str, content: &str) {
    env.write(name, content);
    set_mode(env, name, 0o600);
}

pub(crate) fn set_mode(env: &TestEnv, name: &str, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(env.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = (env, name, mode);
}

/// A server whose log goes to the file `log`.
pub(crate) fn start_logged(env: &TestEnv, filter: &str, args: &[&str]) -> Server {
    let base = ["serve", "--listen", "127.0.0.1:0", "--voice", "tone"];
    let mut command = env.command(&[&base, args].concat());
    command.env("AUDIO_REPORT_LOG", filter);
    Server::started_with_log(command, Stdio::from(fs::File::create(env.path("log")).unwrap()))
}

/// Waits until the log has a text so many times.
pub(crate) fn await_log(env: &TestEnv, text: &str, times: usize) {
    while String::from_utf8_lossy(&env.bytes("log")).matches(text).count() < times {
        sleep(STEP);
    }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

fn code(answer: &Answer) -> String {
    answer.json()["error"]["code"].as_str().unwrap_or_default().to_string()
}

#[test]
fn an_address_that_others_reach_needs_a_decision() {
    let env = TestEnv::new();
    write_secret(&env, "tokens", &format!("{ABC} ann\n"));
    let refused: &[(&[&str], &[&str])] = &[
        (&["--listen", "0.0.0.0:0"], &["0.0.0.0:0", "--token-file", "--insecure"]),
        (&["--listen", "[::]:0"], &["[::]:0", "--token-file", "--insecure"]),
        (&["--listen", "192.0.2.1:0"], &["192.0.2.1:0", "--token-file", "--insecure"]),
        (&["--listen", "[::ffff:192.0.2.1]:0"], &["--token-file"]),
        (&["--listen", "192.0.2.1:0", "--insecure=false"], &["--token-file"]),
        (&["--cors", "*"], &["--cors '*'", "--token-file"]),
        (&["--cors", "*", "--insecure"], &["--cors '*'"]),
        (&["--cors", "https://news.example/"], &["https://news.example"]),
        (&["--cors", "null"], &["--cors"]),
        (&["--host", "radio.lan:8880"], &["radio.lan:8880", "--host"]),
        (&["--tls-cert", "tokens"], &["--tls-key"]),
        (&["--tls-key", "tokens"], &["--tls-cert"]),
        (&["--new-token", "a#b"], &["name"]),
    ];
    each(refused, |(args, words)| {
        env.refused(&[&["serve", "--voice", "tone"], *args].concat(), 2, words);
    });
    let mut started: Vec<&[&str]> = vec![
        &["--listen", "127.0.0.1:0"],
        &["--listen", "127.0.0.2:0"],
        &["--listen", "127.0.0.1:0", "--insecure"],
        &["--listen", "0.0.0.0:0", "--insecure"],
        &["--listen", "0.0.0.0:0", "--token-file", "tokens"],
        &["--listen", "127.0.0.1:0", "--token-file", "tokens", "--cors", "*"],
    ];
    // Not every machine has IPv6.
    if std::net::TcpListener::bind("[::1]:0").is_ok() {
        started.push(&["--listen", "[::1]:0"]);
        started.push(&["--listen", "[::]:0", "--insecure"]);
    }
    each(started, |args| {
        let server = Server::started(env.command(&[&["serve", "--voice", "tone"], args].concat()));
        assert_eq!(server.get("/healthz").status, 200);
        let status = server.get("/v1/models").status;
        let has_tokens = args.contains(&"--token-file");
        assert_eq!(status, if has_tokens { 401 } else { 200 }, "{args:?}");
        server.stop();
    });
}

#[cfg(unix)]
#[test]
fn a_token_file_is_whole_and_nobody_elses() {
    let env = TestEnv::new();
    let good = format!("# who may come in\n{ABC} ann\n");
    let rows: &[(u32, &str, &[&str])] = &[
        (0o644, &good, &["other users", "chmod 600 tokens"]),
        (0o660, &good, &["other users", "chmod 600 tokens"]),
        (0o604, &good, &["other users", "chmod 600 tokens"]),
        (0o600, "", &["no token", "--new-token"]),
        (0o600, "# nobody\n", &["no token"]),
        (0o600, "art_my-secret\n", &["tokens:1", "SHA-256"]),
        (0o600, &good[..good.len() - 10], &["tokens:2", "SHA-256"]),
        (0o600, "\u{0}\u{1}", &["tokens:1"]),
    ];
    each(rows, |(mode, content, words)| {
        env.write("tokens", content);
        set_mode(&env, "tokens", *mode);
        let run = env.refused(&["serve", "--voice", "tone", "--token-file", "tokens"], 2, words);
        assert!(!run.stderr.contains("my-secret"), "{run}");
    });
    fs::write(env.path("tokens"), b"\xff\xfe").unwrap();
    env.refused(&["serve", "--voice", "tone", "--token-file", "tokens"], 2, &["UTF-8"]);
    env.refused(&["serve", "--voice", "tone", "--token-file", "none"], 2, &["none", "can't be read"]);
    env.refused(&["serve", "--voice", "tone", "--token-file", "."], 2, &["no file"]);
}

#[test]
fn who_may_come_in_is_decided_by_host_site_and_token() {
    let env = TestEnv::new();
    write_secret(&env, "tokens", &format!("{ABC} ann\n"));
    let local = Server::start(
        &env,
        &["--host", "radio.lan", "--cors", "https://news.example", "--cors", "app://obsidian.md"],
    );
    let closed = Server::start(&env, &["--token-file", "tokens"]);
    let shared = Server::start(&env, &["--token-file", "tokens", "--cors", "*"]);
    let at_home = format!("http://{}", local.address);
    let (host, origin, auth) = ("Host", "Origin", "Authorization");
    let news = (origin, "https://news.example");
    let evil = (origin, "https://evil.example");
    let good = (auth, "Bearer abc");
    let wrong = (auth, "Bearer abd");
    let rows: &[Row] = &[
        // Without tokens: the host, then the site.
        (&local, "/v1/models", &[], 200, ""),
        (&local, "/v1/models", &[(host, "localhost")], 200, ""),
        (&local, "/v1/models", &[(host, "LOCALHOST:1")], 200, ""),
        (&local, "/v1/models", &[(host, "[::1]:8880")], 200, ""),
        (&local, "/v1/models", &[(host, "radio.lan")], 200, ""),
        (&local, "/v1/models", &[(host, "evil.example")], 421, "unknown_host"),
        (&local, "/v1/models", &[(host, "192.168.0.9")], 421, "unknown_host"),
        (&local, "/v1/models", &[(host, "0.0.0.0")], 421, "unknown_host"),
        (&local, "/v1/models", &[(host, "")], 400, "invalid_host"),
        (&local, "/v1/models", &[(host, "localhost"), (host, "localhost")], 400, "invalid_host"),
        (&local, "http://evil.example/v1/models", &[(host, "localhost")], 421, "unknown_host"),
        (&local, "/v1/models", &[good], 200, ""),
        (&local, "/v1/models", &[(origin, &at_home)], 200, ""),
        (&local, "/v1/models", &[(origin, "http://localhost:1")], 403, "origin_not_allowed"),
        (&local, "/v1/models", &[news], 200, ""),
        (&local, "/v1/models", &[(origin, "app://obsidian.md")], 200, ""),
        (&local, "/v1/models", &[(origin, "http://news.example")], 403, "origin_not_allowed"),
        (&local, "/v1/models", &[evil], 403, "origin_not_allowed"),
        (&local, "/v1/models", &[(origin, "null")], 403, "origin_not_allowed"),
        (&local, "/v1/models", &[news, evil], 403, "origin_not_allowed"),
        (&local, "/v1/models", &[(host, "evil.example"), news], 421, "unknown_host"),
        (&local, "/none", &[evil], 403, "origin_not_allowed"),
        (&local, "/healthz", &[(host, "evil.example"), evil], 200, ""),
        // With tokens: the site, then the token.
        (&closed, "/v1/models", &[], 401, "invalid_api_key"),
        (&closed, "/models", &[wrong], 401, "invalid_api_key"),
        (&closed, "/v1/models", &[(auth, "Basic YWJj")], 401, "invalid_api_key"),
        (&closed, "/v1/models", &[(auth, "abc")], 401, "invalid_api_key"),
        (&closed, "/v1/models", &[good, wrong], 401, "invalid_api_key"),
        (&closed, "/v1/models", &[(auth, &bearer(ABC))], 401, "invalid_api_key"),
        (&closed, "/v1/models", &[good], 200, ""),
        (&closed, "/v1/models", &[(auth, "bearer  abc")], 200, ""),
        (&closed, "/v1/models", &[good, (host, "speech.example")], 200, ""),
        (&closed, "/v1/models", &[good, evil], 403, "origin_not_allowed"),
        (&closed, "/none", &[], 401, "invalid_api_key"),
        (&closed, "/none", &[good], 404, "unknown_url"),
        (&closed, "/v1/audio/voices", &[], 401, "invalid_api_key"),
        (&closed, "/healthz", &[], 200, ""),
        (&closed, "/readyz", &[wrong], 200, ""),
        (&closed, "/healthz/", &[], 401, "invalid_api_key"),
        (&closed, "/v1/healthz", &[], 401, "invalid_api_key"),
        (&shared, "/v1/models", &[good, evil], 200, ""),
        (&shared, "/v1/models", &[good, (origin, "null")], 200, ""),
        (&shared, "/v1/models", &[evil], 401, "invalid_api_key"),
    ];
    each(rows, |(server, target, fields, status, want)| {
        let answer = server.ask("GET", target, fields, b"");
        assert_eq!(answer.status, *status, "{target} {fields:?}\n{answer}");
        if *status >= 400 {
            assert_eq!(code(&answer), *want, "{target} {fields:?}\n{answer}");
        }
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge.is_some_and(|text| text.starts_with("Bearer ")), *status == 401, "{answer}");
        assert!(answer.header("x-request-id").is_some(), "{answer}");
        // Only pages of sites that were named may read an answer, also one about a missing token.
        let is_shown = fields.iter().any(|(name, value)| *name == origin && *value != at_home)
            && !matches!(*status, 403 | 421)
            && *target != "/healthz";
        assert_eq!(answer.header("access-control-allow-origin").is_some(), is_shown, "{fields:?}\n{answer}");
    });
    // In HTTP/1.0 a host may be missing; one that is there counts.
    for (head, status) in [
        ("HTTP/1.0\r\n", 200),
        ("HTTP/1.0\r\nHost: evil.example\r\n", 421),
        ("HTTP/1.0\r\nOrigin: https://evil.example\r\n", 403),
        ("HTTP/1.1\r\n", 400),
    ] {
        let old = local.send(format!("GET /v1/models {head}\r\n").as_bytes());
        assert_eq!(old.status, status, "{head} {old}");
    }
    for server in [local, closed, shared] {
        server.stop();
    }
}

#[test]
fn a_page_asks_before_it_speaks() {
    let env = TestEnv::new();
    write_secret(&env, "tokens", &format!("{ABC} ann\n"));
    let site = "https://news.example";
    let named = Server::start(&env, &["--token-file", "tokens", "--cors", site]);
    let all = Server::start(&env, &["--token-file", "tokens", "--cors", "*"]);
    let none = Server::start(&env, &[]);
    let ask = |server: &Server, origin: &str, more: &[(&str, &str)]| {
        let question = [("Origin", origin), ("Access-Control-Request-Method", "POST")];
        server.ask("OPTIONS", "/v1/audio/speech", &[&question, more].concat(), b"")
    };
    // As the package for browsers asks.
    let fields = "authorization,content-type,x-stainless-arch,X-Stainless-Retry-Count,x-evil,x-stainless-a b,x-stainless-lang";
    let answer = ask(
        &named,
        site,
        &[("Access-Control-Request-Headers", fields), ("Access-Control-Request-Private-Network", "true")],
    );
    assert_eq!((answer.status, answer.body.len()), (204, 0), "{answer}");
    let has = |name: &str, want: &str| assert_eq!(answer.header(name), Some(want), "{answer}");
    has("access-control-allow-origin", site);
    has("access-control-allow-private-network", "true");
    has("access-control-max-age", "7200");
    has("access-control-allow-methods", "GET, HEAD, POST, DELETE");
    let allowed: Vec<&str> = answer.header("access-control-allow-headers").unwrap().split(", ").collect();
    for (name, is_allowed) in [
        ("authorization", true),
        ("content-type", true),
        ("x-stainless-arch", true),
        ("x-stainless-retry-count", true),
        ("x-stainless-lang", true),
        ("x-evil", false),
        ("x-stainless-a b", false),
    ] {
        assert_eq!(allowed.contains(&name), is_allowed, "{name}: {answer}");
    }
    assert!(answer.header("vary").is_some_and(|vary| vary.starts_with("Origin")), "{answer}");
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let plain = ask(&named, site, &[]);
    assert_eq!(plain.header("access-control-allow-private-network"), None, "{plain}");
    assert_eq!(ask(&all, "https://any.example", &[]).header("access-control-allow-origin"), Some("*"));
    for (server, origin) in [(&named, "https://evil.example"), (&none, site)] {
        let answer = ask(server, origin, &[]);
        assert_eq!((answer.status, &*code(&answer)), (403, "origin_not_allowed"), "{answer}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{answer}");
        assert_eq!(answer.header("vary"), Some("Origin"), "{answer}");
    }
    // The request itself: what it answers differs by the site, also for those without one.
    let body =
        json!({ "model": "tts-1", "voice": "alloy", "input": "Good.", "response_format": "pcm" }).to_string();
    let asked = [("Origin", site), ("Authorization", "Bearer abc"), ("Content-Type", "application/json")];
    let spoken = named.ask("POST", "/v1/audio/speech", &asked, body.as_bytes());
    assert_eq!((spoken.status, spoken.header("access-control-allow-origin")), (200, Some(site)), "{spoken}");
    assert!(
        spoken.header("access-control-expose-headers").is_some_and(|names| names.contains("x-request-id"))
    );
    assert_eq!(spoken.header("vary"), Some("Origin"));
    assert_eq!(named.get("/healthz").header("vary"), Some("Origin"));
    assert_eq!(none.get("/healthz").header("vary"), None);
    for server in [named, all, none] {
        server.stop();
    }
}

#[cfg(unix)]
#[test]
fn tokens_come_and_go_while_the_server_runs() {
    use std::os::unix::fs::PermissionsExt;
    let env = TestEnv::new();
    let make = |name: &str| {
        let run = env.ok(&["serve", "--new-token", name, "--token-file", "tokens"]);
        assert!(run.stderr.contains("only now"), "{run}");
        assert_eq!(run.stdout.lines().count(), 1, "{run}");
        run.stdout.trim().to_string()
    };
    let ann = make("ann");
    assert_eq!(fs::metadata(env.path("tokens")).unwrap().permissions().mode() & 0o777, 0o600);
    let server = start_logged(&env, "trace", &["--token-file", "tokens"]);
    let status =
        |token: &str| server.ask("GET", "/v1/models", &[("Authorization", &bearer(token))], b"").status;
    // A file without a line end at its end gets one first.
    let text = String::from_utf8(env.bytes("tokens")).unwrap();
    assert!(text.ends_with(" ann\n") && text.len() == 69, "{text:?}");
    fs::write(env.path("tokens"), text.trim_end()).unwrap();
    let bo = make("bo");
    assert_eq!(String::from_utf8(env.bytes("tokens")).unwrap().lines().count(), 2);
    assert_eq!((status(&ann), status(&bo)), (200, 401));
    server.signal("HUP");
    await_log(&env, "was read again", 1);
    assert_eq!((status(&ann), status(&bo)), (200, 200));
    // A broken file, one for everybody, and none at all change nothing, and the log says why.
    let good = env.bytes("tokens");
    fs::write(env.path("tokens"), &ann).unwrap();
    server.signal("HUP");
    await_log(&env, "stay as they were", 1);
    fs::write(env.path("tokens"), &good[65 + 4..]).unwrap();
    set_mode(&env, "tokens", 0o644);
    server.signal("HUP");
    await_log(&env, "stay as they were", 2);
    fs::remove_file(env.path("tokens")).unwrap();
    server.signal("HUP");
    await_log(&env, "stay as they were", 3);
    assert_eq!((status(&ann), status(&bo)), (200, 200));
    write_secret(&env, "tokens", std::str::from_utf8(&good).unwrap().split_once('\n').unwrap().1);
    server.signal("HUP");
    await_log(&env, "was read again", 2);
    assert_eq!((status(&ann), status(&bo)), (401, 200));
    server.stop();
    let log = String::from_utf8(env.bytes("log")).unwrap();
    assert!(log.contains("holder=bo"), "the log says who came in\n{log}");
    for token in [&ann, &bo] {
        assert!(!log.contains(&token[4..]), "a token is in the log\n{log}");
    }
    // Without a file both are printed, for whoever keeps the file elsewhere.
    let run = env.ok(&["serve", "--new-token"]);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines.len() == 2 && lines[0].starts_with("art_") && lines[1].len() == 64, "{run}");
}

#[test]
fn whoever_guesses_tokens_waits() {
    let env = TestEnv::new();
    write_secret(&env, "tokens", &format!("{ABC} ann\n"));
    let server = Server::start(&env, &["--token-file", "tokens"]);
    let ask = |token: &str| server.ask("GET", "/v1/models", &[("Authorization", &bearer(token))], b"");
    // A client with one wrong token is a nuisance, and no danger.
    for _ in 0..100 {
        assert_eq!(ask("old").status, 401);
        assert_eq!(server.get("/v1/models").status, 401);
    }
    assert_eq!(ask("abc").status, 200);
    let mut wrong = 0;
    let last = loop {
        let answer = ask(&format!("guess {wrong}"));
        if answer.status != 401 {
            break answer;
        }
        wrong += 1;
        assert!(wrong < 10_000, "guesses are not bounded");
    };
    assert!(wrong >= 19, "only {wrong} guesses");
    assert_eq!((last.status, &*code(&last)), (429, "too_many_attempts"), "{last}");
    assert!(last.header("retry-after").is_some_and(|wait| wait.parse::<u64>().unwrap() >= 1), "{last}");
    assert_eq!(server.get("/healthz").status, 200);
    server.stop();
}

#[test]
fn no_word_of_a_text_and_no_path_gets_out() {
    let env = TestEnv::new();
    let body = json!({ "model": "tts-1", "voice": "tone", "input": "Zebulon Quxley sold the \u{1f600} zzyzxa.", "response_format": "pcm" });
    for args in [&[][..], &["--log-text"]] {
        let server = start_logged(&env, "trace", args);
        assert_eq!(server.speak(&body).status, 200);
        let place = env.path("");
        let place = place.parent().unwrap().to_str().unwrap();
        let asked = [
            json!({ "model": "tts-1", "voice": "nobody", "input": "Zebulon." }),
            json!({ "model": "tts-1", "voice": "af_heart", "input": "Zebulon." }),
            json!({ "model": "tts-1", "voice": "../../etc/passwd", "input": "Zebulon." }),
            json!({ "model": "tts-1", "voice": "tone", "input": "\u{1f600}" }),
            json!({ "model": "tts-1", "voice": "tone", "input": "Zebulon.", "speed": 99 }),
        ];
        for body in asked {
            let answer = server.speak(&body);
            assert_eq!(answer.status, 400, "{body}\n{answer}");
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(!text.contains(place) && !text.contains(env!("CARGO_MANIFEST_DIR")), "{text}");
            assert!(!text.contains("Zebulon"), "{text}");
        }
        server.stop();
        let log = String::from_utf8(env.bytes("log")).unwrap();
        let has_text = ["Zebulon", "Quxley", "zzyzxa"].iter().any(|word| log.contains(word));
        assert_eq!(has_text, args.contains(&"--log-text"), "{log}");
    }
}
