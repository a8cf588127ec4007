//! How words are said: for one request, and for all from then on.

use crate::common::{TestEnv, each};
use crate::serve::client::{Answer, Server, json};

/// Seconds that the stand-in voice needs for a text: it beeps for every phoneme.
fn seconds(server: &Server, input: &str, words: &serde_json::Value) -> f64 {
    let answer = server.speak(&json!({
        "model": "tts-1", "voice": "tone", "input": input, "response_format": "pcm", "words": words,
    }));
    assert_eq!(answer.status, 200, "{answer}");
    answer.body.len() as f64 / 48_000.0
}

fn fault(answer: &Answer) -> (u16, String, String) {
    let error = &answer.json()["error"];
    let text = |key: &str| error[key].as_str().unwrap_or_default().to_string();
    (answer.status, text("param"), text("code"))
}

#[test]
fn a_word_is_said_otherwise_in_one_request_alone() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let text = "Mr. Nguyen spoke.";
    let usual = seconds(&server, text, &json!({}));
    let long = seconds(&server, text, &json!({ "Nguyen": "noo-YEN-uh-lee-uh-noo" }));
    let short = seconds(&server, text, &json!({ "Nguyen": "oh", "spoke": "oh" }));
    assert!(long > usual + 0.2 && short < usual, "{short}, {usual}, {long} seconds");
    assert!((seconds(&server, text, &json!(null)) - usual).abs() < 0.01, "the next request is as before");
    server.stop();
}

#[test]
fn words_that_nobody_can_say_are_refused() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let many: serde_json::Map<_, _> = (0..1_001).map(|n| (format!("w{n}"), json!("win"))).collect();
    let rows = [
        (json!([]), "invalid_type"),
        (json!({ "Nguyen": 7 }), "invalid_type"),
        (json!({ "Nguyen": "w1n" }), "invalid_respelling"),
        (json!({ "Nguyen": "" }), "invalid_respelling"),
        (json!({ "...": "dot" }), "invalid_respelling"),
        (json!(many), "too_many_words"),
    ];
    each(rows, |(words, code)| {
        let answer =
            server.speak(&json!({ "model": "tts-1", "voice": "tone", "input": "One.", "words": words }));
        assert_eq!(fault(&answer), (400, "words".to_string(), code.to_string()), "{answer}");
    });
    server.stop();
}

#[test]
fn a_saved_word_is_heard_from_the_next_request_on_and_after_a_restart() {
    let env = TestEnv::new();
    let args = ["--save-words", "words.toml"];
    let server = Server::start(&env, &args);
    let text = "Mr. Nguyen spoke.";
    let usual = seconds(&server, text, &json!(null));
    assert_eq!(server.get("/v1/lexicon").json(), json!({ "object": "list", "data": [], "can_save": true }));
    let saved =
        server.post("/v1/lexicon", &json!({ "word": "Nguyen", "respelling": "noo-YEN-uh-lee-uh-noo" }));
    assert_eq!(saved.status, 200, "{saved}");
    let long = seconds(&server, text, &json!(null));
    assert!(long > usual + 0.2, "{usual}, {long}");
    // What one request brings counts more.
    assert!(seconds(&server, text, &json!({ "Nguyen": "win" })) < long - 0.2);
    let list = json!([{ "word": "Nguyen", "respelling": "noo-YEN-uh-lee-uh-noo" }]);
    assert_eq!(server.get("/lexicon").json()["data"], list);
    assert_eq!(
        String::from_utf8(env.bytes("words.toml")).unwrap(),
        "[words]\nNguyen = \"noo-YEN-uh-lee-uh-noo\"\n"
    );
    server.stop();

    let server = Server::start(&env, &args);
    assert!((seconds(&server, text, &json!(null)) - long).abs() < 0.01, "after a restart");
    assert_eq!(
        server.post("/v1/lexicon", &json!({ "word": "Xi Jinping", "respelling": "/ʃiː dʒɪnˈpɪŋ/" })).status,
        200
    );
    assert_eq!(server.ask("DELETE", "/v1/lexicon/Xi%20Jinping", &[], b"").status, 200);
    assert_eq!(server.ask("DELETE", "/v1/lexicon/Nguyen", &[], b"").status, 200);
    assert!((seconds(&server, text, &json!(null)) - usual).abs() < 0.01, "as it was");
    assert_eq!(fault(&server.ask("DELETE", "/v1/lexicon/Nguyen", &[], b"")).2, "word_not_found");
    // Somebody edits the file meanwhile.
    env.write("words.toml", "# ours\n[words]\nlead = [{ respelling = \"led\", before = [\"paint\"] }]\n");
    let rows = [
        (json!({ "word": "lead", "respelling": "leed" }), 409, "", "word_has_conditions"),
        (json!({ "word": "Lee", "respelling": "l33" }), 400, "respelling", "invalid_respelling"),
        (json!({ "word": "Lee" }), 400, "respelling", "missing_required_parameter"),
        (json!({ "word": 7, "respelling": "lee" }), 400, "word", "invalid_type"),
        (json!([]), 400, "", "invalid_type"),
    ];
    each(rows, |(body, status, param, code)| {
        let answer = server.post("/v1/lexicon", &body);
        assert_eq!(fault(&answer), (status, param.to_string(), code.to_string()), "{body}");
    });
    assert_eq!(server.post("/v1/lexicon", &json!({ "word": "Lee", "respelling": "lee" })).status, 200);
    let text = String::from_utf8(env.bytes("words.toml")).unwrap();
    assert!(text.starts_with("# ours\n[words]\nlead = [{") && text.ends_with("Lee = \"lee\"\n"), "{text}");
    assert_eq!(env.files(), ["words.toml"], "no part of a file is left");
    server.stop();
}

#[test]
fn a_server_without_a_file_saves_nothing() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    assert_eq!(server.get("/v1/lexicon").json(), json!({ "object": "list", "data": [], "can_save": false }));
    let answer = server.post("/v1/lexicon", &json!({ "word": "Lee", "respelling": "lee" }));
    assert_eq!(fault(&answer), (403, String::new(), "words_not_saved".to_string()));
    let answer = server.ask("DELETE", "/v1/lexicon/Lee", &[], b"");
    assert_eq!(fault(&answer).2, "words_not_saved");
    let form = server.ask("POST", "/v1/lexicon", &[("Content-Type", "text/plain")], b"{}");
    assert_eq!(fault(&form).0, 415);
    server.stop();
    env.write("list.txt", "Nguyen: win\n");
    env.refused(&["serve", "--voice", "tone", "--save-words", "list.txt"], 3, &["list.txt"]);
    env.refused(&["serve", "--voice", "tone", "--save-words", "no/words.toml"], 3, &["no/words.toml"]);
}
