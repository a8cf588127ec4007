//! Every format in every way that it is sent, as other programs read it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::common::sound::Sound;
use crate::common::tool::tool;
use crate::common::{TestEnv, each};
use crate::serve::client::{Answer, Server, json};

/// What is made whole where that matters. A paragraph is one short sentence, so that the pace of a stream neither cuts nor joins any, and all
/// forms have the same sound.
const SHORT: &str = "Ships came.";
/// Longer than what is made whole.
fn long() -> String {
    ["Ships came.", "They left.", "Men sang.", "It rained."].repeat(5).join("\n\n")
}

/// The bytes of the sound in events, which must be well-formed and end as they ought to.
#[track_caller]
fn sound_of_events(answer: &Answer, characters: usize) -> Vec<u8> {
    let text = std::str::from_utf8(&answer.body).unwrap();
    assert!(text.ends_with("\n\n"), "the last event is not whole");
    let events: Vec<Value> = text
        .trim_end()
        .split("\n\n")
        .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
        .collect();
    let (last, deltas) = events.split_last().unwrap();
    let mut sound = Vec::new();
    for delta in deltas {
        assert_eq!(delta["type"], "speech.audio.delta");
        let piece = STANDARD.decode(delta["audio"].as_str().unwrap()).unwrap();
        assert!(!piece.is_empty());
        sound.extend(piece);
    }
    assert_eq!(last["type"], "speech.audio.done");
    let usage = &last["usage"];
    assert_eq!(usage["input_tokens"], characters);
    let (input, output) = (usage["input_tokens"].as_u64().unwrap(), usage["output_tokens"].as_u64().unwrap());
    assert_eq!(usage["total_tokens"], input + output);
    sound
}

/// The number of samples of a file, as `ffmpeg` decodes it; it has nothing to complain of.
#[track_caller]
fn decoded(env: &TestEnv, format: &str, bytes: &[u8]) -> usize {
    let name = format!("sound.{format}");
    env.write(&name, bytes);
    // It warns where it must guess: the length of an MP3, the channel of a WAV.
    let level = if format == "flac" || format == "opus" { "warning" } else { "error" };
    let before: &[&str] = if format == "pcm" { &["-f", "s16le", "-ar", "24000", "-ac", "1"] } else { &[] };
    let args = [&["-v", level], before, &["-i", &name, "-f", "s16le", "-"]].concat();
    let (samples, said) = tool(env, "ffmpeg", &args);
    assert_eq!(said, "", "{format}");
    samples.len() / 2
}

#[test]
fn every_format_in_every_way_decodes_whole_to_the_sample() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let long = long();
    for (text, is_short) in [(SHORT, true), (&*long, false)] {
        env.write("story.txt", text);
        env.ok(&["read", "--voice", "tone", "story.txt", "-o", "story.wav", "--force"]);
        let whole = Sound::read(&env.bytes("story.wav")).samples.len();
        assert!(is_short || whole > 300_000, "{whole} samples");
        let rows = [
            ("mp3", "audio/mpeg", 2),
            ("opus", "audio/ogg; codecs=opus", 2),
            ("flac", "audio/flac", 1),
            ("wav", "audio/wav", 1),
            ("pcm", "audio/pcm", 1),
        ];
        let rows = rows.into_iter().flat_map(|row| ["audio", "sse"].map(|stream| (row, stream)));
        each(rows, |((format, kind, times), stream)| {
            let what = format!("{format} as {stream}, short: {is_short}");
            let answer = server.speak(&json!({
                "model": "tts-1", "voice": "tone", "input": text, "response_format": format, "stream_format": stream,
            }));
            assert_eq!(answer.status, 200, "{what}: {answer}");
            assert!(!answer.is_cut, "{what}");
            let kind = if stream == "sse" { "text/event-stream" } else { kind };
            assert_eq!(answer.header("content-type"), Some(kind), "{what}");
            let is_whole = is_short && format == "wav";
            let length = answer.body.len().to_string();
            assert_eq!(answer.header("content-length"), is_whole.then_some(&*length), "{what}");
            let sound = match stream {
                "sse" => sound_of_events(&answer, text.chars().count()),
                _ => answer.body,
            };
            if format == "wav" {
                let size = u32::from_le_bytes(sound[4..8].try_into().unwrap());
                let want = if is_whole { sound.len() as u32 - 8 } else { u32::MAX };
                assert_eq!(size, want, "{what}: the size in the head");
            }
            let samples = decoded(&env, format, &sound);
            // Where a stream's length is unknown, ffmpeg plays the frame that holds none, and what fills the last one.
            let beside = if format == "mp3" { 1_152..=2 * 1_152 } else { 0..=0 };
            let more = samples.checked_sub(whole * times);
            assert!(
                more.is_some_and(|more| beside.contains(&more)),
                "{what}: {samples} samples, where {whole} times {times} were made"
            );
        });
    }
    server.stop();
}

#[test]
fn a_short_wav_is_one_that_strict_readers_take() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let answer = server.speak(&json!({
        "model": "tts-1", "voice": "tone", "input": "The port reopened on Monday.", "response_format": "wav",
    }));
    let sound = Sound::read(&answer.body);
    assert_eq!((sound.rate, sound.bits), (24_000, 16));
    assert!(crate::common::sound::chunks(&answer.body).iter().any(|(name, _)| name == "data"));
    server.stop();
}

#[test]
fn an_old_client_gets_a_body_without_chunks() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let body = json!({ "model": "tts-1", "input": long(), "response_format": "pcm" });
    let new = server.speak(&body);
    assert_eq!(new.header("transfer-encoding"), Some("chunked"));
    let body = body.to_string();
    let fields = [("Content-Type", "application/json")];
    let request = server.request("POST", "/v1/audio/speech", &fields, body.as_bytes());
    let request = String::from_utf8(request).unwrap().replacen("HTTP/1.1", "HTTP/1.0", 1);
    let old = server.send(request.as_bytes());
    assert_eq!((old.status, old.header("transfer-encoding")), (200, None), "{old}");
    assert!(old.body == new.body, "{} and {} bytes", old.body.len(), new.body.len());
    server.stop();
}

#[test]
fn every_speed_makes_the_sound_as_long_as_it_says() {
    let env = TestEnv::new();
    let server = Server::start(&env, &[]);
    let seconds = |speed: f64, text: &str| {
        let answer = server.speak(&json!({
            "model": "tts-1", "input": text, "response_format": "pcm", "speed": speed,
        }));
        assert_eq!(answer.status, 200, "{answer}");
        let samples: Vec<i16> =
            answer.body.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        let biggest = samples.windows(2).map(|pair| pair[0].abs_diff(pair[1])).max().unwrap();
        (samples.len() as f64 / 24_000.0, biggest)
    };
    let text = ["Ships came.", "They left."].join("\n\n");
    let rows = [(0.25, 0.5), (0.4, 0.5), (1.3, 1.25), (2.0, 1.25), (3.0, 1.25), (4.0, 1.25)];
    each(rows, |(speed, voice)| {
        let ((stretched, click), (spoken, step)) = (seconds(speed, &text), seconds(voice, &text));
        let want = spoken * voice / speed;
        assert!((stretched / want - 1.0).abs() < 0.01, "{speed}: {stretched} s, where {want} s are right");
        // A tone has its steepest slope somewhere; a click is steeper.
        assert!(
            f64::from(click) < f64::from(step) * 1.15,
            "{speed}: a step of {click}, where the sound has {step}"
        );
    });
    // What a voice adds at both ends of a sentence has one length at any speed: of two sentences the difference counts.
    let difference = |speed: f64| seconds(speed, "Ships came.").0 - seconds(speed, "They.").0;
    let usual = difference(1.0);
    each([0.25, 0.5, 0.8, 1.25, 2.0, 4.0], |speed| {
        let made = difference(speed) * speed;
        assert!((made / usual - 1.0).abs() < 0.01, "{speed}: {made} s at speed 1, where {usual} s are right");
    });
    server.stop();
}
