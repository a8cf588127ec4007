//! When words are heard: told before their sound, and as captions have it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::common::{TestEnv, each};
use crate::serve::client::{Answer, Server, json};

/// Short enough that its WAV is made whole, in the same chunks as a file.
const SHORT: &str =
    "Port reopens\n\nOn Nov. 18, 2026 the port — Zoë’s — took $1.2 billion. Ships came back at noon.";
const LONG: &str = "Port reopens\r\n\r\nOn Nov. 18, 2026 the port — Zoë’s — took $1.2 billion. Ships came back at noon, \
    the mayor said; trucks left, trains waited.\r\n\r\nA 🎉 was held. “We are glad,” she said on a quay in the north of the old town, where \
    people had waited since dawn, and where the band played on.";

/// What an answer in events has, in its order.
#[derive(Debug)]
enum Told {
    Words(Vec<Value>),
    Sound(Vec<u8>),
    Done,
}

fn events(answer: &Answer) -> Vec<Told> {
    let text = std::str::from_utf8(&answer.body).unwrap();
    let events = text.split_terminator("\n\n").map(|event| {
        let event: Value = serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap();
        match event["type"].as_str().unwrap() {
            "speech.audio.words" => Told::Words(event["words"].as_array().unwrap().clone()),
            "speech.audio.delta" => Told::Sound(STANDARD.decode(event["audio"].as_str().unwrap()).unwrap()),
            "speech.audio.done" => Told::Done,
            other => panic!("{other}"),
        }
    });
    events.collect()
}

/// Words in their order; one that goes on was told again, and the latter counts.
fn words(events: &[Told]) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for word in events
        .iter()
        .filter_map(|told| if let Told::Words(words) = told { Some(words) } else { None })
        .flatten()
    {
        if all.last().is_some_and(|last| last["start"] == word["start"]) {
            all.pop();
        }
        all.push(word.clone());
    }
    all
}

fn code_points(text: &str, word: &Value) -> String {
    let [start, end] = ["start", "end"].map(|key| word[key].as_u64().unwrap() as usize);
    text.chars().skip(start).take(end - start).collect()
}

/// The words of `audio-report read --captions json` for a text.
fn captioned(env: &TestEnv, text: &str) -> Vec<Value> {
    env.write("in.txt", text);
    env.ok(&["read", "-q", "--voice", "tone", "--captions", "json", "--force", "in.txt", "-o", "out.wav"]);
    let words: Value = serde_json::from_slice(&env.bytes("out.words.json")).unwrap();
    let sentences = words["sentences"].as_array().unwrap().clone();
    sentences.iter().flat_map(|sentence| sentence["words"].as_array().unwrap().clone()).collect()
}

fn ask(server: &Server, input: &str, format: &str, speed: f64) -> Answer {
    server.speak(&json!({
        "model": "tts-1", "voice": "tone", "input": input, "response_format": format, "stream_format": "sse",
        "timestamps": true, "speed": speed,
    }))
}

fn is_near(a: &Value, b: &Value, most: f64) -> bool {
    (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() <= most
}

#[test]
fn words_are_heard_when_captions_say_so() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    // The paragraph alone: `read` would take the first line for a headline, and say it in another way.
    let text = SHORT.split("\n\n").nth(1).unwrap();
    let want = captioned(&env, text);
    let answer = ask(&server, text, "wav", 1.0);
    assert_eq!(answer.status, 200, "{answer}");
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    let found = words(&events(&answer));
    assert_eq!(found.len(), want.len(), "{found:?}\n{want:?}");
    let mut wrong = Vec::new();
    for (word, caption) in found.iter().zip(&want) {
        let span = &caption["span"];
        let [start, end] = ["start", "end"].map(|key| span[key].as_u64().unwrap() as usize);
        let is_same_place = code_points(text, word) == text[start..end];
        if !is_same_place
            || !is_near(&word["from"], &caption["start"], 1e-4)
            || !is_near(&word["to"], &caption["end"], 1e-4)
        {
            wrong.push((word, caption));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // At a speed beyond the voice's the sound is stretched, and the times are as well.
    let spoken = words(&events(&ask(&server, text, "wav", 1.25)));
    let twice = words(&events(&ask(&server, text, "wav", 2.5)));
    for (slow, fast) in spoken.iter().zip(&twice) {
        let half = json!(slow["from"].as_f64().unwrap() / 2.0);
        assert!(is_near(&fast["from"], &half, 2e-4), "{slow} {fast}");
    }
    server.stop();
}

#[test]
fn words_come_before_their_sound_in_every_format() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let names = |found: &[Value]| found.iter().map(|word| code_points(LONG, word)).collect::<Vec<_>>();
    let want =
        ["Port", "reopens", "On", "Nov. 18", "2026", "the", "port", "Zoë’s", "took", "$1.2 billion", "Ships"];
    each(["pcm", "wav", "mp3", "flac", "opus"], |format| {
        let answer = ask(&server, LONG, format, 1.0);
        assert_eq!(answer.status, 200, "{answer}");
        let events = events(&answer);
        let found = words(&events);
        assert_eq!(&names(&found)[..want.len()], want, "{format}");
        assert_eq!(names(&found).last().unwrap(), "on", "{format}");
        assert!(matches!(events.last(), Some(Told::Done)));
        let (mut told, mut last) = (0.0_f64, 0.0);
        let (mut bytes, mut count) = (0, 0);
        for event in &events {
            match event {
                Told::Words(words) => {
                    count += 1;
                    told = words.last().unwrap()["to"].as_f64().unwrap();
                }
                Told::Sound(sound) => {
                    bytes += sound.len();
                    // A pause of a second and more may follow the last word.
                    let heard = bytes as f64 / 48_000.0;
                    assert!(
                        format != "pcm" || heard <= told + 2.0,
                        "{heard} s of sound, words until {told} s"
                    );
                }
                Told::Done => {}
            }
        }
        assert!(count >= 3, "{format}: {count} events");
        for word in &found {
            let [from, to] = ["from", "to"].map(|key| word[key].as_f64().unwrap());
            assert!(from >= last && to >= from, "{format}: {word} begins before {last}");
            last = to;
        }
        assert!(format != "pcm" || bytes as f64 / 48_000.0 >= last, "the sound ends before its last word");
    });
    server.stop();
}

#[test]
fn words_beep_when_they_are_said_to() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let events = events(&ask(&server, LONG, "pcm", 1.0));
    let sound: Vec<u8> = events
        .iter()
        .filter_map(|told| if let Told::Sound(sound) = told { Some(sound.clone()) } else { None })
        .flatten()
        .collect();
    let samples: Vec<i16> =
        sound.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    let loud = |from: f64, to: f64| {
        let range = (from * 24_000.0) as usize..(to * 24_000.0) as usize;
        samples[range].iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0)
    };
    let found = words(&events);
    for pair in found.windows(2) {
        let [from, to, next] =
            [&pair[0]["from"], &pair[0]["to"], &pair[1]["from"]].map(|seconds| seconds.as_f64().unwrap());
        assert!(loud(from, to) > 500, "nothing is heard of {}", pair[0]);
        // The stand-in voice is silent between two words.
        assert!(
            next - to < 0.1 || loud(to + 0.03, next - 0.03) < 200,
            "sound between {} and {}",
            pair[0],
            pair[1]
        );
    }
    server.stop();
}

#[test]
fn timestamps_need_room_to_be_told_in() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let rows = [
        (json!({ "timestamps": true }), 400, "invalid_value"),
        (json!({ "timestamps": true, "stream_format": "audio" }), 400, "invalid_value"),
        (json!({ "timestamps": "yes", "stream_format": "sse" }), 400, "invalid_type"),
        (json!({ "timestamps": false }), 200, ""),
        (json!({ "timestamps": null, "stream_format": "sse" }), 200, ""),
    ];
    each(rows, |(fields, status, code)| {
        let mut body =
            json!({ "model": "tts-1", "voice": "tone", "input": "One.", "response_format": "pcm" });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let answer = server.speak(&body);
        assert_eq!(answer.status, status, "{fields}: {answer}");
        if status == 400 {
            let error = &answer.json()["error"];
            assert_eq!((&error["param"], &error["code"]), (&json!("timestamps"), &json!(code)), "{fields}");
        } else {
            assert!(!String::from_utf8_lossy(&answer.body).contains("audio.words"), "{fields}");
        }
    });
    server.stop();
}
