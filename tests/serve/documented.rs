//! What the server says of texts, and of itself: explanations, measurements, its own description.

use serde_json::Value;

use crate::client::{Answer, Server, json};
use crate::common::{TestEnv, each};
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
    assert_eq!(refusal(&own), (400, "url".to_string(), "private_url".to_string()), "{own}");
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
        ("http://169.254.169.254/latest".to_string(), 400, "private_url"),
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
