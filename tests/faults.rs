//! Faults that were found by trial, each test under the number of its case.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::thread::sleep;
use std::time::Duration;

use common::sound::Sound;
use common::{STORY, TestEnv};

/// An article that takes a while.
fn long_article() -> String {
    (1..8000).map(|number| format!("Report {number} says that the old harbor was quiet.\n\n")).collect()
}

#[test]
fn f5_what_a_killed_run_leaves_goes_with_the_next() {
    let env = TestEnv::new();
    env.write("long.txt", long_article());
    env.write("story.txt", STORY);
    let part = || env.files().into_iter().find(|name| name.ends_with(".part"));
    let mut child = env.command(&["read", "--voice", "tone", "long.txt"]).spawn().unwrap();
    while part().is_none() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was seen at work");
        sleep(Duration::from_millis(2));
    }
    // A run beside leaves the part alone while it grows.
    env.ok(&["read", "--voice", "tone", "story.txt"]);
    let left = part();
    assert!(left.is_some() && child.try_wait().unwrap().is_none(), "it ended before it was killed");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(part(), left, "a killed run can't clean up");
    env.write("output/.audio-report-notes.part", "mine");
    env.ok(&["read", "--voice", "tone", "--force", "story.txt"]);
    assert_eq!(env.files(), ["long.txt", "output/.audio-report-notes.part", "output/story.wav", "story.txt"]);
}

#[test]
fn f12_a_dangling_link_is_noticed_before_anything_is_spoken() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    env.write("output/other.wav", "");
    symlink("nowhere.wav", env.path("output/story.wav")).unwrap();
    // The voice is missing, and would be told if it were looked for.
    for command in ["read", "batch"] {
        let words = ["output/story.wav", "leads nowhere", "--force", "-o"];
        let run = env.run(&[command, "--offline", "--quiet", "story.txt"]).expect(3);
        run.one_message(&words);
    }
    env.ok(&["read", "--voice", "tone", "--force", "story.txt"]);
    assert!(!fs::exists(env.path("output/nowhere.wav")).unwrap(), "the link was followed");
    assert!(Sound::read(&env.bytes("output/story.wav")).seconds() > 1.0);
    // A link to a file is that file's name.
    symlink("story.wav", env.path("output/link.wav")).unwrap();
    env.refused(&["read", "--offline", "-o", "output/link.wav", "story.txt"], 3, &["exists", "link.wav"]);
}
