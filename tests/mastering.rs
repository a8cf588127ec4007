//! How loud results are, as ffmpeg measures them, and what is said around an article.
#![cfg(all(feature = "flac", feature = "mp3", feature = "opus"))]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

mod common;

use std::fs;

use common::sound::Sound;
use common::voice::fast;
use common::{SUMMIT, TestEnv, each};

const LONG: &str = "Port reopens\n\nThe port reopened on Monday after a storm of three days, and the first ships came back \
    at noon. Two cranes are still out of order! Owners of small boats wait for the harbour master's word.\n";

/// Integrated loudness as heard from two loudspeakers, and the true peak, as ffmpeg reads them.
fn measured(env: &TestEnv, name: &str) -> (f64, f64) {
    let filter = "ebur128=peak=true:dualmono=true";
    let args = ["-hide_banner", "-nostats", "-i", name, "-af", filter, "-f", "null", "-"];
    let output = env.command_of("ffmpeg").args(args).output().expect("ffmpeg is installed by make test");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let summary = said.rsplit_once("Summary:").unwrap().1.to_string();
    let value = |label: &str| -> f64 {
        let line = summary.lines().find_map(|line| line.trim().strip_prefix(label)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    (value("I:"), value("Peak:"))
}

#[test]
fn results_are_as_loud_as_asked_for_and_no_peak_is_too_high() {
    let env = TestEnv::new();
    env.write("story.txt", LONG);
    let rows = [
        ("a.mp3", &[][..], Some(-16.0)),
        ("b.opus", &[], Some(-16.0)),
        ("c.wav", &["--loudness", "podcast"], Some(-16.0)),
        ("d.flac", &["--loudness", "broadcast"], Some(-23.0)),
        ("e.mp3", &["--loudness", "speech"], Some(-18.0)),
        ("f.wav", &["--loudness", "-20.5"], Some(-20.5)),
        // The stand-in voice is so loud that its peaks must be lowered.
        ("g.wav", &["--loudness=-9"], None),
        ("h.wav", &[], None),
        ("i.opus", &["--loudness", "none"], None),
    ];
    each(rows, |(name, options, wanted)| {
        let read = ["read", "--voice", "tone", "--json", "story.txt", "-o", name];
        let lines = env.ok(&[&read, options].concat()).json_lines();
        let loudness = &lines[0]["loudness"];
        let (lufs, peak) = measured(&env, name);
        assert!(peak <= -1.0, "{name}: {peak} dBTP");
        // Opus takes the beeps of the stand-in voice for speech, and codes them softer than any speech.
        let tolerance = if name.ends_with("opus") { 0.6 } else { 0.3 };
        if let Some(wanted) = wanted {
            assert!((lufs - wanted).abs() <= tolerance, "{name}: {lufs} LUFS");
            assert_eq!(loudness["target"], wanted, "{name}");
        }
        let said = loudness["lufs_two_loudspeakers"].as_f64().unwrap();
        assert!((lufs - said).abs() <= tolerance, "{name}: {lufs} LUFS and said are {said}");
        let one = loudness["lufs_one_loudspeaker"].as_f64().unwrap();
        assert!((said - one - 3.01).abs() < 0.02, "{name}: {loudness}");
    });
    let read = env.ok(&["read", "--voice", "tone", "--force", "story.txt", "-o", "a.mp3"]);
    assert!(read.stdout.contains("loudness: -16.0 LUFS (-19.0 as one channel)"), "{read}");
}

#[test]
fn a_target_that_makes_no_sense_is_refused() {
    let env = TestEnv::new();
    env.write("story.txt", LONG);
    each(["loud", "-5", "16", "nan"], |target| {
        let refused = env.run(&["read", "--voice", "tone", "story.txt", "--loudness", target]).expect(2);
        assert!(refused.stderr.contains("podcast") && refused.stderr.contains("-36 to -9"), "{refused}");
    });
}

#[test]
fn a_real_voice_is_as_loud_as_asked_for_and_its_words_stay() {
    let Some(voice) = fast("the loudness of results") else { return };
    let env = TestEnv::new();
    let family = env.data("voices/hibari-en");
    fs::create_dir_all(&family).unwrap();
    fs::copy(&voice.model, family.join(voice.model.file_name().unwrap())).unwrap();
    env.write("summit.txt", SUMMIT);
    let mut lengths = Vec::new();
    for (name, loudness) in [("own.wav", "none"), ("podcast.wav", "podcast"), ("broadcast.wav", "broadcast")]
    {
        env.ok(&["read", "--fast", "--offline", "summit.txt", "--loudness", loudness, "-o", name]);
        lengths.push(Sound::read(&env.bytes(name)).samples.len());
    }
    assert!(lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
    for name in ["usual.mp3", "usual.opus"] {
        env.ok(&["read", "--fast", "--offline", "summit.txt", "-o", name]);
    }
    let wanted =
        [("podcast.wav", -16.0), ("broadcast.wav", -23.0), ("usual.mp3", -16.0), ("usual.opus", -16.0)];
    each(wanted, |(name, wanted)| {
        let (lufs, peak) = measured(&env, name);
        assert!((lufs - wanted).abs() <= 0.3 && peak <= -1.0, "{name}: {lufs} LUFS, {peak} dBTP");
    });
}

#[test]
fn an_announcement_is_said_and_shown() {
    let env = TestEnv::new();
    env.write("story.txt", "Port reopens\n\nThe port reopened.\n");
    let read = |name: &str, options: &[&str]| -> (f64, String) {
        let fixed = ["read", "--voice", "tone", "story.txt", "--captions", "vtt,srt,json", "-o"];
        let wav = format!("{name}.wav");
        env.ok(&[&fixed, &[&*wav][..], options].concat());
        let text = |ending: &str| String::from_utf8(env.bytes(&format!("{name}.{ending}"))).unwrap();
        for ending in ["srt", "transcript.json"] {
            let said = text(ending).contains("by AI");
            assert_eq!(said, text("vtt").contains("by AI"), "{name}.{ending}");
        }
        (Sound::read(&env.bytes(&wav)).seconds(), text("vtt"))
    };
    let (bare, captions) = read("bare", &["--announce", "none"]);
    assert!(!captions.contains("AI"), "{captions}");
    let (usual, captions) = read("usual", &["--announce", "usual"]);
    assert!(usual - bare > 1.0 && usual - bare < 3.7, "{usual} s and {bare} s");
    let cues: Vec<&str> = captions.split("\n\n").collect();
    assert!(cues[1].ends_with("\nAudio report, read by AI."), "{captions}");
    assert!(cues[2].contains("Port"), "{captions}");
    let (own, captions) = read(
        "own",
        &[
            "--announce-before",
            "{title}, read by {voice}.",
            "--announce-after",
            "Published {date}. That was all.",
        ],
    );
    assert!(own > bare, "{own} s and {bare} s");
    assert!(captions.contains("\nPort reopens, read by Tone."), "{captions}");
    assert!(captions.trim_end().ends_with("\nThat was all."), "{captions}");
}

#[test]
fn a_template_with_an_unknown_field_is_refused() {
    let env = TestEnv::new();
    env.write("story.txt", LONG);
    each(["{author}", "{", "by {byline"], |template| {
        let refused =
            env.run(&["read", "--voice", "tone", "story.txt", "--announce-before", template]).expect(2);
        assert!(refused.stderr.contains("{title}"), "{refused}");
    });
}

#[test]
fn captions_and_sound_come_together() {
    let env = TestEnv::new();
    env.write("story.txt", LONG);
    // A folder stands where the captions go.
    fs::create_dir(env.path("story.vtt")).unwrap();
    env.run(&["read", "--voice", "tone", "story.txt", "-o", "story.wav", "--captions", "vtt"]).expect(3);
    assert_eq!(env.files(), ["story.txt"], "no sound without its captions");
}
