//! The keys of settings files, and what each may be. Both come from the definition of the command line, so that an option is listed
//! once, and a new one is a setting at once.

use std::any::TypeId;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, ValueHint};
use toml::de::DeValue;

use crate::cli::config::{STDIN, from_home};
use crate::cli::targets::ends_with_separator;
use crate::net::is_address;

/// Commands without settings. They work however wrong the files are.
pub(super) const WITHOUT: [&str; 4] = ["completions", "config", "help", "man"];
/// The option for a list of feeds, which may stand in the settings file itself.
pub(super) const FEEDS: &str = "feeds";
/// How alike a known name must be to be proposed, on strsim's scale from 0 to 1; it is that of clap, for typed options.
const ALIKE: f64 = 0.7;

/// A command that can be run, by its words: `podcast make`.
pub(super) type Leaf<'a> = (String, &'a Command);

/// The commands of a command, itself if it has none; those without settings are left out.
pub(super) fn leaves<'a>(command: &'a Command, path: &str) -> Vec<Leaf<'a>> {
    if !command.has_subcommands() {
        return vec![(path.to_owned(), command)];
    }
    subcommands(command).flat_map(|sub| leaves(sub, &joined(path, sub.get_name()))).collect()
}

/// The commands right below a command that have settings.
fn subcommands(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|sub| !WITHOUT.contains(&sub.get_name()))
}

/// The words of a command.
pub(super) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path} {name}") }
}

/// The name of the table for a command, by its words. Tables lie side by side: `lexicon` is an option at the top, and TOML lets no
/// `[lexicon.say]` stand beside it.
pub(super) fn table(words: &str) -> String {
    words.replace(' ', "-")
}

/// The options of a command that are settings, with their keys.
pub(super) fn options(command: &Command) -> impl Iterator<Item = (&str, &Arg)> {
    command.get_arguments().filter_map(|arg| Some((key(arg)?, arg)))
}

/// The key of an option: its long name. An argument without a name is a setting if it has a default.
pub(super) fn key(arg: &Arg) -> Option<&str> {
    let is_setting = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append | ArgAction::SetTrue);
    let key = match arg.get_long() {
        Some(long) => long,
        None if arg.is_positional() && !arg.get_default_values().is_empty() => arg.get_id().as_str(),
        None => return None,
    };
    (is_setting && !arg.is_global_set() && !is_one_result(arg, key)).then_some(key)
}

/// Whether an option names one file that is written: that is not the same twice.
fn is_one_result(arg: &Arg, key: &str) -> bool {
    key == "output" && arg.get_value_hint() == ValueHint::FilePath
}

/// Whether an option is on or off.
pub(super) fn is_switch(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::SetTrue)
}

/// Whether an option may be typed without its value: `--digest`, `--digest=FILE`.
fn may_be_bare(arg: &Arg) -> bool {
    !is_switch(arg) && arg.get_num_args().is_some_and(|number| number.min_values() == 0)
}

/// Whether an option has many values.
pub(super) fn is_list(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

/// Whether the values of an option are paths.
pub(super) fn is_path(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == TypeId::of::<PathBuf>()
}

/// Whether the values of an option are texts, so that a number is none.
pub(super) fn is_text(arg: &Arg) -> bool {
    is_path(arg) || arg.get_value_parser().type_id() == TypeId::of::<String>()
}

/// What is wrong with a value, and the cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub what: String,
    pub cure: String,
}

/// The values that a setting gives an option; none if it takes back what stands in a file that counts less.
pub(super) fn values(
    arg: &Arg,
    key: &str,
    value: &DeValue<'_>,
    folder: &Path,
) -> Result<Vec<OsString>, Fault> {
    let texts = texts(arg, value)
        .ok_or_else(|| Fault { what: format!("`{key}` can't be {}", kind(value)), cure: wanted(arg, key) })?;
    if is_switch(arg) {
        return Ok(texts.into_iter().map(OsString::from).collect());
    }
    if matches!(&*texts, [only] if only.is_empty()) && refuses_nothing(arg) {
        return Ok(Vec::new());
    }
    let checked = |text: String| {
        check(arg, &text).map_err(|cure| Fault { what: format!("`{key}` can't be “{text}”"), cure })?;
        Ok(if is_path(arg) { place(arg, &text, folder) } else { text.into() })
    };
    texts.into_iter().map(checked).collect()
}

/// Whether an option must have a value that is not empty. Then an empty one can mean that there is none.
pub(super) fn refuses_nothing(arg: &Arg) -> bool {
    !is_switch(arg) && check(arg, "").is_err()
}

/// A value as it would be typed; `None` if it is of the wrong type.
fn texts(arg: &Arg, value: &DeValue<'_>) -> Option<Vec<String>> {
    if is_switch(arg) {
        return value.as_bool().map(|on| vec![on.to_string()]);
    }
    match value {
        // One that may be typed without a value is on or off, too.
        DeValue::Boolean(is_on) if may_be_bare(arg) => {
            Some(vec![if *is_on { String::new() } else { "false".to_owned() }])
        }
        DeValue::Array(items) if is_list(arg) => items.iter().map(|item| text(arg, item.get_ref())).collect(),
        one => text(arg, one).map(|text| vec![text]),
    }
}

fn text(arg: &Arg, value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        _ if is_text(arg) => None,
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(|number| number.to_string())
        }
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(truth) => {
            let truth = truth.to_string();
            arg.get_possible_values().iter().any(|known| known.matches(&truth, true)).then_some(truth)
        }
        DeValue::Datetime(time) => Some(time.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// What a value is, in words.
fn kind(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text “{text}”"),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {}", number.as_str()),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(time) => format!("the time {time}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// What an option wants, as it is written in a file.
fn wanted(arg: &Arg, key: &str) -> String {
    if is_switch(arg) {
        return format!("write {key} = true or {key} = false, without quotes");
    }
    let names = arg.get_value_names().unwrap_or_default();
    let name = names.first().map_or("TEXT", |name| name.as_str());
    match (is_list(arg), is_text(arg)) {
        (true, _) => format!("write a list: {key} = [\"{}\"]", name.trim_end_matches(",…")),
        (false, true) => format!("write a text in quotes: {key} = \"{name}\""),
        (false, false) => format!("write {key} = \"{name}\""),
    }
}

/// Whether an option takes a text; if not, what it wants.
fn check(arg: &Arg, text: &str) -> Result<(), String> {
    // By itself: what it has to do with other options is no matter of a file.
    let alone = Arg::new("value")
        .long("value")
        .action(ArgAction::Append)
        .value_parser(arg.get_value_parser().clone())
        .value_delimiter(arg.get_value_delimiter())
        .ignore_case(arg.is_ignore_case_set());
    let command = Command::new("setting").no_binary_name(true).disable_help_flag(true).arg(alone);
    let Err(error) = command.try_get_matches_from([format!("--value={text}")]) else { return Ok(()) };
    let texts = |kind| match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    };
    let known = texts(ContextKind::ValidValue);
    if error.kind() == ErrorKind::InvalidValue && !known.is_empty() {
        let near = texts(ContextKind::SuggestedValue);
        let near = near.first().map_or(String::new(), |near| format!("did you mean “{near}”? "));
        return Err(format!("{near}use one of: {}", known.join(", ")));
    }
    let cause = std::error::Error::source(&error);
    if cause.is_some_and(<dyn std::error::Error>::is::<std::num::ParseIntError>) {
        return Err("a whole number is wanted".to_owned());
    }
    Err(cause.map_or_else(|| "write something between the quotes".to_owned(), ToString::to_string))
}

/// The path that a setting means: one from the folder of its file. `~/` is the home folder, as in a shell.
fn place(arg: &Arg, text: &str, folder: &Path) -> OsString {
    if text == STDIN || is_address(Path::new(text)) {
        return text.into();
    }
    let path = from_home(Path::new(text)).unwrap_or_else(|| folder.join(text));
    // Every run would write over the same file: what is set is a folder, though it may not be there yet.
    if arg.get_value_hint() == ValueHint::AnyPath && !ends_with_separator(&path) {
        let mut folder = path.into_os_string();
        folder.push("/");
        return folder;
    }
    path.into()
}

/// The known name that looks most like `name`.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase().replace('_', "-");
    let likeness = |known: &str| strsim::jaro(known, &name);
    let alike = known.into_iter().map(|known| (likeness(known), known)).filter(|(alike, _)| *alike > ALIKE);
    alike.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}

/// The name of a table for the options under a heading of `--help`.
pub(super) fn heading(arg: &Arg) -> Option<String> {
    let heading = arg.get_help_heading()?;
    Some(heading.to_lowercase().replace(' ', "-"))
}
