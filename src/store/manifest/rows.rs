//! Articles and their results, as they are read and written.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use serde::Serialize;

use super::Manifest;
use crate::calendar::now;
use crate::error::Result;
use crate::hash::{Fields, hex};

/// How far a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Its files are whole and get their names.
    Staged,
    /// It is there.
    Published,
    /// It could not be made.
    Failed,
    /// It was published, and has gone because it was old.
    Expired,
    /// It waits until somebody approves it.
    Held,
    /// Somebody does not want it.
    Rejected,
}

impl State {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "published" => Self::Published,
            "staged" => Self::Staged,
            "held" => Self::Held,
            "rejected" => Self::Rejected,
            _ => Self::Failed,
        }
    }
}

/// What is known of a result, or of a version of it that is held.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The number of its article in this folder.
    pub number: i64,
    /// What its article's source is called: a path from the folder of the results, or an address.
    pub source: String,
    /// The name of its files, without their endings.
    pub stem: String,
    /// The article's identity for ever.
    pub guid: String,
    /// The ending of the sound's name.
    pub ending: String,
    /// How far it is.
    pub state: State,
    /// How often it was made.
    pub revision: u32,
    /// Length and time of change of the source's file when it was read.
    pub stamp: Option<String>,
    /// The hash of the source's bytes.
    pub content: Option<Vec<u8>>,
    /// The hash of the story.
    pub story: Option<Vec<u8>>,
    /// The settings it was made with.
    pub wish: String,
    /// The hash of the lexicons it was made with.
    pub lexicon: Vec<u8>,
    /// What is told of it: a JSON object.
    pub facts: String,
    /// When it was first published, in seconds since 1970.
    pub published: Option<i64>,
    /// When it last changed, in seconds since 1970.
    pub changed: i64,
    /// Why it could not be made.
    pub failure: Option<Failure>,
    /// Why it is held.
    pub reasons: Vec<String>,
    /// Its files, where they lie; the sound is the last.
    pub files: Vec<KnownFile>,
}

impl Known {
    /// The table that has it.
    fn table(&self) -> &'static str {
        if matches!(self.state, State::Held | State::Rejected) { "held" } else { "result" }
    }
}

/// Why a result could not be made.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Failure {
    /// The kind of error, by its name.
    pub kind: String,
    /// In a sentence.
    pub what: String,
    /// How often it was tried.
    pub attempts: u32,
}

/// A file of a result.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct KnownFile {
    /// Within the folder of the results.
    pub name: String,
    /// Its length.
    pub bytes: u64,
}

const RESULTS: &str = "
    SELECT r.id, a.id AS number, a.source, a.stem, a.guid, r.ending, r.state, r.revision, r.stamp, r.content, r.story, r.wish, r.lexicon, r.facts,
        r.published, r.changed, r.failure_kind, r.failure, r.attempts, r.expired
    FROM result r JOIN article a ON a.id = r.article ORDER BY a.id, r.id";

fn known(row: &Row<'_>) -> rusqlite::Result<(i64, Known)> {
    let kind: Option<String> = row.get("failure_kind")?;
    let failure = match kind {
        Some(kind) => Some(Failure { kind, what: row.get("failure")?, attempts: row.get("attempts")? }),
        None => None,
    };
    let state: String = row.get("state")?;
    let expired: Option<i64> = row.get("expired")?;
    let state = if expired.is_some() { State::Expired } else { State::of(&state) };
    let known = Known {
        number: row.get("number")?,
        source: row.get("source")?,
        stem: row.get("stem")?,
        guid: row.get("guid")?,
        ending: row.get("ending")?,
        state,
        revision: row.get("revision")?,
        stamp: row.get("stamp")?,
        content: row.get("content")?,
        story: row.get("story")?,
        wish: row.get("wish")?,
        lexicon: row.get("lexicon")?,
        facts: row.get("facts")?,
        published: row.get("published")?,
        changed: row.get("changed")?,
        failure,
        reasons: Vec::new(),
        files: Vec::new(),
    };
    Ok((row.get("id")?, known))
}

impl Manifest {
    /// All results that are known, in the order in which their articles were first seen.
    pub(crate) fn results(&self) -> Result<Vec<Known>> {
        let read = |connection: &Connection| -> rusqlite::Result<Vec<Known>> {
            let mut statement = connection.prepare(RESULTS)?;
            let rows: Vec<(i64, Known)> = statement.query_map([], known)?.collect::<Result<_, _>>()?;
            let mut files: HashMap<i64, Vec<KnownFile>> = HashMap::new();
            let mut statement =
                connection.prepare("SELECT result, name, bytes FROM file WHERE is_old = 0 ORDER BY rowid")?;
            let mut found = statement.query([])?;
            while let Some(row) = found.next()? {
                let file = KnownFile { name: row.get(1)?, bytes: row.get(2)? };
                files.entry(row.get(0)?).or_default().push(file);
            }
            let with_files = |(id, known)| Known { files: files.remove(&id).unwrap_or_default(), ..known };
            Ok(rows.into_iter().map(with_files).collect())
        };
        read(&self.connection()).map_err(|cause| self.failed(cause))
    }

    /// Remembers that an article could not be made, which may have no name yet. What was published of it stays.
    pub(crate) fn note_failure(
        &self,
        source: &str,
        stem: Option<&str>,
        ending: &str,
        failure: &Failure,
    ) -> Result<()> {
        let number = self.reserve_number();
        self.write(|transaction| {
            let stem = stem.map_or_else(|| unnamed(source), str::to_string);
            let article = article_of(transaction, source, &stem, Some(number))?;
            let now = now();
            transaction.execute(
                "INSERT INTO result (article, ending, state, revision, wish, lexicon, facts, program, changed, failure_kind, failure, attempts)
                 VALUES (?1, ?2, 'failed', 0, '', x'', '{}', ?3, ?4, ?5, ?6, 1)
                 ON CONFLICT (article, ending) DO UPDATE SET failure_kind = ?5, failure = ?6, attempts = attempts + 1, changed = ?4",
                params![article, ending, super::super::PROGRAM, now, failure.kind, failure.what],
            )?;
            Ok(())
        })
    }

    /// Forgets that a source could not be read, because it turned out to be no article. Where nothing was ever made of it, nothing is left.
    pub(crate) fn forget_failure(&self, source: &str) -> Result<()> {
        const OF_SOURCE: &str = "article IN (SELECT id FROM article WHERE source = ?1)";
        self.write(|transaction| {
            let never_made = "DELETE FROM result WHERE state = 'failed' AND revision = 0";
            transaction.execute(&format!("{never_made} AND {OF_SOURCE}"), [source])?;
            let is_well = "UPDATE result SET failure_kind = NULL, failure = NULL, attempts = 0";
            transaction.execute(&format!("{is_well} WHERE {OF_SOURCE}"), [source])?;
            transaction.execute(
                "DELETE FROM article WHERE source = ?1 AND withdrawn IS NULL
                    AND NOT EXISTS (SELECT 1 FROM result r WHERE r.article = article.id)
                    AND NOT EXISTS (SELECT 1 FROM held h WHERE h.article = article.id)
                    AND NOT EXISTS (SELECT 1 FROM edition e WHERE e.article = article.id)",
                [source],
            )?;
            Ok(())
        })
    }

    /// Remembers that the source of a result has another stamp, though the story is the same.
    pub(crate) fn note_unchanged(&self, known: &Known, stamp: Option<&str>, content: &[u8]) -> Result<()> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE result SET failure_kind = NULL, failure = NULL, attempts = 0 WHERE ending = ?2 AND article = ?1",
                params![known.number, known.ending],
            )?;
            let table = known.table();
            transaction.execute(
                &format!("UPDATE {table} SET stamp = ?3, content = ?4 WHERE ending = ?2 AND article = ?1"),
                params![known.number, known.ending, stamp, content],
            )?;
            Ok(())
        })
    }

    /// Remembers that a result would be said alike with other lexicons.
    pub(crate) fn note_lexicon(&self, known: &Known, hash: &[u8]) -> Result<()> {
        self.write(|transaction| {
            let table = known.table();
            transaction.execute(
                &format!("UPDATE {table} SET lexicon = ?3 WHERE ending = ?2 AND article = ?1"),
                params![known.number, known.ending, hash],
            )?;
            Ok(())
        })
    }

    /// Keeps the text of lexicons, so that a later run can tell which articles a change of them concerns.
    pub(crate) fn keep_lexicon(&self, hash: &[u8], files: &str) -> Result<()> {
        let is_kept = self
            .connection()
            .query_row("SELECT 1 FROM lexicon WHERE hash = ?1", [hash], |_| Ok(()))
            .optional()
            .map_err(|cause| self.failed(cause))?
            .is_some();
        if is_kept {
            return Ok(());
        }
        self.write(|transaction| {
            transaction.execute("INSERT INTO lexicon (hash, files) VALUES (?1, ?2)", params![hash, files])?;
            Ok(())
        })
    }

    /// The text of lexicons that was kept.
    pub(crate) fn kept_lexicon(&self, hash: &[u8]) -> Result<Option<String>> {
        self.connection()
            .query_row("SELECT files FROM lexicon WHERE hash = ?1", [hash], |row| row.get(0))
            .optional()
            .map_err(|cause| self.failed(cause))
    }

    /// What was set for the folder under a name.
    pub(crate) fn setting(&self, name: &str) -> Result<Option<String>> {
        self.connection()
            .query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0))
            .optional()
            .map_err(|cause| self.failed(cause))
    }

    /// Sets something for the folder. What is so already is not written.
    pub(crate) fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        if self.setting(name)?.as_deref() == Some(value) {
            return Ok(());
        }
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
                params![name, value],
            )?;
            Ok(())
        })
    }

    /// Writes in one transaction, together with what earlier writes left to it. It begins as a writer: one that begins as a reader
    /// fails at once when another process has written meanwhile.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>) -> Result<T> {
        let mut connection = self.connection();
        self.note_change();
        let named = std::mem::take(&mut *self.named());
        let run = || -> rusqlite::Result<T> {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for result in &named {
                super::publish::tell(&transaction, *result)?;
            }
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        run().map_err(|cause| {
            self.named().extend(&named);
            self.failed(cause)
        })
    }
}

/// The row of an article, which gets one, with an identity for ever, when it is new. Its number is the reserved one, if nobody has it.
pub(super) fn article_of(
    transaction: &Transaction<'_>,
    source: &str,
    stem: &str,
    reserved: Option<i64>,
) -> rusqlite::Result<i64> {
    transaction.execute(
        "INSERT INTO article (id, source, guid, stem, seen)
         VALUES ((SELECT ?5 WHERE NOT EXISTS (SELECT 1 FROM article WHERE id = ?5)), ?1, ?2, ?3, ?4)
         ON CONFLICT (source) DO NOTHING",
        params![source, guid_of(source), stem, now(), reserved],
    )?;
    // One that failed before it had a name gets it now, for ever.
    transaction.execute(
        "UPDATE article SET stem = ?2 WHERE source = ?1 AND stem = ?3",
        params![source, stem, unnamed(source)],
    )?;
    transaction.query_row("SELECT id FROM article WHERE source = ?1", [source], |row| row.get(0))
}

/// Begins what stands in the place of the name of an article that failed before it had one; no relative path begins like this.
const UNNAMED: &str = "/unnamed:";

/// What stands in the place of its name.
pub(crate) fn unnamed(source: &str) -> String {
    format!("{UNNAMED}{source}")
}

impl Known {
    /// Whether its article has a name.
    pub(crate) fn is_named(&self) -> bool {
        !self.stem.starts_with(UNNAMED)
    }
}

/// The identity of an article: a UUID of version 8 (RFC 9562), of its source's name, so that two runs from nothing give the same.
pub(crate) fn guid_of(source: &str) -> String {
    let mut bytes = Fields::of("audio-report article 1").with(source.as_bytes()).finish();
    bytes[6] = bytes[6] & 0x0F | 0x80;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let digits = hex(&bytes[..16]);
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use crate::cancel::Cancel;
    use crate::store::manifest::{Fresh, Manifest};

    fn fresh(source: &str, number: i64) -> Fresh {
        Fresh {
            number: Some(number),
            source: source.into(),
            stem: source.into(),
            ending: "mp3".into(),
            stamp: None,
            content: [0; 32],
            story: [0; 32],
            wish: String::new(),
            lexicon: [0; 32],
            facts: "{}".into(),
            edition: None,
            text: None,
        }
    }

    #[test]
    fn articles_stand_in_the_order_in_which_they_are_met_and_not_in_that_of_their_ends() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Manifest::open(folder.path(), &Cancel::new(), &mut || false).unwrap();
        let order = |manifest: &Manifest| -> Vec<String> {
            manifest.results().unwrap().into_iter().map(|known| known.source).collect()
        };
        let manifest = open();
        let (first, second, third) =
            (manifest.reserve_number(), manifest.reserve_number(), manifest.reserve_number());
        manifest.publish(&fresh("third", third), Vec::new(), false).unwrap();
        // It takes no number from those that are on their way.
        manifest.withdraw("gone", None).unwrap();
        manifest.publish(&fresh("second", second), Vec::new(), false).unwrap();
        manifest.publish(&fresh("first", first), Vec::new(), false).unwrap();
        assert_eq!(order(&manifest), ["first", "second", "third"]);
        manifest.close().unwrap();

        // The next run goes on behind them; an article that is known keeps its number, and a number that somebody has is not taken.
        let manifest = open();
        let next = manifest.reserve_number();
        assert!(next > third, "{next}");
        manifest.publish(&fresh("first", next), Vec::new(), false).unwrap();
        manifest.publish(&fresh("fourth", first), Vec::new(), false).unwrap();
        assert_eq!(order(&manifest), ["first", "second", "third", "fourth"]);
    }
}
