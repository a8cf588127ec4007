//! The fast voices through the real binary.
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::fs;

use common::sound::Sound;
use common::voice::home_of_fast;
use common::{STORY, TestEnv, each};

/// More than one chunk, of which one is longer than the voice takes at once.
fn article() -> String {
    let long = "the committee asked every harbour on the coast to report how many ships had come and gone since spring and ".repeat(6);
    format!("Port reopens\n\n{STORY}\nThe mayor said that {long}that was all.\n\nShips came back at noon.\n")
}

#[test]
fn the_bytes_depend_neither_on_workers_nor_on_other_articles() {
    let Some(env) = home_of_fast("the fast voice with several workers") else { return };
    env.write("news/a.txt", article());
    env.write("news/b.txt", STORY);
    env.ok(&["read", "--fast", "-j", "1", "news/a.txt", "-o", "one.wav", "--offline"]);
    env.ok(&["read", "--voice", "fast_heart", "-j", "3", "news/a.txt", "-o", "three.wav", "--offline"]);
    env.ok(&["batch", "--fast", "--voice", "heart", "news", "-o", "batch", "--offline"]);
    let one = env.bytes("one.wav");
    each(["three.wav", "batch/a.wav"], |other| assert!(env.bytes(other) == one, "{other} differs"));
    let sound = Sound::read(&one);
    assert!((30.0..90.0).contains(&sound.seconds()), "{} s", sound.seconds());
}

#[test]
fn a_model_that_is_cut_or_another_one_is_refused_and_nothing_is_spoken() {
    let Some(env) = home_of_fast("a damaged fast voice") else { return };
    env.write("story.txt", STORY);
    let model = env.data("voices/hibari-en/hibari.onnx");
    let whole = fs::read(&model).unwrap();
    let mut other = whole.clone();
    other[4_000_000..4_000_064].fill(7);
    let rows = [(whole[..5_000_000].to_vec(), "bytes instead of"), (other, "SHA-256")];
    each(rows, |(content, why)| {
        fs::write(&model, content).unwrap();
        env.refused(&["read", "--fast", "story.txt", "--offline"], 3, &["fast_heart", "damaged", why]);
        assert_eq!(env.files(), ["story.txt"]);
    });
}

#[test]
fn a_voice_without_a_student_says_which_have_one() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    let words = ["af_sky", "no fast student", "af_heart", "bf_emma"];
    env.refused(&["read", "--fast", "--voice", "sky", "story.txt", "--offline"], 2, &words);
}

#[test]
fn the_environment_names_a_default_voice_and_the_command_line_another() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    let with = |args: &[&str]| {
        let mut command = env.command(args);
        command.env("AUDIO_REPORT_VOICE", "tone");
        common::Run::of(command)
    };
    with(&["read", "story.txt", "-o", "a.wav", "--offline"]).expect(0);
    with(&["read", "--voice", "nobody", "story.txt", "-o", "b.wav", "--offline"]).expect(2);
}

#[test]
fn only_playback_is_faster_than_a_voice() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    let rows = [&["read", "story.txt"][..], &["batch", "story.txt", "-o", "out"]];
    each(rows, |args| {
        env.refused(
            &[args, &["--voice", "tone", "--speed", "3"]].concat(),
            2,
            &["at most at speed 2", "play"],
        );
    });
}
