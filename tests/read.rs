//! `read`: articles into WAV files, spoken by the stand-in voice.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use common::sound::{self, Sound};
use common::{STORY, SUMMIT, SUMMIT_STORY, TestEnv, each, fold, number};
use serde_json::Value;

/// A paragraph whose sentences are chunks of their own, because they are too long to be joined.
const PARAGRAPH: &str = "The harbor authority said on Monday that the old pier will be open again before winter comes. \
    The first ships are expected to come back to the northern berths at the end of the week. \
    Nobody in the town could say for certain how long the repairs of the bridge will take.";

#[test]
fn results_go_where_they_are_sent() {
    let rows = [
        (&["story.txt"][..], None, &["output/story.wav"][..]),
        (&["news/story.txt"], None, &["output/story.wav"]),
        (&["story.txt"], Some("spoken.wav"), &["spoken.wav"]),
        (&["story.txt"], Some("new/deep/spoken.wav"), &["new/deep/spoken.wav"]),
        (&["story.txt"], Some("new/"), &["new/story.wav"]),
        (&["story.txt"], Some("news"), &["news/story.wav"]),
        (&["story.txt", "news/other.txt"], None, &["output/other.wav", "output/story.wav"]),
        (&["story.txt", "news/other.txt"], Some("new"), &["new/other.wav", "new/story.wav"]),
    ];
    each(rows, |(inputs, output, want)| {
        let env = TestEnv::new();
        for name in ["story.txt", "news/story.txt", "news/other.txt"] {
            env.write(name, STORY);
        }
        let before = env.files();
        let mut args = vec!["read", "--voice", "tone"];
        args.extend(inputs);
        args.extend(output.iter().flat_map(|output| ["-o", output]));
        let run = env.ok(&args);
        let made: Vec<String> = env.files().into_iter().filter(|name| !before.contains(name)).collect();
        assert_eq!(made, want, "{run}");
        for name in want {
            assert!(Sound::read(&env.bytes(name)).seconds() > 1.0, "{name} is too short\n{run}");
            assert!(run.stdout.contains(name), "{name} is not named\n{run}");
        }
        for word in ["real-time factor", "first sound after"] {
            assert!(run.stdout.contains(word), "“{word}” is missing\n{run}");
        }
    });
}

#[test]
fn standard_input_is_an_input() {
    let env = TestEnv::new();
    env.run_with_input(&["read", "--voice", "tone", "-"], STORY.as_bytes()).expect(0);
    env.write("story.txt", STORY);
    env.ok(&["read", "--voice", "tone", "story.txt"]);
    assert_eq!(env.files(), ["output/stdin.wav", "output/story.wav", "story.txt"]);
    assert_eq!(env.bytes("output/stdin.wav"), env.bytes("output/story.wav"));
}

#[test]
fn a_result_is_overwritten_only_by_force() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    env.write("output/story.wav", "precious");
    env.refused(
        &["read", "--voice", "tone", "story.txt"],
        3,
        &["output/story.wav", "exists", "--force", "-o"],
    );
    assert_eq!(env.bytes("output/story.wav"), b"precious");
    env.ok(&["read", "--voice", "tone", "--force", "story.txt"]);
    assert!(Sound::read(&env.bytes("output/story.wav")).seconds() > 1.0);
    assert_eq!(env.files(), ["output/story.wav", "story.txt"]);
}

#[test]
fn every_sample_format_is_read_by_others() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    let mut first: Option<Vec<f32>> = None;
    for (bits, want) in [("16", (16, false)), ("24", (24, false)), ("32f", (32, true))] {
        let name = format!("{bits}.wav");
        let summary = env.summary(&["story.txt", "--bits", bits, "-o", &name]);
        let bytes = env.bytes(&name);
        let sound = Sound::read(&bytes);
        assert_eq!((sound.bits, sound.is_float), want, "{bits}");
        assert_eq!(sound.rate, 24_000, "{bits}");
        let seconds = number(&summary, "audio_seconds");
        assert!(
            (seconds - sound.seconds()).abs() < 1e-6,
            "{bits}: {seconds} s said, {} s written",
            sound.seconds()
        );
        let (rate, decoded) = sound::decode(&bytes);
        assert_eq!((rate, decoded.len()), (24_000, sound.samples.len()), "{bits}: symphonia");
        let first = first.get_or_insert_with(|| sound.samples.clone());
        for (what, samples) in [("hound", &sound.samples), ("symphonia", &decoded)] {
            let worst = samples.iter().zip(&*first).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            // Twice the dither of 16 bits and their rounding.
            assert!(worst < 4.0 / 32_768.0, "{bits}, {what}: {worst} apart from the 16 bits");
            assert_eq!(samples.len(), first.len(), "{bits}, {what}");
        }
    }
}

#[test]
fn the_file_says_what_it_is() {
    let env = TestEnv::new();
    env.write("summit.txt", SUMMIT);
    env.ok(&["read", "--voice", "tone", "--speed", "2", "summit.txt"]);
    let bytes = env.bytes("output/summit.wav");
    let info = sound::info(&bytes);
    let title = SUMMIT_STORY.lines().next().unwrap();
    assert_eq!(info[0], ("INAM".to_string(), title.to_string()));
    let (_, comment) = info.iter().find(|(key, _)| key == "ICMT").unwrap();
    for word in ["read by AI", "synthetic", "tone"] {
        assert!(comment.contains(word), "“{word}” is missing in “{comment}”");
    }
    let names: Vec<String> = sound::chunks(&bytes).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["fmt ", "data", "LIST", "id3 "]);
}

#[test]
fn speed_divides_the_length() {
    let env = TestEnv::new();
    env.write("story.txt", PARAGRAPH.split_inclusive('.').next().unwrap());
    let seconds = |speed: &str| {
        let summary = env.summary(&["story.txt", "--force", "--speed", speed]);
        assert_eq!(summary["chunks"], 1, "one chunk has no pause within");
        // Silence at both ends does not depend on the speed: 100 ms lead, 20 and 60 ms kept around the speech.
        number(&summary, "audio_seconds") - 0.18
    };
    let normal = seconds("1");
    for (speed, factor) in [("2", 0.5), ("0.5", 2.0), ("1.25", 0.8)] {
        let ratio = seconds(speed) / normal;
        assert!((ratio / factor - 1.0).abs() < 0.03, "speed {speed}: {ratio:.3} of the length, not {factor}");
    }
    for speed in ["0.4", "2.1", "fast", "nan", "-1"] {
        let run = env.run(&["read", "story.txt", &format!("--speed={speed}")]).expect(2);
        assert!(run.stderr.contains("--speed") && run.stderr.contains("0.5"), "{run}");
    }
}

#[test]
fn the_summary_has_the_documented_fields() {
    let env = TestEnv::new();
    env.write("summit.txt", SUMMIT);
    let summary = env.summary(&["summit.txt", "--speed", "2"]);
    assert_eq!(summary["input"], "summit.txt");
    assert_eq!(summary["output"], "output/summit.wav");
    assert_eq!(summary["title"], SUMMIT_STORY.lines().next().unwrap());
    assert_eq!(summary["voice"], "tone");
    assert_eq!(summary["sample_rate"], 24_000);
    let (audio, wall) = (number(&summary, "audio_seconds"), number(&summary, "wall_seconds"));
    assert!((audio - Sound::read(&env.bytes("output/summit.wav")).seconds()).abs() < 1e-6);
    assert!((number(&summary, "real_time_factor") - wall / audio).abs() < 1e-9);
    let first = number(&summary, "first_audio_seconds");
    assert!(first > 0.0 && first <= wall, "first sound at {first} s of {wall} s");
    assert!(number(&summary, "removed") >= 5.0, "page furniture: {}", summary["removed"]);
    for key in ["guessed_words", "spelled_words"] {
        assert!(summary[key].is_array(), "{key}: {}", summary[key]);
    }
    for guess in summary["guessed_words"].as_array().unwrap() {
        let sentence = guess["sentence"].as_str().unwrap();
        assert!(sentence.contains(guess["word"].as_str().unwrap().trim_end_matches("'s")), "{guess}");
        assert!(guess["times"].as_u64().unwrap() >= 1 && guess["phonemes"].is_string(), "{guess}");
    }
    check_sentences(&summary, SUMMIT);
}

/// Sentences are numbered, in order, within the sound and within the source.
#[track_caller]
fn check_sentences(summary: &Value, source: &str) {
    let sentences = summary["sentences"].as_array().unwrap();
    assert!(!sentences.is_empty());
    let (mut time, mut byte) = (0.0, 0);
    for (index, sentence) in sentences.iter().enumerate() {
        assert_eq!(sentence["number"], index + 1, "{sentence}");
        let (start, end) = (number(sentence, "start"), number(sentence, "end"));
        assert!(time <= start && start < end, "{sentence} begins before {time}");
        let span = ["start", "end"].map(|key| number(&sentence["span"], key) as usize);
        assert!(byte <= span[0], "{sentence} stands before byte {byte}");
        let written =
            source.get(span[0]..span[1]).unwrap_or_else(|| panic!("no slice of the source: {sentence}"));
        assert_eq!(sentence["text"], fold(written), "{sentence}");
        (time, byte) = (end, span[1]);
    }
    assert!(time <= number(summary, "audio_seconds") + 1e-6, "the last sentence ends after the sound");
}

#[test]
fn the_whole_story_is_read_and_nothing_else() {
    let env = TestEnv::new();
    env.write("summit.txt", SUMMIT);
    let summary = env.summary(&["summit.txt"]);
    let sentences: Vec<&str> = summary["sentences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sentence| sentence["text"].as_str().unwrap())
        .collect();
    assert_eq!(sentences.join(" "), fold(SUMMIT_STORY));
    let sound = Sound::read(&env.bytes("output/summit.wav"));
    let silence = sound.longest_silence();
    assert!(silence <= 1.5, "a silence of {silence} s");
    // The pause after the headline is there, so the measure sees silences at all.
    assert!(silence >= 0.9, "the longest silence is {silence} s");
    assert!(sound.samples.iter().all(|sample| sample.abs() < 0.99), "a clipped sample");
}

#[test]
fn the_same_article_gives_the_same_bytes() {
    let env = TestEnv::new();
    env.write("summit.txt", SUMMIT);
    for (name, jobs) in [("a.wav", "1"), ("b.wav", "4"), ("c.wav", "4")] {
        env.ok(&["read", "--voice", "tone", "--speed", "2", "-j", jobs, "-o", name, "summit.txt"]);
    }
    for other in ["b.wav", "c.wav"] {
        assert!(env.bytes("a.wav") == env.bytes(other), "a.wav (-j 1) and {other} (-j 4) differ");
    }
}

#[test]
fn quiet_says_nothing_but_errors() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    env.ok(&["read", "--voice", "tone", "--quiet", "story.txt"]).silent();
    assert_eq!(env.files(), ["output/story.wav", "story.txt"]);
    env.refused(&["read", "--voice", "tone", "--quiet", "story.txt"], 3, &["exists"]);
}

#[test]
fn pauses_are_as_long_as_they_are_set() {
    let env = TestEnv::new();
    env.write("story.txt", PARAGRAPH);
    let summary = |pauses: &str| env.summary(&["story.txt", "--force", "--pauses", pauses]);
    let usual = summary("");
    let joints = number(&usual, "chunks") - 1.0;
    assert!((joints - 2.0).abs() < 1e-9, "three sentences are {} chunks", joints + 1.0);
    for (pauses, milliseconds) in
        [("sentence=1000", 1000.0 - 320.0), ("sentence=100ms", 100.0 - 320.0), ("title=3000", 0.0)]
    {
        let longer = number(&summary(pauses), "audio_seconds") - number(&usual, "audio_seconds");
        let want = joints * milliseconds / 1000.0;
        assert!((longer - want).abs() < 0.001, "{pauses}: {longer:.4} s longer, not {want:.4}");
    }
    let rows = [
        ("sentense=3", &["sentense", "phrase", "comma", "clause", "sentence", "paragraph", "title"][..]),
        ("sentence=long", &["sentence=long", "milliseconds"]),
        ("sentence", &["sentence", "kind=milliseconds"]),
    ];
    each(rows, |(pauses, words)| {
        env.refused(&["read", "--voice", "tone", "-o", "x.wav", "story.txt", "--pauses", pauses], 2, words);
    });
}

#[test]
fn several_inputs_are_told_apart_and_one_failure_is_remembered() {
    let env = TestEnv::new();
    env.write("a.txt", STORY);
    env.write("b.txt", "");
    env.write("c.txt", PARAGRAPH);
    let run = env.run(&["read", "--voice", "tone", "--json", "a.txt", "b.txt", "c.txt"]).expect(1);
    assert!(run.stderr.contains("b.txt") && run.stderr.contains("empty"), "{run}");
    let lines = run.json_lines();
    let inputs: Vec<&str> = lines.iter().map(|line| line["input"].as_str().unwrap()).collect();
    assert_eq!(inputs, ["a.txt", "b.txt", "c.txt"], "{run}");
    assert_eq!(lines[1]["kind"], "Empty", "{run}");
    assert!(lines[1]["error"].as_str().unwrap().contains("empty"), "{run}");
    check_sentences(&lines[2], PARAGRAPH);
    assert_eq!(env.files(), ["a.txt", "b.txt", "c.txt", "output/a.wav", "output/c.wav"]);
}

#[test]
fn the_command_line_is_checked_before_anything_is_done() {
    let env = TestEnv::new();
    env.write("a.txt", STORY);
    env.write("file", "x");
    env.write("text.wav", STORY);
    let rows = [
        (&["read", "--voice", "tone"][..], &["INPUT"][..]),
        (&["read", "--voice", "tone", "a.txt", "--bits", "8"], &["--bits", "16", "24", "32f"]),
        (&["read", "--voice", "tone", "a.txt", "-j", "0"], &["--jobs", "256"]),
        (&["read", "--voice", "tone", "a.txt", "file", "-o", "file"], &["file", "folder", "-o"]),
        (&["read", "--voice", "tone", "a.txt", "-o", "a.txt", "--force"], &["a.txt", ".wav", ".mp3"]),
        (&["read", "--voice", "tone", "text.wav", "-o", "text.wav", "--force"], &["text.wav", "overwrite"]),
        (&["read", "--voice", "tone", "text.wav", "-o", "./text.wav", "--force"], &["text.wav", "overwrite"]),
        (&["reed", "a.txt"], &["reed", "read"]),
    ];
    each(rows, |(args, words)| {
        env.refused(args, 2, words);
        assert_eq!(env.bytes("a.txt"), STORY.as_bytes(), "{args:?}");
        assert_eq!(env.bytes("text.wav"), STORY.as_bytes(), "{args:?}");
    });
}
