//! One process at a time changes a family's files.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use super::manifest::Manifest;
use super::store::Store;
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, Result};

/// A file lock wakes no waiting process: the interval at which one looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Permission to change a family's files, until dropped. The lock file itself stays: deleting it would let a third
/// process lock a new file of that name while the second still waits for the old one.
pub(super) struct FamilyLock {
    _file: File,
}

impl FamilyLock {
    /// Takes the lock if it is free.
    pub(super) fn try_take(store: &Store, family: &Manifest) -> Result<Option<Self>> {
        let folder = store.family_folder(family);
        fs::create_dir_all(&folder).map_err(|error| refused(&folder, error))?;
        let path = store.path().join(format!(".{}.lock", family.name));
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = open.map_err(|error| refused(&path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            // Some network file systems have no locks; files are still named only when they are whole.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Ok(Some(Self { _file: file }))
            }
            Err(TryLockError::Error(error)) => Err(refused(&path, error)),
        }
    }

    /// Waits for the lock, calling `busy` once if it is not free; `None` when cancelled meanwhile.
    pub(super) fn take(
        store: &Store,
        family: &Manifest,
        cancel: &Cancel,
        busy: &mut dyn FnMut(),
    ) -> Result<Option<Self>> {
        let mut told = false;
        loop {
            if let Some(lock) = Self::try_take(store, family)? {
                return Ok(Some(lock));
            }
            if !told {
                busy();
                told = true;
            }
            if cancel.sleep(LOOK_AGAIN) {
                return Ok(None);
            }
        }
    }
}

fn refused(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Output, "the voice folder can't be written")
        .at(Place::file(path))
        .because(error)
        .with_cure(Cure::MakeVoicesWritable)
}
