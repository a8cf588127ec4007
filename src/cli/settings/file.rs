//! A settings file is read: its keys are found in the definition of the command line, its values checked by it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::Command;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{self, FEEDS, Fault, Leaf, joined, leaves, nearest};
use super::places::Level;
use crate::text::line_and_column;

/// What a file sets for an option of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// The command, by its words.
    pub command: String,
    pub key: String,
    /// As they would be typed; none if it takes back what stands in a file that counts less.
    pub values: Vec<OsString>,
    /// Whose file it is, and in how deep a table it stands; a table counts more than what stands above it.
    pub rank: (Level, usize),
    pub file: PathBuf,
    pub line: usize,
}

/// A fault of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Problem {
    pub line: usize,
    pub column: usize,
    pub what: String,
    pub cure: String,
}

/// What a file sets, and its faults, in their order.
pub(super) fn read(level: Level, file: &Path, text: &str, root: &Command) -> (Vec<Setting>, Vec<Problem>) {
    let mut reader = Reader { level, file, text, root, settings: Vec::new(), problems: Vec::new() };
    match DeTable::parse(text) {
        Ok(table) => reader.table(table.get_ref(), root, "", 0),
        Err(fault) => {
            let what = fault.message().lines().next().unwrap_or("this is no TOML").to_owned();
            let cure = "`audio-report config --help` shows a settings file in TOML";
            reader.complain(fault.span().unwrap_or_default(), what, cure);
        }
    }
    reader.problems.sort();
    (reader.settings, reader.problems)
}

struct Reader<'a> {
    level: Level,
    file: &'a Path,
    text: &'a str,
    root: &'a Command,
    settings: Vec<Setting>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn complain(&mut self, span: Range<usize>, what: impl Into<String>, cure: impl Into<String>) {
        let (line, column) = line_and_column(self.text.as_bytes(), span.start);
        self.problems.push(Problem { line, column, what: what.into(), cure: cure.into() });
    }

    /// The table of a command; that of the program holds what counts for every command.
    fn table(&mut self, table: &DeTable<'_>, command: &Command, path: &str, depth: usize) {
        for (key, value) in table {
            let name = key.get_ref();
            let inner = keys::subcommands(command).find(|sub| sub.get_name() == name);
            match (inner, value.get_ref()) {
                (Some(inner), DeValue::Table(table)) => {
                    self.table(table, inner, &joined(path, name), depth + 1);
                }
                (None, DeValue::Table(table)) if depth == 0 && headings(command).contains(&**name) => {
                    for (key, value) in table {
                        self.setting((key, value), command, path, (name, depth));
                    }
                }
                _ => self.setting((key, value), command, path, ("", depth)),
            }
        }
    }

    /// A key of a table, for all its commands that know it; those of a table for a heading stand under that heading.
    fn setting(
        &mut self,
        (key, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>),
        command: &Command,
        path: &str,
        (heading, depth): (&str, usize),
    ) {
        let name = &**key.get_ref();
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let (line, _) = line_and_column(self.text.as_bytes(), key.span().start);
        let mut is_known = false;
        let mut fault: Option<(String, Fault)> = None;
        for (leaf, command) in leaves(command, path) {
            let same = |known: &str, arg: &clap::Arg| {
                known == name && (heading.is_empty() || keys::heading(arg).as_deref() == Some(heading))
            };
            let Some((_, arg)) = keys::options(command).find(|(known, arg)| same(known, arg)) else {
                continue;
            };
            is_known = true;
            let values = match value.get_ref() {
                DeValue::Array(list) if name == FEEDS && depth == 0 && is_of_tables(list) => {
                    Ok(vec![self.file.as_os_str().to_owned()])
                }
                value => keys::values(arg, name, value, folder),
            };
            match values {
                Ok(values) => self.settings.push(Setting {
                    command: leaf,
                    key: name.to_owned(),
                    values,
                    rank: (self.level, 2 * depth + usize::from(!heading.is_empty())),
                    file: self.file.to_path_buf(),
                    line,
                }),
                Err(other) => fault = fault.or(Some((leaf, other))),
            }
        }
        match fault {
            // Where most of the commands take the value, the one that does not has its own table.
            Some((leaf, fault))
                if self.settings.last().is_some_and(|own| own.key == name && own.line == line) =>
            {
                let cure = format!("{}; or write it in the tables of the commands that take it", fault.cure);
                self.complain(value.span(), format!("{} for `{leaf}`", fault.what), cure);
            }
            Some((_, fault)) => self.complain(value.span(), fault.what, fault.cure),
            None if is_known => {}
            None => {
                let (what, cure) = self.unknown(name, value.get_ref(), command, (path, heading));
                self.complain(key.span(), what, cure);
            }
        }
    }

    /// What is said of a key that no command has here, and its cure.
    fn unknown(
        &self,
        name: &str,
        value: &DeValue<'_>,
        command: &Command,
        (path, heading): (&str, &str),
    ) -> (String, String) {
        let table = if heading.is_empty() { path.replace(' ', ".") } else { heading.to_owned() };
        let here = if table.is_empty() { String::new() } else { format!(" in [{table}]") };
        if matches!(value, DeValue::Table(_)) && keys::WITHOUT.contains(&name) && path.is_empty() {
            return (format!("`{name}` has no settings"), "remove this table".to_owned());
        }
        if name == "feed" && matches!(value, DeValue::Array(list) if is_of_tables(list)) {
            let cure = "write [[feeds]]: [feed] is the table for the options of `feed`";
            return ("`feed` is no list".to_owned(), cure.to_owned());
        }
        if ["bearer", "cookie", "password", "token", "user"].contains(&name) {
            let cure = "keep sign-ins in a file of their own, which auth-file names (mode 0600)";
            return (format!("a settings file holds no secrets, and “{name}” is one"), cure.to_owned());
        }
        let typed = leaves(command, path).into_iter().any(|(_, leaf)| {
            let is_typed = |arg: &clap::Arg| arg.get_long() == Some(name) && keys::key(arg).is_none();
            leaf.get_arguments().any(is_typed) || ["help", "version"].contains(&name)
        });
        if typed || ["config", "no-config"].contains(&name) {
            return (format!("`{name}` is for the command line alone"), "remove this line".to_owned());
        }
        let others: Vec<Leaf<'_>> = leaves(self.root, "")
            .into_iter()
            .filter(|(_, leaf)| keys::options(leaf).any(|(known, _)| known == name))
            .collect();
        if !others.is_empty() {
            let names: Vec<String> =
                others.iter().map(|(leaf, _)| format!("[{}]", leaf.replace(' ', "."))).collect();
            let cure = format!(
                "it is a setting for {}: write it there, or at the top for all of them",
                names.join(", ")
            );
            return (format!("there is no setting `{name}`{here}"), cure);
        }
        let is_table = matches!(value, DeValue::Table(_));
        let headings = if path.is_empty() { headings(command) } else { BTreeSet::new() };
        let of_leaves = leaves(command, path);
        let keys = of_leaves.iter().flat_map(|(_, leaf)| keys::options(leaf).map(|(key, _)| key));
        let tables =
            keys::subcommands(command).map(Command::get_name).chain(headings.iter().map(String::as_str));
        let near = if is_table { nearest(name, tables) } else { nearest(name, keys) };
        let what = if is_table { "table" } else { "setting" };
        let cure = match near {
            Some(near) if is_table => format!("did you mean [{}]?", joined(path, near).replace(' ', ".")),
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                format!("`audio-report config show {path}").trim_end().to_owned() + "` prints all settings"
            }
        };
        (format!("there is no {what} `{name}`{here}"), cure)
    }
}

fn is_of_tables(list: &toml::de::DeArray<'_>) -> bool {
    !list.is_empty() && list.iter().all(|item| item.get_ref().is_table())
}

/// The names of tables for options under one heading of `--help`.
fn headings(command: &Command) -> BTreeSet<String> {
    let all = leaves(command, "");
    all.iter().flat_map(|(_, leaf)| keys::options(leaf)).filter_map(|(_, arg)| keys::heading(arg)).collect()
}
