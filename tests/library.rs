//! The library without its features: a program that only needs sound can link it, and it makes sound.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use audio_report::article::Article;
use audio_report::error::ErrorKind;
use audio_report::report::{Block, Narrator};

#[path = "../examples/own_sink.rs"]
#[expect(dead_code, reason = "the tests call what its `main` calls")]
mod own_sink;

const STORY: &str = "Port reopens\n\nThe port reopened on Nov. 18. Ships came back.";

fn story() -> Article {
    Article::from_text(STORY.to_string())
}

/// What was written, and how often more was written or flushed after the writer had failed.
#[derive(Default)]
struct Record {
    bytes: Vec<u8>,
    flushed: usize,
    late: usize,
}

/// A writer that fails for good once it has as many bytes as it takes; clones share its record.
#[derive(Clone)]
struct Writer {
    record: Arc<Mutex<Record>>,
    takes: usize,
}

impl Writer {
    fn new(takes: usize) -> Self {
        Self { record: Arc::default(), takes }
    }

    fn bytes(&self) -> Vec<u8> {
        self.record.lock().unwrap().bytes.clone()
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut record = self.record.lock().unwrap();
        if record.bytes.len() >= self.takes {
            record.late += 1;
            return Err(io::ErrorKind::StorageFull.into());
        }
        record.bytes.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.record.lock().unwrap().flushed += 1;
        Ok(())
    }
}

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
fn a_sink_of_ones_own_gets_the_whole_programme_and_its_sentences() {
    let (sound, lines) = (Writer::new(usize::MAX), Writer::new(usize::MAX));
    let summary = own_sink::speak(story(), sound.clone(), lines.clone()).unwrap();
    let samples = sound.bytes().len() / 2;
    let wanted = (summary.audio_seconds * f64::from(summary.sample_rate)).round() as usize;
    assert_eq!(samples, wanted, "{summary:?}");
    assert!(sound.bytes().chunks(2).any(|sample| sample != [0, 0]), "a report has sound");
    assert_eq!(sound.record.lock().unwrap().flushed, 1, "completed once");
    let lines = String::from_utf8(lines.bytes()).unwrap();
    assert!(lines.contains("0.00 s  Port reopens\n"), "{lines}");
    assert!(lines.contains("s  The port reopened on Nov. 18."), "{lines}");
}

#[test]
fn a_sink_that_fails_ends_the_report_and_is_not_asked_again() {
    let (sound, lines) = (Writer::new(10_000), Writer::new(usize::MAX));
    let error = own_sink::speak(story(), sound.clone(), lines).unwrap_err();
    assert_eq!((error.kind(), error.what()), (ErrorKind::Output, "the samples can't be written"));
    let record = sound.record.lock().unwrap();
    assert_eq!((record.late, record.flushed), (1, 0), "nothing follows an error");
}

#[test]
fn blocks_bring_every_sentence_and_the_summary_last() {
    let narrator = Narrator::tone_builder().build().unwrap();
    let (mut sentences, mut samples, mut ends) = (Vec::new(), 0, 0);
    for block in narrator.read(story()).blocks(Duration::from_secs(2)) {
        assert_eq!(ends, 0, "no block follows the end");
        match block.unwrap() {
            Block::Sentence(begin) => {
                assert_eq!((begin.number, begin.start), (sentences.len(), samples as u64));
                assert_eq!(&STORY[begin.span.start..begin.span.end], &*begin.text);
                sentences.push(begin.text.to_string());
            }
            Block::Samples(block) => samples += block.len(),
            Block::End(summary) => {
                let wanted = (summary.audio_seconds * f64::from(summary.sample_rate)).round() as usize;
                assert_eq!(samples, wanted, "{summary:?}");
                ends += 1;
            }
            _ => {}
        }
    }
    assert_eq!(ends, 1);
    assert_eq!(sentences.concat().replace(' ', ""), STORY.replace(['\n', ' '], ""), "{sentences:?}");
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
