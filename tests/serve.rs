//! The speech server: the real binary, asked over real sockets.
#![cfg(feature = "serve")]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

#[path = "serve/access.rs"]
mod access;
#[path = "serve/bounds.rs"]
mod bounds;
#[path = "serve/client.rs"]
pub(crate) mod client;
#[path = "serve/documented.rs"]
mod documented;
#[path = "serve/formats.rs"]
mod formats;
#[path = "serve/hostile.rs"]
mod hostile;
#[path = "serve/lexicon.rs"]
mod lexicon;
#[path = "serve/lists.rs"]
mod lists;
#[path = "serve/measured.rs"]
mod measured;
#[path = "serve/page.rs"]
mod page;
#[path = "serve/podcast.rs"]
mod podcast;
#[path = "serve/reports.rs"]
mod reports;
#[cfg(unix)]
#[path = "serve/service.rs"]
mod service;
#[path = "serve/sessions.rs"]
mod sessions;
#[path = "serve/timestamps.rs"]
mod timestamps;
#[path = "serve/tls.rs"]
mod tls;
#[path = "serve/wyoming.rs"]
pub(crate) mod wyoming;

use client::{Server, json};
use common::TestEnv;

#[test]
fn a_text_is_spoken_in_the_shape_of_openai() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let body = json!({
        "model": "gpt-4o-mini-tts",
        "voice": "alloy",
        "input": "The port reopened on Monday.",
        "instructions": "Speak like a pirate.",
    });
    let answer = server.speak(&body);
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.header("content-type"), Some("audio/mpeg"));
    assert_eq!(answer.header("x-synthetic-speech"), Some("true"));
    assert_eq!(answer.header("x-ignored-parameters"), Some("instructions"));
    assert!(answer.header("x-request-id").is_some_and(|id| id.starts_with("req_")));
    assert!(answer.body.len() > 15_000 && answer.body.starts_with(b"ID3"), "{} bytes", answer.body.len());
    assert!(!answer.is_cut);
    let tags = String::from_utf8_lossy(&answer.body[..4_000]).replace('\0', "");
    assert!(tags.contains("read by AI"), "the tags in the stream say what it is");
    let again = server.post("/audio/speech", &body);
    assert!(again.body == answer.body, "without /v1 before it");
    assert_ne!(again.header("x-request-id"), answer.header("x-request-id"));
    let refused = server.speak(&json!({ "model": "tts-1", "voice": "alloy", "input": " " }));
    assert_eq!(refused.status, 400, "{refused}");
    assert_eq!(refused.json()["error"]["param"], "input");
    server.stop();
}
