//! `batch`: every article of a folder, or of a pattern, again and again until all is read.

#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use common::sound::Sound;
use common::{STORY, TestEnv, each, number};

const BATCH: [&str; 3] = ["batch", "--voice", "tone"];

/// A folder with three articles and two files that are none.
fn newsroom() -> TestEnv {
    let env = TestEnv::new();
    for name in ["news/a.txt", "news/b.md", "news/c.TEXT", "news/picture.png", "news/deep/d.txt"] {
        env.write(name, STORY);
    }
    env
}

fn results(env: &TestEnv) -> Vec<String> {
    env.files().into_iter().filter(|name| !name.starts_with("news/")).collect()
}

#[test]
fn folders_patterns_and_files_are_read() {
    let rows = [
        (&["news"][..], &["out/a.wav", "out/b.wav", "out/c.wav"][..]),
        (&["news/"], &["out/a.wav", "out/b.wav", "out/c.wav"]),
        (&["news/*.txt"], &["out/a.wav"]),
        (&["news/[ab].*"], &["out/a.wav", "out/b.wav"]),
        (&["news/**/*.txt"], &["out/a.wav", "out/d.wav"]),
        (&["news/b.md", "news/*.md"], &["out/b.wav"]),
        (&["news", "news/deep"], &["out/a.wav", "out/b.wav", "out/c.wav", "out/d.wav"]),
    ];
    each(rows, |(inputs, want)| {
        let env = newsroom();
        let run = env.ok(&[&BATCH[..], &["-o", "out"], inputs].concat());
        assert_eq!(results(&env), want, "{run}");
        for name in want {
            assert!(Sound::read(&env.bytes(name)).seconds() > 1.0, "{name} is too short\n{run}");
            assert!(run.stdout.contains(name), "{name} is not named\n{run}");
        }
        let said = format!("{} read, 0 failed, 0 skipped", want.len()).replace("1 read", "1 article read");
        let said = if want.len() > 1 { said.replace(" read", " articles read") } else { said };
        assert!(run.stdout.contains(&said), "“{said}” is missing\n{run}");
    });
}

#[test]
fn the_default_folder_is_output() {
    let env = newsroom();
    env.ok(&[&BATCH[..], &["news"]].concat());
    assert_eq!(results(&env), ["output/a.wav", "output/b.wav", "output/c.wav"]);
}

#[test]
fn one_bad_article_does_not_stop_the_rest() {
    let env = newsroom();
    env.write("news/a.txt", "");
    env.write("news/b.md", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    let args = [&BATCH[..], &["news"]].concat();
    // The second run has only the bad ones left, and fails like the first.
    for (round, summary) in
        ["1 article read, 2 failed, 0 skipped", "0 articles read, 2 failed, 1 skipped"].iter().enumerate()
    {
        let run = env.run(&args).expect(1);
        for word in ["news/a.txt", "empty", "news/b.md", "PNG"] {
            assert!(run.stderr.contains(word), "round {round}: “{word}” is missing\n{run}");
        }
        assert!(run.stdout.contains(summary), "round {round}\n{run}");
        assert_eq!(results(&env), ["output/c.wav"], "round {round}\n{run}");
    }
    // Mended, they are read.
    env.write("news/a.txt", STORY);
    env.write("news/b.md", STORY);
    let run = env.ok(&args);
    assert!(run.stdout.contains("2 articles read, 0 failed, 1 skipped"), "{run}");
}

#[test]
fn nothing_but_bad_articles_is_code_3() {
    let env = TestEnv::new();
    env.write("news/a.txt", "");
    env.write("news/b.txt", b"%PDF-1.7\n");
    let run = env.run(&[&BATCH[..], &["news"]].concat()).expect(3);
    assert!(run.stdout.contains("0 articles read, 2 failed"), "{run}");
    assert!(results(&env).is_empty(), "{:?}\n{run}", results(&env));
}

#[test]
fn what_is_read_is_skipped_unless_forced() {
    let env = newsroom();
    env.write("output/b.wav", "precious");
    let args = [&BATCH[..], &["news"]].concat();
    env.ok(&args);
    let first = env.bytes("output/a.wav");
    env.write("output/a.wav", "mine now");
    let run = env.ok(&args);
    assert!(
        run.stdout.contains("0 articles read, 0 failed, 3 skipped") && run.stdout.contains("--force"),
        "{run}"
    );
    assert_eq!(env.bytes("output/a.wav"), b"mine now");
    assert_eq!(env.bytes("output/b.wav"), b"precious");
    env.ok(&[&args[..], &["--force"]].concat());
    assert!(env.bytes("output/a.wav") == first, "--force did not read a.txt again");
}

#[test]
fn json_is_one_object_an_article() {
    let env = newsroom();
    env.write("news/b.md", "");
    let run = env.run(&[&BATCH[..], &["--json", "news"]].concat()).expect(1);
    let lines = run.json_lines();
    let inputs: Vec<&str> = lines.iter().map(|line| line["input"].as_str().unwrap()).collect();
    assert_eq!(inputs, ["news/a.txt", "news/b.md", "news/c.TEXT"], "{run}");
    assert_eq!(lines[1]["kind"], "Empty", "{run}");
    for (line, output) in [(&lines[0], "output/a.wav"), (&lines[2], "output/c.wav")] {
        assert_eq!(line["output"], output, "{run}");
        let seconds = Sound::read(&env.bytes(output)).seconds();
        assert!((number(line, "audio_seconds") - seconds).abs() < 1e-6, "{seconds}\n{run}");
        // Each article has its own clock.
        assert!(number(line, "first_audio_seconds") <= number(line, "wall_seconds"), "{run}");
    }
    env.ok(&[&BATCH[..], &["--quiet", "--force", "news/a.txt"]].concat()).silent();
}

#[test]
fn a_folder_or_pattern_without_articles_is_said() {
    let env = newsroom();
    env.write("pictures/a.png", "");
    for (input, word) in [("pictures", "pictures"), ("news/*.html", "news/*.html")] {
        env.refused(&[&BATCH[..], &[input]].concat(), 3, &[word, "no article", ".txt"]);
    }
    env.refused(&[&BATCH[..], &["news/***"]].concat(), 2, &["news/***", "pattern"]);
    let run = env.run(&[&BATCH[..], &["nowhere"]].concat()).expect(3);
    assert!(run.stderr.contains("nowhere") && run.stderr.contains("no such file"), "{run}");
}

/// Articles of very different lengths; the second has no sentence, the fourth is no text.
fn uneven() -> TestEnv {
    let env = TestEnv::new();
    let sentences = |count: usize| -> String {
        let sentence = |number| {
            format!(
                "Report {number} says that the old harbor was quiet in the morning and busy in the evening."
            )
        };
        (1..=count).map(sentence).collect::<Vec<_>>().join(" ")
    };
    for (number, count) in [3, 0, 40, 0, 1, 12, 1, 25].into_iter().enumerate() {
        env.write(&format!("news/{number}.txt"), sentences(count));
    }
    env.write("news/3.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    env
}

#[test]
fn every_result_is_the_same_whatever_the_workers_and_whatever_else_is_read() {
    let env = uneven();
    for number in [0, 2, 4, 5, 6, 7] {
        let args = ["read", "--voice", "tone", "-j", "1", "-o", "alone/"];
        env.ok(&[&args[..], &[&format!("news/{number}.txt")]].concat());
    }
    for jobs in ["1", "2", "7"] {
        for command in ["batch", "read"] {
            let folder = format!("{command}-{jobs}");
            let mut args = vec![command, "--voice", "tone", "--json", "-j", jobs, "-o", &folder];
            args.extend(["news/7.txt", "news/0.txt", "news/1.txt", "news/2.txt", "news/3.txt"]);
            args.extend(["news/4.txt", "news/5.txt", "news/6.txt"]);
            let run = env.run(&args).expect(1);
            // They are reported in the order of the arguments, even when a later one was complete first.
            let lines = run.json_lines();
            let inputs: Vec<String> = lines.iter().map(|line| line["input"].to_string()).collect();
            let want = [7, 0, 1, 2, 3, 4, 5, 6].map(|number| format!("\"news/{number}.txt\""));
            assert_eq!(inputs, want, "{run}");
            assert_eq!(
                (&lines[2]["kind"], &lines[4]["kind"]),
                (&"Empty".into(), &"Encoding".into()),
                "{run}"
            );
            for number in [0, 2, 4, 5, 6, 7] {
                let [alone, among_others] = [format!("alone/{number}.wav"), format!("{folder}/{number}.wav")]
                    .map(|name| env.bytes(&name));
                assert!(alone == among_others, "{number}.txt sounds otherwise by {command} -j {jobs}\n{run}");
            }
        }
    }
}

#[test]
fn a_place_that_fails_in_the_middle_costs_only_its_own_article() {
    let env = newsroom();
    env.write("output/b.wav/in the way", "");
    let run = env.run(&[&BATCH[..], &["-j", "2", "news"]].concat()).expect(1);
    assert!(run.stderr.contains("output/b.wav") && run.stderr.contains("folder"), "{run}");
    assert_eq!(results(&env), ["output/a.wav", "output/b.wav/in the way", "output/c.wav"], "{run}");
}

#[test]
fn nice_work_sounds_the_same() {
    let env = newsroom();
    env.ok(&[&BATCH[..], &["-o", "usual", "news"]].concat());
    for (folder, options) in [("nice", &["--nice"][..]), ("nice-3", &["--nice", "-j", "3"])] {
        env.ok(&[&BATCH[..], &["-o", folder, "news"], options].concat());
        env.ok(&[
            &["read", "--voice", "tone", "--force", "-o", folder, "news/a.txt", "news/c.TEXT"],
            options,
        ]
        .concat());
        for name in ["a.wav", "b.wav", "c.wav"] {
            let [usual, nice] = ["usual", folder].map(|folder| env.bytes(&format!("{folder}/{name}")));
            assert!(usual == nice, "{name} sounds otherwise with {options:?}");
        }
    }
    // Whoever listens does not want to wait for other programs.
    env.refused(&["play", "--nice", "news/a.txt"], 2, &["--nice"]);
}

/// Niceness of each thread of a process, by the thread's name (`proc_pid_stat(5)`).
#[cfg(target_os = "linux")]
fn niceness(process: u32) -> std::collections::BTreeMap<String, i64> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten();
    threads
        .filter_map(|thread| {
            let stat = std::fs::read_to_string(thread.ok()?.path().join("stat")).ok()?;
            let (before, after) = stat.rsplit_once(") ")?;
            Some((before.split_once('(')?.1.to_string(), after.split(' ').nth(16)?.parse().ok()?))
        })
        .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn nice_workers_give_way_and_only_they() {
    let env = TestEnv::new();
    let paragraph = |number| format!("Report {number} says that the old harbor was quiet in the morning.");
    env.write("long.txt", (1..20_000).map(paragraph).collect::<Vec<_>>().join("\n\n"));
    for (options, step) in [(&["-j", "2"][..], 0), (&["-j", "2", "--nice"], 10)] {
        let mut child = env.command(&[&BATCH[..], &["long.txt"], options].concat()).spawn().unwrap();
        let threads = loop {
            let threads = niceness(child.id());
            let speak = threads.keys().filter(|name| name.starts_with("voice ")).count();
            let is_settled = threads.get("voice 1") != threads.get("audio-report") || step == 0;
            if speak == 2 && is_settled && threads.get("voice 1") == threads.get("voice 2") {
                break threads;
            }
            assert!(child.try_wait().unwrap().is_none(), "it ended before it was seen at work: {threads:?}");
            std::thread::sleep(std::time::Duration::from_millis(2));
        };
        child.kill().unwrap();
        child.wait().unwrap();
        let (voice, main) = (threads["voice 1"], threads["audio-report"]);
        assert_eq!(voice, (main + step).min(19), "{options:?}: {threads:?}");
    }
}
