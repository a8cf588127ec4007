//! Places that can't be written to, streams that close, and signals never leave half-written files.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

use crate::common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use common::sound::Sound;
use common::{BINARY, Need, Run, STORY, TestEnv, each, show, skip};

const READ: [&str; 3] = ["read", "--voice", "tone"];
/// Interval between checks of a condition that will come.
const POLL: Duration = Duration::from_millis(5);

/// An article of about `words` words, without repeated paragraphs.
fn article(words: usize) -> String {
    let paragraph = |number: usize| {
        format!(
            "Report {number} says that the old harbor was quiet in the morning. The ships came back at noon, and the \
             cranes were busy until the evening came.\n\n"
        )
    };
    let in_one = paragraph(1).split_whitespace().count();
    (1..=words.div_ceil(in_one)).map(paragraph).collect()
}

/// The binary started by a shell, as `"$@"`.
fn in_shell(env: &TestEnv, script: &str, args: &[&str]) -> Command {
    let mut command = env.command_of("sh");
    command.args(["-c", script, "sh", BINARY]).args(args);
    command
}

#[test]
fn what_is_in_the_way_is_named_and_stays() {
    for force in [false, true] {
        let env = TestEnv::new();
        env.write("story.txt", STORY);
        env.write("file", "precious");
        fs::create_dir_all(env.path("output/story.wav")).unwrap();
        assert!(Command::new("mkfifo").arg(env.path("pipe.wav")).status().unwrap().success());
        for (args, words) in [
            (&["story.txt", "-o", "file/story.wav"][..], &["file/story.wav", "in the way", "-o"][..]),
            (&["story.txt", "-o", "file/deep/story.wav"], &["file/deep/story.wav", "in the way", "-o"]),
            (&["story.txt", "-o", "file/"], &["file", "-o"]),
            // The result's own name is a folder's.
            (&["story.txt"], &["output/story.wav", "folder", "-o"]),
            // A device or a pipe is not replaced by a file.
            (&["story.txt", "-o", "pipe.wav"], &["pipe.wav", "no regular file", "-o"]),
        ] {
            let force: &[&str] = if force { &["--force"] } else { &[] };
            let run = env.run(&[&READ[..], args, force].concat());
            assert!([Some(2), Some(3)].contains(&run.code), "{run}");
            env.refused(&[&READ[..], args, force].concat(), run.code.unwrap(), words);
        }
        assert_eq!(env.bytes("file"), b"precious");
        assert!(fs::metadata(env.path("pipe.wav")).unwrap().file_type().is_fifo());
    }
}

#[test]
fn an_unwritable_folder_is_named() {
    let mut env = TestEnv::new();
    // Root may write everywhere, so then the binary runs as another user.
    if fs::metadata(env.folder()).unwrap().uid() == 0 {
        env = TestEnv::of_nobody();
    }
    env.write("story.txt", STORY);
    fs::create_dir(env.path("closed")).unwrap();
    fs::set_permissions(env.path("closed"), fs::Permissions::from_mode(0o555)).unwrap();
    let mut probe = env.command_of("touch");
    probe.arg("closed/probe");
    if Run::of(probe).code == Some(0) {
        return skip(Need::System, "a folder without write permission", "this user may write everywhere");
    }
    for output in ["closed/", "closed/a.wav", "closed/new/a.wav"] {
        env.refused(
            &[&READ[..], &["story.txt", "-o", output]].concat(),
            3,
            &["closed", "can't be written", "-o"],
        );
    }
    fs::write(env.path("secret.txt"), STORY).unwrap();
    fs::set_permissions(env.path("secret.txt"), fs::Permissions::from_mode(0o000)).unwrap();
    env.refused(&[&READ[..], &["secret.txt"]].concat(), 3, &["secret.txt", "may not be read", "permissions"]);
}

#[test]
fn a_full_disk_keeps_nothing() {
    let env = TestEnv::new();
    env.write("story.txt", article(200));
    fs::create_dir(env.path("small")).unwrap();
    // In a mount namespace of its own the file system disappears with the process. 77: it is not available.
    let script = "mount -t tmpfs -o size=64k none small 2>/dev/null || exit 77
        \"$@\"; code=$?; ls -A small; exit $code";
    let mut command = env.command_of("unshare");
    command.args(["-rm", "sh", "-c", script, "sh", BINARY]).args(READ).args(["story.txt", "-o", "small/"]);
    let shown = show(&command);
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return skip(Need::System, "a full disk", &format!("unshare can't be run: {error}")),
    };
    let run = Run::wait(child, &shown);
    if run.code == Some(77) || run.stderr.contains("unshare: ") {
        return skip(Need::System, "a full disk", "a small file system can't be mounted here");
    }
    // The files that `ls` lists would be on standard output.
    run.expect(3).one_message(&["small/story.wav", "no room left", "make room", "-o"]);
}

#[test]
fn a_file_beyond_its_limit_keeps_nothing() {
    let env = TestEnv::new();
    env.write("story.txt", article(200));
    env.write("probe", "");
    // Blocks of 512 bytes; with the signal ignored a write beyond fails with EFBIG.
    let command =
        in_shell(&env, "trap '' XFSZ; ulimit -f 64; exec \"$@\"", &[&READ[..], &["story.txt"]].concat());
    Run::of(command).expect(3).one_message(&["output/story.wav", "larger", "what to do"]);
    assert_eq!(env.files(), ["output/", "probe", "story.txt"]);
}

#[test]
fn a_closed_output_is_no_failure() {
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    env.write("long.txt", article(20_000));
    let rows = [
        (&["read", "--voice", "tone", "--force", "story.txt"][..], 0),
        (&["read", "--voice", "tone", "--force", "--json", "story.txt"], 0),
        (&["explain", "long.txt"], 1),
        (&["explain", "--stage", "sentences", "long.txt"], 1),
        (&["voices", "list"], 0),
        (&["completions", "bash"], 0),
        (&["man"], 0),
        (&["--help"], 0),
    ];
    each(rows, |(args, lines)| {
        let mut command = env.command(args);
        let shown = show(&command);
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        for _ in 0..lines {
            output.read_line(&mut String::new()).unwrap();
        }
        drop(output);
        Run::wait(child, &shown).expect(0).silent();
    });
    assert!(Sound::read(&env.bytes("output/story.wav")).seconds() > 1.0);
    // Closed from the start.
    for redirection in [">&-", ">&- 2>&-", "<&- >&-"] {
        let script = format!("exec \"$@\" {redirection}");
        let args = [&READ[..], &["--force", "story.txt"]].concat();
        Run::of(in_shell(&env, &script, &args)).expect(0).silent();
        assert!(Sound::read(&env.bytes("output/story.wav")).seconds() > 1.0, "{redirection}");
    }
    assert_eq!(env.files(), ["long.txt", "output/story.wav", "story.txt"]);
}

#[test]
fn a_full_output_is_said() {
    if !fs::exists("/dev/full").unwrap() {
        return skip(Need::System, "a full standard output", "there is no /dev/full");
    }
    let env = TestEnv::new();
    env.write("story.txt", STORY);
    env.write("news/one.txt", STORY);
    env.write("news/two.txt", STORY);
    // The results, and the exit code: a report that is lost does not undo the work.
    let rows = [
        (&["explain", "story.txt"][..], 3, &[][..]),
        (&["voices", "list"], 3, &[]),
        (&["read", "--voice", "tone", "--json", "story.txt"], 1, &["output/story.wav"]),
        (&["batch", "--voice", "tone", "news", "-o", "sound"], 1, &["sound/one.wav", "sound/two.wav"]),
        (&["batch", "--voice", "tone", "--json", "--force", "news", "-o", "sound"], 1, &["sound/one.wav"]),
    ];
    each(rows, |(args, code, results)| {
        let command = in_shell(&env, "exec \"$@\" >/dev/full", args);
        Run::of(command).expect(code).one_message(&["standard output", "what to do"]);
        for result in results {
            assert!(Sound::read(&env.bytes(result)).seconds() > 1.0, "{result}");
        }
    });
}

#[test]
fn a_closed_input_is_an_empty_one() {
    let env = TestEnv::new();
    for args in [&["read", "--voice", "tone", "-"][..], &["explain", "-"]] {
        Run::of(in_shell(&env, "exec \"$@\" <&-", args)).expect(3).one_message(&["standard input", "empty"]);
        env.refused(args, 3, &["standard input", "empty"]);
        Run::of(in_shell(&env, "exec \"$@\" <.", args)).expect(3).one_message(&[
            "standard input",
            "can't be read",
            "what to do",
        ]);
    }
    assert!(env.files().is_empty(), "{:?}", env.files());
}

/// A child process that is killed when a test fails.
struct Running(Option<Child>);

impl Running {
    fn signal(&self, name: &str) {
        let id = self.0.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Waits until `is_there`; the child must not end before.
    fn wait_until(&mut self, what: &str, is_there: impl Fn() -> bool) {
        while !is_there() {
            let ended = self.0.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "it ended ({ended:?}) before {what}");
            sleep(POLL);
        }
    }

    fn end(mut self, shown: &str) -> Run {
        Run::wait(self.0.take().unwrap(), shown)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn an_interrupt_leaves_nothing_half_written() {
    let rows = [
        ("-INT", &["read", "--voice", "tone", "story.txt", "long.txt", "story2.txt"][..]),
        ("-TERM", &["read", "--voice", "tone", "-j", "1", "long.txt"]),
        ("-HUP", &["read", "--voice", "tone", "--quiet", "long.txt"]),
        ("-INT", &["batch", "--voice", "tone", "long.txt", "story2.txt"]),
    ];
    each(rows, |(signal, args)| {
        let env = TestEnv::new();
        env.write("story.txt", STORY);
        env.write("story2.txt", STORY);
        env.write("long.txt", article(50_000));
        let mut command = env.command(args);
        let shown = format!("{signal}: {}", show(&command));
        let mut running = Running(Some(command.spawn().unwrap()));
        // The long article is being written when its partial file has some size.
        let is_writing = || {
            let entries = fs::read_dir(env.path("output")).into_iter().flatten().filter_map(Result::ok);
            entries
                .filter_map(|entry| Some((entry.file_name(), entry.metadata().ok()?)))
                .any(|(name, data)| name.to_string_lossy().ends_with(".part") && data.len() > 1_000_000)
        };
        running.wait_until("anything was written", is_writing);
        running.signal(signal);
        let run = running.end(&shown).expect(130);
        assert!(
            run.complaints().starts_with("audio-report: interrupted") && run.stderr.contains("long.txt"),
            "{run}"
        );
        assert_eq!(run.complaints().lines().count(), 1, "{run}");
        // Complete results are kept, whole, and reported; also later ones that were begun while a worker would have
        // idled.
        let mut results = 0;
        for name in env.files().iter().filter(|name| name.starts_with("output/") && *name != "output/") {
            assert!(["output/story.wav", "output/story2.wav"].contains(&&**name), "{name} is left\n{run}");
            assert!(run.stdout.contains(name) || args.contains(&"--quiet"), "{name} is not told\n{run}");
            assert!(Sound::read(&env.bytes(name)).seconds() > 1.0, "{name} is not whole\n{run}");
            results += 1;
        }
        let has_first = env.files().iter().any(|name| name == "output/story.wav");
        assert_eq!(has_first, args.contains(&"story.txt"), "{run}");
        assert!(results <= 2, "{run}");
    });
}

/// A number of `/proc/<pid>/status`; hexadecimal for masks.
#[cfg(target_os = "linux")]
fn status(child: u32, key: &str, radix: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{child}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    u64::from_str_radix(line.trim().trim_end_matches(" kB"), radix).ok()
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_ends_the_wait_for_input() {
    const SIGINT: u64 = 2;
    let env = TestEnv::new();
    let mut command = env.command(&["read", "--voice", "tone", "-"]);
    command.stdin(Stdio::piped());
    let shown = show(&command);
    let mut child = command.spawn().unwrap();
    // Held open, without data.
    let stdin = child.stdin.take();
    let id = child.id();
    let mut running = Running(Some(child));
    running.wait_until("it watched for signals", || {
        status(id, "SigCgt", 16).is_some_and(|caught| caught >> (SIGINT - 1) & 1 == 1)
    });
    running.signal("-INT");
    // A program that keeps waiting is released, and then reports something else.
    for _ in 0..4000 {
        if running.0.as_mut().unwrap().try_wait().unwrap().is_some() {
            break;
        }
        sleep(POLL);
    }
    drop(stdin);
    running.end(&shown).expect(130).one_message(&["interrupted", "standard input"]);
    assert!(env.files().is_empty(), "{:?}", env.files());
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_article() {
    let peak = |words: usize| {
        let env = TestEnv::new();
        env.write("story.txt", article(words));
        let args = ["read", "--voice", "tone", "--speed", "2", "-j", "2", "--quiet", "story.txt"];
        let mut command = env.command(&args);
        let shown = show(&command);
        let child = command.spawn().unwrap();
        let id = child.id();
        let mut running = Running(Some(child));
        let mut peak = 0;
        while running.0.as_mut().unwrap().try_wait().unwrap().is_none() {
            peak = status(id, "VmHWM", 10).unwrap_or(0).max(peak);
            sleep(POLL);
        }
        running.end(&shown).expect(0).silent();
        let seconds = env.bytes("output/story.wav").len() / 48_000;
        assert!(seconds > words / 8, "{words} words are {seconds} s");
        peak
    };
    let (short, long) = (peak(500), peak(50_000));
    assert!(short > 1000, "{short} kB can't be measured right");
    assert!(long * 100 <= short * 115, "500 words take {short} kB, 50,000 words {long} kB");
}
