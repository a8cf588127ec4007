//! `status`: what a folder of results remembers.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::approve::{self, sound};
use super::args::StatusArgs;
use super::ledger::known_of;
use super::terminal::{self, count};
use super::{DONE, SOME_FAILED};
use crate::calendar::now;
use crate::error::{Cure, Error, ErrorKind, Place, printable};
use crate::net::shown;
use crate::store::manifest::{Known, KnownFeed, Manifest, State};
use crate::store::paths;

/// Runs `status`. It looks while others may write, and changes nothing. When something failed or is missing, the exit code says so.
pub(crate) fn run(args: &StatusArgs) -> anyhow::Result<u8> {
    let manifest = Manifest::look(&args.folder)?.ok_or_else(|| unremembered(&args.folder))?;
    let results = known_of(&manifest)?;
    let feeds = manifest.feeds()?;
    let told: Vec<Told> = results.iter().map(|known| Told::of(manifest.folder(), known)).collect();
    let is_well = told.iter().all(|told| told.known.failure.is_none() && told.absent.is_empty())
        && feeds.iter().all(|feed| feed.failure.is_none());
    if args.json {
        for told in &told {
            terminal::print_json(&told.json(manifest.folder()))?;
        }
        for KnownFeed { address, title, asked, good, failure, not_before, .. } in &feeds {
            terminal::print_json(&json!({
                "feed": shown(address), "title": title, "asked": asked, "good": good, "failure": failure, "not_before": not_before,
            }))?;
        }
    } else {
        terminal::show(&(text(manifest.folder(), &told) + &feeds_text(&feeds)))?;
    }
    Ok(if is_well { DONE } else { SOME_FAILED })
}

/// A folder that remembers nothing.
pub(super) fn unremembered(folder: &Path) -> Error {
    Error::new(ErrorKind::Input, "no batch has written this folder")
        .at(Place::file(folder))
        .with_cure(Cure::other("name the folder that a batch had after -o; output if it had none"))
}

/// A result, and how its files are.
struct Told<'a> {
    known: &'a Known,
    absent: Vec<&'a str>,
    changed: Vec<&'a str>,
}

impl<'a> Told<'a> {
    fn of(folder: &Path, known: &'a Known) -> Self {
        let length = |name: &str| fs::metadata(folder.join(paths::read(name))).ok().map(|data| data.len());
        let named = |is_meant: &dyn Fn(Option<u64>, u64) -> bool| {
            let is_so =
                |file: &&'a crate::store::manifest::KnownFile| is_meant(length(&file.name), file.bytes);
            known.files.iter().filter(is_so).map(|file| file.name.as_str()).collect()
        };
        let absent = named(&|found, _| found.is_none());
        let changed = named(&|found, bytes| found.is_some_and(|found| found != bytes));
        Self { known, absent, changed }
    }

    fn json(&self, folder: &Path) -> Value {
        let Known {
            number,
            source,
            guid,
            state,
            revision,
            published,
            changed,
            failure,
            files,
            facts,
            reasons,
            ..
        } = self.known;
        let facts: Value = serde_json::from_str(facts).unwrap_or_default();
        let mut object = json!({
            "number": number, "source": source, "guid": guid, "state": state, "revision": revision, "published": published, "changed": changed,
            "failure": failure, "files": files, "missing": self.absent, "edited": self.changed, "facts": facts,
        });
        if *state == State::Held {
            object["reasons"] = json!(reasons);
            object["sound"] = json!(sound(folder, self.known));
        }
        object
    }
}

/// A line for each feed: a dead one is noticed weeks later, unless somebody says when it was last good.
fn feeds_text(feeds: &[KnownFeed]) -> String {
    let line = |feed: &KnownFeed| {
        let name = printable(&shown(&feed.address));
        let good =
            feed.good.map_or_else(|| "never answered well".to_string(), |good| format!("good {}", ago(good)));
        let failure = feed.failure.as_ref().map_or_else(String::new, |what| format!("; {}", printable(what)));
        format!("  feed {name}: {good}{failure}\n")
    };
    feeds.iter().map(line).collect()
}

/// How long ago a time in seconds since 1970 was.
fn ago(time: i64) -> String {
    let seconds = now().saturating_sub(time);
    match seconds {
        ..120 => "just now".to_string(),
        120..7_200 => format!("{} minutes ago", seconds / 60),
        7_200..172_800 => format!("{} hours ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

fn text(folder: &Path, told: &[Told]) -> String {
    let of = |state: State| told.iter().filter(|told| told.known.state == state).count();
    let mut text = format!(
        "{}: {} published, {} failed\n",
        printable(&folder.to_string_lossy()),
        count(of(State::Published), "report"),
        told.iter().filter(|told| told.known.failure.is_some()).count()
    );
    let being_made = of(State::Staged);
    if being_made > 0 {
        text.push_str(&format!("  being made: {being_made}\n"));
    }
    for (state, what) in
        [(State::Held, "held"), (State::Rejected, "rejected"), (State::Expired, "gone, because old")]
    {
        if of(state) > 0 {
            text.push_str(&format!("  {what}: {}\n", of(state)));
        }
    }
    for Told { known, absent, changed } in told {
        if known.state == State::Held {
            text.push_str(&approve::entry(folder, known));
        }
        if let Some(failure) = &known.failure {
            let times = count(failure.attempts as usize, "time");
            let (source, what) = (printable(&known.source), printable(&failure.what));
            text.push_str(&format!("  failed: {source}: {what} (tried {times})\n"));
        }
        for (names, how) in [(absent, "missing"), (changed, "changed by another program")] {
            for name in names {
                text.push_str(&format!("  {how}: {}\n", printable(name)));
            }
        }
    }
    text
}
