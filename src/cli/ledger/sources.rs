//! What the sources of articles are called, and what tells that one has changed.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::calendar::{DAY, now};
use crate::cli::archives::Archived;
use crate::cli::input::Input;
use crate::cli::inputs::Spellings;
use crate::store::paths;

/// What a source is called in the ledger of a folder: its path from there, so that both can be moved together.
pub(super) fn source(folder: &Path, input: &Input, spellings: &mut Spellings) -> String {
    match input {
        Input::Stdin => "-".to_string(),
        Input::Entry(article) => article.key(),
        Input::Member { archive, inner } => {
            format!("{}/{inner}", source(folder, &archive.input(), spellings))
        }
        Input::Address(typed) => spellings.of(Path::new(typed)).to_string_lossy().into_owned(),
        Input::File(path) => {
            let path = spellings.of(path);
            let path = std::path::absolute(&path).unwrap_or(path);
            let (mut above, mut here) = (folder.components().peekable(), path.components().peekable());
            while above.peek().is_some() && above.peek() == here.peek() {
                above.next();
                here.next();
            }
            let up = above.map(|_| Component::ParentDir);
            let relative: PathBuf = up.chain(here).collect();
            let written = paths::written(&relative);
            if cfg!(windows) { written.replace('\\', "/") } else { written }
        }
    }
}

/// Begins the stamp of a page: the time follows at which it was asked for.
const ASKED: &str = "asked ";

/// Parts the stamp of an article from that of its override.
const OVERRIDE: &str = " override ";

/// Whether a page was asked for within a day, as often as a feed without validators may be, with the override that it has now. Later it may
/// have been corrected.
pub(super) fn was_asked_lately(before: &str, own: Option<&Path>) -> bool {
    let (page, before) = before.split_once(OVERRIDE).map_or((before, None), |(page, own)| (page, Some(own)));
    let asked = page.strip_prefix(ASKED).and_then(|time| time.parse::<i64>().ok());
    let is_override_same = own.and_then(of_file).as_deref() == before;
    is_override_same && asked.is_some_and(|asked| (0..DAY).contains(&(now() - asked)))
}

/// Length and time of change of an input's file, or what stands for them, and those of its override.
pub(crate) fn stamp(input: &Input, own: Option<&Path>) -> Option<String> {
    let stamp = match input {
        Input::File(path) | Input::Member { archive: Archived::File(path, _), .. } => of_file(path)?,
        Input::Entry(article) => format!("{:?} {}", article.text, article.entry.stamp()),
        Input::Address(_) => format!("{ASKED}{}", now()),
        Input::Stdin | Input::Member { .. } => return None,
    };
    Some(match own.and_then(of_file) {
        Some(own) => format!("{stamp}{OVERRIDE}{own}"),
        None => stamp,
    })
}

fn of_file(path: &Path) -> Option<String> {
    let data = fs::metadata(path).ok()?;
    let changed = data.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {}", data.len(), changed.as_nanos()))
}
