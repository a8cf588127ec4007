//! The way of a result's files to their names.
//!
//! 1. The files are synced under other names.
//! 2. One transaction tells the manifest of them: the result is *staged*.
//! 3. They get their names, the sound last, and the folder is synced.
//! 4. Files of the result before that have no successor go.
//! 5. The next transaction, whatever it is for, or the end of the run tells that the result is *published*.
//!
//! Whoever opens the manifest after a kill goes on from step 3: see `recover`.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rusqlite::{OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};
use tracing::debug;

use super::editions::Edition;
use super::hold::forget_held;
use super::rows::article_of;
use super::{Manifest, stories};
use crate::calendar::now;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::files::PendingFile;
use crate::store::steps::{Step, reach};
use crate::store::{PROGRAM, paths};

/// A file of a result that is whole and has no name yet.
pub(crate) struct Part {
    /// The file.
    pub file: PendingFile,
    /// Where it belongs.
    pub target: PathBuf,
}

/// What the manifest is told of a result.
#[derive(Clone, Debug)]
pub(crate) struct Fresh {
    /// The number that is reserved for its article, should it be new.
    pub number: Option<i64>,
    /// What its article's source is called.
    pub source: String,
    /// The name of its files, without their endings.
    pub stem: String,
    /// The ending of the sound's name.
    pub ending: String,
    /// Length and time of change of the source's file.
    pub stamp: Option<String>,
    /// The hash of the source's bytes.
    pub content: [u8; 32],
    /// The hash of the story.
    pub story: [u8; 32],
    /// The settings it was made with.
    pub wish: String,
    /// The hash of the lexicons it was made with.
    pub lexicon: [u8; 32],
    /// What is told of it: a JSON object.
    pub facts: String,
    /// Which version of an agency's story it is.
    pub edition: Option<Edition>,
    /// The story as it was spoken, where it may be kept.
    pub text: Option<String>,
}

/// A file as the manifest has it.
pub(super) struct Row {
    /// Its name, in the folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub hash: [u8; 32],
    /// Where it lies until it gets its name, in the folder.
    pub part: String,
}

impl Manifest {
    /// Publishes a result; the last part is its sound. Files of the same result that were there before are replaced. A file of
    /// that name that is none of the folder's results is an error of kind [`ErrorKind::Exists`], unless `may_replace`.
    pub(crate) fn publish(&self, fresh: &Fresh, parts: Vec<Part>, may_replace: bool) -> Result<()> {
        let rows = parts.iter().map(|part| self.row(part)).collect::<Result<Vec<Row>>>()?;
        if !may_replace {
            self.check_own(fresh, &rows)?;
        }
        self.step(Step::Synced)?;
        let begun = Instant::now();
        let (result, waiting) = self.write(|transaction| stage(transaction, fresh, &rows))?;
        debug!(seconds = begun.elapsed().as_secs_f64(), "the manifest knows a result");
        self.step(Step::Staged)?;
        let targets: Vec<PathBuf> = parts.iter().map(|part| part.target.clone()).collect();
        for Part { file, target } in parts {
            file.name_unsynced().map_err(|cause| unwritable(&target, cause))?;
            self.step(Step::FirstNamed)?;
        }
        self.end_publishing(result, &targets)?;
        // A version that waited is outdated now.
        self.remove_aside(&waiting);
        Ok(())
    }

    /// The way from the last name on.
    pub(super) fn end_publishing(&self, result: i64, targets: &[PathBuf]) -> Result<()> {
        self.sync_folders(targets.iter().map(PathBuf::as_path));
        self.step(Step::Named)?;
        self.clear_old(result)?;
        self.step(Step::Cleared)?;
        self.named().push(result);
        self.step(Step::Published)
    }

    pub(super) fn row(&self, part: &Part) -> Result<Row> {
        let failed = |cause| unwritable(&part.target, cause);
        part.file.file().sync_all().map_err(failed)?;
        let (bytes, hash) = hash_of(&part.file).map_err(failed)?;
        let own = |path: &Path| paths::written(path.strip_prefix(&self.folder).unwrap_or(path));
        Ok(Row { name: own(&part.target), bytes, hash, part: own(part.file.path()) })
    }

    /// A file that somebody put there is not overwritten.
    pub(super) fn check_own(&self, fresh: &Fresh, rows: &[Row]) -> Result<()> {
        let is_own = |name: &str| {
            self.connection()
                .query_row(
                    "SELECT 1 FROM file f JOIN result r ON r.id = f.result JOIN article a ON a.id = r.article
                     WHERE f.name = ?1 AND a.source = ?2 AND r.ending = ?3",
                    params![name, fresh.source, fresh.ending],
                    |_| Ok(()),
                )
                .optional()
                .map(|found| found.is_some())
                .map_err(|cause| self.failed(cause))
        };
        for Row { name, .. } in rows {
            let path = self.folder.join(paths::read(name));
            if path.exists() && !is_own(name)? {
                return Err(Error::new(
                    ErrorKind::Exists,
                    "the result exists already and is not overwritten",
                )
                .at(Place::file(path))
                .with_cure(Cure::AllowOverwrite));
            }
        }
        Ok(())
    }

    /// Removes the files of the result before that have no successor.
    pub(super) fn clear_old(&self, result: i64) -> Result<()> {
        let old = {
            let connection = self.connection();
            let read = || -> rusqlite::Result<Vec<String>> {
                let mut statement =
                    connection.prepare("SELECT name FROM file WHERE result = ?1 AND is_old = 1")?;
                statement.query_map([result], |row| row.get(0))?.collect()
            };
            read().map_err(|cause| self.failed(cause))?
        };
        for name in old {
            self.remove(&name)?;
        }
        Ok(())
    }

    /// Tells the database which results have their names.
    pub(crate) fn tell_named(&self) -> Result<()> {
        if self.named().is_empty() { Ok(()) } else { self.write(|_| Ok(())) }
    }

    pub(super) fn step(&self, step: Step) -> Result<()> {
        reach(step).map_err(|cause| unwritable(&self.folder, cause))
    }
}

/// Stages a result. With its number come the places of the files of a version that waited for approval, and is forgotten.
pub(super) fn stage(
    transaction: &Transaction<'_>,
    fresh: &Fresh,
    rows: &[Row],
) -> rusqlite::Result<(i64, Vec<String>)> {
    let article = article_of(transaction, &fresh.source, &fresh.stem, fresh.number)?;
    if let Some(edition) = &fresh.edition {
        edition.note(transaction, article)?;
    }
    let waiting = forget_held(transaction, article, Some(&fresh.ending))?;
    let Fresh { ending, stamp, content, story, wish, lexicon, facts, .. } = fresh;
    let result: i64 = transaction.query_row(
        "INSERT INTO result (article, ending, state, revision, stamp, content, story, wish, lexicon, facts, program, changed)
         VALUES (?1, ?2, 'staged', 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (article, ending) DO UPDATE SET state = 'staged', revision = revision + 1, stamp = ?3, content = ?4, story = ?5,
             wish = ?6, lexicon = ?7, facts = ?8, program = ?9, changed = ?10, failure_kind = NULL, failure = NULL, attempts = 0,
             published = iif(expired IS NULL, published, NULL), expired = NULL
         RETURNING id",
        params![article, ending, stamp, content, story, wish, lexicon, facts, PROGRAM, now()],
        |row| row.get(0),
    )?;
    stories::admit_digest(transaction, article)?;
    stories::keep(transaction, result, fresh.text.as_deref())?;
    transaction.execute("UPDATE file SET is_old = 1 WHERE result = ?1", [result])?;
    for Row { name, bytes, hash, part } in rows {
        // Behind all others: the files of a result stand in their order.
        transaction.execute("DELETE FROM file WHERE name = ?1", [name])?;
        transaction.execute(
            "INSERT INTO file (result, name, bytes, hash, part) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![result, name, bytes, hash, part],
        )?;
    }
    Ok((result, waiting))
}

/// Tells that a result is published.
pub(super) fn tell(transaction: &Transaction<'_>, result: i64) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM file WHERE result = ?1 AND is_old = 1", [result])?;
    transaction.execute("UPDATE file SET part = NULL WHERE result = ?1", [result])?;
    transaction.execute(
        "UPDATE result SET state = 'published', published = coalesce(published, changed) WHERE id = ?1",
        [result],
    )?;
    Ok(())
}

/// Length and SHA-256 of a whole file.
fn hash_of(pending: &PendingFile) -> io::Result<(u64, [u8; 32])> {
    let mut file = pending.file();
    file.seek(SeekFrom::Start(0))?;
    hash_all(file)
}

/// Length and SHA-256 of all that is left to read.
pub(super) fn hash_all(mut from: impl Read) -> io::Result<(u64, [u8; 32])> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut length = 0;
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok((length, hash.finalize().into())),
            read => {
                hash.update(&buffer[..read]);
                length += read as u64;
            }
        }
    }
}

pub(super) fn unwritable(path: &Path, cause: io::Error) -> Error {
    let full = matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    let (what, cure) = if full {
        ("the disk is full", Cure::FreeSpace)
    } else {
        ("the result can't be written", Cure::CheckFolder)
    };
    Error::new(ErrorKind::Output, what).at(Place::file(path)).because(cause).with_cure(cure)
}
