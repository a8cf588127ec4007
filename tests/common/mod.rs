//! The real binary in a temporary folder of its own: no installed voice, no files of the user, no files left behind.

#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test that finds something odd must fail")]

pub mod sound;
#[path = "../../src/table_test.rs"]
mod table_test;
pub mod tool;
pub mod voice;

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use serde_json::Value;
#[allow(unused_imports, reason = "each test file uses its own part")]
pub(crate) use table_test::each;
use tempfile::TempDir;

/// The program under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_audio-report");
/// Two sentences that need no dictionary to be counted.
pub const STORY: &str = "The port reopened on Monday. Ships came back at noon.\n";
/// The sample article, page furniture included, and the blocks of its story.
pub const SUMMIT: &str = include_str!("../data/articles/summit.txt");
pub const SUMMIT_STORY: &str = include_str!("../data/articles/summit.expected.txt");

/// A working folder, and beside it a home without voices.
pub struct TestEnv {
    root: TempDir,
    /// Whether the binary is run by [`NOBODY`], from a copy that this user can reach.
    is_nobody: bool,
    /// What a debug build changes of how it fetches, see `src/net/ground.rs`.
    net: String,
}

/// The number of the user without files, and of its group.
pub const NOBODY: u32 = 65_534;

impl TestEnv {
    pub fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for folder in ["work", "home", "data"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        // Here a project ends: no settings file above counts.
        fs::create_dir(root.path().join(".git")).unwrap();
        // Servers of tests need no rest between two requests.
        Self { root, is_nobody: false, net: "pause=0".to_string() }
    }

    /// The same for a binary that fetches on other grounds, which stand in `src/net/ground.rs`.
    pub fn with_net(net: &str) -> Self {
        Self { net: format!("pause=0 {net}"), ..Self::new() }
    }

    /// The same for a binary that runs without the rights of root, which override all permissions. Only root can make
    /// one.
    #[cfg(unix)]
    pub fn of_nobody() -> Self {
        let env = Self { is_nobody: true, ..Self::new() };
        env.reachable_binary();
        for folder in ["work", "home", "data"] {
            std::os::unix::fs::chown(env.root.path().join(folder), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        env
    }

    /// A copy of the binary where every user can run it: the target folder may be readable by its owner only.
    #[cfg(unix)]
    pub fn reachable_binary(&self) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let copy = self.root.path().join("audio-report");
        fs::copy(BINARY, &copy).unwrap();
        fs::set_permissions(self.root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        copy
    }

    /// The working folder.
    pub fn folder(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// A path in the working folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// A path in `AUDIO_REPORT_HOME`.
    pub fn data(&self, name: &str) -> PathBuf {
        self.root.path().join("data").join(name)
    }

    /// Writes a file, and the folders on the way to it.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name))
            .unwrap_or_else(|error| panic!("{name}: {error}; there are {:?}", self.files()))
    }

    /// Every file and every empty folder, hidden ones too, sorted; folders end with a slash. What a batch remembers is left out.
    pub fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        collect(&self.folder(), "", &mut found);
        found.sort();
        found
    }

    /// `program` in the working folder with an environment free of the user's variables.
    pub fn command_of(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        #[cfg(unix)]
        if self.is_nobody {
            use std::os::unix::process::CommandExt;
            command.uid(NOBODY).gid(NOBODY);
        }
        command.current_dir(self.folder()).env_clear();
        for kept in ["PATH", "SystemRoot", "TEMP", "TMP", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command
            .env("HOME", self.root.path().join("home"))
            .env("AUDIO_REPORT_HOME", self.root.path().join("data"))
            // What is measured is the article.
            .env("AUDIO_REPORT_ANNOUNCE", "none")
            .env("AUDIO_REPORT_TEST_NET", &self.net);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The binary.
    pub fn command(&self, args: &[&str]) -> Command {
        let copy = self.root.path().join("audio-report");
        let mut command = self.command_of(if self.is_nobody { copy.to_str().unwrap() } else { BINARY });
        command.args(args);
        command
    }

    /// Runs the binary to its end.
    pub fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args))
    }

    /// Runs it with `input` on its standard input.
    pub fn run_with_input(&self, args: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(args);
        command.stdin(Stdio::piped());
        let shown = show(&command);
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let output = thread::scope(|scope| {
            // A program that stops reading is not at fault: only its output counts.
            scope.spawn(move || drop(stdin.write_all(input)));
            child.wait_with_output().unwrap()
        });
        Run::new(shown, output)
    }

    /// Runs what must succeed.
    #[track_caller]
    pub fn ok(&self, args: &[&str]) -> Run {
        self.run(args).expect(0)
    }

    /// Runs what must fail, with one message that holds all of `words`, and must leave all files as they were.
    #[track_caller]
    pub fn refused(&self, args: &[&str], code: i32, words: &[&str]) -> Run {
        let before = self.files();
        let run = self.run(args).expect(code).one_message(words);
        assert_eq!(self.files(), before, "files were left behind or removed\n{run}");
        run
    }

    /// Reads an article with the stand-in voice and gives the summary of `--json`.
    #[track_caller]
    pub fn summary(&self, args: &[&str]) -> Value {
        let run = self.ok(&[&["read", "--voice", "tone", "--json"], args].concat());
        let lines = run.json_lines();
        assert_eq!(lines.len(), 1, "one object an input\n{run}");
        lines.into_iter().next().unwrap()
    }
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_name() == ".audio-report" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            let count = found.len();
            collect(&entry.path(), &format!("{name}/"), found);
            if found.len() == count && !entry.path().join(".audio-report").is_dir() {
                found.push(format!("{name}/"));
            }
        } else {
            found.push(name);
        }
    }
}

/// How a command ended; shows itself whole.
pub struct Run {
    command: String,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Runs a command to its end.
    pub fn of(mut command: Command) -> Self {
        let shown = show(&command);
        Self::new(shown, command.output().unwrap())
    }

    /// Waits for a child.
    pub fn wait(child: Child, shown: &str) -> Self {
        Self::new(shown.to_string(), child.wait_with_output().unwrap())
    }

    fn new(command: String, output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { command, code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The exit code is `code`, and no thread panicked.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "exit code\n{self}");
        assert!(!self.stderr.contains("panicked"), "a panic\n{self}");
        self
    }

    /// What standard error holds beside the lines of a batch about how far it is.
    pub fn complaints(&self) -> String {
        let is_number = |word: Option<&str>| {
            word.is_some_and(|word| word.trim_end_matches(':').bytes().all(|b| b.is_ascii_digit()))
        };
        let is_progress = |line: &str| {
            let mut words = line.split(' ');
            let is_begun = is_number(words.next()) && words.next() == Some("of") && is_number(words.next());
            is_begun || line.contains(" of sound, ") && line.contains(" articles")
        };
        self.stderr.split_inclusive('\n').filter(|line| !is_progress(line.trim_end())).collect()
    }

    /// Standard error holds one message, with a cure, and all of `words`; standard output is empty.
    #[track_caller]
    pub fn one_message(self, words: &[&str]) -> Self {
        let complaints = self.complaints();
        let heads = complaints.lines().filter(|line| !line.starts_with("  ")).count();
        let is_ours = complaints.starts_with("audio-report: ") || complaints.starts_with("error: ");
        assert!(is_ours, "no message of the program\n{self}");
        if complaints.starts_with("audio-report: ") {
            assert_eq!(heads, 1, "one message is wanted\n{self}");
        }
        for word in words {
            assert!(self.stderr.contains(word), "“{word}” is missing in the message\n{self}");
        }
        assert_eq!(self.stdout, "", "standard output\n{self}");
        self
    }

    /// There was no message.
    #[track_caller]
    pub fn silent(self) -> Self {
        assert!(self.stdout.is_empty() && self.stderr.is_empty(), "silence is wanted\n{self}");
        self
    }

    /// Standard output as JSON, line by line.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        let parse =
            |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("no JSON: {error}\n{self}"));
        self.stdout.lines().map(parse).collect()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = |text: &str| -> String {
            let mut shown: String = text.chars().take(4000).collect();
            if shown.len() < text.len() {
                shown.push('…');
            }
            shown
        };
        writeln!(f, "$ {}", self.command)?;
        writeln!(f, "exit code {:?}", self.code)?;
        writeln!(f, "--- standard output\n{}", cut(&self.stdout))?;
        write!(f, "--- standard error\n{}", cut(&self.stderr))
    }
}

/// A command as it would be typed, without its folder.
pub fn show(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// White space folded.
pub fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Compares the chapters of a digest, a WAV file with chapters beside it, with the reports that they tell: the number of a chapter and
/// the name of its report, both in the folder `out`. The same sound is there, though perhaps at another level.
#[track_caller]
pub fn assert_chapters_are_reports(env: &TestEnv, digest: &str, reports: &[(usize, &str)]) {
    let day = sound::Sound::read(&env.bytes(&format!("out/{digest}.wav")));
    let chapters: Value = serde_json::from_slice(&env.bytes(&format!("out/{digest}.chapters.json"))).unwrap();
    for (number, report) in reports {
        let chapter = &chapters["chapters"][*number];
        let spoken = day.part(self::number(chapter, "startTime"), self::number(chapter, "endTime"));
        let report = sound::Sound::read(&env.bytes(&format!("out/{report}.wav")));
        assert!(spoken.len() >= report.samples.len(), "{chapter} is shorter than its report");
        let likeness = sound::likeness(spoken, &report.samples);
        assert!(likeness > 0.999, "{chapter}: {likeness} like its report");
    }
}

/// A number of a JSON object.
#[track_caller]
pub fn number(object: &Value, key: &str) -> f64 {
    object[key].as_f64().unwrap_or_else(|| panic!("“{key}” is no number in {object}"))
}

/// A requirement of a test that not every machine meets.
#[derive(Clone, Copy, Debug)]
pub enum Need {
    /// The real voice. `AUDIO_REPORT_REQUIRE_VOICE=1` says that it is there.
    Voice,
    /// Something of the system: a second user, a small file system, an emulator. `AUDIO_REPORT_REQUIRE_SYSTEM=1` says that it is there.
    System,
}

/// Reports that the test `what` can't run here, and why. Where the need is required, the test fails, so that CI can't
/// skip it.
#[track_caller]
pub fn skip(need: Need, what: &str, why: &str) {
    let variable = match need {
        Need::Voice => "AUDIO_REPORT_REQUIRE_VOICE",
        Need::System => "AUDIO_REPORT_REQUIRE_SYSTEM",
    };
    let is_required = std::env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0");
    assert!(!is_required, "{what} must be tested where {variable} is set: {why}");
    // Not by a macro, whose output the test runner hides when a test passes.
    drop(writeln!(std::io::stderr(), "skipped: {what}: {why}"));
}
