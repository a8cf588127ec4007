//! `config check`: the faults of settings files.

use std::path::{Path, PathBuf};

use clap::{CommandFactory, ValueHint};

use super::file::{self, Problem, Setting};
use super::keys::{self, FEEDS, leaves};
use super::places::{self, Choice, Level, candidates};
use crate::cli::args::Cli;
use crate::cli::terminal::{self, count};
use crate::cli::voices::VoiceChoice;
use crate::cli::{code_of, cures, feed, show};
use crate::error::{Result, printable};

/// Checks files, or those that are in use.
pub(super) fn run(choice: &Choice, files: &[PathBuf]) -> anyhow::Result<u8> {
    let files: Vec<(Level, PathBuf)> = if files.is_empty() {
        let used = candidates(choice).into_iter().filter(|file| file.is_used);
        used.map(|file| (file.level, file.path)).collect()
    } else {
        files.iter().map(|file| (Level::Named, file.clone())).collect()
    };
    if files.is_empty() {
        terminal::print(
            "there is no settings file; `audio-report config path` prints where one is looked for\n",
        )?;
    }
    let mut bad = 0;
    for (level, file) in &files {
        match problems(*level, file) {
            Ok((settings, problems)) => {
                let name = printable(&file.to_string_lossy());
                let mut text = String::new();
                for Problem { line, column, what, cure } in &problems {
                    text.push_str(&format!("{name}:{line}:{column}: {what} ({cure})\n"));
                }
                let (settings, faults) = (count(settings, "setting"), count(problems.len(), "problem"));
                text.push_str(&format!("{name}: {settings}, {faults}\n"));
                terminal::show(&text)?;
                bad += usize::from(!problems.is_empty());
            }
            Err(error) => {
                terminal::report(&error);
                bad += 1;
            }
        }
    }
    Ok(code_of(files.len() - bad, bad))
}

/// How many lines of a file set something, and its faults.
fn problems(level: Level, path: &Path) -> Result<(usize, Vec<Problem>)> {
    let text = places::read(path)?;
    let root = Cli::command();
    let (settings, mut problems) = file::read(level, path, &text, &root);
    let mut lines: Vec<usize> = settings.iter().map(|setting| setting.line).collect();
    lines.sort_unstable();
    lines.dedup();
    let inputs = settings.iter().flat_map(|setting| {
        let leaf = leaves(&root, "").into_iter().find(|(leaf, _)| *leaf == setting.command);
        let arg = leaf.and_then(|(_, leaf)| keys::options(leaf).find(|(key, _)| *key == setting.key));
        let is_input =
            arg.is_some_and(|(_, arg)| keys::is_path(arg) && arg.get_value_hint() == ValueHint::FilePath);
        setting.values.iter().filter(move |_| is_input).map(move |value| (setting, Path::new(value)))
    });
    let faults = inputs.filter_map(|(setting, path)| Some((setting, fault_of_input(setting, path)?)));
    let values = settings.iter().filter_map(|setting| Some((setting, fault_of_value(setting)?)));
    for (setting, (what, cure)) in faults.chain(values) {
        let problem = Problem { line: setting.line, column: 1, what, cure };
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    problems.sort();
    Ok((lines.len(), problems))
}

/// What is wrong with a value that its command finds out only when it runs.
fn fault_of_value(setting: &Setting) -> Option<(String, String)> {
    let value = setting.values.first()?.to_str().filter(|value| !value.is_empty())?;
    let error = match &*setting.key {
        "voice" | "voice-quotes" => {
            VoiceChoice { name: Some(value.to_owned()), is_fast: false, may_fetch: false }.check().err()
        }
        "base-url" => show::base(value).err(),
        _ => None,
    }?;
    let cure = cures::words(&error).unwrap_or_default();
    Some((format!("`{}` can't be “{}”: {}", setting.key, printable(value), error.what()), cure))
}

/// What is wrong with a file that a setting names.
fn fault_of_input(setting: &Setting, path: &Path) -> Option<(String, String)> {
    let name = printable(&path.to_string_lossy());
    if !path.exists() {
        let cure = "check its name; it is one from the folder of the settings file";
        return Some((format!("`{}` names {name}, which is not there", setting.key), cure.to_owned()));
    }
    let error = (setting.key == FEEDS).then(|| feed::check_list(path).err()).flatten()?;
    let cure = cures::words(&error).unwrap_or_default();
    Some((format!("the list of feeds in {name} is wrong: {}", error.what()), cure))
}
