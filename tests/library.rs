//! The library without its features: a program that only needs sound can link it, and it makes sound.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use std::collections::BTreeSet;
use std::process::Command;

use audio_report::article::Article;
use audio_report::report::Narrator;

#[test]
fn ten_lines_make_a_wav() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.wav");
    let article = Article::from_text("Port reopens\n\nShips came back on Nov. 18.".to_string());
    let narrator = Narrator::tone_builder().build().unwrap();
    let summary = narrator.read(article).to_wav(&path).unwrap();
    let file = hound::WavReader::open(&path).unwrap();
    assert_eq!(file.spec().sample_rate, summary.sample_rate);
    assert!(summary.audio_seconds > 1.0 && file.duration() > summary.sample_rate, "{summary:?}");
}

#[test]
fn without_features_nothing_of_a_terminal_program_is_linked() {
    let listed = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--edges", "normal", "--no-default-features", "--prefix", "none"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let crates: BTreeSet<&str> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains("hound") && crates.contains("audio-report-kernels"), "{crates:?}");
    let foreign =
        ["alsa", "anyhow", "clap", "cpal", "psl", "rodio", "rten", "rustls", "tokio", "ureq", "url"];
    let linked: Vec<&&str> = foreign.iter().filter(|name| crates.contains(**name)).collect();
    assert!(linked.is_empty(), "{linked:?}");
}
