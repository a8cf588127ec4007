//! Articles that are taken back: their files go, and they are never made again.
//!
//! First the manifest knows it, then the files go, then their rows. So a kill in between leaves work for whoever opens the manifest next,
//! and nothing is published again meanwhile.

use std::collections::HashSet;

use rusqlite::params;

use super::Manifest;
use super::rows::article_of;
use crate::calendar::now;
use crate::error::Result;

impl Manifest {
    /// Takes an article back, by the name of its source. One that was never made is remembered, so that it never will be.
    pub(crate) fn withdraw(&self, source: &str) -> Result<()> {
        self.write(|transaction| {
            // A name for files that it will never have.
            let article = article_of(transaction, source, source)?;
            transaction.execute(
                "UPDATE article SET withdrawn = coalesce(withdrawn, ?2) WHERE id = ?1",
                params![article, now()],
            )?;
            super::stories::withdraw_digests(transaction, article)?;
            // What feeds say of it.
            transaction.execute(
                "UPDATE entry SET content = '{}' WHERE feed || '#' || identity = ?1 OR link = ?1",
                [source],
            )?;
            Ok(())
        })?;
        self.clear_withdrawn()
    }

    /// The sources of all articles that were taken back.
    pub(crate) fn withdrawn(&self) -> Result<HashSet<String>> {
        let connection = self.connection();
        let read = || -> rusqlite::Result<HashSet<String>> {
            let mut statement =
                connection.prepare("SELECT source FROM article WHERE withdrawn IS NOT NULL")?;
            statement.query_map([], |row| row.get(0))?.collect()
        };
        read().map_err(|cause| self.failed(cause))
    }

    /// Removes what is left of articles that were taken back.
    pub(super) fn clear_withdrawn(&self) -> Result<()> {
        let files = {
            let connection = self.connection();
            let read = || -> rusqlite::Result<Vec<String>> {
                let mut statement = connection.prepare(
                    "SELECT f.name FROM file f JOIN result r ON r.id = f.result JOIN article a ON a.id = r.article
                     WHERE a.withdrawn IS NOT NULL",
                )?;
                statement.query_map([], |row| row.get(0))?.collect()
            };
            read().map_err(|cause| self.failed(cause))?
        };
        for name in &files {
            self.remove(name)?;
        }
        let has_results: bool = self
            .connection()
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM result r JOIN article a ON a.id = r.article WHERE a.withdrawn IS NOT NULL)",
                [],
                |row| row.get(0),
            )
            .map_err(|cause| self.failed(cause))?;
        if !has_results {
            return Ok(());
        }
        self.write(|transaction| {
            transaction.execute(
                "DELETE FROM result WHERE article IN (SELECT id FROM article WHERE withdrawn IS NOT NULL)",
                [],
            )?;
            Ok(())
        })
    }
}
