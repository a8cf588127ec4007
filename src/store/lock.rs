//! One process at a time writes a folder of results.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::cancel::Cancel;

/// A file lock wakes no waiting process: the interval at which one looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Permission to write a folder, until dropped. The lock file itself stays: if it were deleted, a third process could lock a new
/// file of that name while the second still waits for the old one.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the lock, whose file is `path`. While another process has it, `busy` is asked once whether to wait. `None` when that
    /// is not wanted, or `cancel` is set meanwhile.
    pub(super) fn take(
        path: &Path,
        cancel: &Cancel,
        busy: &mut dyn FnMut() -> bool,
    ) -> io::Result<Option<Self>> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut is_told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: file })),
                Err(TryLockError::WouldBlock) => {}
                // Some network file systems have no locks; SQLite still keeps the manifest in order.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    return Ok(Some(Self { _file: file }));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
            if !is_told && !busy() {
                return Ok(None);
            }
            is_told = true;
            if cancel.sleep(LOOK_AGAIN) {
                return Ok(None);
            }
        }
    }
}
