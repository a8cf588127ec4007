//! The program on an emulated processor of 2008, without AVX: there it must use the library runtime, which has code
//! for it. `make old-processors` runs these.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::process::Command;

use common::sound::Sound;
use common::voice::fast;
use common::{BINARY, Need, Run, TestEnv, skip};

const EMULATOR: &str = "qemu-x86_64-static";

/// The binary on that processor. `None`, and the test `what` is skipped, where there is no emulator.
fn emulated(env: &TestEnv, what: &str, args: &[&str]) -> Option<Command> {
    let mut command = env.command_of(EMULATOR);
    command.arg("--version");
    if let Err(error) = command.output() {
        skip(Need::System, what, &format!("{EMULATOR}: {error}"));
        return None;
    }
    let mut command = env.command_of(EMULATOR);
    command.args(["-cpu", "Nehalem", BINARY]).args(args);
    Some(command)
}

#[test]
#[ignore = "an emulated processor is slow"]
fn without_avx2_its_kernels_are_refused() {
    let env = TestEnv::new();
    env.write("story.txt", "Yes.");
    let Some(mut command) = emulated(&env, "a kernel that is missing", &["read", "story.txt"]) else {
        return;
    };
    command.env("AUDIO_REPORT_KERNEL", "avx2");
    let run = Run::of(command);
    let words = ["no kernel “avx2” for this processor", "portable, rten"];
    assert!(run.code == Some(2) && words.iter().all(|word| run.stderr.contains(word)), "{run}");
}

#[test]
#[ignore = "an emulated processor is slow"]
fn without_avx2_the_runtime_speaks() {
    const WHAT: &str = "the voice on an old processor";
    // Kokoro takes eight minutes for this one word here, on the same runtime.
    let Some(voice) = fast(WHAT) else { return };
    let env = TestEnv::new();
    env.write("story.txt", "Yes.");
    let args = ["read", "--voice", &voice.name.to_string(), "-j", "1", "story.txt"];
    let Some(mut command) = emulated(&env, WHAT, &args) else { return };
    // The installed voice is that of the user.
    for name in ["HOME", "AUDIO_REPORT_HOME"] {
        match std::env::var_os(name) {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env("AUDIO_REPORT_LOG", "audio_report=debug");
    let run = Run::of(command);
    assert!(run.code == Some(0) && run.stderr.contains("backend=rten"), "{run}");
    let sound = Sound::read(&env.bytes("output/story.wav"));
    assert!((0.3..3.0).contains(&sound.seconds()), "{} s\n{run}", sound.seconds());
}
