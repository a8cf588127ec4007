//! Faults that were found by trials, each test under the number of its case.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use common::sound::{self, Sound};
use common::{BINARY, Need, Run, STORY, TestEnv, each, show, skip};

const BATCH: [&str; 3] = ["batch", "--voice", "tone"];
const READ: [&str; 3] = ["read", "--voice", "tone"];
/// A user without files and processes.
const NOBODY: &str = "54321";

/// An article that takes a while.
fn long_article() -> String {
    article(20_000)
}

/// An article of `sentences` paragraphs, one sentence each.
fn article(sentences: usize) -> String {
    let paragraph = |number| format!("Report {number} says that the old harbor was quiet.");
    (1..=sentences).map(paragraph).collect::<Vec<_>>().join("\n\n")
}

/// A folder of articles, `news/0.txt` and so on.
fn newsroom(articles: usize) -> TestEnv {
    let env = TestEnv::new();
    for number in 0..articles {
        env.write(&format!("news/{number}.txt"), STORY);
    }
    env
}

fn results(env: &TestEnv) -> Vec<String> {
    env.files().into_iter().filter(|name| !name.starts_with("news/")).collect()
}

fn is_part(name: &str) -> bool {
    name.contains(".audio-report-")
}

/// The binary started by a shell, as `"$@"`.
fn in_shell(env: &TestEnv, script: &str, args: &[&str]) -> Command {
    let mut command = env.command_of("sh");
    command.args(["-c", script, "sh", BINARY]).args(args);
    command
}

/// So often it is tried whether another user can run the program, and so long is the rest between.
const TRIES: usize = 10;
const REST: Duration = Duration::from_millis(200);

/// The same as another user, for whom the system counts separately; not every machine can switch to that user.
fn as_nobody(env: &TestEnv, script: &str, args: &[&str]) -> Option<Command> {
    let become_nobody = ["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"];
    let binary = env.reachable_binary();
    let mut probe = env.command_of("setpriv");
    probe.args(become_nobody).arg(&binary).arg("--version");
    // The binary was just copied, and nobody may run a file that is open for writing: for a moment, the child of another test has it.
    let mut runs = || probe.status().is_ok_and(|status| status.success());
    if !(0..TRIES).any(|_| {
        runs() || {
            sleep(REST);
            false
        }
    }) {
        skip(
            Need::System,
            "what another user meets",
            "this user can't become another, or that one can't run the program",
        );
        return None;
    }
    for folder in [env.folder(), env.data("")] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let mut command = env.command_of("setpriv");
    command.args(become_nobody).args(["sh", "-c", script, "sh"]).arg(binary).args(args);
    Some(command)
}

#[test]
fn f4_a_closed_pipe_does_not_stop_the_work() {
    for (command, extra, lines, code) in [
        ("batch", &[][..], 1, 0),
        ("batch", &["--json"], 1, 0),
        ("batch", &[], 0, 1),
        ("read", &[], 1, 0),
        ("read", &["--json"], 0, 1),
    ] {
        let env = newsroom(12);
        if code == 1 {
            env.write("news/5.txt", "");
        }
        let inputs: Vec<String> = (0..12).map(|number| format!("news/{number}.txt")).collect();
        let mut child = env.command(&[command, "--voice", "tone", "-j", "1"]);
        child.args(extra).args(&inputs);
        let shown = show(&child);
        let mut child = child.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        for _ in 0..lines {
            output.read_line(&mut String::new()).unwrap();
        }
        drop(output);
        let run = Run::wait(child, &shown).expect(code);
        assert_eq!(results(&env).len(), 12 - usize::from(code == 1), "{run}");
    }
}

#[test]
fn f5_what_a_killed_run_leaves_goes_with_the_next() {
    let env = TestEnv::new();
    env.write("long.txt", long_article());
    env.write("story.txt", STORY);
    let part = || env.files().into_iter().find(|name| is_part(name));
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
    // The voice is missing, which would be reported if it were looked for.
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

#[test]
fn f6_a_lack_of_descriptors_or_threads_is_told() {
    for limit in 4..=12 {
        let env = newsroom(3);
        let script = format!("ulimit -n {limit}; exec \"$@\"");
        let run = Run::of(in_shell(&env, &script, &[&BATCH[..], &["-j", "2", "news"]].concat()));
        check_told(&env, run);
    }
    for limit in 1..=8 {
        let env = newsroom(3);
        let script = format!("ulimit -u {limit}; exec \"$@\"");
        let Some(command) = as_nobody(&env, &script, &[&BATCH[..], &["-j", "2", "news"]].concat()) else {
            return;
        };
        check_told(&env, Run::of(command));
    }
}

/// All was done, or the failures were reported, and no half-written file is left.
#[track_caller]
fn check_told(env: &TestEnv, run: Run) {
    let code = run.code;
    // 127: the system could not even load it.
    assert!(matches!(code, Some(0 | 1 | 3 | 127)), "{run}");
    let run = run.expect(code.unwrap_or_default());
    assert_eq!(run.stderr.contains("what to do"), matches!(code, Some(1 | 3)), "{run}");
    assert!(results(env).iter().all(|name| !is_part(name)), "{:?}\n{run}", results(env));
}

#[test]
fn f10_a_clash_of_names_refuses_nothing() {
    let env = TestEnv::new();
    for name in ["in/a.txt", "in/a.html", "in/b.txt", "mon/x.txt", "tue/x.txt"] {
        env.write(name, STORY);
    }
    let sounds = |env: &TestEnv| -> Vec<String> {
        env.files().into_iter().filter(|name| name.starts_with("output/")).collect()
    };
    let want = ["a-html", "a-txt", "b", "mon-x", "tue-x"].map(|name| format!("output/{name}.wav"));
    env.ok(&[&BATCH[..], &["in", "mon", "tue"]].concat());
    assert_eq!(sounds(&env), want);
    // Another order and other spellings: no work is left.
    let run = env.ok(&[&BATCH[..], &["./tue", "mon/../mon/x.txt", "in", "./in", "in/b.txt"]].concat());
    assert!(run.stdout.contains("0 articles read, 0 failed, 5 skipped"), "{run}");
    let run = env.ok(&[&READ[..], &["--force", "in/a.html", "in/a.txt", "./in/a.txt"]].concat());
    assert_eq!(run.stdout.lines().filter(|line| line.contains(" of sound in ")).count(), 2, "{run}");
}

#[test]
fn f10_names_that_are_no_utf8_keep_their_bytes() {
    let env = TestEnv::new();
    for name in [b"bad\xff.txt", b"bad\xfe.txt"] {
        if fs::write(env.folder().join(OsStr::from_bytes(name)), STORY).is_err() {
            return skip(Need::System, "names that are no UTF-8", "this file system has none");
        }
    }
    let run = env.ok(&[&BATCH[..], &["--json", "."]].concat());
    assert_eq!(run.json_lines().len(), 2, "{run}");
    for name in [b"bad\xff.wav", b"bad\xfe.wav"] {
        let path = env.path("output").join(OsStr::from_bytes(name));
        assert!(fs::exists(&path).unwrap(), "{}", path.display());
    }
}

#[test]
fn what_a_batch_cannot_look_into_is_told_and_the_rest_is_read() {
    let env = newsroom(2);
    env.write("closed/a.txt", STORY);
    fs::set_permissions(env.path("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    let args = [&BATCH[..], &["closed", "nothing*", "news", "closed/*.txt"]].concat();
    let Some(command) = as_nobody(&env, "exec \"$@\"", &args) else { return };
    let run = Run::of(command).expect(1);
    for word in ["closed", "may not be read", "nothing*", "no article here"] {
        assert!(run.stderr.contains(word), "“{word}” is missing\n{run}");
    }
    assert!(run.stdout.contains("2 articles read, 3 failed"), "{run}");
    fs::set_permissions(env.path("closed"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn limits_a_narrow_stack_is_wide_enough() {
    let env = newsroom(1);
    each(
        [
            &["--version"][..],
            &["completions", "bash"],
            &["config", "show"],
            &[&BATCH[..], &["news"]].concat(),
        ],
        |args| {
            Run::of(in_shell(&env, "ulimit -s 64 && exec \"$@\"", args)).expect(0);
        },
    );
    assert_eq!(results(&env), ["output/0.wav"]);
}

#[test]
fn f11_a_result_that_another_batch_made_meanwhile_is_skipped() {
    let env = TestEnv::new();
    env.write("news/long.txt", article(1500));
    let command = || env.command(&[&BATCH[..], &["-j", "1", "news"]].concat());
    let mut child = command().spawn().unwrap();
    while !env.files().iter().any(|name| is_part(name)) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was seen at work");
        sleep(Duration::from_millis(2));
    }
    env.write("output/long.wav", "made by another");
    let run = Run::wait(child, "batch").expect(0);
    assert!(run.stdout.contains("0 articles read, 0 failed, 1 skipped"), "{run}");
    assert_eq!(run.complaints(), "", "{run}");
    assert_eq!(env.bytes("output/long.wav"), b"made by another");
    assert_eq!(env.files(), ["news/long.txt", "output/long.wav"]);
}

#[test]
fn f13_sound_goes_to_standard_output() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    env.ok(&[&READ[..], &["story.txt"]].concat());
    let file = sound::chunks(&env.bytes("output/story.wav"));
    let (_, want) = file.iter().find(|(name, _)| name == "data").unwrap();
    let mut command = env.command(&[&READ[..], &["story.txt", "-o", "-"]].concat());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let place = output.stdout.windows(8).position(|bytes| bytes == b"data\xff\xff\xff\xff").unwrap();
    assert!(output.stdout[place + 8..] == want[..], "the sound is another");
    let title = output.stdout[..place].windows(4).any(|bytes| bytes == b"ICMT");
    assert!(output.stdout.starts_with(b"RIFF\xff\xff\xff\xffWAVE") && title, "{:?}", &output.stdout[..place]);
    // The summary goes aside.
    let aside = String::from_utf8(output.stderr).unwrap();
    assert!(aside.starts_with("standard output: ") && aside.contains("real-time factor"), "{aside}");
    assert_eq!(env.files(), ["output/story.wav", "story.txt"]);
    // A reader who has enough is no failure.
    env.write("long.txt", long_article());
    let mut child = env.command(&[&READ[..], &["long.txt", "-o", "-", "--quiet"]].concat()).spawn().unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0; 1000]).unwrap();
    Run::wait(child, "read -o -").expect(0).silent();
    for (args, words) in [
        (&["read", "--voice", "tone", "story.txt", "long.txt", "-o", "-"][..], &["one article", "-o"][..]),
        (&["read", "--voice", "tone", "story.txt", "-o", "-", "--json"], &["--json"]),
        (&["batch", "--voice", "tone", "story.txt", "-o", "-"], &["folder", "-o"]),
    ] {
        env.refused(args, 2, words);
    }
}

#[test]
fn f13_a_terminal_gets_no_sound() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    let mut command = env.command_of("script");
    command.args(["-qec", "\"$BINARY\" read --voice tone story.txt -o -", "/dev/null"]);
    command.env("BINARY", BINARY);
    let Ok(output) = command.output() else {
        return skip(Need::System, "sound to a terminal", "script can't be run");
    };
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.contains("is a terminal") && !shown.contains("RIFF"), "{shown:?}");
    assert_eq!(output.status.code(), Some(2), "{shown}");
}

#[test]
fn a_name_that_promises_another_format_is_refused() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    for args in [
        &["read", "--voice", "tone", "story.txt", "-o", "story.m4a"][..],
        &["read", "--voice", "tone", "story.txt", "-o", "new/story.AAC"],
        &["read", "--voice", "tone", "story.txt", "-o", "new/story.v2"],
        &["lexicon", "say", "--voice", "tone", "harbor", "-o", "story.ogg"],
    ] {
        env.refused(args, 2, &[args[args.len() - 1], "what to do"]);
    }
    for name in ["story.WAV", "story.wave", "story", "story.MP3"] {
        env.ok(&[&READ[..], &["story.txt", "-o", name]].concat());
    }
}

#[test]
fn f13_a_file_beyond_its_limit_is_told_without_help_of_the_shell() {
    let env = TestEnv::new();
    env.write("long.txt", long_article());
    let args = [&READ[..], &["long.txt"]].concat();
    let run = Run::of(in_shell(&env, "ulimit -f 64; exec \"$@\"", &args));
    run.expect(3).one_message(&["output/long.wav", "larger", "what to do"]);
    assert_eq!(env.files(), ["long.txt", "output/"]);
}

#[test]
fn f13_log_lines_in_a_file_have_no_colours() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    let mut command = env.command(&[&READ[..], &["story.txt"]].concat());
    command.env("AUDIO_REPORT_LOG", "debug");
    let run = Run::of(command).expect(0);
    assert!(run.stderr.contains("DEBUG") && !run.stderr.contains('\u{1b}'), "{run}");
}

#[test]
fn f13_what_is_wrong_with_a_folder_is_told_once() {
    let env = newsroom(12);
    fs::create_dir(env.path("closed")).unwrap();
    fs::set_permissions(env.path("closed"), fs::Permissions::from_mode(0o555)).unwrap();
    let names: Vec<String> = env.files().into_iter().filter(|name| name.starts_with("news/")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let args = [&READ[..], &names, &["-o", "closed"]].concat();
    let Some(command) = as_nobody(&env, "exec \"$@\"", &args) else { return };
    let run = Run::of(command).expect(3);
    assert_eq!(run.stderr.matches("what to do").count(), 1, "{run}");
    assert!(run.stderr.contains("11 more results in closed") && !run.stderr.contains(".part"), "{run}");
    // A batch, which can't remember the folder, does not even begin.
    let args = [&BATCH[..], &["news", "-o", "closed"]].concat();
    let Some(command) = as_nobody(&env, "exec \"$@\"", &args) else { return };
    Run::of(command).expect(3).one_message(&["closed", "can't be written"]);
    fs::set_permissions(env.path("closed"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn f13_a_full_disk_is_told_once() {
    let env = newsroom(3);
    for number in 0..3 {
        env.write(&format!("news/{number}.txt"), STORY.repeat(40));
    }
    fs::create_dir(env.path("small")).unwrap();
    // In a mount namespace of its own the file system disappears with the process. 77: it is not available.
    let script = "mount -t tmpfs -o size=64k none small 2>/dev/null || exit 77; exec \"$@\"";
    let mut command = env.command_of("unshare");
    let names = ["news/0.txt", "news/1.txt", "news/2.txt"];
    command.args(["-rm", "sh", "-c", script, "sh", BINARY]).args(READ).args(names).args(["-o", "small"]);
    let Ok(output) = command.output() else {
        return skip(Need::System, "a full disk", "unshare can't be run");
    };
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.code() == Some(77) || stderr.contains("unshare: ") {
        return skip(Need::System, "a full disk", "a small file system can't be mounted here");
    }
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert_eq!(stderr.matches("no room left").count(), 2, "{stderr}");
    assert!(stderr.contains("2 more results in small") && !stderr.contains(".part"), "{stderr}");
}

#[test]
fn an_article_in_a_pipe_keeps_its_first_bytes() {
    let env = TestEnv::new();
    for path in ["/dev/stdin", "-"] {
        let mut command = env.command(&["play", "--voice", "tone", path]);
        command.stdin(Stdio::piped());
        let shown = show(&command);
        let mut child = command.spawn().unwrap();
        // Without its beginning it would be text.
        let document = format!("%PDF-1.7\n{}", STORY.repeat(3));
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), document.as_bytes()).unwrap();
        Run::wait(child, &shown).expect(3).one_message(&["PDF document"]);
    }
}
