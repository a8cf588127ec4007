//! A settings file is read: its keys are found in the definition of the command line, its values checked by it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{self, FEEDS, Fault, Leaf, leaves, nearest, options, table};
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
    /// Whose file it is, and where in it: the table of a command counts more than the top.
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
    let leaves = leaves(root, "");
    let headings =
        leaves.iter().flat_map(|(_, leaf)| options(leaf)).filter_map(|(_, arg)| keys::heading(arg));
    let headings = headings.collect();
    let mut reader =
        Reader { level, file, text, root, leaves, headings, settings: Vec::new(), problems: Vec::new() };
    match DeTable::parse(text) {
        Ok(table) => reader.file(table.get_ref()),
        Err(fault) => {
            let what = fault.message().lines().next().unwrap_or("this is no TOML").to_owned();
            let cure = "`audio-report config --help` shows a settings file in TOML";
            reader.complain(fault.span().unwrap_or_default(), what, cure);
        }
    }
    reader.problems.sort();
    (reader.settings, reader.problems)
}

/// Where a key stands. What is further down counts more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Table<'a> {
    /// For every command that has the option.
    Top,
    /// The same, for the options under a heading of `--help`.
    Heading(&'a str),
    /// For one command, by its words.
    Command(&'a str),
}

impl Table<'_> {
    fn rank(self) -> usize {
        match self {
            Self::Top => 0,
            Self::Heading(_) => 1,
            Self::Command(_) => 2,
        }
    }

    /// In a message.
    fn shown(self) -> String {
        match self {
            Self::Top => String::new(),
            Self::Heading(name) => format!(" in [{name}]"),
            Self::Command(words) => format!(" in [{}]", table(words)),
        }
    }

    fn is_of(self, command: &str) -> bool {
        match self {
            Self::Command(words) => words == command,
            Self::Top | Self::Heading(_) => true,
        }
    }

    fn has(self, arg: &Arg) -> bool {
        match self {
            Self::Heading(name) => keys::heading(arg).as_deref() == Some(name),
            Self::Top | Self::Command(_) => true,
        }
    }
}

type Key<'a> = Spanned<Cow<'a, str>>;
type Value<'a> = Spanned<DeValue<'a>>;

struct Reader<'a> {
    level: Level,
    file: &'a Path,
    text: &'a str,
    root: &'a Command,
    leaves: Vec<Leaf<'a>>,
    headings: BTreeSet<String>,
    settings: Vec<Setting>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn complain(&mut self, span: Range<usize>, what: impl Into<String>, cure: impl Into<String>) {
        let (line, column) = line_and_column(self.text.as_bytes(), span.start);
        self.problems.push(Problem { line, column, what: what.into(), cure: cure.into() });
    }

    fn file(&mut self, file: &DeTable<'_>) {
        for (key, value) in file {
            let name = &**key.get_ref();
            let DeValue::Table(inner) = value.get_ref() else {
                self.setting(key, value, Table::Top);
                continue;
            };
            let command =
                self.leaves.iter().map(|(words, _)| words.clone()).find(|words| table(words) == name);
            let here = match &command {
                Some(words) => Table::Command(words),
                None if self.headings.contains(name) => Table::Heading(name),
                None => {
                    let (what, cure) = self.unknown_table(name);
                    self.complain(key.span(), what, cure);
                    continue;
                }
            };
            for (key, value) in inner {
                self.setting(key, value, here);
            }
        }
    }

    /// A key, for all commands that it is meant for.
    fn setting(&mut self, key: &Key<'_>, value: &Value<'_>, here: Table<'_>) {
        let name = &**key.get_ref();
        let folder = self.file.parent().unwrap_or(Path::new(""));
        let (line, _) = line_and_column(self.text.as_bytes(), key.span().start);
        let (mut taken, mut fault) = (Vec::new(), None);
        for (words, command) in self.leaves.iter().filter(|(words, _)| here.is_of(words)) {
            let Some((_, arg)) = options(command).find(|(known, arg)| *known == name && here.has(arg)) else {
                continue;
            };
            let values = match value.get_ref() {
                DeValue::Array(list) if name == FEEDS && here == Table::Top && is_of_tables(list) => {
                    Ok(vec![self.file.as_os_str().to_owned()])
                }
                value => keys::values(arg, name, value, folder),
            };
            match values {
                Ok(values) => taken.push(Setting {
                    command: words.clone(),
                    key: name.to_owned(),
                    values,
                    rank: (self.level, here.rank()),
                    file: self.file.to_path_buf(),
                    line,
                }),
                Err(other) => fault = fault.or(Some((words.clone(), other))),
            }
        }
        match fault {
            Some((words, Fault { what, cure })) if !taken.is_empty() => {
                let cure = format!("{cure}; or write it in the tables of the commands that take it");
                self.complain(value.span(), format!("{what} for `{words}`"), cure);
            }
            Some((_, Fault { what, cure })) => self.complain(value.span(), what, cure),
            None if taken.is_empty() => {
                let (what, cure) = self.unknown(name, value.get_ref(), here);
                self.complain(key.span(), what, cure);
            }
            None => self.settings.extend(taken),
        }
    }

    /// What is said of a key that no command has here, and its cure.
    fn unknown(&self, name: &str, value: &DeValue<'_>, here: Table<'_>) -> (String, String) {
        if name == "feed" && matches!(value, DeValue::Array(list) if is_of_tables(list)) {
            let cure = "write [[feeds]]: [feed] is the table for the options of `feed`";
            return ("`feed` is no list".to_owned(), cure.to_owned());
        }
        if ["bearer", "cookie", "password", "token", "user"].contains(&name) {
            let cure = "keep sign-ins in a file of their own, which auth-file names (mode 0600)";
            return (format!("a settings file holds no secrets, and “{name}” is one"), cure.to_owned());
        }
        let of_here: Vec<&Leaf<'_>> = self.leaves.iter().filter(|(words, _)| here.is_of(words)).collect();
        let is_typed = |arg: &Arg| arg.get_long() == Some(name) && keys::key(arg).is_none();
        if ["config", "help", "no-config", "version"].contains(&name)
            || of_here.iter().any(|(_, leaf)| leaf.get_arguments().any(is_typed))
        {
            return (format!("`{name}` is for the command line alone"), "remove this line".to_owned());
        }
        let what = format!("there is no setting `{name}`{}", here.shown());
        let has_it = |(_, leaf): &&Leaf<'_>| options(leaf).any(|(known, _)| known == name);
        let others = self.leaves.iter().filter(has_it).map(|(words, _)| format!("[{}]", table(words)));
        let others: Vec<String> = others.collect();
        if !others.is_empty() {
            let cure =
                format!("write it at the top, or in a table of a command that has it: {}", others.join(", "));
            return (what, cure);
        }
        let known = of_here.iter().flat_map(|(_, leaf)| options(leaf)).filter(|(_, arg)| here.has(arg));
        let cure = match nearest(name, known.map(|(known, _)| known)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`audio-report config show` prints all settings".to_owned(),
        };
        (what, cure)
    }

    /// What is said of a table that belongs to no command, and its cure.
    fn unknown_table(&self, name: &str) -> (String, String) {
        if keys::WITHOUT.contains(&name) {
            return (format!("`{name}` has no settings"), "remove this table".to_owned());
        }
        let tables: Vec<String> = self.leaves.iter().map(|(words, _)| table(words)).collect();
        if self.root.find_subcommand(name).is_some() {
            let below: Vec<String> = tables
                .iter()
                .filter(|table| table.starts_with(&format!("{name}-")))
                .map(|table| format!("[{table}]"))
                .collect();
            return (format!("`{name}` is several commands"), format!("write {}", below.join(" or ")));
        }
        let what = format!("there is no table `{name}`");
        if self.leaves.iter().any(|(_, leaf)| options(leaf).any(|(known, _)| known == name)) {
            return (what, format!("write a value: {name} = …"));
        }
        let known = tables.iter().chain(&self.headings).map(String::as_str);
        let cure = match nearest(name, known) {
            Some(near) => format!("did you mean [{near}]?"),
            None => "`audio-report config show` prints all tables".to_owned(),
        };
        (what, cure)
    }
}

fn is_of_tables(list: &toml::de::DeArray<'_>) -> bool {
    !list.is_empty() && list.iter().all(|item| item.get_ref().is_table())
}
