//! The text of each report, as it was spoken. A digest speaks it again, out of the chunks that are kept, even when the article itself is
//! gone. The text goes with its report, and after some days by itself.

use rusqlite::types::FromSql;
use rusqlite::{OptionalExtension, Transaction, params};

use super::{Known, Manifest};
use crate::calendar::{DAY, now};
use crate::error::Result;

/// How long a story is kept, in seconds.
const KEPT: i64 = 7 * DAY;

/// Begins the sources of digests; no path and no address begins like this.
pub(crate) const DIGEST: &str = "digest:";

impl Known {
    /// Whether it is a digest of others.
    pub(crate) fn is_digest(&self) -> bool {
        self.source.starts_with(DIGEST)
    }
}

impl Manifest {
    /// The story of a report, by its source and ending, in the form in which it was given; `None` where it is not kept any more.
    pub(crate) fn story(&self, source: &str, ending: &str) -> Result<Option<String>> {
        self.of_story("s.text", source, ending)
    }

    /// Whether it is kept.
    pub(crate) fn has_story(&self, source: &str, ending: &str) -> Result<bool> {
        Ok(self.of_story::<i64>("1", source, ending)?.is_some())
    }

    fn of_story<T: FromSql>(&self, what: &str, source: &str, ending: &str) -> Result<Option<T>> {
        let query = format!(
            "SELECT {what} FROM story s JOIN result r ON r.id = s.result JOIN article a ON a.id = r.article
             WHERE a.source = ?1 AND r.ending = ?2"
        );
        self.connection()
            .query_row(&query, [source, ending], |row| row.get(0))
            .optional()
            .map_err(|cause| self.failed(cause))
    }

    /// Removes stories that are too old for a digest.
    pub(super) fn forget_old_stories(&self) -> Result<()> {
        let old = now() - KEPT;
        let has_old: bool = self
            .connection()
            .query_row("SELECT EXISTS (SELECT 1 FROM story WHERE kept < ?1)", [old], |row| row.get(0))
            .map_err(|cause| self.failed(cause))?;
        if !has_old {
            return Ok(());
        }
        self.write(|transaction| transaction.execute("DELETE FROM story WHERE kept < ?1", [old]).map(|_| ()))
    }
}

/// Keeps the story of a result, in the place of the one before.
pub(super) fn keep(transaction: &Transaction<'_>, result: i64, text: Option<&str>) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM story WHERE result = ?1", [result])?;
    if let Some(text) = text {
        transaction.execute(
            "INSERT INTO story (result, kept, text) VALUES (?1, ?2, ?3)",
            params![result, now(), text],
        )?;
    }
    Ok(())
}

/// A report that is taken back takes the digests with it that tell it; they are made again without it, if somebody wants them.
pub(super) fn withdraw_digests(transaction: &Transaction<'_>, article: i64) -> rusqlite::Result<()> {
    transaction.execute(
        "UPDATE article SET withdrawn = ?2 WHERE substr(source, 1, length(?3)) = ?3 AND id IN (
             SELECT r.article FROM result r WHERE instr(r.facts, (SELECT '\"' || guid || '\"' FROM article WHERE id = ?1)) > 0)",
        params![article, now(), DIGEST],
    )?;
    Ok(())
}

/// Unlike an article, a digest may be made again.
pub(super) fn admit_digest(transaction: &Transaction<'_>, article: i64) -> rusqlite::Result<()> {
    transaction.execute(
        "UPDATE article SET withdrawn = NULL WHERE id = ?1 AND substr(source, 1, length(?2)) = ?2",
        params![article, DIGEST],
    )?;
    Ok(())
}
