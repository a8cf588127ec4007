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
", "
    -- An agency's name for the story, the same for all its versions.
    ALTER TABLE article ADD COLUMN wire TEXT;
    -- The latest version of the story that was seen.
    ALTER TABLE article ADD COLUMN version TEXT;
    UPDATE article SET wire = (
        SELECT r.facts ->> '$.wire' FROM result r WHERE r.article = article.id AND json_valid(r.facts) ORDER BY r.id LIMIT 1
    );
    CREATE INDEX articles_by_wire ON article (wire);
    -- When its files went because it was old: it is known, and not made again.
    ALTER TABLE result ADD COLUMN expired INTEGER;
    -- A version that is made and not published: somebody has to approve it, or has rejected it. What was published before stays.
    CREATE TABLE held (
        id INTEGER PRIMARY KEY,
        article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
        ending TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('held', 'rejected')),
        -- Why: a JSON list of sentences.
        reasons TEXT NOT NULL,
        stamp TEXT,
        content BLOB NOT NULL,
        story BLOB NOT NULL,
        wish TEXT NOT NULL,
        lexicon BLOB NOT NULL,
        facts TEXT NOT NULL,
        program TEXT NOT NULL,
        changed INTEGER NOT NULL,
        UNIQUE (article, ending)
    ) STRICT;
    CREATE TABLE held_file (
        held INTEGER NOT NULL REFERENCES held ON DELETE CASCADE,
        -- The name that it gets when it is published.
        name TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        hash BLOB NOT NULL,
        -- Where it lies until then.
        part TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE INDEX files_of_held ON held_file (held);
    -- What brought a version of an agency's story: each may come under a name of its own.
    CREATE TABLE edition (
        source TEXT PRIMARY KEY,
        article INTEGER NOT NULL REFERENCES article ON DELETE CASCADE,
        stem TEXT NOT NULL,
        stamp TEXT
    ) STRICT;
    CREATE INDEX editions_of_article ON edition (article);
", "
    -- The story of a result as it was spoken, for some days.
    CREATE TABLE story (
        result INTEGER PRIMARY KEY REFERENCES result ON DELETE CASCADE,
        kept INTEGER NOT NULL,
        text TEXT NOT NULL
    ) STRICT;
    -- The same of a version that waits for approval.
    ALTER TABLE held ADD COLUMN text TEXT;
"];

/// The version of today.
pub(super) const LATEST: usize = STEPS.len();

/// Makes the tables, or brings those of an earlier version up; whether there was anything to do.
pub(super) fn bring_up(connection: &mut Connection, path: &Path) -> Result<bool> {
    let version = check(connection, path)?;
    if version == STEPS.len() {
        return Ok(false);
    }
    migrate(connection, version).map(|()| true).map_err(|cause| unusable(path, cause))
}

/// Goes on from a version; all steps or none.
fn migrate(connection: &mut Connection, version: usize) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in STEPS.iter().skip(version) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", STEPS.len())?;
    transaction.commit()
}

/// Makes the tables of today in an empty database.
pub(super) fn make(connection: &mut Connection) -> rusqlite::Result<()> {
    migrate(connection, 0)
}

/// A copy in memory, with the tables of today, of a manifest of an earlier version that may not be written.
pub(super) fn copy_brought_up(path: &Path, version: usize) -> Result<Connection> {
    let copy = || -> rusqlite::Result<Connection> {
        let mut memory = Connection::open_in_memory()?;
        for step in STEPS.iter().take(version) {
            memory.execute_batch(step)?;
        }
        memory.pragma_update(None, "foreign_keys", false)?;
        memory.execute("ATTACH ?1 AS disk", [path.to_string_lossy()])?;
        for table in tables(&memory)? {
            memory.execute_batch(&format!("INSERT INTO main.{table} SELECT * FROM disk.{table}"))?;
        }
        memory.execute_batch("DETACH disk")?;
        migrate(&mut memory, version)?;
        Ok(memory)
    };
    copy().map_err(|cause| unusable(path, cause))
}

/// The names of all tables, each behind those that it leans on.
pub(super) fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement =
        connection.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY rowid")?;
    statement.query_map([], |row| row.get(0))?.collect()
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

#[cfg(test)]
mod tests {
    use super::super::{Manifest, State};
    use super::*;
    use crate::cancel::Cancel;

    /// A manifest as the first version of the tables held it.
    fn first_version(folder: &Path) {
        let hidden = folder.join(".audio-report");
        std::fs::create_dir_all(&hidden).unwrap();
        let connection = Connection::open(hidden.join("manifest.db")).unwrap();
        connection.execute_batch(STEPS[0]).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection
            .execute_batch(
                "INSERT INTO article VALUES (3, '../a.txt', 'guid-a', 'a', 100, NULL), (5, '../b.ninjs', 'guid-b', 'b', 200, NULL),
                     (9, 'https://a.example/9', 'guid-c', 'c', 300, 400);
                 INSERT INTO result VALUES
                     (1, 3, 'mp3', 'published', 2, '10 20', x'01', x'02', 'voice=tone', x'03', '{\"title\":\"A\",\"wire\":null}', '0.1.0', 110, 120, NULL, NULL, 0),
                     (2, 5, 'mp3', 'published', 1, NULL, NULL, NULL, '', x'04', '{\"wire\":\"urn:b\"}', '0.1.0', 210, 220, NULL, NULL, 0),
                     (4, 5, 'wav', 'failed', 0, NULL, NULL, NULL, '', x'', 'no JSON', '0.1.0', NULL, 230, 'Empty', 'it is empty', 7);
                 INSERT INTO file VALUES (1, 'a.vtt', 5, x'aa', NULL, 0), (1, 'a.mp3', 6, x'bb', NULL, 0), (2, 'b.mp3', 7, x'cc', NULL, 0);
                 INSERT INTO lexicon VALUES (x'03', '[]');
                 INSERT INTO setting VALUES ('show', '{}');
                 INSERT INTO feed VALUES ('https://a.example/feed', 'Coast', x'ff', NULL, 1, 2, NULL, NULL);
                 INSERT INTO entry VALUES ('https://a.example/feed', 'x', 'https://a.example/9', 1, 2, '{}', NULL);",
            )
            .unwrap();
    }

    /// What a manifest knows, as text.
    fn told(manifest: &Manifest) -> String {
        let results = manifest.results().unwrap();
        let feeds = manifest.feeds().unwrap();
        format!("{results:#?}\n{feeds:#?}\n{:?}\n{:?}", manifest.setting("show"), manifest.kept_lexicon(&[3]))
    }

    #[test]
    fn columns_that_hold_something_else_are_damage_and_no_article_has_the_last_number() {
        let folder = tempfile::tempdir().unwrap();
        let hidden = folder.path().join(".audio-report");
        std::fs::create_dir_all(&hidden).unwrap();
        let connection = Connection::open(hidden.join("manifest.db")).unwrap();
        connection.execute_batch(&STEPS.concat().replace("STRICT", "")).unwrap();
        connection.pragma_update(None, "user_version", LATEST).unwrap();
        connection
            .execute_batch(
                "INSERT INTO article (id, source, guid, stem, seen) VALUES (9223372036854775807, x'ff', 'b', 'c', 1);
                 INSERT INTO result (article, ending, state, revision, wish, lexicon, facts, program, changed)
                     VALUES (9223372036854775807, 'mp3', 'published', 1, '', x'', '{}', '', 1);
                 INSERT INTO feed (address, asked) VALUES ('a', 'soon');
                 INSERT INTO setting VALUES ('show', x'00');",
            )
            .unwrap();
        // A column whose name is no text.
        connection.execute_batch("CREATE TABLE odd (name)").unwrap();
        connection.execute_batch("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = CAST(x'435245415445205441424C45206F64642028FF29' AS TEXT) WHERE name = 'odd'").unwrap();
        drop(connection);
        let looked = Manifest::look(folder.path()).unwrap().unwrap();
        let opened = Manifest::open(folder.path(), &Cancel::new(), &mut || false).unwrap();
        for manifest in [&looked, &opened] {
            let kinds = [
                manifest.results().unwrap_err().kind(),
                manifest.feeds().unwrap_err().kind(),
                manifest.setting("show").unwrap_err().kind(),
            ];
            assert_eq!(kinds, [ErrorKind::ManifestCorrupt; 3]);
            assert_eq!(manifest.export().unwrap_err().kind(), ErrorKind::ManifestCorrupt);
        }
        opened.reserve_number();
        opened.reserve_number();
    }

    #[test]
    fn a_manifest_of_the_first_version_is_brought_up_and_keeps_everything() {
        let folder = tempfile::tempdir().unwrap();
        first_version(folder.path());
        let path = folder.path().join(".audio-report/manifest.db");
        let version = || -> usize {
            Connection::open(&path).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
        };
        // Whoever only looks changes nothing, and sees all of it.
        let looked = told(&Manifest::look(folder.path()).unwrap().unwrap());
        assert_eq!(version(), 1);
        let manifest = Manifest::open(folder.path(), &Cancel::new(), &mut || false).unwrap();
        assert_eq!(version(), STEPS.len());
        assert_eq!(told(&manifest), looked);
        let results = manifest.results().unwrap();
        let [a, b, failed] = &results[..] else { panic!("{results:#?}") };
        assert_eq!((a.number, &*a.source, &*a.stem, &*a.guid), (3, "../a.txt", "a", "guid-a"));
        assert_eq!((a.state, a.revision, a.published, a.changed), (State::Published, 2, Some(110), 120));
        assert_eq!((a.stamp.as_deref(), a.content.as_deref()), (Some("10 20"), Some(&[1][..])));
        assert_eq!((a.story.as_deref(), &*a.wish, &a.lexicon[..]), (Some(&[2][..]), "voice=tone", &[3][..]));
        let files: Vec<_> = a.files.iter().map(|file| (&*file.name, file.bytes)).collect();
        assert_eq!(files, [("a.vtt", 5), ("a.mp3", 6)]);
        assert_eq!((&*b.facts, b.files.len()), ("{\"wire\":\"urn:b\"}", 1));
        let failure = failed.failure.as_ref().unwrap();
        assert_eq!((&*failure.kind, &*failure.what, failure.attempts), ("Empty", "it is empty", 7));
        assert!(manifest.withdrawn().unwrap().contains("https://a.example/9"));
        assert_eq!(manifest.feeds().unwrap()[0].validators.etag.as_deref(), Some(&[0xFF][..]));
        assert_eq!(manifest.entries("https://a.example/feed", None).unwrap().len(), 1);
        manifest.close().unwrap();
        let connection = Connection::open(&path).unwrap();
        let wires: Vec<Option<String>> = connection
            .prepare("SELECT wire FROM article ORDER BY id")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(wires, [None, Some("urn:b".to_string()), None]);
    }
}
