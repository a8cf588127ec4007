//! Versions of an agency's story. Each may come in a file of its own; together they are one article, with one identity.

use std::collections::HashMap;

use rusqlite::{Connection, Transaction, params};

use super::Manifest;
use super::rows::article_of;
use crate::error::Result;

/// What brought a version of an agency's story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edition {
    /// What it is called: a path from the folder of the results, or an address.
    pub source: String,
    /// The name of its files, if it gets some.
    pub stem: String,
    /// Length and time of change of its file.
    pub stamp: Option<String>,
    /// The agency's name for the story.
    pub wire: String,
    /// Which version it is.
    pub version: Option<String>,
}

/// An agency's story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Story {
    /// The source of its article.
    pub source: String,
    /// The stem of its article.
    pub stem: String,
    /// The latest version that was seen.
    pub version: Option<String>,
    /// Whether it was taken back.
    pub is_withdrawn: bool,
}

/// What is known of a file that brought a version.
#[derive(Clone, Debug)]
pub(crate) struct KnownEdition {
    /// The source of its article.
    pub article: String,
    /// The name of its files.
    pub stem: String,
    /// Length and time of change of its file when it was read.
    pub stamp: Option<String>,
}

impl Edition {
    /// Writes it down as one of an article.
    pub(super) fn note(&self, transaction: &Transaction<'_>, article: i64) -> rusqlite::Result<()> {
        let Self { source, stem, stamp, wire, version } = self;
        transaction.execute(
            "INSERT INTO edition (source, article, stem, stamp) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (source) DO UPDATE SET article = ?2, stem = ?3, stamp = ?4",
            params![source, article, stem, stamp],
        )?;
        transaction.execute(
            "UPDATE article SET wire = ?2, version = ?3 WHERE id = ?1",
            params![article, wire, version],
        )?;
        // It failed as an article of its own before it could be read.
        transaction.execute(
            "DELETE FROM result WHERE revision = 0 AND article = (SELECT id FROM article WHERE source = ?1 AND id <> ?2)
             AND NOT EXISTS (SELECT 1 FROM file WHERE result = result.id)",
            params![source, article],
        )?;
        Ok(())
    }
}

impl Manifest {
    /// Remembers a version that changes nothing: it is older than the one that is there, or the same. `story` has the latest one.
    pub(crate) fn note_edition(&self, story: &Story, edition: &Edition) -> Result<()> {
        let number = self.reserve_number();
        self.write(|transaction| {
            let article = article_of(transaction, &story.source, &story.stem, Some(number))?;
            Edition { version: story.version.clone(), ..edition.clone() }.note(transaction, article)
        })
    }

    /// The stories of agencies, by their names. Where two articles have one name, the first counts.
    pub(crate) fn stories(&self) -> Result<HashMap<String, Story>> {
        let read = |connection: &Connection| -> rusqlite::Result<HashMap<String, Story>> {
            let mut statement = connection.prepare(
                "SELECT wire, source, stem, version, withdrawn FROM article WHERE wire IS NOT NULL ORDER BY id DESC",
            )?;
            let story = |row: &rusqlite::Row<'_>| {
                let withdrawn: Option<i64> = row.get(4)?;
                let is_withdrawn = withdrawn.is_some();
                Ok((
                    row.get(0)?,
                    Story { source: row.get(1)?, stem: row.get(2)?, version: row.get(3)?, is_withdrawn },
                ))
            };
            statement.query_map([], story)?.collect()
        };
        read(&self.connection()).map_err(|cause| self.failed(cause))
    }

    /// What brought versions of stories, by its source.
    pub(crate) fn editions(&self) -> Result<HashMap<String, KnownEdition>> {
        let read = |connection: &Connection| -> rusqlite::Result<HashMap<String, KnownEdition>> {
            let mut statement = connection.prepare(
                "SELECT e.source, a.source, e.stem, e.stamp FROM edition e JOIN article a ON a.id = e.article",
            )?;
            let edition = |row: &rusqlite::Row<'_>| {
                Ok((
                    row.get(0)?,
                    KnownEdition { article: row.get(1)?, stem: row.get(2)?, stamp: row.get(3)? },
                ))
            };
            statement.query_map([], edition)?.collect()
        };
        read(&self.connection()).map_err(|cause| self.failed(cause))
    }
}
