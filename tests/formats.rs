//! Results in FLAC, MP3 and Opus, as other programs read them. `make test` installs these programs; without one of them the
//! tests fail.
#![cfg(all(feature = "flac", feature = "mp3", feature = "opus"))]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use common::sound::Sound;
use common::tool::tool;
use common::{STORY, TestEnv, each};

const CODED: [&str; 3] = ["flac", "mp3", "opus"];

/// The samples of a file at its own rate, as `ffmpeg` decodes it, without a word. It warns that an MP3 without its length must be
/// guessed at.
#[track_caller]
fn samples(env: &TestEnv, name: &str) -> Vec<i16> {
    let level = if name == "piped.mp3" { "error" } else { "warning" };
    let (bytes, said) = tool(env, "ffmpeg", &["-v", level, "-i", name, "-f", "s16le", "-"]);
    assert_eq!(said, "", "{name}");
    whole_numbers(&bytes)
}

fn whole_numbers(bytes: &[u8]) -> Vec<i16> {
    bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// The samples of a WAV of 16 bits.
fn wav(env: &TestEnv, name: &str) -> Vec<i16> {
    Sound::read(&env.bytes(name)).samples.iter().map(|sample| (sample * 32_768.0).round() as i16).collect()
}

fn decibels(samples: &[i16]) -> f64 {
    let energy: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    10.0 * (energy / samples.len() as f64).log10()
}

/// By how many samples of 48 kHz `coded` comes later than a sound of 24 kHz, as far as ten either way.
fn delay(sound: &[i16], coded: &[i16]) -> isize {
    let alike = |delay: isize| -> f64 {
        let places = (20..sound.len() - 20).step_by(3);
        places.map(|n| f64::from(sound[n]) * f64::from(coded[(2 * n).saturating_add_signed(delay)])).sum()
    };
    (-10..=10).max_by(|a, b| alike(*a).total_cmp(&alike(*b))).unwrap()
}

/// An article read by the stand-in voice in all formats.
fn read() -> TestEnv {
    let env = TestEnv::new();
    env.write("story.txt", STORY.repeat(2));
    for format in ["wav", "flac", "mp3", "opus"] {
        env.ok(&[
            "read",
            "--voice",
            "tone",
            "story.txt",
            "--loudness",
            "none",
            "-o",
            &format!("story.{format}"),
        ]);
    }
    env
}

#[test]
fn every_format_is_what_it_says_and_as_long_and_as_loud_as_the_wav() {
    let env = read();
    let sound = wav(&env, "story.wav");
    assert!(sound.len() > 80_000, "{} samples", sound.len());
    let rows = [
        ("story.flac", "codec_name=flac sample_rate=24000 channels=1", 1, 0.0),
        ("story.mp3", "codec_name=mp3 sample_rate=48000 channels=1 bit_rate=96000", 2, 0.1),
        // Opus lowers the band from 4 to 8 kHz of speech, as the reference encoder does.
        ("story.opus", "codec_name=opus sample_rate=48000 channels=1", 2, 0.5),
    ];
    each(rows, |(name, want, times, tolerance)| {
        let fields = "stream=codec_name,sample_rate,channels,bit_rate";
        let args = ["-v", "warning", "-show_entries", fields, "-of", "default=nw=1", name];
        let (shown, said) = tool(&env, "ffprobe", &args);
        let shown = String::from_utf8(shown).unwrap();
        for field in want.split(' ') {
            assert!(shown.lines().any(|line| line == field), "{name}: {field} is missing in {shown}");
        }
        assert_eq!(said, "", "{name}");
        let coded = samples(&env, name);
        assert_eq!(coded.len(), sound.len() * times, "{name}: samples");
        let louder = decibels(&coded) - decibels(&sound);
        assert!(louder.abs() <= tolerance, "{name}: {louder} dB");
        if times == 1 {
            assert!(coded == sound, "{name}: the samples are not those of the WAV");
        } else {
            // For speech Opus has a filter whose delay is no whole number of samples.
            let most = if name == "story.opus" { 2 } else { 0 };
            let delay = delay(&sound, &coded);
            assert!(delay.abs() <= most, "{name}: delayed by {delay} samples");
        }
        assert!(
            env.bytes(name).len() * 2 < env.bytes("story.wav").len(),
            "{name}: {} bytes",
            env.bytes(name).len()
        );
    });
}

#[test]
fn the_checkers_of_each_format_find_nothing() {
    let env = read();
    let sound = wav(&env, "story.wav");
    tool(&env, "flac", &["--silent", "--test", "--warnings-as-errors", "story.flac"]);

    let (shown, said) = tool(&env, "opusinfo", &["story.opus"]);
    let shown = String::from_utf8_lossy(&shown).to_lowercase() + &said.to_lowercase();
    assert!(
        shown.contains("opus stream 1") && !shown.contains("warning") && !shown.contains("error"),
        "{shown}"
    );

    let (shown, said) = tool(&env, "mp3val", &["story.mp3"]);
    let shown = String::from_utf8_lossy(&shown).into_owned() + &said;
    let is_fault = |line: &&str| {
        (line.contains("WARNING") || line.contains("ERROR"))
            && !line.contains("No supported tags in the file")
    };
    assert_eq!(shown.lines().find(is_fault), None, "{shown}");
    assert!(shown.contains("MPEG frames"), "{shown}");

    let (bytes, _) = tool(&env, "mpg123", &["--quiet", "--stdout", "story.mp3"]);
    assert_eq!(whole_numbers(&bytes).len(), 2 * sound.len(), "samples by mpg123");
}

#[test]
fn the_bytes_are_the_same_on_every_run_and_with_any_number_of_workers() {
    let env = read();
    each(CODED, |format| {
        for jobs in ["1", "3"] {
            let name = format!("again-{jobs}.{format}");
            env.ok(&["read", "--voice", "tone", "-j", jobs, "story.txt", "--loudness", "none", "-o", &name]);
            assert!(env.bytes(&name) == env.bytes(&format!("story.{format}")), "{name}");
        }
    });
}

#[test]
fn every_format_goes_through_a_pipe() {
    let env = read();
    let sound = wav(&env, "story.wav");
    each([("flac", 1), ("mp3", 2), ("opus", 2)], |(format, times)| {
        let name = format!("piped.{format}");
        let script = "\"$@\" > \"$NAME\"";
        let mut command = env.command_of("sh");
        command.env("NAME", &name).args(["-c", script, "sh", common::BINARY]);
        command.args([
            "read",
            "--voice",
            "tone",
            "story.txt",
            "-o",
            "-",
            "--format",
            format,
            "--loudness",
            "none",
        ]);
        common::Run::of(command).expect(0);
        let coded = samples(&env, &name);
        let whole = sound.len() * times;
        // A stream does not know how long it will be: ffmpeg then plays the first frame, which holds no sound, and leaves what fills
        // the last.
        let head = if format == "mp3" { 1_152 } else { 0 };
        assert!(
            (whole + head..=whole + 2 * head).contains(&coded.len()),
            "{format}: {} samples",
            coded.len()
        );
        let file = samples(&env, &format!("story.{format}"));
        assert!(coded[head..head + whole] == file[..], "{format}: a pipe has other samples than a file");
    });
}

#[test]
fn options_of_formats() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    let read = ["read", "--voice", "tone", "story.txt", "--force", "-o"];
    let size = |args: &[&str]| {
        env.ok(&[&read[..], args].concat());
        env.bytes(args[0]).len()
    };
    let usual = size(&["a.mp3"]);
    assert!(size(&["a.mp3", "--bitrate", "64"]) < usual && size(&["a.mp3", "--bitrate", "128k"]) > usual);
    assert!(size(&["a.opus", "--bitrate", "16"]) < size(&["a.opus", "--best"]));
    assert!(size(&["a.flac", "--bits", "24"]) > size(&["a.flac", "--bits", "16"]));
    size(&["a", "--format", "mp3"]);
    assert!(!env.bytes("a").starts_with(b"RIFF"), "--format decides where the name has no ending");
    env.ok(&["lexicon", "say", "--voice", "tone", "harbor", "-o", "harbor.opus"]);
    assert!(env.bytes("harbor.opus").starts_with(b"OggS"));
    let rows = [
        (&["b.m4a"][..], &["m4a", "patents", ".mp3"][..]),
        (&["b.ogg"], &["ogg", ".opus"]),
        (&["b.mp3", "--format", "flac"], &["MP3", "FLAC", "--format"]),
        (&["b.mp3", "--bitrate", "65"], &["65 kbit/s", "64, 80, 96"]),
        (&["b.opus", "--bitrate", "500"], &["500 kbit/s", "12 to 128"]),
        (&["b.wav", "--bitrate", "96"], &["bit rate"]),
        (&["b.flac", "--bits", "32f"], &["16 or 24"]),
        (&["b.mp3", "--bits", "24"], &["bits"]),
        (&["b.xyz"], &["xyz", ".mp3"]),
    ];
    each(rows, |(args, words)| {
        env.refused(&[&read[..], args].concat(), 2, words);
    });
    let refused = env.run(&["read", "--voice", "tone", "story.txt", "--format", "m4a"]).expect(2);
    assert!(refused.stderr.contains("patents"), "{refused}");
}

#[test]
fn a_variable_that_changes_the_encoder_is_refused() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    let with = |name: &str| {
        let mut command = env.command(&["read", "--voice", "tone", "story.txt", "-o", name]);
        command.env("MP3_PICK", "noise");
        common::Run::of(command)
    };
    with("a.mp3").expect(2).one_message(&["MP3_PICK", "unset"]);
    with("a.opus").expect(0);
    assert_eq!(env.files(), ["a.opus", "story.txt"]);
}

#[test]
fn a_batch_has_a_format_and_skips_what_is_there() {
    let env = TestEnv::new();
    env.write("news/a.txt", STORY);
    env.write("news/b.txt", STORY);
    each(CODED, |format| {
        let run = env.ok(&["batch", "--voice", "tone", "news", "--format", format, "-o", format]);
        assert!(run.stdout.contains("2 articles read"), "{run}");
        assert_eq!(env.bytes(&format!("{format}/a.{format}")), env.bytes(&format!("{format}/b.{format}")));
        let run = env.ok(&["batch", "--voice", "tone", "news", "--format", format, "-o", format]);
        assert!(run.stdout.contains("2 skipped"), "{run}");
    });
}

#[cfg(unix)]
#[test]
fn a_file_that_can_not_be_completed_leaves_nothing() {
    let env = TestEnv::new();
    env.write("long.txt", STORY.repeat(100));
    each(CODED, |format| {
        let mut command = env.command_of("sh");
        command.args(["-c", "ulimit -f 64; exec \"$@\"", "sh", common::BINARY]);
        let output = format!("new/long.{format}");
        command.args(["read", "--voice", "tone", "long.txt", "-o", &output]);
        common::Run::of(command).expect(3).one_message(&[&output, "larger", "what to do"]);
        assert_eq!(env.files(), ["long.txt", "new/"], "{format}");
    });
}
