//! Inputs that are no article: one clear message with place and cure, the right exit code, no half-written file; and
//! odd ones that are read all the same.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use common::sound::Sound;
use common::{Run, STORY, TestEnv, each, fold, number};

const READ: [&str; 3] = ["read", "--voice", "tone"];
const SPOKEN: [&str; 3] = ["explain", "--stage", "spoken"];

/// Bytes without any order, the same in every run (xorshift64, Marsaglia 2003).
fn random_bytes(count: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn what_is_no_article_is_refused_with_place_and_cure() {
    let furniture =
        "Home > World > Asia\n\nShare Tweet Email\n\nLog in to Twitter or Facebook account to connect\n";
    let mut utf32 = vec![0xff, 0xfe, 0, 0];
    utf32.extend("Port".chars().flat_map(|c| u32::from(c).to_le_bytes()));
    let rows = [
        ("empty.txt", Vec::new(), &["empty", "give a file"][..]),
        ("blank.txt", b" \n\t\n\r\n".to_vec(), &["empty"]),
        ("invisible.txt", "\u{feff}\u{200b}\u{200d}\n\u{2060}".into(), &["empty"]),
        (
            "furniture.txt",
            furniture.into(),
            &["furniture.txt:1:1", "page furniture", "Home > World > Asia", "Share Tweet Email"],
        ),
        ("rule.txt", b"* * *\n\n-----\n".to_vec(), &["rule.txt"]),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80".to_vec(), &["PNG image", "UTF-8 text"]),
        ("paper.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n".to_vec(), &["PDF document", "copy its text"]),
        ("sound.wav", b"RIFF\x24\0\0\0WAVEfmt ".to_vec(), &["WAV"]),
        ("random.txt", random_bytes(4096), &["random.txt", "binary", "UTF-8 text"]),
        ("wide.txt", utf32, &["UTF-32", "UTF-8"]),
        ("nul.txt", [STORY.as_bytes(), b"One NUL \0 here.\n"].concat(), &["nul.txt:2:9", "NUL", "--lossy"]),
        (
            "bad.txt",
            b"Seoul \xec\x84\x9c\nand \xff here.\n".to_vec(),
            &["bad.txt:2:5", "0xFF", "UTF-8", "--lossy"],
        ),
        ("lines.txt", b"-\n".repeat(200_001), &["more than 200000 lines", "save the story's text alone"]),
        ("cut.txt", b"The end is cut off \xe2\x80".to_vec(), &["cut.txt:1:20", "UTF-8", "--lossy"]),
    ];
    each(rows, |(name, content, words)| {
        let env = TestEnv::new();
        env.write(name, content);
        let words = [&[name, "what to do: "], words].concat();
        env.refused(&[&READ[..], &[name]].concat(), 3, &words);
        // Once more as part of a longer list, and for commands that only read.
        env.refused(&["explain", name], 3, &words);
    });
}

#[test]
fn what_cannot_be_opened_is_said() {
    let env = TestEnv::new();
    env.write("news/story.txt", STORY);
    let rows = [
        (
            &["read", "--voice", "tone", "nowhere.txt"][..],
            3,
            &["nowhere.txt", "no such file", "what to do"][..],
        ),
        (&["explain", "nowhere/story.txt"], 3, &["nowhere/story.txt", "no such file"]),
        (&["read", "--voice", "tone", "news/story.txt/x"], 3, &["news/story.txt/x", "what to do"]),
        (&["read", "--voice", "tone", "news"], 3, &["news", "folder", "audio-report batch news"]),
        (&["explain", "news"], 3, &["news", "folder"]),
        (
            &["read", "--voice", "af_hart", "news/story.txt"],
            2,
            &["af_hart", "did you mean af_heart", "voices list"],
        ),
        (&["read", "--voice", "", "news/story.txt"], 2, &["voices list"]),
        (&["batch", "--voice", "bm_gorge", "news"], 2, &["bm_gorge", "bm_george"]),
        (&["voices", "remove", "af_heart"], 3, &["af_heart", "not installed"]),
    ];
    each(rows, |(args, code, words)| {
        env.refused(args, code, words);
    });
}

#[test]
fn lossy_reads_on_without_the_bad_bytes() {
    let env = TestEnv::new();
    let bad = b"Ships came back \xff\xfe\xffto the p\xedort \xec\x84\x9c at noon.\n".to_vec();
    env.write("bad.txt", &bad);
    let run = env.ok(&["explain", "--stage", "sentences", "--lossy", "bad.txt"]);
    assert_eq!(run.stdout, "Ships came back to the port 서 at noon.\n");
    env.ok(&[&READ[..], &["--lossy", "bad.txt"]].concat());
    assert!(Sound::read(&env.bytes("output/bad.wav")).seconds() > 1.0);
    env.write("nul.txt", format!("{}One \0NUL.\n", STORY.repeat(3)));
    let run = env.ok(&["explain", "--stage", "sentences", "--lossy", "nul.txt"]);
    assert!(run.stdout.ends_with("\nOne NUL.\n"), "{run}");
    // Binary data is refused with --lossy too.
    env.write("random.txt", random_bytes(4096));
    env.refused(&[&READ[..], &["--lossy", "random.txt"]].concat(), 3, &["random.txt", "binary"]);
}

#[test]
fn other_encodings_are_read() {
    let text = "“Café Zoë,” she said – it cost €5.\n";
    let utf16 = |order: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        format!("{mark}{text}").encode_utf16().flat_map(order).collect()
    };
    let windows = b"\x93Caf\xe9 Zo\xeb,\x94 she said \x96 it cost \x805.\n".to_vec();
    let env = TestEnv::new();
    env.write("utf8.txt", text);
    let want = env.ok(&["explain", "utf8.txt"]).stdout;
    assert!(want.contains("Café Zoë") && want.contains("euro"), "{want}");
    let rows = [
        ("utf8-marked.txt", format!("\u{feff}{text}").into_bytes()),
        ("utf16le.txt", utf16(u16::to_le_bytes, "\u{feff}")),
        ("utf16be.txt", utf16(u16::to_be_bytes, "\u{feff}")),
        ("utf16le-unmarked.txt", utf16(u16::to_le_bytes, "")),
        ("windows.txt", windows),
        ("crlf.txt", text.replace('\n', "\r\n").into_bytes()),
    ];
    each(rows, |(name, content)| {
        env.write(name, content);
        let run = env.ok(&["explain", name]);
        assert_eq!(run.stdout, want, "{name}");
        env.ok(&[&READ[..], &[name]].concat());
    });
}

#[test]
fn marks_that_show_nothing_change_nothing() {
    let env = TestEnv::new();
    env.write("plain.txt", "Ships came back to the port at noon. Nobody knew why.\n");
    let want = env.ok(&[&SPOKEN[..], &["plain.txt"]].concat()).stdout;
    let phonemes = env.ok(&["explain", "--stage", "phonemes", "plain.txt"]).stdout;
    let rows = [
        (
            "zero-width.txt",
            "Ships ca\u{200b}me back to the p\u{200d}ort at no\u{2060}on\u{200c}. \u{feff}Nobody knew why.\n",
        ),
        ("soft-hyphen.txt", "Ships came back to the port at noon. No\u{ad}body knew why.\n"),
        (
            "right-to-left.txt",
            "Ships came \u{202e}back\u{202c} to \u{200f}the port\u{200e} at \u{2067}noon\u{2069}. Nobody knew why.\n",
        ),
        ("control.txt", "Ships came back\u{7} to the port at noon. Nobody knew why.\n"),
        ("no-break.txt", "Ships came\u{a0}back to the\u{202f}port at\u{2009}noon. Nobody knew why.\n"),
    ];
    each(rows, |(name, content)| {
        env.write(name, content);
        assert_eq!(env.ok(&[&SPOKEN[..], &[name]].concat()).stdout, want, "{name}");
        assert_eq!(env.ok(&["explain", "--stage", "phonemes", name]).stdout, phonemes, "{name}: phonemes");
        env.ok(&[&READ[..], &[name]].concat());
    });
}

#[test]
fn a_text_cannot_steer_the_terminal() {
    let env = TestEnv::new();
    let filler = STORY.repeat(20);
    env.write(
        "escape.txt",
        format!("Ships \u{1b}[2J\u{1b}]0;owned\u{7}came \u{9b}31mback at\u{8} noon.\n\n{filler}"),
    );
    let rows = [
        &["explain", "escape.txt"][..],
        &["explain", "--stage", "sentences", "escape.txt"],
        &["explain", "--stage", "spoken", "escape.txt"],
        &["read", "--voice", "tone", "escape.txt"],
    ];
    each(rows, |args| {
        let run = env.ok(args);
        for (stream, text) in [("output", &run.stdout), ("error", &run.stderr)] {
            let control = text.chars().find(|c| c.is_control() && *c != '\n');
            assert_eq!(control, None, "standard {stream}\n{run}");
        }
    });
}

#[test]
fn endless_lines_and_words_are_read() {
    let endless = "international organizations considered alternatives and ".repeat(2000);
    for (name, content, symbols) in [
        ("line.txt", endless[..100_000].to_string(), 60_000.0),
        ("marks.txt", "?!".repeat(50_000), 0.0),
        ("brackets.txt", format!("Ships {} came back.", "([{".repeat(33_333)), 5.0),
        ("letters.txt", format!("Ships {} came back.", "abcdefghij".repeat(10_000)), 5.0),
        ("digits.txt", format!("Ships {} came back.", "1234567890".repeat(1000)), 5.0),
        ("dots.txt", format!("Ships {} came back.", "a.".repeat(50_000)), 5.0),
        ("hyphens.txt", format!("Ships {} came back.", "a-".repeat(100)), 5.0),
    ] {
        let env = TestEnv::new();
        env.write(name, content);
        if symbols == 0.0 {
            env.refused(&[&READ[..], &[name]].concat(), 3, &[name, "page furniture", "what to do"]);
            continue;
        }
        let summary = env.summary(&["--speed", "2", name]);
        let heard = number(&summary, "audio_seconds") / 0.03;
        assert!(heard > symbols, "{name}: {heard} symbols are heard");
    }
}

#[test]
fn five_megabytes_are_no_obstacle() {
    let mut text = String::new();
    for number in 1.. {
        if text.len() > 5_000_000 {
            break;
        }
        text.push_str(&format!(
            "Ship {number} came back to the port at noon. The pilot of ship {number} went home.\n\n"
        ));
    }
    let env = TestEnv::new();
    env.write("long.txt", &text);
    let run = env.ok(&["explain", "--stage", "sentences", "long.txt"]);
    assert!(fold(&run.stdout) == fold(&text), "sentences are lost or changed");
    // A binary file of that size is refused as fast as a small one.
    env.write("long.bin", random_bytes(5_000_000));
    env.refused(&[&READ[..], &["long.bin"]].concat(), 3, &["long.bin", "binary"]);
}

/// Files of a voice with the right names and these sizes, but without contents.
fn fake_voice(env: &TestEnv, model: u64, style: u64) {
    let folder = env.data("voices/kokoro-en");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, size) in [("kokoro-v1.0.int8.onnx", model), ("af_heart.bin", style)] {
        std::fs::File::create(folder.join(name)).unwrap().set_len(size).unwrap();
    }
}

#[test]
fn a_damaged_voice_is_named_with_the_command_that_mends_it() {
    const MODEL: u64 = 92_361_271;
    const STYLE: u64 = 522_240;
    let rows = [
        (
            "half a model",
            MODEL / 2,
            STYLE,
            &["kokoro-v1.0.int8.onnx", "46180635 bytes instead of 92361271"][..],
        ),
        ("half a style", MODEL, STYLE / 2, &["af_heart.bin", "261120 bytes instead of 522240"]),
        ("an empty model", 0, STYLE, &["kokoro-v1.0.int8.onnx", "0 bytes"]),
        ("a model and a style of zeros", MODEL, STYLE, &["af_heart.bin"]),
    ];
    each(rows, |(what, model, style, words)| {
        for extra in [&[][..], &["--offline"], &["--voice", "af_heart"]] {
            let env = TestEnv::new();
            env.write("story.txt", STORY);
            fake_voice(&env, model, style);
            let words = [words, &["audio-report voices install", "what to do"]].concat();
            let run = env.refused(&[&["read", "story.txt"], extra].concat(), 3, &words);
            assert!(!run.stderr.contains("--voice tone"), "{what}\n{run}");
        }
    });
}

#[test]
fn a_kernel_that_the_processor_has_not_is_wrong_usage() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    fake_voice(&env, 92_361_271, 522_240);
    let mut command = env.command(&["read", "story.txt"]);
    command.env("AUDIO_REPORT_KERNEL", "avx1024");
    Run::of(command).expect(2).one_message(&[
        "AUDIO_REPORT_KERNEL",
        "avx1024",
        "portable, rten",
        "what to do",
    ]);
}

#[test]
fn a_missing_voice_is_not_fetched_offline() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    env.write("other.txt", STORY);
    let rows = [
        (&["read", "--offline", "story.txt"][..], "af_heart"),
        (&["read", "--offline", "--voice", "bm_george", "story.txt"], "bm_george"),
        // It would meet every article: it is said once.
        (&["read", "--offline", "story.txt", "other.txt"], "af_heart"),
        (&["batch", "--offline", "."], "af_heart"),
    ];
    each(rows, |(args, voice)| {
        env.refused(args, 3, &[voice, "not installed", &format!("audio-report voices install {voice}")]);
        assert!(!env.data("voices").exists(), "{args:?}");
    });
}
