//! What a damaged or foreign manifest is read by, for `crate::fuzzing`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64};
use std::sync::{Mutex, OnceLock};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::carry::{END, fill, parse};
use super::{DATABASE, HIDDEN, Manifest, schema};
use crate::hash::hex;

/// Rows of a database that is made of an input.
const MOST_ROWS: usize = 32;

/// An export, as it is and with the end that belongs to it.
pub(in crate::store) fn carried(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = parse(&text, Path::new("a"));
    let rows = text.lines().count().saturating_sub(1);
    let hash = hex(&Sha256::digest(text.as_bytes()));
    let whole = format!("{text}{}\n", json!({ END: { "rows": rows, "sha256": hash } }));
    let Ok(rows) = parse(&whole, Path::new("a")) else { return };
    let connection = Connection::open_in_memory().and_then(|mut connection| {
        schema::make(&mut connection)?;
        let transaction = connection.transaction()?;
        fill(&transaction, &rows)?;
        transaction.commit()?;
        Ok(connection)
    });
    if let Ok(connection) = connection {
        read_all(&around(connection));
    }
}

/// Tables whose cells are of any type, whatever their columns say.
pub(in crate::store) fn cells(mut bytes: &[u8]) {
    static LOOSE: OnceLock<Option<Loose>> = OnceLock::new();
    let Some((manifest, tables)) = LOOSE.get_or_init(|| loose().ok()) else { return };
    let mut fill = |connection: &Connection| -> rusqlite::Result<()> {
        for (table, _) in tables {
            connection.execute(&format!("DELETE FROM {table}"), [])?;
        }
        for _ in 0..MOST_ROWS {
            let Some((table, columns)) =
                bytes.split_off_first().map(|at| &tables[usize::from(*at) % tables.len()])
            else {
                break;
            };
            let places = vec!["?"; *columns].join(", ");
            let values: Vec<Value> = (0..*columns).map(|_| cell(&mut bytes)).collect();
            let _ = connection.execute(
                &format!("INSERT OR REPLACE INTO {table} VALUES ({places})"),
                params_from_iter(values),
            );
        }
        Ok(())
    };
    let filled = fill(&manifest.connection());
    if filled.is_ok() {
        read_all(manifest);
    }
}

/// A file in the place of the database. It is only looked at: a manifest that is opened removes the files that it names.
pub(in crate::store) fn file(bytes: &[u8]) {
    static FOLDER: OnceLock<Option<TempDir>> = OnceLock::new();
    let Some(folder) = FOLDER.get_or_init(|| tempfile::tempdir().ok()) else { return };
    let hidden = folder.path().join(HIDDEN);
    if fs::create_dir_all(&hidden).and_then(|()| fs::write(hidden.join(DATABASE), bytes)).is_err() {
        return;
    }
    if let Ok(Some(manifest)) = Manifest::look(folder.path()) {
        read_all(&manifest);
    }
}

/// All that is asked of a manifest. What can't be read is an error.
fn read_all(manifest: &Manifest) {
    let results = manifest.results();
    for known in results.iter().flatten() {
        std::hint::black_box((known.is_named(), known.is_digest()));
        let _ = manifest.story(&known.source, &known.ending);
    }
    let feeds = manifest.feeds();
    for feed in feeds.iter().flatten() {
        let _ = manifest.entries(&feed.address, None);
    }
    let _ = (
        manifest.held(),
        manifest.stories(),
        manifest.editions(),
        manifest.withdrawn(),
        manifest.likenesses(),
    );
    let _ = (manifest.setting("show"), manifest.kept_lexicon(&[0]), manifest.export());
}

fn around(connection: Connection) -> Manifest {
    Manifest {
        folder: PathBuf::from("a"),
        connection: Mutex::new(connection),
        named: Mutex::default(),
        next_number: AtomicI64::new(1),
        is_changed: AtomicBool::new(true),
        _lock: None,
    }
}

/// A manifest whose tables take anything, and how many columns each has.
type Loose = (Manifest, Vec<(String, usize)>);

fn loose() -> rusqlite::Result<Loose> {
    let mut strict = Connection::open_in_memory()?;
    schema::make(&mut strict)?;
    let loose = Connection::open_in_memory()?;
    loose.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")?;
    let mut tables = Vec::new();
    for table in schema::tables(&strict)? {
        let sql: String =
            strict.query_row("SELECT sql FROM sqlite_schema WHERE name = ?1", [&table], |row| row.get(0))?;
        loose.execute_batch(&sql.replace("STRICT", "").replace("NOT NULL", ""))?;
        let columns = loose.prepare(&format!("SELECT * FROM {table}"))?.column_count();
        tables.push((table, columns));
    }
    Ok((around(loose), tables))
}

/// The next cell: a byte for its type, and what it holds.
fn cell(bytes: &mut &[u8]) -> Value {
    let mut next = |count: usize| bytes.split_off(..count.min(bytes.len())).unwrap_or_default().to_vec();
    let number = |bytes: Vec<u8>| bytes.iter().fold(0, |number: i64, byte| number << 8 | i64::from(*byte));
    match next(1).first() {
        None | Some(0) => Value::Null,
        Some(1) => Value::Integer(number(next(1))),
        Some(2) => Value::Integer(number(next(8))),
        Some(3) => Value::Real(number(next(8)) as f64),
        Some(4) => Value::Blob(next(8)),
        Some(length) => Value::Text(String::from_utf8_lossy(&next(usize::from(*length))).into_owned()),
    }
}
