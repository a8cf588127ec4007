//! The tables of a manifest. Each version is a step from the one before: a manifest of any earlier version is brought up when it is
//! opened for writing, and one of a later version is refused.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::unusable;
use crate::error::{Cure, Error, ErrorKind, Place, Result};

/// The steps; their number is the version.
///
/// An article is what its source is called, under whichever formats it is read. A result is one of these formats, and a file is one of
/// a result: the sound, its captions, its page. Times are seconds since 1970.
const STEPS: &[&str] = &[
    "
    CREATE TABLE article (
        id INTEGER PRIMARY KEY,
        -- A path from the folder of the results, with slashes, or an address.
        source TEXT NOT NULL UNIQUE,
        guid TEXT NOT NULL UNIQUE,
        -- The name of its files, without their endings.
        stem TEXT NOT NULL UNIQUE,
        seen INTEGER NOT NULL,
        -- When it was taken back: it is never made again.
        withdrawn INTEGER
    ) STRICT;
    CREATE TABLE result (
        id INTEGER PRIMARY KEY,
        article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
        ending TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('staged', 'published', 'failed')),
        revision INTEGER NOT NULL,
        -- Length and time of change of the source's file.
        stamp TEXT,
        content BLOB,
        story BLOB,
        wish TEXT NOT NULL,
        lexicon BLOB NOT NULL,
        facts TEXT NOT NULL,
        program TEXT NOT NULL,
        published INTEGER,
        changed INTEGER NOT NULL,
        failure_kind TEXT,
        failure TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        UNIQUE (article, ending)
    ) STRICT;
    CREATE TABLE file (
        result INTEGER NOT NULL REFERENCES result ON DELETE CASCADE,
        name TEXT NOT NULL UNIQUE,
        bytes INTEGER NOT NULL,
        hash BLOB NOT NULL,
        -- Its name while the result is staged.
        part TEXT,
        -- A file of the result before, which goes when the new ones have their names.
        is_old INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX files_of_result ON file (result);
    CREATE TABLE lexicon (
        hash BLOB PRIMARY KEY,
        files TEXT NOT NULL
    ) STRICT;
    CREATE TABLE setting (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT;
    CREATE TABLE feed (
        address TEXT PRIMARY KEY,
        title TEXT,
        -- Sent back as they came: they need not be text.
        etag BLOB,
        modified BLOB,
        asked INTEGER NOT NULL,
        good INTEGER,
        failure TEXT,
        not_before INTEGER
    ) STRICT;
    CREATE TABLE entry (
        feed TEXT NOT NULL REFERENCES feed ON DELETE CASCADE,
        identity TEXT NOT NULL,
        link TEXT,
        published INTEGER,
        seen INTEGER NOT NULL,
        content TEXT NOT NULL,
        -- The feed that had the same article before.
        repeats TEXT,
        PRIMARY KEY (feed, identity)
    ) STRICT;
    CREATE INDEX entries_by_link ON entry (link);
",
    "
    -- The story of a result as it was spoken, for some days.
    CREATE TABLE story (
        result INTEGER PRIMARY KEY REFERENCES result ON DELETE CASCADE,
        kept INTEGER NOT NULL,
        text TEXT NOT NULL
    ) STRICT;
",
];

/// Makes the tables, or brings those of an earlier version up; whether there was anything to do.
pub(super) fn bring_up(connection: &mut Connection, path: &Path) -> Result<bool> {
    let version = check(connection, path)?;
    if version == STEPS.len() {
        return Ok(false);
    }
    let mut migrate = || -> rusqlite::Result<()> {
        // All steps or none.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for step in STEPS.iter().skip(version) {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "user_version", STEPS.len())?;
        transaction.commit()
    };
    migrate().map(|()| true).map_err(|cause| unusable(path, cause))
}

/// The version of the tables; a later one than this program knows is an error.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<usize> {
    let version: usize = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|cause| unusable(path, cause))?;
    if version > STEPS.len() {
        return Err(Error::new(
            ErrorKind::Manifest,
            "a later version of the program wrote the manifest of the results",
        )
        .at(Place::file(path))
        .with_cure(Cure::UpdateForManifest));
    }
    Ok(version)
}
