//! Names of results by a template, such as `{date}/{slug}`, with folders between.
//!
//! What stands in a name is known only when an article is loaded. So an article that has no name yet gets it then, and keeps it: the
//! manifest has it, whatever becomes of its headline. Every system takes the names, however they are written.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use super::input::{Input, Loaded};
use super::ledger::Ledger;
use super::targets::{self, Assignment, Target};
use crate::article::Article;
use crate::calendar::{self, now};
use crate::error::{Result, is_printable};
use crate::net::Address;
use crate::output::metadata::text::Date;
use crate::store::manifest::{Known, guid_of};
use crate::store::paths;

/// The place for the ending, which may stand at the end alone: the format decides it.
const ENDING: &str = ".{ext}";
/// Bytes of a part between slashes. With what is added to a name it stays below 255, the most that systems take.
const LONGEST_PART: usize = 120;
/// Parts of a name.
const MOST_PARTS: usize = 8;
/// Characters that a system forbids in names.
const FORBIDDEN: [char; 9] = ['/', '\\', ':', '*', '?', '"', '<', '>', '|'];
/// Windows takes these for devices, whatever follows after a dot.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
/// These, followed by a digit.
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];
/// Names that the folder itself needs for its podcast.
const OWN_NAMES: [&str; 2] = ["index", "podcast"];
/// Digits of an article's identity that stand in a name.
const GUID_DIGITS: usize = 8;

/// A template of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Field),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Date,
    Year,
    Month,
    Day,
    Slug,
    Name,
    Feed,
    Guid,
}

impl Field {
    const ALL: [(&'static str, Self); 8] = [
        ("date", Self::Date),
        ("year", Self::Year),
        ("month", Self::Month),
        ("day", Self::Day),
        ("slug", Self::Slug),
        ("name", Self::Name),
        ("feed", Self::Feed),
        ("guid8", Self::Guid),
    ];
}

/// What the fields stand for.
struct Values {
    date: calendar::Date,
    slug: String,
    name: String,
    feed: String,
    guid: String,
}

impl Layout {
    /// Parses a template; the error says what is wrong with it, and what may stand in it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| {
            let fields = Field::ALL.map(|(name, _)| format!("{{{name}}}"));
            Err(format!(
                "{what}; a name is made of {} and text, with / between folders, and may end with {ENDING}",
                fields.join(", ")
            ))
        };
        let pattern = text.strip_suffix(ENDING).unwrap_or(text);
        let mut parts = Vec::new();
        let mut rest = pattern;
        while let Some(at) = rest.find(['{', '}']) {
            parts.push(Part::Text(rest[..at].to_string()));
            let field = rest[at..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
            let Some((name, after)) = field else { return wrong("a brace stands alone") };
            match Field::ALL.into_iter().find(|(known, _)| *known == name.trim()) {
                Some((_, field)) => parts.push(Part::Field(field)),
                None if name.trim() == "ext" => {
                    return wrong("the format decides the ending: {ext} may stand at the end alone");
                }
                None => return wrong(&format!("{{{name}}} is no field")),
            }
            rest = after;
        }
        parts.push(Part::Text(rest.to_string()));
        parts.retain(|part| *part != Part::Text(String::new()));
        // Fields never hold a slash.
        let folders: Vec<&str> = pattern.split('/').collect();
        if folders.iter().any(|folder| folder.trim().is_empty()) {
            return wrong("a name lies in the folder of the results, and no part of it is empty");
        }
        if folders.iter().any(|folder| folder.trim().starts_with('.')) {
            return wrong("no part of a name begins with a dot");
        }
        if folders.len() > MOST_PARTS {
            return wrong(&format!("a name has {MOST_PARTS} parts at most"));
        }
        let is_bad = |c: char| c != '/' && (FORBIDDEN.contains(&c) || !is_printable(c));
        if let Some(bad) = pattern.chars().find(|c| is_bad(*c)) {
            return wrong(&format!("some systems take no {} in a name", bad.escape_debug()));
        }
        Ok(Self(parts))
    }

    /// The name of an article with a title that nobody chose.
    #[cfg(any(test, fuzzing))]
    pub(super) fn name_of(&self, title: &str) -> String {
        let (slug, name, feed) = (title.to_owned(), title.to_owned(), title.to_owned());
        self.fill(&Values { date: calendar::Date::of_days(0), slug, name, feed, guid: guid_of(title) })
    }

    /// The name with these values, with slashes.
    fn fill(&self, values: &Values) -> String {
        let calendar::Date { year, month, day } = values.date;
        let value = |field: Field| match field {
            Field::Date => values.date.to_string(),
            Field::Year => format!("{year:04}"),
            Field::Month => format!("{month:02}"),
            Field::Day => format!("{day:02}"),
            Field::Slug => values.slug.clone(),
            Field::Name => values.name.clone(),
            Field::Feed => values.feed.clone(),
            Field::Guid => values.guid.chars().take(GUID_DIGITS).collect(),
        };
        let filled: String = self
            .0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Field(field) => value(*field).replace(FORBIDDEN, "-"),
            })
            .collect();
        let parts: Vec<String> = filled.split('/').map(accepted).collect();
        let name = parts.join("/");
        if OWN_NAMES.contains(&&*name.to_lowercase()) { format!("{name}_") } else { name }
    }
}

/// A part of a name as every system takes it.
fn accepted(part: &str) -> String {
    let plain = |c: char| if is_printable(c) && !FORBIDDEN.contains(&c) { c } else { '-' };
    let part: String = part.chars().map(plain).collect();
    // Windows drops dots and spaces at the end; a dot at the beginning hides a file.
    let is_edge = |c: char| c == '.' || c.is_whitespace();
    let part = part.trim_matches(is_edge);
    let end = (0..=LONGEST_PART.min(part.len())).rev().find(|end| part.is_char_boundary(*end)).unwrap_or(0);
    let part = part[..end].trim_end_matches(is_edge);
    if part.is_empty() {
        return "article".to_string();
    }
    let (base, ending) = part.split_at(part.find('.').unwrap_or(part.len()));
    if is_device(base.trim_end()) { format!("{base}_{ending}") } else { part.to_string() }
}

fn is_device(base: &str) -> bool {
    let base = base.to_lowercase();
    let is_numbered = |device: &&str| {
        let number = base.strip_prefix(*device).unwrap_or_default();
        let mut digits = number.chars();
        // Superscripts count as digits there.
        digits.next().is_some_and(|digit| digit.is_ascii_digit() || "¹²³".contains(digit))
            && digits.next().is_none()
    };
    DEVICES.contains(&&*base) || NUMBERED_DEVICES.iter().any(is_numbered)
}

/// The names of a folder: those that results have, and those that this run gives.
#[derive(Debug)]
pub(crate) struct Places {
    layout: Layout,
    folder: PathBuf,
    ending: &'static str,
    given: Mutex<Given>,
}

#[derive(Debug, Default)]
struct Given {
    /// Names in lower case: some systems take `A` and `a` for one.
    taken: HashSet<String>,
    /// By source: an article that is tried again has the name that it had.
    names: HashMap<String, String>,
}

impl Places {
    /// The names in a folder whose results are known.
    pub(crate) fn of(layout: Layout, folder: &Path, known: &[Known], ending: &'static str) -> Self {
        let taken = known.iter().map(|known| as_compared(&known.stem)).collect();
        let given = Mutex::new(Given { taken, names: HashMap::new() });
        Self { layout, folder: folder.to_path_buf(), ending, given }
    }

    /// The place of an article that was loaded. One that has a place keeps it.
    pub(crate) fn place(
        &self,
        assignment: &Assignment,
        loaded: &Loaded,
        ledger: &Ledger,
    ) -> Result<Assignment> {
        if assignment.output != Target::Later {
            return Ok(assignment.clone());
        }
        let Assignment { input, .. } = assignment;
        let source = ledger.source_of(input);
        let guid = guid_of(&source);
        let slug = targets::slug(loaded.article.title().unwrap_or(&targets::usual_name(input)));
        let values = Values {
            date: date(&loaded.article, input),
            slug,
            name: targets::usual_name(input),
            feed: feed(&loaded.article, input, ledger)?,
            guid,
        };
        let name = self.give(&source, &values);
        let output = Target::File(self.folder.join(format!("{name}.{}", self.ending)));
        Ok(Assignment { input: input.clone(), output })
    }

    /// A name that no other article has: where it is taken, with digits of the article's identity.
    fn give(&self, source: &str, values: &Values) -> String {
        // Names are added one by one, each whole.
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = given.names.get(source) {
            return name.clone();
        }
        let name = self.layout.fill(values);
        let digits = [GUID_DIGITS, values.guid.len()]
            .map(|digits| values.guid.chars().take(digits).collect::<String>());
        let others = digits.iter().map(|digits| format!("{name}-{digits}"));
        let free = std::iter::once(name.clone())
            .chain(others)
            .find(|name| !given.taken.contains(&as_compared(name)));
        let name = free.unwrap_or(name);
        given.taken.insert(as_compared(&name));
        given.names.insert(source.to_string(), name.clone());
        name
    }

    /// Removes the folders of a name that are empty, because its article failed.
    pub(crate) fn tidy(&self, output: &Target) {
        if let Target::File(path) = output {
            paths::remove_empty(&self.folder, path);
        }
    }
}

fn as_compared(stem: &str) -> String {
    stem.replace('\\', "/").to_lowercase()
}

/// The day of an article: its own, or that of its feed's entry, or of its file's last change, or today. Days are those where the computer is.
fn date(article: &Article, input: &Input) -> calendar::Date {
    let own = article.date().and_then(Date::new).map(|Date { year, month, day }| calendar::Date {
        year: year.into(),
        month: month.into(),
        day: day.into(),
    });
    let of_entry = || match input {
        Input::Entry(article) => article.entry.published.or(article.entry.updated),
        _ => None,
    };
    let of_file = || {
        let Input::File(path) = input else { return None };
        let changed = path.metadata().ok()?.modified().ok()?;
        Some(changed.duration_since(UNIX_EPOCH).ok()?.as_secs().cast_signed())
    };
    own.unwrap_or_else(|| calendar::Date::here(of_entry().or_else(of_file).unwrap_or_else(now)))
}

/// The name of an article's feed: its title, or its host. An article without one is of its publication.
fn feed(article: &Article, input: &Input, ledger: &Ledger) -> Result<String> {
    let Input::Entry(entry) = input else {
        return Ok(targets::slug(article.publication().unwrap_or("other")));
    };
    let title = ledger.feed_title(&entry.feed)?;
    let host = || match Address::parse(&entry.feed) {
        Ok(address) => address.host_name(),
        Err(_) => Path::new(&entry.feed).file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    };
    Ok(targets::slug(&title.filter(|title| !title.trim().is_empty()).unwrap_or_else(host)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    fn values(slug: &str, name: &str) -> Values {
        Values {
            date: calendar::Date { year: 2026, month: 3, day: 7 },
            slug: slug.to_string(),
            name: name.to_string(),
            feed: "coast".to_string(),
            guid: "0123abcd-0000".to_string(),
        }
    }

    #[test]
    fn names_are_filled() {
        let rows = [
            ("{date}/{slug}.{ext}", "2026-03-07/port-reopens"),
            ("{date}/{slug}", "2026-03-07/port-reopens"),
            ("{year}/{month}/{day}/{feed}-{guid8}", "2026/03/07/coast-0123abcd"),
            ("news of {name}", "news of a story"),
            ("{ slug }", "port-reopens"),
            ("plain", "plain"),
            ("index", "index_"),
            ("x/index", "x/index"),
        ];
        each(rows, |(template, want)| {
            assert_eq!(
                Layout::parse(template).unwrap().fill(&values("port-reopens", "a story")),
                want,
                "{template}"
            );
        });
    }

    #[test]
    fn wrong_templates_are_refused_with_what_may_stand_there() {
        let deep = "a/".repeat(MOST_PARTS) + "a";
        let rows = [
            "",
            "/{slug}",
            "{slug}/",
            "a//{slug}",
            "../{slug}",
            "a/./{slug}",
            ".hidden/{slug}",
            "{title}",
            "{slug",
            "slug}",
            "{}",
            "{slug}.{ext}.{ext}",
            "{ext}/{slug}",
            "a\\{slug}",
            "c:{slug}",
            "{slug}?",
            "a*b",
            "a\u{1b}b",
            "a\u{202e}b",
            &deep,
        ];
        each(rows, |template| {
            let told = Layout::parse(template).expect_err(template);
            for (field, _) in Field::ALL {
                assert!(told.contains(&format!("{{{field}}}")), "{template}: {field} is not named: {told}");
            }
        });
    }

    #[test]
    fn every_system_takes_the_names() {
        let long = "é".repeat(100);
        let rows = [
            ("con", "con_"),
            ("CON.backup", "CON_.backup"),
            ("nul", "nul_"),
            ("com1", "com1_"),
            ("lpt¹.x", "lpt¹_.x"),
            ("com10", "com10"),
            ("console", "console"),
            ("a. .", "a"),
            ("..", "article"),
            (".hidden", "hidden"),
            ("", "article"),
            ("a/b\\c:d*e?f\"g<h>i|j", "a-b-c-d-e-f-g-h-i-j"),
            ("a\u{0}b\nc\u{202e}d", "a-b-c-d"),
            (&long, &long[..LONGEST_PART]),
            ("ok 1.2", "ok 1.2"),
        ];
        each(rows, |(name, want)| {
            assert_eq!(Layout::parse("{name}").unwrap().fill(&values("x", name)), want, "{name:?}");
        });
    }

    #[test]
    fn no_two_articles_have_one_name_and_each_keeps_its_own() {
        let places = Places::of(Layout::parse("{slug}").unwrap(), Path::new("out"), &[], "mp3");
        let give = |source: &str, slug: &str| {
            let guid = guid_of(source);
            places.give(source, &Values { guid, ..values(slug, "x") })
        };
        let rows =
            [("1", "Port", None), ("2", "port", Some("2")), ("3", "other", None), ("4", "PORT", Some("4"))];
        // A second round, as after failures, gives the same.
        for _ in 0..2 {
            each(rows, |(source, slug, suffix)| {
                let want =
                    suffix.map_or_else(|| slug.to_string(), |own| format!("{slug}-{}", &guid_of(own)[..8]));
                assert_eq!(give(source, slug), want, "{source}");
            });
        }
    }
}
