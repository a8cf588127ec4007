//! The lists of models and voices, and how the server is.

use serde_json::Value;

use crate::common::{TestEnv, each};
use crate::serve::client::{Server, json};

#[test]
fn lists_have_every_shape_that_clients_look_for() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    each(["", "/v1"], |prefix| {
        let models = server.get(&format!("{prefix}/models")).json();
        assert_eq!(models["object"], "list");
        let ids: Vec<&str> =
            models["data"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect();
        assert!(
            ids.contains(&"tone") && ids.contains(&"tts-1") && ids.contains(&"gpt-4o-mini-tts"),
            "{ids:?}"
        );
        assert!(!ids.contains(&"kokoro"), "nothing of it is installed");
        for id in &ids {
            let model = server.get(&format!("{prefix}/models/{id}")).json();
            assert_eq!((&model["id"], &model["object"]), (&json!(id), &json!("model")));
            assert!(model["created"].is_u64() && model["owned_by"].is_string(), "{model}");
        }
        assert_eq!(server.get(&format!("{prefix}/models/hexgrad/Kokoro-82M")).status, 200);
        let audio = server.get(&format!("{prefix}/audio/models")).json();
        assert_eq!(audio["models"].as_array().unwrap().len(), ids.len());
        assert_eq!(audio["models"][0]["id"], ids[0]);
        let voices = server.get(&format!("{prefix}/audio/voices")).json();
        assert_eq!(voices["object"], "list");
        assert_eq!(voices["data"], voices["voices"]);
        let only = json!([{
            "id": "tone", "name": "tone", "object": "voice", "model": "tone", "language": "en-US", "is_default": true
        }]);
        assert_eq!(voices["voices"], only);
    });
    let unknown = server.get("/v1/models/whisper-1");
    assert_eq!(unknown.status, 404, "{unknown}");
    assert_eq!(unknown.json()["error"]["code"], "model_not_found");
    server.stop();
}

#[test]
fn head_says_what_get_sends() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    each(
        ["/v1/models", "/models/tts-1", "/v1/audio/voices", "/audio/models", "/healthz", "/readyz"],
        |path| {
            let get = server.get(path);
            assert_eq!(get.status, 200, "{path}: {get}");
            let head = server.head(path);
            assert_eq!((head.status, head.body.len()), (200, 0), "{path}: {head}");
            let length = get.body.len().to_string();
            for name in ["content-length", "content-type"] {
                assert_eq!(head.header(name), get.header(name), "{path}: {name}");
            }
            assert_eq!(get.header("content-length"), Some(&*length), "{path}");
        },
    );
    server.stop();
}

#[test]
fn names_of_openai_stand_for_voices_that_are_there_and_others_are_refused() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let names: [Value; 8] = [
        json!("alloy"),
        json!("Marin"),
        json!("cedar"),
        json!({ "id": "nova" }),
        json!("tone"),
        json!(""),
        json!(null),
        json!(" tone "),
    ];
    each(names, |voice| {
        let answer = server.speak(&json!({ "model": "tts-1", "voice": voice, "input": "One." }));
        assert_eq!(answer.status, 200, "{voice}: {answer}");
    });
    for voice in ["af_heart", "nobody"] {
        let refused = server.speak(&json!({ "model": "tts-1", "voice": voice, "input": "One." }));
        assert_eq!(refused.status, 400, "{refused}");
        let error = &refused.json()["error"];
        assert_eq!((&error["param"], &error["code"]), (&json!("voice"), &json!("voice_not_found")));
        assert!(error["message"].as_str().unwrap().contains(voice), "{error}");
        assert!(!error["message"].as_str().unwrap().contains("/data"), "a place on this machine: {error}");
    }
    server.stop();
}
