//! The speech server: the real binary, asked over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

mod common;

#[path = "serve/client.rs"]
mod client;
#[path = "serve/wyoming.rs"]
mod wyoming;

use client::{Server, json};
use common::TestEnv;

#[test]
fn a_text_is_spoken_in_the_shape_of_openai() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let body = json!({ "model": "tts-1", "voice": "alloy", "input": "The port reopened on Monday.", "response_format": "wav" });
    let answer = server.speak(&body);
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.header("content-type"), Some("audio/wav"));
    assert_eq!(answer.header("x-synthetic-speech"), Some("true"));
    assert!(answer.header("x-request-id").is_some_and(|id| id.starts_with("req_")));
    assert!(answer.body.len() > 48_000 && answer.body.starts_with(b"RIFF"), "{} bytes", answer.body.len());
    let refused = server.speak(&json!({ "model": "tts-1", "voice": "alloy", "input": " " }));
    assert_eq!(refused.status, 400, "{refused}");
    assert_eq!(refused.json()["error"]["param"], "input");
    server.stop();
}
