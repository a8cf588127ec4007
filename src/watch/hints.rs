//! What the system says of folders as it happens. Such messages can come late, twice or not at all, and network disks send none: they
//! only say when to look, and which files a writer has closed.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tracing::debug;

use crate::cancel::Cancel;

/// A look waits for so long after a message, because one change brings several.
const GATHERED: Duration = Duration::from_millis(200);

/// Messages about folders.
pub(crate) struct Hints {
    watcher: Option<RecommendedWatcher>,
    heard: Arc<Heard>,
    wakes: Receiver<()>,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// Something happened in a folder.
    Hint,
    /// The time is over.
    Time,
    /// The program is asked to end.
    Cancelled,
}

/// What is known of the writers of files. Not every system tells of them. Paths are absolute, as the system tells them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Writers {
    closed: HashSet<PathBuf>,
    open: HashSet<PathBuf>,
}

impl Writers {
    /// Those who have closed, or have not closed, these files after their last change.
    #[cfg(test)]
    pub(super) fn of(closed: &[PathBuf], open: &[PathBuf]) -> Self {
        let all = |paths: &[PathBuf]| paths.iter().map(|path| absolute(path)).collect();
        Self { closed: all(closed), open: all(open) }
    }

    /// Whether a file was closed, or got its name, after its last change.
    pub(super) fn have_closed(&self, path: &Path) -> bool {
        self.closed.contains(&absolute(path))
    }

    /// Whether a file was changed and not closed since.
    pub(super) fn hold(&self, path: &Path) -> bool {
        self.open.contains(&absolute(path))
    }

    fn closes(&mut self, path: &Path) {
        self.open.remove(path);
        self.closed.insert(path.to_path_buf());
    }

    fn opens(&mut self, path: &Path) {
        self.closed.remove(path);
        // Only inotify tells when it is closed again.
        if cfg!(target_os = "linux") {
            self.open.insert(path.to_path_buf());
        }
    }

    /// Nothing is to be known of a file any more.
    fn forget(&mut self, path: &Path) {
        self.open.remove(path);
        self.closed.remove(path);
    }
}

struct Heard {
    writers: Mutex<Writers>,
    /// Has room for one message: more would say nothing more.
    wake: SyncSender<()>,
}

impl Hints {
    /// Hears of no folder yet.
    pub(crate) fn new() -> Self {
        let (wake, wakes) = sync_channel(1);
        let heard = Arc::new(Heard { writers: Mutex::default(), wake });
        let told = heard.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| told.note(event));
        let watcher = watcher.inspect_err(|error| debug!(%error, "the system tells nothing of folders")).ok();
        Self { watcher, heard, wakes }
    }

    /// Hears of the files in a folder from now on; whether the system tells of it.
    pub(crate) fn watch(&mut self, folder: &Path) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        let outcome = watcher.watch(folder, RecursiveMode::NonRecursive);
        outcome
            .inspect_err(|error| debug!(%error, folder = %folder.display(), "a folder can't be watched"))
            .is_ok()
    }

    /// Waits for a message, at most for a time.
    pub(crate) fn wait(&self, time: Duration, cancel: &Cancel) -> Woken {
        let heard = self.heard.clone();
        let _woken = cancel.on_cancel(move || heard.wake());
        let until = Instant::now() + time;
        let woken = self.wakes.recv_timeout(until.saturating_duration_since(Instant::now()));
        if cancel.is_cancelled() {
            return Woken::Cancelled;
        }
        match woken {
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Woken::Time,
            Ok(()) if cancel.sleep(GATHERED) => Woken::Cancelled,
            Ok(()) => Woken::Hint,
        }
    }

    /// What is known of writers now.
    pub(crate) fn writers(&self) -> Writers {
        self.heard.writers().clone()
    }

    /// Nothing is to be known any more of files that were taken, and of those that are of no interest.
    pub(crate) fn forget(&self, taken: &[PathBuf], of_interest: &[PathBuf]) {
        let of_interest: HashSet<PathBuf> = of_interest.iter().map(|path| absolute(path)).collect();
        let mut writers = self.heard.writers();
        for path in taken {
            writers.forget(&absolute(path));
        }
        writers.closed.retain(|path| of_interest.contains(path));
    }
}

/// A path as the system tells it of a folder that was named otherwise.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

impl Heard {
    fn note(&self, event: notify::Result<Event>) {
        if let Ok(Event { kind, paths, .. }) = event {
            let mut writers = self.writers();
            match kind {
                EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                    for path in &paths {
                        writers.closes(path);
                    }
                }
                EventKind::Modify(ModifyKind::Name(RenameMode::To)) => {
                    for path in &paths {
                        writers.closes(path);
                    }
                }
                EventKind::Modify(ModifyKind::Name(RenameMode::From)) | EventKind::Remove(_) => {
                    for path in &paths {
                        writers.forget(path);
                    }
                }
                // The two halves of a rename were told before.
                EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {}
                EventKind::Create(_) | EventKind::Modify(ModifyKind::Data(_)) => {
                    for path in &paths {
                        writers.opens(path);
                    }
                }
                // Reading, which this program does as well, changes nothing.
                EventKind::Access(_) => return,
                EventKind::Modify(_) | EventKind::Any | EventKind::Other => {}
            }
        }
        self.wake();
    }

    fn writers(&self) -> MutexGuard<'_, Writers> {
        self.writers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        match self.wake.try_send(()) {
            // One message waits already, or nobody listens any more.
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Write;

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    #[cfg(target_os = "linux")]
    #[test]
    fn a_closed_file_is_told_and_an_open_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let cancel = Cancel::new();
        let mut hints = Hints::new();
        assert!(hints.watch(folder.path()));
        let mut open = File::create(at("open.txt")).unwrap();
        open.write_all(b"half").unwrap();
        fs::write(at("closed.txt"), "whole").unwrap();
        fs::write(at("beside.tmp"), "whole").unwrap();
        fs::rename(at("beside.tmp"), at("renamed.txt")).unwrap();
        let until = |want: Writers| {
            while hints.writers() != want {
                assert_eq!(hints.wait(LONG, &cancel), Woken::Hint, "{:?}", hints.writers());
            }
        };
        until(Writers::of(&[at("closed.txt"), at("renamed.txt")], &[at("open.txt")]));
        drop(open);
        fs::remove_file(at("closed.txt")).unwrap();
        until(Writers::of(&[at("renamed.txt"), at("open.txt")], &[]));
        hints.forget(&[at("open.txt")], &[at("open.txt"), at("renamed.txt")]);
        until(Writers::of(&[at("renamed.txt")], &[]));
        hints.forget(&[], &[at("open.txt")]);
        until(Writers::default());
        let mut again = File::options().append(true).open(at("renamed.txt")).unwrap();
        again.write_all(b"more").unwrap();
        until(Writers::of(&[], &[at("renamed.txt")]));
    }

    #[test]
    fn a_wait_ends_by_time_and_when_it_is_cancelled() {
        let hints = Hints::new();
        let cancel = Cancel::new();
        assert_eq!(hints.wait(Duration::from_millis(1), &cancel), Woken::Time);
        let asked = cancel.clone();
        std::thread::spawn(move || asked.cancel());
        assert_eq!(hints.wait(LONG, &cancel), Woken::Cancelled);
        assert!(!Hints::new().watch(Path::new("/there/is/no/such/folder")));
    }
}
