//! Mixed voices through the real binary.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::io::Write;

use audio_report::voice::{Store, VoiceName};
use common::voice::home_of;
use common::{Run, STORY, TestEnv, each};

#[test]
fn a_mix_that_can_not_be_is_refused_before_anything_is_read() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    let rows = [
        ("af_bella(0)+af_sky", &["weight “0”", "not above 0", "'af_bella(2)+af_sky'"][..]),
        ("af_bella(nan)+af_sky", &["weight “nan”", "not a number"]),
        ("af_bella+", &["a voice is missing"]),
        ("af_bella(2+af_sky", &["parentheses"]),
        ("sky+sky+sky+sky+sky+sky+sky+sky+sky", &["9 voices are more than 8"]),
        ("fast_heart+fast_emma", &["have a model each", "kokoro-en"]),
        ("af_heart+fast_heart", &["kokoro-en and hibari-en", "voices list"]),
        ("tone+af_heart", &["tone is a stand-in", "'af_bella(2)+af_sky'"]),
        ("af_bella+af_skye", &["no voice named “af_skye”", "did you mean af_sky"]),
    ];
    each(rows, |(voice, words)| {
        env.refused(&["read", "--voice", voice, "story.txt", "--offline"], 2, words);
        env.refused(&["batch", "--voice", voice, "story.txt", "-o", "out", "--offline"], 2, words);
        let mut command = env.command(&["read", "story.txt", "--offline"]);
        command.env("AUDIO_REPORT_VOICE", voice);
        Run::of(command).expect(2).one_message(words);
    });
    let words = ["af_heart+af_sky", "no fast student"];
    env.refused(&["read", "--fast", "--voice", "heart+sky", "story.txt", "--offline"], 2, &words);
}

#[test]
fn a_voice_of_a_mix_that_is_not_installed_is_named_with_the_cure() {
    let Some(env) = home_of(&["af_heart"], "a mix of which one voice is missing") else { return };
    env.write("story.txt", STORY);
    let words = ["af_sky is not installed", "audio-report voices install af_sky"];
    env.refused(&["read", "--voice", "af_heart+af_sky", "story.txt", "--offline"], 3, &words);
}

#[test]
fn a_voice_mixed_with_itself_is_that_voice_to_the_byte() {
    let Some(env) = home_of(&["af_heart"], "a voice mixed with itself") else { return };
    env.write("story.txt", STORY);
    env.ok(&["read", "story.txt", "-o", "one.wav", "--offline"]);
    env.ok(&["read", "--voice", "heart(2) + af_heart", "story.txt", "-o", "two.wav", "--offline"]);
    assert!(env.bytes("one.wav") == env.bytes("two.wav"), "other bytes");
}

#[test]
fn a_mix_is_one_voice_with_one_name_everywhere() {
    const VOICES: [&str; 3] = ["af_heart", "af_bella", "bf_emma"];
    let store = Store::from_env().unwrap();
    // Only the first of them is asked for by those who run all tests.
    if VOICES.iter().any(|name| store.locate(&VoiceName::new(name)).is_err()) {
        let _ = writeln!(std::io::stderr(), "skipped: audio-report voices install af_heart af_bella bf_emma");
        return;
    }
    let env = home_of(&VOICES, "a mix").unwrap();
    env.write("story.txt", STORY);
    let read = |voice: &str, jobs: &str, output: &str| {
        env.ok(&["read", "--json", "-j", jobs, "--voice", voice, "story.txt", "-o", output, "--offline"])
    };
    let summary = read(" bella(2.0)+emma ", "1", "a.wav").json_lines().remove(0);
    assert_eq!(summary["voice"], "af_bella(2)+bf_emma");
    read("af_bella(4)+bf_emma(2)", "2", "b.wav");
    let mut command = env.command(&["batch", "story.txt", "-o", "out", "--offline"]);
    command.env("AUDIO_REPORT_VOICE", "bella(0.2)+emma(0.1)");
    Run::of(command).expect(0);
    // The name stands in the tags, so that only files of the same name are equal.
    let samples = |name: &str| common::sound::Sound::read(&env.bytes(name)).samples;
    let (a, b) = (samples("a.wav"), samples("b.wav"));
    assert!(a == b, "2 to 1 is not 4 to 2");
    assert!(a == samples("out/story.wav"), "2 to 1 is not 0.2 to 0.1");
    let tags = |name: &str| String::from_utf8_lossy(&env.bytes(name)).into_owned();
    assert!(tags("a.wav").contains("voice af_bella(2)+bf_emma"), "the disclosure names no voice");
    each(["af_bella", "bf_emma", "af_bella+bf_emma"], |voice| {
        read(voice, "2", "c.wav");
        assert!(a != samples("c.wav"), "{voice} sounds like the mix");
        std::fs::remove_file(env.path("c.wav")).unwrap();
    });
}
