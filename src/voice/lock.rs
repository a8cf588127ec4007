//! One process at a time changes a family's files.

use std::fs;
use std::io;
use std::path::Path;

use super::manifest::Manifest;
use super::store::Store;
use crate::cancel::Cancel;
use crate::error::{Cure, Error, ErrorKind, Place, Result};
use crate::files::lock::FileLock;

/// Permission to change a family's files, until dropped.
pub(super) struct FamilyLock {
    _lock: FileLock,
}

impl FamilyLock {
    /// Takes the lock if it is free.
    pub(super) fn try_take(store: &Store, family: &Manifest) -> Result<Option<Self>> {
        Self::take_if(store, family, &Cancel::new(), &mut || false)
    }

    /// Waits for the lock, calling `busy` once if it is not free; `None` when cancelled meanwhile.
    pub(super) fn take(
        store: &Store,
        family: &Manifest,
        cancel: &Cancel,
        busy: &mut dyn FnMut(),
    ) -> Result<Option<Self>> {
        let mut waits = || {
            busy();
            true
        };
        Self::take_if(store, family, cancel, &mut waits)
    }

    fn take_if(
        store: &Store,
        family: &Manifest,
        cancel: &Cancel,
        waits: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Self>> {
        let folder = store.family_folder(family);
        fs::create_dir_all(&folder).map_err(|error| refused(&folder, error))?;
        let path = store.path().join(format!(".{}.lock", family.name));
        let lock = FileLock::take(&path, cancel, waits).map_err(|error| refused(&path, error))?;
        Ok(lock.map(|lock| Self { _lock: lock }))
    }
}

fn refused(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::Output, "the voice folder can't be written")
        .at(Place::file(path))
        .because(error)
        .with_cure(Cure::MakeVoicesWritable)
}
