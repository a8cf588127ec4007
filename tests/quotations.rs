//! A second voice for quotations, through the real binary.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use common::sound::Sound;
use common::voice::home_of_fast;
use common::{Run, TestEnv, each};

const STORY: &str = "Port reopens\n\n“We are all going back to work this week,” said Ann Lee. Ships came back at noon.\n\n\
    Officials called it the “old harbour” problem. The head of the union told reporters: “We have asked for help many \
    times.\n\n“They never answered our letters,” and left the room.\n";

/// A work folder whose home holds the fast voice.
fn home(what: &str) -> Option<TestEnv> {
    let env = home_of_fast(what)?;
    env.write("story.txt", STORY);
    Some(env)
}

#[test]
fn the_bytes_depend_neither_on_workers_nor_on_the_command() {
    let Some(env) = home("quotations in another voice") else { return };
    each([("tone", "fast_heart"), ("fast_heart", "tone")], |(voice, quotes)| {
        let read = |jobs: &str, output: &str| {
            let voices =
                ["read", "--voice", voice, "--voice-quotes", quotes, "-j", jobs, "--captions", "vtt"];
            env.ok(&[&voices[..], &["story.txt", "-o", output, "--offline", "--json", "--force"]].concat())
        };
        let summary = read("1", "one.wav").json_lines().remove(0);
        assert_eq!(summary["voice"], format!("{voice}, quotations {quotes}"));
        read("2", "two.wav");
        let mut command =
            env.command(&["batch", "--voice", voice, "story.txt", "-o", "out", "--offline", "--force"]);
        command.env("AUDIO_REPORT_VOICE_QUOTES", quotes);
        Run::of(command).expect(0);
        env.ok(&["read", "--voice", voice, "story.txt", "-o", "alone.wav", "--offline", "--force"]);
        let one = env.bytes("one.wav");
        assert!(one == env.bytes("two.wav"), "one worker and two");
        assert!(one == env.bytes("out/story.wav"), "read and batch");
        assert!(
            Sound::read(&one).samples != Sound::read(&env.bytes("alone.wav")).samples,
            "one voice speaks all"
        );
        let captions = String::from_utf8(env.bytes("one.vtt")).unwrap();
        assert!(captions.contains("<v Ann Lee>“We "), "{captions}");
        assert_eq!(captions.matches("<v ").count(), captions.matches("<v Ann Lee>").count(), "{captions}");
    });
}

#[test]
fn without_quotations_the_sound_is_the_narrators() {
    let Some(env) = home("no quotations") else { return };
    env.write("plain.txt", "Port reopens\n\nThe “old port” is open. Ships came back at noon.\n");
    env.ok(&["read", "--voice", "fast_heart", "plain.txt", "-o", "a.wav", "--offline"]);
    let quotes =
        ["read", "--voice", "fast_heart", "--voice-quotes", "tone", "plain.txt", "-o", "b.wav", "--offline"];
    env.ok(&quotes);
    assert!(Sound::read(&env.bytes("a.wav")).samples == Sound::read(&env.bytes("b.wav")).samples);
}

#[test]
fn a_voice_for_quotations_that_is_not_there_is_refused() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    let rows = [
        ("nobody", 2, &["no voice named “nobody”", "voices list"][..]),
        ("af_sky", 3, &["af_sky is not installed", "voices install af_sky"]),
        ("af_sky+fast_heart", 2, &["can't be mixed"]),
    ];
    each(rows, |(quotes, code, words)| {
        let args = ["--voice", "tone", "--voice-quotes", quotes, "story.txt", "--offline"];
        env.refused(&[&["read"][..], &args].concat(), code, words);
    });
}
