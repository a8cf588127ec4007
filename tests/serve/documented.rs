//! What the server says of texts, and of itself: explanations, measurements, its own description.

use serde_json::Value;

use crate::common::{TestEnv, each};
use crate::serve::client::{Answer, Server, json};
use crate::site::{Site, moved, page, reply, story};

/// A page of markup with things beside its story.
const PAGE: &str = "<nav><a href=/>Home</a> <a href=/w>World</a></nav><article><h1>Café reopens</h1>\
    <p>The café’s owner, Blorvik Zanqor, paid €3.5m on Nov. 18. Guests came at noon, and stayed until the lamps went out.</p>\
    <p>“It was time,” said the mayor. Blorvik thanked the masons, who had worked on the roof for two long winters.</p></article>";

#[track_caller]
fn explain(server: &Server, body: &Value) -> Value {
    let answer = server.post("/v1/explain", body);
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.header("content-type"), Some("application/json"), "{answer}");
    answer.json()
}

#[track_caller]
fn refusal(answer: &Answer) -> (u16, String, String) {
    let error = &answer.json()["error"];
    let word = |name: &str| error[name].as_str().unwrap_or_default().to_string();
    assert!(!word("message").is_empty() && !word("type").is_empty(), "{answer}");
    (answer.status, word("param"), word("code"))
}

/// The characters between two places.
fn cut(text: &str, place: &Value) -> String {
    let at = |name: &str| place[name].as_u64().unwrap() as usize;
    text.chars().skip(at("start")).take(at("end") - at("start")).collect()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap()
}

#[test]
fn an_explanation_says_what_is_spoken_and_what_is_left_out() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let told = explain(&server, &json!({ "input": PAGE }));
    assert_eq!(told["object"], "explanation");
    assert_eq!((&told["title"], &told["language"]), (&json!("Café reopens"), &json!("en")));
    assert!(told["confidence"].as_f64().is_some_and(|sure| (0.0..=1.0).contains(&sure)), "{told}");
    let text = told["text"].as_str().unwrap();
    let paragraphs = list(&told, "paragraphs");
    let cuts: Vec<String> = paragraphs.iter().map(|paragraph| cut(text, paragraph)).collect();
    assert_eq!(cuts.join("\n\n"), text, "the paragraphs are all of the text");
    assert_eq!(paragraphs[0]["kind"], "title");
    let sentences: Vec<&Value> =
        paragraphs.iter().flat_map(|paragraph| list(paragraph, "sentences")).collect();
    let about_money = sentences.iter().find(|sentence| cut(text, sentence).contains("€3.5m")).unwrap();
    let spoken = about_money["spoken"].as_str().unwrap();
    assert!(spoken.contains("three point five million euros on November eighteenth"), "{spoken}");
    assert!(sentences.iter().all(|s| s["phonemes"].as_str().is_some_and(|all| !all.is_empty())), "{told}");
    let left_out: Vec<&str> =
        list(&told, "left_out").iter().map(|piece| piece["text"].as_str().unwrap()).collect();
    assert!(left_out.iter().any(|piece| piece.contains("World")), "{left_out:?}");
    assert!(list(&told, "left_out").iter().all(|piece| piece["reason"].is_string()), "{told}");
    let unknown = list(&told, "unknown_words");
    let places: Vec<String> =
        unknown.iter().filter(|word| word["word"] == "Blorvik").map(|word| cut(text, word)).collect();
    assert_eq!(places, ["Blorvik", "Blorvik"], "each place of a word: {unknown:?}");
    // The same text is spoken as it is explained: nothing of it is left out.
    let again = explain(&server, &json!({ "input": text, "input_type": "text" }));
    assert_eq!(again["text"], told["text"]);
    server.stop();
}

#[test]
fn the_type_of_an_input_can_be_said() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let markdown = "# Port reopens\n\nThe port **opened** again on [Monday](https://news.example/monday).";
    let rows = [
        (json!({ "input": markdown }), "The port opened again on Monday."),
        (json!({ "input": markdown, "input_type": "markdown" }), "The port opened again on Monday."),
        (json!({ "input": "He typed *two* stars.", "input_type": "markdown" }), "He typed two stars."),
        (json!({ "input": "He typed *two* stars.", "input_type": "text" }), "He typed *two* stars."),
        (json!({ "input": "He typed *two* stars." }), "He typed *two* stars."),
        (
            json!({ "input": "<p>The port opened again.</p>", "input_type": "text" }),
            "<p>The port opened again.</p>",
        ),
    ];
    each(rows, |(body, want)| {
        let told = explain(&server, &body);
        let text = told["text"].as_str().unwrap();
        assert!(text.contains(want), "{body}: {text:?}");
    });
    let page = explain(&server, &json!({ "input": PAGE, "input_type": "html" }));
    assert_eq!(page["title"], "Café reopens");
    server.stop();
}

#[test]
fn pages_are_fetched_by_the_guard() {
    let env = TestEnv::new();
    let site = Site::start(|asked| match asked.path.as_str() {
        "/story" => page(&story("Port reopens", "")),
        "/moved" => moved("/story"),
        "/gone" => reply("404 Not Found", &[], b"gone"),
        "/broken" => reply("503 Service Unavailable", &[], b"later"),
        "/menu" => page("<html><body><nav><a href=/>Home</a></nav></body></html>"),
        "/french" => page(
            "<html lang=fr><body><article><h1>Le port rouvre</h1><p>Le port a rouvert ses portes lundi après une tempête qui \
             l’avait fermé pendant trois jours. Les navires sont revenus à midi, et les grues ont travaillé toute la nuit.</p>\
             <p>Le maire a remercié les pilotes, qui avaient ramené deux ferries alors que le vent soufflait encore très fort.</p>\
             </article></body></html>",
        ),
        _ => page(&story("Elsewhere", "")),
    });
    // This machine counts as private without a word of the one who runs the server.
    let closed = Server::start(&env, &[]);
    let own = closed.post("/v1/explain", &json!({ "url": site.url("/story") }));
    assert_eq!(refusal(&own), (400, "url".to_string(), "private_address".to_string()), "{own}");
    assert!(!own.to_string().contains("127.0.0.1 "), "where a name leads is not told: {own}");
    assert!(site.asked().is_empty(), "nothing was asked");
    closed.stop();
    let server = Server::start(&env, &["--allow-private"]);
    each(["/story", "/moved"], |path| {
        let told = explain(&server, &json!({ "url": site.url(path) }));
        assert_eq!(told["title"], "Port reopens", "{path}");
        assert_eq!(list(&told, "paragraphs").len(), 4, "{path}: {told}");
    });
    let rows = [
        (site.url("/gone"), 400, "page_refused"),
        (site.url("/broken"), 502, "page_unreachable"),
        (site.url("/menu"), 400, "no_story"),
        (site.url("/french"), 400, "language_not_spoken"),
        ("http://127.0.0.1:1/".to_string(), 502, "page_unreachable"),
        ("file:///etc/passwd".to_string(), 400, "invalid_url"),
        ("/etc/passwd".to_string(), 400, "invalid_url"),
        ("http://169.254.169.254/latest".to_string(), 400, "private_address"),
        ("https://ann:secret@news.example/".to_string(), 400, "invalid_url"),
        (String::new(), 400, "invalid_url"),
    ];
    each(rows, |(url, status, code)| {
        let answer = server.post("/v1/explain", &json!({ "url": url }));
        assert_eq!(refusal(&answer), (status, "url".to_string(), code.to_string()), "{url}: {answer}");
        assert!(!answer.to_string().contains("secret"), "{answer}");
    });
    server.stop();
}

#[test]
fn what_cannot_be_explained_is_refused_as_speech_is() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--most-characters", "200"]);
    let long = "The port reopened on Monday. ".repeat(10);
    let rows = [
        (json!({}), 400, "input", "missing_required_parameter"),
        (
            json!({ "input": "One.", "url": "https://news.example/" }),
            400,
            "url",
            "mutually_exclusive_parameters",
        ),
        (json!({ "input": 7 }), 400, "input", "invalid_type"),
        (json!({ "input": "One.", "input_type": "pdf" }), 400, "input_type", "invalid_value"),
        (json!({ "input": "One.", "voice": "nobody" }), 400, "voice", "voice_not_found"),
        (json!({ "input": "One.", "voice": 7 }), 400, "voice", "invalid_type"),
        (json!({ "input": " \n " }), 400, "input", "no_story"),
        (json!({ "input": "Home > World\n\nAdvertisement" }), 400, "input", "no_story"),
        (json!({ "input": "a\u{0}b".repeat(20) }), 400, "input", "not_text"),
        (json!({ "input": long, "input_type": "text" }), 400, "input", "string_above_max_length"),
        (
            json!({ "input": format!("<article><p>{long}</p></article>") }),
            400,
            "input",
            "string_above_max_length",
        ),
        (json!([]), 400, "", "invalid_type"),
    ];
    each(rows, |(body, status, param, code)| {
        let answer = server.post("/v1/explain", &body);
        assert_eq!(refusal(&answer), (status, param.to_string(), code.to_string()), "{body}: {answer}");
    });
    let unnamed = server.ask("POST", "/v1/explain", &[("Content-Type", "text/plain")], b"{}");
    assert_eq!(refusal(&unnamed).0, 415);
    assert_eq!(server.get("/v1/explain").status, 405);
    // Markup around a short story does not count.
    let page = format!("<article><p>The port reopened.</p></article><!--{}-->", " ".repeat(1_000));
    explain(&server, &json!({ "input": page, "input_type": "html" }));
    server.stop();
}

#[test]
fn no_word_of_what_is_explained_gets_into_the_log() {
    let env = TestEnv::new();
    let site = Site::start(|_| page(&story("Zanqor reopens", "")));
    let log = env.path("log");
    let mut command =
        env.command(&["serve", "--voice", "tone", "--listen", "127.0.0.1:0", "--allow-private"]);
    command.env("AUDIO_REPORT_LOG", "audio_report=debug");
    let server = Server::started_with_log(command, std::fs::File::create(&log).unwrap().into());
    explain(&server, &json!({ "input": "Zanqor reopened the port." }));
    explain(&server, &json!({ "url": site.url("/zanqor") }));
    let empty = server.post("/v1/explain", &json!({ "input": "Home > Zanqor" }));
    assert_eq!(refusal(&empty).2, "no_story");
    server.stop();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("is not explained"), "{log}");
    assert!(!log.to_lowercase().contains("zanqor"), "{log}");
}

/// Checks that a value is as its schema says: nothing is missing, nothing is of another type, and nothing is there that is not described.
fn differences(document: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let named = document.pointer(name.trim_start_matches('#')).unwrap_or(&Value::Null);
        return differences(document, named, value, place, found);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = |choice: &Value| {
            let mut found = Vec::new();
            differences(document, choice, value, place, &mut found);
            found.is_empty()
        };
        if !choices.iter().any(fits) {
            found.push(format!("{place}: {value} is none of {choices:?}"));
        }
        return;
    }
    let types = match &schema["type"] {
        Value::String(name) => vec![name.as_str()],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => return found.push(format!("{place}: no type in {schema}")),
    };
    let is_of_type = |name: &&str| match *name {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    if !types.iter().any(is_of_type) {
        found.push(format!("{place}: {value} is no {types:?}"));
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        differences(document, &schema["items"], item, &format!("{place}[{index}]"), found);
    }
    let Some(fields) = value.as_object() else { return };
    let known = &schema["properties"];
    for (name, field) in fields {
        match known.get(name) {
            Some(known) => differences(document, known, field, &format!("{place}.{name}"), found),
            None => found.push(format!("{place}.{name} is not described")),
        }
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            found.push(format!("{place}.{name} is missing"));
        }
    }
}

/// Checks an answer against the description of its route.
#[track_caller]
fn as_described(document: &Value, method: &str, path: &str, answer: &Answer) {
    let responses = &document["paths"][path][method]["responses"];
    let response = &responses[answer.status.to_string()];
    assert!(response.is_object(), "{method} {path}: the status is not described: {answer}");
    let kind = answer.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default();
    let content = &response["content"][kind];
    assert!(content.is_object(), "{method} {path}: {kind} is not described: {response}");
    if kind == "application/json" && path != "/openapi.json" {
        let mut found = Vec::new();
        differences(document, &content["schema"], &answer.json(), "answer", &mut found);
        assert!(found.is_empty(), "{method} {path}: {found:#?}");
    }
}

/// A path with something in the place of its parameters.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "zanqor" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn what_is_described_is_there_and_nothing_else() {
    const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let told = server.get("/openapi.json");
    assert_eq!((told.status, told.header("content-type")), (200, Some("application/json")), "{told}");
    let document = told.json();
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{told}");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let paths = document["paths"].as_object().unwrap();
    for expected in
        ["/v1/audio/speech", "/v1/explain", "/v1/models/{id}", "/healthz", "/metrics", "/openapi.json"]
    {
        assert!(paths.contains_key(expected), "{expected} is not described");
    }
    let rows = paths.iter().flat_map(|(path, item)| METHODS.map(|method| (path, item, method)));
    each(rows.collect::<Vec<_>>(), |(path, item, method)| {
        let is_described = item.get(method).is_some();
        for path in [Some(&**path), path.strip_prefix("/v1")].into_iter().flatten() {
            let answer = server.ask(&method.to_uppercase(), &filled(path), &[], b"");
            // A path that is not there answers no method with 405.
            assert_eq!(answer.status != 405, is_described, "{method} {path}: {answer}");
        }
    });
    // Every reference leads somewhere.
    let text = document.to_string();
    for name in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(name).is_some(), "nothing is at {name}");
    }
    server.stop();
}

#[test]
fn answers_are_as_described() {
    let env = TestEnv::new();
    let server = Server::start(&env, &["--allow-private"]);
    let document = server.get("/openapi.json").json();
    let gets = [
        "/v1/models",
        "/v1/audio/models",
        "/v1/audio/voices",
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
    ];
    each(gets, |path| as_described(&document, "get", path, &server.get(path)));
    as_described(&document, "get", "/v1/models/{id}", &server.get("/v1/models/tts-1"));
    as_described(&document, "get", "/v1/models/{id}", &server.get("/v1/models/zanqor"));
    let open = server.ask("GET", "/metrics", &[("Accept", "application/openmetrics-text")], b"");
    as_described(&document, "get", "/metrics", &open);
    let site = Site::start(|_| page(&story("Port reopens", "")));
    let bodies = [
        json!({ "input": PAGE }),
        json!({ "input": "The port reopened, said Zanqor Blorvik.", "input_type": "text", "voice": { "id": "nova" } }),
        json!({ "url": site.url("/") }),
        json!({ "url": "http://127.0.0.1:1/" }),
        json!({}),
        json!({ "input": " " }),
    ];
    each(bodies, |body| as_described(&document, "post", "/v1/explain", &server.post("/v1/explain", &body)));
    let formats = document["components"]["schemas"]["SoundFormat"]["enum"].as_array().unwrap().clone();
    assert_eq!(formats.len(), 5, "{formats:?}");
    each(formats, |format| {
        let body = json!({ "input": "The port reopened.", "response_format": format });
        let answer = server.speak(&body);
        assert_eq!(answer.status, 200, "{answer}");
        as_described(&document, "post", "/v1/audio/speech", &answer);
    });
    let wrong = [
        json!({ "input": "One.", "stream_format": "sse" }),
        json!({ "input": "One.", "model": "whisper-1" }),
        json!({ "input": "One.", "response_format": "aac" }),
        json!([1]),
    ];
    each(wrong, |body| as_described(&document, "post", "/v1/audio/speech", &server.speak(&body)));
    let untyped = server.ask("POST", "/v1/audio/speech", &[], b"{}");
    as_described(&document, "post", "/v1/audio/speech", &untyped);
    server.stop();
}

#[test]
fn every_field_of_a_request_is_heeded_as_described() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let document = server.get("/openapi.json").json();
    // Something that no field of these types takes.
    let odd = json!([{ "odd": 7 }]);
    let rows = [
        ("SpeechRequest", "/v1/audio/speech"),
        ("ExplainText", "/v1/explain"),
        ("ExplainPage", "/v1/explain"),
        ("ReportRequest", "/v1/reports"),
    ];
    for (schema, path) in rows {
        let fields = document["components"]["schemas"][schema]["properties"].as_object().unwrap();
        assert!(fields.len() > 1, "{fields:?}");
        each(fields.keys().collect::<Vec<_>>(), |name| {
            let mut body = json!({ "input": "The port reopened." });
            body[name] = odd.clone();
            let answer = server.post(path, &body);
            assert_eq!(
                (answer.status, &answer.json()["error"]["param"]),
                (400, &json!(name)),
                "{path}: {answer}"
            );
        });
    }
    server.stop();
}
