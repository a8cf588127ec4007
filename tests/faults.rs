//! Faults that were found by trial, each test under the number of its case.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use common::sound::Sound;
use common::{BINARY, Need, Run, STORY, TestEnv, show, skip};

const BATCH: [&str; 3] = ["batch", "--voice", "tone"];
const READ: [&str; 3] = ["read", "--voice", "tone"];
/// A user who owns nothing and runs nothing.
const NOBODY: &str = "54321";

/// An article that takes a while.
fn long_article() -> String {
    article(8000)
}

/// An article of so many sentences.
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

/// The same as another user, whom the system counts for himself; not everywhere can one become him.
fn as_nobody(env: &TestEnv, script: &str, args: &[&str]) -> Option<Command> {
    let become_nobody = ["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"];
    let binary = env.reachable_binary();
    let mut probe = env.command_of("setpriv");
    probe.args(become_nobody).arg(&binary).arg("--version");
    if !probe.status().is_ok_and(|status| status.success()) {
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
    // The voice is missing, and would be told if it were looked for.
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

/// All was done, or it was said what was not, and nothing half-written is left.
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
