//! What a folder of results remembers of its articles: a database of SQLite in the hidden folder `.audio-report` within it.
//!
//! - `schema`: the tables, and the way from older ones
//! - `rows`: articles and their results, as they are read and written
//! - `editions`: versions of one story that come under several names
//! - `feeds`: feeds and their entries
//! - `publish`: the way of a result's files to their names, such that a kill at any moment leaves the old result or the new one
//! - `hold`: results that wait until somebody approves them
//! - `recover`: what a run finds that was killed
//! - `stories`: what was spoken, for digests of it
//! - `withdraw`: articles that are taken back, or are old
//! - `carry`: all of it as text, and back
//!
//! SQLite and not a store in pure Rust: two processes may read it, `status` is a query, and it is the one whose faults are
//! known best. A journal ahead of the writes is synced at every commit, so that a power cut loses nothing that was told as done.

mod carry;
mod editions;
mod feeds;
#[cfg(any(test, fuzzing))]
pub(super) mod fuzzing;
mod hold;
mod publish;
mod recover;
mod rows;
mod schema;
mod stories;
mod withdraw;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tracing::warn;

pub(crate) use self::carry::Carried;
pub(crate) use self::editions::{Edition, KnownEdition, Story};
pub(crate) use self::feeds::{KnownFeed, Poll, Seen};
pub(crate) use self::publish::{Fresh, Part};
pub(crate) use self::rows::{Failure, Known, KnownFile, State, guid_of, unnamed};
pub(crate) use self::stories::DIGEST;
pub(crate) use self::withdraw::Keep;
use super::cache::make_private;
use super::paths;
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::files::lock::FileLock;
use crate::files::{PendingFile, sync_folder};
use crate::hash::hex;

/// The hidden folder within a folder of results.
const HIDDEN: &str = ".audio-report";
const DATABASE: &str = "manifest.db";
/// The copy that is made after each run that changed something.
const BACKUP: &str = "manifest.backup.db";
const LOCK: &str = "lock";
/// The hashes of both, as the last run left them.
const SUMS: &str = "manifest.sums";
/// How long a reader may hold a writer up: SQLite's own default is not to wait at all.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a folder of results remembers. As long as it is open for writing, no other process writes it.
#[derive(Debug)]
pub(crate) struct Manifest {
    folder: PathBuf,
    connection: Mutex<Connection>,
    /// Results that have their names, which the next write tells the database.
    named: Mutex<Vec<i64>>,
    /// The next number of an article that nobody has.
    next_number: AtomicI64,
    /// Whether the hashes that the last run left hold no longer.
    is_changed: AtomicBool,
    _lock: Option<FileLock>,
}

impl Manifest {
    /// Opens the manifest of a folder, which is made if it is missing, and brings to an end what a killed run began. While another
    /// process writes the folder, `busy` is asked once whether to wait; without the wish to wait the error is
    /// [`ErrorKind::InUse`]. A manifest of a later version is [`ErrorKind::Manifest`]. A damaged one is set aside, and the copy
    /// made after the last whole run takes its place.
    pub(crate) fn open(folder: &Path, cancel: &Cancel, busy: &mut dyn FnMut() -> bool) -> Result<Self> {
        let manifest = Self::open_as_left(folder, cancel, busy)?;
        manifest.recover()?;
        Ok(manifest)
    }

    /// The same, but what a killed run began is left as it is.
    fn open_as_left(folder: &Path, cancel: &Cancel, busy: &mut dyn FnMut() -> bool) -> Result<Self> {
        let hidden = folder.join(HIDDEN);
        let failed = |cause: io::Error| unwritable(folder, cause);
        fs::create_dir_all(folder).and_then(|()| make_private(&hidden)).map_err(failed)?;
        let lock = FileLock::take(&hidden.join(LOCK), cancel, busy).map_err(failed)?;
        let Some(lock) = lock else {
            if cancel.is_cancelled() {
                return Err(Error::new(ErrorKind::Interrupted, "interrupted"));
            }
            return Err(Error::new(ErrorKind::InUse, "another process writes this folder")
                .at(Place::file(folder))
                .with_cure(Cure::WaitForOther));
        };
        let sums = Sums::read(&hidden);
        let connected = match &sums {
            Some(sums) if !sums.database_holds(&hidden) => Err(None),
            _ => connect(&hidden.join(DATABASE)).map_err(Some),
        };
        let (connection, is_new) = match connected {
            Err(error) if error.as_ref().is_none_or(|error| error.kind() == ErrorKind::ManifestCorrupt) => {
                set_aside(&hidden, sums.as_ref()).map_err(failed)?;
                connect(&hidden.join(DATABASE))?
            }
            connected => {
                connected.map_err(|error| error.unwrap_or_else(|| damaged(&hidden, "its hash".into())))?
            }
        };
        let last: Option<i64> = connection
            .query_row("SELECT max(id) FROM article", [], |row| row.get(0))
            .map_err(|cause| unusable(&hidden.join(DATABASE), cause))?;
        let manifest = Self {
            folder: folder.to_path_buf(),
            connection: Mutex::new(connection),
            next_number: AtomicI64::new(last.unwrap_or(0).saturating_add(1)),
            named: Mutex::default(),
            is_changed: AtomicBool::new(sums.is_none()),
            _lock: Some(lock),
        };
        if is_new {
            manifest.note_change();
        }
        Ok(manifest)
    }

    /// The manifest of a folder as it is, to be looked at while others may write it; `None` where there is none.
    pub(crate) fn look(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(HIDDEN).join(DATABASE);
        if !path.is_file() {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(|cause| unusable(&path, cause))?;
        connection.busy_timeout(PATIENCE).map_err(|cause| unusable(&path, cause))?;
        let connection = match schema::check(&connection, &path)? {
            schema::LATEST => connection,
            earlier => schema::copy_brought_up(&path, earlier)?,
        };
        let (folder, connection) = (folder.to_path_buf(), Mutex::new(connection));
        let is_changed = AtomicBool::new(false);
        let next_number = AtomicI64::default();
        Ok(Some(Self { folder, connection, named: Mutex::default(), next_number, is_changed, _lock: None }))
    }

    /// The folder of the results.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A number for an article that is met now, should it be new. Digests and lists have articles in the order of their numbers.
    pub(crate) fn reserve_number(&self) -> i64 {
        self.next_number.fetch_add(1, Ordering::Relaxed)
    }

    /// Ends a run: writes what is left to write, and copies the manifest for the day on which a disk damages it.
    pub(crate) fn close(self) -> Result<()> {
        self.tell_named()?;
        let hidden = self.folder.join(HIDDEN);
        let path = hidden.join(DATABASE);
        if !self.is_changed.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.forget_old_stories()?;
        let connection = self.connection();
        let fresh = hidden.join("manifest.fresh.db");
        let _ = fs::remove_file(&fresh);
        let copy = || -> rusqlite::Result<()> {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            connection.execute("VACUUM INTO ?1", [fresh.to_string_lossy()]).map(|_| ())
        };
        copy().map_err(|cause| unusable(&path, cause))?;
        fs::rename(&fresh, hidden.join(BACKUP))
            .and_then(|()| Sums::write(&hidden))
            .map_err(|cause| unwritable(&self.folder, cause))
    }

    /// The hashes hold no longer. A kill after this leaves none, and SQLite's own journal to put things right.
    fn note_change(&self) {
        if !self.is_changed.swap(true, Ordering::Relaxed) {
            let _ = fs::remove_file(self.folder.join(HIDDEN).join(SUMS));
        }
    }

    /// Removes a file of a result, if it is there, and the folders around it that are empty then.
    fn remove(&self, name: &str) -> Result<()> {
        let path = self.folder.join(paths::read(name));
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(unwritable(&path, cause)),
            _ => paths::remove_empty(&self.folder, &path),
        }
        Ok(())
    }

    /// Syncs the folders in which files have got their names, and those above them, which may be new.
    fn sync_folders<'a>(&self, files: impl Iterator<Item = &'a Path>) {
        let around =
            files.flat_map(|file| file.ancestors().skip(1)).filter(|folder| folder.starts_with(&self.folder));
        let folders: BTreeSet<&Path> = around.chain([self.folder.as_path()]).collect();
        folders.into_iter().for_each(sync_folder);
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A transaction that a panic broke off was rolled back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn named(&self) -> MutexGuard<'_, Vec<i64>> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, cause: rusqlite::Error) -> Error {
        unusable(&self.folder.join(HIDDEN).join(DATABASE), cause)
    }
}

/// A database, and whether its tables are new.
type Opened = (Connection, bool);

/// Opens a database for writing, with its tables.
fn connect(path: &Path) -> Result<Opened> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // A journal ahead of the writes needs memory that all processes of one machine share: not on a network's disk.
        let wanted = if is_shared_disk(path) { "truncate" } else { "wal" };
        let got: String =
            connection.pragma_update_and_check(None, "journal_mode", wanted, |row| row.get(0))?;
        if got != "wal" {
            warn!(
                journal = got,
                "the results lie on a network's disk: the manifest takes the slower journal"
            );
        }
        connection.pragma_update(None, "synchronous", "full")?;
        Ok(connection)
    };
    let mut connection = open().map_err(|cause| unusable(path, cause))?;
    let verdict: rusqlite::Result<String> =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    match verdict {
        Ok(verdict) if verdict == "ok" => {}
        Ok(verdict) => return Err(damaged(path, verdict.into())),
        Err(cause) => return Err(unusable(path, cause)),
    }
    let is_new = schema::bring_up(&mut connection, path)?;
    Ok((connection, is_new))
}

/// Puts a damaged database aside under a name of its own, and the last copy in its place, if that is whole.
fn set_aside(hidden: &Path, sums: Option<&Sums>) -> io::Result<()> {
    let database = hidden.join(DATABASE);
    let kept = (1..).map(|number| hidden.join(format!("manifest.damaged-{number}.db")));
    let kept =
        kept.into_iter().find(|path| !path.exists()).unwrap_or_else(|| hidden.join("manifest.damaged.db"));
    warn!(kept = %kept.display(), "the manifest is damaged: the copy of the last whole run takes its place");
    fs::rename(&database, kept)?;
    for journal in ["manifest.db-wal", "manifest.db-shm", "manifest.db-journal"] {
        let _ = fs::remove_file(hidden.join(journal));
    }
    let _ = fs::remove_file(hidden.join(SUMS));
    if sums.is_some_and(|sums| hash_of(&hidden.join(BACKUP)) != sums.backup) {
        warn!("the copy is damaged, too: the folder's results are those of others from now on");
        return Ok(());
    }
    match fs::copy(hidden.join(BACKUP), database) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        copied => copied.map(|_| ()),
    }
}

/// The hashes of database and copy. SQLite itself notices a page that is out of order, and not a letter of a name that has changed.
#[derive(Debug)]
struct Sums {
    database: Option<String>,
    backup: Option<String>,
}

impl Sums {
    /// Those that the last run left; none after a run that was killed.
    fn read(hidden: &Path) -> Option<Self> {
        let text = fs::read_to_string(hidden.join(SUMS)).ok()?;
        let mut lines = text.lines().map(str::to_string);
        Some(Self { database: lines.next(), backup: lines.next() })
    }

    /// Those of now.
    fn write(hidden: &Path) -> io::Result<()> {
        let line = |name: &str| hash_of(&hidden.join(name)).unwrap_or_default() + "\n";
        let path = hidden.join(SUMS);
        let pending = PendingFile::create(&path)?;
        pending.file().write_all((line(DATABASE) + &line(BACKUP)).as_bytes())?;
        pending.commit(true)
    }

    fn database_holds(&self, hidden: &Path) -> bool {
        hash_of(&hidden.join(DATABASE)) == self.database
    }
}

fn hash_of(path: &Path) -> Option<String> {
    let (_, hash) = publish::hash_all(fs::File::open(path).ok()?).ok()?;
    Some(hex(&hash))
}

/// Whether a file lies on a disk that other machines may share.
fn is_shared_disk(path: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        // NFS, SMB, CIFS, SMB2, FUSE: the numbers of statfs(2).
        const SHARED: [u64; 5] = [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x6573_5546];
        let folder = path.parent().unwrap_or(path);
        rustix::fs::statfs(folder).is_ok_and(|found| SHARED.contains(&(found.f_type as u64)))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        false
    }
}

/// The folder can't be written.
fn unwritable(folder: &Path, cause: io::Error) -> Error {
    Error::new(ErrorKind::Output, "the folder of the results can't be written")
        .at(Place::file(folder))
        .because(cause)
        .with_cure(Cure::MakeFolderWritable)
}

fn damaged(path: &Path, cause: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::new(ErrorKind::ManifestCorrupt, "the manifest of the results is damaged")
        .at(Place::file(path))
        .because(cause)
        .with_cure(Cure::RunBatchAgain)
}

/// SQLite failed.
fn unusable(path: &Path, cause: rusqlite::Error) -> Error {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    use rusqlite::ErrorCode::{DatabaseCorrupt, DiskFull, NotADatabase, SystemIoFailure};
    // What stands in a column can't be what was written there.
    if matches!(
        cause,
        FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..)
    ) {
        return damaged(path, cause.into());
    }
    match cause.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => damaged(path, cause.into()),
        Some(DiskFull) => Error::new(ErrorKind::Output, "the disk is full")
            .at(Place::file(path))
            .because(io::Error::new(io::ErrorKind::StorageFull, cause))
            .with_cure(Cure::FreeSpace),
        Some(SystemIoFailure) => Error::new(ErrorKind::Output, "the disk failed")
            .at(Place::file(path))
            .because(cause)
            .with_cure(Cure::CheckFolder),
        _ => Error::new(ErrorKind::Manifest, "the manifest of the results can't be used")
            .at(Place::file(path))
            .because(cause)
            .with_cure(Cure::MakeFolderWritable),
    }
}
