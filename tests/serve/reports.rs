//! Reports: articles that become files, and survive the end of the server.

use std::fs;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value;

use crate::common::{BINARY, STORY, TestEnv, each};
use crate::serve::client::{Answer, Server, json, until};
use crate::site::{Site, moved, page, reply, story};

#[path = "reports/durable.rs"]
mod durable;
#[path = "reports/refused.rs"]
mod refused;

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
    // What can't be read may have failed by now.
    assert!(matches!(told["status"].as_str(), Some("queued" | "running" | "done" | "failed")), "{told}");
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
