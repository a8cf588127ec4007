//! All that a manifest knows as text, and back: JSON Lines, one a row, between a head with the version and an end with a hash.
//!
//! What is read back is believed as far as it fits: every column must be known, every file that is there must have the length and the hash
//! that are told of it, and no name may lead out of the folder.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use rusqlite::types::{Value as SqlValue, ValueRef};
use rusqlite::{Connection, Transaction, params_from_iter};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::recover::has_content;
use super::{Manifest, schema};
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::hash::hex;
use crate::store::{PROGRAM, paths};

/// The head's key, and the version of the form.
const HEAD: &str = "audio_report_manifest";
const VERSION: u64 = 1;
/// The key of the end.
pub(super) const END: &str = "end";
/// The key of bytes that are no text.
const BYTES: &str = "hex";
/// Files that a message names.
const SHOWN: usize = 5;

/// What was read back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Carried {
    /// Articles.
    pub articles: usize,
    /// Files that are there as they were.
    pub files: usize,
    /// Files that are gone.
    pub missing: usize,
    /// Whether the folder knew all of it.
    pub is_known: bool,
}

/// A row: its table, and its columns.
pub(super) type Row = (String, Map<String, Value>);

impl Manifest {
    /// All that is known, as JSON Lines.
    pub(crate) fn export(&self) -> Result<String> {
        let read = |connection: &Connection| -> rusqlite::Result<String> {
            // One moment for all tables.
            let transaction = connection.unchecked_transaction()?;
            let mut text = String::new();
            let mut add = |value: Value| {
                text.push_str(&value.to_string());
                text.push('\n');
            };
            add(json!({ HEAD: VERSION, "schema": schema::LATEST, "program": PROGRAM }));
            let mut rows = 0;
            for table in schema::tables(&transaction)? {
                let mut statement = transaction.prepare(&format!("SELECT * FROM {table} ORDER BY rowid"))?;
                let columns = columns_of(&transaction, &table)?;
                let mut found = statement.query([])?;
                while let Some(row) = found.next()? {
                    let mut object = Map::new();
                    for (place, column) in columns.iter().enumerate() {
                        object.insert(column.clone(), to_json(row.get_ref(place)?));
                    }
                    add(json!({ &table: object }));
                    rows += 1;
                }
            }
            let hash = hex(&Sha256::digest(text.as_bytes()));
            text.push_str(&format!("{}\n", json!({ END: { "rows": rows, "sha256": hash } })));
            Ok(text)
        };
        read(&self.connection()).map_err(|cause| self.failed(cause))
    }

    /// Reads an export into a folder that knows nothing yet. One that knows exactly this stays as it is; any other is an error of kind
    /// [`ErrorKind::Exists`]. `name` is what messages call the export.
    pub(crate) fn import(
        folder: &Path,
        text: &str,
        name: &Path,
        cancel: &Cancel,
        busy: &mut dyn FnMut() -> bool,
    ) -> Result<Carried> {
        let rows = parse(text, name)?;
        let mut carried = check_files(folder, &rows, name)?;
        // What a killed run left is a matter of the rows to come.
        let manifest = Self::open_as_left(folder, cancel, busy)?;
        let known = manifest.export()?;
        if parse(&known, name)?.iter().any(|(table, _)| table != "lexicon" && table != "setting") {
            if body(&known) == body(text) {
                manifest.close()?;
                carried.is_known = true;
                return Ok(carried);
            }
            return Err(Error::new(ErrorKind::Exists, "the folder remembers other results than these")
                .at(Place::file(folder))
                .with_cure(Cure::SetManifestAside));
        }
        manifest.write(|transaction| fill(transaction, &rows)).map_err(|error| match error.kind() {
            ErrorKind::Manifest => {
                Error::new(ErrorKind::Manifest, "what the export says does not fit together")
                    .at(Place::file(name))
                    .because(error)
                    .with_cure(Cure::GiveWholeExport)
            }
            _ => error,
        })?;
        manifest.recover()?;
        manifest.close()?;
        Ok(carried)
    }
}

/// Writes all rows, in place of what is there.
pub(super) fn fill(transaction: &Transaction<'_>, rows: &[Row]) -> rusqlite::Result<()> {
    let mut tables = schema::tables(transaction)?;
    tables.reverse();
    for table in tables {
        transaction.execute(&format!("DELETE FROM {table}"), [])?;
    }
    for (table, columns) in rows {
        let names: Vec<String> = columns.keys().map(|name| format!("\"{name}\"")).collect();
        let places = vec!["?"; names.len()].join(", ");
        let values = columns.values().map(to_sql);
        transaction.execute(
            &format!("INSERT INTO {table} ({}) VALUES ({places})", names.join(", ")),
            params_from_iter(values),
        )?;
    }
    Ok(())
}

fn to_json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Blob(bytes) => json!({ BYTES: hex(bytes) }),
    }
}

/// A value that [`check_row`] has let pass.
fn to_sql(value: &Value) -> SqlValue {
    match value {
        Value::Number(number) => match number.as_i64() {
            Some(number) => SqlValue::Integer(number),
            None => SqlValue::Real(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => SqlValue::Text(text.clone()),
        Value::Object(_) => bytes_of(value).map_or(SqlValue::Null, SqlValue::Blob),
        Value::Null | Value::Bool(_) | Value::Array(_) => SqlValue::Null,
    }
}

/// The bytes of `{"hex": "…"}`.
fn bytes_of(value: &Value) -> Option<Vec<u8>> {
    let digits = value.as_object().filter(|object| object.len() == 1)?.get(BYTES)?.as_str()?;
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// The rows without head and end, which tell of the program.
fn body(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.lines().collect();
    lines.get(1..lines.len().saturating_sub(1)).unwrap_or_default().to_vec()
}

/// The rows of an export that is whole.
pub(super) fn parse(text: &str, name: &Path) -> Result<Vec<Row>> {
    let wrong = |line: usize, what: String| {
        let place = Place { file: Some(name.to_path_buf()), line: Some(line), ..Place::default() };
        Error::new(ErrorKind::Input, what).at(place).with_cure(Cure::GiveWholeExport)
    };
    let columns = columns_of_all().map_err(|cause| wrong(1, cause.to_string()))?;
    // Where each line begins, which is what the hash of the end is of.
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    let mut lines = text.lines().zip(starts).enumerate();
    let head: Option<Value> = lines.next().and_then(|(_, (line, _))| serde_json::from_str(line).ok());
    let Some((version, of_tables)) =
        head.as_ref().and_then(|head| Some((head[HEAD].as_u64()?, head["schema"].as_u64()?)))
    else {
        return Err(wrong(1, "this is no export of a folder's memory".to_string()));
    };
    if version > VERSION || of_tables > schema::LATEST as u64 {
        return Err(Error::new(ErrorKind::Manifest, "a later version of the program wrote the export")
            .at(Place::file(name))
            .with_cure(Cure::UpdateForManifest));
    }
    let mut rows = Vec::new();
    for (number, (line, start)) in lines {
        let number = number + 1;
        let value: Map<String, Value> =
            serde_json::from_str(line).map_err(|_| wrong(number, "the line is damaged".to_string()))?;
        let Some((table, value)) = value.into_iter().next() else {
            return Err(wrong(number, "the line is empty".to_string()));
        };
        if table == END {
            let is_whole = value["rows"].as_u64() == Some(rows.len() as u64)
                && value["sha256"].as_str() == Some(&hex(&Sha256::digest(&text.as_bytes()[..start])))
                && text.lines().count() == number;
            return if is_whole {
                Ok(rows)
            } else {
                Err(wrong(number, "the export is not as it was written".to_string()))
            };
        }
        let Value::Object(row) = value else {
            return Err(wrong(number, "the line is no row".to_string()));
        };
        check_row(&table, &row, &columns).map_err(|what| wrong(number, what))?;
        rows.push((table, row));
    }
    Err(wrong(text.lines().count(), "the export is cut off".to_string()))
}

/// The columns of a table. The names that a statement has panic where a damaged manifest has some that are no text.
fn columns_of(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}

/// The columns of all tables.
fn columns_of_all() -> rusqlite::Result<BTreeMap<String, Vec<String>>> {
    let mut connection = Connection::open_in_memory()?;
    schema::make(&mut connection)?;
    let mut all = BTreeMap::new();
    for table in schema::tables(&connection)? {
        let columns = columns_of(&connection, &table)?;
        all.insert(table, columns);
    }
    Ok(all)
}

/// Whether a row has the columns of its table, and values that are kept.
fn check_row(
    table: &str,
    row: &Map<String, Value>,
    columns: &BTreeMap<String, Vec<String>>,
) -> std::result::Result<(), String> {
    let Some(known) = columns.get(table) else { return Err(format!("there is no table “{table}”")) };
    if known.len() != row.len() || !known.iter().all(|column| row.contains_key(column)) {
        return Err(format!("a row of “{table}” has other columns"));
    }
    for (column, value) in row {
        let is_kept = match value {
            Value::Null | Value::Number(_) | Value::String(_) => true,
            Value::Object(_) => bytes_of(value).is_some(),
            Value::Bool(_) | Value::Array(_) => false,
        };
        if !is_kept {
            return Err(format!("“{column}” has a value that is not kept"));
        }
    }
    Ok(())
}

/// Compares the files that are told of with those that are there.
fn check_files(folder: &Path, rows: &[Row], name: &Path) -> Result<Carried> {
    let mut carried = Carried::default();
    let mut others = Vec::new();
    for (table, row) in rows {
        carried.articles += usize::from(table == "article");
        let text = |column: &str| row.get(column).and_then(Value::as_str);
        for place in ["name", "part"].into_iter().filter(|_| table == "file" || table == "held_file") {
            if let Some(place) = text(place).filter(|place| !is_within(&paths::read(place))) {
                return Err(Error::new(
                    ErrorKind::Input,
                    format!("the name {place} leads out of the folder"),
                )
                .at(Place::file(name))
                .with_cure(Cure::GiveWholeExport));
            }
        }
        let is_current = row.get("is_old").and_then(Value::as_i64) == Some(0);
        // A file of a staged result may still lie under its other name: that is looked at when it gets its own.
        let place = match &**table {
            "file" if is_current && text("part").is_none() => text("name"),
            "held_file" => text("part"),
            _ => None,
        };
        let Some(place) = place.map(|place| folder.join(paths::read(place))) else { continue };
        let bytes = row.get("bytes").and_then(Value::as_u64).unwrap_or_default();
        let hash = row.get("hash").and_then(bytes_of).unwrap_or_default();
        match place.exists() {
            false => carried.missing += 1,
            true if has_content(&place, bytes, &hash) => carried.files += 1,
            true => others.push(place),
        }
    }
    if others.is_empty() {
        return Ok(carried);
    }
    let shown: Vec<String> = others.iter().take(SHOWN).map(|path| path.display().to_string()).collect();
    let more = others.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Err(Error::new(
        ErrorKind::Exists,
        format!("files are others than the export tells of: {}{more}", shown.join(", ")),
    )
    .at(Place::file(folder))
    .with_cure(Cure::SetFilesAside))
}

/// Whether a path stays below the folder from which it leads.
fn is_within(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table_test::each;

    fn open(folder: &Path) -> Manifest {
        Manifest::open(folder, &Cancel::new(), &mut || false).unwrap()
    }

    fn import(folder: &Path, text: &str) -> Result<Carried> {
        Manifest::import(folder, text, Path::new("x.json"), &Cancel::new(), &mut || false)
    }

    /// A manifest with a row in each table that can be filled without a result.
    fn exported(folder: &Path) -> String {
        let manifest = open(folder);
        manifest.withdraw("../a \"b\".txt", Some("urn:1")).unwrap();
        manifest.withdraw("é", None).unwrap();
        manifest.keep_lexicon(&[0, 255], "[]").unwrap();
        manifest.set_setting("show", "{\"title\":\"Coast\"}").unwrap();
        let text = manifest.export().unwrap();
        manifest.close().unwrap();
        text
    }

    #[test]
    fn what_is_written_is_read_back() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let text = exported(from.path());
        assert_eq!(import(to.path(), &text).unwrap(), Carried { articles: 2, ..Carried::default() });
        assert_eq!(open(to.path()).export().unwrap(), text);
        assert!(open(to.path()).withdrawn().unwrap().contains("é"));
        // The same a second time changes nothing, and something else is refused.
        assert!(import(to.path(), &text).unwrap().is_known);
        let other = tempfile::tempdir().unwrap();
        let manifest = open(other.path());
        manifest.withdraw("c", None).unwrap();
        manifest.close().unwrap();
        assert_eq!(import(other.path(), &text).unwrap_err().kind(), ErrorKind::Exists);
    }

    #[test]
    fn damaged_and_hostile_exports_are_refused() {
        let from = tempfile::tempdir().unwrap();
        let text = exported(from.path());
        let signed = |body: &str| {
            let rows = body.lines().count() - 1;
            format!(
                "{body}{}\n",
                json!({ END: { "rows": rows, "sha256": hex(&Sha256::digest(body.as_bytes())) } })
            )
        };
        let head = text.lines().next().unwrap();
        let file = |name: &str| {
            signed(&format!(
                "{head}\n{}\n",
                json!({ "file": { "result": 1, "name": name, "bytes": 1, "hash": { "hex": "00" }, "part": null, "is_old": 0 } })
            ))
        };
        let last = text.trim_end().rfind('\n').unwrap() + 1;
        let rows = [
            ("empty", String::new(), ErrorKind::Input),
            ("no export", "{}\n".to_string(), ErrorKind::Input),
            ("cut", text[..last].to_string(), ErrorKind::Input),
            ("a letter", text.replace("Coast", "Boast"), ErrorKind::Input),
            (
                "a row twice",
                text.replacen("{\"article\"", "{\"article\":{}}\n{\"article\"", 1),
                ErrorKind::Input,
            ),
            ("more behind", format!("{text}{{}}\n"), ErrorKind::Input),
            // The end of a line was counted as one byte, and the hash began within a letter.
            (
                "lines that end in two bytes behind",
                format!("{head}\n{{\"end\":{{\"é\":1}}}}\n{}", "\r\n".repeat(8)),
                ErrorKind::Input,
            ),
            ("later", text.replacen(":1,", ":99,", 1), ErrorKind::Manifest),
            ("table", signed(&format!("{head}\n{{\"sqlite_schema\":{{}}}}\n")), ErrorKind::Input),
            (
                "column",
                signed(&format!("{head}\n{{\"setting\":{{\"name\":\"a\",\"x\":1}}}}\n")),
                ErrorKind::Input,
            ),
            (
                "value",
                signed(&format!("{head}\n{{\"setting\":{{\"name\":\"a\",\"value\":[1]}}}}\n")),
                ErrorKind::Input,
            ),
            (
                "type",
                signed(&format!("{head}\n{{\"setting\":{{\"name\":\"a\",\"value\":{{\"hex\":\"00\"}}}}}}\n")),
                ErrorKind::Manifest,
            ),
            ("no such result", file("a.mp3"), ErrorKind::Manifest),
            ("out", file("../a.mp3"), ErrorKind::Input),
            ("absolute", file("/etc/passwd"), ErrorKind::Input),
        ];
        each(rows, |(what, text, kind)| {
            let to = tempfile::tempdir().unwrap();
            let error = import(to.path(), &text).unwrap_err();
            assert_eq!(error.kind(), kind, "{what}: {}", error.what());
            // Nothing of it is kept.
            assert_eq!(open(to.path()).withdrawn().unwrap().len(), 0, "{what}");
        });
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "\\PC{0,80}", lines in proptest::collection::vec("[{}\\[\\]\":a-z0-9,\\n]{0,40}", 0..5)) {
            let head = json!({ HEAD: VERSION, "schema": schema::LATEST }).to_string();
            let _ = parse(&text, Path::new("x"));
            let _ = parse(&format!("{head}\n{}", lines.join("\n")), Path::new("x"));
        }
    }
}
