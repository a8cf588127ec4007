//! Runs a package client as a subprocess, patiently but not for ever.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::Delivery;
use crate::voice::failure::Failure;

/// The standard library can't wait for a child with a time limit: the interval between checks.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Number of its last lines that are quoted for the failure.
const LAST_LINES: usize = 3;

/// Runs the first of `programs` that this machine has, inside `folder`, where it also keeps its temporary files.
/// Its output goes to a file there: unlike a pipe it can't fill up, nor be held open by a grandchild.
pub(super) fn run(
    to: &dyn Delivery,
    programs: &[OsString],
    arguments: &[&OsStr],
    folder: &Path,
) -> Result<(), Failure> {
    let log = folder.join("client.log");
    let output = || File::create(&log).and_then(|file| Ok((file.try_clone()?, file)));
    let mut started = None;
    for program in programs {
        let (stdout, stderr) = output().map_err(|error| Failure::source(format!("no log file: {error}")))?;
        let spawned = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .env("TMPDIR", folder)
            .env("TMP", folder)
            .env("TEMP", folder)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .spawn();
        match spawned {
            Ok(child) => {
                started = Some((program, child));
                break;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Failure::exhausted(format!("{} can't be run: {error}", program.display())));
            }
        }
    }
    let Some((program, child)) = started else {
        let names: Vec<_> = programs.iter().map(|program| program.to_string_lossy()).collect();
        return Err(Failure::exhausted(format!("{} is not on this machine", names.join(" or "))));
    };
    let status = wait(to, child)?;
    if status.success() {
        return Ok(());
    }
    let last = last_lines(&fs::read(&log).unwrap_or_default());
    let why = if last.is_empty() { "it said nothing".into() } else { last };
    Err(Failure::source(format!("{} ended with {status}: {why}", program.display())))
}

fn wait(to: &dyn Delivery, child: Child) -> Result<ExitStatus, Failure> {
    let mut child = Killed(child);
    let limit = to.options().limits.client;
    let begun = Instant::now();
    loop {
        match child.0.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) => {}
            Err(error) => return Err(Failure::source(format!("it can't be waited for: {error}"))),
        }
        if begun.elapsed() >= limit {
            return Err(Failure::exhausted(format!("it was not done after {} s", limit.as_secs_f64())));
        }
        to.options().cancel.sleep(LOOK_AGAIN);
        to.check_cancelled()?;
    }
}

/// A child process that is killed when dropped.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // Both fail harmlessly on a child that is done.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The last lines that are not empty, on one line and without control characters.
fn last_lines(output: &[u8]) -> String {
    let tail = &output[output.len().saturating_sub(4096)..];
    let text = String::from_utf8_lossy(tail);
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join(" / ")
}

/// The one file in `folder` that ends in `.extension`.
pub(super) fn only_file(folder: &Path, extension: &str) -> Result<PathBuf, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| Failure::source(error.to_string()))?;
    let has_extension = |path: &PathBuf| path.extension().is_some_and(|found| found == extension);
    let mut found = entries.flatten().map(|entry| entry.path()).filter(has_extension);
    match (found.next(), found.next()) {
        (Some(path), None) => Ok(path),
        (None, _) => Err(Failure::source(format!("the client brought no .{extension} file"))),
        (Some(_), Some(_)) => Err(Failure::source(format!("the client brought several .{extension} files"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_told_without_control_characters() {
        let output = b"a\nb\n\n\x1b[31mERROR\x1b[0m: no\xff network\r\n  see the log\n\n";
        assert_eq!(last_lines(output), "b / [31mERROR[0m: no\u{fffd} network / see the log");
        assert_eq!(last_lines(b""), "");
    }

    #[test]
    fn exactly_one_package_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        assert!(only_file(folder.path(), "whl").is_err());
        fs::write(folder.path().join("a.whl"), "").unwrap();
        assert_eq!(only_file(folder.path(), "whl").unwrap(), folder.path().join("a.whl"));
        fs::write(folder.path().join("b.whl"), "").unwrap();
        assert!(only_file(folder.path(), "whl").is_err());
    }
}
