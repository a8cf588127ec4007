//! What the server does not do, and what it does not tell.

use super::{GERMAN, done, ended, in_the_middle, kept, long_text, look, names, order, start_slow};
use crate::common::{BINARY, STORY, TestEnv, each};
use crate::serve::access::start_logged;
use crate::serve::client::{Server, json};

#[test]
fn one_too_many_is_told_when_to_come_again() {
    let env = TestEnv::new();
    let server = start_slow(&env, 0.1, &["--waiting-reports", "1"]);
    let text = json!({ "input": long_text(), "response_format": "opus" });
    let running = order(&server, &text);
    in_the_middle(&server, &running);
    let waiting = order(&server, &text);
    let refused = server.post("/v1/reports", &text);
    assert_eq!(
        (refused.status, &refused.json()["error"]["code"]),
        (429, &json!("too_many_reports")),
        "{refused}"
    );
    assert!(refused.header("retry-after").is_some_and(|wait| wait.parse::<u64>().unwrap() >= 1), "{refused}");
    // Speech is none of their business, and theirs none of speech's.
    let speech = json!({ "model": "tts-1", "input": "Ships came.", "response_format": "pcm" });
    assert_eq!(server.speak(&speech).status, 200);
    assert_eq!(look(&server, &running)["status"], "running");
    assert_eq!(server.ask("DELETE", &format!("/v1/reports/{waiting}"), &[], b"").status, 200);
    order(&server, &text);
    server.stop();
}

#[test]
fn a_server_can_be_without_reports_and_no_two_share_a_folder() {
    let env = TestEnv::new();
    let off = Server::start(&env, &["--no-reports"]);
    for (method, path) in [
        ("GET", ""),
        ("POST", ""),
        ("GET", "/rep_1"),
        ("DELETE", "/rep_1"),
        ("GET", "/rep_1/events"),
        ("GET", "/rep_1/files/a"),
    ] {
        let answer =
            off.ask(method, &format!("/v1/reports{path}"), &[("Content-Type", "application/json")], b"");
        assert_eq!(
            (answer.status, &answer.json()["error"]["code"]),
            (403, &json!("reports_off")),
            "{method} {path}: {answer}"
        );
    }
    assert!(!kept(&env).exists());
    off.stop();
    let first = Server::start(&env, &["--reports", "desk"]);
    env.refused(
        &["serve", "--listen", "127.0.0.1:0", "--voice", "tone", "--reports", "desk"],
        3,
        &["another server has the folder"],
    );
    let other = Server::start(&env, &[]);
    // The usual folder is another one; a third server has none.
    let third = Server::start(&env, &[]);
    assert_eq!((first.get("/v1/reports").status, other.get("/v1/reports").status), (200, 200));
    assert_eq!(third.get("/v1/reports").json()["error"]["code"], "reports_off");
    done(&first, &order(&first, &json!({ "input": STORY })));
    assert_eq!(names(&env.path("desk")).len(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(env.path("desk").metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
    for server in [first, other, third] {
        server.stop();
    }
    env.write("file", "");
    env.refused(
        &["serve", "--listen", "127.0.0.1:0", "--voice", "tone", "--reports", "file"],
        3,
        &["folder of the reports can't be used"],
    );
}

#[test]
fn what_no_honest_client_sends_is_refused() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--most-characters", "1000"]);
    let nested = format!("{{\"input\": {}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let huge = json!({ "input": "a ".repeat(5 << 20) }).to_string();
    let rows: Vec<(Vec<u8>, &str, u16, &str)> = vec![
        (b"{}".to_vec(), "application/json", 400, "missing_required_parameter"),
        (b"[]".to_vec(), "application/json", 400, "invalid_type"),
        (b"{".to_vec(), "application/json", 400, "invalid_json"),
        (b"\xff".to_vec(), "application/json", 400, "invalid_json"),
        (nested.into_bytes(), "application/json", 400, "invalid_json"),
        (huge.into_bytes(), "application/json", 413, "request_too_large"),
        (b"input=One.".to_vec(), "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"{\"input\": \"One.\"}".to_vec(), "text/plain", 415, "unsupported_media_type"),
        (b"One.".to_vec(), "multipart/form-data; boundary=x", 400, "invalid_form"),
        (b"One.".to_vec(), "multipart/form-data", 400, "invalid_form"),
        (
            json!({ "input": "One.", "voice": "nobody" }).to_string().into_bytes(),
            "application/json",
            400,
            "voice_not_found",
        ),
        (
            json!({ "input": "One.", "voice": "a\u{0}b" }).to_string().into_bytes(),
            "application/json",
            400,
            "voice_not_found",
        ),
        (
            json!({ "input": "One.", "voice": "../../etc/passwd" }).to_string().into_bytes(),
            "application/json",
            400,
            "voice_not_found",
        ),
        (
            json!({ "input": "One.", "response_format": "aac" }).to_string().into_bytes(),
            "application/json",
            400,
            "unsupported_format",
        ),
        (
            json!({ "input": "One.", "speed": 3 }).to_string().into_bytes(),
            "application/json",
            400,
            "invalid_value",
        ),
    ];
    let place = env.path("");
    let place = place.parent().unwrap().to_str().unwrap();
    each(rows, |(body, kind, status, code)| {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = server.ask("POST", "/v1/reports", &[("Content-Type", kind)], &body);
        assert_eq!(answer.status, status, "{shown}: {answer}");
        assert_eq!(answer.json()["error"]["code"], code, "{shown}: {answer}");
        assert!(!String::from_utf8_lossy(&answer.body).contains(place), "{answer}");
    });
    // What only shows in the article.
    let rows = [
        (json!({ "input": "Share this article" }), "nothing_to_speak"),
        (json!({ "input": "<html><body><nav>Home</nav></body></html>" }), "nothing_to_speak"),
        (json!({ "input": "\u{1f600}" }), "nothing_to_speak"),
        (json!({ "input": "Ships came back. ".repeat(100) }), "too_large"),
        (json!({ "input": "<rss><channel><title>News</title></channel></rss>" }), "unreadable_article"),
        (json!({ "input": GERMAN }), "other_language"),
    ];
    each(rows, |(body, code)| {
        let told = ended(&server, &order(&server, &body));
        assert_eq!((&told["status"], &told["error"]["code"]), (&json!("failed"), &json!(code)), "{told}");
        assert_eq!(told["error"]["param"], "input");
        assert!(!told.to_string().contains(place), "{told}");
    });
    // Whatever a NUL is taken for, the server goes on.
    ended(&server, &order(&server, &json!({ "input": "Ships\u{0}came back.\u{0}" })));
    let id = order(&server, &json!({ "input": STORY }));
    done(&server, &id);
    let rows = [
        "/v1/reports/rep_0".to_string(),
        "/v1/reports/..".to_string(),
        "/v1/reports/%2e%2e".to_string(),
        "/v1/reports/..%2f..%2fetc".to_string(),
        "/v1/reports/%ff".to_string(),
        "/v1/reports/%00".to_string(),
        format!("/v1/reports/{id}/files/none"),
        format!("/v1/reports/{id}/files/.."),
        format!("/v1/reports/{id}/files/..%2fstate.json"),
        format!("/v1/reports/{id}/files/%2e%2e%2forder.json"),
        format!("/v1/reports/{id}/files/%ff"),
        format!("/v1/reports/{id}/files/"),
        format!("/v1/reports/{id}/state.json"),
    ];
    each(rows, |path| {
        for method in ["GET", "DELETE"] {
            let answer = server.ask(method, &path, &[], b"");
            let is_file = method == "DELETE" && path.contains("/files/") && !path.ends_with('/');
            assert!(answer.status == 404 || is_file && answer.status == 405, "{method} {path}: {answer}");
            assert!(
                answer.json()["error"]["code"].is_string()
                    && !String::from_utf8_lossy(&answer.body).contains(place)
            );
        }
    });
    assert_eq!(look(&server, &id)["status"], "done");
    server.stop();
}

#[cfg(unix)]
#[test]
fn a_full_disk_fails_the_report_and_not_the_server() {
    let env = TestEnv::new();
    // No file may be longer than 64 blocks: the sound has no room, the request has.
    let mut command = env.command_of("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$@\"", "sh", BINARY]);
    command.args(["serve", "--listen", "127.0.0.1:0", "--voice", "tone", "--no-cache"]);
    let server = Server::started(command);
    let told = ended(&server, &order(&server, &json!({ "input": long_text(), "response_format": "wav" })));
    assert_eq!(
        (&told["error"]["code"], &told["error"]["type"]),
        (&json!("storage_full"), &json!("server_error")),
        "{told}"
    );
    assert!(!told.to_string().contains(env.path("").parent().unwrap().to_str().unwrap()), "{told}");
    let id = told["id"].as_str().unwrap();
    assert_eq!(names(&kept(&env).join(id)), ["order.json", "state.json"]);
    let refused = server.post("/v1/reports", &json!({ "input": "Ships came back. ".repeat(5_000) }));
    assert_eq!(
        (refused.status, &refused.json()["error"]["code"]),
        (507, &json!("storage_full")),
        "{refused}"
    );
    done(
        &server,
        &order(&server, &json!({ "input": "Ships came.", "response_format": "opus", "page": false })),
    );
    assert_eq!(names(&kept(&env)).len(), 2, "nothing is left of what was refused");
    server.stop();
}

#[test]
fn no_word_of_an_article_gets_into_the_log() {
    for args in [&[][..], &["--log-text"]] {
        let env = TestEnv::new();
        let server = start_logged(&env, "trace", args);
        let text =
            "Zebulon reopens\n\nZebulon Quxley sold the zzyzxa on Monday.\n\nShare this Zebulon article\n";
        done(&server, &order(&server, &json!({ "input": text })));
        let furniture = json!({ "input": "Home > World > Zebulon" });
        ended(&server, &order(&server, &furniture));
        ended(&server, &order(&server, &json!({ "input": GERMAN })));
        server.stop();
        let log = String::from_utf8(env.bytes("log")).unwrap();
        assert!(log.contains("a report is made") && log.contains("a report can't be made"), "{log}");
        let said: Vec<&str> = log
            .lines()
            .filter(|line| ["Zebulon", "Quxley", "zzyzxa"].iter().any(|word| line.contains(word)))
            .collect();
        assert_eq!(said.is_empty(), args.is_empty(), "{said:#?}");
    }
}
