//! One process at a time: advisory locks on files.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::cancel::Cancel;

/// A file lock wakes no waiting process: the interval at which one looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A lock, held until dropped. Its file stays: if it were deleted, a third process could lock a new file of that name while the second
/// still waits for the old one.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock whose file is `path`. While another process has it, `waits` is asked once whether to wait. `None` when that is not
    /// wanted, or `cancel` is set meanwhile.
    pub(crate) fn take(
        path: &Path,
        cancel: &Cancel,
        waits: &mut dyn FnMut() -> bool,
    ) -> io::Result<Option<Self>> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut is_told = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: file })),
                Err(TryLockError::WouldBlock) => {}
                // Some network file systems have no locks; files are still named only when they are whole.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                    return Ok(Some(Self { _file: file }));
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
            if !is_told && !waits() {
                return Ok(None);
            }
            is_told = true;
            if cancel.sleep(LOOK_AGAIN) {
                return Ok(None);
            }
        }
    }
}
