//! What a run finds that was killed while results got their names.
//!
//! Every file of a staged result either has its name, or lies whole beside it. So the work goes on where it stopped. Where a part is
//! gone, because a power cut took it or somebody swept the folder, the result is forgotten and made again.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::params;
use tracing::{info, warn};

use super::publish::{hash_all, tell};
use super::{Manifest, unwritable};
use crate::error::Result;
use crate::store::paths;

/// A file of a staged result.
struct Staged {
    name: String,
    part: Option<String>,
    bytes: u64,
    hash: Vec<u8>,
}

impl Manifest {
    /// Brings all staged results to their end.
    pub(super) fn recover(&self) -> Result<()> {
        for (result, files) in self.staged()? {
            if self.name_all(&files)? {
                let named: Vec<PathBuf> =
                    files.iter().map(|file| self.folder.join(paths::read(&file.name))).collect();
                self.sync_folders(named.iter().map(PathBuf::as_path));
                self.clear_old(result)?;
                self.write(|transaction| tell(transaction, result))?;
                info!(result, "a result that a killed run had made has its name");
            } else {
                warn!(result, "a result that a killed run had begun is made again");
                self.forget(result, &files)?;
            }
        }
        self.sweep_aside()?;
        self.clear_gone()
    }

    fn staged(&self) -> Result<Vec<(i64, Vec<Staged>)>> {
        let connection = self.connection();
        let read = || -> rusqlite::Result<Vec<(i64, Vec<Staged>)>> {
            let mut results =
                connection.prepare("SELECT id FROM result WHERE state = 'staged' ORDER BY id")?;
            let results: Vec<i64> = results.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let mut files = connection.prepare(
                "SELECT name, part, bytes, hash FROM file WHERE result = ?1 AND is_old = 0 ORDER BY rowid",
            )?;
            let mut found = Vec::new();
            for result in results {
                let row = |row: &rusqlite::Row<'_>| {
                    let (name, part, bytes, hash) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
                    Ok(Staged { name, part, bytes, hash })
                };
                found.push((result, files.query_map([result], row)?.collect::<Result<_, _>>()?));
            }
            Ok(found)
        };
        read().map_err(|cause| self.failed(cause))
    }

    /// Gives all files their names, if all are there and whole.
    fn name_all(&self, files: &[Staged]) -> Result<bool> {
        let part_of = |file: &Staged| file.part.as_ref().map(|part| self.folder.join(paths::read(part)));
        let is_there = |file: &Staged| {
            part_of(file).is_some_and(|part| is_whole(&part, file))
                || is_whole(&self.folder.join(paths::read(&file.name)), file)
        };
        if files.is_empty() || !files.iter().all(is_there) {
            return Ok(false);
        }
        for file in files {
            let Some(part) = part_of(file).filter(|part| part.exists()) else { continue };
            let target = self.folder.join(paths::read(&file.name));
            let named = || {
                fs::create_dir_all(target.parent().unwrap_or(&self.folder))?;
                fs::rename(&part, &target)
            };
            named().map_err(|cause| unwritable(&self.folder, cause))?;
        }
        Ok(true)
    }

    /// Forgets a result that is not whole, and removes what is left of it. What stands under its names from before is still the
    /// folder's own, so that its successor may replace it.
    fn forget(&self, result: i64, files: &[Staged]) -> Result<()> {
        let mut before = Vec::new();
        for file in files {
            if let Some(part) = &file.part {
                let _ = fs::remove_file(self.folder.join(paths::read(part)));
            }
            let named = self.folder.join(paths::read(&file.name));
            if is_whole(&named, file) {
                // Captions without their sound would stand in the way of those to come.
                let _ = fs::remove_file(named);
            } else if let Ok((bytes, hash)) = File::open(named).and_then(hash_all) {
                before.push((&file.name, bytes, hash));
            }
        }
        self.write(|transaction| {
            transaction.execute("DELETE FROM file WHERE result = ?1 AND is_old = 0", [result])?;
            transaction.execute("UPDATE file SET is_old = 0 WHERE result = ?1", [result])?;
            for (name, bytes, hash) in &before {
                transaction.execute(
                    "INSERT INTO file (result, name, bytes, hash) VALUES (?1, ?2, ?3, ?4)",
                    params![result, name, bytes, hash],
                )?;
            }
            // Without a stamp and a story it is another's in every run to come.
            transaction.execute(
                "UPDATE result SET state = 'failed', stamp = NULL, content = NULL, story = NULL,
                     failure_kind = 'Interrupted', failure = 'a kill or a power cut ended it'
                 WHERE id = ?1",
                params![result],
            )?;
            Ok(())
        })
    }
}

fn is_whole(path: &Path, file: &Staged) -> bool {
    has_content(path, file.bytes, &file.hash)
}

/// Whether a file has this length and this hash.
pub(super) fn has_content(path: &Path, bytes: u64, hash: &[u8]) -> bool {
    let Ok(open) = File::open(path) else { return false };
    let has_length = open.metadata().is_ok_and(|data| data.len() == bytes);
    has_length && hash_all(open).is_ok_and(|(_, found)| found[..] == *hash)
}
