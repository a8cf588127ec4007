//! Settings files: what stands in them becomes the defaults of options, before the command line is parsed. So options that are typed
//! and environment variables count more by themselves, and nothing is listed twice.
//!
//! [`places`] finds the files, [`mod@file`] reads them by [`keys`], [`apply`] gives their values to the definition of the command line, and
//! [`show`] and [`check`] are the command `config`.

mod apply;
mod check;
mod file;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
mod keys;
mod places;
mod show;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser};

use self::file::Setting;
pub(crate) use self::places::Choice;
use self::places::candidates;
use super::args::config::{ConfigArgs, ConfigCommand, SettingsArgs};
use super::args::{Cli, asked};
use super::{DONE, terminal};
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};

/// What the files set.
#[derive(Clone, Debug, Default)]
struct Settings {
    /// By command and key.
    values: HashMap<(String, String), Setting>,
}

impl Settings {
    /// Reads the files that are chosen. Any fault of theirs is an error, however little it concerns the command that is run: a key with
    /// a slip of the pen would otherwise be found after the morning on which it did nothing.
    fn load(choice: &Choice) -> Result<Self> {
        let mut settings = Self::default();
        let files: Vec<_> = candidates(choice).into_iter().filter(|file| file.is_used).collect();
        if files.is_empty() {
            return Ok(settings);
        }
        let root = Cli::command();
        for candidate in files {
            let text = places::read(&candidate.path)?;
            let (found, problems) = file::read(candidate.level, &candidate.path, &text, &root);
            if let Some(first) = problems.first() {
                let name = printable(&candidate.path.to_string_lossy());
                let more = match problems.len() {
                    1 => String::new(),
                    number => format!("; all {number} problems: audio-report config check {name}"),
                };
                let place = Place::file(&candidate.path).line(first.line, first.column);
                let cure = Cure::other(format!("{}{more}", first.cure));
                return Err(Error::new(ErrorKind::Usage, first.what.clone()).at(place).with_cure(cure));
            }
            settings.add(found);
        }
        Ok(settings)
    }

    /// Adds what a file sets, where nothing that counts more stands already.
    fn add(&mut self, found: Vec<Setting>) {
        for setting in found {
            let at = (setting.command.clone(), setting.key.clone());
            if self.values.get(&at).is_none_or(|known| known.rank <= setting.rank) {
                self.values.insert(at, setting);
            }
        }
    }

    fn get(&self, command: &str, key: &str) -> Option<&Setting> {
        self.values.get(&(command.to_owned(), key.to_owned()))
    }
}

/// Why there is no command to run.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The command line is wrong, or asks for help.
    Usage(clap::Error),
    /// A settings file is wrong.
    Settings(Error),
}

/// Parses a command line over the settings.
pub(crate) fn parse(argv: &[OsString]) -> Result<Cli, Refusal> {
    let settings = match Settings::load(&Choice::typed(argv)) {
        Ok(settings) => settings,
        Err(fault) => {
            // Help and the commands that mend settings work all the same.
            let name = apply::matches(|| asked::definition(argv), &Settings::default(), argv)
                .map(|parsed| parsed.matches.subcommand_name().map(ToOwned::to_owned));
            match name {
                Ok(Some(name)) if keys::WITHOUT.contains(&&*name) => Settings::default(),
                Ok(_) => return Err(Refusal::Settings(fault)),
                Err(usage) => return Err(Refusal::Usage(plain(usage, argv))),
            }
        }
    };
    let mut parsed = apply::matches(|| asked::definition(argv), &settings, argv)
        .map_err(|usage| Refusal::Usage(plain(usage, argv)))?;
    Cli::from_arg_matches_mut(&mut parsed.matches)
        .map_err(|usage| Refusal::Usage(usage.format(&mut Cli::command())))
}

/// Help is that of the program, not of the settings at hand, and faults are told without the ways back of switches.
fn plain(error: clap::Error, argv: &[OsString]) -> clap::Error {
    let plain = Cli::try_parse_from(argv).err();
    plain.filter(|plain| plain.kind() == error.kind()).unwrap_or(error)
}

/// Runs `config …`.
pub(crate) fn run(args: &ConfigArgs, files: &SettingsArgs) -> anyhow::Result<u8> {
    let choice = Choice::from(files);
    match &args.command {
        ConfigCommand::Show { command, json, options } => show::run(&choice, command, *json, options),
        ConfigCommand::Check { files } => check::run(&choice, files),
        ConfigCommand::Path => {
            let mut text = String::new();
            for place in candidates(&choice) {
                let name = printable(&place.path.to_string_lossy());
                let there = if place.is_used { "" } else { " (not there)" };
                text.push_str(&format!("{:<8} {name}{there}\n", place.level.name()));
            }
            terminal::print(&text)?;
            Ok(DONE)
        }
    }
}
