//! `config show`: every setting, its value, and where that comes from.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Arg, Command, CommandFactory};
use serde_json::{Map, Value, json};

use super::keys::{self, Leaf, leaves, nearest};
use super::places::{Choice, Level};
use super::{Settings, apply};
use crate::cli::args::Cli;
use crate::cli::{DONE, USAGE, terminal};
use crate::error::{Cure, Error, ErrorKind, Result};
use crate::net::{is_address, shown};

/// Columns of a setting, before the place that it comes from.
const WIDTH: usize = 40;

/// Prints the settings of a command, or of all.
pub(super) fn run(
    choice: &Choice,
    words: &[String],
    is_json: bool,
    typed: &[OsString],
) -> anyhow::Result<u8> {
    let settings = Settings::load(choice)?;
    let root = Cli::command();
    let chosen = chosen(&root, words)?;
    if let (false, [_, _, ..]) = (typed.is_empty(), &*chosen) {
        let cure = "name it before the two hyphens: audio-report config show batch -- --fast";
        return Err(Error::new(ErrorKind::Usage, "options belong to one command")
            .with_cure(Cure::other(cure))
            .into());
    }
    let mut rows = Vec::new();
    for (leaf, command) in chosen {
        let mut argv: Vec<OsString> = vec!["audio-report".into()];
        argv.extend(leaf.split(' ').map(OsString::from));
        argv.extend_from_slice(typed);
        match apply::matches(|| without_inputs(Cli::command()), &settings, &argv) {
            Ok(parsed) => rows.extend(rows_of(&leaf, command, &settings, &parsed)),
            Err(error) => {
                terminal::note(&error.render().to_string());
                return Ok(USAGE);
            }
        }
    }
    if is_json {
        for row in rows {
            terminal::print_json(&row.json())?;
        }
    } else {
        terminal::show(&told(&rows))?;
    }
    Ok(DONE)
}

/// The commands that are meant by some words, all by none.
fn chosen<'a>(root: &'a Command, words: &[String]) -> Result<Vec<Leaf<'a>>> {
    let path = words.join(" ");
    let all = leaves(root, "");
    let is_meant = |leaf: &str| path.is_empty() || leaf == path || leaf.starts_with(&format!("{path} "));
    let chosen: Vec<_> = all.iter().filter(|(leaf, _)| is_meant(leaf)).cloned().collect();
    if chosen.is_empty() {
        let near = nearest(&path, all.iter().map(|(leaf, _)| leaf.as_str()));
        let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
        let cure = format!("{near}`audio-report --help` lists the commands");
        return Err(Error::new(ErrorKind::Usage, format!("`{path}` is no command with settings"))
            .with_cure(Cure::other(cure)));
    }
    Ok(chosen)
}

/// A definition that asks for no input: settings can be shown without any.
fn without_inputs(command: Command) -> Command {
    command.mut_args(|arg| arg.required(false)).mut_subcommands(without_inputs)
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    Default,
    File(Level, PathBuf, usize),
    /// A file sets it, but that does not go with other options.
    PassedOver(PathBuf, usize),
    Environment(String),
    Flag,
}

/// A setting of a command.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    command: String,
    key: String,
    value: Value,
    origin: Origin,
}

impl Row {
    fn json(&self) -> Value {
        let mut object = Map::new();
        object.insert("command".into(), json!(self.command));
        object.insert("key".into(), json!(self.key));
        object.insert("value".into(), self.value.clone());
        let origin = match &self.origin {
            Origin::Default => "default",
            Origin::File(level, _, _) => level.name(),
            Origin::Environment(_) => "environment",
            Origin::Flag => "flag",
            Origin::PassedOver(..) => "passed-over",
        };
        object.insert("origin".into(), json!(origin));
        match &self.origin {
            Origin::File(_, file, line) | Origin::PassedOver(file, line) => {
                object.insert("file".into(), json!(file.to_string_lossy()));
                object.insert("line".into(), json!(line));
            }
            Origin::Environment(name) => {
                object.insert("variable".into(), json!(name));
            }
            Origin::Default | Origin::Flag => {}
        }
        Value::Object(object)
    }

    /// A line of a settings file. JSON's texts, numbers and lists are those of TOML.
    fn line(&self) -> String {
        let origin = match &self.origin {
            Origin::Default if self.value.is_null() => "not set".to_owned(),
            Origin::Default => "default".to_owned(),
            Origin::File(_, file, line) => format!("{}:{line}", file.to_string_lossy()),
            Origin::PassedOver(file, line) => {
                format!("default; {}:{line} does not go with the other options", file.to_string_lossy())
            }
            Origin::Environment(name) => format!("environment variable {name}"),
            Origin::Flag => "command line".to_owned(),
        };
        let setting = match &self.value {
            Value::Null => format!("# {}", self.key),
            value => format!("{} = {value}", self.key),
        };
        format!("{setting:<WIDTH$} # {origin}\n")
    }
}

fn rows_of(leaf: &str, command: &Command, settings: &Settings, parsed: &apply::Parsed) -> Vec<Row> {
    let mut matches = &parsed.matches;
    while let Some((_, inner)) = matches.subcommand() {
        matches = inner;
    }
    let row = |(key, arg): (&str, &Arg)| {
        let id = arg.get_id().as_str();
        let values = matches.try_get_raw(id).ok().flatten();
        let values: Vec<String> =
            values.into_iter().flatten().map(|value| value.to_string_lossy().into_owned()).collect();
        let at = (leaf.to_owned(), key.to_owned());
        let origin = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => Origin::Flag,
            Some(ValueSource::EnvVariable) => {
                Origin::Environment(arg.get_env().unwrap_or_default().to_string_lossy().into_owned())
            }
            _ => match settings.get(leaf, key) {
                _ if parsed.taken_back.contains(&at) => Origin::Flag,
                Some(own) if parsed.passed_over.contains(&at) => {
                    Origin::PassedOver(own.file.clone(), own.line)
                }
                Some(own) => Origin::File(own.rank.0, own.file.clone(), own.line),
                None => Origin::Default,
            },
        };
        Row { command: leaf.to_owned(), key: key.to_owned(), value: value(arg, values), origin }
    };
    keys::options(command).map(row).collect()
}

fn value(arg: &Arg, mut values: Vec<String>) -> Value {
    // A proxy may have a password.
    for value in values.iter_mut().filter(|value| is_address(value.as_ref())) {
        *value = shown(value);
    }
    if keys::is_list(arg) && !values.is_empty() {
        return json!(values);
    }
    let Some(text) = values.pop() else { return Value::Null };
    let as_it_is =
        serde_json::from_str(&text).ok().filter(|value: &Value| value.is_number() || value.is_boolean());
    as_it_is.filter(|_| !keys::is_text(arg)).unwrap_or(Value::String(text))
}

/// The rows as a settings file: what all commands have alike stands at the top.
fn told(rows: &[Row]) -> String {
    let mut by_key: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_key.entry(&row.key).or_default().push(row);
    }
    let is_common = |row: &Row| {
        let same = by_key.get(&*row.key).map_or(&[][..], Vec::as_slice);
        same.len() > 1 && same.iter().all(|other| other.value == row.value && other.origin == row.origin)
    };
    let (mut common, mut own) = (Vec::new(), Vec::new());
    for row in rows {
        if is_common(row) { &mut common } else { &mut own }.push(row);
    }
    let mut text = String::new();
    let mut told: Vec<&str> = Vec::new();
    for row in common {
        if !told.contains(&&*row.key) {
            told.push(&row.key);
            text.push_str(&row.line());
        }
    }
    let mut table = "";
    for row in own {
        if table != row.command {
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}[{}]\n", keys::table(&row.command)));
            table = &row.command;
        }
        text.push_str(&row.line());
    }
    text
}
