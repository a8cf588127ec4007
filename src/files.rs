//! Files that appear under their final name only when they are whole: written under another name, synced, renamed.
//!
//! A writer holds an advisory lock on its part while it lives. When it is killed, the part stays and the system
//! releases the lock. [`sweep`] removes parts whose lock is free.

pub(crate) mod lock;

use std::collections::BTreeSet;
use std::fs::{self, File, FileType, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tempfile::{Builder, NamedTempFile, TempDir};

/// Begins the name of every part of a file.
const PREFIX: &str = ".audio-report-";
/// Ends the name of every part of a file.
const SUFFIX: &str = ".part";
/// Holds the lock within a folder: not every system locks folders.
const LOCK_FILE: &str = ".lock";
/// Random characters in a part's name.
const RANDOM: usize = 6;
/// A part without a lock is left alone for a day after its last change: another process may still write it.
const REST: Duration = Duration::from_hours(24);

/// A file that is being written beside its final name. Dropped before [`commit`](Self::commit), it is removed.
#[derive(Debug)]
pub(crate) struct PendingFile {
    beside: NamedTempFile,
    target: PathBuf,
}

impl PendingFile {
    /// Begins a file for `target`, in the same folder, which must exist. The first call for a folder in this process
    /// sweeps it.
    pub(crate) fn create(target: &Path) -> io::Result<Self> {
        let folder = folder_of(target);
        sweep_once(folder, PREFIX);
        let prefix = prefix_of_this_process(PREFIX);
        let mut builder = Builder::new();
        builder.prefix(&prefix).suffix(SUFFIX).rand_bytes(RANDOM);
        // `make_in` tries another name when one is taken.
        let beside = builder.make_in(folder, create_locked)?;
        Ok(Self { beside, target: target.to_path_buf() })
    }

    /// Its path for now.
    pub(crate) fn path(&self) -> &Path {
        self.beside.path()
    }

    /// The open file.
    pub(crate) fn file(&self) -> &File {
        self.beside.as_file()
    }

    /// Syncs the file, gives it its final name and syncs the folder. Without `may_replace` a file that stands there is
    /// kept, and the error is [`io::ErrorKind::AlreadyExists`].
    pub(crate) fn commit(self, may_replace: bool) -> io::Result<()> {
        let Self { beside, target } = self;
        beside.as_file().sync_all()?;
        // The lock is held until the part's name is gone.
        let _file = if may_replace { beside.persist(&target) } else { beside.persist_noclobber(&target) }
            .map_err(|failure| failure.error)?;
        sync_folder(folder_of(&target));
        Ok(())
    }

    /// Puts the file, which is synced, somewhere else on the same disk than under its final name. A file that stands there is
    /// replaced.
    #[cfg(feature = "store")]
    pub(crate) fn put_aside(self, place: &Path) -> io::Result<()> {
        let _file = self.beside.persist(place).map_err(|failure| failure.error)?;
        Ok(())
    }

    /// Gives the file its final name without waiting for the disk: for files that are checked when they are read, and
    /// that can be made again. A file that stands there is replaced.
    pub(crate) fn name_unsynced(self) -> io::Result<()> {
        let Self { beside, target } = self;
        let _file = beside.persist(&target).map_err(|failure| failure.error)?;
        Ok(())
    }
}

/// A folder in which files are prepared that belong together. Dropped, it is removed with all that is left in it.
#[derive(Debug)]
pub(crate) struct PendingFolder {
    beside: TempDir,
    _lock: File,
}

impl PendingFolder {
    /// Makes a folder in `parent`, which must exist. Its name begins with `prefix`, such as `.preparing-`. The first
    /// call in this process for a parent and prefix sweeps there.
    pub(crate) fn create(parent: &Path, prefix: &str) -> io::Result<Self> {
        sweep_once(parent, prefix);
        let named = prefix_of_this_process(prefix);
        loop {
            let beside = Builder::new().prefix(&named).rand_bytes(RANDOM).tempdir_in(parent)?;
            match create_locked(&beside.path().join(LOCK_FILE)) {
                Ok(lock) => return Ok(Self { beside, _lock: lock }),
                // A sweep took the lock first, and the folder with it.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Where files are prepared.
    pub(crate) fn path(&self) -> &Path {
        self.beside.path()
    }

    /// Syncs the files of these names, moves them into `target` one after the other, and syncs `target`, which is made
    /// if it is missing. Files that stand there are replaced. The last name must be the file that shows that the
    /// others are whole.
    pub(crate) fn commit<'a>(
        self,
        names: impl IntoIterator<Item = &'a str>,
        target: &Path,
    ) -> io::Result<()> {
        let names: Vec<&str> = names.into_iter().collect();
        for name in &names {
            sync_file(&self.path().join(name))?;
        }
        fs::create_dir_all(target)?;
        for name in names {
            fs::rename(self.path().join(name), target.join(name))?;
        }
        sync_folder(target);
        Ok(())
    }
}

/// Syncs a whole file, renames it and syncs the folder: for parts that are kept between runs, to be resumed. A file at
/// `target` is replaced.
#[cfg_attr(not(feature = "install"), allow(dead_code, reason = "only downloads are resumed"))]
pub(crate) fn put_in_place(part: &Path, target: &Path) -> io::Result<()> {
    sync_file(part)?;
    fs::rename(part, target)?;
    sync_folder(folder_of(target));
    Ok(())
}

/// Removes parts in `folder` whose writer is gone: files named `<prefix>….part` and folders named `<prefix>…`. Parts
/// of earlier versions had no lock, and some file systems have none: such parts go when they are a day old. Parts that
/// can't be removed stay.
pub(crate) fn sweep(folder: &Path, prefix: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (name, path) = (entry.file_name(), entry.path());
        // The type is that of the entry: a link is left alone.
        let (Some(name), Ok(kind)) = (name.to_str(), entry.file_type()) else { continue };
        match Part::of(name, prefix, kind) {
            None => {}
            Some(Part::File { is_locked }) => sweep_file(&path, is_locked),
            Some(Part::Folder) => sweep_folder(&path),
        }
    }
}

/// The role of a folder's entry for [`sweep`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A file; earlier versions held no lock.
    File {
        is_locked: bool,
    },
    Folder,
}

impl Part {
    /// A part is named `<prefix><process>-<random>`, in earlier versions `<prefix><random>`; a file also has its suffix.
    fn of(name: &str, prefix: &str, kind: FileType) -> Option<Self> {
        let middle = name.strip_prefix(prefix)?;
        let middle = if kind.is_file() { middle.strip_suffix(SUFFIX)? } else { middle };
        let (process, random) = middle.split_once('-').map_or((None, middle), |(a, b)| (Some(a), b));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let is_ours = process.is_none_or(is_number)
            && random.len() == RANDOM
            && random.bytes().all(|b| b.is_ascii_alphanumeric());
        match is_ours {
            true if kind.is_file() => Some(Self::File { is_locked: process.is_some() }),
            true if kind.is_dir() => Some(Self::Folder),
            _ => None,
        }
    }
}

fn sweep_file(path: &Path, is_locked: bool) {
    let Ok(file) = OpenOptions::new().read(true).write(true).open(path) else { return };
    let is_free = match file.try_lock() {
        Ok(()) if is_locked => true,
        Ok(()) | Err(TryLockError::Error(_)) => is_old(&file),
        Err(TryLockError::WouldBlock) => false,
    };
    if is_free {
        let _ = fs::remove_file(path);
    }
}

fn sweep_folder(path: &Path) {
    let lock = OpenOptions::new().read(true).write(true).open(path.join(LOCK_FILE));
    let is_free = match lock.as_ref().map(File::try_lock) {
        Ok(Ok(())) => true,
        Ok(Err(TryLockError::WouldBlock)) => false,
        Ok(Err(TryLockError::Error(_))) | Err(_) => File::open(path).is_ok_and(|folder| is_old(&folder)),
    };
    if is_free {
        let _ = fs::remove_dir_all(path);
    }
}

fn is_old(file: &File) -> bool {
    let changed = file.metadata().and_then(|metadata| metadata.modified()).ok();
    changed.and_then(|changed| changed.elapsed().ok()).is_some_and(|age| age > REST)
}

/// Sweeps a folder once a process: a batch opens many results in one folder.
fn sweep_once(folder: &Path, prefix: &str) {
    static SWEPT: Mutex<BTreeSet<(PathBuf, String)>> = Mutex::new(BTreeSet::new());
    let swept = (folder.to_path_buf(), prefix.to_string());
    if SWEPT.lock().unwrap_or_else(PoisonError::into_inner).insert(swept) {
        sweep(folder, prefix);
    }
}

/// A new file with the permissions that any new file gets there, locked.
fn create_locked(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
    match file.try_lock() {
        // A sweep that came before the lock has removed it, or is about to.
        Ok(()) if !path.exists() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::AlreadyExists.into()),
        // Some network file systems have no locks.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(file),
    }
}

fn prefix_of_this_process(prefix: &str) -> String {
    format!("{prefix}{}-", std::process::id())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync_file(path: &Path) -> io::Result<()> {
    // Windows syncs only what is open for writing.
    OpenOptions::new().write(true).open(path)?.sync_all()
}

/// Without it a crash soon after could lose the new name. Not every system can do it, and the data is safe anyway.
pub(crate) fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::SystemTime;

    use super::*;
    use crate::table_test::each;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn age(path: &Path, days: u64) {
        let then = SystemTime::now() - Duration::from_hours(24 * days + 1);
        let file = if path.is_dir() { File::open(path) } else { File::options().write(true).open(path) };
        file.unwrap().set_modified(then).unwrap();
    }

    #[test]
    fn a_file_appears_when_it_is_whole_and_replaces_only_on_demand() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("result");
        let rows = [
            (None, false, "whole"),
            (None, true, "whole"),
            (Some("precious"), false, "precious"),
            (Some("precious"), true, "whole"),
        ];
        each(rows, |(before, may_replace, want)| {
            let _ = fs::remove_file(&target);
            if let Some(before) = before {
                fs::write(&target, before).unwrap();
            }
            let pending = PendingFile::create(&target).unwrap();
            pending.file().write_all(b"whole").unwrap();
            assert_eq!(fs::read_to_string(&target).ok().as_deref(), before);
            let committed = pending.commit(may_replace).map_err(|error| error.kind());
            let is_refused = before.is_some() && !may_replace;
            assert_eq!(committed.err(), is_refused.then_some(io::ErrorKind::AlreadyExists), "{before:?}");
            assert_eq!(fs::read_to_string(&target).unwrap(), want, "{before:?} {may_replace}");
            assert_eq!(names(folder.path()), ["result"], "{before:?} {may_replace}");
        });
    }

    #[test]
    fn what_is_dropped_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = PendingFile::create(&folder.path().join("result")).unwrap();
        let prepared = PendingFolder::create(folder.path(), ".preparing-").unwrap();
        fs::write(prepared.path().join("a"), "half").unwrap();
        assert_eq!(names(folder.path()).len(), 2);
        drop((file, prepared));
        assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
    }

    #[test]
    fn files_that_belong_together_are_moved_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("prepared");
        each(["first", "second"], |round| {
            let pending = PendingFolder::create(folder.path(), ".preparing-").unwrap();
            for name in ["weights", "stamp", "scratch"] {
                fs::write(pending.path().join(name), round).unwrap();
            }
            pending.commit(["weights", "stamp"], &target).unwrap();
            assert_eq!(names(&target), ["stamp", "weights"], "{round}");
            assert_eq!(fs::read_to_string(target.join("stamp")).unwrap(), round);
            assert_eq!(names(folder.path()), ["prepared"], "{round}");
        });
        let pending = PendingFolder::create(folder.path(), ".preparing-").unwrap();
        assert!(pending.commit(["missing"], &target).is_err());
        assert_eq!(fs::read_to_string(target.join("stamp")).unwrap(), "second");
    }

    #[test]
    fn a_part_of_another_run_is_named_when_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (part, target) = (folder.path().join("model.part"), folder.path().join("model"));
        fs::write(&target, "old").unwrap();
        fs::write(&part, "new").unwrap();
        put_in_place(&part, &target).unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert!(put_in_place(&part, &target).is_err());
        assert_eq!(names(folder.path()), ["model"]);
    }

    #[test]
    fn f5_only_parts_whose_writer_is_gone_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let living = PendingFile::create(&at("result")).unwrap();
        let prepared = PendingFolder::create(folder.path(), PREFIX).unwrap();
        let living_names = names(folder.path());
        // Name, whether it is a folder, whether that has a lock file, age in days, whether it stays.
        let table = [
            (".audio-report-123-a1B2c3.part", false, false, 0, false),
            (".audio-report-a1B2c3.part", false, false, 0, true),
            (".audio-report-z1B2c3.part", false, false, 1, false),
            (".audio-report-123-a1B2c3", true, true, 0, false),
            (".audio-report-124-a1B2c3", true, false, 0, true),
            (".audio-report-125-a1B2c3", true, false, 1, false),
            (".audio-report-Y1B2c3", true, false, 0, true),
            (".audio-report-X1B2c3", true, false, 1, false),
            // A file that only looks like a part belongs to the user.
            (".audio-report-notes.part", false, false, 9, true),
            (".audio-report-12x-a1B2c3.part", false, false, 9, true),
            (".audio-report-123-a1B2c.part", false, false, 9, true),
            (".audio-report-126-a1B2c3", false, false, 9, true),
            (".audio-report-127-a1B2c3.part", true, true, 9, true),
            ("audio-report-128-a1B2c3.part", false, false, 9, true),
            (".preparing-129-a1B2c3", true, true, 9, true),
            ("story.part", false, false, 9, true),
        ];
        for (name, is_folder, has_lock, days, _) in table {
            if is_folder {
                fs::create_dir(at(name)).unwrap();
                fs::write(at(name).join("weights"), "half").unwrap();
                if has_lock {
                    fs::write(at(name).join(LOCK_FILE), "").unwrap();
                }
            } else {
                fs::write(at(name), "half").unwrap();
            }
            if days > 0 {
                age(&at(name), days);
            }
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(at("story.part"), at(".audio-report-130-a1B2c3.part")).unwrap();
        sweep(folder.path(), PREFIX);
        let wrong: Vec<&str> =
            table.iter().filter(|row| at(row.0).exists() != row.4).map(|row| row.0).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        #[cfg(unix)]
        assert!(at(".audio-report-130-a1B2c3.part").is_symlink());
        assert!(living_names.iter().all(|name| at(name).exists()), "{:?}", names(folder.path()));
        drop(prepared);
        living.commit(false).unwrap();
        assert!(at("result").exists());
    }

    #[test]
    fn f5_the_first_part_in_a_folder_sweeps_it() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(".audio-report-123-a1B2c3.part");
        fs::write(&left, "half").unwrap();
        let pending = PendingFile::create(&folder.path().join("result")).unwrap();
        assert!(!left.exists());
        fs::write(&left, "half").unwrap();
        drop((pending, PendingFile::create(&folder.path().join("result")).unwrap()));
        assert!(left.exists(), "a folder is read once in a run");
    }
}
