//! `inspect` beside ffmpeg, ffprobe and a decoder of pictures, with files of many makers and with bad ones.
#![cfg(all(feature = "flac", feature = "inspect", feature = "mp3", feature = "opus"))]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::io::Cursor;

use common::tool::tool;
use common::{BINARY, Need, TestEnv, each, number, skip};
use serde_json::Value;

const STORY: &str = "---\ntitle: Port reopens\nauthor: Kim Min\ndate: 2024-11-18\npublisher: Daily News\n\
    canonical_url: https://example.com/port\n---\n# Port reopens\n\nThe port reopened on Monday after a storm of three days. \
    Ships came back at noon.\n\n## Cranes\n\nTwo cranes are still out of order.\n\n## Boats\n\nThey go out at noon.\n";

fn inspected(env: &TestEnv, name: &str) -> Value {
    let lines = env.ok(&["inspect", "--json", name]).json_lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.into_iter().next().unwrap()
}

/// Has ffmpeg write a file from its filters; a source needs its duration.
fn made(env: &TestEnv, source: &str, options: &[&str], name: &str) {
    let fixed = ["-hide_banner", "-loglevel", "error", "-y", "-f", "lavfi", "-i", source];
    tool(env, "ffmpeg", &[&fixed, options, &[name]].concat());
}

/// Integrated loudness, range and true peak, as ffmpeg reads them.
fn measured(env: &TestEnv, name: &str, is_dual_mono: bool) -> [f64; 3] {
    let filter = format!("ebur128=peak=true:dualmono={is_dual_mono}");
    let args = ["-hide_banner", "-nostats", "-i", name, "-af", &filter, "-f", "null", "-"];
    let (_, said) = tool(env, "ffmpeg", &args);
    let summary = said.rsplit_once("Summary:").unwrap().1;
    ["I:", "LRA:", "Peak:"].map(|label| {
        let line = summary.lines().find_map(|line| line.trim().strip_prefix(label)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    })
}

fn near(object: &Value, key: &str, want: f64, tolerance: f64, what: &str) {
    let got = number(object, key);
    assert!((got - want).abs() <= tolerance, "{what}: {key} is {got} and not {want}");
}

#[test]
fn every_reading_is_that_of_ffmpeg() {
    let env = TestEnv::new();
    // Loud and soft by turns, so that there is a range; noise, so that peaks lie between samples.
    let voice = "anoisesrc=duration=20:color=pink:amplitude=0.6:seed=7:sample_rate=48000,\
                 volume='0.2+0.8*lt(mod(t,8),4)':eval=frame";
    let rows = [
        ("mono.wav", &["-ac", "1"][..], 1),
        ("stereo.flac", &["-af", "aeval=val(0)|0.5*val(0)"], 2),
        ("mono.mp3", &["-ac", "1", "-b:a", "96k"], 1),
        ("stereo.opus", &["-ac", "2", "-b:a", "96k"], 2),
        ("low.wav", &["-ac", "1", "-ar", "16000", "-c:a", "pcm_s24le"], 1),
        ("float.wav", &["-ac", "1", "-c:a", "pcm_f32le"], 1),
    ];
    each(rows, |(name, options, channels)| {
        made(&env, voice, options, name);
        let found = inspected(&env, name);
        let loudness = &found["loudness"];
        let [two, range, peak] = measured(&env, name, true);
        near(loudness, "lufs_two_loudspeakers", two, 0.15, name);
        // ffmpeg takes ten windows a second, ebur128 one; EBU Tech 3342 allows 1 LU.
        near(loudness, "range_lu", range, 1.0, name);
        near(loudness, "true_peak_dbtp", peak, 0.3, name);
        if channels == 1 {
            near(loudness, "lufs_one_loudspeaker", measured(&env, name, false)[0], 0.15, name);
        } else {
            assert!(loudness["lufs_one_loudspeaker"].is_null(), "{name}: {found}");
        }
        let entries = "stream=codec_name,sample_rate,channels,duration:format=duration,size,bit_rate";
        let (probed, _) =
            tool(&env, "ffprobe", &["-v", "error", "-of", "json", "-show_entries", entries, name]);
        let probed: Value = serde_json::from_slice(&probed).unwrap();
        let (stream, format) = (&probed["streams"][0], &probed["format"]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        assert_eq!(found["codec"].as_str(), stream["codec_name"].as_str(), "{name}");
        assert_eq!(found["sample_rate"].to_string(), text(&stream["sample_rate"]), "{name}");
        assert_eq!(found["channels"], stream["channels"], "{name}");
        assert_eq!(found["channels"], channels, "{name}");
        assert_eq!(found["bytes"].to_string(), text(&format["size"]), "{name}");
        near(&found, "seconds", text(&format["duration"]).parse().unwrap(), 0.06, name);
        let bit_rate: f64 = text(&format["bit_rate"]).parse().unwrap();
        near(&found, "bit_rate", bit_rate, bit_rate * 0.01, name);
        assert_eq!(
            (&found["promised_samples"], &found["is_cut_short"]),
            (&Value::Null, &Value::Bool(false)),
            "{name}"
        );
    });
}

#[test]
fn silences_are_where_ffmpeg_finds_them() {
    let env = TestEnv::new();
    let gated = "sine=frequency=440:duration=6:sample_rate=48000,volume='between(t,1,2)+between(t,3.5,5.25)':eval=frame";
    made(&env, gated, &[], "gated.wav");
    let filter = "silencedetect=noise=-60dB:duration=0.5";
    let args = ["-hide_banner", "-nostats", "-i", "gated.wav", "-af", filter, "-f", "null", "-"];
    let (_, said) = tool(&env, "ffmpeg", &args);
    let values = |label: &str| -> Vec<f64> {
        let words = said.split_whitespace().collect::<Vec<_>>();
        words.windows(2).filter(|pair| pair[0] == label).map(|pair| pair[1].parse().unwrap()).collect()
    };
    let (starts, ends) = (values("silence_start:"), values("silence_end:"));
    let found = inspected(&env, "gated.wav");
    let silence = &found["silence"];
    assert_eq!((starts.len(), ends.len()), (3, 3), "{said}");
    near(silence, "start_seconds", ends[0], 0.01, "start");
    near(silence, "end_seconds", 6.0 - starts[2], 0.01, "end");
    near(&silence["longest_inside"], "start", starts[1], 0.01, "inside");
    near(&silence["longest_inside"], "seconds", ends[1] - starts[1], 0.02, "inside");
    let clipped = "sine=frequency=440:duration=1:sample_rate=48000,volume=20dB,aformat=sample_fmts=s16";
    made(&env, clipped, &[], "clipped.wav");
    let found = inspected(&env, "clipped.wav");
    assert!(number(&found, "clipped_samples") > 1_000.0 && found["is_true_peak_over"] == true, "{found}");
}

#[test]
fn the_own_results_say_what_they_are() {
    let env = TestEnv::new();
    env.write("story.md", STORY);
    let read = ["read", "--voice", "tone", "story.md", "--force"];
    for name in ["a.mp3", "a.wav", "a.flac", "a.opus"] {
        env.ok(&[&read[..], &["--loudness", "podcast", "-o", name]].concat());
    }
    env.ok(&[
        &read[..],
        &["-o", "a.mp3", "--preset", "podcast", "--captions", "json,vtt,srt", "--page", "--epub"],
    ]
    .concat());
    each(["a.mp3", "a.wav", "a.flac", "a.opus"], |name| {
        let found = inspected(&env, name);
        let tags = &found["tags"];
        let texts =
            ["title", "byline", "publication", "date", "source", "voice"].map(|key| tags[key].as_str());
        let wanted =
            ["Port reopens", "Kim Min", "Daily News", "2024-11-18", "https://example.com/port", "tone"];
        assert_eq!(texts, wanted.map(Some), "{name}");
        let kind = found["ai_disclosure"]["digital_source_type"].as_str().unwrap();
        assert!(kind.ends_with("/trainedAlgorithmicMedia"), "{name}: {kind}");
        assert!(found["ai_disclosure"]["sentence"].as_str().unwrap().contains("read by AI"), "{name}");
        let chapters = found["chapters"].as_array().unwrap();
        let titles: Vec<_> = chapters.iter().map(|chapter| chapter["title"].as_str().unwrap()).collect();
        assert_eq!(titles, ["Port reopens", "Cranes", "Boats"], "{name}");
        near(&chapters[2], "end", number(&found, "seconds"), 0.01, name);
        assert_eq!(found["targets"][0]["name"], "podcast", "{name}");
        // Opus takes the beeps of the stand-in voice for speech, and codes them softer than any speech.
        assert!(found["targets"][0]["is_met"] == true || name == "a.opus", "{name}: {found}");
    });
    let beside = inspected(&env, "a.mp3")["beside"].clone();
    let cues = String::from_utf8(env.bytes("a.vtt")).unwrap().matches("-->").count();
    let words: Value = serde_json::from_slice(&env.bytes("a.words.json")).unwrap();
    let sentences = words["sentences"].as_array().unwrap().len();
    let said: Vec<String> = beside.as_array().unwrap().iter().map(Value::to_string).collect();
    let wanted = [
        format!(r#"{{"cues":{cues},"file":"a.vtt"}}"#),
        format!(r#"{{"cues":{cues},"file":"a.srt"}}"#),
        format!(r#"{{"cues":{cues},"file":"a.transcript.json"}}"#),
        format!(r#"{{"file":"a.words.json","sentences":{sentences}}}"#),
        r#"{"chapters":3,"file":"a.chapters.json"}"#.to_owned(),
        r#"{"file":"a.html"}"#.to_owned(),
        r#"{"file":"a.epub"}"#.to_owned(),
    ];
    let sorted = |text: &String| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(said.iter().map(sorted).collect::<Vec<_>>(), wanted.iter().map(sorted).collect::<Vec<_>>());
    let text = env.ok(&["inspect", "a.mp3"]).stdout;
    for part in [
        "meets podcast (-16)",
        "headline     Port reopens",
        "trainedAlgorithmicMedia",
        "a.words.json: ",
        "0:00 Port",
    ] {
        assert!(text.contains(part), "“{part}” is missing in\n{text}");
    }
    assert!(!text.contains('█'), "a waveform without a terminal\n{text}");
}

/// The picture, as another program decodes it: its width, and its bytes of red, green and blue.
fn picture(env: &TestEnv, name: &str) -> (usize, Vec<u8>) {
    let mut reader = png::Decoder::new(Cursor::new(env.bytes(name))).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight), "{name}");
    assert_eq!(pixels.len(), (info.width * info.height * 3) as usize, "{name}");
    (info.width as usize, pixels)
}

#[test]
fn a_picture_shows_where_the_sound_is_and_is_always_the_same() {
    let env = TestEnv::new();
    let gated = "sine=frequency=440:duration=4:sample_rate=48000,volume='6*between(t,2,3)':eval=frame";
    made(&env, gated, &[], "gated.wav");
    env.ok(&["inspect", "gated.wav", "--png", "a.png"]);
    env.ok(&["inspect", "gated.wav", "--png", "new/"]);
    assert!(env.bytes("a.png") == env.bytes("new/gated.png"), "two pictures of one sound differ");
    let (width, pixels) = picture(&env, "a.png");
    // The upper third has the waveform: dark pixels in each column of the picture.
    let rows = pixels.chunks(width * 3).skip(142).take(220).collect::<Vec<_>>();
    let dark = |x: usize| rows.iter().filter(|row| row[x * 3] < 100).count();
    let share = |from: f64, to: f64| {
        let (left, right) = (92.0, width as f64 - 128.0);
        let at = |seconds: f64| (left + (right - left) * seconds / 4.0) as usize;
        let columns = at(from)..at(to);
        columns.clone().filter(|x| dark(*x) > 20).count() as f64 / columns.len() as f64
    };
    assert!(share(0.1, 1.9) < 0.01 && share(2.05, 2.95) > 0.99 && share(3.1, 3.9) < 0.01);
}

#[test]
fn pictures_have_their_place_and_replace_nothing() {
    let env = TestEnv::new();
    made(&env, "sine=duration=1", &[], "a.wav");
    made(&env, "sine=duration=1", &[], "b.wav");
    env.write("there.png", "mine");
    env.write("file", "mine");
    std::fs::copy(env.path("a.wav"), env.path("sound.png")).unwrap();
    let rows: [(&[&str], i32, &[&str]); 8] = [
        (&["a.wav", "--png", "there.png"], 3, &["exists already", "--force", "--png"]),
        (&["sound.png", "--png", "sound.png"], 2, &["overwrite the sound file"]),
        (&["sound.png", "--png", "sound.png", "--force"], 2, &["overwrite the sound file"]),
        (&["a.wav", "b.wav", "--png", "one.png"], 2, &["its own picture", "folder"]),
        (&["a.wav", "b.wav", "--png", "file"], 2, &["its own picture", "folder"]),
        (&["a.wav", "--png", "a.jpg"], 2, &[".png"]),
        (&["a.wav", "--png", "-"], 2, &["standard output"]),
        (&["a.wav", "--force"], 2, &["--png"]),
    ];
    each(rows, |(args, code, words)| {
        env.refused(&[&["inspect"], args].concat(), code, words);
    });
    env.ok(&["inspect", "a.wav", "--png", "there.png", "--force"]);
    env.ok(&["inspect", "a.wav", "b.wav", "./a.wav", "--png", "pictures"]);
    env.ok(&["inspect", "a.wav", "--png", "absent/deep/a.png"]);
    picture(&env, "there.png");
    let files = env.files();
    let made: Vec<&String> = files.iter().filter(|name| name.contains('/')).collect();
    assert_eq!(made, ["absent/deep/a.png", "pictures/a.png", "pictures/b.png"]);
}

#[test]
fn bad_files_are_refused_and_the_others_examined() {
    let env = TestEnv::new();
    made(&env, "sine=duration=1", &[], "good.wav");
    made(&env, "testsrc=duration=1:size=64x64", &[], "film.mp4");
    made(&env, "testsrc=duration=1:size=64x64", &[], "film.mkv");
    made(&env, "anullsrc=channel_layout=mono:duration=1", &["-t", "0"], "none.wav");
    env.write("folder/x", "");
    env.write("text.wav", "This is a text.");
    env.write("empty.mp3", "");
    let rows: [(&str, &[&str]); 7] = [
        ("missing.wav", &["no such file"]),
        ("folder", &["folder", "audio-report inspect folder/"]),
        ("text.wav", &["not a sound file"]),
        ("empty.mp3", &["empty"]),
        ("film.mp4", &["holds no sound"]),
        ("film.mkv", &["not a sound file"]),
        ("none.wav", &["holds no sound"]),
    ];
    each(rows, |(name, words)| {
        env.refused(&["inspect", name], 3, words);
        env.refused(&["inspect", name, "--png", "x.png"], 3, words);
        let run = env.run(&["inspect", "--json", name, "good.wav"]).expect(1);
        let lines = run.json_lines();
        assert!(
            lines[0]["input"] == name && lines[0]["error"].is_string() && lines[0]["kind"].is_string(),
            "{run}"
        );
        assert_eq!(lines[1]["input"], "good.wav", "{run}");
    });
}

#[test]
fn what_is_cut_lies_or_is_silent_is_told_and_no_failure() {
    let env = TestEnv::new();
    env.write("story.md", STORY);
    for name in ["a.mp3", "a.wav", "a.flac", "a.opus"] {
        env.ok(&["read", "--voice", "tone", "story.md", "-o", name]);
        let bytes = env.bytes(name);
        env.write(&format!("cut-{name}"), &bytes[..bytes.len() * 2 / 3]);
    }
    each(["cut-a.mp3", "cut-a.wav", "cut-a.flac", "cut-a.opus"], |name| {
        let whole = number(&inspected(&env, &name[4..]), "seconds");
        let found = inspected(&env, name);
        assert_eq!(found["is_cut_short"], true, "{name}: {found}");
        assert!(number(&found, "seconds") < whole * 0.8, "{name}: {found}");
        let text = env.ok(&["inspect", name]).stdout;
        assert!(text.contains("cut short"), "{name}: {text}");
    });
    made(&env, "anullsrc=channel_layout=mono:duration=2", &[], "silent.wav");
    let run = env.ok(&["inspect", "--json", "silent.wav", "--png", "silent.png"]);
    assert!(!run.stdout.contains("inf") && !run.stdout.contains("NaN"), "{run}");
    assert!(run.json_lines()[0]["loudness"]["lufs_two_loudspeakers"].is_null(), "{run}");
    assert!(env.ok(&["inspect", "silent.wav"]).stdout.contains("loudness     silent"));
}

#[test]
fn a_pipe_says_the_same_as_its_file() {
    let env = TestEnv::new();
    env.write("story.md", STORY);
    for name in ["a.mp3", "a.wav", "a.flac", "a.opus"] {
        env.ok(&["read", "--voice", "tone", "story.md", "-o", name]);
    }
    made(&env, "sine=duration=2", &["-c:a", "aac"], "a.m4a");
    let (piped, _) = tool(&env, "ffmpeg", &["-loglevel", "error", "-i", "a.mp3", "-f", "wav", "-"]);
    env.write("piped.wav", piped);
    each(["a.mp3", "a.wav", "a.flac", "a.opus", "a.m4a", "piped.wav"], |name| {
        let mut file = inspected(&env, name);
        let run = env.run_with_input(&["inspect", "--json", "-"], &env.bytes(name)).expect(0);
        let mut pipe = run.json_lines().remove(0);
        assert_eq!(pipe["input"], "standard input", "{name}");
        for object in [&mut file, &mut pipe] {
            object.as_object_mut().unwrap().retain(|key, _| !["input", "beside"].contains(&&**key));
        }
        assert_eq!(file, pipe, "{name}");
        assert_eq!(file["is_cut_short"], false, "{name}: {run}");
    });
    env.run_with_input(&["inspect", "-"], b"").expect(3).one_message(&["empty", "standard input"]);
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_read_once() {
    let env = TestEnv::new();
    made(&env, "sine=duration=2", &[], "a.flac");
    tool(&env, "mkfifo", &["pipe"]);
    let (bytes, path) = (env.bytes("a.flac"), env.path("pipe"));
    let writer = std::thread::spawn(move || std::fs::write(path, bytes));
    assert_eq!(inspected(&env, "pipe")["codec"], "flac");
    writer.join().unwrap().unwrap();
}

#[test]
fn a_terminal_shows_the_waveform_unless_it_is_plain() {
    let env = TestEnv::new();
    made(&env, "sine=duration=1,volume=15dB", &[], "a.wav");
    let shown = |options: &str, plain: Option<(&str, &str)>| {
        let mut command = env.command_of("script");
        command.args(["-qec", &format!("\"$BINARY\" inspect a.wav {options}"), "/dev/null"]);
        command.env("BINARY", BINARY).env("TERM", "xterm").envs(plain);
        command.output().ok().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(drawn) = shown("", None) else {
        return skip(Need::System, "a waveform on a terminal", "script can't be run");
    };
    assert!(drawn.lines().nth(2).is_some_and(|line| line.matches('█').count() > 20), "{drawn}");
    each(
        [("--plain", None), ("--json", None), ("", Some(("ACCESSIBLE", "1"))), ("", Some(("TERM", "dumb")))],
        |(options, plain)| {
            let text = shown(options, plain).unwrap();
            assert!(text.contains("a.wav") && !text.contains('█'), "{options} {plain:?}: {text}");
        },
    );
}

#[test]
fn hostile_tags_and_names_steer_no_terminal() {
    let env = TestEnv::new();
    let long = format!("title=Port\r\n\u{1b}[2J\u{1b}]0;x\u{7}\u{202e}{}", "A".repeat(10_000));
    let tags = ["-metadata", &long, "-metadata", "artist=Kim\u{9b}2J"];
    each(["a.mp3", "a.wav", "a.flac", "a.opus"], |name| {
        made(&env, "sine=duration=1", &tags, name);
        let run = env.ok(&["inspect", name]);
        let odd = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}'));
        assert!(!run.stdout.contains(odd), "{name}: {:?}", run.stdout);
        assert!(run.stdout.contains("headline     Port"), "{run}");
        assert!(run.stdout.lines().all(|line| line.chars().count() < 600), "{run}");
        let title = inspected(&env, name)["tags"]["title"].as_str().unwrap().to_owned();
        assert!(title.chars().count() <= 501 && title.starts_with("Port"), "{name}: {title}");
    });
    #[cfg(unix)]
    {
        std::fs::rename(env.path("a.wav"), env.path("b\u{1b}[2J\n.wav")).unwrap();
        let run = env.ok(&["inspect", "b\u{1b}[2J\n.wav", "--png", "x.png"]);
        assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{run}");
        picture(&env, "x.png");
    }
}

/// A tag with chapters within chapters, as deep as that: it ended the program by its stack.
fn nested_chapters(depth: usize) -> Vec<u8> {
    let size = |size: usize| [21, 14, 7, 0].map(|shift| (size >> shift & 0x7f) as u8);
    // A head of ten bytes, an empty name, two times and two places.
    let chapter = |left: usize| [&b"CHAP"[..], &size(left * 27 - 10), &[0; 19]].concat();
    let chapters: Vec<u8> = (1..=depth).rev().flat_map(chapter).collect();
    [&b"ID3\x04\0\0"[..], &size(chapters.len()), &chapters].concat()
}

#[test]
fn chapters_within_chapters_end_no_program() {
    let env = TestEnv::new();
    made(&env, "sine=duration=1", &[], "a.mp3");
    env.write("b.mp3", [nested_chapters(22_000), env.bytes("a.mp3")].concat());
    assert!(env.ok(&["inspect", "b.mp3"]).stdout.contains("MP3"));
    env.write("a.txt", "Ships came back to the port at noon, and men sang.\n");
    env.ok(&["read", "a.txt", "--voice", "tone", "--intro", "b.mp3", "-o", "c.wav"]);
}
