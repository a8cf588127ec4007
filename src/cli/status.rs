//! `status`: what a folder of results remembers.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::args::StatusArgs;
use super::terminal::{self, count};
use super::{DONE, SOME_FAILED};
use crate::error::{Cure, Error, ErrorKind, Place, printable};
use crate::store::manifest::{Known, Manifest, State};
use crate::store::paths;

/// Runs `status`. It looks while others may write, and changes nothing. When something failed or is missing, the exit code says so.
pub(crate) fn run(args: &StatusArgs) -> anyhow::Result<u8> {
    let manifest = Manifest::look(&args.folder)?.ok_or_else(|| {
        Error::new(ErrorKind::Input, "no batch has written this folder")
            .at(Place::file(&args.folder))
            .with_cure(Cure::other("name the folder that a batch had after -o; output if it had none"))
    })?;
    let results = manifest.results()?;
    let told: Vec<Told> = results.iter().map(|known| Told::of(manifest.folder(), known)).collect();
    let is_well = told.iter().all(|told| told.known.failure.is_none() && told.absent.is_empty());
    if args.json {
        for told in &told {
            terminal::print_json(&told.json())?;
        }
    } else {
        terminal::show(&text(manifest.folder(), &told))?;
    }
    Ok(if is_well { DONE } else { SOME_FAILED })
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

    fn json(&self) -> Value {
        let Known { source, guid, state, revision, published, changed, failure, files, facts, .. } =
            self.known;
        let facts: Value = serde_json::from_str(facts).unwrap_or_default();
        json!({
            "source": source, "guid": guid, "state": state, "revision": revision, "published": published, "changed": changed,
            "failure": failure, "files": files, "missing": self.absent, "edited": self.changed, "facts": facts,
        })
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
    for Told { known, absent, changed } in told {
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
