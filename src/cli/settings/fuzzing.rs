//! The reader of settings files, for `crate::fuzzing`.

use std::path::Path;
use std::sync::OnceLock;

use clap::{Command, CommandFactory};

use super::file::read;
use super::places::Level;
use crate::cli::args::Cli;

/// A settings file. Each problem must have a place in it.
pub(in crate::cli) fn settings(bytes: &[u8]) {
    static ROOT: OnceLock<Command> = OnceLock::new();
    let text = String::from_utf8_lossy(bytes);
    let (settings, problems) = read(Level::Named, Path::new("a.toml"), &text, ROOT.get_or_init(Cli::command));
    let lines = text.matches('\n').count() + 1;
    assert!(settings.iter().all(|setting| (1..=lines).contains(&setting.line)));
    for problem in problems {
        assert!((1..=lines).contains(&problem.line) && problem.column > 0, "{problem:?} of {lines} lines");
    }
}
