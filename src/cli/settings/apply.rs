//! Settings become the defaults of options.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::Settings;
use super::keys::{self, joined};

/// A command and a key.
type At = (String, String);

/// What a command line and the settings say together.
pub(super) struct Parsed {
    pub matches: ArgMatches,
    /// Options that the command line sets back to the program's own default.
    pub taken_back: HashSet<At>,
    /// Settings that do not go with what was typed.
    pub passed_over: HashSet<At>,
}

/// Parses a command line over the settings. `definition` is that of the program.
pub(super) fn matches(
    definition: impl Fn() -> Command,
    settings: &Settings,
    argv: &[OsString],
) -> Result<Parsed, clap::Error> {
    // A definition costs as much as parsing by it, so without settings there is one.
    let has_empty = argv.iter().any(|arg| arg.to_string_lossy().ends_with('='));
    let (argv, taken_back) =
        if has_empty { take_back(&definition(), argv) } else { (argv.to_vec(), HashSet::new()) };
    let mut passed_over = HashSet::new();
    loop {
        let without = &taken_back | &passed_over;
        let command = furnished(definition(), "", settings, &without);
        let matches = command.try_get_matches_from(&argv)?;
        if settings.values.is_empty() {
            return Ok(Parsed { matches, taken_back, passed_over });
        }
        let contradicted = contradicted(&definition(), settings, &without, &matches);
        if contradicted.is_empty() {
            return Ok(Parsed { matches, taken_back, passed_over });
        }
        passed_over.extend(contradicted);
    }
}

/// The command with the settings as defaults, except those in `without`; there the program's own are back.
fn furnished(command: Command, path: &str, settings: &Settings, without: &HashSet<At>) -> Command {
    let command = command.mut_args(|arg| {
        let Some(key) = keys::key(&arg).map(ToOwned::to_owned) else { return arg };
        let is_without = without.contains(&(path.to_owned(), key.clone()));
        let arg = if keys::is_switch(&arg) { with_a_way_back(arg) } else { arg };
        match settings.get(path, &key) {
            _ if is_without => arg.env(None::<&'static str>),
            Some(setting) if !setting.values.is_empty() => arg.default_values(setting.values.clone()),
            _ => arg,
        }
    });
    command.mut_subcommands(|sub| {
        let path = joined(path, sub.get_name());
        if path == "config" { sub } else { furnished(sub, &path, settings, without) }
    })
}

/// A switch that can be turned off where a file turns it on: `--quiet=false`.
fn with_a_way_back(arg: Arg) -> Arg {
    arg.action(ArgAction::Set)
        .value_parser(value_parser!(bool))
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("true")
        .default_value("false")
        .value_name("true|false")
}

/// Takes options such as `--intro=`, with nothing behind the sign, out of a command line. They put settings and environment variables
/// aside, where an option can't have an empty value.
fn take_back(root: &Command, argv: &[OsString]) -> (Vec<OsString>, HashSet<At>) {
    let (mut command, mut path) = (root, String::new());
    let (mut kept, mut without) = (Vec::with_capacity(argv.len()), HashSet::new());
    let mut rest = argv.iter();
    kept.extend(rest.next().cloned());
    while let Some(arg) = rest.next() {
        kept.push(arg.clone());
        match arg.to_str().unwrap_or_default() {
            "--" => break,
            "--config" => kept.extend(rest.next().cloned()),
            text => {
                let empty = text.strip_prefix("--").and_then(|text| text.strip_suffix('='));
                let has_none = |key: &str| {
                    keys::options(command).any(|(known, arg)| known == key && keys::refuses_nothing(arg))
                };
                if let Some(key) = empty.filter(|key| has_none(key)) {
                    kept.pop();
                    without.insert((path.clone(), key.to_owned()));
                } else if let Some(inner) = command.find_subcommand(text) {
                    path = joined(&path, inner.get_name());
                    command = inner;
                }
            }
        }
    }
    kept.extend(rest.cloned());
    (kept, without)
}

/// The settings that could not be typed beside what was typed: an option contradicts them, or they need one that is not there.
fn contradicted(root: &Command, settings: &Settings, without: &HashSet<At>, matches: &ArgMatches) -> Vec<At> {
    let (mut command, mut path, mut matches) = (root, String::new(), matches);
    while let Some((name, inner)) = matches.subcommand() {
        let Some(sub) = command.find_subcommand(name) else { return Vec::new() };
        (command, path, matches) = (sub, joined(&path, name), inner);
    }
    let (mut typed, mut own) = (Vec::new(), Vec::new());
    for (key, arg) in command.get_arguments().filter_map(|arg| Some((arg.get_long()?, arg))) {
        let Ok(Some(values)) = matches.try_get_raw(arg.get_id().as_str()) else { continue };
        let values: Vec<OsString> = values
            .map(|value| {
                let mut option = OsString::from(format!("--{key}="));
                option.push(value);
                option
            })
            .collect();
        let is_off = keys::is_switch(arg) && values.iter().all(|value| *value == *format!("--{key}=false"));
        let setting = settings.get(&path, key);
        match matches.value_source(arg.get_id().as_str()) {
            Some(ValueSource::CommandLine | ValueSource::EnvVariable) if !is_off => typed.extend(values),
            Some(ValueSource::DefaultValue) if !is_off => {
                let at = (path.clone(), key.to_owned());
                if let Some(setting) = setting.filter(|_| !without.contains(&at)) {
                    own.push((setting.rank, at, values));
                }
            }
            _ => {}
        }
    }
    if own.is_empty() {
        return Vec::new();
    }
    let trial = furnished(command.clone(), &path, &Settings::default(), &HashSet::new())
        .mut_args(|arg| arg.required(false).env(None::<&'static str>))
        .no_binary_name(true)
        .disable_help_flag(true);
    let fits = |options: &[OsString]| {
        let kind = trial.clone().try_get_matches_from(options).err().map(|error| error.kind());
        !matches!(kind, Some(ErrorKind::ArgumentConflict | ErrorKind::MissingRequiredArgument))
    };
    // What counts more is tried first, and keeps its place.
    own.sort_by_key(|(rank, _, _)| Reverse(*rank));
    let all: Vec<OsString> =
        typed.iter().chain(own.iter().flat_map(|(_, _, values)| values)).cloned().collect();
    if fits(&all) || !fits(&typed) {
        return Vec::new();
    }
    // One that needs another may stand before it.
    loop {
        let count = own.len();
        own.retain(|(_, _, values)| {
            let more = [&*typed, values].concat();
            let does_fit = fits(&more);
            if does_fit {
                typed = more;
            }
            !does_fit
        });
        if own.len() == count {
            return own.into_iter().map(|(_, at, _)| at).collect();
        }
    }
}
