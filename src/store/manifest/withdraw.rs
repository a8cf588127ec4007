//! Articles whose files go: those that are taken back and never made again, and those that are old.
//!
//! First the manifest knows it, then the files go, then their rows. So a kill in between leaves work for whoever opens the manifest next,
//! and nothing is published again meanwhile.

use std::collections::HashSet;

use rusqlite::params;

use super::Manifest;
use super::hold::forget_held;
use super::rows::article_of;
use crate::calendar::now;
use crate::error::Result;
use crate::store::steps::Step;

/// Which reports stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Those that were published at this time or later, in seconds since 1970.
    From(i64),
    /// The latest ones, so many.
    Latest(usize),
}

impl Manifest {
    /// Takes an article back, by the name of its source. One that was never made is remembered, so that it never will be; `wire` is its
    /// agency's name for it, under which other versions may come.
    pub(crate) fn withdraw(&self, source: &str, wire: Option<&str>) -> Result<()> {
        let number = self.reserve_number();
        let waiting = self.write(|transaction| {
            // A name for files that it will never have.
            let article = article_of(transaction, source, source, Some(number))?;
            transaction.execute(
                "UPDATE article SET withdrawn = coalesce(withdrawn, ?2), wire = coalesce(wire, ?3) WHERE id = ?1",
                params![article, now(), wire],
            )?;
            super::stories::withdraw_digests(transaction, article)?;
            // What feeds say of it.
            transaction.execute(
                "UPDATE entry SET content = '{}' WHERE feed || '#' || identity = ?1 OR link = ?1",
                [source],
            )?;
            forget_held(transaction, article, None)
        })?;
        self.step(Step::Gone)?;
        self.remove_aside(&waiting);
        self.clear_gone()
    }

    /// Removes reports that are old, in all their formats; the result is their number. They are known, and not made again as long as
    /// their source stays as it is.
    pub(crate) fn expire(&self, keep: Keep) -> Result<usize> {
        self.tell_named()?;
        let articles = {
            let connection = self.connection();
            let read = || -> rusqlite::Result<Vec<(i64, i64)>> {
                let mut statement = connection.prepare(
                    "SELECT article, max(published) FROM result WHERE state = 'published' AND expired IS NULL
                     GROUP BY article ORDER BY max(published) DESC, article DESC",
                )?;
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
            };
            read().map_err(|cause| self.failed(cause))?
        };
        let is_old = |(place, (_, published)): &(usize, (i64, i64))| match keep {
            Keep::From(time) => *published < time,
            Keep::Latest(number) => *place >= number,
        };
        let old: Vec<i64> = articles.into_iter().enumerate().filter(is_old).map(|(_, (id, _))| id).collect();
        if old.is_empty() {
            return Ok(0);
        }
        self.write(|transaction| {
            for article in &old {
                transaction.execute(
                    "UPDATE result SET expired = ?2 WHERE article = ?1 AND state = 'published' AND expired IS NULL",
                    params![article, now()],
                )?;
            }
            Ok(())
        })?;
        self.step(Step::Gone)?;
        self.clear_gone()?;
        Ok(old.len())
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

    /// Removes what is left of articles that were taken back, and the files of those that were old.
    pub(super) fn clear_gone(&self) -> Result<()> {
        let files = {
            let connection = self.connection();
            let read = || -> rusqlite::Result<Vec<String>> {
                let mut statement = connection.prepare(
                    "SELECT f.name FROM file f JOIN result r ON r.id = f.result JOIN article a ON a.id = r.article
                     WHERE a.withdrawn IS NOT NULL OR r.expired IS NOT NULL",
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
        if !has_results && files.is_empty() {
            return Ok(());
        }
        self.write(|transaction| {
            transaction.execute(
                "DELETE FROM result WHERE article IN (SELECT id FROM article WHERE withdrawn IS NOT NULL)",
                [],
            )?;
            for table in ["file", "story"] {
                transaction.execute(
                    &format!("DELETE FROM {table} WHERE result IN (SELECT id FROM result WHERE expired IS NOT NULL)"),
                    [],
                )?;
            }
            Ok(())
        })
    }
}
