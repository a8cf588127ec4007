//! Reports: articles that become files, and survive the end of the server.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::{BINARY, STORY, TestEnv, each};
use crate::serve::access::start_logged;
use crate::serve::client::{Answer, Server, json, until};
use crate::site::{Site, moved, page, reply, story};

const PAGE: &str = "<!DOCTYPE html><html lang=en><head><title>Port reopens</title></head><body><nav><a href=/>Home</a></nav><article>\
    <h1>Port reopens</h1><p class=byline>By Ann Lee</p><p>The port reopened on Monday after a storm. Ships came back at noon, and Zyvex \
    was there.</p><h2>The cost</h2><p>Repairs cost 3 million dollars, the mayor said on Tuesday.</p><h2>What comes</h2><p>Cranes moved \
    the first containers in the evening, and the crews worked through the night without a break.</p></article></body></html>";

const GERMAN: &str = "Hafen wieder offen\n\nDer Hafen wurde am Montag wieder geöffnet, und die ersten Schiffe kamen gegen Mittag zurück. Der Sturm \
    hatte ihn drei Tage lang geschlossen, sagte die Bürgermeisterin von Zebulon.\n\nAm Abend wurden die ersten Container entladen, und die \
    Arbeiter blieben die ganze Nacht. Die Lotsen hatten zwei Fähren in den Hafen gebracht, als der Wind noch stark war.\n";

/// A server whose reports rest after each chunk, so that a test can act in the middle of one.
fn start_slow(env: &TestEnv, rest: f64, args: &[&str]) -> Server {
    let mut command = env.command_of(BINARY);
    command.args(["serve", "--listen", "127.0.0.1:0", "--voice", "tone"]).args(args);
    command.env("AUDIO_REPORT_TEST_REPORTS", format!("rest={rest}"));
    Server::started(command)
}

/// A text of many chunks, of which no two are the same.
fn long_text() -> String {
    let line = |day: usize| format!("On day {day} ships came back to the harbor, and crew {day} sang.");
    let paragraphs: Vec<String> = (1..=30).map(line).collect();
    format!("Many days\n\n{}\n", paragraphs.join("\n\n"))
}

/// Asks for a report that must be taken.
#[track_caller]
fn order(server: &Server, body: &Value) -> String {
    let answer = server.post("/v1/reports", body);
    assert_eq!(answer.status, 202, "{answer}");
    let told = answer.json();
    let id = told["id"].as_str().unwrap().to_string();
    assert_eq!(answer.header("location"), Some(&*format!("/v1/reports/{id}")));
    assert!(matches!(told["status"].as_str(), Some("queued" | "running" | "done")), "{told}");
    id
}

#[track_caller]
fn look(server: &Server, id: &str) -> Value {
    let answer = server.get(&format!("/v1/reports/{id}"));
    assert_eq!(answer.status, 200, "{answer}");
    answer.json()
}

/// Waits until a report has ended.
#[track_caller]
fn ended(server: &Server, id: &str) -> Value {
    until("the end of a report", || {
        !matches!(look(server, id)["status"].as_str(), Some("queued" | "running"))
    });
    look(server, id)
}

/// Waits until a report is made.
#[track_caller]
fn done(server: &Server, id: &str) -> Value {
    let told = ended(server, id);
    assert_eq!((&told["status"], &told["error"]), (&json!("done"), &Value::Null), "{told}");
    told
}

/// Waits until some of a report is spoken.
#[track_caller]
fn in_the_middle(server: &Server, id: &str) {
    until("the middle of a report", || {
        let told = look(server, id);
        assert_ne!(told["status"], "done", "it was too quick");
        told["progress"]["seconds"].as_f64().unwrap() > 10.0
    });
}

/// The files of a report by their names, whole and as long as they are said to be.
#[track_caller]
fn files(server: &Server, told: &Value) -> Vec<(String, Vec<u8>)> {
    let file = |file: &Value| {
        let answer = server.get(file["url"].as_str().unwrap());
        assert!(answer.status == 200 && !answer.is_cut, "{answer}");
        assert_eq!(json!(answer.body.len()), file["bytes"], "{file}");
        (file["name"].as_str().unwrap().to_string(), answer.body)
    };
    told["files"].as_array().unwrap().iter().map(file).collect()
}

/// What the server has on the disk: `DIR` of `--reports`, or its usual place.
fn kept(env: &TestEnv) -> PathBuf {
    env.data("reports")
}

/// The names in the folder of the reports, without those that stay.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name != ".lock");
    names.sort();
    names
}

/// The events of a stream to its end.
fn events(stream: &mut BufReader<std::net::TcpStream>) -> (Vec<Value>, bool) {
    let answer = Answer::read(stream).unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")));
    let text = String::from_utf8(answer.body).unwrap();
    let event = |event: &str| {
        let data = event.strip_prefix("event: report\ndata: ")?;
        Some(serde_json::from_str(data).unwrap())
    };
    (text.split("\n\n").filter_map(event).collect(), answer.is_cut)
}

fn watch(server: &Server, id: &str) -> BufReader<std::net::TcpStream> {
    let mut stream = server.connect();
    let request = server.request("GET", &format!("/v1/reports/{id}/events"), &[], b"");
    stream.write_all(&request).unwrap();
    BufReader::new(stream)
}

#[test]
fn a_report_is_what_read_makes() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let id = order(&server, &json!({ "input": PAGE, "captions": ["vtt", "srt", "json"] }));
    let told = done(&server, &id);
    assert_eq!(
        (&told["object"], &told["title"], &told["source"]),
        (&json!("report"), &json!("Port reopens"), &Value::Null)
    );
    assert_eq!(
        (&told["voice"], &told["speed"], &told["format"]),
        (&json!("tone"), &json!(1.0), &json!("mp3"))
    );
    assert_eq!(told["progress"]["done"], 1.0);
    assert!(told["progress"]["seconds"].as_f64().unwrap() > 10.0, "{told}");
    assert!(told["confidence"].as_f64().is_some_and(|sure| (0.0..=1.0).contains(&sure)), "{told}");
    let reasons: Vec<&str> =
        told["left_out"].as_array().unwrap().iter().map(|left| left["reason"].as_str().unwrap()).collect();
    assert!(reasons.contains(&"byline"), "{told}");
    assert!(
        told["unknown_words"]
            .as_array()
            .unwrap()
            .iter()
            .any(|word| word["word"] == "zyvex" || word["word"] == "Zyvex"),
        "{told}"
    );
    env.write("port.html", PAGE);
    env.ok(&[
        "read",
        "port.html",
        "--voice",
        "tone",
        "-o",
        "port-reopens.mp3",
        "--captions",
        "vtt,srt,json",
        "--chapters",
        "--page",
    ]);
    let made = files(&server, &told);
    let kinds: Vec<(&str, &str)> = told["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["kind"].as_str().unwrap(), file["media_type"].as_str().unwrap()))
        .collect();
    let want = [
        ("audio", "audio/mpeg"),
        ("captions", "text/vtt"),
        ("captions", "application/x-subrip"),
        ("captions", "application/json"),
        ("captions", "application/json"),
        ("chapters", "application/json+chapters"),
        ("page", "text/html"),
    ];
    assert_eq!(kinds, want);
    for (name, bytes) in made {
        assert!(env.bytes(&name) == bytes, "{name} is not what read makes");
    }
    // Every way to the same report.
    assert_eq!(server.get(&format!("/reports/{id}")).json(), told);
    let list = server.get("/v1/reports").json();
    assert_eq!((&list["object"], &list["data"]), (&json!("list"), &json!([told])));
    let (events, is_cut) = events(&mut watch(&server, &id));
    assert!(!is_cut && events == [told], "{events:?}");
    server.stop();
}

#[test]
fn formats_voices_and_titles_are_as_asked() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let rows = [
        (
            json!({ "input": STORY, "response_format": "wav", "captions": [], "page": false }),
            "article.wav",
            &b"RIFF"[..],
            1,
        ),
        (
            json!({ "input": STORY, "response_format": "flac", "captions": [], "page": false, "title": "A new\nday" }),
            "a-new-day.flac",
            b"fLaC",
            1,
        ),
        (
            json!({ "input": STORY, "response_format": "opus", "captions": ["srt"], "page": false, "speed": 1.25 }),
            "article.opus",
            b"OggS",
            2,
        ),
        (
            json!({ "input": "# Head\n\nShips *came* back.", "input_type": "markdown", "voice": "alloy", "speed": 0.5 }),
            "head.mp3",
            b"ID3",
            5,
        ),
        (
            json!({ "input": "<p>Ships <i>came</i> back at noon.</p>", "input_type": "html" }),
            "article.mp3",
            b"ID3",
            5,
        ),
    ];
    each(rows, |(body, name, begin, count)| {
        let told = done(&server, &order(&server, &body));
        let files = files(&server, &told);
        assert_eq!(files.len(), count, "{told}");
        let name = if told["title"].is_null() {
            "report.".to_string() + name.split('.').nth(1).unwrap()
        } else {
            name.to_string()
        };
        assert_eq!(files[0].0, name, "{told}");
        assert!(files[0].1.starts_with(begin), "{name}");
        if let Some(speed) = body.get("speed") {
            assert_eq!(&told["speed"], speed);
        }
    });
    server.stop();
}

#[test]
fn a_file_that_is_sent_tells_its_format_by_content() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let mail = "From: a@paper.example\r\nSubject: Port reopens\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n\
        The port reopened on Monday. Ships came back at noon.\r\n";
    let send = |name: &str, content: &[u8], more: &str| {
        let head = format!(
            "--X-1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        let body = [head.as_bytes(), content, format!("\r\n{more}--X-1--\r\n").as_bytes()].concat();
        server.ask("POST", "/v1/reports", &[("Content-Type", "multipart/form-data; boundary=X-1")], &body)
    };
    let rows: [(&str, &[u8], &str); 4] = [
        ("port.eml", mail.as_bytes(), "Port reopens"),
        ("port.html", PAGE.as_bytes(), "Port reopens"),
        ("../../port.md", b"# Port reopens\n\nShips came back at noon.\n", "Port reopens"),
        ("", b"Port reopens\n\nThe port reopened on Monday.\n", "Port reopens"),
    ];
    let more = "--X-1\r\nContent-Disposition: form-data; name=\"response_format\"\r\n\r\nwav\r\n\
        --X-1\r\nContent-Disposition: form-data; name=\"page\"\r\n\r\nfalse\r\n";
    each(rows, |(name, content, title)| {
        let answer = send(name, content, more);
        assert_eq!(answer.status, 202, "{name}: {answer}");
        let told = done(&server, answer.json()["id"].as_str().unwrap());
        assert_eq!((&told["title"], &told["source"]), (&json!(title), &Value::Null), "{name}");
        assert_eq!(told["files"][0]["name"], "port-reopens.wav");
        assert!(told["files"].as_array().unwrap().iter().all(|file| file["kind"] != "page"));
    });
    let answer = send("sound.mp3", b"ID3\x04\0\0\0\0\0\0\xff\xfb\x90\x64", "");
    let told = ended(&server, answer.json()["id"].as_str().unwrap());
    assert_eq!((&told["status"], &told["error"]["param"]), (&json!("failed"), &json!("file")), "{told}");
    // A text that says that it is none is one, and files may be larger than other bodies.
    let large = format!("<!-- {} -->{PAGE}", "x".repeat(6 << 20));
    assert_eq!(send("large.html", large.as_bytes(), more).status, 202);
    let too_large = send("large.html", &vec![b'x'; 17 << 20], "");
    assert_eq!((too_large.status, &too_large.json()["error"]["code"]), (413, &json!("request_too_large")));
    server.stop();
}

#[test]
fn an_address_is_fetched_through_the_guard() {
    let env = TestEnv::with_net("public=127.0.0.1");
    let site = Site::start(|asked| match asked.path.as_str() {
        "/inside" => moved("http://10.0.0.1/"),
        "/missing" => reply("404 Not Found", &[], b""),
        "/menu" => page("<html><body><nav><a href=/>Home</a><a href=/b>World</a></nav></body></html>"),
        _ => page(&story("Port reopens", "")),
    });
    let server = Server::start(&env, &[]);
    let url = site.url("/world/port.html?utm_source=mail");
    let told = done(&server, &order(&server, &json!({ "url": url })));
    assert_eq!(
        (&told["title"], &told["source"]),
        (&json!("Port reopens"), &json!(site.url("/world/port.html")))
    );
    let rows = [
        (site.url("/inside"), "private_address"),
        (site.url("/missing"), "page_not_fetched"),
        (site.url("/menu"), "nothing_to_speak"),
        ("http://nobody.invalid/".to_string(), "unreachable"),
        ("http://127.0.0.1:1/".to_string(), "unreachable"),
    ];
    each(rows, |(url, code)| {
        let told = ended(&server, &order(&server, &json!({ "url": url })));
        assert_eq!((&told["status"], &told["error"]["code"]), (&json!("failed"), &json!(code)), "{told}");
        assert_eq!(
            (&told["error"]["param"], &told["error"]["type"]),
            (&json!("url"), &json!("invalid_request_error"))
        );
        assert_eq!(told["files"], json!([]));
        assert!(told["error"]["message"].as_str().unwrap().ends_with('.'), "{told}");
    });
    server.stop();
    let strict = TestEnv::new();
    let server = Server::start(&strict, &[]);
    let rows = [
        (site.url("/a"), "private_address"),
        ("http://localhost/".to_string(), "private_address"),
        ("http://169.254.169.254/latest/".to_string(), "private_address"),
        ("http://[::1]/".to_string(), "private_address"),
        ("file:///etc/passwd".to_string(), "invalid_url"),
        ("http://ann:secret@paper.example/".to_string(), "invalid_url"),
        ("port.html".to_string(), "invalid_url"),
        ("http://".to_string(), "invalid_url"),
        ("a\u{0}b".to_string(), "invalid_url"),
    ];
    each(rows, |(url, code)| {
        let answer = server.post("/v1/reports", &json!({ "url": url }));
        assert_eq!(answer.status, 400, "{url}: {answer}");
        let told = answer.json();
        assert_eq!(
            (&told["error"]["code"], &told["error"]["param"]),
            (&json!(code), &json!("url")),
            "{url}: {told}"
        );
        assert!(!told.to_string().contains("secret"), "{told}");
    });
    assert_eq!(names(&kept(&strict)), [""; 0]);
    server.stop();
    // Where the server was told so, its own network is fetched from.
    let server = Server::start(&strict, &["--allow-private"]);
    assert_eq!(done(&server, &order(&server, &json!({ "url": site.url("/a") })))["title"], "Port reopens");
    server.stop();
}

#[test]
fn parts_and_versions_of_files_are_sent() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let told = done(&server, &order(&server, &json!({ "input": PAGE })));
    let url = told["files"][0]["url"].as_str().unwrap();
    let whole = server.get(url);
    let tag = whole.header("etag").unwrap().to_string();
    assert!(tag.len() == 66 && tag.starts_with('"'), "{tag}");
    assert_eq!(whole.header("content-type"), Some("audio/mpeg"));
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.header("content-disposition"), Some("inline; filename=\"port-reopens.mp3\""));
    assert_eq!(
        (whole.header("x-synthetic-speech"), whole.header("x-content-type-options")),
        (Some("true"), Some("nosniff"))
    );
    let length = whole.body.len();
    let head = server.head(url);
    assert_eq!((head.status, head.header("content-length")), (200, Some(&*length.to_string())));
    assert!(head.body.is_empty() && head.header("etag") == Some(&*tag));
    let ask = |fields: &[(&str, &str)]| server.ask("GET", url, fields, b"");
    let part = ask(&[("Range", "bytes=100-299")]);
    assert_eq!((part.status, part.header("content-range")), (206, Some(&*format!("bytes 100-299/{length}"))));
    assert!(part.body == whole.body[100..300]);
    let last = ask(&[("Range", "bytes=-50"), ("If-Range", &tag)]);
    assert!(last.status == 206 && last.body == whole.body[length - 50..]);
    let other = ask(&[("Range", "bytes=-50"), ("If-Range", "\"other\"")]);
    assert!(other.status == 200 && other.body == whole.body);
    let beyond = ask(&[("Range", &format!("bytes={length}-"))]);
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some(&*format!("bytes */{length}"))));
    assert_eq!(beyond.json()["error"]["code"], "range_not_satisfiable");
    let same = ask(&[("If-None-Match", &tag)]);
    assert!(same.status == 304 && same.body.is_empty() && same.header("etag") == Some(&*tag));
    let saved = server.get(&format!("{url}?download"));
    assert_eq!(saved.header("content-disposition"), Some("attachment; filename=\"port-reopens.mp3\""));
    // Blocks of a download that is asked for in parts make the whole.
    let mut parts = Vec::new();
    while parts.len() < length {
        parts.extend(ask(&[("Range", &format!("bytes={}-{}", parts.len(), parts.len() + 9_999))]).body);
    }
    assert!(parts == whole.body);
    let page = told["files"].as_array().unwrap().iter().find(|file| file["kind"] == "page").unwrap();
    let page = server.get(page["url"].as_str().unwrap());
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
    server.stop();
}

#[test]
fn events_tell_how_far_it_is_and_end_with_it() {
    let env = TestEnv::new();
    let server = start_slow(&env, 0.03, &[]);
    let id = order(&server, &json!({ "input": long_text(), "response_format": "opus", "page": false }));
    let begun = Instant::now();
    let (events, is_cut) = events(&mut watch(&server, &id));
    let took = begun.elapsed().as_secs_f64();
    assert!(!is_cut, "it looks broken off");
    assert!(events.len() > 3, "{} events", events.len());
    assert!(events.len() as f64 <= 2.0 + took / 0.25, "{} events in {took} s", events.len());
    let last = events.last().unwrap();
    assert_eq!((&last["status"], &last["progress"]["done"]), (&json!("done"), &json!(1.0)));
    assert_eq!(*last, look(&server, &id));
    let progress: Vec<f64> = events.iter().map(|event| event["progress"]["done"].as_f64().unwrap()).collect();
    assert!(progress.is_sorted() && progress.iter().any(|done| (0.1..0.9).contains(done)), "{progress:?}");
    assert!(
        events[..events.len() - 1].iter().all(|event| event["files"] == json!([])),
        "results before they are whole"
    );
    server.stop();
}

#[test]
fn a_report_that_is_deleted_ends_and_leaves_nothing() {
    let env = TestEnv::new();
    let server = start_slow(&env, 0.1, &[]);
    let text = json!({ "input": long_text(), "response_format": "opus", "page": false });
    let (running, queued) = (order(&server, &text), order(&server, &text));
    in_the_middle(&server, &running);
    assert_eq!(look(&server, &queued)["status"], "queued");
    let mut watched = [watch(&server, &running), watch(&server, &queued)];
    // Both streams have begun.
    for stream in &mut watched {
        stream.fill_buf().unwrap();
    }
    for id in [&queued, &running] {
        let answer = server.ask("DELETE", &format!("/v1/reports/{id}"), &[], b"");
        assert_eq!(answer.json(), json!({ "id": id, "object": "report", "deleted": true }), "{answer}");
        for path in ["", "/events", "/files/many-days.opus"] {
            let gone = server.get(&format!("/v1/reports/{id}{path}"));
            assert_eq!(
                (gone.status, &gone.json()["error"]["code"]),
                (404, &json!("report_not_found")),
                "{gone}"
            );
        }
        assert_eq!(server.ask("DELETE", &format!("/v1/reports/{id}"), &[], b"").status, 404);
    }
    assert_eq!(names(&kept(&env)), [""; 0]);
    for stream in &mut watched {
        let (events, is_cut) = events(stream);
        assert!(!is_cut && events.last().unwrap()["status"] == "cancelled", "{events:?}");
    }
    // One that is made goes as well, and the server goes on.
    let id = order(&server, &json!({ "input": STORY }));
    done(&server, &id);
    assert_eq!(server.ask("DELETE", &format!("/v1/reports/{id}"), &[], b"").status, 200);
    assert_eq!(server.get("/v1/reports").json()["data"], json!([]));
    assert_eq!(names(&kept(&env)), [""; 0]);
    server.stop();
}

#[test]
fn a_report_goes_on_after_the_server_was_stopped_or_killed() {
    let env = TestEnv::new();
    let body = json!({ "input": long_text(), "response_format": "opus", "captions": ["vtt", "srt", "json"] });
    // The same, made without a break, and without kept sound.
    let other = TestEnv::new();
    let server = Server::start(&other, &["--no-cache"]);
    let want = files(&server, &done(&server, &order(&server, &body)));
    server.stop();
    let server = start_slow(&env, 0.1, &[]);
    let (id, second) =
        (order(&server, &body), order(&server, &json!({ "input": STORY, "response_format": "wav" })));
    in_the_middle(&server, &id);
    let mut watched = watch(&server, &id);
    watched.fill_buf().unwrap();
    let begun = Instant::now();
    server.stop();
    assert!(begun.elapsed() < Duration::from_secs(20), "a report is waited for");
    let (seen, is_cut) = events(&mut watched);
    assert!(is_cut && seen.iter().all(|event| event["status"] == "running"), "{seen:?}");
    let state = fs::read(kept(&env).join(&id).join("state.json")).unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&state).unwrap()["attempts"],
        0,
        "a stop in order is no fault"
    );
    let server = start_slow(&env, 0.1, &[]);
    in_the_middle(&server, &id);
    server.signal("KILL");
    assert!(!server.end().success());
    let left = kept(&env).join(&id);
    assert!(left.join("making").is_dir() && !left.join("files").exists(), "the middle was missed");
    // Whatever a killed server has left behind is swept.
    fs::create_dir(kept(&env).join(".new-rep_0")).unwrap();
    fs::create_dir(kept(&env).join(".gone-rep_0")).unwrap();
    fs::write(left.join("making/odd"), "half").unwrap();
    let server = Server::start(&env, &[]);
    let told = done(&server, &id);
    assert_eq!(told["voice"], "tone");
    let made = files(&server, &told);
    assert_eq!(made.len(), want.len());
    for ((name, bytes), (wanted, original)) in made.iter().zip(&want) {
        assert!(name == wanted && bytes == original, "{name} differs after a break");
    }
    done(&server, &second);
    let list: Vec<Value> = server.get("/v1/reports").json()["data"].as_array().unwrap().clone();
    let ids: Vec<&str> = list.iter().map(|report| report["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&*second, &*id], "the newest first");
    assert_eq!(names(&kept(&env)).len(), 2);
    assert_eq!(names(&left), ["files", "order.json", "state.json"]);
    server.stop();
    // What is made stays made.
    let server = Server::start(&env, &[]);
    assert_eq!(look(&server, &id), told);
    assert!(files(&server, &told) == made);
    server.stop();
}

#[test]
fn wherever_a_server_is_killed_the_next_one_ends_the_work() {
    let env = TestEnv::new();
    let body = json!({ "input": long_text(), "response_format": "wav", "captions": ["vtt"], "page": false });
    let server = start_slow(&env, 0.01, &[]);
    let id = order(&server, &body);
    server.signal("KILL");
    server.end();
    // Later and later: in the speech, among the files, behind them.
    for moment in (0..8).map(|step| Duration::from_millis(50 * step * step)) {
        let server = start_slow(&env, 0.01, &[]);
        std::thread::sleep(moment);
        server.signal("KILL");
        server.end();
        let folder = kept(&env).join(&id);
        assert_eq!(names(&kept(&env)), [&*id], "after {moment:?}");
        let state: Value = serde_json::from_slice(&fs::read(folder.join("state.json")).unwrap()).unwrap();
        assert!(state["status"] != "done" || folder.join("files/many-days.wav").exists(), "after {moment:?}");
    }
    let server = Server::start(&env, &[]);
    let told = done(&server, &id);
    env.write("many.txt", long_text());
    env.ok(&[
        "read",
        "many.txt",
        "--voice",
        "tone",
        "-o",
        "many-days.wav",
        "--captions",
        "vtt",
        "--chapters",
    ]);
    for (name, bytes) in files(&server, &told) {
        assert!(env.bytes(&name) == bytes, "{name} differs");
    }
    server.stop();
}

#[test]
fn a_report_that_was_deleted_before_a_kill_does_not_come_back() {
    let env = TestEnv::new();
    let server = start_slow(&env, 0.1, &[]);
    let id = order(&server, &json!({ "input": long_text(), "response_format": "opus" }));
    in_the_middle(&server, &id);
    let mut stream = server.connect();
    stream.write_all(&server.request("DELETE", &format!("/v1/reports/{id}"), &[], b"")).unwrap();
    until("a report that is cancelled", || server.get(&format!("/v1/reports/{id}")).status == 404);
    std::thread::sleep(Duration::from_millis(20));
    server.signal("KILL");
    server.end();
    let server = Server::start(&env, &[]);
    assert_eq!(server.get("/v1/reports").json()["data"], json!([]));
    assert_eq!(names(&kept(&env)), [""; 0]);
    server.stop();
}

#[test]
fn what_kills_the_server_each_time_is_given_up() {
    let env = TestEnv::new();
    let server = start_slow(&env, 0.1, &[]);
    let id = order(&server, &json!({ "input": long_text(), "response_format": "opus" }));
    in_the_middle(&server, &id);
    server.signal("KILL");
    server.end();
    let place = kept(&env).join(&id).join("state.json");
    let mut state: Value = serde_json::from_slice(&fs::read(&place).unwrap()).unwrap();
    assert_eq!(state["attempts"], 1, "{state}");
    // As nine more times would have it.
    state["attempts"] = json!(10);
    fs::write(&place, state.to_string()).unwrap();
    let server = Server::start(&env, &[]);
    let told = ended(&server, &id);
    assert_eq!((&told["status"], &told["error"]["code"]), (&json!("failed"), &json!("given_up")), "{told}");
    assert!(told.get("attempts").is_none());
    server.stop();
}

#[test]
fn ended_reports_leave_after_their_time() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--keep-reports", "1s"]);
    let (made, failed) = (
        order(&server, &json!({ "input": STORY })),
        order(&server, &json!({ "input": "Share this article" })),
    );
    until("the end of both", || server.get("/v1/reports").json()["data"] == json!([]));
    for id in [&made, &failed] {
        assert_eq!(server.get(&format!("/v1/reports/{id}")).status, 404);
    }
    until("an empty folder", || names(&kept(&env)).is_empty());
    server.stop();
    // Those that ended while no server ran, too; those that have time left stay.
    let server = Server::start(&env, &[]);
    let id = order(&server, &json!({ "input": STORY }));
    done(&server, &id);
    server.stop();
    std::thread::sleep(Duration::from_millis(1_100));
    let server = Server::start(&env, &["--keep-reports", "1h"]);
    assert_eq!(look(&server, &id)["status"], "done");
    server.stop();
    let server = Server::start(&env, &["--keep-reports", "1s"]);
    until("an empty folder", || names(&kept(&env)).is_empty());
    server.stop();
}

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
