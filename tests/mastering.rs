//! How loud results are, as ffmpeg measures them, and what is said around an article.
#![cfg(all(feature = "flac", feature = "mp3", feature = "opus"))]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::fs;

use common::sound::Sound;
use common::voice::home_of_fast;
use common::{TestEnv, each};

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
    let Some(env) = home_of_fast("the loudness of results") else { return };
    env.write("story.txt", LONG.repeat(2));
    let mut lengths = Vec::new();
    for (name, loudness) in [("own.wav", "none"), ("podcast.wav", "podcast"), ("broadcast.wav", "broadcast")]
    {
        env.ok(&["read", "--fast", "--offline", "story.txt", "--loudness", loudness, "-o", name]);
        lengths.push(Sound::read(&env.bytes(name)).samples.len());
    }
    assert!(lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
    for name in ["usual.mp3", "usual.opus"] {
        env.ok(&["read", "--fast", "--offline", "story.txt", "-o", name]);
    }
    // A stream begins before anybody can measure it: its gain comes from the loudness that the voice is known to have.
    for (name, loudness) in [("stream.mp3", "podcast"), ("quiet.mp3", "broadcast")] {
        let args = [
            "read",
            "--fast",
            "--offline",
            "story.txt",
            "-o",
            "-",
            "--format",
            "mp3",
            "--loudness",
            loudness,
        ];
        env.write(name, env.command(&args).output().unwrap().stdout);
    }
    each([("stream.mp3", -16.0), ("quiet.mp3", -23.0)], |(name, wanted)| {
        let (lufs, peak) = measured(&env, name);
        assert!((lufs - wanted).abs() <= 1.0 && peak <= -1.0, "{name}: {lufs} LUFS, {peak} dBTP");
    });
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
    assert_eq!(env.files(), ["story.txt", "story.vtt/"], "no sound without its captions");
}

/// A sound of ffmpeg's making.
fn make(env: &TestEnv, source: &str, name: &str) {
    let args = ["-v", "error", "-f", "lavfi", "-i", source, "-y", name];
    let made = env.command_of("ffmpeg").args(args).output().expect("ffmpeg is installed by make test");
    assert!(made.status.success(), "{name}: {}", String::from_utf8_lossy(&made.stderr));
}

#[test]
fn music_stands_around_the_speech_and_below_it() {
    let env = TestEnv::new();
    env.write("story.txt", LONG);
    make(&env, "sine=frequency=660:duration=2.5:sample_rate=44100", "intro.mp3");
    make(&env, "sine=frequency=440:duration=1.5:sample_rate=48000", "outro.flac");
    make(&env, "sine=frequency=220:duration=4:sample_rate=44100", "bed.wav");
    let read = |name: &str, options: &[&str]| -> (f64, f64, f64) {
        let fixed = ["read", "--voice", "tone", "story.txt", "--json", "--captions", "vtt", "-o", name];
        let json = env.ok(&[&fixed, options].concat()).json_lines().remove(0);
        let (lufs, peak) = measured(&env, name);
        assert!((lufs + 16.0).abs() <= 0.6 && peak <= -1.0, "{name}: {lufs} LUFS, {peak} dBTP");
        let said = json["audio_seconds"].as_f64().unwrap();
        let args = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", name];
        let shown = env.command_of("ffprobe").args(args).output().unwrap().stdout;
        let lasts: f64 = String::from_utf8(shown).unwrap().trim().parse().unwrap();
        // An MP3 has whole frames, and ffprobe counts them.
        assert!((lasts - said).abs() < 0.06, "{name}: lasts {lasts} s, and said are {said} s");
        let caption =
            String::from_utf8(env.bytes(&name.replace(".mp3", ".vtt").replace(".wav", ".vtt"))).unwrap();
        let start: f64 = caption.lines().nth(2).unwrap()[6..12].parse().unwrap();
        assert!((json["sentences"][0]["start"].as_f64().unwrap() - start).abs() < 0.1, "{name}: {start} s");
        (said, start, lufs)
    };
    let (bare, begin, _) = read("bare.wav", &["--loudness", "podcast"]);
    let rows = [
        ("jingles.mp3", &["--intro", "intro.mp3", "--outro", "outro.flac"][..], 2.5 + 0.4, 0.4 + 1.5),
        ("below.wav", &["--bed", "bed.wav", "--loudness", "podcast"], 1.5, 1.5),
        ("all.mp3", &["--intro", "intro.mp3", "--outro", "outro.flac", "--bed", "bed.wav"], 4.4, 3.4),
    ];
    each(rows, |(name, options, before, after)| {
        let (lasts, start, _) = read(name, options);
        // An MP3 may have a few samples of silence before its sound.
        assert!((start - begin - before).abs() < 0.04, "{name}: {start} s after {begin} s");
        assert!((lasts - bare - before - after).abs() < 0.09, "{name}: {lasts} s and {bare} s");
    });
}

#[test]
fn what_is_no_music_is_refused_before_anything_is_spoken() {
    let env = TestEnv::new();
    env.write("story.txt", LONG);
    env.write("empty.wav", "");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    hound::WavWriter::create(env.path("none.wav"), spec).unwrap().finalize().unwrap();
    make(&env, "sine=duration=130:sample_rate=8000", "hour.wav");
    let rows = [
        ("story.txt", &["story.txt"][..]),
        ("missing.wav", &["missing.wav"]),
        ("empty.wav", &["empty.wav"]),
        ("none.wav", &["none.wav", "no sound"]),
        ("hour.wav", &["hour.wav", "2 minutes"]),
        (".", &["folder"]),
    ];
    each(rows, |(file, words)| {
        let read = ["read", "--voice", "tone", "story.txt", "-o", "out.mp3", "--intro", file];
        let refused = env.run(&read);
        assert!(refused.code != Some(0), "{refused}");
        for word in words {
            assert!(refused.stderr.contains(word), "{word}: {refused}");
        }
        assert!(!env.path("out.mp3").exists());
    });
    let piped = env.run(&["read", "--voice", "tone", "story.txt", "-o", "-", "--bed", "hour.wav"]).expect(2);
    assert!(piped.stderr.contains("stream"), "{piped}");
}

#[test]
fn a_preset_sets_what_is_not_given() {
    let env = TestEnv::new();
    env.write("story.md", "# Port reopens\n\n## At sea\n\nShips came back.\n\n## On land\n\nTrucks left.\n");
    let rows = [
        ("podcast", &[][..], "mp3 48000", Some(-16.0), &["chapters.json", "srt", "vtt"][..]),
        ("broadcast", &[], "pcm_s24le 48000", Some(-23.0), &[]),
        ("web", &[], "mp3 48000", Some(-16.0), &["html", "vtt"]),
        ("archive", &[], "flac 24000", None, &["chapters.json", "transcript.json", "words.json"]),
        (
            "podcast",
            &["--format", "opus", "--captions", "srt"],
            "opus 48000",
            Some(-16.0),
            &["chapters.json", "srt"],
        ),
        ("broadcast", &["--bits", "16", "--rate", "32000"], "pcm_s16le 32000", Some(-23.0), &[]),
        (
            "archive",
            &["--loudness", "speech"],
            "flac 24000",
            Some(-18.0),
            &["chapters.json", "transcript.json", "words.json"],
        ),
    ];
    each(rows.into_iter().enumerate(), |(number, (preset, options, coding, loudness, beside))| {
        let folder = format!("out{number}/");
        let read = ["read", "--voice", "tone", "story.md", "--json", "--preset", preset, "-o", &folder];
        let json = env.ok(&[&read, options].concat()).json_lines().remove(0);
        assert_eq!(json["loudness"]["target"].as_f64(), loudness, "{preset} {options:?}");
        let sound = json["output"].as_str().unwrap();
        let fields =
            ["-v", "error", "-show_entries", "stream=codec_name,sample_rate", "-of", "csv=p=0:s=\\ ", sound];
        let shown = env.command_of("ffprobe").args(fields).output().unwrap().stdout;
        assert_eq!(String::from_utf8(shown).unwrap().trim(), coding, "{preset} {options:?}");
        let stem = sound.rsplit_once('.').unwrap().0;
        let mut wanted: Vec<String> = beside.iter().map(|ending| format!("{stem}.{ending}")).collect();
        wanted.push(sound.to_string());
        wanted.sort();
        let files: Vec<String> = env.files().into_iter().filter(|file| file.starts_with(&folder)).collect();
        assert_eq!(files, wanted, "{preset} {options:?}");
    });
    // A stream has nothing beside it.
    let mut command = env.command_of("sh");
    let script = "\"$0\" read --voice tone story.md --preset podcast -o - > piped.mp3";
    command.args(["-c", script, common::BINARY]);
    common::Run::of(command).expect(0);
    assert!(!env.files().contains(&"piped.vtt".to_string()), "{:?}", env.files());
}

#[test]
fn a_book_holds_the_sound_whatever_the_file_is() {
    let env = TestEnv::new();
    env.write("story.txt", LONG);
    each(["story.wav", "story.opus", "story.mp3"], |name| {
        env.ok(&["read", "--voice", "tone", "story.txt", "--force", "--epub", "-o", name]);
        let mut book = zip::ZipArchive::new(fs::File::open(env.path("story.epub")).unwrap()).unwrap();
        let names: Vec<String> = book.file_names().map(|name| name.unwrap().into_owned()).collect();
        let sound = names.iter().find(|name| name.contains(".mp3")).unwrap();
        let mut mp3 = Vec::new();
        std::io::copy(&mut book.by_name(sound).unwrap(), &mut mp3).unwrap();
        env.write("inside.mp3", &mp3);
        let (inside, _) = measured(&env, "inside.mp3");
        let (outside, _) = measured(&env, name);
        let tolerance = if name.ends_with("opus") { 0.7 } else { 0.2 };
        assert!((inside - outside).abs() <= tolerance, "{name}: {inside} and {outside} LUFS");
        if name.ends_with("mp3") {
            assert!(mp3 == env.bytes(name), "the sound of the book is not the file's");
        }
    });
    assert_eq!(
        env.files(),
        ["inside.mp3", "story.epub", "story.mp3", "story.opus", "story.txt", "story.wav"]
    );
}
