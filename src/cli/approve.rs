//! `approve` and `reject`: what becomes of reports that are held.

use std::path::Path;

use serde_json::json;

use super::args::{ApproveArgs, RejectArgs};
use super::terminal::{self, count};
use super::{DONE, batch, code_of, interrupt};
use crate::error::{Cure, Error, ErrorKind, Place, Result, printable};
use crate::net::{Address, is_address};
use crate::store::manifest::{Known, Manifest, State};
use crate::store::paths;

/// Runs `approve`: reports that wait are published, and listed by the folder's podcast. Or it lists them.
pub(crate) fn run(args: &ApproveArgs) -> anyhow::Result<u8> {
    if args.list {
        return list(args);
    }
    if args.names.is_empty() && !args.all {
        let cure =
            "name them (audio-report approve --list tells their IDs), or publish all that wait with --all";
        return Err(Error::new(ErrorKind::Usage, "no report is named").with_cure(Cure::other(cure)).into());
    }
    let outcome =
        for_each(&args.names, args.all, &args.folder, args.no_wait, State::Held, |manifest, known| {
            manifest.approve(known, args.force)
        })?;
    outcome.end("published")
}

/// Runs `reject`: reports that wait go, and the same text is not made again; or it takes that back.
pub(crate) fn reject(args: &RejectArgs) -> anyhow::Result<u8> {
    let RejectArgs { names, folder, no_wait, undo } = args;
    if *undo {
        let outcome = for_each(names, false, folder, *no_wait, State::Rejected, Manifest::forget_version)?;
        return outcome.end("no longer rejected: the next run makes them again");
    }
    for_each(names, false, folder, *no_wait, State::Held, Manifest::reject)?.end("rejected")
}

/// How many reports were meant, and how many of them failed.
struct Outcome {
    done: usize,
    failed: usize,
}

impl Outcome {
    fn end(&self, what: &str) -> anyhow::Result<u8> {
        if self.done > 0 || self.failed == 0 {
            terminal::show(&format!("{} {what}\n", count(self.done, "report")))?;
        }
        Ok(code_of(self.done, self.failed))
    }
}

/// Does something for each report that is named and in a state. One that fails is told, and the others go on.
fn for_each(
    names: &[String],
    are_all_meant: bool,
    folder: &Path,
    is_impatient: bool,
    state: State,
    act: impl Fn(&Manifest, &Known) -> Result<()>,
) -> anyhow::Result<Outcome> {
    check_folder(folder)?;
    let manifest = batch::open(folder, is_impatient, &interrupt::watch()?)?;
    let held = manifest.held()?;
    let mut outcome = Outcome { done: 0, failed: 0 };
    let is_in_state = |known: &&Known| known.state == state;
    for name in names {
        if !held.iter().filter(is_in_state).any(|known| is_meant(known, name)) {
            outcome.failed += 1;
            terminal::report(&not_held(name, state, &held, &manifest.results()?));
        }
    }
    let is_named = |known: &&Known| are_all_meant || names.iter().any(|name| is_meant(known, name));
    let meant: Vec<&Known> = held.iter().filter(is_in_state).filter(is_named).collect();
    for known in meant {
        match act(&manifest, known) {
            Ok(()) => outcome.done += 1,
            Err(error) => {
                outcome.failed += 1;
                terminal::report(&error);
            }
        }
    }
    batch::finish(manifest)?;
    Ok(outcome)
}

/// Why a name means no report in a state.
fn not_held(name: &str, state: State, held: &[Known], results: &[Known]) -> Error {
    let name_shown = printable(name);
    let find = |all: &[Known]| all.iter().find(|known| is_meant(known, name)).map(|known| known.state);
    let list = "audio-report approve --list -o DIR names those that wait";
    let (what, cure) = match (find(held), state) {
        (Some(State::Rejected), State::Held) => (
            format!("the report “{name_shown}” was rejected, and its sound is gone"),
            "take that back with audio-report reject --undo, and run the batch again",
        ),
        (Some(_), _) => (format!("the report “{name_shown}” was not rejected"), list),
        (None, _) if find(results) == Some(State::Published) => {
            (format!("the report “{name_shown}” is published, and nothing of it waits"), list)
        }
        (None, _) => (format!("no report that is held is called “{name_shown}”"), list),
    };
    Error::new(ErrorKind::Input, what).with_cure(Cure::other(cure))
}

/// Whether a report has this name: its number in the folder, its guid or the beginning of it, its source, the address of its page, or its
/// agency's name for it.
pub(super) fn is_meant(known: &Known, name: &str) -> bool {
    /// The first part of a guid: fewer letters would soon mean two.
    const SHORTEST: usize = 8;
    let facts: serde_json::Value = serde_json::from_str(&known.facts).unwrap_or_default();
    let name = name.trim();
    let own = |text: &str| Address::parse(text).map(|address| address.without_trackers().to_string()).ok();
    let is_link = |link: &str| link == name || own(link).is_some() && own(link) == own(name);
    let guid = name.trim_start_matches("urn:uuid:");
    name.parse() == Ok(known.number)
        || guid.len() >= SHORTEST && known.guid.starts_with(guid)
        || known.source == name
        || facts["wire"].as_str() == Some(name)
        || is_address(name.as_ref()) && facts["link"].as_str().is_some_and(is_link)
}

/// Refuses what is no folder.
pub(super) fn check_folder(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Input, "there is no such folder")
        .at(Place::file(folder))
        .with_cure(Cure::other("name the folder that a batch had after -o")))
}

/// Lists what waits, with the sound's place: an editor listens first.
fn list(args: &ApproveArgs) -> anyhow::Result<u8> {
    check_folder(&args.folder)?;
    let held = match Manifest::look(&args.folder)? {
        Some(manifest) => manifest.held()?,
        None => Vec::new(),
    };
    let held: Vec<&Known> = held.iter().filter(|known| known.state == State::Held).collect();
    if args.json {
        for known in held {
            terminal::print_json(&json!({
                "number": known.number, "guid": known.guid, "source": known.source, "title": title(known), "reasons": known.reasons,
                "sound": sound(&args.folder, known), "changed": known.changed,
            }))?;
        }
        return Ok(DONE);
    }
    let mut text = String::new();
    for known in &held {
        text.push_str(&entry(&args.folder, known));
    }
    if held.is_empty() {
        text.push_str("nothing waits for approval\n");
    }
    terminal::show(&text)?;
    Ok(DONE)
}

/// The lines about a report that waits.
pub(super) fn entry(folder: &Path, known: &Known) -> String {
    let name = title(known).unwrap_or_else(|| known.source.clone());
    let mut text = format!("  held {}: {} ({})\n", known.number, printable(&name), printable(&known.source));
    for reason in &known.reasons {
        text.push_str(&format!("    because {}\n", printable(reason)));
    }
    if let Some(sound) = sound(folder, known) {
        text.push_str(&format!("    to hear it: audio-report play {}\n", printable(&sound)));
    }
    text
}

fn title(known: &Known) -> Option<String> {
    let facts: serde_json::Value = serde_json::from_str(&known.facts).unwrap_or_default();
    facts["title"].as_str().map(str::to_string)
}

/// Where the sound of a report that waits lies.
pub(super) fn sound(folder: &Path, known: &Known) -> Option<String> {
    let name = &known.files.last()?.name;
    Some(folder.join(paths::read(name)).to_string_lossy().into_owned())
}
