//! Results that wait until somebody approves them.
//!
//! Their files lie in a hidden folder, each result's in one of its own, under the names that they will have. So they can be heard
//! before, and whoever lists the folder of the results sees nothing of them. What was published of the article before stays.
//!
//! 1. The files are synced, and moved there.
//! 2. One transaction tells the manifest of them.
//! 3. The files of a version that waited before go.
//!
//! An approved result is staged in one transaction, and goes on as any other does: see `publish`. What lies aside and is named by no row
//! goes when the manifest is opened next.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row as SqlRow, Transaction, params};

use super::publish::{Fresh, Part, Row, stage, unwritable};
use super::recover::has_content;
use super::rows::{Known, KnownFile, State, article_of};
use super::{HIDDEN, Manifest};
use crate::calendar::now;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::files::sync_folder;
use crate::hash::{Fields, hex};
use crate::store::cache::make_private;
use crate::store::steps::Step;
use crate::store::{PROGRAM, paths};

/// The folder of what is held, within the hidden one.
const ASIDE: &str = "held";
/// Letters of the name of a result's own folder in it.
const NAME: usize = 12;

const HELD: &str = "
    SELECT h.id, a.id AS number, a.source, a.stem, a.guid, h.ending, h.state, h.reasons, h.stamp, h.content, h.story, h.wish, h.lexicon,
        h.facts, h.changed
    FROM held h JOIN article a ON a.id = h.article ORDER BY a.id, h.id";

fn known(row: &SqlRow<'_>) -> rusqlite::Result<(i64, Known)> {
    let (state, reasons): (String, String) = (row.get("state")?, row.get("reasons")?);
    let known = Known {
        number: row.get("number")?,
        source: row.get("source")?,
        stem: row.get("stem")?,
        guid: row.get("guid")?,
        ending: row.get("ending")?,
        state: State::of(&state),
        revision: 0,
        stamp: row.get("stamp")?,
        content: row.get("content")?,
        story: row.get("story")?,
        wish: row.get("wish")?,
        lexicon: row.get("lexicon")?,
        facts: row.get("facts")?,
        published: None,
        changed: row.get("changed")?,
        failure: None,
        reasons: serde_json::from_str(&reasons).unwrap_or_default(),
        files: Vec::new(),
    };
    Ok((row.get("id")?, known))
}

impl Manifest {
    /// Keeps a result aside until it is approved; the last part is its sound. The result is the number of its article, and the place of
    /// the sound.
    pub(crate) fn hold(&self, fresh: &Fresh, parts: Vec<Part>, reasons: &[String]) -> Result<(i64, PathBuf)> {
        let mut rows = parts.iter().map(|part| self.row(part)).collect::<Result<Vec<Row>>>()?;
        self.step(Step::Synced)?;
        let mut fields = Fields::of("audio-report held 1").with(fresh.source.as_bytes());
        for row in &rows {
            fields = fields.with(row.name.as_bytes()).with(&row.hash);
        }
        // Other bytes have another folder, so that nothing that waits is lost before its successor is known.
        let name = &hex(&fields.finish())[..NAME];
        let own = Path::new(HIDDEN).join(ASIDE).join(name);
        let place = self.folder.join(&own);
        make_private(&place).map_err(|cause| unwritable(&place, cause))?;
        let mut sound = place.clone();
        for (Part { file, target }, row) in parts.into_iter().zip(&mut rows) {
            let name = target.file_name().unwrap_or_default();
            sound = place.join(name);
            file.put_aside(&sound).map_err(|cause| unwritable(&sound, cause))?;
            row.part = paths::written(&own.join(name));
        }
        for folder in [&place, &self.folder.join(HIDDEN).join(ASIDE)] {
            sync_folder(folder);
        }
        self.step(Step::Aside)?;
        let (number, mut before) = self.write(|transaction| note_held(transaction, fresh, &rows, reasons))?;
        self.step(Step::Held)?;
        before.retain(|part| rows.iter().all(|row| row.part != *part));
        self.remove_aside(&before);
        Ok((number, sound))
    }

    /// All versions that wait, and those that were rejected, in the order in which their articles were first seen.
    pub(crate) fn held(&self) -> Result<Vec<Known>> {
        let read = |connection: &Connection| -> rusqlite::Result<Vec<Known>> {
            let mut statement = connection.prepare(HELD)?;
            let rows: Vec<(i64, Known)> = statement.query_map([], known)?.collect::<Result<_, _>>()?;
            let mut files =
                connection.prepare("SELECT part, bytes FROM held_file WHERE held = ?1 ORDER BY rowid")?;
            let mut found = Vec::new();
            for (held, mut known) in rows {
                let file = |row: &SqlRow<'_>| Ok(KnownFile { name: row.get(0)?, bytes: row.get(1)? });
                known.files = files.query_map([held], file)?.collect::<Result<_, _>>()?;
                found.push(known);
            }
            Ok(found)
        };
        read(&self.connection()).map_err(|cause| self.failed(cause))
    }

    /// Publishes a version that waits. A file of its name that is none of the folder's results is an error of kind
    /// [`ErrorKind::Exists`], unless `may_replace`. One whose files are no longer as they were made is forgotten, so that the next run
    /// makes it again.
    pub(crate) fn approve(&self, known: &Known, may_replace: bool) -> Result<()> {
        let Some((fresh, program, rows)) = self.waiting(known)? else {
            return Err(Error::new(ErrorKind::Input, "nothing of this article waits for approval"));
        };
        let place = |row: &Row| self.folder.join(paths::read(&row.part));
        if let Some(damaged) = rows.iter().find(|row| !has_content(&place(row), row.bytes, &row.hash)) {
            let path = place(damaged);
            self.forget_version(known)?;
            return Err(Error::new(
                ErrorKind::Decode,
                "the file is not as it was made, or is gone: nothing is published",
            )
            .at(Place::file(path))
            .with_cure(Cure::RunBatchAgain));
        }
        if !may_replace {
            self.check_own(&fresh, &rows)?;
        }
        let (result, _) = self.write(|transaction| {
            let staged = stage(transaction, &fresh, &rows)?;
            transaction
                .execute("UPDATE result SET program = ?2 WHERE id = ?1", params![staged.0, program])?;
            Ok(staged)
        })?;
        self.step(Step::Staged)?;
        for row in &rows {
            let target = self.folder.join(paths::read(&row.name));
            let named = || {
                fs::create_dir_all(target.parent().unwrap_or(&self.folder))?;
                fs::rename(place(row), &target)
            };
            named().map_err(|cause| unwritable(&target, cause))?;
            self.step(Step::FirstNamed)?;
        }
        let targets: Vec<PathBuf> = rows.iter().map(|row| self.folder.join(paths::read(&row.name))).collect();
        self.end_publishing(result, &targets)?;
        // Their folder is empty.
        self.remove_aside(&rows.into_iter().map(|row| row.part).collect::<Vec<_>>());
        Ok(())
    }

    /// Remembers that a version that waits is not wanted, and removes it.
    pub(crate) fn reject(&self, known: &Known) -> Result<()> {
        let parts = self.write(|transaction| {
            let Some(held) = id_of(transaction, known)? else { return Ok(Vec::new()) };
            let parts = parts_of(transaction, held)?;
            transaction.execute("DELETE FROM held_file WHERE held = ?1", [held])?;
            transaction.execute(
                "UPDATE held SET state = 'rejected', changed = ?2, text = NULL WHERE id = ?1",
                params![held, now()],
            )?;
            Ok(parts)
        })?;
        self.step(Step::Rejected)?;
        self.remove_aside(&parts);
        Ok(())
    }

    /// Forgets a version that waits or was rejected.
    pub(crate) fn forget_version(&self, known: &Known) -> Result<()> {
        let parts = self.write(|transaction| forget_held(transaction, known.number, Some(&known.ending)))?;
        self.remove_aside(&parts);
        Ok(())
    }

    /// A version that waits, the program that made it, and its files.
    fn waiting(&self, known: &Known) -> Result<Option<(Fresh, String, Vec<Row>)>> {
        let connection = self.connection();
        let read = || -> rusqlite::Result<Option<(Fresh, String, Vec<Row>)>> {
            let fresh = connection
                .query_row(
                    "SELECT id, stamp, content, story, wish, lexicon, facts, program, text FROM held
                     WHERE article = ?1 AND ending = ?2 AND state = 'held'",
                    params![known.number, known.ending],
                    |row| {
                        let fresh = Fresh {
                            number: Some(known.number),
                            source: known.source.clone(),
                            stem: known.stem.clone(),
                            ending: known.ending.clone(),
                            stamp: row.get(1)?,
                            content: row.get(2)?,
                            story: row.get(3)?,
                            wish: row.get(4)?,
                            lexicon: row.get(5)?,
                            facts: row.get(6)?,
                            // It is known since the version waits.
                            edition: None,
                            text: row.get(8)?,
                        };
                        Ok((row.get::<_, i64>(0)?, fresh, row.get::<_, String>(7)?))
                    },
                )
                .optional()?;
            let Some((held, fresh, program)) = fresh else { return Ok(None) };
            let mut statement = connection
                .prepare("SELECT name, bytes, hash, part FROM held_file WHERE held = ?1 ORDER BY rowid")?;
            let row = |row: &SqlRow<'_>| {
                Ok(Row { name: row.get(0)?, bytes: row.get(1)?, hash: row.get(2)?, part: row.get(3)? })
            };
            let rows = statement.query_map([held], row)?.collect::<Result<_, _>>()?;
            Ok(Some((fresh, program, rows)))
        };
        read().map_err(|cause| self.failed(cause))
    }

    /// Removes files that lie aside, and their folders. What stays, because a disk fails, goes when the manifest is opened next.
    pub(super) fn remove_aside(&self, parts: &[String]) {
        let parts: Vec<PathBuf> = parts.iter().map(|part| self.folder.join(paths::read(part))).collect();
        for part in &parts {
            let _ = fs::remove_file(part);
        }
        for folder in parts.iter().filter_map(|part| part.parent()) {
            let _ = fs::remove_dir(folder);
        }
    }

    /// Removes what lies aside and is named by no row.
    pub(super) fn sweep_aside(&self) -> Result<()> {
        let Ok(found) = fs::read_dir(self.folder.join(HIDDEN).join(ASIDE)) else { return Ok(()) };
        let named = {
            let connection = self.connection();
            let read = || -> rusqlite::Result<HashSet<String>> {
                let mut statement = connection.prepare("SELECT part FROM held_file")?;
                statement.query_map([], |row| row.get(0))?.collect()
            };
            read().map_err(|cause| self.failed(cause))?
        };
        let kept: HashSet<PathBuf> = named
            .iter()
            .filter_map(|part| paths::read(part).parent().map(|folder| self.folder.join(folder)))
            .collect();
        for entry in found.flatten().filter(|entry| !kept.contains(&entry.path())) {
            let _ = fs::remove_dir_all(entry.path());
        }
        Ok(())
    }
}

/// Writes a version that waits, in the place of one that waited or was rejected. The results are the number of its article, and the
/// places of the files of the version before.
fn note_held(
    transaction: &Transaction<'_>,
    fresh: &Fresh,
    rows: &[Row],
    reasons: &[String],
) -> rusqlite::Result<(i64, Vec<String>)> {
    let article = article_of(transaction, &fresh.source, &fresh.stem, fresh.number)?;
    if let Some(edition) = &fresh.edition {
        edition.note(transaction, article)?;
    }
    let before = forget_held(transaction, article, Some(&fresh.ending))?;
    let Fresh { ending, stamp, content, story, wish, lexicon, facts, text, .. } = fresh;
    let reasons = serde_json::to_string(reasons).unwrap_or_default();
    let held: i64 = transaction.query_row(
        "INSERT INTO held (article, ending, state, reasons, stamp, content, story, wish, lexicon, facts, program, changed, text)
         VALUES (?1, ?2, 'held', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) RETURNING id",
        params![article, ending, reasons, stamp, content, story, wish, lexicon, facts, PROGRAM, now(), text],
        |row| row.get(0),
    )?;
    for Row { name, bytes, hash, part } in rows {
        transaction.execute(
            "INSERT INTO held_file (held, name, bytes, hash, part) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![held, name, bytes, hash, part],
        )?;
    }
    // What failed before was made now.
    transaction.execute(
        "DELETE FROM result WHERE article = ?1 AND ending = ?2 AND revision = 0
         AND NOT EXISTS (SELECT 1 FROM file WHERE result = result.id)",
        params![article, ending],
    )?;
    transaction.execute(
        "UPDATE result SET failure_kind = NULL, failure = NULL, attempts = 0 WHERE article = ?1 AND ending = ?2",
        params![article, ending],
    )?;
    Ok((article, before))
}

fn id_of(transaction: &Transaction<'_>, known: &Known) -> rusqlite::Result<Option<i64>> {
    transaction
        .query_row(
            "SELECT id FROM held WHERE article = ?1 AND ending = ?2",
            params![known.number, known.ending],
            |row| row.get(0),
        )
        .optional()
}

fn parts_of(transaction: &Transaction<'_>, held: i64) -> rusqlite::Result<Vec<String>> {
    let mut statement = transaction.prepare("SELECT part FROM held_file WHERE held = ?1")?;
    statement.query_map([held], |row| row.get(0))?.collect()
}

/// Forgets the versions of an article, in one format or in all, that wait or were rejected; the result is the places of their files.
pub(super) fn forget_held(
    transaction: &Transaction<'_>,
    article: i64,
    ending: Option<&str>,
) -> rusqlite::Result<Vec<String>> {
    let mut statement =
        transaction.prepare("SELECT id FROM held WHERE article = ?1 AND ending = coalesce(?2, ending)")?;
    let held: Vec<i64> =
        statement.query_map(params![article, ending], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut parts = Vec::new();
    for held in held {
        parts.extend(parts_of(transaction, held)?);
        transaction.execute("DELETE FROM held_file WHERE held = ?1", [held])?;
        transaction.execute("DELETE FROM held WHERE id = ?1", [held])?;
    }
    Ok(parts)
}
